package meetings

import (
	"bytes"
	"slices"
	"testing"
	"time"

	goical "github.com/emersion/go-ical"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
)

// told is one message of a lifecycle, read back with another library.
type told struct {
	Notice
	raw    []byte
	cal    *goical.Calendar
	events []goical.Event
}

// life is a team whose meetings go through everything that can happen to them,
// with the messages of each step. a has no profile, b is on Exchange, c on
// sabre; d comes and goes.
type life struct {
	*model
	t     *testing.T
	steps map[string][]told
	order []string
	root  id.Series
}

func newLife(t *testing.T) *life {
	t.Helper()
	l := &life{model: newModel(t), t: t, steps: map[string][]told{}}
	l.now = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	return l
}

// step does something, then sends its messages.
func (l *life) step(name string, do func()) {
	l.t.Helper()
	l.order = append(l.order, name)
	l.seen = func(n Notice, raw []byte) {
		cal, err := goical.NewDecoder(bytes.NewReader(raw)).Decode()
		if err != nil {
			l.t.Fatalf("%s: %v", name, err)
		}
		l.steps[name] = append(l.steps[name], told{Notice: n, raw: raw, cal: cal, events: cal.Events()})
	}
	do()
	l.flush()
	l.now = l.now.Add(time.Hour)
}

// to is the one message of a step to a person.
func (l *life) to(step, who string) told {
	l.t.Helper()
	var all []told
	for _, m := range l.steps[step] {
		if m.Who.ID == id.Professional(who) {
			all = append(all, m)
		}
	}
	if len(all) != 1 {
		l.t.Fatalf("%s: %d messages to %s, want one", step, len(all), who)
	}
	return all[0]
}

func (l *life) edit(change func(s *Series), from date.Date) {
	sid := l.made[len(l.made)-1]
	want := l.series[sid]
	change(&want)
	st := l.state(object{series: sid})
	want.From = from
	l.save(st, st.change(want, from, l.now, id.Series(l.id("series"))))
}

// on is the date of the newest series on a day of 2026.
func (l *life) on(month time.Month, day int) Full {
	l.t.Helper()
	for _, f := range l.meetings {
		if f.Meeting.Slot == date.New(2026, month, day) && f.Meeting.Series == l.made[len(l.made)-1] {
			return f
		}
	}
	l.t.Fatalf("no date on %d/%d", day, month)
	return Full{}
}

func (l *life) move(f Full, by time.Duration, room string) {
	d := f.Meeting
	l.model.edit(f, DateEdit{Move: &Move{Starts: d.Starts.Add(by), Ends: d.Ends.Add(by), Room: room, URL: d.URL}})
}

func (l *life) announce(one Series) {
	one.ID, one.Org, one.Team, one.Announced = id.Series(l.id("series")), "org", "team", l.now
	one.Root = one.ID
	st := State{Org: auth.Org{ID: "org", Name: "Clinique de Valbrume"}, Team: l.team, Closures: l.closures}
	l.save(st, st.change(one, one.From, l.now, ""))
}

