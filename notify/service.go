package notify

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// MessageStore is what the outbox page needs of the database.
type MessageStore interface {
	OrgByID(ctx context.Context, org id.Org) (auth.Org, error)
	Messages(ctx context.Context, f Filter) (items []Message, next string, err error) // without bodies
	MessageByID(ctx context.Context, org id.Org, m id.Message) (Message, error)       // with its body
	// SentMinutes returns the latest message of each thread about a version of
	// minutes, with what became of it; without bodies.
	SentMinutes(ctx context.Context, org id.Org, m id.Minutes, threads []string) ([]Outgoing, error)
	// OpenedMinutes returns who opened a version in the program, and when first.
	OpenedMinutes(ctx context.Context, org id.Org, m id.Minutes) (map[id.Professional]time.Time, error)
	// OpenMinutes notes that somebody opened a version; only the first counts.
	OpenMinutes(ctx context.Context, org id.Org, m id.Minutes, who id.Professional, at time.Time) error
	// RetryMessage makes a dead message wait again from its first try;
	// fault.Conflict when it is not dead or a later one of its thread exists.
	RetryMessage(ctx context.Context, m id.Message, now time.Time, by audit.Change) error
	// CancelMessage takes a waiting or dead message out; fault.Conflict when it
	// is neither.
	CancelMessage(ctx context.Context, m id.Message, by audit.Change) error
	Audit(ctx context.Context, by audit.Change) error
	CircleReader
}

// Service is the outbox as people see it.
type Service struct {
	store    MessageStore
	meetings MeetingReader
	now      func() time.Time
}

// NewService returns a service that reads the time from now.
func NewService(store MessageStore, meetings MeetingReader, now func() time.Time) *Service {
	return &Service{store: store, meetings: meetings, now: now}
}

// List returns messages, newest first and without their bodies: an
// administrator's organisation, or the teams whose secretary the actor is.
func (s *Service) List(ctx context.Context, a auth.Actor, status Status, after string, limit int) ([]Message, string, error) {
	const op = "notify.List"
	f := Filter{Org: a.Org, Status: status, After: after, Limit: limit}
	if !a.Admin && !a.System {
		f.Teams = []id.Team{}
		for _, t := range a.TeamIDs() {
			if a.In(t, auth.Secretary) {
				f.Teams = append(f.Teams, t)
			}
		}
		if len(f.Teams) == 0 {
			return nil, "", s.refuse(ctx, op, a, "outbox.list", Message{})
		}
	}
	items, next, err := s.store.Messages(ctx, f)
	return items, next, fault.Wrap(op, err)
}

// Read returns one message with its body, to the secretary of the meeting's
// team alone: a secure one holds minutes, which an administrator may not read.
func (s *Service) Read(ctx context.Context, a auth.Actor, m id.Message) (Message, error) {
	const op = "notify.Read"
	found, err := s.store.MessageByID(ctx, a.Org, m)
	if err != nil {
		return Message{}, fault.Wrap(op, err)
	}
	if !a.In(found.Team, auth.Secretary) {
		return Message{}, s.refuse(ctx, op, a, "message.read", found)
	}
	return found, fault.Wrap(op, s.store.Audit(ctx, s.change(a, "message.read", found)))
}

// Retry makes a dead message wait again.
func (s *Service) Retry(ctx context.Context, a auth.Actor, m id.Message) error {
	const op, action = "notify.Retry", "message.retry"
	found, err := s.mine(ctx, op, a, action, m)
	if err != nil {
		return err
	}
	return fault.Wrap(op, s.store.RetryMessage(ctx, m, s.now(), s.change(a, action, found)))
}

// Cancel takes a message that has not left out of the outbox.
func (s *Service) Cancel(ctx context.Context, a auth.Actor, m id.Message) error {
	const op, action = "notify.Cancel", "message.cancel"
	found, err := s.mine(ctx, op, a, action, m)
	if err != nil {
		return err
	}
	return fault.Wrap(op, s.store.CancelMessage(ctx, m, s.change(a, action, found)))
}

// mine reads a message that the actor may handle.
func (s *Service) mine(ctx context.Context, op string, a auth.Actor, action string, m id.Message) (Message, error) {
	found, err := s.store.MessageByID(ctx, a.Org, m)
	if err != nil {
		return Message{}, fault.Wrap(op, err)
	}
	if !a.Admin && !a.In(found.Team, auth.Secretary) {
		return Message{}, s.refuse(ctx, op, a, action, found)
	}
	found.Body = nil
	return found, nil
}

func (s *Service) change(a auth.Actor, action string, m Message) audit.Change {
	by := a.Change(s.now(), action, "message", string(m.ID))
	by.Entry.Team = m.Team
	return by
}

// refuse records the refusal; a failed record fails the operation.
func (s *Service) refuse(ctx context.Context, op string, a auth.Actor, action string, m Message) error {
	return audit.Refuse(ctx, s.store, op, s.change(a, action, m), "Vous ne pouvez pas faire ceci.")
}

// Preview says, before the minutes are signed, who would get what today. It is
// for the secretary and the chair of the team.
func (s *Service) Preview(ctx context.Context, a auth.Actor, c minutes.Content) ([]Delivery, error) {
	const op = "notify.Preview"
	if !a.In(c.TeamID, auth.Secretary, auth.Chair) {
		return nil, s.refuse(ctx, op, a, "minutes.preview", Message{Team: c.TeamID})
	}
	full, err := s.meetings.Get(ctx, a, c.Meeting)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	found, err := s.audience(ctx, c, full, date.Of(s.now().In(full.Meeting.Location())))
	return Recipients(found), fault.Wrap(op, err)
}

// PreviewAgenda says, before registration closes, who would get what of the
// agenda g today. It is for the secretary and the chair of
// the team, who read g whole.
func (s *Service) PreviewAgenda(ctx context.Context, a auth.Actor, full meetings.Full, g agenda.Agenda) ([]Delivery, error) {
	const op = "notify.PreviewAgenda"
	if !a.In(full.Meeting.Team, auth.Secretary, auth.Chair) {
		return nil, s.refuse(ctx, op, a, "agenda.preview", Message{Team: full.Meeting.Team})
	}
	org, err := s.store.OrgByID(ctx, a.Org)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	on := date.Of(s.now().In(full.Meeting.Location()))
	circles, err := s.store.CirclesOn(ctx, a.Org, onAgenda(g), on.String())
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	accounts, err := s.store.Accesses(ctx, a.Org)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	return AgendaRecipients(AgendaAudience{
		Patients: onAgenda(g), Full: full, Org: org, Circles: circles, On: on, SignIn: signIn(accounts),
	}), nil
}
