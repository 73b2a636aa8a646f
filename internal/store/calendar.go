package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify"
)

// PutCalendar stores the messages about one object and what they tell, and
// marks the events that asked for them treated, all or nothing: it is a
// fault.Conflict when one of the events was treated already, or when a calendar
// was told something else meanwhile.
func (s *Store) PutCalendar(ctx context.Context, events []event.Event, told []meetings.Told, ms []notify.Message) error {
	err := s.retry(ctx, func() error {
		return s.tx(ctx, func(tx *sql.Tx) error {
			if err := s.claimEvents(ctx, tx, events); err != nil {
				return err
			}
			if err := inOrder(ctx, tx, ms); err != nil {
				return err
			}
			for _, t := range told {
				if err := writeTold(ctx, tx, t); err != nil {
					return err
				}
			}
			return s.insertMessages(ctx, tx, ms)
		})
	})
	return fault.Wrap("store.PutCalendar", mapErrorOrNil(err))
}

func (s *Store) claimEvents(ctx context.Context, tx *sql.Tx, events []event.Event) error {
	ids := make([]id.Event, len(events))
	for i, e := range events {
		ids[i] = e.ID
	}
	args := []any{micro(s.now())}
	res, err := tx.ExecContext(ctx, `UPDATE event SET treated = $1 WHERE treated IS NULL AND id IN `+in(&args, ids), args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || int(n) != len(events) {
		return fault.New(fault.Conflict, "store", "Ces événements sont déjà traités.")
	}
	return nil
}

func writeTold(ctx context.Context, tx *sql.Tx, t meetings.Told) error {
	view, err := json.Marshal(t.View)
	if err != nil {
		return err
	}
	return stale(tx.ExecContext(ctx, `
		INSERT INTO calendar_told (uid, address, org, recipient, view, stamp, version) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (uid, address) DO UPDATE SET recipient = excluded.recipient, view = excluded.view, stamp = excluded.stamp,
			version = excluded.version WHERE calendar_told.version = excluded.version - 1`,
		t.UID, t.Address, t.Org, t.Recipient.ID, string(view), micro(t.Stamp), t.Version+1))
}

// Busy reads the meetings, cancelled ones aside, that overlap a span and share a
// room or a person with it.
func (s *Store) Busy(ctx context.Context, q meetings.BusyQuery) ([]meetings.Booking, error) {
	const op = "store.Busy"
	args := []any{q.Org, micro(q.From), micro(q.To)}
	where := `m.org = $1 AND m.starts < $3 AND m.ends > $2 AND m.starts > $4 AND m.status NOT IN ('cancelled', 'held', 'signed')`
	args = append(args, micro(q.From.Add(-24*time.Hour))) // none lasts longer: bounds the index
	if len(q.NotMeetings) > 0 {
		where += ` AND m.id NOT IN ` + in(&args, q.NotMeetings)
	}
	if len(q.NotSeries) > 0 {
		where += ` AND coalesce(m.series, '') NOT IN ` + in(&args, q.NotSeries)
	}
	rows, err := s.read.QueryContext(ctx, `
		SELECT `+meetingColumns+` FROM meeting m JOIN team t ON t.id = m.team WHERE `+where+` ORDER BY m.starts, m.id`, args...)
	found, err := collect(rows, err, scanMeeting)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	who, err := s.busyPeople(ctx, q)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	var all []meetings.Booking
	for _, m := range found {
		b := meetings.Booking{Meeting: m, Room: q.Room != "" && meetings.SameRoom(q.Room, m.Room), People: who[m.ID]}
		if b.Room || len(b.People) > 0 {
			all = append(all, b)
		}
	}
	return all, nil
}

// busyPeople reads who of those asked for is invited where within the span, and
// has neither declined nor sent somebody else.
func (s *Store) busyPeople(ctx context.Context, q meetings.BusyQuery) (map[id.Meeting][]auth.Professional, error) {
	who := map[id.Meeting][]auth.Professional{}
	if len(q.People) == 0 {
		return who, nil
	}
	args := []any{q.Org, micro(q.From.Add(-24 * time.Hour)), micro(q.To)}
	rows, err := s.read.QueryContext(ctx, attendanceQuery+`
		JOIN meeting m ON m.id = a.meeting
		WHERE m.org = $1 AND m.starts > $2 AND m.starts < $3 AND a.answer NOT IN ('DECLINED', 'DELEGATED')
			AND a.professional IN `+in(&args, slices.Compact(slices.Sorted(slices.Values(q.People))))+` ORDER BY p.family, p.given, p.id`, args...)
	all, err := collect(rows, err, scanAttendance)
	for _, a := range all {
		who[a.Meeting] = append(who[a.Meeting], a.Professional)
	}
	return who, err
}
