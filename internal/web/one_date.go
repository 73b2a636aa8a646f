package web

import (
	"net/http"

	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// dateTitles are the titles of what is done to one date.
var dateTitles = map[string]string{"move": lang.Mark("Déplacer la réunion"), "cancel": lang.Mark("Annuler la réunion")}

func (s *Server) movePage(r *request) error {
	return s.showDate(r, http.StatusOK, "move", movedTo(r))
}

func (s *Server) cancelPage(r *request) error {
	return s.showDate(r, http.StatusOK, "cancel", Form{})
}

// showDate shows what moving or cancelling one meeting does, before it is done.
func (s *Server) showDate(r *request, status int, verb string, f Form) error {
	full, err := s.meetingOf(r)
	if err != nil {
		return err
	}
	b, err := s.base(r, place{team: full.Meeting.Team}, dateTitles[verb])
	if err != nil {
		return err
	}
	v := &stepView{Base: b, Form: f, M: s.head(r, full, verb), Verb: verb}
	if full.Meeting.Linked() {
		v.Series = full.Meeting.Series
	}
	if v.M.Leads && v.M.Is("draft", "open", "closed") && (!f.Failed() || f.Error("anyway") != "") {
		o, err := s.cfg.Meetings.DateOutline(r.ctx(), r.actor, full.Meeting.ID, s.dateEdit(full.Meeting, verb, f))
		again, bad := refused(r, err)
		switch {
		case bad:
			status, v.Form = http.StatusUnprocessableEntity, again
			v.Values = f.Values
		case err != nil:
			return err
		default:
			v.Outline = s.outline(r, o, full.Meeting.Location(), "", f)
		}
	}
	return s.render(r, status, "step", v)
}

// dateEdit is the edit that the form holds; before anything was typed, the
// meeting as it is.
func (s *Server) dateEdit(m meetings.Meeting, verb string, f Form) meetings.DateEdit {
	e := meetings.DateEdit{Version: m.Version, Reason: f.Get("reason")}
	if verb != "move" {
		return e
	}
	to := meetings.Move{Starts: m.Starts, Ends: m.Ends, Room: m.Room, URL: m.URL}
	if f.Has("day") {
		to = s.moveOf(f.Values, m.Location())
		if !f.Has("room") { // another date was chosen, and nothing else
			to.Room, to.URL = m.Room, m.URL
		}
	}
	e.Move = &to
	return e
}

func (s *Server) moveMeeting(r *request) error {
	full, err := s.meetingOf(r)
	if err != nil {
		return err
	}
	if r.text("do") == "preview" {
		return s.showDate(r, http.StatusOK, "move", Form{Values: r.form()})
	}
	m := full.Meeting
	_, err = s.cfg.Meetings.Move(r.ctx(), r.actor, m.ID, r.number("version"), s.readMove(r, m.Location()))
	if f, ok := refused(r, err); ok {
		return s.showDate(r, http.StatusUnprocessableEntity, "move", f)
	}
	if err != nil {
		return err
	}
	return r.see("/meetings/" + string(m.ID))
}

func (s *Server) cancelMeeting(r *request) error {
	m, err := pathID[id.Meeting](r, "id")
	if err != nil {
		return err
	}
	if _, err := s.cfg.Meetings.Cancel(r.ctx(), r.actor, m, r.number("version"), r.text("reason")); err != nil {
		return err
	}
	return r.see("/meetings/" + string(m))
}
