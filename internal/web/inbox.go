package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify/inbox"
)

// inboxView is « Réponses »: the mails that wait for a human, the other times
// that were asked for, and what became of the rest.
type inboxView struct {
	Base
	Form
	Mails     bool // may see mails: a secretary, an administrator
	May       bool // may read and treat them: a secretary
	Waiting   []mailRow
	More      string // cursor of the waiting mails left off
	Proposals []proposalRow
	Tabs      []inboxTab
	Status    meetings.InboundStatus
	Items     []mailRow
	Next      string   // cursor of the older ones
	Got       *mailRow // just uploaded
	GotBefore bool     // and it had come before
}

type inboxTab struct {
	Status  meetings.InboundStatus
	Name    string
	Current bool
}

// mailRow is a mail in a list.
type mailRow struct {
	inbox.Mail
	At       time.Time
	From     string // who answers, else the sender's address
	Address  string // the sender's, when From is a name
	About    string // which meeting, in words
	Said     string // the answer, when there is one
	State    state
	Why, How string // why it waits, and what to do
	MayRead  bool
	SentBy   string // the sender's address, where it matters
	OneClick bool   // everything is known: one button treats it
}

const (
	inboxPage   = 50
	inboxWaits  = 25
	inboxActive = "/inbox"
)

func (s *Server) inbox(r *request) error {
	return s.showInbox(r, http.StatusOK, &inboxView{})
}

// showInbox fills the view's lists and renders it.
func (s *Server) showInbox(r *request, status int, v *inboxView) error {
	if s.cfg.Inbox == nil {
		return noSuchPage(r)
	}
	v.May = holds(r.actor, auth.Secretary)
	v.Mails = v.May || r.actor.Admin
	var err error
	if v.Mails {
		if err = s.listMails(r, v); err != nil {
			return err
		}
	}
	if err = s.listProposals(r, v); err != nil {
		return err
	}
	if v.Base, err = s.base(r, place{menu: inboxActive}, "Réponses aux invitations"); err != nil {
		return err
	}
	v.Toast = inboxToast(r)
	return s.render(r, status, "inbox", v)
}

// listMails reads the mails that wait, and a page of the others.
func (s *Server) listMails(r *request, v *inboxView) error {
	waiting, more, err := s.cfg.Inbox.List(r.ctx(), r.actor, inbox.Filter{Status: []meetings.InboundStatus{meetings.InboundReview}, Limit: inboxWaits})
	if err != nil {
		return err
	}
	v.Waiting, v.More = mailRows(r, waiting), more
	f := inbox.Filter{Status: treated(), Limit: inboxPage}
	if st := meetings.InboundStatus(r.Query("status")); slices.Contains(append(treated(), meetings.InboundReview), st) {
		v.Status, f.Status = st, []meetings.InboundStatus{st}
	}
	if after := r.Query("after"); id.Valid(after) {
		f.After = after
	}
	items, next, err := s.cfg.Inbox.List(r.ctx(), r.actor, f)
	if err != nil {
		return err
	}
	v.Items, v.Next, v.Tabs = mailRows(r, items), next, inboxTabs(r.lang, v.Status)
	return nil
}

// treated are the states of a mail that waits for nobody.
func treated() []meetings.InboundStatus {
	return []meetings.InboundStatus{meetings.InboundApplied, meetings.InboundProposed, meetings.InboundHandled, meetings.InboundIgnored}
}

func inboxTabs(l string, current meetings.InboundStatus) []inboxTab {
	tabs := []inboxTab{{"", lang.T(l, "Toutes"), current == ""}}
	for _, st := range treated() {
		tabs = append(tabs, inboxTab{st, lang.T(l, mailTabs[st]), current == st})
	}
	if current == meetings.InboundReview {
		tabs = append(tabs, inboxTab{current, lang.T(l, mailTabs[current]), true})
	}
	return tabs
}

func mailRows(r *request, mails []inbox.Mail) []mailRow {
	var all []mailRow
	for _, m := range mails {
		all = append(all, newMailRow(r, m))
	}
	return all
}

func newMailRow(r *request, m inbox.Mail) mailRow {
	m.Sender, m.Subject, m.Text = visible(m.Sender), visible(m.Subject), visible(m.Text)
	row := mailRow{
		Mail: m, At: m.At.In(mailZone(m.Zone)), From: m.Sender, About: aboutOf(r, m), Said: saidIn(r, m.Replies),
		State: mailState(r.lang, m.Status), MayRead: m.For(r.actor),
	}
	if m.Person.ID != "" {
		row.From, row.Address = m.Person.Name(), m.Sender
	}
	if row.From == "" {
		row.From = r.T("Expéditeur inconnu")
	}
	row.Why, row.How = reasonWords(r.lang, m.Reason)
	if row.Address != "" && slices.Contains(doubtful(), m.Reason) {
		row.SentBy = row.Address
	}
	row.OneClick = m.Professional != "" && (m.Meeting != "" || m.Series != "") && row.Said != "" && slices.Contains(oneClick(), m.Reason)
	return row
}

// doubtful are the reasons for which a mail may not be from whom it names.
func doubtful() []meetings.Reason {
	return []meetings.Reason{meetings.ReasonSender, meetings.ReasonNotAuthenticated}
}

// oneClick are the reasons for which a mail is sure, and complete, enough to be
// treated from the list.
func oneClick() []meetings.Reason {
	return []meetings.Reason{meetings.ReasonNotInvited, meetings.ReasonNoSequence, meetings.ReasonNoStamp}
}

// mailZone is a zone by name, Paris when there is none.
func mailZone(name string) *time.Location {
	if loc, err := time.LoadLocation(name); err == nil && name != "" {
		return loc
	}
	return paris()
}

// aboutOf says which meeting a mail is about.
func aboutOf(r *request, m inbox.Mail) string {
	switch {
	case !m.Starts.IsZero():
		at := m.Starts.In(mailZone(m.Zone))
		return r.T("%s, %s à %s", m.TeamName, lang.Short(r.lang, day(at)), lang.Clock(r.lang, at))
	case m.Series != "" && m.TeamName != "":
		return r.T("%s, toute la série", m.TeamName)
	case m.TeamName != "":
		return m.TeamName
	}
	return r.T("réunion inconnue")
}

// saidIn is the one answer that a mail gives, in words; empty when it gives
// none, or several that differ.
func saidIn(r *request, replies []meetings.Reply) string {
	said := ""
	for _, reply := range replies {
		word := answerWord(r, reply.Answer)
		if word == "" || said != "" && word != said {
			return ""
		}
		said = word
	}
	return said
}

// inboxToast says what was just done.
func inboxToast(r *request) *Toast {
	var text string
	switch r.Query("did") {
	case "assign":
		text = r.T("La réponse est notée.")
	case "stale":
		text = r.T("Rien ne change : une réponse plus récente était déjà notée.")
	case "over":
		text = r.T("Rien ne change : cette date est passée ou annulée.")
	case "dismiss":
		text = r.T("Classé sans suite. Le courriel reste dans la liste.")
	case "accept":
		text = r.T("La réunion est déplacée. Les invités reçoivent la nouvelle date.")
	case "refuse":
		text = r.T("La proposition est refusée. La personne reçoit votre réponse.")
	default:
		return nil
	}
	return &Toast{Text: text}
}
