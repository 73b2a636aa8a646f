package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// dueQuery finds the patients with at least one possible reason, each kind
// through its own partial index, the most pressing 500 of a kind: what is
// stored but not due is never read. What each row must also satisfy is a scalar
// subquery by key, which no planner turns into a reading of the whole team,
// whatever its statistics say.
//
// $1 team, $2 last day a review may be due, $3 drafting day, $4 first day of
// events, $5 last day of plans that end, $6 meeting, $7 its start, $8 a year
// before it, $9 last day of verdicts that stand still, $10 first day of
// decisions closed as not done, $11 drafts of plans are older.
const dueQuery = `
	SELECT patient FROM (SELECT p.patient FROM plan p
		WHERE p.team = $1 AND p.status = 'active' AND p.next_review <= $2 AND ` + reviewable + `
		ORDER BY p.next_review LIMIT 500) AS reviews
	UNION SELECT patient FROM (SELECT p.patient FROM plan p
		WHERE p.team = $1 AND p.status = 'active' AND p.last_review IS NULL AND p.next_review IS NULL AND ` + reviewable + `
		ORDER BY p.created LIMIT 500) AS never
	UNION SELECT patient FROM (SELECT o.patient FROM objective o
		WHERE o.team = $1 AND o.lifecycle NOT IN ('completed', 'cancelled') AND o.due < $3
			AND o.achievement <> 'achieved' AND (SELECT p.status FROM plan p WHERE p.id = o.plan) = 'active'
		ORDER BY o.due LIMIT 500) AS overdue
	UNION SELECT patient FROM (SELECT o.patient FROM objective o
		WHERE o.team = $1 AND o.lifecycle NOT IN ('completed', 'cancelled')
			AND o.achievement IN ('worsening', 'no-progress', 'not-attainable')
			AND (SELECT p.status FROM plan p WHERE p.id = o.plan) = 'active'
		ORDER BY o.achievement_on LIMIT 500) AS risk
	UNION SELECT patient FROM (SELECT a.patient FROM action a
		WHERE a.team = $1 AND a.status IN ('requested', 'in-progress') AND a.due < $3
			AND (SELECT p.status FROM plan p WHERE p.id = a.plan) = 'active'
		ORDER BY a.due LIMIT 500) AS late
	UNION SELECT patient FROM (SELECT o.patient FROM objective o
		WHERE o.team = $1 AND o.lifecycle NOT IN ('completed', 'cancelled') AND o.achievement = 'no-change' AND o.achievement_on <= $9
			AND (SELECT p.status FROM plan p WHERE p.id = o.plan) = 'active'
		ORDER BY o.achievement_on LIMIT 500) AS stalled
	UNION SELECT patient FROM (SELECT a.patient FROM action a
		WHERE a.team = $1 AND a.status = 'completed' AND a.outcome = 'not-done' AND a.case_id IS NOT NULL AND a.done_on >= $10
			AND (SELECT p.status FROM plan p WHERE p.id = a.plan) = 'active'
		ORDER BY a.done_on DESC LIMIT 500) AS undone
	UNION SELECT patient FROM (SELECT p.patient FROM plan p
		WHERE p.team = $1 AND p.status = 'active' AND p.event_day >= $4 AND ` + reviewable + `
		ORDER BY p.event_day DESC LIMIT 500) AS events
	UNION SELECT patient FROM (SELECT p.patient FROM plan p
		WHERE p.team = $1 AND p.status = 'active' AND p.end_day <= $5 AND (p.last_review IS NULL OR p.last_review < p.end_day)
			AND ` + reviewable + `
		ORDER BY p.end_day DESC LIMIT 500) AS ending
	UNION SELECT patient FROM (SELECT p.patient FROM plan p
		WHERE p.team = $1 AND p.status = 'draft' AND p.created < $11 AND ` + reviewable + `
		ORDER BY p.created LIMIT 500) AS drafts
	UNION SELECT q.patient FROM request q
		LEFT JOIN agenda_item i ON i.id = q.case_id LEFT JOIN meeting m ON m.id = i.meeting
		WHERE q.team = $1 AND q.status IN ('waiting', 'placed')
			AND (q.status = 'waiting' OR i.meeting = $6 OR m.status = 'cancelled')
	UNION SELECT i.patient ` + deferredFrom

