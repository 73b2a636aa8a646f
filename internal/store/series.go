package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

const seriesColumns = `id, org, team, freq, weekdays, nth, every_weeks, times, start, minutes, zone, from_day, until_day, on_closed,
	room, url, sequence, floor, horizon, announced, root, ended, version, created, updated`

func scanSeries(r scanner) (v meetings.Series, err error) {
	var minutes int
	var weekdays string
	var announced sql.NullTime
	err = r.Scan(&v.ID, &v.Org, &v.Team, &v.Freq, &weekdays, &v.Nth, &v.Interval, &v.Count, &v.Start, &minutes, &v.Zone, &v.From,
		&v.Until, &v.OnClosed, &v.Room, &v.URL, &v.Sequence, &v.Floor, &v.Horizon, &announced, &v.Root, &v.Ended,
		&v.Version, &v.Created, &v.Updated)
	if err != nil {
		return v, err
	}
	v.Duration, v.Announced = time.Duration(minutes)*time.Minute, timeOf(announced)
	v.Created, v.Updated = v.Created.UTC(), v.Updated.UTC()
	v.Weekdays, err = readWeekdays(weekdays)
	return v, err
}

// SeriesOf reads the series of teams, or all of the organisation's when nil.
func (s *Store) SeriesOf(ctx context.Context, org id.Org, teams []id.Team) ([]meetings.Series, error) {
	q, args := `SELECT `+seriesColumns+` FROM series WHERE org = $1`, []any{org}
	if teams != nil {
		q += ` AND team IN ` + in(&args, teams)
	}
	rows, err := s.read.QueryContext(ctx, q+` ORDER BY id`, args...)
	all, err := collect(rows, err, scanSeries)
	return all, fault.Wrap("store.SeriesOf", err)
}

// SeriesByID reads one series.
func (s *Store) SeriesByID(ctx context.Context, org id.Org, v id.Series) (meetings.Series, error) {
	one, err := scanSeries(s.read.QueryRowContext(ctx, `SELECT `+seriesColumns+` FROM series WHERE org = $1 AND id = $2`, org, v))
	return one, fault.Wrap("store.SeriesByID", mapErrorOrNil(err))
}

func writeSeries(ctx context.Context, tx *sql.Tx, v meetings.Series) error {
	minutes, days := int(v.Duration.Minutes()), weekdayText(v.Weekdays)
	if v.Version == 0 {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO series (`+seriesColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
				$17, $18, $19, $20, $21, $22, 1, $23, $24)`,
			v.ID, v.Org, v.Team, v.Freq, days, v.Nth, v.Interval, v.Count, v.Start, minutes, v.Zone, v.From, v.Until, v.OnClosed,
			v.Room, v.URL, v.Sequence, v.Floor, v.Horizon, nullTime(v.Announced), v.Root, v.Ended, micro(v.Created), micro(v.Updated))
		return err
	}
	return stale(tx.ExecContext(ctx, `
		UPDATE series SET freq = $4, weekdays = $5, nth = $6, every_weeks = $7, times = $8, start = $9, minutes = $10, zone = $11,
			from_day = $12, until_day = $13, on_closed = $14, room = $15, url = $16, sequence = $17, floor = $18, horizon = $19,
			announced = $20, root = $21, ended = $22, updated = $23, version = version + 1
		WHERE id = $1 AND org = $2 AND version = $3`,
		v.ID, v.Org, v.Version, v.Freq, days, v.Nth, v.Interval, v.Count, v.Start, minutes, v.Zone, v.From, v.Until, v.OnClosed,
		v.Room, v.URL, v.Sequence, v.Floor, v.Horizon, nullTime(v.Announced), v.Root, v.Ended, micro(v.Updated)))
}

// SavePlan writes an edit of a series: the series, the meetings it makes and
// those it changes, and the answers that no longer stand.
func (s *Store) SavePlan(ctx context.Context, p meetings.Plan, by audit.Change) error {
	return s.change(ctx, "store.SavePlan", by, func(tx *sql.Tx) error { return writePlan(ctx, tx, p) })
}

func writePlan(ctx context.Context, tx *sql.Tx, p meetings.Plan) error {
	if c := p.Closures; c != nil {
		if err := writeClosures(ctx, tx, c.Org, c.Team, c.All); err != nil {
			return err
		}
	}
	for _, v := range p.Series {
		if err := writeSeries(ctx, tx, v); err != nil {
			return err
		}
	}
	for _, m := range p.Change {
		if err := updateMeeting(ctx, tx, m); err != nil {
			return err
		}
	}
	for _, m := range p.Make {
		n, err := insertMeeting(ctx, tx, m)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "store", "Quelqu’un a modifié ceci entre-temps. Rechargez la page.")
		}
		if err != nil {
			return err
		}
	}
	return reask(ctx, tx, p)
}

// reask forgets the answers to a time that changed: they say nothing of the new
// one.
func reask(ctx context.Context, tx *sql.Tx, p meetings.Plan) error {
	for _, m := range p.Reask {
		_, err := tx.ExecContext(ctx, `
			UPDATE attendance SET answer = 'NEEDS-ACTION', answered = NULL, answer_origin = '', own = $2, delegate = NULL,
				expect_from = NULL, expect_until = NULL, version = version + 1
			WHERE meeting = $1 AND (answer <> 'NEEDS-ACTION' OR expect_from IS NOT NULL OR expect_until IS NOT NULL)`, m, false)
		if err != nil {
			return err
		}
	}
	for _, v := range p.ReaskSeries {
		if _, err := tx.ExecContext(ctx, `
			UPDATE series_answer SET answer = 'NEEDS-ACTION', answered = NULL, origin = '' WHERE series = $1`, v); err != nil {
			return err
		}
	}
	return nil
}

