package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/rcp-care/rcp/careplan/protocol"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// protocolForm is a protocol as typed: what cannot be read stays as it is.
type protocolForm struct {
	Name, Field, Review, Source, Note, Checklist, What string
	Professions                                        []string
	Goals                                              []goalForm
	Tasks                                              []taskForm
}

type goalForm struct {
	Title, Domain, Expected, Due string
	Professions                  []string
}

type taskForm struct{ Title, Profession, Due, Objective string }

func formOf(p protocol.Protocol) protocolForm {
	f := protocolForm{
		Name: p.Name, Field: string(p.Field), Review: itoa(p.ReviewInterval), Source: p.Source, Note: p.Note,
		Checklist: strings.Join(p.Checklist, "\n"), Professions: p.Professions,
	}
	for _, o := range p.Objectives {
		f.Goals = append(f.Goals, goalForm{o.Title, o.Domain, o.Expected, orEmpty(o.DueWeeks), o.Professions})
	}
	for _, a := range p.Actions {
		t := taskForm{Title: a.Title, Profession: a.Profession, Due: orEmpty(a.DueDays)}
		if a.Objective != protocol.NoObjective {
			t.Objective = itoa(a.Objective)
		}
		f.Tasks = append(f.Tasks, t)
	}
	return f
}

func orEmpty(n int) string {
	if n == 0 {
		return ""
	}
	return itoa(n)
}

// readProtocol reads the form; rows are numbered from 0 without a gap.
func readProtocol(v url.Values) protocolForm {
	f := protocolForm{
		Name: v.Get("name"), Field: v.Get("field"), Review: v.Get("review_interval"), Source: v.Get("source"), Note: v.Get("note"),
		Checklist: v.Get("checklist"), What: v.Get("what"), Professions: v["professions"],
	}
	for i := range protocol.MaxObjectives + 1 {
		if at := "objective." + itoa(i) + "."; v.Has(at + "title") {
			f.Goals = append(f.Goals, goalForm{v.Get(at + "title"), v.Get(at + "domain"), v.Get(at + "expected"), v.Get(at + "due"), v[at+"professions"]})
		}
	}
	for i := range protocol.MaxActions + 1 {
		if at := "action." + itoa(i) + "."; v.Has(at + "title") {
			f.Tasks = append(f.Tasks, taskForm{v.Get(at + "title"), v.Get(at + "profession"), v.Get(at + "due"), v.Get(at + "objective")})
		}
	}
	return f
}

// change does what a button of the form asks: add or take off a row. It
// reports whether there was anything to do but save.
func (f *protocolForm) change(do string) bool {
	verb, at, _ := strings.Cut(do, ".")
	i, err := strconv.Atoi(at)
	switch {
	case verb == "add-objective":
		f.Goals = append(f.Goals, goalForm{})
	case verb == "add-action":
		f.Tasks = append(f.Tasks, taskForm{})
	case verb == "drop-objective" && err == nil && i >= 0 && i < len(f.Goals):
		f.dropGoal(i)
	case verb == "drop-action" && err == nil && i >= 0 && i < len(f.Tasks):
		f.Tasks = slices.Delete(f.Tasks, i, i+1)
	default:
		return false
	}
	return true
}

// dropGoal takes an objective off; its actions then serve the whole plan.
func (f *protocolForm) dropGoal(i int) {
	f.Goals = slices.Delete(f.Goals, i, i+1)
	for k, t := range f.Tasks {
		of, err := strconv.Atoi(t.Objective)
		switch {
		case err != nil || of < i:
		case of == i:
			f.Tasks[k].Objective = ""
		default:
			f.Tasks[k].Objective = itoa(of - 1)
		}
	}
}

// dropEmpty takes off the rows in which nothing was typed.
func (f *protocolForm) dropEmpty() {
	for i := len(f.Goals) - 1; i >= 0; i-- {
		if g := f.Goals[i]; strings.TrimSpace(g.Title+g.Domain+g.Expected+g.Due) == "" {
			f.dropGoal(i)
		}
	}
	f.Tasks = slices.DeleteFunc(f.Tasks, func(t taskForm) bool { return strings.TrimSpace(t.Title+t.Due) == "" })
}

