package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Store is what the service needs of the database.
type Store interface {
	AccountByEmail(ctx context.Context, email string) (Account, error)
	AccountOf(ctx context.Context, p id.Professional) (Account, error)
	SaveAccount(ctx context.Context, a Account, by audit.Change) error
	// AddAccount is a Conflict when the professional has one, and NotFound when
	// they belong to another organisation.
	AddAccount(ctx context.Context, a Account, by audit.Change) error
	Accesses(ctx context.Context, org id.Org) ([]Access, error)
	SetLang(ctx context.Context, p id.Professional, lang string, by audit.Change) error
	// SetPassword ends the person's sessions but the one whose hash is keep.
	SetPassword(ctx context.Context, org id.Org, p id.Professional, hash, keep string, by audit.Change) error
	// DisableAccount and SetAdmin are Forbidden on the last active administrator.
	DisableAccount(ctx context.Context, org id.Org, p id.Professional, by audit.Change) error
	EnableAccount(ctx context.Context, org id.Org, p id.Professional, by audit.Change) error
	SetAdmin(ctx context.Context, org id.Org, p id.Professional, admin bool, by audit.Change) error
	// ActorOf reads the person, their account and the roles they hold on a day.
	ActorOf(ctx context.Context, p id.Professional, day string) (Actor, error)
	CreateSession(ctx context.Context, s Session, by audit.Change) error
	SessionByHash(ctx context.Context, hash string, now time.Time) (Session, error)
	TouchSession(ctx context.Context, hash string, seen, expires time.Time) error
	DeleteSession(ctx context.Context, hash string, by audit.Change) error
	CreateToken(ctx context.Context, t Token, by audit.Change) error
	TokenByHash(ctx context.Context, hash string) (Token, error)
	TokensOf(ctx context.Context, p id.Professional) ([]Token, error)
	RevokeToken(ctx context.Context, p id.Professional, hash string, by audit.Change) error
	// CountFailures counts a subject's refused sign-ins since an instant.
	CountFailures(ctx context.Context, subject string, since time.Time) (int, error)
	AddFailure(ctx context.Context, subjects []string, at time.Time) error
	ClearFailures(ctx context.Context, subject string) error
	CalendarStore
	Audit(ctx context.Context, by audit.Change) error
}

// The limits of a sign-in, per login and per address, and of a session.
const (
	MaxFailures        = 5
	maxAddressFailures = 30
	failureWindow      = 15 * time.Minute
	sessionIdle        = 12 * time.Hour
	sessionTouch       = 5 * time.Minute
	minPassword        = 12
)

// params follow the OWASP minimum for argon2id: 19 MiB, two passes.
var params = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// Service signs people in and tells who a session or a token is.
type Service struct {
	store Store
	now   func() time.Time
	busy  chan struct{}  // bounds the memory that hashing takes at once
	turns [64]sync.Mutex // by login: tries sent at once are counted one after the other
	decoy string         // compared when the login is unknown, so that time tells nothing
}

// NewService returns a service that reads the time from now.
func NewService(store Store, now func() time.Time) (*Service, error) {
	decoy, err := argon2id.CreateHash(rand.Text(), params)
	if err != nil {
		return nil, fault.Wrap("auth.NewService", err)
	}
	return &Service{store: store, now: now, busy: make(chan struct{}, 2), decoy: decoy}, nil
}

// SignIn checks a login and opens a session. A refusal says how many tries are
// left; past them it is Limited. Origin is the remote address.
func (s *Service) SignIn(ctx context.Context, email, password, origin string) (string, Actor, error) {
	const op = "auth.SignIn"
	email = normal(email)
	subject, address := subjectOf("login", email), subjectOf("address", origin)
	defer s.turn(subject)()
	left, err := s.triesLeft(ctx, subject, address)
	if err != nil {
		return "", Actor{}, fault.Wrap(op, err)
	}
	if left <= 0 {
		return "", Actor{}, fault.New(fault.Limited, op, "Trop d’essais. Réessayez dans %d minutes.", int(failureWindow.Minutes()))
	}
	account, known, err := s.check(ctx, email, password)
	if err != nil {
		return "", Actor{}, fault.Wrap(op, err)
	}
	if !known {
		return "", Actor{}, fault.Wrap(op, s.refuse(ctx, account, subject, address, origin, left-1))
	}
	token, actor, err := s.openSession(ctx, account.Professional, origin)
	if err != nil {
		return "", Actor{}, fault.Wrap(op, err)
	}
	return token, actor, fault.Wrap(op, s.store.ClearFailures(ctx, subject))
}

