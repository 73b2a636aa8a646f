// Package web is the only package that knows HTTP: the Gin router, the typed
// pages and their forms, sessions by cookie, and (in the files api_*.go) the
// JSON API. It decides nothing about patients: a handler reads the request,
// calls one domain service with the actor, and renders or redirects.
//
// What always holds: a page works without JavaScript (a form, then 303); a page
// is rendered into a buffer before the first byte leaves; no patient data
// stands in a URL or in a log line; every route stands in routes.go with who
// may call it beside it; what a person may see is still decided by the service.
package web

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/rcp-care/rcp/internal/link"
)

// Config is what the pages need.
type Config struct {
	Patients    Patients
	Protocols   Protocols
	Meetings    Meetings
	Agenda      Agenda
	Preparation Preparation
	Papers      Papers // nil: no document is added to a case
	Minutes     Minutes
	Retention   Retention
	Outbox      Outbox // nil: nothing leaves, and the menu says nothing of it
	Inbox       Inbox  // nil: no answer comes back by mail, and the menu says nothing of it
	Auth        Auth
	Handovers   Handovers
	Journal     Journal // auth.Log
	Links       link.Signer
	Live        Live // nil: pages do not change by themselves

	OrgName string           // on the sign-in page
	BaseURL string           // https://…: the cookie is Secure and __Host-
	Proxies []string         // addresses whose X-Forwarded-For is believed; nil: none
	Log     *slog.Logger     // nil: discarded
	Now     func() time.Time // nil: time.Now

	// Parts are what is no page (the API, health, metrics), added to the same
	// engine after the pages' middleware: it logs, recovers and limits there.
	Parts   []Part
	Count   gin.HandlerFunc         // stands before every route, pages included; nil: none
	Missing func(*gin.Context) bool // answers an address that no route takes; false: the pages' answer
}

// Server renders the pages.
type Server struct {
	cfg    Config
	log    *slog.Logger
	now    func() time.Time
	assets *assets
	pages  pages
	zip    zipper
}

// Part adds routes of its own to the engine.
type Part interface{ Mount(engine *gin.Engine) }

// New returns the handler of every page and of the parts.
func New(cfg Config) (http.Handler, error) {
	s, engine, err := build(cfg)
	if err != nil {
		return nil, err
	}
	s.mount(engine)
	for _, part := range cfg.Parts {
		part.Mount(engine)
	}
	return engine, nil
}

func build(cfg Config) (*Server, *gin.Engine, error) {
	s := &Server{cfg: cfg, log: cfg.Log, now: cfg.Now}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	var errAssets, errPages, errProxies error
	s.assets, errAssets = loadAssets()
	s.pages, errPages = loadPages(s.assets)
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	errProxies = engine.SetTrustedProxies(cfg.Proxies)
	return s, engine, errors.Join(errAssets, errPages, errProxies)
}

// https reports whether browsers reach us over TLS.
func (s *Server) https() bool { return strings.HasPrefix(s.cfg.BaseURL, "https://") }
