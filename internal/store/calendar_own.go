package store

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// OwnMeetings reads the meetings that a person is invited to and that end after
// an instant, oldest first, each with its team's organiser address. Those of
// training teams stay out: nobody has to go.
func (s *Store) OwnMeetings(ctx context.Context, org id.Org, who id.Professional, from time.Time, limit int) ([]meetings.Own, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT `+meetingColumns+`, t.organizer_address
		FROM attendance x JOIN meeting m ON m.id = x.meeting JOIN team t ON t.id = m.team
		WHERE x.professional = $1 AND m.org = $2 AND m.ends > $3 AND NOT t.training
		ORDER BY m.starts, m.id LIMIT $4`, who, org, micro(from), limit)
	all, err := collect(rows, err, func(r scanner) (o meetings.Own, err error) {
		o.Meeting, err = scanMeeting(alsoInto{r, &o.Organizer})
		return o, err
	})
	return all, fault.Wrap("store.OwnMeetings", err)
}

// alsoInto scans one more column after those it is asked for.
type alsoInto struct {
	scanner
	last any
}

// Scan implements scanner.
func (a alsoInto) Scan(into ...any) error { return a.scanner.Scan(append(into, a.last)...) }

// Tasks reads somebody's open actions that have a due day, of the living
// patients in whose care circle they are, oldest due first: nothing of whom or
// what they are for.
func (s *Store) Tasks(ctx context.Context, org id.Org, who id.Professional, on date.Date, limit int) ([]careplan.Task, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT a.id, coalesce(t.name, ''), a.status, a.due, a.created, a.updated
		FROM action a JOIN patient p ON p.id = a.patient LEFT JOIN team t ON t.id = a.team
		WHERE a.owner = $1 AND a.org = $2 AND a.status IN ('requested', 'in-progress') AND a.due IS NOT NULL
			AND NOT p.deceased AND NOT p.fictional AND `+inCircle(1, 3)+`
		ORDER BY a.due, a.id LIMIT $4`, who, org, on, limit)
	all, err := collect(rows, err, func(r scanner) (t careplan.Task, err error) {
		err = r.Scan(&t.ID, &t.Team, &t.Status, &t.Due, &t.Created, &t.Updated)
		t.Created, t.Updated = t.Created.UTC(), t.Updated.UTC()
		return t, err
	})
	return all, fault.Wrap("store.Tasks", err)
}
