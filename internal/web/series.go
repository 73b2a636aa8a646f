package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// previewed is how many dates the form shows, aheadDays how far a saved series
// makes its meetings at once; the weekly job goes on from there.
const (
	previewed = 8
	aheadDays = 56
)

// seriesView is the form of a series, with the dates it would give.
type seriesView struct {
	Base
	Form
	Team     meetings.Team
	Series   meetings.Series // as it stands; no id: new
	Now      string          // as it stands, in words
	Weekdays []choice
	Lengths  []choice
	Dates    []meetings.Occurrence // what the fields above give
	Skipped  int
}

func (s *Server) newSeries(r *request) error  { return s.showSeries(r, http.StatusOK, Form{}, nil) }
func (s *Server) editSeries(r *request) error { return s.showSeries(r, http.StatusOK, Form{}, nil) }

// seriesOf reads the team and the series that the path names, or a new one.
func (s *Server) seriesOf(r *request) (t meetings.Team, one meetings.Series, err error) {
	tid, err := pathID[id.Team](r, "id")
	if err != nil {
		return t, one, err
	}
	if t, err = s.cfg.Meetings.Team(r.ctx(), r.actor, tid); err != nil {
		return t, one, err
	}
	if r.Param("series") == "" {
		return t, meetings.Series{
			Team: tid, Rule: meetings.Every(1, time.Thursday), Start: "14:30", Duration: 90 * time.Minute, From: date.Of(s.now()),
		}, nil
	}
	sid, err := pathID[id.Series](r, "series")
	if err != nil {
		return t, one, err
	}
	all, err := s.cfg.Meetings.Series(r.ctx(), r.actor, tid)
	if err != nil {
		return t, one, err
	}
	at := slices.IndexFunc(all, func(o meetings.Series) bool { return o.ID == sid })
	if at < 0 {
		return t, one, fault.New(fault.NotFound, "web.seriesOf", "")
	}
	return t, all[at], nil
}

// showSeries shows the form: with what was typed when typed is not nil.
func (s *Server) showSeries(r *request, status int, f Form, typed *meetings.SeriesEdit) error {
	t, one, err := s.seriesOf(r)
	if err != nil {
		return err
	}
	b, err := s.base(r, place{menu: "/teams", team: t.ID}, "Série de réunions")
	if err != nil {
		return err
	}
	view := &seriesView{Base: b, Form: f, Team: t, Series: one}
	if one.ID != "" {
		view.Now = one.Words(r.lang)
	}
	e := edit(one)
	if typed != nil {
		e = *typed
	}
	view.offer(r.lang, e, f)
	from := date.Of(s.now())
	if e.From.After(from) {
		from = e.From
	}
	view.Dates = meetings.Preview(e, t.Zone, meetings.NoMeeting(t.HolidayZone, nil), from, previewed)
	for _, d := range view.Dates {
		if d.Skipped {
			view.Skipped++
		}
	}
	return s.render(r, status, "series", view)
}

func edit(one meetings.Series) meetings.SeriesEdit {
	return meetings.SeriesEdit{
		Team: one.Team, Rule: one.Rule, Start: one.Start, Duration: one.Duration, OnClosed: one.OnClosed,
		From: one.From, Until: one.Until, Room: one.Room, URL: one.URL,
	}
}

// offer fills the fields: what was typed, or what stands.
func (v *seriesView) offer(l string, e meetings.SeriesEdit, f Form) {
	for i := range 7 {
		day := time.Weekday((i + 1) % 7)
		v.Weekdays = append(v.Weekdays, choice{Key: strconv.Itoa(int(day)), Name: lang.Weekday(l, day), Chosen: slices.Contains(e.Weekdays, day)})
	}
	lengths := []int{30, 45, 60, 75, 90, 105, 120, 150, 180, 240}
	if own := int(e.Duration.Minutes()); !slices.Contains(lengths, own) && own > 0 {
		lengths = append(lengths, own)
	}
	for _, n := range lengths {
		v.Lengths = append(v.Lengths, choice{Key: time.Duration(n * int(time.Minute)).String(), Name: lang.T(l, "%d minutes", n), Chosen: n == int(e.Duration.Minutes())})
	}
	if f.Values == nil {
		v.Values = map[string][]string{
			"start": {clockWords(l, e.Start)}, "interval": {itoa(e.Interval)}, "from": {e.From.String()}, "until": {e.Until.String()},
			"room": {e.Room}, "url": {e.URL},
		}
	}
}

// clockWords is 14:30 as people read it.
func clockWords(l, start string) string {
	at, err := time.Parse("15:04", start)
	if err != nil {
		return start
	}
	return lang.Clock(l, at)
}

// saveSeries previews or saves what was typed.
func (s *Server) saveSeries(r *request) error {
	t, one, err := s.seriesOf(r)
	if err != nil {
		return err
	}
	e, errTyped := r.seriesEdit(t.ID, date.Of(s.now()))
	if f, ok := refused(r, errTyped); ok {
		return s.showSeries(r, http.StatusUnprocessableEntity, f, &e)
	}
	if r.text("do") == "preview" {
		return s.showSeries(r, http.StatusOK, Form{Values: r.form()}, &e)
	}
	saved, err := s.cfg.Meetings.SaveSeries(r.ctx(), r.actor, one.ID, r.number("version"), e)
	if f, ok := refused(r, err); ok {
		return s.showSeries(r, http.StatusUnprocessableEntity, f, &e)
	}
	if err != nil {
		return err
	}
	if _, err := s.cfg.Meetings.MakeAhead(r.ctx(), r.actor, saved.ID, date.Of(s.now()).AddDays(aheadDays)); err != nil {
		return err
	}
	return r.see("/teams/" + string(t.ID) + "#series")
}

// seriesEdit reads the form; days that cannot be read are refused here.
func (r *request) seriesEdit(t id.Team, today date.Date) (meetings.SeriesEdit, error) {
	var c fault.Check
	length, _ := time.ParseDuration(r.text("duration")) // a wrong one is 0, which the service refuses
	e := meetings.SeriesEdit{
		Team: t, Rule: meetings.Every(r.number("interval"), time.Weekday(r.number("weekday"))), Start: readClock(r.PostForm("start")), Duration: length,
		Room: r.text("room"), URL: r.text("url"),
	}
	var ok bool
	e.From, ok = readDay(r.PostForm("from"), today)
	c.That(ok, "from", badDay)
	e.Until, ok = readDay(r.PostForm("until"), today)
	c.That(ok, "until", badDay)
	return e, c.Err("web.seriesEdit")
}
