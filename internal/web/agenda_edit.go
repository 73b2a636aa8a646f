package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

func (s *Server) draftAgenda(r *request) error {
	m, err := pathID[id.Meeting](r, "id")
	if err != nil {
		return err
	}
	if _, err := s.cfg.Agenda.Draft(r.ctx(), r.actor, m); err != nil {
		return err
	}
	return r.see("/meetings/" + string(m) + "?did=draft")
}

// orderAgenda takes the whole order, as the rows stood on the screen, or the one
// row that was moved in it.
func (s *Server) orderAgenda(r *request) error {
	m, err := pathID[id.Meeting](r, "id")
	if err != nil {
		return err
	}
	var order []id.Case
	for _, c := range r.form()["case"] {
		order = append(order, id.Case(c))
	}
	if at := slices.Index(order, id.Case(r.PostForm("moved"))); at >= 0 {
		_, err = s.cfg.Agenda.Move(r.ctx(), r.actor, m, order[at], at+1)
	} else {
		_, err = s.cfg.Agenda.Order(r.ctx(), r.actor, m, order)
	}
	if err != nil {
		return err
	}
	return r.see("/meetings/" + string(m))
}

// shiftCase moves one line up or down by one: the order without script.
func (s *Server) shiftCase(r *request) error {
	m, err := pathID[id.Meeting](r, "id")
	if err != nil {
		return err
	}
	a, err := s.cfg.Agenda.Get(r.ctx(), r.actor, m)
	if err != nil {
		return err
	}
	c := id.Case(r.PostForm("case"))
	at := slices.IndexFunc(a.Items, func(l agenda.Item) bool { return l.ID == c })
	to := at + 1
	if r.PostForm("by") == "-1" {
		to = at - 1
	}
	if at >= 0 && to >= 0 && to < len(a.Items) {
		if _, err := s.cfg.Agenda.Move(r.ctx(), r.actor, m, c, to+1); err != nil {
			return err
		}
	}
	return r.see("/meetings/" + string(m) + "#c-" + string(c))
}

// findPatient searches whom to add. It answers at once, without a redirect: a
// name has no place in an address.
func (s *Server) findPatient(r *request) error {
	m, err := pathID[id.Meeting](r, "id")
	if err != nil {
		return err
	}
	query := r.text("q")
	return s.showAgenda(r, http.StatusOK, m, func(v *agendaView) error {
		found, _, err := s.cfg.Patients.Search(r.ctx(), r.actor, query, v.M.Team.ID, "", 20)
		v.Query, v.Asked = query, true
		for _, f := range found {
			row := foundView{Summary: f, Facts: facts(r, f.Patient, date.Of(v.M.Starts))}
			row.There = slices.ContainsFunc(v.Lines, func(l lineView) bool { return l.Patient.ID == f.Patient.ID })
			if _, why := f.Patient.Reviewable(); why != "" {
				row.Why = r.T(notReviewable(why))
			} else if f.Closed {
				row.Facts += ", " + r.T("suivi terminé, aucune règle ne le propose")
			}
			v.Found = append(v.Found, row)
		}
		return err
	})
}

func (s *Server) addPatient(r *request) error {
	m, err := pathID[id.Meeting](r, "id")
	if err != nil {
		return err
	}
	p, minutes := id.Patient(r.PostForm("patient")), number(r.PostForm("minutes"))
	a, err := s.cfg.Agenda.Add(r.ctx(), r.actor, m, p, r.text("question"), minutes)
	if err != nil {
		return err
	}
	to := "/meetings/" + string(m)
	if at := slices.IndexFunc(a.Items, func(it agenda.Item) bool { return it.Patient.ID == p }); at >= 0 {
		to += "?did=add&case=" + string(a.Items[at].ID)
	}
	return r.see(to)
}

// number reads a whole number; anything else is 0, which services refuse or
// take for their default.
func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// caseForm reads a form about one line: its id, and the meeting to go back to.
func caseForm(r *request) (c id.Case, page string, err error) {
	if c, err = pathID[id.Case](r, "id"); err != nil {
		return "", "", err
	}
	m := id.Meeting(r.PostForm("meeting"))
	if !id.Valid(m) {
		return "", "", fault.New(fault.NotFound, "web.caseForm", "")
	}
	return c, "/meetings/" + string(m), nil
}

func (s *Server) pinCase(r *request) error {
	c, page, err := caseForm(r)
	if err != nil {
		return err
	}
	if err := s.cfg.Agenda.Pin(r.ctx(), r.actor, c, r.PostForm("pinned") == "true"); err != nil {
		return err
	}
	return r.see(page + "#c-" + string(c))
}

func (s *Server) caseMinutes(r *request) error {
	c, page, err := caseForm(r)
	if err != nil {
		return err
	}
	if err := s.cfg.Agenda.SetMinutes(r.ctx(), r.actor, c, number(r.PostForm("to"))); err != nil {
		return err
	}
	return r.see(page + "#c-" + string(c))
}

func (s *Server) withdrawCase(r *request) error {
	c, page, err := caseForm(r)
	if err != nil {
		return err
	}
	if err := s.cfg.Agenda.Withdraw(r.ctx(), r.actor, c, r.text("reason")); err != nil {
		return err
	}
	return r.see(page + "?did=withdraw&case=" + string(c))
}

func (s *Server) restoreCase(r *request) error {
	c, page, err := caseForm(r)
	if err != nil {
		return err
	}
	if err := s.cfg.Agenda.Restore(r.ctx(), r.actor, c); err != nil {
		return err
	}
	return r.see(page + "#c-" + string(c))
}

func (s *Server) undeferCase(r *request) error {
	c, page, err := caseForm(r)
	if err != nil {
		return err
	}
	if _, err := s.cfg.Agenda.Undefer(r.ctx(), r.actor, c); err != nil {
		return err
	}
	return r.see(page + "#c-" + string(c))
}

// deferView asks why a case is deferred, for who has no script.
type deferView struct {
	Base
	Form
	Case    agenda.Item
	Civil   string
	Back    string
	Reasons []choice
}

func (s *Server) deferPage(r *request) error { return s.showDefer(r, http.StatusOK, Form{}) }

func (s *Server) showDefer(r *request, status int, f Form) error {
	c, err := pathID[id.Case](r, "id")
	if err != nil {
		return err
	}
	it, err := s.cfg.Agenda.Case(r.ctx(), r.actor, c)
	if err != nil {
		return err
	}
	b, err := s.base(r, place{team: it.Team}, "Reporter un dossier")
	if err != nil {
		return err
	}
	return s.render(r, status, "defer", &deferView{
		Base: b, Form: f, Case: it, Civil: it.Patient.Civil(), Back: "/meetings/" + string(it.Meeting), Reasons: deferReasons(r),
	})
}

func (s *Server) deferCase(r *request) error {
	c, page, err := caseForm(r)
	if err != nil {
		return err
	}
	_, err = s.cfg.Agenda.Defer(r.ctx(), r.actor, c, r.PostForm("why"))
	if f, ok := refused(r, err); ok {
		return s.showDefer(r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return r.see(page + "?did=defer&case=" + string(c))
}
