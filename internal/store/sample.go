package store

import (
	"context"
	"database/sql"
	"slices"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/minutes"
)

// AuditShare reads the share of a team's standard cases to read over.
func (s *Store) AuditShare(ctx context.Context, org id.Org, team id.Team) (share int, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT audit_share FROM team WHERE org = $1 AND id = $2`, org, team).Scan(&share)
	return share, fault.Wrap("store.AuditShare", mapErrorOrNil(err))
}

// SetAuditShare changes it.
func (s *Store) SetAuditShare(ctx context.Context, org id.Org, team id.Team, share int, by audit.Change) error {
	return s.change(ctx, "store.SetAuditShare", by, func(tx *sql.Tx) error {
		return stale(tx.ExecContext(ctx, `UPDATE team SET audit_share = $3 WHERE org = $1 AND id = $2`, org, team, share))
	})
}

// Drawn reports whether a team's sample of a quarter has a case.
func (s *Store) Drawn(ctx context.Context, org id.Org, team id.Team, quarter string) (some bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM standard_case
		WHERE org = $1 AND team = $2 AND quarter = $3 AND drawn)`, org, team, quarter).Scan(&some)
	return some, fault.Wrap("store.Drawn", err)
}

// settle registers the standard cases that were not read out, and keeps the
// ground of the sample of a first signature.
func (w signer) settle(ctx context.Context) error {
	if len(w.g.Registered) > 0 {
		if err := upsertItems(ctx, w.tx, w.g.Registered); err != nil {
			return err
		}
	}
	for _, c := range w.g.Standard {
		_, err := w.tx.ExecContext(ctx, `
			INSERT INTO standard_case (case_id, org, team, meeting, minutes, patient, quarter, drawn, verdict, comment, judged_name)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', '', '')`,
			c.Case, c.Org, c.Team, c.Meeting, c.Minutes, c.Patient, c.Quarter, c.Drawn)
		if err != nil {
			return err
		}
	}
	return nil
}

const sampleQuery = `
	SELECT c.case_id, c.org, c.team, c.meeting, c.minutes, c.patient, c.quarter, c.drawn, c.verdict, c.comment,
		COALESCE(c.judged_by, ''), c.judged_name, c.judged_at, v.meeting_at
	FROM standard_case c JOIN minutes v ON v.id = c.minutes WHERE c.org = $1 AND c.drawn `

func scanSample(r scanner) (c minutes.StandardCase, err error) {
	var judged sql.NullTime
	err = r.Scan(&c.Case, &c.Org, &c.Team, &c.Meeting, &c.Minutes, &c.Patient, &c.Quarter, &c.Drawn, &c.Verdict, &c.Comment,
		&c.JudgedBy, &c.Judge, &judged, &c.MeetingAt)
	c.JudgedAt, c.MeetingAt = timeOf(judged), c.MeetingAt.UTC()
	return c, err
}

// Sampled reads the drawn cases of a team with their sheets as they were
// signed: those to judge first, newest first.
func (s *Store) Sampled(ctx context.Context, org id.Org, team id.Team, limit int) ([]minutes.StandardCase, error) {
	const op = "store.Sampled"
	rows, err := s.read.QueryContext(ctx, sampleQuery+`AND c.team = $2
		ORDER BY CASE WHEN c.verdict = '' THEN 0 ELSE 1 END, v.meeting_at DESC, c.case_id LIMIT $3`, org, team, limit)
	all, err := collect(rows, err, scanSample)
	if err != nil || len(all) == 0 {
		return nil, fault.Wrap(op, err)
	}
	var ids []id.Minutes
	for _, c := range all {
		ids = append(ids, c.Minutes)
	}
	slices.Sort(ids)
	args := []any{org}
	signed, err := s.minutesWhere(ctx, `WHERE v.org = $1 AND v.id IN `+in(&args, slices.Compact(ids)), args...)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	sheets := map[id.Case]minutes.Case{}
	for _, v := range signed {
		for _, k := range v.Content.Cases {
			sheets[k.Case] = k
		}
	}
	for i := range all {
		all[i].Sheet = sheets[all[i].Case]
	}
	return all, nil
}

// SampledCase reads one drawn case, without its sheet.
func (s *Store) SampledCase(ctx context.Context, org id.Org, c id.Case) (minutes.StandardCase, error) {
	v, err := scanSample(s.read.QueryRowContext(ctx, sampleQuery+`AND c.case_id = $2`, org, c))
	return v, fault.Wrap("store.SampledCase", mapErrorOrNil(err))
}

// SampleRates counts what the samples of a team found, newest quarter first.
func (s *Store) SampleRates(ctx context.Context, org id.Org, team id.Team) ([]minutes.Rate, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT quarter, COUNT(*), SUM(CASE WHEN drawn THEN 1 ELSE 0 END), SUM(CASE WHEN verdict <> '' THEN 1 ELSE 0 END),
			SUM(CASE WHEN verdict = 'conforming' THEN 1 ELSE 0 END)
		FROM standard_case WHERE org = $1 AND team = $2 GROUP BY quarter ORDER BY quarter DESC LIMIT 12`, org, team)
	all, err := collect(rows, err, func(r scanner) (v minutes.Rate, err error) {
		return v, r.Scan(&v.Quarter, &v.Standard, &v.Drawn, &v.Judged, &v.Conforming)
	})
	return all, fault.Wrap("store.SampleRates", err)
}

// JudgeSample keeps the judgement of a drawn case that has none yet, with the
// request that it makes.
func (s *Store) JudgeSample(ctx context.Context, c minutes.StandardCase, again *agenda.Request, by audit.Change) error {
	return s.change(ctx, "store.JudgeSample", by, func(tx *sql.Tx) error {
		err := stale(tx.ExecContext(ctx, `
			UPDATE standard_case SET verdict = $3, comment = $4, judged_by = $5, judged_name = $6, judged_at = $7
			WHERE org = $1 AND case_id = $2 AND drawn AND verdict = ''`,
			c.Org, c.Case, c.Verdict, c.Comment, c.JudgedBy, c.Judge, micro(c.JudgedAt)))
		if err != nil || again == nil {
			return err
		}
		return insertRequest(ctx, tx, *again)
	})
}
