package fhir

import (
	"net/mail"
	"slices"
	"strings"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
)

// SystemRPPS is the identifier system of the national number of health
// professionals: 11 digits.
const SystemRPPS = "https://rpps.esante.gouv.fr"

const systemIDNPS = "urn:oid:1.2.250.1.71.4.2.1" // "8" + RPPS; some write the bare RPPS there

// rpps reads the RPPS number in either form, or "".
func rpps(all []identifier) string {
	for _, i := range all {
		v := strings.TrimSpace(i.Value)
		if i.System != SystemRPPS && i.System != systemIDNPS {
			continue
		}
		if len(v) == 12 && i.System == systemIDNPS {
			v, _ = strings.CutPrefix(v, "8")
		}
		if len(v) == 11 && strings.Trim(v, "0123456789") == "" {
			return v
		}
	}
	return ""
}

// email reads the first address that mail can be sent to, in lower case, or "".
func email(all []telecom) string {
	for _, t := range all {
		v := strings.ToLower(strings.TrimSpace(t.Value))
		if a, err := mail.ParseAddress(v); t.System == "email" && err == nil && a.Address == v {
			return v
		}
	}
	return ""
}

// readPractitioner keeps professionals who can be matched: those with an RPPS,
// or an e-mail address.
func (in *reader) readPractitioner(e *entry) {
	key := in.keyOf(e)
	if key == (careplan.Key{}) {
		in.ignore(e.typ)
		return
	}
	r, ok := decode[practitionerResource](in, e)
	if !ok {
		return
	}
	in.batch.Professionals = append(in.batch.Professionals, careplan.SourceProfessional{
		Key: key, RPPS: rpps(e.identifiers), Email: email(r.Telecom), Name: called(r.Name), Place: in.place(e),
	})
}

// keyOf is what a practitioner is recognised by: the RPPS, else the address.
func (in *reader) keyOf(e *entry) careplan.Key {
	if n := rpps(e.identifiers); n != "" {
		return careplan.Key{System: SystemRPPS, Value: n}
	}
	if p, ok := peek[practitionerResource](e); ok && email(p.Telecom) != "" {
		return careplan.Key{System: careplan.SystemEmail, Value: email(p.Telecom)}
	}
	return careplan.Key{}
}

// called is how a professional is named in a sentence: Dr Élodie Bernard.
func called(names []humanName) string {
	if len(names) == 0 {
		return ""
	}
	n := names[0]
	name := line(strings.Join([]string{firstGiven(n), line(n.Family)}, " "))
	if name == "" {
		return line(n.Text)
	}
	for _, p := range n.Prefix {
		switch strings.ToLower(strings.Trim(p, ". ")) {
		case "dr":
			return "Dr " + name
		case "pr":
			return "Pr " + name
		}
	}
	return name
}

// professional names whom a reference points at: a key when RCP may know them
// (RPPS or address), and a name to show. A profession may stand alone ("Kinésithérapeute").
func (in *reader) professional(e *entry, r reference) (key careplan.Key, name string) {
	name = line(r.Display)
	if n := rpps([]identifier{r.Identifier}); n != "" {
		key = careplan.Key{System: SystemRPPS, Value: n}
	}
	target := in.resolve(e, r)
	if target == nil {
		return key, name
	}
	if target.typ == "PractitionerRole" {
		role, ok := peek[practitionerRoleResource](target)
		if !ok {
			return key, name
		}
		if p := in.resolve(target, role.Practitioner); p != nil {
			target = p
		} else if name == "" {
			return key, line(role.Practitioner.Display)
		}
	}
	if target.typ != "Practitioner" {
		return key, name
	}
	if k := in.keyOf(target); key == (careplan.Key{}) || k.System == SystemRPPS {
		key = k
	}
	if p, ok := peek[practitionerResource](target); ok && called(p.Name) != "" {
		name = called(p.Name)
	}
	return key, name
}

// readCareTeam reads a care circle. Only professionals with an RPPS or an
// address open a right; organisations and relatives in it do not.
func (in *reader) readCareTeam(e *entry) {
	r, ok := decode[careTeamResource](in, e)
	if !ok {
		return
	}
	switch r.Status {
	case "inactive", "entered-in-error", "proposed":
		in.ignore(e.typ)
		return
	}
	patient, _, ok := in.subject(e, r.Subject)
	if !ok {
		in.refuse(e, "Le patient du cercle de soins n’est pas dans le fichier.")
		return
	}
	found := false
	for _, m := range r.Participant {
		key, _ := in.professional(e, m.Member)
		if key == (careplan.Key{}) {
			continue
		}
		from, until := day(m.Period.Start), day(m.Period.End)
		if until.IsZero() {
			until = day(r.Period.End)
		}
		in.addCircle(patient, key, circleRole(m.Role), from, until)
		found = true
	}
	if !found {
		in.ignore(e.typ)
	}
}

func circleRole(all []concept) string {
	for _, c := range all {
		if c.has("PCP") || c.has("PCPR") { // v3-RoleCode, v3-ParticipationFunction
			return "medecin-traitant"
		}
	}
	return "member"
}

func (in *reader) addCircle(patient, professional careplan.Key, role string, from, until date.Date) {
	if slices.ContainsFunc(in.batch.Circle, func(c careplan.SourceCircle) bool {
		return c.Patient == patient && c.Professional == professional
	}) {
		return
	}
	in.batch.Circle = append(in.batch.Circle, careplan.SourceCircle{
		Patient: patient, Professional: professional, Role: role, From: from, Until: until,
	})
}
