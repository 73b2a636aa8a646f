package minutes

import (
	"context"
	"sync"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// sharedFor is how long what was read for one screen serves the others. It is
// dropped before that when an event tells of a change.
const sharedFor = 300 * time.Millisecond

// maxShared bounds how many cases are held.
const maxShared = 1000

// Sheet is what a screen reads again when its case was written on.
type Sheet struct {
	Line     agenda.Item
	Full     meetings.Full
	Decision Decision
}

// Sheet returns Decision with its case and meeting. The screens of a room ask
// at the same instant: the rows are read once for all of them (see ShareReads),
// but each person's right is looked at, and their reading audited, on its own.
func (s *Service) Sheet(ctx context.Context, a auth.Actor, m id.Meeting, c id.Case) (Sheet, error) {
	const op = "minutes.Sheet"
	r, err := s.shared.read(sharedKey{a.Org, m, c}, s.now(), func() (record, error) {
		return s.facts(context.WithoutCancel(ctx), a.Org, c) // who asked first may go: others wait
	})
	if err == nil && r.line.Meeting != m {
		err = fault.New(fault.NotFound, op, "Introuvable.")
	}
	if err != nil {
		return Sheet{}, fault.Wrap(op, err)
	}
	if err := s.admit(ctx, a, &r, "decision.read", false); err != nil {
		return Sheet{}, fault.Wrap(op, err)
	}
	if err := s.store.Audit(ctx, r.by.InSpells()); err != nil {
		return Sheet{}, fault.Wrap(op, err)
	}
	return Sheet{Line: r.line, Full: r.full, Decision: r.current(s.now())}, nil
}

// facts reads a case for nobody yet.
func (s *Service) facts(ctx context.Context, org id.Org, c id.Case) (r record, err error) {
	if r.line, err = s.store.CaseByID(ctx, org, c); err != nil {
		return r, err
	}
	if r.full, err = s.store.MeetingByID(ctx, org, r.line.Meeting); err != nil {
		return r, err
	}
	return r, s.fill(ctx, org, &r)
}

// ShareReads lets Sheet read once for several, and returns what must hear of
// every event, this process's and other replicas', before any screen does.
func (s *Service) ShareReads() func([]event.Event) {
	s.shared.mu.Lock()
	defer s.shared.mu.Unlock()
	s.shared.reads = map[sharedKey]*sharedRead{}
	return s.shared.changed
}

type sharedKey struct {
	org     id.Org
	meeting id.Meeting
	c       id.Case
}

// sharedRead is one reading; done is closed once it is there. Nobody changes
// what it holds.
type sharedRead struct {
	done  chan struct{}
	begun time.Time
	r     record
	err   error
}

// shared is what is being read, or just was. Without a map nothing is shared.
type shared struct {
	mu    sync.Mutex
	reads map[sharedKey]*sharedRead
}

func (h *shared) read(k sharedKey, now time.Time, facts func() (record, error)) (record, error) {
	h.mu.Lock()
	if h.reads == nil {
		h.mu.Unlock()
		return facts()
	}
	got := h.reads[k]
	if got != nil && now.Sub(got.begun) < sharedFor {
		h.mu.Unlock()
		<-got.done
		return got.r, got.err
	}
	if len(h.reads) >= maxShared {
		clear(h.reads)
	}
	got = &sharedRead{done: make(chan struct{}), begun: now, err: fault.Errorf("minutes.shared", "the reading broke")}
	h.reads[k] = got
	h.mu.Unlock()
	defer close(got.done)
	got.r, got.err = facts()
	return got.r, got.err
}

// changed drops what an event made old: a reading begun before it, done or not,
// serves nobody who asks after it. What is of no meeting may concern any.
func (h *shared) changed(events []event.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range events {
		for k := range h.reads {
			if e.Meeting == "" || e.Meeting == k.meeting {
				delete(h.reads, k)
			}
		}
	}
}
