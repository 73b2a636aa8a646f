package pdf

// Sizes of text in points.
const (
	sizeTitle = 20.0
	sizeName  = 14.5
	sizeHead  = 11.5
	sizeText  = 10.0
	sizeMeta  = 8.8
	sizeFoot  = 8.0
)

// gutter is the width of the margin where labels stand.
const gutter = 104.0

// The styles of the document.
var (
	text    = style{regular, sizeText, black}
	strong  = style{bold, sizeText, black}
	quiet   = style{regular, sizeText, pale}
	meta    = style{regular, sizeMeta, pale}
	label   = style{bold, sizeMeta, grey}
	accent  = style{bold, sizeMeta, petrol}
	words   = style{italic, sizeText + 0.3, black}
	alert   = style{bold, sizeText, red}
	heading = style{bold, sizeHead, black}
)

// flow places blocks one under the other and begins pages where they are due.
type flow struct {
	c      *canvas
	y      float64
	onPage func() // draws what each page carries
}

func (f *flow) newPage() {
	f.c.newPage()
	f.y = top
	f.c.apart(pagination, f.onPage)
}

func (f *flow) room() float64 { return bottom - f.y }

func (f *flow) fresh() bool { return f.y <= top }

// need begins a new page unless h points are left on this one.
func (f *flow) need(h float64) {
	if h > f.room() && !f.fresh() {
		f.newPage()
	}
}

// space leaves h points, but none at the top of a page.
func (f *flow) space(h float64) {
	if !f.fresh() {
		f.y += h
	}
}

// lines draws a paragraph at x. It goes on over pages, never leaving a single
// line of it before or after a break.
func (f *flow) lines(x float64, ls []line) {
	for len(ls) > 0 {
		n := f.fitting(ls)
		for _, l := range ls[:n] {
			f.c.line(x, f.y, l)
			f.y += l.height
		}
		if ls = ls[n:]; len(ls) > 0 {
			f.newPage()
		}
	}
}

// fitting returns how many of the lines go on this page: zero when the
// paragraph should begin on the next.
func (f *flow) fitting(ls []line) int {
	n := count(ls, f.room())
	switch {
	case n == len(ls):
		return n
	case len(ls)-n == 1 && n > 2:
		return n - 1
	case n < 2 && !f.fresh():
		return 0
	}
	return max(n, 1)
}

// count returns how many lines fit in h points.
func count(ls []line, h float64) int {
	for i, l := range ls {
		if h -= l.height; h < -0.01 {
			return i
		}
	}
	return len(ls)
}

// paragraph draws spans across the page.
func (f *flow) paragraph(spans ...span) { f.block(roleP, spans...) }

// block draws spans across the page in an element of their own.
func (f *flow) block(r role, spans ...span) {
	ls := f.c.m.lines(spans, right-left)
	if len(ls) == 0 {
		return
	}
	f.c.begin(r)
	f.lines(left, ls)
	f.c.leave()
}

// field draws a label in the margin with its text beside.
func (f *flow) field(name string, spans ...span) {
	f.labelled(span{fr(name), label}, spans)
}

// labelled draws a label with its text, or a list when there are several.
func (f *flow) labelled(name span, items ...[]span) {
	texts, all := make([][]line, len(items)), []line(nil)
	for i, spans := range items {
		texts[i] = f.c.m.lines(spans, right-left-gutter)
		all = append(all, texts[i]...)
	}
	names := f.c.m.lines([]span{name}, gutter-10)
	f.need(max(height(all[:min(2, len(all))]), height(names)))
	page, y := f.c.page, f.y
	f.c.begin(roleP)
	for _, l := range names {
		if len(all) > 0 {
			l.height = all[0].height // the label shares the text's baseline
			l.size = all[0].size
		}
		l.soft = true
		f.c.line(left, y, l)
		y += l.height
	}
	f.texts(texts)
	if f.c.page == page {
		f.y = max(f.y, y)
	}
	f.y += 3.2
}

// texts draws what stands beside a label, whose paragraph is open: its only
// text goes on with it, several make a list after it.
func (f *flow) texts(texts [][]line) {
	if len(texts) == 1 {
		f.lines(left+gutter, texts[0])
		f.c.leave()
		return
	}
	f.c.leave()
	f.c.begin(roleList)
	for _, ls := range texts {
		f.c.begin(roleItem)
		f.c.begin(roleBody)
		f.lines(left+gutter, ls)
		f.c.leave()
		f.c.leave()
	}
	f.c.leave()
}

// quote draws what the patient said, with a bar beside it.
func (f *flow) quote(name string, items [][]span) {
	start, page := f.y, f.c.page
	f.need(2 * words.size * leading)
	if f.c.page != page {
		start, page = f.y, f.c.page
	}
	f.labelled(span{fr(name), label}, items...)
	if f.c.page == page {
		f.c.rule(left+gutter-8, start+2, left+gutter-8, f.y-4, 1.6, petrol)
	}
}

// section draws a black rule with a heading under it and a fact at its right;
// keep is the height of what must stay with it on the page.
func (f *flow) section(title, fact string, keep float64) {
	f.space(16)
	f.need(30 + keep)
	f.c.rule(left, f.y, right, f.y, 0.8, black)
	f.y += 4
	h := f.c.m.fit([]span{{fr(title), heading}}, right-left)
	f.c.begin(roleH2)
	f.c.line(left, f.y, h)
	f.c.leave()
	f.right(span{fr(fact), meta}, h)
	f.y += h.height + 4
}

// right draws a short text at the right edge, on the baseline of beside.
func (f *flow) right(s span, beside line) {
	if s.text == "" {
		return
	}
	l := f.c.m.fit([]span{s}, right-left-beside.width-12)
	w := l.width
	l.height, l.size = beside.height, beside.size
	f.c.begin(roleP)
	f.c.line(right-w, f.y, l)
	f.c.leave()
}

// subheading draws the name of a table inside a sheet.
func (f *flow) subheading(title string, keep float64) {
	f.space(7)
	f.need(18 + keep)
	f.block(roleH3, span{fr(title), strong})
	f.y += 2
}
