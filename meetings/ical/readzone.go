package ical

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	goical "github.com/emersion/go-ical"
)

// maxZones bounds how many names of zones one object may use: each may be looked
// up on disk.
const maxZones = 100

// zoneBook resolves the zones of one received object: IANA name → a longer name
// that ends in one → Windows' name → the VTIMEZONE that came along → not known.
type zoneBook struct {
	embedded map[string]offsets
	known    map[string]offsets // also nil, for names that cannot be resolved
}

func readZones(children []*goical.Component) *zoneBook {
	b := &zoneBook{embedded: map[string]offsets{}, known: map[string]offsets{}}
	for _, c := range children {
		if c.Name != goical.CompTimezone {
			continue
		}
		name := strings.TrimSpace(unescape(first(c.Props, goical.PropTimezoneID).Value))
		zone := readTimezone(c)
		if _, twice := b.embedded[name]; twice {
			zone = nil // which of them is meant?
		}
		b.embedded[name] = zone
	}
	return b
}

// exhausted reports that the object named more zones than it may.
func (b *zoneBook) exhausted() bool { return len(b.known) >= maxZones }

// at returns the instant of a wall clock in the named zone.
func (b *zoneBook) at(wall time.Time, tzid string) (time.Time, bool) {
	zone, ok := b.known[tzid]
	if !ok && !b.exhausted() {
		zone = b.resolve(tzid)
		b.known[tzid] = zone
	}
	if zone == nil {
		return time.Time{}, false
	}
	return zone.instant(wall)
}

func (b *zoneBook) resolve(tzid string) offsets {
	name := strings.Trim(tzid, `"`)
	if abbreviation(name) && b.embedded[name] != nil {
		return b.embedded[name]
	}
	if loc := ianaZone(name); loc != nil {
		return located(loc)
	}
	if windows, ok := windowsZone(name); ok {
		if loc := ianaZone(windows); loc != nil {
			return located(loc)
		}
	}
	if strings.EqualFold(name, "tzone://Microsoft/Utc") {
		return located(time.UTC)
	}
	return b.embedded[name]
}

// abbreviation reports names such as EST and IST. IANA keeps a few, with one
// meaning of many, so the VTIMEZONE goes first; UTC and GMT mean one thing.
func abbreviation(name string) bool {
	return len(name) <= 8 && !strings.ContainsAny(name, "/ ") && name != "UTC" && name != "GMT"
}

// ianaZone loads a zone by its IANA name, also at the end of a longer path such
// as /freeassociation.sourceforge.net/Tzfile/Europe/Paris or
// /mozilla.org/20050126_1/Europe/Paris. It returns nil for any other name.
func ianaZone(name string) *time.Location {
	rest, long := strings.CutPrefix(name, "/")
	if !long {
		return exactZone(name)
	}
	for range 4 {
		if _, rest, long = strings.Cut(rest, "/"); !long {
			return nil
		}
		if loc := exactZone(rest); loc != nil && (strings.Contains(rest, "/") || rest == "UTC") {
			return loc
		}
	}
	return nil
}

// exactZone loads the zone of that very name, or returns nil.
func exactZone(name string) *time.Location {
	if name == "" || len(name) > 64 || strings.ContainsFunc(name, notInZone) || hostZone(name) {
		return nil
	}
	loc, err := loadZone(name)
	if err != nil {
		return nil
	}
	return loc
}

// hostZone reports files that a host keeps among its zones and that are none:
// its own zone, clocks that count leap seconds, a place for no zone.
func hostZone(name string) bool {
	return name == "localtime" || name == "posixrules" || name == "Factory" || strings.HasPrefix(name, "right/")
}

func notInZone(r rune) bool {
	return r != '/' && r != '+' && !nameRune(r)
}

// onset is one moment, or one rule of moments, at which the clocks of an
// embedded zone change.
type onset struct {
	wall     time.Time // the clock before the change, held in UTC
	from, to int       // seconds east of UTC
	rule     *yearRule
}

// Bounds of one embedded zone, since each time of the object asks it again.
// IANA's longest history has fewer changes, and fewer rules.
const (
	maxOnsets = 500
	maxRules  = 32
)

