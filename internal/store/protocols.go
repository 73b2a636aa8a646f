package store

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/careplan/protocol"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// The store serves the protocols.
var _ protocol.Store = (*Store)(nil)

const protocolColumns = `p.id, p.org, p.team, p.shipped, p.archived, v.version, v.content, v.what, v.saved,
	COALESCE(v.saved_by, ''), v.saved_by_name`

func scanProtocol(r scanner) (p protocol.Protocol, err error) {
	var head protocol.Protocol
	err = r.Scan(&head.ID, &head.Org, &head.Team, &head.Key, &head.Archived, &head.Version, jsonOf(&p), &head.Saved.What,
		&head.Saved.At, &head.Saved.By, &head.Saved.ByName)
	p.ID, p.Org, p.Team, p.Key, p.Archived, p.Version, p.Saved = head.ID, head.Org, head.Team, head.Key, head.Archived, head.Version, head.Saved
	p.Saved.Version, p.Saved.At = p.Version, p.Saved.At.UTC()
	return p, err
}

// Protocols reads the current version of a team's protocols.
func (s *Store) Protocols(ctx context.Context, org id.Org, team id.Team) ([]protocol.Protocol, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+protocolColumns+`
		FROM protocol p JOIN protocol_version v ON v.protocol = p.id AND v.version = p.version
		WHERE p.org = $1 AND p.team = $2 ORDER BY p.id`, org, team)
	all, err := collect(rows, err, scanProtocol)
	return all, fault.Wrap("store.Protocols", err)
}

// Protocol reads a version; 0 is the current one.
func (s *Store) Protocol(ctx context.Context, org id.Org, p id.Protocol, version int) (protocol.Protocol, error) {
	v, err := scanProtocol(s.read.QueryRowContext(ctx, `SELECT `+protocolColumns+`
		FROM protocol p JOIN protocol_version v ON v.protocol = p.id AND v.version = CASE WHEN $3 = 0 THEN p.version ELSE $3 END
		WHERE p.org = $1 AND p.id = $2`, org, p, version))
	return v, fault.Wrap("store.Protocol", mapErrorOrNil(err))
}

// ProtocolHistory reads who saved each version, newest first.
func (s *Store) ProtocolHistory(ctx context.Context, org id.Org, p id.Protocol) ([]protocol.Saved, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT v.version, v.saved, COALESCE(v.saved_by, ''), v.saved_by_name, v.what
		FROM protocol_version v JOIN protocol p ON p.id = v.protocol
		WHERE p.org = $1 AND p.id = $2 ORDER BY v.version DESC`, org, p)
	all, err := collect(rows, err, func(r scanner) (v protocol.Saved, err error) {
		err = r.Scan(&v.Version, &v.At, &v.By, &v.ByName, &v.What)
		v.At = v.At.UTC()
		return v, err
	})
	return all, fault.Wrap("store.ProtocolHistory", err)
}

// SaveProtocol adds a version; the first one makes the protocol.
func (s *Store) SaveProtocol(ctx context.Context, p protocol.Protocol, by audit.Change) error {
	content, err := json.Marshal(p)
	if err != nil {
		return fault.Wrap("store.SaveProtocol", err)
	}
	return s.change(ctx, "store.SaveProtocol", by, func(tx *sql.Tx) error {
		if err := putProtocol(ctx, tx, p); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO protocol_version (protocol, version, content, what, saved, saved_by, saved_by_name)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			p.ID, p.Version, string(content), p.Saved.What, micro(p.Saved.At), null(p.Saved.By), p.Saved.ByName)
		return err
	})
}

func putProtocol(ctx context.Context, tx *sql.Tx, p protocol.Protocol) error {
	if p.Version > 1 {
		return stale(tx.ExecContext(ctx, `UPDATE protocol SET version = $3 WHERE id = $1 AND org = $2 AND version = $3 - 1`,
			p.ID, p.Org, p.Version))
	}
	if err := teamOfOrg(ctx, tx, p.Org, p.Team); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO protocol (id, org, team, shipped, version, archived, created) VALUES ($1, $2, $3, $4, 1, $5, $6)`,
		p.ID, p.Org, p.Team, p.Key, false, micro(p.Saved.At))
	return err
}

