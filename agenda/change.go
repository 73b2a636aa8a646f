package agenda

import (
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// ChangeKind is what became of a line.
type ChangeKind string

// The kinds of change, in the order that they are told.
const (
	CameIn  ChangeKind = "in"      // onto the agenda, at To
	WentOut ChangeKind = "out"     // off it; it stood at From
	Shifted ChangeKind = "shifted" // to another rank: from From to To
	Lasts   ChangeKind = "lasts"   // another duration
)

// Change is what an edit of an agenda did to one line. It names the case only:
// who may read it is decided when it is shown.
type Change struct {
	Case    id.Case    `json:"case"`
	Kind    ChangeKind `json:"kind"`
	From    time.Time  `json:"from,omitzero"` // planned start before
	To      time.Time  `json:"to,omitzero"`   // planned start after
	Minutes int        `json:"minutes,omitempty"`
	Were    int        `json:"were,omitempty"` // minutes before
}

// Changes says what differs between two states of a meeting's agenda: who came
// in, who went out, who changed rank, as the fewest moves that explain it, and
// whose duration changed. Lines that only begin later because another moved are
// not told.
func Changes(before, after []Item, full meetings.Full) []Change {
	old, now := onAgenda(full, before), onAgenda(full, after)
	var in, out, shifted, lasts []Change
	var both []Item
	var ranks []int
	for _, l := range now {
		i := slices.IndexFunc(old, func(o Item) bool { return o.ID == l.ID })
		if i < 0 {
			in = append(in, Change{Case: l.ID, Kind: CameIn, To: l.At})
			continue
		}
		both, ranks = append(both, l), append(ranks, i)
		if old[i].Minutes != l.Minutes {
			lasts = append(lasts, Change{Case: l.ID, Kind: Lasts, Were: old[i].Minutes, Minutes: l.Minutes})
		}
	}
	for i, m := range moved(ranks) {
		if m {
			shifted = append(shifted, Change{Case: both[i].ID, Kind: Shifted, From: old[ranks[i]].At, To: both[i].At})
		}
	}
	for _, o := range old {
		if !slices.ContainsFunc(now, func(l Item) bool { return l.ID == o.ID }) {
			out = append(out, Change{Case: o.ID, Kind: WentOut, From: o.At})
		}
	}
	return slices.Concat(shifted, out, in, lasts)
}

// onAgenda are the lines of the agenda in order, with their planned starts.
func onAgenda(full meetings.Full, lines []Item) []Item {
	return byPosition(slices.DeleteFunc(timed(full, lines), func(l Item) bool { return l.At.IsZero() }))
}
