package api

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
	"github.com/gin-gonic/gin"

	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/lang"
)

// problem is an error as the client sees it (RFC 9457). It repeats nothing of
// what was sent: what was refused may be a patient's data.
type problem struct {
	Type   string         `json:"type" doc:"Always about:blank: the status says the kind."`
	Title  string         `json:"title" doc:"The kind of error, in words."`
	Status int            `json:"status"`
	Detail string         `json:"detail" doc:"What is wrong and what to do."`
	Errors []refusedField `json:"errors,omitempty" nullable:"false"`
}

// refusedField is one input that was refused.
type refusedField struct {
	Field   string `json:"field" doc:"Its name, e.g. next_review or actions[0].due."`
	Message string `json:"message" doc:"What is wrong with it."`
}

const problemType = "application/problem+json"

// Error, GetStatus, GetHeaders and ContentType make a problem what huma writes
// as it is.
func (p *problem) Error() string             { return p.Title }
func (p *problem) GetStatus() int            { return p.Status }
func (p *problem) GetHeaders() http.Header   { return challengeOf(p.Status) }
func (p *problem) ContentType(string) string { return problemType }

// kindWords is how a kind of fault is told: its status, its name, and the
// sentence when the fault has none of its own.
type kindWords struct {
	status        int
	title, detail string
}

// wordsOf is the one place where a kind of fault becomes a status.
func wordsOf(k fault.Kind, l string) kindWords {
	switch k {
	case fault.Invalid:
		return kindWords{http.StatusUnprocessableEntity, lang.T(l, "À corriger"), lang.T(l, "Certains champs sont à corriger.")}
	case fault.NotFound:
		return kindWords{http.StatusNotFound, lang.T(l, "Introuvable"), lang.T(l, "Ceci n’existe pas, ou vous n’y avez pas accès.")}
	case fault.Conflict:
		return kindWords{http.StatusConflict, lang.T(l, "Changé entre-temps"), lang.T(l, "Quelqu’un a changé ceci avant vous. Relisez, puis recommencez.")}
	case fault.Forbidden:
		return kindWords{http.StatusForbidden, lang.T(l, "Accès réservé"), lang.T(l, "Vous n’avez pas accès à ceci. La demande est notée au journal des accès.")}
	case fault.Unauthenticated:
		return kindWords{http.StatusUnauthorized, lang.T(l, "Jeton attendu"), lang.T(l, "Un jeton d’accès est attendu.")}
	case fault.Limited:
		return kindWords{http.StatusTooManyRequests, lang.T(l, "Trop d’essais"), lang.T(l, "Trop d’essais. Attendez quelques minutes.")}
	}
	detail := lang.T(l, "La faute est de notre côté. Rien n’a été enregistré. Recommencez dans un instant.")
	return kindWords{http.StatusInternalServerError, lang.T(l, "Cela n’a pas marché"), detail}
}

// problem tells a fault in a language; an internal one is logged, once, here.
func (s *server) problem(l, route string, err error) *problem {
	kind := fault.KindOf(err)
	if kind == fault.Internal && !errors.Is(err, context.Canceled) {
		s.cfg.Log.Error("fault", "route", Prefix+route, "err", err)
	}
	w := wordsOf(kind, l)
	p := &problem{Type: "about:blank", Title: w.title, Status: w.status, Detail: w.detail}
	var e *fault.Error
	if kind == fault.Internal || !errors.As(err, &e) {
		return p
	}
	if e.Code != "" {
		p.Detail = lang.T(l, e.Code, e.Args...)
	}
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, refusedField{Field: f.Name, Message: lang.T(l, f.Code, f.Args...)})
	}
	return p
}

// write answers a request that reached no route's handler.
func (s *server) write(c *gin.Context, err error) {
	p := s.problem(languageOf(c.GetHeader("Accept-Language"), ""), strings.TrimPrefix(c.FullPath(), Prefix), err)
	writeProblem(c, p)
}

func writeProblem(c *gin.Context, p *problem) {
	for k, v := range p.GetHeaders() {
		if c.Writer.Header().Get(k) == "" {
			c.Writer.Header()[k] = v
		}
	}
	raw, _ := json.Marshal(p) // strings and numbers only: it cannot fail
	c.Data(p.Status, problemType, raw)
}

