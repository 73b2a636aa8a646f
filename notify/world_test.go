package notify_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/minutes/pdf"
	"github.com/rcp-care/rcp/notify"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares with testdata/name.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// world is one team, its meeting and its minutes, held in memory: the
// dispatcher's rules need no database. The store suite has the rest.
type world struct {
	org     auth.Org
	full    meetings.Full
	minutes minutes.Minutes
	prints  bool                       // the PDFs are real
	left    map[id.Professional]string // the last day in any circle
	agenda  agenda.Agenda
	circles map[id.Patient][]auth.Professional
	people  map[id.Professional]auth.Professional

	told     []meetings.Told
	hold     time.Duration
	events   []event.Event
	messages []notify.Message
	asked    []string // PDFs asked for
}

// The services and the store are what the dispatcher asks for.
var (
	_ notify.MeetingReader  = (*meetings.Service)(nil)
	_ notify.CalendarReader = (*meetings.Service)(nil)
	_ notify.MinutesReader  = (*minutes.Service)(nil)
	_ notify.EventStore     = (*store.Store)(nil)
	_ notify.MessageStore   = (*store.Store)(nil)
	_ notify.Outbox         = (*store.Store)(nil)
)

var opened = time.Date(2026, 11, 19, 9, 30, 12, 0, time.UTC)

func newWorld() *world {
	chair := auth.Professional{ID: "chair", Title: "Dr", Given: "Solène", Family: "Varennes", Email: "s.varennes@medecin.mssante.example"}
	nurse := auth.Professional{ID: "nurse", Given: "Maël", Family: "Quintard", Email: "m.quintard@courriel.example"}
	social := auth.Professional{ID: "social", Given: "Inès", Family: "Delcourt", Email: "i.delcourt@MSSante.example"}
	silent := auth.Professional{ID: "silent", Given: "Paul", Family: "Sans-Adresse"}
	m := meetings.Meeting{
		ID: "meeting-1", Org: "org", Team: "team", Kind: meetings.Synthese, Zone: "Europe/Paris", Room: "Salle 3",
		Starts: time.Date(2026, 11, 26, 13, 30, 0, 0, time.UTC), Ends: time.Date(2026, 11, 26, 15, 0, 0, 0, time.UTC),
		Status: meetings.Open, UID: "meeting-1@rcp", Opened: opened,
	}
	w := &world{
		org:    auth.Org{ID: "org", Name: "Pôle de soins de Valbrume", SecureDomains: []string{"mssante.example"}},
		people: map[id.Professional]auth.Professional{"chair": chair, "nurse": nurse, "social": social, "silent": silent},
		full: meetings.Full{Meeting: m, Team: meetings.Team{
			ID: "team", Name: "Gériatrie, secteur Nord", OrganizerAddress: "rcp.nord@valbrume.example",
			Members: []meetings.Member{
				{Professional: chair, Role: auth.Chair},
				{Professional: nurse, Role: auth.Clinician},
				{Professional: social, Role: auth.Clinician},
				{Professional: silent, Role: auth.Clinician},
			},
		}},
		minutes: minutes.Minutes{
			ID: "minutes-1", Meeting: "meeting-1", Version: 1, SignedAt: m.Ends.Add(time.Hour), MeetingAt: m.Starts,
			Content: minutes.Content{TeamID: "team", Meeting: "meeting-1", Cases: []minutes.Case{
				{Patient: "p1", BirthFamily: "AUBRIOT", BirthGiven: "Lucienne"}, {Patient: "p2", BirthFamily: "CASTAGNÈDE", BirthGiven: "Roger"},
			}},
		},
		circles: map[id.Patient][]auth.Professional{"p1": {nurse}, "p2": {nurse, social}},
	}
	for _, p := range w.full.Team.Members {
		w.full.Attendance = append(w.full.Attendance, meetings.Attendance{Meeting: m.ID, Professional: p.Professional, Role: p.Role})
	}
	return w
}

func (w *world) happen(at time.Time, k event.Kind, who id.Professional) event.Event {
	e := event.Event{
		ID: id.New[id.Event](), Org: "org", Kind: k, At: at, Team: "team", Meeting: "meeting-1", Professional: who,
	}
	if k == event.MinutesSigned {
		e.Minutes = "minutes-1"
	}
	w.events = append(w.events, e)
	return e
}

