package web

import (
	"net/http"
	"time"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/meetings"
)

// partView is a page about a series that is no edit of its rule: stopping it,
// or a date outside its rule.
type partView struct {
	Base
	Form
	Team    meetings.Team
	Series  meetings.Series
	Now     string
	Coming  []choice
	Outline *outlineView
}

func (s *Server) stopPage(r *request) error { return s.showStop(r, http.StatusOK, Form{}) }

// showStop shows what ending the series from a date on does.
func (s *Server) showStop(r *request, status int, f Form) error {
	o, v, err := s.part(r, "Arrêter la série", f)
	if err != nil {
		return err
	}
	e := s.stopEdit(r, o)
	v.Coming = coming(r.lang, o.coming, e.From)
	if len(o.coming) > 0 {
		out, err := s.cfg.Meetings.SeriesOutline(r.ctx(), r.actor, o.one.ID, o.one.Version, e)
		if err != nil {
			return err
		}
		v.Outline = s.outline(r, out, zoneOf(o.team), o.one.OnClosed, f)
	}
	return s.render(r, status, "stop", v)
}

// part opens a page about a series.
func (s *Server) part(r *request, title string, f Form) (openSeries, *partView, error) {
	o, err := s.seriesOf(r)
	if err != nil {
		return o, nil, err
	}
	b, err := s.base(r, place{menu: "/teams", team: o.team.ID}, title)
	return o, &partView{Base: b, Form: f, Team: o.team, Series: o.one, Now: o.one.Words(r.lang)}, err
}

// stopEdit ends the series before the date chosen, the next one when none is.
func (s *Server) stopEdit(r *request, o openSeries) meetings.SeriesEdit {
	e := edit(o.one)
	e.Stop = true
	e.From, _ = readDay(r.PostForm("from"), s.todayOf(o.team))
	if _, ok := dateOf(o.coming, e.From); !ok && len(o.coming) > 0 {
		e.From = o.coming[0].Slot
	}
	return e
}

func (s *Server) stopSeries(r *request) error {
	o, err := s.seriesOf(r)
	if err != nil {
		return err
	}
	if r.text("do") == "preview" {
		return s.showStop(r, http.StatusOK, Form{Values: r.form()})
	}
	if _, err := s.cfg.Meetings.SaveSeries(r.ctx(), r.actor, o.one.ID, r.number("version"), s.stopEdit(r, o)); err != nil {
		return err
	}
	return r.see("/teams/" + string(o.team.ID) + "#series")
}

func (s *Server) newDate(r *request) error { return s.showNewDate(r, http.StatusOK, Form{}) }

// showNewDate shows the form of a date outside the rule, with its clashes.
func (s *Server) showNewDate(r *request, status int, f Form) error {
	o, v, err := s.part(r, "Ajouter une date", f)
	if err != nil {
		return err
	}
	if f.Values == nil {
		v.Values = valuesOf(r.lang, edit(o.one))
		v.Values.Set("from", "")
		v.Values.Set("ends", clockWords(r.lang, endOf(o.one)))
		return s.render(r, status, "new-date", v)
	}
	if !f.Failed() || f.Error("anyway") != "" {
		out, err := s.cfg.Meetings.CreateOutline(r.ctx(), r.actor, o.team.ID, o.one.ID, s.readMove(r, zoneOf(o.team)))
		again, bad := refusedOrTaken(r, err)
		switch {
		case bad:
			status, v.Form = http.StatusUnprocessableEntity, again
		case err != nil:
			return err
		default:
			v.Outline = s.outline(r, out, zoneOf(o.team), "", f)
		}
	}
	return s.render(r, status, "new-date", v)
}

// endOf is when a date of the series ends, as HH:MM.
func endOf(one meetings.Series) string {
	at, err := time.Parse("15:04", one.Start)
	if err != nil {
		return ""
	}
	return at.Add(one.Duration).Format("15:04")
}

// refusedOrTaken is refused, for a day that the series has already too.
func refusedOrTaken(r *request, err error) (Form, bool) {
	if fault.Is(err, fault.Conflict) {
		text := faultText(r.lang, err)
		return Form{Values: r.form(), Errors: map[string]string{"starts": text}, Fault: text}, true
	}
	return refused(r, err)
}

func (s *Server) addDate(r *request) error {
	o, err := s.seriesOf(r)
	if err != nil {
		return err
	}
	if r.text("do") == "preview" {
		return s.showNewDate(r, http.StatusOK, Form{Values: r.form()})
	}
	m, err := s.cfg.Meetings.Create(r.ctx(), r.actor, o.team.ID, o.one.ID, s.readMove(r, zoneOf(o.team)))
	if f, ok := refusedOrTaken(r, err); ok {
		return s.showNewDate(r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return r.see("/meetings/" + string(m.ID))
}

// seriesState says where a series stands.
func seriesState(r *request, one meetings.Series, today date.Date) state {
	switch {
	case one.Over(today):
		return state{"off", r.T("Terminée")}
	case one.Announced.IsZero():
		return state{"todo", r.T("Pas encore annoncée")}
	}
	return state{"ok", r.T("Annoncée")}
}
