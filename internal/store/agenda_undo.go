package store

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// SaveEdit writes the lines of an edit, and the edit so that it can be undone.
func (s *Store) SaveEdit(ctx context.Context, org id.Org, m id.Meeting, items []agenda.Item, e agenda.Edit, by audit.Change) error {
	raw, err := json.Marshal(e)
	if err != nil {
		return fault.Wrap("store.SaveEdit", err)
	}
	return s.change(ctx, "store.SaveEdit", by, func(tx *sql.Tx) error {
		if err := lockPrepared(ctx, tx, org, m); err != nil {
			return err
		}
		if err := saveLines(ctx, tx, m, items); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO agenda_undo (meeting, key, by_id, at, edit) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (meeting) DO UPDATE SET key = excluded.key, by_id = excluded.by_id, at = excluded.at, edit = excluded.edit`,
			m, e.Key, null(e.By), micro(e.At), string(raw))
		return err
	})
}

// LastEdit reads the edit that can be undone.
func (s *Store) LastEdit(ctx context.Context, org id.Org, m id.Meeting) (e agenda.Edit, err error) {
	err = s.read.QueryRowContext(ctx, `
		SELECT u.edit FROM agenda_undo u JOIN meeting m ON m.id = u.meeting WHERE m.org = $1 AND m.id = $2`, org, m).Scan(jsonOf(&e))
	return e, fault.Wrap("store.LastEdit", mapErrorOrNil(err))
}

// UndoEdit writes the lines as they stood before the edit, once: another edit,
// or another undoing, in between is a conflict.
func (s *Store) UndoEdit(ctx context.Context, org id.Org, m id.Meeting, items []agenda.Item, e agenda.Edit, by audit.Change) error {
	return s.change(ctx, "store.UndoEdit", by, func(tx *sql.Tx) error {
		if err := lockPrepared(ctx, tx, org, m); err != nil {
			return err
		}
		if err := saveLines(ctx, tx, m, items); err != nil {
			return err
		}
		return stale(tx.ExecContext(ctx, `DELETE FROM agenda_undo WHERE meeting = $1 AND key = $2`, m, e.Key))
	})
}
