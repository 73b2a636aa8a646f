package live

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func dial(t *testing.T, addr string) *Wire {
	t.Helper()
	w, err := Dial("redis://"+addr, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func listen(t *testing.T, w *Wire) <-chan struct{} {
	t.Helper()
	heard := make(chan struct{}, 100)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx, func() { heard <- struct{}{} }) }()
	t.Cleanup(func() { cancel(); <-done })
	return heard
}

func wait(t *testing.T, heard <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-heard:
	case <-time.After(20 * time.Second):
		t.Fatalf("%s was not heard", what)
	}
}

func TestARingReachesTheOtherReplica(t *testing.T) {
	t.Parallel()
	addr, _ := testenv.Redis(t)
	a, b := dial(t, addr), dial(t, addr)
	heardA, heardB := listen(t, a), listen(t, b)
	wait(t, heardA, "a's subscription")
	wait(t, heardB, "b's subscription")
	a.Ring()
	wait(t, heardB, "a's ring")
}

func TestRedisMayDieAndComeBack(t *testing.T) {
	t.Parallel()
	addr, kill := testenv.Redis(t)
	a, b := dial(t, addr), dial(t, addr)
	_, heard := listen(t, a), listen(t, b)
	wait(t, heard, "the subscription")
	kill()
	start := time.Now()
	a.Ring()
	if took := time.Since(start); took > time.Second {
		t.Errorf("ringing a dead Redis held the caller for %s", took)
	}
	if err := a.Ping(context.Background()); err == nil {
		t.Error("a dead Redis answers")
	}
	testenv.RedisAt(t, addr)
	wait(t, heard, "the new subscription")
}

func TestDialRefusesAWrongURLWithoutRepeatingIt(t *testing.T) {
	t.Parallel()
	if _, err := Dial("http://user:hunter2@host", nil); err == nil {
		t.Error("a wrong URL was taken")
	} else if s := err.Error(); len(s) == 0 || strings.Contains(s, "hunter2") {
		t.Errorf("the password stands in %q", s)
	}
}
