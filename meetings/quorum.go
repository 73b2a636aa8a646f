package meetings

import (
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
)

// Physician is the key of the profession whose specialties count for an RCP.
const Physician = "medecin"

// DefaultQuorum is the rule a new team starts with: three specialties for an
// RCP (HAS 2014), three professions for a réunion de synthèse.
func DefaultQuorum(kind Kind) QuorumRule {
	if kind == RCP {
		return QuorumRule{MinSpecialties: 3}
	}
	return QuorumRule{MinProfessions: 3}
}

// Opinion is a written opinion on a case, by somebody who may be absent.
type Opinion struct {
	Professional id.Professional
	At           time.Time
}

// minInRoom is how many specialties, or professions, must be in the room before
// a written opinion counts: a meeting of one person with letters is none. With
// the three specialties of an RCP, one opinion may complete two (HAS, DPC sheet
// 2014: a missing physician may give a complementary written opinion).
const minInRoom = 2

// Judge says whether the people there at an instant make the quorum. One
// physician counts for one specialty; secretaries never count. The state is
// unknown while nobody's presence was noted. Where the rule accepts them, the
// opinions on the case that were written by then complete what the room lacks,
// each of somebody invited who is not there.
func Judge(kind Kind, rule QuorumRule, who []Attendance, at time.Time, opinions ...Opinion) Quorum {
	var there []auth.Professional
	noted := false
	for _, a := range who {
		noted = noted || a.Presence != Expected
		if a.There(at) && a.Role != auth.Secretary {
			there = append(there, a.Professional)
		}
	}
	q := count(kind, rule, there)
	if rule.Written && q.State == QuorumNotReached {
		q = complete(q, kind, rule, there, written(who, at, opinions))
	}
	if !noted {
		q.State = QuorumUnknown
	}
	return q
}

// written are those who gave an opinion by an instant and are not there.
func written(who []Attendance, at time.Time, opinions []Opinion) []auth.Professional {
	var all []auth.Professional
	for _, a := range who {
		gave := func(o Opinion) bool { return o.Professional == a.Professional.ID && !o.At.After(at) }
		if a.Role != auth.Secretary && !a.There(at) && slices.ContainsFunc(opinions, gave) {
			all = append(all, a.Professional)
		}
	}
	return all
}

// complete adds written opinions to a room that lacks somebody, as long as one
// more brings a specialty or a profession that is missing. It keeps the room's
// own judgement when they do not suffice.
func complete(room Quorum, kind Kind, rule QuorumRule, there, absent []auth.Professional) Quorum {
	if !enoughInRoom(room, kind, rule) {
		return room
	}
	with, q := slices.Clone(there), room
	for _, p := range absent {
		more := count(kind, rule, append(slices.Clone(with), p))
		if q.State == QuorumReached || !helps(q, more) {
			continue
		}
		more.Written = append(slices.Clone(q.Written), p.Name())
		with, q = append(with, p), more
	}
	if q.State != QuorumReached {
		return room
	}
	return q
}

// helps reports whether one more opinion brings the quorum nearer.
func helps(was, is Quorum) bool {
	return len(is.Missing) < len(was.Missing) ||
		slices.Contains(was.Missing, NeedSpecialties) && is.Specialties > was.Specialties ||
		slices.Contains(was.Missing, NeedProfessions) && is.Professions > was.Professions
}

// enoughInRoom reports whether those there may be completed at all.
func enoughInRoom(room Quorum, kind Kind, rule QuorumRule) bool {
	if kind == RCP || rule.MinSpecialties > 0 {
		return room.Specialties >= minInRoom
	}
	return room.Professions >= minInRoom
}

func count(kind Kind, rule QuorumRule, there []auth.Professional) Quorum {
	professions, specialties := map[string]bool{}, map[string]bool{}
	for _, p := range there {
		professions[p.Profession] = true
		if p.Profession == Physician && p.Specialty != "" {
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
