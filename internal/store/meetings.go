package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

const meetingColumns = `m.id, m.org, m.team, m.series, m.slot, m.kind, t.name, m.starts, m.ends, m.zone, m.room, m.url,
	m.status, m.reason, m.lapsed, m.uid, m.original, m.sequence, m.cutoff, m.opened, m.closed, m.started, m.held, m.signed,
	m.version, m.created, m.updated`

func scanMeeting(r scanner) (m meetings.Meeting, err error) {
	var series sql.NullString
	var original, opened, closed, started, held, signed sql.NullTime
	err = r.Scan(&m.ID, &m.Org, &m.Team, &series, &m.Slot, &m.Kind, &m.TeamName, &m.Starts, &m.Ends, &m.Zone, &m.Room, &m.URL,
		&m.Status, &m.Reason, &m.Lapsed, &m.UID, &original, &m.Sequence, &m.Cutoff, &opened, &closed, &started, &held, &signed,
		&m.Version, &m.Created, &m.Updated)
	m.Series = id.Series(series.String)
	m.Original = timeOf(original)
	m.Opened, m.Closed, m.Started = timeOf(opened), timeOf(closed), timeOf(started)
	m.HeldAt, m.SignedAt = timeOf(held), timeOf(signed)
	for _, t := range []*time.Time{&m.Starts, &m.Ends, &m.Cutoff, &m.Created, &m.Updated} {
		*t = t.UTC()
	}
	return m, err
}

// Meetings reads one page of meetings in the order of their start.
func (s *Store) Meetings(ctx context.Context, f meetings.Filter) ([]meetings.Meeting, string, error) {
	const op = "store.Meetings"
	limit := f.Limit
	if limit <= 0 {
		limit = 50
	}
	q, args, err := meetingsQuery(f, limit)
	if err != nil {
		return nil, "", fault.Wrap(op, err)
	}
	rows, err := s.read.QueryContext(ctx, q, args...)
	all, err := collect(rows, err, scanMeeting)
	if err != nil {
		return nil, "", fault.Wrap(op, err)
	}
	if len(all) <= limit {
		return all, "", nil
	}
	last := all[limit-1]
	return all[:limit], fmt.Sprintf("%d.%s", last.Starts.UnixMicro(), last.ID), nil
}

func meetingsQuery(f meetings.Filter, limit int) (string, []any, error) {
	q, args := `SELECT `+meetingColumns+` FROM meeting m JOIN team t ON t.id = m.team WHERE m.org = $1`, []any{f.Org}
	add := func(cond string, v ...any) {
		places := make([]any, len(v))
		for i := range v {
			args = append(args, v[i])
			places[i] = len(args)
		}
		q += " AND " + fmt.Sprintf(cond, places...)
	}
	if f.Teams != nil {
		q += " AND m.team IN " + in(&args, f.Teams)
	}
	if len(f.Status) > 0 {
		q += " AND m.status IN " + in(&args, f.Status)
	}
	if !f.From.IsZero() {
		add("m.starts >= $%d", micro(f.From))
	}
	if !f.To.IsZero() {
		add("m.starts < $%d", micro(f.To))
	}
	compare, order := ">", "ASC"
	if f.Newest {
		compare, order = "<", "DESC"
	}
	if f.After != "" {
		at, id, err := cursor(f.After)
		if err != nil {
			return "", nil, err
		}
		add("(m.starts, m.id) "+compare+" ($%d, $%d)", at, id)
	}
	args = append(args, limit+1)
	return q + fmt.Sprintf(" ORDER BY m.starts %s, m.id %s LIMIT $%d", order, order, len(args)), args, nil
}

// cursor reads "microseconds.id", the place where a page of times ended.
func cursor(s string) (time.Time, string, error) {
	var at int64
	micros, rest, ok := strings.Cut(s, ".")
	if _, err := fmt.Sscan(micros, &at); !ok || err != nil {
		return time.Time{}, "", fault.New(fault.Invalid, "store.cursor", "Cette page n’existe plus. Revenez au début de la liste.")
	}
	return time.UnixMicro(at).UTC(), rest, nil
}

// MeetingByID reads a meeting with its team, members and attendance.
func (s *Store) MeetingByID(ctx context.Context, org id.Org, m id.Meeting) (meetings.Full, error) {
	const op = "store.MeetingByID"
	var full meetings.Full
	var err error
	full.Meeting, err = scanMeeting(s.read.QueryRowContext(ctx,
		`SELECT `+meetingColumns+` FROM meeting m JOIN team t ON t.id = m.team WHERE m.org = $1 AND m.id = $2`, org, m))
	if err != nil {
		return full, fault.Wrap(op, mapError(err))
	}
	if full.Team, err = s.TeamByID(ctx, org, full.Meeting.Team); err != nil {
		return full, fault.Wrap(op, err)
	}
	rows, err := s.read.QueryContext(ctx, attendanceQuery+`
		WHERE a.meeting = $1 ORDER BY p.family, p.given, p.id`, m)
	full.Attendance, err = collect(rows, err, scanAttendance)
	return full, fault.Wrap(op, err)
}

