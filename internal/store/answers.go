package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Holder reads a professional of whatever organisation: who holds a link has no
// session that would name one.
func (s *Store) Holder(ctx context.Context, p id.Professional) (auth.Professional, error) {
	found, err := scanProfessional(s.read.QueryRowContext(ctx, `SELECT `+professionalColumns+` FROM professional p WHERE p.id = $1`, p))
	return found, fault.Wrap("store.Holder", mapErrorOrNil(err))
}

// RevokeLinks ends the answer links of a professional.
func (s *Store) RevokeLinks(ctx context.Context, org id.Org, p id.Professional, by audit.Change) error {
	return s.change(ctx, "store.RevokeLinks", by, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE professional SET link_epoch = link_epoch + 1 WHERE org = $1 AND id = $2`, org, p)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return sql.ErrNoRows
		}
		return nil
	})
}

// SaveSeriesAnswer keeps an answer to a series if the one it follows still
// stands, and gives it to its dates to come that were not answered by
// themselves.
func (s *Store) SaveSeriesAnswer(ctx context.Context, r meetings.SeriesReply, by audit.Change) error {
	return s.change(ctx, "store.SaveSeriesAnswer", by, func(tx *sql.Tx) error { return writeSeriesReply(ctx, tx, r) })
}

// Secret returns the secret of a name that every replica shares; the first to
// ask keeps fresh as such.
func (s *Store) Secret(ctx context.Context, name, fresh string) (value string, err error) {
	const op = "store.Secret"
	if _, err := s.write.ExecContext(ctx, `INSERT INTO secret (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, name, fresh); err != nil {
		return "", fault.Wrap(op, mapError(err))
	}
	err = s.write.QueryRowContext(ctx, `SELECT value FROM secret WHERE name = $1`, name).Scan(&value)
	return value, fault.Wrap(op, mapErrorOrNil(err))
}

// EmitOnce records that a job's slot has run, with the events it causes, in one
// transaction; first is false, and nothing is written, when it had run before.
func (s *Store) EmitOnce(ctx context.Context, job, slot string, at time.Time, events []event.Event) (first bool, err error) {
	err = s.retry(ctx, func() error {
		return s.tx(ctx, func(tx *sql.Tx) error {
			res, err := tx.ExecContext(ctx, `
				INSERT INTO job_run (job, slot, at, detail) VALUES ($1, $2, $3, '') ON CONFLICT DO NOTHING`, job, slot, micro(at))
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if first = n > 0; err != nil || !first {
				return err
			}
			return insertEvents(ctx, tx, events)
		})
	})
	if err != nil {
		return false, fault.Wrap("store.EmitOnce", mapError(err))
	}
	if first {
		s.notify(events)
	}
	return first, nil
}
