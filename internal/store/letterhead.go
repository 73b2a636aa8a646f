package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Letterhead reads what a team's minutes carry at their head.
func (s *Store) Letterhead(ctx context.Context, org id.Org, t id.Team) (meetings.Letterhead, error) {
	l := meetings.Letterhead{Org: org, Team: t}
	var sha sql.NullString
	var w, h sql.NullInt64
	err := s.read.QueryRowContext(ctx, `
		SELECT l.lines, l.logo, g.width, g.height, l.version FROM letterhead l LEFT JOIN logo g ON g.org = l.org AND g.sha256 = l.logo
		WHERE l.org = $1 AND l.team = $2`, org, t).Scan(jsonOf(&l.Lines), &sha, &w, &h, &l.Version)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	l.Logo = meetings.Logo{SHA256: sha.String, Width: int(w.Int64), Height: int(h.Int64)}
	return l, fault.Wrap("store.Letterhead", err)
}

// SaveLetterhead keeps the picture, when there is a new one, and the letterhead.
func (s *Store) SaveLetterhead(ctx context.Context, l meetings.Letterhead, png []byte, by audit.Change) error {
	lines, err := listJSON(l.Lines)
	if err != nil {
		return fault.Wrap("store.SaveLetterhead", err)
	}
	return s.change(ctx, "store.SaveLetterhead", by, func(tx *sql.Tx) error {
		if png != nil {
			_, err := tx.ExecContext(ctx, `
				INSERT INTO logo (org, sha256, width, height, png) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (org, sha256) DO NOTHING`,
				l.Org, l.Logo.SHA256, l.Logo.Width, l.Logo.Height, png)
			if err != nil {
				return err
			}
		}
		if l.Version == 0 {
			return stale(tx.ExecContext(ctx, `
				INSERT INTO letterhead (team, org, lines, logo, version) VALUES ($1, $2, $3, $4, 1) ON CONFLICT (team) DO NOTHING`,
				l.Team, l.Org, lines, null(l.Logo.SHA256)))
		}
		return stale(tx.ExecContext(ctx, `
			UPDATE letterhead SET lines = $4, logo = $5, version = version + 1 WHERE team = $1 AND org = $2 AND version = $3`,
			l.Team, l.Org, l.Version, lines, null(l.Logo.SHA256)))
	})
}

// Logo reads a picture.
func (s *Store) Logo(ctx context.Context, org id.Org, sha string) (meetings.Logo, []byte, error) {
	l := meetings.Logo{SHA256: sha}
	var png []byte
	err := s.read.QueryRowContext(ctx, `SELECT width, height, png FROM logo WHERE org = $1 AND sha256 = $2`, org, sha).
		Scan(&l.Width, &l.Height, &png)
	return l, png, fault.Wrap("store.Logo", mapErrorOrNil(err))
}
