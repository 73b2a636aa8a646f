package notify

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// EventStore is what the dispatcher needs of the database.
type EventStore interface {
	OrgByID(ctx context.Context, org id.Org) (auth.Org, error)
	// UntreatedEvents reads events not yet treated, of ids after the cursor,
	// oldest first.
	UntreatedEvents(ctx context.Context, after id.Event, limit int) ([]event.Event, error)
	// PutCalendar stores the messages about one calendar object and what they
	// tell, and marks the events that asked for them treated, all or nothing;
	// fault.Conflict when somebody else did so meanwhile.
	PutCalendar(ctx context.Context, events []event.Event, told []meetings.Told, ms []Message) error
	// PutMessages stores an event's messages and marks it treated, in one
	// transaction; nothing happens when it was treated already. It is a
	// fault.Conflict while an earlier event of the same meeting waits, or when
	// a message is not dated after the last of its thread.
	PutMessages(ctx context.Context, e event.Event, ms []Message) error
	// MarkTreated marks events that need no message.
	MarkTreated(ctx context.Context, es []id.Event) error
	// LastInThreads returns the date of the latest message of any of the
	// threads, zero when there is none.
	LastInThreads(ctx context.Context, threads []string) (time.Time, error)
	// LastDigests returns the digest of the latest message of each thread that
	// was not cancelled; threads without one are missing.
	LastDigests(ctx context.Context, threads []string) (map[string]string, error)
	CircleReader
}

// CircleReader reads care circles, and who can sign in.
type CircleReader interface {
	Accesses(ctx context.Context, org id.Org) ([]auth.Access, error)
	// CirclesOn returns who is in each patient's care circle on a day.
	CirclesOn(ctx context.Context, org id.Org, patients []id.Patient, on string) (map[id.Patient][]auth.Professional, error)
}

// MeetingReader reads a meeting with its team and attendance.
type MeetingReader interface {
	Get(ctx context.Context, a auth.Actor, m id.Meeting) (meetings.Full, error)
}

// MinutesReader reads signed minutes and their PDF.
type MinutesReader interface {
	Get(ctx context.Context, a auth.Actor, m id.Minutes) (minutes.Minutes, error)
	PDF(ctx context.Context, a auth.Actor, m id.Meeting, version int, kind minutes.DocumentKind, patient id.Patient) (pdf []byte, name string, err error)
}

// AwaitedReader reads who is asked to write about the cases of a meeting, and
// did not yet.
type AwaitedReader interface {
	Unanswered(ctx context.Context, a auth.Actor, m id.Meeting) ([]id.Professional, error)
}

// Config is what a dispatcher works with. All is required, but where said.
type Config struct {
	Store      EventStore
	Calendars  CalendarReader
	Meetings   MeetingReader
	Minutes    MinutesReader
	Agenda     AgendaReader  // optional: a closed agenda is sent
	Mails      fs.FS         // templates, see [Mails]
	BaseURL    string        // RCP_BASE_URL
	From       string        // the sender when a team has no organizer address
	Hold       time.Duration // how long edits of one object are gathered
	Refusals   RefusalReader // optional: who asked for another time is told
	AnswerLink AnswerLink    // optional
	Awaited    AwaitedReader // optional: who is asked to write before a meeting is told
	Requests   RequestReader // optional: who asked from outside is told
	TrackLink  TrackLink     // required with Requests
	Weeks      WeekReader    // optional: people hear of their own work
	Now        func() time.Time
}

// Dispatcher turns events into messages.
type Dispatcher struct {
	Config
	bodies bodies
}

// NewDispatcher parses the templates.
func NewDispatcher(c Config) (*Dispatcher, error) {
	b, err := parseBodies(c.Mails)
	if err != nil {
		return nil, fault.Wrap("notify.NewDispatcher", err)
	}
	return &Dispatcher{Config: c, bodies: b}, nil
}

// Treat makes the messages of every event that waits, limit at a time, and
// returns how many events it treated. It can run twice and on two machines. An
// event that fails stays and holds back only those of its meeting.
func (d *Dispatcher) Treat(ctx context.Context, limit int) (n int, err error) {
	var failed []error
	after := id.Event("")
	for {
		page, err := d.Store.UntreatedEvents(ctx, after, limit)
		if err != nil {
			return n, fault.Wrap("notify.Treat", errors.Join(append(failed, err)...))
		}
		if len(page) == 0 {
			return n, fault.Wrap("notify.Treat", errors.Join(failed...))
		}
		done, err := d.treatPage(ctx, page)
		n += done
		if err != nil {
			failed = append(failed, err)
		}
		after = page[len(page)-1].ID
	}
}

