package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// meetingsView is the list of meetings, to come or past, and the form of one
// outside any series.
type meetingsView struct {
	Base
	Form
	Past  bool
	Team  id.Team
	Teams []meetings.Team
	Leads []meetings.Team // whose meetings the person may make
	Rows  []meetingRow
	More  string // cursor of the next page
}

type meetingRow struct {
	meetings.Meeting
	From, To time.Time // in the meeting's zone
	Relative string
	Where    string
	Shown    state
}

const meetingsShown = 30

func (s *Server) meetingsPage(r *request) error { return s.showMeetings(r, http.StatusOK, Form{}) }

func (s *Server) showMeetings(r *request, status int, f Form) error {
	b, err := s.base(r, place{menu: "/meetings"}, "Réunions")
	if err != nil {
		return err
	}
	v := &meetingsView{Base: b, Form: f, Past: r.Query("when") == "past", Team: id.Team(r.Query("team"))}
	if v.Teams, err = s.cfg.Meetings.Teams(r.ctx(), r.actor); err != nil {
		return err
	}
	for _, t := range v.Teams {
		if r.actor.In(t.ID, auth.Secretary, auth.Chair) {
			v.Leads = append(v.Leads, t)
		}
	}
	list, next, err := s.cfg.Meetings.List(r.ctx(), r.actor, s.meetingsFilter(r, v))
	if err != nil {
		return err
	}
	v.More = next
	for _, m := range list {
		v.Rows = append(v.Rows, s.meetingRow(r, m))
	}
	return s.render(r, status, "meetings", v)
}

func (s *Server) meetingsFilter(r *request, v *meetingsView) meetings.Filter {
	f := meetings.Filter{Org: r.actor.Org, After: r.Query("after"), Limit: meetingsShown, Newest: v.Past}
	if slices.ContainsFunc(v.Teams, func(t meetings.Team) bool { return t.ID == v.Team }) {
		f.Teams = []id.Team{v.Team}
	}
	if v.Past {
		f.To = s.startOfDay()
	} else {
		f.From = s.startOfDay()
	}
	return f
}

func (s *Server) meetingRow(r *request, m meetings.Meeting) meetingRow {
	loc := m.Location()
	from := m.Starts.In(loc)
	return meetingRow{
		Meeting: m, From: from, To: m.Ends.In(loc), Relative: lang.Relative(r.lang, day(from), s.today(loc)),
		Where: placeOf(r, m), Shown: stateOf(r, m.Status),
	}
}

// createMeeting makes a meeting outside any series.
func (s *Server) createMeeting(r *request) error {
	team := id.Team(r.PostForm("team"))
	loc := paris()
	if t, err := s.cfg.Meetings.Team(r.ctx(), r.actor, team); err != nil {
		return err
	} else if zone, err := time.LoadLocation(t.Zone); err == nil {
		loc = zone
	}
	m, err := s.cfg.Meetings.Create(r.ctx(), r.actor, team, "", s.readMove(r, loc))
	if f, ok := refused(r, err); ok {
		return s.showMeetings(r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return r.see("/meetings/" + string(m.ID))
}
