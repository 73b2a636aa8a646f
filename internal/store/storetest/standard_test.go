package storetest

import (
	"context"
	"strings"
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

// tumourBoard is a room of kind rcp whose meeting is open, with its agenda
// drafted and one référentiel; its clock is at.
type tumourBoard struct {
	*room
	ref agenda.Reference
}

func newTumourBoard(t *testing.T, s *store.Store, people ...sick) *tumourBoard {
	t.Helper()
	ctx := context.Background()
	h := NewHouseOf(t, s, func(team *meetings.Team) {
		team.Kind, team.Quorum = meetings.RCP, meetings.DefaultQuorum(meetings.RCP)
	})
	b := &tumourBoard{room: &room{ward: &ward{House: h, store: s, ids: map[string]id.Patient{}}, at: Now}}
	clock := func() time.Time { return b.at }
	b.patients = careplan.NewService(s, clock)
	b.agenda = agenda.NewService(s, b.patients, clock)
	b.Meetings = meetings.NewService(s, clock)
	b.minutes = minutes.NewService(s, b.patients, pdf.Renderer{}, archive.New(t.TempDir()), clock)
	b.meeting = b.Meeting(t)
	b.admit(t, people...)
	var err error
	if b.listed, err = b.agenda.Draft(ctx, b.Secretary, b.meeting.Meeting.ID); err != nil {
		t.Fatal(err)
	}
	b.step(t, b.Meetings.Open)
	b.ref = b.keep(t, "Cancer du sein localisé", "3")
	return b
}

func (b *tumourBoard) step(t *testing.T, do func(context.Context, auth.Actor, id.Meeting, int) (meetings.Meeting, error)) {
	t.Helper()
	full, err := b.Meetings.Get(context.Background(), b.Chair, b.meeting.Meeting.ID)
	if err != nil {
		t.Fatal(err)
	}
	if b.state, err = do(context.Background(), b.Chair, full.Meeting.ID, full.Meeting.Version); err != nil {
		t.Fatal(err)
	}
}

func (b *tumourBoard) keep(t *testing.T, name, version string) agenda.Reference {
	t.Helper()
	r, err := b.agenda.AddReference(context.Background(), b.Chair, agenda.Reference{
		Team: b.Team.ID, Name: name, Version: version, Day: date.New(2026, 1, 12), Source: "https://valbrume.example/sein",
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (b *tumourBoard) register(t *testing.T, ipp string) agenda.Item {
	t.Helper()
	l, err := b.agenda.Register(context.Background(), b.Chair, caseOf(t, b.listed, ipp), b.ref.ID, "Hormonothérapie cinq ans.", date.New(2027, 5, 26))
	if err != nil {
		t.Fatalf("register %s: %v", ipp, err)
	}
	return l
}

func (b *tumourBoard) get(t *testing.T) agenda.Agenda {
	t.Helper()
	g, err := b.agenda.Get(context.Background(), b.Chair, b.meeting.Meeting.ID)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func threePatients() []sick {
	return append(twoPatients(), sick{ipp: "third", plan: due(date.New(2026, 11, 21))})
}

func TestStandardCaseTakesNoTimeAndAnyMemberCallsItToDiscussion(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		b := newTumourBoard(t, s, threePatients()...)
		before := b.get(t)
		l := b.register(t, "other")
		g := b.get(t)
		if len(g.Items) != 2 || len(g.Standard) != 1 || g.Planned != before.Planned-l.Minutes {
			t.Fatalf("%d to discuss, %d standard, %d min; before %d", len(g.Items), len(g.Standard), g.Planned, before.Planned)
		}
		if r := g.Standard[0].Registration; r == nil || r.Reference.Name != b.ref.Name || r.NextReview != date.New(2027, 5, 26) || len(g.Standard[0].Reasons) == 0 {
			t.Errorf("sheet %+v", r)
		}
		if redrafted, err := b.agenda.Draft(ctx, b.Secretary, g.Meeting); err != nil || len(redrafted.Standard) != 1 {
			t.Errorf("a new draft: %d standard, %v", len(redrafted.Standard), err)
		}
		// The nurse cares for walker alone: the other case has no name for her.
		seen, err := b.agenda.Get(ctx, b.Clinician, g.Meeting)
		if err != nil || len(seen.Standard) != 1 || seen.Standard[0].Named() || seen.Standard[0].Registration.Proposition != "" || seen.Standard[0].Question != "" {
			t.Fatalf("a clinician sees %+v, %v", seen.Standard, err)
		}
		back, err := b.agenda.PullBack(ctx, b.Clinician, l.ID, "")
		if err != nil || back.Named() || back.Standard {
			t.Fatalf("pulled back: %+v, %v", back, err)
		}
		g = b.get(t)
		at := caseOf(t, g, "other")
		if len(g.Standard) != 0 || len(g.Items) != 3 || at != l.ID {
			t.Fatalf("after: %d to discuss, %d standard", len(g.Items), len(g.Standard))
		}
		now, err := b.agenda.Case(ctx, b.Chair, l.ID)
		if err != nil || now.Registration.PulledName != b.Clinician.Name || !now.Pinned {
			t.Errorf("trace %+v, %v", now.Registration, err)
		}
		if _, err := b.agenda.Unpull(ctx, b.Chair, l.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the chair takes a member's wish away: %v", err)
		}
		if _, err := b.agenda.Unpull(ctx, b.Clinician, l.ID); err != nil {
			t.Errorf("undo: %v", err)
		}
		if g = b.get(t); len(g.Standard) != 1 || g.Standard[0].Registration.PulledName != "" {
			t.Errorf("undone: %+v", g.Standard)
		}
		if _, err := b.agenda.PullBack(ctx, b.Stranger, l.ID, ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a stranger: %v", err)
		}
	})
}

func TestWhatIsNotRegisteredWithoutDiscussion(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		b := newTumourBoard(t, s, threePatients()...)
		c := caseOf(t, b.listed, "other")
		old := b.keep(t, "Cancer du sein localisé", "2")
		if err := b.agenda.RetireReference(ctx, b.Secretary, old.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := b.agenda.AddReference(ctx, b.Chair, b.ref); !fault.Is(err, fault.Conflict) {
			t.Errorf("the same version twice: %v", err)
		}
		if _, err := b.agenda.AddReference(ctx, b.Clinician, b.ref); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a clinician keeps a référentiel: %v", err)
		}
		if err := b.agenda.RetireReference(ctx, b.Secretary, old.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("retired twice: %v", err)
		}
		for name, try := range map[string]struct {
			by     auth.Actor
			ref    id.Reference
			words  string
			review date.Date
			kind   fault.Kind
		}{
			"retired":            {b.Chair, old.ID, "Chirurgie.", date.Date{}, fault.Invalid},
			"no référentiel":     {b.Chair, id.New[id.Reference](), "Chirurgie.", date.Date{}, fault.Invalid},
			"no proposition":     {b.Chair, b.ref.ID, "  ", date.Date{}, fault.Invalid},
			"review on the day":  {b.Chair, b.ref.ID, "Chirurgie.", date.New(2026, 11, 26), fault.Invalid},
			"a nurse":            {b.Clinician, b.ref.ID, "Chirurgie.", date.Date{}, fault.Forbidden},
			"nobody of the team": {b.Stranger, b.ref.ID, "Chirurgie.", date.Date{}, fault.Forbidden},
		} {
			if _, err := b.agenda.Register(ctx, try.by, c, try.ref, try.words, try.review); !fault.Is(err, try.kind) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := b.agenda.Register(ctx, b.Chair, c, b.ref.ID, "Chirurgie.", date.New(2026, 11, 27)); err != nil {
			t.Errorf("the day after the meeting: %v", err)
		}
		if _, err := b.agenda.Begin(ctx, b.Chair, caseOf(t, b.listed, "third")); !fault.Is(err, fault.Conflict) {
			t.Errorf("begun before the meeting: %v", err)
		}
		b.at = begins
		b.step(t, b.Meetings.Start)
		if _, err := b.agenda.Register(ctx, b.Chair, caseOf(t, b.listed, "third"), b.ref.ID, "Chirurgie.", date.Date{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("registered in the meeting: %v", err)
		}
		if _, err := b.agenda.Begin(ctx, b.Chair, c); !fault.Is(err, fault.Conflict) {
			t.Errorf("a standard case discussed: %v", err)
		}
		if _, err := b.minutes.Record(ctx, b.Chair, c, minutes.Decision{Summary: "Autre chose."}); !fault.Is(err, fault.Conflict) {
			t.Errorf("decided without discussion: %v", err)
		}
	})
}

func TestOnlyAnRCPRegistersWithoutDiscussion(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		w := newWard(t, s, twoPatients()...)
		g, err := w.agenda.Draft(ctx, w.Secretary, w.meeting.Meeting.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.agenda.AddReference(ctx, w.Chair, agenda.Reference{Team: w.Team.ID, Name: "R", Version: "1", Day: date.New(2026, 1, 1)}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a référentiel of a réunion de synthèse: %v", err)
		}
		if _, err := w.agenda.Register(ctx, w.Chair, g.Items[0].ID, id.New[id.Reference](), "Rien.", date.Date{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("registered in a réunion de synthèse: %v", err)
		}
	})
}

// TestStandardCasesAreSignedWithoutAQuorum plays a meeting in which one standard
// case is called to discussion while it runs, one is read out and one is not.
func TestStandardCasesAreSignedWithoutAQuorum(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		b := newTumourBoard(t, s, append(threePatients(), sick{ipp: "fourth", plan: due(date.New(2026, 11, 22))})...)
		other, third := b.register(t, "other"), b.register(t, "third")
		b.at = begins
		b.step(t, b.Meetings.Start)
		if _, err := b.agenda.ReadOut(ctx, b.Clinician, b.state.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a clinician reads out: %v", err)
		}
		if g, err := b.agenda.ReadOut(ctx, b.Chair, b.state.ID); err != nil || g.Standard[0].Status != agenda.Discussed || g.Standard[0].Registration.ReadOut.IsZero() {
			t.Fatalf("read out: %+v, %v", g.Standard, err)
		}
		if _, err := b.agenda.PullBack(ctx, b.Clinician, third.ID, "Contre-indication ?"); err != nil {
			t.Fatalf("pulled back in the meeting: %v", err)
		}
		if d, err := b.agenda.Begin(ctx, b.Chair, third.ID); err != nil || d.Standard {
			t.Fatalf("discussed after all: %v", err)
		}
		b.end(t)
		if _, err := b.agenda.PullBack(ctx, b.Clinician, other.ID, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("pulled back after the meeting: %v", err)
		}
		review, err := b.minutes.Review(ctx, b.Chair, b.state.ID)
		if err != nil || !review.Signable {
			t.Fatalf("review: %v %s", err, review.Why)
		}
		for _, gap := range review.Gaps {
			if gap.Case == other.ID {
				t.Errorf("a standard case lacks %s", gap.Kind)
			}
		}
		signed, err := b.minutes.Sign(ctx, b.Chair, b.state.ID, b.state.Version)
		if err != nil {
			t.Fatal(err)
		}
		b.wantSheet(t, signed, other.ID)
		if l, err := s.CaseByID(ctx, b.Org.ID, other.ID); err != nil || l.Status != agenda.Discussed || !l.Standard {
			t.Errorf("after the signature: %s %v, %v", l.Status, l.Standard, err)
		}
		b.wantSample(t, other)
	})
}

func (b *tumourBoard) wantSheet(t *testing.T, signed minutes.Minutes, c id.Case) {
	t.Helper()
	for _, k := range signed.Content.Cases {
		if k.Standard != (k.Case == c) {
			t.Errorf("%s: standard %v", k.BirthFamily, k.Standard)
		}
		if k.Standard && (k.Reference.Version != "3" || k.Decision.Summary != "Hormonothérapie cinq ans." || k.Decision.Quorum.State != "") {
			t.Errorf("sheet %+v", k)
		}
	}
	for _, l := range signed.Content.Deferred {
		if l.BirthFamily == "Essaiother" {
			t.Error("a standard case is carried over")
		}
	}
	_, err := b.minutes.Amend(context.Background(), b.Chair, signed.Meeting, "Erreur", []minutes.Decision{{Case: c}})
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("a correction empties a standard case: %v", err)
	}
}