// readTimezone interprets a VTIMEZONE (RFC 5545 section 3.6.5), or returns nil
// when it says anything that is not understood: half a zone would be a guess.
func readTimezone(c *goical.Component) offsets {
	var all []onset
	if c.Props[brokenMark] != nil || len(c.Props[goical.PropTimezoneID]) != 1 {
		return nil
	}
	rules := 0
	for _, part := range c.Children {
		onsets, ok := readObservance(part.Props)
		rules += len(part.Props[goical.PropRecurrenceRule])
		if !ok || len(all)+len(onsets) > maxOnsets || rules > maxRules {
			return nil
		}
		all = append(all, onsets...)
	}
	return func(at time.Time) (int, bool) { return offsetAt(all, at) }
}

func readObservance(props goical.Props) ([]onset, bool) {
	for _, name := range []string{brokenMark, goical.PropExceptionDates, "EXRULE"} {
		if props[name] != nil {
			return nil, false
		}
	}
	if len(props[goical.PropRecurrenceRule]) > 1 || contradicts(props[goical.PropDateTimeStart]) {
		return nil, false
	}
	start, err := time.Parse(localFormat, upper(first(props, goical.PropDateTimeStart).Value))
	from, okFrom := readOffset(first(props, goical.PropTimezoneOffsetFrom).Value)
	to, okTo := readOffset(first(props, goical.PropTimezoneOffsetTo).Value)
	if err != nil || !okFrom || !okTo {
		return nil, false
	}
	one := onset{wall: start, from: from, to: to}
	out := []onset{one}
	if text := first(props, goical.PropRecurrenceRule).Value; text != "" {
		rule, ok := readYearRule(text, start)
		if !ok {
			return nil, false
		}
		one.rule = rule
		out = append(out, one)
	}
	for _, p := range props[goical.PropRecurrenceDates] {
		for value := range strings.SplitSeq(p.Value, ",") {
			wall, err := time.Parse(localFormat, upper(value))
			if err != nil || len(out) > maxOnsets {
				return nil, false
			}
			out = append(out, onset{wall: wall, from: from, to: to})
		}
	}
	return out, true
}

