package meetings

import (
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
)

// Series are made ahead to their horizon. When less than leastAhead days are
// left of it, it moves so that mostAhead are: members hear of the closed days
// of the new stretch once, and not of each as it comes near.
const (
	leastAhead = 26 * 7
	mostAhead  = 52 * 7
)

// Plan is an edit worked out before it is saved: what is written, and what it
// does to each date.
type Plan struct {
	Series      []Series      // Version 0: new
	Make        []Meeting     // new dates, with the attendance of the team
	Change      []Meeting     // dates with another time, place, series or state
	Reask       []id.Meeting  // dates whose answers no longer stand
	Closures    *TeamClosures // those of a team, when they change
	ReaskSeries []id.Series   // series whose answers no longer stand
	Effects     []Effect
}

// TeamClosures are all the closures of a team or, without one, of the whole
// organisation.
type TeamClosures struct {
	Org  id.Org
	Team id.Team
	All  []Closure
}

// EffectKind is what an edit does to a date.
type EffectKind string

// What an edit does to a date.
const (
	Kept        EffectKind = "kept"
	Added       EffectKind = "added"
	Rescheduled EffectKind = "rescheduled" // another time; its agenda goes along
	Relocated   EffectKind = "relocated"   // another place
	Dropped     EffectKind = "dropped"     // cancelled
	Shifted     EffectKind = "shifted"     // held on another day: the rule's is closed
	Skipped     EffectKind = "skipped"     // not held: the day is closed
	WasOff      EffectKind = "was-off"     // was cancelled before, and stays so
)

// Effect is what an edit does to one date.
type Effect struct {
	Kind    EffectKind
	Meeting id.Meeting // empty: new, or never made
	Starts  time.Time  // as it will be; for Dropped, Skipped: as it would have been
	Ends    time.Time
	Was     time.Time         // before, when Rescheduled
	Closed  string            // holiday or closure
	Answers []id.Professional // whose answers are asked again
}

// change works out an edit of a series: from the state as it is, the series as
// wished, and the first day it holds for. What is over, or begun, never
// changes: when the hour or the rule changes and dates stand before that day,
// the series ends and another goes on.
func (s State) change(want Series, from date.Date, now time.Time, newID id.Series) Plan {
	old := s.Series
	cut := s.cut(from, want.Location(), now)
	want.Ended = false
	newRule := !want.sameDays(old.Rule) || want.Start != old.Start || want.Duration != old.Duration || want.Zone != old.Zone
	if !newRule && !old.Announced.IsZero() {
		want = want.endAfter(old.endBefore(cut), cut.AddDays(-1))
	}
	want.Horizon = horizon(want, cut, now)
	stood := s.standing(cut, now)
	switch {
	case old.ID == "":
		want = want.begin(cut, now)
		return s.lay(want, nil, want.From, now)
	case newRule && s.hasBefore(cut, now):
		return s.split(want, newID, cut, now)
	case newRule || old.Announced.IsZero():
		if !newRule {
			want.From = old.From
		}
		want = want.begin(cut, now)
	default:
		want.From = old.From
	}
	want.Sequence = s.nextSequence()
	if newRule || want.Room != old.Room || want.URL != old.URL {
		want.Floor = want.Sequence
	}
	p := s.lay(want, stood, cut, now)
	if newRule {
		p.ReaskSeries = append(p.ReaskSeries, want.ID)
	}
	return p
}

// endAfter gives a series an end no earlier than that of the dates that stand.
func (s Series) endAfter(stand Series, last date.Date) Series {
	if !stand.Until.IsZero() {
		last = stand.Until
	}
	if s.Count > 0 {
		s.Count = max(s.Count, len(stand.days(stand.From, last)))
	}
	if !s.Until.IsZero() {
		s.Until = date.Later(s.Until, stand.Until)
	}
	return s
}

// split ends the series before a day and goes on as another.
func (s State) split(want Series, newID id.Series, cut date.Date, now time.Time) Plan {
	ended := s.Series.endBefore(cut)
	ended.Sequence, ended.Updated = s.nextSequence(), now
	if s.Series.Count > 0 && want.Count > 0 {
		want.Count = max(want.Count-len(s.Series.days(s.Series.From, cut.AddDays(-1))), 1)
	}
	want.ID, want.Version, want.Sequence, want.Floor, want.From = newID, 0, 0, 0, date.Later(cut, want.From)
	want = want.begin(cut, now)
	p := s.lay(want, s.standing(cut, now), want.From, now)
	p.Series = append([]Series{ended}, p.Series...)
	return p
}