// SeriesState reads what decides what calendars hold of a series. Attendance is
// read for the dates that are not over.
func (s *Store) SeriesState(ctx context.Context, org id.Org, v id.Series) (meetings.State, error) {
	const op = "store.SeriesState"
	var st meetings.State
	var err error
	if st.Series, err = s.SeriesByID(ctx, org, v); err != nil {
		return st, fault.Wrap(op, err)
	}
	rows, err := s.read.QueryContext(ctx, `
		SELECT `+meetingColumns+` FROM meeting m JOIN team t ON t.id = m.team WHERE m.series = $1 ORDER BY m.starts, m.id`, v)
	dates, err := collect(rows, err, scanMeeting)
	if err != nil {
		return st, fault.Wrap(op, err)
	}
	for _, m := range dates {
		st.Dates = append(st.Dates, meetings.Full{Meeting: m})
	}
	if err := s.addAttendance(ctx, st.Dates, v); err != nil {
		return st, fault.Wrap(op, err)
	}
	rows, err = s.read.QueryContext(ctx, `
		SELECT series, professional, answer, answered, origin, comment, sequence, stamp FROM series_answer WHERE series = $1`, v)
	if st.Answers, err = collect(rows, err, scanSeriesAnswer); err != nil {
		return st, fault.Wrap(op, err)
	}
	return st, fault.Wrap(op, s.completeState(ctx, org, &st, st.Series.Team))
}

func scanSeriesAnswer(r scanner) (a meetings.SeriesAnswer, err error) {
	var answered, stamp sql.NullTime
	err = r.Scan(&a.Series, &a.Professional, &a.Answer, &answered, &a.Origin, &a.Comment, &a.Sequence, &stamp)
	a.AnsweredAt, a.Stamp = timeOf(answered), timeOf(stamp)
	return a, err
}

// addAttendance reads who is invited to the dates of a series that are not
// over, in one query.
func (s *Store) addAttendance(ctx context.Context, dates []meetings.Full, v id.Series) error {
	at := map[id.Meeting]int{}
	for i, f := range dates {
		at[f.Meeting.ID] = i
	}
	rows, err := s.read.QueryContext(ctx, attendanceQuery+`
		JOIN meeting m ON m.id = a.meeting WHERE m.series = $1 AND m.ends > $2 ORDER BY p.family, p.given, p.id`, v, micro(s.now()))
	all, err := collect(rows, err, scanAttendance)
	for _, a := range all {
		f := &dates[at[a.Meeting]]
		f.Attendance = append(f.Attendance, a)
	}
	return err
}

// MeetingState reads the same of a meeting that is an object of its own.
func (s *Store) MeetingState(ctx context.Context, org id.Org, m id.Meeting) (meetings.State, error) {
	const op = "store.MeetingState"
	full, err := s.MeetingByID(ctx, org, m)
	if err != nil {
		return meetings.State{}, fault.Wrap(op, err)
	}
	team := full.Team
	full.Team = meetings.Team{}
	st := meetings.State{Dates: []meetings.Full{full}}
	return st, fault.Wrap(op, s.completeState(ctx, org, &st, team.ID))
}

// completeState reads what any object's state needs beside its dates.
func (s *Store) completeState(ctx context.Context, org id.Org, st *meetings.State, team id.Team) (err error) {
	if st.Team, err = s.TeamByID(ctx, org, team); err != nil {
		return err
	}
	if st.Org, err = s.OrgByID(ctx, org); err != nil {
		return err
	}
	all, err := s.Closures(ctx, org)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Team == "" || c.Team == team {
			st.Closures = append(st.Closures, c)
		}
	}
	st.Told, err = s.told(ctx, st.UID())
	return err
}

func (s *Store) told(ctx context.Context, uid string) ([]meetings.Told, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT c.uid, c.address, c.org, c.view, c.stamp, c.version, `+professionalColumns+`
		FROM calendar_told c JOIN professional p ON p.id = c.recipient WHERE c.uid = $1 ORDER BY c.address`, uid)
	return collect(rows, err, func(r scanner) (t meetings.Told, err error) {
		into := []any{&t.UID, &t.Address, &t.Org, jsonOf(&t.View), &t.Stamp, &t.Version}
		err = r.Scan(append(into, professionalFields(&t.Recipient)...)...)
		t.Stamp = t.Stamp.UTC()
		return t, err
	})
}

// Closures reads the days on which an organisation or its teams do not meet.
func (s *Store) Closures(ctx context.Context, org id.Org) ([]meetings.Closure, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, org, coalesce(team, ''), from_day, until_day, name FROM closure WHERE org = $1 ORDER BY from_day, id`, org)
	all, err := collect(rows, err, func(r scanner) (c meetings.Closure, err error) {
		return c, r.Scan(&c.ID, &c.Org, &c.Team, &c.From, &c.Until, &c.Name)
	})
	return all, fault.Wrap("store.Closures", err)
}

// writeClosures makes the closures of a team (or, without one, of the whole
// organisation) those given.
func writeClosures(ctx context.Context, tx *sql.Tx, org id.Org, t id.Team, all []meetings.Closure) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM closure WHERE org = $1 AND coalesce(team, '') = $2`, org, t); err != nil {
		return err
	}
	for _, c := range all {
		if _, err := tx.ExecContext(ctx, `INSERT INTO closure (id, org, team, from_day, until_day, name) VALUES ($1, $2, $3, $4, $5, $6)`,
			c.ID, org, null(t), c.From, c.Until, c.Name); err != nil {
			return err
		}
	}
	return nil
}
