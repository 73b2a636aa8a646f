package store

import (
	"context"
	"database/sql"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Accesses reads an organisation's accounts with each one's last sign-in, which
// the log tells: sessions are forgotten.
func (s *Store) Accesses(ctx context.Context, org id.Org) ([]auth.Access, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT a.professional, a.email, a.admin, a.disabled, a.created, l.at
		FROM account a LEFT JOIN audit l ON l.org = a.org AND l.seq = (
			SELECT e.seq FROM audit e
			WHERE e.actor = a.professional AND e.org = a.org AND e.action = 'account.sign-in' AND e.outcome = 'done'
			ORDER BY e.seq DESC LIMIT 1)
		WHERE a.org = $1 ORDER BY a.email`, org)
	all, err := collect(rows, err, func(r scanner) (x auth.Access, err error) {
		var signedIn sql.NullTime
		err = r.Scan(&x.Professional, &x.Email, &x.Admin, &x.Disabled, &x.Created, &signedIn)
		x.Created, x.SignedIn = x.Created.UTC(), timeOf(signedIn)
		return x, err
	})
	return all, fault.Wrap("store.Accesses", err)
}

// AddAccount inserts the account of a professional of the organisation; one that
// is there already, or a login in use, is a Conflict.
func (s *Store) AddAccount(ctx context.Context, a auth.Account, by audit.Change) error {
	return s.change(ctx, "store.AddAccount", by, func(tx *sql.Tx) error {
		if err := employed(ctx, tx, a.Org, a.Professional); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO account (`+accountColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			a.Professional, a.Org, a.Email, a.PasswordHash, a.Admin, a.Lang, a.Disabled, micro(a.Created))
		return err
	})
}

// employed is NotFound for a professional of another organisation.
func employed(ctx context.Context, tx *sql.Tx, org id.Org, p id.Professional) error {
	var one int
	return tx.QueryRowContext(ctx, `SELECT 1 FROM professional WHERE id = $1 AND org = $2`, p, org).Scan(&one)
}

// SetPassword changes a password and ends the person's sessions but the one
// whose hash is keep.
func (s *Store) SetPassword(ctx context.Context, org id.Org, p id.Professional, hash, keep string, by audit.Change) error {
	return s.change(ctx, "store.SetPassword", by, func(tx *sql.Tx) error {
		if err := found(tx.ExecContext(ctx,
			`UPDATE account SET password_hash = $3 WHERE professional = $1 AND org = $2`, p, org, hash)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM session WHERE professional = $1 AND token_hash <> $2`, p, keep)
		return err
	})
}

// SetLang changes the language of an account.
func (s *Store) SetLang(ctx context.Context, p id.Professional, lang string, by audit.Change) error {
	return s.change(ctx, "store.SetLang", by, func(tx *sql.Tx) error {
		return found(tx.ExecContext(ctx, `UPDATE account SET lang = $2 WHERE professional = $1`, p, lang))
	})
}

// DisableAccount closes an account, ends its sessions and revokes its tokens and
// calendar links.
func (s *Store) DisableAccount(ctx context.Context, org id.Org, p id.Professional, by audit.Change) error {
	return s.change(ctx, "store.DisableAccount", by, func(tx *sql.Tx) error {
		if err := keepsAdmin(ctx, tx, org, p); err != nil {
			return err
		}
		if err := found(tx.ExecContext(ctx,
			`UPDATE account SET disabled = TRUE WHERE professional = $1 AND org = $2`, p, org)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM session WHERE professional = $1`, p); err != nil {
			return err
		}
		for _, table := range []string{"api_token", "calendar_link"} {
			if _, err := tx.ExecContext(ctx, `UPDATE `+table+` SET revoked = $2 WHERE professional = $1 AND revoked IS NULL`,
				p, micro(by.Entry.At)); err != nil {
				return err
			}
		}
		return nil
	})
}

// EnableAccount opens an account again.
func (s *Store) EnableAccount(ctx context.Context, org id.Org, p id.Professional, by audit.Change) error {
	return s.change(ctx, "store.EnableAccount", by, func(tx *sql.Tx) error {
		return found(tx.ExecContext(ctx, `UPDATE account SET disabled = FALSE WHERE professional = $1 AND org = $2`, p, org))
	})
}

// SetAdmin makes an account an administrator's, or no longer.
func (s *Store) SetAdmin(ctx context.Context, org id.Org, p id.Professional, admin bool, by audit.Change) error {
	return s.change(ctx, "store.SetAdmin", by, func(tx *sql.Tx) error {
		if !admin {
			if err := keepsAdmin(ctx, tx, org, p); err != nil {
				return err
			}
		}
		return found(tx.ExecContext(ctx, `UPDATE account SET admin = $3 WHERE professional = $1 AND org = $2`, p, org, admin))
	})
}

// keepsAdmin is Forbidden when p is the last active administrator. It locks the
// organisation first, so that two administrators cannot remove one another.
func keepsAdmin(ctx context.Context, tx *sql.Tx, org id.Org, p id.Professional) error {
	if _, err := tx.ExecContext(ctx, `UPDATE org SET audit_seq = audit_seq WHERE id = $1`, org); err != nil {
		return err
	}
	var last bool
	err := tx.QueryRowContext(ctx, `
		SELECT EXISTS (SELECT 1 FROM account WHERE professional = $1 AND org = $2 AND admin AND NOT disabled)
			AND NOT EXISTS (SELECT 1 FROM account WHERE professional <> $1 AND org = $2 AND admin AND NOT disabled)`, p, org).
		Scan(&last)
	if err == nil && last {
		err = fault.New(fault.Forbidden, "store", "C’est le seul administrateur actif : nommez-en d’abord un autre.")
	}
	return err
}

// TokensOf reads a professional's API tokens that were not revoked, newest first.
func (s *Store) TokensOf(ctx context.Context, p id.Professional) ([]auth.Token, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT hash, professional, name, created FROM api_token
		WHERE professional = $1 AND revoked IS NULL ORDER BY created DESC, hash`, p)
	all, err := collect(rows, err, func(r scanner) (t auth.Token, err error) {
		err = r.Scan(&t.Hash, &t.Professional, &t.Name, &t.Created)
		t.Created = t.Created.UTC()
		return t, err
	})
	return all, fault.Wrap("store.TokensOf", err)
}

// RevokeToken ends a professional's API token.
func (s *Store) RevokeToken(ctx context.Context, p id.Professional, hash string, by audit.Change) error {
	return s.change(ctx, "store.RevokeToken", by, func(tx *sql.Tx) error {
		return found(tx.ExecContext(ctx, `UPDATE api_token SET revoked = $3 WHERE hash = $1 AND professional = $2 AND revoked IS NULL`,
			hash, p, micro(by.Entry.At)))
	})
}

// found is NotFound for an update that met no row.
func found(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return sql.ErrNoRows
}
