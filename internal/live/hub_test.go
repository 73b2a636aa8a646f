package live

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
)

// table is a database of events in memory.
type table struct {
	mu   sync.Mutex
	rows []event.Event
	err  error
}

func (t *table) EventsAfter(_ context.Context, teams []id.Team, after id.Event, limit int) ([]event.Event, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []event.Event
	for _, e := range t.rows {
		if e.ID > after && slices.Contains(teams, e.Team) {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b event.Event) int { return cmp.Compare(a.ID, b.ID) })
	return out[:min(limit, len(out))], t.err
}

func (t *table) put(es ...event.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows = append(t.rows, es...)
}

func (t *table) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.err = err
}

const team = id.Team("t")

func happens(m id.Meeting) event.Event {
	return event.Event{ID: id.New[id.Event](), Kind: event.AgendaChanged, Team: team, Meeting: m}
}

func newHub(t *testing.T) (*Hub, *table) {
	t.Helper()
	rows := &table{}
	return NewHub(rows, slog.New(slog.DiscardHandler)), rows
}

// hears waits for n events and returns their ids.
func hears(t *testing.T, l *Listener, n int) (got []id.Event) {
	t.Helper()
	end := time.After(20 * time.Second)
	for len(got) < n {
		select {
		case <-l.Woken():
			events, lost := l.Take()
			if lost {
				t.Fatal("was too slow")
			}
			for _, e := range events {
				got = append(got, e.ID)
			}
		case <-end:
			t.Fatalf("heard %d of %d", len(got), n)
		}
	}
	return got
}

func TestAListenerHearsItsMeetingAlone(t *testing.T) {
	t.Parallel()
	h, _ := newHub(t)
	l, other := h.Listen(team, "a"), h.Listen(team, "b")
	mine := happens("a")
	h.Tell([]event.Event{happens("c"), mine, happens("")})
	h.Tell([]event.Event{mine}) // read back from the database
	if got := hears(t, l, 1); got[0] != mine.ID {
		t.Errorf("heard %v", got)
	}
	if again, _ := l.Take(); len(again) != 0 {
		t.Errorf("told twice: %v", again)
	}
	if foreign, _ := other.Take(); len(foreign) != 0 {
		t.Errorf("heard another meeting's: %v", foreign)
	}
}

func TestASlowListenerReadsAgainAndNothingGrows(t *testing.T) {
	t.Parallel()
	h, _ := newHub(t)
	slow := h.Listen(team, "a")
	for range 10 * kept {
		h.Tell([]event.Event{happens("a")})
	}
	if events, lost := slow.Take(); !lost || len(events) != 0 {
		t.Errorf("lost %v with %d events", lost, len(events))
	}
	r := h.rings["a"]
	if len(r.last) != kept || len(r.known) != kept {
		t.Errorf("keeps %d events and %d ids", len(r.last), len(r.known))
	}
	last := happens("a")
	h.Tell([]event.Event{last})
	if events, lost := slow.Take(); lost || len(events) != 1 || events[0].ID != last.ID {
		t.Errorf("after that: %v, %v", events, lost)
	}
	slow.Close()
	if len(h.rings) != 0 || h.Listeners() != 0 {
		t.Error("a meeting nobody listens to is kept")
	}
}

func TestTheDatabaseTellsWhatAnotherReplicaDid(t *testing.T) {
	t.Parallel()
	h, rows := newHub(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); h.Run(ctx, 10*time.Millisecond) }()
	l := h.Listen(team, "a")
	late := happens("a") // made first, committed last
	first := happens("a")
	rows.put(first)
	if got := hears(t, l, 1); got[0] != first.ID {
		t.Errorf("heard %v", got)
	}
	rows.put(late)
	if got := hears(t, l, 1); got[0] != late.ID {
		t.Errorf("heard %v", got)
	}
	rows.fail(errors.New("away"))
	missed := happens("a")
	rows.put(missed)
	h.Wake()
	rows.fail(nil)
	if got := hears(t, l, 1); got[0] != missed.ID {
		t.Errorf("heard %v", got)
	}
	cancel()
	<-done
	if _, open := <-l.Woken(); open {
		t.Error("still open after the end")
	}
	if _, open := <-h.Listen(team, "a").Woken(); open {
		t.Error("one may listen after the end")
	}
	h.Tell([]event.Event{happens("a")}) // harms nobody
	l.Close()
}

func TestSinceReadsTheMeetingAgain(t *testing.T) {
	t.Parallel()
	h, rows := newHub(t)
	seen, next := happens("a"), happens("a")
	rows.put(seen, happens("b"), next)
	got, whole, err := h.Since(t.Context(), team, "a", seen.ID)
	if err != nil || !whole || len(got) != 1 || got[0].ID != next.ID {
		t.Errorf("%v, %v, %v", got, whole, err)
	}
	for range batch {
		rows.put(happens("b"))
	}
	if _, whole, _ := h.Since(t.Context(), team, "a", seen.ID); whole {
		t.Error("too many to tell, and nothing says so")
	}
}

func TestManyListenManyTell(t *testing.T) {
	t.Parallel()
	h, _ := newHub(t)
	const screens, changes = 200, 100
	var work sync.WaitGroup
	heard := make([]int, screens)
	for i := range screens {
		l := h.Listen(team, "a")
		work.Go(func() { heard[i] = len(hears(t, l, changes)); l.Close() })
	}
	for range 4 {
		work.Go(func() {
			for range changes / 4 {
				h.Tell([]event.Event{happens("a")})
			}
		})
	}
	work.Wait()
	if at := slices.IndexFunc(heard, func(n int) bool { return n != changes }); at >= 0 {
		t.Errorf("screen %d heard %d", at, heard[at])
	}
	if h.Listeners() != 0 {
		t.Error("somebody still listens")
	}
}
