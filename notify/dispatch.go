package notify

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/meetings/ical"
	"github.com/rcp-care/rcp/minutes"
)

// EventStore is what the dispatcher needs of the database.
type EventStore interface {
	OrgByID(ctx context.Context, org id.Org) (auth.Org, error)
	// UntreatedEvents reads events not yet treated, of ids after the cursor,
	// oldest first.
	UntreatedEvents(ctx context.Context, after id.Event, limit int) ([]event.Event, error)
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
	Contact(ctx context.Context, org id.Org, p id.Professional) (auth.Professional, error)
	CircleReader
}

// CircleReader reads care circles.
type CircleReader interface {
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

// Inviter writes the calendar object that one attendee receives
// (meetings.Invite).
type Inviter func(full meetings.Full, to id.Professional, org auth.Org, stamp time.Time, method ical.Method) ([]byte, error)

// Config is what a dispatcher works with. All is required.
type Config struct {
	Store    EventStore
	Meetings MeetingReader
	Minutes  MinutesReader
	Invite   Inviter
	Mails    fs.FS  // templates, see [Mails]
	BaseURL  string // RCP_BASE_URL
	From     string // the sender when a team has no organizer address
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
	var failed []error
	for _, e := range loud {
		switch err := d.treat(ctx, e); {
		case err == nil:
			n++
		case ctx.Err() != nil:
			return n, ctx.Err()
		case !fault.Is(err, fault.Conflict): // a conflict waits for the next time
			failed = append(failed, err)
		}
	}
	return n + len(quiet), errors.Join(failed...)
}

// speaks holds the kinds of event that people hear of by mail.
var speaks = map[event.Kind]bool{
	event.MeetingOpened: true, event.MeetingMoved: true, event.MeetingCancelled: true,
	event.AttendeeAdded: true, event.AttendeeRemoved: true, event.MinutesSigned: true,
}

// sift separates the events that need a message from those that do not: of
// another kind, or overtaken by a later one that tells everybody the meeting's
// new state, so that a burst of edits becomes one message.
func sift(page []event.Event) (loud []event.Event, quiet []id.Event) {
	for i, e := range page {
		if speaks[e.Kind] && !overtaken(e, page[i+1:]) {
			loud = append(loud, e)
		} else {
			quiet = append(quiet, e.ID)
		}
	}
	return loud, quiet
}

func overtaken(e event.Event, later []event.Event) bool {
	if e.Kind != event.MeetingOpened && e.Kind != event.MeetingMoved {
		return false
	}
	return slices.ContainsFunc(later, func(l event.Event) bool {
		return l.Meeting == e.Meeting && (l.Kind == event.MeetingMoved || l.Kind == event.MeetingCancelled)
	})
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
	full, err := d.Meetings.Get(ctx, actor, e.Meeting)
	if err != nil {
		return nil, err
	}
	org, err := d.Store.OrgByID(ctx, e.Org)
	if err != nil {
		return nil, err
	}
	full = withAddresses(full, d.From)
	b := batch{d: d, event: e, full: full, org: org, actor: actor}
	if e.Kind == event.MinutesSigned {
		return b.minutes(ctx)
	}
	return b.invites(ctx)
}

// withAddresses returns the meeting with an organizer and without addresses
// that no mail can reach: one of them must not keep the others uninvited.
func withAddresses(full meetings.Full, from string) meetings.Full {
	if full.Team.OrganizerAddress == "" {
		full.Team.OrganizerAddress = from
	}
	full.Attendance = slices.Clone(full.Attendance)
	for i, a := range full.Attendance {
		if !Usable(a.Professional.Email) {
			full.Attendance[i].Professional.Email = ""
		}
	}
	return full
}

// batch makes the messages of one event.
type batch struct {
	d     *Dispatcher
	event event.Event
	full  meetings.Full
	org   auth.Org
	actor auth.Actor
}

// invites makes the calendar mails, from the meeting as it is now: an event
// that a later state made pointless gives none.
func (b batch) invites(ctx context.Context) ([]Message, error) {
	to, method, err := b.invited(ctx)
	if err != nil {
		return nil, err
	}
	to = mailable(to)
	stamp, err := b.stamp(ctx, to, b.full.Meeting.UID)
	if err != nil {
		return nil, err
	}
	var ms []Message
	for _, p := range to {
		m, err := b.invite(p, stamp, method)
		if err != nil {
			return nil, err
		}
		ms = append(ms, m)
	}
	return ms, nil
}

// invited says who hears of the event, by which method.
func (b *batch) invited(ctx context.Context) ([]auth.Professional, ical.Method, error) {
	var all []auth.Professional
	for _, a := range b.full.Attendance {
		all = append(all, a.Professional)
	}
	one := slices.IndexFunc(all, func(p auth.Professional) bool { return p.ID == b.event.Professional })
	expected := slices.Contains([]meetings.Status{meetings.Open, meetings.Closed, meetings.Running}, b.full.Meeting.Status)
	switch k := b.event.Kind; {
	case k == event.MeetingCancelled:
		return all, ical.Cancel, nil
	case k == event.AttendeeRemoved && one < 0 && b.full.Meeting.Status != meetings.Draft:
		p, err := b.removed(ctx)
		return []auth.Professional{p}, ical.Cancel, err
	case k == event.AttendeeAdded && one >= 0 && expected:
		return all[one : one+1], ical.Request, nil
	case (k == event.MeetingOpened || k == event.MeetingMoved) && expected:
		return all, ical.Request, nil
	}
	return nil, "", nil
}

// removed puts the person who was removed back into our copy of the meeting:
// a CANCEL names whom it is for (RFC 5546 section 3.2.5).
func (b *batch) removed(ctx context.Context) (auth.Professional, error) {
	p, err := b.d.Store.Contact(ctx, b.org.ID, b.event.Professional)
	if err != nil {
		return p, err
	}
	b.full.Attendance = []meetings.Attendance{{
		Meeting: b.full.Meeting.ID, Professional: p, Role: auth.Clinician, Answer: meetings.NeedsAction,
	}}
	return p, nil
}

// mailable keeps those who can be mailed, one a mailbox: two members with the
// same address are one calendar user.
func mailable(all []auth.Professional) []auth.Professional {
	var to []auth.Professional
	seen := map[string]bool{}
	for _, p := range all {
		if key := fold(p.Email); Usable(p.Email) && !seen[key] {
			seen[key] = true
			to = append(to, p)
		}
	}
	return to
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

func (b batch) invite(p auth.Professional, stamp time.Time, method ical.Method) (Message, error) {
	object, err := b.d.Invite(b.full, p.ID, b.org, stamp, method)
	if err != nil {
		return Message{}, err
	}
	w, kind, name := b.words(), Invitation, "invite"
	w.subjectWord, w.Moved = "Invitation", b.event.Kind == event.MeetingMoved
	switch {
	case method == ical.Cancel:
		kind, name, w.subjectWord = Cancellation, "cancel", "Réunion annulée"
		if w.Removed = b.event.Kind == event.AttendeeRemoved; w.Removed {
			w.subjectWord = "Invitation retirée"
		}
	case w.Moved:
		w.subjectWord = "Réunion modifiée"
	}
	m := b.message(p, kind, b.full.Meeting.UID, stamp)
	return b.compose(m, p, name, w, Draft{Method: method, Calendar: object})
}

func (b batch) words() Words {
	w := wordsOf(b.full.Meeting, b.full.Team)
	w.Organisation = oneLine(b.org.Name)
	w.Link = Links{b.d.BaseURL}.meeting(b.full.Meeting.ID)
	return w
}

func (b batch) message(p auth.Professional, kind Kind, object string, stamp time.Time) Message {
	address := fold(p.Email)
	return Message{
		Org: b.org.ID, Event: b.event.ID, Kind: kind, Meeting: b.full.Meeting.ID, Recipient: p.ID,
		Address: address, Secure: Secure(address, b.org.SecureDomains), Thread: thread(object, address),
		MessageID: messageID(b.event.ID, kind, address, b.full.Team.OrganizerAddress),
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
	d.From, d.FromName = b.full.Team.OrganizerAddress, b.full.Team.Name
	d.To, d.ToName = m.Address, p.Name()
	d.Subject, d.MessageID, d.Date = m.Subject, m.MessageID, m.Created
	m.Body, err = Compose(d)
	return m, err
}
