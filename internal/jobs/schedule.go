package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
)

// daily is a job of each day at a local hour. It works on the state it finds
// and not on its slot, so one run makes up for any number of missed ones.
type daily struct {
	name         string
	hour, minute int
	work         func(ctx context.Context) (detail string, err error)
}

// sweep is work done every so often, guarded by the state it changes.
type sweep struct {
	name  string
	every time.Duration
	work  func(ctx context.Context) error
}

// slot returns the local date of the last time d was due at an instant.
func (d daily) slot(now time.Time, zone *time.Location) date.Date {
	now = now.In(zone)
	today := date.Of(now)
	if now.Before(time.Date(today.Year, today.Month, today.Day, d.hour, d.minute, 0, 0, zone)) {
		return today.AddDays(-1)
	}
	return today
}

// schedule is the cron of one process.
type schedule struct {
	config  Config
	cron    *cron.Cron
	catchUp cron.Job
}

// newSchedule enters the jobs; they run with ctx.
func newSchedule(ctx context.Context, c Config, days []daily, sweeps []sweep) (*schedule, error) {
	logger := cronLogger{c}
	// Recover is last, so next to the job: before SkipIfStillRunning it would
	// leave that one's token taken after a panic, and the job stopped for good.
	chain := cron.NewChain(cron.SkipIfStillRunning(logger), cron.Recover(logger))
	s := &schedule{config: c, cron: cron.New(cron.WithLocation(c.Zone), cron.WithLogger(logger))}
	var all []cron.Job
	for _, d := range days {
		if d.hour == 2 {
			return nil, fault.Errorf("jobs.newSchedule", "%s is due in an hour that changes", d.name)
		}
		job := chain.Then(cron.FuncJob(func() { c.runDaily(ctx, d) }))
		if _, err := s.cron.AddJob(fmt.Sprintf("%d %d * * *", d.minute, d.hour), job); err != nil {
			return nil, fault.Wrap("jobs.newSchedule", err)
		}
		all = append(all, job)
	}
	for _, w := range sweeps {
		job := chain.Then(cron.FuncJob(func() { c.guard(ctx, w.name, w.work) }))
		s.cron.Schedule(cron.Every(w.every), job)
		all = append(all, job)
	}
	s.catchUp = cron.FuncJob(func() { // through the same chains: no job beside itself
		for _, job := range all {
			job.Run()
		}
	})
	s.cron.Schedule(cron.Every(time.Hour), s.catchUp) // what failed is tried again
	return s, nil
}

// run catches up, then follows the clock until ctx ends and the jobs have.
func (s *schedule) run(ctx context.Context) {
	s.catchUp.Run()
	s.cron.Start()
	<-ctx.Done()
	<-s.cron.Stop().Done()
}

// runDaily does the slot's work unless it is done.
func (c Config) runDaily(ctx context.Context, d daily) {
	c.guard(ctx, d.name, func(ctx context.Context) error {
		slot := d.slot(c.Now(), c.Zone).String()
		done, err := c.Store.JobDone(ctx, d.name, slot)
		if err != nil || done {
			return err
		}
		detail, err := d.work(ctx)
		if err != nil {
			return err
		}
		_, err = c.Store.MarkJob(ctx, d.name, slot, c.Now(), detail)
		return err
	})
}

// cronLogger passes cron's own words on: panics it recovered, never its
// every wake-up.
type cronLogger struct{ Config }

func (l cronLogger) Info(string, ...any) {}

func (l cronLogger) Error(err error, msg string, keys ...any) {
	l.Log.Error("cron: "+msg, append(keys, "error", err)...)
}
