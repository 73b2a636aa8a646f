package storetest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/careplan/fhir"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
)

// admitted imports the circle and the plan fixtures, with the nurse known to
// both of them as the house's clinician.
func admitted(t *testing.T, s *store.Store) *plans {
	t.Helper()
	p := newPlans(t, s)
	b, c := batch(t, "tddui.json"), batch(t, "cercle.json")
	for i := range c.Circle {
		if c.Circle[i].Professional.Value == "10109876543" {
			c.Circle[i].Professional.Value = "10100000002" // until 30 June 2026
		}
	}
	b.Circle = append(b.Circle, careplan.SourceCircle{
		Patient: b.Patients[0].Keys[0], Professional: careplan.Key{System: fhir.SystemRPPS, Value: "10100000002"}, Role: "member",
	})
	p.importing(t, b, c, batch(t, "synthea.json"))
	return p
}

func TestOnlyWhoFollowsAPatientReadsTheFile(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		p := admitted(t, s)
		in, past := p.file(t, "tessonnier").Patient.ID, p.file(t, "thouard").Patient.ID
		admin := p.Stranger
		admin.Admin = true
		for _, c := range []struct {
			name    string
			actor   auth.Actor
			patient id.Patient
			kind    fault.Kind
			ok      bool
		}{
			{"secretary of the team", p.Secretary, in, 0, true},
			{"chair of the team", p.Chair, in, 0, true},
			{"clinician in the circle", p.Clinician, in, 0, true},
			{"clinician out of the circle since June", p.Clinician, past, fault.Forbidden, false},
			{"stranger", p.Stranger, in, fault.Forbidden, false},
			{"administrator", admin, in, fault.Forbidden, false},
			{"secretary, patient of no team", p.Secretary, past, fault.Forbidden, false},
			{"unknown patient", p.Secretary, id.New[id.Patient](), fault.NotFound, false},
		} {
			f, err := p.patients.File(ctx, c.actor, c.patient)
			if c.ok && (err != nil || f.Patient.ID != c.patient) || !c.ok && !fault.Is(err, c.kind) {
				t.Errorf("%s: %v", c.name, err)
			}
			if !c.ok && f.Patient.BirthFamily != "" {
				t.Errorf("%s: data with a refusal", c.name)
			}
		}
		read, refused := 0, 0
		for _, e := range p.entries(t, audit.Filter{Action: "patient.read", Patient: in}) {
			switch {
			case e.Outcome == audit.Refused:
				refused++
			case e.Actor != "":
				read++
			}
		}
		if read != 3 || refused != 2 {
			t.Errorf("audit: %d readings, %d refusals, want 3 and 2", read, refused)
		}
	})
}

func TestSearch(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		p := admitted(t, s)
		names := func(a auth.Actor, text string, team id.Team) (all []string) {
			t.Helper()
			after := ""
			for {
				found, next, err := p.patients.Search(ctx, a, text, team, after, 2)
				if err != nil || len(found) > 2 {
					t.Fatalf("search: %d found, %v", len(found), err)
				}
				for _, f := range found {
					all = append(all, f.Patient.BirthFamily)
				}
				if next == "" {
					slices.Sort(all)
					return all
				}
				after = next
			}
		}
		for _, c := range []struct {
			name  string
			actor auth.Actor
			text  string
			team  id.Team
			want  []string
		}{
			{"job sees all", p.System, "", "", []string{"Morel", "Morel", "O'Kon", "TESSONNIER", "THOUARD"}},
			{"secretary sees the team's", p.Secretary, "", "", []string{"Morel", "O'Kon", "TESSONNIER"}},
			{"the same, asked for the team", p.Secretary, "", p.Team.ID, []string{"Morel", "O'Kon", "TESSONNIER"}},
			{"clinician sees the circle's", p.Clinician, "", "", []string{"TESSONNIER"}},
			{"stranger sees nobody", p.Stranger, "", "", nil},
			{"accents, case, used name", p.System, "VAUCLAIR angela", "", []string{"O'Kon"}},
			{"apostrophe", p.System, "o’kon", "", []string{"O'Kon"}},
			{"word beginning", p.System, "tess sol", "", []string{"TESSONNIER"}},
			{"a wildcard names nobody", p.System, "%", "", nil},
			{"nor does one for a letter", p.System, "t_ssonnier", "", nil},
			{"not inside a word", p.System, "essonnier", "", nil},
			{"birth date", p.System, "morel 29/06/1964", "", []string{"Morel"}},
			{"IPP", p.System, "80001", "", []string{"THOUARD"}},
			{"wildcards are no words", p.Stranger, "%", "", nil},
		} {
			if d := cmp.Diff(c.want, names(c.actor, c.text, c.team)); d != "" {
				t.Errorf("%s (-want +got):\n%s", c.name, d)
			}
		}
		if _, _, err := p.patients.Search(ctx, p.Stranger, "", p.Team.ID, "", 0); !fault.Is(err, fault.Forbidden) {
			t.Errorf("another's team: %v", err)
		}
		found, _, err := p.patients.Search(ctx, p.Secretary, "tessonnier", "", "", 0)
		if err != nil || found[0].Plan == "" || found[0].Team != p.Team.ID || found[0].NextReview != date.New(2026, 11, 25) {
			t.Errorf("summary: %+v, %v", found, err)
		}
		for _, e := range p.entries(t, audit.Filter{Action: "patient.search"}) {
			if strings.Contains(strings.ToLower(e.Detail), "tess") {
				t.Error("the audit holds what was searched for")
			}
		}
	})
}

