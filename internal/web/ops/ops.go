// Package ops is what machines ask of a running RCP: /healthz (the process is
// alive), /readyz (it can serve) and /metrics (Prometheus).
//
// What always holds: no answer tells anything of a patient, a person or a
// failure's cause; a metric's labels are route patterns, methods, statuses and
// fixed words, never an id; a Redis that does not answer slows RCP and never
// stops it, so it makes nothing unready; /metrics answers a caller of this
// machine, or one with the configured token, and nobody else.
package ops

import (
	"context"
	"crypto/subtle"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Config is what the routes look at.
type Config struct {
	Database func(ctx context.Context) error // answers when the database does
	Redis    func(ctx context.Context) error // nil: none is configured

	Outbox func(ctx context.Context) (map[string]int, error) // messages by status; nil: not told
	Jobs   func(ctx context.Context) (map[string]int, error) // runs by job; nil: not told

	MetricsToken string       // lets a caller of another machine read /metrics; empty: nobody
	Log          *slog.Logger // nil: discarded
	Version      string
	Now          func() time.Time // nil: time.Now
}

// patience is how long a check waits before what it asks counts as down.
const patience = 2 * time.Second

// Ops answers machines and counts requests.
type Ops struct {
	cfg      Config
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

// New returns the routes and the counters of one process.
func New(cfg Config) *Ops {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	o := &Ops{cfg: cfg, registry: prometheus.NewRegistry()}
	o.collect()
	return o
}

// Mount registers the routes, and counts the requests of every route that is
// registered after it; what stands before needs Count put on the engine first.
func (o *Ops) Mount(engine *gin.Engine) {
	engine.Use(o.Count)
	engine.GET("/healthz", o.alive)
	engine.GET("/readyz", o.ready)
	metrics := promhttp.HandlerFor(o.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
	engine.GET("/metrics", o.guard, gin.WrapH(metrics))
}

func (o *Ops) alive(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "ok"}) }

// readiness is the answer of /readyz.
type readiness struct {
	Status   string `json:"status"`   // ok, degraded or down
	Database string `json:"database"` // ok or down
	Redis    string `json:"redis"`    // ok, down or none
}

func (o *Ops) ready(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), patience)
	defer cancel()
	r := readiness{Status: "ok", Database: o.check(ctx, "database", o.cfg.Database), Redis: o.check(ctx, "redis", o.cfg.Redis)}
	status := http.StatusOK
	switch {
	case r.Database == "down":
		r.Status, status = "down", http.StatusServiceUnavailable
	case r.Redis == "down":
		r.Status = "degraded"
	}
	c.JSON(status, r)
}

func (o *Ops) check(ctx context.Context, name string, ask func(context.Context) error) string {
	if ask == nil {
		return "none"
	}
	if err := ask(ctx); err != nil {
		o.cfg.Log.Warn("not answering", "what", name, "err", err)
		return "down"
	}
	return "ok"
}

// guard lets a caller of this machine read the metrics, or one with the token.
func (o *Ops) guard(c *gin.Context) {
	if direct(c.Request) || o.known(c.GetHeader("Authorization")) {
		return
	}
	c.AbortWithStatus(http.StatusForbidden)
}

// direct reports whether the caller is on this machine. What a proxy of this
// machine forwards comes from elsewhere.
func direct(r *http.Request) bool {
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	return err == nil && net.ParseIP(host).IsLoopback()
}

func (o *Ops) known(authorization string) bool {
	token, ok := strings.CutPrefix(authorization, "Bearer ")
	want := o.cfg.MetricsToken
	return ok && want != "" && subtle.ConstantTimeCompare([]byte(token), []byte(want)) == 1
}
