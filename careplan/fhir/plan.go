package fhir

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/rcp-care/rcp/careplan"
)

// plan is a care plan of the input.
type plan struct {
	e        *entry
	resource planResource
	source   careplan.SourcePlan
	who      *person // nil when known by identifier only
	next     int     // position of its next objective
}

// owner is the person whom the plan's own identifier names, else its patient.
func (p *plan) owner() string {
	if o := p.e.owner(); o != "" {
		return o
	}
	if p.who != nil {
		return p.who.local
	}
	return ""
}

func (in *reader) readPlan(e *entry) {
	r, ok := decode[planResource](in, e)
	if !ok {
		return
	}
	patient, who, ok := in.subject(e, r.Subject)
	switch {
	case !ok:
		in.refuse(e, "Le patient du plan n’est pas dans le fichier.")
		return
	case who != nil && differ(who.local, e.owner()):
		in.refuse(e, "L’identifiant du plan nomme une autre personne que son patient.")
		return
	case r.Status == "entered-in-error":
		in.refuse(e, "Le plan est marqué comme saisi par erreur.")
		return
	}
	if !in.claim(e, e.key()) {
		return
	}
	p := &plan{e: e, resource: r, who: who}
	p.source = careplan.SourcePlan{Key: e.key(), Patient: patient, Place: in.place(e), Plan: careplan.Plan{
		Title: planTitle(r), Description: clean(r.Description), Category: firstWords(r.Category),
		Start: day(r.Period.Start), End: day(r.Period.End), Status: in.planStatus(e, r.Status),
	}}
	p.source.Referent, p.source.Plan.ReferentName = in.professional(e, r.Author)
	in.order, in.plans[e] = append(in.order, p), p
}

// planTitle is the plan's title, or what else names it: Synthea gives none.
func planTitle(r planResource) string {
	first, _, _ := strings.Cut(clean(r.Description), "\n")
	return cmp.Or(line(r.Title), firstWords(r.Category), line(first), "Plan de soins")
}

func (in *reader) planStatus(e *entry, status string) careplan.PlanStatus {
	switch s := careplan.PlanStatus(status); s {
	case careplan.PlanDraft, careplan.PlanActive, careplan.PlanOnHold, careplan.PlanRevoked, careplan.PlanCompleted:
		return s
	}
	in.warn(e, "Le statut du plan n’est pas connu\u00a0: il est lu comme un brouillon.")
	return careplan.PlanDraft
}

// planOf finds the plan that a reference points at, in this input.
func (in *reader) planOf(e *entry, r reference) *plan {
	if target := in.resolve(e, r); target != nil {
		return in.plans[target]
	}
	return nil
}

// readActivities makes actions of a plan's inline activities. Their key is the
// plan's and their rank, so that a second import finds them again.
func (in *reader) readActivities(p *plan) {
	for n, a := range p.resource.Activity {
		if a.Detail == nil || a.Detail.Status == "entered-in-error" {
			continue
		}
		key := careplan.Key{System: p.source.Key.System, Value: fmt.Sprintf("%s#activity/%d", p.source.Key.Value, n)}
		title := cmp.Or(a.Detail.Code.words(), line(a.Detail.Description))
		if title == "" {
			in.refuse(p.e, "L’activité n°\u00a0%d du plan n’a ni titre ni description.", n+1)
			continue
		}
		source := careplan.SourceAction{Key: key, Plan: p.source.Key, Patient: p.source.Patient, Place: in.place(p.e)}
		source.Action = careplan.Action{
			Title: title, Description: clean(a.Detail.Description),
			Start: day(a.Detail.ScheduledPeriod.Start), Due: day(a.Detail.ScheduledPeriod.End),
		}
		if source.Action.Description == title {
			source.Action.Description = ""
		}
		setStatus(&source.Action, activityStatus(a.Detail.Status), a.Detail.Status)
		if len(a.Detail.Performer) > 0 {
			source.Owner, source.Action.OwnerName = in.professional(p.e, a.Detail.Performer[0])
		}
		for _, g := range a.Detail.Goal {
			if o := in.objectiveOf(p.e, g); o != nil && o.plan == p {
				source.Objective = o.key
				break
			}
		}
		in.batch.Actions = append(in.batch.Actions, source)
	}
}

// activityStatus maps CarePlan.activity.detail.status.
func activityStatus(s string) careplan.ActionStatus {
	switch s {
	case "in-progress", "on-hold":
		return careplan.ActionInProgress
	case "completed":
		return careplan.ActionCompleted
	case "cancelled", "stopped":
		return careplan.ActionCancelled
	}
	return careplan.Requested
}

// setStatus sets an action's status and what follows from it.
func setStatus(a *careplan.Action, status careplan.ActionStatus, source string) {
	a.Status = status
	switch {
	case status == careplan.ActionCompleted:
		a.Outcome, a.DoneOn = "done", a.Due
	case source == "failed":
		a.Outcome = "not-done"
	}
}
