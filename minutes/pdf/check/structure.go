package check

import (
	"fmt"
	"slices"
)

// allowed says what each element may hold; "" is text. What is not here we do
// not write.
var allowed = map[string][]string{
	"Document": {"Sect", "H1", "H2", "H3", "P", "L", "Table", "Figure"},
	"Sect":     {"H2", "H3", "P", "L", "Table"},
	"H1":       {""},
	"H2":       {""},
	"H3":       {""},
	"P":        {""},
	"L":        {"LI"},
	"LI":       {"LBody"},
	"LBody":    {""},
	"Table":    {"TR"},
	"TR":       {"TH", "TD"},
	"TH":       {""},
	"TD":       {""},
	"Figure":   {""},
}

// walk is the state of walking the tree.
type walk struct {
	seen    map[ref]bool
	level   int     // of the last heading
	titles  int     // headings of the first level
	parents []array // of each page, by MCID
}

// structure: one tree over everything that is content, each element known to
// the other end of each of its links.
func (d *document) structure() {
	root := d.catalog["StructTreeRoot"]
	if d.at(root, "Type") != name("StructTreeRoot") {
		d.tell("the structure is missing")
		return
	}
	w := &walk{seen: map[ref]bool{}, parents: d.parents(root)}
	top, ok := d.dict(root)["K"].(ref)
	d.want(ok && d.at(top, "S") == name("Document"), "the structure does not begin with a document")
	from, _ := root.(ref)
	d.element(w, top, from, 0)
	d.want(w.titles == 1, "there are %d titles of the document", w.titles)
	for i, p := range d.pages {
		for id := range p.tags {
			d.want(p.claimed[id], "page %d: content %d belongs to no element", i+1, id)
		}
		if i < len(w.parents) {
			d.want(len(w.parents[i]) == len(p.tags), "page %d: the tree of parents has another number of contents", i+1)
		}
	}
}

// parents reads the tree of parents: by page, the element of each MCID.
func (d *document) parents(root any) []array {
	nums := d.list(root, "ParentTree", "Nums")
	d.want(len(nums) == 2*len(d.pages), "the tree of parents has not one entry for each page")
	d.want(d.at(root, "ParentTreeNextKey") == float64(len(d.pages)), "the next key of the tree of parents is wrong")
	var out []array
	for i := 0; i+1 < len(nums); i += 2 {
		d.want(nums[i] == float64(i/2), "the tree of parents is not in order")
		out = append(out, d.list(nums[i+1]))
	}
	return out
}

// element looks at an element and all below it.
func (d *document) element(w *walk, n, parent ref, depth int) {
	if w.seen[n] || depth > maxDepth {
		d.tell("element %d stands twice in the structure", n)
		return
	}
	w.seen[n] = true
	e := d.dict(n)
	s, _ := e["S"].(name)
	role := string(s)
	holds, known := allowed[role]
	if !known {
		d.tell("element %d is %q, which we do not write", n, role)
		return
	}
	d.want(e["P"] == parent, "element %d does not know the one it is in", n)
	d.heading(w, n, role)
	kids := d.list(e, "K")
	for _, k := range kids {
		child, ok := k.(ref)
		if !ok {
			d.want(slices.Contains(holds, ""), "element %d, %s, holds text", n, role)
			d.piece(w, n, role, e, k)
			continue
		}
		under, _ := d.at(child, "S").(name)
		d.want(slices.Contains(holds, string(under)), "element %d, %s, holds %s", n, role, under)
		d.element(w, child, n, depth+1)
	}
	d.want(len(kids) > 0 || role == "TD" || role == "TH", "element %d, %s, is empty", n, role)
	d.tableParts(n, role, e, kids)
	d.figure(n, role, e)
}

// heading: one title, and no level skipped.
func (d *document) heading(w *walk, n ref, role string) {
	if len(role) != 2 || role[0] != 'H' {
		return
	}
	level := int(role[1] - '0')
	d.want(level <= w.level+1, "element %d: a heading of level %d after level %d", n, level, w.level)
	w.level = level
	if level == 1 {
		w.titles++
	}
}

// tableParts: headers say what they head, and rows have as many cells.
func (d *document) tableParts(n ref, role string, e dict, kids array) {
	switch role {
	case "TH":
		scope := d.at(e, "A", "Scope")
		d.want(d.at(e, "A", "O") == name("Table") && (scope == name("Column") || scope == name("Row")),
			"element %d: a header of neither a column nor a row", n)
	case "Table":
		width := -1
		for i, k := range kids {
			cells := d.list(k, "K")
			if i == 0 {
				width = len(cells)
				for _, c := range cells {
					d.want(d.at(c, "A", "Scope") == name("Column"), "element %d: a table whose first row is no header", n)
				}
			}
			d.want(len(cells) == width, "element %d: a row with %d cells of %d", n, len(cells), width)
		}
	}
}

// piece is a kid of an element that is content on a page.
func (d *document) piece(w *walk, n ref, role string, e dict, k any) {
	on, id := e["Pg"], -1
	switch k := k.(type) {
	case float64:
		id = int(k)
	case dict:
		if f, ok := k["MCID"].(float64); ok && k["Type"] == name("MCR") {
			on, id = k["Pg"], int(f)
		}
	}
	sheet, _ := on.(ref)
	i, ok := d.numbers[sheet]
	if !ok {
		d.tell("element %d: content on no page", n)
		return
	}
	what := fmt.Sprintf("page %d: content %d", i+1, id)
	p := &d.pages[i]
	d.want(p.tags[id] == role, "%s is marked %q, its element is %s", what, p.tags[id], role)
	d.want(!p.claimed[id], "%s belongs to two elements", what)
	p.claimed[id] = true
	d.pieces = append(d.pieces, Piece{Page: i + 1, Role: role, Text: p.texts[id]})
	if i < len(w.parents) {
		d.want(id >= 0 && id < len(w.parents[i]) && w.parents[i][id] == n, "%s: the tree of parents names another element", what)
	}
}
