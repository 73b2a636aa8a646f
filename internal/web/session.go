package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/lang"
)

const (
	langCookie    = "rcp-lang"
	langCookieAge = 365 * 24 * 3600
)

// cookieName is that of the session: with TLS, one that no subdomain and no
// page served in clear can set (RFC 6265bis, 4.1.3.2).
func (s *Server) cookieName() string {
	if s.https() {
		return "__Host-rcp"
	}
	return "rcp"
}

// setSession gives the browser its token; an empty one takes it back.
func (s *Server) setSession(c *gin.Context, token string) {
	cookie := &http.Cookie{ //nolint:gosec // Secure as soon as people come by https
		Name: s.cookieName(), Value: token, Path: "/", HttpOnly: true, Secure: s.https(), SameSite: http.SameSiteLaxMode,
	}
	if token == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(c.Writer, cookie)
}

// chosenLang is the language that the browser was switched to.
func (s *Server) chosenLang(c *gin.Context) string {
	v, _ := c.Cookie(langCookie)
	return lang.Known(v)
}

// signInView is the sign-in page.
type signInView struct {
	Base
	OrgName string
	Next    string // where to go afterwards
	Email   string
	Refused string // why the last try failed
}

func (s *Server) signInPage(r *request) error {
	next := safeNext(r.Query("next"))
	if r.signedIn() {
		return r.see(next)
	}
	return s.render(r, http.StatusOK, "sign-in", &signInView{Base: s.gate(r, "Se connecter"), OrgName: s.cfg.OrgName, Next: next})
}

func (s *Server) signIn(r *request) error {
	next, email := safeNext(r.PostForm("next")), r.text("email")
	token, _, err := s.cfg.Auth.SignIn(r.ctx(), email, r.PostForm("password"), r.ClientIP())
	switch fault.KindOf(err) {
	case fault.Internal:
		if err != nil {
			return err
		}
	default:
		view := &signInView{Base: s.gate(r, "Se connecter"), OrgName: s.cfg.OrgName, Next: next, Email: email, Refused: faultText(r.lang, err)}
		return s.render(r, signInStatus(err), "sign-in", view)
	}
	s.setSession(r.Context, token)
	return r.see(next)
}

// signInStatus is 422 for a refused try: 401 would want WWW-Authenticate.
func signInStatus(err error) int {
	if fault.Is(err, fault.Limited) {
		return http.StatusTooManyRequests
	}
	return http.StatusUnprocessableEntity
}

func (s *Server) signOut(r *request) error {
	token, _ := r.Cookie(s.cookieName())
	if err := s.cfg.Auth.SignOut(r.ctx(), r.actor, token); err != nil {
		return err
	}
	s.setSession(r.Context, "")
	return r.see("/sign-in")
}

// setLanguage keeps the choice in a cookie, and with the account when there is
// one, so that mails follow it.
func (s *Server) setLanguage(r *request) error {
	chosen := lang.Known(r.PostForm("lang"))
	http.SetCookie(r.Writer, &http.Cookie{ //nolint:gosec // as the session's
		Name: langCookie, Value: chosen, Path: "/", MaxAge: langCookieAge, HttpOnly: true, Secure: s.https(), SameSite: http.SameSiteLaxMode,
	})
	if r.signedIn() {
		if err := s.cfg.Auth.SetLang(r.ctx(), r.actor, chosen); err != nil {
			return err
		}
	}
	return r.see(safeNext(r.PostForm("next")))
}

// safeNext keeps a path of ours, so that a link cannot lead elsewhere.
func safeNext(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.Contains(next, `\`) {
		return "/"
	}
	if strings.HasPrefix(u.Path, "/sign-in") {
		return "/"
	}
	return u.EscapedPath()
}
