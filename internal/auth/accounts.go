package auth

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Access is an account as the administrator sees it, without its password.
type Access struct {
	Professional id.Professional
	Email        string // the login
	Admin        bool
	Disabled     bool
	Created      time.Time
	SignedIn     time.Time // last time; zero: never
}

// Active reports whether the account can sign in.
func (a Access) Active() bool { return !a.Disabled }

// Accounts lists who can sign in to the organisation, for an administrator.
func (s *Service) Accounts(ctx context.Context, a Actor) ([]Access, error) {
	const op = "auth.Accounts"
	if err := s.administers(ctx, a, "account.list", ""); err != nil {
		return nil, fault.Wrap(op, err)
	}
	all, err := s.store.Accesses(ctx, a.Org)
	return all, fault.Wrap(op, err)
}

// GiveAccess opens an account for a professional of the organisation. Without a
// password one is made; made is returned this once, and is empty otherwise.
func (s *Service) GiveAccess(ctx context.Context, a Actor, p id.Professional, email, password string) (made string, err error) {
	const op = "auth.GiveAccess"
	if err := s.administers(ctx, a, "account.give", p); err != nil {
		return "", fault.Wrap(op, err)
	}
	password, made = orMade(password)
	var c fault.Check
	c.That(strings.Contains(email, "@"), "email", "Une adresse de messagerie est attendue.")
	checkPassword(&c, "password", password)
	_, err = s.store.AccountByEmail(ctx, normal(email))
	if err != nil && !fault.Is(err, fault.NotFound) {
		return "", fault.Wrap(op, err)
	}
	c.That(err != nil, "email", "Quelqu’un se connecte déjà avec cette adresse.")
	if err := c.Err(op); err != nil {
		return "", err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return "", fault.Wrap(op, err)
	}
	account := Account{Professional: p, Org: a.Org, Email: normal(email), PasswordHash: hash, Lang: "fr", Created: s.now()}
	err = s.store.AddAccount(ctx, account, a.Change(s.now(), "account.give", "account", string(p)))
	if err != nil {
		return "", fault.Wrap(op, err)
	}
	return made, nil
}

// SetPassword gives somebody else a new password, made when none is given, and
// ends their sessions. One's own is changed by ChangePassword.
func (s *Service) SetPassword(ctx context.Context, a Actor, p id.Professional, password string) (made string, err error) {
	const op, action = "auth.SetPassword", "account.password"
	if err := s.administers(ctx, a, action, p); err != nil {
		return "", fault.Wrap(op, err)
	}
	if a.Professional == p {
		return "", fault.Wrap(op, s.deny(ctx, a, action, p, fault.New(fault.Forbidden, op, "Votre mot de passe se change sur « Mon compte », avec l’ancien.")))
	}
	password, made = orMade(password)
	var c fault.Check
	checkPassword(&c, "password", password)
	if err := c.Err(op); err != nil {
		return "", err
	}
	account, err := s.store.AccountOf(ctx, p)
	if err == nil {
		err = s.setPassword(ctx, a, p, password, "")
	}
	if err == nil { // whoever tried in vain may try at once
		err = s.store.ClearFailures(ctx, subjectOf("login", account.Email))
	}
	if err != nil {
		return "", fault.Wrap(op, err)
	}
	return made, nil
}

// ChangePassword changes the actor's own password, the old one given again, and
// ends their sessions but the one of the token.
func (s *Service) ChangePassword(ctx context.Context, a Actor, token, old, password string) error {
	const op = "auth.ChangePassword"
	var c fault.Check
	checkPassword(&c, "new", password)
	if err := c.Err(op); err != nil {
		return err
	}
	if err := s.Confirm(ctx, a, old); err != nil {
		return fault.Wrap(op, err)
	}
	return fault.Wrap(op, s.setPassword(ctx, a, a.Professional, password, hashToken(token)))
}

// Disable closes an account: its sessions end, its tokens and calendar links are
// revoked, for good. Nobody disables their own, nor the last active administrator.
func (s *Service) Disable(ctx context.Context, a Actor, p id.Professional) error {
	const op, action = "auth.Disable", "account.disable"
	if err := s.governs(ctx, a, action, p); err != nil {
		return fault.Wrap(op, err)
	}
	err := s.store.DisableAccount(ctx, a.Org, p, a.Change(s.now(), action, "account", string(p)))
	return fault.Wrap(op, s.deny(ctx, a, action, p, err))
}

