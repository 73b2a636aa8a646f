package agenda

import (
	"fmt"
	"slices"

	"github.com/rcp-care/rcp/internal/date"
)

// waitWeight is what each meeting without the patient adds, whether deferred or
// without a place, and without limit: whoever waits long enough passes everybody
// whose other weights are bounded (see Score), so that nobody starves.
const waitWeight = 30

// deferredBefore brings back who was carried over, however often.
func deferredBefore() rule {
	return rule{
		RuleInfo: RuleInfo{
			Rule: DeferredBefore, French: "Dossier reporté", English: "Deferred before",
			FrenchMeans:  "Le dossier a été reporté\u00a0: il revient, et pèse plus à chaque report.",
			EnglishMeans: "The case was deferred: it comes back, and weighs more each time.",
			Fixed:        true,
		},
		find: func(c Candidate, l look) []Reason {
			if len(c.Deferrals) == 0 {
				return nil
			}
			ds := slices.SortedStableFunc(slices.Values(c.Deferrals), func(a, b Deferral) int { return a.On.Sub(b.On) })
			first, last := ds[0], ds[len(ds)-1]
			return []Reason{{
				Rule: DeferredBefore, Since: first.On, What: writeDeferrals(ds), Kind: last.Why,
				Times: len(ds), Days: l.late(first.On), Weight: waitWeight * len(ds),
			}}
		},
		french:  func(r Reason) string { return "Dossier reporté " + r.deferrals(frenchDeferral, " et ") },
		english: func(r Reason) string { return "Deferred " + r.deferrals(englishDeferral, " and ") },
	}
}

// waitedBefore counts the meetings that had no place for the patient since the
// oldest of today's reasons.
func waitedBefore() rule {
	return rule{
		RuleInfo: RuleInfo{
			Rule: WaitedBefore, French: "Sans place aux réunions précédentes", English: "No place at earlier meetings",
			FrenchMeans:  "Le dossier n’a pas trouvé place\u00a0: il pèse plus à chaque réunion. S’ajoute à une autre raison.",
			EnglishMeans: "The case found no place: it weighs more at each meeting. Adds to another reason.",
			Fixed:        true, Accompanies: true,
		},
		find: func(c Candidate, l look) []Reason {
			var first date.Date
			n := 0
			for _, on := range c.Passed {
				if l.Since.IsZero() || on.Before(l.Since) {
					continue
				}
				if n++; first.IsZero() || on.Before(first) {
					first = on
				}
			}
			if n == 0 {
				return nil
			}
			return []Reason{{Rule: WaitedBefore, Since: first, Times: n, Days: l.late(first), Weight: waitWeight * n}}
		},
		french: func(r Reason) string {
			if r.Times == 1 {
				return "Sans place à la réunion du " + frenchDay(r.Since)
			}
			return fmt.Sprintf("Sans place à %d\u00a0réunions depuis le %s", r.Times, frenchDay(r.Since))
		},
		english: func(r Reason) string {
			if r.Times == 1 {
				return "No place at the meeting of " + englishDay(r.Since)
			}
			return fmt.Sprintf("No place at %d\u00a0meetings since %s", r.Times, englishDay(r.Since))
		},
	}
}
