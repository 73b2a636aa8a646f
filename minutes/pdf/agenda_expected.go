package pdf

import (
	"fmt"
	"strings"
)

// marks are the signs of answers, as on screen; words say the same beside them.
const (
	markYes     = "●"
	markMaybe   = "◐"
	markWaiting = "○"
	markNo      = "✕"
)

// expectations draws who is expected, by profession, in two columns.
func (s *agendaSheet) expectations() {
	if len(s.a.Expected) == 0 {
		return
	}
	yes, asked := 0, 0
	for _, e := range s.a.Expected {
		yes, asked = yes+e.Yes, asked+e.Yes+e.Maybe+e.Unanswered+e.No
	}
	rows := (len(s.a.Expected) + 1) / 2
	step := s.meta*leading*2 + s.pad
	s.section("Présences prévues", fmt.Sprintf("%d oui sur %d", yes, asked), min(float64(rows)*step, 200))
	s.c.begin(roleList)
	for i := 0; i < len(s.a.Expected); i += 2 {
		s.need(step)
		for side, e := range s.a.Expected[i:min(i+2, len(s.a.Expected))] {
			s.expected(left+float64(side)*(right-left+12)/2, e)
		}
		s.y += step
	}
	s.c.leave()
}

// expected draws one profession in half the width: what was answered, and who.
func (s *agendaSheet) expected(x float64, e Expected) {
	const width = (right-left)/2 - 12
	small := style{regular, s.meta, pale}
	name := []span{{e.Profession, style{bold, s.meta, black}}}
	if e.Required {
		name = append(name, span{" requis", small})
	}
	name = append(name, span{"\u00a0: " + e.words(), small})
	marks := s.c.m.fit([]span{{e.marks(), style{regular, s.meta, grey}}}, 80)
	s.c.begin(roleItem)
	s.c.begin(roleBody)
	first := s.c.m.fit(name, width-marks.width-8)
	first.soft = true
	s.c.line(x, s.y, first)
	if e.Who != "" {
		s.c.line(x, s.y+first.height, s.c.m.fit([]span{{e.Who, small}}, width))
	}
	s.c.leave()
	s.c.leave()
	s.c.apart(layout, func() { s.c.line(x+width-marks.width, s.y, marks) })
}

func (e Expected) marks() string {
	return strings.Repeat(markYes, e.Yes) + strings.Repeat(markMaybe, e.Maybe) + strings.Repeat(markWaiting, e.Unanswered) + strings.Repeat(markNo, e.No)
}

// words says the marks.
func (e Expected) words() string {
	var parts []string
	for _, w := range []struct {
		n    int
		word string
	}{{e.Yes, "oui"}, {e.Maybe, "peut-être"}, {e.Unanswered, "sans réponse"}, {e.No, "non"}} {
		if w.n > 0 {
			parts = append(parts, fmt.Sprintf("%d\u00a0%s", w.n, w.word))
		}
	}
	return or(strings.Join(parts, ", "), "personne")
}

func minutesWord(n int) string { return fmt.Sprintf("%d\u00a0min", n) }

func pagesOf(page, total int) string { return fmt.Sprintf("Page\u00a0%d sur\u00a0%d", page, total) }

func rankOf(n int) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprint(n)
}

// othersWord counts the lines that the reader may not see.
func othersWord(n, shown int) string {
	one, many := "autre dossier, d’un patient que vous ne suivez pas.", "autres dossiers, de patients que vous ne suivez pas."
	if shown == 0 {
		one, many = "dossier, d’un patient que vous ne suivez pas.", "dossiers, de patients que vous ne suivez pas."
	}
	return plural(n, one, many)
}
