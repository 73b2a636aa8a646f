package fhir

import (
	"regexp"
	"slices"
	"strings"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
)

// person is a patient of the input.
type person struct {
	source careplan.SourcePatient
	local  string // value of the medico-social local identifier, else ""
}

func (p *person) key() careplan.Key { return p.source.Keys[0] }

// readPatient reads a Patient. A homonym has other identifiers: another person.
func (in *reader) readPatient(e *entry) {
	r, ok := decode[patientResource](in, e)
	if !ok {
		return
	}
	p := careplan.Patient{Sex: sex(r.Gender), BirthDate: day(r.BirthDate), Sharing: careplan.SharingUnknown}
	readNames(&p, r.Name)
	if p.BirthFamily == "" {
		in.refuse(e, "Le nom de naissance manque.")
		return
	}
	p.Identity, p.BirthPlace = identity(r.Extension), birthPlace(r.Extension)
	p.Deceased = r.DeceasedBoolean || r.DeceasedDateTime != ""
	p.DeceasedOn = day(r.DeceasedDateTime)
	p.Language = spoken(r.Communication)
	who := &person{local: localID(r.Identifier)}
	keys, warnings := readIdentifiers(&p, r.Identifier)
	if p.BirthDate.IsZero() {
		warnings = append(warnings, "La date de naissance manque ou n’est pas complète.")
	}
	if len(keys) == 0 {
		keys = []careplan.Key{e.sourceKey()}
	}
	if !in.claim(e, keys[0]) {
		return
	}
	who.source = careplan.SourcePatient{Keys: keys, Place: in.place(e), Patient: p, Warnings: warnings}
	in.known, in.patients[e] = append(in.known, who), who
	in.readGeneralPractitioners(e, who, r.GeneralPractitioner)
}

// readNames takes the birth name from the official name (FR Core), or from a
// maiden name when no usual one is given; the name in use from the usual one.
func readNames(p *careplan.Patient, names []humanName) {
	by := map[string]humanName{}
	for _, n := range names {
		if _, ok := by[n.Use]; !ok {
			by[n.Use] = n
		}
	}
	birth := by["official"]
	maiden, usual := by["maiden"], by["usual"]
	switch {
	case birth.Family == "" && maiden.Family != "":
		birth = maiden
	case birth.Family == "" && by[""].Family != "":
		birth = by[""]
	case birth.Family == "" && usual.Family != "":
		birth = usual
	case usual.Family == "" && maiden.Family != "" && careplan.Fold(maiden.Family) != careplan.Fold(birth.Family):
		usual, birth = birth, humanName{Family: maiden.Family, Given: birth.Given, Extension: birth.Extension}
	}
	p.BirthFamily, p.BirthGiven, p.BirthNames = line(birth.Family), firstGiven(birth), birthNames(birth)
	if f := line(usual.Family); careplan.Fold(f) != careplan.Fold(p.BirthFamily) {
		p.UsedFamily = f
	}
	if g := firstGiven(usual); careplan.Fold(g) != careplan.Fold(p.BirthGiven) {
		p.UsedGiven = g
	}
}

func firstGiven(n humanName) string {
	for _, g := range n.Given {
		if g = line(g); g != "" {
			return g
		}
	}
	return ""
}

// birthNames is the list of birth given names: its own extension, else what
// older examples put in name.text, else the given names.
func birthNames(n humanName) string {
	if x, ok := find(n.Extension, "fr-core-patient-birth-list-given-name"); ok {
		return line(x.ValueString)
	}
	list := line(strings.Join(n.Given, " "))
	text := line(n.Text)
	if list != "" && strings.HasPrefix(careplan.Fold(text)+" ", careplan.Fold(list)+" ") &&
		!strings.Contains(" "+careplan.Fold(text)+" ", " "+careplan.Fold(n.Family)+" ") {
		return text
	}
	return list
}

func sex(gender string) careplan.Sex {
	switch s := careplan.Sex(gender); s {
	case careplan.Female, careplan.Male, careplan.SexOther:
		return s
	}
	return careplan.SexUnknown
}

// identity reads the INS status from either form of the extension (FR Core 2.x
// identity-reliability, before it ident-reliability). Anything else is PROV.
func identity(all []extension) careplan.IdentityStatus {
	for _, names := range [][2]string{
		{"fr-core-identity-reliability", "identityStatus"},
		{"fr-core-ident-reliability", "identityReliability"},
	} {
		x, _ := find(all, names[0])
		sub, _ := find(x.Extension, names[1])
		switch s := careplan.IdentityStatus(sub.ValueCoding.Code); s {
		case careplan.Validated, careplan.Retrieved, careplan.Qualified:
			return s
		}
	}
	return careplan.Provisional
}

