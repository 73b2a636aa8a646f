package notify

import (
	"slices"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// AgendaAudience is what decides who receives a closed agenda.
type AgendaAudience struct {
	Patients []id.Patient // of the lines, in order, then of the standard cases
	Full     meetings.Full
	Org      auth.Org
	// Circles are the members of each patient's care circle on the day On.
	Circles map[id.Patient][]auth.Professional
	On      date.Date // the day of sending: membership is judged then
	// SignIn holds who can sign in: a link is of no use to anybody else.
	SignIn map[id.Professional]bool
}

// AgendaRecipients says who gets what of an agenda when registration closes:
// everybody invited with a usable address, and of the patients all for the
// secretary and the chair of the team, for the others those whose care circle
// they belong to. Whoever sees none still learns when the meeting is; an empty
// agenda goes to nobody, nor does any to an ordinary address without an account
// to sign in with. The result is in the order of the attendance.
func AgendaRecipients(a AgendaAudience) []Delivery {
	if len(a.Patients) == 0 {
		return nil
	}
	of := Audience{Team: a.Full.Team, Org: a.Org, Circles: a.Circles, On: a.On, SignIn: a.SignIn}
	var all []Delivery
	for _, at := range a.Full.Attendance {
		d := of.delivery(at.Professional)
		d.Patients, d.Full = a.sight(at.Professional.ID)
		if !of.byHand(d) {
			all = append(all, d.agendaReason())
		}
	}
	return all
}

// sight is which of the agenda's patients somebody may see.
func (a AgendaAudience) sight(who id.Professional) (seen []id.Patient, full bool) {
	if slices.ContainsFunc(a.Full.Team.Members, func(m meetings.Member) bool { return m.ID == who && mayReadAll(m, a.On) }) {
		return slices.Clone(a.Patients), true
	}
	for _, p := range a.Patients {
		if slices.ContainsFunc(a.Circles[p], func(q auth.Professional) bool { return q.ID == who }) {
			seen = append(seen, p)
		}
	}
	return seen, false
}

func (d Delivery) agendaReason() Delivery {
	n := len(d.Patients)
	switch {
	case d.Full:
		d.Why, d.WhyEnglish = "secrétariat ou présidence de l’équipe\u00a0: tout l’ordre du jour", "secretary or chair of the team: the whole agenda"
	case n == 0:
		d.Why, d.WhyEnglish = "invité à la réunion, hors des cercles de soins", "invited to the meeting, in no care circle"
	default:
		d.Why = lang.N(lang.French, n, "cercle de soins de %d patient", "cercle de soins de %d patients")
		d.WhyEnglish = plural(n, "in the care circle of one patient", "in the care circle of several patients")
	}
	return d.sayHow()
}

// inSight is the agenda with the lines of these patients only; the others count
// as hidden.
func inSight(g agenda.Agenda, patients []id.Patient) agenda.Agenda {
	n := len(g.Items)
	g.Items = slices.DeleteFunc(slices.Clone(g.Items), func(l agenda.Item) bool { return !slices.Contains(patients, l.Patient.ID) })
	g.Hidden += n - len(g.Items)
	g.Waiting, g.Withdrawn = nil, nil
	g.Standard = slices.Clone(g.Standard)
	for i, l := range g.Standard {
		if !slices.Contains(patients, l.Patient.ID) {
			g.Standard[i] = l.Blind()
		}
	}
	return g
}

// onAgenda are the patients of an agenda, in order: those to discuss, then the
// standard cases.
func onAgenda(g agenda.Agenda) []id.Patient {
	var ps []id.Patient
	for _, l := range slices.Concat(g.Items, g.Standard) {
		if l.Named() {
			ps = append(ps, l.Patient.ID)
		}
	}
	return ps
}
