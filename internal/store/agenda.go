package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// itemQuery reads lines; the patient is aliased p.
const itemQuery = `
	SELECT i.id, i.org, i.team, i.meeting, i.plan, COALESCE(NULLIF(pl.referent_name, ''), TRIM(r.title || ' ' || r.given || ' ' || r.family), ''),
		i.position, i.minutes, i.status, i.standard, i.reasons, i.question, i.origin, i.added_by, i.pinned, i.started, i.ended,
		i.defer_why, i.was, i.version, i.created, i.updated,
		n.id, n.starts, COALESCE((SELECT q.presenter FROM request q WHERE q.team = i.team AND q.patient = i.patient
			AND q.status IN ('waiting', 'placed') AND q.presenter IS NOT NULL ORDER BY q.at DESC LIMIT 1), pl.referent), ` + patientColumns + `
	FROM agenda_item i
	JOIN meeting m ON m.id = i.meeting
	JOIN patient p ON p.id = i.patient
	LEFT JOIN plan pl ON pl.id = i.plan
	LEFT JOIN professional r ON r.id = pl.referent
	LEFT JOIN meeting n ON i.status IN ('deferred', 'proposed') AND n.id = (SELECT l.id FROM meeting l WHERE l.team = i.team
		AND l.starts > m.starts AND l.status NOT IN ('held', 'signed', 'cancelled') ORDER BY l.starts LIMIT 1) `

func scanItem(row scanner) (l agenda.Item, err error) {
	var plan, next, presenter sql.NullString
	var started, ended, nextOn sql.NullTime
	var reasons []byte
	err = row.Scan(append([]any{
		&l.ID, &l.Org, &l.Team, &l.Meeting, &plan, &l.Referent,
		&l.Position, &l.Minutes, &l.Status, &l.Standard, &reasons, &l.Question, &l.Origin, &l.AddedBy, &l.Pinned, &started, &ended,
		&l.DeferWhy, &l.Was, &l.Version, &l.Created, &l.Updated, &next, &nextOn, &presenter,
	}, patientFields(&l.Patient)...)...)
	if err != nil {
		return l, err
	}
	l.Plan, l.DeferTo, l.DeferOn = id.Plan(plan.String), id.Meeting(next.String), timeOf(nextOn)
	l.Presenter = id.Professional(presenter.String)
	l.Started, l.Ended = timeOf(started), timeOf(ended)
	l.Created, l.Updated = l.Created.UTC(), l.Updated.UTC()
	return l, json.Unmarshal(reasons, &l.Reasons)
}

// AgendaItems reads every line of a meeting's agenda.
func (s *Store) AgendaItems(ctx context.Context, org id.Org, m id.Meeting) ([]agenda.Item, error) {
	rows, err := s.read.QueryContext(ctx, itemQuery+`WHERE i.org = $1 AND i.meeting = $2 ORDER BY i.position, i.id`, org, m)
	all, err := collect(rows, err, scanItem)
	if err == nil {
		err = s.addRegistrations(ctx, all)
	}
	return all, fault.Wrap("store.AgendaItems", err)
}

// CaseByID reads one line.
func (s *Store) CaseByID(ctx context.Context, org id.Org, c id.Case) (agenda.Item, error) {
	const op = "store.CaseByID"
	l, err := scanItem(s.read.QueryRowContext(ctx, itemQuery+`WHERE i.org = $1 AND i.id = $2`, org, c))
	if err != nil {
		return l, fault.Wrap(op, mapError(err))
	}
	one := []agenda.Item{l}
	err = s.addRegistrations(ctx, one)
	return one[0], fault.Wrap(op, err)
}

