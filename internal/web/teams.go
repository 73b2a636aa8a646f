package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify"
)

// teamsView is the list of teams.
type teamsView struct {
	Base
	Teams  []teamRow
	MayAdd bool
}

type teamRow struct {
	Team    meetings.Team
	Members int
	Rhythm  []string // each series in words
}

func (s *Server) teams(r *request) error {
	all, err := s.cfg.Meetings.Teams(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	series, err := s.cfg.Meetings.Series(r.ctx(), r.actor, "")
	if err != nil {
		return err
	}
	b, err := s.base(r, place{menu: "/teams"}, "Équipes")
	if err != nil {
		return err
	}
	view := &teamsView{Base: b, MayAdd: r.actor.Admin}
	for _, t := range all {
		row := teamRow{Team: t, Members: len(s.members(t))}
		for _, one := range series {
			if one.Team == t.ID {
				row.Rhythm = append(row.Rhythm, one.Words(r.lang))
			}
		}
		view.Teams = append(view.Teams, row)
	}
	return s.render(r, http.StatusOK, "teams", view)
}

// members are those who belong to the team today.
func (s *Server) members(t meetings.Team) []meetings.Member {
	today := date.Of(s.now())
	return slices.DeleteFunc(slices.Clone(t.Members), func(m meetings.Member) bool { return !m.On(today) })
}

// teamView is one team: its rules, members and series. A new team has no
// members and no series yet.
type teamView struct {
	Base
	Form            // the refused one
	Which    string // the refused form: "rules", "members" or "add"
	Team     meetings.Team
	New      bool
	May      bool // change it
	MayIt    bool // change its series: secretary, chair or administrator
	MayAudit bool // read the sample of standard cases over
	Bare     bool // a training team without its fictional patients, for who may make them
	MayLinks bool // give addresses to professionals outside: secretary or chair
	// What the selects offer.
	Professions  []choice
	HolidayZones []choice
	Zones        []string
	Others       []auth.Professional // not in the team
	Members      []memberRow
	Series       []seriesRow
	Closures     []closureRow // not over yet
	Rule         string       // the quorum in words
	Moods        []mood       // what members thought of the meetings
	Felt         []feltRow
	Member       bool // the actor is of the team
	MayFollow    bool // follow its actions: secretary or chair
}

type choice struct {
	Key, Name string
	Chosen    bool
}

type memberRow struct {
	meetings.Member
	Address string // in words: "secure", "ordinary" or ""
}

type seriesRow struct {
	meetings.Series
	Words string
	Next  []date.Date
	Shown state
	Over  bool
	End   string
}

func (s *Server) team(r *request) error { return s.showTeam(r, http.StatusOK, Form{}, "") }

func (s *Server) newTeam(r *request) error {
	return s.showNewTeam(r, http.StatusOK, Form{}, newTeamDefaults())
}

func newTeamDefaults() meetings.Team {
	return meetings.Team{
		Kind: meetings.Synthese, Zone: "Europe/Paris", HolidayZone: "metropole", Quorum: meetings.DefaultQuorum(meetings.Synthese),
		CaseMinutes: 8, ReviewInterval: 90, CutoffHours: 24, OpenDays: 14,
		Reminders: meetings.DefaultReminders(),
	}
}

func (s *Server) showNewTeam(r *request, status int, f Form, t meetings.Team) error {
	b, err := s.base(r, place{menu: "/teams"}, "Nouvelle équipe")
	if err != nil {
		return err
	}
	view := &teamView{Base: b, Form: f, Which: "rules", Team: t, New: true, May: true}
	view.offer(r.lang)
	return s.render(r, status, "team", view)
}

func (s *Server) showTeam(r *request, status int, f Form, which string) error {
	tid, err := pathID[id.Team](r, "id")
	if err != nil {
		return err
	}
	t, err := s.cfg.Meetings.Team(r.ctx(), r.actor, tid)
	if err != nil {
		return err
	}
	view := &teamView{Form: f, Which: which, Team: t}
	view.May = r.actor.Admin || r.actor.In(tid, auth.Secretary)
	view.MayAudit = r.actor.In(tid, auth.Chair)
	view.MayLinks = r.actor.In(tid, auth.Secretary, auth.Chair)
	view.MayIt = view.May || r.actor.In(tid, auth.Chair)
	if view.Member = r.actor.In(tid); view.Member {
		felt, err := s.cfg.Meetings.FeedbackTrend(r.ctx(), r.actor, tid)
		if err != nil {
			return err
		}
		view.Moods, view.Felt = moodsOf(r.lang, felt), feltRows(r.lang, felt)
	}
	view.MayFollow = r.actor.In(tid, auth.Secretary, auth.Chair)
	if err := s.fillTeam(r, view); err != nil {
		return err
	}
	if view.May && t.Training {
		if view.Bare, err = s.bare(r, tid); err != nil {
			return err
		}
	}
	if view.Base, err = s.base(r, place{menu: "/teams", team: tid}, "Équipe"); err != nil {
		return err
	}
	return s.render(r, status, "team", view)
}

func (s *Server) fillTeam(r *request, view *teamView) error {
	org, err := s.cfg.Meetings.Org(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	for _, m := range s.members(view.Team) {
		view.Members = append(view.Members, memberRow{m, addressWord(m.Email, org.SecureDomains)})
	}
	everybody, err := s.cfg.Meetings.Professionals(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	view.Others = slices.DeleteFunc(everybody, func(p auth.Professional) bool {
		return slices.ContainsFunc(view.Members, func(m memberRow) bool { return m.ID == p.ID })
	})
	series, err := s.cfg.Meetings.Series(r.ctx(), r.actor, view.Team.ID)
	if err != nil {
		return err
	}
	for _, one := range series {
		row, err := s.seriesRow(r, one, view.Team)
		if err != nil {
			return err
		}
		view.Series = append(view.Series, row)
	}
	slices.SortStableFunc(view.Series, func(a, b seriesRow) int { return boolInt(a.Over) - boolInt(b.Over) })
	o := openClosures{team: view.Team, today: s.todayOf(view.Team)}
	if o.all, err = s.cfg.Meetings.Closures(r.ctx(), r.actor, view.Team.ID); err != nil {
		return err
	}
	view.Closures = slices.DeleteFunc(closureRows(o), func(c closureRow) bool { return c.Past })
	view.offer(r.lang)
	return nil
}

// seriesRow is a series with its next dates.
func (s *Server) seriesRow(r *request, one meetings.Series, t meetings.Team) (seriesRow, error) {
	today := s.todayOf(t)
	row := seriesRow{Series: one, Words: one.Words(r.lang), Shown: seriesState(r, one, today), Over: one.Over(today)}
	if !one.Until.IsZero() || one.Count > 0 {
		row.End = endWords(r.lang, one)
	}
	_, coming, err := s.cfg.Meetings.Dates(r.ctx(), r.actor, one.ID)
	for _, m := range coming[:min(3, len(coming))] {
		row.Next = append(row.Next, day(m.Starts.In(m.Location())))
	}
	return row, err
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// addressWord says what mail to an address may carry.
func addressWord(address string, domains []string) string {
	switch {
	case !notify.Usable(address):
		return ""
	case notify.Secure(address, domains):
		return "secure"
	}
	return "ordinary"
}

// offer fills the choices of the form, with those made.
func (v *teamView) offer(l string) {
	for _, p := range meetings.Professions {
		v.Professions = append(v.Professions, choice{p.Key, meetings.ProfessionName(p.Key, l), slices.Contains(v.Team.Quorum.Required, p.Key)})
	}
	for _, z := range meetings.HolidayZones {
		name := z.French
		if l == lang.English {
			name = z.English
		}
		v.HolidayZones = append(v.HolidayZones, choice{z.Key, name, z.Key == v.Team.HolidayZone})
	}
	v.Zones = zones(v.Team.Zone)
	v.Rule = ruleWords(l, v.Team.Kind, v.Team.Quorum)
}

// zones are the French zones, and the team's own.
func zones(own string) []string {
	all := []string{
		"Europe/Paris", "America/Guadeloupe", "America/Martinique", "America/Cayenne", "Indian/Reunion", "Indian/Mayotte",
		"America/Miquelon", "Pacific/Noumea", "Pacific/Tahiti",
	}
	if own != "" && !slices.Contains(all, own) {
		all = append(all, own)
	}
	return all
}

// ruleWords says a quorum rule in words.
func ruleWords(l string, kind meetings.Kind, q meetings.QuorumRule) string {
	var parts []string
	if least := q.MinSpecialties; kind == meetings.RCP || least > 0 {
		parts = append(parts, lang.N(l, max(least, 3), "%d médecin", "%d médecins de spécialités différentes"))
	}
	if q.MinProfessions > 0 {
		parts = append(parts, lang.N(l, q.MinProfessions, "%d profession", "%d professions différentes"))
	}
	for _, p := range q.Required {
		parts = append(parts, strings.ToLower(meetings.ProfessionName(p, l)))
	}
	if q.Written {
		parts = append(parts, lang.T(l, "avis écrits admis"))
	}
	return strings.Join(parts, ", ")
}

// Reminders are the days of the team's reminders as they are typed: 5, 2.
func (v *teamView) Reminders() string {
	if v.Failed() && v.Which == "rules" {
		return v.Get("reminders")
	}
	days := make([]string, len(v.Team.Reminders))
	for i, n := range v.Team.Reminders {
		days[i] = itoa(n)
	}
	return strings.Join(days, ", ")
}
