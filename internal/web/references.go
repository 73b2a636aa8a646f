package web

import (
	"net/http"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// referencesView is the référentiels that a team keeps.
type referencesView struct {
	Base
	Form
	Team     meetings.Team
	Rows     []agenda.Reference
	May      bool // add and retire
	MayAudit bool // read the sample over
}

func (s *Server) referencesPage(r *request) error { return s.showReferences(r, http.StatusOK, Form{}) }

func (s *Server) showReferences(r *request, status int, f Form) error {
	tid, err := pathID[id.Team](r, "id")
	if err != nil {
		return err
	}
	t, err := s.cfg.Meetings.Team(r.ctx(), r.actor, tid)
	if err != nil {
		return err
	}
	b, err := s.base(r, place{menu: "/teams", team: tid}, "Référentiels")
	if err != nil {
		return err
	}
	v := &referencesView{Base: b, Form: f, Team: t, MayAudit: r.actor.In(tid, auth.Chair)}
	v.May = t.Kind == meetings.RCP && r.actor.In(tid, auth.Secretary, auth.Chair)
	if v.Rows, err = s.cfg.Agenda.References(r.ctx(), r.actor, tid); err != nil {
		return err
	}
	return s.render(r, status, "references", v)
}

func (s *Server) addReference(r *request) error {
	tid, err := pathID[id.Team](r, "id")
	if err != nil {
		return err
	}
	day, err := date.Parse(r.text("day"))
	if err != nil {
		day = date.Date{} // refused as missing
	}
	_, err = s.cfg.Agenda.AddReference(r.ctx(), r.actor, agenda.Reference{
		Team: tid, Name: r.text("name"), Version: r.text("version"), Day: day, Source: r.text("source"),
	})
	if f, ok := refused(r, err); ok {
		return s.showReferences(r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return r.see("/teams/" + string(tid) + "/references")
}

func (s *Server) retireReference(r *request) error {
	ref, err := pathID[id.Reference](r, "id")
	if err != nil {
		return err
	}
	if err := s.cfg.Agenda.RetireReference(r.ctx(), r.actor, ref); err != nil {
		return err
	}
	team := id.Team(r.PostForm("team"))
	if !id.Valid(team) {
		return r.see("/teams")
	}
	return r.see("/teams/" + string(team) + "/references")
}

// sampleView is the sample of standard cases that the chair reads over.
type sampleView struct {
	Base
	Form
	Team  meetings.Team
	Share int
	Wait  []sampleRow
	Done  []sampleRow
	Rates []rateRow
	Which id.Case // of the refused form; empty: the share's
}

type sampleRow struct {
	minutes.StandardCase
	Name, Born string
	On         date.Date // of the meeting
	Reference  string
	State      state
	Judged     date.Date
}

type rateRow struct {
	minutes.Rate
	Name string
}

func (s *Server) samplePage(r *request) error { return s.showSample(r, http.StatusOK, Form{}, "") }

func (s *Server) showSample(r *request, status int, f Form, which id.Case) error {
	tid, err := pathID[id.Team](r, "id")
	if err != nil {
		return err
	}
	t, err := s.cfg.Meetings.Team(r.ctx(), r.actor, tid)
	if err != nil {
		return err
	}
	sample, err := s.cfg.Minutes.Sample(r.ctx(), r.actor, tid)
	if err != nil {
		return err
	}
	b, err := s.base(r, place{menu: "/teams", team: tid}, "Relecture d’échantillon")
	if err != nil {
		return err
	}
	v := &sampleView{Base: b, Form: f, Team: t, Share: sample.Share, Which: which}
	loc := meetings.Meeting{Zone: t.Zone}.Location()
	for _, c := range sample.Cases {
		k := c.Sheet
		p := careplan.Patient{BirthFamily: k.BirthFamily, BirthGiven: k.BirthGiven}
		row := sampleRow{StandardCase: c, Name: p.Name(), Born: lang.Numeric(k.BirthDate), On: date.Of(c.MeetingAt.In(loc))}
		row.Reference = r.T("%s, version %s du %s", k.Reference.Name, k.Reference.Version, lang.Numeric(k.Reference.Day))
		if c.Verdict == "" {
			v.Wait = append(v.Wait, row)
			continue
		}
		row.State, row.Judged = state{"ok", r.T("Conforme")}, date.Of(c.JudgedAt.In(loc))
		if c.Verdict == minutes.ToDiscuss {
			row.State = state{"warn", r.T("À discuter")}
		}
		v.Done = append(v.Done, row)
	}
	for _, rate := range sample.Rates {
		v.Rates = append(v.Rates, rateRow{rate, quarterName(r, rate.Quarter)})
	}
	return s.render(r, status, "sample", v)
}

// quarterName is « 4e trimestre 2026 ».
func quarterName(r *request, q string) string {
	if len(q) < 6 {
		return q
	}
	year, n := q[:len(q)-2], q[len(q)-1:]
	if n == "1" {
		return r.T("1er trimestre %s", year)
	}
	return r.T("%se trimestre %s", n, year)
}

func (s *Server) setShare(r *request) error {
	tid, err := pathID[id.Team](r, "id")
	if err != nil {
		return err
	}
	err = s.cfg.Minutes.SetShare(r.ctx(), r.actor, tid, r.number("share"))
	if f, ok := refused(r, err); ok {
		return s.showSample(r, http.StatusUnprocessableEntity, f, "")
	}
	if err != nil {
		return err
	}
	return r.see("/teams/" + string(tid) + "/sample")
}

func (s *Server) judgeSample(r *request) error {
	tid, err := pathID[id.Team](r, "id")
	if err != nil {
		return err
	}
	c := id.Case(r.PostForm("case"))
	err = s.cfg.Minutes.Judge(r.ctx(), r.actor, c, minutes.Judgement(r.PostForm("verdict")), r.text("comment"))
	if f, ok := refused(r, err); ok {
		return s.showSample(r, http.StatusUnprocessableEntity, f, c)
	}
	if err != nil {
		return err
	}
	return r.see("/teams/" + string(tid) + "/sample#juges")
}
