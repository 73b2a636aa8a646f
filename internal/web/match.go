package web

import (
	"net/http"
	"slices"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/id"
)

// matchView is a request from outside whose patient nobody named yet: what was
// typed, who may be meant.
type matchView struct {
	Base
	Form
	agenda.Outside
	Urgent    state
	ToldWord  string
	SexWord   string
	Proposals []agenda.Proposal
	Query     string
	Asked     bool
	Found     []careplan.Summary
	Whys      []choice
}

func (s *Server) matchPage(r *request) error { return s.showMatch(r, http.StatusOK, "", Form{}) }

func (s *Server) showMatch(r *request, status int, query string, f Form) error {
	which, err := pathID[id.Request](r, "id")
	if err != nil {
		return err
	}
	v := &matchView{Form: f, Query: query, Asked: query != ""}
	if v.Outside, v.Proposals, err = s.cfg.Agenda.OutsideRequest(r.ctx(), r.actor, which); err != nil {
		return err
	}
	if v.Status == agenda.OutsideMatched {
		return r.see("/requests/" + string(which))
	}
	if v.Base, err = s.base(r, place{menu: "/requests"}, "Demande à rattacher"); err != nil {
		return err
	}
	if v.Asked {
		if v.Found, _, err = s.cfg.Patients.Search(r.ctx(), r.actor, query, "", "", 20); err != nil {
			return err
		}
		v.Found = slices.DeleteFunc(v.Found, func(f careplan.Summary) bool { return f.Patient.Fictional != v.Trains(v.Team) })
	}
	v.Urgent, v.ToldWord = r.state(urgencies[v.Urgency]), toldWord(r, v.Told)
	v.SexWord = map[careplan.Sex]string{careplan.Female: r.T("Féminin"), careplan.Male: r.T("Masculin")}[v.Traits.Sex]
	for _, w := range [...][2]string{
		{"not-followed", r.T("Patient que l’équipe ne suit pas")},
		{"incomplete", r.T("Identité ou question insuffisante")},
		{"duplicate", r.T("Déjà demandé")},
		{"other", r.T("Autre motif")},
	} {
		v.Whys = append(v.Whys, choice{Key: w[0], Name: w[1], Chosen: f.Is("why", w[0])})
	}
	return s.render(r, status, "match", v)
}

func toldWord(r *request, t agenda.Told) string {
	switch t {
	case agenda.ToldYes:
		return r.T("Oui")
	case agenda.ToldNo:
		return r.T("Pas encore")
	}
	return r.T("Non précisé")
}

// findForMatch searches another patient; it answers at once, so that no name
// stands in an address.
func (s *Server) findForMatch(r *request) error {
	return s.showMatch(r, http.StatusOK, r.text("q"), Form{})
}

func (s *Server) matchRequest(r *request) error {
	which, err := pathID[id.Request](r, "id")
	if err != nil {
		return err
	}
	_, err = s.cfg.Agenda.Match(r.ctx(), r.actor, which, r.number("version"), id.Patient(r.PostForm("patient")))
	if f, ok := refused(r, err); ok {
		return s.showMatch(r, http.StatusUnprocessableEntity, "", f)
	}
	if err != nil {
		return err
	}
	return r.see("/requests/" + string(which) + "?did=match")
}

func (s *Server) refuseRequest(r *request) error {
	which, err := pathID[id.Request](r, "id")
	if err != nil {
		return err
	}
	err = s.cfg.Agenda.RefuseOutside(r.ctx(), r.actor, which, r.number("version"), r.PostForm("why"))
	if f, ok := refused(r, err); ok {
		return s.showMatch(r, http.StatusUnprocessableEntity, "", f)
	}
	if err != nil {
		return err
	}
	return r.see("/requests?did=refuse")
}
