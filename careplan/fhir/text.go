package fhir

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/rcp-care/rcp/internal/date"
)

// Longest text kept, in characters: far above what a plan holds, and low
// enough that no text makes a page unreadable.
const (
	maxText = 20_000
	maxLine = 1_000
)

// clean takes out of a text what does not belong to it: control characters
// (a NUL is refused by PostgreSQL), blanks at line ends, lines without end.
func clean(s string) string {
	s = norm.NFC.String(strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n"))
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t")
	}
	return cut(strings.TrimSpace(strings.Join(lines, "\n")), maxText)
}

// line is clean for what stands on one line; non-breaking spaces stay.
func line(s string) string {
	words := strings.FieldsFunc(clean(s), func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' })
	return cut(strings.Join(words, " "), maxLine)
}

func cut(s string, limit int) string {
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	return string(runes[:limit-1]) + "…"
}

// day reads the day of a FHIR date, dateTime or instant as it is written at
// the source, in the source's own offset. A year or a month alone is no day.
func day(s string) date.Date {
	if len(s) < 10 {
		return date.Date{}
	}
	d, err := date.Parse(s[:10])
	if err != nil {
		return date.Date{}
	}
	return d
}

// find returns the first extension whose URL ends with name: the publishers of
// French profiles have changed their base more than once.
func find(all []extension, name string) (extension, bool) {
	for _, x := range all {
		if x.URL == name || strings.HasSuffix(x.URL, "/"+name) {
			return x, true
		}
	}
	return extension{}, false
}

// discriminator is the code that says which note or supporting information
// this is (ext tddui-discriminator, code systems tddui-discriminator and
// tddui-discriminator-cs: the code is the same in both).
func discriminator(all []extension) string {
	x, ok := find(all, "tddui-discriminator")
	if !ok || len(x.ValueCodeableConcept.Coding) == 0 {
		return ""
	}
	return x.ValueCodeableConcept.Coding[0].Code
}

// kind says which concept of the ANS model a resource is, from the system of
// its identifier (https://identifiant-medicosocial-KIND.esante.gouv.fr), else
// from its profile; "" for a resource of another origin. Never from its text.
func (e *entry) kind() string {
	for _, i := range e.identifiers {
		if k := medicosocial(i.System); k != "" {
			return k
		}
	}
	for _, p := range e.profiles {
		p, _, _ = strings.Cut(p, "|")
		switch p[strings.LastIndex(p, "/")+1:] {
		case "tddui-goal-objectif":
			return "objectif"
		case "tddui-goal-attente":
			return "attente"
		case "tddui-task-action":
			return "action"
		case "tddui-task-moyen-ressource":
			return "moyenressource"
		case "tddui-task-bilan":
			return "bilan"
		case "tddui-encounter-evenement":
			return "evenement"
		}
	}
	return ""
}

func medicosocial(system string) string {
	s, ok := strings.CutPrefix(system, "https://identifiant-medicosocial-")
	if !ok {
		return ""
	}
	s, ok = strings.CutSuffix(s, ".esante.gouv.fr")
	if !ok {
		return ""
	}
	return s
}

// owner is the person whom a medico-social identifier names: what stands
// before its first "-CODE-" (3 + FINESS / local id). "" when it names nobody.
func (e *entry) owner() string {
	codes := map[string]string{
		"projetpersonnalise": "-PPER-", "objectif": "-OBJE-", "attente": "-ATTE-", "action": "-ACTI-",
		"moyenressource": "-MORE-", "bilan": "-BILA-", "evenement": "-EVN-",
	}
	for _, i := range e.identifiers {
		kind := medicosocial(i.System)
		if kind == "localusager" {
			return i.Value
		}
		if code := codes[kind]; code != "" {
			if who, _, ok := strings.Cut(i.Value, code); ok {
				return who
			}
		}
	}
	return ""
}

// differ reports whether two names of a person are both given and not the same.
func differ(a, b string) bool { return a != "" && b != "" && a != b }
