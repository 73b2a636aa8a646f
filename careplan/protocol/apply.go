package protocol

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Application is a protocol as adjusted to one patient: what the plan will hold.
type Application struct {
	Patient    id.Patient
	Protocol   id.Protocol
	Version    int // of the protocol, that the person saw
	Title      string
	Active     bool // else a draft
	NextReview date.Date
	Referent   id.Professional // empty: none yet
	Objectives []PlannedObjective
	Actions    []PlannedAction
}

// PlannedObjective is an objective of the plan to be.
type PlannedObjective struct {
	Title, Domain, Expected string
	Due                     date.Date
	Owner                   id.Professional
}

// PlannedAction is an action of the plan to be; Objective is an index, or
// NoObjective.
type PlannedAction struct {
	Title     string
	Due       date.Date
	Owner     id.Professional
	Objective int
}

// Prefill is the protocol's plan beginning on a day, before anybody adjusts it.
// A protocol's profession becomes an owner when the team has one person of it.
func (p Protocol) Prefill(on date.Date, team []Member) Application {
	a := Application{
		Protocol: p.ID, Version: p.Version, Title: p.Name, NextReview: on.AddDays(p.ReviewInterval),
	}
	for _, o := range p.Objectives {
		a.Objectives = append(a.Objectives, PlannedObjective{
			Title: o.Title, Domain: o.Domain, Expected: o.Expected, Due: after(on, 7*o.DueWeeks), Owner: only(team, o.Professions...),
		})
	}
	for _, act := range p.Actions {
		a.Actions = append(a.Actions, PlannedAction{
			Title: act.Title, Due: after(on, act.DueDays), Owner: only(team, act.Profession), Objective: act.Objective,
		})
	}
	return a
}

// Member is somebody of the team, who can be in charge.
type Member struct {
	ID         id.Professional
	Name       string
	Profession string
}

func after(on date.Date, days int) date.Date {
	if days == 0 {
		return date.Date{}
	}
	return on.AddDays(days)
}

// only is the team's single person of these professions, or nobody.
func only(team []Member, professions ...string) (found id.Professional) {
	for _, m := range team {
		if !slices.Contains(professions, m.Profession) {
			continue
		}
		if found != "" {
			return ""
		}
		found = m.ID
	}
	return found
}

// Check returns one fault with every field that is wrong; fields of lists are
// named by their index, as in Protocol.Check.
func (a Application) Check(op string, today date.Date, team []Member) error {
	var c fault.Check
	member := func(who id.Professional) bool {
		return who == "" || slices.ContainsFunc(team, func(m Member) bool { return m.ID == who })
	}
	c.That(strings.TrimSpace(a.Title) != "", "title", "Un intitulé est attendu.")
	c.That(utf8.RuneCountInString(a.Title) <= 200, "title", "%d caractères au plus.", 200)
	c.That(!a.NextReview.IsZero(), "next_review", "Indiquez le jour du prochain examen.")
	c.That(a.NextReview.IsZero() || !a.NextReview.Before(today), "next_review", "Ce jour est passé.")
	c.That(member(a.Referent), "referent", "Cette personne n’est pas dans l’équipe.")
	c.That(len(a.Objectives) > 0, "objectives", "Gardez au moins un objectif.")
	for i, o := range a.Objectives {
		at := "objective." + itoa(i) + "."
		Objective{Title: o.Title, Expected: o.Expected}.check(&c, at)
		c.That(o.Due.IsZero() || !o.Due.Before(today), at+"due", "Ce jour est passé.")
		c.That(member(o.Owner), at+"owner", "Cette personne n’est pas dans l’équipe.")
	}
	for i, act := range a.Actions {
		at := "action." + itoa(i) + "."
		Action{Title: act.Title, Objective: act.Objective}.check(&c, at, len(a.Objectives))
		c.That(act.Due.IsZero() || !act.Due.Before(today), at+"due", "Ce jour est passé.")
		c.That(member(act.Owner), at+"owner", "Cette personne n’est pas dans l’équipe.")
	}
	return c.Err(op)
}

// Made is the plan of an application with all that hangs on it, to be written
// in one transaction.
type Made struct {
	Plan       careplan.Plan
	Objectives []careplan.Objective
	Actions    []careplan.Action
	Circle     []careplan.CircleMember // who is in charge of something
}

// Make turns an application of p into a plan that begins on a day.
func (p Protocol) Make(a Application, on date.Date, team []Member) Made {
	names := map[id.Professional]string{}
	for _, m := range team {
		names[m.ID] = m.Name
	}
	plan := careplan.Plan{
		ID: id.New[id.Plan](), Org: p.Org, Patient: a.Patient, Team: p.Team, Title: strings.TrimSpace(a.Title),
		Category: string(p.Field), Status: careplan.PlanDraft, Start: on, Referent: a.Referent, ReferentName: names[a.Referent],
		ReviewInterval: p.ReviewInterval, NextReview: a.NextReview, Protocol: p.ID, ProtocolVersion: p.Version,
	}
	state := careplan.Planned
	if a.Active {
		plan.Status, state = careplan.PlanActive, careplan.Active
	}
	m := Made{Plan: plan}
	m.join(a.Referent, "referent", on)
	for i, o := range a.Objectives {
		m.Objectives = append(m.Objectives, careplan.Objective{
			ID: id.New[id.Objective](), Org: p.Org, Plan: plan.ID, Patient: a.Patient, Title: strings.TrimSpace(o.Title),
			Domain: o.Domain, Expected: strings.TrimSpace(o.Expected), Start: on, Due: o.Due, Owner: o.Owner, OwnerName: names[o.Owner],
			Lifecycle: state, Position: i + 1,
		})
		m.join(o.Owner, "member", on)
	}
	for _, act := range a.Actions {
		v := careplan.Action{
			ID: id.New[id.Action](), Org: p.Org, Plan: plan.ID, Patient: a.Patient, Title: strings.TrimSpace(act.Title),
			Owner: act.Owner, OwnerName: names[act.Owner], Status: careplan.Requested, Start: on, Due: act.Due,
		}
		if act.Objective != NoObjective {
			v.Objective = m.Objectives[act.Objective].ID
		}
		m.Actions = append(m.Actions, v)
		m.join(act.Owner, "member", on)
	}
	return m
}

// join puts whoever is in charge of something into the care circle, once.
func (m *Made) join(who id.Professional, role string, on date.Date) {
	known := slices.ContainsFunc(m.Circle, func(c careplan.CircleMember) bool { return c.Professional == who })
	if who != "" && !known {
		m.Circle = append(m.Circle, careplan.CircleMember{Patient: m.Plan.Patient, Professional: who, Role: role, From: on})
	}
}
