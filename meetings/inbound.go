package meetings

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
)

// Reply is what one VEVENT of a mail answers, or another way of answering. It
// is kept with the mail as it was understood.
type Reply struct {
	UID        string    `json:"uid"`
	Recurrence time.Time `json:"recurrence,omitzero"` // the date meant, as an instant; zero: the whole object
	Day        bool      `json:"day,omitempty"`       // Recurrence is a local day, given as if in UTC
	Floating   bool      `json:"floating,omitempty"`  // Recurrence is a wall clock in the object's zone, given as if in UTC

	From     string `json:"from,omitempty"`     // sender's address
	Attendee string `json:"attendee,omitempty"` // address that answers
	Answer   Answer `json:"answer,omitempty"`   // PARTSTAT as it came, in upper case; empty: missing

	Sequence    int       `json:"sequence"`
	HasSequence bool      `json:"has_sequence,omitempty"`
	Stamp       time.Time `json:"stamp,omitzero"` // DTSTAMP; zero: missing
	Comment     string    `json:"comment,omitempty"`
	Origin      string    `json:"origin,omitempty"` // "mail", "link", "secretary"

	DelegatedTo   []string `json:"delegated_to,omitempty"` // addresses
	DelegatedFrom []string `json:"delegated_from,omitempty"`

	Counter  bool  `json:"counter,omitempty"`  // another time is asked for
	Proposed *Span `json:"proposed,omitempty"` // that time; nil: it could not be read
	Unsure   bool  `json:"unsure,omitempty"`   // which date is meant is not known surely
}

// Span is a time from Start to End. A zero End keeps the meeting's length.
type Span struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end,omitzero"`
}

// InboundStatus is what became of a mail.
type InboundStatus string

// What becomes of a mail. Review waits for a human, who makes it Handled.
const (
	InboundApplied  InboundStatus = "applied"
	InboundProposed InboundStatus = "proposed"
	InboundReview   InboundStatus = "review"
	InboundIgnored  InboundStatus = "ignored"
	InboundHandled  InboundStatus = "handled"
)

// Reason says in one word why a mail waits for a human, or was ignored.
type Reason string

// The reasons. Those before ReasonStale wait for a human.
const (
	ReasonNone             Reason = ""
	ReasonUnknownMeeting   Reason = "unknown-meeting"   // nothing has this UID
	ReasonUnknownDate      Reason = "unknown-date"      // the series has no such date, or it is not known surely
	ReasonUnknownPerson    Reason = "unknown-person"    // the attendee is nobody of the organisation
	ReasonNotInvited       Reason = "not-invited"       // a professional who was not invited
	ReasonSender           Reason = "sender"            // the sender is not the attendee
	ReasonNotAuthenticated Reason = "not-authenticated" // neither DMARC nor an aligned DKIM passed
	ReasonNoAnswer         Reason = "no-answer"         // PARTSTAT missing or unknown
	ReasonNoSequence       Reason = "no-sequence"       // nobody can tell whether it is current
	ReasonNoStamp          Reason = "no-stamp"          // nobody can tell whether it is newer
	ReasonNotAnAnswer      Reason = "not-an-answer"     // an invitation, a cancellation
	ReasonNoTime           Reason = "no-time"           // another time is asked for, and cannot be read
	ReasonProposesSeries   Reason = "proposes-series"   // another time for a whole series
	ReasonDelegateUnknown  Reason = "delegate-unknown"  // who comes instead is nobody of the organisation
	ReasonNoCalendar       Reason = "no-calendar"       // a mail without an answer: a question, a bounce
	ReasonUnreadableMail   Reason = "unreadable-mail"
	ReasonTooLarge         Reason = "too-large"
	ReasonDefect           Reason = "defect" // a fault of RCP

	ReasonStale     Reason = "stale"      // an older answer, or to an older state of the meeting
	ReasonOver      Reason = "over"       // the date is past or cancelled
	ReasonDuplicate Reason = "duplicate"  // the same answer was read before
	ReasonAutoReply Reason = "auto-reply" // an automatic absence notice
	ReasonReport    Reason = "report"     // a server said what became of a mail of ours
	ReasonRefresh   Reason = "refresh"    // only asks for the latest version
	ReasonDismissed Reason = "dismissed"  // a human saw it and did nothing
)