// Missing answers a request under /api/ that no route takes, and reports
// whether it was one; the router's owner calls it from its "no such route".
func Missing(c *gin.Context) bool {
	if !strings.HasPrefix(c.Request.URL.Path, "/api/") {
		return false
	}
	l := languageOf(c.GetHeader("Accept-Language"), "")
	w := wordsOf(fault.NotFound, l)
	writeProblem(c, &problem{Type: "about:blank", Title: w.title, Status: w.status, Detail: w.detail})
	return true
}

// cleanErrors replaces what huma says of a request it cannot read: its own
// documents repeat the refused values.
func (s *server) cleanErrors(ctx huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	l := languageOf(ctx.Header("Accept-Language"), "")
	if c, ok := ctx.Context().Value(callerKey{}).(caller); ok {
		l = c.lang
	}
	p := unreadable(l, m.Status)
	for _, d := range m.Errors {
		if d != nil && d.Location != "" {
			p.Errors = append(p.Errors, refusal(l, d))
		}
	}
	return p, nil
}

// unreadable tells why a request could not be read.
func unreadable(l string, status int) *problem {
	w := wordsOf(fault.Invalid, l)
	p := &problem{Type: "about:blank", Title: w.title, Status: status, Detail: w.detail}
	switch {
	case status == http.StatusBadRequest:
		p.Detail = lang.T(l, "Un corps en JSON est attendu.")
	case status == http.StatusUnsupportedMediaType:
		p.Detail = lang.T(l, "Un corps en JSON est attendu.")
	case status == http.StatusRequestEntityTooLarge:
		p.Detail = lang.T(l, "Ce qui est envoyé est trop grand.")
	case status == http.StatusRequestTimeout:
		p.Detail = lang.T(l, "L’envoi a pris trop de temps.")
	case status >= http.StatusInternalServerError:
		w = wordsOf(fault.Internal, l)
		p.Title, p.Detail = w.title, w.detail
	}
	return p
}

// refusal tells one of huma's errors without what was sent: neither a value
// nor a name that is not ours.
func refusal(l string, d *huma.ErrorDetail) refusedField {
	const required, present = "expected required property ", " to be present"
	name, msg := fieldName(d.Location), d.Message
	switch {
	case msg == validation.MsgUnexpectedProperty:
		parent := name[:max(strings.LastIndexByte(name, '.'), 0)]
		return refusedField{parent, lang.T(l, "Un champ n’est pas connu ici.")}
	case strings.HasPrefix(msg, required):
		own := strings.TrimSuffix(strings.TrimPrefix(msg, required), present)
		if name != "body" {
			own = name + "." + own
		}
		return refusedField{own, lang.T(l, "Ce champ est attendu.")}
	case strings.HasPrefix(msg, "required "):
		return refusedField{name, lang.T(l, "Ce champ est attendu.")}
	case msg == validation.MsgExpectedRFC3339Date:
		return refusedField{name, lang.T(l, "Une date est attendue, par exemple 2026-11-26.")}
	case msg == validation.MsgExpectedRFC3339DateTime:
		return refusedField{name, lang.T(l, "Une date et une heure sont attendues, par exemple 2026-11-26T14:30:00Z.")}
	}
	return refusedField{name, lang.T(l, "Cette valeur n’est pas admise.")}
}

// fieldName is a location without the part of the request it is in.
func fieldName(location string) string {
	part, name, inside := strings.Cut(location, ".")
	if !inside {
		return location
	}
	if part == "body" || part == "query" || part == "path" || part == "header" {
		return name
	}
	return location
}

// problemResponse describes every answer that is an error.
func problemResponse(schemas huma.Registry) *huma.Response {
	return &huma.Response{
		Description: "What went wrong, as a problem document",
		Content: map[string]*huma.MediaType{problemType: {
			Schema: schemas.Schema(reflect.TypeFor[problem](), true, "Problem"),
		}},
	}
}

// forgetHumaErrors takes huma's own error documents, which are never sent, out
// of the description.
func forgetHumaErrors(d *huma.OpenAPI) {
	maps.DeleteFunc(d.Components.Schemas.Map(), func(name string, _ *huma.Schema) bool { return strings.HasPrefix(name, "V2Error") })
}
