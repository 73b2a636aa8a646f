package careplan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
)

// Mark is a source resource as last imported: the hash of what it describes,
// and apart from it the hash of what RCP may decide later (a verdict, an
// action's outcome, the next review, the patient's agreement). Comparing marks
// tells whether the source changed; comparing the decided part with the row
// tells whether RCP decided since, and then RCP's word stands.
type Mark struct{ Described, Decided string }

// String is how a mark is stored.
func (m Mark) String() string { return m.Described + ":" + m.Decided }

// ParseMark reads what String wrote.
func ParseMark(s string) Mark {
	described, decided, _ := strings.Cut(s, ":")
	return Mark{described, decided}
}

// hash is the SHA-256 of a value's JSON form.
func hash(v any) string {
	b, err := json.Marshal(v)
	if err != nil { // the values hashed here are plain structs: it cannot fail
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Merged is what an import makes of a row that RCP already has.
type Merged[T any] struct {
	Row     T
	Changed bool
	Warning string // French source sentence, or ""
}

const keptDecision = "La source a changé ce que RCP a décidé depuis\u00a0: la décision de RCP est gardée."

// merge brings a source into the current row: what the source describes when
// that changed, what RCP may decide when it changed and RCP did not.
func merge[T any](current T, was, is Mark, decided func(T) string, describe, decide func(*T)) Merged[T] {
	m := Merged[T]{Row: current}
	if is.Described != was.Described {
		describe(&m.Row)
	}
	if is.Decided != was.Decided {
		if decided(current) == was.Decided {
			decide(&m.Row)
		} else if decided(current) != is.Decided {
			m.Warning = keptDecision
		}
	}
	m.Changed = hash(m.Row) != hash(current)
	return m
}

// patientDecided is what RCP may decide of a patient.
func patientDecided(p Patient) string {
	return hash(struct {
		S  Sharing
		On date.Date
		I  bool
	}{p.Sharing, p.SharingOn, p.Informed})
}

// Mark returns the mark of a patient at the source.
func (s SourcePatient) Mark() Mark {
	p := s.Patient
	p.Sharing, p.SharingOn, p.Informed = "", date.Date{}, false
	return Mark{hash(p), patientDecided(s.Patient)}
}

const keptIdentity = "L’identité connue de RCP est mieux qualifiée que celle du fichier\u00a0: elle est gardée."

// Merge brings the source into the patient known to RCP. An identity never
// gives way to a less qualified one (RNIV).
func (s SourcePatient) Merge(current Patient, was Mark) Merged[Patient] {
	src, kept := s.Patient, false
	m := merge(current, was, s.Mark(), patientDecided, func(p *Patient) {
		p.Deceased, p.DeceasedOn, p.Language = src.Deceased, src.DeceasedOn, src.Language
		if src.IPP != "" {
			p.IPP = src.IPP
		}
		if rank(src.Identity) < rank(p.Identity) {
			kept = traits(src) != traits(*p)
			return
		}
		p.BirthFamily, p.BirthGiven, p.BirthNames = src.BirthFamily, src.BirthGiven, src.BirthNames
		p.UsedFamily, p.UsedGiven, p.Sex = src.UsedFamily, src.UsedGiven, src.Sex
		p.BirthDate, p.BirthPlace, p.INS, p.Identity = src.BirthDate, src.BirthPlace, src.INS, src.Identity
	}, func(p *Patient) {
		p.Sharing, p.SharingOn, p.Informed = src.Sharing, src.SharingOn, src.Informed
	})
	if kept && m.Warning == "" {
		m.Warning = keptIdentity
	}
	return m
}

func rank(s IdentityStatus) int {
	switch s {
	case Qualified:
		return 2
	case Validated, Retrieved:
		return 1
	}
	return 0
}

func traits(p Patient) string {
	return strings.Join([]string{Fold(p.BirthFamily), Fold(p.BirthGiven), p.BirthDate.String(), string(p.Sex)}, "|")
}

// SamePerson reports whether a patient found by key may be the source's
// patient. A record number may be corrected in one trait; when both the birth
// date and the birth name differ it is somebody else. A key that is only the
// source's own resource id, which two servers may both use, must agree in both.
func (s SourcePatient) SamePerson(known Patient, by Key) bool {
	name := Fold(known.BirthFamily) == Fold(s.Patient.BirthFamily)
	birth := known.BirthDate == s.Patient.BirthDate
	if strings.HasPrefix(by.System, "urn:rcp:source:") {
		return name && birth
	}
	unknown := known.BirthDate.IsZero() || s.Patient.BirthDate.IsZero()
	return name || birth && !unknown
}

func planDecided(p Plan) string { return hash([]date.Date{p.LastReview, p.NextReview}) }

// Mark returns the mark of a plan at the source. The resolved referent is part
// of it: a professional who joins later is linked by the next import.
func (s SourcePlan) Mark() Mark {
	p := s.Plan
	p.LastReview, p.NextReview, p.Team = date.Date{}, date.Date{}, ""
	p.ID, p.Org, p.Patient = "", "", ""
	return Mark{hash(p), planDecided(s.Plan)}
}

// Merge brings the source into the plan known to RCP; the team stays.
func (s SourcePlan) Merge(current Plan, was Mark) Merged[Plan] {
	src := s.Plan
	return merge(current, was, s.Mark(), planDecided, func(p *Plan) {
		p.Title, p.Description, p.Category, p.Status = src.Title, src.Description, src.Category, src.Status
		p.Start, p.End, p.Referent, p.ReferentName = src.Start, src.End, src.Referent, src.ReferentName
		p.Expectations = src.Expectations
	}, func(p *Plan) {
		p.LastReview, p.NextReview = src.LastReview, src.NextReview
	})
}

func objectiveDecided(o Objective) string {
	return hash([]string{string(o.Lifecycle), string(o.Achievement), o.AchievementOn.String()})
}

// Mark returns the mark of an objective at the source.
func (s SourceObjective) Mark() Mark {
	o := s.Objective
	o.Lifecycle, o.Achievement, o.AchievementOn = "", "", date.Date{}
	o.ID, o.Org, o.Patient = "", "", ""
	return Mark{hash(o), objectiveDecided(s.Objective)}
}

// Merge brings the source into the objective known to RCP.
func (s SourceObjective) Merge(current Objective, was Mark) Merged[Objective] {
	src := s.Objective
	return merge(current, was, s.Mark(), objectiveDecided, func(o *Objective) {
		o.Plan, o.Title, o.Description, o.Domain, o.Expected = src.Plan, src.Title, src.Description, src.Domain, src.Expected
		o.Start, o.Due, o.Owner, o.OwnerName = src.Start, src.Due, src.Owner, src.OwnerName
		o.PatientView, o.Strategy, o.Position = src.PatientView, src.Strategy, src.Position
	}, func(o *Objective) {
		o.Lifecycle, o.Achievement, o.AchievementOn = src.Lifecycle, src.Achievement, src.AchievementOn
	})
}

func actionDecided(a Action) string {
	return hash([]string{string(a.Status), a.Outcome, a.Reason, a.DoneOn.String()})
}

// Mark returns the mark of an action at the source.
func (s SourceAction) Mark() Mark {
	a := s.Action
	a.Status, a.Outcome, a.Reason, a.DoneOn = "", "", "", date.Date{}
	a.ID, a.Org, a.Patient = "", "", ""
	return Mark{hash(a), actionDecided(s.Action)}
}

// Merge brings the source into the action known to RCP.
func (s SourceAction) Merge(current Action, was Mark) Merged[Action] {
	src := s.Action
	return merge(current, was, s.Mark(), actionDecided, func(a *Action) {
		a.Plan, a.Objective, a.Title, a.Description = src.Plan, src.Objective, src.Title, src.Description
		a.Owner, a.OwnerName, a.Start, a.Due = src.Owner, src.OwnerName, src.Start, src.Due
	}, func(a *Action) {
		a.Status, a.Outcome, a.Reason, a.DoneOn, a.Note = src.Status, src.Outcome, src.Reason, src.DoneOn, ""
	})
}

// Mark returns the mark of an event at the source.
func (s SourceEvent) Mark() Mark {
	return Mark{Described: hash([]string{string(s.Event.Kind), s.Event.On.String(), s.Event.Text})}
}

// Merge brings the source into the event known to RCP.
func (s SourceEvent) Merge(current PatientEvent, was Mark) Merged[PatientEvent] {
	same := func(PatientEvent) string { return "" }
	return merge(current, was, s.Mark(), same, func(e *PatientEvent) {
		e.Kind, e.On, e.Text = s.Event.Kind, s.Event.On, s.Event.Text
	}, func(*PatientEvent) {})
}

// Keys returns the keys of all resources of a kind in a part of a batch.
func (b Batch) Keys() map[string][]Key {
	keys := map[string][]Key{}
	for _, p := range b.Plans {
		keys["plan"] = append(keys["plan"], p.Key)
	}
	for _, o := range b.Objectives {
		keys["objective"] = append(keys["objective"], o.Key)
	}
	for _, a := range b.Actions {
		keys["action"] = append(keys["action"], a.Key)
	}
	for _, e := range b.Events {
		keys["event"] = append(keys["event"], e.Key)
	}
	return keys
}

// Owners returns the RPPS numbers and the e-mail addresses of the professionals
// that a part of a batch names, each once.
func (b Batch) Owners() (numbers, addresses []string) {
	seen := map[Key]bool{}
	add := func(k Key) {
		switch {
		case k.Value == "" || seen[k]:
		case k.System == SystemEmail:
			addresses = append(addresses, k.Value)
		default:
			numbers = append(numbers, k.Value)
		}
		seen[k] = true
	}
	for _, p := range b.Plans {
		add(p.Referent)
	}
	for _, o := range b.Objectives {
		add(o.Owner)
	}
	for _, a := range b.Actions {
		add(a.Owner)
	}
	for _, c := range b.Circle {
		add(c.Professional)
	}
	return numbers, addresses
}

// Link sets the professionals that were recognised, by RPPS number or
// address.
func (b *Batch) Link(known map[string]id.Professional) {
	for i := range b.Plans {
		b.Plans[i].Plan.Referent = known[b.Plans[i].Referent.Value]
	}
	for i := range b.Objectives {
		b.Objectives[i].Objective.Owner = known[b.Objectives[i].Owner.Value]
	}
	for i := range b.Actions {
		b.Actions[i].Action.Owner = known[b.Actions[i].Owner.Value]
	}
}
