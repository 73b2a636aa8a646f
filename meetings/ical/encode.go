package ical

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	goical "github.com/emersion/go-ical"
)

// productID names the program that made the object (RFC 5545 section 3.7.3).
const productID = "-//RCP//RCP//FR"

// Encode writes e as a whole iCalendar object of the given method, ready to be a
// text/calendar part. A CANCEL is always STATUS:CANCELLED, whatever e.Status; a
// REQUEST may not be. A DECLINECOUNTER names the object that was countered and
// holds the Comment, and nothing else of e. The error is [ErrInvalid] when a field cannot be written.
func Encode(method Method, e Event) ([]byte, error) {
	var b builder
	if err := b.add(method, e); err != nil {
		return nil, err
	}
	return b.encode(newCalendar(method))
}

// EncodeFeed writes the calendar of a subscription: the events without the
// addresses of their attendees. An empty feed is a calendar with a VTIMEZONE
// alone and no METHOD, since RFC 5545 section 3.6 wants one component and
// RFC 5546 wants an event in a PUBLISH.
func EncodeFeed(f Feed) ([]byte, error) {
	var b builder
	for _, e := range f.Events {
		if err := b.add(Publish, e); err != nil {
			return nil, err
		}
	}
	cal := newCalendar(Publish)
	if len(f.Events) == 0 {
		cal.Props.Del(goical.PropMethod)
		loc, err := loadZone(f.Zone)
		if err != nil {
			return nil, problems{"zone is unknown"}.err()
		}
		b.see(loc, time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC))
	}
	describeFeed(cal, f)
	return b.encode(cal)
}

func describeFeed(cal *goical.Calendar, f Feed) {
	if name := cleanLine(f.Name); name != "" {
		cal.Props.SetText(goical.PropName, name)
		shown := goical.NewProp("X-WR-CALNAME")
		shown.SetText(name)
		shown.Params.Del(goical.ParamValue) // go-ical adds VALUE=TEXT to names it does not know
		cal.Props.Set(shown)
	}
	if minutes := int(f.Refresh.Minutes()); minutes > 0 {
		every := "PT" + strconv.Itoa(minutes) + "M"
		interval := goical.NewProp(goical.PropRefreshInterval)
		interval.Params.Set(goical.ParamValue, string(goical.ValueDuration))
		interval.Value = every
		cal.Props.Set(interval)
		setValue(cal.Component, "X-PUBLISHED-TTL", every)
	}
}

func newCalendar(m Method) *goical.Calendar {
	cal := goical.NewCalendar()
	cal.Props.SetText(goical.PropVersion, "2.0")
	cal.Props.SetText(goical.PropProductID, productID)
	cal.Props.SetText(goical.PropCalendarScale, "GREGORIAN")
	setValue(cal.Component, goical.PropMethod, string(m))
	return cal
}

// builder gathers the events of one calendar and the zones they need.
type builder struct {
	events []*goical.Component
	zones  []zoneUse
}

// zoneUse is a zone and the period its VTIMEZONE must tell.
type zoneUse struct {
	loc      *time.Location
	from, to time.Time
}

// add checks and appends one event, and its overrides unless a whole series is
// cancelled.
func (b *builder) add(m Method, e Event) error {
	if err := validate(m, e); err != nil {
		return err
	}
	b.append(m, e)
	if m == DeclineCounter || m == Cancel && e.RecurrenceID.IsZero() {
		return nil
	}
	for i, o := range e.Overrides {
		o = inherit(e, o)
		if err := validate(m, o); err != nil {
			return fmt.Errorf("override %d: %w", i+1, err)
		}
		b.append(m, o)
	}
	return nil
}

// inherit completes an override with what belongs to its series.
func inherit(series, o Event) Event {
	o.UID, o.Zone = series.UID, series.Zone
	if o.Stamp.IsZero() {
		o.Stamp = series.Stamp
	}
	if o.Organizer == (Organizer{}) {
		o.Organizer = series.Organizer
	}
	if o.Attendees == nil {
		o.Attendees = series.Attendees
	}
	return o
}

// append writes one validated event.
func (b *builder) append(m Method, e Event) {
	c := goical.NewComponent(goical.CompEvent)
	c.Props.SetText(goical.PropUID, e.UID)
	setValue(c, goical.PropDateTimeStamp, e.Stamp.UTC().Format(utcFormat))
	setText(c, goical.PropComment, cleanText(e.Comment))
	b.events = append(b.events, c)
	if m == DeclineCounter {
		b.setInstance(c, e)
		setOrganizer(c, e)
		return
	}
	setValue(c, goical.PropSequence, strconv.Itoa(e.Sequence))
	setValue(c, goical.PropStatus, string(statusFor(m, e.Status)))
	b.setTimes(c, e)
	setWords(c, e)
	setPeople(c, m, e)
}

// setInstance writes which date of the series is meant, if one is.
func (b *builder) setInstance(c *goical.Component, e Event) {
	if !e.RecurrenceID.IsZero() {
		loc, _ := loadZone(e.Zone)
		b.addTime(c, goical.PropRecurrenceID, e.RecurrenceID, loc)
	}
}

// statusFor keeps STATUS in agreement with the method (RFC 5546 section 3.2.5).
func statusFor(m Method, s Status) Status {
	if m == Cancel {
		return Cancelled
	}
	return orElse(s, Confirmed)
}