// readOffset reads a UTC offset (RFC 5545 section 3.3.14) that a clock can have.
func readOffset(s string) (int, bool) {
	s = strings.TrimSpace(s)
	if len(s) != 5 && len(s) != 7 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	for _, c := range s[1:] {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	hours, minutes, seconds := number2(s[1:3]), number2(s[3:5]), 0
	if len(s) == 7 {
		seconds = number2(s[5:7])
	}
	total := hours*3600 + minutes*60 + seconds
	if s[0] == '-' {
		total = -total
	}
	return total, hours <= 15 && minutes < 60 && seconds < 60
}

func number2(digits string) int { return int(digits[0]-'0')*10 + int(digits[1]-'0') }

// offsetAt returns the offset that the latest change up to at set. It is not
// known before the first change, nor where two changes of one moment disagree.
func offsetAt(all []onset, at time.Time) (int, bool) {
	var last time.Time
	var offset int
	known := false
	for _, o := range all {
		when, ok := o.latest(at)
		switch {
		case !ok || known && when.Before(last):
		case known && when.Equal(last) && o.to != offset:
			return 0, false
		default:
			last, offset, known = when, o.to, true
		}
	}
	return offset, known
}

// latest returns the last instant up to at on which the change happens.
func (o onset) latest(at time.Time) (time.Time, bool) {
	if o.rule == nil {
		when := o.instant(o.wall)
		return when, !when.After(at)
	}
	year := at.Year() + 1
	if u := o.rule.until; !u.IsZero() {
		year = min(year, u.Year()+1)
	}
	for y := year; y > year-3 && y >= o.wall.Year(); y-- {
		wall := o.rule.in(y, o.wall)
		when := o.instant(wall)
		if !wall.Before(o.wall) && !when.After(at) && !o.rule.ended(wall, when) {
			return when, true
		}
	}
	return time.Time{}, false
}

func (o onset) instant(wall time.Time) time.Time {
	return wall.Add(-time.Duration(o.from) * time.Second)
}

// yearRule is the RRULE of an observance: exactly one day of every year.
type yearRule struct {
	month    time.Month
	days     []int // one, or seven that follow each other; empty with nth
	weekday  time.Weekday
	weekly   bool // the day must be weekday
	nth      int  // which weekday of the month, negative from its end; 0 with days
	until    time.Time
	untilUTC bool
}

// readYearRule reads the rules that time zones are written with, and refuses
// any other: FREQ=YEARLY with a month and one day of it.
func readYearRule(text string, start time.Time) (*yearRule, bool) {
	r := &yearRule{month: start.Month()}
	parts := map[string]string{}
	for part := range strings.SplitSeq(strings.TrimSuffix(upper(text), ";"), ";") {
		name, value, ok := strings.Cut(part, "=")
		if _, twice := parts[name]; !ok || twice {
			return nil, false
		}
		parts[name] = value
	}
	for name, value := range parts {
		if !r.part(name, value) {
			return nil, false
		}
	}
	switch {
	case parts["FREQ"] != "YEARLY":
		return nil, false
	case r.nth != 0: // a month is needed, else it is a weekday of the year
		return r, parts["BYMONTH"] != "" && len(r.days) == 0
	case len(r.days) == 0 && !r.weekly:
		r.days = []int{start.Day()}
	}
	return r, r.yearly()
}

// yearly reports whether the days hold one change each year: a day that the
// month always has, or the one weekday of seven days on end.
func (r *yearRule) yearly() bool {
	count := len(r.days)
	if count == 0 || r.days[count-1] > time.Date(2001, r.month+1, 0, 0, 0, 0, 0, time.UTC).Day() {
		return false
	}
	if !r.weekly {
		return count == 1
	}
	return count == 7 && len(slices.Compact(r.days)) == 7 && r.days[6]-r.days[0] == 6
}

func (r *yearRule) part(name, value string) bool {
	switch name {
	case "FREQ", "WKST":
		return true
	case "INTERVAL":
		return value == "1"
	case "BYMONTH":
		n, err := strconv.Atoi(value)
		r.month = time.Month(n)
		return err == nil && n >= 1 && n <= 12
	case "BYMONTHDAY":
		return r.monthDays(value)
	case "BYDAY":
		return r.byDay(value)
	case "UNTIL":
		return r.readUntil(value)
	}
	return false
}

func (r *yearRule) monthDays(value string) bool {
	for text := range strings.SplitSeq(value, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 31 || len(r.days) == 31 {
			return false
		}
		r.days = append(r.days, n)
	}
	slices.SortFunc(r.days, cmp.Compare[int])
	return true
}

func (r *yearRule) byDay(value string) bool {
	if len(value) < 2 || !isWeekday(value[len(value)-2:]) {
		return false
	}
	count, day := value[:len(value)-2], value[len(value)-2:]
	r.weekday = time.Weekday(strings.Index("SUMOTUWETHFRSA", day) / 2)
	r.weekly = true
	if count == "" {
		return true
	}
	n, err := strconv.Atoi(count)
	r.nth = n
	return err == nil && n != 0 && n >= -4 && n <= 4 // not every month has five
}

func (r *yearRule) readUntil(value string) bool {
	for _, layout := range []string{utcFormat, localFormat} {
		if t, err := time.Parse(layout, value); err == nil {
			r.until, r.untilUTC = t, layout == utcFormat
			return true
		}
	}
	return false
}

// ended reports whether the rule no longer holds at that change.
func (r *yearRule) ended(wall, when time.Time) bool {
	if r.until.IsZero() {
		return false
	}
	if r.untilUTC {
		return when.After(r.until)
	}
	return wall.After(r.until)
}

// in returns the wall clock of the change in one year; the time of day is that
// of start.
func (r *yearRule) in(year int, start time.Time) time.Time {
	day := time.Date(year, r.month, r.earliest(year), 0, 0, 0, 0, time.UTC)
	if r.weekly {
		day = day.AddDate(0, 0, int(r.weekday-day.Weekday()+7)%7)
	}
	return day.Add(start.Sub(start.Truncate(24 * time.Hour)))
}

// earliest returns the first day of the month on which the change can be.
func (r *yearRule) earliest(year int) int {
	switch {
	case r.nth > 0:
		return 7*r.nth - 6
	case r.nth < 0:
		length := time.Date(year, r.month+1, 0, 0, 0, 0, 0, time.UTC).Day()
		return length + 7*r.nth + 1
	}
	return r.days[0]
}
