package store

import (
	"context"

	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// EventsAfter reads the events of teams whose ids come after one, in the order
// of their ids.
func (s *Store) EventsAfter(ctx context.Context, teams []id.Team, after id.Event, limit int) ([]event.Event, error) {
	args := []any{after, max(limit, 1)}
	list := in(&args, teams)
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, org, kind, at, team, series, meeting, case_id, patient, minutes, professional, request
		FROM event WHERE id > $1 AND team IN `+list+` ORDER BY id LIMIT $2`, args...)
	all, err := collect(rows, err, scanEvent)
	return all, fault.Wrap("store.EventsAfter", err)
}
