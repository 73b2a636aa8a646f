package ical_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	goical "github.com/emersion/go-ical"
	"github.com/google/go-cmp/cmp"
	"github.com/rcp-care/rcp/meetings/ical"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestGolden(t *testing.T) {
	t.Parallel()
	for _, o := range objects() {
		if !o.golden {
			continue
		}
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			got, err := o.encode()
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", o.name+".ics")
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	for _, o := range objects() {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			out, err := o.encode()
			if err != nil {
				t.Fatal(err)
			}
			checkLines(t, out)
			again, _ := o.encode()
			if !bytes.Equal(out, again) {
				t.Error("the same event gave other bytes")
			}
		})
	}
}

// errorer is testing.T or rapid.T.
type errorer interface{ Errorf(string, ...any) }

// checkLines asserts RFC 5545 section 3.1 on the raw bytes.
func checkLines(t errorer, out []byte) {
	if !bytes.HasSuffix(out, []byte("END:VCALENDAR\r\n")) {
		t.Errorf("ends with %q", out[max(0, len(out)-20):])
	}
	for line := range bytes.SplitSeq(bytes.TrimSuffix(out, []byte("\r\n")), []byte("\r\n")) {
		if len(line) == 0 || len(line) > 75 || bytes.ContainsAny(line, "\r\n") || !utf8.Valid(line) {
			t.Errorf("bad line of %d octets: %q", len(line), line)
		}
	}
	if bytes.Contains(out, []byte("RDATE")) {
		t.Errorf("RDATE is never written")
	}
}

func TestPoint1StableOpaqueUIDAndOrganizerMailbox(t *testing.T) {
	t.Parallel()
	for _, m := range []ical.Method{ical.Request, ical.Cancel, ical.Publish} {
		v := vevents(t, encode(t, m, meeting()))[0]
		if got := text(t, v, "UID"); got != meeting().UID {
			t.Errorf("%s: UID %q", m, got)
		}
		if got := v.Props.Get("ORGANIZER").Value; got != "mailto:reunions@rcp.example" {
			t.Errorf("%s: ORGANIZER %q", m, got)
		}
	}
}

func TestPoint2RequestIsComplete(t *testing.T) {
	t.Parallel()
	out := encode(t, ical.Request, meeting())
	v := vevents(t, out)[0]
	want := map[string]string{
		"DTSTAMP": "20261120T081530Z", "DTSTART": "20261126T143000", "DTEND": "20261126T160000",
		"SEQUENCE": "2", "STATUS": "CONFIRMED", "URL": meeting().URL, "CONFERENCE": meeting().URL,
	}
	for name, value := range want {
		if got := v.Props.Get(name); got == nil || got.Value != value {
			t.Errorf("%s = %v, want %q", name, got, value)
		}
	}
	for _, name := range []string{"DTSTART", "DTEND"} {
		if got := v.Props.Get(name).Params.Get("TZID"); got != "Europe/Paris" {
			t.Errorf("%s in %q", name, got)
		}
	}
	if got := text(t, v, "SUMMARY"); got != meeting().Summary {
		t.Errorf("SUMMARY %q: words were added or lost", got)
	}
	if got := text(t, v, "LOCATION"); got != meeting().Location {
		t.Errorf("LOCATION %q", got)
	}
	zones := components(t, out, "VTIMEZONE")
	if len(zones) != 1 || text(t, zones[0], "TZID") != "Europe/Paris" {
		t.Errorf("VTIMEZONE: %v", zones)
	}
}

