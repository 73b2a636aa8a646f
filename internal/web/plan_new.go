package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/careplan/protocol"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// choosePlanView offers the protocols of a team for a patient.
type choosePlanView struct {
	Base
	P     careplan.Patient
	Open  careplan.Plan // the one that the patient has in the team, if any
	Team  meetings.Team
	Teams []teamChoice // more than one that the person leads
	Rows  []protocolRow
}

type teamChoice struct {
	meetings.Team
	Chosen bool
}

// choosePlan shows the protocols of the team asked for, else of the first one
// that the person leads.
func (s *Server) choosePlan(r *request) error {
	p, err := pathID[id.Patient](r, "id")
	if err != nil {
		return err
	}
	led, err := s.ledTeams(r)
	if err != nil {
		return err
	}
	asked := id.Team(r.Query("team"))
	i := max(slices.IndexFunc(led, func(t meetings.Team) bool { return t.ID == asked }), 0)
	if len(led) == 0 {
		return s.cfg.Auth.Refuse(r.ctx(), r.actor, "patient", string(p))
	}
	v := &choosePlanView{Team: led[i]}
	c, err := s.cfg.Protocols.Candidate(r.ctx(), r.actor, v.Team.ID, p)
	if err != nil {
		return err
	}
	v.P = c.Patient
	v.Open, _ = c.Open(v.Team.ID)
	if len(led) > 1 {
		for _, t := range led {
			v.Teams = append(v.Teams, teamChoice{t, t.ID == v.Team.ID})
		}
	}
	all, err := s.cfg.Protocols.List(r.ctx(), r.actor, v.Team.ID)
	if err != nil {
		return err
	}
	for _, p := range all {
		if !p.Archived {
			v.Rows = append(v.Rows, protocolRow{p, fieldWord(r.lang, p.Field)})
		}
	}
	if v.Base, err = s.base(r, place{menu: "/patients"}, "Partir d’un protocole"); err != nil {
		return err
	}
	return s.render(r, http.StatusOK, "plan-choose", v)
}

// ledTeams are the teams whose secretary or chair the person is.
func (s *Server) ledTeams(r *request) ([]meetings.Team, error) {
	all, err := s.cfg.Meetings.Teams(r.ctx(), r.actor)
	return slices.DeleteFunc(all, func(t meetings.Team) bool { return !r.actor.In(t.ID, auth.Secretary, auth.Chair) }), err
}

// planNewView is a protocol adjusted to a patient.
type planNewView struct {
	Base
	Form
	P       careplan.Patient
	Team    meetings.Team
	From    protocol.Protocol
	Plan    planForm
	Members []protocol.Member
}

// planForm is a plan to be, as typed.
type planForm struct {
	Title, NextReview, Referent string
	Active                      bool
	Goals                       []plannedGoal
	Tasks                       []plannedTask
}

type plannedGoal struct {
	Keep                                bool
	Title, Domain, Expected, Due, Owner string
}

type plannedTask struct {
	Keep                         bool
	Title, Due, Owner, Objective string
}

func planFormOf(a protocol.Application) planForm {
	f := planForm{Title: a.Title, NextReview: iso(a.NextReview)}
	for _, o := range a.Objectives {
		f.Goals = append(f.Goals, plannedGoal{true, o.Title, o.Domain, o.Expected, iso(o.Due), string(o.Owner)})
	}
	for _, act := range a.Actions {
		t := plannedTask{Keep: true, Title: act.Title, Due: iso(act.Due), Owner: string(act.Owner)}
		if act.Objective != protocol.NoObjective {
			t.Objective = itoa(act.Objective)
		}
		f.Tasks = append(f.Tasks, t)
	}
	return f
}

