package mailbox

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/internal/fault"
)

// The pauses after a failure, doubled each time.
const (
	firstPause = time.Second
	longPause  = time.Minute
)

// Run reads the box until ctx ends: at once when something arrives, and at
// least at every interval. Whatever fails is reported and tried again, after
// one second first and one minute at most. It does not close the box.
func Run(ctx context.Context, box Box, h Handler, every time.Duration, report func(error)) {
	next := firstPause
	for ctx.Err() == nil {
		polled := guarded("mailbox.Poll", func() error {
			_, err := box.Poll(ctx, h)
			return err
		})
		wait := every
		if polled != nil {
			wait = min(next, every)
		}
		tell(ctx, report, polled)
		waited := guarded("mailbox.Wait", func() error { return box.Wait(ctx, wait) })
		tell(ctx, report, waited)
		if polled == nil && waited == nil {
			next = firstPause
			continue
		}
		if waited != nil && !pause(ctx, next) {
			return
		}
		next = min(2*next, longPause)
	}
}

// tell reports what failed, unless it failed because the end has come.
func tell(ctx context.Context, report func(error), err error) {
	if err != nil && ctx.Err() == nil {
		report(err)
	}
}

// guarded makes an error of a panic.
func guarded(op string, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fault.Errorf(op, "panic with a %T", v)
		}
	}()
	return f()
}
