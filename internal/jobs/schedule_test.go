package jobs

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/notify"
)

// runs is job_run in memory, shared by the replicas of a test.
type runs struct {
	mu   sync.Mutex
	done map[string]int // by job and slot: how often marked first
}

func (r *runs) Orgs(context.Context) ([]auth.Org, error)       { return nil, nil }
func (r *runs) PurgeSessions(context.Context, time.Time) error { return nil }
func (r *runs) DigestPeople(context.Context, id.Org, date.Date) ([]notify.WeekPerson, error) {
	return nil, nil
}

func (r *runs) JobDone(_ context.Context, job, slot string) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.done[job+" "+slot] > 0, nil
}

func (r *runs) MarkJob(_ context.Context, job, slot string, _ time.Time, _ string) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done[job+" "+slot]++
	return r.done[job+" "+slot] == 1, nil
}

func (r *runs) EmitOnce(ctx context.Context, job, slot string, at time.Time, _ []event.Event) (bool, error) {
	return r.MarkJob(ctx, job, slot, at, "")
}

func config(t *testing.T, store *runs) Config {
	t.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return Config{Store: store, Zone: paris, Now: time.Now, Log: slog.New(slog.DiscardHandler)}.withDefaults()
}

// replica runs a schedule until stop is called.
func replica(t *testing.T, c Config, days []daily, sweeps ...sweep) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s, err := newSchedule(ctx, c, days, sweeps)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { s.run(ctx); close(ended) }()
	return func() { cancel(); <-ended }
}

// TestAYearHasItsSlots: three replicas, every day of a year with its two
// changes of the clock, no slot missed and none done once it was marked.
func TestAYearHasItsSlots(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, worked := &runs{done: map[string]int{}}, 0
		var mu sync.Mutex
		job := daily{"job", 4, 15, func(context.Context) (string, error) {
			mu.Lock()
			defer mu.Unlock()
			worked++
			return "", nil
		}}
		var stops []func()
		for range 3 {
			stops = append(stops, replica(t, config(t, store), []daily{job}))
			time.Sleep(7 * time.Second)
		}
		time.Sleep(365 * 24 * time.Hour)
		for _, stop := range stops {
			stop()
		}
		// From 31 December 1999, the slot due when the bubble's clock starts, to 31 December 2000.
		for day := time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC); day.Year() < 2001 && day.YearDay() < 366; day = day.AddDate(0, 0, 1) {
			if store.done["job "+day.Format(time.DateOnly)] == 0 {
				t.Errorf("%s was missed", day.Format(time.DateOnly))
			}
		}
		if len(store.done) != 366 {
			t.Errorf("%d slots, want 366", len(store.done))
		}
		if worked < 366 || worked > 3*366 {
			t.Errorf("worked %d times", worked)
		}
	})
}

// TestMissedSlotIsCaughtUp at the start, once.
func TestMissedSlotIsCaughtUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, worked := &runs{done: map[string]int{}}, 0
		job := daily{"job", 4, 15, func(context.Context) (string, error) { worked++; return "", nil }}
		run := func(d time.Duration) {
			stop := replica(t, config(t, store), []daily{job})
			time.Sleep(d)
			stop()
		}
		time.Sleep(5 * time.Hour) // it is five o'clock on the first of January
		run(time.Minute)
		run(time.Minute) // a restart the same day does nothing
		if worked != 1 {
			t.Errorf("worked %d times, want 1", worked)
		}
		time.Sleep(4 * 24 * time.Hour)
		run(time.Minute)
		if worked != 2 || store.done["job 2000-01-05"] != 1 {
			t.Errorf("after four days down: worked %d times, slots %v", worked, store.done)
		}
	})
}

// TestFailureAndPanicDoNotStopAJob, and what failed is tried again within the
// hour.
func TestFailureAndPanicDoNotStopAJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, tries, swept := &runs{done: map[string]int{}}, 0, 0
		job := daily{"job", 4, 15, func(context.Context) (string, error) {
			tries++
			switch tries {
			case 1:
				panic("once")
			case 2:
				return "", errors.New("twice")
			}
			return "", nil
		}}
		stop := replica(t, config(t, store), []daily{job}, sweep{"sweep", time.Minute, func(context.Context) error {
			swept++
			panic("always")
		}})
		time.Sleep(2*time.Hour + time.Minute)
		stop()
		if tries != 3 || store.done["job 1999-12-31"] != 1 {
			t.Errorf("%d tries, slots %v", tries, store.done)
		}
		if swept < 120 {
			t.Errorf("the sweep ran %d times in two hours", swept)
		}
	})
}

func TestNoJobStandsInAnHourThatChanges(t *testing.T) {
	t.Parallel()
	c := config(t, &runs{done: map[string]int{}})
	if _, err := newSchedule(t.Context(), c, []daily{{"job", 2, 30, nil}}, nil); err == nil {
		t.Error("a job at 02:30 was taken")
	}
	if _, err := newSchedule(t.Context(), c, c.daily(), c.sweeps()); err != nil {
		t.Errorf("our own jobs: %v", err)
	}
}

// counter is a dispatcher and a sender that count their calls.
type counter struct {
	mu            sync.Mutex
	treated, sent int
	events        int
}

func (c *counter) Treat(context.Context, int) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.treated++
	n := c.events
	c.events = 0
	return n, nil
}

func (c *counter) RunOnce(context.Context) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent++
	panic("a transport that panics stops nothing")
}

func (c *counter) counts() (treated, sent int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.treated, c.sent
}

func (c *counter) happen(events int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = events
}

// TestBellWakesDispatcherThenSender at once, and without it the poll does.
func TestBellWakesDispatcherThenSender(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		work := &counter{}
		c := config(t, &runs{done: map[string]int{}})
		c.Dispatcher, c.Sender, c.Poll = work, work, time.Minute
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- Run(ctx, c) }()
		synctest.Wait()
		if treated, sent := work.counts(); treated != 1 || sent != 1 {
			t.Errorf("at the start: treated %d, sent %d", treated, sent)
		}
		work.happen(2)
		c.Bell.Ring()
		c.Bell.Ring()
		synctest.Wait()
		before, sent := work.counts()
		if before < 2 || sent != 2 {
			t.Errorf("after the bell: treated %d, sent %d", before, sent)
		}
		time.Sleep(61 * time.Second)
		synctest.Wait()
		if treated, sent := work.counts(); treated != before+1 || sent != 3 {
			t.Errorf("after the poll: treated %d, sent %d", treated-before, sent)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
