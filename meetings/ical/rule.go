package ical

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

var errRule = errors.New("not a recurrence rule that every calendar can show")

// rule is an RRULE in the subset Outlook can show.
type rule struct {
	parts map[string]string
	until time.Time // zero when the rule does not end by date
}

// rulePartOrder is the order in which parts are written; also the parts known.
func rulePartOrder() []string {
	return []string{"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST"}
}

// parseRule reads an RRULE value (RFC 5545 section 3.3.10) and refuses what is
// outside the subset.
func parseRule(text string) (rule, error) {
	r := rule{parts: map[string]string{}}
	for part := range strings.SplitSeq(strings.ToUpper(text), ";") {
		name, value, ok := strings.Cut(part, "=")
		if _, twice := r.parts[name]; !ok || twice || !slices.Contains(rulePartOrder(), name) {
			return rule{}, errRule
		}
		r.parts[name] = value
	}
	if !r.bounded() || !r.pattern() {
		return rule{}, errRule
	}
	return r, nil
}

func (r rule) String() string {
	var out []string
	for _, name := range rulePartOrder() {
		if value, ok := r.parts[name]; ok {
			out = append(out, name+"="+value)
		}
	}
	return strings.Join(out, ";")
}

// bounded checks the parts that count and end the series, and reads UNTIL, which
// is in UTC whenever DTSTART has a zone.
func (r *rule) bounded() bool {
	until, hasUntil := r.parts["UNTIL"]
	if hasUntil {
		t, err := time.Parse(utcFormat, until)
		if err != nil || r.has("COUNT") {
			return false
		}
		r.until, r.parts["UNTIL"] = t, t.Format(utcFormat)
	}
	return r.number("INTERVAL", 999) && r.number("COUNT", 999) &&
		(!r.has("WKST") || isWeekday(r.parts["WKST"]))
}

// pattern checks that the by-parts make one of the shapes of Outlook's dialog.
func (r rule) pattern() bool {
	switch r.parts["FREQ"] {
	case "DAILY":
		return !r.has("BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS")
	case "WEEKLY":
		return !r.has("BYMONTH", "BYMONTHDAY", "BYSETPOS") && (!r.has("BYDAY") || r.weekdays())
	case "MONTHLY":
		return !r.has("BYMONTH") && r.dayOfMonth()
	case "YEARLY":
		return r.has("BYMONTH") && r.number("BYMONTH", 12) && r.dayOfMonth()
	}
	return false
}

func (r rule) has(names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { _, ok := r.parts[n]; return ok })
}

// number checks an optional part that holds one number, from 1.
func (r rule) number(name string, high int) bool {
	value, ok := r.parts[name]
	if !ok {
		return true
	}
	n, err := strconv.Atoi(value)
	return err == nil && strconv.Itoa(n) == value && n >= 1 && n <= high
}

func (r rule) weekdays() bool {
	for day := range strings.SplitSeq(r.parts["BYDAY"], ",") {
		if !isWeekday(day) {
			return false
		}
	}
	return true
}

// dayOfMonth checks for exactly one day: by number, or by nth weekday written
// as BYDAY=2TU or as BYDAY=TU;BYSETPOS=2.
func (r rule) dayOfMonth() bool {
	if r.has("BYMONTHDAY") {
		day := r.parts["BYMONTHDAY"]
		return !r.has("BYDAY", "BYSETPOS") && (day == "-1" || r.number("BYMONTHDAY", 31))
	}
	day := r.parts["BYDAY"]
	if r.has("BYSETPOS") {
		return isWeekday(day) && isNth(r.parts["BYSETPOS"])
	}
	return len(day) > 2 && isNth(day[:len(day)-2]) && isWeekday(day[len(day)-2:])
}

func isNth(s string) bool {
	return slices.Contains([]string{"1", "2", "3", "4", "-1"}, s)
}

func isWeekday(s string) bool {
	return slices.Contains([]string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}, s)
}
