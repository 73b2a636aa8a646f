package minutes

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

var (
	starts = time.Date(2026, 11, 26, 13, 30, 0, 0, time.UTC)
	day    = date.New(2026, 11, 26)
)

// oneCase is a signed meeting about one patient with one plan and one objective.
func oneCase(d Decision) (Content, map[id.Patient]careplan.File) {
	d.Patient, d.Plan, d.Case = "p", "plan", "c"
	c := Content{Kind: meetings.Synthese, Zone: "Europe/Paris", Starts: starts, Cases: []Case{{Case: "c", Patient: "p", Decision: d}}}
	return c, map[id.Patient]careplan.File{"p": {
		Plans: []careplan.Plan{{ID: "plan", Patient: "p", Status: careplan.PlanActive, LastReview: date.New(2026, 9, 1), NextReview: date.New(2026, 11, 10)}},
		Objectives: []careplan.Objective{{
			ID: "o", Plan: "plan", Patient: "p", Title: "Remarcher", Lifecycle: careplan.Accepted, Achievement: careplan.InProgress,
		}},
	}}
}

func TestVerdictsMoveObjectives(t *testing.T) {
	t.Parallel()
	tests := []struct {
		verdict     Verdict
		achievement careplan.Achievement
		lifecycle   careplan.Lifecycle
	}{
		{VerdictAchieved, careplan.Achieved, careplan.ObjectiveCompleted},
		{VerdictProgress, careplan.Improving, careplan.Accepted},
		{VerdictStable, careplan.NoChange, careplan.Accepted},
		{VerdictSetback, careplan.Worsening, careplan.Accepted},
		{VerdictAbandoned, careplan.NotAttainable, careplan.ObjectiveCancelled},
	}
	for _, tt := range tests {
		t.Run(string(tt.verdict), func(t *testing.T) {
			t.Parallel()
			c, files := oneCase(Decision{Objectives: []ObjectiveResult{{Objective: "o", Verdict: tt.verdict}}})
			ch := Follow(c, files, 90)
			want := files["p"].Objectives[0]
			want.Achievement, want.Lifecycle, want.AchievementOn = tt.achievement, tt.lifecycle, day
			if diff := cmp.Diff([]careplan.Objective{want}, ch.Objectives); diff != "" {
				t.Error(diff)
			}
		})
	}
	c, files := oneCase(Decision{Objectives: []ObjectiveResult{{Objective: "o"}}})
	if ch := Follow(c, files, 90); len(ch.Objectives) != 0 {
		t.Errorf("no verdict changed %+v", ch.Objectives)
	}
}

func TestThePlanIsReviewedNext(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		decided  date.Date
		plan     int
		team     int
		kind     meetings.Kind
		quorum   meetings.QuorumState
		lastDays int // the plan's last review, from the meeting
		want     date.Date
	}{
		{"decided", date.New(2026, 12, 24), 30, 60, meetings.Synthese, meetings.QuorumNotReached, -60, date.New(2026, 12, 24)},
		{"the plan's interval", date.Date{}, 30, 60, meetings.Synthese, meetings.QuorumReached, -60, day.AddDays(30)},
		{"the team's interval", date.Date{}, 0, 60, meetings.Synthese, meetings.QuorumReached, -60, day.AddDays(60)},
		{"nobody says", date.Date{}, 0, 0, meetings.Synthese, meetings.QuorumReached, -60, day.AddDays(90)},
		{"an RCP without quorum", date.New(2026, 12, 24), 0, 0, meetings.RCP, meetings.QuorumNotReached, -60, day.AddDays(1)},
		{"a later meeting reviewed it", date.New(2026, 12, 24), 0, 0, meetings.Synthese, meetings.QuorumReached, 7, date.Date{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, files := oneCase(Decision{NextReview: tt.decided, Quorum: meetings.Quorum{State: tt.quorum}})
			c.Kind = tt.kind
			plan := &files["p"].Plans[0]
			plan.ReviewInterval, plan.LastReview = tt.plan, day.AddDays(tt.lastDays)
			ch := Follow(c, files, tt.team)
			if tt.want.IsZero() {
				if len(ch.Plans) != 0 {
					t.Errorf("changed %+v", ch.Plans)
				}
				return
			}
			if len(ch.Plans) != 1 || ch.Plans[0].LastReview != day || ch.Plans[0].NextReview != tt.want {
				t.Errorf("got %+v, want next review %s", ch.Plans, tt.want)
			}
		})
	}
}

