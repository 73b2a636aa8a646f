package agenda

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/id"
)

// queue is a team whose every case waits for a place: what the ranking and the
// fitting do with it, without a calendar.
type queue struct {
	usable  int
	waiting map[id.Patient]*queued
}

type queued struct {
	Item
	waited int
}

// come adds a case of some minutes with reasons that weigh so much together.
func (q *queue) come(n, minutes, weight int, urgent bool) {
	p := id.Patient(fmt.Sprintf("p%05d", n))
	l := Item{Patient: careplan.Patient{ID: p}, Minutes: minutes, Reasons: []Reason{{Rule: ReviewDue, Weight: weight}}}
	if urgent {
		l.Reasons = []Reason{{Rule: Requested, Kind: string(Urgent), Weight: urgentWeight}}
	}
	q.waiting[p] = &queued{Item: l}
}

// meet holds a meeting and returns how many each case seen had taken, with its own.
func (q *queue) meet() (seen []int) {
	lines := q.lines()
	Rank(lines)
	scheduled, _ := Fit(nil, lines, Budget{Capacity: q.usable})
	for _, l := range scheduled {
		seen = append(seen, q.waiting[l.Patient.ID].waited+1)
		delete(q.waiting, l.Patient.ID)
	}
	for _, w := range q.waiting {
		w.waited++
	}
	return seen
}

// lines are the cases that wait, with how long they did.
func (q *queue) lines() (all []Item) {
	for _, w := range q.waiting {
		l := w.Item
		if w.waited > 0 {
			l.Reasons = append([]Reason{{Rule: WaitedBefore, Times: w.waited}}, l.Reasons...)
		}
		all = append(all, l)
	}
	return all
}

// TestNobodyWaitsLongerThanTheBound sends any stream that the capacity carries:
// a bucket of Burst+Rate minutes that each meeting fills by Rate, and within it
// one of urgent requests. rapid chooses who comes, with what weight and length.
func TestNobodyWaitsLongerThanTheBound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := Arrivals{Usable: rapid.IntRange(20, 90).Draw(t, "usable"), Longest: rapid.IntRange(1, 20).Draw(t, "longest")}
		a.Burst = rapid.IntRange(0, 300).Draw(t, "burst")
		a.Urgent = rapid.IntRange(0, (a.Rate()-1)/2).Draw(t, "urgent")
		a.UrgentBurst = rapid.IntRange(0, 60).Draw(t, "urgent burst")
		bound, ok := WaitBound(a)
		if !ok {
			return
		}
		greedy := rapid.Bool().Draw(t, "greedy")
		q := queue{usable: a.Usable, waiting: map[id.Patient]*queued{}}
		all, urgents, n := a.Burst+a.Rate(), a.UrgentBurst+a.Urgent, 0
		for range rapid.IntRange(1, 40).Draw(t, "meetings") {
			for greedy || rapid.IntRange(0, 9).Draw(t, "more") > 0 {
				minutes := rapid.IntRange(1, a.Longest).Draw(t, "minutes")
				urgent := rapid.IntRange(0, 3).Draw(t, "kind") == 0 && minutes <= urgents
				if minutes > all {
					break
				}
				if all -= minutes; urgent {
					urgents -= minutes
				}
				q.come(n, minutes, rapid.IntRange(0, graveCap+50).Draw(t, "weight"), urgent)
				n++
			}
			check(t, q.meet(), bound)
			all, urgents = min(all+a.Rate(), a.Burst+a.Rate()), min(urgents+a.Urgent, a.UrgentBurst+a.Urgent)
		}
		for len(q.waiting) > 0 {
			seen := q.meet()
			check(t, seen, bound)
			if len(seen) == 0 {
				t.Fatal("a meeting treats nobody though some wait")
			}
		}
	})
}

func check(t *rapid.T, seen []int, bound int) {
	for _, n := range seen {
		if n > bound {
			t.Fatalf("somebody was seen at their meeting %d, the bound is %d", n, bound)
		}
	}
}

// TestWhoWaitsAheadLongerPasses is what the bound stands on, and that it is
// tight: one meeting less is not always enough.
func TestWhoWaitsAheadLongerPasses(t *testing.T) {
	t.Parallel()
	light, grave := []Reason{{Rule: ReviewDue, Weight: 1}}, []Reason{{Rule: ReviewDue, Weight: 1000}}
	waited := func(n int) []Reason { return append([]Reason{{Rule: WaitedBefore, Times: n}}, light...) }
	if Score(waited(Ahead)) <= Score(grave) || Score(waited(Ahead-2)) >= Score(grave) {
		t.Errorf("after %d meetings %d, after %d %d; the gravest weighs %d",
			Ahead, Score(waited(Ahead)), Ahead-2, Score(waited(Ahead-2)), Score(grave))
	}
}

func TestACaseLongerThanTheMeetingGetsOne(t *testing.T) {
	t.Parallel()
	b := Budget{Capacity: 60, Margin: 4, Each: 8}
	long, short := Item{Patient: careplan.Patient{ID: "long"}, Minutes: 90}, Item{Patient: careplan.Patient{ID: "short"}, Minutes: 8}
	on, off := Fit(nil, []Item{long, short}, b)
	if len(on) != 1 || on[0].Patient.ID != "long" || len(off) != 1 {
		t.Errorf("scheduled %+v, left %+v", on, off)
	}
	if on, _ := Fit(nil, []Item{short}, Budget{Each: 8}); len(on) != 0 {
		t.Errorf("a meeting without time has %+v", on)
	}
}

func TestGroupedKeepsAPresentersCasesTogether(t *testing.T) {
	t.Parallel()
	l := func(p id.Patient, who string, u Urgency) Item {
		return Item{Patient: careplan.Patient{ID: p}, Referent: who, Minutes: 5, Reasons: []Reason{{Rule: Requested, Kind: string(u)}}}
	}
	ranked := []Item{l("1", "B", Urgent), l("2", "A", Soon), l("3", "B", Soon), l("4", "A", Soon), l("5", "", Soon), l("6", "B", Soon)}
	on, _ := Fit(nil, ranked, Budget{Capacity: 60, Group: true})
	got := ""
	for _, i := range on {
		got += string(i.Patient.ID)
	}
	if got != "124365" {
		t.Errorf("order %s, want the urgent one first, then A, A, B, B, nobody's", got) //nolint:dupword // two cases of each presenter
	}
}
