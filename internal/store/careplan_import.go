package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// ApplyImport writes one patient's part of a batch in one transaction. When
// another import creates the same patient at the same moment, it is tried
// again and finds what the other made. An import that changes nothing leaves
// no entry and no event: the service's own entry tells that it was tried.
func (s *Store) ApplyImport(ctx context.Context, t careplan.Target, part careplan.Batch, by audit.Change) (careplan.Report, error) {
	var report careplan.Report
	var err error
	for range 4 {
		if report, err = s.applyImport(ctx, t, part, by); !fault.Is(err, fault.Conflict) {
			break
		}
	}
	return report, fault.Wrap("store.ApplyImport", err)
}

func (s *Store) applyImport(ctx context.Context, t careplan.Target, part careplan.Batch, by audit.Change) (careplan.Report, error) {
	var w *importer
	var events []event.Event
	err := s.retry(ctx, func() error {
		w = &importer{target: t, part: clone(part), at: micro(by.Entry.At)}
		events = nil
		return s.tx(ctx, func(tx *sql.Tx) error {
			w.tx = tx
			if err := w.run(ctx); err != nil {
				return err
			}
			if !w.report.Changed() && !w.circleChanged {
				return nil
			}
			e := by.Entry
			e.ObjectID, e.Patient = string(w.patient.ID), w.patient.ID
			for _, v := range by.Events {
				v.Patient, v.Team = w.patient.ID, t.Team
				events = append(events, v)
			}
			if err := insertEvents(ctx, tx, events); err != nil {
				return err
			}
			return s.insertAudit(ctx, tx, e)
		})
	})
	if err != nil {
		return careplan.Report{}, mapError(err)
	}
	if len(events) > 0 {
		s.notify(events)
	}
	return w.report, nil
}

// clone copies the lists that linking professionals writes to.
func clone(b careplan.Batch) careplan.Batch {
	b.Plans, b.Objectives, b.Actions = slices.Clone(b.Plans), slices.Clone(b.Objectives), slices.Clone(b.Actions)
	return b
}

// importer is one run of ApplyImport.
type importer struct {
	tx      *sql.Tx
	target  careplan.Target
	part    careplan.Batch
	at      time.Time
	report  careplan.Report
	patient careplan.Patient

	known      map[string]id.Professional // by RPPS or address
	refs       map[refKey]ref
	file       careplan.File                 // as it was before
	plans      map[careplan.Key]id.Plan      // of this patient, old and new
	objectives map[careplan.Key]id.Objective // the same
	teams      map[id.Plan]id.Team

	circleChanged bool
}

type refKey struct {
	kind string
	key  careplan.Key
}

// ref is what external_ref knows of a source resource.
type ref struct {
	local string
	mark  careplan.Mark
}