// treat runs the dispatcher and returns the messages made.
func (w *world) treat(t *testing.T) []notify.Message {
	t.Helper()
	d, err := notify.NewDispatcher(notify.Config{
		Store: w, Calendars: w, Meetings: meetingReader{w}, Minutes: minutesReader{w}, Agenda: agendaReader{w}, Mails: notify.Mails(),
		BaseURL: "https://rcp.valbrume.example/", From: "rcp@valbrume.example", Hold: w.hold, Now: func() time.Time { return opened.Add(time.Hour) },
	})
	if err != nil {
		t.Fatal(err)
	}
	before := len(w.messages)
	if _, err := d.Treat(context.Background(), 50); err != nil {
		t.Fatal(err)
	}
	return w.messages[before:]
}

func (w *world) Accesses(context.Context, id.Org) (all []auth.Access, _ error) {
	for who := range w.people {
		all = append(all, auth.Access{Professional: who})
	}
	return all, nil
}

func (w *world) OrgByID(context.Context, id.Org) (auth.Org, error) { return w.org, nil }

func (w *world) UntreatedEvents(_ context.Context, after id.Event, _ int) (es []event.Event, _ error) {
	for _, e := range w.events {
		if e.ID > after {
			es = append(es, e)
		}
	}
	return es, nil
}

func (w *world) forget(es ...id.Event) {
	w.events = slices.DeleteFunc(w.events, func(e event.Event) bool { return slices.Contains(es, e.ID) })
}

func (w *world) PutMessages(_ context.Context, e event.Event, ms []notify.Message) error {
	w.messages = append(w.messages, ms...)
	w.forget(e.ID)
	return nil
}

func (w *world) Outgoing(context.Context, auth.Actor, event.Event, string) (meetings.State, []meetings.Notice, error) {
	full := w.full
	full.Team = meetings.Team{}
	st := meetings.State{Org: w.org, Team: w.full.Team, Dates: []meetings.Full{full}, Told: w.told}
	return st, st.Outgoing(opened.Add(time.Hour)), nil
}

func (w *world) PutCalendar(_ context.Context, es []event.Event, told []meetings.Told, ms []notify.Message) error {
	w.messages = append(w.messages, ms...)
	for _, e := range es {
		w.forget(e.ID)
	}
	for _, t := range told {
		w.told = slices.DeleteFunc(w.told, func(o meetings.Told) bool { return o.Address == t.Address })
		t.Version++
		w.told = append(w.told, t)
	}
	return nil
}

func (w *world) MarkTreated(_ context.Context, es []id.Event) error {
	w.forget(es...)
	return nil
}

func (w *world) LastInThreads(_ context.Context, threads []string) (last time.Time, _ error) {
	for _, m := range w.messages {
		if slices.Contains(threads, m.Thread) && m.Created.After(last) {
			last = m.Created
		}
	}
	return last, nil
}

func (w *world) CirclesOn(_ context.Context, _ id.Org, _ []id.Patient, on string) (map[id.Patient][]auth.Professional, error) {
	if on != "2026-11-26" {
		return nil, fault.Errorf("world", "circles asked for %s", on)
	}
	if w.left != nil {
		return w.circlesWithout(on), nil
	}
	return w.circles, nil
}

// circlesWithout are the circles less those who had left them before a day.
func (w *world) circlesWithout(on string) map[id.Patient][]auth.Professional {
	all := map[id.Patient][]auth.Professional{}
	for p, circle := range w.circles {
		for _, who := range circle {
			if last, gone := w.left[who.ID]; !gone || last >= on {
				all[p] = append(all[p], who)
			}
		}
	}
	return all
}

type meetingReader struct{ *world }

func (w meetingReader) Get(context.Context, auth.Actor, id.Meeting) (meetings.Full, error) {
	return w.full, nil
}

type minutesReader struct{ *world }

func (w minutesReader) Get(context.Context, auth.Actor, id.Minutes) (minutes.Minutes, error) {
	return w.minutes, nil
}

func (w minutesReader) PDF(_ context.Context, _ auth.Actor, _ id.Meeting, version int, kind minutes.DocumentKind, p id.Patient) ([]byte, string, error) {
	if version != w.minutes.Version {
		return nil, "", fault.New(fault.NotFound, "world", "Introuvable.")
	}
	if w.prints {
		printed, _, err := pdf.Renderer{}.Render(w.minutes.Content, kind, p, strings.Repeat("0a", 32))
		return printed, "AUBRIOT.pdf", err
	}
	what := string(kind) + " " + string(p)
	w.asked = append(w.asked, what)
	return []byte("%PDF-1.7 " + what), "AUBRIOT.pdf", nil
}
