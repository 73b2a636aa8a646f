package fhir

import (
	"cmp"
	"strings"

	"github.com/rcp-care/rcp/careplan"
)

// objective is an objective of the input and the plan it belongs to.
type objective struct {
	e    *entry
	key  careplan.Key
	plan *plan
}

// readGoal reads a Goal: an objective, or what the patient expects (attente).
// Both are Goal; the system of the identifier tells, never the text.
func (in *reader) readGoal(e *entry) {
	r, ok := decode[goalResource](in, e)
	if !ok {
		return
	}
	if r.LifecycleStatus == "entered-in-error" {
		in.refuse(e, "L’objectif est marqué comme saisi par erreur.")
		return
	}
	p := in.planOfGoal(e, r)
	if p == nil {
		in.refuse(e, "Le plan de l’objectif n’est pas dans le fichier.")
		return
	}
	if !in.sameSubject(e, r.Subject, p) || differ(p.owner(), e.owner()) {
		in.refuse(e, "L’objectif et son plan ne nomment pas la même personne.")
		return
	}
	if !in.claim(e, e.key()) {
		return
	}
	if e.kind() == "attente" {
		p.source.Plan.Expectations = append(p.source.Plan.Expectations, careplan.Expectation{
			Text: clean(r.Description.Text), Origin: line(note(r.Note, "origineAttente")), On: day(r.StartDate),
		})
		return
	}
	in.readObjective(e, r, p)
}

func (in *reader) readObjective(e *entry, r goalResource, p *plan) {
	o := careplan.Objective{
		Title: line(note(r.Note, "titreObjectif")), Description: clean(r.Description.Text),
		Domain: firstWords(r.Category), Start: day(r.StartDate),
		Lifecycle: lifecycle(r.LifecycleStatus), Achievement: achievement(r.AchievementStatus),
		PatientView: clean(note(r.Note, "avisUsagerObjectif")),
		Strategy:    clean(note(r.Note, "strategieMiseEnOeuvreObjectif")),
	}
	if o.Title == "" {
		o.Title = cmp.Or(line(r.Description.Text), r.Description.words())
		if o.Title == line(o.Description) {
			o.Description = ""
		}
	}
	if o.Title == "" {
		in.refuse(e, "L’objectif n’a ni titre ni description.")
		return
	}
	if o.Achievement != "" {
		o.AchievementOn = day(r.StatusDate)
	}
	for _, t := range r.Target {
		o.Expected = cmp.Or(o.Expected, clean(t.DetailString))
		if d := day(t.DueDate); o.Due.IsZero() || !d.IsZero() && d.Before(o.Due) {
			o.Due = d
		}
	}
	p.next++
	o.Position = p.next
	source := careplan.SourceObjective{
		Key: e.key(), Plan: p.source.Key, Patient: p.source.Patient, Place: in.place(e), Objective: o,
	}
	source.Owner, source.Objective.OwnerName = in.professional(e, r.ExpressedBy)
	in.batch.Objectives = append(in.batch.Objectives, source)
	in.objectives[e] = &objective{e: e, key: source.Key, plan: p}
}

// planOfGoal finds a goal's plan: the goal's own reference (TDDUI), else the
// plan that lists it, an active one first.
func (in *reader) planOfGoal(e *entry, r goalResource) *plan {
	if x, ok := find(r.Extension, "tddui-careplan-reference"); ok {
		return in.planOf(e, x.ValueReference)
	}
	var found *plan
	for _, p := range in.order {
		for _, g := range p.resource.Goal {
			if in.resolve(p.e, g) != e {
				continue
			}
			if found == nil || found.source.Plan.Status != careplan.PlanActive && p.source.Plan.Status == careplan.PlanActive {
				found = p
			}
		}
	}
	return found
}

// sameSubject reports whether a reference names the plan's patient; a missing
// one says nothing against it.
func (in *reader) sameSubject(e *entry, r reference, p *plan) bool {
	if r.empty() {
		return true
	}
	key, _, ok := in.subject(e, r)
	return ok && key == p.source.Patient
}

func (in *reader) objectiveOf(e *entry, r reference) *objective {
	if target := in.resolve(e, r); target != nil {
		return in.objectives[target]
	}
	return nil
}

// note returns the text of the note with a discriminator.
func note(all []annotation, code string) string {
	for _, n := range all {
		if discriminator(n.Extension) == code {
			return n.Text
		}
	}
	return ""
}

// lifecycle maps Goal.lifecycleStatus; rejected counts as cancelled.
func lifecycle(s string) careplan.Lifecycle {
	switch l := careplan.Lifecycle(s); l {
	case careplan.Proposed, careplan.Planned, careplan.Accepted, careplan.Active, careplan.OnHold,
		careplan.ObjectiveCompleted, careplan.ObjectiveCancelled:
		return l
	}
	if s == "rejected" {
		return careplan.ObjectiveCancelled
	}
	return careplan.Proposed
}

// achievement maps a code of http://terminology.hl7.org/CodeSystem/goal-achievement.
func achievement(c concept) careplan.Achievement {
	for _, k := range c.Coding {
		switch a := careplan.Achievement(strings.ToLower(k.Code)); a {
		case careplan.InProgress, careplan.Improving, careplan.Worsening, careplan.NoChange, careplan.Achieved,
			careplan.Sustaining, careplan.NotAchieved, careplan.NoProgress, careplan.NotAttainable:
			return a
		}
	}
	return ""
}
