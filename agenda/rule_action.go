package agenda

import "fmt"

// lateActions gives the actions that are late by more than so many days, as reasons
// of a rule; those that a meeting decided are decisions.
func lateActions(c Candidate, l look, name Rule, from, weight int) []Reason {
	var all []Reason
	for _, a := range c.LateActions {
		days := l.late(a.Due)
		if a.Case != "" || !overdue(a, l) || days <= from {
			continue
		}
		all = append(all, Reason{
			Rule: name, Since: a.Due, What: a.Title, Who: a.OwnerName, Days: days, Weight: weight + min(days, 15),
		})
	}
	return all
}

// actionLate is an action past its date.
func actionLate() rule {
	return rule{
		RuleInfo: RuleInfo{
			Rule: ActionLate, French: "Action en retard", English: "Action late",
			FrenchMeans: "Une action ouverte a dépassé sa date.", EnglishMeans: "An open action is past its date.", Weight: 35,
		},
		find: func(c Candidate, l look) []Reason {
			return lateActions(c, l, ActionLate, 0, 20)
		},
		french: func(r Reason) string {
			return fmt.Sprintf("Action en retard de %s\u00a0: %s (pour le %s%s)", frenchDays(r.Days), r.What, frenchDay(r.Since), prefixed(", ", r.Who))
		},
		english: func(r Reason) string {
			return fmt.Sprintf("Action %s late: %s (due %s%s)", englishDays(r.Days), r.What, englishDay(r.Since), prefixed(", ", r.Who))
		},
	}
}

// actionLateLong is an action late past n days: it was late at an earlier
// meeting already. It adds to actionLate.
func actionLateLong() rule {
	return rule{
		RuleInfo: RuleInfo{
			Rule: ActionLateLong, French: "Action encore en retard", English: "Action still late",
			FrenchMeans:  "La même action est encore en retard après ce délai\u00a0: elle l’était déjà à une réunion précédente.",
			EnglishMeans: "The same action is still late after that time: it was at an earlier meeting already.",
			Weight:       15, Threshold: 30, Unit: Days,
		},
		find: func(c Candidate, l look) []Reason {
			return lateActions(c, l, ActionLateLong, l.Limit, 0)
		},
		french: func(r Reason) string {
			return fmt.Sprintf("Action encore en retard après %s\u00a0: %s (pour le %s%s)",
				frenchDays(r.Days), r.What, frenchDay(r.Since), prefixed(", ", r.Who))
		},
		english: func(r Reason) string {
			return fmt.Sprintf("Action still late after %s: %s (due %s%s)",
				englishDays(r.Days), r.What, englishDay(r.Since), prefixed(", ", r.Who))
		},
	}
}
