// Package check reads the PDF of minutes again and says where it is not what
// it claims to be: PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1), in
// French, with the data it was made from.
//
// It shares no code with what writes the documents, and knows only the PDF
// that minutes/pdf writes: one revision, a classic table of objects. What it
// does not know it names as a finding, so that nothing passes unread. It is
// not a validator of any PDF: veraPDF is, and is run on our documents from
// outside before a release.
package check

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// document is a PDF being looked at.
type document struct {
	objects []any // from 1
	trailer dict
	catalog dict
	pages   []page
	numbers map[ref]int  // of the pages' objects, from 0
	images  map[any]bool // by name
	found   []string
	pieces  []Piece
}

// Piece is a piece of what is read aloud: one line or more of one element, on
// one page.
type Piece struct {
	Page       int    // from 1
	Role, Text string // of the element; as it is shown
}

// Document returns what is wrong with a PDF, in the order it was seen; nothing
// when every invariant holds.
func Document(b []byte) []string {
	found, _ := Read(b)
	return found
}

// Read is Document, and what is read aloud, in that order.
func Read(b []byte) (found []string, read []Piece) {
	d := &document{numbers: map[ref]int{}}
	if err := d.read(b); err != nil {
		return append(d.found, err.Error()), nil
	}
	d.forbidden()
	d.whole()
	d.metadata()
	d.colours()
	d.attachment()
	d.readPages()
	fonts := d.fonts()
	for i := range d.pages {
		d.content(&d.pages[i], i+1, fonts)
	}
	d.structure()
	d.bookmarks()
	return d.found, d.pieces
}

func (d *document) tell(format string, args ...any) {
	const enough = 100
	f := fmt.Sprintf(format, args...)
	if len(d.found) < enough && !slices.Contains(d.found, f) {
		d.found = append(d.found, f)
	}
}

// want tells what is wrong unless ok.
func (d *document) want(ok bool, format string, args ...any) {
	if !ok {
		d.tell(format, args...)
	}
}

// at follows references and keys from v: at(catalog, "Names", "EmbeddedFiles").
func (d *document) at(v any, keys ...string) any {
	for i := 0; ; i++ {
		if n, ok := v.(ref); ok {
			v = nil
			if n > 0 && int(n) <= len(d.objects) {
				v = d.objects[n-1]
			}
		}
		if i == len(keys) {
			return v
		}
		switch o := v.(type) {
		case dict:
			v = o[keys[i]]
		case stream:
			v = o.dict[keys[i]]
		default:
			return nil
		}
	}
}

func (d *document) dict(v any, keys ...string) dict {
	switch o := d.at(v, keys...).(type) {
	case dict:
		return o
	case stream:
		return o.dict
	}
	return nil
}

func (d *document) list(v any, keys ...string) array {
	a, _ := d.at(v, keys...).(array)
	return a
}

// unpacked returns a stream's data, telling when there is none.
func (d *document) unpacked(what string, v any, keys ...string) []byte {
	s, ok := d.at(v, keys...).(stream)
	if !ok {
		d.tell("%s is missing", what)
		return nil
	}
	b, err := s.data()
	if err != nil {
		d.tell("%s cannot be unpacked", what)
	}
	return b
}

// read reads the file's frame: header, objects, table, trailer, identifier.
func (d *document) read(b []byte) error {
	d.want(bytes.HasPrefix(b, []byte("%PDF-1.7\n%")) && len(b) > 15 && high(b[10:14]) && b[14] == '\n',
		"the file does not begin with %%PDF-1.7 and a binary comment")
	at := bytes.LastIndex(b, []byte("\nstartxref\n"))
	if at < 0 || !bytes.HasSuffix(b, []byte("\n%%EOF\n")) {
		return fmt.Errorf("the file does not end with startxref and %%%%EOF")
	}
	xref, err := strconv.Atoi(string(bytes.TrimSuffix(b[at+len("\nstartxref\n"):], []byte("\n%%EOF\n"))))
	if err != nil || xref < 0 || xref > at || !bytes.HasPrefix(b[xref:], []byte("xref\n0 ")) {
		return fmt.Errorf("startxref does not lead to the table of objects")
	}
	table, trailer, ok := bytes.Cut(b[xref:at], []byte("trailer\n"))
	if !ok {
		return fmt.Errorf("the trailer is missing")
	}
	r := &reader{b: trailer}
	if d.trailer, ok = r.value().(dict); !ok || r.bad || !r.end() {
		return fmt.Errorf("the trailer is malformed")
	}
	if err := d.table(b, table); err != nil {
		return err
	}
	d.identifier(b[:xref])
	if d.catalog = d.dict(d.trailer, "Root"); d.catalog == nil {
		return fmt.Errorf("the catalog is missing")
	}
	return nil
}

