package careplan

import (
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
)

// Key names a resource at its source: an identifier system and value, or for a
// resource without a business identifier the source's own namespace and id.
// (Org, System, Value) is unique in the store and makes an import idempotent.
type Key struct {
	System string
	Value  string
}

// Place says where in the input something stands, without patient data:
// file name given by the caller, entry index, resource type.
type Place struct {
	File  string
	Entry int // 0-based; -1 when the whole file
	Type  string
}

// Batch is what a reader (careplan/fhir) makes of an input: resources in
// RCP's terms, linked by Key, and what it refused on the way.
type Batch struct {
	Patients      []SourcePatient
	Plans         []SourcePlan
	Objectives    []SourceObjective
	Actions       []SourceAction
	Events        []SourceEvent
	Professionals []SourceProfessional
	Circle        []SourceCircle
	Refused       []Line
	Ignored       map[string]int // resource types read past, with their count
}

// SourcePatient is a patient as the source has it. Keys are all identifiers
// usable for matching (never an INS with a wrong key or not qualified).
type SourcePatient struct {
	Keys     []Key // the first one is the primary
	Place    Place
	Patient  Patient // without ids
	Warnings []string
}

// SourcePlan is a plan of the patient named by its key. Expectations may come
// from other resources (attentes).
type SourcePlan struct {
	Key      Key
	Patient  Key
	Place    Place
	Plan     Plan
	Referent Key // professional; may be empty
}

// SourceObjective is an objective of a plan.
type SourceObjective struct {
	Key       Key
	Plan      Key
	Patient   Key
	Place     Place
	Objective Objective
	Owner     Key
}

// SourceAction is an action of a plan. Plan is resolved through its objective
// when the source's own reference points at another person's plan.
type SourceAction struct {
	Key       Key
	Plan      Key
	Patient   Key
	Objective Key // may be empty
	Place     Place
	Action    Action
	Owner     Key
}

// SourceEvent is an event of the patient named by its key.
type SourceEvent struct {
	Key     Key
	Patient Key
	Place   Place
	Event   PatientEvent
}

// SystemEmail is the system of a professional's key that is an e-mail address
// in lower case: of who has no RPPS, as a social worker.
const SystemEmail = "mailto"

// SourceProfessional is a person named by the source: matched to one of the
// organisation's professionals by RPPS, else by the address that only one of
// them has; never created as an account.
type SourceProfessional struct {
	Key   Key
	RPPS  string
	Email string // lower case
	Name  string
	Place Place
}

// SourceCircle says that a professional belongs to a patient's care circle.
type SourceCircle struct {
	Patient      Key
	Professional Key
	Role         string
	From, Until  date.Date
}

// Result is what became of one refused or treated entry.
type Result string

// The results of an import, per resource.
const (
	Created   Result = "created"
	Updated   Result = "updated"
	Unchanged Result = "unchanged"
	Refused   Result = "refused"
	Warned    Result = "warned"
)

// Line is one line of the report. Reason is a French source sentence (see
// internal/lang) with Args, and holds no patient data.
type Line struct {
	Result Result
	Place  Place
	Reason string
	Args   []any
}

// Report is what an import did. Counts are by kind of thing ("patient",
// "plan", "objective", "action", "event").
type Report struct {
	Counts  map[string]map[Result]int
	Lines   []Line // refused and warned, in input order
	Ignored map[string]int

	Withheld []id.Patient // refused because out of the actor's sight; for the audit
}

// Target says where imported plans go: the organisation and, for plans new to
// RCP, the team that follows them (may be empty).
type Target struct {
	Org  id.Org
	Team id.Team
	// Within is whose files the import may touch; the service sets it. Nil: all.
	Within *Sight
	// Fictional says that the patients are invented, for a training team; only
	// MakeFictional sets it.
	Fictional bool
}

// Sight is what somebody sees: the patients of teams they prepare or chair, and
// those they care for on a day. A patient whom nobody follows yet, no team and
// no circle, is in everybody's sight: their first plan has to come in somehow.
type Sight struct {
	Teams []id.Team
	Who   id.Professional
	On    date.Date
}
