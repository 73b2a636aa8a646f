package agenda

import (
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
)

// eventWeight is how much an event weighs: what may undo a plan weighs most.
func eventWeight(k careplan.EventKind) int {
	switch k {
	case careplan.Hospitalisation, careplan.Return, careplan.Fall, careplan.AdverseEvent, careplan.CarerDeath:
		return 50
	case careplan.Transfer, careplan.NewTreatment, careplan.Complaint:
		return 40
	}
	return 30
}

// happened is an event within n days that no review has seen. A planned
// discharge is a transition.
func happened() rule {
	return rule{
		RuleInfo: RuleInfo{
			Rule: PatientEvent, French: "Évènement récent", English: "Recent event",
			FrenchMeans:  "Hospitalisation, retour, chute, transfert, nouveau traitement… pendant ce délai.",
			EnglishMeans: "Hospital stay, return, fall, transfer, new treatment… within that time.",
			Weight:       50, Threshold: 14, Unit: Days,
		},
		find: func(c Candidate, l look) []Reason {
			var all []Reason
			for _, e := range c.Events {
				if e.Kind == careplan.DischargePlanned || c.seen(e.On) || e.On.Before(l.Today.AddDays(-l.Limit)) || e.On.After(l.Due) {
					continue
				}
				all = append(all, Reason{
					Rule: PatientEvent, Since: e.On, What: e.Text, Kind: string(e.Kind),
					Days: l.late(e.On), Weight: eventWeight(e.Kind),
				})
			}
			return all
		},
		french: func(r Reason) string {
			return frenchEvent(r.Kind) + " le " + frenchDay(r.Since) + prefixed("\u00a0: ", r.What)
		},
		english: func(r Reason) string {
			return englishEvent(r.Kind) + " on " + englishDay(r.Since) + prefixed(": ", r.What)
		},
	}
}

// seen reports whether the last review knew what was so on a day.
func (c Candidate) seen(on date.Date) bool {
	return !c.Plan.LastReview.IsZero() && !on.After(c.Plan.LastReview)
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
	case careplan.CarerDeath:
		return "Décès d’un aidant"
	case careplan.Complaint:
		return "Plainte ou réclamation"
	case careplan.AdverseEvent:
		return "Évènement indésirable"
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
	case careplan.CarerDeath:
		return "Death of a carer"
	case careplan.Complaint:
		return "Complaint"
	case careplan.AdverseEvent:
		return "Adverse event"
	}
	return "Event"
}
