// Package protocol holds the templates that a team keeps for a field of care:
// typical objectives and actions, the professions concerned, what to prepare
// before the meeting and how often to review. Applying one to a patient makes
// a plan to adjust. In FHIR a protocol is a PlanDefinition: Name is its title,
// Field its topic, Objectives its goal (Due a goal.target.due), Actions its
// action (Profession an action.participant.role, Objective an action.goalId),
// Source a relatedArtifact of type citation; a plan made from one says so in
// CarePlan.instantiatesCanonical, url|version.
//
// What always holds: a saved version is never changed, a new save is a new
// version with who, when and what; a plan keeps the version it was made from;
// what is shipped (the files of shipped/) becomes a team's own by adopting it.
//
// Patients and plans are careplan's; what a line of the checklist is worth in
// a meeting's preparation is left to agenda.
package protocol

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Field is a field of care.
type Field string

// The fields of care.
const (
	Geriatrics      Field = "geriatrics"
	Palliative      Field = "palliative"
	OralHealth      Field = "oral-health"
	Chronic         Field = "chronic"
	Rehabilitation  Field = "rehabilitation"
	ChildDisability Field = "child-disability"
)

// Fields returns the fields in the order that lists show them.
func Fields() []Field {
	return []Field{Geriatrics, Palliative, OralHealth, Chronic, Rehabilitation, ChildDisability}
}

// Objective is a typical objective.
type Objective struct {
	Title       string   `json:"title"`
	Domain      string   `json:"domain"`
	Expected    string   `json:"expected"`  // result
	DueWeeks    int      `json:"due_weeks"` // after the plan begins; 0: no date
	Professions []string `json:"professions"`
}

// NoObjective is the Objective of an action that serves the whole plan.
const NoObjective = -1

// Action is a typical action.
type Action struct {
	Title      string `json:"title"`
	Profession string `json:"profession"` // who does it; empty: to be chosen
	DueDays    int    `json:"due_days"`   // after the plan begins; 0: no date
	Objective  int    `json:"objective"`  // index in Objectives, or NoObjective
}

// Protocol is one version of a template.
type Protocol struct {
	ID             id.Protocol `json:"-"`
	Org            id.Org      `json:"-"`
	Team           id.Team     `json:"-"`
	Key            string      `json:"key"` // of the shipped one it was adopted from; empty: the team's own
	Field          Field       `json:"field"`
	Name           string      `json:"name"`
	Version        int         `json:"-"`
	Objectives     []Objective `json:"objectives"`
	Actions        []Action    `json:"actions"`
	Professions    []string    `json:"professions"`
	Checklist      []string    `json:"checklist"`       // what to prepare before the meeting
	ReviewInterval int         `json:"review_interval"` // days
	Source         string      `json:"source"`          // the reference, named and dated
	Note           string      `json:"note"`
	Archived       bool        `json:"-"`
	Saved          Saved       `json:"-"`
}

// Saved is who saved a version, when, and what they said of it.
type Saved struct {
	Version int
	At      time.Time // UTC
	By      id.Professional
	ByName  string
	What    string
}

// Limits of a protocol, so that a plan stays one that a meeting can read.
const (
	MaxObjectives = 15
	MaxActions    = 40
	MaxChecklist  = 30
	maxName       = 120
	maxText       = 500
	maxWeeks      = 260
	maxDays       = 1830
)

// tidy trims what was typed and drops empty lines of the checklist.
func (p Protocol) tidy() Protocol {
	p.Name, p.Source, p.Note = strings.TrimSpace(p.Name), strings.TrimSpace(p.Source), strings.TrimSpace(p.Note)
	var lines []string
	for _, l := range p.Checklist {
		if l = strings.Join(strings.FieldsFunc(l, plainSpace), " "); l != "" && !slices.Contains(lines, l) {
			lines = append(lines, l)
		}
	}
	p.Checklist = lines
	return p
}

// plainSpace is a space that typography did not set.
func plainSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' }

// Check returns one fault with every field that is wrong. A field of a list is
// named by its index: objective.0.title, action.2.due.
func (p Protocol) Check(op string) error {
	var c fault.Check
	short := func(name, text string, most int) {
		c.That(utf8.RuneCountInString(text) <= most, name, "%d caractères au plus.", most)
	}
	c.That(slices.Contains(Fields(), p.Field), "field", "Choisissez un domaine de soins.")
	c.That(p.Name != "", "name", "Un nom est attendu.")
	short("name", p.Name, maxName)
	c.That(p.ReviewInterval >= 1 && p.ReviewInterval <= 730, "review_interval", "Entre 1 et 730 jours.")
	c.That(p.Source != "", "source", "Nommez et datez la référence, ou écrivez « Accord de l’équipe » et sa date.")
	short("source", p.Source, maxText)
	short("note", p.Note, 2000)
	c.That(len(p.Objectives) > 0, "objectives", "Au moins un objectif est attendu.")
	c.That(len(p.Objectives) <= MaxObjectives, "objectives", "%d objectifs au plus.", MaxObjectives)
	c.That(len(p.Actions) <= MaxActions, "actions", "%d actions au plus.", MaxActions)
	c.That(len(p.Checklist) <= MaxChecklist, "checklist", "%d lignes au plus.", MaxChecklist)
	for _, line := range p.Checklist {
		short("checklist", line, 200)
	}
	for i, o := range p.Objectives {
		o.check(&c, "objective."+itoa(i)+".")
	}
	for i, a := range p.Actions {
		a.check(&c, "action."+itoa(i)+".", len(p.Objectives))
	}
	return c.Err(op)
}

func (o Objective) check(c *fault.Check, at string) {
	c.That(o.Title != "", at+"title", "Un intitulé est attendu.")
	c.That(utf8.RuneCountInString(o.Title) <= 200, at+"title", "%d caractères au plus.", 200)
	c.That(utf8.RuneCountInString(o.Expected) <= maxText, at+"expected", "%d caractères au plus.", maxText)
	c.That(o.DueWeeks >= 0 && o.DueWeeks <= maxWeeks, at+"due", "Entre 0 et %d semaines.", maxWeeks)
}

func (a Action) check(c *fault.Check, at string, objectives int) {
	c.That(a.Title != "", at+"title", "Un intitulé est attendu.")
	c.That(utf8.RuneCountInString(a.Title) <= 200, at+"title", "%d caractères au plus.", 200)
	c.That(a.DueDays >= 0 && a.DueDays <= maxDays, at+"due", "Entre 0 et %d jours.", maxDays)
	c.That(a.Objective >= NoObjective && a.Objective < objectives, at+"objective", "Cet objectif n’est plus dans la liste.")
}
