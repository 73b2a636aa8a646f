package web

import (
	"net/http"
	"slices"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/minutes"
)

// requestView is one request: what was asked, where it stands, the answer.
type requestView struct {
	Base
	agenda.Request
	Made       bool // just now
	Urgent     state
	Shown      state
	TeamName   string
	Stands     string // where it stands, in words
	SourceWord string
	ToldWord   string
	OnAgenda   bool
	May        bool                  // withdraw it
	Answer     *minutes.PastDecision // for who may see the patient
}

func (s *Server) requestPage(r *request) error {
	q, err := pathID[id.Request](r, "id")
	if err != nil {
		return err
	}
	v := &requestView{Made: r.Query("did") == "ask"}
	if v.Request, err = s.cfg.Agenda.Request(r.ctx(), r.actor, q); err != nil {
		return err
	}
	if v.Base, err = s.base(r, place{menu: "/requests"}, "Demande"); err != nil {
		return err
	}
	queues := queues{s: s, r: r}
	if v.Stands, err = queues.stands(v.Request); err != nil {
		return err
	}
	v.Urgent, v.Shown = r.state(urgencies[v.Urgency]), r.state(requestStates[v.Status])
	v.TeamName, v.May = v.Rail.teamName(v.Team), mayWithdraw(r, v.Request)
	if r.Query("did") == "match" {
		v.Toast = &Toast{Text: r.T("Demande rattachée au patient")}
	}
	v.OnAgenda = v.Status == agenda.RequestPlaced
	v.SourceWord = map[agenda.Source]string{
		agenda.FromProfessional: r.T("Un professionnel"), agenda.FromPatient: r.T("Le patient"), agenda.FromFamily: r.T("La famille"),
	}[v.Source]
	v.ToldWord = toldWord(r, v.Told)
	if v.Status == agenda.RequestAnswered {
		if v.Answer, err = s.answerTo(r, v.Request); err != nil {
			return err
		}
	}
	return s.render(r, http.StatusOK, "request", v)
}

// answerTo is what the signed minutes decided, nil for who may not see the
// patient.
func (s *Server) answerTo(r *request, q agenda.Request) (*minutes.PastDecision, error) {
	all, err := s.cfg.Minutes.DecisionsOf(r.ctx(), r.actor, q.Patient)
	if fault.Is(err, fault.Forbidden) {
		return nil, nil
	}
	i := slices.IndexFunc(all, func(d minutes.PastDecision) bool { return d.Case == q.Case })
	if err != nil || i < 0 {
		return nil, err
	}
	return &all[i], nil
}

// mayWithdraw reports whether the reader may take a request back.
func mayWithdraw(r *request, q agenda.Request) bool {
	open := q.Status == agenda.RequestWaiting || q.Status == agenda.RequestPlaced
	return open && (q.By != "" && q.By == r.actor.Professional || r.actor.In(q.Team, auth.Secretary, auth.Chair))
}

// queues says where requests stand; each team's queue is read once.
type queues struct {
	s    *Server
	r    *request
	read map[id.Team]agenda.Queue
}

func (q *queues) of(team id.Team) (agenda.Queue, error) {
	if known, ok := q.read[team]; ok {
		return known, nil
	}
	found, err := q.s.cfg.Agenda.Queue(q.r.ctx(), q.r.actor, team)
	if fault.Is(err, fault.Forbidden) {
		err = nil // it was asked while in the team
	}
	if q.read == nil {
		q.read = map[id.Team]agenda.Queue{}
	}
	q.read[team] = found
	return found, err
}

// stands says where a request stands.
func (q *queues) stands(one agenda.Request) (string, error) {
	switch one.Status {
	case agenda.RequestPlaced:
		return q.r.T("À l’ordre du jour du %s.", lang.Numeric(date.Of(one.MeetingAt))), nil
	case agenda.RequestAnswered:
		return q.r.T("Discutée le %s.", lang.Numeric(date.Of(one.MeetingAt))), nil
	case agenda.RequestWithdrawn:
		return q.r.T("Elle n’attend plus."), nil
	}
	queue, err := q.of(one.Team)
	if err != nil {
		return "", err
	}
	return queueWords(q.r, queue, queue.Place(one.ID), one.LateFor != "" && one.LateFor == queue.Next.ID), nil
}

// queueWords is the rank in a queue and the meeting it waits for.
func queueWords(r *request, q agenda.Queue, rank int, late bool) string {
	if rank == 0 {
		return r.T("En attente.")
	}
	if q.Next.ID == "" {
		return r.T("Rang %d dans la file. Aucune réunion n’est prévue.", rank)
	}
	day := lang.Numeric(date.Of(q.Next.Starts.In(q.Next.Location())))
	words := r.T("%de dans la file pour la réunion du %s.", rank, day)
	if rank == 1 {
		words = r.T("1re dans la file pour la réunion du %s.", day)
	}
	if late {
		words += " " + r.T("Les inscriptions étaient closes : elle est tardive, et peut attendre la réunion suivante.")
	}
	return words
}

// state puts a state's word into the reader's language.
func (r *request) state(s state) state { return state{s.Class, r.T(s.Word)} }
