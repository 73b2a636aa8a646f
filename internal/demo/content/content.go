// Package content is the fictional material of `rcp demo`: one organisation,
// two teams, some forty patients with their plans, and last week's meeting,
// in French, as embedded JSON. Bundles turns each patient into a FHIR R4
// transaction in the shape of the ANS guide "Transfert de données DUI", so
// that the demo comes in through the same import as real data.
//
// What always holds: every date but a birth date or the date of a référentiel
// is a number of days from the demo's day, so the material never ages; every
// person, number and address is invented and every mail domain ends in
// ".example"; the same content and day give the same bytes.
//
// Storing, drafting and signing are left to the demo itself.
package content

import "time"

// Content is everything the demo starts from.
type Content struct {
	Organisation Organisation `json:"organisation"`
	Members      []Member     `json:"members"` // of the teams and of nobody's team (outside physicians)
	Teams        []Team       `json:"teams"`
	Accounts     []Account    `json:"accounts"`
	Patients     []Patient    `json:"-"` // from patients.json
	LastMeeting  Meeting      `json:"-"` // from meeting.json
}

// Organisation owns the teams. FINESS is 9 digits in a department that does
// not exist (99).
type Organisation struct {
	Name          string   `json:"name"`
	FINESS        string   `json:"finess"`
	Letterhead    []string `json:"letterhead"`
	SecureDomains []string `json:"secure_domains"` // mail domains of secure messaging
}

// Member is a professional, in a team or outside (a patient's own physician).
// RPPS is 11 digits with a right Luhn key, empty for those who have none.
type Member struct {
	Key        string `json:"key"`
	Family     string `json:"family"`
	Given      string `json:"given"`
	Gender     string `json:"gender"` // "female" or "male"
	Profession string `json:"profession"`
	Specialty  string `json:"specialty,omitempty"`
	RPPS       string `json:"rpps,omitempty"`
	Email      string `json:"email"`
}

// Title is "Dr" for a physician or a dentist, else empty.
func (m Member) Title() string {
	if m.Profession == "medecin" || m.Profession == "chirurgien-dentiste" {
		return "Dr"
	}
	return ""
}

// Civility is "Dr", "Mme" or "M.".
func (m Member) Civility() string {
	switch {
	case m.Title() != "":
		return m.Title()
	case m.Gender == "female":
		return "Mme"
	}
	return "M."
}

// Team is a team and its weekly meeting, in local time.
type Team struct {
	Key      string       `json:"key"`
	Name     string       `json:"name"`
	Kind     string       `json:"kind"`    // "synthese" or "rcp"
	Weekday  string       `json:"weekday"` // English, lower case: "thursday"
	Time     string       `json:"time"`    // "14:30"
	Minutes  int          `json:"minutes"`
	Room     string       `json:"room"`
	Zone     string       `json:"zone"` // IANA name
	Required []string     `json:"required_professions"`
	Members  []Membership `json:"members"`
}

// Membership is a member's place in a team.
type Membership struct {
	Member   string `json:"member"`
	Role     string `json:"role"`     // "secretary", "chair" or "clinician"
	Required bool   `json:"required"` // expected at every meeting
}

// Account is somebody who can sign in. Role is the one the demo announces:
// "administrator" or a role in a team.
type Account struct {
	Member string `json:"member"`
	Role   string `json:"role"`
}

// Member returns the member of that key.
func (c Content) Member(key string) (Member, bool) {
	for _, m := range c.Members {
		if m.Key == key {
			return m, true
		}
	}
	return Member{}, false
}

// Patient returns the patient of that key.
func (c Content) Patient(key string) (Patient, bool) {
	for _, p := range c.Patients {
		if p.Key == key {
			return p, true
		}
	}
	return Patient{}, false
}

// weekdays are the words Team.Weekday may hold.
var weekdays = map[string]time.Weekday{
	"monday": time.Monday, "tuesday": time.Tuesday, "wednesday": time.Wednesday,
	"thursday": time.Thursday, "friday": time.Friday,
}

// Day is the day of the week of the team's meeting.
func (t Team) Day() time.Weekday { return weekdays[t.Weekday] }
