package ical

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // the zones are needed where the host has none (scratch images)

	goical "github.com/emersion/go-ical"

	"github.com/rcp-care/rcp/internal/date"
)

const (
	localFormat = "20060102T150405"
	utcFormat   = "20060102T150405Z"
)

var errZone = errors.New("not an IANA time zone")

// loadZone resolves an IANA name. "Local" is refused: it means another zone on
// another machine.
func loadZone(name string) (*time.Location, error) {
	switch name {
	case "", "UTC", "Etc/UTC":
		return time.UTC, nil
	case "Local":
		return nil, errZone
	}
	loc, err := date.Zone(name)
	if err != nil {
		return nil, errZone
	}
	return loc, nil
}

// observance is one STANDARD or DAYLIGHT part of a VTIMEZONE (RFC 5545 section
// 3.6.5). Offsets are seconds east of UTC.
type observance struct {
	daylight bool
	onset    time.Time // the wall clock just before the change, held in UTC
	from, to int
	name     string
	rule     string // RRULE, or empty for a single change
}

// timezone builds the VTIMEZONE of loc, true for all instants from → to, and
// for ever where the zone follows a yearly rule.
func timezone(loc *time.Location, from, to time.Time) *goical.Component {
	key := zoneKey{loc.String(), from.Unix(), to.Unix()}
	if c, ok := timezones.Load(key); ok {
		return c.(*goical.Component)
	}
	c := goical.NewComponent(goical.CompTimezone)
	c.Props.SetText(goical.PropTimezoneID, loc.String())
	for _, o := range observances(loc, from, to) {
		c.Children = append(c.Children, o.component())
	}
	timezones.Store(key, c)
	return c
}

// timezones keeps what was worked out: a component for each zone and stretch of
// years, never changed once made.
var timezones sync.Map

type zoneKey struct {
	name     string
	from, to int64
}

func (o observance) component() *goical.Component {
	kind := goical.CompTimezoneStandard
	if o.daylight {
		kind = goical.CompTimezoneDaylight
	}
	c := goical.NewComponent(kind)
	setValue(c, goical.PropDateTimeStart, o.onset.Format(localFormat))
	setValue(c, goical.PropTimezoneOffsetFrom, offset(o.from))
	setValue(c, goical.PropTimezoneOffsetTo, offset(o.to))
	c.Props.SetText(goical.PropTimezoneName, o.name)
	if o.rule != "" {
		setValue(c, goical.PropRecurrenceRule, o.rule)
	}
	return c
}

// offset writes a UTC offset (RFC 5545 section 3.3.14).
func offset(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	s := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		s += fmt.Sprintf("%02d", seconds%60)
	}
	return s
}

// rulesHold is how far past the needed period a yearly rule must hold before it
// is trusted: the calendar repeats after 28 years, so a longer look tells a
// fourth Sunday from a last one.
const rulesHold = 30

// observances returns the changes of loc that matter between from and to, the
// one in force at from included.
func observances(loc *time.Location, from, to time.Time) []observance {
	all := transitions(loc, from, to.AddDate(rulesHold, 0, 0))
	for i := range all {
		if tail := yearly(all[i:]); tail != nil {
			return append(all[:i:i], tail...)
		}
	}
	needed := transitions(loc, from, to)
	if len(needed) == 1 { // nothing changes: say it without history
		return []observance{constant(loc, from)}
	}
	return needed
}

// transitions returns the change in force at from and those up to to.
func transitions(loc *time.Location, from, to time.Time) []observance {
	first := constant(loc, from)
	if t, ok := lastChange(loc, from); ok {
		first = change(t)
	}
	out := []observance{first}
	for t, ok := nextChange(loc, from); ok && !t.After(to); t, ok = nextChange(loc, t) {
		out = append(out, change(t))
	}
	return out
}

// ZoneBounds also stops where nothing changes (2038, and each new year after
// it), and on the last day of a leap year it may return t itself as the end: the
// two walks below step over both.
const step = 24 * time.Hour

