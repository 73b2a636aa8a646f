package web

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/minutes"
)

// waitingVerdict is the point of a meeting that has not spoken yet.
const waitingVerdict minutes.Verdict = ""

// point is what one meeting said of an objective.
type point struct {
	On      date.Date
	Verdict minutes.Verdict
}

// traj is an objective over its meetings, as an SVG drawing: one point a
// meeting, a dotted line for what is expected, an upright one for the due date.
type traj struct {
	W, H   int
	Box    string // the viewBox
	Goal   string // path of what is expected
	Due    string // path of the due date; empty when it lies outside
	Line   string
	Marks  []mark
	Labels []axisLabel
	Alt    string // all of it in words
}

type mark struct {
	Class  string // pt, pt up, pt down or ring
	Points string // of a polygon; empty for a ring
	X, Y   string
}

type axisLabel struct{ X, Anchor, DX, Text string }

// trajOf draws the points, oldest first. Labelled drawings are the large ones
// of the patient's page, the others the small ones of the room.
func trajOf(l string, points []point, due date.Date, labelled bool) traj {
	t := traj{W: 120, H: 30}
	bottom := 25.0
	if labelled {
		t.W, t.H, bottom = 250, 62, 41
	}
	t.Box = fmt.Sprintf("0 0 %d %d", t.W, t.H)
	t.Goal, t.Alt = fmt.Sprintf("M0 5H%d", t.W), trajWords(l, points)
	xs, ys := along(len(points), float64(t.W)), levels(points, bottom)
	var line []string
	for i, p := range points {
		line = append(line, coord(xs[i])+","+coord(ys[i]))
		t.Marks = append(t.Marks, markOf(p.Verdict, xs[i], ys[i]))
		if labelled {
			t.Labels = append(t.Labels, labelOf(i, len(points), xs[i], p.On))
		}
	}
	if len(points) > 1 {
		t.Line = strings.Join(line, " ")
	}
	if x, ok := duePlace(points, xs, due); ok {
		t.Due = fmt.Sprintf("M%s 0V%s", coord(x), coord(bottom+5))
	}
	return t
}

// along spreads n points over a width, 6 from either side.
func along(n int, width float64) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		if n > 1 {
			xs[i] = 6 + (width-12)*float64(i)/float64(n-1)
		} else {
			xs[i] = 6
		}
	}
	return xs
}

// levels gives each point its height: a progress goes a step up, a setback a
// step down, an achievement to the dotted line at 5.
func levels(points []point, bottom float64) []float64 {
	at, least, most := 0, 0, 2
	steps := make([]int, len(points))
	for i, p := range points {
		switch p.Verdict {
		case minutes.VerdictProgress:
			at++
		case minutes.VerdictSetback:
			at--
		}
		steps[i] = at
		if p.Verdict == minutes.VerdictAchieved {
			most = max(most, at+1-least)
		}
		least, most = min(least, at), max(most, at)
	}
	ys := make([]float64, len(points))
	step := (bottom - 5) / (float64(most-least) + 0.6)
	for i, p := range points {
		ys[i] = bottom - step*float64(steps[i]-least)
		if p.Verdict == minutes.VerdictAchieved {
			ys[i] = 5
		}
	}
	return ys
}

// duePlace is where a due date stands among the points' dates.
func duePlace(points []point, xs []float64, due date.Date) (float64, bool) {
	if due.IsZero() {
		return 0, false
	}
	for i := 1; i < len(points); i++ {
		from, to := points[i-1].On, points[i].On
		if due.Before(from) || due.After(to) || to.Sub(from) == 0 {
			continue
		}
		return xs[i-1] + (xs[i]-xs[i-1])*float64(due.Sub(from))/float64(to.Sub(from)), true
	}
	return 0, false
}

func labelOf(i, n int, x float64, on date.Date) axisLabel {
	a := axisLabel{X: coord(x), Anchor: "middle", DX: "0", Text: lang.DayMonth(on)}
	switch i {
	case 0:
		a.Anchor, a.DX = "start", "-5"
	case n - 1:
		a.Anchor, a.DX = "end", "5"
	}
	return a
}

// shape is a mark's outline around its point.
type shape [][2]float64

