package agenda

import "github.com/rcp-care/rcp/careplan"

// transition is a discharge planned within n days, until a review of those days
// has prepared it.
func transition() rule {
	return rule{
		RuleInfo: RuleInfo{
			Rule: Transition, French: "Sortie prévue", English: "Discharge planned",
			FrenchMeans:  "Une sortie ou un transfert est prévu dans ce délai.",
			EnglishMeans: "A discharge or transfer is planned within that time.",
			Weight:       45, Threshold: 21, Unit: Days,
		},
		find: func(c Candidate, l look) []Reason {
			var all []Reason
			for _, e := range c.Events {
				prepared := c.seen(e.On.AddDays(-l.Limit))
				if e.Kind != careplan.DischargePlanned || prepared || e.On.Before(l.Today) || e.On.After(l.Today.AddDays(l.Limit)) {
					continue
				}
				all = append(all, Reason{Rule: Transition, Since: e.On, What: e.Text, Kind: string(e.Kind), Weight: 45})
			}
			return all
		},
		french:  func(r Reason) string { return "Sortie prévue le " + frenchDay(r.Since) + prefixed("\u00a0: ", r.What) },
		english: func(r Reason) string { return "Discharge planned for " + englishDay(r.Since) + prefixed(": ", r.What) },
	}
}
