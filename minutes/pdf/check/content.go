package check

import (
	"bytes"
	"slices"
)

// page is a page and the marked content that stands on it.
type page struct {
	dict    dict
	tags    map[int]string // by MCID: the tag it is marked with
	texts   map[int]string // by MCID: what is shown
	open    int            // the MCID that is open, -1 in an artifact
	claimed map[int]bool   // by MCID: an element of the structure owns it
}

// readPages walks the flat list of pages that we write.
func (d *document) readPages() {
	kids := d.list(d.catalog, "Pages", "Kids")
	d.want(d.at(d.catalog, "Pages", "Count") == float64(len(kids)) && len(kids) > 0, "the number of pages is wrong")
	for i, k := range kids {
		p := d.dict(k)
		n, _ := k.(ref)
		d.want(p["Type"] == name("Page"), "page %d is no page", i+1)
		d.want(p["Tabs"] == name("S"), "page %d: the order of the keyboard is not that of the structure", i+1)
		d.want(p["StructParents"] == float64(i), "page %d is not bound to the structure", i+1)
		d.want(p["Group"] == nil, "page %d is transparent", i+1)
		d.numbers[n] = i
		d.pages = append(d.pages, page{dict: p, tags: map[int]string{}, texts: map[int]string{}, claimed: map[int]bool{}})
	}
}

// painting are the operators that leave a mark on a page.
var painting = []word{"Tj", "S", "s", "f", "f*", "B", "b", "Do"}

// quiet are the other operators that our pages use: none sets a colour that
// the output intent does not know.
var quiet = []word{"q", "Q", "BT", "ET", "Td", "Tf", "m", "l", "c", "h", "n", "w", "J", "j", "G", "g", "RG", "rg", "re", "cm"}

// content: every mark on a page belongs to an element or to an artifact, each
// piece has its own number, and every character shown is known to its font.
func (d *document) content(p *page, i int, fonts map[string]*font) {
	r := &reader{b: d.unpacked("the content of a page", p.dict, "Contents")}
	open := ""
	var operands array
	var current *font
	for !r.end() {
		v := r.value()
		op, ok := v.(word)
		if !ok {
			operands = append(operands, v)
			continue
		}
		switch {
		case op == "BDC":
			d.want(open == "", "page %d: marked content inside marked content", i)
			open = d.marked(p, i, operands)
		case op == "EMC":
			d.want(open != "", "page %d: marked content ends that did not begin", i)
			open = ""
		case op == "Tf" && len(operands) > 0:
			face, _ := operands[0].(name)
			current = fonts[string(face)]
			d.want(current != nil, "page %d: an unknown font", i)
		case slices.Contains(painting, op):
			d.want(open != "", "page %d: something is drawn that is neither content nor artifact", i)
			if op == "Tj" && current != nil && len(operands) > 0 {
				s, _ := operands[0].(text)
				p.texts[p.open] += d.shown(i, current, s)
			}
			if op == "Do" {
				d.want(open == "?Figure" && len(operands) == 1 && d.images[operands[0]], "page %d: an image that is no figure", i)
			}
		case !slices.Contains(quiet, op):
			d.tell("page %d: an operator %q that we do not write", i, string(op))
		}
		operands = nil
	}
	d.want(!r.bad, "page %d: the content is malformed", i)
	d.want(open == "", "page %d: marked content does not end", i)
}

// marked reads the operands of BDC.
func (d *document) marked(p *page, i int, operands array) string {
	if len(operands) != 2 {
		d.tell("page %d: marked content is malformed", i)
		return "?"
	}
	tag, _ := operands[0].(name)
	o, _ := operands[1].(dict)
	if tag == "Artifact" {
		d.want(o["Type"] == name("Pagination") || o["Type"] == name("Layout"), "page %d: an artifact of no kind", i)
		p.open = -1
		return "Artifact"
	}
	id, ok := o["MCID"].(float64)
	_, twice := p.tags[int(id)]
	d.want(ok && !twice, "page %d: marked content without a number of its own", i)
	p.tags[int(id)] = string(tag)
	p.open = int(id)
	return "?" + string(tag)
}

