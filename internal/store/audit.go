package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Audit records an entry (a reading, a refusal) that changes no row.
func (s *Store) Audit(ctx context.Context, by audit.Change) error {
	if s.spells.covers(by) {
		return nil
	}
	return s.change(ctx, "store.Audit", by, nil)
}

// insertAudit chains an entry to its organisation's log. The head of the chain
// is one row, locked by the update: entries are numbered without a gap.
func (s *Store) insertAudit(ctx context.Context, tx *sql.Tx, e audit.Entry) error {
	e.At, e.Detail = micro(e.At), audit.Clean(e.Detail)
	err := tx.QueryRowContext(ctx,
		`UPDATE org SET audit_seq = audit_seq + 1 WHERE id = $1 RETURNING audit_seq, audit_hash`, e.Org).
		Scan(&e.Seq, &e.Prev)
	if err != nil {
		return fmt.Errorf("audit head: %w", err)
	}
	e.Hash = e.Sum()
	if _, err := tx.ExecContext(ctx, `UPDATE org SET audit_hash = $2 WHERE id = $1`, e.Org, e.Hash); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO audit (org, seq, id, at, actor, actor_name, origin, action, object, object_id,
			patient, team, outcome, detail, prev, hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		e.Org, e.Seq, e.ID, e.At, e.Actor, e.ActorName, e.Origin, e.Action, e.Object, e.ObjectID,
		e.Patient, e.Team, e.Outcome, e.Detail, e.Prev, e.Hash)
	return err
}

// AuditEntries reads the log, newest first.
func (s *Store) AuditEntries(ctx context.Context, org id.Org, f audit.Filter) ([]audit.Entry, error) {
	q, args := `
		SELECT org, seq, id, at, actor, actor_name, origin, action, object, object_id,
			patient, team, outcome, detail, prev, hash
		FROM audit WHERE org = $1`, []any{org}
	and := func(cond string, v any) {
		args = append(args, v)
		q += fmt.Sprintf(" AND "+cond, len(args))
	}
	if f.Patient != "" {
		and("patient = $%d", f.Patient)
	}
	if f.Team != "" {
		and("team = $%d", f.Team)
	}
	if f.Actor != "" {
		and("actor = $%d", f.Actor)
	}
	if f.Action != "" {
		and("action = $%d", f.Action)
	}
	if !f.From.IsZero() {
		and("at >= $%d", micro(f.From))
	}
	if !f.To.IsZero() {
		and("at < $%d", micro(f.To))
	}
	if f.Before > 0 {
		and("seq < $%d", f.Before)
	}
	args = append(args, max(f.Limit, 1))
	q += fmt.Sprintf(" ORDER BY seq DESC LIMIT $%d", len(args))
	rows, err := s.read.QueryContext(ctx, q, args...)
	all, err := collect(rows, err, func(r scanner) (audit.Entry, error) { return scanAudit(r) })
	return all, fault.Wrap("store.AuditEntries", err)
}

func scanAudit(r scanner, more ...any) (e audit.Entry, err error) {
	err = r.Scan(append([]any{
		&e.Org, &e.Seq, &e.ID, &e.At, &e.Actor, &e.ActorName, &e.Origin, &e.Action, &e.Object, &e.ObjectID,
		&e.Patient, &e.Team, &e.Outcome, &e.Detail, &e.Prev, &e.Hash,
	}, more...)...)
	e.At = e.At.UTC()
	return e, err
}

// VerifyAudit walks the whole chain of an organisation and returns the
// sequence number of the first entry that does not hold, or 0. A missing tail
// shows against the head kept with the organisation.
func (s *Store) VerifyAudit(ctx context.Context, org id.Org) (bad int64, err error) {
	var chain audit.Chain
	var last int64
	seq, hash, err := s.WalkAudit(ctx, org, func(e audit.Entry) {
		if wrong := chain.Next(e); len(wrong) > 0 && bad == 0 {
			bad = last + 1
		}
		last = e.Seq
	})
	if err != nil {
		return 0, fault.Wrap("store.VerifyAudit", err)
	}
	if bad == 0 && len(chain.End(seq, hash)) > 0 {
		bad = last + 1
	}
	return bad, nil
}

func insertEvents(ctx context.Context, tx *sql.Tx, events []event.Event) error {
	for _, e := range events {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO event (id, org, kind, at, team, series, meeting, case_id, patient, minutes, professional, request)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			e.ID, e.Org, e.Kind, micro(e.At), e.Team, e.Series, e.Meeting, e.Case, e.Patient, e.Minutes, e.Professional, e.Request)
		if err != nil {
			return err
		}
	}
	return nil
}
