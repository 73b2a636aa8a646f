package lang

import (
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/date"
)

func TestDatesAndHoursInWords(t *testing.T) {
	t.Parallel()
	thursday := date.New(2026, time.November, 26)
	at := time.Date(2026, time.November, 26, 14, 30, 0, 0, time.UTC)
	for _, tt := range []struct{ got, want string }{
		{Long(French, thursday), "jeudi 26\u00a0novembre\u00a02026"},
		{Long(English, thursday), "Thursday 26\u00a0November\u00a02026"},
		{Long(French, date.New(2026, time.December, 1)), "mardi 1er\u00a0décembre\u00a02026"},
		{Long(English, date.New(2026, time.December, 1)), "Tuesday 1\u00a0December\u00a02026"},
		{Short(French, thursday), "jeu.\u00a026\u00a0nov."},
		{Numeric(thursday), "26/11/2026"},
		{DayMonth(date.New(2026, time.March, 4)), "04/03"},
		{Long(French, date.Date{}) + Short(French, date.Date{}) + Numeric(date.Date{}) + DayMonth(date.Date{}), ""},
		{Clock(French, at), "14\u00a0h\u00a030"},
		{Clock(English, at), "14:30"},
		{Range(French, at, at.Add(90*time.Minute)), "14\u00a0h\u00a030 –\u00a016\u00a0h\u00a000"},
		{Relative(French, thursday, thursday), "aujourd’hui"},
		{Relative(French, thursday, thursday.AddDays(-1)), "demain"},
		{Relative(French, thursday, thursday.AddDays(5)), "il y a 5\u00a0jours"},
		{Relative(English, thursday, thursday.AddDays(-3)), "in 3 days"},
		{Left(French, 40*time.Minute), "dans 40\u00a0minutes"},
		{Left(French, 26*time.Hour), "dans 26\u00a0heures"},
		{Left(French, 73*time.Hour), "dans 3\u00a0jours"},
		{Left(French, -time.Second), ""},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestSentencesAreTypesetButNotWhatIsTyped(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ got, want string }{
		{T(French, "Motif :"), "Motif\u00a0:"},
		{T(French, "Pourquoi ?"), "Pourquoi\u202f?"},
		{T(English, "Pourquoi ?"), "Why?"},
		{T(French, "Motif : %s", "a : b ?"), "Motif\u00a0: a : b ?"},
		{T(French, "sans anglais"), "sans anglais"},
		{T(English, "sans anglais"), "sans anglais"},
		{N(French, 0, "%d dossier", "%d dossiers"), "0 dossier"},
		{N(French, 2, "%d dossier", "%d dossiers"), "2 dossiers"},
		{N(English, 0, "%d dossier", "%d dossiers"), "0 cases"},
		{N(English, 1, "%d dossier", "%d dossiers"), "1 case"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
