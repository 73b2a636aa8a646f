package fhir

import (
	"cmp"
	"strings"

	"github.com/rcp-care/rcp/careplan"
)

// readTask reads a Task: an action, or a review of the plan (bilan). Means
// (moyens) are passed over. All are Task; the system of the identifier tells.
func (in *reader) readTask(e *entry) {
	r, ok := decode[taskResource](in, e)
	if !ok {
		return
	}
	if r.Status == "entered-in-error" {
		in.refuse(e, "L’action est marquée comme saisie par erreur.")
		return
	}
	switch e.kind() {
	case "moyenressource":
		in.ignore("Task (moyen)")
	case "bilan":
		in.readReview(e, r)
	default:
		in.readAction(e, r)
	}
}

// readReview takes the plan's last and next review from its latest bilan.
func (in *reader) readReview(e *entry, r taskResource) {
	p := in.basedOn(e, r)
	if p == nil {
		in.refuse(e, "Le plan du bilan n’est pas dans le fichier.")
		return
	}
	if differ(p.owner(), e.owner()) {
		in.refuse(e, "Le bilan et son plan ne nomment pas la même personne.")
		return
	}
	on := day(r.ExecutionPeriod.Start)
	if on.IsZero() || r.Status == "cancelled" || r.Status == "rejected" {
		in.ignore("Task (bilan)")
		return
	}
	plan := &p.source.Plan
	if !plan.LastReview.IsZero() && !on.After(plan.LastReview) {
		return
	}
	plan.LastReview = on
	i := input(r.Input, "dateProchainBilan")
	plan.NextReview = day(cmp.Or(i.ValueDateTime, i.ValueDate))
}

// readAction reads an action and finds whose it is. The objective decides: a
// published example refers all its actions to the plan of another person. The
// reference to a plan counts only when there is no objective and nothing in
// the action speaks against it.
func (in *reader) readAction(e *entry, r taskResource) {
	o, reason := in.objectiveOfTask(e, r)
	if reason != "" {
		in.refuse(e, reason)
		return
	}
	p, strayed := in.basedOn(e, r), false
	switch {
	case o != nil && p != o.plan:
		p, strayed = o.plan, len(r.BasedOn) > 0
	case p == nil:
		in.refuse(e, "L’action n’a ni objectif ni plan dans le fichier.")
		return
	}
	if differ(p.owner(), e.owner()) || !in.sameSubject(e, r.For, p) {
		in.refuse(e, "L’action et son plan ne nomment pas la même personne.")
		return
	}
	source := careplan.SourceAction{Key: e.key(), Plan: p.source.Key, Patient: p.source.Patient, Place: in.place(e)}
	if o != nil {
		source.Objective = o.key
	}
	source.Action = action(r)
	if source.Action.Title == "" {
		in.refuse(e, "L’action n’a ni titre ni description.")
		return
	}
	source.Owner, source.Action.OwnerName = in.professional(e, r.Owner)
	if !in.claim(e, source.Key) {
		return
	}
	in.batch.Actions = append(in.batch.Actions, source)
	if strayed {
		in.warn(e, "La référence de l’action désigne un autre plan que celui de son objectif\u00a0: l’action suit l’objectif.")
	}
}

// objectiveOfTask resolves input[objectif]. Several objectives of one person
// are allowed by the model: the first is kept.
func (in *reader) objectiveOfTask(e *entry, r taskResource) (o *objective, reason string) {
	for _, i := range r.Input {
		if !i.Type.has("objectif") {
			continue
		}
		found := in.objectiveOf(e, i.ValueReference)
		switch {
		case found == nil:
			return nil, "L’objectif de l’action n’est pas dans le fichier, ou a été refusé."
		case o != nil && found.plan.source.Patient != o.plan.source.Patient:
			return nil, "Les objectifs de l’action sont de plusieurs personnes."
		case o == nil:
			o = found
		}
	}
	return o, ""
}

// basedOn finds a task's plan: its own reference, else the plan whose activity
// refers to it.
func (in *reader) basedOn(e *entry, r taskResource) *plan {
	for _, b := range r.BasedOn {
		if p := in.planOf(e, b); p != nil {
			return p
		}
	}
	if len(r.BasedOn) > 0 {
		return nil
	}
	for _, p := range in.order {
		for _, a := range p.resource.Activity {
			if in.resolve(p.e, a.Reference) == e {
				return p
			}
		}
	}
	return nil
}

func action(r taskResource) careplan.Action {
	a := careplan.Action{
		Title: line(input(r.Input, "titre").ValueString), Description: clean(r.Description),
		Start: day(r.ExecutionPeriod.Start), Due: day(cmp.Or(r.ExecutionPeriod.End, r.Restriction.Period.End)),
	}
	if a.Title == "" {
		first, rest, _ := strings.Cut(a.Description, "\n")
		if a.Title = r.Code.words(); a.Title == "" {
			a.Title, a.Description = line(first), strings.TrimSpace(rest)
		}
	}
	setStatus(&a, taskStatus(r.Status), r.Status)
	return a
}

// taskStatus maps Task.status to the subset that RCP uses.
func taskStatus(s string) careplan.ActionStatus {
	switch s {
	case "in-progress", "on-hold":
		return careplan.ActionInProgress
	case "completed":
		return careplan.ActionCompleted
	case "cancelled", "rejected", "failed":
		return careplan.ActionCancelled
	}
	return careplan.Requested
}

// input returns the parameter with a type code, whatever its code system.
func input(all []parameter, code string) parameter {
	for _, i := range all {
		if i.Type.has(code) {
			return i
		}
	}
	return parameter{}
}