// nextSequence is above that of every component of the series' object, so that
// a change of the series is newer than what was said of single dates.
func (s State) nextSequence() int {
	last := s.Series.Sequence
	for _, f := range s.Dates {
		if f.Meeting.Linked() {
			last = max(last, f.Meeting.Sequence)
		}
	}
	return last + 1
}

// cut is the first day an edit can hold for: from today on, and from tomorrow
// when today's date has begun.
func (s State) cut(from date.Date, loc *time.Location, now time.Time) date.Date {
	today := date.Of(now.In(loc))
	cut := date.Later(from, today)
	for _, f := range s.Dates {
		if m := f.Meeting; m.Linked() && m.begun(now) && m.Slot == cut {
			return cut.AddDays(1)
		}
	}
	return cut
}

// begun reports whether a meeting is over or on: it never changes.
func (m Meeting) begun(now time.Time) bool {
	return m.live() && (!m.Starts.After(now) || m.Status == Running || m.Status == Held || m.Status == Signed)
}

// standing are the dates of the series from a day on that have not begun, in
// their order. When it was never announced, those that nobody was invited to
// join it.
func (s State) standing(cut date.Date, now time.Time) []Meeting {
	var all []Meeting
	for _, f := range s.Dates {
		m := f.Meeting
		if (m.Linked() || s.unannounced(m)) && !m.Slot.Before(cut) && !m.begun(now) {
			all = append(all, m)
		}
	}
	return all
}

// unannounced reports whether a meeting is a date that the series' rule gave
// before the series was announced, and nobody was invited to.
func (s State) unannounced(m Meeting) bool {
	one := s.Series
	return one.Announced.IsZero() && m.Status == Draft && m.Opened.IsZero() && slices.Contains(one.days(one.From, m.Slot), m.Slot)
}

func (s State) hasBefore(cut date.Date, now time.Time) bool {
	return slices.ContainsFunc(s.Dates, func(f Full) bool {
		m := f.Meeting
		return m.Linked() && m.live() && (m.Slot.Before(cut) || m.begun(now))
	})
}

// horizon is how far a series is made: as far as it was, or a year ahead.
func horizon(s Series, from date.Date, now time.Time) date.Date {
	h := date.Later(s.Horizon, date.Later(from, date.Of(now.In(s.Location()))).AddDays(mostAhead))
	if !s.Until.IsZero() && s.Until.Before(h) {
		h = s.Until
	}
	return h
}

// lay sets the dates of a series from a day on over the meetings that stood
// there, so that an agenda follows its meeting: to the same day, else within
// the same week, or month. What finds no date is cancelled; a date that finds
// nothing is made.
func (s State) lay(want Series, stood []Meeting, from date.Date, now time.Time) Plan {
	return s.layAround(want, stood, from, s.Closures, now)
}

// layAround is lay with other closures than those that stand.
func (s State) layAround(want Series, stood []Meeting, from date.Date, closures []Closure, now time.Time) Plan {
	p := Plan{Series: []Series{want}}
	off := NoMeeting(s.Team.HolidayZone, closures)
	dates := want.Occurrences(from, want.Horizon, off)
	dates = slices.DeleteFunc(dates, func(o Occurrence) bool { return !o.Starts.After(now) || s.apart(o.Day, stood) })
	match := want.match(dates, stood)
	for i, o := range dates {
		switch k := match[i]; {
		case k >= 0:
			s.resettle(&p, want, stood[k], o, now)
		case o.Skipped:
			p.Effects = append(p.Effects, Effect{Kind: Skipped, Starts: o.Starts, Ends: o.Ends, Closed: o.Closed})
		default:
			p.Make = append(p.Make, s.newDate(want, o, now))
			p.Effects = append(p.Effects, Effect{Kind: kindOf(o, Added), Starts: o.Starts, Ends: o.Ends, Closed: o.Closed})
		}
	}
	for k, m := range stood {
		if !slices.Contains(match, k) && m.live() {
			p.drop(m, now, "Cette date n’est plus prévue.")
		}
	}
	slices.SortStableFunc(p.Effects, func(a, b Effect) int { return a.Starts.Compare(b.Starts) })
	return p
}

