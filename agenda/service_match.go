package agenda

import (
	"context"
	"slices"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// OutsideWaiting lists the requests from outside that wait for somebody to say
// of whom they are, oldest first: those of the teams the actor prepares.
func (s *Service) OutsideWaiting(ctx context.Context, a auth.Actor) ([]Outside, error) {
	const op = "agenda.OutsideWaiting"
	teams := prepared(a)
	if len(teams) == 0 {
		return nil, nil
	}
	all, err := s.store.OutsideOf(ctx, a.Org, teams, OutsideWaiting)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	return all, fault.Wrap(op, s.store.Audit(ctx, a.Change(s.now(), "request.list", "request", "")))
}

// prepared are the teams whose agendas the actor prepares.
func prepared(a auth.Actor) []id.Team {
	return slices.DeleteFunc(a.TeamIDs(), func(t id.Team) bool { return !a.In(t, auth.Secretary, auth.Chair) })
}

// OutsideRequest reads one request from outside with the patients who may be
// meant: of the teams the actor prepares, whom they may see.
func (s *Service) OutsideRequest(ctx context.Context, a auth.Actor, r id.Request) (Outside, []Proposal, error) {
	const op = "agenda.OutsideRequest"
	o, err := s.outside(ctx, a, r, "request.read")
	if err != nil {
		return Outside{}, nil, fault.Wrap(op, err)
	}
	born, err := s.store.BornOn(ctx, a.Org, prepared(a), o.Traits.BirthDate)
	if err != nil {
		return Outside{}, nil, fault.Wrap(op, err)
	}
	return o, Propose(o.Traits, born), fault.Wrap(op, s.store.Audit(ctx, s.outsideChange(a, "request.read", o)))
}

// outside reads a request from outside for who prepares its team's agenda.
func (s *Service) outside(ctx context.Context, a auth.Actor, r id.Request, action string) (Outside, error) {
	o, err := s.store.OutsideByID(ctx, r)
	if err != nil {
		return Outside{}, err
	}
	if o.Org != a.Org {
		return Outside{}, fault.New(fault.NotFound, action, "Introuvable.")
	}
	if !a.In(o.Team, auth.Secretary, auth.Chair) {
		return Outside{}, s.refuse(ctx, action, s.outsideChange(a, action, o))
	}
	return o, nil
}

// OutsideOf reads a request from outside for the mails about it.
func (s *Service) OutsideOf(ctx context.Context, a auth.Actor, r id.Request) (Outside, error) {
	if !a.System {
		return Outside{}, fault.New(fault.Forbidden, "agenda.OutsideOf", "Vous n’avez pas accès à ceci.")
	}
	o, err := s.store.OutsideByID(ctx, r)
	return o, fault.Wrap("agenda.OutsideOf", err)
}

// Match says of whom a request from outside is: it becomes a request as of the
// day it came, and a reason to review the patient.
func (s *Service) Match(ctx context.Context, a auth.Actor, which id.Request, version int, patient id.Patient) (Request, error) {
	const op = "agenda.Match"
	o, err := s.outside(ctx, a, which, "request.match")
	if err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	by := s.outsideChange(a, "request.match", o)
	by.Entry.Patient = patient
	if may, err := s.patients.May(ctx, a, patient); err != nil {
		return Request{}, fault.Wrap(op, err)
	} else if !may {
		return Request{}, s.refuse(ctx, op, by)
	}
	today := date.Of(s.now())
	c, err := s.store.CandidateOf(ctx, a.Org, o.Team, patient, Window{Starts: s.now(), Due: today, Today: today, Events: today})
	if err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	if err := s.reviewable(ctx, true, c.Patient.Reviewable, by); err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	r := Request{
		ID: o.ID, Org: o.Org, Team: o.Team, Patient: patient, Name: c.Patient.Name(), ByName: o.Outsider.Name, Question: o.Question,
		Urgency: o.Urgency, Source: FromProfessional, Details: o.Details, Status: RequestWaiting, LateFor: o.LateFor, At: o.At, Version: 0,
	}
	e := a.Event(s.now(), event.RequestMade)
	e.Team, e.Patient, e.Request = o.Team, patient, o.ID
	by.Events = append(by.Events, e)
	o.Version, o.Handled, o.HandledBy = version, s.now(), a.Name
	if err := s.store.MatchOutside(ctx, o, r, by); err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	r.Version = 1
	return r, nil
}

// RefuseOutside closes a request from outside; why is for the team alone.
func (s *Service) RefuseOutside(ctx context.Context, a auth.Actor, which id.Request, version int, why string) error {
	const op = "agenda.RefuseOutside"
	if !slices.Contains(OutsideRefusals, why) {
		var c fault.Check
		c.That(false, "why", "Choisissez le motif.")
		return c.Err(op)
	}
	o, err := s.outside(ctx, a, which, "request.refuse")
	if err != nil {
		return fault.Wrap(op, err)
	}
	by := s.outsideChange(a, "request.refuse", o)
	by.Entry.Detail = why
	e := a.Event(s.now(), event.RequestAnswered)
	e.Team, e.Request = o.Team, o.ID
	by.Events = append(by.Events, e)
	o.Version, o.Why, o.Handled, o.HandledBy = version, why, s.now(), a.Name
	return fault.Wrap(op, s.store.RefuseOutside(ctx, o, by))
}
