package agenda

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// boundary is a day that a rule turns on: what edit makes of a patient has the
// reason from the day d on (or, ends, up to the day before) and not else.
type boundary struct {
	name string
	rule Rule
	ends bool
	set  RuleSetting
	edit func(c *Candidate, d date.Date, zone *time.Location)
}

func boundaries() []boundary {
	late := func(days int, of id.Case) func(*Candidate, date.Date, *time.Location) {
		return func(c *Candidate, d date.Date, _ *time.Location) {
			c.LateActions = []careplan.Action{{Title: "a", Due: d.AddDays(-days), Status: careplan.Requested, Case: of}}
		}
	}
	objective := func(edit func(*careplan.Objective, date.Date)) func(*Candidate, date.Date, *time.Location) {
		return func(c *Candidate, d date.Date, _ *time.Location) {
			o := careplan.Objective{Title: "o", Lifecycle: careplan.Active}
			edit(&o, d)
			c.Objectives = []careplan.Objective{o}
		}
	}
	event := func(k careplan.EventKind, days int) func(*Candidate, date.Date, *time.Location) {
		return func(c *Candidate, d date.Date, _ *time.Location) {
			c.Plan.LastReview = date.Date{}
			c.Events = []careplan.PatientEvent{{Kind: k, On: d.AddDays(days)}}
		}
	}
	plan := func(edit func(*Candidate, date.Date)) func(*Candidate, date.Date, *time.Location) {
		return func(c *Candidate, d date.Date, _ *time.Location) { edit(c, d) }
	}
	all := []boundary{
		{name: "review", rule: ReviewDue, edit: plan(func(c *Candidate, d date.Date) { c.Plan.NextReview = d })},
		{name: "never reviewed", rule: NeverReviewed, edit: plan(func(c *Candidate, d date.Date) {
			c.Plan.LastReview, c.Plan.NextReview, c.Plan.Start = date.Date{}, date.Date{}, d
		})},
		{name: "draft made in the last minute of a day", rule: NoPlan, edit: func(c *Candidate, d date.Date, zone *time.Location) {
			c.Plan, c.Drafted = careplan.Plan{}, careplan.Plan{ID: "draft", Created: d.AddDays(-13).In(zone).Add(-time.Minute)}
		}},
		{name: "plan ends", rule: PlanEnding, edit: plan(func(c *Candidate, d date.Date) { c.Plan.End = d.AddDays(30) })},
		{name: "plan ends, own threshold", rule: PlanEnding, set: RuleSetting{Threshold: 7}, edit: plan(func(c *Candidate, d date.Date) {
			c.Plan.End = d.AddDays(7)
		})},
		{name: "action", rule: ActionLate, edit: late(1, "")},
		{name: "action still late", rule: ActionLateLong, edit: late(31, "")},
		{name: "action still late, own threshold", rule: ActionLateLong, set: RuleSetting{Threshold: 10}, edit: late(11, "")},
		{name: "decision late", rule: DecisionUndone, edit: late(1, "case")},
		{name: "decision closed as not done", rule: DecisionUndone, ends: true, edit: plan(func(c *Candidate, d date.Date) {
			c.Plan.LastReview = date.Date{}
			c.NotDone = []careplan.Action{{Title: "a", DoneOn: d.AddDays(-61), Status: careplan.ActionCompleted, Case: "case"}}
		})},
		{name: "objective", rule: ObjectiveOverdue, edit: objective(func(o *careplan.Objective, d date.Date) { o.Due = d.AddDays(-1) })},
		{name: "objective stands still", rule: ObjectiveStalled, edit: objective(func(o *careplan.Objective, d date.Date) {
			o.Achievement, o.AchievementOn = careplan.NoChange, d.AddDays(-56)
		})},
		{name: "objective stands still, own threshold", rule: ObjectiveStalled, set: RuleSetting{Threshold: 2}, edit: objective(func(o *careplan.Objective, d date.Date) {
			o.Achievement, o.AchievementOn = careplan.NoChange, d.AddDays(-14)
		})},
		{name: "discharge nears", rule: Transition, edit: event(careplan.DischargePlanned, 21)},
		{name: "discharge was yesterday", rule: Transition, ends: true, edit: event(careplan.DischargePlanned, -1)},
		{name: "event, own threshold", rule: PatientEvent, ends: true, set: RuleSetting{Threshold: 3}, edit: event(careplan.Fall, -4)},
	}
	for _, k := range careplan.EventKinds() {
		if k != careplan.DischargePlanned {
			all = append(all, boundary{name: "old " + string(k), rule: PatientEvent, ends: true, edit: event(k, -15)},
				boundary{name: "new " + string(k), rule: PatientEvent, edit: event(k, 0)})
		}
	}
	return all
}

