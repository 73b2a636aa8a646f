package api

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
)

// agendaOut is a meeting's agenda.
type agendaOut struct {
	Meeting   id.Meeting `json:"meeting"`
	Capacity  int        `json:"capacity" doc:"Minutes of the meeting."`
	Planned   int        `json:"planned" doc:"Minutes of the scheduled lines."`
	Hidden    int        `json:"hidden" doc:"Lines of patients whom the caller does not follow."`
	Items     []caseLine `json:"items" nullable:"false" doc:"In order."`
	Next      string     `json:"next" doc:"Always empty: an agenda is one page."`
	Waiting   []caseLine `json:"waiting" nullable:"false" doc:"Candidates that did not fit, and the deferred."`
	Withdrawn []caseLine `json:"withdrawn" nullable:"false"`
}

// caseLine is one line of an agenda: a patient's case.
type caseLine struct {
	ID          id.Case       `json:"id"`
	Meeting     id.Meeting    `json:"meeting"`
	Team        id.Team       `json:"team"`
	Patient     id.Patient    `json:"patient"`
	PatientName string        `json:"patient_name"`
	BirthDate   date.Date     `json:"birth_date,omitzero" format:"date"`
	Plan        id.Plan       `json:"plan,omitempty"`
	Referent    string        `json:"referent,omitempty"`
	Position    int           `json:"position" doc:"From 1 among the scheduled; 0 otherwise."`
	Minutes     int           `json:"minutes"`
	Status      agenda.Status `json:"status" enum:"proposed,scheduled,discussed,deferred,withdrawn"`
	Reasons     []reason      `json:"reasons" nullable:"false"`
	Question    string        `json:"question,omitempty"`
	Origin      agenda.Origin `json:"origin" enum:"rule,request,hand"`
	Pinned      bool          `json:"pinned"`
	Started     time.Time     `json:"started,omitzero"`
	Ended       time.Time     `json:"ended,omitzero"`
	DeferReason string        `json:"defer_reason,omitempty"`
	Planned     time.Time     `json:"planned,omitzero" doc:"Planned start of a line on the agenda."`
	Returns     id.Meeting    `json:"returns_to,omitempty" doc:"The next meeting, of a line deferred or without a place."`
	ReturnsOn   time.Time     `json:"returns_on,omitzero" doc:"When that meeting starts."`
	Version     int           `json:"version"`
}

// reason is why a patient is on the agenda.
type reason struct {
	Rule  agenda.Rule `json:"rule"`
	Text  string      `json:"text" doc:"In words, in the caller's language."`
	Since *date.Date  `json:"since" format:"date" doc:"The date behind it; null when the plan gives none."`

	Source agenda.Source `json:"source,omitempty" enum:"professional,patient,family" doc:"Of a request: whose wish it is."`
}

func agendaOf(lang string, g agenda.Agenda) agendaOut {
	line := func(i agenda.Item) caseLine { return lineOf(lang, i) }
	return agendaOut{
		Meeting: g.Meeting, Capacity: g.Capacity, Planned: g.Planned, Hidden: g.Hidden,
		Items: each(g.Items, line), Waiting: each(g.Waiting, line), Withdrawn: each(g.Withdrawn, line),
	}
}

func lineOf(lang string, i agenda.Item) caseLine {
	return caseLine{
		ID: i.ID, Meeting: i.Meeting, Team: i.Team, Patient: i.Patient.ID, PatientName: i.Patient.Name(), BirthDate: i.Patient.BirthDate,
		Plan: i.Plan, Referent: i.Referent, Position: i.Position, Minutes: i.Minutes, Status: i.Status, Question: i.Question,
		Origin: i.Origin, Pinned: i.Pinned, Started: i.Started, Ended: i.Ended, DeferReason: i.DeferWhy, Version: i.Version,
		Planned: i.At, Returns: i.DeferTo, ReturnsOn: i.DeferOn,
		Reasons: each(i.Reasons, func(r agenda.Reason) reason { return reason{r.Rule, r.Text(lang), known(r.Since), r.Source} }),
	}
}

// known is a date, or null.
func known(d date.Date) *date.Date {
	if d.IsZero() {
		return nil
	}
	return &d
}

func (s *server) agendaRoutes() {
	add(s, get("/meetings/{id}/agenda", "read-agenda", "A meeting's agenda, each line with its reasons"), s.readAgenda)
	add(s, post("/meetings/{id}/agenda/draft", "draft-agenda", "Draft the agenda from the patients who need review"), s.draftAgenda)
	add(s, put("/meetings/{id}/agenda/order", "order-agenda", "Put the lines in order"), s.orderAgenda)
	add(s, post("/cases/{id}/defer", "defer-case", "Carry a case over to the next meeting"), s.deferCase)
	add(s, get("/requests", "list-requests", "Requests to discuss a patient, newest first"), s.listRequests)
	op := post("/requests", "make-request", "Ask a team to discuss a patient")
	op.DefaultStatus = created
	add(s, op, s.makeRequest)
}

func (s *server) readAgenda(ctx context.Context, c caller, in *OneID) (agendaOut, error) {
	m, err := idOf[id.Meeting](in.ID)
	if err != nil {
		return agendaOut{}, err
	}
	g, err := s.cfg.Agenda.Get(ctx, c.Actor, m)
	return agendaOf(c.lang, g), err
}

func (s *server) draftAgenda(ctx context.Context, c caller, in *OneID) (agendaOut, error) {
	m, err := idOf[id.Meeting](in.ID)
	if err != nil {
		return agendaOut{}, err
	}
	g, err := s.cfg.Agenda.Draft(ctx, c.Actor, m)
	return agendaOf(c.lang, g), err
}

