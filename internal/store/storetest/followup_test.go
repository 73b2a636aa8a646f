package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/minutes"
)

// signedRoom is a room whose meeting decided for the walker and was signed. The
// clinician, in the walker's circle, does the action and tells the patient.
func signedRoom(t *testing.T, s *store.Store) (*room, minutes.Decision) {
	t.Helper()
	r := newRoom(t, s, twoPatients()...)
	d := r.decide(t, "walker", func(d *minutes.Decision) {
		walks(r)(d)
		d.Informer, d.InformBy = r.Clinician.Name, date.New(2026, 11, 30)
	})
	r.end(t)
	m, err := r.minutes.Sign(context.Background(), r.Chair, r.state.ID, r.version(t))
	if err != nil {
		t.Fatalf("sign: %v", err)
	}
	for _, k := range m.Content.Cases {
		if k.Case == d.Case {
			d = k.Decision
		}
	}
	return r, d
}

func (r *room) version(t *testing.T) int {
	t.Helper()
	full, err := r.Meetings.Get(context.Background(), r.Chair, r.state.ID)
	if err != nil {
		t.Fatal(err)
	}
	return full.Meeting.Version
}

func (r *room) followUp(t *testing.T) careplan.FollowUp {
	t.Helper()
	f, err := r.patients.FollowUp(context.Background(), r.Clinician)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestASignedActionIsFollowedToTheNextDraft(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r, d := signedRoom(t, s)
		f := r.followUp(t)
		if len(f.Coming) != 1 || f.Coming[0].Action.ID != d.Actions[0].ID || f.Coming[0].On() != date.New(2026, 11, 26) {
			t.Fatalf("after the signature: %+v", f)
		}
		r.at = time.Date(2026, 12, 5, 22, 59, 0, 0, time.UTC) // 23:59 in Paris, the day it is due
		if f = r.followUp(t); len(f.Coming) != 1 || f.Coming[0].Days != 0 {
			t.Errorf("on the day: %+v", f)
		}
		r.at = r.at.Add(time.Minute)
		if f = r.followUp(t); len(f.Late) != 1 || f.Late[0].Late() != 1 {
			t.Errorf("a minute later: %+v", f)
		}
		done, err := r.patients.SetAction(ctx, r.Clinician, d.Actions[0].ID, careplan.ActionChange{
			Status: careplan.ActionCompleted, Outcome: careplan.OutcomeNotDone, Reason: "other", Note: " L’artisan a fermé. ", Version: f.Late[0].Action.Version,
		})
		if err != nil || done.Note != "L’artisan a fermé." {
			t.Fatalf("not done: %+v, %v", done, err)
		}
		if f = r.followUp(t); len(f.Late) != 0 || len(f.Recent) != 1 || f.Recent[0].Action.Note != done.Note {
			t.Errorf("once said: %+v", f)
		}
	})
}

func TestWhoTellsThePatientFollowsTheSignedMinutes(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r, d := signedRoom(t, s)
		f := r.followUp(t)
		if len(f.Tell) != 1 || f.Tell[0].Case != d.Case || f.Tell[0].By != date.New(2026, 11, 30) || f.Tell[0].Who != r.Clinician.Professional {
			t.Fatalf("to tell: %+v", f.Tell)
		}
		d.InformBy = date.New(2026, 12, 2)
		r.amend(t, d)
		if f = r.followUp(t); len(f.Tell) != 1 || f.Tell[0].By != date.New(2026, 12, 2) {
			t.Fatalf("after a correction: %+v", f.Tell)
		}
		on := date.New(2026, 11, 26)
		if _, err := r.patients.SetTold(ctx, r.Clinician, d.Case, careplan.ToldChange{On: on.AddDays(-1), How: careplan.ByPhone, Version: f.Tell[0].Version}); !fault.Is(err, fault.Invalid) {
			t.Errorf("told before the meeting: %v", err)
		}
		if _, err := r.patients.SetTold(ctx, r.Stranger, d.Case, careplan.ToldChange{On: on, How: careplan.ByPhone, Version: 2}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a stranger: %v", err)
		}
		if _, err := r.patients.SetTold(ctx, r.Clinician, d.Case, careplan.ToldChange{On: on, How: careplan.ByPhone, Version: f.Tell[0].Version}); err != nil {
			t.Fatal(err)
		}
		d = r.latest(t, d.Case)
		d.Informer = ""
		r.amend(t, d)
		if f = r.followUp(t); len(f.Tell) != 0 || len(f.Told) != 1 || f.Told[0].How != careplan.ByPhone {
			t.Errorf("told, then corrected: %+v", f)
		}
	})
}

func TestACorrectionTakesBackWhoTellsThePatient(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		r, d := signedRoom(t, s)
		d.Informer = ""
		r.amend(t, d)
		if f := r.followUp(t); len(f.Tell)+len(f.Told) != 0 {
			t.Errorf("still to tell: %+v", f)
		}
	})
}

// latest is a case's decision as the last minutes have it.
func (r *room) latest(t *testing.T, c id.Case) minutes.Decision {
	t.Helper()
	d, err := r.minutes.Decision(context.Background(), r.Chair, c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (r *room) amend(t *testing.T, d minutes.Decision) {
	t.Helper()
	d.Version = r.latest(t, d.Case).Version
	if _, err := r.minutes.Amend(context.Background(), r.Chair, r.state.ID, "Erreur de date", []minutes.Decision{d}); err != nil {
		t.Fatalf("amend: %v", err)
	}
}

func TestAPersonIsRemindedOnceADay(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r, _ := signedRoom(t, s)
		remind := func() error { return r.patients.Remind(ctx, r.Secretary, r.Team.ID, r.Clinician.Professional) }
		r.at = time.Date(2026, 11, 27, 22, 30, 0, 0, time.UTC)
		if err := remind(); err != nil {
			t.Fatal(err)
		}
		if err := remind(); !fault.Is(err, fault.Conflict) {
			t.Errorf("twice a day: %v", err)
		}
		last, err := r.patients.Reminders(ctx, r.Secretary, []id.Professional{r.Clinician.Professional})
		if err != nil || last[r.Clinician.Professional].Day != date.New(2026, 11, 27) {
			t.Errorf("last: %+v, %v", last, err)
		}
		if r.at = r.at.Add(time.Hour); remind() != nil { // past midnight in Paris, not in UTC
			t.Error("not on the next day")
		}
		if err := r.patients.Remind(ctx, r.Clinician, r.Team.ID, r.Chair.Professional); !fault.Is(err, fault.Forbidden) {
			t.Errorf("by a clinician: %v", err)
		}
		if err := r.patients.Remind(ctx, r.Secretary, r.Team.ID, r.Secretary.Professional); !fault.Is(err, fault.NotFound) {
			t.Errorf("of nothing: %v", err)
		}
	})
}
