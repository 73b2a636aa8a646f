package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/notify"
)

// UntreatedEvents reads the events whose messages were not made yet.
func (s *Store) UntreatedEvents(ctx context.Context, after id.Event, limit int) ([]event.Event, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, org, kind, at, team, series, meeting, case_id, patient, minutes, professional, request
		FROM event WHERE treated IS NULL AND id > $1 ORDER BY id LIMIT $2`, after, max(limit, 1))
	all, err := collect(rows, err, scanEvent)
	return all, fault.Wrap("store.UntreatedEvents", err)
}

func scanEvent(r scanner) (e event.Event, err error) {
	err = r.Scan(&e.ID, &e.Org, &e.Kind, &e.At, &e.Team, &e.Series, &e.Meeting, &e.Case, &e.Patient, &e.Minutes, &e.Professional, &e.Request)
	e.At = e.At.UTC()
	return e, err
}

// MarkTreated marks events that need no message.
func (s *Store) MarkTreated(ctx context.Context, es []id.Event) error {
	args := []any{micro(s.now())}
	list := in(&args, es)
	_, err := s.write.ExecContext(ctx, `UPDATE event SET treated = $1 WHERE treated IS NULL AND id IN `+list, args...)
	return fault.Wrap("store.MarkTreated", err)
}

// PutMessages stores an event's messages and marks it treated, once.
func (s *Store) PutMessages(ctx context.Context, e event.Event, ms []notify.Message) error {
	err := s.retry(ctx, func() error {
		return s.tx(ctx, func(tx *sql.Tx) error {
			fresh, err := s.claimEvent(ctx, tx, e)
			if err != nil || !fresh {
				return err
			}
			if err := inOrder(ctx, tx, ms); err != nil {
				return err
			}
			return s.insertMessages(ctx, tx, ms)
		})
	})
	return fault.Wrap("store.PutMessages", mapErrorOrNil(err))
}

// claimEvent marks the event treated; fresh is false when it was already.
func (s *Store) claimEvent(ctx context.Context, tx *sql.Tx, e event.Event) (fresh bool, err error) {
	res, err := tx.ExecContext(ctx, `UPDATE event SET treated = $2 WHERE id = $1 AND treated IS NULL`, e.ID, micro(s.now()))
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	if err != nil || n == 0 || e.Meeting == "" {
		return n > 0, err
	}
	var earlier int
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM event WHERE treated IS NULL AND id < $1 AND meeting = $2`,
		e.ID, e.Meeting).Scan(&earlier)
	if err == nil && earlier > 0 {
		err = fault.New(fault.Conflict, "store", "Un événement antérieur de la réunion attend.")
	}
	return true, err
}

// inOrder refuses messages not dated after the last of their thread.
func inOrder(ctx context.Context, tx *sql.Tx, ms []notify.Message) error {
	if len(ms) == 0 {
		return nil
	}
	threads := make([]string, len(ms))
	for i, m := range ms {
		threads[i] = m.Thread
	}
	earliest := slices.MinFunc(ms, func(a, b notify.Message) int { return a.Created.Compare(b.Created) }).Created
	args := []any{micro(earliest)}
	list := in(&args, threads)
	var n int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM outbox WHERE created >= $1 AND thread IN `+list, args...).Scan(&n)
	if err == nil && n > 0 {
		err = fault.New(fault.Conflict, "store", "Un message plus récent existe déjà.")
	}
	return err
}

func (s *Store) insertMessages(ctx context.Context, tx *sql.Tx, ms []notify.Message) error {
	for _, m := range ms {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO outbox (id, org, event, kind, meeting, recipient, address, secure, thread, message_id, subject,
				body, digest, status, attempts, next_try, lease, last_error, created, sent)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'waiting', 0, $14, NULL, '', $15, NULL)
			ON CONFLICT DO NOTHING`,
			id.New[id.Message](), m.Org, m.Event, m.Kind, m.Meeting, m.Recipient, m.Address, m.Secure, m.Thread, m.MessageID,
			m.Subject, m.Body, m.Digest, micro(s.now()), micro(m.Created))
		if err != nil {
			return err
		}
	}
	return nil
}

// LastInThreads returns the date of the latest message of any of the threads.
func (s *Store) LastInThreads(ctx context.Context, threads []string) (last time.Time, err error) {
	var args []any
	list := in(&args, threads)
	err = s.read.QueryRowContext(ctx,
		`SELECT created FROM outbox WHERE thread IN `+list+` ORDER BY created DESC LIMIT 1`, args...).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return last.UTC(), fault.Wrap("store.LastInThreads", err)
}

