package web

import (
	"net/http"
	"slices"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// closuresView are the days on which a team, or the whole organisation, does
// not meet, and what adding or taking one off does.
type closuresView struct {
	Base
	Form
	Team    meetings.Team // no id: the organisation
	Path    string
	May     bool
	Shared  bool // the organisation's have their own page, for this person
	Rows    []closureRow
	Outline *outlineView
	Remove  id.Closure // the one whose removal is shown
	Removed closureRow
}

// closureRow is a closure; Shared is the organisation's on a team's page.
type closureRow struct {
	meetings.Closure
	Shared bool
	Past   bool
}

func (s *Server) closuresPage(r *request) error { return s.showClosures(r, http.StatusOK, Form{}) }

// openClosures are the closures that a page edits.
type openClosures struct {
	team  meetings.Team
	all   []meetings.Closure // those of the page's own, and those of the organisation
	today date.Date
}

// own are the closures that the page changes.
func (o openClosures) own() []meetings.Closure {
	return slices.DeleteFunc(slices.Clone(o.all), func(c meetings.Closure) bool { return c.Team != o.team.ID })
}

func (s *Server) closuresOf(r *request) (o openClosures, err error) {
	if r.Param("id") != "" {
		tid, err := pathID[id.Team](r, "id")
		if err != nil {
			return o, err
		}
		if o.team, err = s.cfg.Meetings.Team(r.ctx(), r.actor, tid); err != nil {
			return o, err
		}
	}
	o.today = s.todayOf(o.team)
	o.all, err = s.cfg.Meetings.Closures(r.ctx(), r.actor, o.team.ID)
	return o, err
}

// showClosures shows the list and, once something was typed, what it does.
func (s *Server) showClosures(r *request, status int, f Form) error {
	o, err := s.closuresOf(r)
	if err != nil {
		return err
	}
	b, err := s.base(r, place{menu: "/teams", team: o.team.ID}, "Fermetures")
	if err != nil {
		return err
	}
	v := &closuresView{Base: b, Form: f, Team: o.team, Path: "/closures", Rows: closureRows(o)}
	v.May = r.actor.Admin || o.team.ID != "" && r.actor.In(o.team.ID, auth.Secretary, auth.Chair)
	if o.team.ID != "" {
		v.Path, v.Shared = "/teams/"+string(o.team.ID)+"/closures", r.actor.Admin
	}
	if f.Values != nil && (!f.Failed() || f.Error("anyway") != "") {
		all, err := r.closures(o)
		if err != nil {
			return err
		}
		out, err := s.cfg.Meetings.ClosuresOutline(r.ctx(), r.actor, o.team.ID, all)
		again, bad := refused(r, err)
		switch {
		case bad:
			status, v.Form = http.StatusUnprocessableEntity, again
		case err != nil:
			return err
		default:
			v.Outline = s.outline(r, out, zoneOf(o.team), "", f)
		}
	}
	v.remove(r)
	return s.render(r, status, "closures", v)
}

func (v *closuresView) remove(r *request) {
	for _, c := range v.Rows {
		if c.ID == id.Closure(r.PostForm("remove")) && !c.Shared {
			v.Remove, v.Removed = c.ID, c
		}
	}
}

func closureRows(o openClosures) (rows []closureRow) {
	for _, c := range o.all {
		rows = append(rows, closureRow{c, c.Team != o.team.ID, c.Until.Before(o.today)})
	}
	slices.SortStableFunc(rows, func(a, b closureRow) int { return a.From.Sub(b.From) })
	return rows
}

// closures are those that the form leaves: one fewer, or one more.
func (r *request) closures(o openClosures) ([]meetings.Closure, error) {
	all := o.own()
	if gone := id.Closure(r.PostForm("remove")); gone != "" {
		return slices.DeleteFunc(all, func(c meetings.Closure) bool { return c.ID == gone }), nil
	}
	var c fault.Check
	from, okFrom := readDay(r.PostForm("from"), o.today)
	until, okUntil := readDay(r.PostForm("until"), o.today)
	c.That(okFrom && !from.IsZero(), "from", badDay)
	c.That(okUntil, "until", badDay)
	c.That(r.text("name") != "", "name", "Un nom est attendu.")
	return append(all, meetings.Closure{From: from, Until: until, Name: r.text("name")}), c.Err("web.closures")
}

// changeClosures previews or saves what was typed.
func (s *Server) changeClosures(r *request) error {
	o, err := s.closuresOf(r)
	if err != nil {
		return err
	}
	all, err := r.closures(o)
	if err == nil && r.text("do") == "preview" {
		return s.showClosures(r, http.StatusOK, Form{Values: r.form()})
	}
	if err == nil {
		err = s.cfg.Meetings.SaveClosures(r.ctx(), r.actor, o.team.ID, all, r.text("anyway") != "")
	}
	if f, ok := refused(r, err); ok {
		return s.showClosures(r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	if o.team.ID == "" {
		return r.see("/closures")
	}
	return r.see("/teams/" + string(o.team.ID) + "/closures")
}
