package web

import (
	"net/http"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/agenda/preparation"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify"
)

// weekView is « Ma semaine ».
type weekView struct {
	Base
	Today      date.Date
	Number     int // ISO week of the days shown
	Teams      int
	Prev, Next date.Date // Mondays
	PrevNumber int
	NextNumber int
	Current    bool // this week
	Do         *todo
	Meetings   []weekMeeting
	Requests   []agenda.Request
	ToSign     []weekMeeting
	Failed     []notify.Message
	Actions    []ownAction
	Asks       []preparation.Ask // contributions awaited
	Feedback   []askedFeedback   // meetings on which they may say what they thought
	Waits      int               // things that wait for the person
	Prepares   bool
}

// todo is the next thing to do: what, by when, where.
type todo struct{ What, When, Path, Button string }

// weekMeeting is one meeting of the list.
type weekMeeting struct {
	meetingHead
	Day      date.Date
	Relative string
	Answers  []answers
	Forecast verdict
	Load     agenda.Load
	Own      meetings.Answer // the person's own; empty when not invited
}

// daysShown is the week and what opens the next one.
const daysShown = 9

func (s *Server) week(r *request) error {
	today := s.today(paris())
	monday, err := date.Parse(r.Query("from"))
	if err != nil {
		monday = workDay(today)
	}
	monday = monday.AddDays(-(int(monday.Weekday()) + 6) % 7)
	b, err := s.base(r, place{menu: "/"}, "Ma semaine")
	if err != nil {
		return err
	}
	v := &weekView{
		Base: b, Today: today, Number: isoWeek(monday), Teams: len(b.Rail.Teams), Prev: monday.AddDays(-7), Next: monday.AddDays(7),
		PrevNumber: isoWeek(monday.AddDays(-7)), NextNumber: isoWeek(monday.AddDays(7)), Prepares: holds(r.actor, auth.Secretary, auth.Chair),
	}
	here := workDay(today).Sub(monday)
	v.Current = here >= 0 && here < 7
	from := monday.In(paris())
	if v.Meetings, err = s.weekMeetings(r, meetings.Filter{From: from, To: monday.AddDays(daysShown).In(paris()), Limit: upcoming}, today); err != nil {
		return err
	}
	if err := s.whatWaits(r, v); err != nil {
		return err
	}
	v.Do = s.next(r, v)
	if r.Query("did") == "feedback" {
		v.Toast = &Toast{Text: r.T("Merci. Votre avis est gardé sans votre nom.")}
	}
	return s.render(r, http.StatusOK, "week", v)
}

// workDay is the day itself, or the Monday after a Saturday or a Sunday: at the
// weekend the week that matters is the one that comes.
func workDay(d date.Date) date.Date {
	switch d.Weekday() {
	case time.Saturday:
		return d.AddDays(2)
	case time.Sunday:
		return d.AddDays(1)
	default:
		return d
	}
}

func isoWeek(d date.Date) int {
	_, n := d.In(time.UTC).ISOWeek()
	return n
}

