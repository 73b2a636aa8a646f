package meetings

import (
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
)

// physician is the key of the profession whose specialties count for an RCP.
const physician = "medecin"

// DefaultQuorum is the rule a new team starts with: three specialties for an
// RCP (HAS 2014), three professions for a réunion de synthèse.
func DefaultQuorum(kind Kind) QuorumRule {
	if kind == RCP {
		return QuorumRule{MinSpecialties: 3}
	}
	return QuorumRule{MinProfessions: 3}
}

// Judge says whether the people there at an instant make the quorum. One
// physician counts for one specialty; secretaries never count. The state is
// unknown while nobody's presence was noted.
func Judge(kind Kind, rule QuorumRule, who []Attendance, at time.Time) Quorum {
	var there []auth.Professional
	noted := false
	for _, a := range who {
		noted = noted || a.Presence != Expected
		if a.There(at) && a.Role != auth.Secretary {
			there = append(there, a.Professional)
		}
	}
	q := count(kind, rule, there)
	if !noted {
		q.State = QuorumUnknown
	}
	return q
}

func count(kind Kind, rule QuorumRule, there []auth.Professional) Quorum {
	professions, specialties := map[string]bool{}, map[string]bool{}
	for _, p := range there {
		professions[p.Profession] = true
		if p.Profession == physician && p.Specialty != "" {
			specialties[specialtyKey(p.Specialty)] = true
		}
	}
	q := Quorum{State: QuorumReached, Professions: len(professions), Specialties: len(specialties)}
	minSpecialties := rule.MinSpecialties
	if kind == RCP {
		minSpecialties = max(minSpecialties, 3)
	}
	if len(specialties) < minSpecialties {
		q.Missing = append(q.Missing, NeedSpecialties)
	}
	if len(professions) < rule.MinProfessions {
		q.Missing = append(q.Missing, NeedProfessions)
	}
	for _, need := range rule.Required {
		if !professions[need] {
			q.Missing = append(q.Missing, need)
		}
	}
	if len(q.Missing) > 0 {
		q.State = QuorumNotReached
	}
	return q
}

// ProfessionName returns the name of a profession key in a language.
func ProfessionName(key, lang string) string {
	i := slices.IndexFunc(Professions, func(p Profession) bool { return p.Key == key })
	switch {
	case i < 0:
		return key
	case lang == "en":
		return Professions[i].English
	}
	return Professions[i].French
}

func knownProfession(key string) bool {
	return slices.ContainsFunc(Professions, func(p Profession) bool { return p.Key == key })
}
