package meetings

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings/ical"
)

// model is a team with its series, kept in memory by the rules of the store,
// and the calendar of each person, which knows only the messages it received.
type model struct {
	t        fataler
	now      time.Time
	n        int
	team     Team
	people   []auth.Professional
	series   map[id.Series]Series
	made     []id.Series // in their order
	meetings map[id.Meeting]Full
	closures []Closure
	told     map[string][]Told // by UID
	clients  map[string]*CalendarClient
	sent     map[string]time.Time // last stamp, by thread and address
	waiting  []object             // whose events wait, in their order
	outlined []Notice             // what the page showed before the only edit that waits
	edits    int
	seen     func(n Notice, object []byte) // optional
}

// object is a series or, without one, a meeting.
type object struct {
	series  id.Series
	meeting id.Meeting
}

func newModel(t fataler) *model {
	m := &model{
		t: t, now: time.Date(2026, 1, 7, 9, 0, 0, 0, time.UTC),
		series: map[id.Series]Series{}, meetings: map[id.Meeting]Full{}, told: map[string][]Told{},
		clients: map[string]*CalendarClient{}, sent: map[string]time.Time{},
		team: Team{
			ID: "team", Org: "org", Name: "Gériatrie", Kind: Synthese, Zone: "Europe/Paris", HolidayZone: "metropole", CutoffHours: 24,
			OrganizerAddress: "reunions@valbrume.example",
		},
	}
	for i, profile := range []auth.Profile{"", auth.ProfileExchange, auth.ProfileSabre, "", auth.ProfileExchange, auth.ProfileSabre, ""} {
		name := string(rune('a' + i))
		p := auth.Professional{ID: id.Professional(name), Family: name, Email: name + "@clinique.example", Profile: profile}
		if i == 6 { // reads the mailbox of the first
			p.Email = "A@clinique.example"
		}
		m.people = append(m.people, p)
		if i < 3 {
			m.team.Members = append(m.team.Members, Member{Professional: p, Role: auth.Clinician, Joined: date.New(2025, 1, 1)})
		}
	}
	return m
}

func (m *model) id(kind string) string {
	m.n++
	return fmt.Sprintf("%s-%04d", kind, m.n)
}

func (m *model) touch(o object) {
	m.edits++
	if !slices.Contains(m.waiting, o) {
		m.waiting = append(m.waiting, o)
	}
}

// state reads an object as the store does.
func (m *model) state(o object) State {
	st := State{Org: auth.Org{ID: "org", Name: "Clinique de Valbrume"}, Team: m.team, Closures: m.closures}
	if o.series == "" {
		f := m.meetings[o.meeting]
		st.Dates = []Full{f}
		st.Told = m.told[st.UID()]
		return st
	}
	st.Series = m.series[o.series]
	for _, f := range m.meetings {
		if f.Meeting.Series != o.series {
			continue
		}
		if !f.Meeting.Ends.After(m.now) {
			f.Attendance = nil
		}
		st.Dates = append(st.Dates, f)
	}
	slices.SortFunc(st.Dates, func(a, b Full) int {
		if c := a.Meeting.Starts.Compare(b.Meeting.Starts); c != 0 {
			return c
		}
		return strings.Compare(string(a.Meeting.ID), string(b.Meeting.ID))
	})
	st.Told = m.told[st.UID()]
	return st
}

// save writes a plan as the store does, and notes what the page showed.
func (m *model) save(before State, p Plan) {
	m.t.Helper()
	m.outlined = nil
	for _, st := range p.after(before) {
		m.outlined = append(m.outlined, st.Outgoing(m.now)...)
	}
	for _, one := range p.Series {
		old, known := m.series[one.ID]
		if known != (one.Version > 0) || known && old.Version != one.Version {
			m.t.Fatalf("series %s: version %d, the store has %d", one.ID, one.Version, old.Version)
		}
		one.Version++
		if !known {
			m.made = append(m.made, one.ID)
		}
		m.series[one.ID] = one
		m.touch(object{series: one.ID})
	}
	for _, d := range p.Change {
		m.put(d, m.meetings[d.ID].Attendance)
	}
	for _, d := range p.Make {
		d.ID = id.Meeting(m.id("meeting"))
		d.UID = string(d.ID) + "@rcp"
		m.put(d, m.team.attendance(d))
	}
	for _, d := range p.Reask {
		f := m.meetings[d]
		f.Attendance = unanswered(f.Attendance)
		m.meetings[d] = f
	}
}

// put holds the store's promise: each meeting once per series and local date.
func (m *model) put(d Meeting, who []Attendance) {
	m.t.Helper()
	for _, f := range m.meetings {
		if o := f.Meeting; o.ID != d.ID && d.Series != "" && o.Series == d.Series && o.Slot == d.Slot {
			m.t.Fatalf("two meetings of %s on %s: %s and %s", d.Series, d.Slot, o.ID, d.ID)
		}
	}
	d.Version++
	m.meetings[d.ID] = Full{Meeting: d, Attendance: who}
}

// flush sends the messages of every object whose events wait.
func (m *model) flush() {
	m.t.Helper()
	waiting, compare := m.waiting, m.edits == 1
	var sent []Notice
	for _, o := range waiting {
		sent = append(sent, m.tell(m.state(o))...)
	}
	if compare && m.outlined != nil {
		if diff := cmp.Diff(summary(m.outlined), summary(sent)); diff != "" {
			m.t.Fatalf("the page showed other messages (-shown +sent)\n%s", diff)
		}
	}
	m.waiting, m.outlined, m.edits = nil, nil, 0
	m.check()
}

