package web

import (
	"net/http"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
)

// accountView is the person's own page.
type accountView struct {
	Base
	Form
	Which     string // the refused form: "password", "token" or "calendar"
	Token     string // just made: shown this once
	Tokens    []auth.Token
	Access    *calendarAccess // just made: shown this once
	Calendars []auth.CalendarLink
	Digest    bool // receives the summary of their week
}

func (s *Server) account(r *request) error { return s.showAccount(r, http.StatusOK, &accountView{}) }

func (s *Server) showAccount(r *request, status int, view *accountView) (err error) {
	if view.Tokens, err = s.cfg.Auth.Tokens(r.ctx(), r.actor); err != nil {
		return err
	}
	for i := range view.Tokens {
		view.Tokens[i].Created = view.Tokens[i].Created.In(paris())
	}
	if view.Digest, err = s.cfg.Patients.Digest(r.ctx(), r.actor); err != nil {
		return err
	}
	if view.Calendars, err = s.calendarLinks(r); err != nil {
		return err
	}
	if view.Base, err = s.base(r, place{menu: "/account"}, "Mon compte"); err != nil {
		return err
	}
	switch did := r.Query("did"); {
	case status != http.StatusOK || view.Token != "" || view.Access != nil:
	case did == "password":
		view.Toast = &Toast{Text: r.T("Mot de passe changé. Vos autres sessions sont terminées.")}
	case did == "revoke":
		view.Toast = &Toast{Text: r.T("Jeton révoqué.")}
	case did == "digest" && view.Digest:
		view.Toast = &Toast{Text: r.T("Vous recevrez le résumé de la semaine le lundi.")}
	case did == "digest":
		view.Toast = &Toast{Text: r.T("Vous ne recevrez plus le résumé de la semaine.")}
	case did == "links":
		view.Toast = &Toast{Text: r.T("Liens révoqués. Les prochains courriels en porteront de nouveaux.")}
	case did == "calendar":
		view.Toast = &Toast{Text: r.T("Lien révoqué : il n’ouvre plus rien.")}
	}
	return s.render(r, status, "account", view)
}

// changePassword changes the person's own password: the old one is asked for,
// and the other sessions end.
func (s *Server) changePassword(r *request) error {
	var c fault.Check
	c.That(r.PostForm("new") == r.PostForm("again"), "again", "Les deux saisies diffèrent.")
	err := c.Err("web.changePassword")
	if err == nil {
		token, _ := r.Cookie(s.cookieName()) // there is one: the route asks for a session
		err = s.cfg.Auth.ChangePassword(r.ctx(), r.actor, token, r.PostForm("password"), r.PostForm("new"))
	}
	if f, ok := refused(r, err); ok {
		f.Values = nil // passwords are typed again
		return s.showAccount(r, http.StatusUnprocessableEntity, &accountView{Form: f, Which: "password"})
	}
	if err != nil {
		return err
	}
	return r.see("/account?did=password")
}

// createToken makes an API token, after the password was given again: it opens
// the same doors as the session, for longer.
func (s *Server) createToken(r *request) error {
	var c fault.Check
	c.That(r.text("name") != "", "name", "Un nom est attendu, par exemple « tableau de bord ».")
	err := c.Err("web.createToken")
	if err == nil {
		err = s.cfg.Auth.Confirm(r.ctx(), r.actor, r.PostForm("password"))
	}
	if f, ok := refused(r, err); ok {
		return s.showAccount(r, http.StatusUnprocessableEntity, &accountView{Form: f, Which: "token"})
	}
	if err != nil {
		return err
	}
	token, err := s.cfg.Auth.NewToken(r.ctx(), r.actor, r.actor.Professional, r.text("name"))
	if err != nil {
		return err
	}
	return s.showAccount(r, http.StatusOK, &accountView{Token: token})
}

// revokeToken ends one of the person's tokens, named by its hash.
func (s *Server) revokeToken(r *request) error {
	if err := s.cfg.Auth.RevokeToken(r.ctx(), r.actor, r.text("token")); err != nil {
		return err
	}
	return r.see("/account?did=revoke")
}