func (w *importer) run(ctx context.Context) error {
	if err := teamOfOrg(ctx, w.tx, w.target.Org, w.target.Team); err != nil {
		return err
	}
	w.refs = map[refKey]ref{}
	if refused, err := w.sameWorld(ctx); err != nil || refused {
		return err
	}
	if refused, err := w.findPatient(ctx); err != nil || refused {
		return err
	}
	if err := w.findKnown(ctx); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		w.writePlans, w.writeObjectives, w.writeActions, w.writeEvents, w.writeCircle,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// sameWorld refuses patients from outside for a training team, and fictional
// ones for any other.
func (w *importer) sameWorld(ctx context.Context) (refused bool, err error) {
	var training bool
	if w.target.Team != "" {
		if err := w.tx.QueryRowContext(ctx, `SELECT training FROM team WHERE id = $1`, w.target.Team).Scan(&training); err != nil {
			return false, err
		}
	}
	switch {
	case training && !w.target.Fictional:
		return w.refuse("Une équipe de formation ne reçoit aucun import : ses patients fictifs se créent depuis sa page.")
	case w.target.Fictional && !training:
		return w.refuse("Les patients fictifs ne vont que dans une équipe de formation.")
	}
	return false, nil
}

// findPatient recognises the patient by their keys, or creates them. It
// refuses the whole part when the keys name nobody, several people, or
// somebody else.
func (w *importer) findPatient(ctx context.Context) (refused bool, err error) {
	keys := w.patientKeys()
	found, err := w.patientsByKey(ctx, keys)
	if err != nil {
		return false, err
	}
	var who id.Patient
	for _, k := range keys {
		if p := found[k]; p != "" && who == "" {
			who = p
		} else if p != "" && p != who {
			return w.refuse("Les identifiants du patient désignent plusieurs personnes déjà connues.")
		}
	}
	if who == "" {
		if len(w.part.Patients) == 0 {
			return w.refuse("Le patient n’est pas connu de RCP.")
		}
		return false, w.createPatient(ctx, keys)
	}
	if seen, err := w.inSight(ctx, who); err != nil || !seen {
		w.report.Withheld = append(w.report.Withheld, who)
		w.report.RefuseAll(w.part, "Ce dossier ne peut pas être importé par vous : demandez à un administrateur.")
		return true, err
	}
	if w.file, err = patientFile(ctx, w.tx, w.target.Org, who); err != nil {
		return false, err
	}
	w.patient = w.file.Patient
	if len(w.part.Patients) == 0 {
		return false, nil
	}
	source := w.part.Patients[0]
	for _, k := range keys {
		if found[k] != "" && !source.SamePerson(w.patient, k) {
			return w.refuse("Une autre personne porte déjà cet identifiant.")
		}
	}
	return false, w.mergePatient(ctx, source, keys, found)
}

// inSight reports whether the import may touch a patient whom RCP knows.
func (w *importer) inSight(ctx context.Context, p id.Patient) (seen bool, err error) {
	within := w.target.Within
	if within == nil {
		return true, nil
	}
	args := []any{p, within.Who, within.On}
	err = w.tx.QueryRowContext(ctx, `
		SELECT `+inCircle(2, 3)+`
			OR EXISTS (SELECT 1 FROM plan l WHERE l.patient = p.id AND l.team IN `+in(&args, within.Teams)+`)
			OR NOT EXISTS (SELECT 1 FROM plan l WHERE l.patient = p.id AND l.team IS NOT NULL)
				AND NOT EXISTS (SELECT 1 FROM circle o WHERE o.patient = p.id)
		FROM patient p WHERE p.id = $1`, args...).Scan(&seen)
	return seen, err
}

func (w *importer) refuse(reason string) (bool, error) {
	w.report.RefuseAll(w.part, reason)
	return true, nil
}

func (w *importer) patientKeys() []careplan.Key {
	switch p := w.part; {
	case len(p.Patients) > 0:
		return p.Patients[0].Keys
	case len(p.Plans) > 0:
		return []careplan.Key{p.Plans[0].Patient}
	case len(p.Objectives) > 0:
		return []careplan.Key{p.Objectives[0].Patient}
	case len(p.Actions) > 0:
		return []careplan.Key{p.Actions[0].Patient}
	case len(p.Events) > 0:
		return []careplan.Key{p.Events[0].Patient}
	case len(p.Circle) > 0:
		return []careplan.Key{p.Circle[0].Patient}
	}
	return nil
}

func (w *importer) patientsByKey(ctx context.Context, keys []careplan.Key) (map[careplan.Key]id.Patient, error) {
	found := map[careplan.Key]id.Patient{}
	for chunk := range slices.Chunk(keys, 500) {
		args := []any{w.target.Org}
		rows, err := w.tx.QueryContext(ctx, `
			SELECT system, value, patient FROM patient_identifier WHERE org = $1 AND (system, value) IN `+pairs(&args, chunk), args...)
		type row struct {
			key careplan.Key
			p   id.Patient
		}
		all, err := collect(rows, err, func(r scanner) (v row, err error) { return v, r.Scan(&v.key.System, &v.key.Value, &v.p) })
		if err != nil {
			return nil, err
		}
		for _, v := range all {
			found[v.key] = v.p
		}
	}
	return found, nil
}

// pairs is "(VALUES ($n, $m), …)" for keys, appended to args.
func pairs(args *[]any, keys []careplan.Key) string {
	parts := make([]string, len(keys))
	for i, k := range keys {
		*args = append(*args, k.System, k.Value)
		parts[i] = fmt.Sprintf("($%d, $%d)", len(*args)-1, len(*args))
	}
	return "(VALUES " + strings.Join(parts, ", ") + ")"
}

func (w *importer) createPatient(ctx context.Context, keys []careplan.Key) error {
	source := w.part.Patients[0]
	p := source.Patient
	p.ID, p.Org, p.Version, p.Created, p.Updated = id.New[id.Patient](), w.target.Org, 1, w.at, w.at
	p.Fictional = w.target.Fictional
	w.patient = p
	if err := insertPatient(ctx, w.tx, p); err != nil {
		return err
	}
	if err := w.addIdentifiers(ctx, keys, nil); err != nil {
		return err
	}
	w.report.Count("patient", careplan.Created)
	return w.saveRef(ctx, "patient", keys[0], string(p.ID), source.Mark())
}

func (w *importer) mergePatient(ctx context.Context, source careplan.SourcePatient, keys []careplan.Key, found map[careplan.Key]id.Patient) error {
	if err := w.addIdentifiers(ctx, keys, found); err != nil {
		return err
	}
	if err := w.loadRefs(ctx, "patient", keys[:1]); err != nil {
		return err
	}
	was := w.refs[refKey{"patient", keys[0]}].mark
	mark := source.Mark()
	if was == mark {
		w.report.Count("patient", careplan.Unchanged)
		return nil
	}
	m := source.Merge(w.patient, was)
	w.report.Warn(source.Place, m.Warning)
	if m.Changed {
		m.Row.Updated = w.at
		if err := updatePatient(ctx, w.tx, m.Row); err != nil {
			return err
		}
		w.patient = m.Row
	}
	w.count("patient", m.Changed)
	return w.saveRef(ctx, "patient", keys[0], string(w.patient.ID), mark)
}

func (w *importer) count(kind string, changed bool) {
	if changed {
		w.report.Count(kind, careplan.Updated)
		return
	}
	w.report.Count(kind, careplan.Unchanged)
}

func (w *importer) addIdentifiers(ctx context.Context, keys []careplan.Key, found map[careplan.Key]id.Patient) error {
	for _, k := range keys {
		if found[k] != "" {
			continue
		}
		_, err := w.tx.ExecContext(ctx, `INSERT INTO patient_identifier (org, system, value, patient) VALUES ($1, $2, $3, $4)`,
			w.target.Org, k.System, k.Value, w.patient.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// findKnown reads what the part refers to: the professionals, and the rows
// that its resources made before.
func (w *importer) findKnown(ctx context.Context) error {
	if err := w.findProfessionals(ctx); err != nil {
		return err
	}
	for kind, keys := range w.part.Keys() {
		if err := w.loadRefs(ctx, kind, keys); err != nil {
			return err
		}
	}
	w.plans, w.objectives, w.teams = map[careplan.Key]id.Plan{}, map[careplan.Key]id.Objective{}, map[id.Plan]id.Team{}
	for _, p := range w.file.Plans {
		w.teams[p.ID] = p.Team
	}
	return nil
}

// findProfessionals recognises by RPPS, and by an address when one
// professional of the organisation alone has it.
func (w *importer) findProfessionals(ctx context.Context) error {
	w.known = map[string]id.Professional{}
	numbers, addresses := w.part.Owners()
	if err := w.findBy(ctx, "rpps", numbers); err != nil {
		return err
	}
	if err := w.findBy(ctx, "lower(email)", addresses); err != nil {
		return err
	}
	w.part.Link(w.known)
	return nil
}

// findBy adds the professionals with one of the values to those known; a value
// that two of them have names nobody.
func (w *importer) findBy(ctx context.Context, column string, values []string) error {
	if len(values) == 0 {
		return nil
	}
	args := []any{w.target.Org}
	rows, err := w.tx.QueryContext(ctx, `SELECT `+column+`, min(id) FROM professional
		WHERE org = $1 AND `+column+` IN `+in(&args, values)+` GROUP BY `+column+` HAVING count(*) = 1`, args...)
	type row struct {
		value string
		id    id.Professional
	}
	all, err := collect(rows, err, func(r scanner) (v row, err error) { return v, r.Scan(&v.value, &v.id) })
	for _, v := range all {
		w.known[v.value] = v.id
	}
	return err
}

func (w *importer) loadRefs(ctx context.Context, kind string, keys []careplan.Key) error {
	for chunk := range slices.Chunk(keys, 500) {
		args := []any{w.target.Org, kind}
		rows, err := w.tx.QueryContext(ctx, `
			SELECT system, value, local_id, content_hash FROM external_ref
			WHERE org = $1 AND kind = $2 AND (system, value) IN `+pairs(&args, chunk), args...)
		if err != nil {
			return err
		}
		_, err = collect(rows, nil, func(r scanner) (k careplan.Key, err error) {
			var v ref
			var mark string
			err = r.Scan(&k.System, &k.Value, &v.local, &mark)
			v.mark = careplan.ParseMark(mark)
			w.refs[refKey{kind, k}] = v
			return k, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *importer) saveRef(ctx context.Context, kind string, k careplan.Key, local string, m careplan.Mark) error {
	_, err := w.tx.ExecContext(ctx, `
		INSERT INTO external_ref (org, kind, system, value, local_id, content_hash) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (org, kind, system, value) DO UPDATE SET content_hash = excluded.content_hash`,
		w.target.Org, kind, k.System, k.Value, local, m.String())
	return err
}
