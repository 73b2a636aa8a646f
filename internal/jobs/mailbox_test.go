package jobs

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rcp-care/rcp/notify/mailbox"
)

// heap is a mailbox and a lease in memory: which process reads is the matter.
type heap struct {
	mu     sync.Mutex
	holder string
	until  time.Time
	polls  map[string]int
}

func (h *heap) lease(_ context.Context, _, holder string, until time.Time) (bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.holder != holder && h.until.After(time.Now()) {
		return false, nil
	}
	h.holder, h.until = holder, until
	return true, nil
}

type reader struct {
	*heap
	name string
}

func (r reader) Poll(ctx context.Context, take mailbox.Handler) (int, error) {
	r.mu.Lock()
	r.polls[r.name]++
	r.mu.Unlock()
	_, err := take(ctx, mailbox.Message{})
	return 1, err
}

func (r reader) Wait(ctx context.Context, most time.Duration) error {
	select {
	case <-ctx.Done():
	case <-time.After(most):
	}
	return nil
}

func (reader) Close() error { return nil }

func TestOneProcessReadsTheMailboxUntilItStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &heap{polls: map[string]int{}}
		fails := true
		take := func(context.Context, mailbox.Message) (mailbox.Folder, error) {
			if fails {
				fails = false
				return "", errors.New("once")
			}
			return mailbox.Done, nil
		}
		start := func(name string) (stop func()) {
			ctx, cancel := context.WithCancel(t.Context())
			m := &Mailbox{Box: reader{h, name}, Take: take, Lease: h.lease, Name: name}
			done := make(chan struct{})
			go func() {
				m.run(ctx, Config{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
				close(done)
			}()
			return func() { cancel(); <-done }
		}
		stopA := start("a")
		time.Sleep(time.Second)
		stopB := start("b")
		time.Sleep(10 * time.Minute)
		if h.polls["a"] < 20 || h.polls["b"] != 0 {
			t.Errorf("polls %v", h.polls)
		}
		stopA() // gives the lease back
		before := h.polls["a"]
		time.Sleep(time.Minute)
		if h.polls["b"] == 0 || h.polls["a"] != before {
			t.Errorf("after the first stopped: %v", h.polls)
		}
		stopB()
	})
}
