package agenda

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rcp-care/rcp/internal/id"
)

// keptOut is how long the hours of presenters kept cases out: each case's meetings,
// and the most minutes at one meeting.
type keptOut struct {
	of   map[id.Patient]int
	most int
}

// meetWith holds a meeting with the hours of presenters and returns how many
// meetings each case seen had waited for want of time alone, and how many in all.
func (q *queue) meetWith(b Budget, out *keptOut) (seen [][2]int) {
	lines := q.lines()
	Rank(lines)
	b.Capacity = q.usable
	scheduled, left := Fit(nil, lines, b)
	kept := 0
	for _, l := range left {
		if l.DeferWhy == NoHours {
			out.of[l.Patient.ID]++
			kept += l.Minutes
		}
	}
	out.most = max(out.most, kept)
	for _, l := range scheduled {
		n, hours := q.waiting[l.Patient.ID].waited+1, out.of[l.Patient.ID]
		seen = append(seen, [2]int{n - hours, hours})
		delete(q.waiting, l.Patient.ID)
	}
	for _, w := range q.waiting {
		w.waited++
	}
	return seen
}

// presented is who presents the cases: four people, and nobody.
var presented = [...]id.Professional{"", "anne", "bruno", "chloe", "denis"}

// drawHours says who comes later or leaves earlier, some for no time at all.
func drawHours(t *rapid.T, usable int) Budget {
	b := Budget{Group: rapid.Bool().Draw(t, "group"), Starts: time.Date(2026, 11, 26, 13, 30, 0, 0, time.UTC), Hours: Hours{}}
	for _, who := range presented[1:] {
		var s Stay
		if from := rapid.IntRange(-usable, usable).Draw(t, "from"); from > 0 {
			s.From = b.Starts.Add(time.Duration(from) * time.Minute)
		}
		if until := rapid.IntRange(0, 2*usable).Draw(t, "until"); until < usable {
			s.Until = b.Starts.Add(time.Duration(until) * time.Minute)
		}
		if s != (Stay{}) {
			b.Hours[who] = s
		}
	}
	return b
}

// TestNobodyWaitsLongerThanTheBoundWhateverTheHours: with presenters who come
// late, leave early or not at all, their cases grouped or not, a case waits no
// longer than the bound, the meetings that its presenter's hours kept it out
// of added, and the work that hours kept out of one meeting counted as a burst.
func TestNobodyWaitsLongerThanTheBoundWhateverTheHours(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := Arrivals{Usable: rapid.IntRange(20, 90).Draw(t, "usable"), Longest: rapid.IntRange(1, 20).Draw(t, "longest")}
		a.Burst = rapid.IntRange(0, 150).Draw(t, "burst")
		a.Urgent = rapid.IntRange(0, (a.Rate()-1)/2).Draw(t, "urgent")
		a.UrgentBurst = rapid.IntRange(0, 40).Draw(t, "urgent burst")
		q, out := queue{usable: a.Usable, waiting: map[id.Patient]*queued{}}, &keptOut{of: map[id.Patient]int{}}
		all, urgents, n := a.Burst+a.Rate(), a.UrgentBurst+a.Urgent, 0
		var seen [][2]int
		for range rapid.IntRange(1, 25).Draw(t, "meetings") {
			for rapid.IntRange(0, 12).Draw(t, "more") > 0 {
				minutes := rapid.IntRange(1, a.Longest).Draw(t, "minutes")
				urgent := rapid.IntRange(0, 3).Draw(t, "kind") == 0 && minutes <= urgents
				if minutes > all {
					break
				}
				if all -= minutes; urgent {
					urgents -= minutes
				}
				q.come(n, minutes, rapid.IntRange(0, graveCap+50).Draw(t, "weight"), urgent)
				q.presents(n, rapid.SampledFrom(presented[:]).Draw(t, "presenter"))
				n++
			}
			seen = append(seen, q.meetWith(drawHours(t, a.Usable), out)...)
			all, urgents = min(all+a.Rate(), a.Burst+a.Rate()), min(urgents+a.Urgent, a.UrgentBurst+a.Urgent)
		}
		for len(q.waiting) > 0 {
			last := q.meetWith(Budget{}, out) // everybody comes
			if seen = append(seen, last...); len(last) == 0 {
				t.Fatal("a meeting treats nobody though some wait")
			}
		}
		for _, s := range seen {
			with := a
			with.Burst, with.UrgentBurst = a.Burst+out.most, a.UrgentBurst+s[1]*a.Urgent
			if bound, ok := WaitBound(with); ok && s[0] > bound {
				t.Fatalf("seen at their meeting %d, %d more without their presenter; the bound is %d", s[0], s[1], bound)
			}
		}
	})
}

// presents says who presents a case.
func (q *queue) presents(n int, who id.Professional) {
	w := q.waiting[id.Patient(fmt.Sprintf("p%05d", n))]
	w.Presenter, w.Referent = who, string(who)
}

// TestHoursAloneKeepNobodyOut: a case whose presenter is there at some time that
// holds it is not kept out when nothing else asks for that time.
func TestHoursAloneKeepNobodyOut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		usable, minutes := rapid.IntRange(20, 90).Draw(t, "usable"), rapid.IntRange(1, 20).Draw(t, "minutes")
		from := rapid.IntRange(0, usable-minutes).Draw(t, "from")
		until := rapid.IntRange(from+minutes, usable).Draw(t, "until")
		q, b := queue{usable: usable, waiting: map[id.Patient]*queued{}}, drawHours(t, usable)
		b.Hours["anne"] = Stay{From: b.Starts.Add(time.Duration(from) * time.Minute), Until: b.Starts.Add(time.Duration(until) * time.Minute)}
		q.come(0, minutes, 10, false)
		q.presents(0, "anne")
		if seen := q.meetWith(b, &keptOut{of: map[id.Patient]int{}}); len(seen) != 1 {
			t.Fatalf("%d minutes, there from %d to %d of %d: waits for %v", minutes, from, until, usable, slices.Collect(maps.Keys(q.waiting)))
		}
	})
}
