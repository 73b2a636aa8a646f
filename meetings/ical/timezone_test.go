package ical_test

import (
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	goical "github.com/emersion/go-ical"
	"github.com/rcp-care/rcp/meetings/ical"
	"github.com/teambition/rrule-go"
	"pgregory.net/rapid"
)

func zones() []string {
	return []string{
		// France, on every ocean.
		"Europe/Paris", "Indian/Reunion", "Indian/Mayotte", "America/Martinique", "America/Guadeloupe",
		"America/Cayenne", "America/Miquelon", "Pacific/Noumea", "Pacific/Tahiti", "Pacific/Marquesas", "Pacific/Wallis",
		// Yearly rules of several kinds.
		"Europe/London", "Europe/Dublin", "Europe/Athens", "America/New_York", "America/Los_Angeles",
		"America/St_Johns", "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Auckland", "Antarctica/Troll",
		// No rule that fits, or a change of law since 2020.
		"Africa/Casablanca", "Africa/Cairo", "America/Santiago", "America/Nuuk", "Asia/Jerusalem", "Asia/Beirut",
		"America/Mexico_City", "America/Sao_Paulo", "Asia/Amman", "Europe/Volgograd", "Africa/Juba",
		// Fixed.
		"Asia/Tokyo", "Asia/Kolkata", "Asia/Kathmandu", "Etc/GMT+5",
	}
}

// zoneOver returns the VTIMEZONE of an object that spans 2020 to 2040.
func zoneOver(t fatal, zone string) *goical.Component {
	e := in(zone)
	e.Start = time.Date(2020, 1, 1, 9, 0, 0, 0, time.UTC)
	e.End = e.Start.Add(time.Hour)
	e.Rule = "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;UNTIL=20401231T235959Z"
	out, err := ical.Encode(ical.Request, e)
	if err != nil {
		t.Fatalf("%s: %v", zone, err)
	}
	cal, err := goical.NewDecoder(strings.NewReader(string(out))).Decode()
	if err != nil || cal.Children[0].Name != "VTIMEZONE" {
		t.Fatalf("%s: no VTIMEZONE first (%v)", zone, err)
	}
	return cal.Children[0]
}

func TestTimezoneTellsGoOffsets(t *testing.T) {
	t.Parallel()
	known := map[string][]onset{}
	for _, zone := range zones() {
		known[zone] = onsets(t, zoneOver(t, zone))
	}
	first := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	last := time.Date(2040, 12, 31, 23, 59, 59, 0, time.UTC).Unix()
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(first, last).Draw(t, "at"), 0)
		for _, zone := range zones() {
			checkOffset(t, zone, known[zone], at)
		}
	})
}

// Around every change, to the second, where errors hide.
func TestTimezoneTellsGoOffsetsAtEveryChange(t *testing.T) {
	t.Parallel()
	for _, zone := range zones() {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			loc := load(t, zone)
			known := onsets(t, zoneOver(t, zone))
			for at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() <= 2040; at = at.Add(6 * time.Hour) {
				if change := changeWithin(loc, at, 6*time.Hour); !change.IsZero() {
					checkOffset(t, zone, known, change.Add(-time.Second))
					checkOffset(t, zone, known, change)
				}
			}
			checkOffset(t, zone, known, time.Date(2040, 12, 31, 0, 0, 0, 0, time.UTC))
		})
	}
}

// changeWithin finds a change of offset by bisection, without ZoneBounds; zero
// when there is none.
func changeWithin(loc *time.Location, at time.Time, span time.Duration) time.Time {
	_, before := at.In(loc).Zone()
	if _, after := at.Add(span).In(loc).Zone(); before == after {
		return time.Time{}
	}
	n := sort.Search(int(span/time.Second), func(i int) bool {
		_, now := at.Add(time.Duration(i) * time.Second).In(loc).Zone()
		return now != before
	})
	return at.Add(time.Duration(n) * time.Second)
}

