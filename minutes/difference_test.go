package minutes

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rcp-care/rcp/internal/date"
)

func corrected() (a, b Content) {
	a.Cases = []Case{
		{Case: "one", Decision: Decision{
			Summary: "Deux passages", NextReview: date.New(2026, 12, 10),
			Objectives: []ObjectiveResult{{Objective: "walk", Title: "Marcher", Verdict: VerdictAchieved}, {Objective: "eat", Title: "Manger"}},
			Actions:    []NewAction{{ID: "bar", Title: "Barre d’appui", OwnerName: "Joël"}, {ID: "call", Title: "Appeler"}},
		}},
		{Case: "two", Decision: Decision{Summary: "Rien"}},
	}
	b.Cases = []Case{
		{Case: "one", Decision: Decision{
			Summary: "Trois passages", NextReview: date.New(2026, 12, 17),
			Objectives: []ObjectiveResult{
				{Objective: "walk", Title: "Marcher", Verdict: VerdictProgress},
				{Objective: "eat", Title: "Manger"},
				{Objective: "sleep", Title: "Dormir", Verdict: VerdictNew, Owner: "Inès", Due: date.New(2027, 1, 1)},
			},
			Actions: []NewAction{{ID: "bar", Title: "Barre d’appui", OwnerName: "Maud", Due: date.New(2026, 12, 9)}},
		}},
		{Case: "two", Decision: Decision{Summary: "Rien"}},
	}
	return a, b
}

func TestDifference(t *testing.T) {
	t.Parallel()
	want := []Change{
		{"one", "Décision", "", "Deux passages", "Trois passages"},
		{"one", "Revoir le", "", "10/12/2026", "17/12/2026"},
		{"one", "Verdict", "Marcher", "Atteint", "Progrès"},
		{"one", "Verdict", "Dormir", "", "Nouveau"},
		{"one", "Objectif", "Dormir", "", "Dormir, Inès, 01/01/2027"},
		{"one", "Action", "Barre d’appui", "Barre d’appui, Joël", "Barre d’appui, Maud, 09/12/2026"},
		{"one", "Action", "Appeler", "Appeler", ""},
	}
	a, b := corrected()
	if d := cmp.Diff(want, Difference(a, b)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	b.Cases = b.Cases[:1]
	got := Difference(a, b)
	if last := got[len(got)-1]; last != (Change{"two", "Décision", "", "Rien", ""}) {
		t.Errorf("a case that is gone: %+v", last)
	}
}

// TestDifferenceIsFair: nothing differs from itself, and what is said of a and b
// is said of b and a, the other way round.
func TestDifferenceIsFair(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) Content {
			word := rapid.SampledFrom([]string{"", "a", "b"})
			var c Content
			for _, key := range []string{"one", "two"} {
				k := Case{Decision: Decision{Summary: word.Draw(t, name), Words: word.Draw(t, name), Informer: word.Draw(t, name)}}
				k.Case = Case{Case: "one"}.Case
				if key == "two" {
					k.Case = "two"
				}
				k.Decision.Actions = []NewAction{{ID: "x", Title: word.Draw(t, name)}}
				c.Cases = append(c.Cases, k)
			}
			return c
		}
		a, b := draw("a"), draw("b")
		if got := Difference(a, a); len(got) != 0 {
			t.Fatalf("differs from itself: %+v", got)
		}
		forth, back := Difference(a, b), Difference(b, a)
		if len(forth) != len(back) {
			t.Fatalf("%d forth, %d back", len(forth), len(back))
		}
		for i := range forth {
			if forth[i].Was != back[i].Is || forth[i].Is != back[i].Was {
				t.Fatalf("%+v, %+v", forth[i], back[i])
			}
		}
	})
}
