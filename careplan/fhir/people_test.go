package fhir

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/careplan"
)

// TestProfessionalsByAddress reads a circle of three: a social worker without
// RPPS, a nurse with both, and somebody with neither.
func TestProfessionalsByAddress(t *testing.T) {
	t.Parallel()
	b, err := Read(strings.NewReader(`{"resourceType": "Bundle", "type": "collection", "entry": [
		{"resource": {"resourceType": "Patient", "id": "p", "identifier": [{"system": "urn:x:ipp", "value": "77"}],
			"name": [{"family": "PERTUISEL", "given": ["Ode"]}], "birthDate": "1950-02-03"}},
		{"resource": {"resourceType": "Practitioner", "id": "as", "name": [{"family": "Quintane", "given": ["Joël"]}],
			"telecom": [{"system": "phone", "value": "0100000000"}, {"system": "email", "value": " Joel.Quintane@Clinique.example"}]}},
		{"resource": {"resourceType": "Practitioner", "id": "ide", "identifier": [{"system": "https://rpps.esante.gouv.fr", "value": "10100000002"}],
			"telecom": [{"system": "email", "value": "ines@clinique.example"}]}},
		{"resource": {"resourceType": "Practitioner", "id": "nobody", "telecom": [{"system": "email", "value": "not an address"}]}},
		{"resource": {"resourceType": "CareTeam", "id": "c", "status": "active", "subject": {"reference": "Patient/p"}, "participant": [
			{"member": {"reference": "Practitioner/as"}}, {"member": {"reference": "Practitioner/ide"}}, {"member": {"reference": "Practitioner/nobody"}}]}}
	]}`), "circle.json", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	worker := careplan.Key{System: careplan.SystemEmail, Value: "joel.quintane@clinique.example"}
	nurse := careplan.Key{System: SystemRPPS, Value: "10100000002"}
	var circle []careplan.Key
	for _, c := range b.Circle {
		circle = append(circle, c.Professional)
	}
	if d := gocmp.Diff([]careplan.Key{worker, nurse}, circle); d != "" {
		t.Errorf("circle (-want +got):\n%s", d)
	}
	if len(b.Professionals) != 2 || b.Professionals[0].Email != worker.Value || b.Professionals[1].Email != "ines@clinique.example" {
		t.Errorf("professionals: %+v", b.Professionals)
	}
	if b.Ignored["Practitioner"] != 1 {
		t.Errorf("ignored: %v", b.Ignored)
	}
}
