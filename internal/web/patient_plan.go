package web

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/minutes"
)

// planViews arranges the plans, the active one first.
func (s *Server) planViews(r *request, file careplan.File, past []minutes.PastDecision, today date.Date) ([]planView, error) {
	teams, err := s.cfg.Meetings.Teams(r.ctx(), r.actor)
	if err != nil {
		return nil, err
	}
	names := map[id.Team]string{}
	for _, t := range teams {
		names[t.ID] = t.Name
	}
	var all []planView
	for _, p := range file.Plans {
		v := planView{Plan: p, Status: planState(r.lang, p.Status), TeamIs: names[p.Team]}
		titles := map[id.Objective]string{}
		for _, o := range file.Objectives {
			if o.Plan == p.ID {
				titles[o.ID] = o.Title
				v.Goals = append(v.Goals, newGoal(r.lang, o, past, today))
			}
		}
		slices.SortStableFunc(v.Goals, func(a, b goalView) int { return cmp.Compare(boolRank(a.Over), boolRank(b.Over)) })
		v.addActions(r.lang, file.Actions, titles, today)
		all = append(all, v)
	}
	slices.SortStableFunc(all, func(a, b planView) int { return cmp.Compare(planRank(a.Plan.Status), planRank(b.Plan.Status)) })
	return all, nil
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

func planRank(s careplan.PlanStatus) int {
	return slices.Index([]careplan.PlanStatus{
		careplan.PlanActive, careplan.PlanDraft, careplan.PlanOnHold, careplan.PlanCompleted, careplan.PlanRevoked,
	}, s)
}

func planState(l string, s careplan.PlanStatus) state {
	switch s {
	case careplan.PlanActive:
		return state{"on", lang.T(l, "Actif")}
	case careplan.PlanDraft:
		return state{"todo", lang.T(l, "Brouillon")}
	case careplan.PlanOnHold:
		return state{"run", lang.T(l, "Suspendu")}
	case careplan.PlanCompleted:
		return state{"ok", lang.T(l, "Terminé")}
	}
	return state{"off", lang.T(l, "Arrêté")}
}

func newGoal(l string, o careplan.Objective, past []minutes.PastDecision, today date.Date) goalView {
	points := pointsOf(o.ID, o.Start, o.Achievement, o.AchievementOn, past)
	g := goalView{Objective: o, Traj: trajOf(l, points, o.Due, true), Over: !o.Lifecycle.Open()}
	if n := len(points); n > 0 {
		g.Last = points[n-1].Verdict
	}
	if v := verdictOf(o.Achievement); v != waitingVerdict && (g.Last == waitingVerdict || g.Last == minutes.VerdictNew) {
		g.Last = v // an achievement without a date has no place in the drawing
	}
	achieved := g.Last == minutes.VerdictAchieved
	if !g.Over && !achieved && !o.Due.IsZero() && o.Due.Before(today) {
		g.Late = today.Sub(o.Due)
	}
	switch o.Lifecycle {
	case careplan.ObjectiveCompleted:
		g.State = lang.T(l, "Clos")
	case careplan.ObjectiveCancelled:
		g.State = lang.T(l, "Abandonné")
	case careplan.OnHold:
		g.State = lang.T(l, "Suspendu")
	case careplan.Proposed:
		g.State = lang.T(l, "Proposé")
	}
	return g
}

// shownDone is how many finished actions stay in sight.
const shownDone = 3

func (v *planView) addActions(l string, all []careplan.Action, titles map[id.Objective]string, today date.Date) {
	var open, done []actionRow
	for _, a := range all {
		if a.Plan != v.ID {
			continue
		}
		row := actionRow{Action: a, For: titles[a.Objective], Open: a.Status.Open(), State: actionState(l, a, today), Reason: reasonWord(l, a.Reason)}
		if row.Open {
			open = append(open, row)
		} else {
			done = append(done, row)
		}
	}
	slices.SortStableFunc(open, func(a, b actionRow) int { return a.Due.Sub(b.Due) })
	slices.SortStableFunc(done, func(a, b actionRow) int { return b.DoneOn.Sub(a.DoneOn) })
	v.Done = max(len(done)-shownDone, 0)
	v.Actions = append(open, done[:min(len(done), shownDone)]...)
}

func actionState(l string, a careplan.Action, today date.Date) state {
	switch {
	case a.Status == careplan.ActionCancelled:
		return state{"off", lang.T(l, "Annulée")}
	case a.Outcome == careplan.OutcomePartly:
		return state{"run", lang.T(l, "Fait en partie")}
	case a.Outcome == careplan.OutcomeNotDone:
		return state{"abandoned", lang.T(l, "Non fait")}
	case a.Status == careplan.ActionCompleted && !a.DoneOn.IsZero():
		return state{"ok", lang.T(l, "Fait le %s", lang.DayMonth(a.DoneOn))}
	case a.Status == careplan.ActionCompleted:
		return state{"ok", lang.T(l, "Fait")}
	case !a.Due.IsZero() && a.Due.Before(today):
		return state{"bad", lang.T(l, "En retard")}
	case a.Status == careplan.ActionInProgress:
		return state{"run", lang.T(l, "En cours")}
	}
	return state{"todo", lang.T(l, "À faire")}
}

func reasonWord(l, key string) string {
	for _, n := range careplan.NotDoneReasons() {
		if n.Key == key && l == lang.English {
			return n.English
		}
		if n.Key == key {
			return n.French
		}
	}
	return ""
}

// setAction says what became of an action.
func (s *Server) setAction(r *request) error {
	action, err := pathID[id.Action](r, "action")
	if err != nil {
		return err
	}
	_, err = s.cfg.Patients.SetAction(r.ctx(), r.actor, action, actionChange(r))
	return s.afterPatient(r, err, string(action), "?did=action#actions")
}

// setSharing traces an agreement or an opposition.
func (s *Server) setSharing(r *request) error {
	p, err := pathID[id.Patient](r, "id")
	if err != nil {
		return err
	}
	on, ok := readDay(r.PostForm("on"), s.today(paris()))
	if !ok {
		return s.afterPatient(r, badField("on"), "sharing", "")
	}
	err = s.cfg.Patients.SetSharing(r.ctx(), r.actor, p, careplan.SharingChange{
		Sharing: careplan.Sharing(r.text("sharing")), On: on, Informed: r.text("informed") != "", Version: r.number("version"),
	})
	return s.afterPatient(r, err, "sharing", "?did=sharing")
}

// addEvent notes something that happened.
func (s *Server) addEvent(r *request) error {
	p, err := pathID[id.Patient](r, "id")
	if err != nil {
		return err
	}
	on, ok := readDay(r.PostForm("on"), s.today(paris()))
	if !ok {
		return s.afterPatient(r, badField("on"), "event", "")
	}
	_, err = s.cfg.Patients.AddEvent(r.ctx(), r.actor, careplan.PatientEvent{
		Patient: p, Kind: careplan.EventKind(r.text("kind")), On: on, Text: r.text("text"),
	})
	return s.afterPatient(r, err, "event", "?did=event")
}

// badField refuses a day that cannot be read.
func badField(name string) error {
	return &fault.Error{
		Kind: fault.Invalid, Op: "web.readDay", Code: lang.Mark("Certains champs sont à corriger."),
		Fields: []fault.Field{{Name: name, Code: badDay}},
	}
}

// afterPatient shows the refused form on the patient's page, or goes back to it.
func (s *Server) afterPatient(r *request, err error, which, to string) error {
	if f, ok := refused(r, err); ok {
		return s.showPatient(r, http.StatusUnprocessableEntity, f, which)
	}
	if err != nil {
		return err
	}
	p, err := pathID[id.Patient](r, "id")
	if err != nil {
		return err
	}
	return r.see("/patients/" + string(p) + to)
}
