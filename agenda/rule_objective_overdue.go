package agenda

import (
	"fmt"

	"github.com/rcp-care/rcp/careplan"
)

// objectiveOverdue is an open objective past its date.
func objectiveOverdue() rule {
	return rule{
		RuleInfo: RuleInfo{
			Rule: ObjectiveOverdue, French: "Objectif à échéance", English: "Objective past its date",
			FrenchMeans:  "Un objectif ouvert a dépassé sa date.",
			EnglishMeans: "An open objective is past its date.",
			Weight:       35,
		},
		find: func(c Candidate, l look) []Reason {
			var all []Reason
			for _, o := range c.Objectives {
				if !o.Lifecycle.Open() || o.Achievement == careplan.Achieved || o.Due.IsZero() || !o.Due.Before(l.Today) {
					continue
				}
				days := l.late(o.Due)
				all = append(all, Reason{
					Rule: ObjectiveOverdue, Since: o.Due, What: o.Title, Who: o.OwnerName, Days: days, Weight: 20 + min(days/2, 15),
				})
			}
			return all
		},
		french: func(r Reason) string {
			return fmt.Sprintf("Objectif «\u00a0%s\u00a0» à échéance du %s, %s de retard", r.What, frenchDay(r.Since), frenchDays(r.Days))
		},
		english: func(r Reason) string {
			return fmt.Sprintf("Objective “%s” due on %s, %s late", r.What, englishDay(r.Since), englishDays(r.Days))
		},
	}
}
