package store

import (
	"context"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// concernQuery finds whom the scheduled cases of a meeting are about, through
// the patients' active plans in the meeting's team.
const concernQuery = `
	SELECT c.case_id, p.id, p.title, p.given, p.family, p.profession FROM (
		SELECT i.id AS case_id, i.position AS position, pl.referent AS who
		FROM agenda_item i JOIN plan pl ON pl.patient = i.patient AND pl.team = i.team AND pl.status = 'active'
		WHERE i.org = $1 AND i.meeting = $2 AND i.status = 'scheduled' AND NOT i.standard
		UNION SELECT i.id, i.position, o.owner
		FROM agenda_item i JOIN plan pl ON pl.patient = i.patient AND pl.team = i.team AND pl.status = 'active'
			JOIN objective o ON o.plan = pl.id AND o.lifecycle NOT IN ('completed', 'cancelled')
		WHERE i.org = $1 AND i.meeting = $2 AND i.status = 'scheduled' AND NOT i.standard
		UNION SELECT i.id, i.position, a.owner
		FROM agenda_item i JOIN plan pl ON pl.patient = i.patient AND pl.team = i.team AND pl.status = 'active'
			JOIN action a ON a.plan = pl.id AND a.status IN ('requested', 'in-progress')
		WHERE i.org = $1 AND i.meeting = $2 AND i.status = 'scheduled' AND NOT i.standard
	) AS c JOIN professional p ON p.id = c.who
	ORDER BY c.position, c.case_id, p.family, p.given, p.id`

// Concerns reads whom the scheduled cases of a meeting are about: the referents
// of their active plans, and who is in charge of what is open in them.
func (s *Store) Concerns(ctx context.Context, org id.Org, m id.Meeting) ([]agenda.Concern, error) {
	rows, err := s.read.QueryContext(ctx, concernQuery, org, m)
	all, err := collect(rows, err, func(r scanner) (c agenda.Concern, err error) {
		var p auth.Professional
		err = r.Scan(&c.Case, &p.ID, &p.Title, &p.Given, &p.Family, &c.Profession)
		c.Professional, c.Name = p.ID, p.Name()
		return c, err
	})
	return all, fault.Wrap("store.Concerns", err)
}
