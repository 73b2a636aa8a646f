package web

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/rcp-care/rcp/internal/id"
)

// filled is the route's path with ids that nothing has.
func filled(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, ":") {
			parts[i] = id.New[string]()
		}
	}
	return strings.Join(parts, "/")
}

func TestEveryRouteAsksForASession(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for _, rt := range h.server.routes() {
		if rt.may == public {
			continue
		}
		for _, token := range []string{"", "stale"} {
			w := h.as(t, token, rt.method, filled(rt.path), nil)
			if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/sign-in") {
				t.Errorf("%s %s without a session: %d to %q", rt.method, rt.path, w.Code, w.Header().Get("Location"))
			}
		}
	}
}

func TestEveryRouteRefusesTheWrongRole(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for _, rt := range h.server.routes() {
		if rt.may < preparer {
			continue
		}
		if w := h.as(t, "clinician", rt.method, filled(rt.path), nil); w.Code != http.StatusForbidden {
			t.Errorf("%s %s as a clinician: %d", rt.method, rt.path, w.Code)
		}
	}
}

func TestMalformedIDsAreNotFound(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for _, rt := range h.server.routes() {
		if !strings.Contains(rt.path, ":") {
			continue
		}
		path := strings.NewReplacer(":id", "x", ":case", "x", ":version", "x").Replace(rt.path)
		if w := h.as(t, "secretary", rt.method, path, nil); w.Code != http.StatusNotFound && w.Code != http.StatusForbidden {
			t.Errorf("%s %s: %d", rt.method, path, w.Code)
		}
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for _, path := range []string{"/", "/sign-in", "/nothing-here", "/static/x/rcp.css"} {
		w := h.as(t, "secretary", get, path, nil)
		for name, want := range map[string]string{
			"Content-Security-Policy": policy, "Referrer-Policy": "same-origin",
			"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
}

func TestStaticFilesAreForEver(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for name := range h.server.assets.files {
		w := h.as(t, "", get, h.server.assets.url(name), nil)
		if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Header().Get("Content-Type") == "" {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), get, h.server.assets.url("rcp.css"), nil)
	r.Header.Set("Accept-Encoding", "gzip")
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	if w.Header().Get("Content-Encoding") != "gzip" {
		t.Error("the stylesheet is not compressed")
	}
}

func TestPanicAndLogSayNothingOfAnybody(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := setup(t, func(c *Config) {
		c.Log = slog.New(slog.NewJSONHandler(&log, nil))
		c.Parts = []Part{booming{}}
	})
	w := h.as(t, "secretary", get, "/boom/AUBRIOT?q=AUBRIOT", nil)
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "boom") {
		t.Errorf("got %d, %s", w.Code, w.Body)
	}
	if strings.Contains(log.String(), "AUBRIOT") || !strings.Contains(log.String(), `"route":"/boom/:name"`) {
		t.Errorf("log: %s", log.String())
	}
}

// booming is a part whose route panics.
type booming struct{}

func (booming) Mount(e *gin.Engine) { e.GET("/boom/:name", func(*gin.Context) { panic("boom") }) }