const attendanceQuery = `SELECT a.meeting, ` + professionalColumns + `, a.role, a.required, a.answer, a.answered, a.answer_origin,
	a.comment, a.presence, a.arrived, a.departed, a.version, a.own, a.answer_sequence, a.answer_stamp, a.delegate, a.delegated_by,
	a.expect_from, a.expect_until
	FROM attendance a JOIN professional p ON p.id = a.professional`

func scanAttendance(r scanner) (a meetings.Attendance, err error) {
	var answered, arrived, left, stamp, from, until sql.NullTime
	var delegate, by sql.NullString
	into := append([]any{&a.Meeting}, professionalFields(&a.Professional)...)
	err = r.Scan(append(into, &a.Role, &a.Required, &a.Answer, &answered, &a.AnswerOrigin, &a.Comment, &a.Presence, &arrived, &left,
		&a.Version, &a.Own, &a.Sequence, &stamp, &delegate, &by, &from, &until)...)
	a.ExpectFrom, a.ExpectUntil = timeOf(from), timeOf(until)
	a.AnsweredAt, a.Arrived, a.Left, a.Stamp = timeOf(answered), timeOf(arrived), timeOf(left), timeOf(stamp)
	a.Delegate, a.DelegatedBy = id.Professional(delegate.String), id.Professional(by.String)
	return a, err
}

// CreateMeetings inserts the meetings that do not exist yet for their series
// and date, each with the attendance of the team's members, and returns how
// many it made. When it makes none it writes nothing.
func (s *Store) CreateMeetings(ctx context.Context, ms []meetings.Meeting, by audit.Change) (int, error) {
	var made int
	err := s.retry(ctx, func() error {
		made = 0
		return s.tx(ctx, func(tx *sql.Tx) error {
			for _, m := range ms {
				n, err := insertMeeting(ctx, tx, m)
				if err != nil {
					return err
				}
				made += n
			}
			if made == 0 {
				return nil
			}
			by.Entry.Detail = fmt.Sprintf("made %d", made)
			if err := insertEvents(ctx, tx, by.Events); err != nil {
				return err
			}
			return s.insertAudit(ctx, tx, by.Entry)
		})
	})
	if err != nil {
		return 0, fault.Wrap("store.CreateMeetings", mapError(err))
	}
	return made, nil
}

func insertMeeting(ctx context.Context, tx *sql.Tx, m meetings.Meeting) (int, error) {
	res, err := tx.ExecContext(ctx, `
		INSERT INTO meeting (id, org, team, series, slot, kind, starts, ends, zone, room, url, status, reason, uid, sequence,
			cutoff, version, created, updated, original)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1, $17, $18, $19)
		ON CONFLICT (series, slot) DO NOTHING`,
		m.ID, m.Org, m.Team, null(m.Series), m.Slot, m.Kind, micro(m.Starts), micro(m.Ends), m.Zone, m.Room, m.URL,
		m.Status, m.Reason, m.UID, m.Sequence, micro(m.Cutoff), micro(m.Created), micro(m.Updated), nullTime(m.Original))
	if err != nil {
		return 0, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, // who answered for the series answered for this date of it
		`INSERT INTO attendance (meeting, professional, role, required, answer, answered, answer_origin, comment, presence, version)
		SELECT CAST($1 AS text), tm.professional, tm.role, tm.required, coalesce(sa.answer, 'NEEDS-ACTION'), sa.answered,
			coalesce(sa.origin, ''), '', '', 1
		FROM team_member tm LEFT JOIN series_answer sa ON sa.professional = tm.professional AND sa.series = $4
		WHERE tm.team = $2 AND tm.joined <= $3 AND (tm.left_on IS NULL OR tm.left_on >= $3)`,
		m.ID, m.Team, m.Slot, linkedSeries(m))
	return 1, err
}

// linkedSeries is the series whose answers hold for a meeting.
func linkedSeries(m meetings.Meeting) sql.NullString {
	if !m.Linked() {
		return sql.NullString{}
	}
	return null(m.Series)
}

// UpdateMeeting changes a meeting that is still at m.Version.
func (s *Store) UpdateMeeting(ctx context.Context, m meetings.Meeting, by audit.Change) error {
	return s.change(ctx, "store.UpdateMeeting", by, func(tx *sql.Tx) error { return updateMeeting(ctx, tx, m) })
}