// TestEachRuleTurnsAtTheTeamsMidnight looks at each boundary in the last second
// of the day before and the first of the day, where the team is, on the days
// when the clocks change and on those after.
func TestEachRuleTurnsAtTheTeamsMidnight(t *testing.T) {
	t.Parallel()
	days := []date.Date{date.New(2026, 10, 25), date.New(2026, 10, 26), date.New(2027, 3, 28), date.New(2027, 3, 29), date.New(2026, 11, 24)}
	for _, name := range []string{"Europe/Paris", "Indian/Reunion", "America/Cayenne", "America/Miquelon"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range boundaries() {
			for _, d := range days {
				before := b.has(d, d.In(zone).Add(-time.Second), zone)
				after := b.has(d, d.In(zone), zone)
				if before != b.ends || after == b.ends {
					t.Errorf("%s, %s, %s: %v the second before midnight, %v at midnight", name, b.name, d, before, after)
				}
			}
		}
	}
}

// has reports whether a team that looks at an instant finds the reason.
func (b boundary) has(d date.Date, at time.Time, zone *time.Location) bool {
	clock := &Service{now: func() time.Time { return at.UTC() }}
	today := clock.today(meetings.Meeting{Zone: zone.String()})
	c := onPlan(func(c *Candidate) {
		c.Plan.NextReview, c.Plan.LastReview = date.New(2030, 1, 1), date.New(2026, 1, 1)
		b.edit(c, d, zone)
	})
	found := Reasons(c, today, Thresholds{Zone: zone, Settings: Settings{Rules: map[Rule]RuleSetting{b.rule: b.set}}})
	return slices.ContainsFunc(found, func(r Reason) bool { return r.Rule == b.rule })
}

func TestWhatIsDueByTheMeetingCountsAcrossTheChangeOfClocks(t *testing.T) {
	t.Parallel()
	zone, _ := time.LoadLocation("Europe/Paris")
	now := time.Date(2026, 10, 23, 22, 30, 0, 0, time.UTC) // 0:30 on the 24th in Paris
	m := meetings.Meeting{Zone: "Europe/Paris", Starts: time.Date(2026, 10, 25, 23, 30, 0, 0, time.UTC)}
	today := (&Service{now: func() time.Time { return now }}).today(m)
	d := drafting{meeting: m, today: today}
	for day, want := range map[date.Date]int{date.New(2026, 10, 26): 1, date.New(2026, 10, 27): 0} {
		c := onPlan(func(c *Candidate) { c.Plan.NextReview = day })
		if got := Reasons(c, today, d.thresholds()); len(got) != want {
			t.Errorf("review due on %s: %d reasons, want %d", day, len(got), want)
		}
	}
	r := Request{Status: RequestWaiting, Question: "?", Urgency: Routine, At: time.Date(2026, 10, 24, 22, 15, 0, 0, time.UTC)}
	got := Reasons(onPlan(func(c *Candidate) { c.Requests = []Request{r} }), date.New(2026, 10, 26), Thresholds{Zone: zone})
	if len(got) != 1 || got[0].Since != date.New(2026, 10, 25) || got[0].Days != 1 {
		t.Errorf("a request made at 0:15 on 25 October: %+v", got)
	}
}

func TestEveryRuleIsNamedAndCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	seen := map[Rule]bool{}
	for _, r := range Rules() {
		if seen[r.Rule] || r.French == "" || r.English == "" || r.Threshold > 0 == (r.Unit == "") {
			t.Errorf("rule %+v", r)
		}
		seen[r.Rule] = true
	}
	for _, b := range boundaries() {
		b.set.Off = true
		d := date.New(2026, 11, 24)
		at := d.In(time.UTC).Add(12 * time.Hour)
		if b.ends {
			at = at.AddDate(0, 0, -1)
		}
		if !seen[b.rule] || b.has(d, at, time.UTC) {
			t.Errorf("%s is found though %s is off", b.name, b.rule)
		}
		if b.set.Off = false; !b.has(d, at, time.UTC) {
			t.Errorf("%s is not found with %s on", b.name, b.rule)
		}
	}
}

