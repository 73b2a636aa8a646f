package web

import (
	"net/http"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// saveDecision records the sheet of a case, then stays or goes to the next
// patient. A sheet on which nothing was said is not recorded.
func (s *Server) saveDecision(r *request) error {
	m, c, err := roomPath(r)
	if err != nil {
		return err
	}
	full, err := s.cfg.Meetings.Get(r.ctx(), r.actor, m)
	if err != nil {
		return err
	}
	typed := readSheet(r)
	if r.text("do") == "both" {
		typed = typed.merged(r)
	}
	saved := r.text("saved") != "" // each field left as it was typed
	if !saved && (!typed.empty() || typed.Version > 0) {
		if done, err := s.record(r, full, c, typed); done || err != nil {
			return err
		}
	}
	return s.goOn(r, full, c)
}

// record saves the sheet; done is true when it was answered with a page.
func (s *Server) record(r *request, full meetings.Full, c id.Case, typed sheet) (done bool, err error) {
	d, err := typed.decision(date.Of(s.now().In(full.Meeting.Location())), full)
	if err == nil {
		_, err = s.cfg.Minutes.Record(r.ctx(), r.actor, c, d)
	}
	if f, ok := refused(r, err); ok {
		return true, s.showRoom(r, http.StatusUnprocessableEntity, f, &typed, nil)
	}
	if !fault.Is(err, fault.Conflict) {
		return false, err
	}
	newer, errRead := s.cfg.Minutes.Decision(r.ctx(), r.actor, c)
	if errRead != nil || newer.Version == typed.Version {
		return false, err // the meeting's state forbids it: no second text to show
	}
	mine := sheetOf(d) // names and days as they would have been saved, to compare like with like
	return true, s.showRoom(r, http.StatusConflict, Form{}, &mine, &newer)
}

// goOn answers a saved sheet.
func (s *Server) goOn(r *request, full meetings.Full, c id.Case) error {
	room := "/meetings/" + string(full.Meeting.ID) + "/room/"
	next := id.Case(r.text("next"))
	switch {
	case r.text("do") == "more":
		return r.see(room + string(c) + "#actions")
	case r.text("do") != "next":
		return r.see(room + string(c))
	case !id.Valid(next):
		return r.see("/meetings/" + string(full.Meeting.ID) + "/room")
	}
	if err := s.begin(r, full, next); err != nil {
		return err
	}
	return r.see(room + string(next))
}

// begin notes that the discussion of a case starts, while the meeting runs.
func (s *Server) begin(r *request, full meetings.Full, c id.Case) error {
	if full.Meeting.Status != meetings.Running {
		return nil
	}
	err := s.lead(r, full.Meeting.ID, c)
	if fault.Is(err, fault.Forbidden) {
		return nil // a member without the right to lead may still write
	}
	return err
}

// beginCase starts the clock of a case.
func (s *Server) beginCase(r *request) error {
	m, c, err := roomPath(r)
	if err != nil {
		return err
	}
	if err := s.lead(r, m, c); err != nil {
		return err
	}
	return r.see("/meetings/" + string(m) + "/room/" + string(c))
}

// deferInRoom carries a case over and goes on with the next.
func (s *Server) deferInRoom(r *request) error {
	m, c, err := roomPath(r)
	if err != nil {
		return err
	}
	_, err = s.cfg.Agenda.Defer(r.ctx(), r.actor, c, r.text("why"))
	if f, ok := refused(r, err); ok {
		return s.showRoom(r, http.StatusUnprocessableEntity, f, nil, nil)
	}
	if err != nil {
		return err
	}
	return r.see("/meetings/" + string(m) + "/room")
}

// takeBack undoes a deferral.
func (s *Server) takeBack(r *request) error {
	m, c, err := roomPath(r)
	if err != nil {
		return err
	}
	if _, err := s.cfg.Agenda.Undefer(r.ctx(), r.actor, c); err != nil {
		return err
	}
	return r.see("/meetings/" + string(m) + "/room/" + string(c))
}

func roomPath(r *request) (id.Meeting, id.Case, error) {
	m, err := pathID[id.Meeting](r, "id")
	if err != nil {
		return "", "", err
	}
	c, err := pathID[id.Case](r, "case")
	return m, c, err
}

// verdictChoice is one of the five verdicts with its key.
type verdictChoice struct {
	Key     int
	Verdict minutes.Verdict
}

// VerdictChoices are the verdicts in the order of their keys.
func (v *roomView) VerdictChoices() []verdictChoice {
	out := make([]verdictChoice, len(minutes.Verdicts))
	for i, w := range minutes.Verdicts {
		out[i] = verdictChoice{i + 1, w}
	}
	return out
}

// CurrentObjective is the first objective without a verdict: where the keys act.
func (c *caseView) CurrentObjective() int {
	for i, o := range c.Sheet.Objectives {
		if !o.New() && o.Verdict == "" {
			return i
		}
	}
	return 0
}
