package agenda

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// afternoon is a meeting of so many minutes, with people who come at certain
// minutes of it (0: from the start, to the end).
func afternoon(minutes int, stays map[id.Professional][2]int) meetings.Full {
	full := meetings.Full{Meeting: meetings.Meeting{
		ID: "m", Starts: starts, Ends: starts.Add(time.Duration(minutes) * time.Minute), Zone: "Europe/Paris",
	}}
	for p, s := range stays {
		a := meetings.Attendance{Professional: auth.Professional{ID: p, Family: string(p)}, Answer: meetings.Accepted}
		if s[0] > 0 {
			a.ExpectFrom = minute(s[0])
		}
		if s[1] > 0 {
			a.ExpectUntil = minute(s[1])
		}
		full.Attendance = append(full.Attendance, a)
	}
	return full
}

func minute(n int) time.Time { return starts.Add(time.Duration(n) * time.Minute) }

// lineOf is a scheduled line of so many minutes.
func lineOf(name string, position, minutes int) Item {
	return Item{
		ID: id.Case(name), Patient: careplan.Patient{ID: id.Patient(name), BirthFamily: name}, Status: Scheduled,
		Position: position, Minutes: minutes, Reasons: []Reason{{Rule: ReviewDue, Weight: 100 - position}},
	}
}

func TestChangesTellTheFewest(t *testing.T) {
	t.Parallel()
	a, b, c, d := lineOf("a", 1, 10), lineOf("b", 2, 10), lineOf("c", 3, 10), lineOf("d", 4, 10)
	at := func(l Item, position int) Item { l.Position = position; return l }
	gone, longer := c, b
	gone.Status, gone.Position = Deferred, 0
	longer.Minutes = 15
	for _, tt := range []struct {
		name          string
		before, after []Item
		want          []Change
	}{
		{"nothing", []Item{a, b}, []Item{a, b}, nil},
		{
			"the last comes first: one move, whatever begins later",
			[]Item{a, b, c, d},
			[]Item{at(d, 1), at(a, 2), at(b, 3), at(c, 4)},
			[]Change{{Case: "d", Kind: Shifted, From: minute(30), To: minute(0)}},
		},
		{
			"one goes, another comes",
			[]Item{a, b, c},
			[]Item{a, b, gone, at(d, 3)},
			[]Change{{Case: "c", Kind: WentOut, From: minute(20)}, {Case: "d", Kind: CameIn, To: minute(20)}},
		},
		{"a duration", []Item{a, b, c}, []Item{a, longer, c}, []Change{{Case: "b", Kind: Lasts, Were: 10, Minutes: 15}}},
	} {
		got := Changes(tt.before, tt.after, afternoon(60, nil))
		if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestRefittingADraftChangesNothing: an edit that changes nothing moves nothing,
// and pinned lines never move whatever is done to the others.
func TestRefittingADraftChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := anyDrafting().Draw(t, "drafting")
		d.lines = stored(d.draft())
		if diff := changed(d.lines, d.refit()); len(diff) > 0 {
			t.Fatalf("refitting changed %v", diff)
		}
		on := scheduled(d.lines)
		if len(on) < 2 {
			return
		}
		pin, out := rapid.IntRange(0, len(on)-1).Draw(t, "pinned"), rapid.IntRange(0, len(on)-1).Draw(t, "deferred")
		if pin >= out { // what stands after the one that goes may close up when no other comes
			return
		}
		for i := range d.lines {
			switch d.lines[i].ID {
			case on[pin].ID:
				d.lines[i].Pinned = true
			case on[out].ID:
				d.lines[i].Status, d.lines[i].Position, d.lines[i].DeferWhy = Deferred, 0, "time"
			}
		}
		after := scheduled(d.refit())
		if len(after) <= pin || after[pin].ID != on[pin].ID {
			t.Fatalf("the line pinned at %d moved", pin+1)
		}
	})
}

