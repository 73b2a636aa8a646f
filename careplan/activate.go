package careplan

import (
	"context"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// ActivatePlan makes a team's draft the patient's plan: its planned objectives
// are worked on from now on. It takes the team's secretary or chair.
func (s *Service) ActivatePlan(ctx context.Context, a auth.Actor, plan id.Plan, version int) error {
	const op = "careplan.ActivatePlan"
	p, err := s.store.PlanByID(ctx, a.Org, plan)
	if err != nil {
		return fault.Wrap(op, err)
	}
	by := s.change(a, "plan.activate", "plan", string(plan), p.Patient)
	by.Entry.Team = p.Team
	if p.Team == "" || !a.In(p.Team, auth.Secretary, auth.Chair) {
		return s.refuse(ctx, op, by, "Seuls le secrétariat et l’animateur de l’équipe le peuvent.")
	}
	if p.Status != PlanDraft {
		return fault.New(fault.Conflict, op, "Ce plan n’est plus un brouillon.")
	}
	e := a.Event(s.now(), event.PlanMade)
	e.Team, e.Patient, e.Professional = p.Team, p.Patient, a.Professional
	by.Events = append(by.Events, e)
	return fault.Wrap(op, s.store.ActivatePlan(ctx, a.Org, plan, version, by))
}
