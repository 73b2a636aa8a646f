package protocol

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Store is what the service needs of the database. Each writing method is one
// transaction.
type Store interface {
	// Protocols reads the current version of a team's protocols.
	Protocols(ctx context.Context, org id.Org, team id.Team) ([]Protocol, error)
	// Protocol reads a version; 0 is the current one.
	Protocol(ctx context.Context, org id.Org, p id.Protocol, version int) (Protocol, error)
	// ProtocolHistory reads who saved each version, newest first.
	ProtocolHistory(ctx context.Context, org id.Org, p id.Protocol) ([]Saved, error)
	// SaveProtocol adds version p.Version; with 1 the protocol is new. It is
	// fault.Conflict when the current version is not the one before.
	SaveProtocol(ctx context.Context, p Protocol, by audit.Change) error
	ArchiveProtocol(ctx context.Context, org id.Org, p id.Protocol, archived bool, by audit.Change) error
	// MakePlan writes a plan with all that hangs on it.
	MakePlan(ctx context.Context, m Made, by audit.Change) error
	// ProtocolTeam reads who is in a team on a day.
	ProtocolTeam(ctx context.Context, org id.Org, team id.Team, on date.Date) ([]Member, error)
	// Expected reports whether a team waits for a patient: somebody who
	// follows them asked, or they stand on an agenda not yet held.
	Expected(ctx context.Context, org id.Org, team id.Team, p id.Patient) (bool, error)
	Candidate(ctx context.Context, org id.Org, p id.Patient) (Candidate, error)
	CheckStore
	Audit(ctx context.Context, by audit.Change) error
}

// Patients says who may see a patient (careplan.Service).
type Patients interface {
	May(ctx context.Context, a auth.Actor, p id.Patient) (bool, error)
}

// Config is what a Service needs.
type Config struct {
	Store       Store
	Patients    Patients
	Professions []string // the keys known
	Now         func() time.Time
}

// Service keeps the protocols of the teams and applies them.
type Service struct{ Config }

// NewService returns a service.
func NewService(c Config) *Service { return &Service{c} }

// List reads the current protocols of a team, the archived ones too, for its
// members and for administrators.
func (s *Service) List(ctx context.Context, a auth.Actor, team id.Team) ([]Protocol, error) {
	const op = "protocol.List"
	if err := s.member(ctx, a, op, team, ""); err != nil {
		return nil, err
	}
	all, err := s.Store.Protocols(ctx, a.Org, team)
	sortByField(all)
	return all, fault.Wrap(op, err)
}

// Full is a protocol's version with the history of all.
type Full struct {
	Protocol
	History []Saved // newest first
}

// Current is the number of the version in use.
func (f Full) Current() int { return f.History[0].Version }

// Read reads a version, 0 the current one, for members and administrators.
func (s *Service) Read(ctx context.Context, a auth.Actor, p id.Protocol, version int) (Full, error) {
	const op = "protocol.Read"
	v, err := s.Store.Protocol(ctx, a.Org, p, version)
	if err != nil {
		return Full{}, fault.Wrap(op, err)
	}
	if err := s.member(ctx, a, op, v.Team, p); err != nil {
		return Full{}, err
	}
	history, err := s.Store.ProtocolHistory(ctx, a.Org, p)
	return Full{v, history}, fault.Wrap(op, err)
}

// Adopt gives a team a shipped protocol of its own, to change as it likes.
func (s *Service) Adopt(ctx context.Context, a auth.Actor, team id.Team, key string) (Protocol, error) {
	const op = "protocol.Adopt"
	p, err := ShippedByKey(key)
	if err != nil {
		return Protocol{}, fault.Wrap(op, err)
	}
	p.Team = team
	return s.save(ctx, a, op, "protocol.adopt", p, "")
}

