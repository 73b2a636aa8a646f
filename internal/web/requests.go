package web

import (
	"net/http"
	"slices"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// requestsView is the list of requests.
type requestsView struct {
	Base
	All  bool // those answered and withdrawn too
	Rows []requestRow
	More string
}

type requestRow struct {
	agenda.Request
	Urgent   state
	Shown    state
	TeamName string
	May      bool // withdraw it
}

var requestStates = map[agenda.RequestStatus]state{
	agenda.RequestWaiting:   {"todo", lang.Mark("En attente")},
	agenda.RequestPlaced:    {"run", lang.Mark("Inscrite")},
	agenda.RequestAnswered:  {"ok", lang.Mark("Traitée")},
	agenda.RequestWithdrawn: {"off", lang.Mark("Retirée")},
}

var urgencies = map[agenda.Urgency]state{
	agenda.Routine: {"todo", lang.Mark("Sans urgence")},
	agenda.Soon:    {"warn", lang.Mark("Bientôt")},
	agenda.Urgent:  {"bad", lang.Mark("Urgent")},
}

func (s *Server) requestsPage(r *request) error {
	b, err := s.base(r, place{menu: "/requests"}, "Demandes")
	if err != nil {
		return err
	}
	v := &requestsView{Base: b, All: r.Query("all") != ""}
	status := []agenda.RequestStatus{agenda.RequestWaiting, agenda.RequestPlaced}
	if v.All {
		status = nil
	}
	list, next, err := s.cfg.Agenda.Requests(r.ctx(), r.actor, status, r.Query("after"), 50)
	if err != nil {
		return err
	}
	v.More = next
	for _, q := range list {
		row := requestRow{Request: q, Urgent: urgencies[q.Urgency], Shown: requestStates[q.Status]}
		row.Urgent.Word, row.Shown.Word = r.T(row.Urgent.Word), r.T(row.Shown.Word)
		if at := slices.IndexFunc(b.Rail.Teams, func(t RailTeam) bool { return t.ID == q.Team }); at >= 0 {
			row.TeamName = b.Rail.Teams[at].Name
		}
		open := q.Status == agenda.RequestWaiting || q.Status == agenda.RequestPlaced
		row.May = open && (q.By == r.actor.Professional || r.actor.In(q.Team, auth.Secretary, auth.Chair))
		v.Rows = append(v.Rows, row)
	}
	return s.render(r, http.StatusOK, "requests", v)
}

// askView is the form of a request: first the patient, then the question.
type askView struct {
	Base
	Form
	Query     string
	Asked     bool
	Found     []careplan.Summary
	Patient   *careplan.Patient // chosen
	Teams     []meetings.Team
	Urgencies []choice
}

// askPage asks about a patient (by id, from their page) or lets one be found.
func (s *Server) askPage(r *request) error {
	return s.showAsk(r, http.StatusOK, id.Patient(r.Query("patient")), "", Form{})
}

func (s *Server) showAsk(r *request, status int, p id.Patient, query string, f Form) error {
	b, err := s.base(r, place{menu: "/requests"}, "Demander une discussion")
	if err != nil {
		return err
	}
	v := &askView{Base: b, Form: f, Query: query, Asked: query != "", Urgencies: []choice{
		{Key: string(agenda.Routine), Name: r.T("Sans urgence")}, {Key: string(agenda.Soon), Name: r.T("Bientôt")}, {Key: string(agenda.Urgent), Name: r.T("Urgent")},
	}}
	if v.Teams, err = s.cfg.Meetings.Teams(r.ctx(), r.actor); err != nil {
		return err
	}
	v.Teams = slices.DeleteFunc(v.Teams, func(t meetings.Team) bool { return !r.actor.In(t.ID) })
	if id.Valid(p) {
		file, err := s.cfg.Patients.File(r.ctx(), r.actor, p)
		if err != nil {
			return err
		}
		v.Patient = &file.Patient
	} else if query != "" {
		if v.Found, _, err = s.cfg.Patients.Search(r.ctx(), r.actor, query, "", "", 20); err != nil {
			return err
		}
	}
	return s.render(r, status, "ask", v)
}

// findForRequest searches the patient; it answers at once, so that no name
// stands in an address.
func (s *Server) findForRequest(r *request) error {
	return s.showAsk(r, http.StatusOK, "", r.text("q"), Form{})
}

func (s *Server) ask(r *request) error {
	p := id.Patient(r.PostForm("patient"))
	_, err := s.cfg.Agenda.Ask(r.ctx(), r.actor, id.Team(r.PostForm("team")), p, r.text("question"), agenda.Urgency(r.PostForm("urgency")))
	if f, ok := refused(r, err); ok {
		return s.showAsk(r, http.StatusUnprocessableEntity, p, "", f)
	}
	if err != nil {
		return err
	}
	return r.see("/requests")
}

func (s *Server) withdrawRequest(r *request) error {
	q, err := pathID[id.Request](r, "id")
	if err != nil {
		return err
	}
	if err := s.cfg.Agenda.WithdrawRequest(r.ctx(), r.actor, q, r.number("version")); err != nil {
		return err
	}
	return r.see("/requests")
}
