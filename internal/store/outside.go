package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

const outsideLinkQuery = `
	SELECT l.id, l.org, o.name, l.team, t.name, l.label, l.created, l.created_by, TRIM(w.title || ' ' || w.given || ' ' || w.family),
		l.expires, l.revoked, l.used
	FROM outside_link l JOIN org o ON o.id = l.org JOIN team t ON t.id = l.team JOIN professional w ON w.id = l.created_by `

func scanOutsideLink(row scanner) (l agenda.OutsideLink, err error) {
	var revoked sql.NullTime
	err = row.Scan(&l.ID, &l.Org, &l.OrgName, &l.Team, &l.TeamName, &l.Label, &l.Created, &l.By, &l.ByName, &l.Expires, &revoked, &l.Used)
	l.Created, l.Expires, l.Revoked = l.Created.UTC(), l.Expires.UTC(), timeOf(revoked)
	return l, err
}

// OutsideLinks reads the addresses that a team gave out, newest first.
func (s *Store) OutsideLinks(ctx context.Context, org id.Org, team id.Team) ([]agenda.OutsideLink, error) {
	rows, err := s.read.QueryContext(ctx, outsideLinkQuery+`WHERE l.org = $1 AND l.team = $2 ORDER BY l.created DESC, l.id DESC LIMIT 200`, org, team)
	all, err := collect(rows, err, scanOutsideLink)
	return all, fault.Wrap("store.OutsideLinks", err)
}

// OutsideLinkByID reads an address of whatever organisation.
func (s *Store) OutsideLinkByID(ctx context.Context, l id.OutsideLink) (agenda.OutsideLink, error) {
	found, err := scanOutsideLink(s.read.QueryRowContext(ctx, outsideLinkQuery+`WHERE l.id = $1`, l))
	return found, fault.Wrap("store.OutsideLinkByID", mapErrorOrNil(err))
}

// AddOutsideLink inserts an address.
func (s *Store) AddOutsideLink(ctx context.Context, l agenda.OutsideLink, by audit.Change) error {
	return s.change(ctx, "store.AddOutsideLink", by, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO outside_link (id, org, team, label, created, created_by, expires) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			l.ID, l.Org, l.Team, l.Label, micro(l.Created), l.By, micro(l.Expires))
		return err
	})
}

// RevokeOutsideLink ends an address, once.
func (s *Store) RevokeOutsideLink(ctx context.Context, l agenda.OutsideLink, by audit.Change) error {
	return s.change(ctx, "store.RevokeOutsideLink", by, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE outside_link SET revoked = COALESCE(revoked, $3) WHERE org = $1 AND id = $2`, l.Org, l.ID, micro(l.Revoked))
		return err
	})
}

// AddOutside keeps a request from outside. The address' row is held, so that
// those sent at once are counted one after the other.
func (s *Store) AddOutside(ctx context.Context, o agenda.Outside, origin string, limits agenda.OutsideLimits, by audit.Change) error {
	return s.change(ctx, "store.AddOutside", by, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx,
			`UPDATE outside_link SET used = used + 1 WHERE id = $1 AND revoked IS NULL AND expires > $2`, o.Link, micro(o.At))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return sql.ErrNoRows
		}
		if err := withinLimits(ctx, tx, o.Link, origin, limits); err != nil {
			return err
		}
		content, err := json.Marshal(o.OutsideContent)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO outside_request (id, org, team, link, content, urgency, status, late_for, origin, lang, at, version)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1)`,
			o.ID, o.Org, o.Team, o.Link, string(content), o.Urgency, o.Status, null(o.LateFor), origin, o.AskerLang, micro(o.At))
		return err
	})
}

func withinLimits(ctx context.Context, tx *sql.Tx, l id.OutsideLink, origin string, limits agenda.OutsideLimits) error {
	var byLink, byOrigin int
	err := tx.QueryRowContext(ctx, `
		SELECT (SELECT count(*) FROM outside_request WHERE link = $1 AND at > $2),
			(SELECT count(*) FROM outside_request WHERE origin = $3 AND at > $2)`, l, micro(limits.Since), origin).Scan(&byLink, &byOrigin)
	if err == nil && (byLink >= limits.PerLink || byOrigin >= limits.PerOrigin) {
		return fault.New(fault.Limited, "store.AddOutside", "Trop de demandes en peu de temps. Réessayez dans une heure, ou appelez le secrétariat.")
	}
	return err
}

const outsideQuery = `
	SELECT q.id, q.org, o.name, q.team, t.name, t.organizer_address, t.zone, q.link, q.content, q.urgency, q.status, q.why, q.late_for, q.lang,
		q.at, q.handled, q.handled_by, q.version
	FROM outside_request q JOIN org o ON o.id = q.org JOIN team t ON t.id = q.team `

