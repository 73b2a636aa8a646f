package bench

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// curve is how long drafting takes as the stored patients grow, and how long
// finding who is due takes at the end without an index.
type curve struct {
	database          string
	draft, drag, find []time.Duration // medians, in the order of sizes
	scan              time.Duration
}

func curveOf(database string, d drafted) *curve {
	c := &curve{database: database}
	for i := range sizes {
		c.draft = append(c.draft, median(d.draft[i]))
		c.drag = append(c.drag, median(d.drag[i]))
		c.find = append(c.find, median(d.find[i]))
	}
	return c
}

// The drawing: both axes logarithmic, so that a time growing with the patients
// would rise as steeply as the dotted line does.
const (
	chartWide, chartHigh = 720, 420
	chartLeft, chartFoot = 70, 370
	decadeWide           = 190 // px per tenfold patients
	decadeHigh           = 62  // px per tenfold time
)

func chartX(patients int) float64 {
	return chartLeft + decadeWide*(math.Log10(float64(patients))-3)
}

func chartY(t time.Duration) float64 { return chartFoot - decadeHigh*math.Log10(ms(t)) }

// write puts the drawing into docs/images, where docs/BENCHMARKS.md shows it.
func (c *curve) write(b *testing.B) {
	b.Helper()
	file := filepath.Join("..", "..", "docs", "images", "drafting-"+strings.ToLower(c.database)+".svg")
	if err := os.WriteFile(file, []byte(c.svg()), 0o644); err != nil {
		b.Fatal(err)
	}
}

func (c *curve) svg() string {
	var s strings.Builder
	fmt.Fprintf(&s, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13" role="img">`+"\n", chartWide, chartHigh)
	fmt.Fprintf(&s, "<title>%s: time to draft as stored patients grow, 40 due throughout</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n", c.database)
	c.axes(&s)
	c.line(&s, 130, "#0b5c7a", "draft", c.draft)
	c.line(&s, 148, "#8a4b08", "draft again after a drag", c.drag)
	c.line(&s, 166, "#5a6672", "find who is due", c.find)
	last := sizes[len(sizes)-1]
	fmt.Fprintf(&s, `<path d="M%.0f %.0fL%.0f %.0f" stroke="#b3261e" stroke-dasharray="3 4" fill="none"/>`+"\n",
		chartX(sizes[0]), chartY(c.scan/time.Duration(last/sizes[0])), chartX(last), chartY(c.scan))
	fmt.Fprintf(&s, `<circle cx="%.0f" cy="%.0f" r="4" fill="#b3261e"/><text x="%.0f" y="%.0f" text-anchor="end" fill="#b3261e">without an index, measured at 1,000,000: %.0f ms (dotted: in proportion)</text>`+"\n",
		chartX(last), chartY(c.scan), chartX(last), chartY(c.scan)-10, ms(c.scan))
	s.WriteString("</svg>\n")
	return s.String()
}

func (c *curve) axes(s *strings.Builder) {
	fmt.Fprintf(s, `<text x="%d" y="24" font-weight="bold">%s: milliseconds (median) by patients stored, 500 teams, 40 due</text>`+"\n", chartLeft, c.database)
	for i, label := range []string{"1", "10", "100", "1,000", "10,000"} {
		y := chartFoot - decadeHigh*i
		fmt.Fprintf(s, `<path d="M%d %dH%d" stroke="#d7dde2"/><text x="%d" y="%d" text-anchor="end">%s</text>`+"\n", chartLeft, y, chartWide-20, chartLeft-8, y+4, label)
	}
	for _, n := range sizes {
		fmt.Fprintf(s, `<text x="%.0f" y="%d" text-anchor="middle">%d</text>`+"\n", chartX(n), chartFoot+22, n)
	}
}

func (c *curve) line(s *strings.Builder, row int, colour, label string, took []time.Duration) {
	var points []string
	for i, t := range took {
		points = append(points, fmt.Sprintf("%.0f %.0f", chartX(sizes[i]), chartY(t)))
		fmt.Fprintf(s, `<circle cx="%.0f" cy="%.0f" r="3" fill="%s"/>`+"\n", chartX(sizes[i]), chartY(t), colour)
	}
	fmt.Fprintf(s, `<path d="M%s" stroke="%s" stroke-width="2" fill="none"/>`+"\n", strings.Join(points, "L"), colour)
	fmt.Fprintf(s, `<text x="%d" y="%d" fill="%s">%s, %.1f ms at 1,000,000</text>`+"\n", chartLeft+20, row, colour, label, ms(took[len(took)-1]))
}
