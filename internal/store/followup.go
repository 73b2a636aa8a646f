package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// followScope is whose rows a query reads: those of one person, for patients
// whom they may see, or those of teams. $1 is the organisation.
func followScope(q careplan.FollowQuery, args *[]any, owner, team string) string {
	if q.Owner == "" {
		return team + ` IN ` + in(args, q.Teams)
	}
	*args = append(*args, q.Owner, q.On)
	n := len(*args)
	return fmt.Sprintf(`%s = $%d AND (%s OR %s IN %s)`, owner, n-1, inCircle(n-1, n), team, in(args, q.Teams))
}

// FollowedActions reads the open actions due up to a day or without one, and
// those finished since another, of living patients.
func (s *Store) FollowedActions(ctx context.Context, q careplan.FollowQuery) ([]careplan.Followed, error) {
	args := []any{q.Org, q.Until, q.Since, q.Limit}
	scope := followScope(q, &args, "a.owner", "a.team")
	rows, err := s.read.QueryContext(ctx, `
		SELECT a.id, a.org, a.plan, a.patient, a.title, COALESCE(a.owner, ''), a.owner_name, a.status, a.outcome, a.reason, a.note,
			a.due, a.done_on, COALESCE(a.case_id, ''), a.version, COALESCE(o.title, ''), COALESCE(t.id, ''), COALESCE(t.name, ''),
			COALESCE(t.zone, 'Europe/Paris'), COALESCE(m.id, ''), m.starts, `+patientColumns+`
		FROM action a JOIN patient p ON p.id = a.patient LEFT JOIN objective o ON o.id = a.objective LEFT JOIN team t ON t.id = a.team
			LEFT JOIN agenda_item i ON i.id = a.case_id LEFT JOIN meeting m ON m.id = i.meeting
		WHERE a.org = $1 AND NOT p.deceased AND `+scope+`
			AND (a.status IN ('requested', 'in-progress') AND (a.due IS NULL OR a.due <= $2) OR a.status = 'completed' AND a.done_on >= $3)
		ORDER BY CASE WHEN a.due IS NULL THEN 1 ELSE 0 END, a.due, a.id LIMIT $4`, args...)
	all, err := collect(rows, err, scanFollowed)
	return all, fault.Wrap("store.FollowedActions", err)
}

func scanFollowed(r scanner) (f careplan.Followed, err error) {
	a, decided := &f.Action, sql.NullTime{}
	fields := []any{
		&a.ID, &a.Org, &a.Plan, &a.Patient, &a.Title, &a.Owner, &a.OwnerName, &a.Status, &a.Outcome, &a.Reason, &a.Note,
		&a.Due, &a.DoneOn, &a.Case, &a.Version, &f.Objective, &f.Team, &f.TeamName, &f.Zone, &f.Meeting, &decided,
	}
	err = r.Scan(append(fields, patientFields(&f.Patient)...)...)
	f.Decided = timeOf(decided)
	return f, err
}

const tellingQuery = `
	SELECT w.case_id, w.org, w.team, t.name, t.zone, w.meeting, m.starts, COALESCE(w.who, ''), w.who_name, w.by_day, w.told_on,
		w.told_by, w.how, w.version, ` + patientColumns + `
	FROM patient_told w JOIN patient p ON p.id = w.patient JOIN team t ON t.id = w.team JOIN meeting m ON m.id = w.meeting `

func scanTelling(r scanner) (t careplan.Telling, err error) {
	fields := []any{
		&t.Case, &t.Org, &t.Team, &t.TeamName, &t.Zone, &t.Meeting, &t.Decided, &t.Who, &t.WhoName, &t.By, &t.On, &t.ToldBy, &t.How, &t.Version,
	}
	err = r.Scan(append(fields, patientFields(&t.Patient)...)...)
	t.Decided = t.Decided.UTC()
	return t, err
}

// Tellings reads the living patients not told yet by a day, and those told
// since another.
func (s *Store) Tellings(ctx context.Context, q careplan.FollowQuery) ([]careplan.Telling, error) {
	args := []any{q.Org, q.Until, q.Since, q.Limit}
	scope := followScope(q, &args, "w.who", "w.team")
	rows, err := s.read.QueryContext(ctx, tellingQuery+`
		WHERE w.org = $1 AND NOT p.deceased AND `+scope+`
			AND (w.told_on IS NULL AND (w.by_day IS NULL OR w.by_day <= $2) OR w.told_on >= $3)
		ORDER BY CASE WHEN w.by_day IS NULL THEN 1 ELSE 0 END, w.by_day, w.case_id LIMIT $4`, args...)
	all, err := collect(rows, err, scanTelling)
	return all, fault.Wrap("store.Tellings", err)
}

