package pdf

import (
	"fmt"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// document is one PDF being laid out. Its content is cleaned and holds only
// what may be shown.
type document struct {
	flow
	content minutes.Content
	extract bool
	hash    string
	loc     *time.Location
	total   int       // pages; zero while counting
	sheets  []int     // the page of each case
	heights []float64 // of the sheets, zero until measured
	current string    // whose sheet is being drawn
	failed  error     // of drawing PROJET
	data    []byte    // what it is made from, uncleaned, as JSON

	untagged bool
}

func newDocument(c minutes.Content, o Options) *document {
	loc, err := time.LoadLocation(c.Zone)
	if err != nil {
		loc = time.UTC // said beside the hours: see zoneName
	}
	n := len(c.Cases)
	return &document{
		content: c, extract: o.Part == Extract, hash: o.Hash, loc: loc, untagged: o.Untagged,
		sheets: make([]int, n), heights: make([]float64, n),
	}
}

// render lays the document out twice: to count, then to draw.
func (d *document) render(m *measures) (Result, error) {
	counting := &canvas{m: m}
	d.draw(counting)
	if counting.page > maxPages {
		return Result{}, fault.New(fault.Invalid, "pdf.render", "Le compte rendu est trop long pour être imprimé.")
	}
	d.total = counting.page
	drawing := open(m, counting.used, d.info())
	if d.untagged {
		drawing.tags = nil
	}
	d.draw(drawing)
	if d.failed != nil {
		return Result{}, d.failed
	}
	if drawing.page != counting.page {
		return Result{}, fault.Errorf("pdf.render", "%d pages drawn, %d counted", drawing.page, counting.page)
	}
	out, err := drawing.bytes()
	return Result{PDF: out, Pages: drawing.page}, err
}

// draw lays everything out on a canvas, in reading order.
func (d *document) draw(c *canvas) {
	d.flow = flow{c: c, onPage: d.furniture}
	d.newPage()
	d.head()
	d.attendance()
	if !d.extract {
		d.summary()
		d.registered()
	}
	for i := range d.content.Cases {
		d.sheet(i)
	}
	if !d.extract {
		d.deferred()
	}
	d.signature()
}

// info is the document's metadata; it never names a patient.
func (d *document) info() info {
	c := d.content
	title := d.title() + " – " + c.Team + " – " + d.day()
	if d.extract {
		title += " – extrait"
	}
	if c.Training {
		title = training + " – " + title
	}
	at := c.SignedAt
	if at.IsZero() {
		at = c.Starts
	}
	if at = at.In(d.loc); at.IsZero() || at.Year() < 1 || at.Year() > 9999 {
		at = time.Unix(0, 0).UTC() // a date in a PDF has four digits for its year
	}
	return info{title: oneLine(title), author: oneLine(c.Org), at: at, data: d.data, file: "compte-rendu.json", what: "Données du compte rendu (JSON)"}
}

// oneLine is s as metadata hold it: short, without line breaks.
func oneLine(s string) string {
	s, _ = shorten(strings.TrimSpace(strings.ReplaceAll(s, "\n", " ")), 1000)
	return s
}

// title is the document's name. Only a case with its quorum makes a RCP.
func (d *document) title() string {
	name := "Compte rendu de "
	if !d.content.Signed() {
		name = "Projet de compte rendu de "
	}
	switch {
	case d.content.Kind != meetings.RCP:
		return name + "réunion de synthèse"
	case d.anyQuorum():
		return name + "RCP"
	}
	return fr(name + "réunion d'équipe")
}

func (d *document) anyQuorum() bool {
	for _, k := range d.content.Cases {
		if k.Decision.Quorum.State == meetings.QuorumReached {
			return true
		}
	}
	return false
}

// day is the meeting's date, 26/11/2026.
func (d *document) day() string { return d.dayOf(d.content.Starts) }

func (d *document) dayOf(t time.Time) string {
	if t.IsZero() {
		return unsaid
	}
	return shortDate(date.Of(t.In(d.loc)))
}

// zoneName names the zone the hours are in when it is not the one asked for.
func (d *document) zoneName() string {
	if d.loc == time.UTC && d.content.Zone != "UTC" {
		return " (heure UTC)"
	}
	return ""
}

// furniture draws what every page carries around its text.
func (d *document) furniture() {
	small := style{regular, sizeFoot, pale}
	w := right - left
	if mark := d.mark(); mark != "" {
		if err := d.c.outline(mark, markSize(mark), 38, faded); err != nil {
			d.failed = err
		}
		if mark = "PROJET"; d.content.Training {
			mark = training
		}
		if d.content.Training && !d.content.Signed() {
			mark += " · PROJET"
		}
		l := d.c.m.fit([]span{{mark, style{bold, 10, red}}}, w)
		d.c.line(right-l.width, headY-1, l)
		w -= l.width + 16
	}
	if d.c.page > 1 {
		d.c.line(left, headY, d.c.m.fit(d.running(small), w))
		d.c.rule(left, headY+16, right, headY+16, 0.5, hair)
	}
	d.c.rule(left, footY-6, right, footY-6, 0.5, hair)
	number := d.c.m.fit([]span{{pagesOf(d.c.page, d.total), small}}, 100)
	d.c.line(right-number.width, footY, number)
	d.c.line(left, footY, d.c.m.fit([]span{{d.foot(), small}}, right-left-110))
}

// training is on every page of what a training team prints, signed or not.
const training = "FORMATION"

// markSize is the size of a word across the page, in points: a long one is
// smaller, so that no letter is cut off.
func markSize(word string) float64 {
	if len(word) > len("PROJET") {
		return 92
	}
	return 132
}

// mark is the word across the pages.
func (d *document) mark() string {
	switch {
	case d.content.Training:
		return training
	case !d.content.Signed():
		return "PROJET"
	}
	return ""
}

// running is the head of the pages after the first. It names the patient of an
// extract, or whose sheet goes on from the page before, so that no page can be
// taken for another person's.
func (d *document) running(small style) []span {
	c := d.content
	out := []span{{c.Team, style{bold, sizeFoot, grey}}, {" · " + d.title() + " du " + d.day(), small}}
	switch {
	case d.extract:
		k := c.Cases[0]
		who := fullName(k.BirthFamily, k.BirthGiven) + ", " + bornWord(k.Sex) + shortDate(k.BirthDate)
		out = append([]span{{who, style{bold, sizeFoot, grey}}, {" · ", small}}, out...)
	case d.current != "":
		who := d.current + " (suite)"
		out = append([]span{{who, style{bold, sizeFoot, petrol}}, {" · ", small}}, out...)
	}
	return out
}

func (d *document) foot() string {
	s := or(d.content.Org, unsaid) + " · version " + fmt.Sprint(d.content.Version)
	if d.hash != "" && d.content.Signed() {
		short, cut := shorten(d.hash, 16)
		s += " · empreinte " + short
		if cut > 0 {
			s += "…"
		}
	}
	return s
}
