package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// tuesday is when the tests happen: 24 November 2026, 9 h 00 in Paris.
var tuesday = time.Date(2026, time.November, 24, 8, 0, 0, 0, time.UTC)

// fakeAuth knows tokens; a password is good when it is "bon".
type fakeAuth struct {
	Auth
	actors map[string]auth.Actor
}

func (f *fakeAuth) Session(_ context.Context, token, _ string) (auth.Actor, error) {
	a, ok := f.actors[token]
	if !ok {
		return auth.Actor{}, fault.New(fault.Unauthenticated, "fake", "")
	}
	return a, nil
}

func (f *fakeAuth) SignIn(_ context.Context, _, password, _ string) (string, auth.Actor, error) {
	switch password {
	case "bon":
		return "secretary", f.actors["secretary"], nil
	case "trop":
		return "", auth.Actor{}, fault.New(fault.Limited, "fake", "Trop d’essais. Attendez %d minutes.", 15)
	case "casse":
		return "", auth.Actor{}, fault.Errorf("fake", "secret of the machine")
	}
	return "", auth.Actor{}, fault.New(fault.Unauthenticated, "fake", "Mot de passe inexact. Encore %d essais.", 4)
}

func (f *fakeAuth) SignOut(context.Context, string) error { return nil }

func (f *fakeAuth) SetLang(context.Context, auth.Actor, string) error { return nil }

type fakeMeetings struct{ Meetings }

func (fakeMeetings) Teams(context.Context, auth.Actor) ([]meetings.Team, error) { return nil, nil }

func (fakeMeetings) List(context.Context, auth.Actor, meetings.Filter) ([]meetings.Meeting, string, error) {
	return nil, "", nil
}

type fakeAgenda struct{ Agenda }

func (fakeAgenda) Requests(context.Context, auth.Actor, []agenda.RequestStatus, string, int) ([]agenda.Request, string, error) {
	return nil, "", nil
}

// harness is the pages over real templates and the real router.
type harness struct {
	handler http.Handler
	server  *Server
}

func setup(t *testing.T, change ...func(*Config)) *harness {
	t.Helper()
	cfg := Config{
		Auth: &fakeAuth{actors: map[string]auth.Actor{
			"secretary": {Professional: id.New[id.Professional](), Name: "Odile Marchenoir", Lang: "fr", Teams: map[id.Team]auth.Role{"t": auth.Secretary}},
			"clinician": {Professional: id.New[id.Professional](), Name: "Maud Ferrandon", Lang: "fr", Teams: map[id.Team]auth.Role{"t": auth.Clinician}},
			"english":   {Professional: id.New[id.Professional](), Name: "Odile Marchenoir", Lang: "en", Teams: map[id.Team]auth.Role{"t": auth.Secretary}},
			"admin":     {Professional: id.New[id.Professional](), Name: "Ada Admin", Lang: "fr", Admin: true},
		}},
		Meetings: fakeMeetings{}, Agenda: fakeAgenda{},
		Now: func() time.Time { return tuesday },
	}
	for _, c := range change {
		c(&cfg)
	}
	s, engine, err := build(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.mount(engine)
	if cfg.MountAPI != nil {
		cfg.MountAPI(engine)
	}
	return &harness{server: s, handler: http.NewCrossOriginProtection().Handler(engine)}
}

// as sends a request with a session's token ("" for none) and an optional form.
func (h *harness) as(t *testing.T, token, method, path string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://rcp.test"+path, strings.NewReader(form.Encode()))
	if method == post {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		r.AddCookie(&http.Cookie{Name: "rcp", Value: token})
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

// html parses an answer.
func html(t *testing.T, w *httptest.ResponseRecorder) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// words is a selection's text with single plain spaces.
func said(s *goquery.Selection) string {
	return strings.Join(strings.Fields(s.Text()), " ")
}

// from posts an empty form of a page of another origin.
func (h *harness) from(t *testing.T, origin, token, path string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), post, "http://rcp.test"+path, nil)
	r.Header.Set("Origin", origin)
	r.AddCookie(&http.Cookie{Name: "rcp", Value: token})
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}
