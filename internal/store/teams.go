package store

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

const teamColumns = `id, org, name, kind, zone, holiday_zone, quorum, case_minutes, review_interval, cutoff_hours, open_days,
	organizer_address, version, created, updated, reminders, training`

func scanTeam(r scanner) (t meetings.Team, err error) {
	var quorum []byte
	err = r.Scan(&t.ID, &t.Org, &t.Name, &t.Kind, &t.Zone, &t.HolidayZone, &quorum, &t.CaseMinutes, &t.ReviewInterval,
		&t.CutoffHours, &t.OpenDays, &t.OrganizerAddress, &t.Version, &t.Created, &t.Updated, jsonOf(&t.Reminders), &t.Training)
	if err != nil {
		return t, err
	}
	t.Created, t.Updated = t.Created.UTC(), t.Updated.UTC()
	return t, json.Unmarshal(quorum, &t.Quorum)
}

// Teams reads an organisation's teams with their members.
func (s *Store) Teams(ctx context.Context, org id.Org) ([]meetings.Team, error) {
	const op = "store.Teams"
	rows, err := s.read.QueryContext(ctx, `SELECT `+teamColumns+` FROM team WHERE org = $1 ORDER BY name, id`, org)
	teams, err := collect(rows, err, scanTeam)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	return teams, fault.Wrap(op, s.addMembers(ctx, teams))
}

// TeamByID reads a team with its members.
func (s *Store) TeamByID(ctx context.Context, org id.Org, t id.Team) (meetings.Team, error) {
	const op = "store.TeamByID"
	team, err := scanTeam(s.read.QueryRowContext(ctx, `SELECT `+teamColumns+` FROM team WHERE org = $1 AND id = $2`, org, t))
	if err != nil {
		return team, fault.Wrap(op, mapError(err))
	}
	one := []meetings.Team{team}
	err = s.addMembers(ctx, one)
	return one[0], fault.Wrap(op, err)
}

// addMembers reads the members of all the teams in one query.
func (s *Store) addMembers(ctx context.Context, teams []meetings.Team) error {
	at, ids := map[id.Team]int{}, []id.Team{}
	for i, t := range teams {
		at[t.ID] = i
		ids = append(ids, t.ID)
	}
	var args []any
	rows, err := s.read.QueryContext(ctx, `
		SELECT tm.team, `+professionalColumns+`, tm.role, tm.required, tm.joined, tm.left_on
		FROM team_member tm JOIN professional p ON p.id = tm.professional
		WHERE tm.team IN `+in(&args, ids)+` ORDER BY p.family, p.given, p.id`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var t id.Team
		var m meetings.Member
		into := append([]any{&t}, professionalFields(&m.Professional)...)
		if err := rows.Scan(append(into, &m.Role, &m.Required, &m.Joined, &m.Left)...); err != nil {
			return err
		}
		teams[at[t]].Members = append(teams[at[t]].Members, m)
	}
	return rows.Err()
}

// SaveTeam inserts (Version 0) or changes a team; its members become those
// given, and the attendance of the meetings named in changes follows.
func (s *Store) SaveTeam(ctx context.Context, t meetings.Team, changes []meetings.AttendeeChange, by audit.Change) error {
	return s.change(ctx, "store.SaveTeam", by, func(tx *sql.Tx) error {
		if err := writeTeam(ctx, tx, t); err != nil {
			return err
		}
		if err := writeMembers(ctx, tx, t); err != nil {
			return err
		}
		for _, c := range changes {
			if err := writeAttendee(ctx, tx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

func writeTeam(ctx context.Context, tx *sql.Tx, t meetings.Team) error {
	quorum, err := json.Marshal(t.Quorum)
	if err != nil {
		return err
	}
	reminders, err := listJSON(t.Reminders)
	if err != nil {
		return err
	}
	if t.Version == 0 {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO team (`+teamColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $14, $15, $16)`,
			t.ID, t.Org, t.Name, t.Kind, t.Zone, t.HolidayZone, string(quorum), t.CaseMinutes, t.ReviewInterval, t.CutoffHours,
			t.OpenDays, t.OrganizerAddress, micro(t.Created), micro(t.Updated), reminders, t.Training)
		return err
	}
	return stale(tx.ExecContext(ctx, `
		UPDATE team SET name = $4, kind = $5, zone = $6, holiday_zone = $7, quorum = $8, case_minutes = $9, review_interval = $10,
			cutoff_hours = $11, open_days = $12, organizer_address = $13, updated = $14, reminders = $15, version = version + 1
		WHERE id = $1 AND org = $2 AND version = $3`,
		t.ID, t.Org, t.Version, t.Name, t.Kind, t.Zone, t.HolidayZone, string(quorum), t.CaseMinutes, t.ReviewInterval,
		t.CutoffHours, t.OpenDays, t.OrganizerAddress, micro(t.Updated), reminders))
}

func writeMembers(ctx context.Context, tx *sql.Tx, t meetings.Team) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM team_member WHERE team = $1`, t.ID); err != nil {
		return err
	}
	for _, m := range t.Members {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO team_member (team, professional, role, required, joined, left_on) VALUES ($1, $2, $3, $4, $5, $6)`,
			t.ID, m.ID, m.Role, m.Required, m.Joined, m.Left); err != nil {
			return err
		}
	}
	return nil
}

// SaveAttendee invites one person to one meeting, or takes them off it.
func (s *Store) SaveAttendee(ctx context.Context, org id.Org, c meetings.AttendeeChange, by audit.Change) error {
	return s.change(ctx, "store.SaveAttendee", by, func(tx *sql.Tx) error {
		if err := lockMeeting(ctx, tx, org, c.Meeting); err != nil {
			return err
		}
		return writeAttendee(ctx, tx, c)
	})
}

// writeAttendee adds one person to one meeting, or takes one off; the event
// names who, so that the invitation or its cancellation still reaches them.
func writeAttendee(ctx context.Context, tx *sql.Tx, c meetings.AttendeeChange) error {
	if c.Removed {
		_, err := tx.ExecContext(ctx, `DELETE FROM attendance WHERE meeting = $1 AND professional = $2`, c.Meeting, c.Member.ID)
		return err
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO attendance (meeting, professional, role, required, answer, answer_origin, comment, presence, version)
		VALUES ($1, $2, $3, $4, 'NEEDS-ACTION', '', '', '', 1) ON CONFLICT (meeting, professional) DO NOTHING`,
		c.Meeting, c.Member.ID, c.Member.Role, c.Member.Required)
	return err
}
