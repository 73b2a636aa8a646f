// Package meetings holds the teams, the series that make their meetings, the
// meetings with their states, attendance and quorum, and what calendar clients
// receive about them (objects in meetings/ical).
//
// What always holds: a meeting exists once per series and local date, however
// many machines make it; its UID never changes and its SEQUENCE goes up with
// every change of time, place or state that attendees must hear of; no patient
// data ever enters a calendar object; a meeting of kind rcp without its
// medical quorum never counts as an RCP.
//
// Who is discussed is left to agenda, what was decided to minutes, and sending
// to notify.
package meetings

import (
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
)

// Kind is what sort of meeting a team holds.
type Kind string

// The kinds of meeting.
const (
	Synthese Kind = "synthese" // réunion de synthèse
	RCP      Kind = "rcp"      // réunion de concertation pluridisciplinaire, regulated
)

// QuorumRule says who must be present. For kind rcp, MinSpecialties physicians
// of different specialties (HAS 2014: at least 3); for synthese, MinProfessions
// different professions and every one of Required.
type QuorumRule struct {
	MinSpecialties int      `json:"min_specialties,omitempty"`
	MinProfessions int      `json:"min_professions,omitempty"`
	Required       []string `json:"required,omitempty"` // profession keys
	Written        bool     `json:"written,omitempty"`  // a written opinion of an absent one counts
}

// Team is a care team.
type Team struct {
	ID               id.Team
	Org              id.Org
	Name             string
	Kind             Kind
	Zone             string // IANA zone of its hours, e.g. Europe/Paris
	HolidayZone      string // "metropole", "alsace-moselle", "guadeloupe", …
	Quorum           QuorumRule
	CaseMinutes      int // default minutes per case
	ReviewInterval   int // default days between reviews
	CutoffHours      int // registration closes so many hours before the start
	OpenDays         int // invitations leave so many days before; 0: by hand
	OrganizerAddress string
	Reminders        []int // days before a meeting on which those who have not answered are reminded
	Members          []Member
	Training         bool // works on fictional patients and sends no mail; chosen once, when it is made
	Version          int
	Created          time.Time
	Updated          time.Time
}

// Member is a professional in a team.
type Member struct {
	auth.Professional
	Role     auth.Role
	Required bool // expected at every meeting
	Joined   date.Date
	Left     date.Date // zero: still a member
}

// Professions are the profession keys with their French names, in the order
// they are listed.
var Professions = []Profession{
	{"medecin", "Médecin", "Physician"},
	{"pharmacien", "Pharmacien", "Pharmacist"},
	{"infirmier", "Infirmier", "Nurse"},
	{"aide-soignant", "Aide-soignant", "Nursing assistant"},
	{"kinesitherapeute", "Kinésithérapeute", "Physiotherapist"},
	{"ergotherapeute", "Ergothérapeute", "Occupational therapist"},
	{"orthophoniste", "Orthophoniste", "Speech therapist"},
	{"psychologue", "Psychologue", "Psychologist"},
	{"dieteticien", "Diététicien", "Dietitian"},
	{"assistant-social", "Assistant social", "Social worker"},
	{"chirurgien-dentiste", "Chirurgien-dentiste", "Dentist"},
	{"sage-femme", "Sage-femme", "Midwife"},
	{"educateur", "Éducateur", "Special educator"},
	{"secretaire", "Secrétaire", "Secretary"},
	{"autre", "Autre", "Other"},
}

// ProfessionKeys returns the keys of Professions.
func ProfessionKeys() []string {
	keys := make([]string, len(Professions))
	for i, p := range Professions {
		keys[i] = p.Key
	}
	return keys
}

// Profession is a profession's key and its names.
type Profession struct{ Key, French, English string }
