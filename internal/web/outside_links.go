package web

import (
	"net/http"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// linksView is the addresses that a team gave to professionals outside it.
type linksView struct {
	Base
	Form
	Team meetings.Team
	Rows []linkRow
}

type linkRow struct {
	agenda.OutsideLink
	Address string // empty: it serves no more
	Shown   state
}

// linkDays is how long an address serves unless somebody says otherwise.
const linkDays = "180"

func (s *Server) linksPage(r *request) error { return s.showLinks(r, http.StatusOK, Form{}) }

func (s *Server) showLinks(r *request, status int, f Form) error {
	t, err := pathID[id.Team](r, "id")
	if err != nil {
		return err
	}
	v := &linksView{Form: f}
	all, err := s.cfg.Agenda.OutsideLinks(r.ctx(), r.actor, t)
	if err != nil {
		return err
	}
	if v.Team, err = s.cfg.Meetings.Team(r.ctx(), r.actor, t); err != nil {
		return err
	}
	loc := meetings.Meeting{Zone: v.Team.Zone}.Location()
	for _, l := range all {
		row := linkRow{OutsideLink: l, Shown: state{"off", r.T("Terminé")}}
		row.Expires, row.Created = l.Expires.In(loc), l.Created.In(loc)
		if l.Serves(s.now()) {
			row.Shown, row.Address = state{"ok", r.T("Actif")}, s.cfg.BaseURL+"/d/"+s.cfg.Links.Sign(l.Token())
		}
		v.Rows = append(v.Rows, row)
	}
	if v.Base, err = s.base(r, place{menu: "/teams", team: t}, "Liens d’inscription"); err != nil {
		return err
	}
	return s.render(r, status, "links", v)
}

// Days is what the field holds.
func (v *linksView) Days() string {
	if v.Failed() {
		return v.Get("days")
	}
	return linkDays
}

func (s *Server) addLink(r *request) error {
	t, err := pathID[id.Team](r, "id")
	if err != nil {
		return err
	}
	_, err = s.cfg.Agenda.NewOutsideLink(r.ctx(), r.actor, t, r.text("label"), r.number("days"))
	if f, ok := refused(r, err); ok {
		return s.showLinks(r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return r.see("/teams/" + string(t) + "/links")
}

func (s *Server) revokeLink(r *request) error {
	t, err := pathID[id.Team](r, "id")
	if err != nil {
		return err
	}
	l, err := pathID[id.OutsideLink](r, "link")
	if err != nil {
		return err
	}
	if err := s.cfg.Agenda.RevokeOutsideLink(r.ctx(), r.actor, l); err != nil {
		return err
	}
	return r.see("/teams/" + string(t) + "/links")
}
