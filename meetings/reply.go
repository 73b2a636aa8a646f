package meetings

import (
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
)

// weighing weighs answers against what they answer. It keeps what they change,
// so that a second answer of the same mail meets the first.
type weighing struct {
	state  State
	people []auth.Professional // of the organisation
	now    time.Time
	as     *Assignment // a human's word; nil: the rules decide

	series    []SeriesReply
	dates     []Attendance // to write; Version 0: new
	proposals []Proposal
}

// verdict is what becomes of one answer.
type verdict struct {
	status  InboundStatus
	reason  Reason
	person  id.Professional
	meeting id.Meeting
}

func (v verdict) review(r Reason) verdict {
	v.status, v.reason = InboundReview, r
	return v
}

func (v verdict) ignore(r Reason) verdict {
	v.status, v.reason = InboundIgnored, r
	return v
}

// weigh says what becomes of an answer, and notes what it changes.
func (w *weighing) weigh(r Reply) verdict {
	person, known := w.person(r)
	f, whole, found := w.target(r)
	v := verdict{person: person.ID, meeting: f.Meeting.ID}
	invited := w.invited(person.ID, f, whole)
	switch {
	case !known:
		return v.review(ReasonUnknownPerson)
	case w.as == nil && !person.answersFrom(r.From, r.Attendee):
		return v.review(ReasonSender)
	case !found:
		return v.review(ReasonUnknownDate)
	case w.over(f, whole):
		return v.ignore(ReasonOver)
	case w.as == nil && !invited:
		return v.review(ReasonNotInvited)
	}
	answer, ok := w.answer(r)
	if !ok {
		return v.review(ReasonNoAnswer)
	}
	r.Answer = answer
	if reason, review := w.order(&r, person.ID, f, whole); reason != ReasonNone {
		if review {
			return v.review(reason)
		}
		return v.ignore(reason)
	}
	if r.Counter {
		return w.propose(v, r, f, whole, person.Professional)
	}
	return w.take(v, r, f, whole, person.Professional)
}

// answerer is a professional who answers.
type answerer struct{ auth.Professional }

// answersFrom reports whether the sender is the attendee, or the same person
// under another of their addresses.
func (p answerer) answersFrom(from, attendee string) bool {
	from = auth.Fold(from)
	return from != "" && (from == auth.Fold(attendee) || has(p.Professional, from))
}

// has reports whether an address is one of a professional's.
func has(p auth.Professional, address string) bool {
	address = auth.Fold(address)
	return address != "" && (auth.Fold(p.Email) == address ||
		slices.ContainsFunc(p.Aliases, func(a string) bool { return auth.Fold(a) == address }))
}

// person finds who answers: by the ATTENDEE's address, those invited first, as
// two people can share a mailbox.
func (w *weighing) person(r Reply) (answerer, bool) {
	is := func(p auth.Professional) bool { return has(p, r.Attendee) }
	if w.as != nil {
		is = func(p auth.Professional) bool { return p.ID == w.as.Professional }
	}
	for _, f := range w.state.Dates {
		for _, a := range f.Attendance {
			if is(a.Professional) {
				return answerer{a.Professional}, true
			}
		}
	}
	return w.known(is)
}

// known finds a professional of the organisation.
func (w *weighing) known(is func(auth.Professional) bool) (answerer, bool) {
	i := slices.IndexFunc(w.people, is)
	if i < 0 {
		return answerer{}, false
	}
	return answerer{w.people[i]}, true
}

// target finds what is answered: the whole object or one date of it. The
// RECURRENCE-ID is compared as an instant (RFC 5545 section 3.8.4.4), since
// clients write it in UTC or in another zone.
func (w *weighing) target(r Reply) (f Full, whole, ok bool) {
	if w.as != nil && w.as.Meeting != "" {
		return w.one(func(m Meeting) bool { return m.ID == w.as.Meeting })
	}
	switch {
	case r.Unsure:
		return Full{}, false, false
	case r.Recurrence.IsZero() && w.state.IsSeries():
		return Full{}, true, true
	case r.Recurrence.IsZero():
		return w.state.Dates[0], false, true
	}
	return w.one(func(m Meeting) bool { return r.means(m, w.state.zone()) })
}

func (w *weighing) one(is func(Meeting) bool) (f Full, whole, ok bool) {
	i := slices.IndexFunc(w.state.Dates, func(f Full) bool { return is(f.Meeting) })
	if i < 0 {
		return Full{}, false, false
	}
	return w.state.Dates[i], false, true
}

// means reports whether the answer's RECURRENCE-ID is that of a date.
func (r Reply) means(m Meeting, zone string) bool {
	at := m.Original
	if !m.Linked() {
		at = m.Starts
	}
	loc, err := date.Zone(zone)
	if err != nil {
		loc = time.UTC
	}
	switch local := at.In(loc); {
	case r.Day:
		return date.Of(local) == date.Of(r.Recurrence.UTC())
	case r.Floating:
		return local.Format(time.DateTime) == r.Recurrence.UTC().Format(time.DateTime)
	}
	return at.Equal(r.Recurrence)
}

