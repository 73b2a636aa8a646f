package ical_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/meetings/ical"
	"pgregory.net/rapid"
)

// zone writes a VTIMEZONE of these observances.
func zone(name string, observances ...string) string {
	return "BEGIN:VTIMEZONE\r\nTZID:" + name + "\r\n" + strings.Join(observances, "") + "END:VTIMEZONE\r\n"
}

func observance(kind, start, from, to string, more ...string) string {
	return "BEGIN:" + kind + "\r\nDTSTART:" + start + "\r\nTZOFFSETFROM:" + from + "\r\nTZOFFSETTO:" + to + "\r\n" +
		strings.Join(append(more, "END:"+kind), "\r\n") + "\r\n"
}

// startIn reads DTSTART as the wall clock of a zone.
func startIn(t testing.TB, tzid, wall string, zones ...string) ical.Item {
	t.Helper()
	raw := body("REPLY", helene, fmt.Sprintf("DTSTART;TZID=%q:%s", tzid, wall))
	return readOne(t, strings.Replace(raw, "BEGIN:VEVENT", strings.Join(zones, "")+"BEGIN:VEVENT", 1))
}

func paris() []string {
	return []string{
		observance("STANDARD", "16010101T030000", "+0200", "+0100", "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10"),
		observance("DAYLIGHT", "16010101T020000", "+0100", "+0200", "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3"),
	}
}

func TestPoint12ZonesOfEveryName(t *testing.T) {
	t.Parallel()
	wrong := observance("STANDARD", "16010101T000000", "-1100", "-1100")
	for tzid, want := range map[string]time.Time{
		"Europe/Paris":          utc(2026, 7, 1, 8, 0),
		"UTC":                   utc(2026, 7, 1, 10, 0),
		"GMT":                   utc(2026, 7, 1, 10, 0),
		"Etc/GMT-3":             utc(2026, 7, 1, 7, 0),
		"Indian/Reunion":        utc(2026, 7, 1, 6, 0),
		"Romance Standard Time": utc(2026, 7, 1, 8, 0),
		"romance standard time": utc(2026, 7, 1, 8, 0),
		"(UTC+01:00) Brussels, Copenhagen, Madrid, Paris":        utc(2026, 7, 1, 8, 0),
		"(GMT+01:00) Brussels, Copenhagen, Madrid, Paris":        utc(2026, 7, 1, 8, 0),
		"Sarajevo, Skopje, Warsaw, Zagreb":                       utc(2026, 7, 1, 8, 0),
		"(UTC) Coordinated Universal Time":                       utc(2026, 7, 1, 10, 0),
		"tzone://Microsoft/Utc":                                  utc(2026, 7, 1, 10, 0),
		"/freeassociation.sourceforge.net/Tzfile/Europe/Paris":   utc(2026, 7, 1, 8, 0),
		"/freeassociation.sourceforge.net/Europe/Paris":          utc(2026, 7, 1, 8, 0),
		"/mozilla.org/20050126_1/America/Argentina/Buenos_Aires": utc(2026, 7, 1, 13, 0),
		"/softwarestudio.org/Olson_20011030_5/UTC":               utc(2026, 7, 1, 10, 0),
		"/citadel.org/20210210_1/America/North_Dakota/New_Salem": utc(2026, 7, 1, 15, 0),
		"Mountain Standard Time (Mexico)":                        utc(2026, 7, 1, 17, 0),
		"(UTC-05:00) Eastern Time (US & Canada)":                 utc(2026, 7, 1, 14, 0),
	} {
		for _, zones := range []string{"", zone(strings.ReplaceAll(tzid, ",", "\\,"), wrong)} {
			item := startIn(t, tzid, "20260701T100000", zones)
			if !item.Start.Equal(want) || item.Uncertain != "" {
				t.Errorf("%s (VTIMEZONE: %t): %s, uncertain %q, want %s", tzid, zones != "", item.Start, item.Uncertain, want)
			}
		}
	}
}

// EST means New York to some and a fixed clock to IANA: what came along decides.
func TestPoint12AbbreviationsMeanWhatCameAlong(t *testing.T) {
	t.Parallel()
	est := zone("EST", observance("STANDARD", "16010101T000000", "-0400", "-0400"))
	if item := startIn(t, "EST", "20260701T100000", est); !item.Start.Equal(utc(2026, 7, 1, 14, 0)) {
		t.Errorf("with a VTIMEZONE: %s", item.Start)
	}
	if item := startIn(t, "EST", "20260701T100000"); !item.Start.Equal(utc(2026, 7, 1, 15, 0)) {
		t.Errorf("without: %s", item.Start)
	}
}

