package agenda

import (
	"fmt"

	"github.com/rcp-care/rcp/careplan"
)

// reviewDue is a plan whose review is due by the meeting.
func reviewDue() rule {
	return rule{
		RuleInfo: RuleInfo{
			Rule: ReviewDue, French: "Réévaluation due", English: "Review due",
			FrenchMeans:  "La date de réévaluation du plan est atteinte le jour de la réunion.",
			EnglishMeans: "The plan’s review date is reached on the day of the meeting.",
			Weight:       50,
		},
		find: func(c Candidate, l look) []Reason {
			due := c.Plan.NextReview
			if c.Plan.Status != careplan.PlanActive || due.IsZero() || due.After(l.Due) {
				return nil
			}
			days := l.late(due)
			return []Reason{{Rule: ReviewDue, Since: due, Days: days, Weight: 30 + min(days, 20)}}
		},
		french: func(r Reason) string {
			if r.Days > 0 {
				return fmt.Sprintf("Réévaluation due depuis le %s, %s de retard", frenchDay(r.Since), frenchDays(r.Days))
			}
			return "Réévaluation due le " + frenchDay(r.Since)
		},
		english: func(r Reason) string {
			if r.Days > 0 {
				return fmt.Sprintf("Review due since %s, %s late", englishDay(r.Since), englishDays(r.Days))
			}
			return "Review due on " + englishDay(r.Since)
		},
	}
}

// neverReviewed is about plans that nobody gave a review date either, as
// imported ones: a first review already planned for later is not forgotten.
func neverReviewed() rule {
	return rule{
		RuleInfo: RuleInfo{
			Rule: NeverReviewed, French: "Plan jamais réévalué", English: "Plan never reviewed",
			FrenchMeans:  "Le plan n’a jamais été réévalué et n’a pas de date de réévaluation.",
			EnglishMeans: "The plan was never reviewed and has no review date.",
			Weight:       35,
		},
		find: func(c Candidate, l look) []Reason {
			p := c.Plan
			if p.Status != careplan.PlanActive || !p.LastReview.IsZero() || !p.NextReview.IsZero() || p.Start.After(l.Today) {
				return nil
			}
			since := p.Start
			if since.IsZero() {
				since = l.day(p.Created)
			}
			days := l.late(since)
			return []Reason{{Rule: NeverReviewed, Since: since, Days: days, Weight: 25 + min(days/15, 10)}}
		},
		french:  func(r Reason) string { return "Plan jamais réévalué" + prefixed(" depuis le ", frenchDay(r.Since)) },
		english: func(r Reason) string { return "Plan never reviewed" + prefixed(" since ", englishDay(r.Since)) },
	}
}
