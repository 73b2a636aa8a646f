package storetest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/careplan/protocol"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
)

// desk is a house with patients and its protocols.
type desk struct {
	*plans
	protocols *protocol.Service
	agenda    *agenda.Service
}

func newDesk(t *testing.T, s *store.Store) desk {
	t.Helper()
	p := newPlans(t, s)
	return desk{
		p, protocol.NewService(protocol.Config{Store: s, Patients: p.patients, Professions: meetings.ProfessionKeys(), Now: Clock}),
		agenda.NewService(s, p.patients, Clock),
	}
}

// newcomer imports somebody without a plan whom the clinician cares for.
func (d desk) newcomer(t *testing.T) id.Patient {
	t.Helper()
	ctx := context.Background()
	nurse := careplan.Key{System: "urn:oid:1.2.250.1.71.4.2.1", Value: "10100000002"}
	key := careplan.Key{System: "urn:test", Value: "new"}
	b := careplan.Batch{
		Professionals: []careplan.SourceProfessional{{Key: nurse, RPPS: nurse.Value}},
		Patients: []careplan.SourcePatient{{Keys: []careplan.Key{key}, Patient: careplan.Patient{
			IPP: "N1", BirthFamily: "Heurtebois", BirthGiven: "Zoé", Sex: careplan.Female, BirthDate: date.New(1941, 5, 6),
			Identity: careplan.Provisional, Sharing: careplan.SharingAgreed,
		}}},
		Circle: []careplan.SourceCircle{{Patient: key, Professional: nurse, Role: "member"}},
	}
	if _, err := d.patients.Import(ctx, d.System, careplan.Target{Org: d.Org.ID, Team: d.Team.ID}, b); err != nil {
		t.Fatal(err)
	}
	return d.file(t, "heurtebois").Patient.ID
}

func TestProtocolsAreVersionedAndNeverChanged(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, d := context.Background(), newDesk(t, s)
		first, err := d.protocols.Adopt(ctx, d.Chair, d.Team.ID, "geriatrie-chutes")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.protocols.Adopt(ctx, d.Secretary, d.Team.ID, "geriatrie-chutes"); !fault.Is(err, fault.Conflict) {
			t.Errorf("adopted twice: %v", err)
		}
		second := first
		second.ReviewInterval, second.Checklist = 30, append(slices.Clone(first.Checklist), "  Vue   contrôlée ", "")
		if _, err := d.protocols.Save(ctx, d.Secretary, second, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("a version without what changes: %v", err)
		}
		if _, err := d.protocols.Save(ctx, d.Secretary, second, "Réévaluer plus tôt"); err != nil {
			t.Fatal(err)
		}
		if _, err := d.protocols.Save(ctx, d.Chair, second, "En même temps"); !fault.Is(err, fault.Conflict) {
			t.Errorf("saved over a version not seen: %v", err)
		}
		full, err := d.protocols.Read(ctx, d.Clinician, first.ID, 0)
		if err != nil || full.Version != 2 || full.ReviewInterval != 30 || full.Checklist[len(full.Checklist)-1] != "Vue contrôlée" {
			t.Fatalf("current: %+v, %v", full, err)
		}
		if len(full.History) != 2 || full.History[0].What != "Réévaluer plus tôt" || full.History[0].By != d.Secretary.Professional || full.History[1].ByName != d.Chair.Name {
			t.Errorf("history: %+v", full.History)
		}
		old, err := d.protocols.Read(ctx, d.Clinician, first.ID, 1)
		if err != nil {
			t.Fatal(err)
		}
		first.Saved.At = old.Saved.At
		if diff := cmp.Diff(first, old.Protocol); diff != "" {
			t.Errorf("the first version changed: %s", diff)
		}
		if _, err := d.protocols.Read(ctx, d.Clinician, first.ID, 3); !fault.Is(err, fault.NotFound) {
			t.Errorf("a version that is none: %v", err)
		}
	})
}