// LastDigests returns the digest of the latest message of each thread that was
// not cancelled.
func (s *Store) LastDigests(ctx context.Context, threads []string) (map[string]string, error) {
	if len(threads) == 0 {
		return nil, nil
	}
	var args []any
	list := in(&args, threads)
	rows, err := s.read.QueryContext(ctx, `
		SELECT o.thread, o.digest FROM outbox o
		WHERE o.thread IN `+list+` AND o.status <> 'cancelled' AND NOT EXISTS (
			SELECT 1 FROM outbox l WHERE l.thread = o.thread AND l.created > o.created AND l.status <> 'cancelled')`, args...)
	type last struct{ thread, digest string }
	all, err := collect(rows, err, func(r scanner) (l last, err error) { return l, r.Scan(&l.thread, &l.digest) })
	digests := make(map[string]string, len(all))
	for _, l := range all {
		digests[l.thread] = l.digest
	}
	return digests, fault.Wrap("store.LastDigests", err)
}

// CirclesOn returns who is in each patient's care circle on a day, the first
// and the last day included.
func (s *Store) CirclesOn(ctx context.Context, org id.Org, patients []id.Patient, on string) (map[id.Patient][]auth.Professional, error) {
	const op = "store.CirclesOn"
	args := []any{org, on}
	list := in(&args, patients)
	rows, err := s.read.QueryContext(ctx, `
		SELECT c.patient, `+professionalColumns+`
		FROM circle c JOIN professional p ON p.id = c.professional
		WHERE p.org = $1 AND (c.from_day IS NULL OR c.from_day <= $2) AND (c.until_day IS NULL OR c.until_day >= $2)
			AND c.patient IN `+list+` ORDER BY c.patient, p.family, p.given, p.id`, args...)
	type seat struct {
		patient id.Patient
		who     auth.Professional
	}
	seats, err := collect(rows, err, func(r scanner) (c seat, err error) {
		return c, r.Scan(append([]any{&c.patient}, professionalFields(&c.who)...)...)
	})
	circles := make(map[id.Patient][]auth.Professional, len(patients))
	for _, c := range seats {
		circles[c.patient] = append(circles[c.patient], c.who)
	}
	return circles, fault.Wrap(op, err)
}

// messageColumns are read with "outbox o LEFT JOIN meeting t".
const messageColumns = `o.id, o.org, o.event, o.kind, o.meeting, coalesce(t.team, ''), o.recipient, o.address, o.secure, o.thread,
	o.message_id, o.subject, o.status, o.attempts, o.next_try, o.lease, o.last_error, o.created, o.sent, o.kept`

func scanMessage(r scanner, more ...any) (m notify.Message, err error) {
	var lease, sent sql.NullTime
	err = r.Scan(append([]any{
		&m.ID, &m.Org, &m.Event, &m.Kind, &m.Meeting, &m.Team, &m.Recipient, &m.Address, &m.Secure, &m.Thread,
		&m.MessageID, &m.Subject, &m.Status, &m.Attempts, &m.NextTry, &lease, &m.LastError, &m.Created, &sent, &m.Kept,
	}, more...)...)
	m.NextTry, m.Created, m.Lease, m.Sent = m.NextTry.UTC(), m.Created.UTC(), timeOf(lease), timeOf(sent)
	return m, err
}

// ClaimMessage takes the message due first under a lease. An earlier message
// of the thread that has not left holds it back. On PostgreSQL several senders
// pass each other's rows; on SQLite there is one writer.
func (s *Store) ClaimMessage(ctx context.Context, now, lease time.Time) (m notify.Message, ok bool, err error) {
	const op = "store.ClaimMessage"
	skip := ""
	if s.dialect == Postgres {
		skip = "FOR UPDATE SKIP LOCKED"
	}
	var claimed id.Message
	err = s.tx(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `
			UPDATE outbox SET status = 'sending', attempts = attempts + 1, lease = $2
			WHERE id = (
				SELECT o.id FROM outbox o
				WHERE o.status IN ('waiting', 'sending') AND o.next_try <= $1
					AND (o.status = 'waiting' OR o.lease < $1)
					AND NOT EXISTS (
						SELECT 1 FROM outbox e
						WHERE e.thread = o.thread AND e.created < o.created AND e.status IN ('waiting', 'sending'))
				ORDER BY o.next_try, o.id LIMIT 1 `+skip+`)
			RETURNING id`, micro(now), micro(lease)).Scan(&claimed)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return m, false, nil
	}
	if err != nil {
		return m, false, fault.Wrap(op, mapError(err))
	}
	m, err = s.messageWhere(ctx, `o.id = $1`, claimed)
	return m, err == nil, fault.Wrap(op, err)
}

