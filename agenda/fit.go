package agenda

import (
	"cmp"
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/id"
)

// Budget is the meeting's time, in minutes.
type Budget struct {
	Capacity int  // of the meeting
	Margin   int  // kept free, for what takes longer
	Each     int  // for a line that has no minutes of its own
	Group    bool // one presenter's lines follow each other

	Starts time.Time // of the meeting
	Hours  Hours     // of presenters who come later or leave earlier
}

// defaultCaseMinutes is what a case takes when the team says nothing.
const defaultCaseMinutes = 8

// MakeBudget gives a meeting of so many minutes a margin of one fifteenth, at
// most ten minutes: 6 of 90.
func MakeBudget(capacity, each int) Budget {
	return Budget{Capacity: capacity, Margin: min(capacity/15, 10), Each: cmp.Or(max(each, 0), defaultCaseMinutes)}
}

// budget is the meeting's time as the team wants it filled.
func (s Settings) budget(capacity, each int) Budget {
	b := MakeBudget(capacity, each)
	b.Group = s.Group
	if s.Margin > 0 {
		b.Margin = min(s.Margin, capacity)
	}
	return b
}

// Fit schedules the kept lines, whatever they take, at the positions they had,
// and fills the time that is left with the ranked lines in their order; one
// too long for what remains lets the next try, and one longer than a whole
// meeting needs a whole one. One whose presenter is not there long enough gives
// its minutes to the next, and says so (NoHours). The others are proposed.
func Fit(kept, ranked []Item, b Budget) (scheduled, proposed []Item) {
	free := b.Capacity - b.Margin
	for i := range kept {
		kept[i].Minutes = cmp.Or(kept[i].Minutes, b.Each)
		free -= kept[i].Minutes
	}
	for i := range ranked {
		ranked[i].Minutes = cmp.Or(ranked[i].Minutes, b.Each)
		ranked[i].Position = 0
	}
	away := map[id.Patient]bool{}
	for {
		chosen, others := b.choose(ranked, free, away)
		order, stuck := b.place(kept, chosen)
		if len(stuck) == 0 {
			return number(order), others
		}
		for _, l := range stuck {
			away[l.Patient.ID] = true
		}
	}
}

// choose parts the ranked lines into those that the free minutes hold and the
// others; those away have no place at this meeting.
func (b Budget) choose(ranked []Item, free int, away map[id.Patient]bool) (chosen, others []Item) {
	for _, l := range ranked {
		l.Status = Proposed
		switch {
		case away[l.Patient.ID]:
			l.DeferWhy = NoHours
			others = append(others, l)
		case free <= 0 || min(l.Minutes, b.Capacity-b.Margin) > free:
			others = append(others, l)
		default:
			free -= l.Minutes
			l.Status = Scheduled
			chosen = append(chosen, l)
		}
	}
	if b.Group {
		chosen = grouped(chosen)
	}
	return chosen, others
}

// grouped puts the lines of one presenter after the first of them, so that they
// need not wait; urgent requests stay first.
func grouped(lines []Item) []Item {
	first := map[string]int{}
	at := func(l Item, i int) int {
		if l.Referent == "" || urgent(l.Reasons) {
			return i
		}
		if _, known := first[l.Referent]; !known {
			first[l.Referent] = i
		}
		return first[l.Referent]
	}
	type placed struct {
		Item
		at int
	}
	all := make([]placed, len(lines))
	for i, l := range lines {
		all[i] = placed{l, at(l, i)}
	}
	slices.SortStableFunc(all, func(a, b placed) int { return cmp.Compare(a.at, b.at) })
	out := make([]Item, len(all))
	for i, p := range all {
		out[i] = p.Item
	}
	return out
}

// byPosition returns the lines in the order of their positions.
func byPosition(lines []Item) []Item {
	lines = slices.Clone(lines)
	slices.SortStableFunc(lines, func(a, b Item) int { return cmp.Compare(a.Position, b.Position) })
	return lines
}

// number gives lines their positions from 1.
func number(lines []Item) []Item {
	for i := range lines {
		lines[i].Position = i + 1
	}
	return lines
}

// moved returns which elements of an order were moved by hand, as the fewest
// that explain it: those outside the longest run still in their old order. The
// values are old positions.
func moved(old []int) []bool {
	best, from := make([]int, len(old)), make([]int, len(old))
	end := -1
	for i := range old {
		best[i], from[i] = 1, -1
		for j := range i {
			if old[j] < old[i] && best[j]+1 > best[i] {
				best[i], from[i] = best[j]+1, j
			}
		}
		if end < 0 || best[i] > best[end] {
			end = i
		}
	}
	out := make([]bool, len(old))
	for i := range out {
		out[i] = true
	}
	for i := end; i >= 0; i = from[i] {
		out[i] = false
	}
	return out
}