func TestChangesAreCheckedAndVersioned(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		p := admitted(t, s)
		f := p.file(t, "tessonnier")
		a := f.Actions[0]
		done := careplan.ActionChange{Status: careplan.ActionCompleted, Outcome: careplan.OutcomeDone, Version: a.Version}
		if _, err := p.patients.SetAction(ctx, p.Stranger, a.ID, done); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a stranger: %v", err)
		}
		if _, err := p.patients.SetAction(ctx, p.Clinician, a.ID, careplan.ActionChange{
			Status: careplan.ActionCompleted, Outcome: careplan.OutcomeNotDone, Version: a.Version,
		}); len(fault.Fields(err)) != 1 || fault.Fields(err)[0].Name != "reason" {
			t.Errorf("not done without a reason: %v", err)
		}
		got, err := p.patients.SetAction(ctx, p.Clinician, a.ID, done)
		if err != nil || got.Version != a.Version+1 || got.DoneOn.IsZero() {
			t.Errorf("done: %+v, %v", got, err)
		}
		if _, err := p.patients.SetAction(ctx, p.Clinician, a.ID, done); !fault.Is(err, fault.Conflict) {
			t.Errorf("an old version: %v", err)
		}
		if _, err := p.patients.AddEvent(ctx, p.Clinician, careplan.PatientEvent{
			Patient: f.Patient.ID, Kind: careplan.OtherEvent, On: date.New(2026, 11, 23),
		}); len(fault.Fields(err)) != 2 {
			t.Errorf("an event of tomorrow, of kind other without text: %v", err)
		}
		if _, err := p.patients.AddEvent(ctx, p.Clinician, careplan.PatientEvent{
			Patient: f.Patient.ID, Kind: careplan.Fall, On: date.New(2026, 11, 21),
		}); err != nil {
			t.Errorf("a fall: %v", err)
		}
		if err := p.patients.SetSharing(ctx, p.Clinician, f.Patient.ID, careplan.SharingChange{Sharing: "perhaps"}); len(fault.Fields(err)) != 2 {
			t.Errorf("an unknown agreement: %v", err)
		}
		after := p.file(t, "tessonnier")
		if len(after.Events) != 1 || after.Events[0].Kind != careplan.Fall {
			t.Errorf("events: %+v", after.Events)
		}
	})
}

func TestAssignPlanMovesItsObjectivesAndActions(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		p := newPlans(t, s)
		if _, err := p.patients.Import(ctx, p.System, careplan.Target{}, batch(t, "tddui.json")); err != nil {
			t.Fatal(err)
		}
		plan := p.file(t, "tessonnier").Plans[0]
		if err := p.patients.AssignPlan(ctx, p.Clinician, plan.ID, p.Team.ID, plan.Version); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a clinician: %v", err)
		}
		if err := p.patients.AssignPlan(ctx, p.Secretary, plan.ID, p.Team.ID, plan.Version+1); !fault.Is(err, fault.Conflict) {
			t.Errorf("another version: %v", err)
		}
		if err := p.patients.AssignPlan(ctx, p.System, plan.ID, id.New[id.Team](), plan.Version); !fault.Is(err, fault.NotFound) {
			t.Errorf("no such team: %v", err)
		}
		if err := p.patients.AssignPlan(ctx, p.Secretary, plan.ID, p.Team.ID, plan.Version); err != nil {
			t.Fatalf("assign: %v", err)
		}
		day := date.New(2026, 11, 26)
		candidates, err := s.Candidates(ctx, p.Org.ID, p.Team.ID, agenda.Window{Starts: Now, Due: day, Today: day, Events: day.AddDays(-90)})
		if err != nil || len(candidates) != 1 || len(candidates[0].LateActions) != 1 {
			t.Errorf("the team's agenda does not see the plan and its late action: %+v, %v", candidates, err)
		}
	})
}
