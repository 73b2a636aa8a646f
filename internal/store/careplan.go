package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// The store serves the care plans.
var _ careplan.Store = (*Store)(nil)

// patientColumns are what scanPatient reads, of a patient aliased p.
const patientColumns = `p.id, p.org, p.ipp, p.birth_family, p.birth_given, p.birth_names, p.used_family, p.used_given,
	p.sex, p.birth_date, p.birth_place, p.ins, p.ins_oid, p.ins_key_valid, p.identity, p.deceased, p.deceased_on,
	p.sharing, p.sharing_on, p.informed, p.language, p.fictional, p.version, p.created, p.updated`

// patientFields returns where the columns of patientColumns go.
func patientFields(p *careplan.Patient) []any {
	return []any{
		&p.ID, &p.Org, &p.IPP, &p.BirthFamily, &p.BirthGiven, &p.BirthNames, &p.UsedFamily, &p.UsedGiven,
		&p.Sex, &p.BirthDate, &p.BirthPlace, &p.INS.Matricule, &p.INS.OID, &p.INS.KeyValid, &p.Identity, &p.Deceased,
		&p.DeceasedOn, &p.Sharing, &p.SharingOn, &p.Informed, &p.Language, &p.Fictional, &p.Version, &p.Created, &p.Updated,
	}
}

func scanPatient(r scanner) (p careplan.Patient, err error) {
	err = r.Scan(patientFields(&p)...)
	p.Created, p.Updated = p.Created.UTC(), p.Updated.UTC()
	return p, err
}

const planColumns = `id, org, patient, COALESCE(team, ''), title, description, category, status, start_day, end_day,
	COALESCE(referent, ''), referent_name, review_interval, last_review, next_review,
	COALESCE(protocol, ''), protocol_version, version, created, updated`

func scanPlan(r scanner) (p careplan.Plan, err error) {
	err = r.Scan(&p.ID, &p.Org, &p.Patient, &p.Team, &p.Title, &p.Description, &p.Category, &p.Status, &p.Start, &p.End,
		&p.Referent, &p.ReferentName, &p.ReviewInterval, &p.LastReview, &p.NextReview,
		&p.Protocol, &p.ProtocolVersion, &p.Version, &p.Created, &p.Updated)
	p.Created, p.Updated = p.Created.UTC(), p.Updated.UTC()
	return p, err
}

const objectiveColumns = `id, org, plan, patient, title, description, domain, expected, start_day, due,
	COALESCE(owner, ''), owner_name, lifecycle, achievement, achievement_on, patient_view, strategy, position,
	version, created, updated`

func scanObjective(r scanner) (o careplan.Objective, err error) {
	err = r.Scan(&o.ID, &o.Org, &o.Plan, &o.Patient, &o.Title, &o.Description, &o.Domain, &o.Expected, &o.Start, &o.Due,
		&o.Owner, &o.OwnerName, &o.Lifecycle, &o.Achievement, &o.AchievementOn, &o.PatientView, &o.Strategy, &o.Position,
		&o.Version, &o.Created, &o.Updated)
	o.Created, o.Updated = o.Created.UTC(), o.Updated.UTC()
	return o, err
}

const actionColumns = `id, org, plan, patient, COALESCE(objective, ''), title, description, COALESCE(owner, ''), owner_name,
	status, outcome, reason, note, start_day, due, done_on, COALESCE(case_id, ''), version, created, updated`

