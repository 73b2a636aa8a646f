package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"maps"
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// FeedbackAsked reads the meetings held since an instant, at which somebody was
// and on which they did not answer yet, newest first.
func (s *Store) FeedbackAsked(ctx context.Context, org id.Org, who id.Professional, since time.Time) ([]meetings.Meeting, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT `+meetingColumns+` FROM meeting m JOIN team t ON t.id = m.team
		WHERE m.org = $1 AND m.held > $3 AND m.status IN ('held', 'signed')
			AND EXISTS (SELECT 1 FROM attendance a WHERE a.meeting = m.id AND a.professional = $2 AND a.presence IN ('present', 'remote'))
			AND NOT EXISTS (SELECT 1 FROM feedback_given g WHERE g.meeting = m.id AND g.professional = $2)
		ORDER BY m.starts DESC LIMIT 20`, org, who, micro(since))
	all, err := collect(rows, err, scanMeeting)
	return all, fault.Wrap("store.FeedbackAsked", err)
}

// AddFeedback keeps an answer and, apart from it, that this person gave one. It
// writes all the answers of the meeting again under new random ids, so that
// neither the order of the rows nor the transaction that wrote one (PostgreSQL
// keeps it as xmin) tells which came with whom.
func (s *Store) AddFeedback(ctx context.Context, org id.Org, m id.Meeting, who id.Professional, f meetings.Feedback, by audit.Change) error {
	return s.change(ctx, "store.AddFeedback", by, func(tx *sql.Tx) error {
		// Of answers given at once, the later one waits to mix the earlier ones in.
		if _, err := tx.ExecContext(ctx, `UPDATE meeting SET updated = updated WHERE org = $1 AND id = $2`, org, m); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO feedback_given (meeting, professional, org) VALUES ($1, $2, $3)`, m, who, org)
		if duplicate(err) {
			return fault.New(fault.Conflict, "store.AddFeedback", "Vous avez déjà donné votre avis sur cette réunion.")
		}
		if err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, `DELETE FROM feedback WHERE org = $1 AND meeting = $2 RETURNING worth, heard, sentence`, org, m)
		all, err := collect(rows, err, scanFeedback)
		if err != nil {
			return err
		}
		mixed := map[string]meetings.Feedback{rand.Text(): f}
		for _, one := range all {
			mixed[rand.Text()] = one
		}
		return insertFeedback(ctx, tx, org, m, mixed)
	})
}

func scanFeedback(r scanner) (f meetings.Feedback, err error) {
	return f, r.Scan(&f.Worth, &f.Heard, &f.Sentence)
}

// insertFeedback writes answers by their random ids, in their order.
func insertFeedback(ctx context.Context, tx *sql.Tx, org id.Org, m id.Meeting, mixed map[string]meetings.Feedback) error {
	for _, key := range slices.Sorted(maps.Keys(mixed)) {
		f := mixed[key]
		_, err := tx.ExecContext(ctx, `
			INSERT INTO feedback (id, org, meeting, worth, heard, sentence) VALUES ($1, $2, $3, $4, $5, $6)`,
			key, org, m, f.Worth, f.Heard, f.Sentence)
		if err != nil {
			return err
		}
	}
	return nil
}

// Feedback reads the answers on the meetings of a team held before an instant,
// newest first.
func (s *Store) Feedback(ctx context.Context, org id.Org, team id.Team, before time.Time, limit int) ([]meetings.Answers, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT m.id, m.starts, m.zone, f.worth, f.heard, f.sentence FROM feedback f
			JOIN (SELECT h.id, h.starts, h.zone FROM meeting h WHERE h.org = $1 AND h.team = $2 AND h.held <= $3
				AND EXISTS (SELECT 1 FROM feedback e WHERE e.meeting = h.id) ORDER BY h.starts DESC LIMIT $4) m ON m.id = f.meeting
		ORDER BY m.starts DESC, m.id, f.id`, org, team, micro(before), limit)
	var all []meetings.Answers
	_, err = collect(rows, err, func(r scanner) (f meetings.Feedback, err error) {
		var m meetings.Meeting
		if err = r.Scan(&m.ID, &m.Starts, &m.Zone, &f.Worth, &f.Heard, &f.Sentence); err != nil {
			return f, err
		}
		m.Starts = m.Starts.UTC()
		if len(all) == 0 || all[len(all)-1].Meeting.ID != m.ID {
			all = append(all, meetings.Answers{Meeting: m})
		}
		last := &all[len(all)-1]
		last.Given = append(last.Given, f)
		return f, nil
	})
	return all, fault.Wrap("store.Feedback", err)
}
