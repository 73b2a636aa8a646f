package web

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/lang"
)

func TestReadDay(t *testing.T) {
	t.Parallel()
	today := date.New(2026, time.November, 26) // a Thursday
	tests := []struct {
		text string
		want date.Date
		ok   bool
	}{
		{"", date.Date{}, true},
		{"27/11/2026", date.New(2026, 11, 27), true},
		{" 27/11/26 ", date.New(2026, 11, 27), true},
		{"27.11.2026", date.New(2026, 11, 27), true},
		{"2026-11-27", date.New(2026, 11, 27), true},
		{"27/11", date.New(2026, 11, 27), true},
		{"03/01", date.New(2027, 1, 3), true},
		{"+7", date.New(2026, 12, 3), true},
		{"+0", today, true},
		{"lundi", date.New(2026, 11, 30), true},
		{"Jeudi", date.New(2026, 12, 3), true},
		{"monday", date.New(2026, 11, 30), true},
		{"dans 3 semaines", date.New(2026, 12, 17), true},
		{"Dans un mois", date.New(2026, 12, 26), true},
		{"10 jours", date.New(2026, 12, 6), true},
		{"in 2 weeks", date.New(2026, 12, 10), true},
		{"demain", date.New(2026, 11, 27), true},
		{"15/12", date.New(2026, 12, 15), true},
		{"15 décembre", date.New(2026, 12, 15), true},
		{"1er mars", date.New(2027, 3, 1), true},
		{"1 mars 2028", date.New(2028, 3, 1), true},
		{"december 15", date.Date{}, false},
		{"dans 0 jours", date.Date{}, false},
		{"dans 3 lunes", date.Date{}, false},
		{"31 avril", date.Date{}, false},
		{"31/11/2026", date.Date{}, false},
		{"29/02/2027", date.Date{}, false},
		{"11/27/2026", date.Date{}, false},
		{"+-3", date.Date{}, false},
		{"demain peut-être", date.Date{}, false},
	}
	for _, tt := range tests {
		got, ok := readDay(tt.text, today)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("readDay(%q) = %v, %v; want %v, %v", tt.text, got, ok, tt.want, tt.ok)
		}
	}
}

func TestADayShownIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := date.New(2000, 1, 1).AddDays(rapid.IntRange(0, 36_500).Draw(t, "day"))
		if got, ok := readDay(lang.Numeric(d), date.New(2026, 11, 26)); !ok || got != d {
			t.Fatalf("%v is read back as %v, %v", d, got, ok)
		}
	})
}

func TestReadClock(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"14:30": "14:30", "14 h 30": "14:30", "14h30": "14:30", "9h": "09:00", "14\u00a0h\u00a000": "14:00", "25 h": "25 h", "midi": "midi",
	} {
		if got := readClock(text); got != want {
			t.Errorf("readClock(%q) = %q, want %q", text, got, want)
		}
	}
}
