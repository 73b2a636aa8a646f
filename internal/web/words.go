package web

import (
	"fmt"
	"html/template"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// words are the functions of the templates, bound to a language. Times are
// shown in the zone they carry: views set it with In(meeting.Location()).
func words(l string, a *assets) template.FuncMap {
	return template.FuncMap{
		"T":     func(french string, args ...any) string { return lang.T(l, french, args...) },
		"N":     func(n int, one, many string, args ...any) string { return lang.N(l, n, one, many, args...) },
		"asset": a.url,
		"icon":  newIcon,

		"long":     func(v any) string { return lang.Long(l, day(v)) },
		"short":    func(v any) string { return lang.Short(l, day(v)) },
		"numeric":  func(v any) string { return lang.Numeric(day(v)) },
		"daymonth": func(v any) string { return lang.DayMonth(day(v)) },
		"iso":      iso,
		"clock":    func(t time.Time) string { return lang.Clock(l, t) },
		"hours":    func(from, to time.Time) string { return lang.Range(l, from, to) },
		"minutes":  lang.Minutes,

		"profession": func(key string) string { return professionName(l, key) },
		"civil":      careplan.Patient.Civil,
		"segments":   segments,
		"list":       func(v ...any) []any { return v },
		"quote":      quoted,
		"add":        func(a, b int) int { return a + b },
		"pair":       func(a, b any) [2]any { return [2]any{a, b} },
	}
}

// icon is one of the sprite's drawings at a size in pixels.
type icon struct {
	Name string
	Size int
}

func newIcon(name string, size int) icon { return icon{name, size} }

// day is the civil day of a date or of a time in its own zone.
func day(v any) date.Date {
	switch v := v.(type) {
	case date.Date:
		return v
	case time.Time:
		if v.IsZero() {
			return date.Date{}
		}
		return date.Of(v)
	}
	return date.Date{}
}

// iso is the machine's form, for datetime attributes and date inputs.
func iso(v any) string {
	if t, ok := v.(time.Time); ok {
		return t.Format("2006-01-02T15:04")
	}
	return day(v).String()
}

func professionName(l, key string) string {
	for _, p := range meetings.Professions {
		if p.Key == key {
			if l == lang.English {
				return p.English
			}
			return p.French
		}
	}
	return key
}

// segments cuts minutes into the widths that the stylesheet knows (m1 to m20),
// so that no style attribute is needed.
func segments(minutes int) []string {
	var out []string
	for minutes > 20 {
		out, minutes = append(out, "m20"), minutes-20
	}
	if minutes > 0 {
		out = append(out, fmt.Sprintf("m%d", minutes))
	}
	return out
}

// count is a number for the menu: nothing for zero.
func count(n int) string {
	switch {
	case n == 0:
		return ""
	case n >= shown:
		return fmt.Sprintf("%d+", shown)
	}
	return fmt.Sprint(n)
}

// notReviewable says why a patient cannot be on an agenda.
func notReviewable(why string) string {
	if why == "deceased" {
		return lang.Mark("Décès : ne peut pas être inscrit")
	}
	return lang.Mark("Opposition au partage : ne peut pas être inscrit")
}
