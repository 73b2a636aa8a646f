package agenda

import (
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// NoHours is why a line has no place whose presenter is not there long enough,
// when what ranks before and the pinned lines have theirs.
const NoHours = "hours"

// presenter is whom the last request wished for, else the plan's referent.
func (c Candidate) presenter() id.Professional {
	for _, r := range slices.Backward(c.Requests) {
		if r.Presenter != "" {
			return r.Presenter
		}
	}
	return c.Plan.Referent
}

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

// gapsAt are the professions that a case lacks from one instant to another, and
// would not lack if everybody who comes stayed the whole meeting.
func gapsAt(full meetings.Full, base meetings.Outlook, concerns []Concern, from, to time.Time) []Gap {
	full.Attendance = slices.Clone(full.Attendance)
	away := map[string][]string{}
	for i, a := range full.Attendance {
		if !a.Due(from, to) {
			full.Attendance[i].Answer, full.Attendance[i].Presence = meetings.Declined, meetings.Expected
			away[a.Professional.Profession] = append(away[a.Professional.Profession], a.Professional.Name())
		}
	}
	if len(away) == 0 {
		return nil
	}
	o := meetings.Foresee(full.Meeting.Kind, full.Team.Quorum, full.Attendance)
	var needs []string
	for _, c := range concerns {
		if len(away[c.Profession]) > 0 && c.Profession != meetings.Secretariat &&
			o.Profession(c.Profession).Nobody() && !base.Profession(c.Profession).Nobody() {
			needs = append(needs, c.Profession)
		}
	}
	for _, need := range o.Missing {
		if !slices.Contains(base.Missing, need) {
			needs = append(needs, need)
		}
	}
	slices.Sort(needs)
	var all []Gap
	for _, need := range slices.Compact(needs) {
		all = append(all, Gap{Profession: need, Who: away[need], Invited: true, Away: true})
	}
	return all
}

// Spot is where a line could stand, and when it would begin.
type Spot struct {
	Position int
	At       time.Time
}

// away finds the cases that lack somebody only because of the hours they are
// planned at, with a better place where there is one.
func away(full meetings.Full, g Agenda, base meetings.Outlook, concerns []Concern) map[id.Case]Threat {
	all := map[id.Case]Threat{}
	if len(hoursOf(full)) == 0 {
		return all
	}
	of := map[id.Case][]Concern{}
	for _, c := range concerns {
		of[c.Case] = append(of[c.Case], c)
	}
	lacking := func(lines []Item) map[id.Case][]Gap {
		found := map[id.Case][]Gap{}
		for _, l := range lines {
			if gaps := gapsAt(full, base, of[l.ID], l.At, l.At.Add(l.lasts())); len(gaps) > 0 && !l.begun() {
				found[l.ID] = gaps
			}
		}
		return found
	}
	now := lacking(g.Items)
	for _, l := range g.Items {
		if gaps := now[l.ID]; len(gaps) > 0 {
			all[l.ID] = Threat{Item: l, Gaps: gaps, Better: better(full, g, l, func(lines []Item) bool {
				then := lacking(lines)
				return len(then[l.ID]) == 0 && len(then) < len(now)
			})}
		}
	}
	return all
}

// better is the place nearest to a line's own at which all is well.
func better(full meetings.Full, g Agenda, l Item, well func([]Item) bool) *Spot {
	if g.Hidden > 0 {
		return nil
	}
	for by := 1; by < len(g.Items); by++ {
		for _, to := range []int{l.Position - by, l.Position + by} {
			if to < 1 || to > len(g.Items) || g.Items[to-1].begun() {
				continue
			}
			lines, err := movedTo(g.Items, l.ID, to)
			if err != nil {
				return nil
			}
			if lines = onAgenda(full, lines); well(lines) {
				return &Spot{Position: to, At: lines[to-1].At}
			}
		}
	}
	return nil
}
