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

const accountColumns = `professional, org, email, password_hash, admin, lang, disabled, created`

func scanAccount(r scanner) (a auth.Account, err error) {
	err = r.Scan(&a.Professional, &a.Org, &a.Email, &a.PasswordHash, &a.Admin, &a.Lang, &a.Disabled, &a.Created)
	a.Created = a.Created.UTC()
	return a, err
}

// AccountByEmail reads the account of a login.
func (s *Store) AccountByEmail(ctx context.Context, email string) (auth.Account, error) {
	a, err := scanAccount(s.read.QueryRowContext(ctx, `SELECT `+accountColumns+` FROM account WHERE email = $1`, email))
	return a, fault.Wrap("store.AccountByEmail", mapErrorOrNil(err))
}

// AccountOf reads the account of a professional.
func (s *Store) AccountOf(ctx context.Context, p id.Professional) (auth.Account, error) {
	a, err := scanAccount(s.read.QueryRowContext(ctx, `SELECT `+accountColumns+` FROM account WHERE professional = $1`, p))
	return a, fault.Wrap("store.AccountOf", mapErrorOrNil(err))
}

// SaveAccount inserts or replaces a professional's account.
func (s *Store) SaveAccount(ctx context.Context, a auth.Account, by audit.Change) error {
	return s.change(ctx, "store.SaveAccount", by, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO account (`+accountColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (professional) DO UPDATE SET email = excluded.email, password_hash = excluded.password_hash,
				admin = excluded.admin, lang = excluded.lang, disabled = excluded.disabled`,
			a.Professional, a.Org, a.Email, a.PasswordHash, a.Admin, a.Lang, a.Disabled, micro(a.Created))
		return err
	})
}

// ActorOf reads a person, their account and the roles they hold on a day.
func (s *Store) ActorOf(ctx context.Context, p id.Professional, day string) (auth.Actor, error) {
	const op = "store.ActorOf"
	var who auth.Professional
	a := auth.Actor{Professional: p, Teams: map[id.Team]auth.Role{}}
	err := s.read.QueryRowContext(ctx, `
		SELECT p.org, p.title, p.given, p.family, a.admin, a.lang
		FROM professional p JOIN account a ON a.professional = p.id
		WHERE p.id = $1 AND NOT a.disabled`, p).
		Scan(&a.Org, &who.Title, &who.Given, &who.Family, &a.Admin, &a.Lang)
	if err != nil {
		return auth.Actor{}, fault.Wrap(op, mapError(err))
	}
	a.Name = who.Name()
	rows, err := s.read.QueryContext(ctx, `
		SELECT team, role FROM team_member
		WHERE professional = $1 AND joined <= $2 AND (left_on IS NULL OR left_on >= $2)`, p, day)
	if err != nil {
		return auth.Actor{}, fault.Wrap(op, err)
	}
	defer rows.Close()
	for rows.Next() {
		var t id.Team
		var r auth.Role
		if err := rows.Scan(&t, &r); err != nil {
			return auth.Actor{}, fault.Wrap(op, err)
		}
		a.Teams[t] = r
	}
	return a, fault.Wrap(op, rows.Err())
}

// CreateSession opens a session.
func (s *Store) CreateSession(ctx context.Context, n auth.Session, by audit.Change) error {
	return s.change(ctx, "store.CreateSession", by, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO session (token_hash, professional, created, seen, expires, origin) VALUES ($1, $2, $3, $4, $5, $6)`,
			n.TokenHash, n.Professional, micro(n.Created), micro(n.Seen), micro(n.Expires), n.Origin)
		return err
	})
}

// SessionByHash reads a session that has not expired.
func (s *Store) SessionByHash(ctx context.Context, hash string, now time.Time) (n auth.Session, err error) {
	err = s.read.QueryRowContext(ctx, `
		SELECT token_hash, professional, created, seen, expires, origin FROM session
		WHERE token_hash = $1 AND expires > $2`, hash, micro(now)).
		Scan(&n.TokenHash, &n.Professional, &n.Created, &n.Seen, &n.Expires, &n.Origin)
	return n, fault.Wrap("store.SessionByHash", mapErrorOrNil(err))
}

// TouchSession moves a session's expiry.
func (s *Store) TouchSession(ctx context.Context, hash string, seen, expires time.Time) error {
	_, err := s.write.ExecContext(ctx,
		`UPDATE session SET seen = $2, expires = $3 WHERE token_hash = $1`, hash, micro(seen), micro(expires))
	return fault.Wrap("store.TouchSession", err)
}

// DeleteSession ends a session.
func (s *Store) DeleteSession(ctx context.Context, hash string, by audit.Change) error {
	return s.change(ctx, "store.DeleteSession", by, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM session WHERE token_hash = $1`, hash)
		return err
	})
}

// PurgeSessions removes expired sessions and sign-in failures older than a day.
func (s *Store) PurgeSessions(ctx context.Context, now time.Time) error {
	return fault.Wrap("store.PurgeSessions", s.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM session WHERE expires <= $1`, micro(now)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM sign_in_failure WHERE at < $1`, micro(now.AddDate(0, 0, -1)))
		return err
	}))
}

// CreateToken stores an API token's hash.
func (s *Store) CreateToken(ctx context.Context, t auth.Token, by audit.Change) error {
	return s.change(ctx, "store.CreateToken", by, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO api_token (hash, professional, name, created) VALUES ($1, $2, $3, $4)`,
			t.Hash, t.Professional, t.Name, micro(t.Created))
		return err
	})
}

// TokenByHash reads an API token that was not revoked.
func (s *Store) TokenByHash(ctx context.Context, hash string) (t auth.Token, err error) {
	err = s.read.QueryRowContext(ctx,
		`SELECT hash, professional, name, created FROM api_token WHERE hash = $1 AND revoked IS NULL`, hash).
		Scan(&t.Hash, &t.Professional, &t.Name, &t.Created)
	return t, fault.Wrap("store.TokenByHash", mapErrorOrNil(err))
}

// CountFailures counts a subject's refused sign-ins since an instant.
func (s *Store) CountFailures(ctx context.Context, subject string, since time.Time) (n int, err error) {
	err = s.read.QueryRowContext(ctx,
		`SELECT count(*) FROM sign_in_failure WHERE subject = $1 AND at > $2`, subject, micro(since)).Scan(&n)
	return n, fault.Wrap("store.CountFailures", err)
}

// AddFailure counts one refused sign-in against each subject.
func (s *Store) AddFailure(ctx context.Context, subjects []string, at time.Time) error {
	return fault.Wrap("store.AddFailure", s.tx(ctx, func(tx *sql.Tx) error {
		for _, subject := range subjects {
			if _, err := tx.ExecContext(ctx, `INSERT INTO sign_in_failure (id, subject, at) VALUES ($1, $2, $3)`,
				id.New[id.Entry](), subject, micro(at)); err != nil {
				return err
			}
		}
		return nil
	}))
}

// ClearFailures forgets a subject's refused sign-ins.
func (s *Store) ClearFailures(ctx context.Context, subject string) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM sign_in_failure WHERE subject = $1`, subject)
	return fault.Wrap("store.ClearFailures", err)
}
