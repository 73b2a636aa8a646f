package careplan

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Task is an open action of somebody without the patient and without its title,
// which may name them: what may stand in a task list outside RCP.
type Task struct {
	ID               id.Action
	Team             string // that follows the plan; empty: none
	Status           ActionStatus
	Due              date.Date
	Created, Updated time.Time
}

// TaskStore is what reading one's own tasks needs of the database.
type TaskStore interface {
	// Tasks reads somebody's open actions that are due some day, of the living
	// patients in whose care circle they are on a day, oldest due first.
	Tasks(ctx context.Context, org id.Org, who id.Professional, on date.Date, limit int) ([]Task, error)
}

const maxTasks = 1000

// Tasks lists the actor's open actions that are due some day, the latest first.
// It tells nothing of a patient, so it leaves no trace: programs ask for it
// every few minutes.
func (s *Service) Tasks(ctx context.Context, a auth.Actor) ([]Task, error) {
	if a.Professional == "" {
		return nil, nil
	}
	all, err := s.store.Tasks(ctx, a.Org, a.Professional, date.Of(s.now()), maxTasks)
	return all, fault.Wrap("careplan.Tasks", err)
}
