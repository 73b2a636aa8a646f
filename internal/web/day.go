package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/lang"
)

// readDay reads a day as people write it: 27/11/2026, 27/11 (the next one),
// 2026-11-27, +7 (days from today), dans 3 semaines, 15 décembre or lundi (the
// next one). An empty text is no date and is right.
func readDay(text string, today date.Date) (d date.Date, ok bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return date.Date{}, true
	}
	if d, err := date.Parse(text); err == nil {
		return d, true
	}
	if days, found := strings.CutPrefix(text, "+"); found {
		n, err := strconv.Atoi(strings.TrimSpace(days))
		return today.AddDays(n), err == nil && n >= 0 && n < 3660
	}
	for _, read := range []func(string, date.Date) (date.Date, bool){readNumbers, readSpan, readMonth, readWeekday} {
		if d, ok := read(text, today); ok {
			return d, true
		}
	}
	return date.Date{}, false
}

// readNumbers reads 27/11/2026, 27/11/26, 27.11 or 27 11.
func readNumbers(text string, today date.Date) (date.Date, bool) {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '/' || r == '.' || r == ' ' || r == '-' })
	if len(parts) != 2 && len(parts) != 3 {
		return date.Date{}, false
	}
	var n [3]int
	for i, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil {
			return date.Date{}, false
		}
		n[i] = v
	}
	if len(parts) == 2 {
		d, ok := civil(today.Year, n[1], n[0])
		if ok && d.Before(today) {
			return civil(today.Year+1, n[1], n[0])
		}
		return d, ok
	}
	if n[2] < 100 {
		n[2] += 2000
	}
	return civil(n[2], n[1], n[0])
}

// civil is the day when the calendar has it: no 31 November.
func civil(y, m, d int) (date.Date, bool) {
	if m < 1 || m > 12 || y < 1900 || y > 2200 {
		return date.Date{}, false
	}
	v := date.New(y, time.Month(m), d)
	return v, v.Day == d && int(v.Month) == m
}

func readWeekday(text string, today date.Date) (date.Date, bool) {
	want := careplan.Fold(text)
	for i := 1; i <= 7; i++ {
		d := today.AddDays(i)
		for _, l := range []string{lang.French, lang.English} {
			if careplan.Fold(lang.Weekday(l, d.Weekday())) == want {
				return d, true
			}
		}
	}
	return date.Date{}, false
}

// spans are the words of a length of time: days, or months.
var spans = map[string]struct{ days, months int }{
	"jour": {1, 0}, "jours": {1, 0}, "day": {1, 0}, "days": {1, 0}, "semaine": {7, 0}, "semaines": {7, 0}, "week": {7, 0}, "weeks": {7, 0},
	"mois": {0, 1}, "month": {0, 1}, "months": {0, 1}, "an": {0, 12}, "ans": {0, 12}, "year": {0, 12}, "years": {0, 12},
}

// readSpan reads dans 3 semaines, dans un mois, 10 jours, in 2 weeks or demain.
func readSpan(text string, today date.Date) (date.Date, bool) {
	words := strings.Fields(careplan.Fold(text))
	if len(words) == 1 && (words[0] == "demain" || words[0] == "tomorrow") {
		return today.AddDays(1), true
	}
	ahead := len(words) == 3 && (words[0] == "dans" || words[0] == "in")
	if ahead {
		words = words[1:]
	}
	if len(words) != 2 {
		return date.Date{}, false
	}
	n, err := strconv.Atoi(words[0])
	if ahead && slices.Contains([]string{"un", "une", "one", "a"}, words[0]) {
		n, err = 1, nil
	}
	span, known := spans[words[1]]
	if err != nil || !known || n < 1 || n > 500 {
		return date.Date{}, false
	}
	return today.AddDays(n * span.days).AddMonths(n * span.months), true
}

// readMonth reads 15 décembre (the next one), 1er mars 2027 or 15 march.
func readMonth(text string, today date.Date) (date.Date, bool) {
	words := strings.Fields(careplan.Fold(text))
	if len(words) != 2 && len(words) != 3 {
		return date.Date{}, false
	}
	for month := time.January; month <= time.December; month++ {
		for _, l := range []string{lang.French, lang.English} {
			if careplan.Fold(lang.Month(l, month)) == words[1] {
				words[0], words[1] = strings.TrimSuffix(words[0], "er"), strconv.Itoa(int(month))
				return readNumbers(strings.Join(words, " "), today)
			}
		}
	}
	return date.Date{}, false
}

// badDay is what is said beside a day that cannot be read.
var badDay = lang.Mark("Ce jour ne se lit pas. Écrivez 27/11/2026, +7, dans 3 semaines ou lundi.")

// today is the civil day in a zone.
func (s *Server) today(loc *time.Location) date.Date { return date.Of(s.now().In(loc)) }

// paris is where dates without a meeting are counted.
func paris() *time.Location {
	loc, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		return time.UTC
	}
	return loc
}

// readClock reads an hour as people write it, 14:30, 14h30 or 14 h 30, and
// returns it as 14:30; anything else is returned as it is, for the service to
// refuse.
func readClock(text string) string {
	compact := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "H", ":", "h", ":").Replace(strings.TrimSpace(text))
	hour, minute, _ := strings.Cut(compact, ":")
	h, errHour := strconv.Atoi(hour)
	m, errMinute := strconv.Atoi(minute)
	if minute == "" {
		m, errMinute = 0, nil
	}
	if errHour != nil || errMinute != nil || h < 0 || h > 23 || m < 0 || m > 59 {
		return text
	}
	return time.Date(0, 1, 1, h, m, 0, 0, time.UTC).Format("15:04")
}

// number reads a whole number of a form; -1 when it is none, for the service to
// refuse.
func (r *request) number(name string) int {
	n, err := strconv.Atoi(r.text(name))
	if err != nil {
		return -1
	}
	return n
}

func itoa(n int) string { return strconv.Itoa(n) }
