package store

import (
	"context"
	"strings"

	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// trainingOf finds whether an id of any kind belongs to a training team: of a
// team, a meeting, a series, a case, a request, a plan or a patient.
const trainingOf = `
	SELECT 1 FROM team t WHERE t.training AND t.org = $1 AND (
		t.id IN IDS
		OR t.id IN (SELECT team FROM meeting WHERE id IN IDS)
		OR t.id IN (SELECT team FROM series WHERE id IN IDS)
		OR t.id IN (SELECT team FROM agenda_item WHERE id IN IDS)
		OR t.id IN (SELECT team FROM request WHERE id IN IDS)
		OR t.id IN (SELECT team FROM outside_request WHERE id IN IDS)
		OR t.id IN (SELECT team FROM outside_link WHERE id IN IDS)
		OR t.id IN (SELECT team FROM plan WHERE id IN IDS))
	UNION ALL SELECT 1 FROM patient WHERE org = $1 AND fictional AND id IN IDS LIMIT 1`

// Training reports whether any of the ids, of whatever kind, is of a training
// team or of a fictional patient.
func (s *Store) Training(ctx context.Context, org id.Org, ids []string) (bool, error) {
	args := []any{org}
	rows, err := s.read.QueryContext(ctx, strings.ReplaceAll(trainingOf, "IDS", in(&args, ids)), args...)
	found, err := collect(rows, err, scanOne[int])
	return len(found) > 0, fault.Wrap("store.Training", err)
}

// Followed reports whether a team follows any patient.
func (s *Store) Followed(ctx context.Context, org id.Org, team id.Team) (some bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM plan WHERE org = $1 AND team = $2)`, org, team).Scan(&some)
	return some, fault.Wrap("store.Followed", err)
}
