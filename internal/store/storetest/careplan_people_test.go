package storetest

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/careplan/fhir"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
)

// TestCirclesOpenByNumberOrByAddress imports one patient whose circle names
// people in every way that a source may.
func TestCirclesOpenByNumberOrByAddress(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		p := newPlans(t, s)
		people := map[string]id.Professional{}
		for name, email := range map[string]string{
			"social worker": "Aide.Sociale@clinique.example", "one of two": "partage@clinique.example", "other of two": "Partage@clinique.example",
		} {
			saved, err := p.Meetings.SaveProfessional(ctx, p.System, auth.Professional{Family: name, Given: "X", Profession: "assistant-social", Email: email})
			if err != nil {
				t.Fatal(err)
			}
			people[name] = saved.ID
		}
		b := batch(t, "tddui.json")
		b.Circle = nil
		for _, k := range []careplan.Key{
			{System: careplan.SystemEmail, Value: "aide.sociale@clinique.example"},
			{System: careplan.SystemEmail, Value: "partage@clinique.example"}, // two have it: nobody
			{System: careplan.SystemEmail, Value: "inconnu@clinique.example"},
			{System: fhir.SystemRPPS, Value: "10100000002"}, // the nurse
			{System: fhir.SystemRPPS, Value: "10100000099"}, // nobody here
		} {
			b.Circle = append(b.Circle, careplan.SourceCircle{Patient: b.Patients[0].Keys[0], Professional: k, Role: "member"})
		}
		b.Actions[0].Owner = careplan.Key{System: careplan.SystemEmail, Value: "aide.sociale@clinique.example"}
		p.importing(t, b)
		f := p.file(t, "tessonnier")
		got, want := map[id.Professional]bool{}, map[id.Professional]bool{people["social worker"]: true, p.Clinician.Professional: true}
		for _, c := range f.Circle {
			got[c.Professional] = true
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("circle (-want +got):\n%s", d)
		}
		owned := 0
		for _, a := range f.Actions {
			if a.Owner == people["social worker"] {
				owned++
			}
		}
		if owned != 1 {
			t.Errorf("%d actions of the social worker, want 1", owned)
		}
		if r := p.importing(t, b); r.Changed() {
			t.Errorf("again: %v", r.Counts)
		}
	})
}

func TestCountsForTheMetrics(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		for _, slot := range []string{"2026-11-22", "2026-11-23", "2026-11-23"} {
			if _, err := s.MarkJob(ctx, "week", slot, Now, ""); err != nil {
				t.Fatal(err)
			}
		}
		jobs, err := s.JobCounts(ctx)
		if d := cmp.Diff(map[string]int{"week": 2}, jobs); d != "" || err != nil {
			t.Errorf("jobs: %v %s", err, d)
		}
		outbox, err := s.OutboxCounts(ctx)
		if err != nil || len(outbox) != 0 {
			t.Errorf("outbox: %v %v", outbox, err)
		}
	})
}