func TestOnlyTheTeamKeepsItsProtocols(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, d := context.Background(), newDesk(t, s)
		p, err := d.protocols.Adopt(ctx, d.Secretary, d.Team.ID, "geriatrie-fragilite")
		if err != nil {
			t.Fatal(err)
		}
		admin := d.Stranger
		admin.Admin = true
		for _, c := range []struct {
			name       string
			actor      auth.Actor
			read, keep bool
		}{
			{"secretary", d.Secretary, true, true},
			{"chair", d.Chair, true, true},
			{"clinician", d.Clinician, true, false},
			{"administrator", admin, true, false},
			{"stranger", d.Stranger, false, false},
		} {
			_, err := d.protocols.Read(ctx, c.actor, p.ID, 0)
			if (err == nil) != c.read || err != nil && !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s reads: %v", c.name, err)
			}
			if _, err := d.protocols.List(ctx, c.actor, d.Team.ID); (err == nil) != c.read {
				t.Errorf("%s lists: %v", c.name, err)
			}
			if err := d.protocols.Archive(ctx, c.actor, p.ID, true); (err == nil) != c.keep || err != nil && !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s archives: %v", c.name, err)
			}
			full, _ := d.protocols.Read(ctx, d.System, p.ID, 0)
			if _, err := d.protocols.Save(ctx, c.actor, full.Protocol, "essai"); (err == nil) != c.keep {
				t.Errorf("%s saves: %v", c.name, err)
			}
		}
		refused, err := s.AuditEntries(ctx, d.Org.ID, audit.Filter{Team: d.Team.ID, Action: "protocol.archive", Limit: 10})
		n := 0
		for _, e := range refused {
			if e.Outcome == audit.Refused {
				n++
			}
		}
		if err != nil || n != 3 {
			t.Errorf("%d refusals in the log, want 3: %v", n, err)
		}
	})
}

func TestAProtocolBecomesAPlanOnce(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, d := context.Background(), newDesk(t, s)
		who := d.newcomer(t)
		p, err := d.protocols.Adopt(ctx, d.Secretary, d.Team.ID, "geriatrie-chutes")
		if err != nil {
			t.Fatal(err)
		}
		team, err := d.protocols.Team(ctx, d.Secretary, d.Team.ID)
		if err != nil || len(team) != 4 {
			t.Fatalf("team: %+v, %v", team, err)
		}
		app := p.Prefill(date.Of(Now), team)
		app.Patient = who
		if _, err := d.protocols.Apply(ctx, d.Secretary, app); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("for a patient whom nobody brought to the team: %v", err)
		}
		if _, err := d.agenda.Ask(ctx, d.Clinician, agenda.Asked{Team: d.Team.ID, Patient: who, Question: "Que faire ?", Urgency: agenda.Soon}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.protocols.Apply(ctx, d.Clinician, app); !fault.Is(err, fault.Forbidden) {
			t.Errorf("by a clinician: %v", err)
		}
		plan, err := d.protocols.Apply(ctx, d.Secretary, app)
		if err != nil {
			t.Fatal(err)
		}
		f := d.file(t, "heurtebois")
		if len(f.Plans) != 1 || f.Plans[0].Status != careplan.PlanDraft || f.Plans[0].Protocol != p.ID || f.Plans[0].ProtocolVersion != 1 || f.Plans[0].Team != d.Team.ID {
			t.Fatalf("plan: %+v", f.Plans)
		}
		if len(f.Objectives) != len(p.Objectives) || len(f.Actions) != len(p.Actions) || f.Objectives[0].Lifecycle != careplan.Planned {
			t.Errorf("%d objectives, %d actions", len(f.Objectives), len(f.Actions))
		}
		owners := 0
		for _, a := range f.Actions {
			if a.Owner != "" {
				owners++
				if !slices.ContainsFunc(f.Circle, func(c careplan.CircleMember) bool { return c.Professional == a.Owner }) {
					t.Errorf("%s is in charge and not in the circle", a.OwnerName)
				}
			}
		}
		if owners == 0 {
			t.Error("nobody of a team with one physician is in charge")
		}
		if _, err := d.protocols.Apply(ctx, d.Secretary, app); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second plan: %v", err)
		}
		if err := d.patients.ActivatePlan(ctx, d.Clinician, plan.ID, 1); !fault.Is(err, fault.Forbidden) {
			t.Errorf("activated by a clinician: %v", err)
		}
		if err := d.patients.ActivatePlan(ctx, d.Chair, plan.ID, 2); !fault.Is(err, fault.Conflict) {
			t.Errorf("activated in another version: %v", err)
		}
		if err := d.patients.ActivatePlan(ctx, d.Chair, plan.ID, 1); err != nil {
			t.Fatal(err)
		}
		f = d.file(t, "heurtebois")
		if f.Plans[0].Status != careplan.PlanActive || f.Objectives[0].Lifecycle != careplan.Active {
			t.Errorf("not active: %+v", f.Plans[0])
		}
		if err := d.patients.ActivatePlan(ctx, d.Chair, plan.ID, 2); !fault.Is(err, fault.Conflict) {
			t.Errorf("activated twice: %v", err)
		}
	})
}