func (s *Store) messageWhere(ctx context.Context, where string, args ...any) (notify.Message, error) {
	var body []byte
	m, err := scanMessage(s.read.QueryRowContext(ctx, `SELECT `+messageColumns+`, o.body
		FROM outbox o LEFT JOIN meeting t ON t.id = o.meeting WHERE `+where, args...), &body)
	m.Body = body
	return m, mapErrorOrNil(err)
}

// FinishMessage ends the claim numbered attempts.
func (s *Store) FinishMessage(ctx context.Context, m id.Message, attempts int, r notify.Result) error {
	next, sent := r.NextTry, time.Time{}
	if r.Status == notify.Sent {
		sent = r.At
	}
	if next.IsZero() {
		next = r.At
	}
	res, err := s.write.ExecContext(ctx, `
		UPDATE outbox SET status = $3, next_try = $4, sent = $5, last_error = $6, lease = NULL
		WHERE id = $1 AND attempts = $2 AND status = 'sending'`,
		m, attempts, r.Status, micro(next), nullTime(sent), r.Error)
	return fault.Wrap("store.FinishMessage", mapErrorOrNil(stale(res, err)))
}

// Messages reads the outbox, newest first, without bodies.
func (s *Store) Messages(ctx context.Context, f notify.Filter) (items []notify.Message, next string, err error) {
	limit := max(f.Limit, 1)
	args := []any{f.Org}
	where := `o.org = $1`
	if f.Teams != nil {
		where += ` AND t.team IN ` + in(&args, f.Teams)
	}
	if f.Status != "" {
		where += ` AND o.status IN ` + in(&args, []notify.Status{f.Status})
	}
	if f.After != "" {
		args = append(args, f.After)
		where += fmt.Sprintf(` AND o.id < $%d`, len(args))
	}
	args = append(args, limit+1)
	rows, err := s.read.QueryContext(ctx, `SELECT `+messageColumns+`
		FROM outbox o LEFT JOIN meeting t ON t.id = o.meeting WHERE `+where+
		fmt.Sprintf(` ORDER BY o.id DESC LIMIT $%d`, len(args)), args...)
	items, err = collect(rows, err, func(r scanner) (notify.Message, error) { return scanMessage(r) })
	if len(items) > limit {
		items = items[:limit]
		next = string(items[limit-1].ID)
	}
	return items, next, fault.Wrap("store.Messages", err)
}

// MessageByID reads one message of an organisation with its body.
func (s *Store) MessageByID(ctx context.Context, org id.Org, m id.Message) (notify.Message, error) {
	found, err := s.messageWhere(ctx, `o.org = $1 AND o.id = $2`, org, m)
	return found, fault.Wrap("store.MessageByID", err)
}

// RetryMessage makes a dead message wait again, unless a later one of its
// thread made it pointless.
func (s *Store) RetryMessage(ctx context.Context, m id.Message, now time.Time, by audit.Change) error {
	return s.change(ctx, "store.RetryMessage", by, func(tx *sql.Tx) error {
		return stale(tx.ExecContext(ctx, `
			UPDATE outbox SET status = 'waiting', attempts = 0, next_try = $2, lease = NULL
			WHERE id = $1 AND status = 'dead' AND NOT EXISTS (
				SELECT 1 FROM outbox e WHERE e.thread = outbox.thread AND e.created > outbox.created)`, m, micro(now)))
	})
}

// CancelMessage takes a message that has not left out of the outbox.
func (s *Store) CancelMessage(ctx context.Context, m id.Message, by audit.Change) error {
	return s.change(ctx, "store.CancelMessage", by, func(tx *sql.Tx) error {
		return stale(tx.ExecContext(ctx,
			`UPDATE outbox SET status = 'cancelled', lease = NULL WHERE id = $1 AND status IN ('waiting', 'dead')`, m))
	})
}

// JobDone reports whether a job's slot has run.
func (s *Store) JobDone(ctx context.Context, job, slot string) (bool, error) {
	var n int
	err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM job_run WHERE job = $1 AND slot = $2`, job, slot).Scan(&n)
	return n > 0, fault.Wrap("store.JobDone", err)
}

// MarkJob records that a job's slot has run; first is false when another
// machine recorded it before.
func (s *Store) MarkJob(ctx context.Context, job, slot string, at time.Time, detail string) (first bool, err error) {
	res, err := s.write.ExecContext(ctx, `
		INSERT INTO job_run (job, slot, at, detail) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, job, slot, micro(at), detail)
	if err != nil {
		return false, fault.Wrap("store.MarkJob", mapError(err))
	}
	n, err := res.RowsAffected()
	return n > 0, fault.Wrap("store.MarkJob", err)
}
