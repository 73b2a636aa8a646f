package web

import (
	"net/http"
	"strconv"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// rulesView is how a team drafts its agendas.
type rulesView struct {
	Base
	Form
	Team   meetings.Team
	Rows   []ruleRow
	Margin string // minutes; empty: one fifteenth of the meeting
	Fixed  bool
	Group  bool
	Own    bool // something differs from the defaults
}

// ruleRow is one rule with the team's setting.
type ruleRow struct {
	agenda.RuleInfo
	Field     string // of its errors, and the end of its fields' names
	Name      string
	Means     string
	On        bool
	Limit     string // as typed, or the team's, or the rule's own
	Unit      string // of the limit
	Changed   bool
	Threshold bool // it has one
}

func (s *Server) rulesPage(r *request) error { return s.showRules(r, http.StatusOK, Form{}) }

func (s *Server) showRules(r *request, status int, f Form) error {
	t, err := s.rulesTeam(r)
	if err != nil {
		return err
	}
	set, err := s.cfg.Agenda.Settings(r.ctx(), r.actor, t.ID)
	if err != nil {
		return err
	}
	b, err := s.base(r, place{menu: "/teams", team: t.ID}, "Règles de l’ordre du jour")
	if err != nil {
		return err
	}
	v := &rulesView{Base: b, Form: f, Team: t, Fixed: set.Fixed, Group: set.Group}
	v.Own = len(set.Rules) > 0 || set.Margin > 0 || set.Fixed || set.Group
	if set.Margin > 0 {
		v.Margin = strconv.Itoa(set.Margin)
	}
	if f.Failed() {
		v.Margin, v.Fixed, v.Group = f.Get("margin"), f.Has("fixed"), f.Has("group")
	}
	for _, rule := range agenda.Rules() {
		v.Rows = append(v.Rows, ruleRowOf(r, rule, set.Rules[rule.Rule], f))
	}
	if r.Query("did") == "rules" {
		v.Toast = &Toast{Text: r.T("Règles enregistrées. Le prochain calcul les suit.")}
	}
	return s.render(r, status, "rules", v)
}

// rulesTeam is the team of the address, to who may set its rules.
func (s *Server) rulesTeam(r *request) (meetings.Team, error) {
	tid, err := pathID[id.Team](r, "id")
	if err != nil {
		return meetings.Team{}, err
	}
	if !r.actor.Admin && !r.actor.In(tid, auth.Secretary, auth.Chair) {
		return meetings.Team{}, s.cfg.Auth.Refuse(r.ctx(), r.actor, "team", string(tid))
	}
	return s.cfg.Meetings.Team(r.ctx(), r.actor, tid)
}

func ruleRowOf(r *request, rule agenda.RuleInfo, set agenda.RuleSetting, f Form) ruleRow {
	row := ruleRow{
		RuleInfo: rule, Field: "rule-" + string(rule.Rule), Name: rule.Name(r.lang), Means: rule.Means(r.lang),
		On: !set.Off || rule.Fixed, Unit: unitName(r, rule.Unit), Changed: set != agenda.RuleSetting{}, Threshold: rule.Threshold > 0,
	}
	row.Limit = strconv.Itoa(rule.Threshold)
	if set.Threshold > 0 {
		row.Limit = strconv.Itoa(set.Threshold)
	}
	if f.Failed() {
		row.On, row.Limit = rule.Fixed || f.Has("on-"+string(rule.Rule)), f.Get("limit-"+string(rule.Rule))
	}
	return row
}

func unitName(r *request, u agenda.Unit) string {
	if u == agenda.Weeks {
		return r.T("semaines")
	}
	return r.T("jours")
}

// saveRules saves what was typed, or the default values.
func (s *Server) saveRules(r *request) error {
	t, err := s.rulesTeam(r)
	if err != nil {
		return err
	}
	var set agenda.Settings
	if r.text("do") != "reset" {
		set = r.agendaRules()
	}
	err = s.cfg.Agenda.SaveSettings(r.ctx(), r.actor, t.ID, set)
	if f, ok := refused(r, err); ok {
		return s.showRules(r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return r.see("/teams/" + string(t.ID) + "/rules?did=rules")
}

// agendaRules reads the form. Only what differs from a rule's own values is
// kept, so that a team follows them when they change. What is no number is -1,
// which the service refuses.
func (r *request) agendaRules() agenda.Settings {
	set := agenda.Settings{Rules: map[agenda.Rule]agenda.RuleSetting{}, Fixed: r.text("fixed") != "", Group: r.text("group") != ""}
	if v := r.text("margin"); v != "" {
		set.Margin = wholeNumber(v)
	}
	for _, rule := range agenda.Rules() {
		one := agenda.RuleSetting{Off: !rule.Fixed && r.text("on-"+string(rule.Rule)) == ""}
		if rule.Threshold > 0 {
			if n := wholeNumber(r.text("limit-" + string(rule.Rule))); n != rule.Threshold {
				one.Threshold = n
			}
		}
		if one != (agenda.RuleSetting{}) {
			set.Rules[rule.Rule] = one
		}
	}
	return set
}

// wholeNumber reads a number from 1 on; -1 for anything else.
func wholeNumber(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return -1
	}
	return n
}
