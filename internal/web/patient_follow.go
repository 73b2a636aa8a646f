package web

import (
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
)

// follow fills who tells the patient what, and whom the actor may remind of an
// action.
func (s *Server) follow(r *request, v *patientView) error {
	told, err := s.cfg.Patients.Tellings(r.ctx(), r.actor, v.P.ID)
	if err != nil {
		return err
	}
	v.Tell, v.Hows = tellRows(r.lang, told), hows(r.lang, v.Form)
	var owners []id.Professional
	v.eachToRemind(r.actor, func(_ *planView, row *actionRow) { owners = append(owners, row.Owner) })
	last, err := s.cfg.Patients.Reminders(r.ctx(), r.actor, owners)
	v.eachToRemind(r.actor, func(p *planView, row *actionRow) { row.Remind, row.Reminded = p.Team, last[row.Owner] })
	return err
}

// eachToRemind visits the open actions of plans that the actor leads, those
// confided to somebody whom RCP knows.
func (v *patientView) eachToRemind(a auth.Actor, do func(*planView, *actionRow)) {
	for i := range v.Plans {
		p := &v.Plans[i]
		if p.Team == "" || !a.In(p.Team, auth.Secretary, auth.Chair) {
			continue
		}
		for j := range p.Actions {
			if row := &p.Actions[j]; row.Open && row.Owner != "" && row.Owner != a.Professional && !row.farOff(v) {
				do(p, row)
			}
		}
	}
}

// farOff reports whether it is too early to remind of the action.
func (a actionRow) farOff(v *patientView) bool {
	return !a.Due.IsZero() && a.Due.After(v.Today.AddDays(careplan.ComingDays))
}
