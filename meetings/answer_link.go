package meetings

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/link"
)

// How long a link lives after the end of its meeting, or from the mail that
// carries the link of a series; how many dates of a series its page shows; and
// the most characters of a comment.
const (
	linkAfter    = 14 * 24 * time.Hour
	linkMonths   = 13
	linkDates    = 8
	maxAnswerSay = 500
)

// Where an answer comes from, as records keep it.
const (
	ByLink      = "link"
	BySecretary = "secretary"
	ByPage      = "page" // the member, signed in
)

// AnswerStore is what answering by a link needs of the database.
type AnswerStore interface {
	// Holder reads a professional of whatever organisation.
	Holder(ctx context.Context, p id.Professional) (auth.Professional, error)
	// RevokeLinks raises the professional's LinkEpoch.
	RevokeLinks(ctx context.Context, org id.Org, p id.Professional, by audit.Change) error
	// SaveSeriesAnswer keeps an answer to a series if the one it follows still
	// stands, and gives it to the dates to come not answered by themselves.
	SaveSeriesAnswer(ctx context.Context, r SeriesReply, by audit.Change) error
}

// Link is what a person's answer link to the object says, made at an instant.
func (s State) Link(who auth.Professional, now time.Time) link.Token {
	t := link.Token{Purpose: link.Series, Object: string(s.Series.ID), Professional: who.ID, Epoch: who.LinkEpoch}
	if s.IsSeries() {
		t.Expires = now.AddDate(0, linkMonths, 0)
		return t
	}
	m := s.Dates[0].Meeting
	t.Purpose, t.Object, t.Expires = link.Meeting, string(m.ID), m.Ends.Add(linkAfter)
	return t
}

// Invitation is what a link opens: one person's invitations to the dates of a
// series, or to one meeting, with what they answered.
type Invitation struct {
	Who    auth.Professional
	Org    auth.Org
	Team   Team
	Series Series // without id: one meeting alone
	Whole  bool   // the person may answer for every date at once
	Answer Answer // to the series
	Dates  []Mine // the next ones
}

// Mine is one person's line of one meeting.
type Mine struct {
	Meeting    Meeting
	Attendance Attendance
	Open       bool // may still be answered
}

// LinkAnswer is what somebody answers by a link: for one date, or for the whole
// series when Meeting is empty.
type LinkAnswer struct {
	Meeting id.Meeting
	Answer  Answer
	Comment string // may hold what patients must be spared: see [Full.discreet]
	// From when until when they come to one date; nil: as they said before.
	ExpectFrom, ExpectUntil *time.Time
}

// Invitation reads what a link opens. A link that was revoked, or whose holder
// is no longer invited, is the same fault as a forged one.
func (s *Service) Invitation(ctx context.Context, t link.Token) (Invitation, error) {
	const op = "meetings.Invitation"
	inv, _, err := s.invitation(ctx, op, t)
	for i := range inv.Dates {
		inv.Dates[i].Attendance.Comment = "" // whoever holds the link reads the page
	}
	return inv, err
}

func (s *Service) invitation(ctx context.Context, op string, t link.Token) (inv Invitation, st State, err error) {
	if inv.Who, err = s.store.Holder(ctx, t.Professional); err == nil && inv.Who.LinkEpoch != t.Epoch {
		err = link.Refused(op)
	}
	if err != nil {
		return inv, st, refusedLink(op, err)
	}
	if t.Purpose == link.Series {
		st, err = s.store.SeriesState(ctx, inv.Who.Org, id.Series(t.Object))
	} else {
		st, err = s.store.MeetingState(ctx, inv.Who.Org, id.Meeting(t.Object))
	}
	if err != nil {
		return inv, st, refusedLink(op, err)
	}
	inv.Org, inv.Team, inv.Series = st.Org, st.Team, st.Series
	inv.Dates = st.mine(inv.Who.ID, s.now())
	if !st.IsSeries() && len(inv.Dates) == 0 || st.IsSeries() && !st.member(inv.Who.ID) && len(inv.Dates) == 0 {
		return inv, st, link.Refused(op)
	}
	for _, a := range st.Answers {
		if a.Professional == inv.Who.ID {
			inv.Answer = a.Answer
		}
	}
	open := slices.ContainsFunc(inv.Dates, func(m Mine) bool { return m.Open })
	inv.Whole = open && st.IsSeries() && st.member(inv.Who.ID) && !st.Series.Announced.IsZero() && !st.Series.Ended
	inv.Dates = inv.Dates[:min(len(inv.Dates), linkDates)]
	return inv, st, nil
}

// refusedLink makes what is not found the one answer of links.
func refusedLink(op string, err error) error {
	if fault.Is(err, fault.NotFound) {
		return link.Refused(op)
	}
	return fault.Wrap(op, err)
}

// mine are the dates a person is invited to: of a series those that are not
// over, else the one meeting whatever became of it once they were told of it.
func (s State) mine(who id.Professional, now time.Time) []Mine {
	dates := s.Dates
	if s.IsSeries() {
		dates = s.ahead(now)
	}
	var all []Mine
	for _, f := range dates {
		i := slices.IndexFunc(f.Attendance, func(a Attendance) bool { return a.Professional.ID == who })
		if i < 0 || !f.Meeting.Announced() {
			continue
		}
		all = append(all, Mine{Meeting: f.Meeting, Attendance: f.Attendance[i], Open: f.Meeting.answerable(now)})
	}
	return all
}

// answerable reports whether answers to a meeting still count.
func (m Meeting) answerable(now time.Time) bool {
	return slices.Contains([]Status{Draft, Open, Closed}, m.Status) && m.Ends.After(now)
}

