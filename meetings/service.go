package meetings

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
)

// Store is what the service needs of the database. Each writing method is one
// transaction: the rows, the audit entry and the events of the Change. Updates
// compare Version (fault.Conflict when somebody was first) and raise it by one.
type Store interface {
	OrgByID(ctx context.Context, org id.Org) (auth.Org, error)
	Teams(ctx context.Context, org id.Org) ([]Team, error) // with members
	TeamByID(ctx context.Context, org id.Org, t id.Team) (Team, error)
	// Training reports whether any of the ids, of whatever kind, is of a training
	// team or of a fictional patient.
	Training(ctx context.Context, org id.Org, ids []string) (bool, error)
	// SaveTeam inserts when Version is 0; the members become those given, and
	// the attendance of the meetings still to come follows.
	SaveTeam(ctx context.Context, t Team, changes []AttendeeChange, by audit.Change) error
	Professionals(ctx context.Context, org id.Org) ([]auth.Professional, error)
	SaveProfessional(ctx context.Context, p auth.Professional, by audit.Change) error
	SeriesOf(ctx context.Context, org id.Org, teams []id.Team) ([]Series, error) // nil: all
	SeriesByID(ctx context.Context, org id.Org, s id.Series) (Series, error)
	// SeriesState reads what decides what calendars hold of a series,
	// MeetingState the same of a meeting that is an object of its own.
	SeriesState(ctx context.Context, org id.Org, s id.Series) (State, error)
	MeetingState(ctx context.Context, org id.Org, m id.Meeting) (State, error)
	// SavePlan writes an edit of a series and its meetings, each compared by its
	// Version (0: new).
	SavePlan(ctx context.Context, p Plan, by audit.Change) error
	Closures(ctx context.Context, org id.Org) ([]Closure, error)
	// Busy reads the meetings, cancelled ones aside, that overlap a span and
	// share a room or a person with it.
	Busy(ctx context.Context, q BusyQuery) ([]Booking, error)
	Meetings(ctx context.Context, f Filter) (items []Meeting, next string, err error)
	OwnStore
	InboundStore
	MeetingByID(ctx context.Context, org id.Org, m id.Meeting) (Full, error)
	// CreateMeetings inserts those whose (series, slot) does not exist yet, with
	// one attendance row per member, and returns how many it made. When it makes
	// none, nothing is written, the audit entry included.
	CreateMeetings(ctx context.Context, ms []Meeting, by audit.Change) (int, error)
	UpdateMeeting(ctx context.Context, m Meeting, by audit.Change) error
	// SaveAttendee invites one person to one meeting, or takes them off it.
	SaveAttendee(ctx context.Context, org id.Org, c AttendeeChange, by audit.Change) error
	SaveAttendance(ctx context.Context, org id.Org, m id.Meeting, as []Attendance, by audit.Change) error
	AnswerStore
	FeedbackStore
	LetterheadStore
	Audit(ctx context.Context, by audit.Change) error
}

// AttendeeChange adds a member to a meeting still to come, or takes one off.
type AttendeeChange struct {
	Meeting id.Meeting
	Member  Member
	Removed bool
}

// Service is the meetings' rules around the store.
type Service struct {
	store Store
	now   func() time.Time
}

// NewService returns a service that reads the time from now.
func NewService(store Store, now func() time.Time) *Service {
	return &Service{store: store, now: now}
}

// Move is a new time or place for one meeting.
type Move struct {
	Starts time.Time
	Ends   time.Time
	Room   string
	URL    string
	Anyway bool // clashes were shown and are accepted
}

// Org reads the actor's organisation.
func (s *Service) Org(ctx context.Context, a auth.Actor) (auth.Org, error) {
	return s.store.OrgByID(ctx, a.Org)
}

// List reads meetings of the actor's teams (of every team for an administrator
// or the system), oldest first unless the filter says otherwise.
func (s *Service) List(ctx context.Context, a auth.Actor, f Filter) ([]Meeting, string, error) {
	f.Org, f.Teams = a.Org, visible(a, f.Teams)
	if f.Teams != nil && len(f.Teams) == 0 {
		return nil, "", nil
	}
	return s.store.Meetings(ctx, f)
}

// visible narrows the wanted teams to the actor's; nil means every team.
func visible(a auth.Actor, want []id.Team) []id.Team {
	if a.Admin || a.System {
		return want
	}
	if want == nil {
		return a.TeamIDs()
	}
	mine := []id.Team{}
	for _, t := range want {
		if a.In(t) {
			mine = append(mine, t)
		}
	}
	return mine
}

// Get reads a meeting with its team and attendance. Any member of the team may,
// and an administrator.
func (s *Service) Get(ctx context.Context, a auth.Actor, m id.Meeting) (Full, error) {
	full, err := s.store.MeetingByID(ctx, a.Org, m)
	if err != nil {
		return Full{}, err
	}
	if !a.Admin && !a.In(full.Meeting.Team) {
		return Full{}, s.refuse(ctx, a, "meeting.read", full.Meeting)
	}
	return full.discreet(a), nil
}

// refuse records what was refused, and tells the actor no more than that.
func (s *Service) refuse(ctx context.Context, a auth.Actor, action string, m Meeting) error {
	by := a.Change(s.now(), action, "meeting", string(m.ID))
	by.Entry.Team = m.Team
	return audit.Refuse(ctx, s.store, "meetings."+action, by, "Vous ne pouvez pas faire ceci pour cette équipe.")
}

// change starts the record of something done to a meeting, with its event.
func (s *Service) change(a auth.Actor, action string, m Meeting, kinds ...event.Kind) audit.Change {
	now := s.now()
	by := a.Change(now, action, "meeting", string(m.ID))
	by.Entry.Team = m.Team
	for _, k := range kinds {
		e := a.Event(now, k)
		e.Team, e.Meeting = m.Team, m.ID
		if m.Linked() {
			e.Series = m.Series
		}
		by.Events = append(by.Events, e)
	}
	return by
}
