package store

import (
	"context"
	"slices"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/id"
)

const otherPerson = "Cet identifiant est déjà celui d’une autre personne."

func (w *importer) writePlans(ctx context.Context) error {
	for _, src := range w.part.Plans {
		known, mark := w.refs[refKey{"plan", src.Key}], src.Mark()
		local := id.Plan(known.local)
		if local == "" {
			p := src.Plan
			p.ID, p.Org, p.Patient, p.Team, p.Updated = id.New[id.Plan](), w.target.Org, w.patient.ID, w.target.Team, w.at
			if err := insertPlan(ctx, w.tx, p); err != nil {
				return err
			}
			if err := setExpectations(ctx, w.tx, p.ID, p.Expectations); err != nil {
				return err
			}
			w.teams[p.ID], w.plans[src.Key] = p.Team, p.ID
			w.report.Count("plan", careplan.Created)
			if err := w.saveRef(ctx, "plan", src.Key, string(p.ID), mark); err != nil {
				return err
			}
			continue
		}
		i := slices.IndexFunc(w.file.Plans, func(p careplan.Plan) bool { return p.ID == local })
		if i < 0 {
			w.report.Refuse("plan", src.Place, otherPerson)
			continue
		}
		w.plans[src.Key] = local
		if known.mark == mark {
			w.report.Count("plan", careplan.Unchanged)
			continue
		}
		m := src.Merge(w.file.Plans[i], known.mark)
		w.report.Warn(src.Place, m.Warning)
		if m.Changed {
			m.Row.Updated = w.at
			if err := updatePlan(ctx, w.tx, m.Row); err != nil {
				return err
			}
		}
		if known.mark.Described != mark.Described {
			if err := setExpectations(ctx, w.tx, local, src.Plan.Expectations); err != nil {
				return err
			}
		}
		w.count("plan", m.Changed)
		if err := w.saveRef(ctx, "plan", src.Key, known.local, mark); err != nil {
			return err
		}
	}
	return nil
}

func (w *importer) writeObjectives(ctx context.Context) error {
	for _, src := range w.part.Objectives {
		plan, ok := w.plans[src.Plan]
		if !ok {
			w.report.Refuse("objective", src.Place, "Le plan de l’objectif a été refusé.")
			continue
		}
		src.Objective.Plan = plan
		if err := w.writeObjective(ctx, src); err != nil {
			return err
		}
	}
	return nil
}

func (w *importer) writeObjective(ctx context.Context, src careplan.SourceObjective) error {
	known, mark := w.refs[refKey{"objective", src.Key}], src.Mark()
	local := id.Objective(known.local)
	if local == "" {
		o := src.Objective
		o.ID, o.Org, o.Patient, o.Updated = id.New[id.Objective](), w.target.Org, w.patient.ID, w.at
		w.objectives[src.Key] = o.ID
		w.report.Count("objective", careplan.Created)
		if err := insertObjective(ctx, w.tx, o, w.teams[o.Plan]); err != nil {
			return err
		}
		return w.saveRef(ctx, "objective", src.Key, string(o.ID), mark)
	}
	i := slices.IndexFunc(w.file.Objectives, func(o careplan.Objective) bool { return o.ID == local })
	if i < 0 {
		w.report.Refuse("objective", src.Place, otherPerson)
		return nil
	}
	w.objectives[src.Key] = local
	if known.mark == mark {
		w.report.Count("objective", careplan.Unchanged)
		return nil
	}
	m := src.Merge(w.file.Objectives[i], known.mark)
	w.report.Warn(src.Place, m.Warning)
	if m.Changed {
		m.Row.Updated = w.at
		if err := updateObjective(ctx, w.tx, m.Row); err != nil {
			return err
		}
	}
	w.count("objective", m.Changed)
	return w.saveRef(ctx, "objective", src.Key, known.local, mark)
}

