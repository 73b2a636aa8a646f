package notify

import (
	"context"
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// Fate is what the recipient's server said of a message after it had left
// (RFC 3464): the action of a delivery status.
type Fate string

// The fates.
const (
	Delivered Fate = "delivered"
	Failed    Fate = "failed"
)

// Report is what a delivery status notification tells of one of our messages.
type Report struct {
	MessageID string // without angle brackets
	Fate      Fate
	Said      string // the server's words, without any address
	At        time.Time
}

// Outgoing is a message with what became of it.
type Outgoing struct {
	Message
	Fate Fate // empty: nothing was reported
	When time.Time
}

// Receipt is one recipient of signed minutes: what they get, and how far it
// came. Message is the zero value while nothing was made for them.
type Receipt struct {
	Delivery
	Sending Outgoing
	Opened  time.Time // first, in the program; zero: not yet
}

// Receipts says who gets what of a version of the minutes and what became of
// it, for the secretary and the chair of the team. Who may see what is judged on
// the day of the signature, as when it was sent.
func (s *Service) Receipts(ctx context.Context, a auth.Actor, m minutes.Minutes) ([]Receipt, error) {
	const op = "notify.Receipts"
	if !a.In(m.Content.TeamID, auth.Secretary, auth.Chair) {
		return nil, s.refuse(ctx, op, a, "minutes.receipts", Message{Team: m.Content.TeamID})
	}
	full, err := s.meetings.Get(ctx, a, m.Meeting)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	audience, err := s.audience(ctx, m.Content, full, date.Of(m.SignedAt.In(full.Meeting.Location())))
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	out, err := s.receipts(ctx, m, Recipients(audience))
	return out, fault.Wrap(op, err)
}

// audience is who may receive minutes on a day.
func (s *Service) audience(ctx context.Context, c minutes.Content, full meetings.Full, on date.Date) (Audience, error) {
	of := Audience{Content: c, Team: full.Team, On: on}
	var err error
	if of.Org, err = s.store.OrgByID(ctx, full.Meeting.Org); err != nil {
		return of, err
	}
	if of.Circles, err = s.store.CirclesOn(ctx, of.Org.ID, patientsOf(c), on.String()); err != nil {
		return of, err
	}
	accounts, err := s.store.Accesses(ctx, of.Org.ID)
	of.SignIn = signIn(accounts)
	return of, err
}

// receipts joins deliveries with the messages to their mailboxes.
func (s *Service) receipts(ctx context.Context, m minutes.Minutes, all []Delivery) ([]Receipt, error) {
	var threads []string
	for _, d := range all {
		if d.Address != "" {
			threads = append(threads, thread(minutesObject(m.Meeting), d.Address))
		}
	}
	sent, err := s.store.SentMinutes(ctx, m.Org, m.ID, threads)
	if err != nil {
		return nil, err
	}
	opened, err := s.store.OpenedMinutes(ctx, m.Org, m.ID)
	if err != nil {
		return nil, err
	}
	out := make([]Receipt, len(all))
	for i, d := range all {
		out[i] = Receipt{Delivery: d, Opened: opened[d.Who.ID]}
		if j := slices.IndexFunc(sent, func(m Outgoing) bool { return d.Address != "" && m.Address == auth.Fold(d.Address) }); j >= 0 {
			out[i].Sending = sent[j]
		}
	}
	return out, nil
}

// Opened notes that the actor opened a version of minutes in the program, which
// they were just shown; only the first time counts.
func (s *Service) Opened(ctx context.Context, a auth.Actor, m id.Minutes) error {
	if a.System || a.Professional == "" {
		return nil
	}
	return fault.Wrap("notify.Opened", s.store.OpenMinutes(ctx, a.Org, m, a.Professional, s.now()))
}