// over reports whether nothing of what is answered is to come.
func (w *weighing) over(f Full, whole bool) bool {
	if whole {
		return w.state.Series.Ended || len(w.state.ahead(w.now)) == 0
	}
	return !f.Meeting.live() || !f.Meeting.Ends.After(w.now)
}

func (w *weighing) invited(who id.Professional, f Full, whole bool) bool {
	if !whole {
		return f.Invites(who)
	}
	return slices.ContainsFunc(w.state.ahead(w.now), func(f Full) bool { return f.Invites(who) })
}

// answer is the PARTSTAT that counts. Who asks for another time may come,
// unless they say more.
func (w *weighing) answer(r Reply) (Answer, bool) {
	a := r.Answer
	if w.as != nil && w.as.Answer != "" {
		a = w.as.Answer
	}
	switch a {
	case Accepted, Declined, Tentative:
		return a, true
	case Delegated:
		return a, !r.Counter
	}
	return Tentative, r.Counter
}

// standing is the answer that stands of one person.
type standing struct {
	answer   Answer
	sequence int
	stamp    time.Time
	at       time.Time
	floor    int // SEQUENCE of the last change that asks for a new answer
}

func (w *weighing) standing(who id.Professional, f Full, whole bool) standing {
	if whole {
		for _, a := range w.state.Answers {
			if a.Professional == who {
				return standing{a.Answer, a.Sequence, a.Stamp, a.AnsweredAt, w.state.Series.Floor}
			}
		}
		return standing{answer: NeedsAction, floor: w.state.Series.Floor}
	}
	st := standing{answer: NeedsAction, floor: w.state.floor(f.Meeting)}
	for _, a := range f.Attendance {
		if a.Professional.ID == who && (a.Own || !f.Meeting.Linked()) {
			st.answer, st.sequence, st.stamp, st.at = a.Answer, a.Sequence, a.Stamp, a.AnsweredAt
		}
	}
	return st
}

// floor is the SEQUENCE below which an answer to a date speaks of another
// state of it: its own when it was changed by itself, else the series'.
func (s State) floor(m Meeting) int {
	if !m.Linked() {
		return m.Sequence
	}
	one := s.Series
	if s.movedByHand(m) || m.Room != one.Room || m.URL != one.URL || m.Sequence > one.Sequence || m.Duration() != one.Duration {
		return m.Sequence
	}
	return one.Floor
}

// order says why an answer does not count: it is older than the one that
// stands or than what it answers (RFC 5546 section 2.1.5), or nobody can tell.
// Answers that a human chose always count, as made now.
func (w *weighing) order(r *Reply, who id.Professional, f Full, whole bool) (reason Reason, review bool) {
	st := w.standing(who, f, whole)
	if w.as != nil && w.as.Answer != "" {
		r.Sequence, r.Stamp, r.Origin = max(st.floor, st.sequence), w.now, "secretary"
		return ReasonNone, false
	}
	stood := st.stamp
	if stood.IsZero() {
		stood = st.at
	}
	switch {
	case !r.HasSequence && st.floor > 0 && w.as == nil:
		return ReasonNoSequence, true
	case !r.HasSequence:
		r.Sequence = st.floor
	}
	switch {
	case r.Sequence < st.floor:
		return ReasonStale, false
	case r.Stamp.IsZero() && !stood.IsZero() && w.as == nil:
		return ReasonNoStamp, true
	case r.Stamp.IsZero():
		r.Stamp = w.now.UTC().Truncate(time.Second)
	}
	switch {
	case stood.IsZero(), st.stamp.IsZero() && r.Stamp.After(stood), r.Sequence > st.sequence && !st.stamp.IsZero():
		return ReasonNone, false
	case r.Sequence == st.sequence && r.Stamp.After(stood):
		return ReasonNone, false
	case r.Sequence == st.sequence && r.Stamp.Equal(st.stamp) && r.Answer == st.answer:
		return ReasonDuplicate, false
	}
	return ReasonStale, false
}

// propose keeps another time that somebody asks for, with the answer beside it.
func (w *weighing) propose(v verdict, r Reply, f Full, whole bool, who auth.Professional) verdict {
	switch {
	case whole:
		return v.review(ReasonProposesSeries)
	case r.Proposed == nil || r.Proposed.Start.IsZero():
		return v.review(ReasonNoTime)
	}
	span := *r.Proposed
	if !span.End.After(span.Start) {
		span.End = span.Start.Add(f.Meeting.Duration())
	}
	v = w.take(v, r, f, whole, who)
	if v.status != InboundApplied || span.Start.Equal(f.Meeting.Starts) && span.End.Equal(f.Meeting.Ends) {
		return v // the same time: no more than an answer
	}
	if span.End.Sub(span.Start) > 8*time.Hour {
		return v.review(ReasonNoTime)
	}
	w.proposals = append(w.proposals, Proposal{
		ID: id.New[id.Proposal](), Org: f.Meeting.Org, Team: f.Meeting.Team, Meeting: f.Meeting.ID, Professional: who.ID,
		Starts: span.Start, Ends: span.End, Comment: r.Comment, At: w.now, Status: ProposalWaiting,
	})
	v.status = InboundProposed
	return v
}