func TestNewReasonsSayWhyAndSinceWhen(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name            string
		edit            func(*Candidate)
		french, english string
	}{
		{
			"decision late", func(c *Candidate) {
				c.LateActions = []careplan.Action{{Title: "bilan", Due: date.New(2026, 11, 15), OwnerName: "Joël Quintane", Status: careplan.Requested, Case: "k"}}
				c.Decided = map[id.Case]date.Date{"k": date.New(2026, 10, 29)}
			}, "Décision du 29/10/2026 non suivie, 7 jours de retard : bilan (pour le 15/11/2026, Joël Quintane)",
			"Decision of 29 October 2026 not carried out, 7 days late: bilan (due 15 November 2026, Joël Quintane)",
		},
		{"decision not done", func(c *Candidate) {
			c.NotDone = []careplan.Action{{Title: "bilan", DoneOn: date.New(2026, 11, 15), Case: "k"}}
		}, "Décision non réalisée, close le 15/11/2026 : bilan", "Decision not done, closed on 15 November 2026: bilan"},
		{
			"still late", func(c *Candidate) {
				c.LateActions = []careplan.Action{{Title: "bilan", Due: date.New(2026, 10, 10), Status: careplan.Requested}}
			}, "Action en retard de 43 jours : bilan (pour le 10/10/2026)|Action encore en retard après 43 jours : bilan (pour le 10/10/2026)",
			"Action 43 days late: bilan (due 10 October 2026)|Action still late after 43 days: bilan (due 10 October 2026)",
		},
		{"stable", func(c *Candidate) {
			c.Objectives = []careplan.Objective{{Title: "Marcher", Lifecycle: careplan.Active, Achievement: careplan.NoChange, AchievementOn: date.New(2026, 9, 22)}}
		}, "Objectif « Marcher » stable depuis le 22/09/2026, 8 semaines sans évolution", "Objective “Marcher” stable since 22 September 2026, 8 weeks without change"},
		{"draft", func(c *Candidate) {
			c.Plan, c.Drafted = careplan.Plan{}, careplan.Plan{ID: "d", Created: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
		}, "Nouveau patient, plan en brouillon depuis le 02/11/2026 (20 jours)", "New patient, plan a draft since 2 November 2026 (20 days)"},
		{"ends", func(c *Candidate) { c.Plan.End = date.New(2026, 12, 15) }, "Plan qui se termine le 15/12/2026", "Plan ends on 15 December 2026"},
		{"ended", func(c *Candidate) { c.Plan.End = date.New(2026, 11, 15) }, "Plan arrivé à son terme le 15/11/2026, depuis 7 jours", "Plan ended on 15 November 2026, 7 days ago"},
		{"end seen", func(c *Candidate) { c.Plan.End, c.Plan.LastReview = date.New(2026, 12, 15), date.New(2026, 11, 19) }, "", ""},
		{"family", func(c *Candidate) {
			c.Requests = []Request{{Source: FromFamily, ByName: "Inès Karaoui", Question: "Un répit ?", Urgency: Routine, Status: RequestWaiting, At: starts.AddDate(0, 0, -6)}}
		}, "Demande de la famille, le 20/11/2026, notée par Inès Karaoui : Un répit ?", "Request of the family on 20 November 2026, noted by Inès Karaoui: Un répit ?"},
		{"discharge", func(c *Candidate) {
			c.Events = []careplan.PatientEvent{{Kind: careplan.DischargePlanned, On: date.New(2026, 12, 2), Text: "vers son domicile"}}
		}, "Sortie prévue le 02/12/2026 : vers son domicile", "Discharge planned for 2 December 2026: vers son domicile"},
		{
			"waited", func(c *Candidate) {
				c.Plan.NextReview = date.New(2026, 11, 8)
				c.Passed = []date.Date{date.New(2026, 6, 4), date.New(2026, 11, 12), date.New(2026, 11, 19)}
			}, "Sans place à 2 réunions depuis le 12/11/2026|Réévaluation due depuis le 08/11/2026, 14 jours de retard",
			"No place at 2 meetings since 12 November 2026|Review due since 8 November 2026, 14 days late",
		},
		{"agreement alone", func(c *Candidate) { c.Patient.Sharing = careplan.SharingUnknown }, "", ""},
		{
			"agreement too", func(c *Candidate) {
				c.Patient.Sharing, c.Plan.NextReview, c.Plan.Start = careplan.SharingUnknown, today, date.New(2026, 1, 5)
			}, "Réévaluation due le 22/11/2026|Accord de l’usager non tracé, plan commencé le 05/01/2026",
			"Review due on 22 November 2026|Patient’s agreement not traced, plan begun on 5 January 2026",
		},
		{"discharged", func(c *Candidate) { c.Closed, c.Deferrals = true, []Deferral{{On: today.AddDays(-7), Why: "time"}} }, "", ""},
		{"discharged, asked for again", func(c *Candidate) {
			c.Plan, c.Closed = careplan.Plan{}, true
			c.Requests = []Request{{Question: "Un retour ?", Urgency: Routine, Status: RequestWaiting, At: starts.AddDate(0, 0, -6)}}
		}, "Demande du 20/11/2026 : Un retour ?|Aucun plan de soins dans l’équipe", "Request of 20 November 2026: Un retour ?|No care plan in the team"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			reasons := Reasons(onPlan(tt.edit), today, Thresholds{Meeting: meeting})
			if got := strings.Join(texts(reasons, "fr"), "|"); got != tt.french {
				t.Errorf("French: %q, want %q", got, tt.french)
			}
			if got := strings.Join(texts(reasons, "en"), "|"); got != tt.english {
				t.Errorf("English: %q, want %q", got, tt.english)
			}
		})
	}
}