// The shapes are those of the states in rcp.css.
func shapeOf(v minutes.Verdict) (shape, string) {
	switch v {
	case minutes.VerdictAchieved:
		return shape{{-4.6, -.5}, {-6, 1}, {-1.8, 5.3}, {6.4, -3.8}, {4.7, -5.3}, {-2, 2.2}}, "pt up"
	case minutes.VerdictProgress:
		return shape{{0, -5.5}, {5.5, 0}, {1.9, 0}, {1.9, 5.5}, {-1.9, 5.5}, {-1.9, 0}, {-5.5, 0}}, "pt up"
	case minutes.VerdictSetback:
		return shape{{0, 5.5}, {5.5, 0}, {1.9, 0}, {1.9, -5.5}, {-1.9, -5.5}, {-1.9, 0}, {-5.5, 0}}, "pt down"
	case minutes.VerdictStable:
		return shape{{-4.9, -1.5}, {5, -1.5}, {5, 1.5}, {-4.9, 1.5}}, "pt"
	case minutes.VerdictAbandoned:
		return turned(cross()), "pt"
	}
	return cross(), "pt"
}

func cross() shape {
	return shape{
		{-1.5, -5.5},
		{1.5, -5.5},
		{1.5, -1.5},
		{5.5, -1.5},
		{5.5, 1.5},
		{1.5, 1.5},
		{1.5, 5.5},
		{-1.5, 5.5},
		{-1.5, 1.5},
		{-5.5, 1.5},
		{-5.5, -1.5},
		{-1.5, -1.5},
	}
}

// turned is a shape turned by an eighth.
func turned(s shape) shape {
	out := make(shape, len(s))
	for i, p := range s {
		out[i] = [2]float64{(p[0] - p[1]) * math.Sqrt2 / 2, (p[0] + p[1]) * math.Sqrt2 / 2}
	}
	return out
}

func markOf(v minutes.Verdict, x, y float64) mark {
	m := mark{Class: "ring", X: coord(x), Y: coord(y)}
	if v == waitingVerdict {
		return m
	}
	s, class := shapeOf(v)
	var out []string
	for _, p := range s {
		out = append(out, coord(x+p[0]), coord(y+p[1]))
	}
	m.Class, m.Points = class, strings.Join(out, " ")
	return m
}

// coord is a coordinate with at most one decimal.
func coord(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

func trajWords(l string, points []point) string {
	if len(points) == 0 {
		return lang.T(l, "Trajectoire : pas encore évalué")
	}
	parts := make([]string, len(points))
	for i, p := range points {
		parts[i] = strings.ToLower(verdictWord(l, p.Verdict)) + " " + lang.DayMonth(p.On)
	}
	return lang.T(l, "Trajectoire : %s", strings.Join(parts, ", "))
}

func verdictWord(l string, v minutes.Verdict) string {
	switch v {
	case minutes.VerdictAchieved:
		return lang.T(l, "Atteint")
	case minutes.VerdictProgress:
		return lang.T(l, "Progrès")
	case minutes.VerdictStable:
		return lang.T(l, "Stable")
	case minutes.VerdictSetback:
		return lang.T(l, "Recul")
	case minutes.VerdictAbandoned:
		return lang.T(l, "Abandon")
	case minutes.VerdictNew:
		return lang.T(l, "Nouveau")
	}
	return lang.T(l, "À évaluer")
}

// verdictOf is the verdict nearest to an imported achievement.
func verdictOf(a careplan.Achievement) minutes.Verdict {
	switch a {
	case careplan.Achieved, careplan.Sustaining:
		return minutes.VerdictAchieved
	case careplan.Improving:
		return minutes.VerdictProgress
	case careplan.Worsening:
		return minutes.VerdictSetback
	case careplan.NotAchieved, careplan.NotAttainable:
		return minutes.VerdictAbandoned
	case careplan.InProgress, careplan.NoChange, careplan.NoProgress:
		return minutes.VerdictStable
	}
	return waitingVerdict
}

// pointsOf is an objective's life: its start, what signed meetings said of it,
// and an imported achievement that is newer. Past is newest first.
func pointsOf(o id.Objective, start date.Date, a careplan.Achievement, on date.Date, past []minutes.PastDecision) []point {
	var out []point
	for i := len(past) - 1; i >= 0; i-- {
		for _, said := range past[i].Decision.Objectives {
			if said.Objective == o && said.Verdict != waitingVerdict {
				out = append(out, point{date.Of(past[i].MeetingAt.In(paris())), said.Verdict})
			}
		}
	}
	if !start.IsZero() && (len(out) == 0 || start.Before(out[0].On)) {
		out = append([]point{{start, minutes.VerdictNew}}, out...)
	}
	v := verdictOf(a)
	if v != waitingVerdict && !on.IsZero() && (len(out) == 0 || on.After(out[len(out)-1].On)) {
		out = append(out, point{on, v})
	}
	if most := 6; len(out) > most { // older ones do not fit and matter less
		out = out[len(out)-most:]
	}
	return out
}
