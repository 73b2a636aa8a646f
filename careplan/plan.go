package careplan

import (
	"time"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
)

// PlanStatus is FHIR CarePlan.status.
type PlanStatus string

// The statuses of a plan.
const (
	PlanDraft     PlanStatus = "draft"
	PlanActive    PlanStatus = "active"
	PlanOnHold    PlanStatus = "on-hold"
	PlanRevoked   PlanStatus = "revoked"
	PlanCompleted PlanStatus = "completed"
)

// Plan is a patient's collaborative care plan, followed by one team.
type Plan struct {
	ID             id.Plan
	Org            id.Org
	Patient        id.Patient
	Team           id.Team // the team that reviews it; empty until given to one
	Title          string
	Description    string
	Category       string
	Status         PlanStatus
	Start, End     date.Date
	Referent       id.Professional // empty when the referent is only named
	ReferentName   string
	ReviewInterval int       // days; 0: the team's default
	LastReview     date.Date // zero: never reviewed
	NextReview     date.Date // zero: none set
	Expectations   []Expectation
	// Protocol and ProtocolVersion are the template that the plan was made from;
	// empty and 0 for one that came otherwise.
	Protocol        id.Protocol
	ProtocolVersion int
	Version         int
	Created         time.Time
	Updated         time.Time
}

// Expectation is what the patient (or family) expects, in their own words.
type Expectation struct {
	ID     string
	Plan   id.Plan
	Text   string
	Origin string // "Usager", "Famille", …
	On     date.Date
	By     string // who noted it
}

// Lifecycle is FHIR Goal.lifecycleStatus.
type Lifecycle string

// The lifecycle of an objective.
const (
	Proposed           Lifecycle = "proposed"
	Planned            Lifecycle = "planned"
	Accepted           Lifecycle = "accepted"
	Active             Lifecycle = "active"
	OnHold             Lifecycle = "on-hold"
	ObjectiveCompleted Lifecycle = "completed"
	ObjectiveCancelled Lifecycle = "cancelled"
)

// Open reports whether the objective is still worked on.
func (l Lifecycle) Open() bool {
	return l != ObjectiveCompleted && l != ObjectiveCancelled
}

// Achievement is FHIR goal-achievement.
type Achievement string

// The achievements.
const (
	InProgress    Achievement = "in-progress"
	Improving     Achievement = "improving"
	Worsening     Achievement = "worsening"
	NoChange      Achievement = "no-change"
	Achieved      Achievement = "achieved"
	Sustaining    Achievement = "sustaining"
	NotAchieved   Achievement = "not-achieved"
	NoProgress    Achievement = "no-progress"
	NotAttainable Achievement = "not-attainable"
)

// Objective is what a plan aims at (FHIR Goal).
type Objective struct {
	ID            id.Objective
	Org           id.Org
	Plan          id.Plan
	Patient       id.Patient
	Title         string
	Description   string
	Domain        string
	Expected      string // expected result
	Start, Due    date.Date
	Owner         id.Professional
	OwnerName     string
	Lifecycle     Lifecycle
	Achievement   Achievement // empty: not assessed yet
	AchievementOn date.Date
	PatientView   string
	Strategy      string
	Position      int
	Version       int
	Created       time.Time
	Updated       time.Time
}

// ActionStatus is the subset of FHIR Task.status that RCP uses.
type ActionStatus string

// The statuses of an action.
const (
	Requested        ActionStatus = "requested"
	ActionInProgress ActionStatus = "in-progress"
	ActionCompleted  ActionStatus = "completed"
	ActionCancelled  ActionStatus = "cancelled"
)

// Open reports whether the action is still to be done.
func (s ActionStatus) Open() bool { return s == Requested || s == ActionInProgress }

// Action is who does what by when, for an objective (FHIR Task).
type Action struct {
	ID          id.Action
	Org         id.Org
	Plan        id.Plan
	Patient     id.Patient
	Objective   id.Objective // may be empty
	Title       string
	Description string
	Owner       id.Professional
	OwnerName   string
	Status      ActionStatus
	Outcome     string // "done", "partly", "not-done" or empty
	Reason      string // coded reason when not done
	Note        string // that reason in a few words; may be empty
	Start, Due  date.Date
	DoneOn      date.Date
	Case        id.Case // the decision it comes from, if any
	Version     int
	Created     time.Time
	Updated     time.Time
}

// File is everything of one patient that their page shows.
type File struct {
	Patient    Patient
	Plans      []Plan
	Objectives []Objective
	Actions    []Action
	Circle     []CircleMember
	Events     []PatientEvent
}

// Summary is a patient in a list.
type Summary struct {
	Patient    Patient
	Plan       id.Plan // the active plan, if any
	Team       id.Team
	Referent   string
	NextReview date.Date
	Closed     bool // every plan of the team asked for, or of all teams, is over
}
