package careplan

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name              string
		p                 Patient
		short, full, said string
	}{
		{
			"birth name only",
			Patient{BirthFamily: "Aubriot", BirthGiven: "Lucienne", Sex: Female},
			"AUBRIOT Lucienne", "AUBRIOT Lucienne", "Mme\u00a0AUBRIOT",
		},
		{
			"name in use",
			Patient{BirthFamily: "Aubriot", BirthGiven: "Lucienne", UsedFamily: "Dupont", UsedGiven: "Lucienne", Sex: Female},
			"AUBRIOT Lucienne", "AUBRIOT Lucienne (nom utilisé\u00a0: DUPONT)", "Mme\u00a0DUPONT",
		},
		{
			"given name in use",
			Patient{BirthFamily: "SAYEH", BirthGiven: "Feixa", UsedFamily: "SAYEH", UsedGiven: "Seumas", Sex: Male},
			"SAYEH Feixa", "SAYEH Feixa (nom utilisé\u00a0: SAYEH Seumas)", "M.\u00a0SAYEH",
		},
		{
			"same name written otherwise",
			Patient{BirthFamily: "Béranger", BirthGiven: "Éric", UsedFamily: "BERANGER", UsedGiven: "eric", Sex: Male},
			"BÉRANGER Éric", "BÉRANGER Éric", "M.\u00a0BERANGER",
		},
		{
			"sex not known",
			Patient{BirthFamily: "de la Tour", BirthGiven: "Camille", Sex: SexUnknown},
			"DE LA TOUR Camille", "DE LA TOUR Camille", "DE LA TOUR",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := c.p.Name(); got != c.short {
				t.Errorf("Name = %q, want %q", got, c.short)
			}
			if got := c.p.FullName(); got != c.full {
				t.Errorf("FullName = %q, want %q", got, c.full)
			}
			if got := c.p.Civil(); got != c.said {
				t.Errorf("Civil = %q, want %q", got, c.said)
			}
		})
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Ángela Guzmán":     "angela guzman",
		"O'Kon":             "o kon",
		"O’Kon":             "o kon",
		"Lecœur-Ÿvert":      "lecoeur yvert",
		"  DE   LA\tTOUR ":  "de la tour",
		"A\u0301ngela":      "angela",
		"IPP\u00a00048213.": "ipp 0048213",
		"":                  "",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFoldIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		once := Fold(s)
		if twice := Fold(once); twice != once {
			t.Fatalf("Fold(Fold(%q)) = %q, Fold = %q", s, twice, once)
		}
		if strings.TrimSpace(once) != once {
			t.Fatalf("Fold(%q) keeps blanks at an end", s)
		}
	})
}
