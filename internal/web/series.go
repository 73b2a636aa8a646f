package web

import (
	"net/http"
	"net/url"
	"time"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// previewed is how many dates a page shows before the others unfold.
const previewed = 8

// seriesView is the form of a series, with what saving it does.
type seriesView struct {
	Base
	Form
	Team    meetings.Team
	Series  meetings.Series // as it stands; no id: new
	Now     string          // as it stands, in words
	Coming  []choice        // the dates it can change from
	Nearest id.Meeting      // the next one, whose page changes it alone
	Begun   bool            // a date is over: what is past stays
	seriesFields
	Outline *outlineView // nil: the fields do not allow it
}

func (s *Server) newSeries(r *request) error  { return s.showSeries(r, http.StatusOK, Form{}, nil) }
func (s *Server) editSeries(r *request) error { return s.showSeries(r, http.StatusOK, Form{}, nil) }

// openSeries is a series that a page edits.
type openSeries struct {
	team   meetings.Team
	one    meetings.Series
	coming []meetings.Meeting
}

// seriesOf reads the team and the series that the path names, or a new one.
func (s *Server) seriesOf(r *request) (o openSeries, err error) {
	tid, err := pathID[id.Team](r, "id")
	if err != nil {
		return o, err
	}
	if o.team, err = s.cfg.Meetings.Team(r.ctx(), r.actor, tid); err != nil {
		return o, err
	}
	if r.Param("series") == "" {
		o.one = meetings.Series{
			Team: tid, Rule: meetings.Every(1, time.Thursday), Start: "14:30", Duration: 90 * time.Minute, From: s.todayOf(o.team),
			OnClosed: meetings.Skip, Zone: o.team.Zone,
		}
		return o, nil
	}
	sid, err := pathID[id.Series](r, "series")
	if err != nil {
		return o, err
	}
	if o.one, o.coming, err = s.cfg.Meetings.Dates(r.ctx(), r.actor, sid); err != nil {
		return o, err
	}
	if o.one.Team != tid {
		return o, fault.New(fault.NotFound, "web.seriesOf", "")
	}
	return o, nil
}

func (s *Server) todayOf(t meetings.Team) date.Date {
	loc, err := time.LoadLocation(t.Zone)
	if err != nil {
		loc = time.UTC
	}
	return date.Of(s.now().In(loc))
}

// showSeries shows the form: with what was typed when typed is not nil.
func (s *Server) showSeries(r *request, status int, f Form, typed *meetings.SeriesEdit) error {
	o, err := s.seriesOf(r)
	if err != nil {
		return err
	}
	b, err := s.base(r, place{menu: "/teams", team: o.team.ID}, "Série de réunions")
	if err != nil {
		return err
	}
	e := s.asItStands(o)
	if typed != nil {
		e = *typed
	}
	v := &seriesView{Base: b, Form: f, Team: o.team, Series: o.one, Begun: o.one.ID != "" && o.one.Begun(s.todayOf(o.team))}
	if o.one.ID != "" {
		v.Now = o.one.Words(r.lang)
	}
	if len(o.coming) > 0 {
		v.Nearest = o.coming[0].ID
	}
	if f.Values == nil {
		v.Values = valuesOf(r.lang, e)
	}
	chosen, _ := date.Parse(v.Get("from"))
	v.Coming = coming(r.lang, o.coming, chosen)
	v.seriesFields = fieldsOf(r.lang, o.one, e, o.team)
	if !f.Failed() || f.Error("anyway") != "" {
		out, err := s.cfg.Meetings.SeriesOutline(r.ctx(), r.actor, o.one.ID, o.one.Version, e)
		again, bad := refused(r, err)
		if err != nil && !bad {
			return err
		}
		if bad {
			status, v.Form = http.StatusUnprocessableEntity, again
			v.Values = f.Values
		} else {
			v.Outline = s.outline(r, out, zoneOf(o.team), e.OnClosed, f)
		}
	}
	return s.render(r, status, "series", v)
}

func zoneOf(t meetings.Team) *time.Location {
	if loc, err := time.LoadLocation(t.Zone); err == nil {
		return loc
	}
	return time.UTC
}

// asItStands is the edit that changes nothing, from the next date on.
func (s *Server) asItStands(o openSeries) meetings.SeriesEdit {
	e := edit(o.one)
	if o.one.ID != "" {
		e.From = s.wholeFrom(o)
	}
	return e
}

func edit(one meetings.Series) meetings.SeriesEdit {
	return meetings.SeriesEdit{
		Team: one.Team, Rule: one.Rule, Start: one.Start, Duration: one.Duration, OnClosed: one.OnClosed,
		From: one.From, Until: one.Until, Room: one.Room, URL: one.URL,
	}
}

// wholeFrom is the first day that an edit of the whole series holds for: the
// week of its next date, so that every second week stays the same one.
func (s *Server) wholeFrom(o openSeries) date.Date {
	today := s.todayOf(o.team)
	if len(o.coming) > 0 {
		return o.followingFrom(o.coming[0].Slot, today)
	}
	return laterOf(o.one.From, today)
}

func laterOf(a, b date.Date) date.Date {
	if a.After(b) {
		return a
	}
	return b
}

// followingFrom is the first day that an edit of a date and all following holds
// for: the beginning of its week (or month), so that Thursday can become
// Wednesday, but after the date before it.
func (o openSeries) followingFrom(slot, today date.Date) date.Date {
	first := slot.AddDays(-int(slot.Weekday()+6) % 7)
	if o.one.Freq == meetings.Monthly {
		first = date.New(slot.Year, slot.Month, 1)
	}
	for _, m := range o.coming {
		if m.Slot.Before(slot) && !m.Slot.Before(first) {
			first = m.Slot.AddDays(1)
		}
	}
	return laterOf(first, today)
}

// saveSeries previews or saves what was typed.
func (s *Server) saveSeries(r *request) error {
	o, err := s.seriesOf(r)
	if err != nil {
		return err
	}
	e, errTyped := s.seriesEdit(r, o)
	if f, ok := refused(r, errTyped); ok {
		return s.showSeries(r, http.StatusUnprocessableEntity, f, &e)
	}
	if r.text("do") == "preview" {
		return s.showSeries(r, http.StatusOK, Form{Values: r.form()}, &e)
	}
	_, err = s.cfg.Meetings.SaveSeries(r.ctx(), r.actor, o.one.ID, r.number("version"), e)
	if f, ok := refused(r, err); ok {
		return s.showSeries(r, http.StatusUnprocessableEntity, f, &e)
	}
	if err != nil {
		return err
	}
	return r.see("/teams/" + string(o.team.ID) + "#series")
}

// seriesEdit reads the form; days that cannot be read are refused here.
func (s *Server) seriesEdit(r *request, o openSeries) (meetings.SeriesEdit, error) {
	var c fault.Check
	today := s.todayOf(o.team)
	length, _ := time.ParseDuration(r.text("duration")) // a wrong one is 0, which the service refuses
	e := meetings.SeriesEdit{
		Team: o.team.ID, Rule: readRule(r), Start: readClock(r.PostForm("start")), Duration: length, Room: r.text("room"), URL: r.text("url"),
		OnClosed: meetings.OnClosed(r.text("on_closed")), Anyway: r.text("anyway") != "",
	}
	var ok bool
	e.From, ok = readDay(r.PostForm("from"), today)
	c.That(ok, "from", badDay)
	switch {
	case o.one.ID != "" && (r.text("scope") == "all" || e.From.IsZero()):
		e.From = s.wholeFrom(o)
	case o.one.ID != "":
		e.From = o.followingFrom(e.From, today)
	}
	if end := r.text("end"); end == "" || end == "until" {
		e.Until, ok = readDay(r.PostForm("until"), today)
		c.That(ok && (end == "" || !e.Until.IsZero()), "until", badDay)
	} else if end == "count" {
		e.Count = r.number("count")
		c.That(e.Count > 0, "count", "Entre 1 et 500 dates.")
	}
	return e, c.Err("web.seriesEdit")
}

// readRule reads the days of the form.
func readRule(r *request) meetings.Rule {
	rule := meetings.Rule{Freq: meetings.Freq(r.text("freq")), Interval: r.number("interval")}
	if rule.Freq == "" {
		rule.Freq = meetings.Weekly
	}
	for _, text := range r.form()["weekday"] {
		rule.Weekdays = append(rule.Weekdays, time.Weekday(numberOf(text)))
	}
	if rule.Freq == meetings.Monthly {
		rule.Nth = r.number("nth")
	}
	return rule
}

// valuesOf are the fields as an edit fills them.
func valuesOf(l string, e meetings.SeriesEdit) url.Values {
	v := url.Values{
		"start": {clockWords(l, e.Start)}, "interval": {itoa(max(e.Interval, 1))}, "from": {e.From.String()}, "until": {e.Until.String()},
		"room": {e.Room}, "url": {e.URL}, "scope": {"all"}, "end": {"never"}, "freq": {string(e.Freq)}, "nth": {itoa(e.Nth)}, "count": {""},
	}
	switch {
	case e.Count > 0:
		v.Set("count", itoa(e.Count))
		v.Set("end", "count")
	case !e.Until.IsZero():
		v.Set("end", "until")
	}
	return v
}