// weekMeetings reads the meetings of the actor's own teams.
func (s *Server) weekMeetings(r *request, f meetings.Filter, today date.Date) ([]weekMeeting, error) {
	f.Org, f.Teams = r.actor.Org, r.actor.TeamIDs()
	if len(f.Teams) == 0 {
		return nil, nil
	}
	list, _, err := s.cfg.Meetings.List(r.ctx(), r.actor, f)
	if err != nil {
		return nil, err
	}
	out := make([]weekMeeting, 0, len(list))
	for _, m := range list {
		one, err := s.weekMeeting(r, m, today)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func (s *Server) weekMeeting(r *request, m meetings.Meeting, today date.Date) (weekMeeting, error) {
	full, err := s.cfg.Meetings.Get(r.ctx(), r.actor, m.ID)
	if err != nil {
		return weekMeeting{}, err
	}
	w := weekMeeting{meetingHead: s.head(r, full, ""), Answers: answersOf(r, full)}
	w.Day = date.Of(w.Starts)
	w.Relative = lang.Relative(r.lang, w.Day, today)
	if w.Load, err = s.cfg.Agenda.Load(r.ctx(), r.actor, m.ID); err != nil {
		return weekMeeting{}, err
	}
	w.Forecast = forecast(r, full, w.Load.Threatened)
	if w.Is("running", "held", "signed") {
		w.Forecast = quorumNow(r, full, s.quorumAt(full.Meeting))
	}
	for _, a := range full.Attendance {
		if a.Professional.ID == r.actor.Professional {
			w.Own = a.Answer
		}
	}
	return w, nil
}

// whatWaits fills what waits for the person.
func (s *Server) whatWaits(r *request, v *weekView) (err error) {
	const few = 10
	if v.ToSign, err = s.weekMeetings(r, meetings.Filter{Status: []meetings.Status{meetings.Held}, Limit: few}, v.Today); err != nil {
		return err
	}
	if v.Failed, err = s.failedMails(r, few); err != nil {
		return err
	}
	if v.Actions, err = s.ownActions(r, v.Today, few); err != nil {
		return err
	}
	if v.Asks, err = s.ownAsks(r, few); err != nil {
		return err
	}
	if v.Prepares {
		v.Requests, _, err = s.cfg.Agenda.Requests(r.ctx(), r.actor, []agenda.RequestStatus{agenda.RequestWaiting}, "", few)
		if err != nil {
			return err
		}
	}
	if v.Feedback, err = s.askedFeedback(r); err != nil {
		return err
	}
	v.Waits = len(v.Feedback) + len(v.ToSign) + len(v.Failed) + len(v.Requests) + len(v.Actions) + len(v.Asks)
	return nil
}

// ownAction is an action that the person has to do, late or due within a week.
type ownAction struct {
	careplan.OwnAction
	Late int // days; 0: not late
}

func (s *Server) ownActions(r *request, today date.Date, limit int) ([]ownAction, error) {
	all, err := s.cfg.Patients.OwnActions(r.ctx(), r.actor, today.AddDays(7), limit)
	out := make([]ownAction, len(all))
	for i, a := range all {
		out[i] = ownAction{OwnAction: a, Late: max(0, today.Sub(a.Action.Due))}
	}
	return out, err
}

// next is what to do first: go into a running meeting, sign what is held, then
// the first meeting to come that lacks something of this person.
func (s *Server) next(r *request, v *weekView) *todo {
	for _, m := range v.Meetings {
		if m.Is("running") {
			return &todo{r.T("À faire d’abord : la réunion de %s est en cours", m.Team.Name), r.T("Elle finit à %s.", lang.Clock(r.lang, m.Ends)), m.Path("room"), r.T("Entrer en salle")}
		}
	}
	for _, m := range v.ToSign {
		if m.Chairs {
			return &todo{
				r.T("À faire d’abord : signer le compte rendu de %s", m.Team.Name),
				r.T("Réunion du %s. Rien ne part avant la signature.", lang.Long(r.lang, m.Day)), m.Path("minutes"), r.T("Relire et signer"),
			}
		}
	}
	for _, m := range v.Meetings {
		if t := s.nextOf(r, m); t != nil && !m.Day.Before(v.Today) {
			return t
		}
	}
	return nil
}

func (s *Server) nextOf(r *request, m weekMeeting) *todo {
	switch {
	case m.Leads && m.Is("draft"):
		return &todo{
			r.T("À faire d’abord : envoyer les invitations de %s", m.Team.Name),
			r.T("La réunion a lieu %s à %s ; %d personnes attendent l’invitation.", lang.Long(r.lang, m.Day), lang.Clock(r.lang, m.Starts), m.Invited), m.Path(), r.T("Préparer l’ordre du jour"),
		}
	case m.Leads && m.Is("open") && m.CutoffLeft != "":
		return &todo{
			r.T("À faire d’abord : clore l’ordre du jour de %s", m.Team.Name),
			r.T("Les inscriptions ferment %s à %s, %s.", lang.Long(r.lang, date.Of(m.Cutoff)), lang.Clock(r.lang, m.Cutoff), m.CutoffLeft), m.Path(), r.T("Préparer l’ordre du jour"),
		}
	case m.Leads && m.Is("open"):
		return &todo{r.T("À faire d’abord : clore l’ordre du jour de %s", m.Team.Name), r.T("L’heure de clôture est passée."), m.Path(), r.T("Préparer l’ordre du jour")}
	case m.Leads && m.Is("closed") && m.Relative == lang.T(r.lang, "aujourd’hui"):
		return &todo{r.T("À faire d’abord : commencer la réunion de %s", m.Team.Name), r.T("Elle est prévue à %s.", lang.Clock(r.lang, m.Starts)), m.Path(), r.T("Ouvrir l’ordre du jour")}
	case !m.Leads && m.Is("open", "closed") && m.Own == meetings.NeedsAction:
		return &todo{
			r.T("À faire d’abord : dire si vous venez à %s", m.Team.Name),
			r.T("La réunion a lieu %s à %s.", lang.Long(r.lang, m.Day), lang.Clock(r.lang, m.Starts)), m.Path(), r.T("Répondre"),
		}
	}
	return nil
}
