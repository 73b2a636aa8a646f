package auth

import (
	"time"

	"github.com/rcp-care/rcp/internal/id"
)

// Org is the organisation that owns teams, letterhead and secure-mail domains.
type Org struct {
	ID            id.Org
	FINESS        string // 9 characters
	Name          string
	Letterhead    []string // lines printed at the head of the minutes
	SecureDomains []string // mail domains of secure messaging (MSSanté), lower case
	Created       time.Time
}

// Professional is somebody who takes part in meetings, with or without an
// account. RPPS is 11 digits, or empty (a social worker has none).
type Professional struct {
	ID         id.Professional
	Org        id.Org
	Family     string
	Given      string
	Title      string // "Dr", "Pr" or empty
	Profession string // key of meetings.Professions, e.g. "medecin"
	Specialty  string // for a physician, e.g. "gériatrie"
	RPPS       string
	Email      string   // empty: receives nothing by mail
	Aliases    []string // other addresses the person answers from, lower case
	Profile    Profile  // what their calendar needs
	LinkEpoch  int      // answer links made under another are revoked
	Version    int
}

// Profile says how a person's calendar wants a change of one date.
type Profile string

// The profiles. The empty one is for clients that take a series as RFC 5546
// says: the series with all its moved dates; a cancelled date by itself.
const (
	ProfileDefault  Profile = ""
	ProfileExchange Profile = "exchange" // a moved date alone (nextcloud/calendar#4727)
	ProfileSabre    Profile = "sabre"    // never a CANCEL for one date, which would end the series (nextcloud/calendar#8293)
)

// Name is how the person is called in lists and minutes: Dr Solène Varennes.
func (p Professional) Name() string {
	name := p.Given + " " + p.Family
	if p.Title != "" {
		name = p.Title + " " + name
	}
	return name
}

// Account lets a professional sign in.
type Account struct {
	Professional id.Professional
	Org          id.Org
	Email        string // the login, lower case, unique
	PasswordHash string // argon2id, PHC string form
	Admin        bool
	Lang         string // "fr" (default) or "en"
	Disabled     bool
	Created      time.Time
}

// Session is a signed-in browser. The cookie holds a random token; only its
// SHA-256 is stored.
type Session struct {
	TokenHash    string
	Professional id.Professional
	Created      time.Time
	Seen         time.Time
	Expires      time.Time
	Origin       string
}

// Token is an API bearer token of a professional; only its SHA-256 is stored.
type Token struct {
	Hash         string
	Professional id.Professional
	Name         string
	Created      time.Time
	Revoked      time.Time
}
