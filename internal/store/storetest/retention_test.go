package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/minutes"
)

// retainedRoom is a room whose minutes are signed, on 26 November 2026.
func retainedRoom(t *testing.T, s *store.Store, people ...sick) (*room, *minutes.Retention, auth.Actor) {
	t.Helper()
	r := newRoom(t, s, people...)
	for _, p := range people {
		r.decide(t, p.ipp, func(d *minutes.Decision) { d.Summary = "Poursuivre." })
	}
	r.end(t)
	if _, err := r.minutes.Sign(context.Background(), r.Chair, r.state.ID, r.state.Version); err != nil {
		t.Fatal(err)
	}
	admin := r.Stranger
	admin.Admin = true
	return r, minutes.NewRetention(s, func() time.Time { return r.at }), admin
}

// again imports patients another time; what RCP decided since may stay.
func (r *room) again(t *testing.T, people ...sick) {
	t.Helper()
	var b careplan.Batch
	for _, p := range people {
		b = batchOf(b, p)
	}
	if _, err := r.patients.Import(context.Background(), r.System, careplan.Target{Org: r.Org.ID, Team: r.Team.ID}, b); err != nil {
		t.Fatal(err)
	}
}

func TestWhatReachesItsTerm(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		dead := sick{ipp: "dead", plan: due(date.New(2026, 11, 10))}
		r, retention, admin := retainedRoom(t, s, walker(), dead)
		ending := func(year int) (got map[string]minutes.Kept) {
			t.Helper()
			all, err := retention.Schedule(ctx, admin, year)
			if err != nil {
				t.Fatal(err)
			}
			got = map[string]minutes.Kept{}
			for _, k := range all.Ending {
				got[k.IPP] = k
			}
			return got
		}
		if got := ending(2090); len(got) != 0 {
			t.Fatalf("who is followed has a term: %+v", got)
		}
		over := walker()
		over.plan = func(p *careplan.Plan) { p.Status = careplan.PlanCompleted }
		dead.patient = func(p *careplan.Patient) { p.Deceased, p.DeceasedOn = true, date.New(2028, 2, 29) }
		r.again(t, over, dead)
		if got := ending(2037); len(got) != 0 {
			t.Errorf("in 2037: %+v", got)
		}
		got := ending(2038)
		if k := got["dead"]; len(got) != 1 || k.Until != date.New(2038, 3, 1) || k.Documents != 1 || k.Life.LastSeen != date.New(2026, 11, 26) {
			t.Errorf("in 2038: %+v", got)
		}
		if got := ending(2045); len(got) != 1 {
			t.Errorf("in 2045: %+v", got)
		}
		if k := ending(2046)["walker"]; k.Until != date.New(2046, 11, 26) || k.Class.Key != minutes.HospitalRecord || len(k.Teams) != 1 {
			t.Errorf("in 2046: %+v", k)
		}
		_, err := r.patients.AddEvent(ctx, r.System, careplan.PatientEvent{Patient: r.ids["walker"], Kind: careplan.Fall, On: date.New(2026, 11, 20)})
		if err != nil {
			t.Fatal(err)
		}
		if k := ending(2046)["walker"]; k.Life.LastSeen != date.New(2026, 11, 26) {
			t.Errorf("an event before the meeting: %+v", k)
		}
		if err := retention.SetTeam(ctx, admin, r.Team.ID, "signature"); err != nil {
			t.Fatal(err)
		}
		if k := ending(2046)["walker"]; k.Class.Key != "signature" || k.Until != date.New(2046, 11, 26) {
			t.Errorf("in another class: %+v", k)
		}
	})
}

func TestClassesAreChangedByAdministrators(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r, retention, admin := retainedRoom(t, s, walker())
		all, err := retention.Schedule(ctx, admin, 2026)
		if err != nil || len(all.Classes) != 2 {
			t.Fatalf("%+v, %v", all.Classes, err)
		}
		c := all.Classes[0]
		c.Years = 30
		for name, a := range map[string]auth.Actor{"secretary": r.Secretary, "chair": r.Chair} {
			if err := retention.SaveClass(ctx, a, c); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := retention.Schedule(ctx, a, 2026); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s reads: %v", name, err)
			}
		}
		if err := retention.SaveClass(ctx, admin, c); err != nil {
			t.Fatal(err)
		}
		if err := retention.SaveClass(ctx, admin, c); !fault.Is(err, fault.Conflict) {
			t.Errorf("a version not seen: %v", err)
		}
		c.Key, c.Name = "", "Essais cliniques"
		if err := retention.SaveClass(ctx, admin, c); err != nil {
			t.Fatal(err)
		}
		all, err = retention.Schedule(ctx, admin, 2026)
		if err != nil || len(all.Classes) != 3 || all.Classes[0].Years != 30 || all.Classes[0].Version != 1 {
			t.Errorf("%+v, %v", all.Classes, err)
		}
		if err := retention.SetTeam(ctx, admin, r.Team.ID, "no such class"); !fault.Is(err, fault.Invalid) {
			t.Errorf("a class that is none: %v", err)
		}
	})
}

func TestAHoldIsPutAndLiftedOnce(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r, retention, admin := retainedRoom(t, s, walker())
		over := walker()
		over.plan = func(p *careplan.Plan) { p.Status = careplan.PlanCompleted }
		r.again(t, over)
		for name, c := range map[string]struct {
			actor       auth.Actor
			ipp, reason string
			kind        fault.Kind
		}{
			"by the chair":    {r.Chair, "walker", "Recours", fault.Forbidden},
			"of nobody":       {admin, "nobody", "Recours", fault.Invalid},
			"without an IPP":  {admin, "", "Recours", fault.Invalid},
			"without a motif": {admin, "walker", "  ", fault.Invalid},
		} {
			if err := retention.Hold(ctx, c.actor, c.ipp, c.reason); !fault.Is(err, c.kind) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := retention.Hold(ctx, admin, "walker", "Recours du 3 décembre"); err != nil {
			t.Fatal(err)
		}
		if err := retention.Hold(ctx, admin, "walker", "Encore"); !fault.Is(err, fault.Conflict) {
			t.Errorf("twice: %v", err)
		}
		all, err := retention.Schedule(ctx, admin, 2046)
		if err != nil || len(all.Holds) != 1 || len(all.Ending) != 1 || all.Ending[0].Hold.Reason != "Recours du 3 décembre" {
			t.Fatalf("%+v, %v", all, err)
		}
		h := all.Holds[0]
		if err := retention.Lift(ctx, r.Secretary, h.ID, "Fini"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("lifted by a secretary: %v", err)
		}
		if err := retention.Lift(ctx, admin, h.ID, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("lifted without a reason: %v", err)
		}
		if err := retention.Lift(ctx, admin, h.ID, "Recours rejeté"); err != nil {
			t.Fatal(err)
		}
		if err := retention.Lift(ctx, admin, h.ID, "Encore"); !fault.Is(err, fault.Conflict) {
			t.Errorf("lifted twice: %v", err)
		}
		all, err = retention.Schedule(ctx, admin, 2046)
		if err != nil || all.Holds[0].Lifted.IsZero() || all.Holds[0].LiftedBy != admin.Name || all.Ending[0].Hold.ID != "" {
			t.Errorf("after: %+v, %v", all, err)
		}
		if err := retention.Hold(ctx, admin, "walker", "Nouveau recours"); err != nil {
			t.Errorf("held again: %v", err)
		}
	})
}
