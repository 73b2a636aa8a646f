package meetings

import (
	"context"
	"slices"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// InviteGuest invites somebody of the organisation to one meeting alone, a
// substitute for instance. The secretary and the chair may, until it begins.
// Their calendar gets that date and no other; the team's members are not told.
func (s *Service) InviteGuest(ctx context.Context, a auth.Actor, mid id.Meeting, who id.Professional) error {
	const op = "meetings.InviteGuest"
	full, err := s.preparing(ctx, a, op, "meeting.invite", mid)
	if err != nil {
		return err
	}
	if full.Invites(who) {
		return fault.New(fault.Conflict, op, "Cette personne est déjà invitée.")
	}
	all, err := s.store.Professionals(ctx, a.Org)
	if err != nil {
		return fault.Wrap(op, err)
	}
	i := slices.IndexFunc(all, func(p auth.Professional) bool { return p.ID == who })
	if i < 0 {
		var c fault.Check
		c.That(false, "who", "Cette personne n’est pas de l’établissement.")
		return c.Err(op)
	}
	return s.saveGuest(ctx, a, op, full.Meeting, AttendeeChange{Meeting: mid, Member: full.Team.as(all[i])})
}

// UninviteGuest takes back what InviteGuest did. A member of the team is asked
// to each of its meetings, and declines instead.
func (s *Service) UninviteGuest(ctx context.Context, a auth.Actor, mid id.Meeting, who id.Professional) error {
	const op = "meetings.UninviteGuest"
	full, err := s.preparing(ctx, a, op, "meeting.uninvite", mid)
	if err != nil {
		return err
	}
	switch {
	case !full.Invites(who):
		return fault.New(fault.NotFound, op, "Cette personne n’est pas invitée.")
	case !full.Guest(who):
		return fault.New(fault.Conflict, op, "Cette personne est de l’équipe : elle est invitée à chaque réunion.")
	}
	gone := AttendeeChange{Meeting: mid, Member: Member{Professional: auth.Professional{ID: who}}, Removed: true}
	return s.saveGuest(ctx, a, op, full.Meeting, gone)
}

// Invites reports whether somebody is asked to the meeting.
func (f Full) Invites(who id.Professional) bool {
	return slices.ContainsFunc(f.Attendance, func(a Attendance) bool { return a.Professional.ID == who })
}

// Guest reports whether somebody invited is not of the team.
func (f Full) Guest(who id.Professional) bool { return f.Invites(who) && !f.Team.has(who) }

func (t Team) has(who id.Professional) bool {
	return slices.ContainsFunc(t.Members, func(m Member) bool { return m.ID == who && m.Left.IsZero() })
}

// as is somebody as the team invites them: with their role in it, if any.
func (t Team) as(p auth.Professional) Member {
	for _, m := range t.Members {
		if m.ID == p.ID && m.Left.IsZero() {
			return m
		}
	}
	return Member{Professional: p, Role: auth.Clinician}
}

// preparing reads a meeting that has not begun and that the actor leads.
func (s *Service) preparing(ctx context.Context, a auth.Actor, op, action string, mid id.Meeting) (Full, error) {
	full, err := s.store.MeetingByID(ctx, a.Org, mid)
	switch {
	case err != nil:
		return full, fault.Wrap(op, err)
	case !a.In(full.Meeting.Team, auth.Secretary, auth.Chair):
		return full, s.refuse(ctx, a, action, full.Meeting)
	case !full.Meeting.Status.May(Cancelled):
		return full, fault.New(fault.Conflict, op, "L’état de la réunion ne le permet pas.")
	}
	return full, nil
}

// saveGuest writes who comes or no longer does; calendars follow once the
// meeting is announced.
func (s *Service) saveGuest(ctx context.Context, a auth.Actor, op string, m Meeting, c AttendeeChange) error {
	action, kind := "meeting.invite", event.AttendeeAdded
	if c.Removed {
		action, kind = "meeting.uninvite", event.AttendeeRemoved
	}
	if !m.Announced() {
		kind = event.MeetingChanged
	}
	by := s.change(a, action, m, kind)
	by.Events[0].Professional, by.Entry.Detail = c.Member.ID, string(c.Member.ID)
	return fault.Wrap(op, s.store.SaveAttendee(ctx, a.Org, c, by))
}

// Announced reports whether those invited were told of the meeting: by itself,
// or with its series.
func (m Meeting) Announced() bool { return m.Linked() || !m.Opened.IsZero() }