func (d *Dispatcher) treatPage(ctx context.Context, page []event.Event) (n int, err error) {
	loud, quiet := sift(page)
	if len(quiet) > 0 {
		if err := d.Store.MarkTreated(ctx, quiet); err != nil {
			return 0, err
		}
	}
	n = len(quiet)
	var failed []error
	try := func(events int, err error) {
		switch {
		case err == nil:
			n += events
		case !fault.Is(err, fault.Conflict): // a conflict waits for the next time
			failed = append(failed, err)
		}
	}
	for _, b := range bursts(loud) {
		if d.ripe(b) && ctx.Err() == nil {
			try(len(b.events), d.treatBurst(ctx, b))
		}
	}
	for _, e := range loud {
		if !touchesCalendars[e.Kind] && ctx.Err() == nil {
			try(1, d.treat(ctx, e))
		}
	}
	return n, errors.Join(append(failed, ctx.Err())...)
}

// sift separates the events that people hear of by mail from the others.
func sift(page []event.Event) (loud []event.Event, quiet []id.Event) {
	for _, e := range page {
		if touchesCalendars[e.Kind] || plainMails[e.Kind] != nil || requestMails[e.Kind] != "" || personMails[e.Kind] != nil {
			loud = append(loud, e)
		} else {
			quiet = append(quiet, e.ID)
		}
	}
	return loud, quiet
}

// treat makes the messages of one event and stores them.
func (d *Dispatcher) treat(ctx context.Context, e event.Event) error {
	ms, err := d.messages(ctx, e)
	if err != nil {
		return fault.Errorf("notify.treat", "event %s (%s): %w", e.ID, e.Kind, err)
	}
	return d.Store.PutMessages(ctx, e, ms)
}

func (d *Dispatcher) messages(ctx context.Context, e event.Event) ([]Message, error) {
	actor := auth.System(e.Org, "job:notify")
	if requestMails[e.Kind] != "" {
		return d.aboutRequest(ctx, actor, e)
	}
	if personMails[e.Kind] != nil {
		return d.aboutWork(ctx, actor, e)
	}
	full, err := d.Meetings.Get(ctx, actor, e.Meeting)
	if err != nil {
		return nil, err
	}
	org, err := d.Store.OrgByID(ctx, e.Org)
	if err != nil {
		return nil, err
	}
	b := batch{d: d, event: e, full: full, org: org, team: full.Team, actor: actor}
	if b.team.OrganizerAddress == "" {
		b.team.OrganizerAddress = d.From
	}
	return plainMails[e.Kind](b, ctx)
}

// batch makes the messages of one event.
type batch struct {
	d     *Dispatcher
	event event.Event
	full  meetings.Full
	org   auth.Org
	team  meetings.Team // with a sender
	actor auth.Actor
}

// stamp is the time of the event, or the second after the last message of any
// of these threads: DTSTAMP has seconds and must rise (RFC 5546 section 2.1.5).
func (b batch) stamp(ctx context.Context, to []auth.Professional, object string) (time.Time, error) {
	stamp := b.event.At.UTC().Truncate(time.Second)
	if len(to) == 0 {
		return stamp, nil
	}
	threads := make([]string, len(to))
	for i, p := range to {
		threads[i] = thread(object, p.Email)
	}
	last, err := b.d.Store.LastInThreads(ctx, threads)
	if err == nil && !stamp.After(last) {
		stamp = last.Add(time.Second)
	}
	return stamp, err
}

func (b batch) words() Words {
	w := wordsOf(b.full.Meeting, b.full.Team)
	w.Organisation = oneLine(b.org.Name)
	w.Link = Links{b.d.BaseURL}.meeting(b.full.Meeting.ID)
	return w
}

func (b batch) message(p auth.Professional, kind Kind, m id.Meeting, stamp time.Time) Message {
	address := auth.Fold(p.Email)
	return Message{
		Org: b.org.ID, Event: b.event.ID, Kind: kind, Meeting: m, Recipient: p.ID,
		Address: address, Secure: Secure(address, b.org.SecureDomains),
		MessageID: messageID(b.event.ID, kind, address, b.team.OrganizerAddress),
		Status:    Waiting, Created: stamp,
	}
}

// compose renders the words and fills the message's subject and body.
func (b batch) compose(m Message, p auth.Professional, name string, w Words, d Draft) (Message, error) {
	var err error
	if d.Text, d.HTML, err = b.d.bodies.render(name, w); err != nil {
		return m, err
	}
	m.Subject = w.Subject()
	d.From, d.FromName = b.team.OrganizerAddress, b.team.Name
	d.To, d.ToName = m.Address, p.Name()
	d.Subject, d.MessageID, d.Date = m.Subject, m.MessageID, m.Created
	m.Body, err = Compose(d)
	return m, err
}
