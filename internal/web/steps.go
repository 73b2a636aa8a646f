package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// step is one way a meeting goes on: its service method and where the person
// lands. Each has a form shown in a dialog, or as a page without script.
type step struct {
	verb  string // last part of the path, and the name of the template
	title string // French source sentence
	do    func(Meetings, context.Context, auth.Actor, id.Meeting, int) (meetings.Meeting, error)
	to    string // last part of the path shown afterwards
}

// steps are the meeting's steps that take nothing but a confirmation.
func steps() []step {
	return []step{
		{"open", "Envoyer les invitations", Meetings.Open, ""},
		{"close", "Clore les inscriptions et envoyer l’ordre du jour", Meetings.Close, ""},
		{"start", "Commencer la réunion", Meetings.Start, "/room"},
		{"end", "Terminer la réunion", Meetings.End, "/minutes"},
	}
}

// stepView asks for a step, for who has no script; dialogs hold the same form.
type stepView struct {
	Base
	Form
	M       meetingHead
	Verb    string
	Series  id.Series    // whose date the meeting is
	Outline *outlineView // of a move or cancellation
}

// stepRoutes are the pages and forms of steps, moving and cancelling.
func (s *Server) stepRoutes() []route {
	out := []route{
		{get, "/meetings/:id/move", signedIn, s.movePage},
		{post, "/meetings/:id/move", signedIn, s.moveMeeting},
		{get, "/meetings/:id/cancel", signedIn, s.cancelPage},
		{post, "/meetings/:id/cancel", signedIn, s.cancelMeeting},
	}
	for _, st := range steps() {
		out = append(out,
			route{get, "/meetings/:id/" + st.verb, signedIn, s.stepPage(st.verb, st.title)},
			route{post, "/meetings/:id/" + st.verb, signedIn, s.takeStep(st)})
	}
	return out
}

func (s *Server) stepPage(verb, title string) handler {
	return func(r *request) error { return s.showStep(r, http.StatusOK, verb, title, Form{}) }
}

func (s *Server) showStep(r *request, status int, verb, title string, f Form) error {
	full, err := s.meetingOf(r)
	if err != nil {
		return err
	}
	b, err := s.base(r, place{team: full.Meeting.Team}, title)
	if err != nil {
		return err
	}
	v := &stepView{Base: b, Form: f, M: s.head(r, full, verb), Verb: verb}
	if verb == "close" && v.M.Leads && v.M.Is("open") {
		if v.M.Sending, err = s.sendingNow(r, full); err != nil {
			return err
		}
	}
	return s.render(r, status, "step", v)
}

func (s *Server) takeStep(st step) handler {
	return func(r *request) error {
		m, err := pathID[id.Meeting](r, "id")
		if err != nil {
			return err
		}
		if _, err := st.do(s.cfg.Meetings, r.ctx(), r.actor, m, r.number("version")); err != nil {
			return err
		}
		return r.see("/meetings/" + string(m) + st.to)
	}
}

// readMove reads a day, two hours and a place in a zone. A day or an hour that
// cannot be read leaves the zero time, which the service refuses.
func (s *Server) readMove(r *request, loc *time.Location) meetings.Move {
	return s.moveOf(r.form(), loc)
}

func (s *Server) moveOf(v url.Values, loc *time.Location) meetings.Move {
	text := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	to := meetings.Move{Room: text("room"), URL: text("url"), Anyway: text("anyway") != ""}
	day, ok := readDay(text("day"), s.today(loc))
	if !ok || day.IsZero() {
		return to
	}
	to.Starts = hourOf(text("starts"), day.In(loc))
	to.Ends = hourOf(text("ends"), day.In(loc))
	return to
}

// hourOf is an hour of a day, as people write it; zero when it is none.
func hourOf(text string, midnight time.Time) time.Time {
	at, err := time.Parse("15:04", readClock(text))
	if err != nil {
		return time.Time{}
	}
	y, m, d := midnight.Date()
	return time.Date(y, m, d, at.Hour(), at.Minute(), 0, 0, midnight.Location())
}
