package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify/inbox"
)

// mailView is one mail: what was understood of it, what it says, and what to
// do with it.
type mailView struct {
	Base
	Form
	Mail      mailRow
	Open      bool // it waits for a human
	Replies   []replyRow
	Source    string // the mail as it came, cut at shownMail
	Cut       bool
	Size      string
	By        string    // who treated it
	Handled   time.Time // when
	Invited   []choice  // people of its meeting or team
	Others    []choice  // every other professional
	Meetings  []choice  // dates that it can be an answer to
	Named     string    // the meeting it names, in words; empty: none
	Answers   []choice
	SaidWords string
}

// replyRow is one answer as it was understood.
type replyRow struct {
	meetings.Reply
	Word     string
	Date     time.Time
	Stamped  time.Time
	From     time.Time // other time asked for
	To       time.Time
	Instead  string // who comes instead
	HasOther bool
}

// shownMail is how much of a mail the page shows, in octets; the rest is in
// the file.
const shownMail = 200_000

func mailPath(m id.Inbound, parts ...string) string {
	return "/inbox/" + string(m) + strings.Join(append([]string{""}, parts...), "/")
}

func (s *Server) inboxMail(r *request) error { return s.showMail(r, http.StatusOK, Form{}) }

func (s *Server) mailID(r *request) (id.Inbound, error) {
	if s.cfg.Inbox == nil {
		return "", noSuchPage(r)
	}
	return pathID[id.Inbound](r, "id")
}

func (s *Server) showMail(r *request, status int, f Form) error {
	m, err := s.mailID(r)
	if err != nil {
		return err
	}
	mail, err := s.cfg.Inbox.Read(r.ctx(), r.actor, m)
	if err != nil {
		return err
	}
	v := &mailView{Form: f, Mail: newMailRow(r, mail), Open: mail.Status == meetings.InboundReview, Size: mailSize(r.lang, len(mail.Raw))}
	v.Source, v.Cut = mailSource(mail.Raw)
	for _, reply := range mail.Replies {
		v.Replies = append(v.Replies, newReplyRow(r, reply, mailZone(mail.Zone)))
	}
	if err := s.fillSenders(r, v); err != nil {
		return err
	}
	if v.Open {
		if err := s.fillMeetings(r, v); err != nil {
			return err
		}
		v.fillAnswers(r)
	}
	if v.Base, err = s.base(r, place{menu: inboxActive, team: mail.Team}, "Courriel reçu"); err != nil {
		return err
	}
	return s.render(r, status, "inbox-mail", v)
}

func newReplyRow(r *request, reply meetings.Reply, loc *time.Location) replyRow {
	reply.Comment, reply.UID = visible(reply.Comment), visible(reply.UID)
	row := replyRow{Reply: reply, Word: answerWord(r, reply.Answer), Date: reply.Recurrence, Instead: strings.Join(reply.DelegatedTo, ", ")}
	if !reply.Recurrence.IsZero() && !reply.Day && !reply.Floating {
		row.Date = reply.Recurrence.In(loc)
	}
	if !reply.Stamp.IsZero() {
		row.Stamped = reply.Stamp.In(loc)
	}
	if reply.Proposed != nil {
		row.HasOther, row.From = true, reply.Proposed.Start.In(loc)
		if row.To = reply.Proposed.End; !row.To.IsZero() {
			row.To = row.To.In(loc)
		}
	}
	return row
}

// fillSenders names who treated the mail and, while it waits, whose answer it
// can be: those invited first.
func (s *Server) fillSenders(r *request, v *mailView) error {
	all, err := s.cfg.Meetings.Professionals(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	for _, p := range all {
		if p.ID == v.Mail.HandledBy {
			v.By, v.Handled = p.Name(), v.Mail.HandledAt.In(mailZone(v.Mail.Zone))
		}
	}
	if !v.Open {
		return nil
	}
	invited, err := s.invited(r, v.Mail)
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b auth.Professional) int { return cmp.Compare(a.Name(), b.Name()) })
	chosen := cmp.Or(v.Get("who"), string(v.Mail.Professional))
	for _, p := range all {
		c := choice{Key: string(p.ID), Name: personWords(r, p), Chosen: string(p.ID) == chosen}
		if slices.Contains(invited, p.ID) {
			v.Invited = append(v.Invited, c)
		} else {
			v.Others = append(v.Others, c)
		}
	}
	return nil
}

func personWords(r *request, p auth.Professional) string {
	if p.Profession == "" {
		return p.Name()
	}
	return p.Name() + ", " + professionName(r.lang, p.Profession)
}

// invited are those invited to the mail's meeting, else the members of its team.
func (s *Server) invited(r *request, m mailRow) (all []id.Professional, err error) {
	switch {
	case m.Meeting != "":
		full, err := s.cfg.Meetings.Get(r.ctx(), r.actor, m.Meeting)
		for _, a := range full.Attendance {
			all = append(all, a.Professional.ID)
		}
		return all, err
	case m.Team != "":
		team, err := s.cfg.Meetings.Team(r.ctx(), r.actor, m.Team)
		for _, member := range team.Members {
			all = append(all, member.ID)
		}
		return all, err
	}
	return nil, nil
}