// live goes through every step of the life of meetings.
func live(t *testing.T) *life {
	t.Helper()
	l := newLife(t)
	weekly := thursdays()
	weekly.Room, weekly.URL = "Salle Simone", "https://visio.example/geriatrie"
	l.step("invite", func() { l.announce(weekly); l.root = l.made[0] })
	l.step("room", func() { l.edit(func(s *Series) { s.Room = "Salle Jean" }, date.New(2026, 1, 5)) })
	l.step("move", func() { l.move(l.on(1, 15), 24*time.Hour, "Salle Jean") })
	l.step("move another", func() { l.move(l.on(1, 22), time.Hour, "Salle Ida") })
	l.step("cancel", func() { l.model.edit(l.on(1, 29), DateEdit{Reason: "neige"}) })
	l.step("move back", func() { l.move(l.on(1, 22), -time.Hour, "Salle Jean") })
	l.step("cancel a moved date", func() { l.model.edit(l.on(1, 15), DateEdit{Reason: "neige"}) })
	l.step("cancel two", func() {
		l.model.edit(l.on(2, 12), DateEdit{Reason: "neige"})
		l.model.edit(l.on(2, 19), DateEdit{Reason: "neige"})
	})
	l.step("closure", func() {
		l.shut([]Closure{{Team: "team", From: date.New(2026, 3, 2), Until: date.New(2026, 3, 8), Name: "Travaux"}})
	})
	l.step("closure off", func() { l.shut(nil) })
	l.step("guest", func() { l.toggleGuest(l.on(3, 12), l.people[4]) })
	l.step("guest again", func() { l.toggleGuest(l.on(3, 19), l.people[4]) })
	l.step("guest less", func() { l.toggleGuest(l.on(3, 12), l.people[4]) })
	l.step("guest gone", func() { l.toggleGuest(l.on(3, 19), l.people[4]) })
	l.step("member", func() { l.toggleMember(l.people[3]) })
	l.step("member gone", func() { l.toggleMember(l.people[3]) })
	l.step("answer, then room", func() {
		f := l.on(2, 5)
		f.Attendance[0].Answer, f.Attendance[0].Own = Declined, true
		l.meetings[f.Meeting.ID] = f
		l.edit(func(s *Series) { s.Room = "Salle Ida" }, date.New(2026, 1, 5))
	})
	l.now = l.now.AddDate(0, 0, 14)
	l.step("split", func() {
		l.edit(func(s *Series) { s.Start, s.Weekdays = "09:00", []time.Weekday{time.Tuesday} }, date.New(2026, 3, 1))
	})
	l.step("split again", func() { l.edit(func(s *Series) { s.Interval = 2 }, date.New(2026, 5, 1)) })
	l.step("end by date", func() { l.edit(func(s *Series) { s.Until = date.New(2026, 9, 30) }, date.New(2026, 5, 1)) })
	l.step("stop", func() {
		st := l.state(object{series: l.made[len(l.made)-1]})
		l.save(st, st.stop(date.New(2026, 6, 1), l.now))
	})
	l.step("monthly", func() {
		l.announce(Series{
			Rule: Rule{Freq: Monthly, Interval: 1, Weekdays: []time.Weekday{time.Tuesday}, Nth: -1, Count: 12}, Start: "18:00",
			Duration: time.Hour, Zone: "Europe/Paris", From: date.New(2026, 3, 1), OnClosed: After,
		})
	})
	l.step("hour before it began", func() { l.edit(func(s *Series) { s.Start = "17:00" }, date.New(2026, 3, 1)) })
	l.step("whole cancel", func() {
		st := l.state(object{series: l.made[len(l.made)-1]})
		l.save(st, st.stop(date.New(2026, 1, 1), l.now))
	})
	single := Meeting{
		ID: "single", UID: "single@rcp", Org: "org", Team: "team", Kind: Synthese, Zone: "Europe/Paris", Status: Draft, Room: "Salle Jean",
		Starts: time.Date(2026, 3, 27, 9, 0, 0, 0, time.UTC), Ends: time.Date(2026, 3, 27, 10, 0, 0, 0, time.UTC), Slot: date.New(2026, 3, 27),
	}
	l.put(single, l.team.attendance(single))
	l.step("open one", func() { l.open(l.meetings["single"]) })
	l.step("move one", func() { l.move(l.meetings["single"], 72*time.Hour, "Salle Jean") }) // across 29 March
	l.step("cancel one", func() { l.model.edit(l.meetings["single"], DateEdit{Reason: "neige"}) })
	return l
}

func (m told) method() string { return m.cal.Props.Get(goical.PropMethod).Value }

// value is a property of a component, empty when it has none.
func value(e goical.Event, name string) string {
	if p := e.Props.Get(name); p != nil {
		return p.Value
	}
	return ""
}

func (m told) master() goical.Event {
	for _, e := range m.events {
		if value(e, goical.PropRecurrenceID) == "" {
			return e
		}
	}
	return goical.Event{Component: goical.NewComponent(goical.CompEvent)}
}

func (m told) dates() (all []string) {
	for _, e := range m.events {
		if v := value(e, goical.PropRecurrenceID); v != "" {
			all = append(all, v)
		}
	}
	slices.Sort(all)
	return all
}

func excluded(e goical.Event) (all []string) {
	for _, p := range e.Props[goical.PropExceptionDates] {
		all = append(all, p.Value)
	}
	return all
}
