// Package auth knows who acts: professionals, their roles in teams, their
// accounts, passwords, sessions and API tokens. It decides who somebody is and
// what role they hold; what that role may do to a patient is decided by the
// domain services, which take the Actor as an argument.
package auth

import (
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
)

// Role is what a professional does in a team.
type Role string

// The roles in a team. An administrator is not a role in a team: see Actor.
const (
	Secretary Role = "secretary" // prepares, invites, sends, archives
	Chair     Role = "chair"     // leads, checks attendance, signs
	Clinician Role = "clinician" // takes part; sees their own patients
)

// Actor is who does something. Services take it as an argument.
type Actor struct {
	Professional id.Professional
	Org          id.Org
	Name         string
	Admin        bool             // manages teams, accounts and imports; reads no patient by it
	System       bool             // a job or the command line: may all, is named in Origin
	Teams        map[id.Team]Role // at this date
	Origin       string           // remote address, "cli", "job:<name>"
	Lang         string           // "fr" or "en"
}

// System returns the actor of a job or of the command line.
func System(org id.Org, origin string) Actor {
	return Actor{Org: org, Name: origin, System: true, Origin: origin}
}

// In reports whether the actor has one of the roles in the team (any role when
// none is given).
func (a Actor) In(team id.Team, roles ...Role) bool {
	if a.System {
		return true
	}
	r, ok := a.Teams[team]
	return ok && (len(roles) == 0 || slices.Contains(roles, r))
}

// TeamIDs returns the actor's teams in a stable order.
func (a Actor) TeamIDs() []id.Team {
	ids := make([]id.Team, 0, len(a.Teams))
	for t := range a.Teams {
		ids = append(ids, t)
	}
	slices.Sort(ids)
	return ids
}

// Change starts the audit record of something this actor does at an instant.
func (a Actor) Change(now time.Time, action, object, objectID string) audit.Change {
	return audit.Change{Entry: audit.Entry{
		ID: id.New[id.Entry](), Org: a.Org, At: now, Actor: a.Professional, ActorName: a.Name,
		Origin: a.Origin, Action: action, Object: object, ObjectID: objectID, Outcome: audit.Done,
	}}
}

// Event makes an event of the actor's organisation.
func (a Actor) Event(now time.Time, kind event.Kind) event.Event {
	return event.Event{ID: id.New[id.Event](), Org: a.Org, Kind: kind, At: now}
}
