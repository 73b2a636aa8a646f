package agenda

import (
	"fmt"

	"github.com/rcp-care/rcp/careplan"
)

// objectiveStalled is an open objective judged stable n weeks ago or longer,
// and not judged since. One judged without progress is at risk at once.
func objectiveStalled() rule {
	return rule{
		RuleInfo: RuleInfo{
			Rule: ObjectiveStalled, French: "Objectif sans évolution", English: "Objective that stands still",
			FrenchMeans:  "Un objectif est jugé stable depuis ce délai.",
			EnglishMeans: "An objective has been found stable for that time.",

			Weight: 30, Threshold: 8, Unit: Weeks,
		},
		find: func(c Candidate, l look) []Reason {
			var all []Reason
			for _, o := range c.Objectives {
				if o.Achievement != careplan.NoChange || !o.Lifecycle.Open() || o.AchievementOn.IsZero() ||
					o.AchievementOn.After(l.Today.AddDays(-7*l.Limit)) {
					continue
				}
				days := l.late(o.AchievementOn)
				all = append(all, Reason{
					Rule: ObjectiveStalled, Since: o.AchievementOn, What: o.Title, Days: days, Weight: 20 + min(days/7-l.Limit, 10),
				})
			}
			return all
		},
		french: func(r Reason) string {
			return fmt.Sprintf("Objectif «\u00a0%s\u00a0» stable depuis le %s, %d\u00a0semaines sans évolution", r.What, frenchDay(r.Since), r.Days/7)
		},
		english: func(r Reason) string {
			return fmt.Sprintf("Objective “%s” stable since %s, %d\u00a0weeks without change", r.What, englishDay(r.Since), r.Days/7)
		},
	}
}
