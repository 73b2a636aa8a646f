package fhir

import "encoding/json"

// The parts of FHIR R4 that RCP reads; everything else is passed over.

type coding struct {
	System  string `json:"system"`
	Code    string `json:"code"`
	Display string `json:"display"`
}

type concept struct {
	Coding []coding `json:"coding"`
	Text   string   `json:"text"`
}

// words is how a person would name the concept.
func (c concept) words() string {
	if c.Text != "" {
		return line(c.Text)
	}
	for _, k := range c.Coding {
		if k.Display != "" {
			return line(k.Display)
		}
	}
	return ""
}

func (c concept) has(code string) bool {
	for _, k := range c.Coding {
		if k.Code == code {
			return true
		}
	}
	return false
}

func firstWords(all []concept) string {
	for _, c := range all {
		if w := c.words(); w != "" {
			return w
		}
	}
	return ""
}

type identifier struct {
	Use    string  `json:"use"`
	Type   concept `json:"type"`
	System string  `json:"system"`
	Value  string  `json:"value"`
}

type reference struct {
	Reference  string      `json:"reference"`
	Type       string      `json:"type"`
	Display    string      `json:"display"`
	Identifier identifier  `json:"identifier"`
	Extension  []extension `json:"extension"`
}

func (r reference) empty() bool {
	return r.Reference == "" && r.Display == "" && r.Identifier.Value == ""
}

type period struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

type extension struct {
	URL                  string      `json:"url"`
	Extension            []extension `json:"extension"`
	ValueString          string      `json:"valueString"`
	ValueReference       reference   `json:"valueReference"`
	ValueCoding          coding      `json:"valueCoding"`
	ValueCodeableConcept concept     `json:"valueCodeableConcept"`
	ValueAddress         *address    `json:"valueAddress"`
}

type address struct {
	District  string      `json:"district"`
	Extension []extension `json:"extension"`
}

type humanName struct {
	Use       string      `json:"use"`
	Text      string      `json:"text"`
	Family    string      `json:"family"`
	Given     []string    `json:"given"`
	Prefix    []string    `json:"prefix"`
	Extension []extension `json:"extension"`
}

type annotation struct {
	Text      string      `json:"text"`
	Extension []extension `json:"extension"`
}

type patientResource struct {
	Identifier           []identifier    `json:"identifier"`
	Name                 []humanName     `json:"name"`
	Gender               string          `json:"gender"`
	BirthDate            string          `json:"birthDate"`
	DeceasedBoolean      bool            `json:"deceasedBoolean"`
	DeceasedDateTime     string          `json:"deceasedDateTime"`
	Extension            []extension     `json:"extension"`
	Communication        []communication `json:"communication"`
	GeneralPractitioner  []reference     `json:"generalPractitioner"`
	ManagingOrganization reference       `json:"managingOrganization"`
}

type communication struct {
	Language  concept `json:"language"`
	Preferred bool    `json:"preferred"`
}

type practitionerResource struct {
	Name    []humanName `json:"name"`
	Telecom []telecom   `json:"telecom"`
}

type telecom struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

type practitionerRoleResource struct {
	Practitioner reference `json:"practitioner"`
}

type planResource struct {
	Status         string      `json:"status"`
	Title          string      `json:"title"`
	Description    string      `json:"description"`
	Category       []concept   `json:"category"`
	Subject        reference   `json:"subject"`
	Period         period      `json:"period"`
	Author         reference   `json:"author"`
	SupportingInfo []reference `json:"supportingInfo"`
	Goal           []reference `json:"goal"`
	Activity       []activity  `json:"activity"`
}

type activity struct {
	Reference reference `json:"reference"`
	Detail    *detail   `json:"detail"`
}

type detail struct {
	Code            concept     `json:"code"`
	Status          string      `json:"status"`
	Description     string      `json:"description"`
	Goal            []reference `json:"goal"`
	ScheduledPeriod period      `json:"scheduledPeriod"`
	Performer       []reference `json:"performer"`
}

type goalResource struct {
	LifecycleStatus   string       `json:"lifecycleStatus"`
	AchievementStatus concept      `json:"achievementStatus"`
	Category          []concept    `json:"category"`
	Description       concept      `json:"description"`
	Subject           reference    `json:"subject"`
	StartDate         string       `json:"startDate"`
	StatusDate        string       `json:"statusDate"`
	Target            []target     `json:"target"`
	ExpressedBy       reference    `json:"expressedBy"`
	Note              []annotation `json:"note"`
	Extension         []extension  `json:"extension"`
}

type target struct {
	DetailString string `json:"detailString"`
	DueDate      string `json:"dueDate"`
}

type taskResource struct {
	BasedOn         []reference `json:"basedOn"`
	Status          string      `json:"status"`
	Code            concept     `json:"code"`
	Description     string      `json:"description"`
	For             reference   `json:"for"`
	Owner           reference   `json:"owner"`
	ExecutionPeriod period      `json:"executionPeriod"`
	Restriction     struct {
		Period period `json:"period"`
	} `json:"restriction"`
	Input []parameter `json:"input"`
}

type parameter struct {
	Type           concept   `json:"type"`
	ValueString    string    `json:"valueString"`
	ValueDateTime  string    `json:"valueDateTime"`
	ValueDate      string    `json:"valueDate"`
	ValueReference reference `json:"valueReference"`
}

type careTeamResource struct {
	Status      string    `json:"status"`
	Subject     reference `json:"subject"`
	Period      period    `json:"period"`
	Participant []struct {
		Role   []concept `json:"role"`
		Member reference `json:"member"`
		Period period    `json:"period"`
	} `json:"participant"`
}

type consentResource struct {
	Status    string    `json:"status"`
	Patient   reference `json:"patient"`
	Scope     concept   `json:"scope"`
	DateTime  string    `json:"dateTime"`
	Provision struct {
		Type string `json:"type"`
	} `json:"provision"`
}

type encounterResource struct {
	Status    string          `json:"status"`
	Class     json.RawMessage `json:"class"` // a Coding in R4, a list in R5
	Type      []concept       `json:"type"`
	Subject   reference       `json:"subject"`
	Period    period          `json:"period"`
	Extension []extension     `json:"extension"`
}
