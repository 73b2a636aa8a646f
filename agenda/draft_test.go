package agenda

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

var starts = time.Date(2026, 11, 26, 13, 30, 0, 0, time.UTC)

// anyDay is a day around the drafting day, or none.
func anyDay() *rapid.Generator[date.Date] {
	return rapid.Custom(func(t *rapid.T) date.Date {
		if rapid.Bool().Draw(t, "none") {
			return date.Date{}
		}
		return today.AddDays(rapid.IntRange(-90, 30).Draw(t, "days"))
	})
}

func anyCandidate(p id.Patient) *rapid.Generator[Candidate] {
	return rapid.Custom(func(t *rapid.T) Candidate {
		c := Candidate{Patient: careplan.Patient{
			ID: p, BirthFamily: rapid.SampledFrom([]string{"Aubriot", "Lamoisse"}).Draw(t, "name"),
			Deceased: rapid.IntRange(0, 9).Draw(t, "deceased") == 0,
			Sharing:  rapid.SampledFrom([]careplan.Sharing{careplan.SharingAgreed, careplan.SharingUnknown, careplan.SharingOpposed}).Draw(t, "sharing"),
		}}
		c.Plan = careplan.Plan{
			ID: id.Plan("plan-" + p), Status: careplan.PlanActive,
			LastReview: anyDay().Draw(t, "last"), NextReview: anyDay().Draw(t, "next"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "actions") {
			c.LateActions = append(c.LateActions, careplan.Action{Title: "a", Due: anyDay().Draw(t, "due"), Status: careplan.Requested})
		}
		for range rapid.IntRange(0, 2).Draw(t, "deferrals") {
			c.Deferrals = append(c.Deferrals, Deferral{On: today.AddDays(-7), Why: "time"})
		}
		if rapid.Bool().Draw(t, "asked") {
			u := rapid.SampledFrom([]Urgency{Routine, Soon, Urgent}).Draw(t, "urgency")
			c.Requests = []Request{{Question: "?", Urgency: u, Status: RequestWaiting, At: starts.AddDate(0, 0, -5)}}
		}
		return c
	})
}

func anyDrafting() *rapid.Generator[drafting] {
	return rapid.Custom(func(t *rapid.T) drafting {
		minutes := rapid.IntRange(20, 120).Draw(t, "minutes")
		d := drafting{
			meeting: meetings.Meeting{ID: "m", Starts: starts, Ends: starts.Add(time.Duration(minutes) * time.Minute), Zone: "Europe/Paris"},
			team:    meetings.Team{CaseMinutes: rapid.IntRange(0, 15).Draw(t, "each")}, today: today, now: starts,
		}
		for i := range rapid.IntRange(0, 25).Draw(t, "candidates") {
			d.candidates = append(d.candidates, anyCandidate(id.Patient(fmt.Sprintf("p%02d", i))).Draw(t, "candidate"))
		}
		return d
	})
}

func scheduled(lines []Item) []Item {
	return arrange(meetings.Meeting{}, lines, func(id.Patient) bool { return true }).Items
}

func total(lines []Item) (sum int) {
	for _, l := range lines {
		sum += l.Minutes
	}
	return sum
}

// stored is what a store would give back of drafted lines.
func stored(lines []Item) []Item {
	lines = slices.Clone(lines)
	for i := range lines {
		lines[i].Version++
	}
	return lines
}

func TestDraftHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := anyDrafting().Draw(t, "drafting")
		lines := d.draft()
		on := scheduled(lines)
		capacity := int(d.meeting.Duration().Minutes())
		if total(on) > capacity {
			t.Fatalf("%d minutes planned in %d", total(on), capacity)
		}
		seen := map[id.Patient]bool{}
		for _, l := range lines {
			if seen[l.Patient.ID] {
				t.Fatalf("%s stands twice", l.Patient.ID)
			}
			seen[l.Patient.ID] = true
			if ok, why := l.Patient.Reviewable(); !ok {
				t.Fatalf("proposed a patient who is %s", why)
			}
			if len(l.Reasons) == 0 || l.Minutes == 0 {
				t.Fatalf("a line without reason or time: %+v", l)
			}
		}
		for i, l := range on {
			if l.Position != i+1 {
				t.Fatalf("position %d at place %d", l.Position, i+1)
			}
			if i > 0 && urgent(l.Reasons) && !urgent(on[i-1].Reasons) {
				t.Fatal("an urgent request stands after something else")
			}
		}
		d.lines = stored(lines)
		if again := changed(d.lines, d.draft()); len(again) != 0 {
			t.Fatalf("drafting again changes %d lines", len(again))
		}
	})
}

func TestDraftDoesNotDependOnTheOrderRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := anyDrafting().Draw(t, "drafting")
		a := d.draft()
		d.candidates = rapid.Permutation(d.candidates).Draw(t, "shuffled")
		byPatient := cmpopts.SortSlices(func(a, b Item) bool { return a.Patient.ID < b.Patient.ID })
		if diff := cmp.Diff(a, d.draft(), cmpopts.IgnoreFields(Item{}, "ID"), byPatient); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestDraftKeepsWhatTheSecretaryDid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := anyDrafting().Draw(t, "drafting")
		d.lines = stored(d.draft())
		var order []id.Case
		for _, l := range scheduled(d.lines) {
			order = append(order, l.ID)
		}
		d.lines, _ = reorder(d.lines, rapid.Permutation(order).Draw(t, "order"))
		pinned := map[id.Case]int{}
		for _, l := range d.lines {
			if l.Pinned {
				pinned[l.ID] = l.Position
			}
		}
		for i := range d.candidates { // everything but the pins may change
			d.candidates[i].Requests = []Request{{Question: "?", Urgency: Urgent, Status: RequestWaiting, At: starts}}
		}
		on := scheduled(d.draft())
		for _, l := range on {
			if at, ok := pinned[l.ID]; ok && l.Position != at {
				t.Fatalf("a pinned line moved from %d to %d of %d", at, l.Position, len(on))
			}
			delete(pinned, l.ID)
		}
		if len(pinned) > 0 {
			t.Fatalf("%d pinned lines are gone", len(pinned))
		}
	})
}

func TestDeferredTwiceOutranksAnyRoutineReview(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		routine := onPlan(func(c *Candidate) {
			c.Patient.ID = "routine"
			c.Plan.NextReview = today.AddDays(-rapid.IntRange(0, 1000).Draw(t, "late"))
		})
		twice := onPlan(func(c *Candidate) {
			c.Patient.ID = "twice"
			c.Deferrals = []Deferral{{On: today.AddDays(-14), Why: "time"}, {On: today.AddDays(-7), Why: "time"}}
		})
		lines := []Item{line(routine), line(twice)}
		Rank(lines)
		if lines[0].Patient.ID != "twice" {
			t.Fatalf("%d over %d", Score(lines[0].Reasons), Score(lines[1].Reasons))
		}
	})
}

func line(c Candidate) Item {
	return Item{Patient: c.Patient, Reasons: Reasons(c, today, Thresholds{Meeting: meeting})}
}

func TestNobodyStarves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		other := anyCandidate("other").Draw(t, "other")
		other.Requests, other.Deferrals = nil, nil
		starved := onPlan(func(c *Candidate) {
			for i := range 12 {
				c.Deferrals = append(c.Deferrals, Deferral{On: today.AddDays(-7 * i), Why: "time"})
			}
		})
		if a, b := Score(line(starved).Reasons), Score(line(other).Reasons); a <= b {
			t.Fatalf("deferred twelve times: %d, another: %d", a, b)
		}
	})
}

func TestDraftTreatsEachLineByItsState(t *testing.T) {
	t.Parallel()
	due := onPlan(func(c *Candidate) { c.Plan.NextReview = today })
	gone := onPlan(func(c *Candidate) { c.Patient.ID, c.Patient.Deceased = "gone", true })
	tests := []struct {
		name string
		line Item
		cand []Candidate
		want Status
		why  string
	}{
		{"its reason is gone", Item{Patient: due.Patient, Status: Scheduled}, nil, Withdrawn, noReason},
		{"its reason is back", Item{Patient: due.Patient, Status: Withdrawn, DeferWhy: noReason}, []Candidate{due}, Scheduled, ""},
		{"withdrawn by the secretary", Item{Patient: due.Patient, Status: Withdrawn, DeferWhy: "hors sujet"}, []Candidate{due}, Withdrawn, "hors sujet"},
		{"deferred", Item{Patient: due.Patient, Status: Deferred, DeferWhy: "time"}, []Candidate{due}, Deferred, "time"},
		{"added by hand", Item{Patient: due.Patient, Status: Scheduled, Origin: ByHand}, nil, Scheduled, ""},
		{"pinned", Item{Patient: due.Patient, Status: Scheduled, Pinned: true}, nil, Scheduled, ""},
		{"discussed", Item{Patient: due.Patient, Status: Discussed}, []Candidate{due}, Discussed, ""},
		{"died since", Item{Patient: gone.Patient, Status: Scheduled, Pinned: true}, nil, Withdrawn, "deceased"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.line.ID, tt.line.Version = "c", 1
			d := drafting{
				meeting: meetings.Meeting{Starts: starts, Ends: starts.Add(time.Hour)}, today: today,
				lines: []Item{tt.line}, candidates: tt.cand,
			}
			got := d.draft()
			if len(got) != 1 || got[0].ID != "c" || got[0].Status != tt.want || got[0].DeferWhy != tt.why {
				t.Errorf("got %+v, want one line %s %q", got, tt.want, tt.why)
			}
		})
	}
}