func readPlan(v url.Values) planForm {
	f := planForm{Title: v.Get("title"), NextReview: v.Get("next_review"), Referent: v.Get("referent"), Active: v.Get("status") == "active"}
	for i := range protocol.MaxObjectives {
		if at := "objective." + itoa(i) + "."; v.Has(at + "title") {
			f.Goals = append(f.Goals, plannedGoal{
				v.Has(at + "keep"), v.Get(at + "title"), v.Get(at + "domain"), v.Get(at + "expected"), v.Get(at + "due"), v.Get(at + "owner"),
			})
		}
	}
	for i := range protocol.MaxActions {
		if at := "action." + itoa(i) + "."; v.Has(at + "title") {
			f.Tasks = append(f.Tasks, plannedTask{v.Has(at + "keep"), v.Get(at + "title"), v.Get(at + "due"), v.Get(at + "owner"), v.Get(at + "objective")})
		}
	}
	return f
}

// kept remembers which row of the form became which of the application.
type kept struct{ goals, tasks []int }

// application is what was kept, with the days that could not be read among the
// refused fields, named as in the form.
func (f planForm) application(today date.Date) (a protocol.Application, k kept, c fault.Check) {
	read := func(text, name string) date.Date {
		d, ok := readDay(text, today)
		c.That(ok, name, badDay)
		return d
	}
	a = protocol.Application{Title: f.Title, NextReview: read(f.NextReview, "next_review"), Referent: id.Professional(f.Referent), Active: f.Active}
	at := map[string]int{}
	for i, g := range f.Goals {
		if g.Keep {
			at[itoa(i)] = len(a.Objectives)
			k.goals = append(k.goals, i)
			a.Objectives = append(a.Objectives, protocol.PlannedObjective{
				Title: g.Title, Domain: g.Domain, Expected: g.Expected, Due: read(g.Due, "objective."+itoa(i)+".due"), Owner: id.Professional(g.Owner),
			})
		}
	}
	for i, t := range f.Tasks {
		if t.Keep {
			of, ok := at[t.Objective]
			if !ok {
				of = protocol.NoObjective
			}
			k.tasks = append(k.tasks, i)
			a.Actions = append(a.Actions, protocol.PlannedAction{
				Title: t.Title, Due: read(t.Due, "action."+itoa(i)+".due"), Owner: id.Professional(t.Owner), Objective: of,
			})
		}
	}
	return a, k, c
}

// named gives the errors of the application the names that their rows have in
// the form.
func (k kept) named(errs map[string]string) map[string]string {
	out := map[string]string{}
	for name, what := range errs {
		parts := strings.SplitN(name, ".", 3)
		rows := map[string][]int{"objective": k.goals, "action": k.tasks}[parts[0]]
		if i := readCount(parts[min(1, len(parts)-1)], -1); len(parts) == 3 && i >= 0 && i < len(rows) {
			name = parts[0] + "." + itoa(rows[i]) + "." + parts[2]
		}
		out[name] = what
	}
	return out
}

// planPage is the protocol's plan for the patient, to be adjusted.
func (s *Server) planPage(r *request) error {
	v, err := s.newPlan(r, 0)
	if err != nil {
		return err
	}
	v.Plan = planFormOf(v.From.Prefill(s.today(zoneOf(v.Team)), v.Members))
	return s.showPlan(r, http.StatusOK, v)
}

// newPlan reads whom the plan is for, and the protocol in a version.
func (s *Server) newPlan(r *request, version int) (*planNewView, error) {
	p, err := pathID[id.Patient](r, "id")
	if err != nil {
		return nil, err
	}
	pr, err := pathID[id.Protocol](r, "protocol")
	if err != nil {
		return nil, err
	}
	full, err := s.cfg.Protocols.Read(r.ctx(), r.actor, pr, version)
	if err != nil {
		return nil, err
	}
	v := &planNewView{From: full.Protocol}
	if v.Team, err = s.cfg.Meetings.Team(r.ctx(), r.actor, full.Team); err != nil {
		return nil, err
	}
	c, err := s.cfg.Protocols.Candidate(r.ctx(), r.actor, full.Team, p)
	if err != nil {
		return nil, err
	}
	v.P = c.Patient
	v.Members, err = s.cfg.Protocols.Team(r.ctx(), r.actor, full.Team)
	return v, err
}