// Enable opens a disabled account again, with the password it had.
func (s *Service) Enable(ctx context.Context, a Actor, p id.Professional) error {
	const op, action = "auth.Enable", "account.enable"
	if err := s.governs(ctx, a, action, p); err != nil {
		return fault.Wrap(op, err)
	}
	return fault.Wrap(op, s.store.EnableAccount(ctx, a.Org, p, a.Change(s.now(), action, "account", string(p))))
}

// SetAdmin makes somebody an administrator, or no longer one. Nobody changes
// their own, nor takes it from the last active one.
func (s *Service) SetAdmin(ctx context.Context, a Actor, p id.Professional, admin bool) error {
	const op = "auth.SetAdmin"
	action := "account.unadmin"
	if admin {
		action = "account.admin"
	}
	if err := s.governs(ctx, a, action, p); err != nil {
		return fault.Wrap(op, err)
	}
	err := s.store.SetAdmin(ctx, a.Org, p, admin, a.Change(s.now(), action, "account", string(p)))
	return fault.Wrap(op, s.deny(ctx, a, action, p, err))
}

// Tokens lists the actor's API tokens that still work, newest first.
func (s *Service) Tokens(ctx context.Context, a Actor) ([]Token, error) {
	all, err := s.store.TokensOf(ctx, a.Professional)
	return all, fault.Wrap("auth.Tokens", err)
}

// RevokeToken ends one of the actor's API tokens, named by its hash.
func (s *Service) RevokeToken(ctx context.Context, a Actor, hash string) error {
	by := a.Change(s.now(), "token.revoke", "account", string(a.Professional))
	return fault.Wrap("auth.RevokeToken", s.store.RevokeToken(ctx, a.Professional, hash, by))
}

// administers refuses, on record, whoever is no administrator.
func (s *Service) administers(ctx context.Context, a Actor, action string, p id.Professional) error {
	if a.Admin || a.System {
		return nil
	}
	return s.deny(ctx, a, action, p, fault.New(fault.Forbidden, "auth", "Vous ne pouvez pas faire ceci."))
}

// governs also refuses what an administrator would do to themselves.
func (s *Service) governs(ctx context.Context, a Actor, action string, p id.Professional) error {
	if err := s.administers(ctx, a, action, p); err != nil || a.System || a.Professional != p {
		return err
	}
	return s.deny(ctx, a, action, p, fault.New(fault.Forbidden, "auth", "Un autre administrateur doit faire ceci : c’est votre propre compte."))
}

// deny records a refusal and hands it back; other outcomes pass untouched.
func (s *Service) deny(ctx context.Context, a Actor, action string, p id.Professional, err error) error {
	if !fault.Is(err, fault.Forbidden) {
		return err
	}
	if unheard := s.refusedOn(ctx, a, action, p); unheard != nil {
		return unheard
	}
	return err
}

func (s *Service) setPassword(ctx context.Context, a Actor, p id.Professional, password, keep string) error {
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.store.SetPassword(ctx, a.Org, p, hash, keep, a.Change(s.now(), "account.password", "account", string(p)))
}

// hash waits its turn as compare does: hashing takes 19 MiB.
func (s *Service) hash(ctx context.Context, password string) (string, error) {
	select {
	case s.busy <- struct{}{}:
		defer func() { <-s.busy }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	return argon2id.CreateHash(password, params)
}

// checkPassword asks for 12 characters (ANSSI, recommandations 2021).
func checkPassword(c *fault.Check, field, password string) {
	c.That(len([]rune(password)) >= minPassword, field, "Au moins %d caractères.", minPassword)
}

// orMade makes a password when none is given: 100 bits in groups of four, of
// letters and figures that are not taken for one another.
func orMade(given string) (password, made string) {
	if given != "" {
		return given, ""
	}
	t := rand.Text()
	made = strings.Join([]string{t[:4], t[4:8], t[8:12], t[12:16], t[16:20]}, "-")
	return made, made
}