// ArchiveProtocol puts a protocol aside, or takes it back.
func (s *Store) ArchiveProtocol(ctx context.Context, org id.Org, p id.Protocol, archived bool, by audit.Change) error {
	return s.change(ctx, "store.ArchiveProtocol", by, func(tx *sql.Tx) error {
		return stale(tx.ExecContext(ctx, `UPDATE protocol SET archived = $3 WHERE id = $1 AND org = $2`, p, org, archived))
	})
}

// MakePlan writes a plan with its objectives, its actions and whoever is in
// charge of something; who is in the circle already stays as they are.
func (s *Store) MakePlan(ctx context.Context, m protocol.Made, by audit.Change) error {
	return s.change(ctx, "store.MakePlan", by, func(tx *sql.Tx) error {
		if err := onePlan(ctx, tx, m.Plan); err != nil {
			return err
		}
		if err := insertPlan(ctx, tx, m.Plan); err != nil {
			return err
		}
		for _, o := range m.Objectives {
			o.Updated = m.Plan.Updated
			if err := insertObjective(ctx, tx, o, m.Plan.Team); err != nil {
				return err
			}
		}
		for _, a := range m.Actions {
			a.Updated = m.Plan.Updated
			if err := insertAction(ctx, tx, a, m.Plan.Team); err != nil {
				return err
			}
		}
		return joinCircle(ctx, tx, m.Circle)
	})
}

// onePlan locks the patient and refuses a second open plan in a team.
func onePlan(ctx context.Context, tx *sql.Tx, p careplan.Plan) error {
	if err := stale(tx.ExecContext(ctx, `UPDATE patient SET updated = updated WHERE id = $1 AND org = $2`, p.Patient, p.Org)); err != nil {
		return err
	}
	var open bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM plan WHERE patient = $1 AND team = $2
		AND status NOT IN ('completed', 'revoked'))`, p.Patient, p.Team).Scan(&open)
	if err == nil && open {
		err = fault.New(fault.Conflict, "store", "Ce patient a déjà un plan dans cette équipe.")
	}
	return err
}

func joinCircle(ctx context.Context, tx *sql.Tx, circle []careplan.CircleMember) error {
	for _, c := range circle {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO circle (patient, professional, role, from_day, until_day) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (patient, professional) DO UPDATE SET until_day = NULL WHERE circle.until_day < $4`,
			c.Patient, c.Professional, c.Role, c.From, c.Until)
		if err != nil {
			return err
		}
	}
	return nil
}

// ProtocolTeam reads who is in a team on a day.
func (s *Store) ProtocolTeam(ctx context.Context, org id.Org, team id.Team, on date.Date) ([]protocol.Member, error) {
	t, err := s.TeamByID(ctx, org, team)
	if err != nil {
		return nil, fault.Wrap("store.ProtocolTeam", err)
	}
	var all []protocol.Member
	for _, m := range t.Members {
		if m.On(on) {
			all = append(all, protocol.Member{ID: m.ID, Name: m.Name(), Profession: m.Profession})
		}
	}
	return all, nil
}

// Expected reports whether a team waits for a patient: a request that stands,
// or a line of an agenda that is not held yet.
func (s *Store) Expected(ctx context.Context, org id.Org, team id.Team, p id.Patient) (bool, error) {
	var yes bool
	err := s.read.QueryRowContext(ctx, `
		SELECT EXISTS (SELECT 1 FROM request r WHERE r.org = $1 AND r.team = $2 AND r.patient = $3 AND r.status IN ('waiting', 'placed'))
			OR EXISTS (SELECT 1 FROM agenda_item i JOIN meeting m ON m.id = i.meeting
				WHERE i.org = $1 AND i.team = $2 AND i.patient = $3 AND i.status IN ('proposed', 'scheduled', 'deferred')
					AND m.status IN ('draft', 'open', 'closed', 'running'))`, org, team, p).Scan(&yes)
	return yes, fault.Wrap("store.Expected", mapErrorOrNil(err))
}