// protocol is what was typed, over p; a number that cannot be read is -1 or
// worse, which the rules refuse.
func (f *protocolForm) protocol(p protocol.Protocol) protocol.Protocol {
	p.Name, p.Field, p.ReviewInterval, p.Source, p.Note = f.Name, protocol.Field(f.Field), readCount(f.Review, -1), f.Source, f.Note
	p.Professions, p.Checklist = f.Professions, strings.Split(f.Checklist, "\n")
	p.Objectives, p.Actions = nil, nil
	for _, g := range f.Goals {
		p.Objectives = append(p.Objectives, protocol.Objective{
			Title: strings.TrimSpace(g.Title), Domain: strings.TrimSpace(g.Domain), Expected: strings.TrimSpace(g.Expected),
			DueWeeks: readCount(g.Due, 0), Professions: g.Professions,
		})
	}
	for _, t := range f.Tasks {
		p.Actions = append(p.Actions, protocol.Action{
			Title: strings.TrimSpace(t.Title), Profession: t.Profession, DueDays: readCount(t.Due, 0),
			Objective: readCount(t.Objective, protocol.NoObjective),
		})
	}
	return p
}

// readCount reads a whole number; empty is none, what is no number is -2.
func readCount(text string, none int) int {
	if text = strings.TrimSpace(text); text == "" {
		return none
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return -2
	}
	return n
}

// protocolEdit is the form of a protocol, new or for its next version.
type protocolEdit struct {
	Base
	Form
	Team    meetings.Team
	ID      id.Protocol // empty: new
	Version int         // that the person saw
	Newer   int         // saved by somebody else meanwhile; 0: none
	P       protocolForm
	Fields  []choice
	All     []meetings.Profession
}

// Is reports whether a list of keys has one, for boxes.
func (v *protocolEdit) In(keys []string, key string) bool { return slices.Contains(keys, key) }

// Name is a profession in the person's language.
func (v *protocolEdit) Name(key string) string { return professionName(v.Lang, key) }

// Names are professions in the person's language.
func (v *protocolEdit) Names(keys []string) string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = professionName(v.Lang, k)
	}
	return strings.Join(names, ", ")
}

func (s *Server) newProtocol(r *request) error {
	t, err := s.ledTeam(r)
	if err != nil {
		return err
	}
	f := protocolForm{Review: itoa(t.ReviewInterval), Goals: make([]goalForm, 2), Tasks: make([]taskForm, 2)}
	return s.showProtocolForm(r, http.StatusOK, &protocolEdit{Team: t, P: f})
}

// ledTeam is the team of the path, for its secretary and chair.
func (s *Server) ledTeam(r *request) (meetings.Team, error) {
	t, err := s.teamOf(r)
	if err == nil && !r.actor.In(t.ID, auth.Secretary, auth.Chair) {
		err = s.cfg.Auth.Refuse(r.ctx(), r.actor, "team", string(t.ID))
	}
	return t, err
}

func (s *Server) editProtocol(r *request) error {
	t, err := s.ledTeam(r)
	if err != nil {
		return err
	}
	_, full, err := s.teamProtocol(r, 0)
	if err != nil {
		return err
	}
	return s.showProtocolForm(r, http.StatusOK, &protocolEdit{Team: t, ID: full.ID, Version: full.Version, P: formOf(full.Protocol)})
}

func (s *Server) showProtocolForm(r *request, status int, v *protocolEdit) (err error) {
	title := "Modifier un protocole"
	if v.ID == "" {
		title = "Nouveau protocole"
	}
	if v.Base, err = s.base(r, place{menu: "/teams", team: v.Team.ID}, title); err != nil {
		return err
	}
	for _, f := range protocol.Fields() {
		v.Fields = append(v.Fields, choice{string(f), fieldWord(r.lang, f), v.P.Field == string(f)})
	}
	v.All = meetings.Professions
	return s.render(r, status, "protocol-edit", v)
}

// saveProtocol saves a version, or adds and takes off rows of the form.
func (s *Server) saveProtocol(r *request) error {
	t, err := s.ledTeam(r)
	if err != nil {
		return err
	}
	p, current := protocol.Protocol{Team: t.ID}, 0
	if r.Param("protocol") != "" {
		_, full, err := s.teamProtocol(r, 0)
		if err != nil {
			return err
		}
		p, current = full.Protocol, full.Version
		p.Version = r.number("version")
	}
	v := &protocolEdit{Team: t, ID: p.ID, Version: p.Version, P: readProtocol(r.form())}
	if v.P.change(r.text("do")) {
		return s.showProtocolForm(r, http.StatusOK, v)
	}
	v.P.dropEmpty()
	saved, err := s.cfg.Protocols.Save(r.ctx(), r.actor, v.P.protocol(p), v.P.What)
	if f, ok := refused(r, err); ok {
		v.Form = f
		return s.showProtocolForm(r, http.StatusUnprocessableEntity, v)
	}
	if fault.Is(err, fault.Conflict) && p.ID != "" { // somebody saved first: nothing typed is lost
		v.Newer, v.Version = current, current
		return s.showProtocolForm(r, http.StatusConflict, v)
	}
	if err != nil {
		return err
	}
	return r.see("/teams/" + string(t.ID) + "/protocols/" + string(saved.ID) + "?did=save")
}
