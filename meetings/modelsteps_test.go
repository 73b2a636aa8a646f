package meetings

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
)

// Whatever is done to a team's meetings, in whatever order, and however many
// edits come before the messages go, each person's calendar shows the meetings
// they attend, and who is not concerned receives nothing.
func TestCalendarsShowTheMeetingsWhateverIsDone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t)
		m.newSeries(t)
		m.flush()
		t.Repeat(m.steps())
		m.flush()
	})
}

func (m *model) steps() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"new series":       m.newSeries,
		"change":           m.changeSeries,
		"change again":     m.changeSeries,
		"stop":             m.stopSeries,
		"cancel a date":    m.cancelDate,
		"move a date":      m.moveDate,
		"move a date more": m.moveDate,
		"back to its hour": m.moveBack,
		"extra date":       m.extraDate,
		"open":             m.openDate,
		"closures":         m.close,
		"member":           m.changeMember,
		"guest":            m.changeGuest,
		"answer":           m.answer,
		"address":          m.changeAddress,
		"time passes":      m.passes,
		"messages go":      func(t *rapid.T) { m.t = t; m.flush() },
		"messages go too":  func(t *rapid.T) { m.t = t; m.flush() },
		"":                 func(t *rapid.T) { m.t = t },
	}
}

func (m *model) today() date.Date { return date.Of(m.now.In(Series{Zone: m.team.Zone}.Location())) }

func (m *model) draw(t *rapid.T, one Series) Series {
	if rapid.Bool().Draw(t, "rule") {
		one.Rule = anyRule(t)
	}
	if rapid.Bool().Draw(t, "hour") {
		one.Start = rapid.SampledFrom([]string{"08:00", "09:30", "14:30", "23:00"}).Draw(t, "start")
	}
	if rapid.IntRange(0, 3).Draw(t, "length") == 0 {
		one.Duration = time.Duration(rapid.IntRange(1, 4).Draw(t, "halves")) * 30 * time.Minute
	}
	if rapid.Bool().Draw(t, "place") {
		one.Room = rapid.SampledFrom([]string{"", "Salle Simone", "Salle Jean"}).Draw(t, "room")
		one.URL = rapid.SampledFrom([]string{"", "https://visio.example/a"}).Draw(t, "url")
	}
	one.OnClosed = rapid.SampledFrom([]OnClosed{Skip, Before, After}).Draw(t, "closed")
	one.Count = 0
	return one
}

func (m *model) end(t *rapid.T, one Series, from date.Date) Series {
	one.Until, one.Count = date.Date{}, 0
	switch rapid.IntRange(0, 4).Draw(t, "end") {
	case 0:
		one.Count = rapid.IntRange(1, 60).Draw(t, "count")
	case 1:
		one.Until = date.Later(from, one.From).AddDays(rapid.IntRange(0, 500).Draw(t, "until"))
	}
	return one
}

func (m *model) newSeries(t *rapid.T) {
	m.t = t
	if len(m.made) >= 3 {
		return
	}
	one := Series{
		ID: id.Series(m.id("series")), Org: "org", Team: "team", Rule: Every(1, time.Thursday), Start: "14:30", Duration: time.Hour,
		Zone: "Europe/Paris", OnClosed: Skip, Announced: m.now,
	}
	one.Root = one.ID
	one.From = m.today().AddDays(rapid.IntRange(-30, 60).Draw(t, "from"))
	one = m.end(t, m.draw(t, one), one.From)
	st := State{Org: auth.Org{ID: "org", Name: "Clinique de Valbrume"}, Team: m.team, Closures: m.closures}
	m.save(st, st.change(one, one.From, m.now, ""))
}

func (m *model) anySeries(t *rapid.T) (Series, bool) {
	if len(m.made) == 0 {
		return Series{}, false
	}
	return m.series[rapid.SampledFrom(m.made).Draw(t, "series")], true
}

func (m *model) changeSeries(t *rapid.T) {
	m.t = t
	one, ok := m.anySeries(t)
	if !ok || len(m.made) > 8 {
		return
	}
	from := m.today().AddDays(rapid.IntRange(-10, 120).Draw(t, "from"))
	st := m.state(object{series: one.ID})
	want := m.end(t, m.draw(t, one), from)
	want.From = from
	m.save(st, st.change(want, from, m.now, id.Series(m.id("series"))))
}

func (m *model) stopSeries(t *rapid.T) {
	m.t = t
	one, ok := m.anySeries(t)
	if !ok {
		return
	}
	st := m.state(object{series: one.ID})
	m.save(st, st.stop(m.today().AddDays(rapid.IntRange(-10, 120).Draw(t, "from")), m.now))
}