func scanOutside(row scanner) (o agenda.Outside, err error) {
	var zone string
	var late sql.NullString
	var handled sql.NullTime
	err = row.Scan(&o.ID, &o.Org, &o.OrgName, &o.Team, &o.TeamName, &o.Sender, &zone, &o.Link, jsonOf(&o.OutsideContent), &o.Urgency, &o.Status,
		&o.Why, &late, &o.AskerLang, &o.At, &handled, &o.HandledBy, &o.Version)
	loc := meetings.Meeting{Zone: zone}.Location()
	o.LateFor, o.At, o.Handled = id.Meeting(late.String), o.At.In(loc), timeOf(handled).In(loc)
	return o, err
}

// OutsideByID reads a request from outside, of whatever organisation.
func (s *Store) OutsideByID(ctx context.Context, r id.Request) (agenda.Outside, error) {
	o, err := scanOutside(s.read.QueryRowContext(ctx, outsideQuery+`WHERE q.id = $1`, r))
	return o, fault.Wrap("store.OutsideByID", mapErrorOrNil(err))
}

// OutsideOf reads the requests from outside of teams in a state, oldest first.
func (s *Store) OutsideOf(ctx context.Context, org id.Org, teams []id.Team, status agenda.OutsideStatus) ([]agenda.Outside, error) {
	args := []any{org, status}
	rows, err := s.read.QueryContext(ctx, outsideQuery+`WHERE q.org = $1 AND q.status = $2 AND q.team IN `+in(&args, teams)+`
		ORDER BY q.at, q.id LIMIT 200`, args...)
	all, err := collect(rows, err, scanOutside)
	return all, fault.Wrap("store.OutsideOf", err)
}

// MatchOutside makes the request of one from outside.
func (s *Store) MatchOutside(ctx context.Context, o agenda.Outside, r agenda.Request, by audit.Change) error {
	return s.change(ctx, "store.MatchOutside", by, func(tx *sql.Tx) error {
		if err := handleOutside(ctx, tx, o, agenda.OutsideMatched); err != nil {
			return err
		}
		return insertRequest(ctx, tx, r)
	})
}

// RefuseOutside closes a request from outside.
func (s *Store) RefuseOutside(ctx context.Context, o agenda.Outside, by audit.Change) error {
	return s.change(ctx, "store.RefuseOutside", by, func(tx *sql.Tx) error { return handleOutside(ctx, tx, o, agenda.OutsideRefused) })
}

func handleOutside(ctx context.Context, tx *sql.Tx, o agenda.Outside, to agenda.OutsideStatus) error {
	return stale(tx.ExecContext(ctx, `
		UPDATE outside_request SET status = $4, why = $5, handled = $6, handled_by = $7, version = version + 1
		WHERE org = $1 AND id = $2 AND version = $3 AND status = 'waiting'`, o.Org, o.ID, o.Version, to, o.Why, micro(o.Handled), o.HandledBy))
}

// BornOn reads the patients born on a day whom one of the teams follows.
func (s *Store) BornOn(ctx context.Context, org id.Org, teams []id.Team, day date.Date) ([]careplan.Patient, error) {
	args := []any{org, day}
	rows, err := s.read.QueryContext(ctx, `SELECT `+patientColumns+` FROM patient p
		WHERE p.org = $1 AND p.birth_date = $2 AND EXISTS (SELECT 1 FROM plan l WHERE l.patient = p.id AND l.team IN `+in(&args, teams)+`)
		ORDER BY p.birth_family, p.birth_given, p.id LIMIT 200`, args...)
	all, err := collect(rows, err, scanPatient)
	return all, fault.Wrap("store.BornOn", err)
}

// tellOutside leaves an event for each answered request whose asker is outside.
func tellOutside(ctx context.Context, tx *sql.Tx, m minutes.Minutes, answered []id.Request) error {
	if len(answered) == 0 {
		return nil
	}
	var args []any
	rows, err := tx.QueryContext(ctx, `SELECT id FROM outside_request WHERE id IN `+in(&args, answered)+` ORDER BY id`, args...)
	outside, err := collect(rows, err, scanOne[id.Request])
	if err != nil {
		return err
	}
	return insertEvents(ctx, tx, answeredEvents(m, outside, m.SignedAt))
}

func answeredEvents(m minutes.Minutes, outside []id.Request, at time.Time) []event.Event {
	events := make([]event.Event, len(outside))
	for i, r := range outside {
		events[i] = event.Event{ID: id.New[id.Event](), Org: m.Org, Kind: event.RequestAnswered, At: at, Team: m.Team, Request: r}
	}
	return events
}
