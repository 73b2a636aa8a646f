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
