package minutes

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rcp-care/rcp/internal/id"
)

func TestDrawFollowsTheShareAndTheHashAlone(t *testing.T) {
	t.Parallel()
	cases := make([]id.Case, 20_000)
	for i := range cases {
		cases[i] = id.Case(fmt.Sprintf("case-%d", i))
	}
	for _, share := range []int{1, 10, 50, 100} {
		got := 100 * float64(len(Draw("sha", cases, share, false))) / float64(len(cases))
		if got < 0.9*float64(share) || got > 1.1*float64(share) {
			t.Errorf("a share of %d draws %.2f %%", share, got)
		}
	}
	if slices.Equal(Draw("sha", cases, 10, false), Draw("other", cases, 10, false)) {
		t.Error("another signature draws the same cases")
	}
}

func TestDrawAgainIsTheSameAndOneAtLeast(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sha, share := rapid.String().Draw(t, "sha"), rapid.IntRange(1, 100).Draw(t, "share")
		cases := rapid.SliceOfDistinct(rapid.StringN(1, 8, -1), rapid.ID[string]).Draw(t, "cases")
		var ids []id.Case
		for _, c := range cases {
			ids = append(ids, id.Case(c))
		}
		drawn := Draw(sha, ids, share, true)
		if len(ids) > 0 && len(drawn) == 0 {
			t.Fatal("a quarter without a case to read over")
		}
		slices.Reverse(ids)
		again := Draw(sha, ids, share, true)
		slices.Sort(drawn)
		slices.Sort(again)
		if !slices.Equal(drawn, again) {
			t.Fatalf("drawn %v, then %v", drawn, again)
		}
		if share == 100 && len(drawn) != len(ids) {
			t.Fatalf("everything: %d of %d", len(drawn), len(ids))
		}
	})
}

func TestQuarterTurnsWhereTheTeamIs(t *testing.T) {
	t.Parallel()
	paris := Content{Zone: "Europe/Paris"}.location()
	for at, want := range map[string]string{
		"2026-09-30T21:59:59Z": "2026-3", "2026-09-30T22:00:00Z": "2026-4", // summer time
		"2026-12-31T22:59:59Z": "2026-4", "2026-12-31T23:00:00Z": "2027-1",
	} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := quarterOf(when.In(paris)); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
}
