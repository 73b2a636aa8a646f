package meetings

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Assignment says as whose answer a mail in review is taken.
type Assignment struct {
	Professional id.Professional // required
	Meeting      id.Meeting      // empty: the one the mail names
	Answer       Answer          // empty: the one the mail says
}

// ReplyPlan is what a mail changes, worked out before it is saved.
type ReplyPlan struct {
	Mail      Inbound
	Series    []SeriesReply
	Dates     []Attendance // Version 0: added to the meeting
	Proposals []Proposal
	events    []event.Event
}

// SeriesReply is an answer to every date of a series, those answered on their
// own aside, with the one that stood.
type SeriesReply struct {
	New, Old SeriesAnswer // Old zero: none
	Delegate id.Professional
}

// tries is how often a mail is weighed anew when an answer changed meanwhile.
const tries = 5

// Receive takes a mail with the answers it holds: its row, the answers and
// proposals, the audit entry and the events are one transaction. A Status set
// already stands, and nothing is applied. A mail that was taken before is
// returned as it stands, and fresh is false. It is for the system.
func (s *Service) Receive(ctx context.Context, a auth.Actor, in Inbound) (out Inbound, fresh bool, err error) {
	const op = "meetings.Receive"
	if !a.System {
		return in, false, fault.New(fault.Forbidden, op, "Vous ne pouvez pas faire ceci.")
	}
	if in.ID == "" {
		in.ID = id.New[id.Inbound]()
	}
	in.Org = a.Org
	for range tries {
		var p ReplyPlan
		if p, err = s.replyPlan(ctx, a, in, nil); err != nil {
			return in, false, fault.Wrap(op, err)
		}
		fresh, err = s.store.SaveReplies(ctx, p, s.inboundChange(a, "inbound.receive", p))
		if fault.Is(err, fault.Conflict) && ctx.Err() == nil {
			continue
		}
		if err == nil && !fresh {
			out, err = s.store.InboundByDigest(ctx, a.Org, in.Digest)
			return out, false, fault.Wrap(op, err)
		}
		p.Mail.Version = 1
		return p.Mail, fresh, fault.Wrap(op, err)
	}
	return in, false, fault.Wrap(op, err)
}

// HandleInbound is what a human makes of a mail in review: somebody's answer,
// or nothing (as nil). The secretary of the team may; for a mail of no known
// team any secretary and an administrator. The mail's Reason then says what
// came of it.
func (s *Service) HandleInbound(ctx context.Context, a auth.Actor, m id.Inbound, version int, as *Assignment) (Inbound, error) {
	const op = "meetings.HandleInbound"
	in, err := s.store.InboundByID(ctx, a.Org, m)
	if err != nil {
		return in, fault.Wrap(op, err)
	}
	action := "inbound.dismiss"
	if as != nil {
		action = "inbound.assign"
	}
	if !in.For(a) {
		return Inbound{}, s.refuseInbound(ctx, a, action, in)
	}
	if version != in.Version || in.Status != InboundReview {
		return Inbound{}, fault.New(fault.Conflict, op, "Quelqu’un a modifié ceci entre-temps. Rechargez la page.")
	}
	p := ReplyPlan{Mail: in}
	p.Mail.Reason = ReasonDismissed
	if as != nil {
		if p, err = s.assigned(ctx, a, op, in, *as); err != nil {
			return in, err
		}
	}
	p.Mail.Status, p.Mail.HandledBy, p.Mail.HandledAt = InboundHandled, a.Professional, s.now()
	if err := s.store.HandleInbound(ctx, p, s.inboundChange(a, action, p)); err != nil {
		return in, fault.Wrap(op, err)
	}
	p.Mail.Version++
	return p.Mail, nil
}

// For reports whether a mail is for an actor to see and handle.
func (in Inbound) For(a auth.Actor) bool {
	if in.Team == "" {
		return a.Admin || a.System || leadsAny(a)
	}
	return a.In(in.Team, auth.Secretary)
}