func (w *importer) writeActions(ctx context.Context) error {
	for _, src := range w.part.Actions {
		plan, ok := w.plans[src.Plan]
		if !ok {
			w.report.Refuse("action", src.Place, "Le plan de l’action a été refusé.")
			continue
		}
		src.Action.Plan, src.Action.Objective = plan, w.objectives[src.Objective]
		if err := w.writeAction(ctx, src); err != nil {
			return err
		}
	}
	return nil
}

func (w *importer) writeAction(ctx context.Context, src careplan.SourceAction) error {
	known, mark := w.refs[refKey{"action", src.Key}], src.Mark()
	local := id.Action(known.local)
	if local == "" {
		a := src.Action
		a.ID, a.Org, a.Patient, a.Updated = id.New[id.Action](), w.target.Org, w.patient.ID, w.at
		w.report.Count("action", careplan.Created)
		if err := insertAction(ctx, w.tx, a, w.teams[a.Plan]); err != nil {
			return err
		}
		return w.saveRef(ctx, "action", src.Key, string(a.ID), mark)
	}
	i := slices.IndexFunc(w.file.Actions, func(a careplan.Action) bool { return a.ID == local })
	if i < 0 {
		w.report.Refuse("action", src.Place, otherPerson)
		return nil
	}
	if known.mark == mark {
		w.report.Count("action", careplan.Unchanged)
		return nil
	}
	m := src.Merge(w.file.Actions[i], known.mark)
	w.report.Warn(src.Place, m.Warning)
	if m.Changed {
		m.Row.Updated = w.at
		if err := updateAction(ctx, w.tx, m.Row); err != nil {
			return err
		}
	}
	w.count("action", m.Changed)
	return w.saveRef(ctx, "action", src.Key, known.local, mark)
}

func (w *importer) writeEvents(ctx context.Context) error {
	for _, src := range w.part.Events {
		known, mark := w.refs[refKey{"event", src.Key}], src.Mark()
		if known.local == "" {
			e := src.Event
			e.ID, e.Org, e.Patient = string(id.New[id.Event]()), w.target.Org, w.patient.ID
			if err := insertPatientEvent(ctx, w.tx, e); err != nil {
				return err
			}
			w.report.Count("event", careplan.Created)
			if err := w.saveRef(ctx, "event", src.Key, e.ID, mark); err != nil {
				return err
			}
			continue
		}
		i := slices.IndexFunc(w.file.Events, func(e careplan.PatientEvent) bool { return e.ID == known.local })
		switch {
		case i < 0:
			w.report.Refuse("event", src.Place, otherPerson)
			continue
		case known.mark == mark:
			w.report.Count("event", careplan.Unchanged)
			continue
		}
		m := src.Merge(w.file.Events[i], known.mark)
		if err := updatePatientEvent(ctx, w.tx, m.Row); err != nil {
			return err
		}
		w.count("event", m.Changed)
		if err := w.saveRef(ctx, "event", src.Key, known.local, mark); err != nil {
			return err
		}
	}
	return nil
}

// writeCircle adds the professionals whom RCP knows, and the plans' referents.
// It ends a membership that the source has ended; it never widens one.
func (w *importer) writeCircle(ctx context.Context) error {
	members := make([]careplan.CircleMember, 0, len(w.part.Circle))
	for _, c := range w.part.Circle {
		members = append(members, careplan.CircleMember{
			Professional: w.known[c.Professional.Value], Role: c.Role, From: c.From, Until: c.Until,
		})
	}
	for _, p := range w.part.Plans {
		members = append(members, careplan.CircleMember{Professional: p.Plan.Referent, Role: "referent"})
	}
	for _, m := range members {
		if m.Professional == "" {
			continue
		}
		res, err := w.tx.ExecContext(ctx, `
			INSERT INTO circle (patient, professional, role, from_day, until_day) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (patient, professional) DO UPDATE SET until_day = excluded.until_day
				WHERE excluded.until_day IS NOT NULL AND circle.until_day IS NULL`,
			w.patient.ID, m.Professional, m.Role, m.From, m.Until)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		w.circleChanged = w.circleChanged || n > 0
	}
	return nil
}
