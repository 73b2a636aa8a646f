package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// CalendarLink lets a calendar program read its owner's meetings and task list,
// and nothing else. Its secret stands in the feed's address and is the CalDAV
// password; only its SHA-256 is stored.
type CalendarLink struct {
	Hash         string
	Org          id.Org
	Professional id.Professional
	Name         string // of the program or device, as its owner calls it
	Created      time.Time
	Seen         time.Time // last use, to the hour; zero: never
}

// CalendarStore is what calendar links need of the database.
type CalendarStore interface {
	// CreateCalendarLink is a Conflict when the person has limit links already.
	CreateCalendarLink(ctx context.Context, l CalendarLink, limit int, by audit.Change) error
	// CalendarLinkByHash reads a link that was not revoked and the login of its
	// owner, whose account is not disabled; else it is NotFound.
	CalendarLinkByHash(ctx context.Context, hash string) (l CalendarLink, login string, err error)
	CalendarLinksOf(ctx context.Context, p id.Professional) ([]CalendarLink, error)
	TouchCalendarLink(ctx context.Context, hash string, seen time.Time) error
	RevokeCalendarLink(ctx context.Context, p id.Professional, hash string, by audit.Change) error
}

const (
	maxCalendarLinks  = 20
	maxLinkName       = 80
	calendarLinkTouch = time.Hour
	calendarSecret    = 32 // bytes: 256 bits, which nobody guesses
)

// NewCalendarLink makes a link to the actor's own calendar and returns its
// secret, this once.
func (s *Service) NewCalendarLink(ctx context.Context, a Actor, name string) (secret string, err error) {
	const op = "auth.NewCalendarLink"
	name = strings.TrimSpace(name)
	var c fault.Check
	c.That(name != "", "calendar", "Un nom est attendu, par exemple « téléphone ».")
	c.That(len([]rune(name)) <= maxLinkName, "calendar", "%d caractères au plus.", maxLinkName)
	if err := c.Err(op); err != nil {
		return "", err
	}
	raw := make([]byte, calendarSecret)
	_, _ = rand.Read(raw) // never fails: crypto/rand ends the program instead
	secret = base64.RawURLEncoding.EncodeToString(raw)
	now := s.now()
	l := CalendarLink{Hash: hashToken(secret), Org: a.Org, Professional: a.Professional, Name: name, Created: now}
	by := a.Change(now, "calendar.create", "account", string(a.Professional))
	err = s.store.CreateCalendarLink(ctx, l, maxCalendarLinks, by)
	c.That(!fault.Is(err, fault.Conflict), "calendar", "Vous avez déjà %d liens : révoquez-en un d’abord.", maxCalendarLinks)
	if err := c.Err(op); err != nil {
		return "", err
	}
	if err != nil {
		return "", fault.Wrap(op, err)
	}
	return secret, nil
}

// CalendarLinks lists the actor's links that still work, newest first.
func (s *Service) CalendarLinks(ctx context.Context, a Actor) ([]CalendarLink, error) {
	all, err := s.store.CalendarLinksOf(ctx, a.Professional)
	return all, fault.Wrap("auth.CalendarLinks", err)
}

// Login returns the address the actor signs in with, which is also the user
// name of their CalDAV account.
func (s *Service) Login(ctx context.Context, a Actor) (string, error) {
	account, err := s.store.AccountOf(ctx, a.Professional)
	return account.Email, fault.Wrap("auth.Login", err)
}

// RevokeCalendarLink ends one of the actor's links, named by its hash.
func (s *Service) RevokeCalendarLink(ctx context.Context, a Actor, hash string) error {
	by := a.Change(s.now(), "calendar.revoke", "account", string(a.Professional))
	return fault.Wrap("auth.RevokeCalendarLink", s.store.RevokeCalendarLink(ctx, a.Professional, hash, by))
}

// Subscriber returns whose calendar a secret opens. An unknown secret, a revoked
// link and a disabled account are all Unauthenticated, without a difference.
func (s *Service) Subscriber(ctx context.Context, secret, origin string) (Actor, error) {
	return s.subscriber(ctx, "auth.Subscriber", secret, origin, func(string) bool { return true })
}

// CalendarLogin is Subscriber for a program that sends the owner's login beside
// the secret; another login is refused alike.
func (s *Service) CalendarLogin(ctx context.Context, email, secret, origin string) (Actor, error) {
	return s.subscriber(ctx, "auth.CalendarLogin", secret, origin, func(login string) bool {
		return subtle.ConstantTimeCompare([]byte(normal(email)), []byte(login)) == 1
	})
}

// subscriber finds the link by the hash of its secret: what the search's time
// could tell is about the hash, which leads to no secret.
func (s *Service) subscriber(ctx context.Context, op, secret, origin string, is func(login string) bool) (Actor, error) {
	hash, now := hashToken(secret), s.now()
	l, login, err := s.store.CalendarLinkByHash(ctx, hash)
	if err == nil && !is(login) {
		err = fault.New(fault.NotFound, op, "")
	}
	if err != nil {
		return Actor{}, unknown(op, err)
	}
	if now.Sub(l.Seen) >= calendarLinkTouch {
		if err := s.store.TouchCalendarLink(ctx, hash, now); err != nil {
			return Actor{}, fault.Wrap(op, err)
		}
	}
	a, err := s.actor(ctx, l.Professional, origin)
	return a, unknown(op, err)
}
