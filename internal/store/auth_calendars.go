package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

const calendarLinkColumns = `l.hash, l.org, l.professional, l.name, l.created, l.seen`

func calendarLinkFields(l *auth.CalendarLink, seen *sql.NullTime) []any {
	return []any{&l.Hash, &l.Org, &l.Professional, &l.Name, &l.Created, seen}
}

// CreateCalendarLink stores a calendar link's hash, unless the person has limit
// links already.
func (s *Store) CreateCalendarLink(ctx context.Context, l auth.CalendarLink, limit int, by audit.Change) error {
	return s.change(ctx, "store.CreateCalendarLink", by, func(tx *sql.Tx) error {
		var have int
		if err := tx.QueryRowContext(ctx,
			`SELECT count(*) FROM calendar_link WHERE professional = $1 AND revoked IS NULL`, l.Professional).Scan(&have); err != nil {
			return err
		}
		if have >= limit {
			return fault.New(fault.Conflict, "store", "")
		}
		_, err := tx.ExecContext(ctx,
			`INSERT INTO calendar_link (hash, org, professional, name, created) VALUES ($1, $2, $3, $4, $5)`,
			l.Hash, l.Org, l.Professional, l.Name, micro(l.Created))
		return err
	})
}

// CalendarLinkByHash reads a link that was not revoked, and the login of its
// owner, whose account is not disabled.
func (s *Store) CalendarLinkByHash(ctx context.Context, hash string) (l auth.CalendarLink, login string, err error) {
	var seen sql.NullTime
	err = s.read.QueryRowContext(ctx, `
		SELECT `+calendarLinkColumns+`, a.email FROM calendar_link l JOIN account a ON a.professional = l.professional
		WHERE l.hash = $1 AND l.revoked IS NULL AND NOT a.disabled`, hash).Scan(append(calendarLinkFields(&l, &seen), &login)...)
	l.Created, l.Seen = l.Created.UTC(), timeOf(seen)
	return l, login, fault.Wrap("store.CalendarLinkByHash", mapErrorOrNil(err))
}

// CalendarLinksOf reads a person's links that were not revoked, newest first.
func (s *Store) CalendarLinksOf(ctx context.Context, p id.Professional) ([]auth.CalendarLink, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT `+calendarLinkColumns+` FROM calendar_link l
		WHERE l.professional = $1 AND l.revoked IS NULL ORDER BY l.created DESC, l.hash`, p)
	all, err := collect(rows, err, func(r scanner) (l auth.CalendarLink, err error) {
		var seen sql.NullTime
		err = r.Scan(calendarLinkFields(&l, &seen)...)
		l.Created, l.Seen = l.Created.UTC(), timeOf(seen)
		return l, err
	})
	return all, fault.Wrap("store.CalendarLinksOf", err)
}

// TouchCalendarLink keeps when a link was last used.
func (s *Store) TouchCalendarLink(ctx context.Context, hash string, seen time.Time) error {
	_, err := s.write.ExecContext(ctx, `UPDATE calendar_link SET seen = $2 WHERE hash = $1`, hash, micro(seen))
	return fault.Wrap("store.TouchCalendarLink", err)
}

// RevokeCalendarLink ends a person's link.
func (s *Store) RevokeCalendarLink(ctx context.Context, p id.Professional, hash string, by audit.Change) error {
	return s.change(ctx, "store.RevokeCalendarLink", by, func(tx *sql.Tx) error {
		return found(tx.ExecContext(ctx,
			`UPDATE calendar_link SET revoked = $3 WHERE hash = $1 AND professional = $2 AND revoked IS NULL`, hash, p, micro(by.Entry.At)))
	})
}
