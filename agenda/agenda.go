// Package agenda finds the patients who need review, says why in words with
// the date behind it, ranks them, fits them into the meeting's minutes, and
// keeps what the secretary changes. It also holds requests (inscriptions) and
// deferrals (reports).
//
// What always holds: a patient who died, is opposed to sharing or was discharged
// (unless somebody asks for them again) is never proposed; a patient stands at most once on a meeting's agenda; a deferred one
// comes back at the next meeting with its reason; every change leaves a trace.
//
// Rules, rank and fit are pure functions of values (Candidate in, Item out).
// Decisions are left to minutes.
package agenda

import (
	"slices"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
)

// Rule names why a patient is proposed.
type Rule string

// The rules.
const (
	ReviewDue        Rule = "review-due"
	NeverReviewed    Rule = "never-reviewed"
	NoPlan           Rule = "no-plan"
	PlanEnding       Rule = "plan-ending"
	AgreementMissing Rule = "agreement-missing"
	ActionLate       Rule = "action-late"
	ActionLateLong   Rule = "action-late-long"
	DecisionUndone   Rule = "decision-undone"
	ObjectiveOverdue Rule = "objective-overdue"
	ObjectiveAtRisk  Rule = "objective-at-risk"
	ObjectiveStalled Rule = "objective-stalled"
	PatientEvent     Rule = "event"
	Transition       Rule = "transition"
	Requested        Rule = "request"
	AskedByPatient   Rule = "patient-request"
	DeferredBefore   Rule = "deferred"
	WaitedBefore     Rule = "waited"
	AddedByHand      Rule = "added" // by the secretary, outside the rules
)

// Reason is why a patient is on the agenda: the rule, the date behind it and
// the evidence. Text renders it in a language.
type Reason struct {
	Rule   Rule      `json:"rule"`
	Since  date.Date `json:"since"`
	What   string    `json:"what,omitempty"`   // objective, action or question concerned
	Kind   string    `json:"kind,omitempty"`   // event kind, urgency, deferral reason
	Who    string    `json:"who,omitempty"`    // person in charge or requester
	Times  int       `json:"times,omitempty"`  // deferred so often
	Days   int       `json:"days"`             // late by so many days on the drafting day
	Source Source    `json:"source,omitempty"` // of a request
	On     date.Date `json:"on,omitzero"`      // of the decision, where Since is when it was due
	Late   bool      `json:"late,omitempty"`   // a request made, or a line added, once registration was closed
	Weight int       `json:"weight"`
}

// Status is the state of an agenda line.
type Status string

// The states of a line.
const (
	Proposed  Status = "proposed"  // did not fit, or waits for the secretary
	Scheduled Status = "scheduled" // on the agenda
	Discussed Status = "discussed"
	Deferred  Status = "deferred"
	Withdrawn Status = "withdrawn"
)

// Origin says how a line came.
type Origin string

// The origins of a line.
const (
	ByRule    Origin = "rule"
	ByRequest Origin = "request"
	ByHand    Origin = "hand"
)

// Item is one line of an agenda: a case. Its id is the case's id.
type Item struct {
	ID        id.Case
	Org       id.Org
	Team      id.Team
	Meeting   id.Meeting
	Patient   careplan.Patient // identity traits, read with the line
	Plan      id.Plan
	Referent  string
	Presenter id.Professional // wished by a request, else the plan's referent, when known; read with the line
	Position  int             // from 1 among the scheduled; 0 otherwise
	Minutes   int
	Status    Status
	Standard  bool // rcp: registered without discussion, under Registration
	Reasons   []Reason
	Question  string
	Origin    Origin
	AddedBy   string
	Pinned    bool
	Started   time.Time
	Ended     time.Time
	DeferWhy  string     // when deferred, the coded reason; proposed: NoHours
	At        time.Time  // planned start, of a line on the agenda; worked out
	DeferTo   id.Meeting // the team's next meeting, of a line deferred or without a place
	DeferOn   time.Time  // when that meeting starts
	// Registration is what the sheet of a standard case says; it stays when the
	// line is pulled back.
	Registration *Registration
	Was          int // position before it was withdrawn or deferred; 0: it had none
	Version      int
	Created      time.Time
	Updated      time.Time
}

// Late reports whether the line was added, or asked for, once registration for
// its meeting was over.
func (l Item) Late() bool {
	return slices.ContainsFunc(l.Reasons, func(r Reason) bool { return r.Late })
}

// Candidate is everything the rules look at for one patient.
type Candidate struct {
	Patient     careplan.Patient
	Plan        careplan.Plan           // the active one
	Drafted     careplan.Plan           // without an active one: the draft
	OnHold      bool                    // a plan is on hold
	Closed      bool                    // the team's plans of the patient are all over
	Objectives  []careplan.Objective    // open ones
	LateActions []careplan.Action       // open and past their due date
	Events      []careplan.PatientEvent // recent ones
	Requests    []Request               // waiting ones; LateFor is kept for the meeting drafted alone
	Deferrals   []Deferral              // since the last discussion
	NotDone     []careplan.Action       // decided by a meeting and closed as not done, lately
	Decided     map[id.Case]date.Date   // when the cases of those actions were discussed
	Passed      []date.Date             // meetings without a place for the patient, since the last discussion
}

// Discharged is why a patient is not reviewable whose plans are all over and for
// whom nobody asks: a request is to take them back, and made by a person.
const Discharged = "discharged"

// Reviewable reports whether a rule may propose the patient to the team, and
// when not, why ("deceased", "opposed" or "discharged").
func (c Candidate) Reviewable() (ok bool, why string) {
	if ok, why = c.Patient.Reviewable(); ok && c.Closed && !c.asked() {
		return false, Discharged
	}
	return ok, why
}

func (c Candidate) asked() bool {
	return slices.ContainsFunc(c.Requests, func(r Request) bool { return r.Status == RequestWaiting || r.Status == RequestPlaced })
}

// Deferral is one earlier meeting that the patient was carried over from.
type Deferral struct {
	Meeting id.Meeting
	On      date.Date
	Why     string
}

// DeferReasons are the coded reasons for a deferral.
var DeferReasons = []string{"time", "absent-presenter", "missing-document", "patient-request", "quorum", "other"}

// Agenda is a meeting's agenda: the lines in order, then what did not fit.
type Agenda struct {
	Meeting   id.Meeting
	Capacity  int // minutes of the meeting
	Planned   int // minutes of the scheduled lines to discuss
	Items     []Item
	Standard  []Item // registered without discussion; outside the actor's circle without their patient
	Waiting   []Item // proposed, deferred: candidates with reasons that did not fit
	Withdrawn []Item
	Hidden    int   // lines outside the actor's care circle
	Last      *Edit // while it can be undone, to who prepares the agenda
}
