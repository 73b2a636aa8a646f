// Package pdf prints the minutes of a meeting in French: the register, with
// every patient, for the secretary and the chair, and the extract of one
// patient for their record.
//
// What always holds: the same content gives the same bytes, in any process and
// from any number of goroutines, because dates come from the content and never
// from the clock; every page of unsigned minutes says PROJET; an extract names
// no patient but its own; a case of a RCP without its quorum never prints as
// one; no text, whatever its bytes, breaks a render. What people typed is
// printed as typed, once cleaned of what a page cannot hold (see cleaner);
// what is not there prints « non renseigné ». Arabic and Hebrew print in
// logical order, unshaped.
//
// How: a document is laid out twice through a flow, which breaks lines, tables
// and pages, on a canvas, which places the marks. The first canvas only counts
// (pages, faces used, the page of each sheet), the second draws. The canvas is
// the only user of gofpdf and takes from it glyphs, strokes and pages, nothing
// else. Each line, shape and rule passes through one of its methods, which marks
// it as content of an element or as an artifact. A finisher then writes gofpdf's
// file again as PDF/A-3a and PDF/UA-1 (docs/adr/0016): the structure, metadata,
// colour profile, identifier, and the data printed, attached as JSON.
//
// Storing the PDF, its hash and who may read it are left to minutes and
// notify; the signature of the file itself (PAdES) is not made here.
package pdf

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"runtime"
	"slices"

	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/minutes"
)

// Part is what is printed of the minutes.
type Part = minutes.DocumentKind

// The parts.
const (
	Register Part = minutes.Register // every patient
	Extract  Part = minutes.Extract  // one patient
)

// maxPages bounds a document; past it the content is refused.
const maxPages = 2000

// Options say what to print.
type Options struct {
	Part    Part       // empty: Register
	Patient id.Patient // of an extract
	Hash    string     // SHA-256 of signed content; empty: computed from its JSON

	Untagged bool // the same pages as gofpdf leaves them: what tags are measured against
}

// Result is a document.
type Result struct {
	PDF      []byte
	Pages    int
	Replaced int // glyphs shown as □, of all texts printed
}

// Renderer prints minutes for minutes.Service. Its zero value is ready and
// safe for concurrent use.
type Renderer struct{}

// Render prints the register, or the extract of one patient. The hash is that
// of the whole signed content.
func (Renderer) Render(c minutes.Content, kind minutes.DocumentKind, patient id.Patient, hash string) (pdf []byte, pages int, err error) {
	r, err := Render(c, Options{Part: kind, Patient: patient, Hash: hash})
	return r.PDF, r.Pages, err
}

// Render prints the minutes. The fault is NotFound when an extract's patient
// has no case in them, Invalid when the document would pass 2,000 pages.
func Render(c minutes.Content, o Options) (r Result, err error) {
	const op = "pdf.Render"
	defer func() {
		if p := recover(); p != nil {
			r, err = Result{}, fault.Errorf(op, "drawing failed: %s", cause(p))
		}
	}()
	m, err := measured()
	if err != nil {
		return Result{}, fault.Wrap(op, err)
	}
	if err := checkLogo(c.Logo); err != nil {
		return Result{}, fault.Wrap(op, err)
	}
	if o.Hash == "" && c.Signed() {
		if o.Hash, err = contentHash(c); err != nil {
			return Result{}, fault.Wrap(op, err)
		}
	}
	if c, err = part(c, o); err != nil {
		return Result{}, err
	}
	data, err := json.Marshal(c)
	if err != nil {
		return Result{}, fault.Wrap(op, err)
	}
	clean := &cleaner{m: m}
	d := newDocument(all(clean, c), o)
	d.data = data
	r, err = d.render(m)
	r.Replaced = clean.replaced
	return r, fault.Wrap(op, err)
}

// checkLogo makes sure that the picture given is the one that the content names,
// and one that can be drawn: gofpdf panics on others.
func checkLogo(l minutes.Logo) error {
	if l.SHA256 == "" && l.PNG == nil {
		return nil
	}
	if sum := sha256.Sum256(l.PNG); hex.EncodeToString(sum[:]) != l.SHA256 {
		return fault.Errorf("pdf.checkLogo", "the picture is not the logo %q of the content", l.SHA256)
	}
	img, err := png.Decode(bytes.NewReader(l.PNG))
	if err != nil || img.Bounds() != image.Rect(0, 0, l.Width, l.Height) || img.ColorModel() != color.RGBAModel {
		return fault.Errorf("pdf.checkLogo", "the logo is no opaque PNG of %d × %d pixels", l.Width, l.Height)
	}
	return nil
}

// cause describes a panic without its values, which may hold patient data.
func cause(p any) string {
	if e, ok := p.(runtime.Error); ok {
		return e.Error()
	}
	return fmt.Sprintf("%T", p)
}

// contentHash is the SHA-256 of the content's JSON, the master of the minutes.
func contentHash(c minutes.Content) (string, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// part keeps of the content what the document may show: an extract loses every
// other patient, and the reason of a correction, which may name one.
func part(c minutes.Content, o Options) (minutes.Content, error) {
	switch o.Part {
	case Register, "":
		return c, nil
	case Extract:
	default:
		return c, fault.Errorf("pdf.Render", "unknown part")
	}
	c.Deferred = nil
	c.ReplacesWhy = ""
	c.Cases = slices.DeleteFunc(slices.Clone(c.Cases), func(k minutes.Case) bool { return k.Patient != o.Patient })
	if len(c.Cases) == 0 {
		return c, fault.New(fault.NotFound, "pdf.Render", "Ce patient n’est pas dans ce compte rendu.")
	}
	return c, nil
}
