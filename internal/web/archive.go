package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/handover"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// archiveView is the archive of signed minutes.
type archiveView struct {
	Base
	Form
	Teams       []choice
	Professions []choice
	Rows        []archiveRow
	Found       []foundRow
	Cases       bool // cases were looked for, not minutes
	Next        string
	Asked       bool // something narrows
	MayExport   bool // a year of a team
}

// Kept are the fields that the next page repeats.
func (archiveView) Kept() []string {
	return []string{"words", "patient", "team", "profession", "from", "to"}
}

// foundRow is a case that was found by words.
type foundRow struct {
	minutes.Found
	At   time.Time
	Path string
}

type archiveRow struct {
	minutes.Minutes
	At       time.Time
	Patients []sheetRow
	More     int // patients not named in the list
	Path     string
	Short    string // the first eight figures of the hash
	Full     bool   // the register may be read whole
}

// named is how many patients a line of the archive names.
const named = 6

func (s *Server) archive(r *request) error {
	return s.showArchive(r, Form{Values: map[string][]string{}})
}

// searchArchive answers at once: a patient's name never stands in an address.
func (s *Server) searchArchive(r *request) error {
	return s.showArchive(r, Form{Values: r.form()})
}

func (s *Server) showArchive(r *request, f Form) error {
	f.Errors = map[string]string{}
	view := &archiveView{Form: f, MayExport: len(handover.Teams(r.actor)) > 0}
	q := s.archiveQuery(r, view.Form)
	view.Cases = q.Words != "" || q.Profession != ""
	view.Asked = view.Cases || q.Patient != "" || !q.From.IsZero() || !q.To.IsZero() || len(q.Teams) > 0
	var err error
	if view.Cases {
		err = s.findCases(r, view, q)
	} else {
		err = s.listMinutes(r, view, q)
	}
	if err != nil {
		return err
	}
	if view.Teams, err = s.archiveTeams(r, id.Team(f.Get("team"))); err != nil {
		return err
	}
	view.Professions = []choice{{"", r.T("Toutes"), q.Profession == ""}}
	for _, p := range meetings.Professions {
		view.Professions = append(view.Professions, choice{p.Key, professionName(r.lang, p.Key), p.Key == q.Profession})
	}
	if view.Base, err = s.base(r, place{menu: "/archive"}, "Archives"); err != nil {
		return err
	}
	status := http.StatusOK
	if len(f.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return s.render(r, status, "archive", view)
}

// archiveQuery reads what narrows; the form's errors say which day is none.
func (s *Server) archiveQuery(r *request, f Form) minutes.ArchiveQuery {
	q := minutes.ArchiveQuery{
		Patient: f.Get("patient"), Words: strings.TrimSpace(f.Get("words")), Profession: f.Get("profession"), After: f.Get("after"), Limit: 50,
	}
	var ok bool
	if q.From, ok = readDay(f.Get("from"), s.today(paris())); !ok {
		f.Errors["from"] = r.T(badDay)
	}
	if q.To, ok = readDay(f.Get("to"), s.today(paris())); !ok {
		f.Errors["to"] = r.T(badDay)
	}
	if team := id.Team(f.Get("team")); id.Valid(team) {
		q.Teams = []id.Team{team}
	}
	return q
}

func (s *Server) listMinutes(r *request, view *archiveView, q minutes.ArchiveQuery) error {
	found, next, err := s.cfg.Minutes.Archive(r.ctx(), r.actor, q)
	view.Next = next
	for _, m := range found {
		view.Rows = append(view.Rows, newArchiveRow(r.actor, m, q.Patient))
	}
	return err
}

func (s *Server) findCases(r *request, view *archiveView, q minutes.ArchiveQuery) error {
	found, next, err := s.cfg.Minutes.Search(r.ctx(), r.actor, q)
	view.Next = next
	for _, f := range found {
		view.Found = append(view.Found, foundRow{f, f.MeetingAt.In(meetings.Meeting{Zone: f.Zone}.Location()), "/meetings/" + string(f.Meeting)})
	}
	return err
}

func (s *Server) archiveTeams(r *request, chosen id.Team) ([]choice, error) {
	teams, err := s.cfg.Meetings.Teams(r.ctx(), r.actor)
	all := []choice{{"", r.T("Mes équipes"), chosen == ""}}
	for _, t := range teams {
		if r.actor.In(t.ID) {
			all = append(all, choice{string(t.ID), t.Name, t.ID == chosen})
		}
	}
	return all, err
}

// newArchiveRow names the patients that were looked for first.
func newArchiveRow(a auth.Actor, m minutes.Minutes, text string) archiveRow {
	loc := paris()
	if l, err := time.LoadLocation(m.Content.Zone); err == nil && m.Content.Zone != "" {
		loc = l
	}
	row := archiveRow{
		Minutes: m, At: m.MeetingAt.In(loc), Path: "/meetings/" + string(m.Meeting), Full: a.In(m.Team, auth.Secretary, auth.Chair),
		Short: m.SHA256[:min(8, len(m.SHA256))],
	}
	terms := careplan.ParseTerms(text)
	for i, c := range m.Content.Cases {
		p := careplan.Patient{BirthFamily: c.BirthFamily, BirthGiven: c.BirthGiven, UsedFamily: c.UsedFamily, UsedGiven: c.UsedGiven, IPP: c.IPP, BirthDate: c.BirthDate}
		if text != "" && !matches(p, terms) {
			continue
		}
		if len(row.Patients) < named {
			row.Patients = append(row.Patients, sheetRow{c.Patient, p.Name(), i + 1, c.Standard})
		} else {
			row.More++
		}
	}
	return row
}

func matches(p careplan.Patient, t careplan.Terms) bool {
	if !t.Birth.IsZero() && t.Birth != p.BirthDate {
		return false
	}
	words := " " + p.SearchText()
	return !slices.ContainsFunc(t.Words, func(w string) bool { return !containsWord(words, w) })
}

// containsWord reports whether a word of the text begins with w.
func containsWord(text, w string) bool { return strings.Contains(text, " "+w) }
