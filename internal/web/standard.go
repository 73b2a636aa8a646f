package web

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// standardView is what a meeting's page shows of the cases registered without
// discussion.
type standardView struct {
	Rows    []standardRow
	Waiting int // not read out yet
	MayPull bool
	MayRead bool // read them out, now
}

// standardRow is one of them; Who is a number where the person may not see the
// patient.
type standardRow struct {
	agenda.Item
	Who       string
	Facts     string
	Reference string
	Review    date.Date
	ReadOut   time.Time // where the meeting is
}

// standardOf arranges them: anybody of the team may call one to discussion.
func standardOf(r *request, full meetings.Full, a agenda.Agenda) standardView {
	st := full.Meeting.Status
	var v standardView
	v.MayPull = st == meetings.Open || st == meetings.Closed || st == meetings.Running
	v.MayRead = st == meetings.Running && r.actor.In(full.Meeting.Team, auth.Secretary, auth.Chair)
	for i, l := range a.Standard {
		row := standardRow{Item: l, Who: r.T("Dossier %d", i+1)}
		if l.Named() {
			row.Who, row.Facts = l.Patient.Name(), facts(r, l.Patient, date.Of(full.Meeting.Starts))
		}
		if g := l.Registration; g != nil {
			row.Reference, row.Review = referenceWords(r, g.Reference), g.NextReview
			if !g.ReadOut.IsZero() {
				row.ReadOut = g.ReadOut.In(full.Meeting.Location())
			}
		}
		if l.Status == agenda.Scheduled {
			v.Waiting++
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// referenceWords names a référentiel in the person's language.
func referenceWords(r *request, f agenda.Reference) string {
	return r.T("%s, version %s du %s", f.Name, f.Version, lang.Numeric(f.Day))
}

// mayRegister reports whether the person may register cases of the meeting
// without discussion: the service's rule, for what the page offers.
func mayRegister(r *request, full meetings.Full) bool {
	m := full.Meeting
	if m.Kind != meetings.RCP || m.Status != meetings.Open && m.Status != meetings.Closed {
		return false
	}
	return r.actor.In(m.Team, auth.Secretary, auth.Chair) || slices.ContainsFunc(full.Team.Members, func(p meetings.Member) bool {
		return p.ID == r.actor.Professional && p.Profession == meetings.Physician
	})
}

// registerView asks what a standard case is registered with.
type registerView struct {
	Base
	Form
	Case       agenda.Item
	Civil      string
	Back       string
	Team       id.Team
	References []choice
	Reference  string
	Proposal   string
	Review     string
}

func (s *Server) registerPage(r *request) error { return s.showRegister(r, http.StatusOK, Form{}) }

func (s *Server) showRegister(r *request, status int, f Form) error {
	c, err := pathID[id.Case](r, "id")
	if err != nil {
		return err
	}
	it, err := s.cfg.Agenda.Case(r.ctx(), r.actor, c)
	if err != nil {
		return err
	}
	all, err := s.cfg.Agenda.References(r.ctx(), r.actor, it.Team)
	if err != nil {
		return err
	}
	b, err := s.base(r, place{team: it.Team}, "Enregistrer sans discussion")
	if err != nil {
		return err
	}
	v := &registerView{Base: b, Form: f, Case: it, Civil: it.Patient.Civil(), Back: "/meetings/" + string(it.Meeting), Team: it.Team}
	if g := it.Registration; g != nil {
		v.Reference, v.Proposal, v.Review = string(g.Reference.ID), g.Proposition, g.NextReview.String()
	}
	if f.Failed() {
		v.Reference, v.Proposal, v.Review = f.Get("reference"), f.Get("proposition"), f.Get("review")
	}
	for _, ref := range all {
		if ref.Retired.IsZero() {
			v.References = append(v.References, choice{Key: string(ref.ID), Name: referenceWords(r, ref), Chosen: string(ref.ID) == v.Reference})
		}
	}
	return s.render(r, status, "register", v)
}

func (s *Server) registerCase(r *request) error {
	c, err := pathID[id.Case](r, "id")
	if err != nil {
		return err
	}
	review, err := date.Parse(r.text("review"))
	if err != nil {
		review = date.Date{} // the field gives nothing else than a day or none
	}
	it, err := s.cfg.Agenda.Register(r.ctx(), r.actor, c, id.Reference(r.text("reference")), r.text("proposition"), review)
	if f, ok := refused(r, err); ok {
		return s.showRegister(r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return r.see("/meetings/" + string(it.Meeting) + "?did=register&case=" + string(c))
}

// standardPage is where a form about a standard case leads back.
func standardPage(r *request, page string) string {
	if r.PostForm("back") == "room" {
		return page + "/room"
	}
	return page
}

func (s *Server) pullBackCase(r *request) error {
	c, page, err := caseForm(r)
	if err != nil {
		return err
	}
	if _, err := s.cfg.Agenda.PullBack(r.ctx(), r.actor, c, r.text("why")); err != nil {
		return err
	}
	return r.see(standardPage(r, page) + "?did=pull-back&case=" + string(c))
}

func (s *Server) unpullCase(r *request) error {
	c, page, err := caseForm(r)
	if err != nil {
		return err
	}
	if _, err := s.cfg.Agenda.Unpull(r.ctx(), r.actor, c); err != nil {
		return err
	}
	return r.see(standardPage(r, page) + "#standard")
}

// readOut says that the standard cases were read out and stand.
func (s *Server) readOut(r *request) error {
	m, err := pathID[id.Meeting](r, "id")
	if err != nil {
		return err
	}
	if _, err := s.cfg.Agenda.ReadOut(r.ctx(), r.actor, m); err != nil {
		return err
	}
	return r.see("/meetings/" + string(m) + "/room#standard")
}

// standardToast tells of a case that was registered or pulled back, and lets
// who pulled it back undo it. Whom the person may not see has no name.
func standardToast(r *request, m id.Meeting, back string, known []agenda.Item) *Toast {
	did, c := r.Query("did"), id.Case(r.Query("case"))
	at := slices.IndexFunc(known, func(l agenda.Item) bool { return l.ID == c })
	who := ""
	if at >= 0 && known[at].Named() {
		who = known[at].Patient.Civil()
	}
	switch did {
	case "register":
		if who == "" {
			return nil
		}
		return &Toast{Text: r.T("Enregistré sans discussion : %s.", who)}
	case "pull-back":
		if !id.Valid(c) {
			return nil
		}
		return &Toast{
			Text: r.T("Remis en discussion : %s.", cmp.Or(who, r.T("un dossier"))), Undo: "/cases/" + string(c) + "/unpull",
			Fields: map[string]string{"meeting": string(m), "back": back},
		}
	}
	return nil
}
