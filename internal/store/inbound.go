package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// understood is the JSON of inbound.reply.
type understood struct {
	Subject string           `json:"subject,omitempty"`
	Replies []meetings.Reply `json:"replies"`
}

// maxUID is more than any UID of ours, in octets.
const maxUID = 200

// ObjectByUID finds what a UID names in any organisation.
func (s *Store) ObjectByUID(ctx context.Context, uid string) (o meetings.Object, err error) {
	const op = "store.ObjectByUID"
	if strings.ContainsRune(uid, 0) || !utf8.ValidString(uid) || len(uid) > maxUID {
		return o, fault.New(fault.NotFound, op, "Introuvable.")
	}
	if name, ok := strings.CutSuffix(uid, "@rcp"); ok {
		err = s.read.QueryRowContext(ctx, `SELECT org, id FROM series WHERE id = $1`, name).Scan(&o.Org, &o.Series)
		if !errors.Is(err, sql.ErrNoRows) {
			return o, fault.Wrap(op, mapErrorOrNil(err))
		}
	}
	m, err := scanMeeting(s.read.QueryRowContext(ctx,
		`SELECT `+meetingColumns+` FROM meeting m JOIN team t ON t.id = m.team WHERE m.uid = $1`, uid))
	o = meetings.Object{Org: m.Org, Meeting: m.ID}
	if m.Linked() {
		o = meetings.Object{Org: m.Org, Series: m.Series}
	}
	return o, fault.Wrap(op, mapErrorOrNil(err))
}

// errSeen rolls a mail's transaction back: it was taken already.
var errSeen = errors.New("store: mail taken already")

// SaveReplies writes a mail, once, with what it answers.
func (s *Store) SaveReplies(ctx context.Context, p meetings.ReplyPlan, by audit.Change) (fresh bool, err error) {
	err = s.change(ctx, "store.SaveReplies", by, func(tx *sql.Tx) error {
		if err := insertInbound(ctx, tx, p.Mail); err != nil {
			return err
		}
		return writeReplies(ctx, tx, p)
	})
	if errors.Is(err, errSeen) {
		return false, nil
	}
	return err == nil, err
}

func insertInbound(ctx context.Context, tx *sql.Tx, m meetings.Inbound) error {
	reply, err := json.Marshal(understood{m.Subject, nonNil(m.Replies)})
	if err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, `
		INSERT INTO inbound (id, org, team, digest, message_id, sender, at, status, reason, meeting, series, professional, reply,
			raw, handled_by, handled_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, '', NULL, 1) ON CONFLICT (org, digest) DO NOTHING`,
		m.ID, m.Org, m.Team, m.Digest, m.MessageID, m.Sender, micro(m.At), m.Status, m.Reason, m.Meeting, m.Series,
		m.Professional, string(reply), m.Raw)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(errSeen, err)
	}
	return nil
}

// HandleInbound writes what a human made of a mail, with what it answers.
func (s *Store) HandleInbound(ctx context.Context, p meetings.ReplyPlan, by audit.Change) error {
	m := p.Mail
	return s.change(ctx, "store.HandleInbound", by, func(tx *sql.Tx) error {
		err := stale(tx.ExecContext(ctx, `
			UPDATE inbound SET team = $3, status = $4, reason = $5, meeting = $6, series = $7, professional = $8, handled_by = $9,
				handled_at = $10, version = version + 1 WHERE id = $1 AND version = $2`,
			m.ID, m.Version, m.Team, m.Status, m.Reason, m.Meeting, m.Series, m.Professional, m.HandledBy, nullTime(m.HandledAt)))
		if err != nil {
			return err
		}
		return writeReplies(ctx, tx, p)
	})
}

// writeReplies writes answers: those for one date first, so that what a series
// answers passes them by.
func writeReplies(ctx context.Context, tx *sql.Tx, p meetings.ReplyPlan) error {
	for _, a := range p.Dates {
		if err := writeAnswer(ctx, tx, a); err != nil {
			return err
		}
	}
	for _, r := range p.Series {
		if err := writeSeriesReply(ctx, tx, r); err != nil {
			return err
		}
	}
	for _, v := range p.Proposals {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO proposal (id, org, team, meeting, professional, inbound, starts, ends, comment, at, status, reason, decided, version)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', NULL, 1)`,
			v.ID, v.Org, v.Team, v.Meeting, v.Professional, v.Inbound, micro(v.Starts), micro(v.Ends), v.Comment, micro(v.At), v.Status)
		if err != nil {
			return err
		}
	}
	return nil
}