func high(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return c < 128 })
}

// table reads every object where the table says it is, and nothing may lie
// between them.
func (d *document) table(b, table []byte) error {
	lines := strings.SplitAfter(string(table), "\n")
	if len(lines) < 4 || lines[2] != "0000000000 65535 f \n" || lines[1] != fmt.Sprintf("0 %d\n", len(lines)-2-1) {
		return fmt.Errorf("the table of objects is malformed")
	}
	for i, l := range lines[2 : len(lines)-1][1:] {
		digits, ok := strings.CutSuffix(l, " 00000 n \n")
		offset, err := strconv.Atoi(digits)
		if !ok || err != nil || len(digits) != 10 {
			return fmt.Errorf("line %d of the table of objects is malformed", i+1)
		}
		o, err := object(b, offset, i+1)
		if err != nil {
			return err
		}
		d.objects = append(d.objects, o)
	}
	d.want(d.trailer["Size"] == float64(len(d.objects)+1), "the trailer's Size is not the number of objects")
	return nil
}

// identifier: both halves are the hash of all that stands before the table.
func (d *document) identifier(body []byte) {
	sum := sha256.Sum256(body)
	ids := d.list(d.trailer, "ID")
	d.want(len(ids) == 2 && ids[0] == text(sum[:16]) && ids[1] == text(sum[:16]),
		"the identifier is not the hash of the file: it was altered")
}

// forbidden is what PDF/A takes no part of, wherever it stands.
func (d *document) forbidden() {
	_, encrypted := d.trailer["Encrypt"]
	d.want(!encrypted, "the file is encrypted")
	for i, o := range d.objects {
		s, ok := o.(stream)
		if !ok {
			d.keys(i+1, o)
			continue
		}
		for _, k := range []string{"F", "FFilter", "FDecodeParms"} {
			d.want(s.dict[k] == nil, "object %d: a stream outside the file", i+1)
		}
		_, err := s.data()
		d.want(err == nil, "object %d: the stream cannot be unpacked", i+1)
		d.keys(i+1, s.dict)
	}
}

var prohibited = []string{"JavaScript", "JS", "AA", "Launch", "XFA", "AcroForm", "RichMedia", "Annots", "SMask", "TR", "PieceInfo", "Perms", "OCProperties"}

func (d *document) keys(n int, v any) {
	switch o := v.(type) {
	case dict:
		for k, e := range o {
			d.want(!slices.Contains(prohibited, k), "object %d holds %s", n, k)
			d.keys(n, e)
		}
	case array:
		for _, e := range o {
			d.keys(n, e)
		}
	}
}

// whole is what the catalog says of the whole document.
func (d *document) whole() {
	d.want(d.catalog["Type"] == name("Catalog"), "the catalog is of another type")
	d.want(d.catalog["Lang"] == text("fr-FR"), "the language is not fr-FR")
	d.want(d.at(d.catalog, "MarkInfo", "Marked") == true, "the document is not marked as tagged")
	d.want(d.at(d.catalog, "MarkInfo", "Suspects") == nil, "the tags are suspect")
	d.want(d.at(d.catalog, "ViewerPreferences", "DisplayDocTitle") == true, "the window does not show the title")
}

// colours: one output intent, sRGB, for the colours of every page.
func (d *document) colours() {
	intents := d.list(d.catalog, "OutputIntents")
	if len(intents) != 1 || d.at(intents[0], "S") != name("GTS_PDFA1") {
		d.tell("there is not one output intent of PDF/A")
		return
	}
	d.want(d.at(intents[0], "OutputConditionIdentifier") != nil, "the output intent names no condition")
	d.want(d.at(intents[0], "DestOutputProfile", "N") == 3.0, "the colour profile has not three colours")
	p := d.unpacked("the colour profile", intents[0], "DestOutputProfile")
	if len(p) < 132 || string(p[36:40]) != "acsp" || string(p[12:24]) != "mntrRGB XYZ " || p[8] > 4 {
		d.tell("the colour profile is no RGB profile of a display")
		return
	}
	size := int(p[0])<<24 | int(p[1])<<16 | int(p[2])<<8 | int(p[3])
	d.want(size == len(p), "the colour profile is cut")
	for i := range min(int(p[131]), (len(p)-132)/12) {
		t := p[132+12*i:]
		from := int(t[4])<<24 | int(t[5])<<16 | int(t[6])<<8 | int(t[7])
		length := int(t[8])<<24 | int(t[9])<<16 | int(t[10])<<8 | int(t[11])
		d.want(from >= 132 && from+length <= len(p), "the colour profile's %q lies outside it", t[:4])
	}
}
