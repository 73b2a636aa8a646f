package meetings

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Open sends the invitations and opens registration.
func (s *Service) Open(ctx context.Context, a auth.Actor, m id.Meeting, version int) (Meeting, error) {
	return s.step(ctx, a, m, version, "open", Open, func(m *Meeting, now time.Time) event.Kind {
		if m.Status == Closed { // registration opens again: everybody is invited already
			m.Closed = time.Time{}
			return event.MeetingChanged
		}
		m.Opened = now
		return event.MeetingOpened
	})
}

// Close closes registration; the agenda goes out.
func (s *Service) Close(ctx context.Context, a auth.Actor, m id.Meeting, version int) (Meeting, error) {
	return s.step(ctx, a, m, version, "close", Closed, func(m *Meeting, now time.Time) event.Kind {
		m.Closed = now
		return event.MeetingClosed
	})
}

// Start opens the room.
func (s *Service) Start(ctx context.Context, a auth.Actor, m id.Meeting, version int) (Meeting, error) {
	return s.step(ctx, a, m, version, "start", Running, func(m *Meeting, now time.Time) event.Kind {
		if m.Started.IsZero() {
			m.Started = now
		}
		m.HeldAt = time.Time{}
		return event.MeetingChanged
	})
}

// End closes the room: the minutes can be read over and signed.
func (s *Service) End(ctx context.Context, a auth.Actor, m id.Meeting, version int) (Meeting, error) {
	return s.step(ctx, a, m, version, "end", Held, func(m *Meeting, now time.Time) event.Kind {
		m.HeldAt = now
		return event.MeetingChanged
	})
}

// step takes a meeting to a state: version, right and state machine first.
func (s *Service) step(ctx context.Context, a auth.Actor, mid id.Meeting, version int, verb string, to Status,
	apply func(*Meeting, time.Time) event.Kind,
) (Meeting, error) {
	op, action := "meetings."+verb, "meeting."+verb
	full, err := s.lead(ctx, a, mid, version, action)
	if err != nil {
		return Meeting{}, fault.Wrap(op, err)
	}
	m := full.Meeting
	if !m.Status.May(to) {
		return m, fault.New(fault.Conflict, op, "L’état de la réunion ne le permet pas.")
	}
	now := s.now()
	kind := apply(&m, now)
	m.Status, m.Updated = to, now
	if err := s.store.UpdateMeeting(ctx, m, s.change(a, action, m, kind)); err != nil {
		return Meeting{}, fault.Wrap(op, err)
	}
	m.Version++
	return m, nil
}

// lead reads a meeting that the actor leads (secretary or chair) at a version.
func (s *Service) lead(ctx context.Context, a auth.Actor, mid id.Meeting, version int, action string) (Full, error) {
	full, err := s.store.MeetingByID(ctx, a.Org, mid)
	if err != nil {
		return Full{}, err
	}
	if !a.In(full.Meeting.Team, auth.Secretary, auth.Chair) {
		return Full{}, s.refuse(ctx, a, action, full.Meeting)
	}
	if version != full.Meeting.Version {
		return Full{}, fault.New(fault.Conflict, action, "Quelqu’un a modifié ceci entre-temps. Rechargez la page.")
	}
	return full, nil
}

func (to Move) check(op string) error {
	var c fault.Check
	c.That(!to.Starts.IsZero(), "starts", "Une date et une heure sont attendues.")
	length := to.Ends.Sub(to.Starts)
	c.That(length >= 10*time.Minute && length <= 8*time.Hour, "ends", "Entre 10 minutes et 8 heures.")
	return c.Err(op)
}