// assigned works out a mail that a human gives to somebody.
func (s *Service) assigned(ctx context.Context, a auth.Actor, op string, in Inbound, as Assignment) (ReplyPlan, error) {
	if len(in.Replies) == 0 {
		in.Replies = []Reply{{Origin: "secretary"}}
	}
	if as.Answer != "" && !slices.Contains([]Answer{Accepted, Declined, Tentative}, as.Answer) {
		return ReplyPlan{}, fieldError(op, "answer", "Réponse inconnue.")
	}
	in.Status, in.Reason = "", ReasonNone
	p, err := s.replyPlan(ctx, a, in, &as)
	if err != nil {
		return p, fault.Wrap(op, err)
	}
	if p.Mail.Team != "" && !a.In(p.Mail.Team, auth.Secretary) {
		return p, s.refuseInbound(ctx, a, "inbound.assign", p.Mail)
	}
	switch p.Mail.Reason {
	case ReasonNone, ReasonStale, ReasonOver, ReasonDuplicate:
		return p, nil
	case ReasonNoAnswer:
		return p, fieldError(op, "answer", "Ce courriel ne dit pas la réponse. Choisissez-la.")
	case ReasonUnknownPerson:
		return p, fieldError(op, "professional", "Cette personne n’est pas de l’établissement.")
	case ReasonDelegateUnknown:
		return p, fieldError(op, "answer", "La personne qui vient à sa place n’est pas connue. Choisissez une réponse.")
	default:
		return p, fieldError(op, "meeting", "Ce courriel ne dit pas de quelle réunion il s’agit. Choisissez-la.")
	}
}

func fieldError(op, field, words string) error {
	var c fault.Check
	c.That(false, field, words)
	return c.Err(op)
}

// replyPlan weighs the answers of a mail. Status and Reason are those of the
// answer that needs a human most; where the mail has a Status already, nothing
// is changed and only what it is about is found.
func (s *Service) replyPlan(ctx context.Context, a auth.Actor, in Inbound, as *Assignment) (ReplyPlan, error) {
	people, err := s.store.Professionals(ctx, a.Org)
	if err != nil {
		return ReplyPlan{}, err
	}
	p, given := ReplyPlan{Mail: in}, in.Status
	var all []*weighing
	var worst verdict
	for _, r := range in.Replies {
		if in.repeats(r) {
			continue
		}
		w, err := s.weighingOf(ctx, a, r, as, &all, people)
		if err != nil {
			return p, err
		}
		v := verdict{}.review(ReasonUnknownMeeting)
		if w != nil {
			v = w.weigh(r)
		}
		if worst.status == "" || gravity[v.status] > gravity[worst.status] {
			worst = v
			p.Mail.about(w, v)
		}
	}
	if given != "" || worst.status == "" {
		return p, nil
	}
	p.Mail.Status, p.Mail.Reason = worst.status, worst.reason
	for _, w := range all {
		p.add(a, s, w)
	}
	return p, nil
}

// repeats reports whether a reply only says that one date still waits for its
// answer, beside an answer to the series. Thunderbird writes so: it repeats the
// dates that differ with what it was told of them.
func (in Inbound) repeats(r Reply) bool {
	return r.Answer == NeedsAction && !r.Recurrence.IsZero() && slices.ContainsFunc(in.Replies, func(o Reply) bool {
		return o.UID == r.UID && o.Attendee == r.Attendee && o.Recurrence.IsZero() && o.Answer != "" && o.Answer != NeedsAction
	})
}

// gravity orders what becomes of answers by how much they need a human.
var gravity = map[InboundStatus]int{InboundIgnored: 1, InboundApplied: 2, InboundProposed: 3, InboundReview: 4}

// about notes whose meeting and answer it is.
func (in *Inbound) about(w *weighing, v verdict) {
	in.Professional = v.person
	if w == nil {
		return
	}
	in.Team, in.Series = w.state.Team.ID, w.state.Series.ID
	in.Meeting = cmp.Or(v.meeting, w.state.Nearest(w.now).ID)
}

