package pdf

import (
	"cmp"

	"github.com/rcp-care/rcp/minutes"
)

// column of a table; width in points, the last one takes what is left.
type column struct {
	title string
	width float64
}

// cell is the text of a cell, after a verdict's shape when it has one.
type cell struct {
	spans   []span
	verdict minutes.Verdict
	shaped  bool
}

// table has rows as wide as the page, its header repeated on every page.
type table struct {
	columns []column
	rows    [][]cell
	side    int     // the column that names the row
	pad     float64 // above and below a row; zero: rowPad
}

// Paddings and limits of rows in points.
const (
	cellGap   = 12.0
	rowPad    = 4.0
	shapeSize = 6.6
	shapeGap  = 11.0
	wholeRow  = 260.0 // a row up to this height is never cut
)

func of(s string, st style) cell { return cell{spans: []span{{s, st}}} }

func (t table) width(i int) float64 {
	if i < len(t.columns)-1 {
		return t.columns[i].width
	}
	w := right - left
	for _, c := range t.columns[:i] {
		w -= c.width
	}
	return w
}

// set breaks the cells of a row into lines.
func (t table) set(m *measures, row []cell) [][]line {
	out := make([][]line, len(row))
	for i, c := range row {
		w := t.width(i)
		if i < len(row)-1 {
			w -= cellGap
		}
		if c.shaped {
			w -= shapeGap
		}
		out[i] = m.lines(c.spans, w)
	}
	return out
}

// padding is what stands above and below a row.
func (t table) padding() float64 { return cmp.Or(t.pad, rowPad) }

func (t table) rowHeight(cells [][]line) float64 {
	h := 0.0
	for _, ls := range cells {
		h = max(h, height(ls))
	}
	return h + 2*t.padding()
}

// head is the height of the header and of the first row, as far as that must
// stay with it.
func (t table) head(m *measures) float64 {
	if len(t.rows) == 0 {
		return 0
	}
	return headerHeight + min(t.rowHeight(t.set(m, t.rows[0])), wholeRow)
}

const headerHeight = 17.0

func (f *flow) table(t table) {
	f.need(t.head(f.c.m))
	f.c.begin(roleTable)
	f.c.begin(roleRow)
	f.tableHeader(t)
	f.c.leave()
	for _, row := range t.rows {
		f.c.begin(roleRow)
		f.row(t, row)
		f.c.leave()
	}
	f.c.leave()
	f.y += 4
}

// again begins a page inside a table; its header was read once.
func (f *flow) again(t table) {
	f.newPage()
	f.c.apart(pagination, func() { f.tableHeader(t) })
}

func (f *flow) tableHeader(t table) {
	x := left
	for i, c := range t.columns {
		w := t.width(i)
		f.c.begin(roleColumn)
		f.c.line(x, f.y, f.c.m.fit([]span{{fr(c.title), style{bold, sizeFoot, pale}}}, w-2))
		f.c.leave()
		x += w
	}
	f.y += headerHeight - 2
	f.c.rule(left, f.y, right, f.y, 0.6, edge)
	f.y += 2
}

// row draws a row. One that does not fit goes to the next page, or is cut
// between lines when it is tall.
func (f *flow) row(t table, row []cell) {
	cells := t.set(f.c.m, row)
	if h := t.rowHeight(cells); h > f.room() && (h <= wholeRow || f.room() < 80) {
		f.again(t)
	}
	nodes := f.cells(t, row)
	for part := 0; ; part++ {
		rest := f.rowPart(t, row, nodes, cells, part == 0)
		if rest == nil {
			break
		}
		cells = rest
		f.again(t)
	}
	f.c.rule(left, f.y, right, f.y, 0.5, hair)
}

// cells adds the elements of a row's cells: a cut row is read cell by cell.
func (f *flow) cells(t table, row []cell) []*node {
	out := make([]*node, len(row))
	for i := range row {
		r := roleCell
		if i == t.side {
			r = roleSide
		}
		out[i] = f.c.child(r)
	}
	return out
}

// rowPart draws the lines of a row that fit and returns the others, nil when
// there are none.
func (f *flow) rowPart(t table, row []cell, nodes []*node, cells [][]line, first bool) [][]line {
	rest, more := make([][]line, len(cells)), false
	x, deepest := left, 0.0
	for i, ls := range cells {
		n := max(count(ls, f.room()-2*t.padding()), min(1, len(ls)))
		dx := 0.0
		if row[i].shaped {
			dx = shapeGap
			if first && len(ls) > 0 {
				f.shape(row[i].verdict, x, f.y+t.padding()+(ls[0].height-shapeSize)/2)
			}
		}
		y := f.y + t.padding()
		f.c.enter(nodes[i])
		for _, l := range ls[:n] {
			f.c.line(x+dx, y, l)
			y += l.height
		}
		f.c.leave()
		deepest = max(deepest, y-f.y)
		rest[i] = ls[n:]
		more = more || n < len(ls)
		x += t.width(i)
	}
	f.y += deepest + t.padding()
	if !more {
		return nil
	}
	return rest
}