// date draws a meeting that can still be changed.
func (m *model) date(t *rapid.T, keep func(Full) bool) (Full, bool) {
	var all []Full
	for _, f := range m.meetings {
		if f.Meeting.Status.May(Cancelled) && f.Meeting.Starts.After(m.now) && keep(f) {
			all = append(all, f)
		}
	}
	if len(all) == 0 {
		return Full{}, false
	}
	slices.SortFunc(all, func(a, b Full) int { return strings.Compare(string(a.Meeting.ID), string(b.Meeting.ID)) })
	return all[rapid.IntRange(0, min(len(all)-1, 40)).Draw(t, "date")], true
}

func every(Full) bool { return true }

func objectOf(d Meeting) object {
	if d.Linked() {
		return object{series: d.Series}
	}
	return object{meeting: d.ID}
}

func (m *model) edit(f Full, e DateEdit) {
	st := m.state(objectOf(f.Meeting))
	m.save(st, st.editDate(f.Meeting, e, m.now))
	if !f.Meeting.Linked() && !f.Meeting.Opened.IsZero() {
		m.touch(objectOf(f.Meeting))
	} else if !f.Meeting.Linked() {
		m.outlined = nil
	}
}

func (m *model) cancelDate(t *rapid.T) {
	m.t = t
	if f, ok := m.date(t, every); ok {
		m.edit(f, DateEdit{Reason: "neige"})
	}
}

func (m *model) moveDate(t *rapid.T) {
	m.t = t
	f, ok := m.date(t, every)
	if !ok {
		return
	}
	d := f.Meeting
	by := rapid.SampledFrom([]time.Duration{0, time.Hour, -2 * time.Hour, 24 * time.Hour, -48 * time.Hour, 8 * 24 * time.Hour}).Draw(t, "by")
	to := Move{Starts: d.Starts.Add(by), Ends: d.Ends.Add(by), Room: d.Room, URL: d.URL}
	if rapid.Bool().Draw(t, "elsewhere") {
		to.Room = rapid.SampledFrom([]string{"Salle Simone", "Salle Ida"}).Draw(t, "room")
	}
	if to.Starts.After(m.now) {
		m.edit(f, DateEdit{Move: &to})
	}
}

func (m *model) moveBack(t *rapid.T) {
	m.t = t
	f, ok := m.date(t, func(f Full) bool {
		return f.Meeting.Linked() && f.Meeting.Original.After(m.now) && !f.Meeting.Starts.Equal(f.Meeting.Original)
	})
	if ok {
		one := m.series[f.Meeting.Series]
		at := f.Meeting.Original
		m.edit(f, DateEdit{Move: &Move{Starts: at, Ends: at.Add(one.Duration), Room: one.Room, URL: one.URL}})
	}
}

func (m *model) extraDate(t *rapid.T) {
	m.t = t
	one, _ := m.anySeries(t)
	day := m.today().AddDays(rapid.IntRange(1, 500).Draw(t, "day"))
	st := m.state(object{series: one.ID})
	if one.ID == "" || slices.ContainsFunc(st.Dates, func(f Full) bool { return f.Meeting.Slot == day }) {
		return
	}
	at := day.In(one.Location()).Add(17 * time.Hour)
	d := st.newDate(Series{ID: one.ID, Zone: one.Zone, Room: "Salle Ida"}, Occurrence{Day: day, Starts: at, Ends: at.Add(time.Hour)}, m.now)
	d.ID = id.Meeting(m.id("meeting"))
	d.UID = string(d.ID) + "@rcp"
	m.put(d, m.team.attendance(d))
}

func (m *model) openDate(t *rapid.T) {
	m.t = t
	f, ok := m.date(t, func(f Full) bool { return f.Meeting.Status == Draft })
	if !ok {
		return
	}
	m.open(f)
}

func (m *model) open(f Full) {
	f.Meeting.Status, f.Meeting.Opened = Open, m.now
	m.put(f.Meeting, f.Attendance)
	m.touch(objectOf(f.Meeting))
}

func (m *model) close(t *rapid.T) {
	m.t = t
	var all []Closure
	for range rapid.IntRange(0, 2).Draw(t, "closures") {
		from := m.today().AddDays(rapid.IntRange(0, 100).Draw(t, "from"))
		all = append(all, Closure{Team: "team", From: from, Until: from.AddDays(rapid.IntRange(0, 12).Draw(t, "days")), Name: "Fermeture"})
	}
	m.shut(all)
}

func (m *model) shut(all []Closure) {
	for _, sid := range slices.Clone(m.made) {
		st := m.state(object{series: sid})
		if st.Series.Ended {
			continue
		}
		if p := st.around(all, m.now); len(p.Change)+len(p.Make) > 0 {
			m.save(st, p)
		}
	}
	m.closures = all
}