// Save saves a new protocol (no ID) or a new version of one whose version the
// actor saw; what says what changes and why.
func (s *Service) Save(ctx context.Context, a auth.Actor, p Protocol, what string) (Protocol, error) {
	const op = "protocol.Save"
	if p.ID != "" {
		was, err := s.Store.Protocol(ctx, a.Org, p.ID, 0)
		if err != nil {
			return Protocol{}, fault.Wrap(op, err)
		}
		p.Team, p.Key, p.Archived = was.Team, was.Key, was.Archived
	}
	return s.save(ctx, a, op, "protocol.save", p, what)
}

func (s *Service) save(ctx context.Context, a auth.Actor, op, action string, p Protocol, what string) (Protocol, error) {
	by := s.change(a, action, p.ID, p.Team)
	if !a.In(p.Team, auth.Secretary, auth.Chair) {
		return Protocol{}, s.refuse(ctx, op, by)
	}
	p, what = p.tidy(), strings.TrimSpace(what)
	if err := s.check(op, p, what); err != nil {
		return Protocol{}, err
	}
	if p.ID == "" {
		p.ID, p.Version = id.New[id.Protocol](), 0
	}
	p.Org, p.Version = a.Org, p.Version+1
	p.Saved = Saved{Version: p.Version, At: s.Now(), By: a.Professional, ByName: a.Name, What: what}
	by.Entry.ObjectID, by.Entry.Detail = string(p.ID), "version="+itoa(p.Version)
	return p, fault.Wrap(op, s.Store.SaveProtocol(ctx, p, by))
}

func (s *Service) check(op string, p Protocol, what string) error {
	if err := p.Check(op); err != nil {
		return err
	}
	var c fault.Check
	c.That(p.ID == "" || what != "", "what", "Dites en quelques mots ce qui change et pourquoi.")
	c.That(len([]rune(what)) <= maxText, "what", "%d caractères au plus.", maxText)
	known := func(key string) bool { return key == "" || slices.Contains(s.Professions, key) }
	for _, key := range p.Professions {
		c.That(known(key), "professions", "Cette profession n’est pas connue.")
	}
	for i, o := range p.Objectives {
		c.That(!slices.ContainsFunc(o.Professions, func(k string) bool { return !known(k) }),
			"objective."+itoa(i)+".professions", "Cette profession n’est pas connue.")
	}
	for i, act := range p.Actions {
		c.That(known(act.Profession), "action."+itoa(i)+".profession", "Cette profession n’est pas connue.")
	}
	return c.Err(op)
}

// Archive puts a protocol aside, or takes it back. Plans made from it stay.
func (s *Service) Archive(ctx context.Context, a auth.Actor, p id.Protocol, archived bool) error {
	const op = "protocol.Archive"
	v, err := s.Store.Protocol(ctx, a.Org, p, 0)
	if err != nil {
		return fault.Wrap(op, err)
	}
	action := "protocol.restore"
	if archived {
		action = "protocol.archive"
	}
	by := s.change(a, action, p, v.Team)
	if !a.In(v.Team, auth.Secretary, auth.Chair) {
		return s.refuse(ctx, op, by)
	}
	return fault.Wrap(op, s.Store.ArchiveProtocol(ctx, a.Org, p, archived, by))
}

func (s *Service) change(a auth.Actor, action string, p id.Protocol, team id.Team) audit.Change {
	by := a.Change(s.Now(), action, "protocol", string(p))
	by.Entry.Team = team
	return by
}

// member audits and returns a refusal when the actor is not of the team.
func (s *Service) member(ctx context.Context, a auth.Actor, op string, team id.Team, p id.Protocol) error {
	if a.In(team) || a.Admin {
		return nil
	}
	return audit.Refuse(ctx, s.Store, op, s.change(a, "protocol.read", p, team), "Vous n’êtes pas membre de cette équipe.")
}

func (s *Service) refuse(ctx context.Context, op string, by audit.Change) error {
	return audit.Refuse(ctx, s.Store, op, by, "Seuls le secrétariat et l’animateur de l’équipe le peuvent.")
}
