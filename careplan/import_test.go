package careplan

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rcp-care/rcp/internal/date"
)

func TestSplitGathersEachPatientsPart(t *testing.T) {
	t.Parallel()
	a, a2, b := Key{"ipp", "1"}, Key{"other", "1"}, Key{"ipp", "2"}
	parts := split(Batch{
		Patients:   []SourcePatient{{Keys: []Key{a, a2}}, {Keys: []Key{b}}},
		Plans:      []SourcePlan{{Key: Key{"p", "1"}, Patient: a}, {Key: Key{"p", "2"}, Patient: b}},
		Objectives: []SourceObjective{{Key: Key{"o", "1"}, Patient: a}},
		Actions:    []SourceAction{{Key: Key{"x", "1"}, Patient: b}},
		Events:     []SourceEvent{{Key: Key{"e", "1"}, Patient: a2}, {Key: Key{"e", "2"}, Patient: Key{"ipp", "3"}}},
		Circle:     []SourceCircle{{Patient: b}},
	})
	if len(parts) != 3 {
		t.Fatalf("%d parts, want 3", len(parts))
	}
	got := [][6]int{}
	for _, p := range parts {
		got = append(got, [6]int{len(p.Patients), len(p.Plans), len(p.Objectives), len(p.Actions), len(p.Events), len(p.Circle)})
	}
	want := [][6]int{{1, 1, 1, 0, 1, 0}, {1, 1, 0, 1, 0, 1}, {0, 0, 0, 0, 1, 0}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("parts (-want +got):\n%s", d)
	}
}

func TestSplitNeverDropsAPatientWhoSharesAKey(t *testing.T) {
	t.Parallel()
	a, b := Key{"ipp", "1"}, Key{"ipp", "2"}
	parts := split(Batch{
		Patients: []SourcePatient{{Keys: []Key{a, b}}, {Keys: []Key{b}}},
		Plans:    []SourcePlan{{Patient: b}},
	})
	if len(parts) != 2 || len(parts[1].Patients) != 1 || len(parts[1].Plans) != 1 {
		t.Errorf("parts: %+v", parts)
	}
}

func TestReviewDatedAfterTodayIsTheNextOne(t *testing.T) {
	t.Parallel()
	today := date.New(2026, 11, 22)
	p := reviewedUntil(Plan{LastReview: today.AddDays(3), NextReview: today.AddDays(90)}, today)
	if !p.LastReview.IsZero() || p.NextReview != today.AddDays(3) {
		t.Errorf("last %s, next %s", p.LastReview, p.NextReview)
	}
	p = reviewedUntil(Plan{LastReview: today, NextReview: today.AddDays(90)}, today)
	if p.LastReview != today || p.NextReview != today.AddDays(90) {
		t.Errorf("a review of today was moved: last %s, next %s", p.LastReview, p.NextReview)
	}
}

func drawObjective(t *rapid.T, label string) Objective {
	return Objective{
		Title:       rapid.SampledFrom([]string{"a", "b"}).Draw(t, label+" title"),
		Lifecycle:   rapid.SampledFrom([]Lifecycle{Active, ObjectiveCompleted}).Draw(t, label+" lifecycle"),
		Achievement: rapid.SampledFrom([]Achievement{"", Improving, Worsening}).Draw(t, label+" achievement"),
	}
}

// The rule of an import, over all histories of one objective: what the source
// describes is taken when it changes; a verdict given in RCP stands.
func TestMergeKeepsVerdicts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := SourceObjective{Objective: drawObjective(t, "first")}
		row := first.Objective
		decided := rapid.Bool().Draw(t, "decided in RCP")
		if decided {
			row.Achievement, row.AchievementOn = NotAttainable, date.New(2026, 11, 20)
		}
		second := SourceObjective{Objective: drawObjective(t, "second")}
		m := second.Merge(row, first.Mark())
		if m.Row.Title != second.Objective.Title {
			t.Fatal("the source's new title is lost")
		}
		if decided && (m.Row.Achievement != NotAttainable || m.Row.Lifecycle != row.Lifecycle) {
			t.Fatal("an import overwrote a verdict")
		}
		if !decided && (m.Row.Achievement != second.Objective.Achievement || m.Row.Lifecycle != second.Objective.Lifecycle) {
			t.Fatal("the source's own change is lost")
		}
		if changed := m.Row != row; m.Changed != changed {
			t.Fatalf("Changed = %v, want %v", m.Changed, changed)
		}
		if again := second.Merge(m.Row, second.Mark()); again.Changed || again.Warning != "" {
			t.Fatal("a second import changes something")
		}
	})
}