// apart reports whether a day has a meeting of the series other than those that
// stand: one outside the rule, or one that was held earlier.
func (s State) apart(d date.Date, stood []Meeting) bool {
	return slices.ContainsFunc(s.Dates, func(f Full) bool {
		return f.Meeting.Slot == d && !slices.ContainsFunc(stood, func(m Meeting) bool { return m.ID == f.Meeting.ID })
	})
}

func kindOf(o Occurrence, usual EffectKind) EffectKind {
	if o.Moved() {
		return Shifted
	}
	return usual
}

// match pairs dates with the meetings that stood: index into stood, or -1.
func (s Series) match(dates []Occurrence, stood []Meeting) []int {
	match := make([]int, len(dates))
	used := make([]bool, len(stood))
	for i := range match {
		match[i] = -1
	}
	period := func(d date.Date) date.Date {
		if s.Freq == Monthly {
			return date.New(d.Year, d.Month, 1)
		}
		return d.AddDays(-int(d.Weekday()+6) % 7)
	}
	for _, near := range []func(a, b date.Date) bool{
		func(a, b date.Date) bool { return a == b },
		func(a, b date.Date) bool { return period(a) == period(b) },
	} {
		for i, o := range dates {
			for k, m := range stood {
				if match[i] < 0 && !used[k] && near(o.Day, m.Slot) {
					match[i], used[k] = k, true
				}
			}
		}
	}
	return match
}

// resettle sets a meeting that stood on a date of the series as it will be. One
// that was moved by hand keeps its time, one that was cancelled stays so, and
// one whose new day is closed is cancelled.
func (s State) resettle(p *Plan, want Series, m Meeting, o Occurrence, now time.Time) {
	old, was := s.Series, m.Starts
	byHand := s.movedByHand(m)
	relinked := m.Series != want.ID || !m.Original.Equal(o.Original) || m.Slot != o.Day
	m.Series, m.Slot, m.Original, m.Zone, m.Updated = want.ID, o.Day, o.Original, want.Zone, now
	if relinked && m.Series != old.ID {
		m.Sequence = 0
	}
	if !m.live() && m.Lapsed && !o.Skipped {
		m.revive(o, want)
		p.Change, p.Reask = append(p.Change, m), append(p.Reask, m.ID)
		p.Effects = append(p.Effects, Effect{Kind: kindOf(o, Added), Meeting: m.ID, Starts: o.Starts, Ends: o.Ends, Closed: o.Closed})
		return
	}
	if !m.live() {
		if relinked {
			p.Change = append(p.Change, m)
		}
		p.Effects = append(p.Effects, Effect{Kind: WasOff, Meeting: m.ID, Starts: o.Starts, Ends: o.Ends})
		return
	}
	if o.Skipped && !byHand {
		if relinked {
			m.hold(o.Starts, o.Ends)
		}
		p.drop(m, now, o.Closed)
		p.Effects[len(p.Effects)-1].Closed = o.Closed
		return
	}
	effect := Effect{Kind: Kept, Meeting: m.ID}
	if !byHand && (!m.Starts.Equal(o.Starts) || !m.Ends.Equal(o.Ends)) {
		m.hold(o.Starts, o.Ends)
		effect.Kind, effect.Was, effect.Closed = kindOf(o, Rescheduled), was, o.Closed
		effect.Answers = s.answered(m.ID)
		p.Reask = append(p.Reask, m.ID)
	}
	if (m.Room == old.Room && want.Room != m.Room) || (m.URL == old.URL && want.URL != m.URL) {
		if m.Room == old.Room {
			m.Room = want.Room
		}
		if m.URL == old.URL {
			m.URL = want.URL
		}
		if effect.Kind == Kept {
			effect.Kind = Relocated
		}
		relinked = true
	}
	effect.Starts, effect.Ends = m.Starts, m.Ends
	p.Effects = append(p.Effects, effect)
	if relinked || effect.Kind != Kept {
		if effect.Kind != Kept && m.Series == old.ID {
			m.Sequence = max(m.Sequence, want.Sequence)
		}
		p.Change = append(p.Change, m)
	}
}

// movedByHand reports whether a meeting is held at another time than its
// series, closed days included, gives it.
func (s State) movedByHand(m Meeting) bool {
	for _, o := range s.Series.Occurrences(m.Slot, m.Slot, NoMeeting(s.Team.HolidayZone, s.Closures)) {
		if o.Day == m.Slot {
			return !m.Starts.Equal(o.Starts) || !m.Ends.Equal(o.Ends)
		}
	}
	return m.Linked() && !m.Starts.Equal(m.Original)
}