func TestTimezoneOfTheDaylightWeeks2026(t *testing.T) {
	t.Parallel()
	for _, week := range []struct {
		change string // the Sunday
		before string // 09:00 on the Saturday, in UTC
		after  string // 09:00 on the Monday, in UTC
	}{
		{"2026-03-29", "2026-03-28T08:00:00Z", "2026-03-30T07:00:00Z"},
		{"2026-10-25", "2026-10-24T07:00:00Z", "2026-10-26T08:00:00Z"},
	} {
		for _, at := range []string{week.before, week.after} {
			e := meeting()
			e.Start = instant(t, at)
			e.End = e.Start.Add(time.Hour)
			out := encode(t, ical.Request, e)
			v := vevents(t, out)[0]
			if got := v.Props.Get("DTSTART").Value; !strings.HasSuffix(got, "T090000") {
				t.Errorf("%s: DTSTART %s, want 09:00", week.change, got)
			}
			checkOffset(t, "Europe/Paris", onsets(t, components(t, out, "VTIMEZONE")[0]), e.Start)
			if got := readTime(t, out, "DTSTART"); !got.Equal(e.Start) {
				t.Errorf("%s reads as %s", e.Start, got)
			}
		}
	}
}

// 02:30 comes twice on 25 October 2026; each passing must read as itself.
func TestRepeatedHourKeepsItsInstant(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]string{
		"2026-10-25T00:30:00Z": "20261025T023000",
		"2026-10-25T01:30:00Z": "20261025T013000Z",
		"2026-10-25T02:00:00Z": "20261025T030000",
	} {
		e := meeting()
		e.Start = instant(t, at)
		e.End = e.Start.Add(90 * time.Minute)
		out := encode(t, ical.Request, e)
		if got := vevents(t, out)[0].Props.Get("DTSTART").Value; got != want {
			t.Errorf("%s: DTSTART %s, want %s", at, got, want)
		}
		if got := readTime(t, out, "DTEND"); !got.Equal(e.End) {
			t.Errorf("%s: DTEND reads as %s", at, got)
		}
	}
}

func TestRepeatedHourKeepsTheInstantOfAnInstance(t *testing.T) {
	t.Parallel()
	e := meeting()
	e.RecurrenceID = instant(t, "2026-10-25T01:30:00Z")
	id := vevents(t, encode(t, ical.Cancel, e))[0].Props.Get("RECURRENCE-ID")
	if id.Value != "20261025T013000Z" || id.Params.Get("TZID") != "" {
		t.Errorf("RECURRENCE-ID %+v", id)
	}
}

func TestTimezoneShapes(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string]string{
		"Europe/Paris":       "STANDARD FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU +0200 +0100|DAYLIGHT FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU +0100 +0200",
		"Europe/Dublin":      "STANDARD FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU +0100 +0000|DAYLIGHT FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU +0000 +0100",
		"America/New_York":   "STANDARD FREQ=YEARLY;BYMONTH=11;BYDAY=1SU -0400 -0500|DAYLIGHT FREQ=YEARLY;BYMONTH=3;BYDAY=2SU -0500 -0400",
		"Asia/Tokyo":         "STANDARD  +0900 +0900",
		"Indian/Reunion":     "STANDARD  +0400 +0400",
		"America/Martinique": "STANDARD  -0400 -0400",
	} {
		if got := shape(in(zone), t); got != want {
			t.Errorf("%s:\n got %s\nwant %s", zone, got, want)
		}
	}
	if got := shape(in("Africa/Casablanca"), t); strings.Contains(got, "FREQ") || strings.Count(got, "|") < 4 {
		t.Errorf("Africa/Casablanca has no yearly rule: %s", got)
	}
	for _, utc := range []string{"", "UTC", "Etc/UTC"} {
		out := encode(t, ical.Request, in(utc))
		if len(components(t, out, "VTIMEZONE")) != 0 || vevents(t, out)[0].Props.Get("DTSTART").Value != "20261126T133000Z" {
			t.Errorf("%q:\n%s", utc, out)
		}
	}
}

