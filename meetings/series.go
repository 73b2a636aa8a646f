package meetings

import (
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// OnClosed says what becomes of a date that falls on a public holiday or a
// closure of the team.
type OnClosed string

// What becomes of it.
const (
	Skip   OnClosed = "skip"   // no meeting
	Before OnClosed = "before" // the open day before
	After  OnClosed = "after"  // the open day after
)

// Series makes a team's meetings: on the days of its Rule at the local hour
// Start ("14:30"), for Duration. Once announced it is one calendar object,
// known to every member's calendar by its UID; a change of hour or rule in the
// middle ends it and goes on as another series of the same Root.
type Series struct {
	ID   id.Series
	Org  id.Org
	Team id.Team
	Rule
	Start    string // local time HH:MM; no date touches the hour from 02:00 to 03:00
	Duration time.Duration
	Zone     string // IANA
	From     date.Date
	Until    date.Date // zero: endless, or by Count
	OnClosed OnClosed
	Room     string
	URL      string // conference link

	Sequence  int       // SEQUENCE of the object
	Floor     int       // SEQUENCE of its last change of hour, rule or place: older answers are stale
	Horizon   date.Date // last day whose meetings are made
	Announced time.Time // zero: each of its meetings is an object of its own
	Root      id.Series // the first of those this one continues
	Ended     bool      // nothing is left of it: taken back before it began

	Version int
	Created time.Time
	Updated time.Time
}

// UID names the calendar object of the series.
func (s Series) UID() string { return string(s.ID) + "@rcp" }

// Location returns the zone of the series' hours, UTC when it is unknown.
func (s Series) Location() *time.Location {
	if loc, err := date.Zone(s.Zone); err == nil {
		return loc
	}
	return time.UTC
}

// Closure is days, the last included, on which a team or a whole organisation
// (Team empty) does not meet.
type Closure struct {
	ID          id.Closure
	Org         id.Org
	Team        id.Team
	From, Until date.Date
	Name        string
}

// DaysOff names why a day has no meeting.
type DaysOff func(d date.Date) (name string, ok bool)

// NoMeeting joins a zone's public holidays with closures.
func NoMeeting(holidayZone string, closures []Closure) DaysOff {
	return func(d date.Date) (string, bool) {
		if name, ok := Holiday(holidayZone, d); ok {
			return name, true
		}
		for _, c := range closures {
			if !d.Before(c.From) && !d.After(c.Until) {
				return c.Name, true
			}
		}
		return "", false
	}
}

// Occurrence is one date that a series gives. On a closed day it carries the
// reason, and is skipped, or moved to another day.
type Occurrence struct {
	Day          date.Date // what the rule gives; never changes
	Original     time.Time // the instant the rule gives: RECURRENCE-ID
	Starts, Ends time.Time // when it is held, unless Skipped
	Closed       string    // name of the holiday or closure
	Skipped      bool
}

// Moved reports whether the date is held on another day than the rule's.
func (o Occurrence) Moved() bool { return !o.Skipped && !o.Starts.Equal(o.Original) }

// Occurrences lists the dates of a series from a day to another, both
// included, in the zone's local hours: 14:30 stays 14:30 across a change of
// daylight saving. It is empty when the series is not valid.
func (s Series) Occurrences(from, to date.Date, off DaysOff) []Occurrence {
	clock, err := time.Parse("15:04", s.Start)
	if err != nil {
		return nil
	}
	last := to.AddDays(farthest) // the dates after the window can be in the way of one that moves
	if !s.Until.IsZero() && s.Until.Before(last) {
		last = s.Until
	}
	loc := s.Location()
	at := func(d date.Date) time.Time {
		return time.Date(d.Year, d.Month, d.Day, clock.Hour(), clock.Minute(), 0, 0, loc)
	}
	days := s.days(s.From, last)
	taken := make(map[date.Date]bool, len(days))
	for _, d := range days {
		taken[d] = true
	}
	var all []Occurrence
	for _, d := range days {
		o := Occurrence{Day: d, Original: at(d)}
		held, open := d, true
		if name, shut := off(d); shut {
			o.Closed = name
			held, open = s.instead(d, off, taken)
		}
		o.Skipped, o.Starts, o.Ends = !open, at(held), at(held).Add(s.Duration)
		taken[held] = true
		if !d.Before(from) && !d.After(to) {
			all = append(all, o)
		}
	}
	return all
}

// farthest is how many days away a date on a closed day may be held.
const farthest = 7

// instead finds the day on which a date that falls on a closed one is held: the
// nearest working day before or after, within a week, that has no other date.
func (s Series) instead(d date.Date, off DaysOff, taken map[date.Date]bool) (date.Date, bool) {
	step := map[OnClosed]int{Before: -1, After: 1}[s.OnClosed]
	if step == 0 {
		return d, false
	}
	for n := 1; n <= farthest; n++ {
		other := d.AddDays(step * n)
		_, shut := off(other)
		if w := other.Weekday(); !shut && !taken[other] && w != time.Saturday && w != time.Sunday {
			return other, true
		}
	}
	return d, false
}

// begin sets a series that no calendar holds yet to its first date from a day on
// that has not begun: what is over is not announced, and the rhythm is kept.
func (s Series) begin(day date.Date, now time.Time) Series {
	for _, o := range s.Occurrences(day, date.Later(day, s.From).AddDays(2*366), neverClosed) {
		if !o.Original.After(now) {
			continue
		}
		if s.Count > 0 {
			s.Count -= len(s.days(s.From, o.Day)) - 1
		}
		s.From = o.Day
		break
	}
	return s
}

// endBefore ends a series before a day, unless it ends earlier anyway.
func (s Series) endBefore(day date.Date) Series {
	last := day.AddDays(-1)
	if s.overAt(last) || !s.Until.IsZero() && !s.Until.After(last) {
		return s
	}
	s.Until, s.Count, s.Horizon = last, 0, date.Earlier(s.Horizon, last)
	return s
}

// Last is the last day that the rule of a series that ends gives; zero for an
// endless one.
func (s Series) Last() date.Date {
	to := s.Until
	if to.IsZero() && s.Count > 0 {
		to = s.From.AddDays(366 * s.Count)
	}
	if to.IsZero() {
		return to
	}
	days := s.days(s.From, to)
	if len(days) == 0 {
		return s.Until
	}
	return days[len(days)-1]
}

// rrule writes the series' rule with its end.
func (s Series) rrule() string {
	if s.Until.IsZero() {
		return s.text(time.Time{})
	}
	u := s.Until
	return s.text(time.Date(u.Year, u.Month, u.Day, 23, 59, 59, 0, s.Location()))
}

// SeriesEdit is what a series form sets. From is the first day it holds for:
// the dates before stay as they are.
type SeriesEdit struct {
	Team id.Team
	Rule
	Start    string
	Duration time.Duration
	From     date.Date
	Until    date.Date
	OnClosed OnClosed
	Room     string
	URL      string
	Stop     bool // nothing is held from From on
	Anyway   bool // clashes were shown and are accepted
}

func (e SeriesEdit) apply(s Series) Series {
	s.Team, s.Rule, s.Start, s.Duration = e.Team, e.Rule, e.Start, e.Duration
	s.From, s.Until, s.OnClosed, s.Room, s.URL = e.From, e.Until, e.OnClosed, e.Room, e.URL
	if s.Freq == "" {
		s.Freq = Weekly
	}
	if s.OnClosed == "" {
		s.OnClosed = Skip
	}
	return s
}

// check validates a series. The hour from 02:00 to 03:00 is refused because it
// is skipped in March and comes twice in October.
func (s Series) check(op string) error {
	var c fault.Check
	s.Rule.check(&c)
	clock, err := time.Parse("15:04", s.Start)
	c.That(err == nil, "start", "Une heure est attendue, par exemple 14:30.")
	c.That(err != nil || !atChange(clock, s.Duration), "start", "Entre 2 h et 3 h, l’heure n’existe pas toujours. Choisissez une autre heure.")
	c.That(s.Duration >= 10*time.Minute && s.Duration <= 8*time.Hour, "duration", "Entre 10 minutes et 8 heures.")
	c.That(s.OnClosed == Skip || s.OnClosed == Before || s.OnClosed == After, "on_closed", "Choisissez ce que devient une date fermée.")
	c.That(!s.From.IsZero(), "from", "Une date est attendue.")
	c.That(s.Until.IsZero() || !s.Until.Before(s.From), "until", "La fin vient avant le début.")
	c.That(s.Until.IsZero() || s.Count == 0, "count", "Une fin par date ou par nombre, pas les deux.")
	return c.Err(op)
}

// atChange reports whether a meeting from a local hour on begins, goes on or ends
// between 02:00 and 03:00. On the day of a change of hour such a date ends at one
// time by its length, as RFC 5545 section 3.8.5.3 has it, and at another by the
// clock, as Thunderbird shows it.
func atChange(start time.Time, length time.Duration) bool {
	from := time.Duration(start.Hour())*time.Hour + time.Duration(start.Minute())*time.Minute
	touches := func(day time.Duration) bool { return from < day+3*time.Hour && from+length >= day+2*time.Hour }
	return touches(0) || touches(24*time.Hour)
}

// SeriesAnswer is what a member answered for every date of a series. An answer
// for one date stands beside it, on that date's [Attendance].
type SeriesAnswer struct {
	Series       id.Series
	Professional id.Professional
	Answer       Answer
	AnsweredAt   time.Time
	Origin       string
	Comment      string
	Sequence     int
	Stamp        time.Time
}

// Told is what a person's calendar was last told of an object.
type Told struct {
	UID       string
	Address   string // folded
	Org       id.Org
	Recipient auth.Professional
	View      View
	Stamp     time.Time
	Version   int
}
