package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// agendaView is a meeting's agenda.
type agendaView struct {
	Base
	Form
	M         meetingHead
	Lines     []lineView
	Waiting   []lineView
	Withdrawn []lineView
	Standard  standardView
	MayFast   bool // register without discussion
	Hidden    int
	Budget    budget
	Last      *recalculated // nil: nothing to undo
	Answers   []answers
	Yes, All  int // answers
	Forecast  forecastView
	May       bool // change the agenda
	Query     string
	Asked     bool // a search was made
	Found     []foundView
	Reasons   []choice // of a deferral
	Own       *meetings.Attendance
	MyAnswers []choice
	MyHours   [2]string // from, until: as the fields have them
	Answer    Form      // one's own answer, refused
}

// lineView is one patient on the agenda.
type lineView struct {
	agenda.Item
	Requests  []agenda.Request
	At        time.Time // planned start, in the meeting's zone
	Total     int
	First     string   // the reason shown
	More      []string // every reason in words
	Weighed   []weighed
	Facts     string // F, 87 ans
	Woman     bool
	Urgent    bool
	NoPlan    bool // the team has no active plan of theirs
	Ready     *readyView
	State     *state // discussed, deferred; nil: still to come
	Up, Down  bool
	Minus     int // minutes after « − »
	Plus      int
	DeferText string
	Returns   string // day of the meeting that a deferred or unplaced line waits for: 03/12
}

// weighed is a reason in words with its weight in the ranking.
type weighed struct {
	Text   string
	Weight int
}

// foundView is a patient found by the search, and whether they can be added.
type foundView struct {
	careplan.Summary
	Facts string
	There bool   // on the agenda already
	Why   string // why not
}

// budget is the meeting's minutes.
type budget struct {
	Cases, Planned, Capacity int
	Spare, Free, Over        int
	Bars                     []bar
	Axis                     []tick
}

type bar struct {
	Class string // m8, pin, spare …
	Text  string // rank, on the first segment only
	Label string // in words, for who does not see widths
}

type tick struct {
	Class string
	At    time.Time
}

func (s *Server) agendaPage(r *request) error {
	m, err := pathID[id.Meeting](r, "id")
	if err != nil {
		return err
	}
	return s.showAgenda(r, http.StatusOK, m, func(*agendaView) error { return nil })
}

// showAgenda renders the page; fill adds what one request is about.
func (s *Server) showAgenda(r *request, status int, m id.Meeting, fill func(*agendaView) error) error {
	full, err := s.cfg.Meetings.Get(r.ctx(), r.actor, m)
	if err != nil {
		return err
	}
	a, err := s.cfg.Agenda.Get(r.ctx(), r.actor, m)
	if err != nil {
		return err
	}
	b, err := s.base(r, place{team: full.Meeting.Team}, "Ordre du jour")
	if err != nil {
		return err
	}
	v := &agendaView{Base: b, M: s.head(r, full, ""), Hidden: a.Hidden, Answers: answersOf(r, full), Reasons: deferReasons(r)}
	v.May = v.M.Leads && v.M.Preparing()
	if v.M.Sending, err = s.sendingOf(r, full, a); err != nil {
		return err
	}
	v.Lines = s.lines(r, full.Meeting, a.Items)
	if err := s.addReadiness(r, v, full.Meeting, a); err != nil {
		return err
	}
	if err := s.addRequests(r, v, full.Meeting); err != nil {
		return err
	}
	v.Waiting = s.lines(r, full.Meeting, a.Waiting)
	v.Withdrawn = s.lines(r, full.Meeting, a.Withdrawn)
	v.Standard, v.MayFast = standardOf(r, full, a), mayRegister(r, full)
	v.Budget = budgetOf(r, full.Meeting, a)
	v.Last = s.recalculatedOf(r, full.Meeting, a)
	v.countAnswers(r, full)
	if v.Forecast, err = s.forecastOf(r, v.M, full, a); err != nil {
		return err
	}
	if v.Toast = agendaToast(r, v); v.Toast == nil {
		v.Toast = guestToast(r, full)
	}
	if v.Toast == nil {
		v.Toast = preparationToast(r)
	}
	if v.Toast == nil {
		v.Toast = standardToast(r, m, "", slices.Concat(a.Items, a.Standard))
	}
	if err := fill(v); err != nil {
		return err
	}
	return s.render(r, status, "agenda", v)
}

