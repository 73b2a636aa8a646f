package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/minutes"
)

// The store serves retention.
var _ minutes.RetentionStore = (*Store)(nil)

// RetentionClasses reads the classes that were changed or added.
func (s *Store) RetentionClasses(ctx context.Context, org id.Org) ([]minutes.RetentionClass, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT org, key, name, years, until_age, after_death, counts_from, source, version
		FROM retention_class WHERE org = $1 ORDER BY name, key`, org)
	all, err := collect(rows, err, func(r scanner) (c minutes.RetentionClass, err error) {
		return c, r.Scan(&c.Org, &c.Key, &c.Name, &c.Years, &c.UntilAge, &c.AfterDeath, &c.From, &c.Source, &c.Version)
	})
	return all, fault.Wrap("store.RetentionClasses", err)
}

// RetentionTeams returns the class of each team that was given one.
func (s *Store) RetentionTeams(ctx context.Context, org id.Org) (map[id.Team]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT team, class FROM retention_team WHERE org = $1`, org)
	of := map[id.Team]string{}
	_, err = collect(rows, err, func(r scanner) (struct{}, error) {
		var t id.Team
		var class string
		err := r.Scan(&t, &class)
		of[t] = class
		return struct{}{}, err
	})
	return of, fault.Wrap("store.RetentionTeams", err)
}

// SaveRetentionClass adds a class, or changes it when its version is current.
func (s *Store) SaveRetentionClass(ctx context.Context, c minutes.RetentionClass, by audit.Change) error {
	return s.change(ctx, "store.SaveRetentionClass", by, func(tx *sql.Tx) error {
		return stale(tx.ExecContext(ctx, `
			INSERT INTO retention_class (org, key, name, years, until_age, after_death, counts_from, source, version)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9 + 1)
			ON CONFLICT (org, key) DO UPDATE SET name = excluded.name, years = excluded.years, until_age = excluded.until_age,
				after_death = excluded.after_death, counts_from = excluded.counts_from, source = excluded.source, version = excluded.version
			WHERE retention_class.version = excluded.version - 1`,
			c.Org, c.Key, c.Name, c.Years, c.UntilAge, c.AfterDeath, c.From, c.Source, c.Version))
	})
}

// SetRetentionTeam gives a team a class.
func (s *Store) SetRetentionTeam(ctx context.Context, org id.Org, t id.Team, class string, by audit.Change) error {
	return s.change(ctx, "store.SetRetentionTeam", by, func(tx *sql.Tx) error {
		if err := teamOfOrg(ctx, tx, org, t); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO retention_team (team, org, class) VALUES ($1, $2, $3)
			ON CONFLICT (team) DO UPDATE SET class = excluded.class`, t, org, class)
		return err
	})
}

// KeptSince reads the patients of signed minutes whose last meeting was on a day
// or before, the oldest first, with what their term is computed from. Somebody
// was last seen at a meeting or at an event, whichever is later.
func (s *Store) KeptSince(ctx context.Context, org id.Org, last date.Date, limit int) ([]minutes.Kept, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT DISTINCT p.id, p.ipp, p.birth_date, p.deceased_on, d.last, d.n, COALESCE((SELECT MAX(e.on_day) FROM patient_event e WHERE e.patient = p.id), ''),
			NOT p.deceased AND EXISTS (SELECT 1 FROM plan l WHERE l.patient = p.id AND l.status NOT IN ('completed', 'revoked')),
			x.team, (SELECT m.signed_at FROM decided y JOIN minutes m ON m.id = y.minutes WHERE y.patient = p.id
				ORDER BY m.signed_at DESC LIMIT 1)
		FROM (SELECT patient, MAX(day) AS last, COUNT(*) AS n FROM decided WHERE org = $1
			GROUP BY patient HAVING MAX(day) <= $2 ORDER BY MAX(day), patient LIMIT $3) d
		JOIN patient p ON p.id = d.patient
		JOIN decided x ON x.patient = d.patient
		ORDER BY d.last, p.id, x.team`, org, last, limit)
	var all []minutes.Kept
	_, err = collect(rows, err, func(r scanner) (struct{}, error) {
		var k minutes.Kept
		var seen date.Date
		var event string
		var team id.Team
		var signed time.Time
		err := r.Scan(&k.Patient, &k.IPP, &k.Life.Birth, &k.Life.Deceased, &seen, &k.Documents, &event, &k.Followed, &team, &signed)
		if err != nil {
			return struct{}{}, err
		}
		if n := len(all); n > 0 && all[n-1].Patient == k.Patient {
			all[n-1].Teams = append(all[n-1].Teams, team)
			return struct{}{}, nil
		}
		on, _ := date.Parse(event)
		k.Life.LastSeen, k.Life.Signed, k.Teams = date.Later(seen, on), date.Of(signed.UTC()), []id.Team{team}
		all = append(all, k)
		return struct{}{}, nil
	})
	return all, fault.Wrap("store.KeptSince", mapErrorOrNil(err))
}

const holdColumns = `h.id, h.org, h.patient, p.ipp, h.reason, h.since, COALESCE(h.by_id, ''), h.by_name, h.lifted, h.lifted_by, h.lifted_why`

func scanHold(r scanner) (h minutes.Hold, err error) {
	var lifted sql.NullTime
	err = r.Scan(&h.ID, &h.Org, &h.Patient, &h.IPP, &h.Reason, &h.Since, &h.By, &h.ByName, &lifted, &h.LiftedBy, &h.LiftedWhy)
	h.Since, h.Lifted = h.Since.UTC(), timeOf(lifted)
	return h, err
}

// Holds reads the holds, those that hold first, the newest first.
func (s *Store) Holds(ctx context.Context, org id.Org) ([]minutes.Hold, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+holdColumns+` FROM legal_hold h JOIN patient p ON p.id = h.patient
		WHERE h.org = $1 ORDER BY CASE WHEN h.lifted IS NULL THEN 0 ELSE 1 END, h.since DESC, h.id`, org)
	all, err := collect(rows, err, scanHold)
	return all, fault.Wrap("store.Holds", err)
}