func TestMergeKeepsActionsDoneAndReviewsSigned(t *testing.T) {
	t.Parallel()
	src := SourceAction{Action: Action{Title: "Pesée", Status: ActionInProgress}}
	row := src.Action
	row.Status, row.Outcome, row.DoneOn = ActionCompleted, OutcomeDone, date.New(2026, 11, 20)
	next := SourceAction{Action: Action{Title: "Pesée hebdomadaire", Status: Requested}}
	m := next.Merge(row, src.Mark())
	if m.Row.Title != "Pesée hebdomadaire" || m.Row.Status != ActionCompleted || m.Row.DoneOn != row.DoneOn || m.Warning == "" {
		t.Errorf("action: %+v, warning %q", m.Row, m.Warning)
	}
	plan := SourcePlan{Plan: Plan{Title: "Plan", NextReview: date.New(2026, 11, 1)}}
	signed := plan.Plan
	signed.LastReview, signed.NextReview, signed.Team = date.New(2026, 11, 5), date.New(2027, 2, 5), "team"
	changed := SourcePlan{Plan: Plan{Title: "Plan revu", NextReview: date.New(2026, 11, 30)}}
	p := changed.Merge(signed, plan.Mark())
	if p.Row.Title != "Plan revu" || p.Row.NextReview != signed.NextReview || p.Row.Team != "team" {
		t.Errorf("plan: %+v", p.Row)
	}
}

func TestMergeNeverWeakensAnIdentity(t *testing.T) {
	t.Parallel()
	known := Patient{BirthFamily: "AUBRIOT", BirthGiven: "Lucienne", BirthDate: date.New(1950, 10, 19), Identity: Qualified}
	weak := SourcePatient{Patient: Patient{BirthFamily: "AUBRIOT", BirthGiven: "Lucie", Identity: Provisional, Deceased: true}}
	m := weak.Merge(known, Mark{})
	if m.Row.BirthGiven != "Lucienne" || m.Row.Identity != Qualified || m.Warning == "" {
		t.Errorf("identity: %+v, warning %q", m.Row, m.Warning)
	}
	if !m.Row.Deceased {
		t.Error("a death is lost")
	}
	better := SourcePatient{Patient: Patient{BirthFamily: "AUBRIOT", BirthGiven: "Lucienne Marie", Identity: Qualified}}
	if m := better.Merge(known, Mark{}); m.Row.BirthGiven != "Lucienne Marie" {
		t.Error("a correction of the same rank is lost")
	}
}

func TestSamePerson(t *testing.T) {
	t.Parallel()
	born, other := date.New(1964, 8, 30), date.New(1964, 6, 29)
	own, source := Key{System: "urn:oid:1.2.3"}, Key{System: "urn:rcp:source:Patient"}
	for _, c := range []struct {
		name       string
		family     string
		birth      date.Date
		by         Key
		samePerson bool
	}{
		{"same", "MOREL", born, own, true},
		{"name corrected", "MORELLE", born, own, true},
		{"birth date corrected", "Morel", other, own, true},
		{"somebody else", "VIALA", other, own, false},
		{"name differs, birth unknown", "VIALA", date.Date{}, own, false},
		{"server's own id, same", "Morel", born, source, true},
		{"server's own id, homonym", "Morel", other, source, false},
		{"server's own id, other name", "VIALA", born, source, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			known := Patient{BirthFamily: "Morel", BirthDate: born}
			s := SourcePatient{Patient: Patient{BirthFamily: c.family, BirthDate: c.birth}}
			if got := s.SamePerson(known, c.by); got != c.samePerson {
				t.Errorf("SamePerson = %v", got)
			}
		})
	}
}

func TestParseTerms(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Terms{
		"Guzmán  ángela":     {Words: []string{"guzman", "angela"}},
		"o'kon 19/10/1950":   {Words: []string{"o", "kon"}, Birth: date.New(1950, 10, 19)},
		"1950-10-19":         {Birth: date.New(1950, 10, 19)},
		"31/02/1950 0048213": {Words: []string{"31", "02", "1950", "0048213"}},
		"%_":                 {None: true},
		"":                   {},
	} {
		got := ParseTerms(in)
		if len(got.Words) == 0 {
			got.Words = nil
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("ParseTerms(%q):\n%s", in, d)
		}
	}
}
