package store

import (
	"context"
	"database/sql"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/id"
)

// The writing of single rows of the care plans, inside a transaction that
// another method owns. Updates take a row as read, check its version and leave
// it one higher in the database.

func insertPatient(ctx context.Context, tx *sql.Tx, p careplan.Patient) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO patient (id, org, ipp, birth_family, birth_given, birth_names, used_family, used_given, sex,
			birth_date, birth_place, ins, ins_oid, ins_key_valid, identity, deceased, deceased_on,
			sharing, sharing_on, informed, language, search, fictional, version, created, updated)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, 1, $24, $24)`,
		p.ID, p.Org, p.IPP, p.BirthFamily, p.BirthGiven, p.BirthNames, p.UsedFamily, p.UsedGiven, p.Sex,
		p.BirthDate, p.BirthPlace, p.INS.Matricule, p.INS.OID, p.INS.KeyValid, p.Identity, p.Deceased, p.DeceasedOn,
		p.Sharing, p.SharingOn, p.Informed, p.Language, " "+p.SearchText(), p.Fictional, micro(p.Updated))
	return err
}

func updatePatient(ctx context.Context, tx *sql.Tx, p careplan.Patient) error {
	return stale(tx.ExecContext(ctx, `
		UPDATE patient SET ipp = $4, birth_family = $5, birth_given = $6, birth_names = $7, used_family = $8,
			used_given = $9, sex = $10, birth_date = $11, birth_place = $12, ins = $13, ins_oid = $14, ins_key_valid = $15,
			identity = $16, deceased = $17, deceased_on = $18, sharing = $19, sharing_on = $20, informed = $21,
			language = $22, search = $23, updated = $24, version = version + 1
		WHERE id = $1 AND org = $2 AND version = $3`,
		p.ID, p.Org, p.Version, p.IPP, p.BirthFamily, p.BirthGiven, p.BirthNames, p.UsedFamily,
		p.UsedGiven, p.Sex, p.BirthDate, p.BirthPlace, p.INS.Matricule, p.INS.OID, p.INS.KeyValid,
		p.Identity, p.Deceased, p.DeceasedOn, p.Sharing, p.SharingOn, p.Informed,
		p.Language, " "+p.SearchText(), micro(p.Updated)))
}

func insertPlan(ctx context.Context, tx *sql.Tx, p careplan.Plan) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO plan (id, org, patient, team, title, description, category, status, start_day, end_day,
			referent, referent_name, review_interval, last_review, next_review, version, created, updated,
			protocol, protocol_version, event_day)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1, $16, $16, $17, $18,
			(SELECT MAX(e.on_day) FROM patient_event e WHERE e.patient = $3))`,
		p.ID, p.Org, p.Patient, null(p.Team), p.Title, p.Description, p.Category, p.Status, p.Start, p.End,
		null(p.Referent), p.ReferentName, p.ReviewInterval, p.LastReview, p.NextReview, micro(p.Updated),
		null(p.Protocol), p.ProtocolVersion)
	return err
}

func updatePlan(ctx context.Context, tx *sql.Tx, p careplan.Plan) error {
	return stale(tx.ExecContext(ctx, `
		UPDATE plan SET title = $4, description = $5, category = $6, status = $7, start_day = $8, end_day = $9,
			referent = $10, referent_name = $11, review_interval = $12, last_review = $13, next_review = $14,
			updated = $15, version = version + 1
		WHERE id = $1 AND org = $2 AND version = $3`,
		p.ID, p.Org, p.Version, p.Title, p.Description, p.Category, p.Status, p.Start, p.End,
		null(p.Referent), p.ReferentName, p.ReviewInterval, p.LastReview, p.NextReview, micro(p.Updated)))
}

// setExpectations replaces what a source said the patient expects; what was
// noted in RCP, by somebody, stays.
func setExpectations(ctx context.Context, tx *sql.Tx, plan id.Plan, all []careplan.Expectation) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM expectation WHERE plan = $1 AND noted_by = ''`, plan); err != nil {
		return err
	}
	for _, e := range all {
		if e.By != "" {
			continue
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO expectation (id, plan, text, origin, noted, noted_by) VALUES ($1, $2, $3, $4, $5, '')`,
			id.New[id.Event](), plan, e.Text, e.Origin, e.On)
		if err != nil {
			return err
		}
	}
	return nil
}

