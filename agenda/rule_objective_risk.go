package agenda

import (
	"fmt"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
)

// riskWeight is how much an achievement that shows a risk weighs; 0: none.
func riskWeight(a careplan.Achievement) int {
	switch a {
	case careplan.Worsening:
		return 40
	case careplan.NotAttainable:
		return 35
	case careplan.NoProgress:
		return 30
	}
	return 0
}

// objectiveAtRisk is an open objective that loses ground, was judged out of
// reach or without progress.
func objectiveAtRisk() rule {
	return rule{
		RuleInfo: RuleInfo{
			Rule: ObjectiveAtRisk, French: "Objectif en difficulté", English: "Objective at risk",
			FrenchMeans:  "Un objectif recule, n’avance pas ou ne peut être atteint.",
			EnglishMeans: "An objective worsens, makes no progress or cannot be attained.",
			Weight:       40,
		},
		find: func(c Candidate, l look) []Reason {
			var all []Reason
			for _, o := range c.Objectives {
				w := riskWeight(o.Achievement)
				if w == 0 || !o.Lifecycle.Open() {
					continue
				}
				on := assessedOn(o, l)
				all = append(all, Reason{
					Rule: ObjectiveAtRisk, Since: on, What: o.Title, Kind: string(o.Achievement), Days: l.late(on), Weight: w,
				})
			}
			return all
		},
		french: func(r Reason) string {
			return fmt.Sprintf("Objectif «\u00a0%s\u00a0» %s", r.What, frenchRisk(r.Kind)) + prefixed(" depuis le ", frenchDay(r.Since))
		},
		english: func(r Reason) string {
			return fmt.Sprintf("Objective “%s” %s", r.What, englishRisk(r.Kind)) + prefixed(" since ", englishDay(r.Since))
		},
	}
}

// assessedOn is since when an objective stands as it does: the day of the
// verdict; where a source told none, the objective's start, at the latest the
// day it was last written.
func assessedOn(o careplan.Objective, l look) date.Date {
	switch {
	case !o.AchievementOn.IsZero():
		return o.AchievementOn
	case !o.Start.IsZero():
		return o.Start
	case !o.Updated.IsZero():
		return l.day(o.Updated)
	}
	return date.Date{}
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
