package pdf

import (
	"math"

	"github.com/rcp-care/rcp/minutes"
)

// The shapes of the verdicts in a unit square: those of the pages on screen,
// so that a state reads the same in both and in black and white.
var (
	tick  = []point{{.13, .45}, {0, .59}, {.37, .96}, {1, .19}, {.85, .06}, {.35, .68}}
	arrow = []point{{.5, 0}, {1, .5}, {.67, .5}, {.67, 1}, {.33, 1}, {.33, .5}, {0, .5}}
	bar   = []point{{0, .38}, {1, .38}, {1, .62}, {0, .62}}
	cross = []point{
		{.36, 0},
		{.64, 0},
		{.64, .36},
		{1, .36},
		{1, .64},
		{.64, .64},
		{.64, 1},
		{.36, 1},
		{.36, .64},
		{0, .64},
		{0, .36},
		{.36, .36},
	}
)

// shape draws a verdict's mark with its top left corner at x, y.
func (f *flow) shape(v minutes.Verdict, x, y float64) {
	s, k := shapeOf(v)
	if s != nil {
		f.c.polygon(s, x, y, shapeSize, k)
	}
}

func shapeOf(v minutes.Verdict) ([]point, ink) {
	switch v {
	case minutes.VerdictAchieved:
		return tick, green
	case minutes.VerdictProgress:
		return arrow, green
	case minutes.VerdictStable:
		return bar, grey
	case minutes.VerdictSetback:
		return turn(arrow, math.Pi), red
	case minutes.VerdictAbandoned:
		return turn(cross, math.Pi/4), grey
	case minutes.VerdictNew:
		return cross, grey
	}
	return nil, ink{}
}

// turn rotates a shape about the middle of its square.
func turn(s []point, angle float64) []point {
	sin, cos := math.Sincos(angle)
	out := make([]point, len(s))
	for i, p := range s {
		x, y := p.x-.5, p.y-.5
		out[i] = point{.5 + x*cos - y*sin, .5 + x*sin + y*cos}
	}
	return out
}