func TestPoint12EmbeddedZones(t *testing.T) {
	t.Parallel()
	const custom = "Customized Time Zone"
	single := []string{
		observance("DAYLIGHT", "20260329T020000", "+0100", "+0200", "RDATE:20270328T020000,20280326T020000"),
		observance("STANDARD", "20261025T030000", "+0200", "+0100", "RDATE:20271031T030000"),
	}
	sunday := []string{
		observance("DAYLIGHT", "20070311T020000", "-0500", "-0400", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=SU;BYMONTHDAY=8,9,10,11,12,13,14"),
		observance("STANDARD", "20071104T020000", "-0400", "-0500", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"),
	}
	ended := []string{
		observance("STANDARD", "20001029T030000", "+0200", "+0100", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20201025T010000Z"),
		observance("DAYLIGHT", "20000326T020000", "+0100", "+0200", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;UNTIL=20210328T010000Z"),
	}
	for _, c := range []struct {
		name, wall string
		zone       []string
		want       time.Time // zero: uncertain
	}{
		{"winter", "20260101T100000", paris(), utc(2026, 1, 1, 9, 0)},
		{"summer", "20260701T100000", paris(), utc(2026, 7, 1, 8, 0)},
		{"spring, before", "20260329T013000", paris(), utc(2026, 3, 29, 0, 30)},
		{"spring, skipped hour", "20260329T023000", paris(), utc(2026, 3, 29, 1, 30)},
		{"spring, after", "20260329T033000", paris(), utc(2026, 3, 29, 1, 30)},
		{"autumn, before", "20261025T013000", paris(), utc(2026, 10, 24, 23, 30)},
		{"autumn, repeated hour", "20261025T023000", paris(), utc(2026, 10, 25, 0, 30)},
		{"autumn, after", "20261025T033000", paris(), utc(2026, 10, 25, 2, 30)},
		{"by dates, summer", "20270701T100000", single, utc(2027, 7, 1, 8, 0)},
		{"by dates, winter", "20271201T100000", single, utc(2027, 12, 1, 9, 0)},
		{"before its first change", "20260101T100000", single, time.Time{}},
		{"day after its first change", "20260329T100000", single, utc(2026, 3, 29, 8, 0)},
		{"weekday among days", "20260308T120000", sunday, utc(2026, 3, 8, 16, 0)},
		{"the day before it", "20260307T120000", sunday, utc(2026, 3, 7, 17, 0)},
		{"rules that ended", "20260101T100000", ended, utc(2026, 1, 1, 8, 0)},
		{"seconds", "20260101T100000", []string{observance("STANDARD", "16010101T000000", "+001000", "+000921")}, time.Date(2026, 1, 1, 9, 50, 39, 0, time.UTC)},
		{"no observance", "20260101T100000", nil, time.Time{}},
		{"offset 99:99", "20260101T100000", []string{observance("STANDARD", "16010101T000000", "+9999", "+9999")}, time.Time{}},
		{"offset of words", "20260101T100000", []string{observance("STANDARD", "16010101T000000", "+0100", "+1h00")}, time.Time{}},
		{"no offset", "20260101T100000", []string{"BEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nEND:STANDARD\r\n"}, time.Time{}},
		{"weekly rule", "20260101T100000", []string{observance("STANDARD", "16010101T000000", "+0100", "+0200", "RRULE:FREQ=WEEKLY")}, time.Time{}},
		{"secondly bomb", "20260101T100000", []string{observance("STANDARD", "16010101T000000", "+0100", "+0200", "RRULE:FREQ=YEARLY;BYSECOND=0,1,2")}, time.Time{}},
		{"every Sunday", "20260101T100000", []string{observance("STANDARD", "16010101T000000", "+0100", "+0200", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=SU")}, time.Time{}},
		{"Sunday of the year", "20260101T100000", []string{observance("STANDARD", "16010101T000000", "+0100", "+0200", "RRULE:FREQ=YEARLY;BYDAY=-1SU")}, time.Time{}},
		{"two rules", "20260101T100000", []string{observance("STANDARD", "16010101T000000", "+0100", "+0200", "RRULE:FREQ=YEARLY", "RRULE:FREQ=YEARLY;BYMONTH=3")}, time.Time{}},
		{"broken rule line", "20260101T100000", []string{observance("STANDARD", "16010101T000000", "+0100", "+0200", "RRULE")}, time.Time{}},
		{"at odds", "20260101T100000", []string{observance("STANDARD", "16010101T000000", "+0100", "+0200"), observance("DAYLIGHT", "16010101T000000", "+0100", "+0300")}, time.Time{}},
		{"13th month", "20260101T100000", []string{observance("STANDARD", "16010101T000000", "+0100", "+0200", "RRULE:FREQ=YEARLY;BYMONTH=13;BYDAY=1SU")}, time.Time{}},
		{"31 February", "20260101T100000", []string{observance("STANDARD", "16010101T000000", "+0100", "+0200"), observance("DAYLIGHT", "16010101T000000", "+0200", "+0300", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31")}, time.Time{}},
		{"fifth Sunday", "20260101T100000", []string{observance("STANDARD", "16010101T000000", "+0100", "+0200", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=5SU")}, time.Time{}},
		{"fourth Sunday from the end", "20260308T100000", []string{observance("STANDARD", "16010101T000000", "+0200", "+0100"), observance("DAYLIGHT", "20260101T020000", "+0100", "+0200", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-4SU")}, utc(2026, 3, 8, 8, 0)},
		{"one day of the month", "20260308T020000", []string{observance("STANDARD", "16010101T000000", "+0200", "+0100"), observance("DAYLIGHT", "20250308T020000", "+0100", "+0200", "RRULE:FREQ=YEARLY")}, utc(2026, 3, 8, 0, 0)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			item := startIn(t, custom, c.wall, zone(custom, c.zone...))
			if !item.Start.Equal(c.want) || (item.Uncertain == ical.UncertainStart) != c.want.IsZero() {
				t.Errorf("%s, uncertain %q, want %s", item.Start, item.Uncertain, c.want)
			}
		})
	}
}

func TestPoint12TwoZonesOfOneNameAreNone(t *testing.T) {
	t.Parallel()
	other := zone("Custom", observance("STANDARD", "16010101T000000", "+0900", "+0900"))
	item := startIn(t, "Custom", "20260101T100000", zone("Custom", paris()...), other)
	if item.Uncertain != ical.UncertainStart {
		t.Errorf("%+v", item)
	}
}

// The hours that IANA's clocks skip or show twice are read as RFC 5545 section
// 3.3.5 says.
func TestPoint12SkippedAndRepeatedHours(t *testing.T) {
	t.Parallel()
	for wall, want := range map[string]time.Time{
		"20260329T023000": utc(2026, 3, 29, 1, 30),
		"20261025T023000": utc(2026, 10, 25, 0, 30),
	} {
		if item := startIn(t, "Europe/Paris", wall); !item.Start.Equal(want) {
			t.Errorf("%s: %s, want %s", wall, item.Start, want)
		}
	}
	day := readOne(t, body("REPLY", helene, "DTSTART;TZID=Europe/Paris:20260328T120000", "DURATION:P1D"))
	if want := utc(2026, 3, 29, 10, 0); !day.End.Equal(want) {
		t.Errorf("a day across the change ends at %s, want %s", day.End, want)
	}
}

// Whatever zone we write a time in, a reader who only has our VTIMEZONE finds
// the same instant as one who knows the zone.
func TestEmbeddedZoneAgreesWithIANA(t *testing.T) {
	t.Parallel()
	names := zones()
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(names).Draw(rt, "zone")
		e := in(name)
		e.Start = utc(2020, 1, 1, 0, 0).Add(time.Duration(rapid.IntRange(0, 15*365*24*4).Draw(rt, "quarter")) * 15 * time.Minute)
		e.End = e.Start.Add(time.Hour)
		out, err := ical.Encode(ical.Request, e)
		if err != nil {
			rt.Fatal(err)
		}
		hidden := strings.ReplaceAll(unfolded(out), "TZID:"+name, "TZID:Hidden zone")
		hidden = strings.ReplaceAll(hidden, "TZID="+name+":", "TZID=Hidden zone:")
		got, err := ical.Read([]byte(hidden))
		if err != nil {
			rt.Fatalf("%v\n%s", err, hidden)
		}
		item := got.Items[0]
		if !item.Start.Equal(e.Start) || !item.End.Equal(e.End) || item.Uncertain != "" {
			rt.Fatalf("%s: %s – %s, want %s (uncertain %q)\n%s", name, item.Start, item.End, e.Start, item.Uncertain, hidden)
		}
	})
}

func unfolded(out []byte) string { return strings.ReplaceAll(string(out), "\r\n ", "") }

func TestWindowsZonesAreKnown(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"AUS Eastern Standard Time", "Central European Standard Time", "FLE Standard Time", "GMT Standard Time",
		"SA Eastern Standard Time", "Tokyo Standard Time", "W. Europe Standard Time", "Mauritius Standard Time",
	} {
		if item := startIn(t, name, "20260701T100000"); item.Uncertain != "" || item.Start.IsZero() {
			t.Errorf("%s: %+v", name, item)
		}
	}
}
