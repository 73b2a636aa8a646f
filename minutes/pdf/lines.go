package pdf

import "unicode"

// ink is a colour, red, green, blue in 0–255.
type ink struct{ r, g, b int }

// style is how a piece of text looks; size in points.
type style struct {
	face face
	size float64
	ink  ink
}

// span is text in one style. A \n in it begins a new line.
type span struct {
	text  string
	style style
}

// frag is a piece of a line drawn in one face, x points from the line's start.
type frag struct {
	text  string
	style style
	x     float64
}

// line is one line of text; height and width in points.
type line struct {
	frags  []frag
	width  float64
	height float64
	size   float64 // the largest in the line
	soft   bool    // a space or a line break parts it from what follows
}

// leading is the height of a line in sizes.
const leading = 1.34

// glyph is a rune with its advance in points and the face that has it.
type glyph struct {
	r       rune
	advance float64
	style   style
}

// lines breaks spans into lines at most width points wide. It breaks at
// spaces and after hyphens, never at U+00A0 or U+202F; a word longer than a
// line is broken where it must.
func (m *measures) lines(spans []span, width float64) []line {
	var out []line
	gs := m.glyphs(spans)
	for start := 0; start < len(gs); {
		end, next := lineEnd(gs, start, width)
		l := makeLine(gs[start:end], gs[start].style)
		l.soft = next > end
		out = append(out, l)
		start = next
	}
	return out
}

func (m *measures) glyphs(spans []span) []glyph {
	n := 0
	for _, s := range spans {
		n += len(s.text)
	}
	gs := make([]glyph, 0, n)
	for _, s := range spans {
		for _, r := range s.text {
			if r == '\n' {
				gs = append(gs, glyph{r: r, style: s.style})
				continue
			}
			f, r, a := m.pick(s.style.face, r)
			st := s.style
			st.face = f
			gs = append(gs, glyph{r, a * st.size / 1000, st})
		}
	}
	return gs
}

// lineEnd returns where the line that begins at start ends, and where the next
// one begins: past the spaces or the newline between them.
func lineEnd(gs []glyph, start int, width float64) (end, next int) {
	w, brk := 0.0, -1
	for i := start; i < len(gs); i++ {
		g := gs[i]
		if g.r == '\n' {
			return i, i + 1
		}
		if g.r == ' ' {
			brk = i
			w += g.advance
			continue // spaces hang past the edge
		}
		w += g.advance
		if w > width+0.01 && i > start {
			if brk < 0 {
				brk = forced(gs, start, i)
			}
			return trim(gs, start, brk)
		}
		if breaksAfter(gs, i) {
			brk = i + 1
		}
	}
	return len(gs), len(gs)
}

// trim drops the spaces around a break at brk.
func trim(gs []glyph, start, brk int) (end, next int) {
	end, next = brk, brk
	for end > start && gs[end-1].r == ' ' {
		end--
	}
	for next < len(gs) && gs[next].r == ' ' {
		next++
	}
	if next < len(gs) && gs[next].r == '\n' && next > brk {
		next++ // the spaces before a newline do not make an empty line
	}
	return end, next
}

// forced returns where a word too long for a line is broken: before i, or a
// little earlier when that would part what a no-break space joins.
func forced(gs []glyph, start, i int) int {
	for j := i; j > start && j > i-8; j-- {
		if !noBreak(gs[j].r) && !noBreak(gs[j-1].r) && !unicode.Is(unicode.Mn, gs[j].r) {
			return j
		}
	}
	return i
}

func noBreak(r rune) bool { return r == '\u00a0' || r == '\u202f' || r == '\u2011' }

// breaksAfter reports a hyphen between letters.
func breaksAfter(gs []glyph, i int) bool {
	r := gs[i].r
	return (r == '-' || r == '\u2010') && i > 0 && i+1 < len(gs) &&
		unicode.IsLetter(gs[i-1].r) && unicode.IsLetter(gs[i+1].r)
}

func makeLine(gs []glyph, first style) line {
	l := line{size: first.size}
	for i := 0; i < len(gs); {
		j, x := i, l.width
		text := make([]rune, 0, len(gs)-i)
		for ; j < len(gs) && gs[j].style == gs[i].style; j++ {
			text = append(text, gs[j].r)
			l.width += gs[j].advance
		}
		l.frags = append(l.frags, frag{string(text), gs[i].style, x})
		l.size = max(l.size, gs[i].style.size)
		i = j
	}
	l.height = l.size * leading
	return l
}

// fit returns spans as one line, cut with an ellipsis when too wide.
func (m *measures) fit(spans []span, width float64) line {
	for i := range spans {
		spans[i].text, _ = shorten(spans[i].text, 300)
	}
	ls := m.lines(spans, width)
	if len(ls) == 0 {
		return line{}
	}
	if len(ls) == 1 {
		return ls[0]
	}
	last := spans[len(spans)-1].style
	_, _, dots := m.pick(last.face, '…')
	ls = m.lines(spans, width-dots*last.size/1000)
	l := ls[0]
	l.frags = append(l.frags, frag{"…", last, l.width})
	return l
}

// height returns the height of lines in points.
func height(ls []line) float64 {
	h := 0.0
	for _, l := range ls {
		h += l.height
	}
	return h
}