// openSeries is how many years a VTIMEZONE tells of a series without an end,
// where the zone's changes follow no yearly rule.
const openSeries = 10

// setTimes writes the dates of an event whose zone and rule were validated.
func (b *builder) setTimes(c *goical.Component, e Event) {
	loc, _ := loadZone(e.Zone)
	zone := loc
	if repeated(e.Start, loc) || repeated(e.End, loc) {
		zone = time.UTC // both or none: clients compare the two
	}
	b.addTime(c, goical.PropDateTimeStart, e.Start, zone)
	b.addTime(c, goical.PropDateTimeEnd, e.End, zone)
	b.setInstance(c, e)
	if e.Rule == "" {
		return
	}
	r, _ := parseRule(e.Rule)
	setValue(c, goical.PropRecurrenceRule, r.String())
	last := r.until
	if last.IsZero() {
		last = e.Start.AddDate(openSeries, 0, 0)
	}
	b.see(loc, last)
	for _, t := range e.Excluded { // one property a date: lists trip readers
		b.addTime(c, goical.PropExceptionDates, t, loc)
	}
}

// addTime writes an instant as the wall clock of loc, or in UTC where that clock
// shows the same time twice.
func (b *builder) addTime(c *goical.Component, name string, t time.Time, loc *time.Location) {
	p := goical.NewProp(name)
	if loc == time.UTC || repeated(t, loc) {
		p.Value = t.UTC().Format(utcFormat)
	} else {
		p.Params.Set(goical.PropTimezoneID, loc.String())
		p.Value = t.In(loc).Format(localFormat)
		b.see(loc, t)
	}
	c.Props.Add(p)
}

// see records that the zone's VTIMEZONE must tell of t.
func (b *builder) see(loc *time.Location, t time.Time) {
	from := time.Date(t.UTC().Year()-1, 1, 1, 0, 0, 0, 0, time.UTC)
	to := from.AddDate(3, 0, 0)
	i := slices.IndexFunc(b.zones, func(z zoneUse) bool { return z.loc.String() == loc.String() })
	if i < 0 {
		b.zones = append(b.zones, zoneUse{loc, from, to})
		return
	}
	z := &b.zones[i]
	if from.Before(z.from) {
		z.from = from
	}
	if to.After(z.to) {
		z.to = to
	}
}

// setWords writes the free text, cleaned.
func setWords(c *goical.Component, e Event) {
	setText(c, goical.PropSummary, cleanLine(e.Summary))
	setText(c, goical.PropDescription, cleanText(e.Description))
	setText(c, goical.PropLocation, cleanLine(e.Location))
	if e.URL == "" {
		return
	}
	address, _ := link(e.URL)
	setValue(c, goical.PropURL, address)
	conference := goical.NewProp(goical.PropConference)
	conference.Params.Set(goical.ParamValue, string(goical.ValueURI))
	conference.Value = address
	c.Props.Set(conference)
}

// setPeople writes the organizer and, but in a PUBLISH, the attendees.
func setPeople(c *goical.Component, m Method, e Event) {
	setOrganizer(c, e)
	if m == Publish {
		return
	}
	seen := map[string]bool{}
	for _, a := range e.Attendees {
		key := strings.ToLower(a.Address)
		if seen[key] {
			continue
		}
		seen[key] = true
		c.Props.Add(attendee(m, a))
	}
}

func setOrganizer(c *goical.Component, e Event) {
	c.Props.Set(person(goical.PropOrganizer, e.Organizer.Name, e.Organizer.Address))
}

func attendee(m Method, a Attendee) *goical.Prop {
	p := person(goical.PropAttendee, a.Name, a.Address)
	p.Params.Set(goical.ParamCalendarUserType, string(orElse(a.CUType, Individual)))
	p.Params.Set(goical.ParamRole, string(orElse(a.Role, Required)))
	p.Params.Set(goical.ParamParticipationStatus, string(orElse(a.PartStat, NeedsAction)))
	if a.RSVP && m != Cancel {
		p.Params.Set(goical.ParamRSVP, "TRUE")
	}
	return p
}

// person writes a calendar user whose address was validated.
func person(prop, name, address string) *goical.Prop {
	p := goical.NewProp(prop)
	p.Value, _ = mailto(address)
	if cn := cleanParam(name); cn != "" {
		p.Params.Set(goical.ParamCommonName, cn)
	}
	return p
}

// encode writes the calendar: zones first, as readers in one pass need them.
func (b *builder) encode(cal *goical.Calendar) ([]byte, error) {
	for _, z := range b.zones {
		cal.Children = append(cal.Children, timezone(z.loc, z.from, z.to))
	}
	cal.Children = append(cal.Children, b.events...)
	var out bytes.Buffer
	if err := goical.NewEncoder(&out).Encode(cal); err != nil {
		return nil, fmt.Errorf("ical: encode: %w", err)
	}
	return fold(out.Bytes()), nil
}

func setText(c *goical.Component, name, value string) {
	if value != "" {
		c.Props.SetText(name, value)
	}
}

// setValue writes a value as it stands, without the escapes of TEXT.
func setValue(c *goical.Component, name, value string) {
	p := goical.NewProp(name)
	p.Value = value
	c.Props.Set(p)
}

func orElse[T ~string](v, fallback T) T {
	if v == "" {
		return fallback
	}
	return v
}
