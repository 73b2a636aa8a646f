// Package id names the identifiers of RCP: UUIDv7 in text form, one Go type
// per thing, so that a patient's id cannot be passed where a meeting's is due.
// Ids are opaque: they carry no personal data and may stand in URLs and logs.
package id

import (
	"time"

	"github.com/google/uuid"
)

type (
	// Org is an organisation's id.
	Org string
	// Professional is a professional's id, with or without an account.
	Professional string
	// Team is a team's id.
	Team string
	// Series is the id of what makes a team's meetings.
	Series string
	// Meeting is a meeting's id.
	Meeting string
	// Patient is a patient's id.
	Patient string
	// Plan is a care plan's id.
	Plan string
	// Objective is an objective's id.
	Objective string
	// Action is an action's id.
	Action string
	// Case is the id of one patient on one meeting's agenda.
	Case string
	// Reference is the id of one version of a référentiel.
	Reference string
	// Request is the id of a professional's request for a patient.
	Request string
	// OutsideLink is the id of an address given to professionals outside.
	OutsideLink string
	// Minutes is the id of one signed version.
	Minutes string
	// Event is the id of something that happened.
	Event string
	// Message is the id of a mail.
	Message string
	// Hold is the id of a legal hold.
	Hold string
	// Protocol is the id of a team's template of a plan.
	Protocol string
	// Closure is the id of days on which a team does not meet.
	Closure string
	// Inbound is the id of a mail that came to the organiser's mailbox.
	Inbound string
	// Proposal is the id of another time that somebody asked for.
	Proposal string
	// Paper is the id of a document added to a case.
	Paper string
	// Handover is the id of a year of minutes that is made into a package.
	Handover string
	// Entry is the id of a line of the audit log.
	Entry string
)

// New returns a new time-ordered id (RFC 9562 UUIDv7).
func New[T ~string]() T { return T(uuid.Must(uuid.NewV7()).String()) }

// Valid reports whether s has the form of an id.
func Valid[T ~string](s T) bool { return uuid.Validate(string(s)) == nil }

// Earlier returns the lowest id that New can have made d before s was, so that
// reading after it misses nothing that was made since; s has the form of an id.
func Earlier[T ~string](s T, d time.Duration) T {
	u, err := uuid.Parse(string(s))
	if err != nil {
		return ""
	}
	ms := uint64(u[0])<<40 | uint64(u[1])<<32 | uint64(u[2])<<24 | uint64(u[3])<<16 | uint64(u[4])<<8 | uint64(u[5])
	ms -= min(ms, uint64(max(d.Milliseconds(), 0)))
	low := uuid.UUID{6: 0x70, 8: 0x80}
	for i := range 6 {
		low[i] = byte(ms >> (40 - 8*i)) //nolint:gosec // the byte is what is wanted
	}
	return T(low.String())
}
