package agenda

import (
	"fmt"
	"strings"

	"github.com/rcp-care/rcp/internal/date"
)

const english = "en"

// Text says the reason in words with the date behind it, in French unless lang
// is "en".
func (r Reason) Text(lang string) string {
	switch {
	case !r.Late:
		return r.text(lang)
	case lang == english:
		return r.text(lang) + " (late addition)"
	}
	return r.text(lang) + " (inscription tardive)"
}

func (r Reason) text(lang string) string {
	if r.Rule == AddedByHand {
		return r.byHand(lang)
	}
	for _, known := range rules() {
		switch {
		case known.Rule != r.Rule:
		case lang == english:
			return known.english(r)
		default:
			return known.french(r)
		}
	}
	return string(r.Rule)
}

func (r Reason) byHand(lang string) string {
	switch {
	case lang == english && r.Who == "":
		return "Kept by the team" + prefixed(" since ", englishDay(r.Since))
	case lang == english:
		return "Added by " + r.Who + prefixed(" on ", englishDay(r.Since))
	case r.Who == "":
		return "Maintien par l’équipe" + prefixed(" depuis le ", frenchDay(r.Since))
	}
	return "Ajout par " + r.Who + prefixed(" le ", frenchDay(r.Since))
}

// prefixed returns before+s, or nothing when s is empty.
func prefixed(before, s string) string {
	if s == "" {
		return ""
	}
	return before + s
}

func frenchDay(d date.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%02d/%02d/%d", d.Day, d.Month, d.Year)
}

func englishDay(d date.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d\u00a0%s\u00a0%d", d.Day, d.Month, d.Year)
}

func frenchDays(n int) string {
	if n < 2 {
		return fmt.Sprintf("%d\u00a0jour", n)
	}
	return fmt.Sprintf("%d\u00a0jours", n)
}

func englishDays(n int) string {
	if n == 1 {
		return "1\u00a0day"
	}
	return fmt.Sprintf("%d\u00a0days", n)
}

// DeferText says a coded reason for a deferral in words.
func DeferText(why, lang string) string {
	words := map[string][2]string{
		"time":             {"temps dépassé", "out of time"},
		"absent-presenter": {"rapporteur absent", "presenter absent"},
		"missing-document": {"document manquant", "document missing"},
		"patient-request":  {"à la demande du patient", "at the patient’s request"},
		"quorum":           {"quorum non atteint", "quorum not reached"},
		NoHours:            {"pas de place pendant que la personne qui présente est là", "no place while who presents it is there"},
		"other":            {"autre motif", "other reason"},
	}
	w, ok := words[why]
	switch {
	case !ok:
		return ""
	case lang == english:
		return w[1]
	}
	return w[0]
}

func frenchDeferral(on date.Date, why string) string {
	return "le " + frenchDay(on) + bracketed(DeferText(why, "fr"))
}

func englishDeferral(on date.Date, why string) string {
	return "on " + englishDay(on) + bracketed(DeferText(why, english))
}

func bracketed(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

// writeDeferrals keeps the days and codes of deferrals in a reason's What:
// "2026-11-12 time,2026-11-19 quorum".
func writeDeferrals(ds []Deferral) string {
	parts := make([]string, len(ds))
	for i, d := range ds {
		parts[i] = d.On.String() + " " + d.Why
	}
	return strings.Join(parts, ",")
}

// deferrals says the last three deferrals of a reason in words.
func (r Reason) deferrals(say func(date.Date, string) string, and string) string {
	var parts []string
	for part := range strings.SplitSeq(r.What, ",") {
		day, why, _ := strings.Cut(part, " ")
		if on, err := date.Parse(day); err == nil {
			parts = append(parts, say(on, why))
		}
	}
	if len(parts) == 0 {
		return say(r.Since, r.Kind)
	}
	parts = parts[max(len(parts)-3, 0):]
	last := len(parts) - 1
	if last == 0 {
		return parts[0]
	}
	return strings.Join(parts[:last], ", ") + and + parts[last]
}
