package ical

import (
	"strings"
	"time"

	goical "github.com/emersion/go-ical"
)

// moment is one time as it was written.
type moment struct {
	time     time.Time // in UTC; a day or a floating wall clock as if it were
	day      bool
	floating bool
}

// read reads the time of a property: UTC, in a zone, floating or a day. The
// length of the value tells which, since VALUE is often wrong. ok is false where
// the time cannot be known surely.
func (b *zoneBook) read(p goical.Prop) (m moment, ok bool) {
	value := upper(p.Value)
	if wall, err := time.Parse("20060102", value); err == nil {
		return moment{time: wall, day: true}, datable(wall)
	}
	if at, err := time.Parse(utcFormat, value); err == nil {
		return moment{time: at}, datable(at)
	}
	wall, err := time.Parse(localFormat, value)
	if err != nil || !datable(wall) {
		return moment{}, false
	}
	tzid := tzidOf(p)
	if tzid == "" {
		return moment{time: wall, floating: true}, true
	}
	at, ok := b.at(wall, tzid)
	return moment{time: at}, ok
}

// tzidOf returns the name of the zone of a property. Windows' names hold commas,
// which are not always in quotes.
func tzidOf(p goical.Prop) string {
	return strings.TrimSpace(strings.Join(p.Params.Values(goical.PropTimezoneID), ","))
}

// readEnd reads DTEND or DURATION; said tells whether there is either.
func (b *zoneBook) readEnd(props goical.Props, dtstart goical.Prop, start moment) (end moment, said, ok bool) {
	if p := first(props, goical.PropDateTimeEnd); p.Value != "" {
		end, ok = b.read(p)
		return end, true, ok
	}
	p := first(props, goical.PropDuration)
	if p.Value == "" {
		return moment{}, false, false
	}
	length, ok := duration(p)
	if !ok {
		return moment{}, true, false
	}
	end = start
	if !strings.ContainsAny(upper(p.Value), "DW") || tzidOf(dtstart) == "" {
		end.time = start.time.Add(length)
		return end, true, true
	}
	// Days last as long as the wall clock says (RFC 5545 section 3.3.6).
	wall, err := time.Parse(localFormat, upper(dtstart.Value))
	if err != nil {
		end.time = start.time.Add(length)
		return end, true, true
	}
	end.time, ok = b.at(wall.Add(length), tzidOf(dtstart))
	return end, true, ok
}

// longest is how long an event may last; a duration beyond it is an accident or
// an attempt to overflow.
const longest = 366 * 24 * time.Hour

// duration reads a DURATION that an event may have. go-ical multiplies without
// a look at the size, so the digits are counted first.
func duration(p goical.Prop) (time.Duration, bool) {
	digits := 0
	for _, r := range p.Value {
		if digits++; r < '0' || r > '9' {
			digits = 0
		}
		if digits > 7 {
			return 0, false
		}
	}
	if len(p.Value) > 40 {
		return 0, false
	}
	d, err := (&goical.Prop{Name: goical.PropDuration, Value: strings.TrimSpace(p.Value)}).Duration()
	return d, err == nil && d >= 0 && d <= longest
}

// offsets tells how many seconds the clocks of a zone are ahead of UTC at an
// instant; ok is false when the zone does not say.
type offsets func(at time.Time) (seconds int, ok bool)

// instant returns when the clocks of a zone show wall, which is held in UTC. An
// hour shown twice means its first passing and one never shown is read with the
// clock before the change (RFC 5545 section 3.3.5).
func (zone offsets) instant(wall time.Time) (time.Time, bool) {
	before, knowsBefore := zone(wall.Add(-24 * time.Hour))
	after, knowsAfter := zone(wall.Add(24 * time.Hour))
	for _, o := range []struct {
		seconds int
		known   bool
	}{{before, knowsBefore}, {after, knowsAfter}} {
		at := wall.Add(-time.Duration(o.seconds) * time.Second)
		if here, ok := zone(at); o.known && ok && here == o.seconds {
			return at, true
		}
	}
	if !knowsBefore || !knowsAfter {
		return time.Time{}, false
	}
	return wall.Add(-time.Duration(before) * time.Second), true
}

func located(loc *time.Location) offsets {
	return func(at time.Time) (int, bool) {
		_, seconds := at.In(loc).Zone()
		return seconds, true
	}
}
