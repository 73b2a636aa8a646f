package meetings

import (
	"cmp"
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings/ical"
)

// State is everything that decides what calendars hold of one object: a series
// with its dates or, when Series has no id, the one meeting of Dates.
type State struct {
	Org      auth.Org
	Team     Team
	Series   Series
	Dates    []Full // in the order of their start, without Team; past ones without Attendance
	Answers  []SeriesAnswer
	Closures []Closure // of the team and of its organisation
	Told     []Told    // with those who are no longer invited
}

// View is what one person's calendar holds of an object: a series (Rule), some
// of its dates (Instances alone) or one meeting.
type View struct {
	Gone      bool       `json:",omitempty"` // taken back
	Start     time.Time  `json:",omitzero"`
	End       time.Time  `json:",omitzero"`
	Zone      string     `json:",omitempty"`
	Rule      string     `json:",omitempty"`
	Excluded  []string   `json:",omitempty"` // instants in UTC, RFC 3339
	Instances []Instance `json:",omitempty"`
	Summary   string     `json:",omitempty"`
	Place     string     `json:",omitempty"`
	URL       string     `json:",omitempty"`
	Sequence  int        `json:",omitempty"`
}

// Instance is a date of a series that differs from its rule.
type Instance struct {
	ID       time.Time // RECURRENCE-ID
	Start    time.Time
	End      time.Time
	Place    string `json:",omitempty"`
	URL      string `json:",omitempty"`
	Sequence int    `json:",omitempty"`
}

// known reports whether the view tells anything: the calendars of people
// invited before views were kept are not known.
func (v View) known() bool { return !v.Start.IsZero() || len(v.Instances) > 0 }

// IsSeries reports whether the object is a series.
func (s State) IsSeries() bool { return s.Series.ID != "" }

// UID names the object.
func (s State) UID() string {
	if s.IsSeries() {
		return s.Series.UID()
	}
	return s.Dates[0].Meeting.UID
}

// thread names what one person must hear of in order: an object and those it
// continues.
func (s State) thread() string {
	if s.IsSeries() {
		return string(s.Series.Root)
	}
	return s.UID()
}

// live reports whether a date is held.
func (m Meeting) live() bool { return m.Status != Cancelled }

// attends reports whether a person is invited to a date.
func (f *Full) attends(who id.Professional) bool { return readers{who}.attends(f) }

// readers are the people who read one mailbox: one calendar. Mostly one.
type readers []id.Professional

// attends reports whether any of them is invited to a date.
func (r readers) attends(f *Full) bool {
	for i := range f.Attendance {
		if slices.Contains(r, f.Attendance[i].Professional.ID) {
			return true
		}
	}
	return false
}

// View says what a person's calendar should hold of the object at an instant.
func (s State) View(who id.Professional, now time.Time) View { return s.view(readers{who}, now) }

func (s State) view(who readers, now time.Time) View {
	if !s.IsSeries() {
		return s.single(who)
	}
	ahead := s.coming(now)
	invited, member := slices.ContainsFunc(ahead, who.attends), slices.ContainsFunc(who, s.member)
	switch {
	case s.Series.Ended || len(ahead) > 0 && !invited || !member && !invited:
		return View{Gone: true}
	case !member:
		return s.guest(who, ahead)
	}
	return s.whole(who, now)
}

// ahead are copies of the dates of the object that are not over.
func (s State) ahead(now time.Time) []Full {
	var all []Full
	for _, f := range s.coming(now) {
		all = append(all, *f)
	}
	return all
}

// coming are the dates of the object that are not over.
func (s State) coming(now time.Time) []*Full {
	all := make([]*Full, 0, len(s.Dates))
	for i := range s.Dates {
		f := &s.Dates[i]
		if f.Meeting.live() && f.Meeting.Ends.After(now) && (!s.IsSeries() || f.Meeting.Linked()) {
			all = append(all, f)
		}
	}
	return all
}

// Nearest is the date that mails about the object link to: the next one, else
// the last.
func (s State) Nearest(now time.Time) Meeting {
	if ahead := s.coming(now); len(ahead) > 0 {
		return ahead[0].Meeting
	}
	if len(s.Dates) == 0 {
		return Meeting{Team: s.Team.ID, Kind: s.Team.Kind, Zone: s.zone()}
	}
	return s.Dates[len(s.Dates)-1].Meeting
}

// Date is the meeting that a notice of one date tells of.
func (s State) Date(n Notice, now time.Time) Meeting {
	if f, ok := s.date(n.ID); ok {
		return f.Meeting
	}
	return s.Nearest(now)
}

func (s State) member(who id.Professional) bool {
	for i := range s.Team.Members {
		if m := &s.Team.Members[i]; m.ID == who {
			return m.Left.IsZero()
		}
	}
	return false
}

func (s State) single(who readers) View {
	m := s.Dates[0].Meeting
	if !m.live() || !who.attends(&s.Dates[0]) || m.Opened.IsZero() {
		return View{Gone: true}
	}
	return View{
		Start: m.Starts, End: m.Ends, Zone: m.Zone, Summary: Summary(m.Kind, s.Team.Name), Place: m.Room, URL: m.URL, Sequence: m.Sequence,
	}
}

