package fhir

import (
	"encoding/json"

	"github.com/rcp-care/rcp/careplan"
)

// readEncounter keeps what calls for a review: a stay, an emergency visit, and
// an event of the medico-social record that is no routine care.
func (in *reader) readEncounter(e *entry) {
	r, ok := decode[encounterResource](in, e)
	if !ok {
		return
	}
	kind, text := eventKind(encounterClass(r.Class))
	fromRecord := e.kind() == "evenement"
	if kind == "" && !fromRecord || r.Status != "finished" && r.Status != "in-progress" {
		in.ignore(e.typ)
		return
	}
	patient, who, ok := in.subject(e, r.Subject)
	on := day(r.Period.Start)
	switch {
	case !ok:
		in.refuse(e, "Le patient de l’événement n’est pas dans le fichier.")
		return
	case who != nil && differ(who.local, e.owner()):
		in.refuse(e, "L’identifiant de l’événement nomme une autre personne que son patient.")
		return
	case on.IsZero():
		in.refuse(e, "L’événement n’a pas de date.")
		return
	case who != nil && !who.source.Patient.DeceasedOn.IsZero() && on.After(who.source.Patient.DeceasedOn):
		in.refuse(e, "L’événement est postérieur au décès.")
		return
	}
	if kind == "" && coded(r.Type) {
		in.ignore(e.typ) // routine care with a service code (SSIAD, SERAFIN)
		return
	}
	if label, ok := find(r.Extension, "tddui-event-label"); ok {
		text = line(label.ValueString)
	}
	if kind == "" {
		kind = careplan.OtherEvent
	}
	if text == "" {
		text = firstWords(r.Type)
	}
	if in.claim(e, e.key()) {
		in.batch.Events = append(in.batch.Events, careplan.SourceEvent{
			Key: e.key(), Patient: patient, Place: in.place(e),
			Event: careplan.PatientEvent{Kind: kind, On: on, Text: text},
		})
	}
}

// encounterClass reads the code of the class (v3-ActCode), or "".
func encounterClass(raw json.RawMessage) string {
	var c coding
	if json.Unmarshal(raw, &c) != nil {
		return ""
	}
	return c.Code
}

func eventKind(class string) (careplan.EventKind, string) {
	switch class {
	case "IMP", "ACUTE", "NONAC":
		return careplan.Hospitalisation, ""
	case "EMER":
		return careplan.OtherEvent, "Passage aux urgences"
	}
	return "", ""
}

func coded(all []concept) bool {
	for _, c := range all {
		if len(c.Coding) > 0 {
			return true
		}
	}
	return false
}

// readConsent reads the patient's agreement to share, or opposition: from a
// consent that names the patient, or that a plan marks as the person's own
// (accordUsager). The agreement of the structure says nothing of the person.
func (in *reader) readConsent(e *entry) {
	r, ok := decode[consentResource](in, e)
	if !ok {
		return
	}
	who := in.consenting(e, r)
	sharing := agreement(r)
	if who == nil || sharing == careplan.SharingUnknown {
		in.ignore(e.typ)
		return
	}
	p, on := &who.source.Patient, day(r.DateTime)
	if p.Sharing != careplan.SharingUnknown && on.Before(p.SharingOn) {
		return
	}
	p.Sharing, p.SharingOn, p.Informed = sharing, on, true
}

func (in *reader) consenting(e *entry, r consentResource) *person {
	for _, p := range in.order {
		for _, s := range p.resource.SupportingInfo {
			if discriminator(s.Extension) == "accordUsager" && in.resolve(p.e, s) == e {
				return p.who
			}
		}
	}
	if r.Patient.empty() || !r.Scope.has("patient-privacy") {
		return nil
	}
	_, who, _ := in.subject(e, r.Patient)
	return who
}

func agreement(r consentResource) careplan.Sharing {
	switch {
	case r.Status == "rejected", r.Status == "active" && r.Provision.Type == "deny":
		return careplan.SharingOpposed
	case r.Status == "active":
		return careplan.SharingAgreed
	}
	return careplan.SharingUnknown
}
