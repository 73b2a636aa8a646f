package pdf

import "strconv"

// role is a standard structure type (ISO 32000-1, 14.8.4).
type role string

const (
	roleDocument role = "Document"
	roleSect     role = "Sect"
	roleH1       role = "H1" // the document's name
	roleH2       role = "H2" // a section, a patient
	roleH3       role = "H3" // a table inside a sheet
	roleP        role = "P"
	roleList     role = "L"
	roleItem     role = "LI"
	roleBody     role = "LBody"
	roleTable    role = "Table"
	roleRow      role = "TR"
	roleCell     role = "TD"
	roleColumn   role = "TH, of a column"
	roleSide     role = "TH, of a row"
	roleFigure   role = "Figure"
)

// dict is the role as entries of its structure element.
func (r role) dict() string {
	switch r {
	case roleColumn:
		return "/S/TH/A<</O/Table/Scope/Column>>"
	case roleSide:
		return "/S/TH/A<</O/Table/Scope/Row>>"
	}
	return "/S/" + string(r)
}

// What stands on a page and is no content: read by nobody, but drawn.
const (
	pagination = "/Artifact<</Type/Pagination>>BDC"
	layout     = "/Artifact<</Type/Layout>>BDC"
)

// node is an element of the structure tree.
type node struct {
	role   role
	parent *node
	kids   []kid
	more   string // further entries of its structure element
	object int    // its number in the file, once written
}

// kid of a node: another, or a piece of marked content on a page (from 0).
type kid struct {
	node *node
	page int
	mcid int
}

// tags is the structure of a document being drawn. Marked content is opened by
// what is drawn and stays open while the same element goes on, so that a
// paragraph is one piece on each of its pages.
type tags struct {
	root     *node
	current  *node
	artifact string    // non-empty while what is drawn is no content
	open     any       // the *node or the artifact whose content is open, nil none
	pages    [][]*node // of each page: the owner of each MCID
}

func newTags() *tags {
	root := &node{role: roleDocument}
	return &tags{root: root, current: root}
}

// child adds an element to the current one, without entering it. In an
// artifact it is part of nothing.
func (c *canvas) child(r role) *node {
	if c.tags == nil {
		return nil
	}
	n := &node{role: r, parent: c.tags.current}
	if c.tags.artifact == "" {
		n.parent.kids = append(n.parent.kids, kid{node: n})
	}
	return n
}

// enter makes n, which child made, the element that is drawn, until leave.
func (c *canvas) enter(n *node) {
	if c.tags != nil {
		c.tags.current = n
	}
}

// begin adds an element and enters it.
func (c *canvas) begin(r role) { c.enter(c.child(r)) }

// leave goes back to the element around the current one.
func (c *canvas) leave() {
	if c.tags != nil {
		c.tags.current = c.tags.current.parent
	}
}

// apart draws what is no content: running lines, repeated headers, rules.
func (c *canvas) apart(kind string, draw func()) {
	if c.tags == nil {
		draw()
		return
	}
	before := c.tags.artifact
	c.tags.artifact = kind
	draw()
	c.tags.artifact = before
}

// mark opens the marked content that what is drawn next belongs to.
func (c *canvas) mark() {
	t := c.tags
	if t == nil {
		return // untagged
	}
	if t.artifact != "" {
		if t.open != t.artifact {
			c.unmark()
			c.pdf.RawWriteStr(t.artifact)
			t.open = t.artifact
		}
		return
	}
	if t.open == t.current {
		return
	}
	c.unmark()
	page := len(t.pages) - 1
	n := len(t.pages[page])
	t.pages[page] = append(t.pages[page], t.current)
	t.current.kids = append(t.current.kids, kid{page: page, mcid: n})
	tag := string(t.current.role)
	if t.current.role == roleColumn || t.current.role == roleSide {
		tag = "TH"
	}
	c.pdf.RawWriteStr("/" + tag + "<</MCID " + strconv.Itoa(n) + ">>BDC")
	t.open = t.current
}

// unmark closes the marked content that is open; it never crosses a page.
func (c *canvas) unmark() {
	if c.tags != nil && c.tags.open != nil {
		c.pdf.RawWriteStr("EMC")
		c.tags.open = nil
	}
}
