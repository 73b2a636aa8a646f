package web

import (
	"html/template"
	"net/http"
	"strings"

	"github.com/rcp-care/rcp/internal/auth"
)

// calendarAccess is what a calendar program is told, once.
type calendarAccess struct {
	Feed   string       // address to subscribe to
	Webcal template.URL // the same, for programs that open such links by themselves
	DAV    string       // address of the CalDAV account
	Login  string
	Secret string // its password
}

// calendarLinks reads the person's links, with times of here.
func (s *Server) calendarLinks(r *request) ([]auth.CalendarLink, error) {
	all, err := s.cfg.Auth.CalendarLinks(r.ctx(), r.actor)
	for i := range all {
		all[i].Created = all[i].Created.In(paris())
		if !all[i].Seen.IsZero() {
			all[i].Seen = all[i].Seen.In(paris())
		}
	}
	return all, err
}

// createCalendar makes a link to the person's own calendar and shows its secret
// on the answer itself: it is kept nowhere.
func (s *Server) createCalendar(r *request) error {
	secret, err := s.cfg.Auth.NewCalendarLink(r.ctx(), r.actor, r.text("calendar"))
	if f, ok := refused(r, err); ok {
		return s.showAccount(r, http.StatusUnprocessableEntity, &accountView{Form: f, Which: "calendar"})
	}
	if err != nil {
		return err
	}
	login, err := s.cfg.Auth.Login(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	return s.showAccount(r, http.StatusOK, &accountView{Access: s.access(login, secret)})
}

func (s *Server) access(login, secret string) *calendarAccess {
	base := strings.TrimSuffix(s.cfg.BaseURL, "/")
	feed := base + "/calendar/" + secret + ".ics"
	_, rest, _ := strings.Cut(feed, "://")
	webcal := template.URL("webcal://" + rest) //nolint:gosec // our own address and a secret of letters and digits
	return &calendarAccess{Feed: feed, Webcal: webcal, DAV: base + "/dav/", Login: login, Secret: secret}
}

// revokeCalendar ends one of the person's links, named by its hash.
func (s *Server) revokeCalendar(r *request) error {
	if err := s.cfg.Auth.RevokeCalendarLink(r.ctx(), r.actor, r.text("link")); err != nil {
		return err
	}
	return r.see("/account?did=calendar")
}
