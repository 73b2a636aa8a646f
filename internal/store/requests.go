package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

const requestQuery = `
	SELECT q.id, q.org, q.team, q.patient, pt.birth_family, pt.birth_given, q.by_id, q.by_name, q.question, q.urgency, q.source, q.status,
		q.details, q.presenter, TRIM(COALESCE(w.title || ' ' || w.given || ' ' || w.family, '')), q.case_id, m.id, m.starts, t.zone,
		q.late_for, q.at, q.answered, q.version
	FROM request q JOIN patient pt ON pt.id = q.patient JOIN team t ON t.id = q.team
	LEFT JOIN professional w ON w.id = q.presenter
	LEFT JOIN agenda_item i ON i.id = q.case_id LEFT JOIN meeting m ON m.id = i.meeting `

func scanRequest(row scanner) (r agenda.Request, err error) {
	var p careplan.Patient
	var by, presenter, on, m, late sql.NullString
	var zone string
	var starts, answered sql.NullTime
	err = row.Scan(&r.ID, &r.Org, &r.Team, &r.Patient, &p.BirthFamily, &p.BirthGiven, &by, &r.ByName, &r.Question, &r.Urgency, &r.Source, &r.Status,
		jsonOf(&r.Details), &presenter, &r.PresenterName, &on, &m, &starts, &zone, &late, &r.At, &answered, &r.Version)
	r.By, r.Case, r.Name, r.At = id.Professional(by.String), id.Case(on.String), p.Name(), r.At.In(meetings.Meeting{Zone: zone}.Location())
	r.Presenter, r.Meeting, r.LateFor = id.Professional(presenter.String), id.Meeting(m.String), id.Meeting(late.String)
	r.AnsweredAt, r.MeetingAt = timeOf(answered), timeOf(starts).In(r.At.Location())
	return r, err
}

// RequestByID reads one request.
func (s *Store) RequestByID(ctx context.Context, org id.Org, r id.Request) (agenda.Request, error) {
	v, err := scanRequest(s.read.QueryRowContext(ctx, requestQuery+`WHERE q.org = $1 AND q.id = $2`, org, r))
	return v, fault.Wrap("store.RequestByID", mapErrorOrNil(err))
}

// Requests reads one page of requests, newest first.
func (s *Store) Requests(ctx context.Context, f agenda.RequestFilter) ([]agenda.Request, string, error) {
	limit := f.Limit
	if limit <= 0 || limit > 200 {
		limit = 50
	}
	args := []any{f.Org}
	q := requestQuery + `WHERE q.org = $1`
	if !f.All {
		args = append(args, f.Who, f.On)
		q += ` AND (q.team IN ` + in(&args, f.Teams) + ` OR q.team IN ` + in(&args, f.Mine) + ` AND (q.by_id = $2 OR EXISTS (
			SELECT 1 FROM circle c WHERE c.patient = q.patient AND c.professional = $2
				AND (c.from_day IS NULL OR c.from_day <= $3) AND (c.until_day IS NULL OR c.until_day >= $3))))`
	}
	if len(f.Status) > 0 {
		q += ` AND q.status IN ` + in(&args, f.Status)
	}
	if f.After != "" {
		args = append(args, f.After)
		q += fmt.Sprintf(` AND q.id < $%d`, len(args))
	}
	args = append(args, limit+1)
	rows, err := s.read.QueryContext(ctx, q+fmt.Sprintf(` ORDER BY q.id DESC LIMIT $%d`, len(args)), args...)
	all, err := collect(rows, err, scanRequest)
	if err != nil || len(all) <= limit {
		return all, "", fault.Wrap("store.Requests", err)
	}
	return all[:limit], string(all[limit-1].ID), nil
}

// SaveRequest inserts a request (Version 0), or changes its state.
func (s *Store) SaveRequest(ctx context.Context, r agenda.Request, by audit.Change) error {
	return s.change(ctx, "store.SaveRequest", by, func(tx *sql.Tx) error {
		if r.Version > 0 {
			return stale(tx.ExecContext(ctx, `
				UPDATE request SET status = $4, version = version + 1 WHERE org = $1 AND id = $2 AND version = $3`,
				r.Org, r.ID, r.Version, r.Status))
		}
		return insertRequest(ctx, tx, r)
	})
}

func insertRequest(ctx context.Context, tx *sql.Tx, r agenda.Request) error {
	details, err := json.Marshal(r.Details)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO request (id, org, team, patient, by_id, by_name, question, urgency, status, at, source, details, presenter, late_for, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, (SELECT p.id FROM professional p WHERE p.org = $2 AND p.id = $13), $14, 1)`,
		r.ID, r.Org, r.Team, r.Patient, null(r.By), r.ByName, r.Question, r.Urgency, r.Status, micro(r.At), cmp.Or(r.Source, agenda.FromProfessional),
		string(details), null(r.Presenter), null(r.LateFor))
	return err
}

// RequestsAbout reads what was asked about the patients on a meeting's agenda.
func (s *Store) RequestsAbout(ctx context.Context, org id.Org, m id.Meeting) ([]agenda.Request, error) {
	rows, err := s.read.QueryContext(ctx, requestQuery+`
		JOIN agenda_item l ON l.meeting = $2 AND l.patient = q.patient AND l.team = q.team
		WHERE q.org = $1 AND (q.case_id = l.id AND q.status IN ('placed', 'answered') OR q.status = 'waiting')
		ORDER BY q.at, q.id`, org, m)
	all, err := collect(rows, err, scanRequest)
	return all, fault.Wrap("store.RequestsAbout", err)
}

// Queue reads what waits for a place on a team's agenda, oldest first.
func (s *Store) Queue(ctx context.Context, org id.Org, team id.Team) ([]agenda.Queued, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, urgency, at FROM request WHERE org = $1 AND team = $2 AND status = 'waiting'
		UNION ALL SELECT id, urgency, at FROM outside_request WHERE org = $1 AND team = $2 AND status = 'waiting'
		ORDER BY 3, 1`, org, team)
	all, err := collect(rows, err, func(r scanner) (q agenda.Queued, err error) {
		err = r.Scan(&q.ID, &q.Urgency, &q.At)
		q.At = q.At.UTC()
		return q, err
	})
	return all, fault.Wrap("store.Queue", err)
}

// NextMeeting reads the team's first meeting after an instant.
func (s *Store) NextMeeting(ctx context.Context, org id.Org, team id.Team, after time.Time) (meetings.Meeting, error) {
	m, err := scanMeeting(s.read.QueryRowContext(ctx, `SELECT `+meetingColumns+`
		FROM meeting m JOIN team t ON t.id = m.team
		WHERE m.org = $1 AND m.team = $2 AND m.starts > $3 AND m.status NOT IN ('held', 'signed', 'cancelled')
		ORDER BY m.starts, m.id LIMIT 1`, org, team, micro(after)))
	return m, fault.Wrap("store.NextMeeting", mapErrorOrNil(err))
}
