package content

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// The bases of the ANS guide "Transfert de données DUI" (TDDUI 2.3.0) and of
// the full URLs of the demo.
const (
	tdduiProfile = "https://interop.esante.gouv.fr/ig/fhir/tddui/StructureDefinition/"
	tdduiCodes   = "https://interop.esante.gouv.fr/ig/fhir/tddui/CodeSystem/"
	serverURL    = "https://fhir.demo.example/"
)

// object is a JSON object; encoding/json sorts its keys, so that the same
// content always gives the same bytes.
type object map[string]any

// bundle gathers the entries of one patient's transaction.
type bundle struct {
	c       Content
	p       Patient
	today   time.Time
	entries []any
}

// Bundles turns each patient into a FHIR R4 transaction, by patient key.
// Days count from today, in its own location. What TDDUI has no place for is
// written in plain R4: CarePlan.author (the referent), CarePlan.careTeam and
// CareTeam (the circle), Goal.achievementStatus.
func Bundles(c Content, today time.Time) (map[string][]byte, error) {
	out := make(map[string][]byte, len(c.Patients))
	for _, p := range c.Patients {
		b, err := render(c, p, today)
		if err != nil {
			return nil, fmt.Errorf("content: bundle of %s: %w", p.Key, err)
		}
		out[p.Key] = b
	}
	return out, nil
}

func render(c Content, p Patient, today time.Time) ([]byte, error) {
	b := &bundle{c: c, p: p, today: today}
	b.patient()
	b.practitioners()
	b.careTeam()
	b.consents()
	b.carePlan()
	b.expectations()
	b.needs()
	b.objectives()
	b.review()
	b.events()
	var w bytes.Buffer
	e := json.NewEncoder(&w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(object{"resourceType": "Bundle", "type": "transaction", "entry": b.entries})
	return w.Bytes(), err
}

// add appends a resource as an entry. Its id is made from the patient's key
// and what it is ("objectif-1").
func (b *bundle) add(kind, id, profile string, r object) {
	r["resourceType"], r["id"] = kind, id
	if profile != "" {
		r["meta"] = object{"profile": []string{tdduiProfile + profile}}
	}
	b.entries = append(b.entries, object{
		"fullUrl":  serverURL + kind + "/" + id,
		"resource": r,
		"request":  object{"method": "POST", "url": kind},
	})
}

// id is the logical id of one of the patient's resources.
func (b *bundle) id(part string, n int) string {
	if n == 0 {
		return "demo-" + b.p.Key + "-" + part
	}
	return fmt.Sprintf("demo-%s-%s-%d", b.p.Key, part, n)
}

// identifier is the one TDDUI identifier of a resource: system of its kind,
// local id of the person, code, number from 1001.
func (b *bundle) identifier(kind, code string, n int) []any {
	return []any{object{
		"system": "https://identifiant-medicosocial-" + kind + ".esante.gouv.fr",
		"value":  fmt.Sprintf("%s-%s-%d", b.c.LocalID(b.p), code, 1000+n),
	}}
}

func ref(kind, id string) object { return object{"reference": kind + "/" + id} }

func (b *bundle) subject() object { return ref("Patient", "demo-"+b.p.Key) }
func (b *bundle) plan() object    { return ref("CarePlan", b.id("projet", 0)) }

func (b *bundle) member(key string) object {
	r := ref("Practitioner", "demo-pro-"+key)
	if m, ok := b.c.Member(key); ok {
		r["display"] = m.Civility() + " " + m.Given + " " + m.Family
	}
	return r
}

// day is the calendar day so many days from the demo's.
func (b *bundle) day(in int) string { return b.today.AddDate(0, 0, in).Format(time.DateOnly) }

// instant is an hour of that day, in the demo's zone.
func (b *bundle) instant(in, hour int) string {
	d := b.today.AddDate(0, 0, in)
	return time.Date(d.Year(), d.Month(), d.Day(), hour, 0, 0, 0, d.Location()).Format(time.RFC3339)
}

func extension(name string, value object) object {
	value["url"] = tdduiProfile + name
	return value
}

func concept(system, code string) object {
	return object{"coding": []any{object{"system": system, "code": code}}}
}

func discriminator(code string) []any {
	return []any{extension("tddui-discriminator", object{
		"valueCodeableConcept": concept(tdduiCodes+"tddui-discriminator", code),
	})}
}

func note(code, text string) object {
	return object{"extension": discriminator(code), "text": text}
}
