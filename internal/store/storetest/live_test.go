package storetest

import (
	"testing"

	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
)

func TestEventsOfTeamsAreReadInOrder(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		h := NewHouse(t, s)
		m := h.Meeting(t).Meeting
		by := h.Secretary.Change(Now, "test", "meeting", string(m.ID))
		var want []id.Event
		for _, team := range []id.Team{m.Team, id.New[id.Team](), m.Team} {
			e := h.Secretary.Event(Now, event.AgendaChanged)
			e.Team, e.Meeting = team, m.ID
			by.Events = append(by.Events, e)
			if team == m.Team {
				want = append(want, e.ID)
			}
		}
		before := id.Earlier(want[0], 0)
		if err := s.Audit(t.Context(), by); err != nil {
			t.Fatal(err)
		}
		got, err := s.EventsAfter(t.Context(), []id.Team{m.Team}, before, 10)
		if err != nil {
			t.Fatal(err)
		}
		last := got[len(got)-len(want):]
		for i, e := range last {
			if e.ID != want[i] || e.Meeting != m.ID {
				t.Errorf("event %d is %+v", i, e)
			}
		}
		if rest, err := s.EventsAfter(t.Context(), []id.Team{m.Team}, want[0], 10); err != nil || len(rest) != 1 || rest[0].ID != want[1] {
			t.Errorf("after the first: %v, %v", rest, err)
		}
	})
}
