package agenda

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Store is what the service needs of the database. Each writing method is one
// transaction: the rows, the audit entry and the events of the Change.
type Store interface {
	MeetingByID(ctx context.Context, org id.Org, m id.Meeting) (meetings.Full, error)
	// Candidates reads every patient of the team with at least one possible
	// reason in the window; its time follows those due, not those stored.
	Candidates(ctx context.Context, org id.Org, team id.Team, w Window) ([]Candidate, error)
	CandidateOf(ctx context.Context, org id.Org, team id.Team, p id.Patient, w Window) (Candidate, error)
	// InCircle returns which of the patients the professional cares for on the day.
	InCircle(ctx context.Context, org id.Org, who id.Professional, patients []id.Patient, on date.Date) (map[id.Patient]bool, error)
	AgendaItems(ctx context.Context, org id.Org, m id.Meeting) ([]Item, error)
	CaseByID(ctx context.Context, org id.Org, c id.Case) (Item, error)
	// Concerns reads whom the scheduled cases of a meeting are about: the
	// referents of their active plans, who is in charge of what is open.
	Concerns(ctx context.Context, org id.Org, m id.Meeting) ([]Concern, error)
	// SaveAgenda upserts the given items of one meeting (Version 0: new) unless
	// it is signed or cancelled; requests of scheduled and discussed patients
	// become placed, those of the others wait again. The edit before can no
	// longer be undone.
	SaveAgenda(ctx context.Context, org id.Org, m id.Meeting, items []Item, by audit.Change) error
	// SaveEdit is SaveAgenda of an edit that can be undone, until the next one;
	// fault.Conflict once the meeting began.
	SaveEdit(ctx context.Context, org id.Org, m id.Meeting, items []Item, e Edit, by audit.Change) error
	// LastEdit reads the edit that can be undone; fault.NotFound without one.
	LastEdit(ctx context.Context, org id.Org, m id.Meeting) (Edit, error)
	// UndoEdit is SaveAgenda that takes back the edit; fault.Conflict when that
	// is not the last one any more, or the meeting began.
	UndoEdit(ctx context.Context, org id.Org, m id.Meeting, items []Item, e Edit, by audit.Change) error
	Requests(ctx context.Context, f RequestFilter) (items []Request, next string, err error)
	RequestByID(ctx context.Context, org id.Org, r id.Request) (Request, error)
	SaveRequest(ctx context.Context, r Request, by audit.Change) error // insert when Version is 0
	// RequestsAbout reads the requests of a meeting's team that are about
	// patients on its agenda and stand on it, or wait.
	RequestsAbout(ctx context.Context, org id.Org, m id.Meeting) ([]Request, error)
	OutsideStore
	// Queue reads what waits for a place: requests, and those from outside
	// whose patient nobody named yet.
	Queue(ctx context.Context, org id.Org, team id.Team) ([]Queued, error)
	// NextMeeting reads the team's first meeting after an instant that will take
	// place; fault.NotFound when none is planned.
	NextMeeting(ctx context.Context, org id.Org, team id.Team, after time.Time) (meetings.Meeting, error)
	Settings(ctx context.Context, org id.Org, team id.Team) (Settings, error)
	SaveSettings(ctx context.Context, org id.Org, team id.Team, s Settings, by audit.Change) error
	References(ctx context.Context, org id.Org, team id.Team) ([]Reference, error) // newest first, the retired ones last
	ReferenceByID(ctx context.Context, org id.Org, r id.Reference) (Reference, error)
	AddReference(ctx context.Context, r Reference, by audit.Change) error
	RetireReference(ctx context.Context, org id.Org, r id.Reference, at time.Time, by audit.Change) error
	TeamByID(ctx context.Context, org id.Org, team id.Team) (meetings.Team, error)
	// Lasted reads how long the cases of the team's last meetings before an
	// instant took, newest first.
	Lasted(ctx context.Context, org id.Org, team id.Team, before time.Time) ([]Lasted, error)
	Audit(ctx context.Context, by audit.Change) error
}

// Window is what a drafting looks at: Due is the last day a review may be due
// on, Today the drafting day that lateness is counted from, Events the first
// day whose events count and Ahead the last. Plans that end until Ending,
// objectives stable since Stalled or before, decisions closed as not done from
// NotDone on and drafts of plans made before Drafted count; a zero day is of a
// rule that is switched off. Deferrals and discussions are those of meetings
// that start before Starts.
type Window struct {
	Meeting id.Meeting
	Starts  time.Time
	Due     date.Date
	Today   date.Date
	Events  date.Date
	Ahead   date.Date
	Ending  date.Date
	Stalled date.Date
	NotDone date.Date
	Drafted time.Time
}

// RequestFilter selects requests, newest first: all of Teams, and of Mine only
// those that Who made or whose patient Who cares for on the day On.
type RequestFilter struct {
	Org    id.Org
	All    bool // every team: the system actor
	Teams  []id.Team
	Mine   []id.Team
	Who    id.Professional
	On     date.Date
	Status []RequestStatus
	After  string
	Limit  int
}

// Service is the agenda's rules around the store.
type Service struct {
	store    Store
	patients *careplan.Service
	now      func() time.Time
}

// NewService returns a service; patients decides who may see whom.
func NewService(store Store, patients *careplan.Service, now func() time.Time) *Service {
	return &Service{store: store, patients: patients, now: now}
}
