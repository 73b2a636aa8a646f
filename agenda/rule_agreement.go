package agenda

import "github.com/rcp-care/rcp/careplan"

// agreementMissing reminds, with another reason to meet about the patient, that
// neither agreement nor opposition is traced. Alone it calls for a talk with the
// patient, not for a meeting.
func agreementMissing() rule {
	return rule{
		RuleInfo: RuleInfo{
			Rule: AgreementMissing, French: "Accord de l’usager manquant", English: "Patient’s agreement missing",
			FrenchMeans:  "L’accord de la personne au partage n’est pas tracé. S’ajoute à une autre raison, ne propose personne seule.",
			EnglishMeans: "The person’s agreement to sharing is not on record. Adds to another reason, proposes nobody alone.",
			Weight:       5, Accompanies: true,
		},
		find: func(c Candidate, l look) []Reason {
			if c.Patient.Sharing != careplan.SharingUnknown {
				return nil
			}
			since := c.Plan.Start
			return []Reason{{Rule: AgreementMissing, Since: since, Days: l.late(since), Weight: 5}}
		},
		french: func(r Reason) string {
			return "Accord de l’usager non tracé" + prefixed(", plan commencé le ", frenchDay(r.Since))
		},
		english: func(r Reason) string {
			return "Patient’s agreement not traced" + prefixed(", plan begun on ", englishDay(r.Since))
		},
	}
}
