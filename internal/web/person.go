package web

import (
	"net/http"

	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// personView is one professional: who they are, and what they may open. A new
// one has no account yet.
type personView struct {
	Base
	Form               // the refused one
	Which       string // the refused form: "" (who), "access" or "password"
	Person      personRow
	New         bool
	Own         bool   // the administrator's own account
	Made        string // the password that was made: shown this once
	Professions []choice
}

func (s *Server) person(r *request) error {
	p, err := s.personOf(r)
	if err != nil {
		return err
	}
	return s.showPerson(r, http.StatusOK, &personView{Person: p})
}

func (s *Server) showPerson(r *request, status int, view *personView) (err error) {
	view.Own = view.Person.ID == r.actor.Professional
	for _, p := range meetings.Professions {
		view.Professions = append(view.Professions, choice{p.Key, meetings.ProfessionName(p.Key, r.lang), p.Key == view.Person.Profession})
	}
	if view.Base, err = s.base(r, place{menu: "/people"}, "Personne et accès"); err != nil {
		return err
	}
	if status == http.StatusOK && view.Made == "" {
		view.Toast = personToast(r, view.Person.ID)
	}
	return s.render(r, status, "person", view)
}

// personToast says what was just done, with the form that undoes it.
func personToast(r *request, p id.Professional) *Toast {
	undo := "/people/" + string(p)
	switch r.Query("did") {
	case "add":
		return &Toast{Text: r.T("Personne ajoutée.")}
	case "save":
		return &Toast{Text: r.T("Fiche enregistrée.")}
	case "access":
		return &Toast{Text: r.T("Accès donné.")}
	case "password":
		return &Toast{Text: r.T("Mot de passe changé. Ses sessions sont terminées.")}
	case "links":
		return &Toast{Text: r.T("Liens révoqués. Les prochains courriels en porteront de nouveaux.")}
	case "disable":
		return &Toast{Text: r.T("Compte désactivé."), Undo: undo + "/enable"}
	case "enable":
		return &Toast{Text: r.T("Compte réactivé."), Undo: undo + "/disable"}
	case "admin":
		return &Toast{Text: r.T("Peut administrer."), Undo: undo + "/unadmin"}
	case "unadmin":
		return &Toast{Text: r.T("N’administre plus."), Undo: undo + "/admin"}
	}
	return nil
}

// changePerson saves who somebody is, at the version that was seen.
func (s *Server) changePerson(r *request) error {
	row, err := s.personOf(r)
	if err != nil {
		return err
	}
	row.Version = max(r.number("version"), 1)
	row.Professional, err = s.savePerson(r, row.Professional)
	if f, ok := refused(r, err); ok {
		return s.showPerson(r, http.StatusUnprocessableEntity, &personView{Form: f, Person: row})
	}
	if err != nil {
		return err
	}
	return r.see("/people/" + string(row.ID) + "?did=save")
}

// giveAccess opens an account.
func (s *Server) giveAccess(r *request) error {
	return s.withPassword(r, "access", func(p id.Professional) (string, error) {
		return s.cfg.Auth.GiveAccess(r.ctx(), r.actor, p, r.text("login"), r.PostForm("password"))
	})
}

// resetPassword gives somebody a new password.
func (s *Server) resetPassword(r *request) error {
	return s.withPassword(r, "password", func(p id.Professional) (string, error) {
		return s.cfg.Auth.SetPassword(r.ctx(), r.actor, p, r.PostForm("password"))
	})
}

// withPassword acts, and shows the password that was made, this once.
func (s *Server) withPassword(r *request, which string, act func(id.Professional) (made string, err error)) error {
	p, err := s.personOf(r)
	if err != nil {
		return err
	}
	made, err := act(p.ID)
	if f, ok := refused(r, err); ok {
		f.Values.Del("password")
		return s.showPerson(r, http.StatusUnprocessableEntity, &personView{Form: f, Which: which, Person: p})
	}
	if err != nil {
		return err
	}
	if made == "" {
		return r.see("/people/" + string(p.ID) + "?did=" + which)
	}
	if p, err = s.personOf(r); err != nil {
		return err
	}
	return s.showPerson(r, http.StatusOK, &personView{Person: p, Made: made})
}

// The account's switches: each is one call, then the page again.

func (s *Server) disableAccount(r *request) error {
	return s.flip(r, "disable", func(p id.Professional) error { return s.cfg.Auth.Disable(r.ctx(), r.actor, p) })
}

func (s *Server) enableAccount(r *request) error {
	return s.flip(r, "enable", func(p id.Professional) error { return s.cfg.Auth.Enable(r.ctx(), r.actor, p) })
}

func (s *Server) makeAdmin(r *request) error {
	return s.flip(r, "admin", func(p id.Professional) error { return s.cfg.Auth.SetAdmin(r.ctx(), r.actor, p, true) })
}

func (s *Server) unmakeAdmin(r *request) error {
	return s.flip(r, "unadmin", func(p id.Professional) error { return s.cfg.Auth.SetAdmin(r.ctx(), r.actor, p, false) })
}

func (s *Server) flip(r *request, did string, act func(id.Professional) error) error {
	p, err := pathID[id.Professional](r, "id")
	if err != nil {
		return err
	}
	if err := act(p); err != nil {
		return err
	}
	return r.see("/people/" + string(p) + "?did=" + did)
}