// add joins what a weighing changes to the plan.
func (p *ReplyPlan) add(a auth.Actor, s *Service, w *weighing) {
	if len(w.series)+len(w.dates)+len(w.proposals) == 0 {
		return
	}
	for i := range w.proposals {
		w.proposals[i].Inbound, w.proposals[i].At = p.Mail.ID, p.Mail.At
	}
	p.Series, p.Dates, p.Proposals = append(p.Series, w.series...), append(p.Dates, w.dates...), append(p.Proposals, w.proposals...)
	about := func(kind event.Kind, m id.Meeting) event.Event {
		e := a.Event(s.now(), kind)
		e.Team, e.Series, e.Meeting = w.state.Team.ID, w.state.Series.ID, m
		return e
	}
	p.events = append(p.events, about(event.MeetingChanged, cmp.Or(p.Mail.Meeting, w.state.Nearest(w.now).ID)))
	for _, fresh := range w.added() {
		e := about(event.AttendeeAdded, fresh.Meeting)
		e.Professional = fresh.Professional.ID
		p.events = append(p.events, e)
	}
}

// weighingOf finds what an answer is about; nil when nothing has its UID. The
// answers of one mail to one object are weighed together.
func (s *Service) weighingOf(ctx context.Context, a auth.Actor, r Reply, as *Assignment, all *[]*weighing, people []auth.Professional) (*weighing, error) {
	o, err := s.object(ctx, a, r, as)
	if fault.Is(err, fault.NotFound) {
		return nil, nil //nolint:nilnil // no such object is no failure
	}
	if err != nil {
		return nil, err
	}
	for _, w := range *all {
		if w.state.Series.ID == o.Series && (o.Series != "" || w.state.Dates[0].Meeting.ID == o.Meeting) {
			return w, nil
		}
	}
	w := &weighing{people: people, now: s.now(), as: as}
	if o.Series != "" {
		w.state, err = s.store.SeriesState(ctx, a.Org, o.Series)
	} else {
		w.state, err = s.store.MeetingState(ctx, a.Org, o.Meeting)
	}
	if err != nil {
		return nil, err
	}
	*all = append(*all, w)
	return w, nil
}

// object is what an answer is about: what its UID names, or the meeting that a
// human chose.
func (s *Service) object(ctx context.Context, a auth.Actor, r Reply, as *Assignment) (Object, error) {
	if as == nil || as.Meeting == "" {
		o, err := s.store.ObjectByUID(ctx, strings.TrimSpace(r.UID))
		if err == nil && o.Org != a.Org {
			err = fault.New(fault.NotFound, "meetings.object", "Introuvable.")
		}
		return o, err
	}
	f, err := s.store.MeetingByID(ctx, a.Org, as.Meeting)
	if err != nil {
		return Object{}, err
	}
	if f.Meeting.Linked() {
		return Object{Org: a.Org, Series: f.Meeting.Series}, nil
	}
	return Object{Org: a.Org, Meeting: f.Meeting.ID}, nil
}

// inboundChange records what was made of a mail.
func (s *Service) inboundChange(a auth.Actor, action string, p ReplyPlan) audit.Change {
	by := a.Change(s.now(), action, "inbound", string(p.Mail.ID))
	by.Entry.Team, by.Events = p.Mail.Team, p.events
	by.Entry.Detail = audit.Clean(string(p.Mail.Status) + " " + string(p.Mail.Reason))
	return by
}

func (s *Service) refuseInbound(ctx context.Context, a auth.Actor, action string, in Inbound) error {
	by := a.Change(s.now(), action, "inbound", string(in.ID))
	by.Entry.Team = in.Team
	return audit.Refuse(ctx, s.store, "meetings."+action, by, "Vous ne pouvez pas faire ceci pour cette équipe.")
}
