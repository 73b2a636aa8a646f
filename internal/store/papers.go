package store

import (
	"context"
	"database/sql"

	"github.com/rcp-care/rcp/agenda/papers"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

const paperColumns = `id, org, team, case_id, patient, n, title, kind, size, sha256, by_id, by_name, at, status, judged, removed,
	removed_by, version`

func scanPaper(r scanner) (p papers.Paper, err error) {
	var by sql.NullString
	var judged, removed sql.NullTime
	err = r.Scan(&p.ID, &p.Org, &p.Team, &p.Case, &p.Patient, &p.N, &p.Title, &p.Kind, &p.Size, &p.SHA256, &by, &p.ByName, &p.At,
		&p.Status, &judged, &removed, &p.RemovedBy, &p.Version)
	p.By, p.At, p.Judged, p.Removed = id.Professional(by.String), p.At.UTC(), timeOf(judged), timeOf(removed)
	return p, err
}

// Papers reads the documents of a patient's cases in a team, newest last.
func (s *Store) Papers(ctx context.Context, org id.Org, team id.Team, p id.Patient) ([]papers.Paper, error) {
	rows, err := s.read.QueryContext(ctx,
		`SELECT `+paperColumns+` FROM paper WHERE org = $1 AND team = $2 AND patient = $3 ORDER BY at, n, id`, org, team, p)
	all, err := collect(rows, err, scanPaper)
	return all, fault.Wrap("store.Papers", err)
}

// PaperByID reads one document's row.
func (s *Store) PaperByID(ctx context.Context, org id.Org, which id.Paper) (papers.Paper, error) {
	p, err := scanPaper(s.read.QueryRowContext(ctx, `SELECT `+paperColumns+` FROM paper WHERE org = $1 AND id = $2`, org, which))
	return p, fault.Wrap("store.PaperByID", mapErrorOrNil(err))
}

// WaitingPapers reads, oldest first, those in one of the states that are there.
func (s *Store) WaitingPapers(ctx context.Context, states []papers.Status, limit int) ([]papers.Paper, error) {
	args := []any{limit}
	rows, err := s.read.QueryContext(ctx, `SELECT `+paperColumns+` FROM paper
		WHERE status IN ('checking', 'unscanned') AND status IN `+in(&args, states)+` ORDER BY at LIMIT $1`, args...)
	all, err := collect(rows, err, scanPaper)
	return all, fault.Wrap("store.WaitingPapers", err)
}

// PaperHashes reads which documents of an organisation the folder must hold.
func (s *Store) PaperHashes(ctx context.Context, org id.Org) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT DISTINCT sha256 FROM paper WHERE org = $1 AND status <> 'refused' ORDER BY sha256`, org)
	all, err := collect(rows, err, scanOne[string])
	return all, fault.Wrap("store.PaperHashes", err)
}

// AddPaper inserts and numbers a document.
func (s *Store) AddPaper(ctx context.Context, p papers.Paper, most int, by audit.Change) (papers.Paper, error) {
	err := s.change(ctx, "store.AddPaper", by, func(tx *sql.Tx) error {
		if err := lockCaseMeeting(ctx, tx, p.Org, p.Case); err != nil {
			return err
		}
		if err := newToCase(ctx, tx, p); err != nil {
			return err
		}
		if err := roomFor(ctx, tx, p.Case, most); err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(n), 0) + 1 FROM paper WHERE case_id = $1`, p.Case).Scan(&p.N); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO paper (`+paperColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 1)`,
			p.ID, p.Org, p.Team, p.Case, p.Patient, p.N, p.Title, p.Kind, p.Size, p.SHA256, null(p.By), p.ByName, micro(p.At), p.Status,
			nullTime(p.Judged), nullTime(p.Removed), p.RemovedBy)
		return err
	})
	return p, err
}

// lockCaseMeeting holds the case's meeting, unless it is signed or cancelled.
func lockCaseMeeting(ctx context.Context, tx *sql.Tx, org id.Org, c id.Case) error {
	var m id.Meeting
	err := tx.QueryRowContext(ctx, `SELECT meeting FROM agenda_item WHERE org = $1 AND id = $2`, org, c).Scan(&m)
	if err != nil {
		return err
	}
	return lockMeeting(ctx, tx, org, m)
}

// newToCase refuses a document that the case has.
func newToCase(ctx context.Context, tx *sql.Tx, p papers.Paper) error {
	var same, gone, bad int
	err := tx.QueryRowContext(ctx, `
		SELECT COUNT(*), COUNT(removed), COUNT(CASE WHEN status = 'refused' THEN 1 END) FROM paper WHERE case_id = $1 AND sha256 = $2`, p.Case, p.SHA256).
		Scan(&same, &gone, &bad)
	switch {
	case err != nil || same == 0:
		return err
	case bad > 0:
		return fault.New(fault.Conflict, "store.AddPaper", "L’antivirus a refusé ce document.")
	case gone > 0:
		return fault.New(fault.Conflict, "store.AddPaper", "Ce document a été retiré de ce dossier : remettez-le depuis la liste.")
	}
	return fault.New(fault.Conflict, "store.AddPaper", "Ce document est déjà dans ce dossier.")
}

func roomFor(ctx context.Context, tx *sql.Tx, c id.Case, most int) error {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM paper WHERE case_id = $1 AND removed IS NULL AND status <> 'refused'`, c).Scan(&n)
	if err == nil && n >= most {
		return fault.New(fault.Conflict, "store.AddPaper", "Ce dossier a déjà %d documents : retirez-en un d’abord.", most)
	}
	return err
}

// SaveRemoval removes a document or puts it back.
func (s *Store) SaveRemoval(ctx context.Context, p papers.Paper, most int, by audit.Change) error {
	return s.change(ctx, "store.SaveRemoval", by, func(tx *sql.Tx) error {
		if err := lockCaseMeeting(ctx, tx, p.Org, p.Case); err != nil {
			return err
		}
		if p.Removed.IsZero() {
			if err := roomFor(ctx, tx, p.Case, most); err != nil {
				return err
			}
		}
		return stale(tx.ExecContext(ctx,
			`UPDATE paper SET removed = $3, removed_by = $4, version = version + 1 WHERE id = $1 AND version = $2`,
			p.ID, p.Version, nullTime(p.Removed), p.RemovedBy))
	})
}

// JudgePaper keeps what the scanner answered. Other rows that wait for the same
// bytes are refused with them.
func (s *Store) JudgePaper(ctx context.Context, p papers.Paper, by audit.Change) error {
	return s.change(ctx, "store.JudgePaper", by, func(tx *sql.Tx) error {
		err := stale(tx.ExecContext(ctx, `
			UPDATE paper SET status = $3, judged = $4, version = version + 1
			WHERE id = $1 AND version = $2 AND status IN ('checking', 'unscanned')`, p.ID, p.Version, p.Status, nullTime(p.Judged)))
		if err != nil || p.Status != papers.Refused {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE paper SET status = $2, judged = $3, version = version + 1 WHERE sha256 = $1 AND status IN ('checking', 'unscanned')`,
			p.SHA256, p.Status, nullTime(p.Judged))
		return err
	})
}
