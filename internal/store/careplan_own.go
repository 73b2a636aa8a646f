package store

import (
	"context"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// OwnActions reads somebody's open actions due up to a day, of the living
// patients in whose care circle they are, oldest due first. Of an action it
// reads what a list shows.
func (s *Store) OwnActions(ctx context.Context, org id.Org, who id.Professional, on, until date.Date, limit int,
) ([]careplan.OwnAction, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT a.id, a.org, a.plan, a.patient, a.title, a.status, a.due, a.version, `+patientColumns+`
		FROM action a JOIN patient p ON p.id = a.patient
		WHERE a.owner = $1 AND a.org = $2 AND a.status IN ('requested', 'in-progress') AND a.due <= $4
			AND NOT p.deceased AND `+inCircle(1, 3)+`
		ORDER BY a.due, a.id LIMIT $5`, who, org, on, until, limit)
	all, err := collect(rows, err, func(r scanner) (o careplan.OwnAction, err error) {
		a := &o.Action
		fields := []any{&a.ID, &a.Org, &a.Plan, &a.Patient, &a.Title, &a.Status, &a.Due, &a.Version}
		return o, r.Scan(append(fields, patientFields(&o.Patient)...)...)
	})
	return all, fault.Wrap("store.OwnActions", err)
}