func TestAnArchivedProtocolMakesNoPlan(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, d := context.Background(), newDesk(t, s)
		who := d.newcomer(t)
		p, err := d.protocols.Adopt(ctx, d.Secretary, d.Team.ID, "chronique-bpco")
		if err != nil {
			t.Fatal(err)
		}
		if err := d.protocols.Archive(ctx, d.Secretary, p.ID, true); err != nil {
			t.Fatal(err)
		}
		app := p.Prefill(date.Of(Now), nil)
		app.Patient = who
		if _, err := d.protocols.Apply(ctx, d.System, app); !fault.Is(err, fault.Conflict) {
			t.Errorf("archived: %v", err)
		}
		if err := d.protocols.Archive(ctx, d.Secretary, p.ID, false); err != nil {
			t.Fatal(err)
		}
		if _, err := d.protocols.Apply(ctx, d.System, app); err != nil {
			t.Errorf("taken back: %v", err)
		}
	})
}

func TestTheChecklistOfACaseIsTicked(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, d := context.Background(), newDesk(t, s)
		who := d.newcomer(t)
		p, err := d.protocols.Adopt(ctx, d.Secretary, d.Team.ID, "geriatrie-chutes")
		if err != nil {
			t.Fatal(err)
		}
		app := p.Prefill(date.Of(Now), nil)
		app.Patient, app.Active = who, true
		if _, err := d.protocols.Apply(ctx, d.System, app); err != nil {
			t.Fatal(err)
		}
		list, err := d.agenda.Add(ctx, d.Secretary, d.Meeting(t).Meeting.ID, who, "Chutes", 8)
		if err != nil {
			t.Fatal(err)
		}
		c := list.Items[0].ID
		next := p
		next.Checklist = []string{"Tout autre chose"}
		if _, err := d.protocols.Save(ctx, d.Secretary, next, "Autre liste"); err != nil {
			t.Fatal(err)
		}
		ready, err := d.protocols.ChecklistOf(ctx, d.Clinician, c)
		if err != nil || len(ready.Lines) != len(p.Checklist) || ready.Left() != len(p.Checklist) || ready.Version != 1 {
			t.Fatalf("the plan keeps its version's checklist: %+v, %v", ready, err)
		}
		line := ready.Lines[1].Line
		for range 2 { // twice is once
			if err := d.protocols.Check(ctx, d.Clinician, c, line, true); err != nil {
				t.Fatal(err)
			}
		}
		ready, _ = d.protocols.ChecklistOf(ctx, d.Secretary, c)
		if got := ready.Lines[1]; ready.Left() != len(p.Checklist)-1 || !got.Done || got.ByName != d.Clinician.Name || !got.At.Equal(Now) {
			t.Errorf("ticked: %+v", ready)
		}
		if err := d.protocols.Check(ctx, d.Clinician, c, "Rien de tel", true); !fault.Is(err, fault.NotFound) {
			t.Errorf("a line of no list: %v", err)
		}
		if err := d.protocols.Check(ctx, d.Stranger, c, line, false); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a stranger: %v", err)
		}
		elsewhere := d.Clinician
		elsewhere.Teams = map[id.Team]auth.Role{id.New[id.Team](): auth.Clinician}
		if _, err := d.protocols.ChecklistOf(ctx, elsewhere, c); !fault.Is(err, fault.Forbidden) {
			t.Errorf("somebody who follows the patient in another team reads: %v", err)
		}
		if err := d.protocols.Check(ctx, elsewhere, c, line, false); !fault.Is(err, fault.Forbidden) {
			t.Errorf("somebody who follows the patient in another team ticks: %v", err)
		}
		if err := d.protocols.Check(ctx, d.Chair, c, line, false); err != nil {
			t.Fatal(err)
		}
		if ready, _ = d.protocols.ChecklistOf(ctx, d.Secretary, c); ready.Left() != len(p.Checklist) {
			t.Errorf("the tick stays: %+v", ready)
		}
		if err := d.agenda.Withdraw(ctx, d.Secretary, c, "Hospitalisé"); err != nil {
			t.Fatal(err)
		}
		if err := d.protocols.Check(ctx, d.Chair, c, line, true); !fault.Is(err, fault.Conflict) {
			t.Errorf("a case that is not prepared any more: %v", err)
		}
	})
}

func TestShippedProtocolsNameKnownProfessions(t *testing.T) {
	t.Parallel()
	all, err := protocol.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		for _, key := range p.Professions {
			if !slices.Contains(meetings.ProfessionKeys(), key) {
				t.Errorf("%s: %q", p.Key, key)
			}
		}
		if strings.Contains(p.Name+p.Source+strings.Join(p.Checklist, ""), " :") {
			t.Errorf("%s: a plain space before a colon", p.Key)
		}
	}
}
