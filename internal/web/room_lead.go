package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// lead starts the discussion of a case and settles the one that it ends: its
// quorum stays as it was then.
func (s *Server) lead(r *request, m id.Meeting, c id.Case) error {
	list, err := s.cfg.Agenda.Get(r.ctx(), r.actor, m)
	if err != nil {
		return err
	}
	if _, err := s.cfg.Agenda.Begin(r.ctx(), r.actor, c); err != nil {
		return err
	}
	if at := inDiscussion(list.Items); at >= 0 && list.Items[at].ID != c {
		return s.cfg.Minutes.Settle(r.ctx(), r.actor, list.Items[at].ID)
	}
	return nil
}

// roomPresence notes, from the room, that somebody came, left, or came by
// mistake: here, remote, left or unsaid.
func (s *Server) roomPresence(r *request) error {
	full, err := s.meetingOf(r)
	if err != nil {
		return err
	}
	who := id.Professional(r.PostForm("who"))
	at := slices.IndexFunc(full.Attendance, func(a meetings.Attendance) bool { return a.Professional.ID == who })
	if at < 0 {
		return fault.New(fault.NotFound, "web.roomPresence", "")
	}
	edit, err := presenceEdit(full, full.Attendance[at], r.text("do"), s.now())
	if err != nil {
		return err
	}
	if _, err := s.cfg.Meetings.SetAttendance(r.ctx(), r.actor, full.Meeting.ID, []meetings.AttendanceEdit{edit}); err != nil {
		return err
	}
	return r.see(roomOf(r, full.Meeting.ID))
}

// roomOf is the room at the case that a form came from.
func roomOf(r *request, m id.Meeting) string {
	if c := id.Case(r.PostForm("case")); id.Valid(c) {
		return "/meetings/" + string(m) + "/room/" + string(c)
	}
	return "/meetings/" + string(m) + "/room"
}

// presenceEdit is what one button notes at an instant. Who is here when the
// meeting begins has no hour: they are there from its beginning. Who comes back
// keeps the hour at which they first came.
func presenceEdit(full meetings.Full, a meetings.Attendance, do string, now time.Time) (meetings.AttendanceEdit, error) {
	e := meetings.AttendanceEdit{Professional: a.Professional.ID}
	p, arrived, left := a.Presence, a.Arrived, time.Time{}
	switch do {
	case "here", "remote":
		if p = meetings.Present; do == "remote" {
			p = meetings.Remote
		}
		came := a.Presence == meetings.Present || a.Presence == meetings.Remote
		if arrived.IsZero() && !came && full.Meeting.Status == meetings.Running && now.Sub(full.Meeting.Started) > punctual {
			arrived = now
		}
	case "left":
		left = now
	case "unsaid":
		p, arrived = meetings.Expected, time.Time{}
	default:
		return e, fault.New(fault.Invalid, "web.presenceEdit", "Présence inconnue.")
	}
	e.Presence, e.Arrived, e.Left = &p, &arrived, &left
	return e, nil
}

// punctual is how long after the beginning somebody noted as here was there
// from the beginning.
const punctual = 10 * time.Minute

// addableRow is a patient who may be added in the middle of the meeting.
type addableRow struct {
	ID    id.Patient
	Name  string
	Facts string
	There bool
	Why   string // why not
}

// roomFind searches whom to add. It answers at once, without a redirect: a name
// has no place in an address.
func (s *Server) roomFind(r *request) error {
	return s.showRoomAs(r, "room", "Salle", http.StatusOK, Form{}, nil, nil)
}

// findInRoom fills what a search found, when one was asked.
func (s *Server) findInRoom(r *request, v *roomView, day date.Date) error {
	if v.Query = r.text("q"); v.Query == "" || !v.M.Leads {
		return nil
	}
	found, _, err := s.cfg.Patients.Search(r.ctx(), r.actor, v.Query, v.M.Team.ID, "", 10)
	for _, f := range found {
		row := addableRow{ID: f.Patient.ID, Name: f.Patient.Name(), Facts: facts(r, f.Patient, day)}
		row.There = slices.ContainsFunc(v.Run, func(l runRow) bool { return l.Patient.ID == f.Patient.ID && l.Status != agenda.Deferred })
		if _, why := f.Patient.Reviewable(); why != "" {
			row.Why = r.T(notReviewable(why))
		}
		v.Found = append(v.Found, row)
	}
	return err
}

// addInRoom adds a patient on the spot and shows them.
func (s *Server) addInRoom(r *request) error {
	m, err := pathID[id.Meeting](r, "id")
	if err != nil {
		return err
	}
	p := id.Patient(r.PostForm("patient"))
	list, err := s.cfg.Agenda.Add(r.ctx(), r.actor, m, p, r.text("question"), 0)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(list.Items, func(l agenda.Item) bool { return l.Patient.ID == p })
	if at < 0 {
		return r.see("/meetings/" + string(m) + "/room")
	}
	return r.see("/meetings/" + string(m) + "/room/" + string(list.Items[at].ID))
}
