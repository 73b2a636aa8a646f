package agenda

import (
	"cmp"
	"slices"

	"github.com/rcp-care/rcp/internal/date"
)

// graveCap is the most that all reasons but waiting weigh together.
const graveCap = 150

// Score is how pressing a line is: what is grave in it, at most graveCap, plus
// waitWeight for each meeting it has waited, deferred or without a place,
// without limit.
//
// What is grave adds the heaviest weight of each rule, and 2 for each further
// reason of the same rule up to 10: ten late actions press more than one, but
// never drown an event. Who has waited Ahead meetings longer than another
// therefore passes them, whatever the reasons: see WaitBound, and ADR 0017.
func Score(reasons []Reason) int {
	best, more, waited := map[Rule]int{}, 0, 0
	for _, r := range reasons {
		if r.Rule == DeferredBefore || r.Rule == WaitedBefore {
			waited += waitWeight * r.Times
			continue
		}
		if _, known := best[r.Rule]; known {
			more += 2
		}
		best[r.Rule] = max(best[r.Rule], r.Weight)
	}
	sum := min(more, 10)
	for _, w := range best {
		sum += w
	}
	return min(sum, graveCap) + waited
}

// Ahead is after how many meetings more of waiting a line passes another,
// urgent requests apart.
const Ahead = graveCap/waitWeight + 1

// Arrivals are how much work comes to a team, in minutes: over any run of n
// meetings at most Burst + n·Rate(), what a meeting surely
// treats. Of it, at most UrgentBurst + n·Urgent are urgent requests.
type Arrivals struct {
	Usable      int // minutes of a meeting that the drafting may fill
	Longest     int // minutes of the longest case
	Burst       int
	Urgent      int
	UrgentBurst int
}

// Rate is the minutes of more pressing cases that a meeting treats at least
// when it leaves a case behind.
func (a Arrivals) Rate() int { return a.Usable - a.Longest + 1 }

// WaitBound is the most meetings that a patient waits for theirs, that one
// included, whatever comes in, if the capacity carries it; ok is false when
// urgent requests alone fill the meetings. The proof is in ADR 0017.
func WaitBound(a Arrivals) (meetings int, ok bool) {
	free := a.Rate() - a.Urgent
	if free <= 0 {
		return 0, false
	}
	work := a.Burst + a.UrgentBurst + Ahead*a.Rate()
	return work/free + 1, true
}

// urgent reports whether one of the reasons is an urgent request.
func urgent(reasons []Reason) bool { return slices.ContainsFunc(reasons, Reason.Urgent) }

// oldest returns the earliest date behind the reasons; zero when none has one.
func oldest(reasons []Reason) date.Date {
	var first date.Date
	for _, r := range reasons {
		if !r.Since.IsZero() && (first.IsZero() || r.Since.Before(first)) {
			first = r.Since
		}
	}
	return first
}

// Rank orders lines by urgency, then score, then the oldest reason, then the
// patient's name and id: a total order, so that drafting twice gives the same.
func Rank(lines []Item) {
	type key struct {
		urgent, score int
		oldest        date.Date
		name          string
	}
	keys := make(map[string]key, len(lines))
	for _, l := range lines {
		k := key{score: Score(l.Reasons), oldest: oldest(l.Reasons), name: l.Patient.SortName()}
		if urgent(l.Reasons) {
			k.urgent = 1
		}
		keys[string(l.Patient.ID)] = k
	}
	slices.SortFunc(lines, func(a, b Item) int {
		x, y := keys[string(a.Patient.ID)], keys[string(b.Patient.ID)]
		return cmp.Or(
			cmp.Compare(y.urgent, x.urgent), cmp.Compare(y.score, x.score), compareDays(x.oldest, y.oldest),
			cmp.Compare(x.name, y.name), cmp.Compare(a.Patient.ID, b.Patient.ID),
		)
	})
}

// compareDays puts the earlier day first and no day last.
func compareDays(a, b date.Date) int {
	switch {
	case a == b:
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	}
	return a.Sub(b)
}