type orderInput struct {
	OneID
	Body struct {
		Cases []id.Case `json:"cases" nullable:"false" maxItems:"500" doc:"Ids of the scheduled lines, in order."`
	}
}

func (s *server) orderAgenda(ctx context.Context, c caller, in *orderInput) (agendaOut, error) {
	m, err := idOf[id.Meeting](in.ID)
	if err != nil {
		return agendaOut{}, err
	}
	g, err := s.cfg.Agenda.Order(ctx, c.Actor, m, in.Body.Cases)
	return agendaOf(c.lang, g), err
}

type deferInput struct {
	OneID
	Body struct {
		Reason string `json:"reason" enum:"time,absent-presenter,missing-document,patient-request,quorum,other"`
	}
}

func (s *server) deferCase(ctx context.Context, c caller, in *deferInput) (caseLine, error) {
	one, err := idOf[id.Case](in.ID)
	if err != nil {
		return caseLine{}, err
	}
	i, err := s.cfg.Agenda.Defer(ctx, c.Actor, one, in.Body.Reason)
	return lineOf(c.lang, i), err
}

// request is an ask to discuss a patient.
type request struct {
	ID          id.Request           `json:"id"`
	Team        id.Team              `json:"team"`
	Patient     id.Patient           `json:"patient"`
	PatientName string               `json:"patient_name,omitempty"`
	By          id.Professional      `json:"by"`
	ByName      string               `json:"by_name"`
	Question    string               `json:"question"`
	Urgency     agenda.Urgency       `json:"urgency" enum:"routine,soon,urgent"`
	Status      agenda.RequestStatus `json:"status" enum:"waiting,placed,answered,withdrawn"`
	ISBAR       isbar                `json:"isbar"`
	Presenter   id.Professional      `json:"presenter,omitempty" doc:"Whom the asker wishes to present the case."`
	Guests      string               `json:"guests,omitempty" doc:"Whom the asker wishes to invite, in words."`
	Informed    agenda.Told          `json:"patient_informed,omitempty" enum:"yes,no"`
	InformedBy  string               `json:"patient_informed_by,omitempty"`
	Late        bool                 `json:"late" doc:"Made once registration for the meeting was over."`
	Case        id.Case              `json:"case,omitempty"`
	Meeting     id.Meeting           `json:"meeting,omitempty" doc:"Of the case."`
	At          time.Time            `json:"at"`
	Answered    time.Time            `json:"answered,omitzero" doc:"When the minutes that answer it were signed."`
	Version     int                  `json:"version"`
}

// isbar is the context of a question.
type isbar struct {
	Situation      string `json:"situation,omitempty" maxLength:"2000"`
	Background     string `json:"background,omitempty" maxLength:"2000"`
	Assessment     string `json:"assessment,omitempty" maxLength:"2000"`
	Recommendation string `json:"recommendation,omitempty" maxLength:"2000"`
}

func isbarOf(i agenda.ISBAR) isbar {
	return isbar{Situation: i.Situation, Background: i.Background, Assessment: i.Assessment, Recommendation: i.Recommendation}
}

func (i isbar) text() agenda.ISBAR {
	return agenda.ISBAR{Situation: i.Situation, Background: i.Background, Assessment: i.Assessment, Recommendation: i.Recommendation}
}

func requestOf(r agenda.Request) request {
	return request{
		ID: r.ID, Team: r.Team, Patient: r.Patient, PatientName: r.Name, By: r.By, ByName: r.ByName, Question: r.Question,
		Urgency: r.Urgency, Status: r.Status, Case: r.Case, At: r.At.UTC(), Version: r.Version, ISBAR: isbarOf(r.ISBAR), Presenter: r.Presenter,
		Guests: r.Guests, Informed: r.Told, InformedBy: r.ToldBy, Late: r.Late(), Meeting: r.Meeting, Answered: r.AnsweredAt,
	}
}

type requestsQuery struct {
	Paging
	Status []agenda.RequestStatus `query:"status" enum:"waiting,placed,answered,withdrawn" doc:"One or several, with commas."`
}

func (s *server) listRequests(ctx context.Context, c caller, in *requestsQuery) (page[request], error) {
	found, next, err := s.cfg.Agenda.Requests(ctx, c.Actor, in.Status, in.Cursor, in.Limit)
	return listed(found, next, requestOf), err
}

type requestInput struct {
	Body struct {
		Team       id.Team         `json:"team"`
		Patient    id.Patient      `json:"patient"`
		Question   string          `json:"question" maxLength:"1000"`
		Urgency    agenda.Urgency  `json:"urgency,omitempty" enum:"routine,soon,urgent" default:"routine"`
		ISBAR      isbar           `json:"isbar,omitempty" doc:"The context: situation, background, assessment, recommendation."`
		Presenter  id.Professional `json:"presenter,omitempty"`
		Guests     string          `json:"guests,omitempty" maxLength:"500"`
		Informed   agenda.Told     `json:"patient_informed,omitempty" enum:"yes,no"`
		InformedBy string          `json:"patient_informed_by,omitempty" maxLength:"120"`
	}
}

func (s *server) makeRequest(ctx context.Context, c caller, in *requestInput) (request, error) {
	b := in.Body
	r, err := s.cfg.Agenda.Ask(ctx, c.Actor, agenda.Asked{
		Team: b.Team, Patient: b.Patient, Question: b.Question, Urgency: b.Urgency, Presenter: b.Presenter,
		Details: agenda.Details{ISBAR: b.ISBAR.text(), Guests: b.Guests, Told: b.Informed, ToldBy: b.InformedBy},
	})
	return requestOf(r), err
}
