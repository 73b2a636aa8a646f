package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/minutes"
)

// archiveView is the archive of signed minutes.
type archiveView struct {
	Base
	Form
	Teams []choice
	Rows  []archiveRow
	Next  string
	Asked bool // something narrows
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
	q := minutes.ArchiveQuery{Patient: f.Get("patient"), Limit: 50}
	var ok bool
	if q.From, ok = readDay(f.Get("from"), s.today(paris())); !ok {
		f.Errors["from"] = r.T(badDay)
	}
	if q.To, ok = readDay(f.Get("to"), s.today(paris())); !ok {
		f.Errors["to"] = r.T(badDay)
	}
	team := id.Team(f.Get("team"))
	if id.Valid(team) {
		q.Teams = []id.Team{team}
	}
	if after := f.Get("after"); id.Valid(after) {
		q.After = after
	}
	view := &archiveView{Form: f, Asked: q.Patient != "" || !q.From.IsZero() || !q.To.IsZero() || len(q.Teams) > 0}
	found, next, err := s.cfg.Minutes.Archive(r.ctx(), r.actor, q)
	if err != nil {
		return err
	}
	view.Next = next
	for _, m := range found {
		view.Rows = append(view.Rows, newArchiveRow(r.actor, m, q.Patient))
	}
	if view.Teams, err = s.archiveTeams(r, team); err != nil {
		return err
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
			row.Patients = append(row.Patients, sheetRow{c.Patient, p.Name(), i + 1})
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
