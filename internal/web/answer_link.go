package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/internal/link"
	"github.com/rcp-care/rcp/meetings"
)

// answerLinkView is the page of a personal link, without a session: what the
// person is invited to, and a form for each thing they can answer. It shows no
// comment: whoever holds the link reads it.
type answerLinkView struct {
	Base
	Form                // the refused one
	Which   string      // the date of the refused form; empty: the whole
	Gone    bool        // the link serves no more: nothing else is filled
	Saved   bool        // an answer was just recorded
	Path    string      // where the forms go
	SignIn  string      // the same, with a session
	Org     string      // of the team
	Who     string      // the person, so that a link passed on shows as such
	What    string      // "RCP – Équipe"
	Words   string      // of the series: chaque jeudi de 14 h 30 à 16 h 00
	Whole   *answerForm // every date at once; nil: not offered
	Dates   []answerForm
	Room    string
	Address string // of the video conference
}

// answerForm is one thing to answer.
type answerForm struct {
	Meeting       id.Meeting // empty: the whole series
	Starts, Ends  time.Time
	Room          string // when it differs from the series'
	State         state  // what was answered
	Open          bool
	Choices       []choice
	Comment, Flaw string // typed, and refused
	From, Until   string // expected hours, of one date
	Late          string // what is wrong with them
	Alone         bool   // the one thing of the page
}

// answerLinkPage shows and changes nothing: mail scanners follow links.
func (s *Server) answerLinkPage(r *request) error {
	return s.showAnswerLink(r, http.StatusOK, Form{})
}

func (s *Server) showAnswerLink(r *request, status int, f Form) error {
	r.readerLang()
	r.Header("X-Robots-Tag", "noindex, nofollow")
	t, err := s.cfg.Links.Read(r.Param("token"), s.now())
	var inv meetings.Invitation
	if err == nil {
		inv, err = s.cfg.Meetings.Invitation(r.ctx(), t)
	}
	if fault.Is(err, fault.NotFound) {
		return s.render(r, http.StatusNotFound, "answer", &answerLinkView{Base: s.gate(r, "Ce lien ne sert plus"), Gone: true})
	}
	if err != nil {
		return err
	}
	return s.render(r, status, "answer", s.answerView(r, inv, f))
}

func (s *Server) answerView(r *request, inv meetings.Invitation, f Form) *answerLinkView {
	v := &answerLinkView{
		Base: s.gate(r, "Votre réponse"), Form: f, Which: f.Get("meeting"), Saved: r.Query("did") != "", Path: "/r/" + r.Param("token"),
		SignIn: "/sign-in", Org: inv.Org.Name, Who: inv.Who.Name(), What: meetings.Summary(inv.Team.Kind, inv.Team.Name),
	}
	v.Training = inv.Team.Training
	if l := r.Query("lang"); l != "" {
		v.Path += "?lang=" + lang.Known(l)
	}
	if inv.Series.ID != "" {
		v.Words, v.Room, v.Address = inv.Series.Words(r.lang), inv.Series.Room, inv.Series.URL
	}
	if inv.Whole {
		v.Whole = &answerForm{State: answerState(r, inv.Answer), Open: true, Choices: linkChoices(r, inv.Answer)}
		v.Whole.refuse(v)
	}
	for _, m := range inv.Dates {
		v.Dates = append(v.Dates, v.date(r, m, inv.Series))
	}
	if len(inv.Dates) > 0 {
		v.SignIn = "/sign-in?next=/meetings/" + string(inv.Dates[0].Meeting.ID)
	}
	return v
}

// date is the form of one date.
func (v *answerLinkView) date(r *request, m meetings.Mine, one meetings.Series) answerForm {
	f := answerForm{
		Meeting: m.Meeting.ID, Starts: inZone(m.Meeting.Starts, m.Meeting), Ends: inZone(m.Meeting.Ends, m.Meeting),
		State: answerState(r, m.Attendance.Answer), Open: m.Open, Choices: linkChoices(r, m.Attendance.Answer), Alone: one.ID == "",
		From: clockField(m.Attendance.ExpectFrom, m.Meeting), Until: clockField(m.Attendance.ExpectUntil, m.Meeting),
	}
	if f.Alone {
		v.Room, v.Address = m.Meeting.Room, m.Meeting.URL
	} else if m.Meeting.Room != one.Room {
		f.Room = m.Meeting.Room
	}
	if m.Meeting.Status == meetings.Cancelled {
		f.State = state{"bad", r.T("Annulée")}
	}
	f.refuse(v)
	return f
}

