package careplan

import (
	"context"
	"fmt"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
)

// OwnAction is an open action of somebody, with the patient it is for.
type OwnAction struct {
	Action  Action
	Patient Patient // identity traits only
}

// OwnActions lists the actor's open actions due up to a day, the latest first:
// those for patients in whose care circle they still are. The audit keeps how
// many were shown.
func (s *Service) OwnActions(ctx context.Context, a auth.Actor, until date.Date, limit int) ([]OwnAction, error) {
	const op = "careplan.OwnActions"
	if a.Professional == "" {
		return nil, nil
	}
	all, err := s.store.OwnActions(ctx, a.Org, a.Professional, date.Of(s.now()), until, limit)
	if err != nil || len(all) == 0 {
		return nil, fault.Wrap(op, err)
	}
	by := a.Change(s.now(), "action.own", "patient", "")
	by.Entry.Detail = fmt.Sprintf("found=%d", len(all))
	return all, fault.Wrap(op, s.store.Audit(ctx, by))
}
