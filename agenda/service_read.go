package agenda

import (
	"cmp"
	"context"
	"slices"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Get returns a meeting's agenda: all of it to the team's secretary and chair,
// to its clinicians the lines of the patients they care for and the count of
// the others.
func (s *Service) Get(ctx context.Context, a auth.Actor, m id.Meeting) (Agenda, error) {
	const op = "agenda.Get"
	full, err := s.meeting(ctx, a, m, "agenda.read")
	if err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	if err := s.store.Audit(ctx, s.change(a, "agenda.read", full.Meeting).InSpells()); err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	g, err := s.agenda(ctx, a, full)
	return g, fault.Wrap(op, err)
}

// Case returns one line, to who may see its patient in the team.
func (s *Service) Case(ctx context.Context, a auth.Actor, c id.Case) (Item, error) {
	const op = "agenda.Case"
	l, err := s.CaseFor(ctx, a, c, "case.read")
	if err != nil {
		return Item{}, fault.Wrap(op, err)
	}
	return l, fault.Wrap(op, s.store.Audit(ctx, s.caseChange(a, "case.read", l).InSpells()))
}

// CaseFor returns one line, to who may see its patient in the team, for an
// action that the caller audits; a refusal is audited here, under that action.
func (s *Service) CaseFor(ctx context.Context, a auth.Actor, c id.Case, action string) (Item, error) {
	const op = "agenda.CaseFor"
	l, err := s.store.CaseByID(ctx, a.Org, c)
	if err != nil {
		return Item{}, fault.Wrap(op, err)
	}
	seen, err := s.seen(ctx, a, l.Team, []Item{l})
	if err != nil {
		return Item{}, fault.Wrap(op, err)
	}
	if !seen[l.Patient.ID] {
		return Item{}, s.refuse(ctx, op, s.caseChange(a, action, l))
	}
	return l, nil
}

// meeting reads a meeting for one of the roles in its team (any when none is
// given); a refusal is audited under the action.
func (s *Service) meeting(ctx context.Context, a auth.Actor, m id.Meeting, action string, roles ...auth.Role) (meetings.Full, error) {
	full, err := s.store.MeetingByID(ctx, a.Org, m)
	if err != nil {
		return full, err
	}
	if !a.In(full.Meeting.Team, roles...) {
		return meetings.Full{}, s.refuse(ctx, action, s.change(a, action, full.Meeting))
	}
	return full, nil
}

// refuse audits a refusal and returns it.
func (s *Service) refuse(ctx context.Context, op string, by audit.Change) error {
	return audit.Refuse(ctx, s.store, op, by, "Vous n’avez pas accès à ceci.")
}

func (s *Service) change(a auth.Actor, action string, m meetings.Meeting) audit.Change {
	by := a.Change(s.now(), action, "meeting", string(m.ID))
	by.Entry.Team = m.Team
	return by
}

func (s *Service) caseChange(a auth.Actor, action string, l Item) audit.Change {
	by := a.Change(s.now(), action, "case", string(l.ID))
	by.Entry.Team, by.Entry.Patient = l.Team, l.Patient.ID
	return by
}

// seen returns which of the lines' patients the actor may see in the team.
func (s *Service) seen(ctx context.Context, a auth.Actor, team id.Team, lines []Item) (map[id.Patient]bool, error) {
	ids := make([]id.Patient, len(lines))
	for i, l := range lines {
		ids[i] = l.Patient.ID
	}
	switch {
	case a.In(team, auth.Secretary, auth.Chair):
		all := make(map[id.Patient]bool, len(ids))
		for _, p := range ids {
			all[p] = true
		}
		return all, nil
	case !a.In(team) || len(ids) == 0:
		return nil, nil
	}
	return s.store.InCircle(ctx, a.Org, a.Professional, ids, date.Of(s.now()))
}

// agenda reads the lines and arranges those the actor may see.
func (s *Service) agenda(ctx context.Context, a auth.Actor, full meetings.Full) (Agenda, error) {
	lines, err := s.store.AgendaItems(ctx, full.Meeting.Org, full.Meeting.ID)
	if err != nil {
		return Agenda{}, err
	}
	seen, err := s.seen(ctx, a, full.Meeting.Team, lines)
	if err != nil {
		return Agenda{}, err
	}
	g := arrange(full.Meeting, timed(full, lines), func(p id.Patient) bool { return seen[p] })
	g.Last, err = s.last(ctx, a, full, lines)
	return g, err
}

// arrange parts lines into the agenda's lists, in order. Planned counts the
// hidden lines too: the time is the meeting's. Standard cases take none.
func arrange(m meetings.Meeting, lines []Item, seen func(id.Patient) bool) Agenda {
	g := Agenda{Meeting: m.ID, Capacity: int(m.Duration().Minutes())}
	for _, l := range lines {
		l = l.AsItMay()
		onAgenda := l.Status == Scheduled || l.Status == Discussed
		if onAgenda && !l.Standard {
			g.Planned += l.Minutes
		}
		switch {
		case onAgenda && l.Standard:
			if !seen(l.Patient.ID) {
				l = l.Blind()
			}
			g.Standard = append(g.Standard, l)
		case l.Status == Withdrawn && l.DeferWhy == noReason:
		case !seen(l.Patient.ID):
			if onAgenda {
				g.Hidden++
			}
		case onAgenda:
			g.Items = append(g.Items, l)
		case l.Status == Withdrawn:
			g.Withdrawn = append(g.Withdrawn, l)
		default:
			g.Waiting = append(g.Waiting, l)
		}
	}
	slices.SortStableFunc(g.Items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(g.Standard, func(a, b Item) int { return cmp.Compare(a.ID, b.ID) })
	Rank(g.Waiting)
	slices.SortStableFunc(g.Waiting, func(a, b Item) int { return cmp.Compare(boolInt(a.Status == Deferred), boolInt(b.Status == Deferred)) })
	Rank(g.Withdrawn)
	return g
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