// wantSample: the only standard case of the quarter is drawn, and judged once.
func (b *tumourBoard) wantSample(t *testing.T, other agenda.Item) {
	t.Helper()
	ctx := context.Background()
	for name, who := range map[string]auth.Actor{"secretary": b.Secretary, "clinician": b.Clinician, "stranger": b.Stranger} {
		if _, err := b.minutes.Sample(ctx, who, b.Team.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s reads the sample: %v", name, err)
		}
	}
	found, err := b.minutes.Sample(ctx, b.Chair, b.Team.ID)
	if err != nil || len(found.Cases) != 1 || found.Share != minutes.DefaultShare || found.Cases[0].Sheet.Case != other.ID {
		t.Fatalf("sample %+v, %v", found, err)
	}
	if err := b.minutes.Judge(ctx, b.Chair, other.ID, minutes.ToDiscuss, " "); !fault.Is(err, fault.Invalid) {
		t.Errorf("to discuss, without saying what: %v", err)
	}
	if err := b.minutes.Judge(ctx, b.Secretary, other.ID, minutes.Conforming, ""); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the secretary judges: %v", err)
	}
	if err := b.minutes.Judge(ctx, b.Chair, other.ID, minutes.ToDiscuss, "Âge non pris en compte."); err != nil {
		t.Fatal(err)
	}
	if err := b.minutes.Judge(ctx, b.Chair, other.ID, minutes.Conforming, ""); !fault.Is(err, fault.Conflict) {
		t.Errorf("judged twice: %v", err)
	}
	asked, _, err := b.agenda.Requests(ctx, b.Chair, []agenda.RequestStatus{agenda.RequestWaiting}, "", 10)
	if err != nil || len(asked) != 1 || !strings.Contains(asked[0].Question, "Âge") {
		t.Errorf("requests %+v, %v", asked, err)
	}
	found, err = b.minutes.Sample(ctx, b.Chair, b.Team.ID)
	want := minutes.Rate{Quarter: "2026-4", Standard: 1, Drawn: 1, Judged: 1}
	if err != nil || len(found.Rates) != 1 || found.Rates[0] != want {
		t.Errorf("rates %+v, %v", found.Rates, err)
	}
	for _, share := range []int{0, 101} {
		if err := b.minutes.SetShare(ctx, b.Chair, b.Team.ID, share); !fault.Is(err, fault.Invalid) {
			t.Errorf("a share of %d: %v", share, err)
		}
	}
	if err := b.minutes.SetShare(ctx, b.Chair, b.Team.ID, 100); err != nil {
		t.Error(err)
	}
}