func shape(e ical.Event, t *testing.T) string {
	var parts []string
	for _, c := range components(t, encode(t, ical.Request, e), "VTIMEZONE")[0].Children {
		rule := ""
		if p := c.Props.Get("RRULE"); p != nil {
			rule = p.Value
		}
		parts = append(parts, c.Name+" "+rule+" "+c.Props.Get("TZOFFSETFROM").Value+" "+c.Props.Get("TZOFFSETTO").Value)
	}
	return strings.Join(parts, "|")
}

// onset is one change as a reader of the VTIMEZONE understands it.
type onset struct {
	at     time.Time
	offset int
}

// onsets expands a VTIMEZONE up to 2042 with rrule-go, independently of how it
// was made.
func onsets(t fatal, zone *goical.Component) []onset {
	var out []onset
	for _, c := range zone.Children {
		from, to := seconds(t, c.Props.Get("TZOFFSETFROM").Value), seconds(t, c.Props.Get("TZOFFSETTO").Value)
		start, err := time.Parse("20060102T150405", c.Props.Get("DTSTART").Value)
		if err != nil {
			t.Fatalf("DTSTART: %v", err)
		}
		for _, wall := range expand(t, c, start) {
			out = append(out, onset{wall.Add(-time.Duration(from) * time.Second), to})
		}
	}
	return out
}

func expand(t fatal, c *goical.Component, start time.Time) []time.Time {
	p := c.Props.Get("RRULE")
	if p == nil {
		return []time.Time{start}
	}
	option, err := rrule.StrToROption(p.Value)
	if err != nil {
		t.Fatalf("RRULE: %v", err)
	}
	option.Dtstart, option.Until = start, time.Date(2042, 1, 1, 0, 0, 0, 0, time.UTC)
	r, err := rrule.NewRRule(*option)
	if err != nil {
		t.Fatalf("RRULE: %v", err)
	}
	all := r.All()
	if len(all) == 0 || !all[0].Equal(start) {
		t.Fatalf("DTSTART %s is not of its rule %s", start, p.Value)
	}
	return all
}

func seconds(t fatal, s string) int {
	n, err := strconv.Atoi(s[1:])
	if err != nil || len(s) != 5 {
		t.Fatalf("offset %q", s)
	}
	n = n/100*3600 + n%100*60
	if s[0] == '-' {
		return -n
	}
	return n
}

// checkOffset compares the offset in force at an instant with Go's.
func checkOffset(t interface {
	errorer
	fatal
}, zone string, known []onset, at time.Time,
) {
	var latest *onset
	for i, o := range known {
		if !o.at.After(at) && (latest == nil || o.at.After(latest.at)) {
			latest = &known[i]
		}
	}
	if latest == nil {
		t.Fatalf("%s: nothing in force at %s", zone, at.UTC())
		return
	}
	if _, want := at.In(load(t, zone)).Zone(); latest.offset != want {
		t.Errorf("%s at %s: offset %d, Go says %d", zone, at.UTC(), latest.offset, want)
	}
}

// readTime reads a date the way a client does: by the object's own VTIMEZONE,
// the first passing of a repeated hour being meant.
func readTime(t *testing.T, out []byte, name string) time.Time {
	t.Helper()
	p := vevents(t, out)[0].Props.Get(name)
	if at, err := time.Parse("20060102T150405Z", p.Value); err == nil {
		return at
	}
	wall, err := time.Parse("20060102T150405", p.Value)
	if err != nil {
		t.Fatal(err)
	}
	known := onsets(t, components(t, out, "VTIMEZONE")[0])
	for _, shift := range []time.Duration{2 * time.Hour, time.Hour} { // Paris, summer first
		at := wall.Add(-shift)
		var latest onset
		for _, o := range known {
			if !o.at.After(at) && o.at.After(latest.at) {
				latest = o
			}
		}
		if time.Duration(latest.offset)*time.Second == shift {
			return at
		}
	}
	t.Fatalf("%s never happens", p.Value)
	return time.Time{}
}

func load(t fatal, zone string) *time.Location {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return loc
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
