package live

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Source reads committed events back. Ids are ordered by when they were made,
// not by when they were committed.
type Source interface {
	EventsAfter(ctx context.Context, teams []id.Team, after id.Event, limit int) ([]event.Event, error)
}

const (
	// Overlap is how far back events are read again: more than a transaction
	// takes and than the clocks of two replicas differ. Nobody is told twice of
	// an event that the ring still holds.
	Overlap = 5 * time.Second
	// kept is how many events a meeting keeps for who reads slowly.
	kept = 256
	// batch is how many events are read at once.
	batch = 1000
)

// Hub brings committed events to those who listen to a meeting. What it keeps
// is bounded: one ring per meeting listened to, a position per listener.
type Hub struct {
	source Source
	log    *slog.Logger
	wake   chan struct{}

	mu     sync.Mutex
	rings  map[id.Meeting]*ring
	looked id.Event // everything committed before it, less Overlap, was told
	closed bool
}

// NewHub returns a hub that nobody listens to.
func NewHub(source Source, log *slog.Logger) *Hub {
	return &Hub{source: source, log: log, wake: make(chan struct{}, 1), rings: map[id.Meeting]*ring{}, looked: id.New[id.Event]()}
}

// ring is the last events of a meeting, and who waits for the next.
type ring struct {
	team      id.Team
	last      []event.Event // at most kept; the newest at (next-1) % kept
	known     map[id.Event]bool
	next      uint64 // how many there were in all
	listeners map[*Listener]struct{}
}

func (r *ring) add(e event.Event) {
	if r.known[e.ID] {
		return
	}
	if at := r.next % kept; len(r.last) < kept {
		r.last = append(r.last, e)
	} else {
		delete(r.known, r.last[at].ID)
		r.last[at] = e
	}
	r.known[e.ID] = true
	r.next++
	for l := range r.listeners {
		l.ring()
	}
}

// Listener is one screen's place in a meeting's events.
type Listener struct {
	hub     *Hub
	meeting id.Meeting
	at      uint64
	wake    chan struct{}
}

func (l *Listener) ring() {
	select {
	case l.wake <- struct{}{}:
	default: // it has not looked yet
	}
}

// Listen starts to listen to a meeting, from now on. Close ends it.
func (h *Hub) Listen(team id.Team, m id.Meeting) *Listener {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := &Listener{hub: h, meeting: m, wake: make(chan struct{}, 1)}
	if h.closed {
		close(l.wake)
		return l
	}
	r := h.rings[m]
	if r == nil {
		r = &ring{team: team, known: map[id.Event]bool{}, listeners: map[*Listener]struct{}{}}
		h.rings[m] = r
	}
	l.at = r.next
	r.listeners[l] = struct{}{}
	return l
}

// Woken receives when there may be something to take; it is closed with the hub.
func (l *Listener) Woken() <-chan struct{} { return l.wake }

// Take returns what happened since the last call. lost is true when the
// listener was so slow that the ring no longer holds all of it.
func (l *Listener) Take() (events []event.Event, lost bool) {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	r := l.hub.rings[l.meeting]
	if r == nil {
		return nil, false
	}
	if lost = r.next-l.at > kept; lost {
		l.at = r.next
	}
	for ; l.at < r.next; l.at++ {
		events = append(events, r.last[l.at%kept])
	}
	return events, lost
}

// Close ends listening. The last to leave a meeting takes its ring away.
func (l *Listener) Close() {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	r := l.hub.rings[l.meeting]
	if r == nil {
		return
	}
	if delete(r.listeners, l); len(r.listeners) == 0 {
		delete(l.hub.rings, l.meeting)
	}
}

// Listeners is how many listen, to all meetings.
func (h *Hub) Listeners() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, r := range h.rings {
		n += len(r.listeners)
	}
	return n
}

// Tell brings events of this process's commits to the listeners.
func (h *Hub) Tell(events []event.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range events {
		if r := h.rings[e.Meeting]; r != nil {
			r.add(e)
		}
	}
}

// Wake makes the hub look soon: another replica committed something.
func (h *Hub) Wake() {
	select {
	case h.wake <- struct{}{}:
	default: // it will
	}
}

// Since reads the events of a meeting made since the one named, some of them
// perhaps seen before; whole is false when there are too many to tell.
func (h *Hub) Since(ctx context.Context, team id.Team, m id.Meeting, last id.Event) (events []event.Event, whole bool, err error) {
	all, err := h.source.EventsAfter(ctx, []id.Team{team}, id.Earlier(last, Overlap), batch)
	for _, e := range all {
		if e.Meeting == m && e.ID != last {
			events = append(events, e)
		}
	}
	return events, len(all) < batch, fault.Wrap("live.Since", err)
}

// Run looks into the database at each Wake and every second while anybody
// listens, so that neither Redis nor this process's memory is needed for a
// screen to hear. It ends with ctx, and closes every listener.
func (h *Hub) Run(ctx context.Context, every time.Duration) {
	defer h.close()
	tick := time.NewTicker(every)
	defer tick.Stop()
	away := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.wake:
		case <-tick.C:
		}
		err := h.look(ctx)
		if (err != nil) != away && ctx.Err() == nil {
			away = err != nil
			h.log.WarnContext(ctx, "live events", "away", away)
		}
	}
}

// look tells what was committed since the last look that succeeded.
func (h *Hub) look(ctx context.Context) error {
	now, after, teams := h.ask()
	for len(teams) > 0 {
		events, err := h.source.EventsAfter(ctx, teams, after, batch)
		if err != nil {
			return err
		}
		h.Tell(events)
		if len(events) < batch {
			break
		}
		after = events[len(events)-1].ID
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.looked = now
	return nil
}

func (h *Hub) ask() (now, after id.Event, teams []id.Team) {
	h.mu.Lock()
	defer h.mu.Unlock()
	seen := map[id.Team]bool{}
	for _, r := range h.rings {
		if !seen[r.team] {
			seen[r.team] = true
			teams = append(teams, r.team)
		}
	}
	return id.New[id.Event](), id.Earlier(h.looked, Overlap), teams
}

func (h *Hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, r := range h.rings {
		for l := range r.listeners {
			close(l.wake)
		}
		r.listeners = map[*Listener]struct{}{}
	}
}
