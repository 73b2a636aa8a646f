// Package jobs runs what nobody asks for: the daily jobs, the sweeps that open
// and close registration, and the loops that turn events into mails and send
// them. It decides when; what is done stays with the services it calls.
//
// What always holds: a job can run twice, on two machines, and be killed at
// any point. Each effect is guarded where it is made (a meeting is unique per
// series and date, a state changes at one version, an event is treated once,
// a message is claimed), so that running again does nothing; job_run only
// saves work. It is written when a slot's work is done and never before: a
// machine that dies half way leaves the slot to the next. A slot is a local
// date, so no change of the clock skips or doubles one, and no job stands
// between 02:00 and 03:00, an hour that is missing in March and double in
// October. A slot missed while the program was down is caught up at the start.
package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify"
)

// Store is what the jobs need of the database.
type Store interface {
	Orgs(ctx context.Context) ([]auth.Org, error)
	PurgeSessions(ctx context.Context, now time.Time) error
	// EmitOnce stores events with the slot that is done by them; first is false
	// when it was done before.
	EmitOnce(ctx context.Context, job, slot string, at time.Time, events []event.Event) (first bool, err error)
	JobDone(ctx context.Context, job, slot string) (bool, error)
	// DigestPeople reads who wants the summary of their week, with the zone of
	// their team.
	DigestPeople(ctx context.Context, org id.Org, on date.Date) ([]notify.WeekPerson, error)
	MarkJob(ctx context.Context, job, slot string, at time.Time, detail string) (first bool, err error)
}

// Meetings is what the jobs call of meetings.Service.
type Meetings interface {
	Teams(ctx context.Context, a auth.Actor) ([]meetings.Team, error)
	List(ctx context.Context, a auth.Actor, f meetings.Filter) ([]meetings.Meeting, string, error)
	Get(ctx context.Context, a auth.Actor, m id.Meeting) (meetings.Full, error)
	MakeAhead(ctx context.Context, a auth.Actor, series id.Series, until date.Date) (meetings.Ahead, error)
	Open(ctx context.Context, a auth.Actor, m id.Meeting, version int) (meetings.Meeting, error)
	Close(ctx context.Context, a auth.Actor, m id.Meeting, version int) (meetings.Meeting, error)
}

// Awaited is who is asked to write before a meeting (preparation.Service).
type Awaited interface {
	Unanswered(ctx context.Context, a auth.Actor, m id.Meeting) ([]id.Professional, error)
}

// Dispatcher turns events into messages (notify.Dispatcher).
type Dispatcher interface {
	Treat(ctx context.Context, limit int) (int, error)
}

// Sender sends what is due (notify.Sender).
type Sender interface {
	RunOnce(ctx context.Context) (int, error)
}

// Papers asks the virus scanner again (papers.Service).
type Papers interface {
	Recheck(ctx context.Context, limit int) (int, error)
}

// Exporter makes the packages that were asked for (handover.Service).
type Exporter interface {
	RunOnce(ctx context.Context) (int, error)
}

// Config is what [Run] works with. Every field without a default is required.
type Config struct {
	Store      Store
	Meetings   Meetings
	Dispatcher Dispatcher
	Sender     Sender
	Exporter   Exporter       // nil: nobody asks for packages
	Awaited    Awaited        // nil: nobody is asked to write
	Papers     Papers         // what waits for the virus scanner; nil: nothing
	Mailbox    *Mailbox       // where answers come back; nil: nowhere
	Bell       *Bell          // rung at each commit; nil: polling alone
	Zone       *time.Location // of the daily hours; nil: UTC
	Now        func() time.Time
	Log        *slog.Logger
	Poll       time.Duration // between two looks without a ring; default 5 s
}

func (c Config) withDefaults() Config {
	if c.Bell == nil {
		c.Bell = NewBell()
	}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	if c.Poll == 0 {
		c.Poll = 5 * time.Second
	}
	return c
}

// Run works until ctx ends, then lets what is in hand finish: the message on
// its way, the job that runs.
func Run(ctx context.Context, c Config) error {
	c = c.withDefaults()
	s, err := newSchedule(ctx, c, c.daily(), c.sweeps())
	if err != nil {
		return err
	}
	send := NewBell()
	var loops sync.WaitGroup
	loops.Go(func() { c.loop(ctx, "dispatch", c.Bell.listen(), c.dispatch(send)) })
	loops.Go(func() { c.loop(ctx, "send", send.listen(), c.Sender.RunOnce) })
	if c.Exporter != nil {
		loops.Go(func() { c.loop(ctx, "export", nil, c.Exporter.RunOnce) })
	}
	if c.Mailbox != nil {
		loops.Go(func() { c.Mailbox.run(ctx, c) })
	}
	s.run(ctx)
	loops.Wait()
	return nil
}

// pageSize is how many events are treated at a time.
const pageSize = 200

// dispatch treats events and wakes the sender when there were any.
func (c Config) dispatch(send *Bell) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		n, err := c.Dispatcher.Treat(ctx, pageSize)
		if n > 0 {
			send.Ring()
		}
		return n, err
	}
}

// loop does the work, then waits for the bell or the poll. A failure or a
// panic is logged and the loop goes on.
func (c Config) loop(ctx context.Context, name string, bell <-chan struct{}, work func(context.Context) (int, error)) {
	poll := time.NewTicker(c.Poll)
	defer poll.Stop()
	for {
		c.guard(ctx, name, func(ctx context.Context) error {
			_, err := work(ctx)
			return err
		})
		select {
		case <-ctx.Done():
			return
		case <-bell:
		case <-poll.C:
		}
	}
}

// guard logs what went wrong. Faults hold no patient data.
func (c Config) guard(ctx context.Context, name string, work func(context.Context) error) {
	defer func() {
		if r := recover(); r != nil {
			c.Log.ErrorContext(ctx, "job panicked", "job", name, "panic", r)
		}
	}()
	if err := work(ctx); err != nil && ctx.Err() == nil {
		c.Log.ErrorContext(ctx, "job failed", "job", name, "error", err)
	}
}

// Bell wakes the loops early. A lost ring costs one poll.
type Bell struct {
	mu        sync.Mutex
	listeners []chan struct{}
}

// NewBell returns a bell that nobody listens to yet.
func NewBell() *Bell { return &Bell{} }

// Ring wakes every listener; it never blocks.
func (b *Bell) Ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.listeners {
		select {
		case l <- struct{}{}:
		default: // a ring is already waiting
		}
	}
}

func (b *Bell) listen() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := make(chan struct{}, 1)
	b.listeners = append(b.listeners, l)
	return l
}
