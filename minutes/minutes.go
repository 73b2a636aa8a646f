// Package minutes records what a meeting decided, patient by patient, against
// the objectives of their plans; freezes it when the chair signs; and renders
// it as PDF (minutes/pdf), the whole register and one extract per patient.
//
// What always holds: signed minutes never change; a correction is a new
// version that names what it replaces; the content's SHA-256 and the hash of
// the team's previous minutes make a chain; the plan, objectives and actions
// follow in the transaction of the signature; only signed minutes print
// without PROJET.
//
// Who receives which part is left to notify.
package minutes

import (
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Verdict is what the meeting says of an objective.
type Verdict string

// The verdicts.
const (
	VerdictAchieved  Verdict = "achieved"
	VerdictProgress  Verdict = "progress"
	VerdictStable    Verdict = "stable"
	VerdictSetback   Verdict = "setback"
	VerdictAbandoned Verdict = "abandoned"
	VerdictNew       Verdict = "new"
)

// Verdicts in the order of their keys 1 to 5.
var Verdicts = []Verdict{VerdictAchieved, VerdictProgress, VerdictStable, VerdictSetback, VerdictAbandoned}

// Decision is what was decided for one case. It is saved as often as wanted
// until the minutes are signed.
type Decision struct {
	Case       id.Case           `json:"case"`
	Meeting    id.Meeting        `json:"meeting"`
	Patient    id.Patient        `json:"patient"`
	Plan       id.Plan           `json:"plan,omitempty"`
	Objectives []ObjectiveResult `json:"objectives,omitempty"`
	Summary    string            `json:"summary"`           // what changes
	Options    string            `json:"options,omitempty"` // options weighed
	Wishes     string            `json:"wishes,omitempty"`  // what the patient prefers
	Words      string            `json:"words,omitempty"`   // the patient's own words
	Dissent    string            `json:"dissent,omitempty"` // in the words of who said it
	DissentBy  string            `json:"dissent_by,omitempty"`
	Type       string            `json:"type,omitempty"` // LOINC code of the document; empty: DefaultType
	Actions    []NewAction       `json:"actions,omitempty"`
	NextReview date.Date         `json:"next_review"`
	Informer   string            `json:"informer,omitempty"` // who tells the patient
	InformBy   date.Date         `json:"inform_by"`
	Quorum     meetings.Quorum   `json:"quorum"`
	ByName     string            `json:"by,omitempty"` // who recorded it last
	At         time.Time         `json:"at"`
	Version    int               `json:"version"`
}

// ObjectiveResult is a verdict on an existing objective, or a new one
// (Verdict new, with the id that it will have in the plan).
type ObjectiveResult struct {
	Objective id.Objective `json:"objective,omitempty"`
	Title     string       `json:"title"`
	Expected  string       `json:"expected,omitempty"`
	Due       date.Date    `json:"due"`
	Owner     string       `json:"owner,omitempty"`
	Verdict   Verdict      `json:"verdict,omitempty"` // empty: not said
	Comment   string       `json:"comment,omitempty"` // what changes
}

// NewAction is an action decided: who does what by when.
type NewAction struct {
	ID        id.Action       `json:"id,omitempty"`
	Objective id.Objective    `json:"objective,omitempty"`
	Title     string          `json:"title"`
	Owner     id.Professional `json:"owner,omitempty"`
	OwnerName string          `json:"owner_name"`
	Due       date.Date       `json:"due"`
}

// Content is everything the minutes say: what is frozen, hashed and printed.
// It repeats names and texts as they were, so that it can be read alone twenty
// years later. Its JSON form (encoding/json of this struct) is the master.
type Content struct {
	Org          string        `json:"org"`
	FINESS       string        `json:"finess,omitempty"`
	Letterhead   []string      `json:"letterhead,omitempty"`
	Logo         Logo          `json:"logo,omitzero"`
	Team         string        `json:"team"`
	TeamID       id.Team       `json:"team_id"`
	Kind         meetings.Kind `json:"kind"`
	Meeting      id.Meeting    `json:"meeting"`
	Starts       time.Time     `json:"starts"`
	Ends         time.Time     `json:"ends"`
	Zone         string        `json:"zone"`
	Room         string        `json:"room,omitempty"`
	Participants []Participant `json:"participants"`
	Cases        []Case        `json:"cases"`
	Deferred     []Carried     `json:"deferred,omitempty"`
	Version      int           `json:"version"`
	Replaces     string        `json:"replaces,omitempty"` // SHA-256 of the version it replaces
	ReplacesWhy  string        `json:"replaces_why,omitempty"`
	Previous     string        `json:"previous,omitempty"` // SHA-256 of the team's minutes before
	Signer       string        `json:"signer,omitempty"`
	SignerRPPS   string        `json:"signer_rpps,omitempty"`
	SignedAt     time.Time     `json:"signed_at,omitzero"`
	Training     bool          `json:"training,omitempty"` // of fictional patients
}

// Logo is the team's logo as it was. The picture itself stands beside the
// minutes, under its hash, and is put here before they are printed.
type Logo struct {
	SHA256 string `json:"sha256"`
	Width  int    `json:"width"` // pixels
	Height int    `json:"height"`
	PNG    []byte `json:"-"`
}

// Participant is one person of the attendance table.
type Participant struct {
	Name       string            `json:"name"`
	Profession string            `json:"profession"` // French name
	Specialty  string            `json:"specialty,omitempty"`
	RPPS       string            `json:"rpps,omitempty"`
	Role       string            `json:"role"`
	Presence   meetings.Presence `json:"presence"`
	Arrived    time.Time         `json:"arrived,omitzero"`
	Left       time.Time         `json:"left,omitzero"`
}

// Case is a patient's sheet (fiche).
type Case struct {
	Case         id.Case                 `json:"case"`
	Patient      id.Patient              `json:"patient"`
	BirthFamily  string                  `json:"birth_family"`
	BirthGiven   string                  `json:"birth_given"`
	UsedFamily   string                  `json:"used_family,omitempty"`
	UsedGiven    string                  `json:"used_given,omitempty"`
	Sex          careplan.Sex            `json:"sex"`
	BirthDate    date.Date               `json:"birth_date"`
	BirthPlace   string                  `json:"birth_place,omitempty"`
	IPP          string                  `json:"ipp,omitempty"`
	INS          string                  `json:"ins,omitempty"` // only when qualified
	INSOID       string                  `json:"ins_oid,omitempty"`
	Identity     careplan.IdentityStatus `json:"identity"`
	Referent     string                  `json:"referent,omitempty"`
	PlanTitle    string                  `json:"plan_title,omitempty"`
	Expectations []string                `json:"expectations,omitempty"`
	Reasons      []string                `json:"reasons"` // in French words
	Question     string                  `json:"question,omitempty"`
	Standard     bool                    `json:"standard,omitempty"` // registered without discussion: no quorum
	Reference    Reference               `json:"reference,omitzero"`
	Decision     Decision                `json:"decision"`
}

// Reference is the référentiel that covers a standard case, as it was.
type Reference struct {
	Name    string    `json:"name"`
	Version string    `json:"version"`
	Day     date.Date `json:"day"`
	Source  string    `json:"source,omitempty"`
}

// Carried is a patient carried to a later meeting.
type Carried struct {
	Patient     id.Patient `json:"patient"`
	BirthFamily string     `json:"birth_family"`
	BirthGiven  string     `json:"birth_given"`
	Why         string     `json:"why"` // in French words
}

// Signed reports whether the content carries a signature.
func (c Content) Signed() bool { return !c.SignedAt.IsZero() }

// Minutes is one signed version.
type Minutes struct {
	ID        id.Minutes
	Org       id.Org
	Team      id.Team
	TeamName  string
	Meeting   id.Meeting
	Version   int
	Seq       int // position in the team's chain, from 1
	Content   Content
	SHA256    string // of the content's JSON
	Previous  string // SHA-256 of the minutes before in the team's chain
	Replaces  id.Minutes
	Reason    string // of a correction
	SignedBy  id.Professional
	Signer    string
	SignedAt  time.Time
	MeetingAt time.Time
	Documents []Document
}

// DocumentKind says what a PDF holds.
type DocumentKind string

// The kinds of document.
const (
	Register DocumentKind = "register" // every patient: secretary and chair
	Extract  DocumentKind = "extract"  // one patient
)

// Document is an archived PDF, stored once under its hash.
type Document struct {
	Minutes id.Minutes
	Kind    DocumentKind
	Patient id.Patient // of an extract
	SHA256  string
	Size    int64
	Pages   int
}