// SaveAgenda upserts lines of one meeting, unless it is signed or cancelled,
// and marks the requests they answer. The edit before cannot be undone any more.
func (s *Store) SaveAgenda(ctx context.Context, org id.Org, m id.Meeting, items []agenda.Item, by audit.Change) error {
	return s.change(ctx, "store.SaveAgenda", by, func(tx *sql.Tx) error {
		if err := lockMeeting(ctx, tx, org, m); err != nil {
			return err
		}
		if err := saveLines(ctx, tx, m, items); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM agenda_undo WHERE meeting = $1`, m)
		return err
	})
}

// saveLines writes the lines of a meeting that the transaction holds.
func saveLines(ctx context.Context, tx *sql.Tx, m id.Meeting, items []agenda.Item) error {
	for len(items) > 0 {
		n := min(len(items), 200)
		if err := upsertItems(ctx, tx, items[:n]); err != nil {
			return err
		}
		if err := writeRegistrations(ctx, tx, items[:n]); err != nil {
			return err
		}
		items = items[n:]
	}
	if err := keepDecided(ctx, tx, m); err != nil {
		return err
	}
	return markRequests(ctx, tx, m)
}

// keepDecided makes a line that comes back to the agenda discussed when it has
// a decision: scheduled, it would be carried over and its decision left out of
// the minutes.
func keepDecided(ctx context.Context, tx *sql.Tx, m id.Meeting) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE agenda_item SET status = 'discussed' WHERE meeting = $1 AND status = 'scheduled'
			AND EXISTS (SELECT 1 FROM decision d WHERE d.case_id = agenda_item.id)`, m)
	return err
}

// lockMeeting holds the meeting's row, so that two changes of an agenda, or a
// change and a signature, come one after the other.
func lockMeeting(ctx context.Context, tx *sql.Tx, org id.Org, m id.Meeting) error {
	return held(tx.ExecContext(ctx,
		`UPDATE meeting SET updated = updated WHERE org = $1 AND id = $2 AND status NOT IN ('signed', 'cancelled')`, org, m))
}

// lockPrepared is lockMeeting of a meeting that did not begin.
func lockPrepared(ctx context.Context, tx *sql.Tx, org id.Org, m id.Meeting) error {
	return held(tx.ExecContext(ctx,
		`UPDATE meeting SET updated = updated WHERE org = $1 AND id = $2 AND status IN ('draft', 'open', 'closed')`, org, m))
}

func held(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return fault.New(fault.Conflict, "store", "L’état de la réunion ne le permet pas.")
}

const itemColumns = `id, org, team, meeting, patient, plan, position, minutes, status, standard, reasons, question, origin,
	added_by, pinned, started, ended, defer_why, was, version, created, updated`

// upsertItems writes lines in one statement: new ones (Version 0), and those
// still at the version they were read at.
func upsertItems(ctx context.Context, tx *sql.Tx, items []agenda.Item) error {
	var args []any
	rows := make([]string, len(items))
	for i, l := range items {
		reasons, err := json.Marshal(nonNil(l.Reasons))
		if err != nil {
			return err
		}
		from := len(args) + 1
		args = append(args, l.ID, l.Org, l.Team, l.Meeting, l.Patient.ID, null(l.Plan), l.Position, l.Minutes, l.Status, l.Standard,
			string(reasons), l.Question, l.Origin, l.AddedBy, l.Pinned, nullTime(l.Started), nullTime(l.Ended), l.DeferWhy, l.Was,
			l.Version+1, micro(l.Created), micro(l.Updated))
		rows[i] = places(from, len(args))
	}
	res, err := tx.ExecContext(ctx, `
		INSERT INTO agenda_item (`+itemColumns+`) VALUES `+strings.Join(rows, ", ")+`
		ON CONFLICT (id) DO UPDATE SET plan = excluded.plan, position = excluded.position, minutes = excluded.minutes,
			status = excluded.status, standard = excluded.standard, reasons = excluded.reasons, question = excluded.question,
			origin = excluded.origin, added_by = excluded.added_by, pinned = excluded.pinned, started = excluded.started,
			ended = excluded.ended, defer_why = excluded.defer_why, was = excluded.was, version = excluded.version, updated = excluded.updated
		WHERE agenda_item.version = excluded.version - 1`, args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || int(n) == len(items) {
		return err
	}
	return stale(noRow{}, nil)
}

// noRow is the result of an update that met another version.
type noRow struct{}

func (noRow) LastInsertId() (int64, error) { return 0, nil }
func (noRow) RowsAffected() (int64, error) { return 0, nil }

// places returns "($from, …, $to)".
func places(from, to int) string {
	parts := make([]string, 0, to-from+1)
	for i := from; i <= to; i++ {
		parts = append(parts, fmt.Sprintf("$%d", i))
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// markRequests places the waiting requests of the patients on the agenda, and
// lets those of the others wait again. What was asked, or matched with its
// patient, once their case was over waits for another meeting: this one did not
// hear it.
func markRequests(ctx context.Context, tx *sql.Tx, m id.Meeting) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE request SET status = 'placed', version = version + 1,
			case_id = (SELECT i.id FROM agenda_item i WHERE i.meeting = $1 AND i.patient = request.patient)
		WHERE team = (SELECT team FROM meeting WHERE id = $1)
			AND (status = 'waiting' OR status = 'placed' AND case_id IN (SELECT i.id FROM agenda_item i
				JOIN meeting c ON c.id = i.meeting WHERE i.id = request.case_id AND c.status = 'cancelled'))
			AND patient IN (SELECT i.patient FROM agenda_item i WHERE i.meeting = $1 AND i.status IN ('scheduled', 'discussed'))
			AND NOT EXISTS (SELECT 1 FROM agenda_item i JOIN meeting h ON h.id = i.meeting
				WHERE i.meeting = $1 AND i.patient = request.patient AND i.status = 'discussed'
					AND (COALESCE(i.ended, h.held) < request.at OR EXISTS (SELECT 1 FROM outside_request x
						WHERE x.id = request.id AND COALESCE(i.ended, h.held) < x.handled)))`, m)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE request SET status = 'waiting', version = version + 1, case_id = NULL
		WHERE team = (SELECT team FROM meeting WHERE id = $1) AND status = 'placed' AND case_id IN
			(SELECT i.id FROM agenda_item i WHERE i.meeting = $1 AND i.status NOT IN ('scheduled', 'discussed'))`, m)
	return err
}

// InCircle returns which patients the professional cares for on a day.
func (s *Store) InCircle(ctx context.Context, org id.Org, who id.Professional, patients []id.Patient, on date.Date) (map[id.Patient]bool, error) {
	found := map[id.Patient]bool{}
	if len(patients) == 0 {
		return found, nil
	}
	args := []any{org, who, on}
	rows, err := s.read.QueryContext(ctx, `
		SELECT c.patient FROM circle c JOIN patient pt ON pt.id = c.patient
		WHERE pt.org = $1 AND c.professional = $2 AND (c.from_day IS NULL OR c.from_day <= $3)
			AND (c.until_day IS NULL OR c.until_day >= $3) AND c.patient IN `+in(&args, patients), args...)
	ids, err := collect(rows, err, scanOne[id.Patient])
	for _, p := range ids {
		found[p] = true
	}
	return found, fault.Wrap("store.InCircle", err)
}

// scanOne scans a query's only column.
func scanOne[T any](r scanner) (v T, err error) { return v, r.Scan(&v) }
