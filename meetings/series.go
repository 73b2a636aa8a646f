package meetings

import (
	"time"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
)

// Occurrence is one date that a series gives. One that falls on a public
// holiday carries its name and makes no meeting.
type Occurrence struct {
	Day          date.Date
	Starts, Ends time.Time
	Holiday      string
}

// Occurrences lists the dates of a series from a day to another, both
// included, in the zone's local hours: 14:30 stays 14:30 across a change of
// daylight saving. It is empty when the series is not valid.
func (s Series) Occurrences(from, to date.Date, loc *time.Location, holidayZone string) []Occurrence {
	clock, err := time.Parse("15:04", s.Start)
	if err != nil || s.Interval < 1 || s.From.IsZero() {
		return nil
	}
	if !s.Until.IsZero() && s.Until.Before(to) {
		to = s.Until
	}
	var all []Occurrence
	for d := s.first(from); !d.After(to); d = d.AddDays(7 * s.Interval) {
		starts := time.Date(d.Year, d.Month, d.Day, clock.Hour(), clock.Minute(), 0, 0, loc)
		holiday, _ := Holiday(holidayZone, d)
		all = append(all, Occurrence{Day: d, Starts: starts, Ends: starts.Add(s.Duration), Holiday: holiday})
	}
	return all
}

// first returns the first date of the series that is not before a day.
func (s Series) first(from date.Date) date.Date {
	d := s.From.AddDays((int(s.Weekday) - int(s.From.Weekday()) + 7) % 7)
	if late := from.Sub(d); late > 0 {
		step := 7 * s.Interval
		d = d.AddDays((late + step - 1) / step * step)
	}
	return d
}

// Preview lists the first n dates that an edit would give from a day on, with
// the holidays it would skip, so that the secretary sees them before saving.
func Preview(e SeriesEdit, zone, holidayZone string, from date.Date, n int) []Occurrence {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return nil
	}
	s := e.apply(Series{})
	if s.Interval < 1 {
		return nil
	}
	all := s.Occurrences(from, from.AddDays(7*s.Interval*(n+1)), loc, holidayZone)
	return all[:min(n, len(all))]
}

func (e SeriesEdit) apply(s Series) Series {
	s.Team, s.Weekday, s.Start, s.Duration, s.Interval = e.Team, e.Weekday, e.Start, e.Duration, e.Interval
	s.From, s.Until, s.Room, s.URL = e.From, e.Until, e.Room, e.URL
	return s
}

// check validates a series. The hour from 02:00 to 03:00 is refused because it
// is skipped in March and comes twice in October.
func (s Series) check(op string) error {
	var c fault.Check
	clock, err := time.Parse("15:04", s.Start)
	c.That(err == nil, "start", "Une heure est attendue, par exemple 14:30.")
	c.That(err != nil || clock.Hour() != 2, "start", "Entre 2 h et 3 h, l’heure n’existe pas toujours. Choisissez une autre heure.")
	c.That(s.Weekday >= time.Sunday && s.Weekday <= time.Saturday, "weekday", "Choisissez un jour de la semaine.")
	c.That(s.Duration >= 10*time.Minute && s.Duration <= 8*time.Hour, "duration", "Entre 10 minutes et 8 heures.")
	c.That(s.Interval >= 1 && s.Interval <= 12, "interval", "Entre 1 et 12 semaines.")
	c.That(!s.From.IsZero(), "from", "Une date est attendue.")
	c.That(s.Until.IsZero() || !s.Until.Before(s.From), "until", "La fin vient avant le début.")
	return c.Err(op)
}