// revive brings back a date that the series had dropped.
func (m *Meeting) revive(o Occurrence, want Series) {
	m.Status, m.Reason, m.Lapsed = Draft, "", false
	if !m.Opened.IsZero() {
		m.Status = Open
	}
	m.hold(o.Starts, o.Ends)
	m.Room, m.URL, m.Sequence = want.Room, want.URL, max(m.Sequence, want.Sequence)
}

// hold sets when a meeting takes place; registration closes as long before.
func (m *Meeting) hold(starts, ends time.Time) {
	m.Cutoff = m.Cutoff.Add(starts.Sub(m.Starts))
	m.Starts, m.Ends = starts, ends
}

func (p *Plan) drop(m Meeting, now time.Time, reason string) {
	m.Status, m.Reason, m.Lapsed, m.Updated = Cancelled, reason, true, now
	m.Sequence++
	p.Change = append(p.Change, m)
	p.Effects = append(p.Effects, Effect{Kind: Dropped, Meeting: m.ID, Starts: m.Starts, Ends: m.Ends, Was: m.Starts})
}

// answered are those who answered for a date.
func (s State) answered(m id.Meeting) []id.Professional {
	var out []id.Professional
	for _, f := range s.Dates {
		if f.Meeting.ID != m {
			continue
		}
		for _, a := range f.Attendance {
			if a.Answer != NeedsAction {
				out = append(out, a.Professional.ID)
			}
		}
	}
	return out
}

// newDate makes the meeting of a date of a series.
func (s State) newDate(want Series, o Occurrence, now time.Time) Meeting {
	m := Meeting{
		ID: id.New[id.Meeting](), Org: s.Team.Org, Team: s.Team.ID, Series: want.ID, Slot: o.Day, Kind: s.Team.Kind,
		TeamName: s.Team.Name, Starts: o.Starts, Ends: o.Ends, Zone: want.Zone, Room: want.Room, URL: want.URL, Status: Draft,
		Cutoff: o.Starts.Add(-time.Duration(s.Team.CutoffHours) * time.Hour), Created: now, Updated: now, Sequence: want.Sequence,
	}
	m.UID = string(m.ID) + "@rcp"
	if !want.Announced.IsZero() {
		m.Original = o.Original
	}
	return m
}

// after is the state once a plan is saved, one for each series it touches: what
// the page shows before saving is worked out from it.
func (p Plan) after(s State) []State {
	var all []State
	dates := slices.Clone(s.Dates)
	for i, f := range dates {
		k := slices.IndexFunc(p.Change, func(m Meeting) bool { return m.ID == f.Meeting.ID })
		if k >= 0 {
			dates[i].Meeting = p.Change[k]
		}
		if slices.Contains(p.Reask, f.Meeting.ID) {
			dates[i].Attendance = unanswered(f.Attendance)
		}
	}
	for _, m := range p.Make {
		dates = append(dates, Full{Meeting: m, Attendance: s.Team.attendance(m)})
	}
	slices.SortFunc(dates, func(a, b Full) int { return a.Meeting.Starts.Compare(b.Meeting.Starts) })
	if !s.IsSeries() && len(p.Series) == 0 { // a meeting that is an object of its own
		s.Dates = dates
		return []State{s}
	}
	for _, one := range p.Series {
		t := s
		t.Series = one
		t.Dates = slices.DeleteFunc(slices.Clone(dates), func(f Full) bool { return f.Meeting.Series != one.ID || !f.Meeting.Linked() })
		if one.ID != s.Series.ID {
			t.Told, t.Answers = nil, nil
		}
		if slices.Contains(p.ReaskSeries, one.ID) {
			t.Answers = nil
		}
		all = append(all, t)
	}
	return all
}

// unanswered is attendance whose answers are asked again.
func unanswered(all []Attendance) []Attendance {
	all = slices.Clone(all)
	for i := range all {
		all[i].Answer, all[i].Own, all[i].Delegate = NeedsAction, false, ""
	}
	return all
}

// attendance is that of a new meeting: the members on its day.
func (t Team) attendance(m Meeting) []Attendance {
	var all []Attendance
	for _, who := range t.Members {
		if !who.Joined.After(m.Slot) && who.On(m.Slot) {
			all = append(all, Attendance{
				Meeting: m.ID, Professional: who.Professional, Role: who.Role, Required: who.Required, Answer: NeedsAction,
			})
		}
	}
	return all
}