// instance is a date as an exception of the series.
func (s State) instance(m Meeting) Instance {
	return Instance{
		ID: m.Original, Start: m.Starts, End: m.Ends, Place: m.Room, URL: m.URL, Sequence: max(m.Sequence, s.Series.Sequence),
	}
}

// guest is the view of somebody who comes to some dates only.
func (s State) guest(who readers, ahead []*Full) View {
	v := View{Zone: s.Series.Zone, Summary: Summary(s.Team.Kind, s.Team.Name)}
	for _, f := range ahead {
		if who.attends(f) {
			v.Instances = append(v.Instances, s.instance(f.Meeting))
		}
	}
	return v
}

// whole is the view of a member: the rule, the dates that are not held, and
// those that differ. A date that changed after the last change of the series is
// among these even when it is back at its hour: its SEQUENCE says so.
func (s State) whole(who readers, now time.Time) View {
	one := s.Series
	v := View{
		Zone: one.Zone, Rule: one.rrule(), Summary: Summary(s.Team.Kind, s.Team.Name), Place: one.Room, URL: one.URL, Sequence: one.Sequence,
	}
	at := make(map[int64]*Full, len(s.Dates))
	for i := range s.Dates {
		at[s.Dates[i].Meeting.Original.Unix()] = &s.Dates[i]
	}
	given := one.Occurrences(one.From, one.Horizon, neverClosed)
	if len(given) == 0 {
		return View{Gone: true}
	}
	v.Start, v.End = given[0].Original, given[0].Ends
	for _, o := range given {
		f, made := at[o.Original.Unix()]
		if !made {
			v.Excluded = append(v.Excluded, o.Original.UTC().Format(time.RFC3339))
			continue
		}
		m := f.Meeting
		over := !m.Ends.After(now)
		differs := m.Room != one.Room || m.URL != one.URL || m.Sequence > one.Sequence
		switch {
		case !m.live() || !over && !who.attends(f):
			v.Excluded = append(v.Excluded, o.Original.UTC().Format(time.RFC3339))
		case !m.Starts.Equal(o.Starts) || !m.Ends.Equal(o.Ends) || !over && differs:
			v.Instances = append(v.Instances, s.instance(m))
		}
	}
	return v
}

func neverClosed(date.Date) (string, bool) { return "", false }

// Spans returns the times a calendar with this view shows, up to a day.
func (v View) Spans(until date.Date) [][2]time.Time {
	if v.Gone {
		return nil
	}
	if v.Rule == "" && len(v.Instances) == 0 {
		return [][2]time.Time{{v.Start, v.End}}
	}
	var all [][2]time.Time
	own := map[int64]bool{}
	for _, i := range v.Instances {
		own[i.ID.Unix()] = true
		all = append(all, [2]time.Time{i.Start, i.End})
	}
	if v.Rule != "" {
		one := v.series()
		for _, o := range one.Occurrences(one.From, until, neverClosed) {
			if !own[o.Original.Unix()] && !slices.Contains(v.Excluded, o.Original.UTC().Format(time.RFC3339)) {
				all = append(all, [2]time.Time{o.Starts, o.Ends})
			}
		}
	}
	slices.SortFunc(all, func(a, b [2]time.Time) int { return cmp.Or(a[0].Compare(b[0]), a[1].Compare(b[1])) })
	return all
}

// series is what a calendar knows of the series from this view.
func (v View) series() Series {
	one := Series{Zone: v.Zone, Duration: v.End.Sub(v.Start)}
	start := v.Start.In(one.Location())
	one.Start, one.From = start.Format("15:04"), date.Of(start)
	var until time.Time
	if one.Rule, until = readRule(v.Rule); !until.IsZero() {
		one.Until = date.Of(until.In(one.Location()))
	}
	return one
}

// ruled is the date of a series as its rule gives it.
func (v View) ruled(at time.Time) Instance {
	return Instance{ID: at, Start: at, End: at.Add(v.End.Sub(v.Start)), Place: v.Place, URL: v.URL, Sequence: v.Sequence}
}

// instance is a date of a series as the view shows it.
func (v View) instance(at time.Time) Instance {
	if k := slices.IndexFunc(v.Instances, func(i Instance) bool { return i.ID.Equal(at) }); k >= 0 {
		return v.Instances[k]
	}
	return v.ruled(at)
}

// coming reduces a view to what a calendar shows from an instant on: what is
// over is nobody's concern, nor an exception that says what the rule does.
func (v View) coming(now time.Time) View {
	length := v.End.Sub(v.Start)
	v.Excluded = slices.DeleteFunc(slices.Clone(v.Excluded), func(at string) bool {
		t, err := time.Parse(time.RFC3339, at)
		return err == nil && !t.Add(length).After(now)
	})
	v.Instances = slices.DeleteFunc(slices.Clone(v.Instances), func(i Instance) bool {
		over := !i.End.After(now) && (v.Rule == "" || !i.ID.Add(length).After(now))
		return over || v.Rule != "" && sameInstance(i, v.ruled(i.ID))
	})
	return v
}

