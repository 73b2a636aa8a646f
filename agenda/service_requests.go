package agenda

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// The most characters of a short line of a request: a name, whom to invite.
const (
	maxName   = 120
	maxGuests = 500
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

// Request reads one request: to the team's secretary and chair, to who made it
// and, in the team, to who may see the patient.
func (s *Service) Request(ctx context.Context, a auth.Actor, r id.Request) (Request, error) {
	const op = "agenda.Request"
	q, err := s.store.RequestByID(ctx, a.Org, r)
	if err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	by := a.Change(s.now(), "request.read", "request", string(r))
	by.Entry.Team, by.Entry.Patient = q.Team, q.Patient
	may := a.In(q.Team, auth.Secretary, auth.Chair) || q.By != "" && q.By == a.Professional
	if !may && a.In(q.Team) {
		if may, err = s.patients.May(ctx, a, q.Patient); err != nil {
			return Request{}, fault.Wrap(op, err)
		}
	}
	if !may {
		return Request{}, s.refuse(ctx, op, by)
	}
	return q, fault.Wrap(op, s.store.Audit(ctx, by))
}

// RequestsAbout reads, by patient, the requests that stand on a meeting's
// agenda or wait for a place on it; of the patients whom the actor may see.
func (s *Service) RequestsAbout(ctx context.Context, a auth.Actor, m id.Meeting) (map[id.Patient][]Request, error) {
	const op = "agenda.RequestsAbout"
	full, err := s.meeting(ctx, a, m, "request.list")
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	all, err := s.store.RequestsAbout(ctx, a.Org, m)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	lines := make([]Item, len(all))
	for i, q := range all {
		lines[i].Patient.ID = q.Patient
	}
	seen, err := s.seen(ctx, a, full.Meeting.Team, lines)
	found := map[id.Patient][]Request{}
	for _, q := range all {
		if seen[q.Patient] {
			found[q.Patient] = append(found[q.Patient], q)
		}
	}
	return found, fault.Wrap(op, err)
}

// Queue is what waits for a place on a team's agenda.
type Queue struct {
	Waiting []Queued
	Next    meetings.Meeting // the meeting they wait for; zero: none is planned
}

// Place is the rank of a request in the queue, from 1; 0: it does not wait.
func (q Queue) Place(r id.Request) int { return Place(q.Waiting, r) }

// Queue reads what waits in a team of the actor: no name, no patient.
func (s *Service) Queue(ctx context.Context, a auth.Actor, team id.Team) (Queue, error) {
	const op = "agenda.Queue"
	if !a.In(team) {
		by := a.Change(s.now(), "request.list", "team", string(team))
		by.Entry.Team = team
		return Queue{}, s.refuse(ctx, op, by)
	}
	q, err := s.queue(ctx, a.Org, team)
	return q, fault.Wrap(op, err)
}

func (s *Service) queue(ctx context.Context, org id.Org, team id.Team) (q Queue, err error) {
	if q.Waiting, err = s.store.Queue(ctx, org, team); err != nil {
		return q, err
	}
	q.Next, err = s.next(ctx, org, team)
	return q, err
}

// next is the team's next meeting; the zero one when none is planned.
func (s *Service) next(ctx context.Context, org id.Org, team id.Team) (meetings.Meeting, error) {
	m, err := s.store.NextMeeting(ctx, org, team, s.now())
	if fault.Is(err, fault.NotFound) {
		return meetings.Meeting{}, nil
	}
	return m, err
}

// lateFor is the next meeting, if its registration is over.
func (s *Service) lateFor(ctx context.Context, org id.Org, team id.Team) (id.Meeting, error) {
	m, err := s.next(ctx, org, team)
	if err != nil || m.ID == "" || !RegistrationOver(m, s.now()) {
		return "", err
	}
	return m.ID, nil
}

// Asked is what somebody asks for.
type Asked struct {
	Team      id.Team
	Patient   id.Patient
	Question  string
	Urgency   Urgency
	Source    Source          // empty: a professional's own wish
	Presenter id.Professional // wished; may be empty
	Details
}

// Ask requests that a team discusses a patient whom the actor may see. The wish
// of the patient or of their family is written down by the actor.
func (s *Service) Ask(ctx context.Context, a auth.Actor, in Asked) (Request, error) {
	const op = "agenda.Ask"
	r := Request{
		ID: id.New[id.Request](), Org: a.Org, Team: in.Team, Patient: in.Patient, By: a.Professional, ByName: a.Name,
		Question: strings.TrimSpace(in.Question), Urgency: in.Urgency, Source: cmp.Or(in.Source, FromProfessional),
		Presenter: in.Presenter, Details: in.trimmed(), Status: RequestWaiting, At: s.now(),
	}
	r.Outsider = Outsider{}
	if err := checkRequest(r).Err(op); err != nil {
		return Request{}, err
	}
	by := a.Change(s.now(), "request.make", "request", string(r.ID))
	by.Entry.Team, by.Entry.Patient = in.Team, in.Patient
	if !a.In(in.Team) {
		return Request{}, s.refuse(ctx, op, by)
	}
	if may, err := s.patients.May(ctx, a, in.Patient); err != nil {
		return Request{}, fault.Wrap(op, err)
	} else if !may {
		return Request{}, s.refuse(ctx, op, by)
	}
	today := date.Of(s.now())
	c, err := s.store.CandidateOf(ctx, a.Org, in.Team, in.Patient, Window{Starts: s.now(), Due: today, Today: today, Events: today})
	if err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	if err := s.reviewable(ctx, a.In(in.Team, auth.Secretary, auth.Chair), c.Patient.Reviewable, by); err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	if r.LateFor, err = s.lateFor(ctx, a.Org, in.Team); err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	if r.LateFor != "" {
		by.Entry.Detail = "late"
	}
	e := a.Event(s.now(), event.RequestMade)
	e.Team, e.Patient, e.Professional, e.Request = in.Team, in.Patient, a.Professional, r.ID
	by.Events = append(by.Events, e)
	if err := s.store.SaveRequest(ctx, r, by); err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	r.Version, r.Name = 1, c.Patient.Name()
	return r, nil
}

func (d Details) trimmed() Details {
	d.ISBAR, d.Guests, d.ToldBy = d.ISBAR.trimmed(), strings.TrimSpace(d.Guests), strings.TrimSpace(d.ToldBy)
	return d
}

func checkRequest(r Request) *fault.Check {
	var c fault.Check
	c.That(r.Team != "", "team", "Choisissez l’équipe.")
	c.That(r.Patient != "", "patient", "Choisissez le patient.")
	checkQuestion(&c, r.Question, r.Urgency, r.Details)
	c.That(slices.Contains([]Source{FromProfessional, FromPatient, FromFamily}, r.Source), "source", "Dites qui demande.")
	return &c
}

// checkQuestion is what a request says, wherever it comes from.
func checkQuestion(c *fault.Check, question string, u Urgency, d Details) {
	c.That(question != "", "question", "Écrivez la question posée à l’équipe.")
	c.That(runes(question) <= maxText, "question", "La question est trop longue.")
	c.That(slices.Contains(urgencies(), u), "urgency", "Choisissez le degré d’urgence.")
	for _, part := range []struct{ name, text string }{
		{"situation", d.ISBAR.Situation},
		{"background", d.ISBAR.Background},
		{"assessment", d.ISBAR.Assessment},
		{"recommendation", d.ISBAR.Recommendation},
	} {
		c.That(runes(part.text) <= maxText, part.name, "Ce texte est trop long : %d caractères au plus.", maxText)
	}
	c.That(runes(d.Guests) <= maxGuests, "guests", "Ce texte est trop long : %d caractères au plus.", maxGuests)
	c.That(runes(d.ToldBy) <= maxName, "told_by", "Ce texte est trop long : %d caractères au plus.", maxName)
	c.That(slices.Contains([]Told{ToldUnknown, ToldYes, ToldNo}, d.Told), "told", "Dites si le patient est informé.")
}

func runes(s string) int { return len([]rune(s)) }

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
