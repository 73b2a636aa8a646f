// Package handover makes a year of signed minutes into a BagIt package
// (RFC 8493) to be given to an archivist or kept elsewhere: for the command
// line, and in the background for the secretary or the chair of a team, whose
// request waits in the database until a process has made it.
//
// What always holds: a request survives a restart and is taken up where it
// stopped, by one process at a time; who may not read a team's registers whole
// neither asks for its package nor receives it; asking, receiving and refusing
// are audited; what was made is deleted a week later.
//
// What was signed and where PDFs lie is left to the store and the archive.
package handover

import (
	"context"
	"errors"
	"time"

	"github.com/rcp-care/rcp/internal/archive"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// ErrDamaged is when signed minutes or their documents are not what was signed:
// rcp verify archive says which.
var ErrDamaged = errors.New("not what was signed: run rcp verify archive")

func damaged(err error) bool {
	return errors.Is(err, archive.ErrDamaged) || errors.Is(err, archive.ErrNoHash)
}

// State is where a request stands.
type State string

// The states. A request waits until it is made; asked again, it waits again.
const (
	Waiting State = "waiting"
	Ready   State = "ready"
	Failed  State = "failed"
)

// Handover is a team's year that somebody asked for.
type Handover struct {
	ID        id.Handover
	Org       id.Org
	Team      id.Team
	TeamName  string
	Year      int
	State     State
	Done      int // versions written so far
	Total     int // 0: not counted yet
	AskedBy   id.Professional
	AskedName string
	Asked     time.Time
	Began     time.Time // of the run in hand; zero: none yet
	Finished  time.Time
}

// Left is the time left, from what the part done took; 0 when nothing is known.
func Left(done, total int, took time.Duration) time.Duration {
	if done <= 0 || total <= done {
		return 0
	}
	return time.Duration(float64(took) / float64(done) * float64(total-done)).Round(time.Second)
}

// Left is the time left at an instant.
func (h Handover) Left(now time.Time) time.Duration {
	if h.State != Waiting || h.Began.IsZero() {
		return 0
	}
	return Left(h.Done, h.Total, now.Sub(h.Began))
}

// Store is what the service needs of the database.
type Store interface {
	Source
	TeamByID(ctx context.Context, org id.Org, t id.Team) (meetings.Team, error)
	Lease(ctx context.Context, name, holder string, until time.Time) (held bool, err error)
	// Handovers reads the requests of teams, newest first.
	Handovers(ctx context.Context, org id.Org, teams []id.Team) ([]Handover, error)
	HandoverByID(ctx context.Context, org id.Org, h id.Handover) (Handover, error)
	// AskHandover keeps a request; one of the same team and year waits again.
	AskHandover(ctx context.Context, h Handover, by audit.Change) error
	// NextHandover reads the request that waits longest, of any organisation.
	NextHandover(ctx context.Context) (Handover, error)
	// KeepHandover writes the state and the progress of a request.
	KeepHandover(ctx context.Context, h Handover) error
	// OldHandovers reads what was finished before.
	OldHandovers(ctx context.Context, before time.Time) ([]Handover, error)
	DeleteHandover(ctx context.Context, h id.Handover) error
	Audit(ctx context.Context, by audit.Change) error
}

// Config is what a Service works with; all is required.
type Config struct {
	Store   Store
	Archive minutes.Archive
	Dir     string // where packages are made, shared by the replicas
	Name    string // of this process, unlike any other's
	Program string // name and version, written into the packages
	Now     func() time.Time
}

// Service answers the pages and makes what was asked for.
type Service struct{ Config }

// NewService returns a service.
func NewService(c Config) *Service { return &Service{c} }

// Ask asks for a team's year, or for it again. Its secretary or chair may.
func (s *Service) Ask(ctx context.Context, a auth.Actor, t id.Team, year int) error {
	const op = "handover.Ask"
	by := s.change(a, t, "minutes.export")
	if !a.In(t, auth.Secretary, auth.Chair) {
		return s.refuse(ctx, op, by)
	}
	var check fault.Check
	check.That(year >= 1900 && year <= s.Now().Year()+1, "year", "Cette année n’en est pas une.")
	if err := check.Err(op); err != nil {
		return err
	}
	return fault.Wrap(op, s.Store.AskHandover(ctx, Handover{
		ID: id.New[id.Handover](), Org: a.Org, Team: t, Year: year, State: Waiting,
		AskedBy: a.Professional, AskedName: a.Name, Asked: s.Now(),
	}, by))
}

// List reads the requests of the teams that the actor leads, newest first.
func (s *Service) List(ctx context.Context, a auth.Actor) ([]Handover, error) {
	teams := Teams(a)
	if len(teams) == 0 {
		return nil, nil
	}
	all, err := s.Store.Handovers(ctx, a.Org, teams)
	return all, fault.Wrap("handover.List", err)
}

// Teams are those whose registers the actor reads whole.
func Teams(a auth.Actor) []id.Team {
	var all []id.Team
	for _, t := range a.TeamIDs() {
		if a.In(t, auth.Secretary, auth.Chair) {
			all = append(all, t)
		}
	}
	return all
}

// Take returns a package that is ready, to be sent by WriteZip. It is audited.
func (s *Service) Take(ctx context.Context, a auth.Actor, h id.Handover) (Handover, error) {
	const op = "handover.Take"
	v, err := s.Store.HandoverByID(ctx, a.Org, h)
	if err != nil {
		return v, fault.Wrap(op, err)
	}
	by := s.change(a, v.Team, "minutes.export-read")
	if !a.In(v.Team, auth.Secretary, auth.Chair) {
		return Handover{}, s.refuse(ctx, op, by)
	}
	if v.State != Ready {
		return Handover{}, fault.New(fault.Conflict, op, "Ce dossier n’est pas prêt.")
	}
	return v, fault.Wrap(op, s.Store.Audit(ctx, by))
}

func (s *Service) change(a auth.Actor, t id.Team, action string) audit.Change {
	by := a.Change(s.Now(), action, "team", string(t))
	by.Entry.Team = t
	return by
}

func (s *Service) refuse(ctx context.Context, op string, by audit.Change) error {
	return audit.Refuse(ctx, s.Store, op, by, "Vous n’avez pas accès à ceci.")
}
