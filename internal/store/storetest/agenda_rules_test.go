package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
)

// seldomReasons is a ward with one patient for each rule that everyReason lacks.
func seldomReasons() []sick {
	return []sick{
		{ipp: "ending", plan: func(p *careplan.Plan) { p.End = date.New(2026, 12, 20) }},
		{ipp: "ends-later", plan: func(p *careplan.Plan) { p.End = date.New(2027, 2, 20) }},
		{ipp: "stalled", objectives: []careplan.Objective{{
			Title: "Sortir seule", Lifecycle: careplan.Active, Achievement: careplan.NoChange, AchievementOn: date.New(2026, 9, 10),
		}}},
		{ipp: "stable", objectives: []careplan.Objective{{
			Title: "Sortir seule", Lifecycle: careplan.Active, Achievement: careplan.NoChange, AchievementOn: date.New(2026, 11, 10),
		}}},
		{ipp: "draft", plan: func(p *careplan.Plan) { p.Status = careplan.PlanDraft }},
		{ipp: "leaves"},
		{ipp: "family", circle: true},
		{ipp: "over", plan: func(p *careplan.Plan) { p.Status = careplan.PlanCompleted }},
	}
}

func TestAgendaFindsSeldomReasonsAndFollowsTheTeamsSettings(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		w := newWard(t, s, seldomReasons()...)
		leaving := careplan.PatientEvent{Patient: w.ids["leaves"], Kind: careplan.DischargePlanned, On: date.New(2026, 12, 3)}
		if _, err := w.patients.AddEvent(ctx, w.System, leaving); err != nil {
			t.Fatalf("a planned discharge: %v", err)
		}
		leaving.Kind = careplan.Fall
		if _, err := w.patients.AddEvent(ctx, w.System, leaving); !fault.Is(err, fault.Invalid) {
			t.Errorf("a fall to come: %v", err)
		}
		if _, err := w.agenda.Ask(ctx, w.Clinician, agenda.Asked{Source: agenda.FromFamily, Team: w.Team.ID, Patient: w.ids["family"], Question: "Un répit ?", Urgency: agenda.Soon}); err != nil {
			t.Fatalf("ask: %v", err)
		}
		w.wantRules(t, map[string]agenda.Rule{
			"ending": agenda.PlanEnding, "stalled": agenda.ObjectiveStalled, "leaves": agenda.Transition, "family": agenda.AskedByPatient,
		})
		v := agenda.Settings{Margin: 5, Rules: map[agenda.Rule]agenda.RuleSetting{
			agenda.PlanEnding: {Off: true}, agenda.NoPlan: {Off: true}, agenda.ObjectiveStalled: {Threshold: 1},
		}}
		if err := w.agenda.SaveSettings(ctx, w.Clinician, w.Team.ID, v); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a clinician changes the rules: %v", err)
		}
		bad := agenda.Settings{Rules: map[agenda.Rule]agenda.RuleSetting{agenda.DeferredBefore: {Off: true}}}
		if err := w.agenda.SaveSettings(ctx, w.Secretary, w.Team.ID, bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("deferrals switched off: %v", err)
		}
		if err := w.agenda.SaveSettings(ctx, w.Secretary, w.Team.ID, v); err != nil {
			t.Fatalf("save settings: %v", err)
		}
		if got, err := w.agenda.Settings(ctx, w.Clinician, w.Team.ID); err != nil || got.Margin != 5 || !got.Rules[agenda.PlanEnding].Off {
			t.Errorf("settings %+v, %v", got, err)
		}
		w.wantRules(t, map[string]agenda.Rule{
			"stalled": agenda.ObjectiveStalled, "stable": agenda.ObjectiveStalled, "leaves": agenda.Transition, "family": agenda.AskedByPatient,
		})
	})
}

// wantRules drafts and compares the first rule of each line.
func (w *ward) wantRules(t *testing.T, want map[string]agenda.Rule) {
	t.Helper()
	g, err := w.agenda.Draft(context.Background(), w.Secretary, w.meeting.Meeting.ID)
	if err != nil {
		t.Fatalf("draft: %v", err)
	}
	for _, l := range g.Items {
		if want[l.Patient.IPP] != l.Reasons[0].Rule {
			t.Errorf("%s is drafted for %q, want %q", l.Patient.IPP, l.Reasons[0].Rule, want[l.Patient.IPP])
		}
		delete(want, l.Patient.IPP)
	}
	if len(want) > 0 {
		t.Errorf("not drafted: %v", want)
	}
}

// window is one that finds everything around the fixtures' day.
func (w *ward) window() agenda.Window {
	today := date.New(2026, 11, 22)
	return agenda.Window{
		Meeting: w.meeting.Meeting.ID, Starts: w.meeting.Meeting.Starts, Due: date.New(2026, 11, 26), Today: today,
		Events: today.AddDays(-14), Ahead: today.AddDays(21), Ending: today.AddDays(30), Stalled: today.AddDays(-56),
		NotDone: today.AddDays(-60), Drafted: Now.Add(time.Hour),
	}
}

func (w *ward) candidates(t *testing.T) map[string]agenda.Candidate {
	t.Helper()
	all, err := w.store.Candidates(context.Background(), w.Org.ID, w.Team.ID, w.window())
	if err != nil {
		t.Fatalf("candidates: %v", err)
	}
	by := map[string]agenda.Candidate{}
	for _, c := range all {
		by[c.Patient.IPP] = c
	}
	return by
}