// event makes the calendar object of a view, as one person receives it.
func (s State) event(who readers, v View, now time.Time) ical.Event {
	e := s.plain(v.Sequence)
	e.Start, e.End, e.Location, e.URL, e.Rule = v.Start, v.End, v.Place, v.URL, v.Rule
	for _, at := range v.Excluded {
		if t, err := time.Parse(time.RFC3339, at); err == nil {
			e.Excluded = append(e.Excluded, t)
		}
	}
	if !s.IsSeries() {
		e.Attendees = invitees(s.Dates[0].Attendance)
		return e
	}
	e.Attendees = s.seriesInvitees(now)
	for _, i := range v.Instances {
		e.Overrides = append(e.Overrides, s.instanceEvent(i))
	}
	if v.Rule == "" { // some dates alone
		first := e.Overrides[0]
		first.Overrides = e.Overrides[1:]
		return first
	}
	e.Overrides = append(e.Overrides, s.ownAnswers(who, v, now)...)
	return e
}

// plain holds what all components of the object share.
func (s State) plain(sequence int) ical.Event {
	return ical.Event{
		UID: s.UID(), Sequence: sequence, Zone: s.zone(), Summary: Summary(s.kind(), s.Team.Name),
		Description: "Invitation de " + s.Org.Name + ".\nAucune donnée de santé ne figure dans cet agenda.",
		Organizer:   ical.Organizer{Name: s.Team.Name, Address: s.Team.OrganizerAddress},
	}
}

func (s State) kind() Kind {
	if s.IsSeries() {
		return s.Team.Kind
	}
	return s.Dates[0].Meeting.Kind
}

func (s State) zone() string {
	if s.IsSeries() {
		return s.Series.Zone
	}
	return s.Dates[0].Meeting.Zone
}

// instanceEvent is one date as a component of the series' object.
func (s State) instanceEvent(i Instance) ical.Event {
	e := s.plain(i.Sequence)
	e.RecurrenceID, e.Start, e.End, e.Location, e.URL = i.ID, i.Start, i.End, i.Place, i.URL
	if f, ok := s.date(i.ID); ok {
		e.Attendees = invitees(f.Attendance)
	}
	return e
}

func (s State) date(original time.Time) (Full, bool) {
	i := slices.IndexFunc(s.Dates, func(f Full) bool { return f.Meeting.Original.Equal(original) })
	if i < 0 {
		return Full{}, false
	}
	return s.Dates[i], true
}

// ownAnswers repeats the dates that the person answered on their own: a series
// that is sent again must not take those answers out of their calendar.
func (s State) ownAnswers(who readers, v View, now time.Time) []ical.Event {
	var all []ical.Event
	for _, f := range s.coming(now) {
		i := slices.IndexFunc(f.Attendance, func(a Attendance) bool { return a.Own && slices.Contains(who, a.Professional.ID) })
		told := slices.ContainsFunc(v.Instances, func(x Instance) bool { return x.ID.Equal(f.Meeting.Original) })
		if i >= 0 && !told && f.Meeting.Linked() {
			all = append(all, s.instanceEvent(s.instance(f.Meeting)))
		}
	}
	return all
}

// invitees are those of one date with their answers to it.
func invitees(all []Attendance) []ical.Attendee {
	var out []ical.Attendee
	for _, a := range all {
		if a.Professional.Mailable() {
			out = append(out, attendee(a))
		}
	}
	return out
}

// seriesInvitees are the people of the dates ahead with their answers to the
// series.
func (s State) seriesInvitees(now time.Time) []ical.Attendee {
	answers := map[id.Professional]Answer{}
	for _, a := range s.Answers {
		answers[a.Professional] = a.Answer
	}
	seen := map[id.Professional]bool{}
	var out []Attendance
	for _, f := range s.coming(now) {
		if len(out) == len(s.Team.Members) {
			break
		}
		for i := range f.Attendance {
			if p := f.Attendance[i].Professional.ID; !seen[p] && s.member(p) {
				seen[p] = true
				a := f.Attendance[i]
				a.Answer = cmp.Or(answers[p], NeedsAction)
				out = append(out, a)
			}
		}
	}
	if len(out) == 0 { // the series is over: its members, so that its end can be told
		for _, m := range s.Team.Members {
			if !m.Left.IsZero() {
				continue
			}
			out = append(out, Attendance{Professional: m.Professional, Role: m.Role, Required: m.Required, Answer: cmp.Or(answers[m.ID], NeedsAction)})
		}
	}
	slices.SortFunc(out, func(a, b Attendance) int {
		return cmp.Or(cmp.Compare(a.Professional.Family, b.Professional.Family), cmp.Compare(a.Professional.ID, b.Professional.ID))
	})
	return invitees(out)
}
