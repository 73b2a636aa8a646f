package agenda

import (
	"fmt"

	"github.com/rcp-care/rcp/careplan"
)

// decisionUndone is an action decided by an earlier meeting that is past its
// date, or that somebody closed within n days as not done.
func decisionUndone() rule {
	return rule{
		RuleInfo: RuleInfo{
			Rule: DecisionUndone, French: "Décision non suivie", English: "Decision not carried out",
			FrenchMeans:  "Une décision d’une réunion est en retard, ou close comme non faite pendant ce délai.",
			EnglishMeans: "A meeting’s decision is late, or was closed as not done within that time.",
			Weight:       45, Threshold: 60, Unit: Days,
		},
		find: func(c Candidate, l look) []Reason {
			var all []Reason
			for _, a := range c.LateActions {
				if a.Case != "" && overdue(a, l) {
					days := l.late(a.Due)
					all = append(all, Reason{
						Rule: DecisionUndone, Since: a.Due, On: c.Decided[a.Case], What: a.Title, Who: a.OwnerName,
						Days: days, Weight: 30 + min(days, 15),
					})
				}
			}
			for _, a := range c.NotDone {
				if a.Case == "" || c.seen(a.DoneOn) || a.DoneOn.Before(l.Today.AddDays(-l.Limit)) {
					continue
				}
				all = append(all, Reason{
					Rule: DecisionUndone, Since: a.DoneOn, On: c.Decided[a.Case], What: a.Title, Who: a.OwnerName, Kind: notDone, Weight: 35,
				})
			}
			return all
		},
		french: func(r Reason) string {
			what := "Décision" + prefixed(" du ", frenchDay(r.On))
			if r.Kind == notDone {
				return fmt.Sprintf("%s non réalisée, close le %s\u00a0: %s%s", what, frenchDay(r.Since), r.What, bracketed(r.Who))
			}
			return fmt.Sprintf("%s non suivie, %s de retard\u00a0: %s (pour le %s%s)",
				what, frenchDays(r.Days), r.What, frenchDay(r.Since), prefixed(", ", r.Who))
		},
		english: func(r Reason) string {
			what := "Decision" + prefixed(" of ", englishDay(r.On))
			if r.Kind == notDone {
				return fmt.Sprintf("%s not done, closed on %s: %s%s", what, englishDay(r.Since), r.What, bracketed(r.Who))
			}
			return fmt.Sprintf("%s not carried out, %s late: %s (due %s%s)",
				what, englishDays(r.Days), r.What, englishDay(r.Since), prefixed(", ", r.Who))
		},
	}
}

// notDone marks a decision that was closed as not done.
const notDone = "not-done"

// overdue reports whether an action is open and past its date.
func overdue(a careplan.Action, l look) bool {
	return a.Status.Open() && !a.Due.IsZero() && a.Due.Before(l.Today)
}
