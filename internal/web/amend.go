package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// amendView is the correction of signed minutes.
type amendView struct {
	Base
	Form
	M     meetingHead
	Last  minutes.Minutes
	Cases []amendRow
}

type amendRow struct {
	Rank     int
	Name     string
	Case     id.Case
	Summary  string
	Review   string
	Informer string
	Dissent  string
	Version  int
	Verdicts []amendVerdict
	Actions  []amendAction
}

// amendVerdict is what was said of an objective; its fields are named after the
// case and the place.
type amendVerdict struct {
	Key, Title, Comment string
	Verdict             minutes.Verdict
	Made                bool // by this meeting: it has no other verdict
}

type amendAction struct {
	Key, Title, Owner, Due string
	N                      int
}

// moreActions is how many empty rows a correction offers for each case.
const moreActions = 2

func (s *Server) amendPage(r *request) error { return s.showAmend(r, http.StatusOK, Form{}) }

func (s *Server) showAmend(r *request, status int, f Form) error {
	full, last, err := s.signedOf(r)
	if err != nil {
		return err
	}
	b, err := s.base(r, place{menu: "/meetings", team: full.Meeting.Team}, "Corriger le compte rendu")
	if err != nil {
		return err
	}
	view := &amendView{Base: b, Form: f, M: s.head(r, full, "minutes"), Last: last}
	for i, c := range last.Content.Cases {
		p, key := careplan.Patient{BirthFamily: c.BirthFamily, BirthGiven: c.BirthGiven}, string(c.Case)
		row := amendRow{
			Rank: i + 1, Name: p.Name(), Case: c.Case, Summary: c.Decision.Summary, Review: lang.Numeric(c.Decision.NextReview),
			Informer: c.Decision.Informer, Dissent: c.Decision.Dissent,
		}
		now, err := s.cfg.Minutes.Decision(r.ctx(), r.actor, c.Case) // signing itself raised its version
		if err != nil {
			return err
		}
		row.Version = now.Version
		if f.Failed() {
			row.Summary, row.Review = f.Get("summary."+key), f.Get("review."+key)
			row.Informer, row.Dissent = f.Get("informer."+key), f.Get("dissent."+key)
		}
		row.Verdicts, row.Actions = amendVerdicts(f, c.Decision, key), amendActions(f, c.Decision, key)
		view.Cases = append(view.Cases, row)
	}
	return s.render(r, status, "amend", view)
}

// Verdicts are the words to choose from.
func (v *amendView) Verdicts() []choice {
	out := make([]choice, len(minutes.Verdicts))
	for i, w := range minutes.Verdicts {
		out[i] = choice{Key: string(w), Name: verdictWord(v.Lang, w)}
	}
	return out
}

func amendVerdicts(f Form, d minutes.Decision, key string) []amendVerdict {
	var all []amendVerdict
	for i, o := range d.Objectives {
		row := amendVerdict{Key: fmt.Sprintf("%s.%d", key, i), Title: o.Title, Comment: o.Comment, Verdict: o.Verdict, Made: o.Verdict == minutes.VerdictNew}
		if f.Failed() {
			row.Comment = f.Get("comment." + row.Key)
			if !row.Made {
				row.Verdict = minutes.Verdict(f.Get("verdict." + row.Key))
			}
		}
		all = append(all, row)
	}
	return all
}

func amendActions(f Form, d minutes.Decision, key string) []amendAction {
	var all []amendAction
	for i := range len(d.Actions) + moreActions {
		row := amendAction{Key: fmt.Sprintf("%s.%d", key, i), N: i + 1}
		if i < len(d.Actions) {
			row.Title, row.Owner, row.Due = d.Actions[i].Title, d.Actions[i].OwnerName, lang.Numeric(d.Actions[i].Due)
		}
		if f.Failed() {
			row.Title, row.Owner, row.Due = f.Get("action."+row.Key), f.Get("owner."+row.Key), f.Get("due."+row.Key)
		}
		all = append(all, row)
	}
	return all
}

// signedOf reads the meeting of the path and its latest signed minutes.
func (s *Server) signedOf(r *request) (meetings.Full, minutes.Minutes, error) {
	m, err := pathID[id.Meeting](r, "id")
	if err != nil {
		return meetings.Full{}, minutes.Minutes{}, err
	}
	full, err := s.cfg.Meetings.Get(r.ctx(), r.actor, m)
	if err != nil {
		return full, minutes.Minutes{}, err
	}
	if err := s.cfg.Minutes.MaySign(r.ctx(), r.actor, m); err != nil {
		return full, minutes.Minutes{}, err
	}
	all, err := s.cfg.Minutes.OfMeeting(r.ctx(), r.actor, m)
	if err != nil {
		return full, minutes.Minutes{}, err
	}
	if len(all) == 0 {
		return full, minutes.Minutes{}, fault.New(fault.Conflict, "web.signedOf", "Ce compte rendu n’est pas encore signé.")
	}
	return full, all[0], nil
}

