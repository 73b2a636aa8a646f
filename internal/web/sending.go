package web

import (
	"net/http"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes/pdf"
)

// sendingView is who receives the agenda when registration closes: people, by
// what they get.
type sendingView struct {
	All, PDF, Link int
	What           string // "9 reçoivent …, 5 un lien …"
}

// sendingOf counts who would receive the agenda, for who may close it; nil for
// the others and once it is closed.
func (s *Server) sendingOf(r *request, full meetings.Full, g agenda.Agenda) (*sendingView, error) {
	due := full.Meeting.Status == meetings.Draft || full.Meeting.Status == meetings.Open
	if s.cfg.Outbox == nil || !due || !r.actor.In(full.Meeting.Team, auth.Secretary, auth.Chair) {
		return nil, nil
	}
	all, err := s.cfg.Outbox.PreviewAgenda(r.ctx(), r.actor, full, g)
	if err != nil {
		return nil, err
	}
	v := &sendingView{All: len(all)}
	for _, d := range all {
		if d.Secure {
			v.PDF++
		} else {
			v.Link++
		}
	}
	v.say(r)
	return v, nil
}

// say puts the counts in words.
func (v *sendingView) say(r *request) {
	pdfs := lang.N(r.lang, v.PDF, "%d reçoit le PDF par messagerie sécurisée", "%d reçoivent le PDF par messagerie sécurisée")
	links := lang.N(r.lang, v.Link, "%d reçoit un lien sans nom de patient", "%d reçoivent un lien sans nom de patient")
	switch {
	case v.Link == 0:
		v.What = pdfs
	case v.PDF == 0:
		v.What = links
	default:
		v.What = pdfs + ", " + lang.N(r.lang, v.Link, "%d un lien sans nom de patient", "%d un lien sans nom de patient")
	}
}

// sendingNow is sendingOf where the agenda was not read for the page.
func (s *Server) sendingNow(r *request, full meetings.Full) (*sendingView, error) {
	g, err := s.cfg.Agenda.Get(r.ctx(), r.actor, full.Meeting.ID)
	if err != nil {
		return nil, err
	}
	return s.sendingOf(r, full, g)
}

// agendaPDF sends the agenda to print, in the sight of who asks.
func (s *Server) agendaPDF(r *request) error {
	full, err := s.meetingOf(r)
	if err != nil {
		return err
	}
	g, err := s.cfg.Agenda.Get(r.ctx(), r.actor, full.Meeting.ID)
	if err != nil {
		return err
	}
	org, err := s.cfg.Meetings.Org(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	doc, err := pdf.RenderAgenda(pdf.AgendaOf(org, full, g))
	if err != nil {
		return err
	}
	day := date.Of(full.Meeting.Starts.In(full.Meeting.Location()))
	r.Header("Content-Disposition", `inline; filename="ordre-du-jour-`+day.String()+`.pdf"`)
	r.Data(http.StatusOK, "application/pdf", doc.PDF)
	return nil
}
