package jobs

import (
	"context"
	"sync"
	"time"

	"github.com/rcp-care/rcp/notify/mailbox"
)

// Mailbox is the organiser's mailbox, read by one process at a time: several at
// once would be right, as each mail is taken once in SQL, but would fetch and
// move the same ones.
type Mailbox struct {
	Box   mailbox.Box
	Take  mailbox.Handler
	Lease func(ctx context.Context, name, holder string, until time.Time) (bool, error)
	Name  string        // of this process, unlike any other's
	Every time.Duration // between two looks when nothing is heard; default 30 s
}

// leases is how many looks a lease outlives: what a process that died makes
// the others wait.
const leases = 3

// run reads the mailbox until ctx ends, and then lets the others know.
func (m *Mailbox) run(ctx context.Context, c Config) {
	if m.Every == 0 {
		m.Every = 30 * time.Second
	}
	box := &leased{Box: m.Box, mailbox: m, now: c.Now}
	mailbox.Run(ctx, box, m.Take, m.Every, func(err error) { c.Log.ErrorContext(ctx, "job failed", "job", "mailbox", "error", err) })
	end, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	c.guard(end, "mailbox", func(ctx context.Context) error { return box.release(ctx) })
}

// leased is a box that is read only while its lease holds.
type leased struct {
	mailbox.Box
	mailbox *Mailbox
	now     func() time.Time
	mu      sync.Mutex
	until   time.Time
}

// Poll reads when this process has, or gets, the lease. A long reading renews
// it before each mail that comes late in it.
func (l *leased) Poll(ctx context.Context, h mailbox.Handler) (int, error) {
	if held, err := l.hold(ctx); err != nil || !held {
		return 0, err
	}
	return l.Box.Poll(ctx, func(ctx context.Context, m mailbox.Message) (mailbox.Folder, error) {
		if _, err := l.hold(ctx); err != nil {
			return "", err
		}
		return h(ctx, m)
	})
}

// hold takes the lease, or renews it when less than two thirds are left.
func (l *leased) hold(ctx context.Context) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, length := l.now(), leases*l.mailbox.Every
	if l.until.Sub(now) > length*2/3 {
		return true, nil
	}
	held, err := l.mailbox.Lease(ctx, "mailbox", l.mailbox.Name, now.Add(length))
	if held {
		l.until = now.Add(length)
	}
	return held, err
}

func (l *leased) release(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until.IsZero() {
		return nil
	}
	l.until = time.Time{}
	_, err := l.mailbox.Lease(ctx, "mailbox", l.mailbox.Name, l.now())
	return err
}
