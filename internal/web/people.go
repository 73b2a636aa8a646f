package web

import (
	"net/http"
	"slices"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// peopleView is « Personnes et accès », for administrators.
type peopleView struct {
	Base
	People         []personRow
	Active, Admins int // accounts
}

// personRow is a professional with their teams and their account.
type personRow struct {
	auth.Professional
	Address string // "secure", "ordinary" or ""
	Teams   []teamRole
	Access  auth.Access // zero: no account
}

// teamRole is what somebody is in a team today.
type teamRole struct {
	ID   id.Team
	Name string
	Role auth.Role
}

// HasAccount reports whether the person was given access.
func (p personRow) HasAccount() bool { return p.Access.Email != "" }

func (s *Server) people(r *request) error {
	all, err := s.peopleRows(r)
	if err != nil {
		return err
	}
	b, err := s.base(r, place{menu: "/people"}, "Personnes et accès")
	if err != nil {
		return err
	}
	view := &peopleView{Base: b, People: all}
	for _, p := range all {
		if p.HasAccount() && p.Access.Active() {
			view.Active++
			if p.Access.Admin {
				view.Admins++
			}
		}
	}
	return s.render(r, http.StatusOK, "people", view)
}

// peopleRows are the organisation's professionals, by name.
func (s *Server) peopleRows(r *request) ([]personRow, error) {
	accounts, err := s.cfg.Auth.Accounts(r.ctx(), r.actor)
	if err != nil {
		return nil, err
	}
	access := map[id.Professional]auth.Access{}
	for _, x := range accounts {
		if !x.SignedIn.IsZero() {
			x.SignedIn = x.SignedIn.In(paris())
		}
		x.Created = x.Created.In(paris())
		access[x.Professional] = x
	}
	everybody, err := s.cfg.Meetings.Professionals(r.ctx(), r.actor)
	if err != nil {
		return nil, err
	}
	org, err := s.cfg.Meetings.Org(r.ctx(), r.actor)
	if err != nil {
		return nil, err
	}
	teams, err := s.cfg.Meetings.Teams(r.ctx(), r.actor)
	if err != nil {
		return nil, err
	}
	roles := s.roles(teams)
	rows := make([]personRow, len(everybody))
	for i, p := range everybody {
		rows[i] = personRow{p, addressWord(p.Email, org.SecureDomains), roles[p.ID], access[p.ID]}
	}
	return rows, nil
}

// roles are those held today, by person.
func (s *Server) roles(teams []meetings.Team) map[id.Professional][]teamRole {
	all := map[id.Professional][]teamRole{}
	for _, t := range teams {
		for _, m := range s.members(t) {
			all[m.ID] = append(all[m.ID], teamRole{t.ID, t.Name, m.Role})
		}
	}
	return all
}

// personOf is the professional that the path names.
func (s *Server) personOf(r *request) (personRow, error) {
	p, err := pathID[id.Professional](r, "id")
	if err != nil {
		return personRow{}, err
	}
	all, err := s.peopleRows(r)
	if err != nil {
		return personRow{}, err
	}
	at := slices.IndexFunc(all, func(one personRow) bool { return one.ID == p })
	if at < 0 {
		return personRow{}, fault.New(fault.NotFound, "web.personOf", "")
	}
	return all[at], nil
}

// newPerson and addPerson add a professional; access comes next, on their page.
func (s *Server) newPerson(r *request) error {
	return s.showPerson(r, http.StatusOK, &personView{New: true})
}

func (s *Server) addPerson(r *request) error {
	saved, err := s.savePerson(r, auth.Professional{})
	if f, ok := refused(r, err); ok {
		return s.showPerson(r, http.StatusUnprocessableEntity, &personView{Form: f, New: true, Person: personRow{Professional: saved}})
	}
	if err != nil {
		return err
	}
	return r.see("/people/" + string(saved.ID) + "?did=add")
}

// savePerson saves what was typed over p, and returns it even when refused. A
// number that somebody else has is told beside its field.
func (s *Server) savePerson(r *request, p auth.Professional) (auth.Professional, error) {
	p = r.professional(p)
	all, err := s.cfg.Meetings.Professionals(r.ctx(), r.actor)
	if err != nil {
		return p, err
	}
	var c fault.Check
	c.That(p.RPPS == "" || !slices.ContainsFunc(all, func(x auth.Professional) bool { return x.RPPS == p.RPPS && x.ID != p.ID }),
		"rpps", "Quelqu’un a déjà ce numéro.")
	if err := c.Err("web.savePerson"); err != nil {
		return p, err
	}
	saved, err := s.cfg.Meetings.SaveProfessional(r.ctx(), r.actor, p)
	if err != nil {
		return p, err
	}
	return saved, nil
}

// professional reads who somebody is from the form over p.
func (r *request) professional(p auth.Professional) auth.Professional {
	p.Family, p.Given, p.Title, p.Profession = r.text("family"), r.text("given"), r.text("title"), r.text("profession")
	p.Specialty, p.RPPS, p.Email = r.text("specialty"), r.text("rpps"), r.text("email")
	return p
}