func summary(all []Notice) (lines []string) {
	for _, n := range all {
		lines = append(lines, fmt.Sprint(n.Event.UID, n.Address, n.Method, n.What, n.ID.UTC(), n.View))
	}
	slices.Sort(lines)
	return lines
}

// tell sends what calendars must hear of one object.
func (m *model) tell(st State) []Notice {
	m.t.Helper()
	all, count := st.Outgoing(m.now), map[string]int{}
	far := m.now.AddDate(3, 0, 0)
	for _, n := range all {
		c := m.client(n.Address, n.Who.Profile)
		before := c.agendaOf(m.t, st.UID(), m.now, far)
		key := n.Thread + "\n" + n.Address
		n.Event.Stamp = later(m.now.Truncate(time.Second), m.sent[key].Add(time.Second))
		m.sent[key] = n.Event.Stamp
		raw, err := ical.Encode(n.Method, n.Event)
		if err != nil {
			m.t.Fatalf("%s to %s: %v", n.What, n.Address, err)
		}
		if m.seen != nil {
			m.seen(n, raw)
		}
		c.Receive(m.t, raw)
		told := Told{UID: st.UID(), Address: n.Address, Org: "org", Recipient: n.Who, View: n.View, Stamp: n.Event.Stamp, Version: n.Told.Version + 1}
		m.note(told)
		guest := n.View.Rule == "" || n.Told.View.Rule == ""
		if count[n.Address]++; st.IsSeries() && count[n.Address] > 1 && !guest || count[n.Address] > 2 {
			m.t.Fatalf("%d messages to %s in one burst", count[n.Address], n.Address)
		}
		after := c.agendaOf(m.t, st.UID(), m.now, far)
		if slices.Equal(before, after) && n.View.Rule == n.Told.View.Rule && count[n.Address] == 1 && len(all) > 0 && !m.followed(all, n) {
			m.t.Fatalf("%s to %s changes nothing\nbefore %v\nafter %v", n.What, n.Address, n.Told.View, n.View)
		}
	}
	return all
}

// followed reports whether another message to the same address comes after.
func (m *model) followed(all []Notice, n Notice) bool {
	k := 0
	for _, o := range all {
		if o.Address == n.Address {
			k++
		}
	}
	return k > 1
}

func (m *model) note(t Told) {
	all := slices.Clone(m.told[t.UID])
	i := slices.IndexFunc(all, func(o Told) bool { return o.Address == t.Address })
	if i < 0 {
		all = append(all, t)
	} else {
		all[i] = t
	}
	m.told[t.UID] = all
}

func (m *model) client(address string, profile auth.Profile) *CalendarClient {
	if m.clients[address] == nil {
		m.clients[address] = &CalendarClient{Profile: profile}
	}
	return m.clients[address]
}

func (c *CalendarClient) agendaOf(t fataler, uid string, from, to time.Time) []Shown {
	return slices.DeleteFunc(c.Agenda(t, from, to), func(s Shown) bool { return s.UID != uid })
}

// check compares what each calendar shows with the meetings of its readers, each
// object as far as its meetings are made.
func (m *model) check() {
	m.t.Helper()
	addresses := map[string]bool{}
	for _, p := range m.people {
		addresses[auth.Fold(p.Email)] = true
	}
	for a := range m.clients {
		addresses[a] = true
	}
	for address := range addresses {
		want := m.expected(address)
		got := m.client(address, m.profile(address)).Agenda(m.t, m.now, m.now.AddDate(3, 0, 0))
		got = slices.DeleteFunc(got, func(s Shown) bool { return !s.Start.Before(m.limit(s.UID)) })
		if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
			m.t.Fatalf("%s at %s (-meetings +calendar)\n%s", address, m.now, diff)
		}
	}
}

func (m *model) profile(address string) auth.Profile {
	i := slices.IndexFunc(m.people, func(p auth.Professional) bool { return auth.Fold(p.Email) == address })
	if i < 0 {
		return ""
	}
	return m.people[i].Profile
}

func (m *model) readers(address string) (r readers) {
	for _, p := range m.people {
		if auth.Fold(p.Email) == address {
			r = append(r, p.ID)
		}
	}
	return r
}

func (m *model) expected(address string) (all []Shown) {
	who := m.readers(address)
	for _, f := range m.meetings {
		d := f.Meeting
		one := m.series[d.Series]
		told := d.Linked() && !one.Announced.IsZero() || !d.Linked() && !d.Opened.IsZero()
		if !d.live() || !d.Ends.After(m.now) || !told || !who.attends(&f) {
			continue
		}
		uid := d.UID
		if d.Linked() {
			uid = one.UID()
		}
		if d.Starts.Before(m.limit(uid)) {
			all = append(all, Shown{uid, d.Starts.UTC(), d.Ends.UTC(), d.Room, d.URL})
		}
	}
	SortShown(all)
	return all
}

// limit is how far an object's meetings are made: for ever, when it ends.
func (m *model) limit(uid string) time.Time {
	far := m.now.AddDate(3, 0, 0)
	for _, one := range m.series {
		if one.UID() == uid && !one.Ended && one.Horizon != one.Until && !one.overAt(one.Horizon) {
			return one.Horizon.AddDays(1).In(one.Location())
		}
	}
	return far
}
