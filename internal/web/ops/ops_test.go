package ops_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/rcp-care/rcp/internal/web/ops"
)

func answers(context.Context) error { return nil }

func silent(context.Context) error { return errors.New("dial tcp 10.1.2.3: secret of the machine") }

func serve(t *testing.T, cfg ops.Config) *gin.Engine {
	t.Helper()
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	o := ops.New(cfg)
	o.Mount(engine)
	engine.GET("/patients/:id", o.Count, func(c *gin.Context) { c.Status(http.StatusTeapot) })
	return engine
}

func ask(engine http.Handler, path, from string, headers ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodGet, path, nil)
	req.RemoteAddr = from
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	engine.ServeHTTP(rec, req)
	return rec
}

const (
	here      = "127.0.0.1:4000"
	elsewhere = "192.0.2.7:4000"
)

func TestReadiness(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name            string
		database, redis func(context.Context) error
		status          int
		want            map[string]string
	}{
		{"one machine", answers, nil, 200, map[string]string{"status": "ok", "database": "ok", "redis": "none"}},
		{"many", answers, answers, 200, map[string]string{"status": "ok", "database": "ok", "redis": "ok"}},
		{"without Redis", answers, silent, 200, map[string]string{"status": "degraded", "database": "ok", "redis": "down"}},
		{"without database", silent, answers, 503, map[string]string{"status": "down", "database": "down", "redis": "ok"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			engine := serve(t, ops.Config{Database: test.database, Redis: test.redis})
			rec := ask(engine, "/readyz", elsewhere)
			var got map[string]string
			if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil || rec.Code != test.status {
				t.Fatalf("%d %s %v", rec.Code, rec.Body, err)
			}
			for k, v := range test.want {
				if got[k] != v {
					t.Errorf("%s is %q, want %q", k, got[k], v)
				}
			}
			if strings.Contains(rec.Body.String(), "secret") {
				t.Errorf("tells the cause: %s", rec.Body)
			}
			if alive := ask(engine, "/healthz", elsewhere); alive.Code != http.StatusOK {
				t.Errorf("healthz: %d", alive.Code)
			}
		})
	}
}

func TestMetricsAreForThisMachineOrTheToken(t *testing.T) {
	t.Parallel()
	with := serve(t, ops.Config{Database: answers, MetricsToken: "s3cret"})
	without := serve(t, ops.Config{Database: answers})
	for _, test := range []struct {
		name    string
		engine  http.Handler
		from    string
		headers []string
		want    int
	}{
		{"here", without, here, nil, 200},
		{"here, IPv6", without, "[::1]:4000", nil, 200},
		{"through our proxy", without, here, []string{"X-Forwarded-For", "203.0.113.9"}, 403},
		{"elsewhere", without, elsewhere, nil, 403},
		{"elsewhere, pretending", without, elsewhere, []string{"X-Forwarded-For", "127.0.0.1"}, 403},
		{"an empty token", without, elsewhere, []string{"Authorization", "Bearer "}, 403},
		{"the token", with, elsewhere, []string{"Authorization", "Bearer s3cret"}, 200},
		{"another token", with, elsewhere, []string{"Authorization", "Bearer s3cre"}, 403},
	} {
		if got := ask(test.engine, "/metrics", test.from, test.headers...).Code; got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
}

func TestMetricsCountWithoutNaming(t *testing.T) {
	t.Parallel()
	one := func(context.Context) (map[string]int, error) { return map[string]int{"dead": 3}, nil }
	engine := serve(t, ops.Config{Database: answers, Outbox: one, Jobs: one, Version: "1.2"})
	const patient = "0193f2c1-8a7e-7aaa-bbbb-cccccccccccc"
	for range 2 {
		ask(engine, "/patients/"+patient+"?q=TESSONNIER", elsewhere)
	}
	ask(engine, "/nowhere/TESSONNIER", elsewhere)
	out := ask(engine, "/metrics", here).Body.String()
	for _, want := range []string{
		`rcp_http_requests_total{method="GET",route="/patients/:id",status="418"} 2`, `rcp_outbox_messages{status="dead"} 3`,
		`rcp_http_request_duration_seconds_count{method="GET",route="/patients/:id"} 2`,
		`rcp_job_runs_total{job="dead"} 3`, `rcp_build_info{version="1.2"} 1`, "go_goroutines", "process_resident_memory_bytes",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(out, "TESSONNIER") || strings.Contains(out, patient) {
		t.Error("names somebody")
	}
}
