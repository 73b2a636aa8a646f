// Package id names the identifiers of RCP: UUIDv7 in text form, one Go type
// per thing, so that a patient's id cannot be passed where a meeting's is due.
// Ids are opaque: they carry no personal data and may stand in URLs and logs.
package id

import "github.com/google/uuid"

// The identifiers. A Case is one patient on one meeting's agenda.
type (
	Org          string
	Professional string
	Team         string
	Series       string
	Meeting      string
	Patient      string
	Plan         string
	Objective    string
	Action       string
	Case         string
	Request      string
	Minutes      string
	Event        string
	Message      string
	Entry        string
)

// New returns a new time-ordered id (RFC 9562 UUIDv7).
func New[T ~string]() T { return T(uuid.Must(uuid.NewV7()).String()) }

// Valid reports whether s has the form of an id.
func Valid[T ~string](s T) bool { return uuid.Validate(string(s)) == nil }