// refuse puts back what was typed into the form that was refused.
func (f *answerForm) refuse(v *answerLinkView) {
	if v.Failed() && v.Which == string(f.Meeting) {
		f.Comment, f.From, f.Until = v.Get("comment"), v.Get("from"), v.Get("until")
		f.Late = v.Error("hours")
		if f.Flaw = v.Error("comment"); f.Flaw == "" && f.Late == "" {
			f.Flaw = v.Fault
		}
	}
}

func linkChoices(r *request, a meetings.Answer) []choice {
	all := []choice{
		{Key: string(meetings.Accepted), Name: r.T("Je viens")},
		{Key: string(meetings.Tentative), Name: r.T("Peut-être")},
		{Key: string(meetings.Declined), Name: r.T("Je ne viens pas")},
	}
	for i := range all {
		all[i].Chosen = all[i].Key == string(a)
	}
	return all
}

func answerState(r *request, a meetings.Answer) state {
	switch a {
	case meetings.Accepted:
		return state{"ok", r.T("Vous venez")}
	case meetings.Declined:
		return state{"off", r.T("Vous ne venez pas")}
	case meetings.Tentative:
		return state{"on", r.T("Peut-être")}
	case meetings.Delegated:
		return state{"off", r.T("Quelqu’un vient pour vous")}
	}
	return state{"todo", r.T("Sans réponse")}
}

// answerByLink records an answer: for one date or, without one, for all that
// the link opens.
func (s *Server) answerByLink(r *request) error {
	r.readerLang()
	t, err := s.cfg.Links.Read(r.Param("token"), s.now())
	if err == nil {
		err = s.answerBy(r, t)
	}
	if f, ok := refused(r, err); ok {
		return s.showAnswerLink(r, http.StatusUnprocessableEntity, f)
	}
	if fault.Is(err, fault.NotFound) {
		return s.showAnswerLink(r, http.StatusOK, Form{}) // the page says so
	}
	if err != nil {
		return err
	}
	to := "/r/" + r.Param("token") + "?did=answer"
	if l := r.Query("lang"); l != "" {
		to += "&lang=" + lang.Known(l)
	}
	return r.see(to)
}

// answerBy records what the form of a link says, hours on the clock of the date.
func (s *Server) answerBy(r *request, t link.Token) error {
	a := meetings.LinkAnswer{Meeting: id.Meeting(r.text("meeting")), Answer: meetings.Answer(r.text("answer")), Comment: r.text("comment")}
	inv, err := s.cfg.Meetings.Invitation(r.ctx(), t)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(inv.Dates, func(m meetings.Mine) bool { return m.Meeting.ID == a.Meeting }); i >= 0 {
		midnight := inZone(inv.Dates[i].Meeting.Starts, inv.Dates[i].Meeting)
		for field, into := range map[string]**time.Time{"from": &a.ExpectFrom, "until": &a.ExpectUntil} {
			if v, ok := r.GetPostForm(field); ok {
				at := hourOf(v, midnight)
				*into = &at
			}
		}
	}
	return s.cfg.Meetings.AnswerByLink(r.ctx(), t, r.ClientIP(), a)
}

// readerLang is the language of somebody who may never have chosen one here:
// the address's, else the one they chose, else the browser's.
func (r *request) readerLang() {
	if l := r.Query("lang"); l != "" {
		r.lang = lang.Known(l)
		return
	}
	if _, err := r.Cookie(langCookie); err == nil || r.signedIn() {
		return
	}
	first, _, _ := strings.Cut(r.GetHeader("Accept-Language"), ",")
	r.lang = lang.Known(strings.ToLower(first[:min(2, len(first))]))
}

// revokeOwnLinks ends the answer links in the mails a person received.
func (s *Server) revokeOwnLinks(r *request) error {
	if err := s.cfg.Meetings.RevokeLinks(r.ctx(), r.actor, r.actor.Professional); err != nil {
		return err
	}
	return r.see("/account?did=links")
}

// revokeLinks ends those of somebody else.
func (s *Server) revokeLinks(r *request) error {
	p, err := pathID[id.Professional](r, "id")
	if err != nil {
		return err
	}
	if err := s.cfg.Meetings.RevokeLinks(r.ctx(), r.actor, p); err != nil {
		return err
	}
	if !r.actor.Admin {
		return r.see(back(r))
	}
	return r.see("/people/" + string(p) + "?did=links")
}