// TellingsAbout reads who tells a patient what, newest meeting first.
func (s *Store) TellingsAbout(ctx context.Context, org id.Org, p id.Patient) ([]careplan.Telling, error) {
	rows, err := s.read.QueryContext(ctx, tellingQuery+`WHERE w.org = $1 AND w.patient = $2 ORDER BY m.starts DESC, w.case_id LIMIT 20`, org, p)
	all, err := collect(rows, err, scanTelling)
	return all, fault.Wrap("store.TellingsAbout", err)
}

// TellingByCase reads who tells the patient of a case.
func (s *Store) TellingByCase(ctx context.Context, org id.Org, c id.Case) (careplan.Telling, error) {
	t, err := scanTelling(s.read.QueryRowContext(ctx, tellingQuery+`WHERE w.org = $1 AND w.case_id = $2`, org, c))
	return t, fault.Wrap("store.TellingByCase", mapErrorOrNil(err))
}

// UpdateTelling saves that a patient was told, or not, when the version is
// current.
func (s *Store) UpdateTelling(ctx context.Context, t careplan.Telling, by audit.Change) error {
	return s.change(ctx, "store.UpdateTelling", by, func(tx *sql.Tx) error {
		return stale(tx.ExecContext(ctx, `
			UPDATE patient_told SET told_on = $4, told_by = $5, how = $6, version = version + 1
			WHERE org = $1 AND case_id = $2 AND version = $3`, t.Org, t.Case, t.Version, t.On, t.ToldBy, t.How))
	})
}

// told writes who tells the patients what was signed. A correction changes it
// as long as the patient was not told.
func (w signer) told(ctx context.Context) error {
	m := w.g.Minutes
	for _, t := range w.g.Tellings {
		var err error
		if t.WhoName == "" {
			_, err = w.tx.ExecContext(ctx, `DELETE FROM patient_told WHERE org = $1 AND case_id = $2 AND told_on IS NULL`, m.Org, t.Case)
		} else {
			_, err = w.tx.ExecContext(ctx, `
				INSERT INTO patient_told (case_id, org, team, meeting, patient, who, who_name, by_day, told_on, told_by, how, version)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, '', '', 1)
				ON CONFLICT (case_id) DO UPDATE SET who = excluded.who, who_name = excluded.who_name, by_day = excluded.by_day,
					version = patient_told.version + 1
				WHERE patient_told.told_on IS NULL`,
				t.Case, m.Org, m.Team, m.Meeting, t.Patient.ID, null(t.Who), t.WhoName, t.By)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Remind notes that somebody was reminded on a day, with its event, once.
func (s *Store) Remind(ctx context.Context, r careplan.Reminder, by audit.Change) error {
	return s.change(ctx, "store.Remind", by, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `
			INSERT INTO action_reminder (professional, day, org, by_name, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
			r.Who, r.Day, r.Org, r.By, micro(r.At))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return fault.New(fault.Conflict, "store.Remind", "Cette personne a déjà été relancée aujourd’hui.")
	})
}

// LastReminders reads when people were last reminded.
func (s *Store) LastReminders(ctx context.Context, org id.Org, who []id.Professional) (map[id.Professional]careplan.Reminder, error) {
	args := []any{org}
	rows, err := s.read.QueryContext(ctx, `
		SELECT r.org, r.professional, r.day, r.by_name, r.at FROM action_reminder r
		WHERE r.org = $1 AND r.professional IN `+in(&args, who)+`
			AND r.day = (SELECT MAX(o.day) FROM action_reminder o WHERE o.professional = r.professional)`, args...)
	last := map[id.Professional]careplan.Reminder{}
	_, err = collect(rows, err, func(r scanner) (one careplan.Reminder, err error) {
		err = r.Scan(&one.Org, &one.Who, &one.Day, &one.By, &one.At)
		one.At = one.At.UTC()
		last[one.Who] = one
		return one, err
	})
	return last, fault.Wrap("store.LastReminders", err)
}

// WantsDigest reports whether somebody wants the summary of their week: yes
// until they say no.
func (s *Store) WantsDigest(ctx context.Context, who id.Professional) (bool, error) {
	var off bool
	err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM digest_off WHERE professional = $1)`, who).Scan(&off)
	return !off, fault.Wrap("store.WantsDigest", err)
}

// SetDigest keeps whether somebody wants it.
func (s *Store) SetDigest(ctx context.Context, who id.Professional, on bool, by audit.Change) error {
	return s.change(ctx, "store.SetDigest", by, func(tx *sql.Tx) error {
		if on {
			_, err := tx.ExecContext(ctx, `DELETE FROM digest_off WHERE professional = $1`, who)
			return err
		}
		_, err := tx.ExecContext(ctx,
			`INSERT INTO digest_off (professional, org) VALUES ($1, $2) ON CONFLICT DO NOTHING`, who, by.Entry.Org)
		return err
	})
}