// amendMinutes signs a new version with the texts that were changed.
func (s *Server) amendMinutes(r *request) error {
	full, last, err := s.signedOf(r)
	if err != nil {
		return err
	}
	changed, err := s.corrections(r, full, last)
	if err == nil {
		err = s.cfg.Auth.Confirm(r.ctx(), r.actor, r.PostForm("password"))
	}
	if err == nil {
		_, err = s.cfg.Minutes.Amend(r.ctx(), r.actor, full.Meeting.ID, r.text("reason"), changed)
	}
	if f, ok := refused(r, err); ok {
		f.Values.Del("password")
		return s.showAmend(r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return r.see("/meetings/" + string(full.Meeting.ID) + "/minutes")
}

// corrections are the decisions whose texts differ from those signed.
func (s *Server) corrections(r *request, full meetings.Full, last minutes.Minutes) ([]minutes.Decision, error) {
	var c fault.Check
	var out []minutes.Decision
	today := date.Of(s.now().In(full.Meeting.Location()))
	for _, k := range last.Content.Cases {
		key, was, now := string(k.Case), k.Decision, k.Decision
		review, ok := readDay(r.PostForm("review."+key), today)
		c.That(ok, "review."+key, badDay)
		now.Summary, now.NextReview = r.text("summary."+key), review
		now.Informer, now.Dissent = r.text("informer."+key), r.text("dissent."+key)
		now.Objectives, now.Actions = reverdict(r, was, key), s.redo(r, was, key, today, full, &c)
		if len(minutes.Difference(minutes.Content{Cases: []minutes.Case{k}}, minutes.Content{Cases: []minutes.Case{{Case: k.Case, Decision: now}}})) > 0 {
			now.Objectives = slices.DeleteFunc(now.Objectives, unsaid)
			now.Version = r.number("version." + key)
			out = append(out, now)
		}
	}
	c.That(r.text("reason") != "", "reason", "Écrivez la raison de la correction.")
	if len(out) == 0 {
		c.That(false, "changes", "Rien n’a changé : corrigez d’abord un texte.")
	}
	return out, c.Err("web.corrections")
}

// reverdict reads the verdicts; what was not sent stays.
func reverdict(r *request, was minutes.Decision, key string) []minutes.ObjectiveResult {
	all := slices.Clone(was.Objectives)
	for i := range all {
		at := fmt.Sprintf("%s.%d", key, i)
		if v, ok := r.GetPostForm("verdict." + at); ok && all[i].Verdict != minutes.VerdictNew {
			all[i].Verdict = minutes.Verdict(v)
		}
		if v, ok := r.GetPostForm("comment." + at); ok {
			all[i].Comment = strings.TrimSpace(v)
		}
	}
	return all
}

// redo reads the actions; what was not sent stays, and an emptied one goes.
func (s *Server) redo(r *request, was minutes.Decision, key string, today date.Date, full meetings.Full, c *fault.Check) []minutes.NewAction {
	var all []minutes.NewAction
	for i := range len(was.Actions) + moreActions {
		var n minutes.NewAction
		if i < len(was.Actions) {
			n = was.Actions[i]
		}
		at := fmt.Sprintf("%s.%d", key, i)
		if title, ok := r.GetPostForm("action." + at); ok {
			due, read := readDay(r.PostForm("due."+at), today)
			c.That(read, "due."+at, badDay)
			n.Title, n.Due = strings.TrimSpace(title), due
			if typed := r.text("owner." + at); typed != n.OwnerName {
				n.Owner, n.OwnerName = person(typed, full)
			}
			c.That(n.Title != "" || n.OwnerName == "" && n.Due.IsZero(), "action."+at, "Dites ce qu’il y a à faire.")
		}
		if n.Title != "" {
			all = append(all, n)
		}
	}
	return all
}

// versionChange is a change between two versions, with whose it is.
type versionChange struct {
	minutes.Change
	Patient string
}

// changesOf says what each signed version says otherwise than the one before,
// of the patients that the reader may see in both.
func changesOf(l string, versions []minutes.Minutes) map[int][]versionChange {
	all := map[int][]versionChange{}
	for i := range len(versions) - 1 {
		now, was := versions[i], versions[i+1]
		for _, c := range minutes.Difference(was.Content, now.Content) {
			row := versionChange{Change: c}
			for _, k := range slices.Concat(now.Content.Cases, was.Content.Cases) {
				if k.Case == c.Case {
					row.Patient = careplan.Patient{BirthFamily: k.BirthFamily, BirthGiven: k.BirthGiven}.Name()
				}
			}
			row.Field = lang.T(l, c.Field)
			all[now.Version] = append(all[now.Version], row)
		}
	}
	return all
}

// unsaid is an objective on which nothing was said.
func unsaid(o minutes.ObjectiveResult) bool { return o.Verdict == "" && o.Comment == "" }