// reviewable is careplan.Patient.Reviewable, of the patient of a plan p.
const reviewable = `(SELECT CASE WHEN pt.deceased OR pt.sharing = 'opposed' THEN 0 ELSE 1 END
	FROM patient pt WHERE pt.id = p.patient) = 1`

// deferredFrom are the lines carried over by earlier meetings of the last year
// and not discussed since.
const deferredFrom = `FROM agenda_item i CROSS JOIN meeting m
	WHERE i.team = $1 AND i.status = 'deferred' AND i.created >= $8 AND m.id = i.meeting AND m.starts < $7 AND m.id <> $6
		AND NOT EXISTS (SELECT 1 FROM agenda_item d JOIN meeting dm ON dm.id = d.meeting
			WHERE d.patient = i.patient AND d.team = $1 AND d.status = 'discussed' AND dm.starts > m.starts)`

// pendingQuery finds the patients discussed in the last weeks by a meeting
// whose minutes are not signed yet: their plans do not know it.
const pendingQuery = `SELECT i.patient FROM meeting m CROSS JOIN agenda_item i
	WHERE m.team = $1 AND m.starts >= $2 AND m.starts < $3 AND m.status IN ('running', 'held') AND m.id <> $4
		AND i.meeting = m.id AND i.status = 'discussed'`

// Candidates reads the patients of a team with a possible reason to be
// reviewed, in a number of queries that does not depend on how many they are.
func (s *Store) Candidates(ctx context.Context, org id.Org, team id.Team, w agenda.Window) ([]agenda.Candidate, error) {
	var all []agenda.Candidate
	err := s.snapshot(ctx, func(q querier) (err error) {
		all, err = s.allCandidates(ctx, q, org, team, w)
		return err
	})
	return all, fault.Wrap("store.Candidates", err)
}

func (s *Store) allCandidates(ctx context.Context, q querier, org id.Org, team id.Team, w agenda.Window) ([]agenda.Candidate, error) {
	rows, err := q.QueryContext(ctx, dueQuery,
		team, w.Due, w.Today, w.Events, w.Ending, w.Meeting, micro(w.Starts), micro(w.Starts.AddDate(-1, 0, 0)),
		w.Stalled, w.NotDone, micro(w.Drafted))
	due, err := collect(rows, err, scanOne[id.Patient])
	if err != nil {
		return nil, err
	}
	rows, err = q.QueryContext(ctx, pendingQuery, team, micro(w.Starts.AddDate(0, 0, -21)), micro(w.Starts), w.Meeting)
	pending, err := collect(rows, err, scanOne[id.Patient])
	if err != nil {
		return nil, err
	}
	due = slices.DeleteFunc(due, func(p id.Patient) bool { return slices.Contains(pending, p) })
	slices.Sort(due)
	var all []agenda.Candidate
	for ids := range slices.Chunk(due, 1000) {
		some, err := candidates(ctx, q, org, team, ids, w)
		if err != nil {
			return nil, err
		}
		for _, c := range some {
			if ok, _ := c.Reviewable(); ok {
				all = append(all, c)
			}
		}
	}
	return all, nil
}

// CandidateOf reads one patient as the rules see them, whoever they are.
func (s *Store) CandidateOf(ctx context.Context, org id.Org, team id.Team, p id.Patient, w agenda.Window) (agenda.Candidate, error) {
	const op = "store.CandidateOf"
	all, err := candidates(ctx, s.read, org, team, []id.Patient{p}, w)
	if err != nil {
		return agenda.Candidate{}, fault.Wrap(op, err)
	}
	if len(all) == 0 {
		return agenda.Candidate{}, fault.New(fault.NotFound, op, "Introuvable.")
	}
	return all[0], nil
}

