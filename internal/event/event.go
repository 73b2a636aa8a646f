// Package event names what happened, so that what must follow (a mail, a live
// update) follows from it and can be replayed. An event is stored in the
// transaction of the change it tells of, and holds ids only: never a name,
// a text or a date of a patient.
package event

import (
	"time"

	"github.com/rcp-care/rcp/internal/id"
)

// Kind is what happened.
type Kind string

// The kinds of event.
const (
	MeetingOpened       Kind = "meeting.opened"       // invited, registration open → REQUEST
	MeetingMoved        Kind = "meeting.moved"        // time or place changed → REQUEST, SEQUENCE up
	MeetingCancelled    Kind = "meeting.cancelled"    // → CANCEL
	MeetingClosed       Kind = "meeting.closed"       // registration closed, the agenda is settled → it goes out
	MeetingChanged      Kind = "meeting.changed"      // any other change of state or attendance
	AttendeeAdded       Kind = "attendee.added"       // → REQUEST to that person
	AttendeeRemoved     Kind = "attendee.removed"     // → CANCEL to that person
	SeriesChanged       Kind = "series.changed"       // rule, place, end or dates of a series → its object to everyone
	AnswerWanted        Kind = "answer.wanted"        // one person has not answered → reminder
	QuorumThreatened    Kind = "quorum.threatened"    // a required profession is missing → the secretary
	ProposalRefused     Kind = "proposal.refused"     // → DECLINECOUNTER to that person
	AgendaChanged       Kind = "agenda.changed"       // drafted, reordered, added, removed, deferred
	PlanMade            Kind = "plan.made"            // a plan begun in RCP, or made active
	RequestMade         Kind = "request.made"         // a professional asked for a patient
	RequestReceived     Kind = "request.received"     // one came from outside → acknowledged
	RequestAnswered     Kind = "request.answered"     // one from outside has its answer → the asker
	DecisionsRecorded   Kind = "decisions.recorded"   // a case was decided or saved
	MinutesSigned       Kind = "minutes.signed"       // → minutes to each recipient
	ContributionAsked   Kind = "contribution.asked"   // one person is asked to write about cases of a meeting → reminder
	ContributionWritten Kind = "contribution.written" // somebody wrote about a case, or its summary changed
	ActionReminded      Kind = "action.reminded"      // one person is reminded of what they have to do → mail
	WeekDue             Kind = "week.due"             // one person's week begins → its summary
	PatientImported     Kind = "patient.imported"     // created or updated by an import
)

// Event is one thing that happened. Ids that do not apply are empty.
type Event struct {
	ID           id.Event
	Org          id.Org
	Kind         Kind
	At           time.Time
	Team         id.Team
	Series       id.Series
	Meeting      id.Meeting
	Case         id.Case
	Patient      id.Patient
	Minutes      id.Minutes
	Professional id.Professional
	Request      id.Request
}