// TestAPresenterIsThereToTheMinute: a case begins when its presenter comes and
// ends before they leave, not a minute sooner or later.
func TestAPresenterIsThereToTheMinute(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		stay [2]int
		want int // minute it is planned at; -1: no place
	}{
		{"whole meeting", [2]int{0, 0}, 0},
		{"comes at the minute the first line would end", [2]int{10, 0}, 10},
		{"a minute later: the next line passes", [2]int{11, 0}, 20},
		{"comes just in time", [2]int{50, 0}, 50},
		{"comes a minute too late", [2]int{51, 0}, -1},
		{"leaves just in time", [2]int{0, 10}, 0},
		{"leaves a minute too soon", [2]int{0, 9}, -1},
	} {
		ines := lineOf("ines", 1, 10)
		ines.Presenter = "ines"
		full := afternoon(60, map[id.Professional][2]int{"ines": tt.stay})
		d := drafting{meeting: full.Meeting, hours: hoursOf(full), settings: Settings{Margin: 1}}
		d.lines = []Item{ines, lineOf("a", 2, 10), lineOf("b", 3, 10)}
		got, why := -1, ""
		for _, l := range timed(full, d.refit()) {
			if l.ID == "ines" && l.Status == Scheduled {
				got = int(l.At.Sub(starts).Minutes())
			} else if l.ID == "ines" {
				why = l.DeferWhy
			}
		}
		if got != tt.want || (got < 0) != (why == NoHours) {
			t.Errorf("%s: planned at minute %d (%q), want %d", tt.name, got, why, tt.want)
		}
	}
}

// TestWhoLeavesPassesWhoStays, and a pinned line stays whoever is there.
func TestWhoLeavesPassesWhoStays(t *testing.T) {
	t.Parallel()
	full := afternoon(60, map[id.Professional][2]int{"leaves": {0, 25}, "comes": {30, 0}})
	leaves, comes, pinned := lineOf("leaves", 4, 10), lineOf("comes", 1, 10), lineOf("pinned", 2, 10)
	leaves.Presenter, comes.Presenter, pinned.Presenter, pinned.Pinned = "leaves", "comes", "comes", true
	d := drafting{meeting: full.Meeting, hours: hoursOf(full)}
	d.lines = []Item{comes, pinned, lineOf("a", 3, 10), leaves, lineOf("b", 5, 10)}
	var got []string
	for _, l := range onAgenda(full, d.refit()) {
		got = append(got, fmt.Sprintf("%s %d", l.ID, int(l.At.Sub(starts).Minutes())))
	}
	want := []string{"leaves 0", "pinned 10", "a 20", "comes 30", "b 40"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestEveryRuleSaysItself: settings show each rule in both languages.
func TestEveryRuleSaysItself(t *testing.T) {
	t.Parallel()
	for _, r := range Rules() {
		for _, lang := range []string{"fr", "en"} {
			if r.Name(lang) == "" || len(r.Means(lang)) < 20 {
				t.Errorf("%s in %s: %q, %q", r.Rule, lang, r.Name(lang), r.Means(lang))
			}
		}
	}
}

// TestACaseOutsideHoursIsForeseen: who leaves at minute 25 is not there for a
// case that ends a minute later, and the nearest place before is offered.
func TestACaseOutsideHoursIsForeseen(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		until int
		want  string
	}{{30, "[]"}, {29, "[c infirmier → 2]"}, {19, "[c infirmier → 1]"}, {9, "[c infirmier → 0]"}} {
		full := afternoon(60, map[id.Professional][2]int{"nurse": {0, tt.until}})
		full.Attendance[0].Professional.Profession = "infirmier"
		a, b, c := lineOf("a", 1, 10), lineOf("b", 2, 10), lineOf("c", 3, 10)
		g := Agenda{Items: onAgenda(full, []Item{a, b, c})}
		var got []string
		for _, threat := range foresee(full, g, []Concern{{Case: "c", Professional: "nurse", Name: "N", Profession: "infirmier"}}).Threats {
			to := 0
			if threat.Better != nil {
				to = threat.Better.Position
			}
			got = append(got, fmt.Sprintf("%s %s → %d", threat.ID, threat.Gaps[0].Profession, to))
		}
		if fmt.Sprint(got) != tt.want {
			t.Errorf("leaves at minute %d: %v, want %s", tt.until, got, tt.want)
		}
	}
}
