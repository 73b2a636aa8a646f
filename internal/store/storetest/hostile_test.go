package storetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/archive"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/minutes/pdf"
)

// The ids of what a decision makes are ours: an id that somebody else's row
// has would stop the signature, or rewrite that row.
func TestADecisionCannotTakeTheIdOfAnotherRow(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		people := twoPatients()
		people[1].objectives = walker().objectives
		people[1].actions = nil
		r := newRoom(t, s, people...)
		other, err := r.patients.File(ctx, r.Chair, r.ids["other"])
		if err != nil {
			t.Fatal(err)
		}
		twice := id.New[id.Action]()
		r.decide(t, "walker", func(d *minutes.Decision) {
			d.Objectives = append(d.Objectives,
				minutes.ObjectiveResult{Objective: other.Objectives[0].ID, Verdict: minutes.VerdictNew, Title: "Volé"})
			d.Actions = []minutes.NewAction{{ID: twice, Title: "Une"}, {ID: twice, Title: "Deux"}}
		})
		r.end(t)
		if _, err := r.minutes.Sign(ctx, r.Chair, r.state.ID, r.state.Version); err != nil {
			t.Fatalf("sign: %v", err)
		}
		f, err := r.patients.File(ctx, r.Chair, r.ids["walker"])
		if err != nil || len(f.Actions) != 2 || len(f.Objectives) != 3 {
			t.Errorf("%d actions, %d objectives, %v", len(f.Actions), len(f.Objectives), err)
		}
	})
}

// Deferring by mistake and undoing it must not lose what was decided.
func TestUndeferringKeepsTheDecision(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r := newRoom(t, s, twoPatients()...)
		d := r.decide(t, "walker", walks(r))
		if _, err := r.agenda.Defer(ctx, r.Chair, d.Case, "other"); err != nil {
			t.Fatal(err)
		}
		if _, err := r.agenda.Undefer(ctx, r.Chair, d.Case); err != nil {
			t.Fatal(err)
		}
		r.end(t)
		m, err := r.minutes.Sign(ctx, r.Chair, r.state.ID, r.state.Version)
		if err != nil || len(m.Content.Cases) != 1 {
			t.Errorf("%d cases in the minutes, %v", len(m.Content.Cases), err)
		}
	})
}

// hasty is a store in which something happens between the reading and the
// commit of a signature, once.
type hasty struct {
	*store.Store
	once sync.Once
	f    func()
}

func (h *hasty) Head(ctx context.Context, org id.Org, team id.Team) (int, string, error) {
	h.once.Do(h.f)
	return h.Store.Head(ctx, org, team)
}

func TestASignatureIsOfWhatStands(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r := newRoom(t, s, walker())
		d := r.decide(t, "walker", walks(r))
		r.end(t)
		h := &hasty{Store: s}
		absent := meetings.Absent
		h.f = func() {
			if _, err := r.agenda.Defer(ctx, r.Chair, d.Case, "other"); err != nil {
				t.Errorf("defer: %v", err)
			}
			edit := []meetings.AttendanceEdit{{Professional: r.Clinician.Professional, Presence: &absent}}
			if _, err := r.Meetings.SetAttendance(ctx, r.Secretary, r.state.ID, edit); err != nil {
				t.Errorf("attendance: %v", err)
			}
		}
		svc := minutes.NewService(h, r.patients, pdf.Renderer{}, archive.New(t.TempDir()), func() time.Time { return r.at })
		m, err := svc.Sign(ctx, r.Chair, r.state.ID, r.state.Version)
		if err != nil {
			t.Fatalf("sign: %v", err)
		}
		if len(m.Content.Cases) != 0 || len(m.Content.Deferred) != 1 {
			t.Errorf("%d cases, %d deferred: deferred while it was signed", len(m.Content.Cases), len(m.Content.Deferred))
		}
		for _, p := range m.Content.Participants {
			if p.Name == r.Clinician.Name && p.Presence != meetings.Absent {
				t.Errorf("signed as %q", p.Presence)
			}
		}
	})
}

// Who was there is part of what was signed.
func TestAttendanceOfSignedMinutesStands(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r := newRoom(t, s, twoPatients()...)
		r.end(t)
		full, err := r.Meetings.Get(ctx, r.Secretary, r.state.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.minutes.Sign(ctx, r.Chair, r.state.ID, r.state.Version); err != nil {
			t.Fatal(err)
		}
		late := full.Attendance[:1]
		late[0].Presence = meetings.Absent
		by := r.Secretary.Change(r.at, "meeting.attendance", "meeting", string(r.state.ID))
		if err := s.SaveAttendance(ctx, r.Org.ID, r.state.ID, late, by); !fault.Is(err, fault.Conflict) {
			t.Errorf("attendance after the signature: %v", err)
		}
	})
}

// Whoever died, or opposed, after the agenda was made is not discussed.
func TestWhoDiedWhileOnAnAgendaLeavesIt(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		w := newWard(t, s, twoPatients()...)
		g, err := w.agenda.Draft(ctx, w.Secretary, w.meeting.Meeting.ID)
		if err != nil || len(g.Items) != 2 {
			t.Fatalf("%d lines, %v", len(g.Items), err)
		}
		dead := walker()
		dead.patient = func(p *careplan.Patient) { p.Deceased, p.DeceasedOn = true, date.New(2026, 11, 21) }
		w.admit(t, dead)
		g, err = w.agenda.Get(ctx, w.Secretary, w.meeting.Meeting.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range g.Items {
			if l.Patient.Deceased {
				t.Errorf("%s died and is %s", l.Patient.IPP, l.Status)
			}
		}
	})
}

// Nor does asking for the room's acts directly bring them back.
func TestWhoDiedIsNotBegunNorDecided(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r := newRoom(t, s, twoPatients()...)
		c := caseOf(t, r.listed, "walker")
		dead := walker()
		dead.patient = func(p *careplan.Patient) { p.Deceased, p.DeceasedOn = true, date.New(2026, 11, 21) }
		r.admit(t, dead)
		if _, err := r.minutes.Record(ctx, r.Chair, c, minutes.Decision{Case: c, Summary: "Trop tard"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("record: %v", err)
		}
		if _, err := r.agenda.Begin(ctx, r.Chair, c); err == nil {
			t.Error("the discussion began")
		}
	})
}

func TestTriesAtOnceAreCounted(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		_, accounts, _ := withAccount(t, s)
		var wrong int
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 24 {
			wg.Go(func() {
				_, _, err := accounts.SignIn(context.Background(), "solene@medecin.mssante.example", "pas le bon mot", "192.0.2.1")
				mu.Lock()
				defer mu.Unlock()
				if fault.Is(err, fault.Unauthenticated) {
					wrong++
				}
			})
		}
		wg.Wait()
		if wrong > auth.MaxFailures {
			t.Errorf("%d passwords were tried at once, %d are allowed", wrong, auth.MaxFailures)
		}
	})
}

func TestTextThatADatabaseCannotKeep(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		w := newWard(t, s, twoPatients()...)
		for _, text := range []string{"a\x00b", "a\xff\xfeb"} {
			_, err := w.agenda.Ask(ctx, w.Secretary, agenda.Asked{Team: w.Team.ID, Patient: w.ids["walker"], Question: text, Urgency: agenda.Routine})
			if fault.KindOf(err) == fault.Internal && err != nil {
				t.Errorf("ask: %v", err)
			}
			if _, _, err := w.patients.Search(ctx, w.Secretary, text, "", "", 10); err != nil {
				t.Errorf("search: %v", err)
			}
		}
	})
}
