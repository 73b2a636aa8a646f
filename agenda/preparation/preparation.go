// Package preparation gathers what a case needs before it is discussed: its
// summary in ISBAR form, what each profession that the objectives concern
// writes about it, and whether it is ready, line by line, with who must do
// what.
//
// What always holds: a contribution is its author's, one a case, and absent
// people write too; nobody is asked who may not see the patient; writing and
// asking end when the case is discussed; asking again never takes a text away.
//
// Readiness is a list of pure functions (Case in, Line out). Whether a written
// opinion counts for the quorum is left to meetings, decisions to minutes, and
// the mails that ask to notify.
package preparation

import (
	"cmp"
	"slices"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// ISBAR is the summary of a case, in the order that the HAS recommends (Saed:
// situation, antécédents, évaluation, demande). The identification is the
// patient's own.
type ISBAR struct {
	agenda.ISBAR           // its recommendation is what is asked of the meeting
	By           string    `json:"by,omitempty"` // who wrote it last
	At           time.Time `json:"at,omitzero"`
	Version      int       `json:"-"` // 0: nobody wrote one
}

// Contribution is what a professional writes about a case, or is asked to.
type Contribution struct {
	Case         id.Case
	Professional auth.Professional
	Profession   string // when it was written, or asked
	Text         string
	Opinion      bool // a written opinion (avis écrit), by somebody who will not come
	AskedAt      time.Time
	AskedBy      string // a name
	WrittenAt    time.Time
	Version      int // 0: asked, and not written yet
}

// Written reports whether there is a text.
func (c Contribution) Written() bool { return !c.WrittenAt.IsZero() }

// Aim is what an open objective says of the professions it concerns.
type Aim struct {
	Domain     string
	Owner      id.Professional
	Profession string // of the owner; empty: only named, or nobody
}

// Request is who asked for the case, and what.
type Request struct {
	By         id.Professional
	ByName     string
	Question   string
	ISBAR      agenda.ISBAR
	At         time.Time
	Wished     id.Professional // who should present the case; may be empty
	WishedName string          // their name
}

// Facts are what is stored about the preparation of a case. Followed
// is the active plan that the team reviews.
type Facts struct {
	Followed      id.Plan // empty: none
	PlanEnd       date.Date
	ReferentID    id.Professional // empty when only named
	ReferentName  string
	Aims          []Aim // open objectives
	Requests      []Request
	ISBAR         ISBAR
	Contributions []Contribution
	Circle        []id.Professional // members of the team in the care circle
	Checks        []Check           // what the protocol of the plan asks to prepare
}

// Check is a line of the checklist of the plan's protocol.
type Check struct {
	Line   string
	Done   bool
	ByName string
	At     time.Time
}

// Case is everything that readiness looks at.
type Case struct {
	agenda.Item
	Facts
	Full meetings.Full
	Zone *time.Location // of the meeting
	Day  date.Date      // of the meeting, there
}

// newCase puts a line, its facts and its meeting together.
func newCase(l agenda.Item, f Facts, full meetings.Full) Case {
	zone := full.Meeting.Location()
	return Case{Item: l, Facts: f, Full: full, Zone: zone, Day: date.Of(full.Meeting.Starts.In(zone))}
}

// Asked is the question that the meeting has to answer; empty: none was put.
func (c Case) Asked() string {
	switch {
	case c.ISBAR.Recommendation != "":
		return c.ISBAR.Recommendation
	case c.Question != "":
		return c.Question
	case len(c.Requests) > 0:
		return c.Requests[0].Question
	}
	return ""
}

// Summary is the ISBAR as written; while nobody wrote one, it begins with that
// of the request, and with its question where that asks nothing.
func (c Case) Summary() ISBAR {
	if c.ISBAR.Version > 0 {
		return c.ISBAR
	}
	var i ISBAR
	if len(c.Requests) > 0 {
		i.ISBAR = c.Requests[0].ISBAR
	}
	i.Recommendation = cmp.Or(i.Recommendation, c.Asked())
	return i
}

// Presenter is who brings the case: whom the request wishes, else who asked,
// else the plan's referent.
func (c Case) Presenter() (who id.Professional, name string) {
	for _, q := range c.Requests {
		if q.Wished != "" {
			return q.Wished, q.WishedName
		}
	}
	if len(c.Requests) > 0 && c.Requests[0].By != "" {
		return c.Requests[0].By, c.Requests[0].ByName
	}
	return c.ReferentID, c.ReferentName
}

// sees reports whether a member of the team may read the case.
func (c Case) sees(m meetings.Member) bool {
	return m.Role == auth.Chair || m.Role == auth.Clinician && slices.Contains(c.Circle, m.ID)
}

// of returns what a professional wrote, or was asked.
func (c Case) of(p id.Professional) (Contribution, bool) {
	i := slices.IndexFunc(c.Contributions, func(k Contribution) bool { return k.Professional.ID == p })
	if i < 0 {
		return Contribution{}, false
	}
	return c.Contributions[i], true
}
