package store

import (
	"sync"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
)

// maxSpells bounds how many spells are remembered.
const maxSpells = 20_000

// spells remembers which entries of the log still stand for the same thing done
// again. It is this process's own: another replica, or this one after a restart,
// writes an entry of its own, one too many and never one too few.
type spells struct {
	mu   sync.Mutex
	open map[audit.Entry]time.Time // by audit.Entry.Same, when it was written
}

// covers reports whether an entry already in the log stands for the change's.
func (s *spells) covers(by audit.Change) bool {
	if !by.Spell {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at, known := s.open[by.Entry.Same()]
	since := by.Entry.At.Sub(at)
	return known && since >= 0 && since < audit.Spell
}

// begin notes an entry that was committed.
func (s *spells) begin(by audit.Change) {
	if !by.Spell {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil || len(s.open) >= maxSpells {
		s.open = s.fresh(by.Entry.At)
	}
	s.open[by.Entry.Same()] = by.Entry.At
}

// fresh are the spells still open, or none when these alone are too many.
func (s *spells) fresh(now time.Time) map[audit.Entry]time.Time {
	left := map[audit.Entry]time.Time{}
	for e, at := range s.open {
		if now.Sub(at) < audit.Spell && len(left) < maxSpells/2 {
			left[e] = at
		}
	}
	return left
}