// candidates reads what the rules look at for some patients, in their order.
func candidates(ctx context.Context, q querier, org id.Org, team id.Team, ids []id.Patient, w agenda.Window) ([]agenda.Candidate, error) {
	args := []any{org}
	rows, err := q.QueryContext(ctx,
		`SELECT `+patientColumns+` FROM patient p WHERE COALESCE(p.org, '') = $1 AND p.id IN `+in(&args, ids)+` ORDER BY p.id`, args...)
	patients, err := collect(rows, err, scanPatient)
	if err != nil {
		return nil, err
	}
	all := make([]agenda.Candidate, len(patients))
	at := make(map[id.Patient]*agenda.Candidate, len(patients))
	for i, p := range patients {
		all[i].Patient = p
		at[p.ID] = &all[i]
	}
	b := candidateBatch{q: q, team: team, ids: ids, w: w, at: at}
	for _, read := range []func(context.Context) error{b.plans, b.objectives, b.actions, b.notDone, b.events, b.requests, b.deferrals, b.passed} {
		if err := read(ctx); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// candidateBatch fills candidates, one query for each kind of thing. Here and
// above, COALESCE keeps a condition from being met through an index over the
// whole team or organisation: the patients are few, and named.
type candidateBatch struct {
	q    querier
	team id.Team
	ids  []id.Patient
	w    agenda.Window
	at   map[id.Patient]*agenda.Candidate
}

// fill runs a query whose placeholder PATIENTS is the list of patients and
// whose first column is the patient; scan reads the row into the candidate.
func (b candidateBatch) fill(ctx context.Context, query string, args []any, scan func(r scanner, into func(id.Patient) *agenda.Candidate) error) error {
	list := in(&args, b.ids)
	rows, err := b.q.QueryContext(ctx, strings.ReplaceAll(query, "PATIENTS", list), args...)
	_, err = collect(rows, err, func(r scanner) (struct{}, error) {
		return struct{}{}, scan(r, b.of)
	})
	return err
}

// of returns a patient's candidate; one that nobody reads when it is not asked for.
func (b candidateBatch) of(p id.Patient) *agenda.Candidate {
	if c := b.at[p]; c != nil {
		return c
	}
	return &agenda.Candidate{}
}

func (b candidateBatch) plans(ctx context.Context) error {
	return b.fill(ctx, `
		SELECT l.patient, l.id, l.org, l.title, l.status, l.start_day, l.end_day,
			COALESCE(NULLIF(l.referent_name, ''), TRIM(w.title || ' ' || w.given || ' ' || w.family), ''),
			l.review_interval, l.last_review, l.next_review, l.version, l.created
		FROM plan l LEFT JOIN professional w ON w.id = l.referent
		WHERE COALESCE(l.team, '') = $1 AND l.patient IN PATIENTS
		ORDER BY l.patient, CASE WHEN l.next_review IS NULL THEN 1 ELSE 0 END, l.next_review, l.id`, []any{b.team},
		func(r scanner, of func(id.Patient) *agenda.Candidate) error {
			p := careplan.Plan{Team: b.team}
			err := r.Scan(&p.Patient, &p.ID, &p.Org, &p.Title, &p.Status, &p.Start, &p.End, &p.ReferentName, &p.ReviewInterval,
				&p.LastReview, &p.NextReview, &p.Version, &p.Created)
			if err == nil {
				p.Created = p.Created.UTC()
				addPlan(of(p.Patient), p)
			}
			return err
		})
}

// addPlan keeps the first active plan; without one, what the others say.
func addPlan(c *agenda.Candidate, p careplan.Plan) {
	switch p.Status {
	case careplan.PlanActive:
		if c.Plan.ID == "" {
			c.Plan = p
		}
	case careplan.PlanDraft:
		c.Drafted = p
	case careplan.PlanOnHold:
		c.OnHold = true
	default:
		c.Closed = c.Plan.ID == "" && c.Drafted.ID == "" && !c.OnHold
		return
	}
	c.Closed = false
}

func (b candidateBatch) objectives(ctx context.Context) error {
	return b.fill(ctx, `
		SELECT o.patient, o.id, o.plan, o.title, o.due, o.owner_name, o.lifecycle, o.achievement, o.achievement_on
		FROM objective o
		WHERE COALESCE(o.team, '') = $1 AND (SELECT p.status FROM plan p WHERE p.id = o.plan) = 'active'
			AND COALESCE(o.lifecycle, '') NOT IN ('completed', 'cancelled') AND o.patient IN PATIENTS
		ORDER BY o.patient, o.position, o.id`, []any{b.team},
		func(r scanner, of func(id.Patient) *agenda.Candidate) error {
			var o careplan.Objective
			err := r.Scan(&o.Patient, &o.ID, &o.Plan, &o.Title, &o.Due, &o.OwnerName, &o.Lifecycle, &o.Achievement, &o.AchievementOn)
			c := of(o.Patient)
			c.Objectives = append(c.Objectives, o)
			return err
		})
}

func (b candidateBatch) actions(ctx context.Context) error {
	return b.fill(ctx, `
		SELECT `+actionOf+`
		WHERE COALESCE(a.team, '') = $1 AND (SELECT p.status FROM plan p WHERE p.id = a.plan) = 'active'
			AND COALESCE(a.status, '') IN ('requested', 'in-progress') AND a.due < $2 AND a.patient IN PATIENTS
		ORDER BY a.patient, a.due, a.id`, []any{b.team, b.w.Today},
		func(r scanner, of func(id.Patient) *agenda.Candidate) error {
			a, decided, err := scanActionOf(r)
			c := of(a.Patient)
			c.LateActions = append(c.LateActions, a)
			dateDecision(c, a, decided)
			return err
		})
}

// notDone reads what earlier meetings decided and somebody closed as not done.
func (b candidateBatch) notDone(ctx context.Context) error {
	return b.fill(ctx, `
		SELECT `+actionOf+`
		WHERE COALESCE(a.team, '') = $1 AND (SELECT p.status FROM plan p WHERE p.id = a.plan) = 'active'
			AND COALESCE(a.status, '') = 'completed' AND a.outcome = 'not-done' AND a.case_id IS NOT NULL
			AND a.done_on >= $2 AND a.patient IN PATIENTS
		ORDER BY a.patient, a.done_on, a.id`, []any{b.team, b.w.NotDone},
		func(r scanner, of func(id.Patient) *agenda.Candidate) error {
			a, decided, err := scanActionOf(r)
			c := of(a.Patient)
			c.NotDone = append(c.NotDone, a)
			dateDecision(c, a, decided)
			return err
		})
}

// actionOf are the columns of an action as the rules see it, with the meeting
// that decided it, if any.
const actionOf = `a.patient, a.id, a.plan, a.title, a.due, a.done_on, COALESCE(a.case_id, ''),
			COALESCE(NULLIF(a.owner_name, ''), TRIM(w.title || ' ' || w.given || ' ' || w.family), ''), a.status, m.starts, COALESCE(m.zone, '')
		FROM action a LEFT JOIN professional w ON w.id = a.owner
			LEFT JOIN agenda_item i ON i.id = a.case_id LEFT JOIN meeting m ON m.id = i.meeting`

func scanActionOf(r scanner) (a careplan.Action, decided date.Date, err error) {
	var starts sql.NullTime
	var zone string
	err = r.Scan(&a.Patient, &a.ID, &a.Plan, &a.Title, &a.Due, &a.DoneOn, &a.Case, &a.OwnerName, &a.Status, &starts, &zone)
	if starts.Valid {
		decided = localDay(starts.Time, zone)
	}
	return a, decided, err
}

// dateDecision keeps the day on which an action was decided.
func dateDecision(c *agenda.Candidate, a careplan.Action, on date.Date) {
	if a.Case == "" || on.IsZero() {
		return
	}
	if c.Decided == nil {
		c.Decided = map[id.Case]date.Date{}
	}
	c.Decided[a.Case] = on
}

func (b candidateBatch) events(ctx context.Context) error {
	return b.fill(ctx, `
		SELECT patient, id, kind, on_day, text FROM patient_event
		WHERE on_day >= $1 AND on_day <= $2 AND patient IN PATIENTS ORDER BY patient, on_day, id`, []any{b.w.Events, b.w.Ahead},
		func(r scanner, of func(id.Patient) *agenda.Candidate) error {
			var e careplan.PatientEvent
			err := r.Scan(&e.Patient, &e.ID, &e.Kind, &e.On, &e.Text)
			c := of(e.Patient)
			c.Events = append(c.Events, e)
			return err
		})
}

func (b candidateBatch) requests(ctx context.Context) error {
	return b.fill(ctx, `
		SELECT q.patient, q.id, q.by_name, q.question, q.urgency, q.source, q.status, q.at,
			q.presenter, COALESCE(CASE WHEN q.late_for = $2 THEN q.late_for END, '')
		FROM request q LEFT JOIN agenda_item i ON i.id = q.case_id LEFT JOIN meeting m ON m.id = i.meeting
		WHERE q.team = $1 AND q.status IN ('waiting', 'placed')
			AND (q.status = 'waiting' OR i.meeting = $2 OR m.status = 'cancelled') AND q.patient IN PATIENTS
		ORDER BY q.patient, q.at, q.id`, []any{b.team, b.w.Meeting},
		func(r scanner, of func(id.Patient) *agenda.Candidate) error {
			var q agenda.Request
			var presenter sql.NullString
			err := r.Scan(&q.Patient, &q.ID, &q.ByName, &q.Question, &q.Urgency, &q.Source, &q.Status, &q.At, &presenter, &q.LateFor)
			q.At, q.Presenter = q.At.UTC(), id.Professional(presenter.String)
			c := of(q.Patient)
			c.Requests = append(c.Requests, q)
			return err
		})
}

func (b candidateBatch) deferrals(ctx context.Context) error {
	query := strings.NewReplacer("$7", "$3", "$6", "$2", "$8", "$4").Replace(deferredFrom)
	return b.fill(ctx, `SELECT i.patient, i.meeting, i.defer_why, m.starts, m.zone `+query+` AND i.patient IN PATIENTS
		ORDER BY i.patient, m.starts`, []any{b.team, b.w.Meeting, micro(b.w.Starts), micro(b.w.Starts.AddDate(-1, 0, 0))},
		func(r scanner, of func(id.Patient) *agenda.Candidate) error {
			var p id.Patient
			var d agenda.Deferral
			var starts time.Time
			var zone string
			err := r.Scan(&p, &d.Meeting, &d.Why, &starts, &zone)
			d.On = localDay(starts, zone)
			c := of(p)
			c.Deferrals = append(c.Deferrals, d)
			return err
		})
}

// passed reads the meetings held of the last year that had no place for them,
// since they were last discussed.
func (b candidateBatch) passed(ctx context.Context) error {
	return b.fill(ctx, `
		SELECT i.patient, m.starts, m.zone FROM agenda_item i CROSS JOIN meeting m
		WHERE COALESCE(i.team, '') = $1 AND COALESCE(i.status, '') = 'proposed' AND i.created >= $4 AND m.id = i.meeting
			AND m.starts < $3 AND m.id <> $2 AND m.status IN ('running', 'held', 'signed') AND i.patient IN PATIENTS
			AND NOT EXISTS (SELECT 1 FROM agenda_item d JOIN meeting dm ON dm.id = d.meeting
				WHERE d.patient = i.patient AND COALESCE(d.team, '') = $1 AND d.status = 'discussed' AND dm.starts > m.starts)
		ORDER BY i.patient, m.starts`, []any{b.team, b.w.Meeting, micro(b.w.Starts), micro(b.w.Starts.AddDate(-1, 0, 0))},
		func(r scanner, of func(id.Patient) *agenda.Candidate) error {
			var p id.Patient
			var starts time.Time
			var zone string
			err := r.Scan(&p, &starts, &zone)
			c := of(p)
			c.Passed = append(c.Passed, localDay(starts, zone))
			return err
		})
}

// snapshot lets f read one state of the database. PostgreSQL keeps the plans
// that it made once: on large tables it would plan for each team anew, and take
// longer over it than to find those due.
func (s *Store) snapshot(ctx context.Context, f func(querier) error) error {
	opts := sql.TxOptions{ReadOnly: true}
	if s.dialect == Postgres {
		opts.Isolation = sql.LevelRepeatableRead // SQLite always reads one state
	}
	tx, err := s.read.BeginTx(ctx, &opts)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if s.dialect == Postgres {
		if _, err := tx.ExecContext(ctx, `SET LOCAL plan_cache_mode = force_generic_plan`); err != nil {
			return err
		}
	}
	return f(tx)
}

// localDay is the day of an instant in a zone, in UTC when it is unknown.
func localDay(t time.Time, zone string) date.Date {
	return date.Of(t.In(meetings.Meeting{Zone: zone}.Location()))
}
