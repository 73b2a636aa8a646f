package ical

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ErrInvalid marks an event that cannot be written truthfully. The message names
// the fields at fault and never repeats their content.
var ErrInvalid = errors.New("ical: invalid event")

// problems gathers what is wrong with an event, field by field.
type problems []string

func (p *problems) add(bad bool, field, what string) {
	if bad {
		*p = append(*p, field+" "+what)
	}
}

func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrInvalid, strings.Join(p, "; "))
}

// validate checks e, complete with what it inherits, for a message of method m.
func validate(m Method, e Event) error {
	var p problems
	p.add(!slices.Contains([]Method{Request, Cancel, Publish, DeclineCounter}, m), "method", "is unknown")
	checkIdentity(&p, e)
	checkPeople(&p, m, e)
	checkInstance(&p, e)
	if m == DeclineCounter { // it says nothing else
		return p.err()
	}
	checkTimes(&p, e)
	checkSeries(&p, e)
	p.add(!oneOf(e.Status, Confirmed, Tentative, Cancelled), "status", "is unknown")
	p.add(m == Request && e.Status == Cancelled, "status", "contradicts the method")
	p.add(m != Cancel && cleanLine(e.Summary) == "", "summary", "is missing")
	if e.URL != "" {
		_, err := link(e.URL)
		p.add(err != nil, "url", "is not http or https")
	}
	return p.err()
}

func checkIdentity(p *problems, e Event) {
	badUID := e.UID == "" || len(e.UID) > 255 || !printableASCII(e.UID) || strings.ContainsAny(e.UID, `\;,"`)
	p.add(badUID, "uid", "is not opaque printable ASCII")
	p.add(e.Sequence < 0, "sequence", "is negative")
	p.add(!datable(e.Stamp), "stamp", "is out of range")
}

func checkInstance(p *problems, e Event) {
	p.add(!e.RecurrenceID.IsZero() && !datable(e.RecurrenceID), "recurrence id", "is out of range")
	_, err := loadZone(e.Zone)
	p.add(err != nil, "zone", "is unknown")
}

func checkTimes(p *problems, e Event) {
	p.add(!datable(e.Start), "start", "is out of range")
	p.add(!datable(e.End), "end", "is out of range")
	p.add(!e.Start.Before(e.End), "end", "is not after start")
	loc, err := loadZone(e.Zone)
	if err == nil && e.Rule != "" {
		p.add(repeated(e.Start, loc) || repeated(e.End, loc), "start", "is in the repeated hour of autumn, which a series cannot say")
	}
}

// datable bounds years, so that a stray one cannot make a VTIMEZONE of thousands
// of observances.
func datable(t time.Time) bool {
	return t.Year() >= 1971 && t.Year() < 2200
}

func checkPeople(p *problems, m Method, e Event) {
	_, err := mailto(e.Organizer.Address)
	p.add(err != nil, "organizer", "has no plain address")
	p.add(m == Request && len(e.Attendees) == 0, "attendees", "are missing")
	for i, a := range e.Attendees {
		field := fmt.Sprintf("attendee %d", i+1)
		_, err := mailto(a.Address)
		p.add(err != nil, field, "has no plain address")
		p.add(!oneOf(a.PartStat, NeedsAction, Accepted, Declined, Tentatively, Delegated), field, "has an unknown answer")
		p.add(!oneOf(a.Role, Chair, Required, Optional, NonParticipant), field, "has an unknown role")
		p.add(!oneOf(a.CUType, Individual, Group, Resource, Room), field, "is of an unknown kind")
	}
}

func checkSeries(p *problems, e Event) {
	if e.Rule == "" {
		p.add(len(e.Excluded) > 0 || len(e.Overrides) > 0 && e.RecurrenceID.IsZero(), "rule", "is missing")
		return
	}
	_, err := parseRule(e.Rule)
	p.add(err != nil, "rule", "is not one every calendar can show")
	p.add(!e.RecurrenceID.IsZero(), "rule", "is set on a single instance")
	for _, t := range e.Excluded {
		p.add(!datable(t), "excluded date", "is out of range")
	}
	for _, o := range e.Overrides {
		p.add(o.RecurrenceID.IsZero(), "override", "has no recurrence id")
		p.add(o.Rule != "" || len(o.Overrides) > 0, "override", "is itself a series")
	}
}

// oneOf accepts the zero value, which stands for the default.
func oneOf[T ~string](v T, known ...T) bool {
	return v == "" || slices.Contains(known, v)
}
