package careplan

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// Name is how a patient stands in lists and minutes: birth name in capitals,
// then the first birth given name (RNIV): AUBRIOT Lucienne.
func (p Patient) Name() string {
	return strings.TrimSpace(Capitals(p.BirthFamily) + " " + p.BirthGiven)
}

// UsedName is the name in use when it differs from the birth name, with the
// given name only when that differs too; otherwise "".
func (p Patient) UsedName() string {
	family, given := p.UsedFamily, p.UsedGiven
	if Fold(family) == Fold(p.BirthFamily) {
		family = ""
	}
	if Fold(given) == Fold(p.BirthGiven) {
		given = ""
	}
	if family == "" && given != "" {
		family = p.BirthFamily
	}
	return strings.TrimSpace(Capitals(family) + " " + given)
}

// FullName is Name and, labelled as the RNIV asks, the name in use:
// AUBRIOT Lucienne (nom utilisé : DUPONT).
func (p Patient) FullName() string {
	used := p.UsedName()
	if used == "" {
		return p.Name()
	}
	return p.Name() + " (nom utilisé\u00a0: " + used + ")"
}

// Civil is how the patient is spoken of in a sentence, by the name in use:
// Mme AUBRIOT, M. TESSONNIER; the bare name when the sex is not known.
func (p Patient) Civil() string {
	family := p.UsedFamily
	if family == "" {
		family = p.BirthFamily
	}
	family = Capitals(family)
	switch p.Sex {
	case Female:
		return "Mme\u00a0" + family
	case Male:
		return "M.\u00a0" + family
	}
	return family
}

// SearchText is everything a patient is found by, folded, words apart.
func (p Patient) SearchText() string {
	return Fold(strings.Join([]string{p.BirthFamily, p.BirthGiven, p.BirthNames, p.UsedFamily, p.UsedGiven, p.IPP}, " "))
}

// SortName orders patients by birth name then given name, accents and case apart.
func (p Patient) SortName() string { return Fold(p.BirthFamily + " " + p.BirthGiven) }

// Capitals writes a family name in capitals, accents kept.
func Capitals(s string) string { return cases.Upper(language.French).String(s) }

// Fold takes accents, case and punctuation off a text, so that it can be
// searched for as people type it: "O’Kon-Guzmán" gives "o kon guzman".
func Fold(s string) string {
	t := transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)))
	plain, _, err := transform.String(t, s)
	if err != nil {
		plain = s
	}
	plain = ligatures().Replace(strings.ToLower(plain))
	words := strings.FieldsFunc(plain, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, " ")
}

// ligatures are the letters that no decomposition takes apart.
func ligatures() *strings.Replacer {
	return strings.NewReplacer("œ", "oe", "æ", "ae", "ø", "o", "ß", "ss", "ł", "l", "đ", "d")
}
