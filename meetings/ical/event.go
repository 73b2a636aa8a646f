package ical

import "time"

// Method is the iTIP method of an object (RFC 5546 section 1.4).
type Method string

// The methods RCP sends.
const (
	Request        Method = "REQUEST"
	Cancel         Method = "CANCEL"
	Publish        Method = "PUBLISH"
	DeclineCounter Method = "DECLINECOUNTER" // no to a proposed time
)

// The methods RCP only receives.
const (
	Reply   Method = "REPLY"
	Counter Method = "COUNTER" // another time is proposed
	Refresh Method = "REFRESH" // the latest version is asked for
	Add     Method = "ADD"
)

// ContentType returns the media type of a mail part that carries an object of
// this method. Outlook refuses a part whose method parameter differs from the
// METHOD inside, so both must come from the same value.
func (m Method) ContentType() string {
	return "text/calendar; charset=UTF-8; method=" + string(m)
}

// Status is the STATUS of an event (RFC 5545 section 3.8.1.11).
type Status string

// The states of an event. The empty Status means Confirmed.
const (
	Confirmed Status = "CONFIRMED"
	Tentative Status = "TENTATIVE"
	Cancelled Status = "CANCELLED"
)

// PartStat is what an attendee answered (RFC 5545 section 3.2.12).
type PartStat string

// The answers to an invitation. The empty PartStat means NeedsAction.
const (
	NeedsAction PartStat = "NEEDS-ACTION"
	Accepted    PartStat = "ACCEPTED"
	Declined    PartStat = "DECLINED"
	Tentatively PartStat = "TENTATIVE"
	Delegated   PartStat = "DELEGATED"
)

// Role is how much an attendee is expected (RFC 5545 section 3.2.16).
type Role string

// The roles of an attendee. The empty Role means Required.
const (
	Chair          Role = "CHAIR"
	Required       Role = "REQ-PARTICIPANT"
	Optional       Role = "OPT-PARTICIPANT"
	NonParticipant Role = "NON-PARTICIPANT"
)

// CUType is the kind of calendar user (RFC 5545 section 3.2.3).
type CUType string

// The kinds of calendar user. The empty CUType means Individual.
const (
	Individual CUType = "INDIVIDUAL"
	Group      CUType = "GROUP"
	Resource   CUType = "RESOURCE"
	Room       CUType = "ROOM"
)

// Organizer is the mailbox the invitations come from. Answers go back to it, so
// it must be the one the service reads.
type Organizer struct {
	Name    string // shown as CN; may be empty
	Address string // bare ASCII address, without "mailto:"
}

// Attendee is one invited calendar user. Two attendees with the same address
// are one calendar user: the first is kept.
type Attendee struct {
	Name     string // shown as CN; may be empty
	Address  string // bare ASCII address, without "mailto:"
	PartStat PartStat
	Role     Role
	CUType   CUType
	RSVP     bool // an answer is wanted; never written in a CANCEL
}

// Event is one meeting, one instance of a series, or a whole series.
//
// A series is an Event with a Rule; its moved instances are Overrides and its
// cancelled dates are Excluded. One instance sent alone is an Event whose
// RecurrenceID is set and whose Rule is empty.
type Event struct {
	// UID is stable for the life of the object, opaque, printable ASCII, and
	// says nothing of a patient.
	UID string
	// Sequence rises with a change of time, rule, excluded date, status or
	// place (RFC 5546 section 2.1.4).
	Sequence int
	// Stamp becomes DTSTAMP, in UTC, to the second: two messages about one
	// object need stamps at least one second apart.
	Stamp time.Time

	// Start and End are instants; End is after Start and exclusive.
	Start, End time.Time
	// Zone is the IANA name of the zone the meeting lives in ("Europe/Paris").
	// Empty or "UTC" writes UTC times without a VTIMEZONE.
	Zone string

	Summary     string // one line
	Description string // may hold several lines
	Comment     string // said with this one message; may hold several lines
	Location    string // one line
	// URL of the conference, http or https: written as CONFERENCE (RFC 7986)
	// and as URL for the many clients that only know that one.
	URL    string
	Status Status

	Organizer Organizer
	Attendees []Attendee // at least one in a REQUEST; never written in a PUBLISH

	// Rule is an RRULE value within what Outlook can show: DAILY; WEEKLY with
	// BYDAY; MONTHLY or YEARLY on one day of the month or on one nth weekday;
	// with INTERVAL, WKST, and COUNT or an UNTIL in UTC.
	Rule string
	// Excluded are the starts of the cancelled instances (EXDATE).
	Excluded []time.Time
	// Overrides are the instances that differ from the rule, each with its
	// RecurrenceID and without Rule or Overrides of its own. UID and Zone are
	// the series' own; an empty Stamp, Organizer or Attendees is taken from it.
	// A CANCEL of the series does not repeat them.
	Overrides []Event
	// RecurrenceID is the start this instance had according to the rule.
	RecurrenceID time.Time
}

// Feed is the calendar a person subscribes to. It may hold no event at all.
type Feed struct {
	Name    string        // shown as the calendar's name; may be empty
	Zone    string        // IANA name, as in Event; what an empty feed holds
	Refresh time.Duration // wished time between two polls; zero says nothing
	Events  []Event
}
