package notify

import (
	"slices"
	"strings"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// Audience is what decides who receives minutes.
type Audience struct {
	Content minutes.Content
	Team    meetings.Team
	Org     auth.Org
	// Circles are the members of each patient's care circle on the day On.
	Circles map[id.Patient][]auth.Professional
	On      date.Date // the day of sending: membership is judged then
	// SignIn holds who can sign in: a link is of no use to anybody else.
	SignIn map[id.Professional]bool
}

// Delivery is what one person receives, and why.
type Delivery struct {
	Who        auth.Professional
	Address    string
	Secure     bool         // the PDF goes along; else a neutral text and a link
	Hand       bool         // no mail can reach them: to be handed over otherwise
	Full       bool         // the whole register
	Patients   []id.Patient // whose sheets may be seen, in the minutes' order
	Why        string       // in French
	WhyEnglish string
}

// Recipients says who gets what of the minutes: the secretary and the chair of
// the team the full register; any other professional only the patients whose
// care circle they belong to that day, in the team or not: the general
// practitioner has the extracts of their own; nobody else anything. Whoever has
// no patient in these minutes is not named. Who has no usable address, or an
// ordinary one and no account to sign in with, gets no mail: Hand. The result is
// ordered by name.
func Recipients(a Audience) []Delivery {
	var all []Delivery
	full := map[id.Professional]bool{}
	for _, m := range a.Team.Members {
		if mayReadAll(m, a.On) {
			full[m.ID] = true
			all = append(all, a.fullDelivery(m))
		}
	}
	for _, p := range a.circleMembers() {
		if !full[p.ID] {
			all = append(all, a.partDelivery(p))
		}
	}
	all = slices.DeleteFunc(all, func(d Delivery) bool { return len(d.Patients) == 0 })
	slices.SortFunc(all, func(x, y Delivery) int {
		return strings.Compare(x.Who.Family+"\x00"+x.Who.Given+"\x00"+string(x.Who.ID), y.Who.Family+"\x00"+y.Who.Given+"\x00"+string(y.Who.ID))
	})
	return all
}

// mayReadAll is for the secretary and the chair while they are in the team.
func mayReadAll(m meetings.Member, on date.Date) bool {
	active := (m.Joined.IsZero() || !m.Joined.After(on)) && (m.Left.IsZero() || !m.Left.Before(on))
	return active && (m.Role == auth.Secretary || m.Role == auth.Chair)
}

func (a Audience) fullDelivery(m meetings.Member) Delivery {
	d := a.delivery(m.Professional)
	d.Full = true
	d.Hand = a.byHand(d)
	for _, c := range a.Content.Cases {
		d.Patients = append(d.Patients, c.Patient)
	}
	d.Why, d.WhyEnglish = "secrétaire de l’équipe\u00a0: registre complet", "secretary of the team: full register"
	if m.Role == auth.Chair {
		d.Why, d.WhyEnglish = "animateur de l’équipe\u00a0: registre complet", "chair of the team: full register"
	}
	return d.sayHow()
}

func (a Audience) partDelivery(p auth.Professional) Delivery {
	d := a.delivery(p)
	d.Hand = a.byHand(d)
	for _, c := range a.Content.Cases {
		if slices.ContainsFunc(a.Circles[c.Patient], func(q auth.Professional) bool { return q.ID == p.ID }) {
			d.Patients = append(d.Patients, c.Patient)
		}
	}
	n := len(d.Patients)
	d.Why = lang.N(lang.French, n, "cercle de soins de %d patient", "cercle de soins de %d patients")
	d.WhyEnglish = plural(n, "in the care circle of one patient", "in the care circle of several patients")
	return d.sayHow()
}

// byHand reports whether no mail of minutes can be of use to somebody.
func (a Audience) byHand(d Delivery) bool {
	return d.Address == "" || !d.Secure && !a.SignIn[d.Who.ID]
}

// signIn are the active accounts, as an audience knows them.
func signIn(all []auth.Access) map[id.Professional]bool {
	may := make(map[id.Professional]bool, len(all))
	for _, x := range all {
		may[x.Professional] = x.Active()
	}
	return may
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func (a Audience) delivery(p auth.Professional) Delivery {
	d := Delivery{Who: p}
	if Usable(p.Email) {
		d.Address = strings.TrimSpace(p.Email)
		d.Secure = Secure(d.Address, a.Org.SecureDomains)
	}
	return d
}

// sayHow adds to the reason what the address allows.
func (d Delivery) sayHow() Delivery {
	switch {
	case d.Hand && d.Address == "":
		d.Why += "\u202f; sans adresse\u00a0: à remettre autrement"
		d.WhyEnglish += "; no address: to be handed over otherwise"
		return d
	case d.Hand:
		d.Why += "\u202f; adresse ordinaire, sans compte\u00a0: à remettre autrement"
		d.WhyEnglish += "; ordinary address, no account: to be handed over otherwise"
		return d
	case d.Secure:
		d.Why += "\u202f; adresse sécurisée\u00a0: PDF joint"
		d.WhyEnglish += "; secure address: PDF attached"
		return d
	}
	d.Why += "\u202f; adresse ordinaire\u00a0: texte neutre et lien"
	d.WhyEnglish += "; ordinary address: neutral text and link"
	return d
}

// circleMembers returns everybody in a circle of these minutes, once.
func (a Audience) circleMembers() []auth.Professional {
	var all []auth.Professional
	seen := map[id.Professional]bool{}
	for _, c := range a.Content.Cases {
		for _, p := range a.Circles[c.Patient] {
			if !seen[p.ID] {
				seen[p.ID] = true
				all = append(all, p)
			}
		}
	}
	return all
}

// Secure reports whether an address is of a secure-messaging domain: its
// domain is one of the list or a subdomain of one, in any case. The dot is
// part of the rule: notmssante.fr is no subdomain of mssante.fr.
func Secure(address string, domains []string) bool {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return false
	}
	own := cleanDomain(address[at+1:])
	return slices.ContainsFunc(domains, func(d string) bool {
		d = cleanDomain(d)
		return d != "" && (own == d || strings.HasSuffix(own, "."+d))
	})
}

func cleanDomain(d string) string {
	return strings.Trim(strings.ToLower(strings.TrimSpace(d)), ".@")
}

// Usable reports whether mail can be sent to an address.
func Usable(address string) bool { return auth.Usable(address) }