// AnswerByLink records what the holder of a link answers, as a mail from their
// calendar would. The answer has the object's SEQUENCE and the present time, so
// that an older mail that comes late changes nothing (RFC 5546 section 2.1.5).
// Origin is the remote address.
func (s *Service) AnswerByLink(ctx context.Context, t link.Token, origin string, r LinkAnswer) error {
	const op = "meetings.AnswerByLink"
	inv, st, err := s.invitation(ctx, op, t)
	if err != nil {
		return err
	}
	var c fault.Check
	c.That(slices.Contains([]Answer{Accepted, Declined, Tentative}, r.Answer), "answer", "Choisissez une réponse.")
	c.That(utf8.RuneCountInString(r.Comment) <= maxAnswerSay, "comment", "500 caractères au plus.")
	if err := c.Err(op); err != nil {
		return err
	}
	a := auth.Actor{Professional: inv.Who.ID, Org: inv.Who.Org, Name: inv.Who.Name(), Origin: origin}
	if r.Meeting == "" && st.IsSeries() {
		return fault.Wrap(op, s.answerSeries(ctx, a, inv, st.Answers, r))
	}
	return fault.Wrap(op, s.answerDate(ctx, a, inv, st, r))
}

func (s *Service) answerSeries(ctx context.Context, a auth.Actor, inv Invitation, before []SeriesAnswer, r LinkAnswer) error {
	if !inv.Whole {
		return tooLate("meetings.answerSeries")
	}
	now, one := s.now(), inv.Series
	by := a.Change(now, "series.answer", "series", string(one.ID))
	by.Entry.Team = one.Team
	e := a.Event(now, event.MeetingChanged)
	e.Team, e.Series = one.Team, one.ID
	by.Events = append(by.Events, e)
	reply := SeriesReply{New: SeriesAnswer{
		Series: one.ID, Professional: a.Professional, Answer: r.Answer, AnsweredAt: now, Origin: ByLink, Comment: r.Comment,
		Sequence: one.Sequence, Stamp: now,
	}}
	if i := slices.IndexFunc(before, func(b SeriesAnswer) bool { return b.Professional == a.Professional }); i >= 0 {
		reply.Old = before[i]
	}
	return s.store.SaveSeriesAnswer(ctx, reply, by)
}

func (s *Service) answerDate(ctx context.Context, a auth.Actor, inv Invitation, st State, r LinkAnswer) error {
	i := slices.IndexFunc(inv.Dates, func(m Mine) bool { return m.Meeting.ID == r.Meeting })
	if r.Meeting == "" {
		i = 0
	}
	if i < 0 || !inv.Dates[i].Open {
		return tooLate("meetings.answerDate")
	}
	m, mine := inv.Dates[i].Meeting, inv.Dates[i].Attendance
	mine.answer(r.Answer, ByLink, m.sequence(inv.Series), s.now())
	mine.Comment = r.Comment
	var c fault.Check
	mine.expect(r.ExpectFrom, r.ExpectUntil, "hours", &c)
	if err := c.Err("meetings.answerDate"); err != nil {
		return err
	}
	rows := append(st.standIns(m.ID, a.Professional), mine)
	by := s.change(a, "meeting.answer", m, event.MeetingChanged)
	return s.store.SaveAttendance(ctx, a.Org, m.ID, rows, by)
}

// standIns are those who came instead of a person, as they are once the person
// answers for themselves.
func (s State) standIns(m id.Meeting, who id.Professional) (all []Attendance) {
	for _, f := range s.Dates {
		for _, a := range f.Attendance {
			if f.Meeting.ID == m && a.DelegatedBy == who {
				a.DelegatedBy = ""
				all = append(all, a)
			}
		}
	}
	return all
}

// answer sets what a person answers for the date itself.
func (a *Attendance) answer(v Answer, origin string, sequence int, now time.Time) {
	a.Answer, a.AnsweredAt, a.AnswerOrigin, a.Own = v, now, origin, true
	a.Sequence, a.Stamp = sequence, now
	if v != Delegated {
		a.Delegate = ""
	}
}

// sequence is the SEQUENCE that calendars hold of the meeting.
func (m Meeting) sequence(one Series) int {
	if m.Linked() {
		return max(m.Sequence, one.Sequence)
	}
	return m.Sequence
}

func tooLate(op string) error {
	return fault.New(fault.Conflict, op, "Cette réunion n’attend plus de réponse.")
}

// RevokeLinks ends every answer link of a person: their own, or anybody's for a
// secretary or an administrator. The mails to come carry new ones.
func (s *Service) RevokeLinks(ctx context.Context, a auth.Actor, p id.Professional) error {
	const op = "meetings.RevokeLinks"
	if a.Professional != p && !a.Admin && !a.System && !leadsAny(a) {
		return s.refuse(ctx, a, "links.revoke", Meeting{})
	}
	by := a.Change(s.now(), "links.revoke", "professional", string(p))
	return fault.Wrap(op, s.store.RevokeLinks(ctx, a.Org, p, by))
}

// discreet leaves out the comments of others for who does not lead the team:
// they are written to the secretary and may say why somebody is ill.
func (f Full) discreet(a auth.Actor) Full {
	if a.In(f.Meeting.Team, auth.Secretary, auth.Chair) {
		return f
	}
	f.Attendance = slices.Clone(f.Attendance)
	for i := range f.Attendance {
		if f.Attendance[i].Professional.ID != a.Professional {
			f.Attendance[i].Comment = ""
		}
	}
	return f
}