// writeAnswer writes one person's answer to one date, or adds them to it.
func writeAnswer(ctx context.Context, tx *sql.Tx, a meetings.Attendance) error {
	if a.Version > 0 {
		return stale(tx.ExecContext(ctx, `
			UPDATE attendance SET answer = $4, answered = $5, answer_origin = $6, comment = $7, own = $8, answer_sequence = $9,
				answer_stamp = $10, delegate = $11, delegated_by = $12, version = version + 1
			WHERE meeting = $1 AND professional = $2 AND version = $3`,
			a.Meeting, a.Professional.ID, a.Version, a.Answer, nullTime(a.AnsweredAt), a.AnswerOrigin, a.Comment, a.Own,
			a.Sequence, nullTime(a.Stamp), null(a.Delegate), null(a.DelegatedBy)))
	}
	return stale(tx.ExecContext(ctx, `
		INSERT INTO attendance (meeting, professional, role, required, answer, answered, answer_origin, comment, presence, own,
			answer_sequence, answer_stamp, delegate, delegated_by, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10, $11, $12, $13, 1) ON CONFLICT (meeting, professional) DO NOTHING`,
		a.Meeting, a.Professional.ID, a.Role, a.Required, a.Answer, nullTime(a.AnsweredAt), a.AnswerOrigin, a.Comment, a.Own,
		a.Sequence, nullTime(a.Stamp), null(a.Delegate), null(a.DelegatedBy)))
}

// writeSeriesReply writes an answer to a series if the one it follows still
// stands, and gives it to every date to come that has none of its own.
func writeSeriesReply(ctx context.Context, tx *sql.Tx, r meetings.SeriesReply) error {
	n, old := r.New, r.Old
	err := stale(tx.ExecContext(ctx, `
		INSERT INTO series_answer (series, professional, answer, answered, origin, comment, sequence, stamp)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (series, professional) DO UPDATE SET answer = excluded.answer, answered = excluded.answered,
			origin = excluded.origin, comment = excluded.comment, sequence = excluded.sequence, stamp = excluded.stamp
		WHERE series_answer.sequence = $9 AND series_answer.answer = $10 AND series_answer.stamp IS NOT DISTINCT FROM $11
			AND series_answer.answered IS NOT DISTINCT FROM $12`,
		n.Series, n.Professional, n.Answer, nullTime(n.AnsweredAt), n.Origin, n.Comment, n.Sequence, nullTime(n.Stamp),
		old.Sequence, old.Answer, nullTime(old.Stamp), nullTime(old.AnsweredAt)))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE attendance SET answer = $3, answered = $4, answer_origin = $5, comment = $6, answer_sequence = $7, answer_stamp = $8,
			delegate = $9, version = version + 1
		WHERE professional = $2 AND NOT own AND meeting IN (
			SELECT id FROM meeting WHERE series = $1 AND original IS NOT NULL AND ends > $4 AND status <> 'cancelled')`,
		n.Series, n.Professional, n.Answer, nullTime(n.AnsweredAt), n.Origin, n.Comment, n.Sequence, nullTime(n.Stamp), null(r.Delegate))
	if err != nil || r.Delegate != "" {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE attendance SET delegated_by = NULL, version = version + 1
		WHERE delegated_by = $2 AND meeting IN (
			SELECT a.meeting FROM attendance a JOIN meeting m ON m.id = a.meeting
			WHERE m.series = $1 AND a.professional = $2 AND a.delegate IS NULL AND m.ends > $3)`,
		n.Series, n.Professional, nullTime(n.AnsweredAt))
	return err
}

// inboundColumns are read with inboundFrom.
const (
	inboundColumns = `i.id, i.org, i.team, i.digest, i.message_id, i.sender, i.at, i.status, i.reason, i.meeting, i.series,
	i.professional, i.reply, i.handled_by, i.handled_at, i.version, coalesce(t.name, ''), coalesce(p.family, ''),
	coalesce(p.given, ''), coalesce(p.title, ''), coalesce(p.profession, ''), coalesce(p.email, ''), m.starts, coalesce(m.zone, '')`
	inboundFrom = ` FROM inbound i LEFT JOIN team t ON t.id = i.team LEFT JOIN professional p ON p.id = i.professional
	LEFT JOIN meeting m ON m.id = i.meeting `
)

func scanInbound(r scanner) (meetings.Inbound, error) { return scanInboundWith(r) }

