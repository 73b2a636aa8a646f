package web

import (
	"net/http"
	"slices"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/agenda/preparation"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/minutes"
)

// preparationView is « Préparation » of a meeting: every case and what it lacks.
type preparationView struct {
	Base
	M      meetingHead
	Rows   []preparedRow
	Hidden int
	Ready  int // cases that are
	Unask  int // contributions that nobody was asked for
	May    bool
}

type preparedRow struct {
	agenda.Item
	Facts string
	Ready *readyView
}

// preparationPage lists the cases of a meeting with what each lacks.
func (s *Server) preparationPage(r *request) error {
	full, err := s.meetingOf(r)
	if err != nil {
		return err
	}
	g, err := s.cfg.Agenda.Get(r.ctx(), r.actor, full.Meeting.ID)
	if err != nil {
		return err
	}
	ready, err := s.cfg.Preparation.OfMeeting(r.ctx(), r.actor, g)
	if err != nil {
		return err
	}
	b, err := s.base(r, place{team: full.Meeting.Team}, "Préparation")
	if err != nil {
		return err
	}
	v := &preparationView{Base: b, M: s.head(r, full, "preparation"), Hidden: g.Hidden}
	v.May = v.M.Leads && v.M.Preparing()
	for _, it := range g.Items {
		row := preparedRow{it, facts(r, it.Patient, date.Of(v.M.Starts)), readyOf(r, it, ready[it.ID], full.Meeting.Location(), "list")}
		if ready[it.ID].Ready() {
			v.Ready++
		}
		for _, l := range row.Ready.Lines {
			for _, k := range l.Asks {
				if !k.Again && it.Status == agenda.Scheduled {
					v.Unask++
				}
			}
		}
		v.Rows = append(v.Rows, row)
	}
	v.Toast = preparationToast(r)
	return s.render(r, http.StatusOK, "preparation", v)
}

func preparationToast(r *request) *Toast {
	switch r.Query("did") {
	case "ask":
		return &Toast{Text: r.T("Demandé. Un message part, sans nom de patient.")}
	case "contribution":
		return &Toast{Text: r.T("Votre avis est enregistré.")}
	case "summary":
		return &Toast{Text: r.T("Le résumé est enregistré.")}
	}
	return paperToast(r)
}

// askEveryone asks for every contribution that nobody was asked for.
func (s *Server) askEveryone(r *request) error {
	m, err := pathID[id.Meeting](r, "id")
	if err != nil {
		return err
	}
	g, err := s.cfg.Agenda.Get(r.ctx(), r.actor, m)
	if err != nil {
		return err
	}
	if _, err := s.cfg.Preparation.AskAll(r.ctx(), r.actor, g); err != nil {
		return err
	}
	return r.see("/meetings/" + string(m) + "/preparation?did=ask")
}

// askContribution asks one person for a contribution, or again.
func (s *Server) askContribution(r *request) error {
	c, err := pathID[id.Case](r, "id")
	if err != nil {
		return err
	}
	if err := s.cfg.Preparation.AskFor(r.ctx(), r.actor, c, id.Professional(r.text("professional"))); err != nil {
		return err
	}
	to := "/cases/" + string(c) + "/preparation?did=ask#avis"
	if m := r.text("meeting"); id.Valid(m) {
		switch r.text("to") {
		case "agenda":
			to = "/meetings/" + m + "?did=ask#c-" + string(c)
		case "list":
			to = "/meetings/" + m + "/preparation?did=ask#c-" + string(c)
		}
	}
	return r.see(to)
}

// preparedView is the preparation of one case.
type preparedView struct {
	Base
	Form
	M         meetingHead
	Sheet     preparation.Sheet
	Facts     string
	Expects   string
	Identity  state
	Ready     *readyView
	Goals     []goalView
	Actions   []actionRow
	Words     []careplan.Expectation
	Past      *minutes.PastDecision
	PastOn    date.Date
	PastDone  []actionRow
	Contribs  []contribView
	Papers    *paperSection // nil: none are taken
	Written   int
	Unreached string
	Summary   preparation.ISBAR
	Mine      preparation.Contribution
	Theirs    string            // what stands of my contribution, when I typed another
	Newer     preparation.ISBAR // what stands of the summary, when I typed another
	Clash     string            // contribution, summary or empty: which was written meanwhile
	Which     string            // which form was refused
}

func (s *Server) preparedPage(r *request) error {
	return s.showPrepared(r, http.StatusOK, func(v *preparedView) { v.Toast = preparationToast(r) })
}

