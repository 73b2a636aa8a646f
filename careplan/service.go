package careplan

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
)

// Store is what the service needs of the database. Each writing method is one
// transaction: the rows, the audit entry and the events of the Change.
type Store interface {
	PatientFile(ctx context.Context, org id.Org, p id.Patient) (File, error)
	SearchPatients(ctx context.Context, q PatientQuery) ([]Summary, error)
	// Access returns the teams that follow the patient and whether the
	// professional is in the care circle on the day.
	Access(ctx context.Context, org id.Org, p id.Patient, who id.Professional, on date.Date) (teams []id.Team, circle bool, err error)
	ActionByID(ctx context.Context, org id.Org, a id.Action) (Action, error)
	PlanByID(ctx context.Context, org id.Org, p id.Plan) (Plan, error)
	TaskStore
	FollowStore
	// OwnActions reads somebody's open actions due up to a day, of patients in
	// whose care circle they are on another, oldest due first.
	OwnActions(ctx context.Context, org id.Org, who id.Professional, on, until date.Date, limit int) ([]OwnAction, error)
	UpdateAction(ctx context.Context, a Action, by audit.Change) error
	UpdatePatientSharing(ctx context.Context, p Patient, by audit.Change) error
	AddPatientEvent(ctx context.Context, e PatientEvent, by audit.Change) error
	AssignPlan(ctx context.Context, org id.Org, plan id.Plan, team id.Team, version int, by audit.Change) error
	// ActivatePlan makes a draft active, and its planned objectives with it.
	ActivatePlan(ctx context.Context, org id.Org, plan id.Plan, version int, by audit.Change) error
	// Followed reports whether a team follows any patient.
	Followed(ctx context.Context, org id.Org, team id.Team) (bool, error)
	// ApplyImport writes one patient's part of a batch in one transaction.
	ApplyImport(ctx context.Context, t Target, part Batch, by audit.Change) (Report, error)
	// Audit records a reading or a refusal that changes no row.
	Audit(ctx context.Context, by audit.Change) error
}

// PatientQuery selects patients that the actor may see, by name (accents and
// case folded), birth date or IPP; Team narrows; After is the cursor.
type PatientQuery struct {
	Org   id.Org
	Text  string
	Teams []id.Team       // full sight (secretary, chair)
	Who   id.Professional // plus this person's care circle
	On    date.Date
	Team  id.Team
	All   bool // the system actor
	After string
	Limit int
}

// Service is the care plans' rules around the store.
type Service struct {
	store Store
	now   func() time.Time
}

// NewService returns a service that reads the time from now.
func NewService(store Store, now func() time.Time) *Service {
	return &Service{store: store, now: now}
}

// May reports whether the actor may see the patient today: secretary or chair
// of a team that follows the patient, or member of the care circle.
func (s *Service) May(ctx context.Context, a auth.Actor, p id.Patient) (bool, error) {
	if a.System {
		return true, nil
	}
	teams, circle, err := s.store.Access(ctx, a.Org, p, a.Professional, date.Of(s.now()))
	if err != nil {
		return false, err
	}
	for _, t := range teams {
		if a.In(t, auth.Secretary, auth.Chair) {
			return true, nil
		}
	}
	return circle, nil
}