// birthPlace is the INSEE code of the place of birth: an extension of the
// address, in older examples its district.
func birthPlace(all []extension) string {
	x, ok := find(all, "patient-birthPlace")
	if !ok || x.ValueAddress == nil {
		return ""
	}
	code := x.ValueAddress.District
	if insee, ok := find(x.ValueAddress.Extension, "fr-core-address-insee-code"); ok {
		code = insee.ValueCoding.Code
	}
	if ok, _ := regexp.MatchString(`^(\d{2}|2[AB])\d{3}$`, code); !ok {
		return ""
	}
	return code
}

func spoken(all []communication) string {
	for _, preferred := range []bool{true, false} {
		for _, c := range all {
			if c.Preferred == preferred && len(c.Language.Coding) > 0 {
				return line(c.Language.Coding[0].Code)
			}
		}
	}
	return ""
}

// localID is the identifier that medico-social identifiers are built on.
func localID(all []identifier) string {
	for _, i := range all {
		if medicosocial(i.System) == "localusager" {
			return i.Value
		}
	}
	return ""
}

// readIdentifiers sets the patient's INS, local number and identifiers and
// returns the keys usable for matching: records' own numbers, and the INS when
// its key is right and the identity qualified. Passports, licences, social
// security numbers of other countries and the like are not kept at all.
func readIdentifiers(p *careplan.Patient, all []identifier) (keys []careplan.Key, warnings []string) {
	for _, i := range all {
		i.System, i.Value = strings.TrimSpace(i.System), line(i.Value)
		if i.System == "" || i.Value == "" {
			continue
		}
		if oid, ok := insOID(i.System); ok {
			warnings = append(warnings, readINS(p, oid, i.Value)...)
			continue
		}
		if !ownNumber(i) {
			continue
		}
		k := i.asKey()
		if !slices.Contains(keys, k) {
			keys = append(keys, k)
			p.Identifiers = append(p.Identifiers, careplan.Identifier(k))
		}
		if p.IPP == "" && (i.Type.has("PI") || i.Type.has("MR") || medicosocial(i.System) == "localusager") {
			p.IPP = i.Value[strings.LastIndex(i.Value, "/")+1:]
		}
	}
	if m := p.Matricule(); m != "" {
		keys = append(keys, careplan.Key{System: "urn:oid:" + p.INS.OID, Value: m})
	}
	return keys, warnings
}

func (i identifier) asKey() careplan.Key { return careplan.Key{System: i.System, Value: i.Value} }

// insOID recognises an INS by its system: the type's code system has changed.
func insOID(system string) (oid string, ok bool) {
	oid, ok = strings.CutPrefix(system, "urn:oid:")
	switch oid {
	case careplan.OIDNIR, careplan.OIDNIA, careplan.OIDTest, careplan.OIDDemo:
		return oid, ok
	}
	return "", false
}

// readINS keeps a NIR rather than the NIA that precedes it, and warns of a
// matricule that cannot be used.
func readINS(p *careplan.Patient, oid, value string) (warnings []string) {
	ins := careplan.INS{Matricule: strings.ToUpper(strings.ReplaceAll(value, " ", "")), OID: oid}
	ins.KeyValid = careplan.ValidNIRKey(ins.Matricule)
	if p.INS.Matricule == "" || p.INS.OID == careplan.OIDNIA {
		p.INS = ins
	}
	if ins.KeyValid {
		return nil
	}
	if key, ok := careplan.NIRKey(ins.Matricule[:min(13, len(ins.Matricule))]); ok && len(ins.Matricule) == 15 && key > 0 {
		return []string{"La clé du matricule INS est fausse\u00a0: il n’est pas utilisé."}
	}
	return []string{"Le matricule INS est mal formé\u00a0: il n’est pas utilisé."}
}

// ownNumber reports whether an identifier is a record number of the source
// (PI, MR, or no type at all) and not withdrawn or temporary.
func ownNumber(i identifier) bool {
	if i.Use == "old" || i.Use == "temp" || i.System == "urn:oid:1.2.250.1.213.1.4.2" { // INS-C is obsolete
		return false
	}
	return len(i.Type.Coding) == 0 || i.Type.has("PI") || i.Type.has("MR") || medicosocial(i.System) == "localusager"
}

// subject finds the patient that a reference names. A logical reference by
// identifier may name a patient imported before: the store will tell.
func (in *reader) subject(e *entry, r reference) (key careplan.Key, who *person, ok bool) {
	if target := in.resolve(e, r); target != nil {
		who = in.patients[target]
		if who == nil {
			return careplan.Key{}, nil, false
		}
		return who.key(), who, true
	}
	if r.Reference == "" && r.Identifier.System != "" && r.Identifier.Value != "" {
		if _, ins := insOID(r.Identifier.System); !ins {
			return r.Identifier.asKey(), nil, true
		}
	}
	return careplan.Key{}, nil, false
}

func (in *reader) readGeneralPractitioners(e *entry, who *person, all []reference) {
	for _, r := range all {
		if key, _ := in.professional(e, r); key != (careplan.Key{}) {
			in.addCircle(who.key(), key, "medecin-traitant", date.Date{}, date.Date{})
		}
	}
}
