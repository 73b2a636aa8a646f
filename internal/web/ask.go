package web

import (
	"cmp"
	"maps"
	"net/http"
	"slices"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// askView is the form of a request: first the patient, then the question.
type askView struct {
	Base
	Form
	Query   string
	Asked   bool
	Found   []careplan.Summary
	Patient *careplan.Patient // chosen
	Teams   []meetings.Team
	askChoices
	Sources    []choice
	Presenters []auth.Professional
	MoreOpen   bool
}

// askChoices is what every form of a request offers.
type askChoices struct {
	Urgencies   []choice
	ToldChoices []choice
	ContextOpen bool // something is typed there
}

func newAskChoices(r *request, f Form) askChoices {
	return askChoices{
		Urgencies: []choice{
			{Key: string(agenda.Routine), Name: r.T("Sans urgence")}, {Key: string(agenda.Soon), Name: r.T("Bientôt")}, {Key: string(agenda.Urgent), Name: r.T("Urgent")},
		},
		ToldChoices: []choice{{Key: string(agenda.ToldYes), Name: r.T("Oui")}, {Key: string(agenda.ToldNo), Name: r.T("Pas encore")}},
		ContextOpen: f.Get("situation")+f.Get("background")+f.Get("assessment")+f.Get("recommendation") != "",
	}
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
	v := &askView{Base: b, Form: f, Query: query, Asked: query != "", askChoices: newAskChoices(r, f)}
	v.Sources = []choice{
		{Key: string(agenda.FromProfessional), Name: r.T("Un professionnel")},
		{Key: string(agenda.FromPatient), Name: r.T("Le patient")},
		{Key: string(agenda.FromFamily), Name: r.T("La famille")},
	}
	v.MoreOpen = f.Get("presenter")+f.Get("guests") != "" || f.Error("source") != ""
	if v.Teams, err = s.cfg.Meetings.Teams(r.ctx(), r.actor); err != nil {
		return err
	}
	v.Teams = slices.DeleteFunc(v.Teams, func(t meetings.Team) bool { return !r.actor.In(t.ID) })
	v.Presenters = membersOf(v.Teams)
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

// membersOf are the people of the teams, each once, by name.
func membersOf(teams []meetings.Team) []auth.Professional {
	seen := map[id.Professional]auth.Professional{}
	for _, t := range teams {
		for _, m := range t.Members {
			if m.Left.IsZero() {
				seen[m.ID] = m.Professional
			}
		}
	}
	all := slices.Collect(maps.Values(seen))
	slices.SortFunc(all, func(a, b auth.Professional) int {
		return cmp.Or(cmp.Compare(a.Family, b.Family), cmp.Compare(a.Given, b.Given), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// findForRequest searches the patient; it answers at once, so that no name
// stands in an address.
func (s *Server) findForRequest(r *request) error {
	return s.showAsk(r, http.StatusOK, "", r.text("q"), Form{})
}

func (s *Server) ask(r *request) error {
	p := id.Patient(r.PostForm("patient"))
	q, err := s.cfg.Agenda.Ask(r.ctx(), r.actor, agenda.Asked{
		Team: id.Team(r.PostForm("team")), Patient: p, Question: r.text("question"), Urgency: agenda.Urgency(r.PostForm("urgency")),
		Source: agenda.Source(r.PostForm("source")), Presenter: id.Professional(r.PostForm("presenter")), Details: r.details(),
	})
	if f, ok := refused(r, err); ok {
		return s.showAsk(r, http.StatusUnprocessableEntity, p, "", f)
	}
	if err != nil {
		return err
	}
	return r.see("/requests/" + string(q.ID) + "?did=ask")
}

// details is what a form of a request says beyond the question.
func (r *request) details() agenda.Details {
	return agenda.Details{
		ISBAR: agenda.ISBAR{
			Situation: r.text("situation"), Background: r.text("background"), Assessment: r.text("assessment"), Recommendation: r.text("recommendation"),
		},
		Guests: r.text("guests"), Told: agenda.Told(r.PostForm("told")), ToldBy: r.text("told_by"),
	}
}
