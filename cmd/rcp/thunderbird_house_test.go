package main

import (
	"bytes"
	"fmt"
	"mime"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/internal/store/storetest"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify"
	"github.com/rcp-care/rcp/notify/inbox"
	"github.com/rcp-care/rcp/notify/mailbox"
)

// house is RCP's side: the services on a clock of its own, mails out to a
// Maildir, and the organiser's mailbox, another Maildir.
type house struct {
	t        *testing.T
	clock    time.Time
	system   auth.Actor
	store    *store.Store
	meetings *meetings.Service
	dispatch *notify.Dispatcher
	sender   *notify.Sender
	inbox    *inbox.Service
	box      mailbox.Box
	out, in  string
	helene   auth.Professional
	others   []auth.Professional
	handed   int // mails put into the organiser's mailbox
}

const houseOrganiser = "reunions@clinic.example"

// houseStart lies before the spring of 2026, so that its change of hour, and
// that of the autumn, are to come.
var houseStart = time.Date(2026, 2, 20, 9, 0, 0, 0, time.UTC)

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, clock: houseStart, out: filepath.Join(t.TempDir(), "out"), in: filepath.Join(t.TempDir(), "in")}
	now := func() time.Time { return h.clock }
	var err error
	h.store, err = store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "rcp.db"), now)
	h.must(err)
	t.Cleanup(func() { _ = h.store.Close() })
	_, h.system = storetest.Org(t, h.store)
	h.meetings = meetings.NewService(h.store, now)
	h.dispatch, err = notify.NewDispatcher(notify.Config{
		Store: h.store, Calendars: h.meetings, Meetings: h.meetings, Mails: notify.Mails(), BaseURL: "https://rcp.clinic.example/",
		From: houseOrganiser, Now: now,
	})
	h.must(err)
	transport, err := notify.OpenTransport("maildir:" + h.out)
	h.must(err)
	h.sender = notify.NewSender(h.store, transport, now, func() float64 { return 0.5 }, 0)
	h.inbox = inbox.New(inbox.Config{Meetings: h.meetings, Store: h.store, Now: now})
	h.box, err = mailbox.Open("maildir:" + h.in)
	h.must(err)
	t.Cleanup(func() { _ = h.box.Close() })
	h.helene = h.professional("Dupont", "Hélène", clinician)
	h.others = []auth.Professional{h.professional("Marchenoir", "Odile", "odile@clinic.example"), h.professional("Karaoui", "Inès", "ines@clinic.example")}
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) professional(family, given, email string) auth.Professional {
	h.t.Helper()
	p, err := h.meetings.SaveProfessional(h.t.Context(), h.system, auth.Professional{Family: family, Given: given, Email: email, Profession: "infirmier"})
	h.must(err)
	return p
}

// team makes a team whose members are Hélène and the others.
func (h *house) team(name string) meetings.Team {
	h.t.Helper()
	t := meetings.Team{
		Name: name, Kind: meetings.Synthese, Zone: "Europe/Paris", HolidayZone: "metropole", CaseMinutes: 8, ReviewInterval: 90,
		CutoffHours: 26, OpenDays: 14, OrganizerAddress: houseOrganiser,
	}
	for i, p := range append([]auth.Professional{h.helene}, h.others...) {
		t.Members = append(t.Members, meetings.Member{Professional: p, Role: auth.Clinician, Required: i == 0, Joined: date.New(2026, 1, 1)})
	}
	t, err := h.meetings.SaveTeam(h.t.Context(), h.system, t)
	h.must(err)
	return t
}

// edit saves a series on the clock's next minute: id and version as Service.SaveSeries.
func (h *house) edit(one meetings.Series, e meetings.SeriesEdit) meetings.Series {
	h.t.Helper()
	h.clock = h.clock.Add(time.Minute)
	if one.ID != "" {
		var err error
		one, err = h.store.SeriesByID(h.t.Context(), h.system.Org, one.ID)
		h.must(err)
	}
	e.Anyway = true
	one, err := h.meetings.SaveSeries(h.t.Context(), h.system, one.ID, one.Version, e)
	h.must(err)
	return one
}

// live lists a team's meetings that are held between two days.
func (h *house) live(team id.Team, from, to string) []meetings.Meeting {
	h.t.Helper()
	all, next, err := h.meetings.List(h.t.Context(), h.system, meetings.Filter{Teams: []id.Team{team}, From: midnight(h.t, from), To: midnight(h.t, to), Limit: 500})
	h.must(err)
	if next != "" {
		h.t.Fatal("more than one page of meetings")
	}
	return slices.DeleteFunc(all, func(m meetings.Meeting) bool { return m.Status == meetings.Cancelled })
}

