package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/lang"
)

// failure is how a kind of fault is shown: its status, what is wrong and what
// to do, in French source sentences.
type failure struct {
	status       int
	title, words string
}

var failures = map[fault.Kind]failure{
	fault.Invalid:         {http.StatusUnprocessableEntity, lang.Mark("À corriger"), lang.Mark("Certains champs sont à corriger.")},
	fault.NotFound:        {http.StatusNotFound, lang.Mark("Introuvable"), lang.Mark("Cette page n’existe pas, ou vous n’y avez pas accès.")},
	fault.Conflict:        {http.StatusConflict, lang.Mark("Changé entre-temps"), lang.Mark("Quelqu’un a changé ceci avant vous. Revenez à la page pour voir ce qui est à jour, puis recommencez.")},
	fault.Forbidden:       {http.StatusForbidden, lang.Mark("Accès réservé"), lang.Mark("Vous n’avez pas accès à ceci. La demande est notée au journal des accès.")},
	fault.Unauthenticated: {http.StatusUnauthorized, lang.Mark("Se connecter"), lang.Mark("Connectez-vous pour continuer.")},
	fault.Limited:         {http.StatusTooManyRequests, lang.Mark("Trop d’essais"), lang.Mark("Trop d’essais. Attendez quelques minutes.")},
	fault.Internal:        {http.StatusInternalServerError, lang.Mark("Cela n’a pas marché"), lang.Mark("La faute est de notre côté. Rien n’a été enregistré. Recommencez dans un instant.")},
}

// faultText is the fault's sentence in a language: its own, or its kind's.
func faultText(l string, err error) string {
	var e *fault.Error
	if errors.As(err, &e) && e.Code != "" {
		return lang.T(l, e.Code, e.Args...)
	}
	return lang.T(l, failures[fault.KindOf(err)].words)
}

// errorView is the page of a fault.
type errorView struct {
	Base
	Words   string
	Fields  []string // each refused field's sentence
	Back    string   // where the person was
	Request string   // number to give to support
}

// fail renders the fault: the one place where a kind becomes a status.
func (s *Server) fail(r *request, err error) {
	kind := fault.KindOf(err)
	if kind == fault.Internal {
		if errors.Is(err, context.Canceled) {
			return // nobody waits any more
		}
		s.log.Error("fault", "request", r.GetString(requestIDKey), "route", r.FullPath(), "err", err)
	}
	if kind == fault.Unauthenticated {
		s.askToSignIn(r)
		return
	}
	how := failures[kind]
	view := &errorView{Base: s.gate(r, how.title), Words: faultText(r.lang, err), Back: back(r), Request: r.GetString(requestIDKey)}
	for _, f := range fault.Fields(err) {
		view.Fields = append(view.Fields, lang.T(r.lang, f.Code, f.Args...))
	}
	if err := s.render(r, how.status, "error", view); err != nil {
		s.log.Error("fault", "request", r.GetString(requestIDKey), "route", r.FullPath(), "err", err)
		r.String(http.StatusInternalServerError, lang.T(r.lang, failures[fault.Internal].words))
	}
}

// askToSignIn sends a reader to the sign-in page and back; a form is not sent
// twice, so it comes back to the page that holds it.
func (s *Server) askToSignIn(r *request) {
	to := "/sign-in?next=" + url.QueryEscape(safeNext(back(r)))
	if r.Request.Method == http.MethodGet {
		to = "/sign-in?next=" + url.QueryEscape(safeNext(r.Request.URL.EscapedPath()))
	}
	if r.GetHeader("HX-Request") != "" {
		r.Header("HX-Redirect", to)
		r.Status(http.StatusUnauthorized)
		return
	}
	r.Redirect(http.StatusSeeOther, to)
}

// back is the page of ours that the request comes from, or the week.
func back(r *request) string {
	from, err := url.Parse(r.Request.Referer())
	if err != nil || from.Host != r.Request.Host {
		return "/"
	}
	return safeNext(from.EscapedPath())
}