// showPrepared renders the page of one case; fill adds what one request is about.
func (s *Server) showPrepared(r *request, status int, fill func(*preparedView)) error {
	c, err := pathID[id.Case](r, "id")
	if err != nil {
		return err
	}
	sheet, err := s.cfg.Preparation.Of(r.ctx(), r.actor, c)
	if err != nil {
		return err
	}
	b, err := s.base(r, place{team: sheet.Team}, "Préparation du dossier")
	if err != nil {
		return err
	}
	zone, day := sheet.Zone, date.Of(sheet.Full.Meeting.Starts.In(sheet.Zone))
	v := &preparedView{
		Base: b, M: s.head(r, sheet.Full, "preparation"), Sheet: sheet, Facts: facts(r, sheet.Patient, day),
		Expects: expects(r.lang, sheet.Patient.Sex), Identity: identityState(r.lang, sheet.Patient.Identity),
		Ready: readyOf(r, sheet.Item, sheet.Ready, zone, "case"), Summary: sheet.Summary(), Mine: sheet.Mine,
		Unreached: professionNames(r.lang, sheet.Unreached),
	}
	v.Summary.At = v.Summary.At.In(zone)
	v.Contribs, v.Written = contribViews(r, sheet.Expected, zone)
	if v.Papers, err = s.papersOf(r, c, zone); err != nil {
		return err
	}
	if err := s.fillCase(r, v); err != nil {
		return err
	}
	fill(v)
	return s.render(r, status, "prepared", v)
}

// fillCase reads the plan with its trajectories and what was decided before.
func (s *Server) fillCase(r *request, v *preparedView) error {
	file, err := s.cfg.Patients.File(r.ctx(), r.actor, v.Sheet.Patient.ID)
	if err != nil {
		return err
	}
	past, err := s.cfg.Minutes.DecisionsOf(r.ctx(), r.actor, v.Sheet.Patient.ID)
	if err != nil {
		return err
	}
	today := s.today(v.Sheet.Zone)
	for _, p := range file.Plans {
		if p.ID == v.Sheet.Followed {
			v.Words = p.Expectations
		}
	}
	titles := map[id.Objective]string{}
	for _, o := range file.Objectives {
		if titles[o.ID] = o.Title; o.Plan == v.Sheet.Followed && o.Lifecycle.Open() {
			v.Goals = append(v.Goals, newGoal(r.lang, o, past, today))
		}
	}
	for _, a := range file.Actions {
		if a.Plan == v.Sheet.Followed && a.Status.Open() {
			v.Actions = append(v.Actions, actionRow{Action: a, For: titles[a.Objective], Open: true, State: actionState(r.lang, a, today)})
		}
	}
	slices.SortStableFunc(v.Actions, func(a, b actionRow) int { return a.Due.Sub(b.Due) })
	var c caseView
	c.last(r.lang, file, past, today)
	v.Past, v.PastOn, v.PastDone = c.Past, c.PastOn, c.PastActions
	return nil
}

// contribute keeps what the person writes about the case. A text that they
// wrote meanwhile elsewhere is shown beside; nothing typed is lost.
func (s *Server) contribute(r *request) error {
	c, err := pathID[id.Case](r, "id")
	if err != nil {
		return err
	}
	k := preparation.Contribution{Text: r.text("text"), Opinion: r.text("opinion") != "", Version: r.number("version")}
	_, err = s.cfg.Preparation.Contribute(r.ctx(), r.actor, c, k)
	return s.afterPrepared(r, err, "contribution", func(v *preparedView) {
		v.Theirs = v.Mine.Text
		v.Mine.Text, v.Mine.Opinion = k.Text, k.Opinion
	})
}

// summarise keeps the summary of the case.
func (s *Server) summarise(r *request) error {
	c, err := pathID[id.Case](r, "id")
	if err != nil {
		return err
	}
	i := preparation.ISBAR{Version: r.number("version"), ISBAR: agenda.ISBAR{
		Situation: r.text("situation"), Background: r.text("background"), Assessment: r.text("assessment"),
		Recommendation: r.text("recommendation"),
	}}
	err = s.cfg.Preparation.Summarise(r.ctx(), r.actor, c, i)
	return s.afterPrepared(r, err, "summary", func(v *preparedView) {
		v.Newer = v.Summary
		i.Version, i.By, i.At = v.Summary.Version, v.Summary.By, v.Summary.At
		v.Summary = i
	})
}

// afterPrepared goes back to the page, or shows it again with what was typed:
// refused, or written by somebody meanwhile while it may still be.
func (s *Server) afterPrepared(r *request, err error, which string, typed func(*preparedView)) error {
	if f, ok := refused(r, err); ok {
		return s.showPrepared(r, http.StatusUnprocessableEntity, func(v *preparedView) { typed(v); v.Form, v.Which = f, which })
	}
	if fault.Is(err, fault.Conflict) {
		return s.showPrepared(r, http.StatusConflict, func(v *preparedView) {
			typed(v)
			v.Clash = which
			if !v.Sheet.Edits {
				v.Clash, v.Form, v.Which = "", Form{Fault: faultText(r.lang, err)}, which
			}
		})
	}
	if err != nil {
		return err
	}
	return r.see("/cases/" + string(id.Case(r.Param("id"))) + "/preparation?did=" + which + map[string]string{"contribution": "#avis", "summary": "#resume"}[which])
}

// ownAsks are the contributions that the person is asked for.
func (s *Server) ownAsks(r *request, limit int) ([]preparation.Ask, error) {
	return s.cfg.Preparation.Own(r.ctx(), r.actor, limit)
}
