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
	// reason on the day; its time follows those due, not those stored.
	Candidates(ctx context.Context, org id.Org, team id.Team, on date.Date) ([]Candidate, error)
	CandidateOf(ctx context.Context, org id.Org, team id.Team, p id.Patient, on date.Date) (Candidate, error)
	AgendaItems(ctx context.Context, org id.Org, m id.Meeting) ([]Item, error)
	CaseByID(ctx context.Context, org id.Org, c id.Case) (Item, error)
	// SaveAgenda upserts the given items of one meeting and marks their requests.
	SaveAgenda(ctx context.Context, org id.Org, m id.Meeting, items []Item, by audit.Change) error
	Requests(ctx context.Context, f RequestFilter) (items []Request, next string, err error)
	SaveRequest(ctx context.Context, r Request, by audit.Change) error
	Audit(ctx context.Context, by audit.Change) error
}

// RequestFilter selects requests.
type RequestFilter struct {
	Org    id.Org
	Teams  []id.Team
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
