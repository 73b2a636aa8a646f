package meetings

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
)

// Freq is the period of a rule (RFC 5545 section 3.3.10).
type Freq string

// The periods.
const (
	Weekly  Freq = "weekly"
	Monthly Freq = "monthly"
)

// Rule says on which days a series meets, in the patterns that every calendar
// can show: every Interval weeks on Weekdays, or every Interval months on the
// Nth Weekdays[0].
type Rule struct {
	Freq     Freq
	Interval int            // weeks or months, at least 1
	Weekdays []time.Weekday // weekly: one or more; monthly: one
	Nth      int            // monthly: 1 to 4, -1 for the last
	Count    int            // ends after so many dates, those that fall on a closed day included; 0: not by count
}

// Every returns the rule of every n weeks on one day.
func Every(n int, day time.Weekday) Rule {
	return Rule{Freq: Weekly, Interval: n, Weekdays: []time.Weekday{day}}
}

// Equal reports whether two rules give the same dates.
func (r Rule) Equal(o Rule) bool {
	return r.sameDays(o) && r.Count == o.Count
}

// sameDays leaves out where the rule ends.
func (r Rule) sameDays(o Rule) bool {
	return r.Freq == o.Freq && r.Interval == o.Interval && (r.Freq == Weekly || r.Nth == o.Nth) &&
		slices.Equal(mondayFirst(r.Weekdays), mondayFirst(o.Weekdays))
}

// mondayFirst orders days as weeks have them here, each once.
func mondayFirst(days []time.Weekday) []time.Weekday {
	sorted := slices.SortedFunc(slices.Values(days), func(a, b time.Weekday) int { return cmp.Compare((a+6)%7, (b+6)%7) })
	return slices.Compact(sorted)
}

// days returns the rule's dates from a day to another, both included, the first
// being the first that fits; Count bounds how many.
func (r Rule) days(from, to date.Date) []date.Date {
	if r.Interval < 1 || len(r.Weekdays) == 0 || from.IsZero() {
		return nil
	}
	if r.Freq == Monthly {
		return r.monthly(from, to)
	}
	return r.weekly(from, to)
}

func (r Rule) weekly(from, to date.Date) (all []date.Date) {
	week := mondayFirst(r.Weekdays)
	first := from
	for range 7 {
		if slices.Contains(week, first.Weekday()) {
			break
		}
		first = first.AddDays(1)
	}
	monday := first.AddDays(-int(first.Weekday()+6) % 7)
	for ; !monday.After(to); monday = monday.AddDays(7 * r.Interval) {
		for _, w := range week {
			d := monday.AddDays(int(w+6) % 7)
			if d.Before(from) {
				continue
			}
			if d.After(to) || r.Count > 0 && len(all) == r.Count {
				return all
			}
			all = append(all, d)
		}
	}
	return all
}

func (r Rule) monthly(from, to date.Date) (all []date.Date) {
	month := date.New(from.Year, from.Month, 1)
	if r.in(month).Before(from) {
		month = date.New(month.Year, month.Month+1, 1)
	}
	for ; !month.After(to); month = date.New(month.Year, month.Month+time.Month(r.Interval), 1) {
		d := r.in(month)
		if d.After(to) || r.Count > 0 && len(all) == r.Count {
			return all
		}
		all = append(all, d)
	}
	return all
}

// in returns the rule's day in the month that begins on first.
func (r Rule) in(first date.Date) date.Date {
	if r.Nth < 0 {
		last := date.New(first.Year, first.Month+1, 0)
		return last.AddDays(-(int(last.Weekday()-r.Weekdays[0]) + 7) % 7)
	}
	return first.AddDays((int(r.Weekdays[0]-first.Weekday())+7)%7 + 7*(r.Nth-1))
}

// text writes the rule as an RRULE value. It ends by count or with until, an
// instant written in UTC as RFC 5545 asks beside a DTSTART with a zone.
func (r Rule) text(until time.Time) string {
	parts := []string{"FREQ=" + strings.ToUpper(string(r.Freq))}
	if r.Interval > 1 {
		parts = append(parts, "INTERVAL="+strconv.Itoa(r.Interval))
	}
	var days []string
	for _, w := range mondayFirst(r.Weekdays) {
		code := strings.ToUpper(w.String()[:2])
		if r.Freq == Monthly {
			code = strconv.Itoa(r.Nth) + code
		}
		days = append(days, code)
	}
	switch {
	case r.Count > 0:
		parts = append(parts, "COUNT="+strconv.Itoa(r.Count))
	case !until.IsZero():
		parts = append(parts, "UNTIL="+until.UTC().Format("20060102T150405Z"))
	}
	parts = append(parts, "BYDAY="+strings.Join(days, ","))
	if r.Freq == Weekly {
		parts = append(parts, "WKST=MO")
	}
	return strings.Join(parts, ";")
}

// readRule reads what text wrote; until is zero when the rule has none.
func readRule(text string) (r Rule, until time.Time) {
	r.Interval = 1
	for part := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "FREQ":
			r.Freq = Freq(strings.ToLower(value))
		case "INTERVAL":
			r.Interval, _ = strconv.Atoi(value)
		case "COUNT":
			r.Count, _ = strconv.Atoi(value)
		case "UNTIL":
			until, _ = time.Parse("20060102T150405Z", value)
		case "BYDAY":
			for day := range strings.SplitSeq(value, ",") {
				nth := strings.TrimRight(day, "ADEFHMORSTUW")
				r.Nth, _ = strconv.Atoi(nth)
				r.Weekdays = append(r.Weekdays, weekday(day[len(nth):]))
			}
		}
	}
	return r, until
}

// weekday reads the two letters of a day (RFC 5545 section 3.3.10).
func weekday(code string) time.Weekday {
	return time.Weekday(max(slices.Index([]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}, code), 0))
}

func (r Rule) check(c *fault.Check) {
	c.That(r.Freq == Weekly || r.Freq == Monthly, "freq", "Choisissez une périodicité.")
	c.That(len(r.Weekdays) > 0, "weekday", "Choisissez un jour de la semaine.")
	for _, w := range r.Weekdays {
		c.That(w >= time.Sunday && w <= time.Saturday, "weekday", "Choisissez un jour de la semaine.")
	}
	c.That(r.Interval >= 1 && r.Interval <= 12, "interval", "Entre 1 et 12.")
	c.That(r.Count >= 0 && r.Count <= 500, "count", "Entre 1 et 500 dates.")
	if r.Freq == Monthly {
		c.That(len(r.Weekdays) == 1, "weekday", "Un seul jour pour une série mensuelle.")
		c.That(r.Nth == -1 || r.Nth >= 1 && r.Nth <= 4, "nth", "Choisissez le rang du jour dans le mois.")
	}
}
