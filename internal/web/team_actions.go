package web

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// teamActionsView is « Actions de l’équipe », for its secretary and its chair.
type teamActionsView struct {
	Base
	followLists
	Team   meetings.Team
	People []owes
	Who    id.Professional // narrows; empty: everybody
	Late   bool            // only those that are late
}

// owes is somebody with something to do, and when they were last reminded.
type owes struct {
	ID         id.Professional // empty: named only, nobody to write to
	Name       string
	Open, Late int
	Reminded   careplan.Reminder
	Today      bool // reminded today already
}

func (s *Server) teamActions(r *request) error {
	tid, err := pathID[id.Team](r, "id")
	if err != nil {
		return err
	}
	all, err := s.cfg.Patients.TeamFollowUp(r.ctx(), r.actor, tid)
	if err != nil {
		return err
	}
	v := &teamActionsView{Who: id.Professional(r.Query("who")), Late: r.Query("late") != ""}
	if v.Team, err = s.cfg.Meetings.Team(r.ctx(), r.actor, tid); err != nil {
		return err
	}
	if v.People, err = s.owing(r, all, s.todayOf(v.Team)); err != nil {
		return err
	}
	v.fill(r, all)
	if v.Base, err = s.base(r, place{menu: "/actions", team: tid}, "Actions de l’équipe"); err != nil {
		return err
	}
	v.Toast = remindToast(r)
	return s.render(r, http.StatusOK, "team-actions", v)
}

func remindToast(r *request) *Toast {
	switch r.Query("did") {
	case "remind":
		return &Toast{Text: r.T("Relance envoyée : un nombre d’actions et un lien, aucun nom de patient.")}
	case "already":
		return &Toast{Text: r.T("Cette personne a déjà été relancée aujourd’hui.")}
	}
	return nil
}

// fill keeps the open rows that the filter lets through.
func (v *teamActionsView) fill(r *request, all careplan.FollowUp) {
	open := slices.Clone(all.Late)
	if !v.Late {
		open = append(open, all.Coming...)
	}
	v.Rows = slices.DeleteFunc(followRows(r.lang, open), func(f followRow) bool { return v.Who != "" && f.Action.Owner != v.Who })
	v.Tell = slices.DeleteFunc(tellRows(r.lang, all.Tell), func(t tellRow) bool {
		return v.Who != "" && t.Who != v.Who || v.Late && t.Late() == 0
	})
}

// owing sums up by person, those with the most that is late first.
func (s *Server) owing(r *request, all careplan.FollowUp, today date.Date) ([]owes, error) {
	var people []owes
	add := func(who id.Professional, name string, late int) {
		i := slices.IndexFunc(people, func(o owes) bool { return o.ID == who && (who != "" || o.Name == name) })
		if i < 0 {
			people = append(people, owes{ID: who, Name: name})
			i = len(people) - 1
		}
		people[i].Open++
		if late > 0 {
			people[i].Late++
		}
	}
	for _, f := range slices.Concat(all.Late, all.Coming) {
		add(f.Action.Owner, f.Action.OwnerName, f.Late())
	}
	for _, t := range all.Tell {
		add(t.Who, t.WhoName, t.Late())
	}
	var ids []id.Professional
	for _, o := range people {
		if o.ID != "" {
			ids = append(ids, o.ID)
		}
	}
	last, err := s.cfg.Patients.Reminders(r.ctx(), r.actor, ids)
	for i := range people {
		people[i].Reminded = last[people[i].ID]
		people[i].Today = people[i].Reminded.Day == today
	}
	slices.SortStableFunc(people, func(a, b owes) int {
		return cmp.Or(cmp.Compare(b.Late, a.Late), cmp.Compare(b.Open, a.Open), cmp.Compare(a.Name, b.Name))
	})
	return people, err
}
