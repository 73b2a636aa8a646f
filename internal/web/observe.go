package web

import (
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/gin-gonic/gin"

	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Keys of the Gin context.
const (
	requestIDKey = "rcp.request"
	actorKey     = "rcp.actor"
)

// observe numbers the request, survives a panic and logs one line: the route's
// pattern, never the address, which may hold ids and search words.
func (s *Server) observe(c *gin.Context) {
	begun := s.now()
	number := id.New[string]()
	c.Set(requestIDKey, number)
	c.Header("X-Request-Id", number)
	defer func() {
		v := recover()
		if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			s.log.Error("answer cut short", "request", number, "route", c.FullPath())
			panic(v)
		}
		if v != nil {
			s.log.Error("panic", "request", number, "route", c.FullPath(), "stack", string(debug.Stack()))
			s.panicked(c)
		}
		s.log.LogAttrs(c.Request.Context(), level(c.Writer.Status()), "request",
			slog.String("request", number), slog.String("method", c.Request.Method), slog.String("route", c.FullPath()),
			slog.Int("status", c.Writer.Status()), slog.Duration("took", s.now().Sub(begun)),
			slog.Any("actor", c.Value(actorKey)))
	}()
	c.Next()
}

// panicked answers when nothing was sent yet.
func (s *Server) panicked(c *gin.Context) {
	c.Abort()
	if !c.Writer.Written() {
		s.fail(&request{Context: c, lang: s.chosenLang(c)}, fault.New(fault.Internal, "web.panicked", ""))
	}
}

func level(status int) slog.Level {
	if status >= http.StatusInternalServerError {
		return slog.LevelError
	}
	return slog.LevelInfo
}

// policy lets the page use what we serve and nothing else: no inline script or
// style, no frame, no other origin.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// headers are those of every answer.
func (s *Server) headers(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	h.Set("Cache-Control", "no-store")
	if s.https() {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	c.Next()
}
