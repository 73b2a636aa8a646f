package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
)

// Kind is what a message is for.
type Kind string

// The kinds of message.
const (
	Invitation   Kind = "invite"  // iTIP REQUEST
	Cancellation Kind = "cancel"  // iTIP CANCEL
	MinutesMail  Kind = "minutes" // minutes, or the word that they are there
	AgendaMail   Kind = "agenda"  // a closed agenda, or the word that it is there
	Notice       Kind = "notice"  // anything else
)

// Status is the state of a message in the outbox.
type Status string

// The states: waiting → sending → sent; back to waiting after a failure that
// may pass, dead after one that will not or after [MaxTries].
const (
	Waiting   Status = "waiting"
	Sending   Status = "sending"
	Sent      Status = "sent"
	Dead      Status = "dead"
	Cancelled Status = "cancelled"
)

// Statuses are the states in the order they are listed.
var Statuses = []Status{Waiting, Sending, Sent, Dead, Cancelled}

// Message is one mail in the outbox. Lists leave Body empty.
type Message struct {
	ID        id.Message
	Org       id.Org
	Event     id.Event
	Kind      Kind
	Meeting   id.Meeting
	Team      id.Team         // of the meeting; read only
	Recipient id.Professional // empty: an address of no member
	Address   string
	Secure    bool   // the address is of a secure-messaging domain
	Thread    string // messages of one thread leave in order
	MessageID string // without angle brackets
	Kept      bool   // of a training team: written, never sent
	Subject   string
	Digest    string // of what it tells, where that decides whether to tell it again
	Body      []byte // the whole RFC 5322 message
	Status    Status
	Attempts  int // times claimed; also the fence of a claim
	NextTry   time.Time
	Lease     time.Time // until when the claim holds
	LastError string    // the server's words, without any address
	Created   time.Time // the mail's Date: the event's, later than the thread's last
	Sent      time.Time
}

// Filter selects messages, newest first. Teams nil means every team.
type Filter struct {
	Org    id.Org
	Teams  []id.Team
	Status Status // empty: any
	After  string // cursor: the last id of the page before
	Limit  int
}

// messageID derives the Message-ID (RFC 5322 section 3.6.4) from what makes a
// message unique, so that composing it again gives the same.
func messageID(e id.Event, k Kind, address, from string) string {
	_, domain, _ := strings.Cut(from, "@")
	if domain == "" {
		domain = "rcp.invalid"
	}
	return digest(string(e), string(k), auth.Fold(address)) + "@" + strings.ToLower(domain)
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// thread names what must stay in order: the messages about one object to one
// address.
func thread(object, address string) string { return object + "|" + auth.Fold(address) }