func updateMeeting(ctx context.Context, tx *sql.Tx, m meetings.Meeting) error {
	return stale(tx.ExecContext(ctx, `
		UPDATE meeting SET starts = $3, ends = $4, room = $5, url = $6, status = $7, reason = $8, sequence = $9, cutoff = $10,
			opened = $11, closed = $12, started = $13, held = $14, signed = $15, updated = $16, lapsed = $17, series = $18,
			slot = $19, original = $20, zone = $21, version = version + 1
		WHERE id = $1 AND version = $2`,
		m.ID, m.Version, micro(m.Starts), micro(m.Ends), m.Room, m.URL, m.Status, m.Reason, m.Sequence, micro(m.Cutoff),
		nullTime(m.Opened), nullTime(m.Closed), nullTime(m.Started), nullTime(m.HeldAt), nullTime(m.SignedAt), micro(m.Updated),
		m.Lapsed, null(m.Series), m.Slot, nullTime(m.Original), m.Zone))
}

// SaveAttendance changes the given people's rows of one meeting.
func (s *Store) SaveAttendance(ctx context.Context, org id.Org, m id.Meeting, as []meetings.Attendance, by audit.Change) error {
	return s.change(ctx, "store.SaveAttendance", by, func(tx *sql.Tx) error {
		if err := lockMeeting(ctx, tx, org, m); err != nil {
			return err
		}
		for _, a := range as {
			err := stale(tx.ExecContext(ctx, `
				UPDATE attendance SET answer = $4, answered = $5, answer_origin = $6, comment = $7, presence = $8,
					arrived = $9, departed = $10, own = $11, answer_sequence = $12, answer_stamp = $13, delegate = $14,
					delegated_by = $15, expect_from = $16, expect_until = $17, version = version + 1
				WHERE meeting = $1 AND professional = $2 AND version = $3`,
				m, a.Professional.ID, a.Version, a.Answer, nullTime(a.AnsweredAt), a.AnswerOrigin, a.Comment, a.Presence,
				nullTime(a.Arrived), nullTime(a.Left), a.Own, a.Sequence, nullTime(a.Stamp), null(a.Delegate), null(a.DelegatedBy),
				nullTime(a.ExpectFrom), nullTime(a.ExpectUntil)))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

const professionalColumns = `p.id, p.org, p.family, p.given, p.title, p.profession, p.specialty, p.rpps, p.email, p.aliases,
	p.profile, p.link_epoch, p.version`

func scanProfessional(r scanner) (p auth.Professional, err error) {
	return p, r.Scan(professionalFields(&p)...)
}

// professionalFields are where professionalColumns are read into.
func professionalFields(p *auth.Professional) []any {
	return []any{
		&p.ID, &p.Org, &p.Family, &p.Given, &p.Title, &p.Profession, &p.Specialty, &p.RPPS, &p.Email, jsonOf(&p.Aliases), &p.Profile,
		&p.LinkEpoch, &p.Version,
	}
}

// Professionals reads an organisation's professionals by name.
func (s *Store) Professionals(ctx context.Context, org id.Org) ([]auth.Professional, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT `+professionalColumns+` FROM professional p WHERE p.org = $1 ORDER BY p.family, p.given, p.id`, org)
	all, err := collect(rows, err, scanProfessional)
	return all, fault.Wrap("store.Professionals", err)
}

// SaveProfessional inserts (Version 0) or changes a professional.
func (s *Store) SaveProfessional(ctx context.Context, p auth.Professional, by audit.Change) error {
	return s.change(ctx, "store.SaveProfessional", by, func(tx *sql.Tx) error {
		aliases, err := listJSON(p.Aliases)
		if err != nil {
			return err
		}
		if p.Version == 0 {
			_, err := tx.ExecContext(ctx, `
				INSERT INTO professional (id, org, family, given, title, profession, specialty, rpps, email, aliases, profile, version)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1)`,
				p.ID, p.Org, p.Family, p.Given, p.Title, p.Profession, p.Specialty, p.RPPS, p.Email, aliases, p.Profile)
			return err
		}
		return stale(tx.ExecContext(ctx, `
			UPDATE professional SET family = $4, given = $5, title = $6, profession = $7, specialty = $8, rpps = $9, email = $10,
				aliases = $11, profile = $12, version = version + 1 WHERE id = $1 AND org = $2 AND version = $3`,
			p.ID, p.Org, p.Version, p.Family, p.Given, p.Title, p.Profession, p.Specialty, p.RPPS, p.Email, aliases, p.Profile))
	})
}
