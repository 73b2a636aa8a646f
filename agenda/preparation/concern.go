package preparation

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// domains says which professions an objective of a domain concerns: a domain
// whose folded name holds the word.
var domains = []struct {
	word        string
	professions []string
}{
	{"mobilite", []string{"kinesitherapeute", "ergotherapeute"}},
	{"chute", []string{"kinesitherapeute", "ergotherapeute"}},
	{"securite", []string{"ergotherapeute"}},
	{"autonomie", []string{"ergotherapeute"}},
	{"respiration", []string{"kinesitherapeute"}},
	{"nutrition", []string{"dieteticien"}},
	{"traitement", []string{"pharmacien"}},
	{"medicament", []string{"pharmacien"}},
	{"soins", []string{"infirmier"}},
	{"plaie", []string{"infirmier"}},
	{"douleur", []string{"medecin"}},
	{"cognition", []string{"psychologue", "orthophoniste"}},
	{"communication", []string{"orthophoniste"}},
	{"deglutition", []string{"orthophoniste"}},
	{"humeur", []string{"psychologue"}},
	{"sommeil", []string{"psychologue"}},
	{"aidant", []string{"assistant-social", "psychologue"}},
	{"social", []string{"assistant-social"}},
	{"accompagnement", []string{"assistant-social"}},
	{"dentaire", []string{"chirurgien-dentiste"}},
}

// Concerned returns the keys of the professions that a case concerns: those in
// charge of its open objectives, those of the objectives' domains, and those
// that the quorum requires; each once, in the order of meetings.Professions.
func Concerned(aims []Aim, required []string) []string {
	found := map[string]bool{}
	for _, p := range required {
		found[p] = true
	}
	for _, a := range aims {
		found[a.Profession] = true
		domain := careplan.Fold(a.Domain)
		for _, d := range domains {
			if strings.Contains(domain, d.word) {
				for _, p := range d.professions {
					found[p] = true
				}
			}
		}
	}
	var keys []string
	for _, p := range meetings.Professions {
		if found[p.Key] && p.Key != meetings.Secretariat && p.Key != "autre" {
			keys = append(keys, p.Key)
		}
	}
	return keys
}

// Expected is a profession whose contribution is awaited, or there.
type Expected struct {
	Profession string
	Written    []Contribution
	Asked      []Contribution      // not written yet
	Could      []auth.Professional // others of the team who may be asked, those in charge of an objective first
}

// Done reports whether somebody of the profession wrote.
func (e Expected) Done() bool { return len(e.Written) > 0 }

// Expected lists the professions concerned of which somebody in the team may
// read the case, then those that wrote all the same. Unreached are professions
// of the team that are concerned, and nobody of whom follows the patient.
func (c Case) Expected() (all []Expected, unreached []string) {
	for _, key := range Concerned(c.Aims, c.Full.Team.Quorum.Required) {
		e, known := c.expect(key)
		switch {
		case len(e.Written)+len(e.Asked)+len(e.Could) > 0:
			all = append(all, e)
		case known:
			unreached = append(unreached, key)
		}
	}
	for _, k := range c.Contributions {
		if slices.ContainsFunc(all, func(e Expected) bool { return e.Profession == k.Profession }) {
			continue
		}
		e, _ := c.expect(k.Profession)
		all = append(all, e)
	}
	return all, unreached
}

// expect gathers a profession's contributions and who could be asked; known is
// false when the team has nobody of it.
func (c Case) expect(key string) (e Expected, known bool) {
	e.Profession = key
	for _, k := range c.Contributions {
		switch {
		case k.Profession != key:
		case k.Written():
			e.Written = append(e.Written, k)
		default:
			e.Asked = append(e.Asked, k)
		}
	}
	for _, m := range c.Full.Team.Members {
		if m.Profession != key || !c.member(m) {
			continue
		}
		known = true
		if _, there := c.of(m.ID); !there && c.sees(m) {
			e.Could = append(e.Could, m.Professional)
		}
	}
	slices.SortStableFunc(e.Could, func(a, b auth.Professional) int { return cmp.Compare(c.charge(b.ID), c.charge(a.ID)) })
	return e, known
}

// member reports whether somebody is of the team on the day of the meeting; the
// last day counts.
func (c Case) member(m meetings.Member) bool {
	return isMember(m, c.Day)
}

func isMember(m meetings.Member, day date.Date) bool {
	return !m.Joined.After(day) && (m.Left.IsZero() || !m.Left.Before(day))
}

// charge counts the open objectives that somebody is in charge of.
func (c Case) charge(p id.Professional) (n int) {
	for _, a := range c.Aims {
		if a.Owner == p {
			n++
		}
	}
	return n
}