func midnight(t *testing.T, day string) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// on is the team's meeting of a day.
func (h *house) on(team id.Team, day string) meetings.Meeting {
	h.t.Helper()
	all := h.live(team, day, midnight(h.t, day).AddDate(0, 0, 1).Format(time.DateOnly))
	if len(all) != 1 {
		h.t.Fatalf("%d meetings on %s", len(all), day)
	}
	return all[0]
}

func (h *house) move(m meetings.Meeting, starts time.Time, room string) {
	h.t.Helper()
	h.clock = h.clock.Add(time.Minute)
	_, err := h.meetings.Move(h.t.Context(), h.system, m.ID, m.Version, meetings.Move{Starts: starts, Ends: starts.Add(m.Duration()), Room: room, Anyway: true})
	h.must(err)
}

func (h *house) cancel(m meetings.Meeting) {
	h.t.Helper()
	h.clock = h.clock.Add(time.Minute)
	_, err := h.meetings.Cancel(h.t.Context(), h.system, m.ID, m.Version, "Salle inondée")
	h.must(err)
}

// post sends what is due and returns the mails that Hélène receives, in order.
func (h *house) post() [][]byte {
	h.t.Helper()
	h.clock = h.clock.Add(time.Second)
	if _, err := h.dispatch.Treat(h.t.Context(), 50); err != nil {
		h.t.Fatal(err)
	}
	var all [][]byte
	for { // one message of a thread at a time
		n, err := h.sender.RunOnce(h.t.Context())
		h.must(err)
		if n == 0 {
			break
		}
	}
	files, err := filepath.Glob(filepath.Join(h.out, "new", "*"))
	h.must(err)
	for _, f := range files {
		raw, err := os.ReadFile(f)
		h.must(err)
		h.must(os.Remove(f))
		if bytes.Contains(raw, []byte("Delivered-To: "+clinician+"\n")) {
			all = append(all, raw)
		}
	}
	slices.SortFunc(all, func(a, b []byte) int { return mailDate(h.t, a).Compare(mailDate(h.t, b)) })
	return all
}

func mailDate(t *testing.T, raw []byte) time.Time {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	at, err := m.Header.Date()
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func subjectOf(t *testing.T, raw []byte) string {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	s, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// hand puts mails into the organiser's mailbox and has RCP read it; it returns
// what became of them.
func (h *house) hand(raws ...[]byte) []meetings.Inbound {
	h.t.Helper()
	h.clock = h.clock.Add(time.Minute)
	for _, raw := range raws {
		h.handed++
		h.must(os.WriteFile(filepath.Join(h.in, "new", fmt.Sprintf("%d.M1P%d.rig", time.Now().Unix(), h.handed)), raw, 0o600))
	}
	n, err := h.box.Poll(h.t.Context(), h.inbox.Take)
	h.must(err)
	if n != len(raws) {
		h.t.Errorf("%d of %d mails were read", n, len(raws))
	}
	all, _, err := h.inbox.List(h.t.Context(), h.system, inbox.Filter{Limit: max(n, 1)})
	h.must(err)
	var rows []meetings.Inbound
	for _, m := range all[:n] {
		rows = append(rows, m.Inbound)
	}
	return rows
}

// answer is what Hélène answered for a meeting.
func (h *house) answer(m meetings.Meeting) meetings.Attendance {
	h.t.Helper()
	full, err := h.meetings.Get(h.t.Context(), h.system, m.ID)
	h.must(err)
	for _, a := range full.Attendance {
		if a.Professional.ID == h.helene.ID {
			return a
		}
	}
	h.t.Fatal("not invited")
	return meetings.Attendance{}
}

// seriesAnswer is what Hélène answered for a whole series.
func (h *house) seriesAnswer(one meetings.Series) meetings.Answer {
	h.t.Helper()
	st, err := h.store.SeriesState(h.t.Context(), h.system.Org, one.ID)
	h.must(err)
	for _, a := range st.Answers {
		if a.Professional == h.helene.ID {
			return a.Answer
		}
	}
	return meetings.NeedsAction
}

// compare compares RCP's meetings with the occurrences of a calendar.
func compare(live []meetings.Meeting, entries []entry) string {
	const utc = "20060102T150405Z"
	var want, got []string
	for _, m := range live {
		want = append(want, m.Starts.UTC().Format(utc)+"/"+m.Ends.UTC().Format(utc)+" "+m.Room)
	}
	for _, e := range entries {
		words := e.String()
		if strings.EqualFold(e.Status, "CANCELLED") {
			words += ", shown as cancelled"
		}
		got = append(got, words)
	}
	slices.Sort(want)
	slices.Sort(got)
	return gocmp.Diff(want, got)
}