func insertObjective(ctx context.Context, tx *sql.Tx, o careplan.Objective, team id.Team) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO objective (id, org, plan, patient, team, title, description, domain, expected, start_day, due,
			owner, owner_name, lifecycle, achievement, achievement_on, patient_view, strategy, position,
			version, created, updated)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, 1, $20, $20)`,
		o.ID, o.Org, o.Plan, o.Patient, null(team), o.Title, o.Description, o.Domain, o.Expected, o.Start, o.Due,
		null(o.Owner), o.OwnerName, o.Lifecycle, o.Achievement, o.AchievementOn, o.PatientView, o.Strategy, o.Position,
		micro(o.Updated))
	return err
}

func updateObjective(ctx context.Context, tx *sql.Tx, o careplan.Objective) error {
	return stale(tx.ExecContext(ctx, `
		UPDATE objective SET plan = $4, title = $5, description = $6, domain = $7, expected = $8, start_day = $9, due = $10,
			owner = $11, owner_name = $12, lifecycle = $13, achievement = $14, achievement_on = $15, patient_view = $16,
			strategy = $17, position = $18, updated = $19, team = (SELECT team FROM plan WHERE id = $4),
			version = version + 1
		WHERE id = $1 AND org = $2 AND version = $3`,
		o.ID, o.Org, o.Version, o.Plan, o.Title, o.Description, o.Domain, o.Expected, o.Start, o.Due,
		null(o.Owner), o.OwnerName, o.Lifecycle, o.Achievement, o.AchievementOn, o.PatientView,
		o.Strategy, o.Position, micro(o.Updated)))
}

func insertAction(ctx context.Context, tx *sql.Tx, a careplan.Action, team id.Team) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO action (id, org, plan, patient, team, objective, title, description, owner, owner_name,
			status, outcome, reason, start_day, due, done_on, case_id, version, created, updated)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 1, $18, $18)`,
		a.ID, a.Org, a.Plan, a.Patient, null(team), null(a.Objective), a.Title, a.Description, null(a.Owner), a.OwnerName,
		a.Status, a.Outcome, a.Reason, a.Start, a.Due, a.DoneOn, null(a.Case), micro(a.Updated))
	return err
}

func updateAction(ctx context.Context, tx *sql.Tx, a careplan.Action) error {
	return stale(tx.ExecContext(ctx, `
		UPDATE action SET plan = $4, objective = $5, title = $6, description = $7, owner = $8, owner_name = $9,
			status = $10, outcome = $11, reason = $12, start_day = $13, due = $14, done_on = $15, updated = $16, note = $17,
			team = (SELECT team FROM plan WHERE id = $4), version = version + 1
		WHERE id = $1 AND org = $2 AND version = $3`,
		a.ID, a.Org, a.Version, a.Plan, null(a.Objective), a.Title, a.Description, null(a.Owner), a.OwnerName,
		a.Status, a.Outcome, a.Reason, a.Start, a.Due, a.DoneOn, micro(a.Updated), a.Note))
}

func insertPatientEvent(ctx context.Context, tx *sql.Tx, e careplan.PatientEvent) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO patient_event (id, org, patient, kind, on_day, text) VALUES ($1, $2, $3, $4, $5, $6)`,
		e.ID, e.Org, e.Patient, e.Kind, e.On, e.Text)
	if err != nil {
		return err
	}
	return markEvents(ctx, tx, e.Patient)
}

// markEvents tells a patient's plans the day of the last event, by which a
// team's events are found.
func markEvents(ctx context.Context, tx *sql.Tx, p id.Patient) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE plan SET event_day = (SELECT MAX(e.on_day) FROM patient_event e WHERE e.patient = $1) WHERE patient = $1`, p)
	return err
}

func updatePatientEvent(ctx context.Context, tx *sql.Tx, e careplan.PatientEvent) error {
	err := stale(tx.ExecContext(ctx, `
		UPDATE patient_event SET kind = $3, on_day = $4, text = $5 WHERE id = $1 AND org = $2`,
		e.ID, e.Org, e.Kind, e.On, e.Text))
	if err != nil {
		return err
	}
	return markEvents(ctx, tx, e.Patient)
}
