package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Settings reads how a team drafts its agendas.
func (s *Store) Settings(ctx context.Context, org id.Org, team id.Team) (v agenda.Settings, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT rules FROM team WHERE org = $1 AND id = $2`, org, team).Scan(jsonOf(&v))
	return v, fault.Wrap("store.Settings", mapErrorOrNil(err))
}

// SaveSettings writes how a team drafts its agendas, the whole of it.
func (s *Store) SaveSettings(ctx context.Context, org id.Org, team id.Team, v agenda.Settings, by audit.Change) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fault.Wrap("store.SaveSettings", err)
	}
	return s.change(ctx, "store.SaveSettings", by, func(tx *sql.Tx) error {
		return stale(tx.ExecContext(ctx, `UPDATE team SET rules = $3 WHERE org = $1 AND id = $2`, org, team, string(raw)))
	})
}

// lastedMost is how many cases learning looks at.
const lastedMost = 120

// Lasted reads how long the team's last cases before an instant took, newest
// first.
func (s *Store) Lasted(ctx context.Context, org id.Org, team id.Team, before time.Time) ([]agenda.Lasted, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT i.reasons, i.started, i.ended FROM agenda_item i
		WHERE i.team = $1 AND i.status = 'discussed' AND i.ended IS NOT NULL AND i.ended < $2
			AND COALESCE(i.org, '') = $3 AND i.started IS NOT NULL
		ORDER BY i.ended DESC LIMIT $4`, team, micro(before), org, lastedMost)
	all, err := collect(rows, err, func(r scanner) (l agenda.Lasted, err error) {
		return l, r.Scan(jsonOf(&l.Reasons), &l.Started, &l.Ended)
	})
	return all, fault.Wrap("store.Lasted", err)
}