// nextChange returns the first change of the clocks of loc after t.
func nextChange(loc *time.Location, t time.Time) (time.Time, bool) {
	for {
		_, end := t.In(loc).ZoneBounds()
		switch {
		case end.IsZero():
			return end, false
		case !end.After(t):
			t = t.Add(step)
		case changes(end):
			return end, true
		default:
			t = end
		}
	}
}

// lastChange returns the latest change of the clocks of loc up to t.
func lastChange(loc *time.Location, t time.Time) (time.Time, bool) {
	for {
		start, _ := t.In(loc).ZoneBounds()
		switch {
		case start.IsZero():
			return start, false
		case start.After(t):
			t = t.Add(-step)
		case changes(start):
			return start, true
		default:
			t = start.Add(-time.Second)
		}
	}
}

// changes reports whether the clocks, or their name, change at t in its zone.
func changes(t time.Time) bool {
	before := t.Add(-time.Second)
	nameBefore, from := before.Zone()
	name, to := t.Zone()
	return from != to || name != nameBefore || t.IsDST() != before.IsDST()
}

// constant is the observance of a zone that keeps the offset it has at t.
func constant(loc *time.Location, t time.Time) observance {
	name, seconds := t.In(loc).Zone()
	return observance{onset: time.Unix(0, 0).UTC(), from: seconds, to: seconds, name: name}
}

// change describes the change that happens at start.
func change(start time.Time) observance {
	before := start.Add(-time.Second)
	_, from := before.Zone()
	name, to := start.Zone()
	daylight := start.IsDST()
	if daylight != before.IsDST() {
		// Dublin and Casablanca have a negative daylight time in the IANA data;
		// Outlook only understands DAYLIGHT as the later clock.
		daylight = to > from
	}
	onset := start.UTC().Add(time.Duration(from) * time.Second)
	return observance{daylight: daylight, onset: onset, from: from, to: to, name: name}
}

// yearly folds a run of changes into two observances with a yearly rule each,
// or returns nil when no such pair says the same. Only "nth weekday of a month"
// counts as a rule: Outlook can show no other.
func yearly(run []observance) []observance {
	if len(run) < 2*rulesHold-2 {
		return nil
	}
	var out []observance
	for side := range 2 {
		first := run[side]
		rule := commonRule(run[side:])
		if rule == "" {
			return nil
		}
		first.rule = rule
		out = append(out, first)
	}
	return out
}

// commonRule returns the RRULE that every second change of run obeys, if any.
func commonRule(run []observance) string {
	first, last, nth := run[0], true, true
	for i := 0; i < len(run); i += 2 {
		o := run[i]
		if !first.sameKind(o) || o.onset.Year() != first.onset.Year()+i/2 {
			return ""
		}
		last = last && o.onset.AddDate(0, 0, 7).Month() != o.onset.Month()
		nth = nth && weekOf(o.onset) == weekOf(first.onset)
	}
	week := weekOf(first.onset)
	switch {
	case last:
		week = -1
	case !nth:
		return ""
	}
	day := strings.ToUpper(first.onset.Weekday().String()[:2])
	return fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYDAY=%d%s", first.onset.Month(), week, day)
}

// sameKind reports whether p may be another year's change of the same rule.
func (o observance) sameKind(p observance) bool {
	return o.daylight == p.daylight && o.from == p.from && o.to == p.to && o.name == p.name &&
		o.onset.Month() == p.onset.Month() && o.onset.Weekday() == p.onset.Weekday() &&
		o.onset.Format("150405") == p.onset.Format("150405")
}

// weekOf returns which of its weekday t is in its month, from 1.
func weekOf(t time.Time) int { return (t.Day()-1)/7 + 1 }

// repeated reports whether the wall clock of t in loc was already shown before a
// backward change: a local time then means its first passing (RFC 5545 section
// 3.3.5), so t can only be written in UTC.
func repeated(t time.Time, loc *time.Location) bool {
	start, ok := lastChange(loc, t)
	if !ok {
		return false
	}
	_, before := start.Add(-time.Second).Zone()
	_, after := start.Zone()
	return t.Sub(start) < time.Duration(before-after)*time.Second
}
