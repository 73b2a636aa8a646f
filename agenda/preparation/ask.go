package preparation

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// merge is how long one mail stands for everything that a person is asked about
// one meeting: its link leads to all of it.
const merge = 10 * time.Minute

// AskFor asks a member of the team for their contribution, or again. The
// secretary and the chair ask; nobody is asked who may not see the case, or
// wrote already.
func (s *Service) AskFor(ctx context.Context, a auth.Actor, c id.Case, who id.Professional) error {
	const op = "preparation.AskFor"
	line, err := s.read(ctx, a, c)
	if err != nil {
		return fault.Wrap(op, err)
	}
	by := s.caseChange(a, "contribution.ask", line.Item)
	by.Entry.Detail = string(who)
	if !a.In(line.Team, auth.Secretary, auth.Chair) {
		return s.refuse(ctx, op, by)
	}
	i := slices.IndexFunc(line.Full.Team.Members, func(m meetings.Member) bool { return m.ID == who && line.member(m) && line.sees(m) })
	if i < 0 {
		return fault.New(fault.Invalid, op, "Cette personne ne suit pas ce patient dans l’équipe.")
	}
	if k, _ := line.of(who); k.Written() {
		return fault.New(fault.Conflict, op, "Cette personne a déjà écrit son avis.")
	}
	ask := s.ask(a, c, line.Full.Team.Members[i].Professional)
	facts, err := s.store.CaseFacts(ctx, a.Org, line.Meeting, s.today(line.Full.Meeting))
	if err != nil {
		return fault.Wrap(op, err)
	}
	if !s.told(facts, who) {
		by.Events = append(by.Events, s.wanted(a, line.Full.Meeting, who))
	}
	return fault.Wrap(op, s.store.AskContributions(ctx, a.Org, line.Meeting, []Contribution{ask}, by))
}

// AskAll asks for every contribution that the cases on the agenda lack and of
// which nobody was asked: one person of each profession, who hears of it once.
// It returns how many contributions were asked for.
func (s *Service) AskAll(ctx context.Context, a auth.Actor, g agenda.Agenda) (int, error) {
	const op = "preparation.AskAll"
	cases, err := s.all(ctx, a, g)
	if err != nil {
		return 0, fault.Wrap(op, err)
	}
	full, err := s.store.MeetingByID(ctx, a.Org, g.Meeting)
	if err != nil {
		return 0, fault.Wrap(op, err)
	}
	by := s.change(a, "contribution.ask", full.Meeting)
	if !a.In(full.Meeting.Team, auth.Secretary, auth.Chair) {
		return 0, s.refuse(ctx, op, by)
	}
	asks := s.unasked(a, cases)
	if len(asks) == 0 {
		return 0, nil
	}
	by.Entry.Detail = strconv.Itoa(len(asks))
	var heard []id.Professional
	for _, k := range asks {
		if p := k.Professional.ID; !slices.Contains(heard, p) {
			heard = append(heard, p)
			by.Events = append(by.Events, s.wanted(a, full.Meeting, p))
		}
	}
	return len(asks), fault.Wrap(op, s.store.AskContributions(ctx, a.Org, g.Meeting, asks, by))
}

// unasked are the contributions to ask for: the first who could, of each
// profession without a text and without anybody asked.
func (s *Service) unasked(a auth.Actor, cases []Case) []Contribution {
	var asks []Contribution
	for _, c := range cases {
		all, _ := c.Expected()
		for _, e := range all {
			if c.open() && !e.Done() && len(e.Asked) == 0 {
				asks = append(asks, s.ask(a, c.ID, e.Could[0]))
			}
		}
	}
	return asks
}

func (s *Service) ask(a auth.Actor, c id.Case, who auth.Professional) Contribution {
	return Contribution{Case: c, Professional: who, Profession: who.Profession, AskedAt: s.now().UTC().Truncate(time.Microsecond), AskedBy: a.Name}
}

// told reports whether the person was asked about the meeting a moment ago: the
// mail that left then speaks of this too.
func (s *Service) told(facts map[id.Case]Facts, who id.Professional) bool {
	for _, f := range facts {
		for _, k := range f.Contributions {
			if k.Professional.ID == who && !k.AskedAt.IsZero() && s.now().Sub(k.AskedAt) < merge {
				return true
			}
		}
	}
	return false
}

// wanted is the event that reminds one person of what a meeting awaits of them.
func (s *Service) wanted(a auth.Actor, m meetings.Meeting, who id.Professional) event.Event {
	e := a.Event(s.now(), event.ContributionAsked)
	e.Team, e.Meeting, e.Professional = m.Team, m.ID, who
	return e
}

// Own lists the contributions that the actor is asked for and did not write,
// soonest meeting first.
func (s *Service) Own(ctx context.Context, a auth.Actor, limit int) ([]Ask, error) {
	const op = "preparation.Own"
	all, err := s.store.OwnAsks(ctx, a.Org, a.Professional, date.Of(s.now()), limit)
	if err != nil || len(all) == 0 {
		return nil, fault.Wrap(op, err)
	}
	all = slices.DeleteFunc(all, func(k Ask) bool { return !a.In(k.Item.Team) })
	by := a.Change(s.now(), "contribution.list", "professional", string(a.Professional))
	by.Entry.Detail = strconv.Itoa(len(all))
	return all, fault.Wrap(op, s.store.Audit(ctx, by))
}

// Unanswered lists who is asked for something about a meeting and did not write:
// for the jobs and the mails, which name no patient.
func (s *Service) Unanswered(ctx context.Context, a auth.Actor, m id.Meeting) ([]id.Professional, error) {
	const op = "preparation.Unanswered"
	if !a.System {
		return nil, s.refuse(ctx, op, a.Change(s.now(), op, "meeting", string(m)))
	}
	all, err := s.store.Unanswered(ctx, a.Org, m)
	return all, fault.Wrap(op, err)
}
