// Package live carries what happens to who looks. A Wire tells the other
// replicas, through Redis, that an event was committed: it carries no data, and
// losing it loses nothing, since every replica also looks by itself (the jobs
// every few seconds, a Hub every second while somebody listens). A Hub brings
// the events of a meeting to the screens that show it.
package live

import (
	"context"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/rcp-care/rcp/internal/fault"
)

const channel = "rcp:work"

// Wire is a connection to Redis.
type Wire struct {
	client *redis.Client
	rings  chan struct{}
	log    *slog.Logger
}

// Dial prepares a wire to redis://…; it succeeds while Redis is away. A dead
// Redis costs at most 200 ms in the background, never a request.
func Dial(url string, log *slog.Logger) (*Wire, error) {
	o, err := redis.ParseURL(url)
	if err != nil { // the cause may repeat a password
		return nil, fault.New(fault.Invalid, "live.Dial", "RCP_REDIS : attendu redis://… ou rediss://…")
	}
	redis.SetLogger(silent{}) // what matters is logged here, once
	o.MaxRetries, o.DialerRetries, o.DialTimeout = -1, 1, 200*time.Millisecond
	o.ReadTimeout, o.WriteTimeout = 500*time.Millisecond, 500*time.Millisecond
	o.ContextTimeoutEnabled, o.DisableIdentity = true, true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return &Wire{client: redis.NewClient(o), rings: make(chan struct{}, 1), log: log}, nil
}

type silent struct{}

// Printf drops what the client says of each connection it cannot make.
func (silent) Printf(context.Context, string, ...any) {}

// Ring tells the other replicas, soon and in the background.
func (w *Wire) Ring() {
	select {
	case w.rings <- struct{}{}:
	default: // one is on its way already
	}
}

// Ping answers whether Redis does.
func (w *Wire) Ping(ctx context.Context) error {
	return fault.Wrap("live.Ping", w.client.Ping(ctx).Err())
}

// Run publishes rings and calls heard for those of other replicas, and once
// after each connection, since rings may have been missed. It ends with ctx.
func (w *Wire) Run(ctx context.Context, heard func()) {
	go w.publish(ctx)
	sub := w.client.Subscribe(ctx, channel)
	defer context.AfterFunc(ctx, func() { _ = sub.Close() })()
	for m := range sub.ChannelWithSubscriptions(redis.WithChannelHealthCheckInterval(3 * time.Second)) {
		switch m.(type) {
		case *redis.Message, *redis.Subscription:
			heard()
		}
	}
}

func (w *Wire) publish(ctx context.Context) {
	away := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.rings:
		}
		err := w.client.Publish(ctx, channel, "").Err()
		if (err != nil) != away && ctx.Err() == nil {
			away = err != nil
			w.log.WarnContext(ctx, "redis", "away", away)
		}
	}
}

// Close ends the connections.
func (w *Wire) Close() error { return w.client.Close() }
