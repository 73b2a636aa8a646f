package preparation

import (
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Need names a line of readiness.
type Need string

// The needs, in the order they are listed.
const (
	NeedQuestion      Need = "question"
	NeedPlan          Need = "plan"
	NeedContributions Need = "contributions"
	NeedAgreement     Need = "agreement"
	NeedIdentity      Need = "identity"
	NeedPresenter     Need = "presenter"
	NeedChecklist     Need = "checklist"
)

// Line is one thing that a case needs: done, since when, or who must do what.
type Line struct {
	Need     Need
	Done     bool
	How      string    // of the variants that a need has; see its function
	On       date.Date // when it was done, or came to an end; zero: not known
	Who      string    // who has to do it; empty: whoever prepares the meeting
	Expected []Expected
	Count    int // contributions, or lines of the checklist, that are there
	Of       int // lines of the checklist
}

// Missing are the professions whose contribution is awaited.
func (l Line) Missing() []Expected {
	var all []Expected
	for _, e := range l.Expected {
		if !e.Done() {
			all = append(all, e)
		}
	}
	return all
}

// Readiness is every line of a case, done or not.
type Readiness []Line

// Done counts the lines that are.
func (r Readiness) Done() (n int) {
	for _, l := range r {
		if l.Done {
			n++
		}
	}
	return n
}

// Ready reports whether nothing is left to do.
func (r Readiness) Ready() bool { return r.Done() == len(r) }

// Left are the lines still to do.
func (r Readiness) Left() []Line {
	var all []Line
	for _, l := range r {
		if !l.Done {
			all = append(all, l)
		}
	}
	return all
}

// needs is every line of readiness: adding one is one function here. The zero
// Line says that the case has no such need.
func needs() []func(Case) Line {
	return []func(Case) Line{question, plan, contributions, agreement, identity, presenter, checklist}
}

// Ready judges a case line by line.
func Ready(c Case) Readiness {
	var all Readiness
	for _, need := range needs() {
		if l := need(c); l.Need != "" {
			all = append(all, l)
		}
	}
	return all
}

// question: the meeting knows what it is asked.
func question(c Case) Line {
	l := Line{Need: NeedQuestion, Done: c.Asked() != ""}
	if len(c.Requests) > 0 {
		l.On = date.Of(c.Requests[0].At.In(c.Zone))
	}
	_, l.Who = c.Presenter()
	return l
}

// plan: an active plan with an open objective, not over before the day of the
// meeting. How: "none", "ended", "empty".
func plan(c Case) Line {
	l := Line{Need: NeedPlan, Who: c.ReferentName}
	switch {
	case c.Followed == "":
		l.How = "none"
	case !c.PlanEnd.IsZero() && c.PlanEnd.Before(c.Day):
		l.How, l.On = "ended", c.PlanEnd
	case len(c.Aims) == 0:
		l.How = "empty"
	default:
		l.Done = true
	}
	return l
}

// contributions: somebody of each profession concerned wrote.
func contributions(c Case) Line {
	l := Line{Need: NeedContributions}
	l.Expected, _ = c.Expected()
	for _, e := range l.Expected {
		if e.Done() {
			l.Count++
		}
	}
	l.Done = l.Count == len(l.Expected)
	return l
}

// agreement: traced by the day of the meeting. How: "opposed".
func agreement(c Case) Line {
	l := Line{Need: NeedAgreement, Who: c.ReferentName, On: c.Patient.SharingOn}
	switch c.Patient.Sharing {
	case careplan.SharingOpposed:
		l.How = "opposed"
	case careplan.SharingAgreed:
		l.Done = !c.Patient.SharingOn.After(c.Day)
	}
	return l
}

// identity: checked against a document (VALI) or qualified (QUAL), as the
// référentiel INS says. How: the status.
func identity(c Case) Line {
	s := c.Patient.Identity
	return Line{Need: NeedIdentity, How: string(s), Done: s == careplan.Qualified || s == careplan.Validated}
}

// presenter: who brings the case is known, of the meeting, and comes. How:
// "none", "not-invited", "declined", "unanswered".
func presenter(c Case) Line {
	who, name := c.Presenter()
	l := Line{Need: NeedPresenter, Who: name}
	if name == "" {
		l.How = "none"
		return l
	}
	l.How = c.coming(who, name)
	l.Done = l.How == ""
	return l
}

// checklist: everything that the protocol of the plan asks to prepare is there.
func checklist(c Case) Line {
	if len(c.Checks) == 0 {
		return Line{}
	}
	l := Line{Need: NeedChecklist, Of: len(c.Checks), Who: c.ReferentName}
	for _, k := range c.Checks {
		if k.Done {
			l.Count++
		}
	}
	l.Done = l.Count == l.Of
	return l
}

// coming is "" for somebody who will be there, or is.
func (c Case) coming(who id.Professional, name string) string {
	for _, a := range c.Full.Attendance {
		switch {
		case !same(a.Professional, who, name) || a.Role == auth.Secretary:
		case a.Presence == meetings.Present || a.Presence == meetings.Remote:
			return ""
		case a.Presence != meetings.Expected || a.Answer == meetings.Declined || a.Answer == meetings.Delegated:
			return "declined"
		case a.Answer == meetings.Accepted:
			return ""
		default:
			return "unanswered"
		}
	}
	return "not-invited"
}

// same reports whether a person is meant: by the id, or by the name when only
// that is known.
func same(p auth.Professional, who id.Professional, name string) bool {
	return p.ID == who || who == "" && careplan.Fold(p.Given+" "+p.Family) == careplan.Fold(name)
}