// addReadiness says of each line whether it is prepared.
func (s *Server) addReadiness(r *request, v *agendaView, m meetings.Meeting, g agenda.Agenda) error {
	ready, err := s.cfg.Preparation.OfMeeting(r.ctx(), r.actor, g)
	for i, l := range v.Lines {
		v.Lines[i].Ready = readyOf(r, l.Item, ready[l.ID], m.Location(), "agenda")
	}
	return err
}

// addRequests puts what was asked about each patient under their line.
func (s *Server) addRequests(r *request, v *agendaView, m meetings.Meeting) error {
	asked, err := s.cfg.Agenda.RequestsAbout(r.ctx(), r.actor, m.ID)
	for i := range v.Lines {
		v.Lines[i].Requests = asked[v.Lines[i].Patient.ID]
	}
	return err
}

func (v *agendaView) countAnswers(r *request, full meetings.Full) {
	for i, a := range full.Attendance {
		v.All++
		if a.Answer == meetings.Accepted {
			v.Yes++
		}
		if a.Professional.ID == r.actor.Professional {
			v.Own = &full.Attendance[i]
			v.MyAnswers = myAnswers(r, a.Answer)
			v.MyHours = [2]string{clockField(a.ExpectFrom, full.Meeting), clockField(a.ExpectUntil, full.Meeting)}
		}
	}
}

// lines are the rows of a list, with the hour each is planned at.
func (s *Server) lines(r *request, m meetings.Meeting, items []agenda.Item) []lineView {
	on := date.Of(m.Starts.In(m.Location()))
	out := make([]lineView, len(items))
	for i, it := range items {
		v := lineView{
			Item: it, At: inZone(it.At, m), Total: len(items), Facts: facts(r, it.Patient, on), Woman: it.Patient.Sex == careplan.Female,
			Up: i > 0, Down: i < len(items)-1, Minus: max(it.Minutes-1, 1), Plus: it.Minutes + 1, State: caseState(r, it),
			DeferText: agenda.DeferText(it.DeferWhy, r.lang),
		}
		if !it.DeferOn.IsZero() {
			v.Returns = lang.DayMonth(date.Of(inZone(it.DeferOn, m)))
		}
		for _, reason := range it.Reasons {
			text := reason.Text(r.lang)
			v.More, v.Weighed = append(v.More, text), append(v.Weighed, weighed{text, reason.Weight})
			v.Urgent = v.Urgent || reason.Urgent()
			v.NoPlan = v.NoPlan || reason.Rule == agenda.NoPlan
		}
		if len(v.More) > 0 {
			v.First = v.More[0]
		}
		out[i] = v
	}
	return out
}

// caseState is nil for a case still to come.
func caseState(r *request, it agenda.Item) *state {
	switch {
	case it.Status == agenda.Discussed:
		return &state{"ok", r.T("Discuté")}
	case it.Status == agenda.Deferred:
		return &state{"run", r.T("Reporté")}
	case !it.Started.IsZero() && it.Ended.IsZero():
		return &state{"on", r.T("En cours")}
	}
	return nil
}

// facts are sex and age: F, 87 ans.
func facts(r *request, p careplan.Patient, on date.Date) string {
	sex := map[careplan.Sex]string{careplan.Female: r.T("F"), careplan.Male: r.T("M")}[p.Sex]
	if p.BirthDate.IsZero() {
		return sex
	}
	age := lang.N(r.lang, p.BirthDate.AgeAt(on), "%d an", "%d ans")
	if sex == "" {
		return age
	}
	return sex + ", " + age
}

func deferReasons(r *request) []choice {
	out := make([]choice, len(agenda.DeferReasons))
	for i, why := range agenda.DeferReasons {
		out[i] = choice{Key: why, Name: agenda.DeferText(why, r.lang)}
	}
	return out
}

