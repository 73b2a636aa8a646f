package minutes

import (
	"cmp"
	"slices"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// PlanChanges are the rows that follow from signed minutes. The store sets the
// organisation, the team and the time on new ones.
type PlanChanges struct {
	NewPlans      []careplan.Plan
	Plans         []careplan.Plan
	NewObjectives []careplan.Objective
	Objectives    []careplan.Objective
	NewActions    []careplan.Action
	Actions       []careplan.Action
}

// defaultInterval is the days between reviews when neither plan nor team says.
const defaultInterval = 90

// Follow returns what the decisions change in the patients' plans, objectives
// and actions, given as they stand. Applied, it has nothing left to change: a
// correction follows again. What a later meeting decided is not undone.
// interval is the team's days between reviews.
func Follow(c Content, files map[id.Patient]careplan.File, interval int) PlanChanges {
	var ch PlanChanges
	for _, k := range c.Cases {
		f := following{c: c, k: k, d: k.Decision, file: files[k.Patient], day: c.day(), interval: interval}
		f.plan(&ch)
		f.objectives(&ch)
		f.actions(&ch)
	}
	return ch
}

// following is one case of the content against the patient's file.
type following struct {
	c        Content
	k        Case
	d        Decision
	file     careplan.File
	day      date.Date
	interval int
}

// plan moves the review: to the date decided, else by the interval; a case
// judged by an RCP without its quorum is due again at once.
func (f following) plan(ch *PlanChanges) {
	if f.d.Plan == "" {
		return
	}
	i := slices.IndexFunc(f.file.Plans, func(p careplan.Plan) bool { return p.ID == f.d.Plan })
	p := careplan.Plan{ID: f.d.Plan, Patient: f.k.Patient, Title: "Plan de soins", Status: careplan.PlanActive, Start: f.day}
	if i >= 0 {
		p = f.file.Plans[i]
	}
	if p.LastReview.After(f.day) {
		return
	}
	was := p
	p.LastReview, p.NextReview = f.day, f.nextReview(p)
	switch {
	case i < 0:
		ch.NewPlans = append(ch.NewPlans, p)
	case p.LastReview != was.LastReview || p.NextReview != was.NextReview:
		ch.Plans = append(ch.Plans, p)
	}
}

func (f following) nextReview(p careplan.Plan) date.Date {
	switch {
	case f.c.Kind == meetings.RCP && f.d.Quorum.State != meetings.QuorumReached:
		return f.day.AddDays(1)
	case !f.d.NextReview.IsZero():
		return f.d.NextReview
	}
	return f.day.AddDays(cmp.Or(p.ReviewInterval, f.interval, defaultInterval))
}

// outcome is what a verdict makes of an objective.
func outcome(v Verdict, was careplan.Lifecycle) (careplan.Achievement, careplan.Lifecycle) {
	open := was
	if !was.Open() { // a correction takes back what closed it
		open = careplan.Active
	}
	switch v {
	case VerdictAchieved:
		return careplan.Achieved, careplan.ObjectiveCompleted
	case VerdictProgress:
		return careplan.Improving, open
	case VerdictStable:
		return careplan.NoChange, open
	case VerdictSetback:
		return careplan.Worsening, open
	case VerdictAbandoned:
		return careplan.NotAttainable, careplan.ObjectiveCancelled
	}
	return "", was
}

func (f following) objectives(ch *PlanChanges) {
	for _, r := range f.d.Objectives {
		i := slices.IndexFunc(f.file.Objectives, func(o careplan.Objective) bool { return o.ID == r.Objective })
		switch {
		case i >= 0:
			if o := f.file.Objectives[i]; f.judge(&o, r.Verdict) {
				ch.Objectives = append(ch.Objectives, o)
			}
		case r.Verdict == VerdictNew && r.Objective != "" && f.d.Plan != "":
			ch.NewObjectives = append(ch.NewObjectives, careplan.Objective{
				ID: r.Objective, Plan: f.d.Plan, Patient: f.k.Patient, Title: r.Title, Expected: r.Expected, Start: f.day, Due: r.Due,
				OwnerName: r.Owner, Lifecycle: careplan.Active, Achievement: careplan.InProgress, AchievementOn: f.day,
				Position: len(f.file.Objectives) + len(ch.NewObjectives) + 1,
			})
		}
	}
}

// judge applies a verdict and reports whether it changed the objective.
func (f following) judge(o *careplan.Objective, v Verdict) bool {
	achievement, lifecycle := outcome(v, o.Lifecycle)
	if achievement == "" || o.AchievementOn.After(f.day) {
		return false
	}
	was := *o
	o.Achievement, o.Lifecycle, o.AchievementOn = achievement, lifecycle, f.day
	return *o != was
}

func (f following) actions(ch *PlanChanges) {
	for _, n := range f.d.Actions {
		a := careplan.Action{
			ID: n.ID, Plan: f.d.Plan, Patient: f.k.Patient, Objective: n.Objective, Title: n.Title, Owner: n.Owner,
			OwnerName: n.OwnerName, Status: careplan.Requested, Start: f.day, Due: n.Due, Case: f.k.Case,
		}
		i := slices.IndexFunc(f.file.Actions, func(a careplan.Action) bool { return a.ID == n.ID })
		if i < 0 {
			if n.ID != "" && f.d.Plan != "" {
				ch.NewActions = append(ch.NewActions, a)
			}
			continue
		}
		was := f.file.Actions[i]
		now := was
		now.Objective, now.Title, now.Owner, now.OwnerName, now.Due = a.Objective, a.Title, a.Owner, a.OwnerName, a.Due
		if was.Status.Open() && now != was {
			ch.Actions = append(ch.Actions, now)
		}
	}
}

// takeBack adds what a correction no longer holds: actions and objectives that
// the version before decided are cancelled while they are still open.
func (ch *PlanChanges) takeBack(old, now Decision, f careplan.File) {
	for _, a := range f.Actions {
		was := slices.ContainsFunc(old.Actions, func(n NewAction) bool { return n.ID == a.ID })
		is := slices.ContainsFunc(now.Actions, func(n NewAction) bool { return n.ID == a.ID })
		if was && !is && a.Status.Open() {
			a.Status = careplan.ActionCancelled
			ch.Actions = append(ch.Actions, a)
		}
	}
	for _, o := range f.Objectives {
		was := slices.ContainsFunc(old.Objectives, func(r ObjectiveResult) bool { return r.Objective == o.ID && r.Verdict == VerdictNew })
		is := slices.ContainsFunc(now.Objectives, func(r ObjectiveResult) bool { return r.Objective == o.ID })
		if was && !is && o.Lifecycle.Open() {
			o.Lifecycle = careplan.ObjectiveCancelled
			ch.Objectives = append(ch.Objectives, o)
		}
	}
}

// named gives an id to whatever the decisions make new, so that the frozen
// content names the rows that follow from it.
func named(c Content) Content {
	c.Cases = slices.Clone(c.Cases)
	for i := range c.Cases {
		d := &c.Cases[i].Decision
		d.Objectives, d.Actions = slices.Clone(d.Objectives), slices.Clone(d.Actions)
		for j := range d.Objectives {
			if d.Objectives[j].Verdict == VerdictNew && d.Objectives[j].Objective == "" {
				d.Objectives[j].Objective = id.New[id.Objective]()
			}
		}
		for j := range d.Actions {
			if d.Actions[j].ID == "" {
				d.Actions[j].ID = id.New[id.Action]()
			}
		}
		makes := len(d.Actions) > 0 || slices.ContainsFunc(d.Objectives, func(r ObjectiveResult) bool { return r.Verdict == VerdictNew })
		if d.Plan == "" && makes {
			d.Plan = id.New[id.Plan]()
		}
	}
	return c
}