// Inbound is a mail that came to the organiser's mailbox and what became of it.
type Inbound struct {
	ID           id.Inbound
	Org          id.Org
	Team         id.Team // empty: nobody knows whose
	Digest       string  // hex SHA-256 of the mail: each is taken once
	MessageID    string  // without angle brackets; may be empty
	Sender       string  // address, as the mail says
	Subject      string
	At           time.Time // received
	Status       InboundStatus
	Reason       Reason
	Meeting      id.Meeting
	Series       id.Series
	Professional id.Professional // the attendee, when known
	Replies      []Reply         // as understood
	Raw          []byte          // the whole mail; lists leave it empty
	HandledBy    id.Professional
	HandledAt    time.Time
	Version      int

	// Read only, for lists; empty when not known.
	TeamName string
	Person   auth.Professional
	Starts   time.Time // of Meeting
	Zone     string
}

// ProposalStatus is the state of a proposal.
type ProposalStatus string

// The states of a proposal.
const (
	ProposalWaiting  ProposalStatus = "waiting"
	ProposalAccepted ProposalStatus = "accepted"
	ProposalRefused  ProposalStatus = "refused"
)

// Proposal is another time that somebody asked for (iTIP COUNTER).
type Proposal struct {
	ID           id.Proposal
	Org          id.Org
	Team         id.Team
	Meeting      id.Meeting
	Professional id.Professional
	Inbound      id.Inbound
	Starts, Ends time.Time // asked for
	Comment      string
	At           time.Time // received
	Status       ProposalStatus
	Reason       string // of a refusal, told to the person
	Decided      time.Time
	Version      int

	// Read only.
	TeamName string
	Person   auth.Professional
	Date     Meeting // as it stands
}

// InboundFilter selects mails, newest first. Teams nil means every team;
// Teamless adds the mails of no known team.
type InboundFilter struct {
	Org      id.Org
	Teams    []id.Team
	Teamless bool
	Status   []InboundStatus // nil: any
	Meeting  id.Meeting      // empty: any
	After    string          // cursor: the last id of the page before
	Limit    int
}

// Object is what a UID names: a series, or a meeting that is an object of its
// own.
type Object struct {
	Org     id.Org
	Series  id.Series
	Meeting id.Meeting
}

// InboundStore is what answers by mail need of the database.
type InboundStore interface {
	// ObjectByUID finds what a UID names in any organisation; fault.NotFound
	// when nothing does.
	ObjectByUID(ctx context.Context, uid string) (Object, error)
	// SaveReplies writes a mail with what it answers, all or nothing. When the
	// organisation has a mail of this digest already, nothing is written and
	// fresh is false. It is a fault.Conflict when an answer changed meanwhile.
	SaveReplies(ctx context.Context, p ReplyPlan, by audit.Change) (fresh bool, err error)
	// HandleInbound writes what a human made of a mail (its Version is
	// compared) with what it answers.
	HandleInbound(ctx context.Context, p ReplyPlan, by audit.Change) error
	InboundByID(ctx context.Context, org id.Org, m id.Inbound) (Inbound, error) // with Raw
	InboundByDigest(ctx context.Context, org id.Org, digest string) (Inbound, error)
	// SameMessage reads the mails with a Message-ID, oldest first, without Raw.
	SameMessage(ctx context.Context, org id.Org, messageID string) ([]Inbound, error)
	Inbounds(ctx context.Context, f InboundFilter) (items []Inbound, next string, err error) // without Raw
	ProposalByID(ctx context.Context, org id.Org, p id.Proposal) (Proposal, error)
	// Proposals reads those of teams (nil: all) in a state (empty: any), oldest first.
	Proposals(ctx context.Context, org id.Org, teams []id.Team, status ProposalStatus) ([]Proposal, error)
	// LastRefused reads the proposal of a person for a meeting refused last.
	LastRefused(ctx context.Context, org id.Org, m id.Meeting, p id.Professional) (Proposal, error)
	// AcceptProposal writes a waiting proposal accepted with the move it asks
	// for.
	AcceptProposal(ctx context.Context, p Proposal, move Plan, by audit.Change) error
	// RefuseProposal writes the refusal of a waiting proposal.
	RefuseProposal(ctx context.Context, p Proposal, by audit.Change) error
	// CountWaiting counts the mails in review and the waiting proposals.
	CountWaiting(ctx context.Context, f InboundFilter) (mails, proposals int, err error)
}
