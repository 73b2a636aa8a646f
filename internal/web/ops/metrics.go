package ops

import (
	"context"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

func (o *Ops) collect() {
	o.requests = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "rcp_http_requests_total", Help: "Requests by route pattern, method and status.",
	}, []string{"route", "method", "status"})
	o.seconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "rcp_http_request_duration_seconds", Help: "Time to answer, by route pattern and method.",
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
	}, []string{"route", "method"})
	build := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "rcp_build_info", Help: "Always 1; the label says which version runs.",
		ConstLabels: prometheus.Labels{"version": o.cfg.Version},
	}, func() float64 { return 1 })
	o.registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		o.requests, o.seconds, build,
	)
	if o.cfg.Outbox != nil {
		o.registry.MustRegister(counts{o.cfg.Outbox, prometheus.NewDesc(
			"rcp_outbox_messages", "Mails in the outbox, by status.", []string{"status"}, nil), prometheus.GaugeValue})
	}
	if o.cfg.Jobs != nil {
		o.registry.MustRegister(counts{o.cfg.Jobs, prometheus.NewDesc(
			"rcp_job_runs_total", "Runs of jobs on every machine, by job.", []string{"job"}, nil), prometheus.CounterValue})
	}
}

const countedKey = "rcp.counted"

// Count is middleware that counts requests: by pattern, so that no id shows.
// It may stand twice on a route's way: the outer one counts.
func (o *Ops) Count(c *gin.Context) {
	if c.GetBool(countedKey) {
		c.Next()
		return
	}
	c.Set(countedKey, true)
	begun := o.cfg.Now()
	c.Next()
	route, method := c.FullPath(), known(c.Request.Method)
	if route == "" {
		route = "none"
	}
	o.requests.WithLabelValues(route, method, strconv.Itoa(c.Writer.Status())).Inc()
	o.seconds.WithLabelValues(route, method).Observe(o.cfg.Now().Sub(begun).Seconds())
}

// known keeps a method that a client made up from becoming a label.
func known(method string) string {
	if slices.Contains([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}, method) {
		return method
	}
	return "other"
}

// counts asks for numbers by word when the metrics are read.
type counts struct {
	ask  func(ctx context.Context) (map[string]int, error)
	desc *prometheus.Desc
	kind prometheus.ValueType
}

// Describe and Collect implement prometheus.Collector.
func (n counts) Describe(out chan<- *prometheus.Desc) { out <- n.desc }

// Collect sends one number per word.
func (n counts) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	all, err := n.ask(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(n.desc, err)
		return
	}
	for word, count := range all {
		out <- prometheus.MustNewConstMetric(n.desc, n.kind, float64(count), word)
	}
}
