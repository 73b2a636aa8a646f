package meetings

import (
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/lang"
)

// Words says a series' rule and hours: chaque jeudi de 14 h 30 à 16 h 00.
func (s Series) Words(l string) string {
	starts, err := time.Parse("15:04", s.Start)
	if err != nil || len(s.Weekdays) == 0 {
		return s.Start
	}
	from, to := lang.Clock(l, starts), lang.Clock(l, starts.Add(s.Duration))
	return lang.T(l, "%s de %s à %s", s.Rule.Words(l), from, to)
}

// Words says the days of a rule: chaque jeudi, le premier mardi du mois.
func (r Rule) Words(l string) string {
	if r.Freq == Monthly {
		which := lang.T(l, nths[r.Nth])
		if r.Interval == 1 {
			return lang.T(l, "le %s %s du mois", which, lang.Weekday(l, r.Weekdays[0]))
		}
		return lang.T(l, "le %s %s, un mois sur %d", which, lang.Weekday(l, r.Weekdays[0]), r.Interval)
	}
	var days []string
	for _, d := range mondayFirst(r.Weekdays) {
		days = append(days, lang.Weekday(l, d))
	}
	list := days[len(days)-1]
	if len(days) > 1 {
		list = lang.T(l, "%s et %s", strings.Join(days[:len(days)-1], ", "), list)
	}
	switch {
	case r.Interval == 1:
		return lang.T(l, "chaque %s", list)
	case len(days) == 1:
		return lang.T(l, "un %s sur %d", list, r.Interval)
	}
	return lang.T(l, "%s, une semaine sur %d", list, r.Interval)
}

// nths are the ranks of a weekday in its month.
var nths = map[int]string{
	1: lang.Mark("premier"), 2: lang.Mark("deuxième"), 3: lang.Mark("troisième"), 4: lang.Mark("quatrième"), -1: lang.Mark("dernier"),
}
