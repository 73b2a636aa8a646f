package pdf

import (
	"bytes"
	"fmt"
	"math"
	"time"

	"github.com/jung-kurt/gofpdf"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// A4 and its margins, in points.
const (
	pageWidth  = 595.28
	pageHeight = 841.89
	left       = 56.0
	right      = pageWidth - 56.0
	top        = 74.0
	bottom     = pageHeight - 70.0
	headY      = 36.0 // running head
	footY      = pageHeight - 46.0
)

// The inks: those of the pages on screen.
var (
	black  = ink{0x16, 0x21, 0x2a}
	grey   = ink{0x43, 0x50, 0x5b}
	pale   = ink{0x5b, 0x67, 0x71}
	hair   = ink{0xd3, 0xda, 0xde}
	edge   = ink{0x9a, 0xa5, 0xac}
	petrol = ink{0x0c, 0x5a, 0x79}
	green  = ink{0x1a, 0x6a, 0x3d}
	red    = ink{0xae, 0x26, 0x1b}
	faded  = ink{0xdf, 0xae, 0xaa} // PROJET, under the text
)

// canvas is the one place that places marks on pages, and the only user of
// gofpdf. Whatever it draws it draws inside marked content, of the current
// element of the structure or of an artifact. Without a document it draws
// nothing and counts: that is the first of the two renderings. Coordinates are
// points from the top left corner.
type canvas struct {
	m    *measures
	pdf  *gofpdf.Fpdf // nil while counting
	tags *tags        // nil while counting, and of an untagged document
	info info
	page int
	used [faceCount]bool
	high [256]bool // the high bytes of the characters drawn
	now  style     // set last on this page

	marks []bookmark
}

// info is what the document says of itself, and the data it was made from.
type info struct {
	title, author string
	at            time.Time // of the content, never of the clock
	data          []byte    // JSON
	file, what    string    // its name and description as an attachment
}

// open turns the canvas into one that draws, with the faces that are used.
func open(m *measures, used [faceCount]bool, i info) *canvas {
	p := gofpdf.New("P", "pt", "A4", "")
	p.SetCatalogSort(true)
	p.SetAutoPageBreak(false, 0)
	p.SetMargins(0, 0, 0)
	p.SetCreationDate(i.at) // replaced by the finisher: gofpdf would take the clock
	p.SetModificationDate(i.at)
	for f := range faceCount {
		if used[f] {
			family, variant := f.name()
			p.AddUTF8FontFromBytes(family, variant, f.ttf())
		}
	}
	return &canvas{m: m, pdf: p, tags: newTags(), info: i}
}

// bytes closes the document and makes it PDF/A and PDF/UA.
func (c *canvas) bytes() ([]byte, error) {
	c.unmark()
	var b bytes.Buffer
	if err := c.pdf.Output(&b); err != nil {
		return nil, err
	}
	if c.tags == nil {
		return b.Bytes(), nil
	}
	return finish(b.Bytes(), c)
}

func (c *canvas) newPage() {
	c.page++
	c.now = style{}
	if c.pdf != nil {
		c.unmark()
		c.pdf.AddPage()
		if c.tags != nil {
			c.tags.pages = append(c.tags.pages, nil)
		}
	}
}

// line draws a line of text whose top left corner is x, y.
func (c *canvas) line(x, y float64, l line) {
	base := y + l.height/2 + l.size*0.32
	for i, f := range l.frags {
		c.used[f.style.face] = true
		if c.pdf == nil {
			continue
		}
		if l.soft && i == len(l.frags)-1 {
			f.text += " " // unseen: it parts the words for who listens
		}
		for _, r := range f.text {
			c.high[byte(r>>8)] = true //nolint:gosec // of a rune of the basic plane
		}
		c.mark()
		if c.now != f.style {
			family, variant := f.style.face.name()
			c.pdf.SetFont(family, variant, f.style.size)
			c.pdf.SetTextColor(f.style.ink.r, f.style.ink.g, f.style.ink.b)
			c.now = f.style
		}
		c.pdf.Text(x+f.x, base, f.text)
	}
}

// rule draws a straight line, w points thick.
func (c *canvas) rule(x1, y1, x2, y2, w float64, k ink) {
	if c.pdf == nil {
		return
	}
	c.apart(layout, c.mark)
	c.pdf.SetDrawColor(k.r, k.g, k.b)
	c.pdf.SetLineWidth(w)
	c.pdf.Line(x1, y1, x2, y2)
}

// picture draws a PNG in the current element, which says alt to who does not
// see it (PDF/UA-1, 7.3).
func (c *canvas) picture(png []byte, alt string, x, y, w, h float64) {
	c.begin(roleFigure)
	defer c.leave()
	if c.pdf == nil {
		return
	}
	if c.tags != nil {
		c.tags.current.more = fmt.Sprintf("/Alt%s/A<</O/Layout/Placement/Block/BBox[%.2f %.2f %.2f %.2f]>>",
			textString(alt), x, pageHeight-y-h, x+w, pageHeight-y)
	}
	c.mark()
	o := gofpdf.ImageOptions{ImageType: "PNG"}
	c.pdf.RegisterImageOptionsReader("logo", o, bytes.NewReader(png))
	c.pdf.ImageOptions("logo", x, y, w, h, false, o, 0, "")
}

// bookmark is an entry of the list that a reader opens beside the pages.
type bookmark struct {
	title string
	page  int     // from 0
	top   float64 // from the bottom of the page, as PDF counts
}

// bookmark leads to y on this page.
func (c *canvas) bookmark(title string, y float64) {
	if c.pdf != nil {
		title, _ = shorten(title, 200)
		c.marks = append(c.marks, bookmark{title, c.page - 1, pageHeight - y})
	}
}

// point is a place on the page, or in a unit square for shapes.
type point struct{ x, y float64 }

// polygon fills a shape given in a unit square, scaled to size at x, y. It
// stands beside a word that says the same, so nobody needs to hear it.
func (c *canvas) polygon(shape []point, x, y, size float64, k ink) {
	if c.pdf == nil {
		return
	}
	ps := make([]gofpdf.PointType, len(shape))
	for i, p := range shape {
		ps[i] = gofpdf.PointType{X: x + p.x*size, Y: y + p.y*size}
	}
	c.apart(layout, c.mark)
	c.pdf.SetFillColor(k.r, k.g, k.b)
	c.pdf.Polygon(ps, "F")
}

// outline draws word in outlined letters along a slope through the middle of
// the page. It draws shapes, not text, so that it never mixes into what is
// copied, searched or read aloud.
func (c *canvas) outline(word string, size, degrees float64, k ink) error {
	if c.pdf == nil {
		return nil
	}
	var b sfnt.Buffer
	ppem := fixed.I(int(size))
	sin, cos := math.Sincos(-degrees * math.Pi / 180)
	paths, width, err := letters(&b, c.m.projet, ppem, word)
	if err != nil {
		return err
	}
	place := func(p fixed.Point26_6) (float64, float64) {
		x, y := float64(p.X)/64-width/2, float64(p.Y)/64+size*0.33
		return pageWidth/2 + x*cos - y*sin, pageHeight/2 + x*sin + y*cos
	}
	c.apart(pagination, c.mark)
	c.pdf.SetDrawColor(k.r, k.g, k.b)
	c.pdf.SetLineWidth(1.1)
	trace(c.pdf, paths, place)
	c.pdf.DrawPath("D")
	return nil
}

// letters returns the contours of word on one line, and its width.
func letters(b *sfnt.Buffer, f *sfnt.Font, ppem fixed.Int26_6, word string) (sfnt.Segments, float64, error) {
	var all sfnt.Segments
	var x fixed.Int26_6
	for _, r := range word {
		g, err := f.GlyphIndex(b, r)
		if err != nil {
			return nil, 0, err
		}
		segs, err := f.LoadGlyph(b, g, ppem, nil)
		if err != nil {
			return nil, 0, err
		}
		for _, s := range segs {
			for i := range s.Args {
				s.Args[i].X += x
			}
			all = append(all, s)
		}
		a, err := f.GlyphAdvance(b, g, ppem, font.HintingNone)
		if err != nil {
			return nil, 0, err
		}
		x += a + ppem/12
	}
	return all, float64(x) / 64, nil
}

// trace writes contours as a path; TrueType's quadratic curves are raised to
// the cubic ones of PDF.
func trace(p *gofpdf.Fpdf, segs sfnt.Segments, place func(fixed.Point26_6) (float64, float64)) {
	var x0, y0 float64
	for i, s := range segs {
		x, y := place(s.Args[0])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			if i > 0 {
				p.ClosePath()
			}
			p.MoveTo(x, y)
		case sfnt.SegmentOpLineTo:
			p.LineTo(x, y)
		case sfnt.SegmentOpQuadTo:
			x2, y2 := place(s.Args[1])
			p.CurveBezierCubicTo(x0+2*(x-x0)/3, y0+2*(y-y0)/3, x2+2*(x-x2)/3, y2+2*(y-y2)/3, x2, y2)
			x, y = x2, y2
		case sfnt.SegmentOpCubeTo:
			x2, y2 := place(s.Args[1])
			x3, y3 := place(s.Args[2])
			p.CurveBezierCubicTo(x, y, x2, y2, x3, y3)
			x, y = x3, y3
		}
		x0, y0 = x, y
	}
	p.ClosePath()
}
