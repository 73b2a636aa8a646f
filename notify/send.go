package notify

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net/mail"
	"net/textproto"
	"time"

	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// MaxTries is how often a message is tried before it goes to the dead letters.
const MaxTries = 8

// The back-off: one minute, four times more after each failure, at most twelve
// hours. Eight tries span about thirty hours, a server's lost day.
const (
	firstPause = time.Minute
	longPause  = 12 * time.Hour
)

// DefaultLease is how long a claim holds. A send is cut at three quarters of
// it, so that nobody else may claim a message still on its way.
const DefaultLease = 2 * time.Minute

// Result is how a try ended: Sent, Waiting until NextTry, or Dead.
type Result struct {
	Status  Status
	At      time.Time
	NextTry time.Time
	Error   string
}

// Outbox is what the sender needs of the database.
type Outbox interface {
	// ClaimMessage takes the message that is due first, or whose lease ran
	// out, unless an earlier one of its thread has not left; it raises Attempts
	// and sets the lease. ok is false when there is none.
	ClaimMessage(ctx context.Context, now, lease time.Time) (m Message, ok bool, err error)
	// FinishMessage ends the claim numbered attempts; fault.Conflict when
	// somebody claimed the message since.
	FinishMessage(ctx context.Context, m id.Message, attempts int, r Result) error
}

// Sender takes messages from the outbox to a transport.
type Sender struct {
	outbox    Outbox
	transport Transport
	now       func() time.Time
	jitter    func() float64
	lease     time.Duration
}

// NewSender returns a sender. Jitter returns numbers in [0, 1); lease is
// [DefaultLease] when zero.
func NewSender(o Outbox, t Transport, now func() time.Time, jitter func() float64, lease time.Duration) *Sender {
	if lease == 0 {
		lease = DefaultLease
	}
	return &Sender{outbox: o, transport: t, now: now, jitter: jitter, lease: lease}
}

// RunOnce sends what is due, one message after the other, and returns how many
// left. When ctx ends it finishes the message in hand and stops. It also stops
// when the server cannot be reached, so that its absence costs one message one
// try and not every message one; the error then says so.
func (s *Sender) RunOnce(ctx context.Context) (sent int, err error) {
	for ctx.Err() == nil {
		now := s.now()
		m, ok, err := s.outbox.ClaimMessage(ctx, now, now.Add(s.lease))
		if err != nil || !ok {
			return sent, fault.Wrap("notify.RunOnce", err)
		}
		r, failure := s.try(ctx, m)
		if err := s.finish(ctx, m, r); err != nil {
			return sent, fault.Wrap("notify.RunOnce", err)
		}
		if r.Status == Sent {
			sent++
		}
		if failure != nil && failure.Unreachable {
			return sent, fault.Wrap("notify.RunOnce", failure)
		}
	}
	return sent, nil
}

// try sends m and says how that ended.
func (s *Sender) try(ctx context.Context, m Message) (Result, *SendError) {
	if m.Attempts > MaxTries { // every claim before this one died with its process
		return Result{Status: Dead, At: s.now(), Error: "abandonné après plusieurs arrêts du programme"}, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.lease*3/4)
	defer cancel()
	err := s.transport.Send(ctx, Envelope{From: senderOf(m.Body), To: m.Address, MessageID: m.MessageID, Data: m.Body})
	if err == nil {
		return Result{Status: Sent, At: s.now()}, nil
	}
	var failure *SendError
	if !errors.As(err, &failure) {
		failure = &SendError{Reply: "envoi impossible", Err: err}
	}
	r := Result{Status: Waiting, At: s.now(), NextTry: s.now().Add(Pause(m.Attempts, s.jitter())), Error: failure.Reply}
	if failure.Permanent || m.Attempts >= MaxTries {
		r.Status = Dead
	}
	return r, failure
}

// finish ends the claim even when ctx has ended. A lost fence is no error: who
// holds the message now will finish it.
func (s *Sender) finish(ctx context.Context, m Message, r Result) error {
	err := s.outbox.FinishMessage(context.WithoutCancel(ctx), m.ID, m.Attempts, r)
	if fault.Is(err, fault.Conflict) {
		return nil
	}
	return err
}

// Pause is the time to wait after a failed try, the first being 1, spread by
// jitter in [0, 1) over ±20 % so that messages do not come back together.
func Pause(tries int, jitter float64) time.Duration {
	pause := firstPause
	for range tries - 1 {
		pause = min(pause*4, longPause)
	}
	return time.Duration(float64(pause) * (0.8 + 0.4*jitter))
}

// senderOf reads the From of a message we composed: it is also the envelope's.
func senderOf(body []byte) string {
	h, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(body))).ReadMIMEHeader()
	if err != nil {
		return ""
	}
	a, err := mail.ParseAddress(h.Get("From"))
	if err != nil {
		return ""
	}
	return a.Address
}
