package meetings

import (
	"testing"
	"time"
)

// TestRepeatedDates holds what Thunderbird answers to an update of a series: its
// answer, and the dates that differ as they were told, unanswered.
func TestRepeatedDates(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 4, 2, 12, 30, 0, 0, time.UTC)
	whole := Reply{UID: "s@rcp", Attendee: "helene@clinic.example", Answer: Accepted}
	date := Reply{UID: "s@rcp", Attendee: "helene@clinic.example", Answer: NeedsAction, Recurrence: at}
	with := func(r Reply, f func(*Reply)) Reply { f(&r); return r }
	for name, c := range map[string]struct {
		mail []Reply
		want bool
	}{
		"beside the answer to the series": {[]Reply{whole, date}, true},
		"before it":                       {[]Reply{date, whole}, true},
		"alone":                           {[]Reply{date}, false},
		"the series unanswered too":       {[]Reply{with(whole, func(r *Reply) { r.Answer = NeedsAction }), date}, false},
		"somebody else's answer":          {[]Reply{with(whole, func(r *Reply) { r.Attendee = "ines@clinic.example" }), date}, false},
		"another object's answer":         {[]Reply{with(whole, func(r *Reply) { r.UID = "other@rcp" }), date}, false},
		"beside an answer to a date":      {[]Reply{with(whole, func(r *Reply) { r.Recurrence = at.AddDate(0, 0, 7) }), date}, false},
	} {
		if got := (Inbound{Replies: c.mail}).repeats(date); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		if (Inbound{Replies: c.mail}).repeats(c.mail[0]) && c.mail[0].Answer != NeedsAction {
			t.Errorf("%s: an answer counts as none", name)
		}
	}
}

// TestNightSeries refuses the hours that a change of hour makes doubtful.
func TestNightSeries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		start  string
		length time.Duration
		want   bool
	}{
		{"14:30", 90 * time.Minute, false},
		{"00:30", 89 * time.Minute, false},
		{"00:30", 90 * time.Minute, true},
		{"01:30", 2 * time.Hour, true},
		{"02:00", 10 * time.Minute, true},
		{"02:59", 10 * time.Minute, true},
		{"03:00", 8 * time.Hour, false},
		{"22:00", 3 * time.Hour, false},
		{"22:00", 4 * time.Hour, true},
		{"22:00", 8 * time.Hour, true},
	} {
		clock, err := time.Parse("15:04", c.start)
		if err != nil {
			t.Fatal(err)
		}
		if got := atChange(clock, c.length); got != c.want {
			t.Errorf("%s for %v: %v, want %v", c.start, c.length, got, c.want)
		}
	}
}

// TestGuestDatesRise holds the SEQUENCE of what a guest is told of: a further
// date comes above those known, and nothing ever falls.
func TestGuestDatesRise(t *testing.T) {
	t.Parallel()
	at := func(day, sequence int) Instance {
		start := time.Date(2026, 4, day, 12, 30, 0, 0, time.UTC)
		return Instance{ID: start, Start: start, End: start.Add(time.Hour), Sequence: sequence}
	}
	old := View{Instances: []Instance{at(2, 0), at(9, 1)}}
	moved := at(9, 0)
	moved.Start, moved.End = moved.Start.Add(time.Hour), moved.End.Add(time.Hour)
	got := View{Instances: []Instance{at(2, 0), moved, at(16, 0), at(23, 7)}}.rising(old)
	for k, want := range []int{0, 2, 2, 7} {
		if s := got.Instances[k].Sequence; s != want {
			t.Errorf("date %d: SEQUENCE %d, want %d", k, s, want)
		}
	}
}
