package ical_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/meetings/ical"
)

// hostileObject is something made to harm, and how it must end: refused for a
// reason, or read ("").
type hostileObject struct {
	name string
	raw  string
	want ical.Reason
}

func hostileObjects() []hostileObject {
	const mega = 1 << 20
	many := func(n int, line string) string {
		return body("REPLY", strings.TrimSuffix(strings.Repeat(line+"\r\n", n), "\r\n"))
	}
	fill := func(line string) string { return many((mega-400)/(len(line)+2), line) }
	out := []hostileObject{
		// What go-ical panics on, or is quadratic or recursive in.
		{"attendee without colon", body("REPLY", "ATTENDEE;CN=x"), ical.Malformed},
		{"summary without colon", body("REPLY", "SUMMARY;CN=x", helene), ""},
		{"text after quotes", body("REPLY", `ATTENDEE;CN="a"b:`), ""},
		{"256 KiB of parameter", body("REPLY", "ATTENDEE;CN="+strings.Repeat("x", 256<<10)+":mailto:a@x.example"), ical.TooLong},
		{"256 KiB of quoted parameter", body("REPLY", `ATTENDEE;CN="`+strings.Repeat("x", 256<<10)+`":mailto:a@x.example`), ical.TooLong},
		{"256 KiB of parameters", body("REPLY", "ATTENDEE"+strings.Repeat(";A=B", 64<<10)+":mailto:a@x.example"), ical.TooLong},
		{"16 KiB of parameters", body("REPLY", "ATTENDEE"+strings.Repeat(";A=B", 4<<10-20)+":mailto:a@x.example"), ical.Malformed},
		{"24 MB of nested BEGIN", "BEGIN:VCALENDAR\r\n" + strings.Repeat("BEGIN:VEVENT\r\n", 24<<20/14), ical.TooLarge},
		{"a million nested BEGIN", strings.Repeat("BEGIN:A\n", 1_000_000), ical.TooLarge},
		{"1 MiB of nested BEGIN", "BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:A\n", 131000), ical.TooDeep},
		{"nested calendars", strings.Repeat("BEGIN:VCALENDAR\n", 9), ical.TooDeep},
		{"depth of 9", "BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:A\n", 8) + strings.Repeat("END:A\n", 8) + "END:VCALENDAR\n", ical.TooDeep},
		// Size.
		{"one octet too many", body("REPLY", helene) + strings.Repeat("\n", mega), ical.TooLarge},
		{"1 MiB in one line", strings.Repeat("A", mega), ical.NoCalendar},
		{"1 MiB in one name", body("REPLY", strings.Repeat("A", mega-500), helene), ""},
		{"1 MiB of UID", body("REPLY", "UID:"+strings.Repeat("A", mega-500)), ical.TooLong},
		{"16 KiB of UID", strings.Replace(body("REPLY"), "UID:", "UID:"+strings.Repeat("A", 16000), 1), ical.NoUID},
		{"1 MiB of UID in folds", body("REPLY", "UID:A"+strings.Repeat("\r\n A", mega/4-100)), ical.TooLong},
		{"1 MiB of empty folds", body("REPLY", "COMMENT:A"+strings.Repeat("\r\n ", mega/3-100)), ""},
		{"1 MiB of empty lines", strings.Repeat("\n", mega), ical.NoCalendar},
		{"1 MiB of blanks", strings.Repeat(" \n", mega/2), ical.NoCalendar},
		{"1 MiB of NUL", strings.Repeat("\x00", mega), ical.BadEncoding},
		{"1 MiB of comment", body("REPLY", "COMMENT:"+strings.Repeat("\\n", mega/2-300)), ical.TooLong},
		// Number.
		{"100000 attendees", many(100_000, "ATTENDEE:a@b"), ical.TooLarge},
		{"94000 attendees", many(94_000, "ATTENDEE:"), ical.TooMany},
		{"attendees of 100 octets", fill("ATTENDEE;PARTSTAT=ACCEPTED;CN=0123456789012345678901234567890123456789:mailto:a@x.example"), ical.TooMany},
		{"attendees of 1 KiB", fill("ATTENDEE;CN=" + strings.Repeat("x", 1000) + ":mailto:a@x.example"), ""},
		{"attendees of 12 KiB", fill("ATTENDEE" + strings.Repeat(";CN="+strings.Repeat("x", 1000), 12) + ":mailto:a@x.example"), ""},
		{"comments", fill("COMMENT:" + strings.Repeat("é", 50)), ical.TooMany},
		{"empty properties", fill("A:"), ical.TooMany},
		{"alarms", fill("BEGIN:VALARM\r\nEND:VALARM"), ical.TooMany},
		{"events", strings.Replace(body("REPLY"), "END:VCALENDAR", strings.Repeat(event(), 12000)+"END:VCALENDAR", 1), ical.TooMany},
		{"quotes", body("REPLY", "ATTENDEE;CN="+strings.Repeat(`"`, 16000)+":mailto:a@x.example"), ""},
		{"odd quotes", body("REPLY", "ATTENDEE;CN="+strings.Repeat(`"`, 16001)+":mailto:a@x.example"), ical.Malformed},
		{"quoted commas", body("REPLY", "ATTENDEE;DELEGATED-TO="+strings.Repeat(`"",`, 5000)+":mailto:a@x.example"), ""},
		{"backslashes", body("REPLY", "COMMENT:"+strings.Repeat(`\`, 16001)), ""},
		{"carets", body("REPLY", `ATTENDEE;CN="`+strings.Repeat("^", 1000)+`":mailto:a@x.example`), ""},
		// Text that is none.
		{"UTF-16 little", "\xFF\xFEB\x00E\x00G\x00I\x00N\x00", ical.BadEncoding},
		{"UTF-16 big", "\xFE\xFF\x00B\x00E\x00G\x00I\x00N", ical.BadEncoding},
		{"invalid UTF-8", body("\xC3\x28", "COMMENT:\xF0\x28\x8C\x28", helene), ""},
		{"invalid names", body("REPLY", "\xFF\xFE:x", "ATT\xC3\xA9NDEE:x", helene), ""},
		{"bidirectional text", body("REPLY", "SUMMARY:a\u202Eb", "COMMENT:\u2066x"), ""},
		{"binary", strings.Repeat("\x01\x02\xFF\xFE\x7F\r\n", 1000), ical.NoCalendar},
		// Numbers and times.
		{"year 999999", body("REPLY", "DTSTART:9999991231T235959Z", "DTEND:-00011231T235959Z"), ""},
		{"year 0", body("REPLY", "DTSTART:00000101T000000Z", "RECURRENCE-ID:00000101T000000"), ""},
		{"endless duration", body("REPLY", "DTSTART:20261126T133000Z", "DURATION:P"+strings.Repeat("9", 15000)+"W"), ""},
		{"negative sequence", body("REPLY", "SEQUENCE:-2147483649"), ical.Malformed},
		{"sequence of 16 KiB", body("REPLY", "SEQUENCE:"+strings.Repeat("9", 16000)), ical.Malformed},
		{"secondly rule", body("REPLY", "RRULE:FREQ=SECONDLY;INTERVAL=1;COUNT=2147483647;BYSECOND="+strings.Repeat("0,", 7000), helene), ""},
		{"rules", many(4900, "RRULE:FREQ=SECONDLY"), ""},
		{"exception dates", many(60, "EXDATE:"+strings.Repeat("20261126T133000Z,", 900)), ""},
	}
	return append(out, hostileZones()...)
}

func hostileZones() []hostileObject {
	var names, dates strings.Builder
	for i := range 1900 {
		fmt.Fprintf(&names, "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=/a/b/c/d/Zone/%d:20261126T133000\r\nEND:VEVENT\r\n", i)
	}
	for range 4000 {
		fmt.Fprintf(&dates, "RDATE:%s\r\n", strings.TrimSuffix(strings.Repeat("20261126T133000,", 13), ","))
	}
	in := func(zone string) string {
		raw := body("REPLY", "RECURRENCE-ID;TZID=Z:20261126T133000", helene)
		return strings.Replace(raw, "BEGIN:VEVENT", zone+"BEGIN:VEVENT", 1)
	}
	rules := strings.Repeat(observance("STANDARD", "16010101T000000", "+0100", "+0100", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28;UNTIL=16020101T000000Z"), 32)
	costly := strings.Replace(in(zone("Z", rules)), "END:VCALENDAR", strings.Repeat(event("DTSTART;TZID=Z:20261126T133000", "RECURRENCE-ID;TZID=Z:20261126T133000"), 1000)+"END:VCALENDAR", 1)
	return []hostileObject{
		{"a costly zone asked often", costly, ""},
		{"a thousand zone names", "BEGIN:VCALENDAR\r\n" + names.String() + "END:VCALENDAR\r\n", ical.TooMany},
		{"a million zone dates", in(zone("Z", observance("STANDARD", "16010101T000000", "+0100", "+0100", strings.TrimSuffix(dates.String(), "\r\n")))), ""},
		{"endless zone name", body("REPLY", "DTSTART;TZID="+strings.Repeat("/", 1000)+":20261126T133000"), ""},
		{"zone names up the tree", body("REPLY", "DTSTART;TZID=../../../../etc/passwd:20261126T133000"), ""},
		{"offset 99:99", in(zone("Z", observance("STANDARD", "16010101T000000", "+9999", "-9999"))), ""},
		{"zone within zone", in(zone("Z", zone("Z", paris()...))), ""},
		{"secondly zone", in(zone("Z", observance("STANDARD", "16010101T000000", "+0100", "+0200", "RRULE:FREQ=SECONDLY;BYDAY=1MO"))), ""},
		{"many observances", in(zone("Z", strings.Repeat(observance("STANDARD", "16010101T000000", "+0100", "+0100", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31"), 900))), ""},
	}
}

// What hostile objects cost is counted in what reading them allocates: time is
// the machine's. The test is not parallel, so that nothing else allocates.
func TestHostileObjectsEndSoonAndCheaply(t *testing.T) {
	const maxOctets, maxAllocations = 700 << 20, 2_000_000
	seen := hostileObjects()
	if len(seen) < 50 {
		t.Fatalf("only %d hostile objects", len(seen))
	}
	for _, h := range seen {
		var before, after runtime.MemStats
		raw := []byte(h.raw)
		runtime.ReadMemStats(&before)
		got, err := ical.Read(raw)
		runtime.ReadMemStats(&after)
		if ical.ReasonOf(err) != h.want || (err == nil) != (h.want == "") {
			t.Errorf("%s: %d items, %v, want %q", h.name, len(got.Items), err, h.want)
		}
		octets, allocations := after.TotalAlloc-before.TotalAlloc, after.Mallocs-before.Mallocs
		if octets > maxOctets || allocations > maxAllocations {
			t.Errorf("%s: %d MiB in %d allocations", h.name, octets>>20, allocations)
		}
		t.Logf("%-30s %8d KiB %8d allocations", h.name, octets>>10, allocations)
	}
}
