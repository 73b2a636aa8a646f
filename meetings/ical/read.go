package ical

import (
	"bytes"
	"errors"
	"time"

	goical "github.com/emersion/go-ical"
)

// ErrUnreadable is what [Read] returns, always as an [UnreadableError].
var ErrUnreadable = errors.New("ical: unreadable calendar object")

// Reason says in one word why an object cannot be read. It never repeats
// anything of the object, so that a log and a page may show it.
type Reason string

// The reasons for which an object goes to a human.
const (
	TooLarge      Reason = "too-large"     // more octets than a message may have
	TooDeep       Reason = "too-deep"      // components in components without end
	TooMany       Reason = "too-many"      // too many components, properties or zones
	TooLong       Reason = "too-long"      // a line that matters is too long
	BadEncoding   Reason = "bad-encoding"  // UTF-16, or not text
	NoCalendar    Reason = "no-calendar"   // nothing begins a calendar
	NoEvent       Reason = "no-event"      // a calendar without a VEVENT
	NoUID         Reason = "no-uid"        // an event that cannot be matched
	SeveralBodies Reason = "several"       // more than one calendar
	Incomplete    Reason = "incomplete"    // the end is missing
	Malformed     Reason = "malformed"     // a line that matters is broken
	Contradictory Reason = "contradictory" // two values for what has one
	Defect        Reason = "defect"        // a fault of ours: a panic was caught
)

// UnreadableError is an object that a human must look at; errors.Is finds
// [ErrUnreadable] in it.
type UnreadableError struct{ Reason Reason }

func (e *UnreadableError) Error() string { return ErrUnreadable.Error() + ": " + string(e.Reason) }

func (e *UnreadableError) Unwrap() error { return ErrUnreadable }

func unreadable(r Reason) error { return &UnreadableError{r} }

// ReasonOf returns why err says that an object is unreadable, or "" when err
// says something else.
func ReasonOf(err error) Reason {
	var e *UnreadableError
	if errors.As(err, &e) {
		return e.Reason
	}
	return ""
}

// Received is one calendar object from outside, with only what an organiser
// needs of it.
type Received struct {
	Method    Method // METHOD of the body in upper case; "" when missing
	ProductID string // PRODID: which program wrote it
	Items     []Item // one for each VEVENT, in their order; never empty
}

// Item is one VEVENT that came in: a series, or one date of it.
type Item struct {
	UID         string
	Sequence    int
	HasSequence bool
	Stamp       time.Time // DTSTAMP in UTC; zero when missing

	// RecurrenceID is the instant of the date that is meant, whichever zone it
	// was written in; see Series for the whole series. With RecurrenceDay it is
	// a day without a time, with RecurrenceFloating a wall clock in whatever
	// zone the series has: both are given as if in UTC.
	RecurrenceID       time.Time
	RecurrenceDay      bool
	RecurrenceFloating bool

	// Start and End are zero when missing. With AllDay they are days, with
	// Floating a wall clock, given as if in UTC.
	Start, End       time.Time
	AllDay, Floating bool

	Summary, Comment string // cleaned; Comment may hold several lines
	Rule             string // the first RRULE as written, never expanded
	Status           Status // in upper case
	Organizer        string // bare lower-case address; Exchange omits it
	Attendees        []Answerer

	// Proposed is the new time that Apple's Calendar puts in a parameter of its
	// ATTENDEE. The COUNTER of Google and Outlook proposes Start and End.
	Proposed *Span

	// Uncertain names the first property whose time could not be known surely:
	// one of the Uncertain constants, or "".
	Uncertain string
}

// What may be uncertain in an item, the gravest first. Only the first three
// matter to an answer; the times matter to a counter-proposal.
const (
	UncertainInstance = "RECURRENCE-ID" // which date is meant
	UncertainRange    = "RANGE"         // this date and all following: not one date
	UncertainStamp    = "DTSTAMP"       // whether it is newer
	UncertainStart    = "DTSTART"
	UncertainEnd      = "DTEND"
	UncertainProposal = "PROPOSED" // Apple's parameter
)

// Series reports whether the item is about the whole series or single meeting,
// and not about one date of it. An item with an uncertain date is about neither.
func (i Item) Series() bool {
	return i.RecurrenceID.IsZero() && i.Uncertain != UncertainInstance
}

// Span is a proposed time. End is zero when only a start was proposed and the
// length of the meeting is not told.
type Span struct{ Start, End time.Time }

// Answerer is one ATTENDEE of a received item.
type Answerer struct {
	Name          string // CN, cleaned
	Address       string // bare, lower-case; "" when there is no mail address
	PartStat      PartStat
	DelegatedTo   []string // addresses
	DelegatedFrom []string // addresses
	SentBy        string   // address of who answered in their place
	Comment       string   // the comment Google, Exchange and Yahoo write here
	Proposed      *Span    // Apple's new time
}

// Read parses one text/calendar part from outside. It takes what real clients
// write wrong and refuses, as an [UnreadableError], what cannot be understood
// surely or was made to harm: nothing is guessed and no rule is expanded.
//
// PARTSTAT is given in upper case, "" when missing, unknown values as they are.
// The ATTENDEE of a VALARM is no attendee.
func Read(raw []byte) (got Received, err error) {
	defer func() {
		if recover() != nil {
			got, err = Received{}, unreadable(Defect)
		}
	}()
	safe, err := guard(raw)
	if err != nil {
		return Received{}, err
	}
	cal, err := goical.NewDecoder(bytes.NewReader(safe)).Decode()
	if err != nil { // the guard lets nothing pass that go-ical refuses
		return Received{}, unreadable(Malformed)
	}
	return interpret(cal)
}