// Candidate reads who a patient is and their plans.
func (s *Store) Candidate(ctx context.Context, org id.Org, p id.Patient) (c protocol.Candidate, err error) {
	c.Patient, err = scanPatient(s.read.QueryRowContext(ctx,
		`SELECT `+patientColumns+` FROM patient p WHERE p.id = $1 AND p.org = $2`, p, org))
	if err != nil {
		return c, fault.Wrap("store.Candidate", mapError(err))
	}
	rows, err := s.read.QueryContext(ctx, `SELECT `+planColumns+` FROM plan WHERE patient = $1 ORDER BY id`, p)
	c.Plans, err = collect(rows, err, scanPlan)
	return c, fault.Wrap("store.Candidate", err)
}

// preparedPlan is the plan whose protocol says what to prepare for a line i of
// an agenda: the newest one of the team that is not over.
const preparedPlan = `(SELECT x.id FROM plan x WHERE x.patient = i.patient AND x.team = i.team AND x.protocol IS NOT NULL
	AND x.status NOT IN ('completed', 'revoked') ORDER BY x.id DESC LIMIT 1)`

// Preparation reads the checklist of the protocol that a case's plan comes
// from, in the version it was made with, and what is ticked.
func (s *Store) Preparation(ctx context.Context, org id.Org, c id.Case) (p protocol.Preparation, err error) {
	const op = "store.Preparation"
	var from protocol.Protocol
	err = s.read.QueryRowContext(ctx, `
		SELECT i.id, i.team, i.patient, i.meeting, COALESCE(v.protocol, ''), COALESCE(v.version, 0), COALESCE(v.content, '')
		FROM agenda_item i
		LEFT JOIN plan l ON l.id = `+preparedPlan+`
		LEFT JOIN protocol_version v ON v.protocol = l.protocol AND v.version = l.protocol_version
		WHERE i.org = $1 AND i.id = $2`, org, c).Scan(&p.Case, &p.Team, &p.Patient, &p.Meeting, &p.Protocol, &p.Version, jsonOf(&from))
	if err != nil {
		return p, fault.Wrap(op, mapError(err))
	}
	rows, err := s.read.QueryContext(ctx, `SELECT line, by_name, at FROM case_check WHERE case_id = $1`, c)
	ticked := map[string]protocol.Tick{}
	_, err = collect(rows, err, func(r scanner) (t protocol.Tick, err error) {
		err = r.Scan(&t.Line, &t.ByName, &t.At)
		t.Done, t.At = true, t.At.UTC()
		ticked[t.Line] = t
		return t, err
	})
	p.Name = from.Name
	for _, line := range from.Checklist {
		t := ticked[line]
		t.Line = line
		p.Lines = append(p.Lines, t)
	}
	return p, fault.Wrap(op, err)
}

// SetTick ticks a line of a case that is still prepared, or takes the tick off;
// twice is once.
func (s *Store) SetTick(ctx context.Context, org id.Org, c id.Case, t protocol.Tick, by audit.Change) error {
	return s.change(ctx, "store.SetTick", by, func(tx *sql.Tx) error {
		if err := lockCase(ctx, tx, org, c); err != nil {
			return err
		}
		if !t.Done {
			_, err := tx.ExecContext(ctx, `DELETE FROM case_check WHERE case_id = $1 AND line = $2`, c, t.Line)
			return err
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO case_check (case_id, line, by_name, at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (case_id, line) DO NOTHING`, c, t.Line, t.ByName, micro(t.At))
		return err
	})
}