// changeMember adds somebody to the team or takes them off, as SaveTeam does.
func (m *model) changeMember(t *rapid.T) {
	m.t = t
	m.toggleMember(rapid.SampledFrom(m.people).Draw(t, "who"))
}

func (m *model) toggleMember(p auth.Professional) {
	i := slices.IndexFunc(m.team.Members, func(o Member) bool { return o.ID == p.ID })
	if i >= 0 {
		m.team.Members = slices.Delete(slices.Clone(m.team.Members), i, i+1)
	} else {
		m.team.Members = append(slices.Clone(m.team.Members), Member{Professional: p, Role: auth.Clinician, Joined: m.today()})
	}
	for mid, f := range m.meetings {
		d := f.Meeting
		if d.Starts.Before(m.now) || !d.live() && !d.Lapsed {
			continue
		}
		m.attend(mid, p, i < 0)
	}
	m.touchAll()
}

// touchAll makes an event for every object of the team.
func (m *model) touchAll() {
	for _, sid := range m.made {
		m.touch(object{series: sid})
	}
	var own []id.Meeting
	for mid, f := range m.meetings {
		if !f.Meeting.Linked() && !f.Meeting.Opened.IsZero() && f.Meeting.live() && f.Meeting.Starts.After(m.now) {
			own = append(own, mid)
		}
	}
	slices.Sort(own)
	for _, mid := range own {
		m.touch(object{meeting: mid})
	}
	m.outlined = nil
}

func (m *model) attend(mid id.Meeting, p auth.Professional, comes bool) {
	f := m.meetings[mid]
	f.Attendance = slices.DeleteFunc(slices.Clone(f.Attendance), func(a Attendance) bool { return a.Professional.ID == p.ID })
	if comes {
		f.Attendance = append(f.Attendance, Attendance{Meeting: mid, Professional: p, Role: auth.Clinician, Answer: NeedsAction})
	}
	m.meetings[mid] = f
}

// changeGuest invites somebody outside the team to one date, or no longer.
func (m *model) changeGuest(t *rapid.T) {
	m.t = t
	f, ok := m.date(t, every)
	p := rapid.SampledFrom(m.people).Draw(t, "who")
	if ok && !m.team.has(p.ID) {
		m.toggleGuest(f, p)
	}
}

func (m *model) toggleGuest(f Full, p auth.Professional) {
	m.attend(f.Meeting.ID, p, !f.attends(p.ID))
	if f.Meeting.Announced() {
		m.touch(objectOf(f.Meeting))
	}
	m.outlined = nil
}

func (m *model) answer(t *rapid.T) {
	m.t = t
	f, ok := m.date(t, func(f Full) bool { return len(f.Attendance) > 0 })
	if !ok {
		return
	}
	f.Attendance = slices.Clone(f.Attendance)
	i := rapid.IntRange(0, len(f.Attendance)-1).Draw(t, "who")
	f.Attendance[i].Answer, f.Attendance[i].Own = Accepted, true
	m.meetings[f.Meeting.ID] = f
	m.outlined = nil
}

// changeAddress gives somebody another address, or the same in another case.
func (m *model) changeAddress(t *rapid.T) {
	m.t = t
	i := rapid.IntRange(3, len(m.people)-2).Draw(t, "who")
	p := &m.people[i]
	p.Email = rapid.SampledFrom([]string{"", "2", "3"}).Draw(t, "address") + string(p.ID) + "@Clinique.example"
	for mid, f := range m.meetings {
		f.Attendance = slices.Clone(f.Attendance)
		for k := range f.Attendance {
			if f.Attendance[k].Professional.ID == p.ID {
				f.Attendance[k].Professional = *p
			}
		}
		m.meetings[mid] = f
	}
	m.team.Members = slices.Clone(m.team.Members)
	for k := range m.team.Members {
		if m.team.Members[k].ID == p.ID {
			m.team.Members[k].Professional = *p
		}
	}
	m.touchAll()
}

// passes sends what waits, lets hours or weeks go by, and does the daily work.
func (m *model) passes(t *rapid.T) {
	m.t = t
	m.flush()
	m.now = m.now.Add(time.Duration(rapid.SampledFrom([]int{1, 5, 30, 24 * 9, 24 * 40}).Draw(t, "hours")) * time.Hour)
	for _, sid := range m.made {
		one := m.series[sid]
		if one.Ended || one.Horizon.Sub(m.today()) >= leastAhead || one.Horizon == one.Until || one.overAt(one.Horizon) {
			continue
		}
		st := m.state(object{series: sid})
		m.save(st, st.extend(m.now))
	}
	m.flush()
}
