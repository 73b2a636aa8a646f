package agenda

import (
	"context"
	"slices"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Concern is a professional whom a case is about: the plan's referent, or who
// is in charge of an open objective or action.
type Concern struct {
	Case         id.Case
	Professional id.Professional
	Name         string
	Profession   string
}

// Gap is a profession that a case lacks: those of it whom the case is about,
// none of whom comes, nor anybody else of their profession.
type Gap struct {
	Profession string
	Who        []string // names
	Invited    bool     // somebody of the profession was; they do not come
	Away       bool     // they come, but are not there at that hour
}

// Threat is a case that would lack somebody.
type Threat struct {
	Item
	Gaps   []Gap
	Better *Spot // where nothing would lack; nil: nowhere, or nobody comes at all
}

// Outlook is what the answers to a meeting promise for each of its cases.
// Missing professions of the meeting itself threaten them all: Meeting says so.
type Outlook struct {
	Meeting meetings.Outlook
	Threats []Threat // of the patients whom the actor may see, in the agenda's order
	Hidden  int      // threatened cases of the others
	Cases   int      // of the agenda
}

// Threatened is how many cases would lack their quorum, or a profession that
// they are about.
func (o Outlook) Threatened() int {
	if o.Meeting.State == meetings.QuorumNotReached {
		return o.Cases
	}
	return len(o.Threats) + o.Hidden
}

// Professions are those that the threatened cases lack, each once.
func (o Outlook) Professions() []string {
	var all []string
	for _, t := range o.Threats {
		for _, g := range t.Gaps {
			if !slices.Contains(all, g.Profession) {
				all = append(all, g.Profession)
			}
		}
	}
	return all
}

// Outlook says which cases of an agenda would lack their quorum, or somebody of
// a profession that they are about. It names no patient but those that the
// agenda, as Get returned it to the actor, has: the reading left its trace then.
func (s *Service) Outlook(ctx context.Context, a auth.Actor, g Agenda) (Outlook, error) {
	const op = "agenda.Outlook"
	full, err := s.meeting(ctx, a, g.Meeting, "agenda.read")
	if err != nil {
		return Outlook{}, fault.Wrap(op, err)
	}
	concerns, err := s.store.Concerns(ctx, a.Org, g.Meeting)
	return foresee(full, g, concerns), fault.Wrap(op, err)
}

// foresee compares what each case is about with who comes. Cases that are not
// among the items are those that the actor may not see.
func foresee(full meetings.Full, g Agenda, concerns []Concern) Outlook {
	o := Outlook{
		Meeting: meetings.Foresee(full.Meeting.Kind, full.Team.Quorum, full.Attendance), Cases: len(g.Items) + g.Hidden,
	}
	gaps, hours := gapsOf(o.Meeting, concerns), away(full, g, o.Meeting, concerns)
	for _, l := range g.Items {
		t := hours[l.ID]
		t.Item, t.Gaps = l, append(gaps[l.ID], t.Gaps...)
		if len(t.Gaps) > 0 && l.Status == Scheduled {
			o.Threats = append(o.Threats, t)
		}
		delete(gaps, l.ID)
	}
	o.Hidden = len(gaps)
	return o
}

// gapsOf finds, for each case, the professions it is about of which nobody
// comes nor may still come.
func gapsOf(o meetings.Outlook, concerns []Concern) map[id.Case][]Gap {
	all := map[id.Case][]Gap{}
	for _, c := range concerns {
		turnout := o.Profession(c.Profession)
		if c.Profession == "" || c.Profession == meetings.Secretariat || !turnout.Nobody() {
			continue
		}
		gaps := all[c.Case]
		i := slices.IndexFunc(gaps, func(g Gap) bool { return g.Profession == c.Profession })
		if i < 0 {
			i = len(gaps)
			gaps = append(gaps, Gap{Profession: c.Profession, Invited: len(turnout.No) > 0})
		}
		if !slices.Contains(gaps[i].Who, c.Name) {
			gaps[i].Who = append(gaps[i].Who, c.Name)
		}
		all[c.Case] = gaps
	}
	return all
}
