package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/handover"
	"github.com/rcp-care/rcp/internal/id"
)

// The store serves the packages.
var _ handover.Store = (*Store)(nil)

const handoverFrom = `
	SELECT h.id, h.org, h.team, t.name, h.year, h.state, h.done, h.total, COALESCE(h.asked_by, ''), h.asked_name, h.asked, h.began, h.finished
	FROM handover h JOIN team t ON t.id = h.team `

func scanHandover(r scanner) (h handover.Handover, err error) {
	var began, finished sql.NullTime
	err = r.Scan(&h.ID, &h.Org, &h.Team, &h.TeamName, &h.Year, &h.State, &h.Done, &h.Total, &h.AskedBy, &h.AskedName, &h.Asked, &began, &finished)
	h.Asked, h.Began, h.Finished = h.Asked.UTC(), timeOf(began), timeOf(finished)
	return h, err
}

func (s *Store) handovers(ctx context.Context, where string, args ...any) ([]handover.Handover, error) {
	rows, err := s.read.QueryContext(ctx, handoverFrom+where, args...)
	return collect(rows, err, scanHandover)
}

// Handovers reads the requests of teams, newest first.
func (s *Store) Handovers(ctx context.Context, org id.Org, teams []id.Team) ([]handover.Handover, error) {
	args := []any{org}
	all, err := s.handovers(ctx, `WHERE h.org = $1 AND h.team IN `+in(&args, teams)+` ORDER BY h.asked DESC, h.id`, args...)
	return all, fault.Wrap("store.Handovers", err)
}

// HandoverByID reads one request.
func (s *Store) HandoverByID(ctx context.Context, org id.Org, h id.Handover) (handover.Handover, error) {
	v, err := scanHandover(s.read.QueryRowContext(ctx, handoverFrom+`WHERE h.org = $1 AND h.id = $2`, org, h))
	return v, fault.Wrap("store.HandoverByID", mapErrorOrNil(err))
}

// NextHandover reads the request that waits longest.
func (s *Store) NextHandover(ctx context.Context) (handover.Handover, error) {
	v, err := scanHandover(s.read.QueryRowContext(ctx, handoverFrom+`WHERE h.state = 'waiting' ORDER BY h.asked, h.id LIMIT 1`))
	return v, fault.Wrap("store.NextHandover", mapErrorOrNil(err))
}

// OldHandovers reads what was finished before.
func (s *Store) OldHandovers(ctx context.Context, before time.Time) ([]handover.Handover, error) {
	all, err := s.handovers(ctx, `WHERE h.state <> 'waiting' AND h.finished < $1 ORDER BY h.id`, micro(before))
	return all, fault.Wrap("store.OldHandovers", err)
}

// AskHandover keeps a request; one of the same team and year waits again.
func (s *Store) AskHandover(ctx context.Context, h handover.Handover, by audit.Change) error {
	return s.change(ctx, "store.AskHandover", by, func(tx *sql.Tx) error {
		if err := teamOfOrg(ctx, tx, h.Org, h.Team); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO handover (id, org, team, year, state, done, total, asked_by, asked_name, asked)
			VALUES ($1, $2, $3, $4, 'waiting', 0, 0, $5, $6, $7)
			ON CONFLICT (team, year) DO UPDATE SET state = 'waiting', done = 0, total = 0, asked_by = excluded.asked_by,
				asked_name = excluded.asked_name, asked = excluded.asked, began = NULL, finished = NULL`,
			h.ID, h.Org, h.Team, h.Year, null(h.AskedBy), h.AskedName, micro(h.Asked))
		return err
	})
}

// KeepHandover writes the state and the progress of a request, unless it was
// asked again meanwhile.
func (s *Store) KeepHandover(ctx context.Context, h handover.Handover) error {
	_, err := s.write.ExecContext(ctx, `
		UPDATE handover SET state = $2, done = $3, total = $4, began = $5, finished = $6 WHERE id = $1 AND asked = $7`,
		h.ID, h.State, h.Done, h.Total, nullTime(h.Began), nullTime(h.Finished), micro(h.Asked))
	return fault.Wrap("store.KeepHandover", mapErrorOrNil(err))
}

// DeleteHandover forgets a request that is finished.
func (s *Store) DeleteHandover(ctx context.Context, h id.Handover) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM handover WHERE id = $1 AND state <> 'waiting'`, h)
	return fault.Wrap("store.DeleteHandover", mapErrorOrNil(err))
}
