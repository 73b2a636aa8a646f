package minutes

import (
	"slices"

	"github.com/rcp-care/rcp/meetings"
)

// DocumentType is a kind of document by its LOINC code, as the French
// interoperability framework (CI-SIS) names it.
type DocumentType struct{ Code, French, English string }

// DocumentTypes are the types that a patient's sheet may have.
var DocumentTypes = []DocumentType{
	{"34794-8", "Fiche de RCP", "Multidisciplinary team note"},
	{"60591-5", "Synthèse", "Patient summary"},
	{"80788-3", "Projet personnalisé", "Personalised plan"},
	{"18776-5", "Plan de soins", "Plan of care"},
	{"56446-8", "Rendez-vous", "Appointment summary"},
}

// DefaultType is the type of a sheet of a meeting of a kind.
func DefaultType(k meetings.Kind) string {
	if k == meetings.RCP {
		return "34794-8"
	}
	return "60591-5"
}

func knownType(code string) bool {
	return slices.ContainsFunc(DocumentTypes, func(t DocumentType) bool { return t.Code == code })
}
