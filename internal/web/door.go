package web

import (
	"net/http"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/internal/link"
	"github.com/rcp-care/rcp/meetings"
)

// doorView is the page by which somebody without an account asks a team to
// discuss a patient. It shows nothing of any patient: what is typed is looked
// up by nobody but a person of the team.
type doorView struct {
	Base
	Form
	Gone bool // the link serves no more: nothing else is filled
	Path string
	Org  string
	Team string
	Kind string
	askChoices
	Professions []choice
	Sexes       []choice
}

// doorPage shows and changes nothing: mail scanners follow links.
func (s *Server) doorPage(r *request) error { return s.showDoor(r, http.StatusOK, Form{}) }

func (s *Server) showDoor(r *request, status int, f Form) error {
	r.readerLang()
	r.Header("X-Robots-Tag", "noindex, nofollow")
	t, err := s.cfg.Links.ReadAs(r.Param("token"), s.now(), link.Ask)
	var l agenda.OutsideLink
	if err == nil {
		l, err = s.cfg.Agenda.Door(r.ctx(), t)
	}
	if fault.Is(err, fault.NotFound) {
		return s.render(r, http.StatusNotFound, "door", &doorView{Base: s.gate(r, "Ce lien ne sert plus"), Gone: true})
	}
	if err != nil {
		return err
	}
	v := &doorView{
		Base: s.gate(r, "Demander une discussion"), Form: f, Path: "/d/" + r.Param("token"), Org: l.OrgName, Team: l.TeamName,
		askChoices: newAskChoices(r, f), Sexes: []choice{{Key: string(careplan.Female), Name: r.T("Féminin")}, {Key: string(careplan.Male), Name: r.T("Masculin")}},
	}
	for _, p := range meetings.Professions {
		v.Professions = append(v.Professions, choice{Key: p.Key, Name: professionName(r.lang, p.Key), Chosen: f.Get("profession") == p.Key})
	}
	if q := r.Query("lang"); q != "" {
		v.Path += "?lang=" + lang.Known(q)
	}
	if v.Training, err = s.cfg.Meetings.Training(r.ctx(), l.Org, string(l.Team)); err != nil {
		return err
	}
	return s.render(r, status, "door", v)
}

// askByLink keeps a request. What fills the field that no person sees is refused.
func (s *Server) askByLink(r *request) error {
	r.readerLang()
	t, err := s.cfg.Links.ReadAs(r.Param("token"), s.now(), link.Ask)
	if err == nil && r.text("website") != "" {
		err = fault.New(fault.Invalid, "web.askByLink", "La demande n’a pas pu être envoyée. Laissez vide le champ « site », puis recommencez.")
	}
	var o agenda.Outside
	if err == nil {
		o, err = s.cfg.Agenda.AskOutside(r.ctx(), t, r.ClientIP(), r.lang, agenda.Urgency(r.PostForm("urgency")), r.outsideContent(date.Of(s.now())))
	}
	if f, ok := refused(r, err); ok {
		return s.showDoor(r, http.StatusUnprocessableEntity, f)
	}
	if fault.Is(err, fault.NotFound) {
		return s.showDoor(r, http.StatusNotFound, Form{}) // the page says so
	}
	if err != nil {
		return err
	}
	to := "/t/" + s.cfg.Links.Sign(o.Ticket()) + "?did=ask"
	if l := r.Query("lang"); l != "" {
		to += "&lang=" + lang.Known(l)
	}
	return r.see(to)
}

func (r *request) outsideContent(today date.Date) agenda.OutsideContent {
	c := agenda.OutsideContent{Question: r.text("question"), Details: r.details()}
	c.Traits = agenda.Traits{BirthFamily: r.text("birth_family"), BirthGiven: r.text("birth_given"), Sex: careplan.Sex(r.PostForm("sex"))}
	c.Traits.BirthDate, _ = readDay(r.text("birth_date"), today) // no date is refused
	c.Outsider = agenda.Outsider{
		Name: r.text("name"), Profession: r.PostForm("profession"), RPPS: r.text("rpps"), Email: r.text("email"), Phone: r.text("phone"),
		Organisation: r.text("organisation"),
	}
	return c
}

// trackView is where a request from outside stands, for who holds its address:
// no name, no question, no decision.
type trackView struct {
	Base
	Gone  bool
	Made  bool
	Org   string
	Team  string
	At    time.Time
	Steps []trackStep
	Late  bool
	Shut  bool // closed without a discussion
}

type trackStep struct {
	Text string
	Done bool
	Now  bool
}

func (s *Server) trackPage(r *request) error {
	r.readerLang()
	r.Header("X-Robots-Tag", "noindex, nofollow")
	t, err := s.cfg.Links.ReadAs(r.Param("token"), s.now(), link.Track)
	var o agenda.Tracked
	if err == nil {
		o, err = s.cfg.Agenda.Track(r.ctx(), t)
	}
	if fault.Is(err, fault.NotFound) {
		return s.render(r, http.StatusNotFound, "track", &trackView{Base: s.gate(r, "Ce lien ne sert plus"), Gone: true})
	}
	if err != nil {
		return err
	}
	v := &trackView{
		Base: s.gate(r, "Votre demande"), Made: r.Query("did") == "ask", Org: o.OrgName, Team: o.TeamName, At: o.At,
		Shut: o.State == agenda.TrackClosed, Late: o.State == agenda.TrackReceived && o.LateFor != "" && o.LateFor == o.Next.ID,
	}
	v.Steps = trackSteps(r, o, v.At)
	if v.Training, err = s.cfg.Meetings.Training(r.ctx(), o.Org, string(o.Outside.Team)); err != nil {
		return err
	}
	return s.render(r, http.StatusOK, "track", v)
}

func trackSteps(r *request, o agenda.Tracked, at time.Time) []trackStep {
	day := lang.Numeric(date.Of(o.MeetingAt))
	steps := []trackStep{{Text: r.T("Reçue le %s à %s.", lang.Numeric(date.Of(at)), lang.Clock(r.lang, at)), Done: true}}
	switch o.State {
	case agenda.TrackClosed:
		return append(steps, trackStep{Text: r.T("Close. Pour en parler, appelez le secrétariat de l’équipe."), Done: true, Now: true})
	case agenda.TrackPlaced:
		return append(steps, trackStep{Text: r.T("Inscrite à la réunion du %s.", day), Done: true, Now: true}, trackStep{Text: r.T("Discutée")})
	case agenda.TrackAnswered:
		return append(steps, trackStep{Text: r.T("Inscrite à la réunion du %s.", day), Done: true},
			trackStep{Text: r.T("Discutée le %s. L’équipe vous dit la suite directement, ou par le compte rendu si vous suivez ce patient avec elle.", day), Done: true, Now: true})
	}
	steps[0].Now = true
	return append(steps, trackStep{Text: queueWords(r, agenda.Queue{Next: o.Next}, o.Place, false)}, trackStep{Text: r.T("Discutée")})
}