func scanInboundWith(r scanner, more ...any) (m meetings.Inbound, err error) {
	var what understood
	var handled, starts sql.NullTime
	err = r.Scan(append([]any{
		&m.ID, &m.Org, &m.Team, &m.Digest, &m.MessageID, &m.Sender, &m.At, &m.Status, &m.Reason, &m.Meeting, &m.Series,
		&m.Professional, jsonOf(&what), &m.HandledBy, &handled, &m.Version, &m.TeamName, &m.Person.Family, &m.Person.Given,
		&m.Person.Title, &m.Person.Profession, &m.Person.Email, &starts, &m.Zone,
	}, more...)...)
	m.Person.ID, m.Person.Org = m.Professional, m.Org
	m.Subject, m.Replies = what.Subject, what.Replies
	m.At, m.HandledAt, m.Starts = m.At.UTC(), timeOf(handled), timeOf(starts)
	return m, err
}

// InboundByID reads a mail with its bytes.
func (s *Store) InboundByID(ctx context.Context, org id.Org, m id.Inbound) (meetings.Inbound, error) {
	return s.oneInbound(ctx, "store.InboundByID", `WHERE i.org = $1 AND i.id = $2`, org, m)
}

// InboundByDigest reads a mail with its bytes.
func (s *Store) InboundByDigest(ctx context.Context, org id.Org, digest string) (meetings.Inbound, error) {
	return s.oneInbound(ctx, "store.InboundByDigest", `WHERE i.org = $1 AND i.digest = $2`, org, digest)
}

func (s *Store) oneInbound(ctx context.Context, op, where string, args ...any) (meetings.Inbound, error) {
	var raw []byte
	found, err := scanInboundWith(s.read.QueryRowContext(ctx, `SELECT `+inboundColumns+`, i.raw`+inboundFrom+where, args...), &raw)
	found.Raw = raw
	return found, fault.Wrap(op, mapErrorOrNil(err))
}

