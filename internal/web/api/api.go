// Package api is RCP's JSON API under /api/v1: the same actions as the pages,
// for programs, with a bearer token per user. It is described in OpenAPI 3.1
// from the code itself at /api/v1/openapi.json.
//
// What always holds: a route decides nothing about patients, it reads the
// request, calls one service with the actor and writes what came back in a
// shape of its own (never a domain struct); a list is {"items": […], "next":
// "cursor"}; an error is a problem document (RFC 9457) that repeats nothing of
// what was sent; names are snake_case, days YYYY-MM-DD, instants RFC 3339.
//
// Health and metrics are left to internal/web/ops.
package api

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"path"
	"reflect"
	"runtime/debug"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
)

// Prefix is where the API stands.
const Prefix = "/api/v1"

// Config is what the API needs. Every service is required.
type Config struct {
	Auth     Auth
	Patients Patients
	Meetings Meetings
	Agenda   Agenda
	Minutes  Minutes
	Outbox   Outbox
	Audit    AuditLog

	Version string         // of RCP, in the description
	Zone    *time.Location // of a day given as a bound; nil: UTC
	Log     *slog.Logger   // nil: discarded
	Now     func() time.Time
}

type server struct {
	cfg Config
	api huma.API
}

// API is the routes under Prefix.
type API struct{ cfg Config }

// New returns the API on the services of a configuration.
func New(cfg Config) *API {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	return &API{cfg: cfg}
}

// Mount registers every route of the API on the engine.
func (a *API) Mount(engine *gin.Engine) {
	s := &server{cfg: a.cfg}
	group := engine.Group(Prefix)
	group.Use(s.recover)
	s.api = humagin.NewWithGroup(engine, group, s.describe())
	s.api.UseMiddleware(s.identify)
	s.routes()
	forgetHumaErrors(s.api.OpenAPI())
}

// routes is every route of the API.
func (s *server) routes() {
	s.meetingRoutes()
	s.actionRoutes()
	s.agendaRoutes()
	s.minutesRoutes()
	s.patientRoutes()
	s.teamRoutes()
	s.logRoutes()
	s.descriptionRoute()
}

// describe is the head of the OpenAPI description, and how JSON is written.
func (s *server) describe() huma.Config {
	format := huma.Format{
		Marshal:   func(w io.Writer, v any) error { return huma.DefaultJSONFormat.Marshal(w, v) },
		Unmarshal: huma.DefaultJSONFormat.Unmarshal,
	}
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "RCP", Version: s.cfg.Version,
				Description: "Meetings of care teams: their agenda, their decisions, their minutes. " +
					"Lists are {\"items\": […], \"next\": \"cursor\"}; next is empty on the last page. " +
					"Errors are problem documents (RFC 9457), in French or, asked by Accept-Language, in English.",
			},
			Servers: []*huma.Server{{URL: Prefix}},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"token": {Type: "http", Scheme: "bearer", Description: "A user's API token, made by `rcp token`."},
				},
			},
			Security: []map[string][]string{{"token": {}}},
		},
		Formats:       map[string]huma.Format{"application/json": format, "json": format},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{s.cleanErrors},
	}
}

// schemaName names a shape after its Go type; those of the frozen minutes,
// which are not ours to shape, carry their package's name before.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := huma.DefaultSchemaNamer(t, hint)
	if pkg := path.Base(t.PkgPath()); t.Kind() == reflect.Struct && t.Name() != "" && pkg != "api" {
		name = strings.ToUpper(pkg[:1]) + pkg[1:] + name
	}
	return name
}

// caller is who calls, and in which language they read.
type caller struct {
	auth.Actor
	lang string
}

type callerKey struct{}

// add registers a route whose answer is JSON.
func add[I, T any](s *server, op huma.Operation, do func(context.Context, caller, *I) (T, error)) {
	addRaw(s, op, func(ctx context.Context, c caller, in *I) (*body[T], error) {
		v, err := do(ctx, c, in)
		return &body[T]{Body: v}, err
	})
}

// body is an answer in JSON.
type body[T any] struct{ Body T }

// saved is an answer in JSON that says whether the thing is new: 201 or 200.
type saved[T any] struct {
	Status int
	Body   T
}

// file is an answer that is no JSON of ours.
type file struct {
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

// addFile registers a route whose answer is a document of a media type.
func addFile[I any](s *server, op huma.Operation, mediaType string, do func(context.Context, caller, *I) (*file, error)) {
	schema := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	if mediaType == "application/json" {
		schema = &huma.Schema{Type: huma.TypeObject}
	}
	op.Responses = map[string]*huma.Response{"200": {
		Description: http.StatusText(http.StatusOK), Content: map[string]*huma.MediaType{mediaType: {Schema: schema}},
	}}
	addRaw(s, op, do)
}

// addRaw registers a route: every error its handler returns becomes a problem
// document in one place.
func addRaw[I, O any](s *server, op huma.Operation, do func(context.Context, caller, *I) (*O, error)) {
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	op.Responses["default"] = problemResponse(s.api.OpenAPI().Components.Schemas)
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		c, _ := ctx.Value(callerKey{}).(caller)
		out, err := do(ctx, c, in)
		if err != nil {
			return nil, s.problem(c.lang, op.Path, err)
		}
		return out, nil
	})
}

// recover turns a panic into a problem document.
func (s *server) recover(c *gin.Context) {
	defer func() {
		if v := recover(); v != nil {
			s.cfg.Log.Error("panic", "route", c.FullPath(), "stack", string(debug.Stack()))
			c.Abort()
			if !c.Writer.Written() {
				s.write(c, fault.New(fault.Internal, "api.recover", ""))
			}
		}
	}()
	c.Next()
}

// get, post and put begin the description of a route.
func get(path, name, summary string) huma.Operation {
	return describeRoute(http.MethodGet, path, name, summary)
}

func post(path, name, summary string) huma.Operation {
	return describeRoute(http.MethodPost, path, name, summary)
}

func put(path, name, summary string) huma.Operation {
	return describeRoute(http.MethodPut, path, name, summary)
}

func describeRoute(method, path, name, summary string) huma.Operation {
	return huma.Operation{Method: method, Path: path, OperationID: name, Summary: summary}
}
