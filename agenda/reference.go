package agenda

import (
	"context"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Reference is one version of a référentiel that a team registers standard
// cases under. It never changes: a new version is another one.
type Reference struct {
	ID      id.Reference
	Org     id.Org
	Team    id.Team
	Name    string
	Version string
	Day     date.Date // of the version
	Source  string    // where it is read: an address, a shelf
	Created time.Time
	Retired time.Time // zero: in force
}

// Text names the référentiel as sheets print it, in French.
func (r Reference) Text() string {
	return r.Name + " version " + r.Version + " du " + r.Day.In(time.UTC).Format("02/01/2006")
}

// References lists the référentiels of a team to any of its members: those in
// force by name, then those retired.
func (s *Service) References(ctx context.Context, a auth.Actor, team id.Team) ([]Reference, error) {
	const op = "agenda.References"
	if !a.In(team) && !a.Admin {
		return nil, s.refuse(ctx, op, s.teamChange(a, "reference.list", team))
	}
	all, err := s.store.References(ctx, a.Org, team)
	return all, fault.Wrap(op, err)
}

// AddReference keeps a référentiel for a team of kind rcp: its secretary or
// chair.
func (s *Service) AddReference(ctx context.Context, a auth.Actor, r Reference) (Reference, error) {
	const op = "agenda.AddReference"
	by := s.teamChange(a, "reference.add", r.Team)
	if !a.In(r.Team, auth.Secretary, auth.Chair) {
		return Reference{}, s.refuse(ctx, op, by)
	}
	team, err := s.store.TeamByID(ctx, a.Org, r.Team)
	if err != nil {
		return Reference{}, fault.Wrap(op, err)
	}
	if team.Kind != meetings.RCP {
		return Reference{}, notRCP(op)
	}
	r.Name, r.Version, r.Source = strings.TrimSpace(r.Name), strings.TrimSpace(r.Version), strings.TrimSpace(r.Source)
	if err := r.check(date.Of(s.now())).Err(op); err != nil {
		return Reference{}, err
	}
	r.ID, r.Org, r.Created, r.Retired = id.New[id.Reference](), a.Org, by.Entry.At, time.Time{}
	by.Entry.Object, by.Entry.ObjectID = "reference", string(r.ID)
	return r, fault.Wrap(op, s.store.AddReference(ctx, r, by))
}

// maxTitle is the most characters of a référentiel's name, version and source.
const maxTitle = 300

func (r Reference) check(today date.Date) *fault.Check {
	var c fault.Check
	c.That(r.Name != "", "name", "Donnez le nom du référentiel.")
	c.That(r.Version != "", "version", "Donnez la version du référentiel.")
	c.That(!r.Day.IsZero(), "day", "Donnez la date du référentiel.")
	c.That(!today.Before(r.Day), "day", "Cette date est à venir.")
	for field, text := range map[string]string{"name": r.Name, "version": r.Version, "source": r.Source} {
		c.That(len([]rune(text)) <= maxTitle, field, "Ce texte est trop long.")
	}
	return &c
}

// RetireReference stops a référentiel from being taken for new cases; those
// registered under it keep it.
func (s *Service) RetireReference(ctx context.Context, a auth.Actor, which id.Reference) error {
	const op = "agenda.RetireReference"
	r, err := s.store.ReferenceByID(ctx, a.Org, which)
	if err != nil {
		return fault.Wrap(op, err)
	}
	by := s.teamChange(a, "reference.retire", r.Team)
	by.Entry.Object, by.Entry.ObjectID = "reference", string(which)
	if !a.In(r.Team, auth.Secretary, auth.Chair) {
		return s.refuse(ctx, op, by)
	}
	return fault.Wrap(op, s.store.RetireReference(ctx, a.Org, which, by.Entry.At, by))
}

func (s *Service) teamChange(a auth.Actor, action string, team id.Team) audit.Change {
	by := a.Change(s.now(), action, "team", string(team))
	by.Entry.Team = team
	return by
}

func notRCP(op string) error {
	return fault.New(fault.Conflict, op, "Seule une RCP enregistre des dossiers sans discussion.")
}
