package meetings

import (
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
)

// Status is the state of a meeting.
type Status string

// The states, in order.
const (
	Draft     Status = "draft"
	Open      Status = "open"   // invited, registration open
	Closed    Status = "closed" // registration closed
	Running   Status = "running"
	Held      Status = "held"
	Signed    Status = "signed"
	Cancelled Status = "cancelled"
)

// next is the state machine: from a state, the states it may go to.
var next = map[Status][]Status{
	Draft:   {Open, Cancelled},
	Open:    {Closed, Running, Cancelled},
	Closed:  {Open, Running, Cancelled},
	Running: {Held},
	Held:    {Running, Signed},
}

// May reports whether a meeting in state s may go to state to.
func (s Status) May(to Status) bool { return slices.Contains(next[s], to) }

// Meeting is one date of a team.
type Meeting struct {
	ID           id.Meeting
	Org          id.Org
	Team         id.Team
	Series       id.Series // empty: outside any series
	Slot         date.Date // the series' local date; unchanged by a move
	Kind         Kind
	TeamName     string // of the team, for lists
	Starts, Ends time.Time
	Zone         string
	Room         string
	URL          string
	Status       Status
	Reason       string    // of a cancellation
	Lapsed       bool      // cancelled by a change of its series, which can bring it back
	UID          string    // of its own calendar object, unless Original is set
	Original     time.Time // its RECURRENCE-ID in the object of its series; zero: an object of its own
	Sequence     int
	Cutoff       time.Time // registration closes
	Opened       time.Time
	Closed       time.Time
	Started      time.Time
	HeldAt       time.Time
	SignedAt     time.Time
	Version      int
	Created      time.Time
	Updated      time.Time
}

// Linked reports whether the meeting is a date of its series' calendar object.
func (m Meeting) Linked() bool { return m.Series != "" && !m.Original.IsZero() }

// Duration returns the planned length.
func (m Meeting) Duration() time.Duration { return m.Ends.Sub(m.Starts) }

// Location returns the meeting's zone, UTC when it is unknown.
func (m Meeting) Location() *time.Location {
	if loc, err := date.Zone(m.Zone); err == nil {
		return loc
	}
	return time.UTC
}

// Answer is a member's answer to the invite (iTIP PARTSTAT).
type Answer string

// The answers.
const (
	NeedsAction Answer = "NEEDS-ACTION"
	Accepted    Answer = "ACCEPTED"
	Declined    Answer = "DECLINED"
	Tentative   Answer = "TENTATIVE"
	Delegated   Answer = "DELEGATED"
)

// Presence is how somebody attended.
type Presence string

// The presences; empty is not noted yet.
const (
	Expected Presence = ""
	Present  Presence = "present"
	Remote   Presence = "remote"
	Excused  Presence = "excused"
	Absent   Presence = "absent"
)

// Attendance is one person at one meeting: what they answered and whether and
// when they were there.
type Attendance struct {
	Meeting      id.Meeting
	Professional auth.Professional
	Role         auth.Role
	Required     bool
	Answer       Answer
	AnsweredAt   time.Time
	AnswerOrigin string // "mail", "link", "secretary", "page"
	Own          bool   // answered for this date itself; else the answer to the series stands
	Sequence     int    // SEQUENCE of the answer that stands
	Stamp        time.Time
	Delegate     id.Professional // who comes instead
	DelegatedBy  id.Professional // instead of whom this person comes
	Comment      string
	Presence     Presence
	Arrived      time.Time // zero: from the start
	Left         time.Time // zero: to the end
	ExpectFrom   time.Time // said beforehand: comes from then on; zero: from the start
	ExpectUntil  time.Time // said beforehand: leaves then; zero: stays to the end
	Version      int
}

// Due reports whether, by what was said beforehand, the person is in the
// meeting all the time from one instant to another.
func (a Attendance) Due(from, to time.Time) bool {
	return !from.Before(a.ExpectFrom) && (a.ExpectUntil.IsZero() || !to.After(a.ExpectUntil))
}

// There reports whether the person was in the meeting at an instant.
func (a Attendance) There(at time.Time) bool {
	if a.Presence != Present && a.Presence != Remote {
		return false
	}
	return (a.Arrived.IsZero() || !at.Before(a.Arrived)) && (a.Left.IsZero() || at.Before(a.Left))
}

// QuorumState is whether enough of the right people were there.
type QuorumState string

// The states of a quorum.
const (
	QuorumReached    QuorumState = "reached"
	QuorumNotReached QuorumState = "not-reached"
	QuorumUnknown    QuorumState = "unknown" // attendance not noted
)

// Quorum is the judgement for one case at one instant: State, who is missing
// (profession keys, or "specialties"), and the numbers it rests on.
type Quorum struct {
	State       QuorumState `json:"state"`
	Professions int         `json:"professions"`
	Specialties int         `json:"specialties"`
	Missing     []string    `json:"missing,omitempty"`
	Written     []string    `json:"written,omitempty"` // names of those who count by a written opinion
}

// Full is a meeting with its team and attendance.
type Full struct {
	Meeting    Meeting
	Team       Team
	Attendance []Attendance
}

// Filter selects meetings. Zero fields do not narrow; Teams nil means every
// team of the organisation. After is the cursor of the page before.
type Filter struct {
	Org      id.Org
	Teams    []id.Team
	From, To time.Time // starts in [From, To)
	Status   []Status
	After    string
	Limit    int
	Newest   bool // newest first
}
