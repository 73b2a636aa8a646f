package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message/mail"
	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/meetings/ical"
	"github.com/rcp-care/rcp/notify"
)

// edited is a House whose series was announced, with somebody for each calendar
// profile, and an answer to two of its dates. Its service has its own clock.
type edited struct {
	House
	store      *store.Store
	now        time.Time
	dispatcher *notify.Dispatcher
	second     meetings.Meeting // the second date, answered to
	seen       map[id.Message]bool
}

func newEdited(t *testing.T, s *store.Store) *edited {
	t.Helper()
	w := &edited{House: NewHouse(t, s), store: s, now: Now, seen: map[id.Message]bool{}}
	w.Meetings = meetings.NewService(s, func() time.Time { return w.now })
	w.profile(t, w.Chair.Professional, auth.ProfileExchange)
	w.member(t, auth.Professional{Family: "Sablier", Given: "Rose", Profession: "psychologue", Email: "rose@clinique.example", Profile: auth.ProfileSabre})
	w.member(t, auth.Professional{Family: "Delmas", Given: "Yann", Profession: "kinesitherapeute", Email: "yann@clinique.example"})
	var err error
	w.dispatcher, err = notify.NewDispatcher(notify.Config{
		Store: s, Calendars: w.Meetings, Meetings: w.Meetings, Mails: notify.Mails(), BaseURL: "https://rcp.example",
		Now: func() time.Time { return w.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	endless := w.series(w.Series.From)
	endless.Until = date.Date{}
	if w.Series, err = w.Meetings.SaveSeries(context.Background(), w.Secretary, w.Series.ID, w.Series.Version, endless); err != nil {
		t.Fatal(err)
	}
	w.tell(t)
	w.second = w.date(t, 1)
	w.answer(t, w.second, w.Clinician.Professional)
	w.answer(t, w.date(t, 4), w.Chair.Professional)
	w.tell(t)
	return w
}

// date is the meeting of the n-th Thursday from 26 November 2026.
func (w *edited) date(t *testing.T, n int) meetings.Meeting {
	t.Helper()
	_, all, err := w.Meetings.Dates(context.Background(), w.Secretary, w.Series.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := date.New(2026, 11, 26+7*n)
	i := slices.IndexFunc(all, func(m meetings.Meeting) bool { return m.Slot == want })
	if i < 0 {
		t.Fatalf("no meeting on %s", want)
	}
	return all[i]
}

func (w *edited) answer(t *testing.T, m meetings.Meeting, who id.Professional) {
	t.Helper()
	yes := meetings.Accepted
	if _, err := w.Meetings.SetAttendance(context.Background(), w.Secretary, m.ID, []meetings.AttendanceEdit{{Professional: who, Answer: &yes}}); err != nil {
		t.Fatal(err)
	}
}

// team saves the team with other members.
func (w *edited) team(t *testing.T, change func(*meetings.Team)) {
	t.Helper()
	team, err := w.store.TeamByID(context.Background(), w.Org.ID, w.Team.ID)
	if err == nil {
		change(&team)
		_, err = w.Meetings.SaveTeam(context.Background(), w.Secretary, team)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (w *edited) member(t *testing.T, p auth.Professional) {
	t.Helper()
	p, err := w.Meetings.SaveProfessional(context.Background(), w.System, p)
	if err != nil {
		t.Fatal(err)
	}
	w.team(t, func(team *meetings.Team) {
		team.Members = append(team.Members, meetings.Member{Professional: p, Role: auth.Clinician})
	})
}

func (w *edited) leave(t *testing.T, who id.Professional) {
	t.Helper()
	w.team(t, func(team *meetings.Team) {
		team.Members = slices.DeleteFunc(team.Members, func(m meetings.Member) bool { return m.ID == who })
	})
}

func (w *edited) profile(t *testing.T, who id.Professional, profile auth.Profile) {
	t.Helper()
	p, err := w.store.Holder(context.Background(), who)
	if err == nil {
		p.Profile = profile
		_, err = w.Meetings.SaveProfessional(context.Background(), w.System, p)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// tell runs the dispatcher and returns the messages it put in the outbox.
func (w *edited) tell(t *testing.T) []notify.Message {
	t.Helper()
	if _, err := w.dispatcher.Treat(context.Background(), 100); err != nil {
		t.Fatal(err)
	}
	var fresh []notify.Message
	after := ""
	for {
		page, next, err := w.store.Messages(context.Background(), notify.Filter{Org: w.Org.ID, After: after, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page {
			if !w.seen[m.ID] {
				full, err := w.store.MessageByID(context.Background(), w.Org.ID, m.ID)
				if err != nil {
					t.Fatal(err)
				}
				w.seen[m.ID], fresh = true, append(fresh, full)
			}
		}
		if after = next; next == "" {
			return fresh
		}
	}
}

// series is the edit that changes nothing, from a day on.
func (w *edited) series(from date.Date) meetings.SeriesEdit {
	one := w.Series
	return meetings.SeriesEdit{
		Team: one.Team, Rule: one.Rule, Start: one.Start, Duration: one.Duration, From: from, Until: one.Until,
		OnClosed: one.OnClosed, Room: one.Room, URL: one.URL, Anyway: true,
	}
}

// act is one edit: what the page shows, and what saves it.
type act struct {
	outline func(context.Context) (meetings.Outline, error)
	save    func(context.Context) error
}

func (w *edited) seriesAct(sid id.Series, e meetings.SeriesEdit) act {
	one, _ := w.store.SeriesByID(context.Background(), w.Org.ID, sid)
	return act{
		outline: func(ctx context.Context) (meetings.Outline, error) {
			return w.Meetings.SeriesOutline(ctx, w.Secretary, sid, one.Version, e)
		},
		save: func(ctx context.Context) error {
			_, err := w.Meetings.SaveSeries(ctx, w.Secretary, sid, one.Version, e)
			return err
		},
	}
}

func (w *edited) dateAct(m meetings.Meeting, e meetings.DateEdit) act {
	e.Version = m.Version
	return act{
		outline: func(ctx context.Context) (meetings.Outline, error) {
			return w.Meetings.DateOutline(ctx, w.Secretary, m.ID, e)
		},
		save: func(ctx context.Context) (err error) {
			if e.Move != nil {
				_, err = w.Meetings.Move(ctx, w.Secretary, m.ID, m.Version, *e.Move)
			} else {
				_, err = w.Meetings.Cancel(ctx, w.Secretary, m.ID, m.Version, e.Reason)
			}
			return err
		},
	}
}

func (w *edited) closuresAct(team id.Team, who auth.Actor, all ...meetings.Closure) act {
	return act{
		outline: func(ctx context.Context) (meetings.Outline, error) {
			return w.Meetings.ClosuresOutline(ctx, who, team, all)
		},
		save: func(ctx context.Context) error { return w.Meetings.SaveClosures(ctx, who, team, all, true) },
	}
}

// must takes a step before the one that is compared, and tells of it.
func (w *edited) must(t *testing.T, a act) {
	t.Helper()
	if err := a.save(context.Background()); err != nil {
		t.Fatal(err)
	}
	w.tell(t)
}

// edits are every kind of edit. The returned act is compared; what comes before
// it in the function stands already.
var edits = []struct {
	name   string
	silent bool // nobody is told anything
	make   func(t *testing.T, w *edited) act
}{
	{"new series", false, func(_ *testing.T, w *edited) act {
		e := w.series(date.New(2027, 1, 5))
		e.Rule, e.Start = meetings.Every(2, time.Tuesday), "09:00"
		return w.seriesAct("", e)
	}},
	{"no change", true, func(_ *testing.T, w *edited) act { return w.seriesAct(w.Series.ID, w.series(date.New(2026, 12, 17))) }},
	{"hour from a date on", false, func(_ *testing.T, w *edited) act {
		e := w.series(date.New(2026, 12, 17))
		e.Start = "14:00"
		return w.seriesAct(w.Series.ID, e)
	}},
	{"hour of the whole", false, func(_ *testing.T, w *edited) act {
		e := w.series(w.Series.From)
		e.Start = "15:00"
		return w.seriesAct(w.Series.ID, e)
	}},
	{"length of the whole", false, func(_ *testing.T, w *edited) act {
		e := w.series(w.Series.From)
		e.Duration = time.Hour
		return w.seriesAct(w.Series.ID, e)
	}},
	{"room", false, func(_ *testing.T, w *edited) act {
		e := w.series(date.New(2026, 12, 10))
		e.Room = "Salle Ada"
		return w.seriesAct(w.Series.ID, e)
	}},
	{"conference", false, func(_ *testing.T, w *edited) act {
		e := w.series(w.Series.From)
		e.URL = "https://visio.example/nord"
		return w.seriesAct(w.Series.ID, e)
	}},
	{"end by date", false, func(_ *testing.T, w *edited) act {
		e := w.series(w.Series.From)
		e.Until = date.New(2027, 6, 30)
		return w.seriesAct(w.Series.ID, e)
	}},
	{"end earlier", false, func(t *testing.T, w *edited) act {
		e := w.series(w.Series.From)
		e.Until = date.New(2027, 6, 30)
		w.must(t, w.seriesAct(w.Series.ID, e))
		e.Until = date.New(2027, 1, 31)
		return w.seriesAct(w.Series.ID, e)
	}},
	{"end later", false, func(t *testing.T, w *edited) act {
		e := w.series(w.Series.From)
		e.Until = date.New(2027, 1, 31)
		w.must(t, w.seriesAct(w.Series.ID, e))
		e.Until = date.New(2027, 6, 30)
		return w.seriesAct(w.Series.ID, e)
	}},
	{"end by count", false, func(_ *testing.T, w *edited) act {
		e := w.series(w.Series.From)
		e.Count = 12
		return w.seriesAct(w.Series.ID, e)
	}},
	{"frequency", false, func(_ *testing.T, w *edited) act {
		e := w.series(date.New(2026, 12, 17))
		e.Interval = 2
		return w.seriesAct(w.Series.ID, e)
	}},
	{"monthly", false, func(_ *testing.T, w *edited) act {
		e := w.series(date.New(2027, 1, 1))
		e.Rule = meetings.Rule{Freq: meetings.Monthly, Interval: 1, Weekdays: []time.Weekday{time.Tuesday}, Nth: 1}
		return w.seriesAct(w.Series.ID, e)
	}},
	{"several weekdays", false, func(_ *testing.T, w *edited) act {
		e := w.series(w.Series.From)
		e.Weekdays = []time.Weekday{time.Monday, time.Thursday}
		return w.seriesAct(w.Series.ID, e)
	}},
	{"on closed days", false, func(_ *testing.T, w *edited) act {
		e := w.series(w.Series.From)
		e.OnClosed = meetings.Before // Ascension, 6 May 2027, is a Thursday
		return w.seriesAct(w.Series.ID, e)
	}},
	{"stop", false, func(_ *testing.T, w *edited) act {
		e := w.series(date.New(2026, 12, 17))
		e.Stop = true
		return w.seriesAct(w.Series.ID, e)
	}},
	{"stop at once", false, func(_ *testing.T, w *edited) act {
		e := w.series(w.Series.From)
		e.Stop = true
		return w.seriesAct(w.Series.ID, e)
	}},
	{"move one date", false, func(t *testing.T, w *edited) act {
		m := w.date(t, 3)
		to := meetings.Move{Starts: m.Starts.Add(25 * time.Hour), Ends: m.Ends.Add(25 * time.Hour), Room: m.Room, Anyway: true}
		return w.dateAct(m, meetings.DateEdit{Move: &to})
	}},
	{"move an answered date", false, func(t *testing.T, w *edited) act {
		m := w.date(t, 4)
		to := meetings.Move{Starts: m.Starts.Add(time.Hour), Ends: m.Ends.Add(time.Hour), Room: "Salle Ada", Anyway: true}
		return w.dateAct(m, meetings.DateEdit{Move: &to})
	}},
	{"move a moved date", false, func(t *testing.T, w *edited) act {
		m := w.date(t, 3)
		to := meetings.Move{Starts: m.Starts.Add(time.Hour), Ends: m.Ends.Add(time.Hour), Room: m.Room, Anyway: true}
		w.must(t, w.dateAct(m, meetings.DateEdit{Move: &to}))
		back := meetings.Move{Starts: m.Starts, Ends: m.Ends, Room: m.Room, Anyway: true}
		return w.dateAct(w.date(t, 3), meetings.DateEdit{Move: &back})
	}},
	{"cancel one date", false, func(t *testing.T, w *edited) act {
		return w.dateAct(w.date(t, 3), meetings.DateEdit{Reason: "Grève"})
	}},
	{"cancel a moved date", false, func(t *testing.T, w *edited) act {
		m := w.date(t, 3)
		to := meetings.Move{Starts: m.Starts.Add(time.Hour), Ends: m.Ends.Add(time.Hour), Room: m.Room, Anyway: true}
		w.must(t, w.dateAct(m, meetings.DateEdit{Move: &to}))
		return w.dateAct(w.date(t, 3), meetings.DateEdit{})
	}},
	{"add a date", true, func(_ *testing.T, w *edited) act {
		starts := time.Date(2026, 12, 15, 13, 0, 0, 0, time.UTC)
		to := meetings.Move{Starts: starts, Ends: starts.Add(time.Hour), Anyway: true}
		return act{
			outline: func(ctx context.Context) (meetings.Outline, error) {
				return w.Meetings.CreateOutline(ctx, w.Secretary, w.Team.ID, w.Series.ID, to)
			},
			save: func(ctx context.Context) error {
				_, err := w.Meetings.Create(ctx, w.Secretary, w.Team.ID, w.Series.ID, to)
				return err
			},
		}
	}},
	{"move a meeting of its own", false, func(t *testing.T, w *edited) act {
		m := w.own(t)
		to := meetings.Move{Starts: m.Starts.Add(time.Hour), Ends: m.Ends.Add(time.Hour), Anyway: true}
		return w.dateAct(m, meetings.DateEdit{Move: &to})
	}},
	{"cancel a meeting of its own", false, func(t *testing.T, w *edited) act {
		return w.dateAct(w.own(t), meetings.DateEdit{Reason: "Grève"})
	}},
	{"closure of the team", false, func(_ *testing.T, w *edited) act {
		return w.closuresAct(w.Team.ID, w.Secretary, christmas)
	}},
	{"closure of the organisation", false, func(_ *testing.T, w *edited) act {
		return w.closuresAct("", w.admin(), christmas)
	}},
	{"closure removed", false, func(t *testing.T, w *edited) act {
		w.must(t, w.closuresAct(w.Team.ID, w.Secretary, christmas))
		return w.closuresAct(w.Team.ID, w.Secretary)
	}},
	{"closure of a series that moves its dates", false, func(t *testing.T, w *edited) act {
		e := w.series(w.Series.From)
		e.OnClosed = meetings.After
		w.must(t, w.seriesAct(w.Series.ID, e))
		return w.closuresAct(w.Team.ID, w.Secretary, meetings.Closure{From: date.New(2026, 12, 17), Name: "Formation"})
	}},
	{"closure without a date", true, func(_ *testing.T, w *edited) act {
		return w.closuresAct(w.Team.ID, w.Secretary, meetings.Closure{From: date.New(2026, 12, 18), Name: "Formation"})
	}},
	{"member added meanwhile", false, func(t *testing.T, w *edited) act {
		w.member(t, auth.Professional{Family: "Brémondot", Given: "Ysaline", Profession: "dieteticien", Email: "ysaline@clinique.example"})
		e := w.series(date.New(2026, 12, 17))
		e.Start = "14:00"
		return w.seriesAct(w.Series.ID, e)
	}},
	{"member removed meanwhile", false, func(t *testing.T, w *edited) act {
		w.leave(t, w.Clinician.Professional)
		e := w.series(w.Series.From)
		e.Room = "Salle Ada"
		return w.seriesAct(w.Series.ID, e)
	}},
	{"guest of one date", false, func(t *testing.T, w *edited) act {
		w.leave(t, w.Clinician.Professional)
		w.tell(t)
		e := w.series(date.New(2026, 12, 10))
		e.Start = "16:00"
		return w.seriesAct(w.Series.ID, e)
	}},
}

var christmas = meetings.Closure{From: date.New(2026, 12, 19), Until: date.New(2027, 1, 3), Name: "Fermeture de fin d’année"}

func (w *edited) admin() auth.Actor {
	a := w.Stranger
	a.Admin = true
	return a
}

// own is a meeting outside any series to which people were invited.
func (w *edited) own(t *testing.T) meetings.Meeting {
	t.Helper()
	starts := time.Date(2026, 12, 15, 13, 0, 0, 0, time.UTC)
	m, err := w.Meetings.Create(context.Background(), w.Secretary, w.Team.ID, "", meetings.Move{Starts: starts, Ends: starts.Add(time.Hour)})
	if err == nil {
		m, err = w.Meetings.Open(context.Background(), w.Secretary, m.ID, m.Version)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.answer(t, m, w.Clinician.Professional)
	w.tell(t)
	full, err := w.Meetings.Get(context.Background(), w.Secretary, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	return full.Meeting
}

// The page of a series shows, before saving an edit, exactly the messages that
// then go out: to whom, in which order, with which object and which words.
func TestOutlineIsWhatGoesOut(t *testing.T) {
	t.Parallel()
	for _, begun := range []bool{false, true} {
		for _, e := range edits {
			t.Run(fmt.Sprintf("%s, begun=%v", e.name, begun), func(t *testing.T) {
				t.Parallel()
				Each(t, func(t *testing.T, s *store.Store) {
					w := newEdited(t, s)
					if begun { // two dates are over
						w.now = time.Date(2026, 12, 6, 9, 0, 0, 0, time.UTC)
					}
					a := e.make(t, w)
					o, err := a.outline(t.Context())
					if err != nil {
						t.Fatalf("outline: %v", err)
					}
					want := w.shown(t, o)
					if err := a.save(t.Context()); err != nil {
						t.Fatalf("save: %v", err)
					}
					got := w.sent(t, w.tell(t))
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("shown before saving, against sent (-shown +sent):\n%s", diff)
					}
					if (len(got) == 0) != e.silent {
						t.Errorf("%d messages, want silence: %v", len(got), e.silent)
					}
				})
			})
		}
	}
}

// letter is one message, with what the test does not know taken out.
type letter struct{ Address, Subject, Text, Calendar string }

func (w *edited) shown(t *testing.T, o meetings.Outline) (all []letter) {
	t.Helper()
	for _, n := range o.Notices {
		n.Event.Stamp = Now
		object, err := ical.Encode(n.Method, n.Event)
		if err != nil {
			t.Fatal(err)
		}
		subject, text, err := notify.Preview(o.State(n), n, "https://rcp.example", "", w.now)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, w.plain(letter{n.Address, subject, text, string(object)}))
	}
	return inOrder(all)
}

func (w *edited) sent(t *testing.T, ms []notify.Message) (all []letter) {
	t.Helper()
	slices.SortStableFunc(ms, func(a, b notify.Message) int { return a.Created.Compare(b.Created) })
	for _, m := range ms {
		l := letter{Address: m.Address, Subject: m.Subject}
		r, err := mail.CreateReader(strings.NewReader(string(m.Body)))
		if err != nil {
			t.Fatal(err)
		}
		for {
			p, err := r.NextPart()
			if errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(p.Body)
			if err != nil {
				t.Fatal(err)
			}
			switch kind := p.Header.Get("Content-Type"); {
			case strings.HasPrefix(kind, "text/plain"):
				l.Text = strings.ReplaceAll(string(body), "\r\n", "\n")
			case strings.HasPrefix(kind, "text/calendar"):
				l.Calendar = string(body)
			}
		}
		all = append(all, w.plain(l))
	}
	return inOrder(all)
}

var (
	stamped = regexp.MustCompile(`(?m)^(DTSTAMP|CREATED|LAST-MODIFIED):.*$`)
	linked  = regexp.MustCompile(`/meetings/[0-9A-Za-z-]+`)
	named   = regexp.MustCompile(`(?m)^UID:(.*)@rcp`)
)

// plain takes out what is drawn anew at each working out: the stamp, and the
// ids of a new series and of new meetings.
func (w *edited) plain(l letter) letter {
	l.Calendar = stamped.ReplaceAllString(l.Calendar, "$1:-")
	l.Calendar = named.ReplaceAllStringFunc(l.Calendar, func(s string) string {
		if strings.Contains(s, string(w.Series.ID)) {
			return "UID:series"
		}
		return "UID:new"
	})
	l.Text = linked.ReplaceAllString(l.Text, "/meetings/-")
	return l
}

// inOrder keeps the order of each person's messages.
func inOrder(all []letter) []letter {
	slices.SortStableFunc(all, func(a, b letter) int { return strings.Compare(a.Address, b.Address) })
	return all
}

// A date on a newly closed day is cancelled, and comes back with its answers
// asked again when the day opens.
func TestClosuresComeAndGo(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		w := newEdited(t, s)
		before := w.days(t)
		closed := w.closuresAct(w.Team.ID, w.Secretary, christmas)
		o, err := closed.outline(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var effects []string
		for _, e := range o.Effects {
			effects = append(effects, fmt.Sprintf("%s %s %s", e.Kind, date.Of(e.Starts), e.Closed))
		}
		if diff := cmp.Diff([]string{"dropped 2026-12-24 Fermeture de fin d’année", "dropped 2026-12-31 Fermeture de fin d’année"}, effects); diff != "" {
			t.Errorf("effects (-want +got):\n%s", diff)
		}
		w.must(t, closed)
		if n := len(before) - len(w.days(t)); n != 2 {
			t.Errorf("%d dates fell away, want 2", n)
		}
		w.must(t, w.closuresAct(w.Team.ID, w.Secretary))
		if diff := cmp.Diff(before, w.days(t)); diff != "" {
			t.Errorf("dates after the closure went (-before +after):\n%s", diff)
		}
	})
}

func (w *edited) days(t *testing.T) (all []string) {
	t.Helper()
	_, ms, err := w.Meetings.Dates(context.Background(), w.Secretary, w.Series.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range ms {
		all = append(all, m.Starts.UTC().Format(time.RFC3339))
	}
	return all
}

// Closures of a team are for those who prepare its meetings, those of the whole
// organisation for administrators.
func TestClosuresRefused(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		w := newEdited(t, s)
		for _, c := range []struct {
			who  auth.Actor
			team id.Team
			want fault.Kind
			all  meetings.Closure
		}{
			{w.Clinician, w.Team.ID, fault.Forbidden, christmas},
			{w.Stranger, w.Team.ID, fault.Forbidden, christmas},
			{w.Secretary, "", fault.Forbidden, christmas},
			{w.Secretary, w.Team.ID, fault.Invalid, meetings.Closure{From: christmas.Until, Until: christmas.From, Name: "x"}},
			{w.Secretary, w.Team.ID, fault.Invalid, meetings.Closure{From: christmas.From}},
		} {
			if err := w.closuresAct(c.team, c.who, c.all).save(t.Context()); !fault.Is(err, c.want) {
				t.Errorf("%s: %v, want %s", c.who.Name, err, c.want)
			}
		}
	})
}