// budgetOf draws the minutes: one bar a case, the margin, what is free.
func budgetOf(r *request, m meetings.Meeting, a agenda.Agenda) budget {
	b := budget{Cases: len(a.Items) + a.Hidden, Planned: a.Planned, Capacity: a.Capacity}
	shownMinutes, idle, at := 0, 0, m.Starts
	for i, it := range a.Items {
		if wait := int(it.At.Sub(at).Minutes()); wait > 0 && a.Hidden == 0 {
			b.add(wait, " free", "", r.T("Attente, %d minutes", wait))
			idle += wait
		}
		at = it.At.Add(time.Duration(it.Minutes) * time.Minute)
		label := r.T("%s, %d minutes", it.Patient.Name(), it.Minutes)
		class := map[bool]string{true: " pin"}[it.Pinned]
		if it.Status == agenda.Discussed {
			class = " done"
		}
		b.add(it.Minutes, class, strconv.Itoa(i+1), label)
		shownMinutes += it.Minutes
	}
	if hidden := a.Planned - shownMinutes; hidden > 0 {
		b.add(hidden, "", "", r.T("Autres dossiers, %d minutes", hidden))
	}
	left := a.Capacity - a.Planned - idle
	b.Over = max(-left, 0)
	margin := agenda.MakeBudget(a.Capacity, 0).Margin
	b.Spare, b.Free = min(max(left, 0), margin), max(left-margin, 0)
	b.add(b.Spare, " spare", "", r.T("Marge, %d minutes", b.Spare))
	b.add(b.Free, " free", "", r.T("Libre, %d minutes", b.Free))
	b.Axis = axis(m, max(a.Capacity, a.Planned+idle))
	return b
}

// add draws minutes as one bar, cut into the widths that the stylesheet has.
func (b *budget) add(minutes int, class, text, label string) {
	for i, width := range segments(minutes) {
		if i > 0 {
			text, label = "", ""
		}
		b.Bars = append(b.Bars, bar{Class: width + class, Text: text, Label: label})
	}
}

// axis has a mark each half hour, and the end.
func axis(m meetings.Meeting, minutes int) []tick {
	starts := m.Starts.In(m.Location())
	var out []tick
	for at := 0; at < minutes; at += 30 {
		width := min(30, minutes-at)
		class := "m30"
		if width < 30 {
			class = segments(width)[0]
		}
		out = append(out, tick{class, starts.Add(time.Duration(at) * time.Minute)})
	}
	return append(out, tick{"", starts.Add(time.Duration(minutes) * time.Minute)})
}

// agendaToast tells what the form before this page did, and how to undo it. The
// address holds ids only; the words come from the agenda.
func agendaToast(r *request, v *agendaView) *Toast {
	c := id.Case(r.Query("case"))
	all := slices.Concat(v.Lines, v.Waiting, v.Withdrawn)
	at := slices.IndexFunc(all, func(l lineView) bool { return l.ID == c })
	meeting := map[string]string{"meeting": string(v.M.ID)}
	who := ""
	if at >= 0 {
		who = all[at].Patient.Civil()
	}
	switch did := r.Query("did"); {
	case did == "draft":
		return &Toast{Text: r.T("Ordre du jour recalculé : les lignes épinglées ou déplacées n’ont pas bougé.")}
	case did == "undo":
		return &Toast{Text: r.T("Modification annulée : l’ordre du jour est comme avant.")}
	case who == "":
		return nil
	case did == "withdraw":
		return &Toast{Text: r.T("Retiré de l’ordre du jour : %s.", who), Undo: "/cases/" + string(c) + "/restore", Fields: meeting}
	case did == "defer" && !all[at].DeferOn.IsZero():
		on := lang.DayMonth(date.Of(all[at].DeferOn.In(v.M.Starts.Location())))
		return &Toast{Text: r.T("Reporté au %s : %s.", on, who), Undo: "/cases/" + string(c) + "/undefer", Fields: meeting}
	case did == "defer":
		return &Toast{Text: r.T("Reporté à la prochaine réunion : %s.", who), Undo: "/cases/" + string(c) + "/undefer", Fields: meeting}
	case did == "add":
		return &Toast{Text: r.T("Inscrit à l’ordre du jour : %s.", who)}
	}
	return nil
}

// myAnswers are the answers a member may give, with the one given.
func myAnswers(r *request, given meetings.Answer) []choice {
	all := answerChoices(r)[1:]
	for i := range all {
		all[i].Chosen = all[i].Key == string(given)
	}
	return all
}