// turn waits until nobody else of this process tries the subject's password.
func (s *Service) turn(subject string) (done func()) {
	turn := &s.turns[int(subject[0])%len(s.turns)]
	turn.Lock()
	return turn.Unlock
}

func (s *Service) triesLeft(ctx context.Context, subject, address string) (int, error) {
	since := s.now().Add(-failureWindow)
	mine, err := s.store.CountFailures(ctx, subject, since)
	if err != nil {
		return 0, err
	}
	there, err := s.store.CountFailures(ctx, address, since)
	return min(MaxFailures-mine, maxAddressFailures-there), err
}

// check compares the password in about the same time whether or not the login
// exists.
func (s *Service) check(ctx context.Context, email, password string) (Account, bool, error) {
	account, err := s.store.AccountByEmail(ctx, email)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Account{}, false, err
	}
	hash := s.decoy
	if err == nil && !account.Disabled {
		hash = account.PasswordHash
	}
	match, err := s.compare(ctx, password, hash)
	return account, match && hash != s.decoy, err
}

func (s *Service) compare(ctx context.Context, password, hash string) (bool, error) {
	select {
	case s.busy <- struct{}{}:
		defer func() { <-s.busy }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	return argon2id.ComparePasswordAndHash(password, hash)
}

func (s *Service) refuse(ctx context.Context, account Account, subject, address, origin string, left int) error {
	if err := s.store.AddFailure(ctx, []string{subject, address}, s.now()); err != nil {
		return err
	}
	if account.Org != "" {
		who := Actor{Professional: account.Professional, Org: account.Org, Origin: origin}
		if err := s.refused(ctx, who, "account.sign-in"); err != nil {
			return err
		}
	}
	if left <= 0 {
		return fault.New(fault.Limited, "auth", "Trop d’essais. Réessayez dans %d minutes.", int(failureWindow.Minutes()))
	}
	return fault.New(fault.Unauthenticated, "auth", "Adresse ou mot de passe inexact. Essais restants : %d.", left)
}

// Refuse records that somebody was kept from a page or a form, before any
// service was asked, and returns the fault. Object is what was asked for, in
// fixed words: a route's pattern, never an address.
func (s *Service) Refuse(ctx context.Context, a Actor, object, which string) error {
	by := a.Change(s.now(), "access.refused", object, which)
	return audit.Refuse(ctx, s.store, "auth.Refuse", by, "Vous n’avez pas accès à ceci.")
}

func (s *Service) refused(ctx context.Context, a Actor, action string) error {
	return s.refusedOn(ctx, a, action, a.Professional)
}

// refusedOn records what was refused to an actor on somebody's account.
func (s *Service) refusedOn(ctx context.Context, a Actor, action string, p id.Professional) error {
	by := a.Change(s.now(), action, "account", string(p))
	by.Entry.Outcome = audit.Refused
	return s.store.Audit(ctx, by)
}

func (s *Service) openSession(ctx context.Context, p id.Professional, origin string) (string, Actor, error) {
	actor, err := s.actor(ctx, p, origin)
	if err != nil {
		return "", Actor{}, err
	}
	token, now := rand.Text(), s.now()
	by := actor.Change(now, "account.sign-in", "account", string(p))
	err = s.store.CreateSession(ctx, Session{
		TokenHash: hashToken(token), Professional: p, Created: now, Seen: now, Expires: now.Add(sessionIdle), Origin: origin,
	}, by)
	return token, actor, err
}

// Session returns who holds a session, and keeps it open while it is used.
func (s *Service) Session(ctx context.Context, token, origin string) (Actor, error) {
	const op = "auth.Session"
	hash, now := hashToken(token), s.now()
	session, err := s.store.SessionByHash(ctx, hash, now)
	if err != nil {
		return Actor{}, unknown(op, err)
	}
	if now.Sub(session.Seen) > sessionTouch {
		if err := s.store.TouchSession(ctx, hash, now, now.Add(sessionIdle)); err != nil {
			return Actor{}, fault.Wrap(op, err)
		}
	}
	a, err := s.actor(ctx, session.Professional, origin)
	return a, unknown(op, err)
}

// Holder returns who holds a session that is still open, without keeping it
// open: a screen that only looks is no use of it.
func (s *Service) Holder(ctx context.Context, token, origin string) (Actor, error) {
	const op = "auth.Holder"
	session, err := s.store.SessionByHash(ctx, hashToken(token), s.now())
	if err != nil {
		return Actor{}, unknown(op, err)
	}
	a, err := s.actor(ctx, session.Professional, origin)
	return a, unknown(op, err)
}

// SignOut ends a session.
func (s *Service) SignOut(ctx context.Context, a Actor, token string) error {
	by := a.Change(s.now(), "account.sign-out", "account", string(a.Professional))
	return fault.Wrap("auth.SignOut", s.store.DeleteSession(ctx, hashToken(token), by))
}

// Confirm asks for the password again before what cannot be undone. It shares
// the sign-in's limit of tries.
func (s *Service) Confirm(ctx context.Context, a Actor, password string) error {
	const op = "auth.Confirm"
	account, err := s.store.AccountOf(ctx, a.Professional)
	if err != nil {
		return fault.Wrap(op, err)
	}
	subject, address := subjectOf("login", account.Email), subjectOf("address", a.Origin)
	defer s.turn(subject)()
	left, err := s.triesLeft(ctx, subject, address)
	if err != nil {
		return fault.Wrap(op, err)
	}
	if left <= 0 {
		return fault.New(fault.Limited, op, "Trop d’essais. Réessayez dans %d minutes.", int(failureWindow.Minutes()))
	}
	if match, err := s.compare(ctx, password, account.PasswordHash); err != nil || match {
		return fault.Wrap(op, err)
	}
	if err := s.store.AddFailure(ctx, []string{subject, address}, s.now()); err != nil {
		return fault.Wrap(op, err)
	}
	if err := s.refused(ctx, a, "account.confirm"); err != nil {
		return fault.Wrap(op, err)
	}
	c := fault.Check{}
	c.That(false, "password", "Mot de passe inexact. Essais restants : %d.", left-1)
	return c.Err(op)
}

// Bearer returns who an API token belongs to.
func (s *Service) Bearer(ctx context.Context, token, origin string) (Actor, error) {
	const op = "auth.Bearer"
	t, err := s.store.TokenByHash(ctx, hashToken(token))
	if err != nil {
		return Actor{}, unknown(op, err)
	}
	a, err := s.actor(ctx, t.Professional, origin)
	return a, unknown(op, err)
}

// NewToken makes an API token for a professional and returns it once. Nobody
// makes one for somebody else, administrators included: it would act as them.
func (s *Service) NewToken(ctx context.Context, a Actor, p id.Professional, name string) (string, error) {
	if !a.System && a.Professional != p {
		return "", fault.New(fault.Forbidden, "auth.NewToken", "Vous ne pouvez pas faire ceci.")
	}
	token, now := "rcp_"+rand.Text(), s.now()
	by := a.Change(now, "token.create", "account", string(p))
	err := s.store.CreateToken(ctx, Token{Hash: hashToken(token), Professional: p, Name: name, Created: now}, by)
	return token, fault.Wrap("auth.NewToken", err)
}

// CreateAccount lets a professional sign in, or changes how, for the command
// line; administrators have GiveAccess.
func (s *Service) CreateAccount(ctx context.Context, a Actor, p id.Professional, email, password string, admin bool) error {
	const op = "auth.CreateAccount"
	if !a.System {
		return fault.New(fault.Forbidden, op, "Vous ne pouvez pas faire ceci.")
	}
	var c fault.Check
	c.That(strings.Contains(email, "@"), "email", "Une adresse de messagerie est attendue.")
	checkPassword(&c, "password", password)
	if err := c.Err(op); err != nil {
		return err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return fault.Wrap(op, err)
	}
	account := Account{
		Professional: p, Org: a.Org, Email: normal(email), PasswordHash: hash, Admin: admin, Lang: "fr", Created: s.now(),
	}
	return fault.Wrap(op, s.store.SaveAccount(ctx, account, a.Change(s.now(), "account.save", "account", string(p))))
}

// SetLang keeps the language of the actor's pages.
func (s *Service) SetLang(ctx context.Context, a Actor, lang string) error {
	const op = "auth.SetLang"
	if lang != "fr" && lang != "en" {
		return fault.New(fault.Invalid, op, "Langue inconnue.")
	}
	by := a.Change(s.now(), "account.lang", "account", string(a.Professional))
	return fault.Wrap(op, s.store.SetLang(ctx, a.Professional, lang, by))
}

func (s *Service) actor(ctx context.Context, p id.Professional, origin string) (Actor, error) {
	a, err := s.store.ActorOf(ctx, p, s.now().UTC().Format(time.DateOnly))
	a.Origin = origin
	return a, err
}

// unknown turns "no such row" into "who are you".
func unknown(op string, err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.Unauthenticated, op, "Connectez-vous pour continuer.")
	}
	return fault.Wrap(op, err)
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// subjectOf names whom a failure counts against, without keeping the login.
func subjectOf(kind, value string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + value))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

func normal(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
