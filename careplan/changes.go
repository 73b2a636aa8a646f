package careplan

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Outcomes of a completed action.
const (
	OutcomeDone    = "done"
	OutcomePartly  = "partly"
	OutcomeNotDone = "not-done"
)

// NotDoneReason is a coded reason why an action was not done, and its names.
type NotDoneReason struct{ Key, French, English string }

// NotDoneReasons returns the coded reasons in the order that forms show them.
func NotDoneReasons() []NotDoneReason {
	return []NotDoneReason{
		{"patient-refused", "Refus du patient", "Refused by the patient"},
		{"patient-unavailable", "Patient indisponible", "Patient not available"},
		{"no-means", "Moyens insuffisants", "Lack of means"},
		{"professional-absent", "Professionnel absent", "Professional absent"},
		{"not-relevant", "Plus utile", "No longer useful"},
		{"waiting-third-party", "En attente d’un tiers", "Waiting for somebody else"},
		{"state-changed", "L’état du patient a changé", "The patient’s state has changed"},
		{"not-informed", "Je n’en étais pas informé", "I was not told of it"},
		{"other", "Autre raison", "Other reason"},
	}
}

// ActionChange is what became of an action.
type ActionChange struct {
	Status  ActionStatus
	Outcome string // when completed: done, partly or not-done
	Reason  string // key of NotDoneReasons, when not done
	Note    string // that reason in a few words, at most 200; asked for when it is "other"
	Version int    // that the actor saw
}

const maxNote = 200

func (c ActionChange) check(op string) error {
	var v fault.Check
	v.That(slices.Contains([]ActionStatus{Requested, ActionInProgress, ActionCompleted, ActionCancelled}, c.Status),
		"status", "Choisissez un état.")
	if c.Status == ActionCompleted {
		v.That(slices.Contains([]string{OutcomeDone, OutcomePartly, OutcomeNotDone}, c.Outcome),
			"outcome", "Dites si l’action est faite, faite en partie ou non faite.")
	} else {
		v.That(c.Outcome == "", "outcome", "Le résultat ne se dit que d’une action terminée.")
	}
	known := slices.ContainsFunc(NotDoneReasons(), func(r NotDoneReason) bool { return r.Key == c.Reason })
	if c.Outcome == OutcomeNotDone {
		v.That(known, "reason", "Choisissez la raison pour laquelle l’action n’est pas faite.")
	} else {
		v.That(c.Reason == "" && c.Note == "", "reason", "La raison ne se dit que d’une action non faite.")
	}
	v.That(c.Reason != "other" || c.Note != "", "note", "Dites cette raison en quelques mots.")
	v.That(utf8.RuneCountInString(c.Note) <= maxNote, "note", "200 caractères au plus.")
	return v.Err(op)
}

// SetAction records what became of an action. Anybody who may see the patient
// may: it is who did the thing that says so.
func (s *Service) SetAction(ctx context.Context, a auth.Actor, action id.Action, c ActionChange) (Action, error) {
	const op = "careplan.SetAction"
	was, err := s.store.ActionByID(ctx, a.Org, action)
	if err != nil {
		return Action{}, fault.Wrap(op, err)
	}
	if err := s.permit(ctx, a, op, "action.set", was.Patient); err != nil {
		return Action{}, err
	}
	c.Note = strings.TrimSpace(c.Note)
	if err := c.check(op); err != nil {
		return Action{}, err
	}
	now := was
	now.Status, now.Outcome, now.Reason, now.Note, now.Version = c.Status, c.Outcome, c.Reason, c.Note, c.Version
	now.DoneOn, now.Updated = date.Date{}, s.now()
	if c.Status == ActionCompleted {
		if now.DoneOn = was.DoneOn; now.DoneOn.IsZero() {
			now.DoneOn = date.Of(s.now())
		}
	}
	by := s.change(a, "action.set", "action", string(action), was.Patient)
	by.Entry.Detail = string(c.Status) + " " + c.Outcome
	if err := s.store.UpdateAction(ctx, now, by); err != nil {
		return Action{}, fault.Wrap(op, err)
	}
	now.Version++
	return now, nil
}

// SharingChange is the patient's agreement or opposition, as traced on a day.
type SharingChange struct {
	Sharing  Sharing
	On       date.Date
	Informed bool
	Version  int // of the patient, that the actor saw
}

