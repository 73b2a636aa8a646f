package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
)

// maxForm is the largest body of a form, in bytes; imports have their own.
const maxForm = 1 << 20

// request is one HTTP request with who sends it.
type request struct {
	*gin.Context
	actor auth.Actor // zero on public routes without a session
	lang  string
}

// T is the sentence in the person's language.
func (r *request) T(french string, args ...any) string { return lang.T(r.lang, french, args...) }

// ctx is the request's context.
func (r *request) ctx() context.Context { return r.Request.Context() }

// signedIn reports whether somebody is.
func (r *request) signedIn() bool { return r.actor.Professional != "" }

// see answers a form: 303 to a page that shows what was done.
func (r *request) see(path string) error {
	r.Redirect(http.StatusSeeOther, path)
	return nil
}

// text is a form's field without the spaces around it.
func (r *request) text(name string) string { return strings.TrimSpace(r.PostForm(name)) }

// form is every field that was sent.
func (r *request) form() url.Values {
	_ = r.Request.ParseForm() // a form that cannot be read has no field: the service refuses it
	return r.Request.PostForm
}

// pathID reads an id of the path; what has not the form of one is not found.
func pathID[T ~string](r *request, name string) (T, error) {
	v := T(r.Param(name))
	if !id.Valid(v) {
		return "", fault.New(fault.NotFound, "web.pathID", "")
	}
	return v, nil
}

// adapt makes a route's handler one of Gin: session, permission, then the
// handler, and one place where every fault becomes a page.
func (s *Server) adapt(rt route) gin.HandlerFunc {
	return func(c *gin.Context) {
		r := &request{Context: c, lang: s.chosenLang(c)}
		if rt.method == post && !ownBody(rt.path) {
			if err := readForm(c); err != nil {
				s.fail(r, err)
				return
			}
		}
		if err := s.enter(r, rt.may); err != nil {
			s.fail(r, err)
			return
		}
		if err := rt.do(r); err != nil {
			s.fail(r, err)
		}
	}
}

// ownBody reports whether a route reads its body itself, with its own limit:
// those that take files.
func ownBody(path string) bool {
	return path == "/import" || path == "/inbox" || path == "/cases/:id/papers" || path == "/teams/:id/letterhead/logo"
}

// sameOrigin refuses what a page of another origin sends in a person's name
// (Fetch metadata, else Origin), for pages and API alike. PROPFIND and REPORT
// only read (RFC 4918 section 9.1, RFC 3253 section 3.6): calendar programs made
// of a browser send them from no origin of ours.
func (s *Server) sameOrigin(c *gin.Context) {
	if m := c.Request.Method; m == "PROPFIND" || m == "REPORT" {
		return
	}
	if err := http.NewCrossOriginProtection().Check(c.Request); err == nil {
		return
	}
	s.fail(&request{Context: c, lang: s.chosenLang(c)}, fault.New(fault.Forbidden, "web.sameOrigin", "Ce formulaire vient d’un autre site. Ouvrez RCP et recommencez."))
	c.Abort()
}

// readForm reads a form that is short enough, whether or not it says how long
// it is: without a session too, nobody fills our memory or our disk.
func readForm(c *gin.Context) error {
	if c.Request.ContentLength > maxForm {
		return fault.New(fault.Invalid, "web.readForm", "Ce formulaire est trop long.")
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxForm)
	err := errors.Join(c.Request.ParseForm(), c.Request.ParseMultipartForm(maxForm))
	var limit *http.MaxBytesError
	if errors.As(err, &limit) {
		return fault.New(fault.Invalid, "web.readForm", "Ce formulaire est trop long.")
	}
	return nil // a form that cannot be read has no field: the service refuses it
}

// enter finds the session and checks the route's permission.
func (s *Server) enter(r *request, may permission) error {
	if err := s.identify(r); err != nil && (may != public || !fault.Is(err, fault.Unauthenticated)) {
		return err
	}
	if !may.allows(r.actor) {
		return s.cfg.Auth.Refuse(r.ctx(), r.actor, "page", r.Request.Method+" "+r.FullPath())
	}
	return nil
}

// identify fills in who sends the request.
func (s *Server) identify(r *request) error {
	token, err := r.Cookie(s.cookieName())
	if err != nil || token == "" {
		return fault.New(fault.Unauthenticated, "web.identify", "")
	}
	a, err := s.cfg.Auth.Session(r.ctx(), token, r.ClientIP())
	if err != nil {
		return fault.Wrap("web.identify", err)
	}
	r.actor = a
	r.Set(actorKey, a.Professional)
	if _, err := r.Cookie(langCookie); errors.Is(err, http.ErrNoCookie) {
		r.lang = lang.Known(a.Lang)
	}
	return nil
}

func noSuchPage(*request) error { return fault.New(fault.NotFound, "web.noSuchPage", "") }
