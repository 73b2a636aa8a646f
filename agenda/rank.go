package agenda

import (
	"cmp"
	"slices"

	"github.com/rcp-care/rcp/internal/date"
)

// Score adds the heaviest weight of each rule, and 2 for each further reason of
// the same rule up to 10: ten late actions press more than one, but never
// drown what is grave. Everything but requests and deferrals is bounded (see
// rules.go), so that an urgent request passes first and whoever is deferred
// again and again passes in the end.
func Score(reasons []Reason) int {
	best, more := map[Rule]int{}, 0
	for _, r := range reasons {
		if _, known := best[r.Rule]; known {
			more += 2
		}
		best[r.Rule] = max(best[r.Rule], r.Weight)
	}
	sum := min(more, 10)
	for _, w := range best {
		sum += w
	}
	return sum
}

// urgent reports whether one of the reasons is an urgent request.
func urgent(reasons []Reason) bool {
	return slices.ContainsFunc(reasons, func(r Reason) bool {
		return r.Rule == Requested && r.Kind == string(Urgent)
	})
}

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
