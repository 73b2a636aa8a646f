package agenda

import (
	"context"
	"slices"
	"strings"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Requests lists requests, newest first: all those of the teams the actor
// prepares, and of their other teams their own and those about their patients.
func (s *Service) Requests(ctx context.Context, a auth.Actor, status []RequestStatus, after string, limit int) ([]Request, string, error) {
	f := RequestFilter{
		Org: a.Org, All: a.System, Who: a.Professional, On: date.Of(s.now()),
		Status: status, After: after, Limit: limit,
	}
	for _, t := range a.TeamIDs() {
		if a.In(t, auth.Secretary, auth.Chair) {
			f.Teams = append(f.Teams, t)
		} else {
			f.Mine = append(f.Mine, t)
		}
	}
	items, next, err := s.store.Requests(ctx, f)
	if err != nil {
		return nil, "", fault.Wrap("agenda.Requests", err)
	}
	return items, next, fault.Wrap("agenda.Requests", s.store.Audit(ctx, a.Change(s.now(), "request.list", "request", "")))
}

// Ask requests that a team discusses a patient whom the actor may see.
func (s *Service) Ask(ctx context.Context, a auth.Actor, team id.Team, patient id.Patient, question string, u Urgency) (Request, error) {
	return s.AskFrom(ctx, a, FromProfessional, team, patient, question, u)
}

// AskFrom is Ask for whoever wishes it: the patient's or their family's wish is
// written down by the actor.
func (s *Service) AskFrom(ctx context.Context, a auth.Actor, from Source, team id.Team, patient id.Patient, question string, u Urgency) (Request, error) {
	const op = "agenda.Ask"
	r := Request{
		ID: id.New[id.Request](), Org: a.Org, Team: team, Patient: patient, By: a.Professional, ByName: a.Name,
		Question: strings.TrimSpace(question), Urgency: u, Source: from, Status: RequestWaiting, At: s.now(),
	}
	if err := checkRequest(r).Err(op); err != nil {
		return Request{}, err
	}
	by := a.Change(s.now(), "request.make", "request", string(r.ID))
	by.Entry.Team, by.Entry.Patient = team, patient
	if !a.In(team) {
		return Request{}, s.refuse(ctx, op, by)
	}
	if may, err := s.patients.May(ctx, a, patient); err != nil {
		return Request{}, fault.Wrap(op, err)
	} else if !may {
		return Request{}, s.refuse(ctx, op, by)
	}
	today := date.Of(s.now())
	c, err := s.store.CandidateOf(ctx, a.Org, team, patient, Window{Starts: s.now(), Due: today, Today: today, Events: today})
	if err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	if err := s.reviewable(ctx, a.In(team, auth.Secretary, auth.Chair), c.Patient.Reviewable, by); err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	e := a.Event(s.now(), event.RequestMade)
	e.Team, e.Patient, e.Professional = team, patient, a.Professional
	by.Events = append(by.Events, e)
	if err := s.store.SaveRequest(ctx, r, by); err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	r.Version, r.Name = 1, c.Patient.Name()
	return r, nil
}

func checkRequest(r Request) *fault.Check {
	var c fault.Check
	c.That(r.Team != "", "team", "Choisissez l’équipe.")
	c.That(r.Patient != "", "patient", "Choisissez le patient.")
	c.That(r.Question != "", "question", "Écrivez la question posée à l’équipe.")
	c.That(len([]rune(r.Question)) <= maxText, "question", "La question est trop longue.")
	c.That(slices.Contains([]Urgency{Routine, Soon, Urgent}, r.Urgency), "urgency", "Choisissez le degré d’urgence.")
	c.That(slices.Contains([]Source{FromProfessional, FromPatient, FromFamily}, r.Source), "source", "Dites qui demande.")
	return &c
}

// WithdrawRequest takes a request back: whoever made it, or the team's
// secretary or chair, until it is answered.
func (s *Service) WithdrawRequest(ctx context.Context, a auth.Actor, id id.Request, version int) error {
	const op = "agenda.WithdrawRequest"
	r, err := s.store.RequestByID(ctx, a.Org, id)
	if err != nil {
		return fault.Wrap(op, err)
	}
	by := a.Change(s.now(), "request.withdraw", "request", string(r.ID))
	by.Entry.Team, by.Entry.Patient = r.Team, r.Patient
	mine := r.By != "" && r.By == a.Professional
	if !mine && !a.In(r.Team, auth.Secretary, auth.Chair) {
		return s.refuse(ctx, op, by)
	}
	if r.Status != RequestWaiting && r.Status != RequestPlaced {
		return fault.New(fault.Conflict, op, "Cette demande a déjà reçu une réponse ou a été retirée.")
	}
	r.Status, r.Version = RequestWithdrawn, version
	return fault.Wrap(op, s.store.SaveRequest(ctx, r, by))
}
