package content

// frCore is the base of the French core guide.
const frCore = "https://hl7.fr/ig/fhir/core/"

func (b *bundle) patient() {
	p, profile := b.p, "tddui-patient"
	r := object{
		"extension":  []any{identityStatus(p.Identity), birthPlace(p)},
		"identifier": b.patientIdentifiers(),
		"name":       names(p),
		"gender":     p.Sex,
		"birthDate":  p.BirthDate,
	}
	if p.INS() != "" {
		profile = "tddui-patient-ins"
	}
	if p.DeceasedDaysAgo > 0 {
		r["deceasedDateTime"] = b.day(-p.DeceasedDaysAgo)
	}
	if gp := b.generalPractitioners(); len(gp) > 0 {
		r["generalPractitioner"] = gp
	}
	b.add("Patient", "demo-"+p.Key, profile, r)
}

func identityStatus(code string) object {
	return object{
		"url": frCore + "StructureDefinition/fr-core-identity-reliability",
		"extension": []any{object{
			"url":         "identityStatus",
			"valueCoding": object{"system": frCore + "CodeSystem/fr-core-cs-v2-0445", "code": code},
		}},
	}
}

func birthPlace(p Patient) object {
	return object{
		"url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
		"valueAddress": object{
			"city": p.BirthCity,
			"extension": []any{object{
				"url": frCore + "StructureDefinition/fr-core-address-insee-code",
				"valueCoding": object{
					"system": "https://mos.esante.gouv.fr/NOS/TRE_R13-CommuneOM/FHIR/TRE-R13-CommuneOM",
					"code":   p.BirthPlace,
				},
			}},
		},
	}
}

// patientIdentifiers are the TDDUI local id, whose last part is the IPP, and
// the INS of the test domain when the identity is qualified. The local id is
// the only one of type PI: a patient has one IPP.
func (b *bundle) patientIdentifiers() []any {
	local := object{
		"type":   concept("http://terminology.hl7.org/CodeSystem/v2-0203", "PI"),
		"system": "https://identifiant-medicosocial-localusager.esante.gouv.fr",
		"value":  b.c.LocalID(b.p),
	}
	ins := b.p.INS()
	if ins == "" {
		return []any{local}
	}
	return []any{local, object{
		"use":    "official",
		"type":   concept(frCore+"CodeSystem/fr-core-cs-v2-0203", "INS-NIR-TEST"),
		"system": "urn:oid:" + TestINS,
		"value":  ins,
	}}
}

func names(p Patient) []any {
	official := object{
		"use": "official", "family": p.BirthFamily, "given": []string{p.BirthGiven},
		"extension": []any{object{
			"url":         frCore + "StructureDefinition/fr-core-patient-birth-list-given-name",
			"valueString": p.BirthGivens,
		}},
	}
	if p.UsedFamily == "" && p.UsedGiven == "" {
		return []any{official}
	}
	return []any{official, object{"use": "usual", "family": p.UsedFamily, "given": []string{p.UsedGiven}}}
}

// generalPractitioners are the physicians of general practice in the circle.
func (b *bundle) generalPractitioners() []any {
	var out []any
	for _, key := range b.p.Circle {
		if m, ok := b.c.Member(key); ok && m.isGP() {
			out = append(out, b.member(key))
		}
	}
	return out
}

func (m Member) isGP() bool {
	return m.Profession == "medecin" && m.Specialty == "médecine générale"
}

// practitioners are all who are named anywhere in the bundle, in the order of
// the members, so that every reference resolves.
func (b *bundle) practitioners() {
	named := b.named()
	for _, m := range b.c.Members {
		if named[m.Key] {
			b.practitioner(m)
		}
	}
}

func (b *bundle) named() map[string]bool {
	named := map[string]bool{}
	for _, key := range b.p.Circle {
		named[key] = true
	}
	for _, o := range b.p.Plan.Objectives {
		named[o.Who] = true
		for _, a := range o.Actions {
			named[a.Who] = true
		}
	}
	return named
}

// practitioner carries the RPPS under the OID and in the bare form of the
// TDDUI examples; who has none gets the structure's internal form of the same
// register, `3` + FINESS + `/` + local id.
func (b *bundle) practitioner(m Member) {
	number := object{"system": "urn:oid:1.2.250.1.71.4.2.1", "value": m.RPPS}
	if m.RPPS == "" {
		number["value"] = "3" + b.c.Organisation.FINESS + "/" + m.Key
	} else {
		number["type"] = concept(frCore+"CodeSystem/fr-core-cs-v2-0203", "RPPS")
	}
	b.add("Practitioner", "demo-pro-"+m.Key, "tddui-practitioner", object{
		"identifier":    []any{number},
		"name":          []any{object{"family": m.Family, "given": []string{m.Given}, "prefix": []string{m.Civility()}}},
		"telecom":       []any{object{"system": "email", "value": m.Email}},
		"gender":        m.Gender,
		"qualification": []any{object{"code": object{"text": qualification(m)}}},
	})
}

func qualification(m Member) string {
	if m.Specialty == "" {
		return m.Profession
	}
	return m.Profession + ", " + m.Specialty
}

// careTeam is the care circle. The role's text is RCP's word for it.
func (b *bundle) careTeam() {
	var participants []any
	for _, key := range b.p.Circle {
		participants = append(participants, object{
			"role":   []any{object{"text": b.role(key)}},
			"member": b.member(key),
			"period": object{"start": b.day(-b.p.Plan.StartedDaysAgo)},
		})
	}
	b.add("CareTeam", b.id("cercle", 0), "", object{
		"identifier":  []any{object{"system": serverURL + "cercle", "value": b.c.LocalID(b.p)}},
		"status":      "active",
		"name":        "Cercle de soins",
		"subject":     b.subject(),
		"participant": participants,
	})
}

func (b *bundle) role(key string) string {
	m, _ := b.c.Member(key)
	switch {
	case key == b.p.Referent:
		return "referent"
	case m.isGP():
		return "medecin-traitant"
	}
	return "member"
}

// consents are the structure's agreement, always, and the patient's word when
// it is known: agreed is active, opposed is rejected with a denial.
func (b *bundle) consents() {
	s := b.p.Sharing
	b.consent("structure", "active", "permit", b.p.Plan.StartedDaysAgo, b.member(b.p.Referent))
	switch s.State {
	case "agreed":
		b.consent("usager", "active", "permit", s.DaysAgo, b.subject())
	case "opposed":
		b.consent("usager", "rejected", "deny", s.DaysAgo, b.subject())
	}
}

func (b *bundle) consent(who, status, provision string, daysAgo int, performer object) {
	b.add("Consent", b.id("accord-"+who, 0), "tddui-consent-accord", object{
		"status":    status,
		"scope":     concept("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy"),
		"category":  []any{concept("http://loinc.org", "59284-0")},
		"patient":   b.subject(),
		"dateTime":  b.instant(-daysAgo, 10),
		"performer": []any{performer},
		"policy":    []any{object{"authority": "https://www.cnsa.fr/"}},
		"provision": object{"type": provision},
	})
}
