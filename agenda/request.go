package agenda

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Urgency of a request.
type Urgency string

// The urgencies.
const (
	Routine Urgency = "routine"
	Soon    Urgency = "soon"
	Urgent  Urgency = "urgent"
)

// urgencies are the known ones, the most pressing first: the order of the queue.
func urgencies() []Urgency { return []Urgency{Urgent, Soon, Routine} }

// RequestStatus is the state of a request.
type RequestStatus string

// The states of a request.
const (
	RequestWaiting   RequestStatus = "waiting"
	RequestPlaced    RequestStatus = "placed" // on an agenda
	RequestAnswered  RequestStatus = "answered"
	RequestWithdrawn RequestStatus = "withdrawn"
)

// Source is whose wish a request is.
type Source string

// The sources of a request.
const (
	FromProfessional Source = "professional"
	FromPatient      Source = "patient"
	FromFamily       Source = "family"
)

// Own reports whether the patient, or their family, asks.
func (s Source) Own() bool { return s == FromPatient || s == FromFamily }

// ISBAR is the context of a question in the order in which one professional
// tells it to another. Who tells it and of whom (the I) stand beside it; in
// French the form is called SAED (HAS, 2014): situation, antécédents,
// évaluation, demande. Any part may be empty.
type ISBAR struct {
	Situation      string `json:"situation,omitempty"`
	Background     string `json:"background,omitempty"`
	Assessment     string `json:"assessment,omitempty"`
	Recommendation string `json:"recommendation,omitempty"`
}

// Empty reports whether nothing was written.
func (i ISBAR) Empty() bool { return i == ISBAR{} }

func (i ISBAR) trimmed() ISBAR {
	for _, s := range []*string{&i.Situation, &i.Background, &i.Assessment, &i.Recommendation} {
		*s = strings.TrimSpace(*s)
	}
	return i
}

// Told is whether somebody told the patient that they will be discussed.
type Told string

// What is known of it.
const (
	ToldUnknown Told = ""
	ToldYes     Told = "yes"
	ToldNo      Told = "no"
)

// Outsider is a professional without an account, as they name themselves.
type Outsider struct {
	Name         string `json:"name,omitempty"`
	Profession   string `json:"profession,omitempty"` // a key of meetings.Professions
	RPPS         string `json:"rpps,omitempty"`
	Email        string `json:"email,omitempty"`
	Phone        string `json:"phone,omitempty"`
	Organisation string `json:"organisation,omitempty"`
}

// Details is what a request says beyond its question.
type Details struct {
	ISBAR    ISBAR    `json:"isbar,omitzero"`
	Guests   string   `json:"guests,omitempty"` // whom to invite, in words
	Told     Told     `json:"told,omitempty"`
	ToldBy   string   `json:"told_by,omitempty"`
	Outsider Outsider `json:"outsider,omitzero"` // who asks, when they have no account
}

// Request (inscription) asks for a patient to be discussed, with a question.
type Request struct {
	ID       id.Request
	Org      id.Org
	Team     id.Team
	Patient  id.Patient
	Name     string // of the patient, for lists
	By       id.Professional
	ByName   string
	Question string
	Urgency  Urgency
	Source   Source // whose wish; By wrote it down
	Details
	Presenter     id.Professional // wished; empty: whoever knows the patient
	PresenterName string          // read only
	Status        RequestStatus
	Case          id.Case
	Meeting       id.Meeting // of the case; read only
	MeetingAt     time.Time  // read only, in the meeting's zone
	LateFor       id.Meeting // whose registration was closed when it was made
	At            time.Time  // made, and acknowledged; read in the team's zone
	AnsweredAt    time.Time  // the minutes of its case were signed
	Version       int
}

// Late reports whether the request is a late addition to the agenda that it
// waits for, or stands on.
func (r Request) Late() bool { return r.LateFor != "" && (r.Meeting == "" || r.Meeting == r.LateFor) }

// RegistrationOver reports whether a request made at an instant comes too late
// for the meeting to be simply on its agenda: from the instant of the cut-off
// on, or once somebody closed it.
func RegistrationOver(m meetings.Meeting, at time.Time) bool {
	return m.Status != meetings.Draft && m.Status != meetings.Open || !at.Before(m.Cutoff)
}

// Queued is one that waits for a place on an agenda.
type Queued struct {
	ID      id.Request
	Urgency Urgency
	At      time.Time
}

// Place is the rank of a request, from 1, among those that wait: the more
// urgent first, then the older. It is 0 for one that does not wait.
func Place(queue []Queued, r id.Request) int {
	i := slices.IndexFunc(queue, func(q Queued) bool { return q.ID == r })
	if i < 0 {
		return 0
	}
	before := 1
	for _, q := range queue {
		if beforeInQueue(q, queue[i]) < 0 {
			before++
		}
	}
	return before
}

func beforeInQueue(a, b Queued) int {
	return cmp.Or(cmp.Compare(slices.Index(urgencies(), a.Urgency), slices.Index(urgencies(), b.Urgency)), a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
}