// A draft made before the window's instant is found with its day; a patient
// whose plans are over is not, and reads as no longer followed.
func TestCandidatesOfDraftsAndOfClosedPlans(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		w := newWard(t, s, seldomReasons()...)
		found := w.candidates(t)
		if c := found["draft"]; c.Drafted.ID == "" || c.Plan.ID != "" || !c.Drafted.Created.Equal(Now) {
			t.Errorf("draft: %+v", c)
		}
		if _, is := found["over"]; is {
			t.Error("a patient no longer followed is a candidate")
		}
		c, err := s.CandidateOf(context.Background(), w.Org.ID, w.Team.ID, w.ids["over"], w.window())
		if ok, why := c.Reviewable(); err != nil || ok || why != agenda.Discharged {
			t.Errorf("over: %v %q, %v", ok, why, err)
		}
		all, _, err := w.patients.Search(context.Background(), w.Secretary, "", w.Team.ID, "", 50)
		if err != nil || len(all) != len(w.ids) {
			t.Fatalf("%d found, %v", len(all), err)
		}
		for _, f := range all {
			if f.Closed != (f.Patient.IPP == "over") {
				t.Errorf("%s: closed %v", f.Patient.IPP, f.Closed)
			}
		}
	})
}

// TestWaitingAndLengthsAreRead plays a meeting that has a place for one of two.
func TestWaitingAndLengthsAreRead(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		w := newWard(t, s, sick{ipp: "seen", plan: due(date.New(2026, 11, 10))}, sick{ipp: "waits", plan: due(date.New(2026, 11, 11))})
		m := w.meeting.Meeting.ID
		g, err := w.agenda.Draft(ctx, w.Secretary, m)
		if err != nil || len(g.Items) != 2 {
			t.Fatalf("draft: %q, %v", ipps(g.Items), err)
		}
		lines := g.Items
		i := slices.IndexFunc(lines, func(l agenda.Item) bool { return l.Patient.IPP == "waits" })
		waits, seen := lines[i], lines[1-i]
		waits.Status, waits.Position = agenda.Proposed, 0
		seen.Status, seen.Started, seen.Ended = agenda.Discussed, Now, Now.Add(11*time.Minute)
		by := audit.Change{Entry: audit.Entry{Org: w.Org.ID, At: Now, Action: "test", Outcome: audit.Done}}
		if err := s.SaveAgenda(ctx, w.Org.ID, m, []agenda.Item{waits, seen}, by); err != nil {
			t.Fatalf("save: %v", err)
		}
		next := w.nextMeeting(t)
		window := w.window()
		window.Meeting, window.Starts = next, w.meeting.Meeting.Starts.AddDate(0, 0, 7)
		if c, err := s.CandidateOf(ctx, w.Org.ID, w.Team.ID, w.ids["waits"], window); err != nil || len(c.Passed) != 0 {
			t.Errorf("before the meeting took place: passed %v, %v", c.Passed, err)
		}
		w.start(t, m)
		c, err := s.CandidateOf(ctx, w.Org.ID, w.Team.ID, w.ids["waits"], window)
		if err != nil || !slices.Equal(c.Passed, []date.Date{date.New(2026, 11, 26)}) {
			t.Errorf("passed %v, %v", c.Passed, err)
		}
		lasted, err := s.Lasted(ctx, w.Org.ID, w.Team.ID, window.Starts)
		if err != nil || len(lasted) != 1 || lasted[0].Ended.Sub(lasted[0].Started) != 11*time.Minute || lasted[0].Reasons[0].Rule != agenda.ReviewDue {
			t.Errorf("lasted %+v, %v", lasted, err)
		}
		g, err = w.agenda.Get(ctx, w.Secretary, m)
		if err != nil || len(g.Waiting) != 1 || g.Waiting[0].DeferTo != next {
			t.Errorf("waiting %+v, want one with its next date %s: %v", g.Waiting, next, err)
		}
	})
}

func (w *ward) start(t *testing.T, m id.Meeting) {
	t.Helper()
	ctx := context.Background()
	full, err := w.Meetings.Get(ctx, w.Secretary, m)
	if err != nil {
		t.Fatal(err)
	}
	now := full.Meeting
	type step func(context.Context, auth.Actor, id.Meeting, int) (meetings.Meeting, error)
	for _, f := range []step{w.Meetings.Open, w.Meetings.Close, w.Meetings.Start} {
		if now, err = f(ctx, w.Chair, m, now.Version); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDecisionsNotCarriedOutAreReadWithTheirDay(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		w := newWard(t, s, sick{ipp: "first", plan: due(date.New(2026, 11, 10))})
		g, err := w.agenda.Draft(context.Background(), w.Secretary, w.meeting.Meeting.ID)
		if err != nil {
			t.Fatal(err)
		}
		of := g.Items[0].ID
		closed := careplan.Action{
			Title: "Bilan", Status: careplan.ActionCompleted, Outcome: careplan.OutcomeNotDone, Reason: "no-means", DoneOn: date.New(2026, 11, 12), Case: of,
		}
		old := closed
		old.DoneOn = date.New(2026, 9, 20)
		w.admit(t, sick{ipp: "closed", actions: []careplan.Action{closed}}, sick{ipp: "old", actions: []careplan.Action{old}},
			sick{ipp: "late", actions: []careplan.Action{{Title: "Bilan", Status: careplan.Requested, Due: date.New(2026, 11, 20), Case: of}}})
		found := w.candidates(t)
		for _, ipp := range []string{"closed", "late"} {
			c := found[ipp]
			reasons := agenda.Reasons(c, date.New(2026, 11, 22), agenda.Thresholds{})
			if len(reasons) != 1 || reasons[0].Rule != agenda.DecisionUndone || reasons[0].On != date.New(2026, 11, 26) {
				t.Errorf("%s: %+v", ipp, reasons)
			}
		}
		if _, is := found["old"]; is {
			t.Error("one closed as not done 63 days ago is a candidate")
		}
	})
}
