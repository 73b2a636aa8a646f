package web

import (
	"net/http"
	"strconv"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
)

// actionsView is « Mes actions »: what the person has to do, and did.
type actionsView struct {
	Base
	Form
	Which string // the refused form: an action's or a case's id
	followLists
	Tab     string
	Tabs    []followTab
	Reasons []choice
	Hows    []choice
	Today   date.Date
	Leads   []RailTeam // teams whose actions they follow
}

// followLists are the rows that a page shows.
type followLists struct {
	Rows []followRow
	Tell []tellRow
}

type followTab struct {
	Key, Name string
	N         int
	Current   bool
}

type followRow struct {
	careplan.Followed
	State  state
	Reason string
}

type tellRow struct {
	careplan.Telling
	State state
	HowIs string
}

// The tabs of the lists.
const (
	tabLate   = "late"
	tabComing = "coming"
	tabDone   = "done"
)

func (s *Server) actions(r *request) error { return s.showActions(r, http.StatusOK, Form{}, "") }

func (s *Server) showActions(r *request, status int, f Form, which string) error {
	all, err := s.cfg.Patients.FollowUp(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	b, err := s.base(r, place{menu: "/actions"}, "Mes actions")
	if err != nil {
		return err
	}
	v := &actionsView{Base: b, Form: f, Which: which, Today: s.today(paris()), Reasons: notDone(r.lang, f), Hows: hows(r.lang, f)}
	v.choose(r, all)
	for _, t := range b.Rail.Teams {
		if r.actor.In(t.ID, auth.Secretary, auth.Chair) {
			v.Leads = append(v.Leads, t)
		}
	}
	v.Toast = followToast(r)
	return s.render(r, status, "actions", v)
}

// choose fills the tab that was asked for, or the first with something in it.
func (v *actionsView) choose(r *request, all careplan.FollowUp) {
	lists := map[string]followLists{tabDone: {followRows(r.lang, all.Recent), tellRows(r.lang, all.Told)}}
	late, coming := followLists{Rows: followRows(r.lang, all.Late)}, followLists{Rows: followRows(r.lang, all.Coming)}
	for _, t := range tellRows(r.lang, all.Tell) {
		if t.Late() > 0 {
			late.Tell = append(late.Tell, t)
		} else {
			coming.Tell = append(coming.Tell, t)
		}
	}
	lists[tabLate], lists[tabComing] = late, coming
	if v.Tab = r.text("list"); v.Tab == "" {
		v.Tab = r.Query("list")
	}
	if _, known := lists[v.Tab]; !known {
		if v.Tab = tabComing; late.n() > 0 {
			v.Tab = tabLate
		}
	}
	v.followLists = lists[v.Tab]
	for _, t := range []followTab{{Key: tabLate, Name: r.T("En retard")}, {Key: tabComing, Name: r.T("À venir")}, {Key: tabDone, Name: r.T("Terminées récemment")}} {
		t.N, t.Current = lists[t.Key].n(), t.Key == v.Tab
		v.Tabs = append(v.Tabs, t)
	}
}

// Back is what a form of the page carries to come back to the same tab.
func (v *actionsView) Back() map[string]string { return map[string]string{"list": v.Tab} }

func (l followLists) n() int { return len(l.Rows) + len(l.Tell) }

func followRows(l string, all []careplan.Followed) []followRow {
	rows := make([]followRow, len(all))
	for i, f := range all {
		rows[i] = followRow{Followed: f, State: dueState(l, f), Reason: reasonWord(l, f.Action.Reason)}
		if f.Action.Note != "" {
			rows[i].Reason += lang.T(l, " :") + " " + f.Action.Note
		}
	}
	return rows
}

// dueState says how an action stands; a late one by how many days.
func dueState(l string, f careplan.Followed) state {
	switch {
	case f.Late() > 0:
		return state{"bad", lang.N(l, f.Late(), "En retard de %d jour", "En retard de %d jours")}
	case f.Action.Status.Open() && !f.Action.Due.IsZero() && f.Days == 0:
		return state{"warn", lang.T(l, "Pour aujourd’hui")}
	}
	return actionState(l, f.Action, date.Date{})
}

func tellRows(l string, all []careplan.Telling) []tellRow {
	rows := make([]tellRow, len(all))
	for i, t := range all {
		rows[i] = tellRow{Telling: t, State: tellState(l, t), HowIs: howWord(l, t.How)}
	}
	return rows
}

func tellState(l string, t careplan.Telling) state {
	switch {
	case t.Done():
		return state{"ok", lang.T(l, "Informé le %s", lang.Numeric(t.On))}
	case t.Late() > 0:
		return state{"bad", lang.N(l, t.Late(), "En retard de %d jour", "En retard de %d jours")}
	}
	return state{"todo", lang.T(l, "À faire")}
}

func howWord(l string, h careplan.How) string {
	switch h {
	case careplan.ByInterview:
		return lang.T(l, "en entretien")
	case careplan.ByPhone:
		return lang.T(l, "par téléphone")
	case careplan.ByLetter:
		return lang.T(l, "par courrier")
	case careplan.Otherwise:
		return lang.T(l, "autrement")
	}
	return ""
}

func hows(l string, f Form) (out []choice) {
	for _, h := range careplan.Hows() {
		out = append(out, choice{string(h), howWord(l, h), f.Is("how", string(h))})
	}
	return out
}

// notDone are the reasons why an action was not done.
func notDone(l string, f Form) (out []choice) {
	for _, n := range careplan.NotDoneReasons() {
		out = append(out, choice{n.Key, reasonWord(l, n.Key), f.Is("reason", n.Key)})
	}
	return out
}

// followToast tells what was done, and lets it be taken back.
func followToast(r *request) *Toast {
	back := map[string]string{"version": r.Query("v"), "list": r.Query("list"), "undo": "1"}
	switch did := r.Query("did"); did {
	case "action":
		if a := id.Action(r.Query("id")); id.Valid(a) {
			return &Toast{Text: r.T("L’action est mise à jour."), Undo: "/actions/" + string(a), Fields: back}
		}
	case "told":
		if c := id.Case(r.Query("id")); id.Valid(c) {
			return &Toast{Text: r.T("C’est noté : le patient est informé."), Undo: "/told/" + string(c), Fields: back}
		}
	case "undone":
		return &Toast{Text: r.T("C’est annulé.")}
	}
	return nil
}

// setOwnAction says from « Mes actions » what became of an action, or takes it
// back.
func (s *Server) setOwnAction(r *request) error {
	action, err := pathID[id.Action](r, "id")
	if err != nil {
		return err
	}
	c, did := actionChange(r), "action"
	if r.text("undo") != "" {
		c, did = careplan.ActionChange{Status: careplan.Requested, Version: r.number("version")}, "undone"
	}
	now, err := s.cfg.Patients.SetAction(r.ctx(), r.actor, action, c)
	if f, ok := refused(r, err); ok {
		return s.showActions(r, http.StatusUnprocessableEntity, f, string(action))
	}
	if err != nil {
		return err
	}
	return r.see(followBack(r.text("list"), did, string(action), now.Version))
}

func followBack(list, did, which string, version int) string {
	if list != tabComing && list != tabDone {
		list = tabLate
	}
	return "/actions?list=" + list + "&did=" + did + "&id=" + which + "&v=" + strconv.Itoa(version)
}

// actionChange reads what became of an action: the form's "what" is a state, or
// the outcome of a finished one.
func actionChange(r *request) careplan.ActionChange {
	c := careplan.ActionChange{Status: careplan.ActionStatus(r.text("what")), Version: r.number("version")}
	switch outcome := r.text("what"); outcome {
	case careplan.OutcomeNotDone:
		c.Status, c.Outcome, c.Reason, c.Note = careplan.ActionCompleted, outcome, r.text("reason"), r.text("note")
	case careplan.OutcomeDone, careplan.OutcomePartly:
		c.Status, c.Outcome = careplan.ActionCompleted, outcome
	}
	return c
}

// setTold says that a patient was told, from « Mes actions » or from their page,
// or takes it back.
func (s *Server) setTold(r *request) error {
	c, err := pathID[id.Case](r, "id")
	if err != nil {
		return err
	}
	ch, did := careplan.ToldChange{How: careplan.How(r.text("how")), Version: r.number("version")}, "told"
	if r.text("undo") != "" {
		ch, did = careplan.ToldChange{Version: ch.Version}, "undone"
	} else if on, ok := readDay(r.text("on"), s.today(paris())); ok && !on.IsZero() {
		ch.On = on
	} else {
		if _, err := s.cfg.Patients.Telling(r.ctx(), r.actor, c); err != nil {
			return err
		}
		err = badField("on")
	}
	var now careplan.Telling
	if err == nil {
		now, err = s.cfg.Patients.SetTold(r.ctx(), r.actor, c, ch)
	}
	if f, ok := refused(r, err); ok {
		return s.showActions(r, http.StatusUnprocessableEntity, f, string(c))
	}
	if err != nil {
		return err
	}
	if p := id.Patient(r.text("patient")); id.Valid(p) {
		return r.see("/patients/" + string(p) + "?did=told#informer")
	}
	return r.see(followBack(r.text("list"), did, string(c), now.Version))
}

// setDigest says whether the person receives the summary of their week.
func (s *Server) setDigest(r *request) error {
	if err := s.cfg.Patients.SetDigest(r.ctx(), r.actor, r.text("digest") == "on"); err != nil {
		return err
	}
	return r.see("/account?did=digest#resume")
}

// remind sends somebody a neutral reminder and goes back to where it was asked.
func (s *Server) remind(r *request) error {
	t, err := pathID[id.Team](r, "id")
	if err != nil {
		return err
	}
	who, did := id.Professional(r.text("professional")), "remind"
	err = s.cfg.Patients.Remind(r.ctx(), r.actor, t, who)
	if fault.Is(err, fault.Conflict) {
		err, did = nil, "already"
	}
	if err != nil {
		return err
	}
	if p := id.Patient(r.text("patient")); id.Valid(p) {
		return r.see("/patients/" + string(p) + "?did=" + did + "#actions")
	}
	return r.see("/teams/" + string(t) + "/actions?did=" + did)
}
