package web

import (
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/minutes"
)

func TestATrajectoryIsDrawnAndSaid(t *testing.T) {
	t.Parallel()
	day := func(m, d int) date.Date { return date.New(2026, 0, 0).AddDays(m*31 + d) }
	points := []point{
		{day(9, 1), minutes.VerdictNew},
		{day(9, 15), minutes.VerdictProgress},
		{day(10, 1), minutes.VerdictStable},
		{day(10, 15), minutes.VerdictSetback},
		{day(11, 1), minutes.VerdictAchieved},
		{day(11, 9), waitingVerdict},
	}
	got := trajOf("fr", points, day(10, 15), true)
	if len(got.Marks) != 6 || got.Marks[5].Class != "ring" || got.Marks[1].Class != "pt up" || got.Marks[3].Class != "pt down" {
		t.Errorf("marks: %+v", got.Marks)
	}
	if got.Due == "" || len(got.Labels) != 6 {
		t.Errorf("due %q, %d labels", got.Due, len(got.Labels))
	}
	for _, w := range []string{"Trajectoire", "nouveau", "progrès", "stable", "recul", "atteint", "à évaluer"} {
		if !strings.Contains(got.Alt, w) {
			t.Errorf("%q does not say %q", got.Alt, w)
		}
	}
	if empty := trajOf("fr", nil, date.Date{}, true); len(empty.Marks) != 0 || empty.Line != "" || empty.Alt == "" {
		t.Errorf("of nothing: %+v", empty)
	}
}

// Every point stays inside the drawing, whatever was said, and a progress is
// never drawn below what came before it.
func TestATrajectoryStaysInside(t *testing.T) {
	t.Parallel()
	all := append([]minutes.Verdict{waitingVerdict, minutes.VerdictNew}, minutes.Verdicts...)
	rapid.Check(t, func(t *rapid.T) {
		said := rapid.SliceOfN(rapid.SampledFrom(all), 1, 12).Draw(t, "verdicts")
		var points []point
		for i, v := range said {
			points = append(points, point{date.New(2026, 1, 1).AddDays(7 * i), v})
		}
		ys := levels(points, 25)
		for i, y := range ys {
			if y < 5-1e-9 || y > 25+1e-9 {
				t.Fatalf("%v: point %d at %v", said, i, y)
			}
			if i > 0 && said[i] == minutes.VerdictProgress && said[i-1] != minutes.VerdictAchieved && y > ys[i-1] {
				t.Fatalf("%v: a progress goes down at %d", said, i)
			}
		}
		for _, m := range trajOf("fr", points, date.Date{}, false).Marks {
			if x, err := strconv.ParseFloat(m.X, 64); err != nil || x < 6 || x > 114 {
				t.Fatalf("a mark at %q", m.X)
			}
		}
	})
}
