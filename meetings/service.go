package meetings

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
)

// Store is what the service needs of the database. Each writing method is one
// transaction: the rows, the audit entry and the events of the Change. Updates
// compare Version (fault.Conflict when somebody was first) and raise it by one.
type Store interface {
	OrgByID(ctx context.Context, org id.Org) (auth.Org, error)
	Teams(ctx context.Context, org id.Org) ([]Team, error) // with members
	TeamByID(ctx context.Context, org id.Org, t id.Team) (Team, error)
	SaveTeam(ctx context.Context, t Team, by audit.Change) error // insert when Version is 0; members replaced
	Professionals(ctx context.Context, org id.Org) ([]auth.Professional, error)
	SaveProfessional(ctx context.Context, p auth.Professional, by audit.Change) error
	SeriesOf(ctx context.Context, org id.Org, teams []id.Team) ([]Series, error) // nil: all
	SeriesByID(ctx context.Context, org id.Org, s id.Series) (Series, error)
	SaveSeries(ctx context.Context, s Series, by audit.Change) error
	Meetings(ctx context.Context, f Filter) (items []Meeting, next string, err error)
	MeetingByID(ctx context.Context, org id.Org, m id.Meeting) (Full, error)
	// CreateMeetings inserts those whose (series, slot) does not exist yet, with
	// one attendance row per member, and returns how many it made.
	CreateMeetings(ctx context.Context, ms []Meeting, by audit.Change) (int, error)
	UpdateMeeting(ctx context.Context, m Meeting, by audit.Change) error
	SaveAttendance(ctx context.Context, org id.Org, m id.Meeting, as []Attendance, by audit.Change) error
	Audit(ctx context.Context, by audit.Change) error
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
}

// SeriesEdit is what a series form sets.
type SeriesEdit struct {
	Team     id.Team
	Weekday  time.Weekday
	Start    string
	Duration time.Duration
	Interval int
	From     date.Date
	Until    date.Date
	Room     string
	URL      string
}