func (s *Server) showPlan(r *request, status int, v *planNewView) (err error) {
	if v.Base, err = s.base(r, place{menu: "/patients"}, "Plan d’après un protocole"); err != nil {
		return err
	}
	return s.render(r, status, "plan-new", v)
}

// makePlan makes the plan, a draft or active.
func (s *Server) makePlan(r *request) error {
	v, err := s.newPlan(r, max(r.number("version"), 0))
	if err != nil {
		return err
	}
	v.Plan = readPlan(r.form())
	app, k, days := v.Plan.application(s.today(zoneOf(v.Team)))
	app.Patient, app.Protocol, app.Version = v.P.ID, v.From.ID, v.From.Version
	if err = days.Err("web.makePlan"); err == nil {
		_, err = s.cfg.Protocols.Apply(r.ctx(), r.actor, app)
		if f, ok := refused(r, err); ok {
			v.Form, v.Errors = f, k.named(f.Errors)
			v.Form.Errors = v.Errors
			return s.showPlan(r, http.StatusUnprocessableEntity, v)
		}
	}
	if f, ok := refused(r, err); ok {
		v.Form = f
		return s.showPlan(r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return r.see("/patients/" + string(v.P.ID) + "?did=plan")
}

// planSource is the protocol that a plan was made from.
type planSource struct {
	Name    string
	Version int
	Link    string
}

// offerPlans says what can be done to the plans: make one, activate a draft,
// give one to a team; and where each comes from.
func (s *Server) offerPlans(r *request, view *patientView) error {
	led, err := s.ledTeams(r)
	if err != nil {
		return err
	}
	free := slices.Clone(led)
	for i := range view.Plans {
		p := &view.Plans[i]
		if p.From, err = s.planSource(r, p.Plan); err != nil {
			return err
		}
		if p.Plan.Status == careplan.PlanCompleted || p.Plan.Status == careplan.PlanRevoked {
			continue
		}
		if p.Team == "" {
			p.Adopters = led
		}
		p.MayActivate = p.Plan.Status == careplan.PlanDraft && leads(r.actor, p.Team)
		free = slices.DeleteFunc(free, func(t meetings.Team) bool { return t.ID == p.Team })
	}
	view.MayPlan = len(free) > 0 && !view.P.Deceased
	return nil
}

// planSource names the protocol that a plan comes from, for the team's members.
func (s *Server) planSource(r *request, p careplan.Plan) (*planSource, error) {
	if p.Protocol == "" || !r.actor.In(p.Team) {
		return nil, nil
	}
	full, err := s.cfg.Protocols.Read(r.ctx(), r.actor, p.Protocol, p.ProtocolVersion)
	if fault.Is(err, fault.Forbidden) { // another team's, from which this one took the plan over
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	link := "/teams/" + string(full.Team) + "/protocols/" + string(full.ID) + "?version=" + itoa(full.Version)
	return &planSource{full.Name, full.Version, link}, nil
}

// checkLine ticks a line of the checklist of a case's protocol, or takes the
// tick off.
func (s *Server) checkLine(r *request) error {
	c, err := pathID[id.Case](r, "id")
	if err != nil {
		return err
	}
	if err := s.cfg.Protocols.Check(r.ctx(), r.actor, c, r.text("line"), r.text("done") != ""); err != nil {
		return err
	}
	return r.see("/cases/" + string(c) + "/preparation#liste")
}

// assignPlan gives a plan of no team to one that the person leads.
func (s *Server) assignPlan(r *request) error {
	plan, err := pathID[id.Plan](r, "plan")
	if err != nil {
		return err
	}
	err = s.cfg.Patients.AssignPlan(r.ctx(), r.actor, plan, id.Team(r.text("team")), r.number("version"))
	return s.afterPatient(r, err, "assign."+string(plan), "?did=assign")
}

// activatePlan makes a draft the patient's plan.
func (s *Server) activatePlan(r *request) error {
	plan, err := pathID[id.Plan](r, "plan")
	if err != nil {
		return err
	}
	err = s.cfg.Patients.ActivatePlan(r.ctx(), r.actor, plan, r.number("version"))
	return s.afterPatient(r, err, "activate."+string(plan), "?did=activate")
}
