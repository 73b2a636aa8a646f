package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

const referenceColumns = `f.id, f.org, f.team, f.name, f.version, f.day, f.source, f.created, f.retired`

func referenceFields(r *agenda.Reference, retired *sql.NullTime) []any {
	return []any{&r.ID, &r.Org, &r.Team, &r.Name, &r.Version, &r.Day, &r.Source, &r.Created, retired}
}

func scanReference(row scanner) (r agenda.Reference, err error) {
	var retired sql.NullTime
	err = row.Scan(referenceFields(&r, &retired)...)
	r.Created, r.Retired = r.Created.UTC(), timeOf(retired)
	return r, err
}

// References reads the référentiels of a team: those in force by name, then
// the retired ones.
func (s *Store) References(ctx context.Context, org id.Org, team id.Team) ([]agenda.Reference, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+referenceColumns+` FROM reference f WHERE f.org = $1 AND f.team = $2
		ORDER BY CASE WHEN f.retired IS NULL THEN 0 ELSE 1 END, f.name, f.day DESC, f.id`, org, team)
	all, err := collect(rows, err, scanReference)
	return all, fault.Wrap("store.References", err)
}

// ReferenceByID reads one version of a référentiel.
func (s *Store) ReferenceByID(ctx context.Context, org id.Org, r id.Reference) (agenda.Reference, error) {
	v, err := scanReference(s.read.QueryRowContext(ctx, `SELECT `+referenceColumns+` FROM reference f WHERE f.org = $1 AND f.id = $2`, org, r))
	return v, fault.Wrap("store.ReferenceByID", mapErrorOrNil(err))
}

// AddReference inserts a version of a référentiel; a team has each once.
func (s *Store) AddReference(ctx context.Context, r agenda.Reference, by audit.Change) error {
	const op = "store.AddReference"
	return s.change(ctx, op, by, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO reference (id, org, team, name, version, day, source, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			r.ID, r.Org, r.Team, r.Name, r.Version, r.Day, r.Source, micro(r.Created))
		if duplicate(err) {
			return fault.New(fault.Conflict, op, "Cette version du référentiel est déjà dans la liste.")
		}
		return err
	})
}

// RetireReference stops a référentiel from being taken for new cases.
func (s *Store) RetireReference(ctx context.Context, org id.Org, r id.Reference, at time.Time, by audit.Change) error {
	return s.change(ctx, "store.RetireReference", by, func(tx *sql.Tx) error {
		return stale(tx.ExecContext(ctx,
			`UPDATE reference SET retired = $3 WHERE org = $1 AND id = $2 AND retired IS NULL`, org, r, micro(at)))
	})
}

// addRegistrations reads what the sheets of registered lines say.
func (s *Store) addRegistrations(ctx context.Context, items []agenda.Item) error {
	if len(items) == 0 {
		return nil
	}
	at, ids := map[id.Case]int{}, make([]id.Case, len(items))
	for i, l := range items {
		at[l.ID], ids[i] = i, l.ID
	}
	var args []any
	rows, err := s.read.QueryContext(ctx, `
		SELECT g.case_id, g.proposition, g.next_review, g.by_name, g.at, g.read_out, COALESCE(g.pulled_by, ''), g.pulled_name,
			g.pulled_why, g.pulled_at, `+referenceColumns+`
		FROM registration g JOIN reference f ON f.id = g.reference WHERE g.case_id IN `+in(&args, ids), args...)
	_, err = collect(rows, err, func(r scanner) (c id.Case, err error) {
		var g agenda.Registration
		var readOut, pulled, retired sql.NullTime
		err = r.Scan(append([]any{
			&c, &g.Proposition, &g.NextReview, &g.By, &g.At, &readOut, &g.PulledBy, &g.PulledName, &g.PulledWhy, &pulled,
		}, referenceFields(&g.Reference, &retired)...)...)
		g.At, g.ReadOut, g.PulledAt = g.At.UTC(), timeOf(readOut), timeOf(pulled)
		g.Reference.Created, g.Reference.Retired = g.Reference.Created.UTC(), timeOf(retired)
		items[at[c]].Registration = &g
		return c, err
	})
	return err
}

// writeRegistrations writes what the sheets of registered lines say; the lines
// themselves hold the version.
func writeRegistrations(ctx context.Context, tx *sql.Tx, items []agenda.Item) error {
	for _, l := range items {
		g := l.Registration
		if g == nil {
			if l.Standard {
				return fault.Errorf("store.writeRegistrations", "a standard line without its sheet")
			}
			continue
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO registration (case_id, reference, proposition, next_review, by_name, at, read_out, pulled_by, pulled_name,
				pulled_why, pulled_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
			ON CONFLICT (case_id) DO UPDATE SET reference = excluded.reference, proposition = excluded.proposition,
				next_review = excluded.next_review, by_name = excluded.by_name, at = excluded.at, read_out = excluded.read_out,
				pulled_by = excluded.pulled_by, pulled_name = excluded.pulled_name, pulled_why = excluded.pulled_why,
				pulled_at = excluded.pulled_at`,
			l.ID, g.Reference.ID, g.Proposition, g.NextReview, g.By, micro(g.At), nullTime(g.ReadOut), null(g.PulledBy), g.PulledName,
			g.PulledWhy, nullTime(g.PulledAt))
		if err != nil {
			return err
		}
	}
	return nil
}