func TestPoint2OneAttendeePerMember(t *testing.T) {
	t.Parallel()
	e := meeting()
	e.Attendees = append(e.Attendees, ical.Attendee{Name: "twice", Address: "HELENE@clinic.example"})
	params := func(cn, partstat, role, cutype, rsvp string) goical.Params {
		p := goical.Params{"CN": {cn}, "PARTSTAT": {partstat}, "ROLE": {role}, "CUTYPE": {cutype}}
		if rsvp != "" {
			p["RSVP"] = []string{rsvp}
		}
		return p
	}
	want := []goical.Prop{
		{Name: "ATTENDEE", Value: "mailto:helene@clinic.example", Params: params("Dr Hélène MARCHAND", "NEEDS-ACTION", "CHAIR", "INDIVIDUAL", "TRUE")},
		{Name: "ATTENDEE", Value: "mailto:k.benali@clinic.example", Params: params("Karim BENALI, infirmier", "ACCEPTED", "REQ-PARTICIPANT", "INDIVIDUAL", "TRUE")},
		{Name: "ATTENDEE", Value: "mailto:salle-laennec@clinic.example", Params: params("Salle Laennec", "NEEDS-ACTION", "NON-PARTICIPANT", "ROOM", "")},
	}
	if diff := cmp.Diff(want, vevents(t, encode(t, ical.Request, e))[0].Props.Values("ATTENDEE")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestPoint3MethodInBodyEqualsMIMEMethod(t *testing.T) {
	t.Parallel()
	for _, m := range []ical.Method{ical.Request, ical.Cancel, ical.Publish} {
		cal := decode(t, encode(t, m, meeting()))
		if want := "text/calendar; charset=UTF-8; method=" + cal.Props.Get("METHOD").Value; m.ContentType() != want {
			t.Errorf("%s: %q, body wants %q", m, m.ContentType(), want)
		}
	}
}

func TestPoint4RuleIsOneOutlookCanShow(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]string{
		"FREQ=WEEKLY;BYDAY=TH":                             "FREQ=WEEKLY;BYDAY=TH",
		"byday=mo,th;freq=weekly;interval=2;count=10":      "FREQ=WEEKLY;INTERVAL=2;COUNT=10;BYDAY=MO,TH",
		"FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20271231T130000Z":   "FREQ=MONTHLY;UNTIL=20271231T130000Z;BYDAY=-1FR",
		"FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2;WKST=MO":         "FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2;WKST=MO",
		"FREQ=MONTHLY;BYMONTHDAY=15":                       "FREQ=MONTHLY;BYMONTHDAY=15",
		"FREQ=DAILY;INTERVAL=3":                            "FREQ=DAILY;INTERVAL=3",
		"FREQ=YEARLY;BYMONTH=11;BYDAY=4TH":                 "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
		"FREQ=WEEKLY;UNTIL=20271231T130000Z\r\nATTENDEE:x": "",
		"FREQ=WEEKLY;UNTIL=20271231":                       "", // a date
		"FREQ=WEEKLY;UNTIL=20271231T130000":                "", // a local time
		"FREQ=WEEKLY;UNTIL=20271231T130000Z;COUNT=3":       "",
		"FREQ=HOURLY":                  "",
		"FREQ=WEEKLY;BYDAY=1MO":        "",
		"FREQ=WEEKLY;BYHOUR=9,14":      "",
		"FREQ=MONTHLY;BYDAY=1MO,3MO":   "",
		"FREQ=MONTHLY;BYMONTHDAY=1,15": "",
		"FREQ=MONTHLY;BYDAY=5MO":       "",
		"FREQ=MONTHLY":                 "",
		"FREQ=YEARLY;BYDAY=1MO":        "",
		"FREQ=DAILY;FREQ=WEEKLY":       "",
		"FREQ=WEEKLY;INTERVAL=0":       "",
		"FREQ=WEEKLY;INTERVAL=+2":      "",
		"RRULE:FREQ=WEEKLY":            "",
		"FREQ=WEEKLY;":                 "",
	} {
		e := meeting()
		e.Rule = rule
		out, err := ical.Encode(ical.Request, e)
		if want == "" {
			if !errors.Is(err, ical.ErrInvalid) {
				t.Errorf("%q: error %v", rule, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", rule, err)
			continue
		}
		if got := vevents(t, out)[0].Props.Get("RRULE").Value; got != want {
			t.Errorf("%q: RRULE %q, want %q", rule, got, want)
		}
	}
}

// The caller raises SEQUENCE and DTSTAMP; what it gives must arrive unchanged.
func TestPoint5SequenceAndStampAreTheCallers(t *testing.T) {
	t.Parallel()
	e := meeting()
	e.Sequence, e.Stamp = 17, time.Date(2026, 12, 1, 10, 0, 0, 999, time.FixedZone("", 3600))
	for _, m := range []ical.Method{ical.Request, ical.Cancel, ical.Publish} {
		v := vevents(t, encode(t, m, e))[0]
		if got := v.Props.Get("SEQUENCE").Value + " " + v.Props.Get("DTSTAMP").Value; got != "17 20261201T090000Z" {
			t.Errorf("%s: %s", m, got)
		}
	}
}

func TestPoints6And7SeriesCarriesOverridesAndExclusions(t *testing.T) {
	t.Parallel()
	all := vevents(t, encode(t, ical.Request, series()))
	if len(all) != 2 {
		t.Fatalf("%d events, want the master and its override", len(all))
	}
	if got := all[0].Props.Get("EXDATE"); got.Value != "20261224T143000" || got.Params.Get("TZID") != "Europe/Paris" {
		t.Errorf("EXDATE %+v", got)
	}
	id := all[1].Props.Get("RECURRENCE-ID")
	if id.Value != "20261203T143000" || id.Params.Get("TZID") != "Europe/Paris" || all[1].Props.Get("RRULE") != nil {
		t.Errorf("override %+v", all[1].Props)
	}
	if n := len(all[1].Props.Values("ATTENDEE")); n != 3 {
		t.Errorf("override invites %d", n)
	}
}

func TestCancelIsAlwaysCancelled(t *testing.T) {
	t.Parallel()
	for _, status := range []ical.Status{"", ical.Confirmed, ical.Tentative, ical.Cancelled} {
		e := series()
		e.Status = status
		all := vevents(t, encode(t, ical.Cancel, e))
		if len(all) != 1 || text(t, all[0], "STATUS") != "CANCELLED" {
			t.Errorf("%q: %d events, %v", status, len(all), all[0].Props.Get("STATUS"))
		}
		for _, a := range all[0].Props.Values("ATTENDEE") {
			if a.Params.Get("RSVP") != "" {
				t.Errorf("a cancellation asks for an answer: %v", a)
			}
		}
	}
}

func TestFeedHoldsNoAttendee(t *testing.T) {
	t.Parallel()
	out, err := ical.EncodeFeed(ical.Feed{Refresh: time.Hour, Events: []ical.Event{series()}})
	if err != nil {
		t.Fatal(err)
	}
	if cal := decode(t, out); cal.Props.Get("METHOD").Value != "PUBLISH" || cal.Props.Get("REFRESH-INTERVAL").Value != "PT60M" {
		t.Errorf("%v", cal.Props)
	}
	if bytes.Contains(out, []byte("clinic.example")) {
		t.Errorf("an attendee's address is in the feed:\n%s", out)
	}
}

func TestEmptyFeedIsACalendarWithAComponent(t *testing.T) {
	t.Parallel()
	out, err := ical.EncodeFeed(ical.Feed{Zone: "Europe/Paris"})
	if err != nil {
		t.Fatal(err)
	}
	if cal := decode(t, out); len(cal.Children) != 1 || cal.Children[0].Name != "VTIMEZONE" || cal.Props.Get("METHOD") != nil {
		t.Errorf("%s", out)
	}
	if _, err := ical.EncodeFeed(ical.Feed{Zone: "Mars/Base"}); !errors.Is(err, ical.ErrInvalid) {
		t.Errorf("unknown zone: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*ical.Event){
		"uid is":               func(e *ical.Event) { e.UID = "a b" },
		"sequence is":          func(e *ical.Event) { e.Sequence = -1 },
		"stamp is":             func(e *ical.Event) { e.Stamp = time.Time{} },
		"start is":             func(e *ical.Event) { e.Start = time.Time{} },
		"end is not after":     func(e *ical.Event) { e.End = e.Start },
		"zone is":              func(e *ical.Event) { e.Zone = "Local" },
		"status contradicts":   func(e *ical.Event) { e.Status = ical.Cancelled },
		"status is":            func(e *ical.Event) { e.Status = "MAYBE\r\n" },
		"summary is":           func(e *ical.Event) { e.Summary = "\u202E\r\n" },
		"url is":               func(e *ical.Event) { e.URL = "javascript:alert(1)" },
		"organizer has":        func(e *ical.Event) { e.Organizer.Address = "a@b\r\nX:1" },
		"attendees are":        func(e *ical.Event) { e.Attendees = nil },
		"attendee 2 has no":    func(e *ical.Event) { e.Attendees[1].Address = "Karim <k@clinic.example>" },
		"attendee 1 has an un": func(e *ical.Event) { e.Attendees[0].PartStat = "X:Y" },
		"rule is missing":      func(e *ical.Event) { e.Excluded = []time.Time{e.Start} },
		"rule is set":          func(e *ical.Event) { e.Rule, e.RecurrenceID = "FREQ=DAILY", e.Start },
		"override has no":      func(e *ical.Event) { e.Rule, e.Overrides = "FREQ=DAILY", []ical.Event{meeting()} },
		"start is in the repeated": func(e *ical.Event) {
			e.Rule, e.Start = "FREQ=DAILY", time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC)
		},
	} {
		e := meeting()
		spoil(&e)
		_, err := ical.Encode(ical.Request, e)
		if !errors.Is(err, ical.ErrInvalid) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
		for _, private := range []string{"clinic", "Karim", "alert"} {
			if err != nil && strings.Contains(err.Error(), private) {
				t.Errorf("%s: the error repeats content: %v", name, err)
			}
		}
	}
	if _, err := ical.Encode("REPLY", meeting()); !errors.Is(err, ical.ErrInvalid) {
		t.Errorf("REPLY: %v", err)
	}
}

func decode(t testing.TB, out []byte) *goical.Calendar {
	t.Helper()
	cal, err := goical.NewDecoder(bytes.NewReader(out)).Decode()
	if err != nil {
		t.Fatalf("decode: %v\n%s", err, out)
	}
	return cal
}

func components(t testing.TB, out []byte, name string) []*goical.Component {
	t.Helper()
	var found []*goical.Component
	for _, c := range decode(t, out).Children {
		if c.Name == name {
			found = append(found, c)
		}
	}
	return found
}

func vevents(t testing.TB, out []byte) []*goical.Component {
	t.Helper()
	found := components(t, out, "VEVENT")
	if len(found) == 0 {
		t.Fatalf("no event in:\n%s", out)
	}
	return found
}

func text(t testing.TB, c *goical.Component, name string) string {
	t.Helper()
	s, err := c.Props.Text(name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return s
}
