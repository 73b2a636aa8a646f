package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestMachinesAreAnswered asks the whole program for what only its assembly
// decides: who answers in vain, and what is counted.
func TestMachinesAreAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ask := func(path string) (int, string, string) {
		req := httptest.NewRequest(http.MethodGet, path, nil)
		req.RemoteAddr = "127.0.0.1:4000"
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, req)
		return rec.Code, rec.Header().Get("Content-Type"), rec.Body.String()
	}
	for path, want := range map[string]struct {
		code int
		kind string
	}{
		"/api/v1/nothing": {404, "application/problem+json"},
		"/api/v9":         {404, "application/problem+json"},
		"/nothing":        {404, "text/html"},
		"/sign-in":        {200, "text/html"},
		"/readyz":         {200, "application/json"},
	} {
		if code, kind, _ := ask(path); code != want.code || !strings.HasPrefix(kind, want.kind) {
			t.Errorf("%s: %d %s, want %v", path, code, kind, want)
		}
	}
	_, _, metrics := ask("/metrics")
	for _, want := range []string{
		`rcp_http_requests_total{method="GET",route="/sign-in",status="200"} 1`, `rcp_http_requests_total{method="GET",route="none",status="404"} 3`,
		`rcp_outbox_messages{status="sent"} 4`,
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("the metrics have no %s", want)
		}
	}
}
