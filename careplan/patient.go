// Package careplan holds the patients of an organisation and their care plans
// (plan de soins collaboratif, projet personnalisé): objectives, actions, the
// patient's own expectations, agreement and care circle. It decides who may
// see a patient (secret partagé, CSP L1110-4) and brings plans in from FHIR.
//
// What always holds: a matricule INS is used for matching only when its
// control key is right and the identity status is QUAL; an action never hangs
// on a plan of another person; importing the same thing twice changes nothing;
// a patient who has died or is opposed to sharing is never reviewable.
//
// Reading FHIR is left to careplan/fhir; who is discussed when, to agenda.
package careplan

import (
	"time"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
)

// Sex is FHIR's administrative gender.
type Sex string

// The sexes.
const (
	Female     Sex = "female"
	Male       Sex = "male"
	SexOther   Sex = "other"
	SexUnknown Sex = "unknown"
)

// IdentityStatus is the INS status of an identity (référentiel INS).
type IdentityStatus string

// The statuses. Only Qualified lets the matricule be used.
const (
	Provisional IdentityStatus = "PROV"
	Validated   IdentityStatus = "VALI"
	Retrieved   IdentityStatus = "RECUP"
	Qualified   IdentityStatus = "QUAL"
)

// Sharing is the patient's agreement to share within the team.
type Sharing string

// The agreements.
const (
	SharingUnknown Sharing = "unknown"
	SharingAgreed  Sharing = "agreed"
	SharingOpposed Sharing = "opposed"
)

// Identifier is a business identifier (FHIR Identifier): System is a URI.
type Identifier struct {
	System string
	Value  string
}

// INS is the national identity: a matricule of 13 characters and a 2-digit
// key, and the OID that says NIR, NIA, test or demo.
type INS struct {
	Matricule string // 15 characters, spaces removed
	OID       string // e.g. 1.2.250.1.213.1.4.8
	KeyValid  bool   // 97 − (NIR mod 97) agrees
}

// Patient is a person followed by a team.
type Patient struct {
	ID          id.Patient
	Org         id.Org
	IPP         string // local identifier
	BirthFamily string
	BirthGiven  string // first birth given name
	BirthNames  string // list of birth given names, space separated
	UsedFamily  string // empty: the birth name
	UsedGiven   string
	Sex         Sex
	BirthDate   date.Date
	BirthPlace  string // INSEE code
	INS         INS
	Identity    IdentityStatus
	Deceased    bool
	DeceasedOn  date.Date // zero when unknown
	Sharing     Sharing
	SharingOn   date.Date // when agreement or opposition was traced
	Informed    bool      // told that the file is discussed
	Language    string    // BCP 47, e.g. "fr"
	Identifiers []Identifier
	Fictional   bool // invented, for training teams alone; never changes
	Version     int
	Created     time.Time
	Updated     time.Time
}

// Reviewable reports whether a rule may propose the patient for a meeting, and
// when not, why ("deceased" or "opposed").
func (p Patient) Reviewable() (ok bool, why string) {
	switch {
	case p.Deceased:
		return false, "deceased"
	case p.Sharing == SharingOpposed:
		return false, "opposed"
	}
	return true, ""
}

// CircleMember is a professional in a patient's care circle for a time.
type CircleMember struct {
	Patient      id.Patient
	Professional id.Professional
	Role         string    // e.g. "medecin-traitant", "referent", "member"
	From         date.Date // zero: always
	Until        date.Date // zero: still; the last day included
}

// EventKind is what happened to a patient.
type EventKind string

// The kinds of patient event.
const (
	Hospitalisation EventKind = "hospitalisation"
	Return          EventKind = "return"
	Fall            EventKind = "fall"
	Transfer        EventKind = "transfer"
	NewTreatment    EventKind = "new-treatment"
	CarerDeath      EventKind = "carer-death" // of somebody who helps at home
	Complaint       EventKind = "complaint"
	AdverseEvent    EventKind = "adverse-event"
	// DischargePlanned is the only kind whose day may lie ahead.
	DischargePlanned EventKind = "discharge-planned"
	OtherEvent       EventKind = "other"
)

// PatientEvent is something that happened and may call for a review.
type PatientEvent struct {
	ID      string
	Org     id.Org
	Patient id.Patient
	Kind    EventKind
	On      date.Date
	Text    string
}
