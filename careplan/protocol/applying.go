package protocol

import (
	"context"
	"slices"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Candidate is a patient for whom a plan can be made.
type Candidate struct {
	Patient careplan.Patient // identity traits only
	Plans   []careplan.Plan
}

// Open returns the plan of a team that is a draft, active or on hold, if any.
func (c Candidate) Open(team id.Team) (careplan.Plan, bool) {
	over := []careplan.PlanStatus{careplan.PlanCompleted, careplan.PlanRevoked}
	for _, p := range c.Plans {
		if p.Team == team && !slices.Contains(over, p.Status) {
			return p, true
		}
	}
	return careplan.Plan{}, false
}

// Candidate reads a patient for whom the actor may make a plan in a team: they
// see the patient, or the team waits for them. The reading is audited.
func (s *Service) Candidate(ctx context.Context, a auth.Actor, team id.Team, p id.Patient) (Candidate, error) {
	const op = "protocol.Candidate"
	by := s.change(a, "patient.read", "", team)
	by.Entry.Object, by.Entry.ObjectID, by.Entry.Patient = "patient", string(p), p
	if err := s.mayPlan(ctx, a, op, team, p, by); err != nil {
		return Candidate{}, err
	}
	c, err := s.Store.Candidate(ctx, a.Org, p)
	if err != nil {
		return Candidate{}, fault.Wrap(op, err)
	}
	return c, fault.Wrap(op, s.Store.Audit(ctx, by))
}

func (s *Service) mayPlan(ctx context.Context, a auth.Actor, op string, team id.Team, p id.Patient, by audit.Change) error {
	if !a.In(team, auth.Secretary, auth.Chair) {
		return s.refuse(ctx, op, by)
	}
	may, err := s.Patients.May(ctx, a, p)
	if err == nil && !may {
		may, err = s.Store.Expected(ctx, a.Org, team, p)
	}
	if err != nil {
		return fault.Wrap(op, err)
	}
	if !may {
		return audit.Refuse(ctx, s.Store, op, by, "Vous ne suivez pas ce patient.")
	}
	return nil
}

// Team reads who can be in charge in a team today.
func (s *Service) Team(ctx context.Context, a auth.Actor, team id.Team) ([]Member, error) {
	const op = "protocol.Team"
	if err := s.member(ctx, a, op, team, ""); err != nil {
		return nil, err
	}
	all, err := s.Store.ProtocolTeam(ctx, a.Org, team, date.Of(s.Now()))
	return all, fault.Wrap(op, err)
}

// Apply makes the plan of an adjusted protocol, with where it comes from. Only
// the version that the person saw is applied; a patient has one plan in a team.
func (s *Service) Apply(ctx context.Context, a auth.Actor, app Application) (careplan.Plan, error) {
	const op = "protocol.Apply"
	p, err := s.Store.Protocol(ctx, a.Org, app.Protocol, app.Version)
	if err != nil {
		return careplan.Plan{}, fault.Wrap(op, err)
	}
	by := s.change(a, "plan.make", p.ID, p.Team)
	by.Entry.Patient = app.Patient
	if err := s.mayPlan(ctx, a, op, p.Team, app.Patient, by); err != nil {
		return careplan.Plan{}, err
	}
	today := date.Of(s.Now())
	team, err := s.Store.ProtocolTeam(ctx, a.Org, p.Team, today)
	if err != nil {
		return careplan.Plan{}, fault.Wrap(op, err)
	}
	if err := app.Check(op, today, team); err != nil {
		return careplan.Plan{}, err
	}
	if err := s.applicable(ctx, a, op, p, app.Patient); err != nil {
		return careplan.Plan{}, err
	}
	made := p.Make(app, today, team)
	made.Plan.Updated = s.Now()
	by.Entry.Object, by.Entry.ObjectID = "plan", string(made.Plan.ID)
	by.Entry.Detail = "protocol=" + string(p.ID) + " version=" + itoa(p.Version) + " " + string(made.Plan.Status)
	e := a.Event(s.Now(), event.PlanMade)
	e.Team, e.Patient, e.Professional = p.Team, app.Patient, a.Professional
	by.Events = append(by.Events, e)
	return made.Plan, fault.Wrap(op, s.Store.MakePlan(ctx, made, by))
}

// applicable says why no plan can be made from p for the patient now.
func (s *Service) applicable(ctx context.Context, a auth.Actor, op string, p Protocol, patient id.Patient) error {
	c, err := s.Store.Candidate(ctx, a.Org, patient)
	if err != nil {
		return fault.Wrap(op, err)
	}
	_, planned := c.Open(p.Team)
	switch {
	case p.Archived:
		return fault.New(fault.Conflict, op, "Ce protocole est archivé.")
	case c.Patient.Deceased:
		return fault.New(fault.Conflict, op, "Cette personne est décédée.")
	case planned:
		return fault.New(fault.Conflict, op, "Ce patient a déjà un plan dans cette équipe.")
	}
	return nil
}
