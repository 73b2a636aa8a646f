package agenda

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
)

var (
	today   = date.New(2026, 11, 22)
	meeting = date.New(2026, 11, 26)
)

// onPlan is a candidate whose active plan was reviewed and is due later.
func onPlan(edit func(*Candidate)) Candidate {
	c := Candidate{
		Patient: careplan.Patient{ID: "p1", BirthFamily: "Bourdeille", BirthGiven: "René"},
		Plan: careplan.Plan{
			ID: "plan1", Status: careplan.PlanActive, LastReview: date.New(2026, 9, 1), NextReview: date.New(2027, 1, 7),
		},
	}
	edit(&c)
	return c
}

func TestReasonsSayWhyAndSinceWhen(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		edit    func(*Candidate)
		french  []string
		english []string
	}{
		{"nothing due", func(*Candidate) {}, nil, nil},
		{
			"review late", func(c *Candidate) { c.Plan.NextReview = date.New(2026, 11, 10) },
			[]string{"Réévaluation due depuis le 10/11/2026, 12 jours de retard"},
			[]string{"Review due since 10 November 2026, 12 days late"},
		},
		{
			"review due on the meeting's day", func(c *Candidate) { c.Plan.NextReview = meeting },
			[]string{"Réévaluation due le 26/11/2026"},
			[]string{"Review due on 26 November 2026"},
		},
		{"review due the day after", func(c *Candidate) { c.Plan.NextReview = meeting.AddDays(1) }, nil, nil},
		{"plan on hold", func(c *Candidate) {
			c.Plan.NextReview, c.Plan.Status = date.New(2026, 11, 10), careplan.PlanOnHold
		}, nil, nil},
		{
			"never reviewed", func(c *Candidate) {
				c.Plan.LastReview, c.Plan.NextReview, c.Plan.Start = date.Date{}, date.Date{}, date.New(2026, 11, 9)
			},
			[]string{"Plan jamais réévalué depuis le 09/11/2026"},
			[]string{"Plan never reviewed since 9 November 2026"},
		},
		{"first review planned for later", func(c *Candidate) { c.Plan.LastReview = date.Date{} }, nil, nil},
		{
			"action late", func(c *Candidate) {
				c.LateActions = []careplan.Action{
					{Title: "barre d’appui", Due: date.New(2026, 11, 15), OwnerName: "Joël Quintane", Status: careplan.Requested},
					{Title: "faite", Due: date.New(2026, 11, 15), Status: careplan.ActionCompleted},
					{Title: "pour aujourd’hui", Due: today, Status: careplan.Requested},
				}
			},
			[]string{"Action en retard de 7 jours : barre d’appui (pour le 15/11/2026, Joël Quintane)"},
			[]string{"Action 7 days late: barre d’appui (due 15 November 2026, Joël Quintane)"},
		},
		{
			"objective overdue and losing ground", func(c *Candidate) {
				c.Objectives = []careplan.Objective{{
					Title: "Remarcher", Due: date.New(2026, 11, 21), Lifecycle: careplan.Active,
					Achievement: careplan.Worsening, AchievementOn: date.New(2026, 11, 5),
				}}
			},
			[]string{"Objectif « Remarcher » en recul depuis le 05/11/2026", "Objectif « Remarcher » à échéance du 21/11/2026, 1 jour de retard"},
			[]string{"Objective “Remarcher” losing ground since 5 November 2026", "Objective “Remarcher” due on 21 November 2026, 1 day late"},
		},
		{
			"objective judged by a source that gives no day", func(c *Candidate) {
				c.Objectives = []careplan.Objective{{
					Title: "Dormir", Start: date.New(2026, 10, 2), Lifecycle: careplan.Active, Achievement: careplan.NoProgress,
				}}
			},
			[]string{"Objectif « Dormir » sans progrès depuis le 02/10/2026"},
			[]string{"Objective “Dormir” without progress since 2 October 2026"},
		},
		{"objective closed", func(c *Candidate) {
			c.Objectives = []careplan.Objective{{
				Title: "x", Due: date.New(2026, 11, 1), Lifecycle: careplan.ObjectiveCancelled, Achievement: careplan.NotAttainable,
			}}
		}, nil, nil},
		{
			"a fall", func(c *Candidate) {
				c.Events = []careplan.PatientEvent{
					{Kind: careplan.Fall, On: date.New(2026, 11, 19), Text: "pas de fracture"},
					{Kind: careplan.Fall, On: today.AddDays(-15)},
				}
			},
			[]string{"Chute le 19/11/2026 : pas de fracture"},
			[]string{"Fall on 19 November 2026: pas de fracture"},
		},
		{"an event the last review knew", func(c *Candidate) {
			c.Events = []careplan.PatientEvent{{Kind: careplan.Fall, On: date.New(2026, 11, 12)}}
			c.Plan.LastReview = date.New(2026, 11, 12)
		}, nil, nil},
		{
			"an urgent request", func(c *Candidate) {
				c.Requests = []Request{{
					ByName: "Dr Paul Moreau", Question: "Insuline ?", Urgency: Urgent, Status: RequestWaiting,
					At: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC),
				}}
			},
			[]string{"Demande urgente du 20/11/2026, Dr Paul Moreau : Insuline ?"},
			[]string{"Urgent request of 20 November 2026, Dr Paul Moreau: Insuline ?"},
		},
		{
			"deferred twice", func(c *Candidate) {
				c.Deferrals = []Deferral{{On: date.New(2026, 11, 19), Why: "absent-presenter"}, {On: date.New(2026, 11, 12), Why: "time"}}
			},
			[]string{"Dossier reporté le 12/11/2026 (temps dépassé) et le 19/11/2026 (rapporteur absent)"},
			[]string{"Deferred on 12 November 2026 (out of time) and on 19 November 2026 (presenter absent)"},
		},
		{"deceased", func(c *Candidate) {
			c.Plan.NextReview, c.Patient.Deceased = date.New(2026, 11, 10), true
		}, nil, nil},
		{"opposed", func(c *Candidate) {
			c.Plan.NextReview, c.Patient.Sharing = date.New(2026, 11, 10), careplan.SharingOpposed
		}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			reasons := Reasons(onPlan(tt.edit), today, Thresholds{Meeting: meeting})
			if got := texts(reasons, "fr"); !slices.Equal(got, tt.french) {
				t.Errorf("French: %q, want %q", got, tt.french)
			}
			if got := texts(reasons, "en"); !slices.Equal(got, tt.english) {
				t.Errorf("English: %q, want %q", got, tt.english)
			}
		})
	}
}

// texts are the reasons in words, with plain blanks.
func texts(reasons []Reason, lang string) []string {
	var all []string
	for _, r := range reasons {
		all = append(all, strings.ReplaceAll(r.Text(lang), "\u00a0", " "))
	}
	return all
}

func TestMovedNamesTheFewestLines(t *testing.T) {
	t.Parallel()
	tests := []struct {
		old  []int
		want []bool
	}{
		{nil, []bool{}},
		{[]int{1, 2, 3}, []bool{false, false, false}},
		{[]int{5, 1, 2, 3, 4}, []bool{true, false, false, false, false}},
		{[]int{1, 3, 4, 2, 5}, []bool{false, false, false, true, false}},
	}
	for _, tt := range tests {
		if got := moved(tt.old); !slices.Equal(got, tt.want) {
			t.Errorf("moved(%v) = %v, want %v", tt.old, got, tt.want)
		}
	}
}
