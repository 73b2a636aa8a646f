package web

import (
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// Rail is the menu beside every page.
type Rail struct {
	Menu  []MenuItem
	Teams []RailTeam
	Name  string
	Role  string

	training map[id.Team]bool // those of every team in sight
}

// Trains reports whether a team is for training, for the lists that name teams.
func (b *Base) Trains(t id.Team) bool { return b.Rail != nil && b.Rail.training[t] }

// MenuItem is one entry of the menu.
type MenuItem struct {
	Path, Icon, Text string
	Note             string // a count, or what failed
	Current          bool
}

// RailTeam is one of the person's teams with its next meeting.
type RailTeam struct {
	ID      id.Team
	Name    string
	Path    string // of the next meeting, or of the team
	Next    time.Time
	Current bool
	Trains  bool // for training
}

// teamName is the name of one of the person's teams.
func (r *Rail) teamName(t id.Team) string {
	if at := slices.IndexFunc(r.Teams, func(one RailTeam) bool { return one.ID == t }); at >= 0 {
		return r.Teams[at].Name
	}
	return ""
}

// place says where a page stands in the menu.
type place struct {
	menu string // path of the menu entry
	team id.Team
}

// base starts a page with its menu; title is a French source sentence.
func (s *Server) base(r *request, at place, title string) (Base, error) {
	b := s.gate(r, title)
	rail, err := s.rail(r, at)
	b.Rail = rail
	return b, err
}

func (s *Server) rail(r *request, at place) (*Rail, error) {
	all, err := s.cfg.Meetings.Teams(r.ctx(), r.actor)
	if err != nil {
		return nil, err
	}
	training := map[id.Team]bool{}
	for _, t := range all {
		training[t.ID] = t.Training
	}
	teams, err := s.railTeams(r, all, at.team)
	if err != nil {
		return nil, err
	}
	waiting, err := s.waitingRequests(r)
	if err != nil {
		return nil, err
	}
	failed, err := s.failedMails(r, shown)
	if err != nil {
		return nil, err
	}
	answers, err := s.waitingAnswers(r)
	if err != nil {
		return nil, err
	}
	return &Rail{
		Menu: menu(r, at.menu, waiting, len(failed), answers), Teams: teams, Name: r.actor.Name, Role: r.T(roleOf(r.actor)), training: training,
	}, nil
}

// menu is the entries that the person may open; answers is -1 when none come
// back by mail.
func menu(r *request, current string, waiting, failed, answers int) []MenuItem {
	items := []MenuItem{
		{Path: "/", Icon: "i-week", Text: r.T("Ma semaine")},
		{Path: "/meetings", Icon: "i-cal", Text: r.T("Réunions")},
		{Path: "/actions", Icon: "i-check", Text: r.T("Mes actions")},
		{Path: "/requests", Icon: "i-inbox", Text: r.T("Demandes"), Note: count(waiting)},
		{Path: "/patients", Icon: "i-user", Text: r.T("Patients")},
		{Path: "/archive", Icon: "i-box", Text: r.T("Archives")},
	}
	if preparer.allows(r.actor) {
		items = append(items, MenuItem{Path: "/teams", Icon: "i-table", Text: r.T("Équipes")})
	}
	if preparer.allows(r.actor) && answers >= 0 {
		items = append(items, MenuItem{Path: inboxActive, Icon: "i-reply", Text: r.T("Réponses"), Note: count(answers)})
	}
	if r.actor.Admin || holds(r.actor, auth.Secretary) {
		outbox := MenuItem{Path: "/outbox", Icon: "i-send", Text: r.T("Envois")}
		if failed > 0 {
			outbox.Note = lang.N(r.lang, failed, "%d en échec", "%d en échec")
		}
		items = append(items, outbox, MenuItem{Path: "/import", Icon: "i-in", Text: r.T("Import")},
			MenuItem{Path: "/audit", Icon: "i-eye", Text: r.T("Journal des accès")})
	}
	if r.actor.Admin {
		items = append(items, MenuItem{Path: "/people", Icon: "i-lock", Text: r.T("Personnes et accès")})
	}
	for i := range items {
		items[i].Current = items[i].Path == current
	}
	return items
}

// roleOf is the highest role the actor has anywhere, as a French source word.
func roleOf(a auth.Actor) string {
	switch {
	case holds(a, auth.Secretary):
		return lang.Mark("Secrétaire")
	case holds(a, auth.Chair):
		return lang.Mark("Présidence de séance")
	case holds(a, auth.Clinician):
		return lang.Mark("Membre d’équipe")
	case a.Admin:
		return lang.Mark("Administration")
	}
	return lang.Mark("Sans équipe")
}

// upcoming is how many meetings ahead the menu looks for each team's next one.
const upcoming = 60

func (s *Server) railTeams(r *request, teams []meetings.Team, current id.Team) ([]RailTeam, error) {
	teams = slices.DeleteFunc(teams, func(t meetings.Team) bool { return !r.actor.In(t.ID) })
	if len(teams) == 0 {
		return nil, nil
	}
	next, _, err := s.cfg.Meetings.List(r.ctx(), r.actor, meetings.Filter{
		Org: r.actor.Org, Teams: r.actor.TeamIDs(), From: s.startOfDay(), Status: ahead, Limit: upcoming,
	})
	if err != nil {
		return nil, err
	}
	out := make([]RailTeam, len(teams))
	for i, t := range teams {
		out[i] = RailTeam{ID: t.ID, Name: t.Name, Path: "/teams/" + string(t.ID), Current: t.ID == current, Trains: t.Training}
		if at := slices.IndexFunc(next, func(m meetings.Meeting) bool { return m.Team == t.ID }); at >= 0 {
			out[i].Path, out[i].Next = "/meetings/"+string(next[at].ID), next[at].Starts.In(next[at].Location())
		}
	}
	return out, nil
}

// ahead are the states of a meeting that is still to come or going on.
var ahead = []meetings.Status{meetings.Draft, meetings.Open, meetings.Closed, meetings.Running}

// startOfDay is this morning, so that a meeting that began is still shown.
func (s *Server) startOfDay() time.Time { return s.now().Truncate(24 * time.Hour) }

// shown is the longest list that a count looks at.
const shown = 100

func (s *Server) waitingRequests(r *request) (int, error) {
	return s.cfg.Agenda.CountWaiting(r.ctx(), r.actor, shown)
}

// waitingAnswers counts the mails and proposals that wait for the person.
func (s *Server) waitingAnswers(r *request) (int, error) {
	if s.cfg.Inbox == nil || !preparer.allows(r.actor) {
		return -1, nil
	}
	return s.cfg.Inbox.Waiting(r.ctx(), r.actor)
}
