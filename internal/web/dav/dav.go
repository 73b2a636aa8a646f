// Package dav gives people their own meetings and task list in the programs
// they have: a feed to subscribe to at /calendar/<secret>.ics, and a read-only
// CalDAV account (RFC 4791) under /dav/.
//
// What always holds: an answer holds only what its owner's calendar may hold
// outside RCP (no patient, no other person's address); nothing can be written,
// and what would write is refused before any library reads it; what is read is
// bounded before it is parsed; an unknown secret, a revoked link and a disabled
// account are answered alike; the same data gives the same bytes and the same
// ETag; no secret is logged, since only the pattern of a route is.
//
// Which meetings and tasks these are is decided by meetings and careplan, who
// may read them by auth; the objects are written by meetings/ical.
package dav

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/meetings"
)

// Auth tells whose a calendar link is (auth.Service).
type Auth interface {
	Subscriber(ctx context.Context, secret, origin string) (auth.Actor, error)
	CalendarLogin(ctx context.Context, email, secret, origin string) (auth.Actor, error)
}

// Meetings lists the meetings of somebody's calendar (meetings.Service).
type Meetings interface {
	Own(ctx context.Context, a auth.Actor) ([]meetings.Own, error)
}

// Tasks lists somebody's open actions, without patients (careplan.Service).
type Tasks interface {
	Tasks(ctx context.Context, a auth.Actor) ([]careplan.Task, error)
}

// Config is what the feed and the CalDAV account need.
type Config struct {
	Auth     Auth
	Meetings Meetings
	Tasks    Tasks
	BaseURL  string       // of the pages, without a slash at its end
	From     string       // organiser of a meeting whose team has no mailbox
	Log      *slog.Logger // nil: discarded
}

// DAV is the routes. It implements web.Part.
type DAV struct{ cfg Config }

// New returns the routes on the services of a configuration.
func New(cfg Config) *DAV {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.BaseURL = strings.TrimSuffix(cfg.BaseURL, "/")
	return &DAV{cfg: cfg}
}

// root is where the CalDAV account stands.
const root = "/dav/"

// reading and writing are the methods that the account knows. Those of the
// second are refused, always.
var (
	reading = []string{http.MethodOptions, http.MethodGet, http.MethodHead, propfind, report}
	writing = []string{
		http.MethodPut, http.MethodPost, http.MethodPatch, http.MethodDelete, "MKCOL", "MKCALENDAR", "PROPPATCH",
		"COPY", "MOVE", "LOCK", "UNLOCK", "ACL", "BIND", "REBIND", "UNBIND", "MKREDIRECTREF", "UPDATEREDIRECTREF",
	}
)

const (
	propfind = "PROPFIND"
	report   = "REPORT"
)

// Mount registers the routes on the engine.
func (d *DAV) Mount(engine *gin.Engine) {
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		engine.Handle(method, "/calendar/:file", d.feed)
	}
	for _, method := range append(append([]string{}, reading...), writing...) {
		engine.Handle(method, root+"*path", d.serve)
		engine.Handle(method, "/.well-known/caldav", wellKnown)
	}
}

// wellKnown leads a program that knows only our host to the account (RFC 6764
// section 5).
func wellKnown(c *gin.Context) { c.Redirect(http.StatusMovedPermanently, root) }

// actorKey is where the request log finds who asks.
const actorKey = "rcp.actor"

// fail answers what is nobody's fault but ours.
func (d *DAV) fail(c *gin.Context, err error) {
	d.cfg.Log.ErrorContext(c.Request.Context(), "calendar not served", "route", c.FullPath(), "error", err)
	c.Data(http.StatusInternalServerError, plain, nil)
}

const plain = "text/plain; charset=utf-8"

// stranger reports whether an error only says that nobody is known by it.
func stranger(err error) bool { return fault.Is(err, fault.Unauthenticated) }
