package agenda

import (
	"fmt"
	"strings"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
)

const english = "en"

// Text says the reason in words with the date behind it, in French unless lang
// is "en".
func (r Reason) Text(lang string) string {
	if lang == english {
		return r.english()
	}
	return r.french()
}

func (r Reason) french() string {
	on := frenchDay(r.Since)
	switch r.Rule {
	case ReviewDue:
		if r.Days > 0 {
			return fmt.Sprintf("Réévaluation due depuis le %s, %s de retard", on, frenchDays(r.Days))
		}
		return "Réévaluation due le " + on
	case NeverReviewed:
		return "Plan jamais réévalué" + prefixed(" depuis le ", on)
	case ActionLate:
		return fmt.Sprintf("Action en retard de %s\u00a0: %s (pour le %s%s)", frenchDays(r.Days), r.What, on, prefixed(", ", r.Who))
	case ObjectiveOverdue:
		return fmt.Sprintf("Objectif «\u00a0%s\u00a0» à échéance du %s, %s de retard", r.What, on, frenchDays(r.Days))
	case ObjectiveAtRisk:
		return fmt.Sprintf("Objectif «\u00a0%s\u00a0» %s", r.What, frenchRisk(r.Kind)) + prefixed(" depuis le ", on)
	case PatientEvent:
		return frenchEvent(r.Kind) + " le " + on + prefixed("\u00a0: ", r.What)
	case Requested:
		return frenchUrgency(r.Kind) + " du " + on + prefixed(", ", r.Who) + prefixed("\u00a0: ", r.What)
	case DeferredBefore:
		return "Dossier reporté " + r.deferrals(frenchDeferral, " et ")
	case AddedByHand:
		if r.Who == "" {
			return "Maintien par l’équipe" + prefixed(" depuis le ", on)
		}
		return "Ajout par " + r.Who + prefixed(" le ", on)
	}
	return string(r.Rule)
}

func (r Reason) english() string {
	on := englishDay(r.Since)
	switch r.Rule {
	case ReviewDue:
		if r.Days > 0 {
			return fmt.Sprintf("Review due since %s, %s late", on, englishDays(r.Days))
		}
		return "Review due on " + on
	case NeverReviewed:
		return "Plan never reviewed" + prefixed(" since ", on)
	case ActionLate:
		return fmt.Sprintf("Action %s late: %s (due %s%s)", englishDays(r.Days), r.What, on, prefixed(", ", r.Who))
	case ObjectiveOverdue:
		return fmt.Sprintf("Objective “%s” due on %s, %s late", r.What, on, englishDays(r.Days))
	case ObjectiveAtRisk:
		return fmt.Sprintf("Objective “%s” %s", r.What, englishRisk(r.Kind)) + prefixed(" since ", on)
	case PatientEvent:
		return englishEvent(r.Kind) + " on " + on + prefixed(": ", r.What)
	case Requested:
		return englishUrgency(r.Kind) + " of " + on + prefixed(", ", r.Who) + prefixed(": ", r.What)
	case DeferredBefore:
		return "Deferred " + r.deferrals(englishDeferral, " and ")
	case AddedByHand:
		if r.Who == "" {
			return "Kept by the team" + prefixed(" since ", on)
		}
		return "Added by " + r.Who + prefixed(" on ", on)
	}
	return string(r.Rule)
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

func frenchRisk(k string) string {
	switch careplan.Achievement(k) {
	case careplan.Worsening:
		return "en recul"
	case careplan.NotAttainable:
		return "jugé hors d’atteinte"
	}
	return "sans progrès"
}

func englishRisk(k string) string {
	switch careplan.Achievement(k) {
	case careplan.Worsening:
		return "losing ground"
	case careplan.NotAttainable:
		return "judged out of reach"
	}
	return "without progress"
}

func frenchEvent(k string) string {
	switch careplan.EventKind(k) {
	case careplan.Hospitalisation:
		return "Hospitalisation"
	case careplan.Return:
		return "Retour d’hospitalisation"
	case careplan.Fall:
		return "Chute"
	case careplan.Transfer:
		return "Transfert"
	case careplan.NewTreatment:
		return "Nouveau traitement"
	}
	return "Évènement"
}

func englishEvent(k string) string {
	switch careplan.EventKind(k) {
	case careplan.Hospitalisation:
		return "Hospital admission"
	case careplan.Return:
		return "Return from hospital"
	case careplan.Fall:
		return "Fall"
	case careplan.Transfer:
		return "Transfer"
	case careplan.NewTreatment:
		return "New treatment"
	}
	return "Event"
}

func frenchUrgency(k string) string {
	switch Urgency(k) {
	case Urgent:
		return "Demande urgente"
	case Soon:
		return "Demande à voir bientôt"
	}
	return "Demande"
}

func englishUrgency(k string) string {
	switch Urgency(k) {
	case Urgent:
		return "Urgent request"
	case Soon:
		return "Request to see soon"
	}
	return "Request"
}

// DeferText says a coded reason for a deferral in words.
func DeferText(why, lang string) string {
	words := map[string][2]string{
		"time":             {"temps dépassé", "out of time"},
		"absent-presenter": {"rapporteur absent", "presenter absent"},
		"missing-document": {"document manquant", "document missing"},
		"patient-request":  {"à la demande du patient", "at the patient’s request"},
		"quorum":           {"quorum non atteint", "quorum not reached"},
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