// The dates offered for a mail are those from lookBack ago to lookAhead.
const (
	lookBack  = 14 * 24 * time.Hour
	lookAhead = 120 * 24 * time.Hour
)

// fillMeetings lists the dates that a mail can be an answer to.
func (s *Server) fillMeetings(r *request, v *mailView) error {
	if v.Mail.Meeting != "" || v.Mail.Series != "" {
		v.Named = v.Mail.About
	}
	f := meetings.Filter{
		Org: r.actor.Org, From: v.Mail.At.Add(-lookBack), To: s.now().Add(lookAhead), Limit: shown,
		Status: []meetings.Status{meetings.Draft, meetings.Open, meetings.Closed},
	}
	for _, team := range r.actor.TeamIDs() {
		if r.actor.In(team, auth.Secretary) && (v.Mail.Team == "" || team == v.Mail.Team) {
			f.Teams = append(f.Teams, team)
		}
	}
	all, _, err := s.cfg.Meetings.List(r.ctx(), r.actor, f)
	if err != nil {
		return err
	}
	for _, m := range all {
		at := m.Starts.In(m.Location())
		words := r.T("%s, %s à %s", m.TeamName, lang.Short(r.lang, day(at)), lang.Clock(r.lang, at))
		v.Meetings = append(v.Meetings, choice{Key: string(m.ID), Name: words, Chosen: v.Is("meeting", string(m.ID))})
	}
	return nil
}

// fillAnswers lists the answers; the one that the mail says is chosen.
func (v *mailView) fillAnswers(r *request) {
	v.SaidWords = v.Mail.Said
	chosen := v.Get("answer")
	if chosen == "" && v.SaidWords != "" {
		chosen = string(v.Mail.Replies[0].Answer)
	}
	for _, c := range answerChoices(r) {
		if c.Key != string(meetings.NeedsAction) {
			c.Chosen = c.Key == chosen
			v.Answers = append(v.Answers, c)
		}
	}
}

// mailSource is a mail as people can look at it, cut at shownMail.
func mailSource(raw []byte) (text string, cut bool) {
	if cut = len(raw) > shownMail; cut {
		end := shownMail
		for end > shownMail-utf8.UTFMax && !utf8.RuneStart(raw[end]) {
			end--
		}
		raw = raw[:end]
	}
	return visible(string(raw)), cut
}

// visible replaces what would not be shown as it is: octets that are no text,
// control characters, and those that turn the reading order around.
func visible(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(c rune) rune {
		if c != '\n' && c != '\t' && (unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c)) {
			return '\uFFFD'
		}
		return c
	}, text)
}

// mailSize says a number of octets: 12 ko, 1,2 Mo.
func mailSize(l string, octets int) string {
	if octets < 1_000_000 {
		return lang.T(l, "%d ko", (octets+999)/1000)
	}
	mega := strconv.FormatFloat(float64(octets)/1e6, 'f', 1, 64)
	if l != lang.English {
		mega = strings.Replace(mega, ".", ",", 1)
	}
	return lang.T(l, "%s Mo", mega)
}

// rawMail gives the mail as a file, under a name that says nothing of anybody.
func (s *Server) rawMail(r *request) error {
	m, err := s.mailID(r)
	if err != nil {
		return err
	}
	mail, err := s.cfg.Inbox.Read(r.ctx(), r.actor, m)
	if err != nil {
		return err
	}
	r.Header("Content-Disposition", `attachment; filename="courriel-`+mail.At.UTC().Format("20060102-150405")+`.eml"`)
	write(r.Context, http.StatusOK, "message/rfc822", mail.Raw, nil)
	return nil
}

// assignMail takes a mail as somebody's answer.
func (s *Server) assignMail(r *request) error {
	m, err := s.mailID(r)
	if err != nil {
		return err
	}
	as := meetings.Assignment{
		Professional: id.Professional(r.text("who")), Meeting: id.Meeting(r.text("meeting")), Answer: meetings.Answer(r.text("answer")),
	}
	done := meetings.ReasonNone
	if err = checkAssignment(as); err == nil {
		var after inbox.Mail
		after, err = s.cfg.Inbox.Assign(r.ctx(), r.actor, m, r.number("version"), as)
		done = after.Reason
	}
	if f, ok := refused(r, err); ok {
		return s.showMail(r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	if done == meetings.ReasonStale || done == meetings.ReasonOver {
		return r.see("/inbox?did=" + string(done))
	}
	return r.see("/inbox?did=assign")
}

func checkAssignment(as meetings.Assignment) error {
	var c fault.Check
	c.That(id.Valid(as.Professional), "who", "Choisissez la personne qui répond.")
	c.That(as.Meeting == "" || id.Valid(as.Meeting), "meeting", "Choisissez une réunion de la liste.")
	return c.Err("web.assignMail")
}

func (s *Server) dismissMail(r *request) error {
	m, err := s.mailID(r)
	if err != nil {
		return err
	}
	if err := s.cfg.Inbox.Dismiss(r.ctx(), r.actor, m, r.number("version")); err != nil {
		return err
	}
	return r.see("/inbox?did=dismiss")
}
