package pdf_test

import (
	"strings"
	"testing"

	"github.com/rcp-care/rcp/minutes/pdf"
)

func TestTraining(t *testing.T) {
	t.Parallel()
	signed, draft, plan := geriatrics(), unsigned(geriatrics()), thursday(45)
	signed.Training, draft.Training, plan.Training = true, true, true
	for name, b := range map[string][]byte{
		"register": render(t, signed, pdf.Options{}).PDF, "draft": render(t, draft, pdf.Options{}).PDF,
		"extract": render(t, signed, pdf.Options{Part: pdf.Extract, Patient: "p-1"}).PDF, "agenda": renderAgenda(t, plan).PDF,
	} {
		for i, p := range pages(t, b) {
			if !strings.Contains(p, "FORMATION") {
				t.Errorf("%s: no FORMATION on page %d", name, i+1)
			}
		}
		said := ""
		for _, p := range read(t, b) {
			said += p.Text
		}
		if !strings.Contains(said, "FORMATION : exercice sur des patients fictifs.") && !strings.Contains(said, "FORMATION\u00a0: exercice sur des patients fictifs.") {
			t.Errorf("%s: not read aloud", name)
		}
	}
	for i, p := range pages(t, render(t, geriatrics(), pdf.Options{}).PDF) {
		if strings.Contains(p, "FORMATION") {
			t.Errorf("FORMATION on page %d of a team in care", i+1)
		}
	}
}
