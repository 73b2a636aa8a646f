package storetest

import (
	"context"
	"testing"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/careplan/fhir"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/store"
)

func TestOwnActionsAreThoseOfTheCircleDueSoon(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, p := context.Background(), newPlans(t, s)
		b := batch(t, "tddui.json")
		nurse := careplan.Key{System: fhir.SystemRPPS, Value: "10100000002"}
		today := date.Of(Now)
		for i := range b.Actions {
			b.Actions[i].Owner, b.Actions[i].Action.Status, b.Actions[i].Action.Due = nurse, careplan.Requested, today.AddDays(20)
		}
		b.Actions[0].Action.Due = today.AddDays(-3)
		b.Professionals = append(b.Professionals, careplan.SourceProfessional{Key: nurse, RPPS: nurse.Value})
		b.Circle = append(b.Circle, careplan.SourceCircle{Patient: b.Patients[0].Keys[0], Professional: nurse, Role: "member"})
		p.importing(t, b)
		file := p.file(t, "tessonnier")
		own := func(who string) []careplan.OwnAction {
			t.Helper()
			a := p.Clinician
			if who == "stranger" {
				a = p.Stranger
			}
			all, err := p.patients.OwnActions(ctx, a, today.AddDays(7), 10)
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		if all := own("nurse"); len(all) != 1 || all[0].Patient.ID != file.Patient.ID || all[0].Action.Due != today.AddDays(-3) {
			t.Fatalf("the nurse's actions: %+v", all)
		}
		if all := own("stranger"); len(all) != 0 {
			t.Errorf("a stranger's actions: %+v", all)
		}
	})
}