// SetSharing traces the patient's agreement to share, or opposition: from then
// on no rule proposes an opposed patient.
func (s *Service) SetSharing(ctx context.Context, a auth.Actor, p id.Patient, c SharingChange) error {
	const op = "careplan.SetSharing"
	if err := s.permit(ctx, a, op, "patient.sharing", p); err != nil {
		return err
	}
	var v fault.Check
	v.That(slices.Contains([]Sharing{SharingUnknown, SharingAgreed, SharingOpposed}, c.Sharing),
		"sharing", "Choisissez accord, opposition ou non renseigné.")
	v.That(c.Sharing == SharingUnknown || !c.On.IsZero(), "on", "Indiquez le jour de l’accord ou de l’opposition.")
	v.That(!c.On.After(date.Of(s.now())), "on", "Ce jour n’est pas encore venu.")
	v.That(c.Sharing != SharingAgreed || c.Informed, "informed", "Un accord suppose un patient informé.")
	if err := v.Err(op); err != nil {
		return err
	}
	f, err := s.store.PatientFile(ctx, a.Org, p)
	if err != nil {
		return fault.Wrap(op, err)
	}
	now := f.Patient
	now.Sharing, now.SharingOn, now.Informed = c.Sharing, c.On, c.Informed
	now.Version, now.Updated = c.Version, s.now()
	by := s.change(a, "patient.sharing", "patient", string(p), p)
	by.Entry.Detail = string(c.Sharing)
	return fault.Wrap(op, s.store.UpdatePatientSharing(ctx, now, by))
}

// EventKinds returns the kinds of patient event in the order that forms show.
func EventKinds() []EventKind {
	return []EventKind{
		Hospitalisation, Return, Fall, Transfer, DischargePlanned, NewTreatment, CarerDeath, Complaint, AdverseEvent, OtherEvent,
	}
}

// AddEvent records something that happened to a patient and may call for a
// review. It returns the event with its id.
func (s *Service) AddEvent(ctx context.Context, a auth.Actor, e PatientEvent) (PatientEvent, error) {
	const op = "careplan.AddEvent"
	if err := s.permit(ctx, a, op, "event.add", e.Patient); err != nil {
		return PatientEvent{}, err
	}
	e.Text = strings.TrimSpace(e.Text)
	var v fault.Check
	v.That(slices.Contains(EventKinds(), e.Kind), "kind", "Choisissez ce qui est arrivé.")
	v.That(!e.On.IsZero(), "on", "Indiquez le jour de l’événement.")
	latest := date.Of(s.now())
	if e.Kind == DischargePlanned {
		latest = latest.AddDays(366)
	}
	v.That(!e.On.After(latest), "on", "Ce jour n’est pas encore venu.")
	v.That(e.Kind != OtherEvent || e.Text != "", "text", "Dites en quelques mots ce qui est arrivé.")
	v.That(utf8.RuneCountInString(e.Text) <= 500, "text", "500 caractères au plus.")
	if err := v.Err(op); err != nil {
		return PatientEvent{}, err
	}
	e.ID, e.Org = string(id.New[id.Event]()), a.Org
	by := s.change(a, "event.add", "event", e.ID, e.Patient)
	by.Entry.Detail = string(e.Kind)
	if err := s.store.AddPatientEvent(ctx, e, by); err != nil {
		return PatientEvent{}, fault.Wrap(op, err)
	}
	return e, nil
}

// AssignPlan gives a plan to the team that will review it. It takes an
// administrator, or the secretary or chair of that team who, when another team
// has the plan, is that team's too.
func (s *Service) AssignPlan(ctx context.Context, a auth.Actor, plan id.Plan, team id.Team, version int) error {
	const op = "careplan.AssignPlan"
	p, err := s.store.PlanByID(ctx, a.Org, plan)
	if err != nil {
		return fault.Wrap(op, err)
	}
	by := s.change(a, "plan.assign", "plan", string(plan), p.Patient)
	by.Entry.Team = team
	may := a.In(team, auth.Secretary, auth.Chair) && (p.Team == "" || a.In(p.Team, auth.Secretary, auth.Chair))
	if !may && !a.Admin {
		return s.refuse(ctx, op, by, "Seuls le secrétariat et l’animateur de l’équipe peuvent lui confier un plan.")
	}
	var v fault.Check
	v.That(id.Valid(team), "team", "Choisissez une équipe.")
	if err := v.Err(op); err != nil {
		return err
	}
	return fault.Wrap(op, s.store.AssignPlan(ctx, a.Org, plan, team, version, by))
}
