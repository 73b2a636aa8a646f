package web

import (
	"net/http"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
)

// patientsView is the search of patients.
type patientsView struct {
	Base
	Query string
	Team  id.Team
	Teams []choice
	Found []patientRow
	Next  string
}

type patientRow struct {
	careplan.Summary
	Age    int
	Late   int // days that the review is late by
	TeamIs string
}

// patientsPerPage is how many patients a page of the search shows.
const patientsPerPage = 50

// patients lists the patients whom the person may see.
func (s *Server) patients(r *request) error { return s.showPatients(r, "", "", "") }

// findPatients searches; it answers at once, so that no name stands in an
// address.
func (s *Server) findPatients(r *request) error {
	team := id.Team(r.PostForm("team"))
	if !id.Valid(team) {
		team = ""
	}
	after := r.PostForm("after")
	if !id.Valid(after) {
		after = ""
	}
	return s.showPatients(r, r.text("q"), team, after)
}

func (s *Server) showPatients(r *request, query string, team id.Team, after string) error {
	found, next, err := s.cfg.Patients.Search(r.ctx(), r.actor, query, team, after, patientsPerPage)
	if err != nil {
		return err
	}
	teams, err := s.cfg.Meetings.Teams(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	view := &patientsView{Query: query, Team: team, Next: next, Teams: []choice{{"", r.T("Mes équipes"), team == ""}}}
	names := map[id.Team]string{}
	for _, t := range teams {
		names[t.ID] = t.Name
		if r.actor.In(t.ID, auth.Secretary, auth.Chair, auth.Clinician) {
			view.Teams = append(view.Teams, choice{string(t.ID), t.Name, t.ID == team})
		}
	}
	today := date.Of(s.now().In(paris()))
	for _, f := range found {
		row := patientRow{Summary: f, TeamIs: names[f.Team]}
		if !f.Patient.BirthDate.IsZero() {
			row.Age = f.Patient.BirthDate.AgeAt(today)
		}
		if !f.NextReview.IsZero() && f.NextReview.Before(today) && !f.Patient.Deceased {
			row.Late = today.Sub(f.NextReview)
		}
		view.Found = append(view.Found, row)
	}
	if view.Base, err = s.base(r, place{menu: "/patients"}, "Patients"); err != nil {
		return err
	}
	return s.render(r, http.StatusOK, "patients", view)
}
