package store

import (
	"context"
	"fmt"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/minutes"
)

// WalkAudit calls each with every entry of an organisation's log in order, and
// returns the head that is kept apart from it.
func (s *Store) WalkAudit(ctx context.Context, org id.Org, each func(audit.Entry)) (seq int64, hash string, err error) {
	const op = "store.WalkAudit"
	if err := s.read.QueryRowContext(ctx, `SELECT audit_seq, audit_hash FROM org WHERE id = $1`, org).Scan(&seq, &hash); err != nil {
		return 0, "", fault.Wrap(op, mapError(err))
	}
	// The head is read again beside the entries: others are written meanwhile.
	rows, err := s.read.QueryContext(ctx, `
		SELECT a.org, a.seq, a.id, a.at, a.actor, a.actor_name, a.origin, a.action, a.object, a.object_id,
			a.patient, a.team, a.outcome, a.detail, a.prev, a.hash, o.audit_seq, o.audit_hash
		FROM audit a JOIN org o ON o.id = a.org WHERE a.org = $1 ORDER BY a.seq`, org)
	if err != nil {
		return 0, "", fault.Wrap(op, err)
	}
	defer rows.Close()
	for rows.Next() {
		e, err := scanAudit(rows, &seq, &hash)
		if err != nil {
			return 0, "", fault.Wrap(op, err)
		}
		each(e)
	}
	return seq, hash, fault.Wrap(op, rows.Err())
}

// MinutesChain reads the chain of a team's minutes by number, and what the
// audit log says was signed.
func (s *Store) MinutesChain(ctx context.Context, org id.Org, team id.Team) (links []minutes.Link, traces []minutes.Trace, err error) {
	const op = "store.MinutesChain"
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, meeting, version, seq, content, sha256, previous FROM minutes WHERE org = $1 AND team = $2 ORDER BY seq`, org, team)
	links, err = collect(rows, err, func(r scanner) (l minutes.Link, err error) {
		return l, r.Scan(&l.ID, &l.Meeting, &l.Version, &l.Seq, &l.JSON, &l.SHA256, &l.Previous)
	})
	if err != nil {
		return nil, nil, fault.Wrap(op, err)
	}
	rows, err = s.read.QueryContext(ctx, `
		SELECT detail FROM audit
		WHERE org = $1 AND team = $2 AND action IN ('minutes.sign', 'minutes.amend') AND outcome = $3 ORDER BY seq`,
		org, team, audit.Done)
	traces, err = collect(rows, err, scanTrace)
	return links, traces, fault.Wrap(op, err)
}

// scanTrace reads what minutes.Service writes of a signature. A detail that
// was altered gives a trace of nothing, and the log tells which.
func scanTrace(r scanner) (t minutes.Trace, err error) {
	var detail string
	var version int
	if err = r.Scan(&detail); err == nil {
		_, _ = fmt.Sscanf(detail, "version=%d seq=%d sha256=%s", &version, &t.Seq, &t.SHA256)
	}
	return t, err
}

// Documents reads which PDFs an organisation's archive must hold.
func (s *Store) Documents(ctx context.Context, org id.Org) ([]minutes.Document, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT `+documentColumns+`
		FROM document d JOIN minutes m ON m.id = d.minutes WHERE m.org = $1 ORDER BY m.meeting_at, d.minutes, d.kind, d.patient`, org)
	all, err := collect(rows, err, scanDocument)
	return all, fault.Wrap("store.Documents", err)
}

const documentColumns = `d.minutes, d.kind, d.patient, d.sha256, d.size, d.pages`

func scanDocument(r scanner) (d minutes.Document, err error) {
	return d, r.Scan(&d.Minutes, &d.Kind, &d.Patient, &d.SHA256, &d.Size, &d.Pages)
}
