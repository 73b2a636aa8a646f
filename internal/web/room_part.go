package web

import (
	"cmp"
	"net/http"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// sheetPart is the part of the room that changes while somebody writes: the
// fields of one case, without the trajectories. A screen reads it at each event
// of its case, and its whole page at any other.
func (s *Server) sheetPart(r *request) error {
	m, c, err := roomPath(r)
	if err != nil {
		return err
	}
	full, err := s.cfg.Meetings.Get(r.ctx(), r.actor, m)
	if err != nil {
		return err
	}
	line, err := s.cfg.Agenda.Case(r.ctx(), r.actor, c)
	if err != nil {
		return err
	}
	if line.Meeting != m {
		return fault.New(fault.NotFound, "web.sheetPart", "")
	}
	d, err := s.cfg.Minutes.Decision(r.ctx(), r.actor, c)
	if err != nil {
		return err
	}
	view := &roomView{Base: s.gate(r, "Salle"), Writable: writable(full.Meeting.Status)}
	view.Case = sheetOnly(r, full, line, d)
	return s.renderPart(r, http.StatusOK, "room", "sheet", view)
}

// sheetOnly is a case with nothing but what is written on it.
func sheetOnly(r *request, full meetings.Full, l agenda.Item, d minutes.Decision) *caseView {
	c := &caseView{
		Item: l, Path: "/meetings/" + string(l.Meeting) + "/room/" + string(l.ID), Quorum: caseQuorum(r, full, d.Quorum), By: d.ByName,
		Members: memberNames(full), Types: documentTypes(r.lang), Tag: caseTag(l.ID), Sheet: sheetOf(d),
	}
	c.Sheet.Type = cmp.Or(c.Sheet.Type, minutes.DefaultType(full.Meeting.Kind))
	if !d.At.IsZero() && d.Version > 0 {
		c.Saved = d.At.In(full.Meeting.Location())
	}
	return c
}

// writable reports whether decisions are written in a meeting's state.
func writable(st meetings.Status) bool { return st == meetings.Running || st == meetings.Held }
