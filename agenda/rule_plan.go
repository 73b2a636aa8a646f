package agenda

import (
	"fmt"

	"github.com/rcp-care/rcp/careplan"
)

// noPlan is a new patient whose plan was begun n days ago and is still a draft,
// or about whom somebody asks though the team has no plan of theirs.
func noPlan() rule {
	return rule{
		RuleInfo: RuleInfo{
			Rule: NoPlan, French: "Nouveau patient sans plan", English: "New patient without a plan",
			FrenchMeans:  "Un plan est resté à l’état de projet plus longtemps que ce délai.",
			EnglishMeans: "A plan has stayed a draft for longer than that time.",
			Weight:       35, Threshold: 14, Unit: Days,
		},
		find: func(c Candidate, l look) []Reason {
			if c.Plan.ID != "" {
				return nil
			}
			if c.Drafted.ID == "" {
				if len(c.Requests) == 0 || c.OnHold {
					return nil
				}
				return []Reason{{Rule: NoPlan, Weight: 10}}
			}
			since := l.day(c.Drafted.Created)
			if since.After(l.Today.AddDays(-l.Limit)) {
				return nil
			}
			days := l.late(since)
			return []Reason{{Rule: NoPlan, Since: since, Days: days, Weight: 25 + min((days-l.Limit)/7, 10)}}
		},
		french: func(r Reason) string {
			if r.Since.IsZero() {
				return "Aucun plan de soins dans l’équipe"
			}
			return fmt.Sprintf("Nouveau patient, plan en brouillon depuis le %s (%s)", frenchDay(r.Since), frenchDays(r.Days))
		},
		english: func(r Reason) string {
			if r.Since.IsZero() {
				return "No care plan in the team"
			}
			return fmt.Sprintf("New patient, plan a draft since %s (%s)", englishDay(r.Since), englishDays(r.Days))
		},
	}
}

// planEnding is an active plan that ends within n days, or has ended, until a
// review of those days has seen it.
func planEnding() rule {
	return rule{
		RuleInfo: RuleInfo{
			Rule: PlanEnding, French: "Plan qui se termine", English: "Plan that ends",
			FrenchMeans:  "Le plan se termine dans ce délai et n’a pas été revu depuis.",
			EnglishMeans: "The plan ends within that time and was not reviewed since.",
			Weight:       35, Threshold: 30, Unit: Days,
		},
		find: func(c Candidate, l look) []Reason {
			end := c.Plan.End
			if c.Plan.Status != careplan.PlanActive || end.IsZero() || end.After(l.Today.AddDays(l.Limit)) {
				return nil
			}
			if c.seen(end) || !end.Before(l.Today) && c.seen(end.AddDays(-l.Limit)) {
				return nil
			}
			days := l.late(end)
			return []Reason{{Rule: PlanEnding, Since: end, Days: days, Weight: 25 + min(days/3, 10)}}
		},
		french: func(r Reason) string {
			if r.Days > 0 {
				return fmt.Sprintf("Plan arrivé à son terme le %s, depuis %s", frenchDay(r.Since), frenchDays(r.Days))
			}
			return "Plan qui se termine le " + frenchDay(r.Since)
		},
		english: func(r Reason) string {
			if r.Days > 0 {
				return fmt.Sprintf("Plan ended on %s, %s ago", englishDay(r.Since), englishDays(r.Days))
			}
			return "Plan ends on " + englishDay(r.Since)
		},
	}
}