func TestFollowedOnceLeavesNothingToFollow(t *testing.T) {
	t.Parallel()
	c, files := oneCase(Decision{
		NextReview: date.New(2026, 12, 24),
		Objectives: []ObjectiveResult{{Objective: "o", Verdict: VerdictProgress}, {Title: "Dormir", Verdict: VerdictNew, Due: date.New(2027, 1, 1)}},
		Actions:    []NewAction{{Title: "Barre d’appui", OwnerName: "Joël Quintane", Due: date.New(2026, 12, 5), Objective: "o"}},
	})
	c = named(c)
	ch := Follow(c, files, 90)
	if len(ch.Plans) != 1 || len(ch.Objectives) != 1 || len(ch.NewObjectives) != 1 || len(ch.NewActions) != 1 {
		t.Fatalf("changes %+v", ch)
	}
	if a := ch.NewActions[0]; a.ID == "" || a.Status != careplan.Requested || a.Case != "c" || a.Due != date.New(2026, 12, 5) {
		t.Errorf("action %+v", a)
	}
	files["p"] = careplan.File{Plans: ch.Plans, Objectives: append(ch.Objectives, ch.NewObjectives...), Actions: ch.NewActions}
	if diff := cmp.Diff(PlanChanges{}, Follow(c, files, 90)); diff != "" {
		t.Errorf("following again: %s", diff)
	}
	var back PlanChanges
	back.takeBack(c.Cases[0].Decision, Decision{}, files["p"])
	if len(back.Actions) != 1 || back.Actions[0].Status != careplan.ActionCancelled ||
		len(back.Objectives) != 1 || back.Objectives[0].Lifecycle != careplan.ObjectiveCancelled {
		t.Errorf("taken back: %+v", back)
	}
}

func TestAPatientWithoutPlanGetsOne(t *testing.T) {
	t.Parallel()
	c, _ := oneCase(Decision{})
	c.Cases[0].Decision.Plan = ""
	if ch := Follow(named(c), nil, 90); len(ch.NewPlans) != 0 {
		t.Errorf("a plan for nothing: %+v", ch)
	}
	c.Cases[0].Decision.Actions = []NewAction{{Title: "Bilan"}}
	ch := Follow(named(c), nil, 90)
	if len(ch.NewPlans) != 1 || len(ch.NewActions) != 1 || ch.NewActions[0].Plan != ch.NewPlans[0].ID {
		t.Errorf("changes %+v", ch)
	}
}

func TestGapsNameWhatIsMissing(t *testing.T) {
	t.Parallel()
	c, _ := oneCase(Decision{
		Objectives: []ObjectiveResult{{Objective: "o", Title: "Remarcher"}},
		Actions:    []NewAction{{Title: "INR"}}, Quorum: meetings.Quorum{State: meetings.QuorumNotReached},
	})
	got := map[GapKind]string{}
	for _, g := range Gaps(c) {
		got[g.Kind] = g.Text("fr")
	}
	want := map[GapKind]string{
		NoDecision: "rien n’est décidé", NoVerdict: "objectif «\u00a0Remarcher\u00a0» sans verdict",
		NoOwner: "action «\u00a0INR\u00a0» sans responsable", NoDue: "action «\u00a0INR\u00a0» sans échéance", NoQuorum: "quorum non atteint",
		NoInformer: "personne n’est chargé de lui dire la décision", NoReview: "pas de prochaine réévaluation",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	c, _ = oneCase(Decision{
		Version: 1, Objectives: []ObjectiveResult{{Objective: "o", Verdict: VerdictStable}},
		Actions:    []NewAction{{Title: "INR", OwnerName: "Sami", Due: day}},
		NextReview: day.AddDays(9), Informer: "Inès", Quorum: meetings.Quorum{State: meetings.QuorumReached},
	})
	if gaps := Gaps(c); len(gaps) != 0 {
		t.Errorf("gaps of a full decision: %+v", gaps)
	}
}

func TestNarrowHidesTheOthers(t *testing.T) {
	t.Parallel()
	c := Content{
		ReplacesWhy: "erreur pour Mme B", Cases: []Case{{Patient: "a"}, {Patient: "b"}}, Deferred: []Carried{{Patient: "a"}, {Patient: "c"}},
	}
	n := narrow(c, func(p id.Patient) bool { return p == "a" })
	if diff := cmp.Diff(Content{Cases: []Case{{Patient: "a"}}, Deferred: []Carried{{Patient: "a"}}}, n); diff != "" {
		t.Error(diff)
	}
	if all := narrow(c, func(id.Patient) bool { return true }); all.ReplacesWhy == "" || len(c.Cases) != 2 {
		t.Error("narrowing to all loses something")
	}
}
