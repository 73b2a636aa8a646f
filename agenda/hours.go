package agenda

import (
	"slices"
	"time"
)

// NoHours is why a line has no place whose presenter is not there long enough,
// when what ranks before and the pinned lines have theirs.
const NoHours = "hours"

// place puts the chosen lines, in their order, around the kept ones at their
// places, each while its presenter is there. Who comes later lets the others
// pass; who leaves passes them; when nobody else is left the meeting waits.
// stuck are those that find no place.
func (b Budget) place(kept, chosen []Item) (order, stuck []Item) {
	kept, chosen = byPosition(kept), slices.Clone(chosen)
	at, end := b.Starts, b.Starts.Add(time.Duration(b.Capacity)*time.Minute)
	put := func(from []Item, i int) []Item {
		order = append(order, from[i])
		at = at.Add(from[i].lasts())
		return slices.Delete(from, i, i+1)
	}
	for len(kept)+len(chosen) > 0 {
		if len(kept) > 0 && (len(chosen) == 0 || kept[0].Position <= len(order)+1) {
			kept = put(kept, 0)
			continue
		}
		if i := b.late(chosen, at, end); i >= 0 {
			stuck = append(stuck, chosen[i])
			chosen = slices.Delete(chosen, i, i+1)
			continue
		}
		switch i := b.next(chosen, at, following(kept, len(order)+2)); {
		case i >= 0:
			chosen = put(chosen, i)
		case len(kept) > 0:
			kept = put(kept, 0)
		default:
			at = b.soonest(chosen)
		}
	}
	return order, stuck
}

// late finds a line that cannot end any more before its presenter leaves, or,
// waiting for them, before the meeting does.
func (b Budget) late(chosen []Item, at, end time.Time) int {
	return slices.IndexFunc(chosen, func(l Item) bool {
		s := b.Hours[l.Presenter]
		from := at
		if s.From.After(at) {
			if from = s.From; from.Add(l.lasts()).After(end) {
				return true
			}
		}
		return !s.there(l, from)
	})
}

// following is how long the kept lines last that stand from a position on.
func following(kept []Item, position int) (d time.Duration) {
	for i, l := range kept {
		if l.Position <= position+i {
			d += l.lasts()
		}
	}
	return d
}

// next is the first line whose presenter is there, or one whose presenter would
// be gone after it and the kept lines that follow; -1: nobody's is.
func (b Budget) next(chosen []Item, at time.Time, following time.Duration) int {
	first := slices.IndexFunc(chosen, func(l Item) bool { return b.Hours[l.Presenter].there(l, at) })
	if first < 0 {
		return -1
	}
	leaving := make([]int, 0, len(chosen))
	for i, l := range chosen {
		if !b.Hours[l.Presenter].Until.IsZero() {
			leaving = append(leaving, i)
		}
	}
	slices.SortStableFunc(leaving, func(i, j int) int { return b.until(chosen[j]).Compare(b.until(chosen[i])) })
	latest := time.Time{} // by when the first of those who leave must begin
	for _, i := range leaving {
		if until := b.until(chosen[i]); latest.IsZero() || until.Before(latest) {
			latest = until
		}
		latest = latest.Add(-chosen[i].lasts())
	}
	if n := len(leaving) - 1; n >= 0 && at.Add(chosen[first].lasts()+following).After(latest) {
		if i := leaving[n]; b.Hours[chosen[i].Presenter].there(chosen[i], at) {
			return i
		}
	}
	return first
}

func (b Budget) until(l Item) time.Time { return b.Hours[l.Presenter].Until }

// soonest is when the first of those whom the lines wait for comes.
func (b Budget) soonest(chosen []Item) time.Time {
	first := b.Hours[chosen[0].Presenter].From
	for _, l := range chosen[1:] {
		if from := b.Hours[l.Presenter].From; from.Before(first) {
			first = from
		}
	}
	return first
}
