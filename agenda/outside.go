package agenda

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// OutsideLink is an address that a team gives to professionals outside it, so
// that they can ask for a patient.
type OutsideLink struct {
	ID       id.OutsideLink
	Org      id.Org
	OrgName  string // read only
	Team     id.Team
	TeamName string // read only
	Label    string // to whom it was given
	Created  time.Time
	By       id.Professional
	ByName   string // read only
	Expires  time.Time
	Revoked  time.Time // zero: it serves
	Used     int       // requests that came by it
}

// Serves reports whether the address opens the form at an instant.
func (l OutsideLink) Serves(at time.Time) bool { return l.Revoked.IsZero() && at.Before(l.Expires) }

// OutsideStatus is the state of a request from outside.
type OutsideStatus string

// The states of a request from outside.
const (
	OutsideWaiting OutsideStatus = "waiting" // nobody said yet of whom it is
	OutsideMatched OutsideStatus = "matched" // there is a Request of the same id
	OutsideRefused OutsideStatus = "refused"
)

// OutsideRefusals are the coded reasons to refuse one; the asker is told none.
var OutsideRefusals = []string{"not-followed", "incomplete", "duplicate", "other"}

// Traits are the identity of a patient as somebody typed it.
type Traits struct {
	BirthFamily string       `json:"birth_family"`
	BirthGiven  string       `json:"birth_given"`
	BirthDate   date.Date    `json:"birth_date"`
	Sex         careplan.Sex `json:"sex,omitempty"`
}

// Name is how the traits stand in lists: AUBRIOT Lucienne.
func (t Traits) Name() string {
	return careplan.Patient{BirthFamily: t.BirthFamily, BirthGiven: t.BirthGiven}.Name()
}

// Likeness is how well a file agrees with typed traits.
type Likeness int

// The likenesses.
const (
	Unlike  Likeness = iota
	Similar          // same day of birth and family name
	Same             // and the same first given name and, when both are known, sex
)

// Like compares typed traits with a file: the day of birth exactly, names
// without accents, case and punctuation, the family name of birth or in use.
// It only proposes: a person says who it is.
func (t Traits) Like(p careplan.Patient) Likeness {
	family := careplan.Fold(t.BirthFamily)
	if t.BirthDate.IsZero() || t.BirthDate != p.BirthDate || family == "" ||
		family != careplan.Fold(p.BirthFamily) && family != careplan.Fold(p.UsedFamily) {
		return Unlike
	}
	given := careplan.Fold(t.BirthGiven)
	sexes := said(t.Sex) && said(p.Sex) && t.Sex != p.Sex
	if sexes || given != careplan.Fold(p.BirthGiven) && given != careplan.Fold(p.UsedGiven) {
		return Similar
	}
	return Same
}

func said(s careplan.Sex) bool { return s == careplan.Female || s == careplan.Male }

// Proposal is a patient who may be meant.
type Proposal struct {
	careplan.Patient
	Likeness Likeness
}

// Propose keeps the patients who may be meant, the likest first.
func Propose(t Traits, all []careplan.Patient) []Proposal {
	var found []Proposal
	for _, p := range all {
		if l := t.Like(p); l != Unlike {
			found = append(found, Proposal{p, l})
		}
	}
	slices.SortStableFunc(found, func(a, b Proposal) int { return int(b.Likeness - a.Likeness) })
	return found
}

// OutsideContent is what somebody outside wrote.
type OutsideContent struct {
	Traits   Traits `json:"patient"`
	Question string `json:"question"`
	Details
}

// trimmed is what was written, as it can be kept and shown.
func (c OutsideContent) trimmed() OutsideContent {
	for _, s := range []*string{
		&c.Traits.BirthFamily, &c.Traits.BirthGiven, &c.Outsider.Name, &c.Outsider.RPPS, &c.Outsider.Phone, &c.Outsider.Organisation,
		&c.Question, &c.ISBAR.Situation, &c.ISBAR.Background, &c.ISBAR.Assessment, &c.ISBAR.Recommendation, &c.Guests, &c.ToldBy,
	} {
		*s = strings.TrimSpace(plain(*s))
	}
	c.Outsider.Email = strings.TrimSpace(c.Outsider.Email) // refused as it is, never mended
	return c
}

// plain is a text without what disguises it or cannot be stored: bytes that are
// no text, control characters but the end of a line and the tabulator, and those
// that turn the direction of writing (UAX #9, section 2).
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		turns := r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x061c
		if turns || unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// Outside is a request that came from outside, until it becomes a [Request] of
// the same id.
type Outside struct {
	ID       id.Request
	Org      id.Org
	OrgName  string // read only
	Team     id.Team
	TeamName string // read only
	Sender   string // the team's address for mails; read only
	Link     id.OutsideLink
	OutsideContent
	Urgency   Urgency
	Status    OutsideStatus
	Why       string // of OutsideRefusals
	LateFor   id.Meeting
	AskerLang string
	At        time.Time
	Handled   time.Time
	HandledBy string
	Version   int
}

// trackFor is how long an asker can follow a request.
const trackFor = 400 * 24 * time.Hour

// Tracked is what somebody outside sees of their request: where it stands,
// never of whom it is nor what was said.
type Tracked struct {
	Outside
	State     TrackState
	Place     int              // in the queue, while it waits
	Next      meetings.Meeting // the meeting it waits for
	MeetingAt time.Time        // of its case
}

// TrackState is where a request from outside stands.
type TrackState string

// The states that the asker sees.
const (
	TrackReceived TrackState = "received"
	TrackPlaced   TrackState = "placed"
	TrackAnswered TrackState = "answered" // discussed
	TrackClosed   TrackState = "closed"   // without a discussion; why is not said
)

// trackState is the state that the asker sees; r is the request it became.
func trackState(o Outside, r Request) TrackState {
	switch {
	case o.Status == OutsideRefused || r.Status == RequestWithdrawn:
		return TrackClosed
	case r.Status == RequestAnswered:
		return TrackAnswered
	case r.Status == RequestPlaced:
		return TrackPlaced
	}
	return TrackReceived
}