// font is what a font knows of the codes shown in it: two bytes each.
type font struct {
	name    string
	glyphs  []byte            // two bytes for each code
	unicode map[uint16]uint16 // by first code of a range of 256: its first character
	told    bool              // that something shown in it is wrong: once is enough
}

// fonts reads the fonts of the pages, which share their resources.
func (d *document) fonts() map[string]*font {
	out := map[string]*font{}
	if len(d.pages) == 0 {
		return out
	}
	for _, p := range d.pages {
		d.want(p.dict["Resources"] == d.pages[0].dict["Resources"], "the pages do not share their resources")
	}
	res := d.pages[0].dict["Resources"]
	d.readImages(res)
	for k, v := range d.dict(res, "Font") {
		out[k] = d.font(k, d.dict(v))
	}
	return out
}

func (d *document) font(key string, f dict) *font {
	base, _ := f["BaseFont"].(name)
	d.want(f["Subtype"] == name("Type0") && f["Encoding"] == name("Identity-H"), "font %s is not a composite one", key)
	d.want(len(base) > 8 && base[6] == '+', "font %s does not say that it is a part of one", key)
	list := d.list(f, "DescendantFonts")
	if len(list) != 1 {
		d.tell("font %s has no descendant", key)
		return &font{name: key}
	}
	under := d.dict(list[0])
	d.want(under["BaseFont"] == base && d.at(under, "FontDescriptor", "FontName") == base, "font %s has two names", key)
	d.want(len(d.list(under, "W")) > 0, "font %s has no widths", key)
	d.want(d.at(under, "CIDSystemInfo", "Ordering") != nil, "font %s has no collection", key)
	program := d.unpacked("the program of font "+key, under, "FontDescriptor", "FontFile2")
	d.want(bytes.HasPrefix(program, []byte("\x00\x01\x00\x00")), "font %s is not embedded", key)
	d.want(d.at(under, "FontDescriptor", "CIDSet") == nil, "font %s has a CIDSet, which we do not write", key)
	out := &font{name: key, unicode: d.characters(key, f)}
	out.glyphs = d.unpacked("the glyphs of font "+key, under, "CIDToGIDMap")
	return out
}

// characters reads ToUnicode: ranges that vary in their last byte only.
func (d *document) characters(key string, f dict) map[uint16]uint16 {
	out := map[uint16]uint16{}
	r := &reader{b: d.unpacked("the characters of font "+key, f, "ToUnicode")}
	var last []text
	inside := false
	for !r.end() {
		switch v := r.value().(type) {
		case word:
			inside = v == "beginbfrange"
			last = nil
		case text:
			last = append(last, v)
		}
		if inside && len(last) == 3 {
			a, b, c := last[0], last[1], last[2]
			last = nil
			if len(a) != 2 || len(b) != 2 || len(c) != 2 || a[0] != b[0] || a[1] != 0 || b[1] != 0xFF {
				d.tell("font %s: a range of characters that readers do not take", key)
				continue
			}
			out[uint16(a[0])<<8] = uint16(c[0])<<8 | uint16(c[1])
		}
	}
	return out
}

// shown: each code has a glyph, and a character that can be read aloud; it
// returns them.
func (d *document) shown(i int, f *font, s text) string {
	d.want(len(s)%2 == 0, "page %d: half a character", i)
	var out []rune
	for j := 0; j+1 < len(s); j += 2 {
		code := uint16(s[j])<<8 | uint16(s[j+1])
		first, ok := f.unicode[code&0xFF00]
		r, g := first+code&0xFF, 2*int(code)
		out = append(out, rune(r))
		readable := ok && r >= 0x20 && r < 0xFFFD && r != 0xFEFF && (r < 0xE000 || r > 0xF8FF)
		drawn := g+1 < len(f.glyphs) && (f.glyphs[g] != 0 || f.glyphs[g+1] != 0)
		if !f.told {
			d.want(readable, "page %d: code %04X of font %s is no character", i, code, f.name)
			d.want(drawn, "page %d: code %04X of font %s has no glyph", i, code, f.name)
			f.told = !readable || !drawn
		}
	}
	return string(out)
}