func scanAction(r scanner) (a careplan.Action, err error) {
	err = r.Scan(&a.ID, &a.Org, &a.Plan, &a.Patient, &a.Objective, &a.Title, &a.Description, &a.Owner, &a.OwnerName,
		&a.Status, &a.Outcome, &a.Reason, &a.Note, &a.Start, &a.Due, &a.DoneOn, &a.Case, &a.Version, &a.Created, &a.Updated)
	a.Created, a.Updated = a.Created.UTC(), a.Updated.UTC()
	return a, err
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// PatientFile reads everything of one patient.
func (s *Store) PatientFile(ctx context.Context, org id.Org, p id.Patient) (careplan.File, error) {
	f, err := patientFile(ctx, s.read, org, p)
	return f, fault.Wrap("store.PatientFile", mapErrorOrNil(err))
}

func patientFile(ctx context.Context, q querier, org id.Org, p id.Patient) (f careplan.File, err error) {
	f.Patient, err = scanPatient(q.QueryRowContext(ctx,
		`SELECT `+patientColumns+` FROM patient p WHERE p.id = $1 AND p.org = $2`, p, org))
	if err != nil {
		return f, err
	}
	rows, err := q.QueryContext(ctx, `
		SELECT system, value FROM patient_identifier WHERE patient = $1 ORDER BY system, value`, p)
	f.Patient.Identifiers, err = collect(rows, err, func(r scanner) (i careplan.Identifier, err error) {
		return i, r.Scan(&i.System, &i.Value)
	})
	if err != nil {
		return f, err
	}
	if f.Plans, err = plansOf(ctx, q, p); err != nil {
		return f, err
	}
	if f.Objectives, err = objectivesOf(ctx, q, p); err != nil {
		return f, err
	}
	if f.Actions, err = actionsOf(ctx, q, p); err != nil {
		return f, err
	}
	if f.Events, err = eventsOf(ctx, q, p); err != nil {
		return f, err
	}
	rows, err = q.QueryContext(ctx, `
		SELECT patient, professional, role, from_day, until_day FROM circle WHERE patient = $1 ORDER BY role, professional`, p)
	f.Circle, err = collect(rows, err, func(r scanner) (c careplan.CircleMember, err error) {
		return c, r.Scan(&c.Patient, &c.Professional, &c.Role, &c.From, &c.Until)
	})
	return f, err
}

// plansOf reads a patient's plans, the active ones first, with what the
// patient expects.
func plansOf(ctx context.Context, q querier, p id.Patient) ([]careplan.Plan, error) {
	rows, err := q.QueryContext(ctx, `SELECT `+planColumns+` FROM plan WHERE patient = $1
		ORDER BY CASE status WHEN 'active' THEN 0 WHEN 'on-hold' THEN 1 WHEN 'draft' THEN 2 ELSE 3 END, start_day DESC, id`, p)
	plans, err := collect(rows, err, scanPlan)
	if err != nil {
		return nil, err
	}
	rows, err = q.QueryContext(ctx, `
		SELECT e.id, e.plan, e.text, e.origin, e.noted, e.noted_by
		FROM expectation e JOIN plan l ON l.id = e.plan WHERE l.patient = $1 ORDER BY e.id`, p)
	all, err := collect(rows, err, func(r scanner) (e careplan.Expectation, err error) {
		return e, r.Scan(&e.ID, &e.Plan, &e.Text, &e.Origin, &e.On, &e.By)
	})
	for i := range plans {
		for _, e := range all {
			if e.Plan == plans[i].ID {
				plans[i].Expectations = append(plans[i].Expectations, e)
			}
		}
	}
	return plans, err
}

func objectivesOf(ctx context.Context, q querier, p id.Patient) ([]careplan.Objective, error) {
	rows, err := q.QueryContext(ctx,
		`SELECT `+objectiveColumns+` FROM objective WHERE patient = $1 ORDER BY plan, position, id`, p)
	return collect(rows, err, scanObjective)
}

func actionsOf(ctx context.Context, q querier, p id.Patient) ([]careplan.Action, error) {
	rows, err := q.QueryContext(ctx,
		`SELECT `+actionColumns+` FROM action WHERE patient = $1 ORDER BY plan, due, id`, p)
	return collect(rows, err, scanAction)
}

func eventsOf(ctx context.Context, q querier, p id.Patient) ([]careplan.PatientEvent, error) {
	rows, err := q.QueryContext(ctx, `
		SELECT id, org, patient, kind, on_day, text FROM patient_event WHERE patient = $1 ORDER BY on_day DESC, id`, p)
	return collect(rows, err, func(r scanner) (e careplan.PatientEvent, err error) {
		return e, r.Scan(&e.ID, &e.Org, &e.Patient, &e.Kind, &e.On, &e.Text)
	})
}

// inCircle is true of a patient aliased p in whose care circle the
// professional is on the day; both are the numbers of placeholders.
func inCircle(who, on int) string {
	return fmt.Sprintf(`EXISTS (SELECT 1 FROM circle c WHERE c.patient = p.id AND c.professional = $%d
		AND (c.from_day IS NULL OR c.from_day <= $%d) AND (c.until_day IS NULL OR c.until_day >= $%d))`, who, on, on)
}

// Access returns the teams that follow the patient and whether the
// professional is in the care circle on the day.
func (s *Store) Access(ctx context.Context, org id.Org, p id.Patient, who id.Professional, on date.Date) (
	teams []id.Team, circle bool, err error,
) {
	err = s.read.QueryRowContext(ctx, `SELECT `+inCircle(3, 4)+` FROM patient p WHERE p.id = $1 AND p.org = $2`,
		p, org, who, on).Scan(&circle)
	if err != nil {
		return nil, false, fault.Wrap("store.Access", mapError(err))
	}
	rows, err := s.read.QueryContext(ctx,
		`SELECT DISTINCT team FROM plan WHERE patient = $1 AND team IS NOT NULL ORDER BY team`, p)
	teams, err = collect(rows, err, func(r scanner) (t id.Team, err error) { return t, r.Scan(&t) })
	return teams, circle, fault.Wrap("store.Access", err)
}

// SearchPatients lists patients by birth name. The cursor is the last
// patient's id: a name must not stand in an address.
func (s *Store) SearchPatients(ctx context.Context, q careplan.PatientQuery) ([]careplan.Summary, error) {
	query, args := searchQuery(q)
	rows, err := s.read.QueryContext(ctx, query, args...)
	found, err := collect(rows, err, func(r scanner) (v careplan.Summary, err error) {
		err = r.Scan(append(patientFields(&v.Patient), &v.Plan, &v.Team, &v.Referent, &v.NextReview, &v.Closed)...)
		v.Patient.Created, v.Patient.Updated = v.Patient.Created.UTC(), v.Patient.Updated.UTC()
		return v, err
	})
	return found, fault.Wrap("store.SearchPatients", mapErrorOrNil(err))
}

func searchQuery(q careplan.PatientQuery) (string, []any) {
	args := []any{q.Org}
	arg := func(v any) int { args = append(args, v); return len(args) }
	where, active, of := []string{"p.org = $1"}, "", ""
	if !q.All {
		seen := inCircle(arg(q.Who), arg(q.On))
		if len(q.Teams) > 0 {
			seen += ` OR EXISTS (SELECT 1 FROM plan v WHERE v.patient = p.id AND v.team IN ` + in(&args, q.Teams) + `)`
		}
		where = append(where, "("+seen+")")
	}
	if q.Team != "" {
		n := arg(q.Team)
		where = append(where, fmt.Sprintf(`EXISTS (SELECT 1 FROM plan t WHERE t.patient = p.id AND t.team = $%d)`, n))
		active, of = fmt.Sprintf(` AND x.team = $%d`, n), fmt.Sprintf(` AND o.team = $%d`, n)
	}
	terms := careplan.ParseTerms(q.Text)
	if terms.None {
		where = append(where, `1 = 0`)
	}
	for _, w := range terms.Words {
		where = append(where, fmt.Sprintf(`p.search LIKE $%d`, arg("% "+w+"%")))
	}
	if !terms.Birth.IsZero() {
		where = append(where, fmt.Sprintf(`p.birth_date = $%d`, arg(terms.Birth)))
	}
	if q.After != "" {
		where = append(where, fmt.Sprintf(`(p.birth_family, p.birth_given, p.id) >
			(SELECT z.birth_family, z.birth_given, z.id FROM patient z WHERE z.org = $1 AND z.id = $%d)`, arg(q.After)))
	}
	return `
		SELECT ` + patientColumns + `, COALESCE(l.id, ''), COALESCE(l.team, ''), COALESCE(l.referent_name, ''), l.next_review,
			EXISTS (SELECT 1 FROM plan o WHERE o.patient = p.id` + of + `)
			AND NOT EXISTS (SELECT 1 FROM plan o WHERE o.patient = p.id AND o.status NOT IN ('completed', 'revoked')` + of + `)
		FROM patient p LEFT JOIN plan l ON l.id = (
			SELECT x.id FROM plan x WHERE x.patient = p.id AND x.status = 'active'` + active + `
			ORDER BY CASE WHEN x.next_review IS NULL THEN 1 ELSE 0 END, x.next_review, x.id LIMIT 1)
		WHERE ` + strings.Join(where, " AND ") + `
		ORDER BY p.birth_family, p.birth_given, p.id LIMIT ` + fmt.Sprintf("$%d", arg(max(q.Limit, 1))), args
}

// ActionByID reads one action.
func (s *Store) ActionByID(ctx context.Context, org id.Org, a id.Action) (careplan.Action, error) {
	v, err := scanAction(s.read.QueryRowContext(ctx,
		`SELECT `+actionColumns+` FROM action WHERE id = $1 AND org = $2`, a, org))
	return v, fault.Wrap("store.ActionByID", mapErrorOrNil(err))
}

// PlanByID reads one plan, without its expectations.
func (s *Store) PlanByID(ctx context.Context, org id.Org, p id.Plan) (careplan.Plan, error) {
	v, err := scanPlan(s.read.QueryRowContext(ctx,
		`SELECT `+planColumns+` FROM plan WHERE id = $1 AND org = $2`, p, org))
	return v, fault.Wrap("store.PlanByID", mapErrorOrNil(err))
}

// UpdateAction saves what became of an action, when its version is current.
func (s *Store) UpdateAction(ctx context.Context, a careplan.Action, by audit.Change) error {
	return s.change(ctx, "store.UpdateAction", by, func(tx *sql.Tx) error { return updateAction(ctx, tx, a) })
}

// UpdatePatientSharing saves the patient's agreement, when the version is
// current.
func (s *Store) UpdatePatientSharing(ctx context.Context, p careplan.Patient, by audit.Change) error {
	return s.change(ctx, "store.UpdatePatientSharing", by, func(tx *sql.Tx) error {
		return stale(tx.ExecContext(ctx, `
			UPDATE patient SET sharing = $4, sharing_on = $5, informed = $6, updated = $7, version = version + 1
			WHERE id = $1 AND org = $2 AND version = $3`,
			p.ID, p.Org, p.Version, p.Sharing, p.SharingOn, p.Informed, micro(p.Updated)))
	})
}

// AddPatientEvent inserts an event.
func (s *Store) AddPatientEvent(ctx context.Context, e careplan.PatientEvent, by audit.Change) error {
	return s.change(ctx, "store.AddPatientEvent", by, func(tx *sql.Tx) error { return insertPatientEvent(ctx, tx, e) })
}

// AssignPlan gives a plan, its objectives and its actions to a team.
func (s *Store) AssignPlan(ctx context.Context, org id.Org, plan id.Plan, team id.Team, version int, by audit.Change) error {
	return s.change(ctx, "store.AssignPlan", by, func(tx *sql.Tx) error {
		if err := teamOfOrg(ctx, tx, org, team); err != nil {
			return err
		}
		if err := stale(tx.ExecContext(ctx, `
			UPDATE plan SET team = $4, updated = $5, version = version + 1
			WHERE id = $1 AND org = $2 AND version = $3`, plan, org, version, team, micro(s.now()))); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE objective SET team = $2 WHERE plan = $1`, plan, team); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE action SET team = $2 WHERE plan = $1`, plan, team)
		return err
	})
}

// ActivatePlan makes a draft active, and its planned objectives with it.
func (s *Store) ActivatePlan(ctx context.Context, org id.Org, plan id.Plan, version int, by audit.Change) error {
	return s.change(ctx, "store.ActivatePlan", by, func(tx *sql.Tx) error {
		if err := stale(tx.ExecContext(ctx, `
			UPDATE plan SET status = 'active', updated = $4, version = version + 1
			WHERE id = $1 AND org = $2 AND version = $3 AND status = 'draft'`, plan, org, version, micro(s.now()))); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			UPDATE objective SET lifecycle = 'active', updated = $2, version = version + 1
			WHERE plan = $1 AND lifecycle = 'planned'`, plan, micro(s.now()))
		return err
	})
}

// teamOfOrg is fault.NotFound when the team is not the organisation's; no team
// is fine.
func teamOfOrg(ctx context.Context, tx *sql.Tx, org id.Org, team id.Team) error {
	if team == "" {
		return nil
	}
	var one int
	return tx.QueryRowContext(ctx, `SELECT 1 FROM team WHERE id = $1 AND org = $2`, team, org).Scan(&one)
}
