package ical_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rcp-care/rcp/meetings/ical"
)

// FuzzRead holds what every object from outside must keep to: it is read or
// refused with a reason, never a panic; the same octets give the same result;
// and what comes out is within bounds and clean.
func FuzzRead(f *testing.F) {
	for _, h := range hostileObjects() {
		if len(h.raw) < 4<<10 {
			f.Add([]byte(h.raw))
		}
	}
	for _, o := range objects() {
		if out, err := o.encode(); err == nil && o.golden {
			f.Add(out)
		}
	}
	f.Add([]byte(body("REPLY", "SEQUENCE:1", helene, "RECURRENCE-ID;TZID=\"Romance Standard Time\":20261126T143000", "DURATION:P1DT1H")))
	f.Add([]byte(body("COUNTER", "DTSTART;TZID=Z:20261126T143000", "DTEND;VALUE=DATE:20261126", "COMMENT;LANGUAGE=fr:a\\n b", helene)))
	f.Add([]byte(strings.Replace(body("REPLY", "DTSTART;TZID=Z:20261126T143000", helene), "BEGIN:VEVENT", zone("Z", paris()...)+"BEGIN:VEVENT", 1)))
	f.Add([]byte(body("REPLY", `ATTENDEE;PARTSTAT=delegated;DELEGATED-TO="mailto:a@b.c","d@e.f";TO-ALL-PROPOSED-NEW-TIME="DTSTART:20261126T160000Z":MAILTO:g@h.i`)))
	for _, parts := range realFiles(f) {
		for _, part := range parts {
			f.Add(part)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := ical.Read(raw)
		again, errAgain := ical.Read(raw)
		if diff := cmp.Diff(got, again); diff != "" || ical.ReasonOf(err) != ical.ReasonOf(errAgain) {
			t.Fatalf("%v, then %v\n%s", err, errAgain, diff)
		}
		if err != nil {
			if !errors.Is(err, ical.ErrUnreadable) || ical.ReasonOf(err) == "" || ical.ReasonOf(err) == ical.Defect {
				t.Fatalf("%v", err)
			}
			if len(got.Items) > 0 {
				t.Fatal("refused, with items")
			}
			return
		}
		checkReceived(t, got)
	})
}

func checkReceived(t *testing.T, got ical.Received) {
	t.Helper()
	if len(got.Items) == 0 || len(got.Items) > 2000 || len(got.Method) > 64 {
		t.Fatalf("%d items by %q", len(got.Items), got.Method)
	}
	for _, item := range got.Items {
		if item.UID == "" || len(item.UID) > 1<<10 || item.Sequence < 0 || len(item.Status) > 64 || len(item.Attendees) > 5000 {
			t.Fatalf("%+v", item)
		}
		if item.Series() && (item.RecurrenceDay || item.RecurrenceFloating || item.Uncertain == ical.UncertainInstance) {
			t.Fatalf("an instance passes for the series: %+v", item)
		}
		if !item.End.IsZero() && item.End.Before(item.Start) {
			t.Fatalf("ends before it starts: %+v", item)
		}
		for _, at := range []time.Time{item.Stamp, item.RecurrenceID, item.Start} {
			if !at.IsZero() && (at.Year() < 1970 || at.Year() > 2200 || at.Location() != time.UTC) {
				t.Fatalf("%s in %+v", at, item)
			}
		}
		checkText(t, item.Summary, item.Comment)
		checkAddress(t, item.Organizer)
		for _, a := range item.Attendees {
			checkText(t, a.Name, a.Comment)
			checkAddress(t, append(append([]string{a.Address, a.SentBy}, a.DelegatedTo...), a.DelegatedFrom...)...)
		}
	}
}

func checkText(t *testing.T, line, text string) {
	t.Helper()
	if strings.ContainsAny(line, "\r\n\x00\u202e\u2066") || strings.ContainsAny(text, "\r\x00\u202e\u2066") {
		t.Fatalf("not clean: %q, %q", line, text)
	}
}

func checkAddress(t *testing.T, addresses ...string) {
	t.Helper()
	for _, a := range addresses {
		if a != "" && (strings.Count(a, "@") != 1 || a != strings.ToLower(a) || strings.ContainsAny(a, " :<>\n\"") || len(a) > 254) {
			t.Fatalf("address %q", a)
		}
	}
}
