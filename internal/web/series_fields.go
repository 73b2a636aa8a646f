package web

import (
	"slices"
	"strconv"
	"time"

	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// seriesFields are the choices of the form of a series, and what a changed
// field was before.
type seriesFields struct {
	Freqs    []choice
	Nths     []choice
	Weekdays []choice
	Lengths  []choice
	OnCloses []choice
	Zone     string // of public holidays
	Was      seriesWas
}

// seriesWas says what a field was, empty when it did not change.
type seriesWas struct{ Days, Start, Length, Room, URL, End, OnClosed string }

// fieldsOf fills the choices with those made.
func fieldsOf(l string, one meetings.Series, e meetings.SeriesEdit, t meetings.Team) seriesFields {
	f := seriesFields{
		Freqs: []choice{
			{string(meetings.Weekly), lang.T(l, "Par semaine"), e.Freq != meetings.Monthly},
			{string(meetings.Monthly), lang.T(l, "Par mois"), e.Freq == meetings.Monthly},
		},
		OnCloses: []choice{
			{string(meetings.Skip), lang.T(l, closedWords[meetings.Skip]), e.OnClosed == meetings.Skip},
			{string(meetings.Before), lang.T(l, closedWords[meetings.Before]), e.OnClosed == meetings.Before},
			{string(meetings.After), lang.T(l, closedWords[meetings.After]), e.OnClosed == meetings.After},
		},
		Zone: holidayZoneName(l, t.HolidayZone),
	}
	for _, n := range []int{1, 2, 3, 4, -1} {
		f.Nths = append(f.Nths, choice{itoa(n), lang.T(l, nthWords[n]), e.Nth == n})
	}
	for i := range 7 {
		d := time.Weekday((i + 1) % 7)
		f.Weekdays = append(f.Weekdays, choice{strconv.Itoa(int(d)), lang.Weekday(l, d), slices.Contains(e.Weekdays, d)})
	}
	f.Lengths = lengthsOf(l, e.Duration)
	if one.ID != "" {
		f.Was = wasOf(l, one, e)
	}
	return f
}

var nthWords = map[int]string{
	1: lang.Mark("le premier"), 2: lang.Mark("le deuxième"), 3: lang.Mark("le troisième"), 4: lang.Mark("le quatrième"), -1: lang.Mark("le dernier"),
}

var closedWords = map[meetings.OnClosed]string{
	meetings.Skip: lang.Mark("Sauter la date"), meetings.Before: lang.Mark("Avancer au jour ouvré précédent"),
	meetings.After: lang.Mark("Reporter au jour ouvré suivant"),
}

func lengthsOf(l string, chosen time.Duration) (out []choice) {
	lengths := []int{30, 45, 60, 75, 90, 105, 120, 150, 180, 240}
	if own := int(chosen.Minutes()); !slices.Contains(lengths, own) && own > 0 {
		lengths = append(lengths, own)
	}
	for _, n := range lengths {
		out = append(out, choice{(time.Duration(n) * time.Minute).String(), lang.T(l, "%d minutes", n), n == int(chosen.Minutes())})
	}
	return out
}

// wasOf says what changed fields were.
func wasOf(l string, one meetings.Series, e meetings.SeriesEdit) (w seriesWas) {
	rule, was := e.Rule, one.Rule
	rule.Count, was.Count = 0, 0
	if !rule.Equal(was) {
		w.Days = one.Rule.Words(l)
	}
	if e.Start != one.Start {
		w.Start = clockWords(l, one.Start)
	}
	if e.Duration != one.Duration {
		w.Length = lang.Minutes(int(one.Duration.Minutes()))
	}
	none := lang.T(l, "aucun")
	if e.Room != one.Room {
		w.Room = orElse(one.Room, none)
	}
	if e.URL != one.URL {
		w.URL = orElse(one.URL, none)
	}
	if e.Until != one.Until || e.Count != one.Count {
		w.End = endWords(l, one)
	}
	if e.OnClosed != one.OnClosed {
		w.OnClosed = lang.T(l, closedWords[one.OnClosed])
	}
	return w
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// endWords says when a series ends.
func endWords(l string, one meetings.Series) string {
	switch {
	case one.Count > 0:
		return lang.N(l, one.Count, "après %d date", "après %d dates")
	case !one.Until.IsZero():
		return lang.T(l, "le %s", lang.Numeric(one.Until))
	}
	return lang.T(l, "jamais")
}

func holidayZoneName(l, key string) string {
	for _, z := range meetings.HolidayZones {
		if z.Key == key && l == lang.English {
			return z.English
		} else if z.Key == key {
			return z.French
		}
	}
	return key
}

// clockWords is 14:30 as people read it.
func clockWords(l, start string) string {
	at, err := time.Parse("15:04", start)
	if err != nil {
		return start
	}
	return lang.Clock(l, at)
}

// numberOf is a whole number, -1 when it is none.
func numberOf(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}
