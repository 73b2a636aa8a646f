package meetings

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rcp-care/rcp/internal/auth"
)

// What a quorum asks for beside professions, in Quorum.Missing and in Outlook.
const (
	NeedSpecialties = "specialties" // physicians of different specialties
	NeedProfessions = "professions" // different professions
)

// Secretariat is the profession that a quorum never counts.
const Secretariat = "secretaire"

// Turnout is what those of one profession, or of one specialty, whom a meeting
// invites are expected to do. Each list is in the order given.
type Turnout struct {
	Key      string // profession key; or the specialty as its first physician has it
	Required bool   // the quorum does not do without
	Yes      []Attendance
	Maybe    []Attendance // answered perhaps, or not at all
	No       []Attendance // declined, excused, or somebody else comes instead
}

// Nobody reports whether none of them comes or may still come.
func (e Turnout) Nobody() bool { return len(e.Yes) == 0 && len(e.Maybe) == 0 }

// Outlook is what the answers promise for the quorum of a meeting.
type Outlook struct {
	State       QuorumState // not reached: whatever the answers still awaited
	Now         Quorum      // of those who come for sure
	Professions []Turnout   // in the order of Professions; required ones even when nobody is invited
	Specialties []Turnout   // of the physicians, by name
	Missing     []string    // profession keys or Need…: lacking whatever the undecided answer
	Hanging     []string    // the same: there only if some of the undecided come
	Awaited     int         // people who have not answered at all
	Undecided   int         // people who answered perhaps
}

// Profession returns those of a profession; nobody when none is invited.
func (o Outlook) Profession(key string) Turnout {
	if i := slices.IndexFunc(o.Professions, func(e Turnout) bool { return e.Key == key }); i >= 0 {
		return o.Professions[i]
	}
	return Turnout{Key: key}
}

// Forecast says whether those who accepted would make the quorum. It is unknown
// while the answers still missing could change a "no" into a "yes".
func Forecast(kind Kind, rule QuorumRule, who []Attendance) Quorum {
	o := Foresee(kind, rule, who)
	q := o.Now
	q.State = o.State
	return q
}

// Foresee works out what the answers promise. Secretaries never count; who
// delegated does not come, the delegate counts by their own answer; a presence
// noted already counts more than an answer.
func Foresee(kind Kind, rule QuorumRule, who []Attendance) Outlook {
	var o Outlook
	var yes, maybe []auth.Professional
	for _, a := range who {
		if a.Role == auth.Secretary {
			continue
		}
		e := o.expect(a)
		switch a.coming() {
		case Accepted:
			e.Yes, yes = append(e.Yes, a), append(yes, a.Professional)
		case Declined:
			e.No = append(e.No, a)
		default:
			e.Maybe, maybe = append(e.Maybe, a), append(maybe, a.Professional)
			o.waitFor(a)
		}
	}
	for _, key := range rule.Required {
		o.profession(key).Required = true
	}
	slices.SortStableFunc(o.Professions, func(a, b Turnout) int {
		return cmp.Or(cmp.Compare(rankOf(a.Key), rankOf(b.Key)), cmp.Compare(a.Key, b.Key))
	})
	o.Specialties = specialtiesOf(o.Profession(Physician))
	o.judge(kind, rule, yes, maybe)
	return o
}

// judge compares those who come, and those who may, with the rule.
func (o *Outlook) judge(kind Kind, rule QuorumRule, yes, maybe []auth.Professional) {
	o.Now = count(kind, rule, yes)
	o.Missing = count(kind, rule, slices.Concat(yes, maybe)).Missing
	for _, need := range o.Now.Missing {
		if !slices.Contains(o.Missing, need) {
			o.Hanging = append(o.Hanging, need)
		}
	}
	switch {
	case len(o.Missing) > 0:
		o.State = QuorumNotReached
	case len(o.Hanging) > 0:
		o.State = QuorumUnknown
	default:
		o.State = QuorumReached
	}
}

func (o *Outlook) waitFor(a Attendance) {
	if a.Answer == Tentative {
		o.Undecided++
	} else {
		o.Awaited++
	}
}

// expect is the line of a person's profession.
func (o *Outlook) expect(a Attendance) *Turnout { return o.profession(a.Professional.Profession) }

func (o *Outlook) profession(key string) *Turnout {
	i := slices.IndexFunc(o.Professions, func(e Turnout) bool { return e.Key == key })
	if i < 0 {
		i = len(o.Professions)
		o.Professions = append(o.Professions, Turnout{Key: key})
	}
	return &o.Professions[i]
}

// rankOf is a profession's place in the list; the unknown ones come last.
func rankOf(key string) int {
	if i := slices.IndexFunc(Professions, func(p Profession) bool { return p.Key == key }); i >= 0 {
		return i
	}
	return len(Professions)
}

// coming is what a person is expected to do: Accepted, Declined, or Tentative
// when it is not known.
func (a Attendance) coming() Answer {
	switch a.Presence {
	case Present, Remote:
		return Accepted
	case Excused, Absent:
		return Declined
	}
	switch a.Answer {
	case Accepted:
		return Accepted
	case Declined, Delegated:
		return Declined
	}
	return Tentative
}

// specialtiesOf parts the physicians by specialty, one physician counting for
// one; who has none is left out.
func specialtiesOf(physicians Turnout) []Turnout {
	var all []Turnout
	line := func(a Attendance) *Turnout {
		i := slices.IndexFunc(all, func(e Turnout) bool { return specialtyKey(e.Key) == specialtyKey(a.Professional.Specialty) })
		if i < 0 {
			i = len(all)
			all = append(all, Turnout{Key: strings.TrimSpace(a.Professional.Specialty)})
		}
		return &all[i]
	}
	for _, part := range []struct {
		from []Attendance
		into func(*Turnout) *[]Attendance
	}{
		{physicians.Yes, func(e *Turnout) *[]Attendance { return &e.Yes }},
		{physicians.Maybe, func(e *Turnout) *[]Attendance { return &e.Maybe }},
		{physicians.No, func(e *Turnout) *[]Attendance { return &e.No }},
	} {
		for _, a := range part.from {
			if specialtyKey(a.Professional.Specialty) != "" {
				to := part.into(line(a))
				*to = append(*to, a)
			}
		}
	}
	slices.SortFunc(all, func(a, b Turnout) int { return cmp.Compare(specialtyKey(a.Key), specialtyKey(b.Key)) })
	return all
}

// specialtyKey is a specialty as it is compared.
func specialtyKey(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