// HoldByID reads one hold.
func (s *Store) HoldByID(ctx context.Context, org id.Org, h id.Hold) (minutes.Hold, error) {
	v, err := scanHold(s.read.QueryRowContext(ctx, `SELECT `+holdColumns+` FROM legal_hold h JOIN patient p ON p.id = h.patient
		WHERE h.org = $1 AND h.id = $2`, org, h))
	return v, fault.Wrap("store.HoldByID", mapErrorOrNil(err))
}

// PatientByIPP finds the only patient of a local identifier.
func (s *Store) PatientByIPP(ctx context.Context, org id.Org, ipp string) (id.Patient, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id FROM patient WHERE org = $1 AND ipp = $2 AND ipp <> '' LIMIT 2`, org, ipp)
	all, err := collect(rows, err, func(r scanner) (p id.Patient, err error) { return p, r.Scan(&p) })
	if err == nil && len(all) != 1 {
		err = fault.New(fault.NotFound, "store", "Introuvable.")
	}
	if err != nil {
		return "", fault.Wrap("store.PatientByIPP", mapErrorOrNil(err))
	}
	return all[0], nil
}

// PutHold inserts a hold; a patient has one at a time.
func (s *Store) PutHold(ctx context.Context, h minutes.Hold, by audit.Change) error {
	return s.change(ctx, "store.PutHold", by, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO legal_hold (id, org, patient, reason, since, by_id, by_name, lifted_by, lifted_why)
			VALUES ($1, $2, $3, $4, $5, $6, $7, '', '')`, h.ID, h.Org, h.Patient, h.Reason, micro(h.Since), null(h.By), h.ByName)
		if duplicate(err) {
			return fault.New(fault.Conflict, "store", "Ce dossier est déjà gelé.")
		}
		return err
	})
}

// LiftHold ends a hold that holds.
func (s *Store) LiftHold(ctx context.Context, h minutes.Hold, by audit.Change) error {
	return s.change(ctx, "store.LiftHold", by, func(tx *sql.Tx) error {
		return stale(tx.ExecContext(ctx, `
			UPDATE legal_hold SET lifted = $3, lifted_by = $4, lifted_why = $5 WHERE id = $1 AND org = $2 AND lifted IS NULL`,
			h.ID, h.Org, micro(h.Lifted), h.LiftedBy, h.LiftedWhy))
	})
}