// SameMessage reads the mails with a Message-ID, oldest first.
func (s *Store) SameMessage(ctx context.Context, org id.Org, messageID string) ([]meetings.Inbound, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT `+inboundColumns+inboundFrom+`WHERE i.org = $1 AND i.message_id = $2 ORDER BY i.id LIMIT 20`, org, messageID)
	all, err := collect(rows, err, scanInbound)
	return all, fault.Wrap("store.SameMessage", err)
}

// inboundWhere narrows a reading of the mails.
func inboundWhere(f meetings.InboundFilter) (where string, args []any) {
	where, args = ` WHERE i.org = $1`, []any{f.Org}
	if f.Teams != nil {
		who := `i.team IN ` + in(&args, f.Teams)
		if f.Teamless {
			who = `(` + who + ` OR i.team = '')`
		}
		where += ` AND ` + who
	}
	if f.Status != nil {
		where += ` AND i.status IN ` + in(&args, f.Status)
	}
	if f.Meeting != "" {
		args = append(args, f.Meeting)
		where += fmt.Sprintf(` AND i.meeting = $%d`, len(args))
	}
	if f.After != "" {
		args = append(args, f.After)
		where += fmt.Sprintf(` AND i.id < $%d`, len(args))
	}
	return where, args
}

// Inbounds reads one page of mails without their bytes, newest first.
func (s *Store) Inbounds(ctx context.Context, f meetings.InboundFilter) ([]meetings.Inbound, string, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = 50
	}
	where, args := inboundWhere(f)
	args = append(args, limit+1)
	rows, err := s.read.QueryContext(ctx, `SELECT `+inboundColumns+inboundFrom+where+
		fmt.Sprintf(` ORDER BY i.id DESC LIMIT $%d`, len(args)), args...)
	all, err := collect(rows, err, scanInbound)
	if err != nil {
		return nil, "", fault.Wrap("store.Inbounds", err)
	}
	if len(all) <= limit {
		return all, "", nil
	}
	return all[:limit], string(all[limit-1].ID), nil
}

// CountWaiting counts the mails in review and the waiting proposals.
func (s *Store) CountWaiting(ctx context.Context, f meetings.InboundFilter) (mails, proposals int, err error) {
	const op = "store.CountWaiting"
	f.Status = []meetings.InboundStatus{meetings.InboundReview}
	where, args := inboundWhere(f)
	if err = s.read.QueryRowContext(ctx, `SELECT count(*) FROM inbound i`+where, args...).Scan(&mails); err != nil {
		return 0, 0, fault.Wrap(op, err)
	}
	where, args = proposalWhere(f.Org, f.Teams, meetings.ProposalWaiting)
	err = s.read.QueryRowContext(ctx, `SELECT count(*) FROM proposal v`+where, args...).Scan(&proposals)
	return mails, proposals, fault.Wrap(op, err)
}

const (
	proposalColumns = `v.id, v.org, v.team, v.meeting, v.professional, v.inbound, v.starts, v.ends, v.comment, v.at, v.status,
	v.reason, v.decided, v.version`
	proposalFrom = ` FROM proposal v JOIN professional p ON p.id = v.professional JOIN meeting m ON m.id = v.meeting
	JOIN team t ON t.id = m.team`
)

func proposalWhere(org id.Org, teams []id.Team, status meetings.ProposalStatus) (where string, args []any) {
	where, args = ` WHERE v.org = $1`, []any{org}
	if teams != nil {
		where += ` AND v.team IN ` + in(&args, teams)
	}
	if status != "" {
		args = append(args, status)
		where += fmt.Sprintf(` AND v.status = $%d`, len(args))
	}
	return where, args
}

// scanProposal reads a proposal with its person and its meeting.
func scanProposal(r scanner) (v meetings.Proposal, err error) {
	var decided sql.NullTime
	own := []any{
		&v.ID, &v.Org, &v.Team, &v.Meeting, &v.Professional, &v.Inbound, &v.Starts, &v.Ends, &v.Comment, &v.At, &v.Status,
		&v.Reason, &decided, &v.Version,
	}
	v.Date, err = scanMeeting(scanAfter{r, append(own, professionalFields(&v.Person)...)})
	v.Starts, v.Ends, v.At, v.Decided, v.TeamName = v.Starts.UTC(), v.Ends.UTC(), v.At.UTC(), timeOf(decided), v.Date.TeamName
	return v, err
}

// scanAfter scans a row whose first columns go elsewhere.
type scanAfter struct {
	row   scanner
	first []any
}

func (s scanAfter) Scan(dest ...any) error { return s.row.Scan(append(s.first, dest...)...) }

const proposalQuery = `SELECT ` + proposalColumns + `, ` + professionalColumns + `, ` + meetingColumns + proposalFrom

// Proposals reads those of teams (nil: all) in a state (empty: any), oldest first.
func (s *Store) Proposals(ctx context.Context, org id.Org, teams []id.Team, status meetings.ProposalStatus) ([]meetings.Proposal, error) {
	where, args := proposalWhere(org, teams, status)
	rows, err := s.read.QueryContext(ctx, proposalQuery+where+` ORDER BY v.at, v.id LIMIT 500`, args...)
	all, err := collect(rows, err, scanProposal)
	return all, fault.Wrap("store.Proposals", err)
}

// ProposalByID reads one proposal.
func (s *Store) ProposalByID(ctx context.Context, org id.Org, p id.Proposal) (meetings.Proposal, error) {
	v, err := scanProposal(s.read.QueryRowContext(ctx, proposalQuery+` WHERE v.org = $1 AND v.id = $2`, org, p))
	return v, fault.Wrap("store.ProposalByID", mapErrorOrNil(err))
}

// LastRefused reads the proposal of a person for a meeting refused last.
func (s *Store) LastRefused(ctx context.Context, org id.Org, m id.Meeting, p id.Professional) (meetings.Proposal, error) {
	v, err := scanProposal(s.read.QueryRowContext(ctx, proposalQuery+`
		WHERE v.org = $1 AND v.meeting = $2 AND v.professional = $3 AND v.status = 'refused' ORDER BY v.decided DESC, v.id DESC LIMIT 1`,
		org, m, p))
	return v, fault.Wrap("store.LastRefused", mapErrorOrNil(err))
}

// AcceptProposal writes a proposal accepted with the move it asks for.
func (s *Store) AcceptProposal(ctx context.Context, p meetings.Proposal, move meetings.Plan, by audit.Change) error {
	return s.change(ctx, "store.AcceptProposal", by, func(tx *sql.Tx) error {
		if err := decide(ctx, tx, p); err != nil {
			return err
		}
		return writePlan(ctx, tx, move)
	})
}

// RefuseProposal writes the refusal of a waiting proposal.
func (s *Store) RefuseProposal(ctx context.Context, p meetings.Proposal, by audit.Change) error {
	return s.change(ctx, "store.RefuseProposal", by, func(tx *sql.Tx) error { return decide(ctx, tx, p) })
}

func decide(ctx context.Context, tx *sql.Tx, p meetings.Proposal) error {
	return stale(tx.ExecContext(ctx, `
		UPDATE proposal SET status = $3, reason = $4, decided = $5, version = version + 1
		WHERE id = $1 AND version = $2 AND status = 'waiting'`, p.ID, p.Version, p.Status, p.Reason, nullTime(p.Decided)))
}
