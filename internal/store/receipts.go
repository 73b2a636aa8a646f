package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/notify"
)

// SentMinutes returns the latest message of each thread about a version of
// minutes, with what became of it.
func (s *Store) SentMinutes(ctx context.Context, org id.Org, m id.Minutes, threads []string) ([]notify.Outgoing, error) {
	if len(threads) == 0 {
		return nil, nil
	}
	args := []any{org, m}
	list := in(&args, threads)
	rows, err := s.read.QueryContext(ctx, `SELECT `+messageColumns+`, coalesce(r.state, ''), r.at
		FROM outbox o JOIN event e ON e.id = o.event LEFT JOIN meeting t ON t.id = o.meeting LEFT JOIN report r ON r.message = o.id
		WHERE o.org = $1 AND e.minutes = $2 AND o.thread IN `+list+` ORDER BY o.created DESC`, args...)
	all, err := collect(rows, err, func(r scanner) (one notify.Outgoing, err error) {
		var when sql.NullTime
		one.Message, err = scanMessage(r, &one.Fate, &when)
		one.When = timeOf(when)
		return one, err
	})
	return all, fault.Wrap("store.SentMinutes", err)
}

// OpenedMinutes returns who opened a version of minutes, and when first.
func (s *Store) OpenedMinutes(ctx context.Context, org id.Org, m id.Minutes) (map[id.Professional]time.Time, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT professional, opened FROM receipt WHERE minutes = $1 AND org = $2`, m, org)
	type row struct {
		who id.Professional
		at  time.Time
	}
	all, err := collect(rows, err, func(r scanner) (o row, err error) { return o, r.Scan(&o.who, &o.at) })
	opened := make(map[id.Professional]time.Time, len(all))
	for _, o := range all {
		opened[o.who] = o.at.UTC()
	}
	return opened, fault.Wrap("store.OpenedMinutes", err)
}

// OpenMinutes notes that somebody opened a version of minutes, once.
func (s *Store) OpenMinutes(ctx context.Context, org id.Org, m id.Minutes, who id.Professional, at time.Time) error {
	_, err := s.write.ExecContext(ctx, `
		INSERT INTO receipt (org, minutes, professional, opened) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, org, m, who, micro(at))
	return fault.Wrap("store.OpenMinutes", mapErrorOrNil(err))
}

// SaveReport keeps what a server reported of a message that had left, unless it
// is older than the last sending: failed, the message is one of the dead letters
// again. The message is returned; NotFound when it is none of ours.
func (s *Store) SaveReport(ctx context.Context, r notify.Report, by audit.Change) (m notify.Message, err error) {
	const op = "store.SaveReport"
	if m, err = s.messageWhere(ctx, `o.message_id = $1`, r.MessageID); err != nil {
		return m, fault.Wrap(op, err)
	}
	m.Body = nil
	by.Entry.Org, by.Entry.Team, by.Entry.ObjectID = m.Org, m.Team, string(m.ID)
	err = s.change(ctx, op, by, func(tx *sql.Tx) error {
		status := notify.Sent
		if r.Fate == notify.Failed {
			status = notify.Dead
		}
		res, err := tx.ExecContext(ctx, `
			UPDATE outbox SET status = $3, last_error = $4 WHERE id = $1 AND status = 'sent' AND sent <= $2`,
			m.ID, micro(r.At), status, r.Said)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(errSeen, err)
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO report (org, message, state, said, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (message) DO UPDATE SET state = excluded.state, said = excluded.said, at = excluded.at`,
			m.Org, m.ID, r.Fate, r.Said, micro(r.At))
		return err
	})
	if errors.Is(err, errSeen) {
		return m, nil
	}
	return m, fault.Wrap(op, err)
}
