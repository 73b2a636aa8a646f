package protocol

import (
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// dated is a year of a reference.
var dated = regexp.MustCompile(`\b(19|20)\d\d\b`)

func TestTheShippedOnesAreWhole(t *testing.T) {
	t.Parallel()
	all, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	perField, names := map[Field]int{}, map[string]bool{}
	for _, p := range all {
		perField[p.Field]++
		if err := p.Check("test"); err != nil {
			t.Errorf("%s: %v", p.Key, err)
		}
		if names[p.Name] {
			t.Errorf("%s: a second one is named %q", p.Key, p.Name)
		}
		names[p.Name] = true
		if !dated.MatchString(p.Source) {
			t.Errorf("%s: the reference has no date: %q", p.Key, p.Source)
		}
		if len(p.Objectives) < 3 || len(p.Actions) < 5 || len(p.Checklist) < 4 || len(p.Professions) < 4 {
			t.Errorf("%s is thin: %d objectives, %d actions, %d lines, %d professions", p.Key, len(p.Objectives), len(p.Actions), len(p.Checklist), len(p.Professions))
		}
		for i, o := range p.Objectives {
			for _, key := range o.Professions {
				if !slices.Contains(p.Professions, key) {
					t.Errorf("%s: objective %q concerns %s, the protocol does not", p.Key, o.Title, key)
				}
			}
			if o.Expected == "" || o.DueWeeks == 0 {
				t.Errorf("%s: objective %d has no expected result or date", p.Key, i)
			}
		}
		for _, a := range p.Actions {
			if !slices.Contains(p.Professions, a.Profession) {
				t.Errorf("%s: action %q is for %q", p.Key, a.Title, a.Profession)
			}
		}
		if !cmp.Equal(p, p.tidy()) {
			t.Errorf("%s: saving it changes it", p.Key)
		}
	}
	for _, f := range Fields() {
		if perField[f] < 2 {
			t.Errorf("%s: %d shipped, want 2 or more", f, perField[f])
		}
	}
}

func TestCheckNamesEveryWrongField(t *testing.T) {
	t.Parallel()
	p := Protocol{
		Field: "astrology", ReviewInterval: 731, Objectives: []Objective{{Title: "Marcher", DueWeeks: 261}, {}},
		Actions: []Action{{Title: "Peser", Objective: 2}, {Title: "", DueDays: -1, Objective: NoObjective}},
	}
	var got []string
	for _, f := range fault.Fields(p.Check("test")) {
		got = append(got, f.Name)
	}
	want := []string{
		"field", "name", "review_interval", "source", "objective.0.due", "objective.1.title",
		"action.0.objective", "action.1.title", "action.1.due",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	p = Protocol{
		Field: Chronic, Name: "Asthme", Source: "Accord de l’équipe, 2026", ReviewInterval: 730,
		Objectives: []Objective{{Title: "Marcher", DueWeeks: 260}}, Actions: []Action{{Title: "Peser", DueDays: 1830, Objective: 0}},
	}
	if err := p.Check("test"); err != nil {
		t.Errorf("on every bound: %v", err)
	}
}

func TestCompareTellsEachDifferenceOnce(t *testing.T) {
	t.Parallel()
	was := Protocol{
		Name: "Chutes", Field: Geriatrics, ReviewInterval: 60, Source: "HAS 2009", Professions: []string{"medecin"},
		Objectives: []Objective{{Title: "Marcher", DueWeeks: 12}, {Title: "Voir", DueWeeks: 4}},
		Actions:    []Action{{Title: "Peser", Profession: "infirmier", Objective: 1}, {Title: "Peser", Objective: NoObjective}},
		Checklist:  []string{"Poids", "Tension"},
	}
	if got := Compare(was, was); len(got) != 0 {
		t.Fatalf("the same differs: %+v", got)
	}
	now := was
	now.ReviewInterval, now.Checklist = 30, []string{"Tension", "Vue"}
	now.Objectives = []Objective{{Title: "Marcher", DueWeeks: 8}, {Title: "Oser", DueWeeks: 4}}
	now.Actions = []Action{{Title: "Peser", Profession: "aide-soignant", Objective: 0}}
	want := []Difference{
		{Kind: Changed, Part: "review", Was: "60", Now: "30"},
		{Kind: Changed, Part: "objective", Of: "due", Title: "Marcher", Was: "12", Now: "8"},
		{Kind: Removed, Part: "objective", Title: "Voir"},
		{Kind: Added, Part: "objective", Title: "Oser"},
		{Kind: Changed, Part: "action", Of: "profession", Title: "Peser", Was: "infirmier", Now: "aide-soignant"},
		{Kind: Changed, Part: "action", Of: "objective", Title: "Peser", Was: "Voir", Now: "Marcher"},
		{Kind: Removed, Part: "action", Title: "Peser"},
		{Kind: Removed, Part: "checklist", Title: "Poids"},
		{Kind: Added, Part: "checklist", Title: "Vue"},
	}
	if diff := cmp.Diff(want, Compare(was, now)); diff != "" {
		t.Error(diff)
	}
}

func TestPrefillAndMake(t *testing.T) {
	t.Parallel()
	on := date.New(2026, 11, 22)
	p := Protocol{
		ID: "p", Org: "o", Team: "t", Field: Geriatrics, Name: "Chutes", Version: 3, ReviewInterval: 60,
		Objectives: []Objective{{Title: "Marcher", DueWeeks: 2, Professions: []string{"kinesitherapeute"}}, {Title: "Oser"}},
		Actions: []Action{
			{Title: "Équilibre", Profession: "kinesitherapeute", DueDays: 5, Objective: 0},
			{Title: "Peser", Profession: "infirmier", Objective: NoObjective},
		},
	}
	team := []Member{{"k", "M. Kiné", "kinesitherapeute"}, {"i1", "Une", "infirmier"}, {"i2", "Deux", "infirmier"}}
	a := p.Prefill(on, team)
	if a.NextReview != date.New(2027, 1, 21) || a.Objectives[0].Due != date.New(2026, 12, 6) || !a.Objectives[1].Due.IsZero() {
		t.Errorf("days: %+v", a)
	}
	if a.Objectives[0].Owner != "k" || a.Actions[0].Owner != "k" || a.Actions[1].Owner != "" {
		t.Errorf("one of a profession is in charge, of two nobody is: %+v", a)
	}
	a.Patient, a.Referent = "x", "i1"
	m := p.Make(a, on, team)
	if m.Plan.Status != careplan.PlanDraft || m.Plan.Protocol != "p" || m.Plan.ProtocolVersion != 3 || m.Plan.ReferentName != "Une" {
		t.Errorf("plan: %+v", m.Plan)
	}
	if m.Objectives[0].Lifecycle != careplan.Planned || m.Actions[0].Objective != m.Objectives[0].ID || m.Actions[1].Objective != "" || m.Actions[0].OwnerName != "M. Kiné" {
		t.Errorf("parts: %+v, %+v", m.Objectives, m.Actions)
	}
	var circle []id.Professional
	for _, c := range m.Circle {
		circle = append(circle, c.Professional)
	}
	if diff := cmp.Diff([]id.Professional{"i1", "k"}, circle); diff != "" {
		t.Error(diff)
	}
	a.Active = true
	if m := p.Make(a, on, team); m.Plan.Status != careplan.PlanActive || m.Objectives[0].Lifecycle != careplan.Active {
		t.Errorf("active: %+v", m.Plan)
	}
}

func TestAnApplicationIsCheckedOnItsBoundaries(t *testing.T) {
	t.Parallel()
	today := date.New(2026, 11, 22)
	good := func() Application {
		return Application{
			Title: "Chutes", NextReview: today, Objectives: []PlannedObjective{{Title: "Marcher", Due: today}},
			Actions: []PlannedAction{{Title: "Peser", Due: today, Objective: 0}},
		}
	}
	for name, tt := range map[string]struct {
		change func(*Application)
		field  string
	}{
		"everything today":       {func(*Application) {}, ""},
		"reviewed yesterday":     {func(a *Application) { a.NextReview = today.AddDays(-1) }, "next_review"},
		"never reviewed":         {func(a *Application) { a.NextReview = date.Date{} }, "next_review"},
		"due yesterday":          {func(a *Application) { a.Objectives[0].Due = today.AddDays(-1) }, "objective.0.due"},
		"done yesterday":         {func(a *Application) { a.Actions[0].Due = today.AddDays(-1) }, "action.0.due"},
		"an owner from outside":  {func(a *Application) { a.Actions[0].Owner = "z" }, "action.0.owner"},
		"a guard from outside":   {func(a *Application) { a.Referent = "z" }, "referent"},
		"no objective":           {func(a *Application) { a.Objectives, a.Actions = nil, nil }, "objectives"},
		"an objective untitled":  {func(a *Application) { a.Objectives[0].Title = "" }, "objective.0.title"},
		"an objective not there": {func(a *Application) { a.Actions[0].Objective = 1 }, "action.0.objective"},
	} {
		a := good()
		tt.change(&a)
		var got string
		for _, f := range fault.Fields(a.Check("test", today, []Member{{ID: "m"}})) {
			got += f.Name
		}
		if got != tt.field {
			t.Errorf("%s: refuses %q, want %q", name, got, tt.field)
		}
	}
}
