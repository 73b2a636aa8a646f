package inbox

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/meetings/ical"
)

// understood is what a mail's calendars say.
type understood struct {
	replies []meetings.Reply
	other   bool            // an object that is no answer
	refresh bool            // the latest version is asked for
	reason  meetings.Reason // why nothing could be read
	uids    []string        // of what is no answer, to find whose it is
}

// understand reads the calendars of a mail. The same object in two parts is
// one; a part that cannot be read counts only when none can.
func understand(p *parsed) understood {
	var u understood
	seen := map[string]bool{}
	for _, c := range p.calendars {
		got, err := ical.Read(c.data)
		if err != nil {
			u.reason = reasonOf(err)
			continue
		}
		for _, i := range got.Items {
			u.add(methodOf(got, c), i, p.sender, seen)
		}
	}
	if len(u.replies) > 0 || u.other || u.refresh {
		u.reason = meetings.ReasonNone
	}
	return u
}

func reasonOf(err error) meetings.Reason {
	switch ical.ReasonOf(err) {
	case ical.TooLarge:
		return meetings.ReasonTooLarge
	case ical.Defect:
		return meetings.ReasonDefect
	}
	return meetings.ReasonUnreadableMail
}

// methodOf is the iTIP method that counts: the body's. The part's is asked only
// when the body says nothing.
func methodOf(got ical.Received, c calendar) ical.Method {
	if got.Method == "" {
		return ical.Method(c.method)
	}
	return got.Method
}

func (u *understood) add(m ical.Method, i ical.Item, sender string, seen map[string]bool) {
	switch m {
	case ical.Reply, ical.Counter:
	case ical.Refresh:
		u.refresh, u.uids = true, append(u.uids, i.UID)
		return
	default:
		u.other, u.uids = true, append(u.uids, i.UID)
		return
	}
	r := replyOf(m, i, sender)
	key, err := json.Marshal(r)
	if err != nil || seen[string(key)] || len(u.replies) >= maxParts {
		return
	}
	seen[string(key)] = true
	u.replies = append(u.replies, r)
}

// replyOf is what one event of a REPLY or COUNTER answers (RFC 5546 sections
// 3.2.3 and 3.2.7). Google and Outlook write the new time as the event's own,
// Apple as a parameter of the attendee in what is else a REPLY.
func replyOf(m ical.Method, i ical.Item, sender string) meetings.Reply {
	who := answererOf(i, sender)
	r := meetings.Reply{
		UID: i.UID, Recurrence: i.RecurrenceID, Day: i.RecurrenceDay, Floating: i.RecurrenceFloating,
		From: sender, Attendee: who.Address, Answer: meetings.Answer(who.PartStat),
		Sequence: i.Sequence, HasSequence: i.HasSequence, Stamp: i.Stamp, Comment: i.Comment, Origin: "mail",
		DelegatedTo: who.DelegatedTo, DelegatedFrom: who.DelegatedFrom,
		Unsure: i.Uncertain == ical.UncertainInstance || i.Uncertain == ical.UncertainRange,
	}
	if r.Comment == "" {
		r.Comment = who.Comment
	}
	if !sane(r.Recurrence) {
		r.Recurrence, r.Unsure = time.Time{}, true
	}
	if !sane(r.Stamp) {
		r.Stamp = time.Time{}
	}
	asked := who.Proposed
	if asked == nil {
		asked = i.Proposed
	}
	switch {
	case asked != nil || i.Uncertain == ical.UncertainProposal:
		r.Counter, r.Proposed = true, span(asked)
	case m == ical.Counter:
		r.Counter = true
		if !i.AllDay && !i.Floating && i.Uncertain != ical.UncertainStart && i.Uncertain != ical.UncertainEnd {
			r.Proposed = span(&ical.Span{Start: i.Start, End: i.End})
		}
	}
	return r
}

// sane reports whether a time can be kept and compared.
func sane(t time.Time) bool { return t.IsZero() || t.Year() > 1900 && t.Year() < 9000 }

func span(s *ical.Span) *meetings.Span {
	if s == nil || s.Start.IsZero() || !sane(s.Start) || !sane(s.End) {
		return nil
	}
	return &meetings.Span{Start: s.Start.UTC(), End: s.End.UTC()}
}

// answererOf finds who answers among the attendees: the sender, else the only
// one, else the only one who answers at all.
func answererOf(i ical.Item, sender string) ical.Answerer {
	if k := slices.IndexFunc(i.Attendees, func(a ical.Answerer) bool { return a.Address != "" && auth.Fold(a.Address) == sender }); k >= 0 {
		return i.Attendees[k]
	}
	if len(i.Attendees) == 1 {
		return i.Attendees[0]
	}
	var found []ical.Answerer
	for _, a := range i.Attendees {
		if a.Address != "" && a.PartStat != "" && a.PartStat != ical.NeedsAction {
			found = append(found, a)
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return ical.Answerer{}
}

// judge says what a mail is before its answers are weighed; an empty status
// leaves it to them.
func (p *parsed) judge(u understood, server string) (meetings.InboundStatus, meetings.Reason) {
	switch {
	case len(u.replies) > 0 && p.sender == "":
		return meetings.InboundReview, meetings.ReasonSender
	case len(u.replies) > 0 && !authentic(p.results, server, p.sender):
		return meetings.InboundReview, meetings.ReasonNotAuthenticated
	case len(u.replies) > 0:
		return "", meetings.ReasonNone
	case u.other:
		return meetings.InboundReview, meetings.ReasonNotAnAnswer
	case u.refresh:
		return meetings.InboundIgnored, meetings.ReasonRefresh
	case u.reason != "":
		return meetings.InboundReview, u.reason
	case p.reason != "":
		return meetings.InboundReview, p.reason
	case p.automatic && !p.report:
		return meetings.InboundIgnored, meetings.ReasonAutoReply
	}
	return meetings.InboundReview, meetings.ReasonNoCalendar
}

// firstUID is the first object that a mail names.
func (u understood) firstUID() string {
	if len(u.replies) > 0 {
		return strings.TrimSpace(u.replies[0].UID)
	}
	if len(u.uids) > 0 {
		return strings.TrimSpace(u.uids[0])
	}
	return ""
}
