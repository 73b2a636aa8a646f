package minutes

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// registered are the lines registered without discussion, in the order they
// came; whether or not they were read out: nobody called them to discussion.
func (st state) registered() []agenda.Item {
	var all []agenda.Item
	for _, l := range st.items {
		may := l.AsItMay()
		if may.Standard && (may.Status == agenda.Scheduled || may.Status == agenda.Discussed) {
			all = append(all, l)
		}
	}
	slices.SortFunc(all, func(a, b agenda.Item) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// standard is the sheet of a case registered without discussion: the decision
// is the proposition of its référentiel, and no quorum is told. A correction
// may have changed the decision since.
func (st state) standard(l agenda.Item) Case {
	c := st.sheet(l)
	c.Standard = true
	g := l.Registration
	if g == nil {
		c.Decision = Decision{Case: l.ID, Meeting: l.Meeting, Patient: l.Patient.ID}
		return c
	}
	c.Reference = Reference{Name: g.Reference.Name, Version: g.Reference.Version, Day: g.Reference.Day, Source: g.Reference.Source}
	c.Decision = Decision{
		Case: l.ID, Meeting: l.Meeting, Patient: l.Patient.ID, Plan: c.Decision.Plan, Summary: g.Proposition,
		NextReview: g.NextReview, ByName: g.By, At: g.At,
	}
	return c
}

// whole reports whether a standard case says what it must: the référentiel and
// what it proposes.
func (k Case) whole() bool {
	return !k.Standard || k.Reference != (Reference{}) && strings.TrimSpace(k.Decision.Summary) != ""
}

// complete refuses content with a standard case that lacks what makes it one.
func (c Content) complete() error {
	if slices.ContainsFunc(c.Cases, func(k Case) bool { return !k.whole() }) {
		return fault.New(fault.Conflict, "minutes.complete", "Un dossier standard se signe avec son référentiel et sa proposition.")
	}
	return nil
}

// settled are the standard lines of a content as they stand once it is signed.
func (st state) settled() []agenda.Item {
	var all []agenda.Item
	for _, l := range st.registered() {
		if l.Status == agenda.Scheduled {
			l.Status, l.Position, l.Pinned = agenda.Discussed, 0, false
			all = append(all, l)
		}
	}
	return all
}

// standards are the ids of the standard cases of a content.
func (c Content) standards() []id.Case {
	var all []id.Case
	for _, k := range c.Cases {
		if k.Standard {
			all = append(all, k.Case)
		}
	}
	return all
}
