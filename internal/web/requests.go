package web

import (
	"net/http"
	"slices"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
)

// requestsView is the list of requests.
type requestsView struct {
	Base
	Tab     string
	Tabs    []choice
	status  []agenda.RequestStatus
	Outside []outsideRow // to match with a patient
	Rows    []requestRow
	More    string
}

// requestTab is one of the list's parts.
type requestTab struct {
	Key, Word string
	Status    []agenda.RequestStatus
}

var requestTabs = []requestTab{
	{"", lang.Mark("En cours"), []agenda.RequestStatus{agenda.RequestWaiting, agenda.RequestPlaced}},
	{"waiting", lang.Mark("À traiter"), []agenda.RequestStatus{agenda.RequestWaiting}},
	{"placed", lang.Mark("Inscrites"), []agenda.RequestStatus{agenda.RequestPlaced}},
	{"answered", lang.Mark("Traitées"), []agenda.RequestStatus{agenda.RequestAnswered}},
	{"all", lang.Mark("Toutes"), nil},
}

type outsideRow struct {
	agenda.Outside
	Urgent state
}

type requestRow struct {
	agenda.Request
	Urgent   state
	Shown    state
	TeamName string
	Stands   string
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
	v := &requestsView{Base: b, Tab: r.Query("show")}
	if !slices.ContainsFunc(requestTabs, func(t requestTab) bool { return t.Key == v.Tab }) {
		v.Tab = ""
	}
	for _, t := range requestTabs {
		v.Tabs = append(v.Tabs, choice{Key: t.Key, Name: r.T(t.Word), Chosen: t.Key == v.Tab})
		if t.Key == v.Tab {
			v.status = t.Status
		}
	}
	list, next, err := s.cfg.Agenda.Requests(r.ctx(), r.actor, v.status, r.Query("after"), 50)
	if err != nil {
		return err
	}
	v.More = next
	if v.Tab == "" || v.Tab == "waiting" {
		outside, err := s.cfg.Agenda.OutsideWaiting(r.ctx(), r.actor)
		if err != nil {
			return err
		}
		for _, o := range outside {
			v.Outside = append(v.Outside, outsideRow{o, r.state(urgencies[o.Urgency])})
		}
	}
	if r.Query("did") == "refuse" {
		v.Toast = &Toast{Text: r.T("Demande close")}
	}
	queues := queues{s: s, r: r}
	for _, q := range list {
		row := requestRow{Request: q, Urgent: r.state(urgencies[q.Urgency]), Shown: r.state(requestStates[q.Status])}
		if row.Stands, err = queues.stands(q); err != nil {
			return err
		}
		row.TeamName, row.May = b.Rail.teamName(q.Team), mayWithdraw(r, q)
		v.Rows = append(v.Rows, row)
	}
	return s.render(r, http.StatusOK, "requests", v)
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
