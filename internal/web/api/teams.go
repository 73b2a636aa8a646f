package api

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// team is a care team with its members.
type team struct {
	ID               id.Team       `json:"id"`
	Name             string        `json:"name"`
	Kind             meetings.Kind `json:"kind" enum:"synthese,rcp"`
	Zone             string        `json:"zone"`
	HolidayZone      string        `json:"holiday_zone"`
	Quorum           quorumRule    `json:"quorum"`
	CaseMinutes      int           `json:"case_minutes"`
	ReviewInterval   int           `json:"review_interval" doc:"Days."`
	CutoffHours      int           `json:"cutoff_hours"`
	OpenDays         int           `json:"open_days"`
	OrganizerAddress string        `json:"organizer_address"`
	Reminders        []int         `json:"reminders" nullable:"false" doc:"Days before a meeting on which those who have not answered are asked again."`
	Members          []member      `json:"members" nullable:"false"`
	Version          int           `json:"version"`
}

// quorumRule says who must be present.
type quorumRule struct {
	MinSpecialties int      `json:"min_specialties,omitempty" minimum:"0" maximum:"50"`
	MinProfessions int      `json:"min_professions,omitempty" minimum:"0" maximum:"50"`
	Required       []string `json:"required,omitempty" nullable:"false" maxItems:"50" doc:"Profession keys."`
	Written        bool     `json:"written,omitempty" doc:"A written opinion of an absent member counts for the case."`
}

// member is a professional in a team.
type member struct {
	Professional id.Professional `json:"professional"`
	Name         string          `json:"name"`
	Profession   string          `json:"profession"`
	Specialty    string          `json:"specialty,omitempty"`
	RPPS         string          `json:"rpps,omitempty"`
	Email        string          `json:"email,omitempty"`
	Role         auth.Role       `json:"role" enum:"secretary,chair,clinician"`
	Required     bool            `json:"required"`
	Joined       date.Date       `json:"joined,omitzero" format:"date"`
	Left         date.Date       `json:"left,omitzero" format:"date"`
}

func teamOf(t meetings.Team) team {
	return team{
		ID: t.ID, Name: t.Name, Kind: t.Kind, Zone: t.Zone, HolidayZone: t.HolidayZone, Quorum: quorumRule(t.Quorum),
		CaseMinutes: t.CaseMinutes, ReviewInterval: t.ReviewInterval, CutoffHours: t.CutoffHours, OpenDays: t.OpenDays,
		OrganizerAddress: t.OrganizerAddress, Version: t.Version, Reminders: append([]int{}, t.Reminders...),
		Members: each(t.Members, func(m meetings.Member) member {
			p := m.Professional
			return member{p.ID, p.Name(), p.Profession, p.Specialty, p.RPPS, p.Email, m.Role, m.Required, m.Joined, m.Left}
		}),
	}
}

func (s *server) teamRoutes() {
	add(s, get("/teams", "list-teams", "One's teams, with their members"), s.listTeams)
	op := post("/teams", "save-team", "Make a team, or change one (with its id)")
	op.DefaultStatus = created
	addRaw(s, op, s.saveTeam)
	add(s, get("/series", "list-series", "The series that make the meetings of one's teams"), s.listSeries)
	op = post("/series", "save-series", "Make a series, or change one (with its id)")
	op.DefaultStatus = created
	addRaw(s, op, s.saveSeries)
}

func (s *server) listTeams(ctx context.Context, c caller, _ *struct{}) (page[team], error) {
	found, err := s.cfg.Meetings.Teams(ctx, c.Actor)
	return listed(found, "", teamOf), err
}

type teamInput struct {
	Body struct {
		Versioned
		ID               string        `json:"id,omitempty" maxLength:"40" doc:"Left out: a new team."`
		Name             string        `json:"name" maxLength:"200"`
		Kind             meetings.Kind `json:"kind" enum:"synthese,rcp"`
		Zone             string        `json:"zone,omitempty" maxLength:"60" default:"Europe/Paris" doc:"IANA name."`
		HolidayZone      string        `json:"holiday_zone,omitempty" maxLength:"40" default:"metropole"`
		Quorum           quorumRule    `json:"quorum,omitzero" doc:"Default: that of its kind."`
		CaseMinutes      int           `json:"case_minutes,omitempty" minimum:"1" default:"10"`
		ReviewInterval   int           `json:"review_interval,omitempty" minimum:"1" default:"90" doc:"Days."`
		CutoffHours      int           `json:"cutoff_hours,omitempty" minimum:"0" default:"48"`
		OpenDays         int           `json:"open_days,omitempty" minimum:"0" doc:"Invitations leave so many days before; 0: by hand."`
		OrganizerAddress string        `json:"organizer_address" maxLength:"254"`
		Reminders        []int         `json:"reminders,omitempty" nullable:"false" maxItems:"5" doc:"Days before a meeting, 1 to 30. Left out: as they were, 5 and 2 of a new team."`
		Members          []memberInput `json:"members,omitempty" nullable:"false" maxItems:"500" doc:"All of them. Left out: as they were."`
	}
}

// memberInput is a member as a client gives them.
type memberInput struct {
	Professional id.Professional `json:"professional"`
	Role         auth.Role       `json:"role" enum:"secretary,chair,clinician"`
	Required     bool            `json:"required,omitempty"`
	Joined       date.Date       `json:"joined,omitzero" format:"date"`
	Left         date.Date       `json:"left,omitzero" format:"date"`
}

func (in *teamInput) team() meetings.Team {
	b := in.Body
	return meetings.Team{
		ID: id.Team(b.ID), Name: b.Name, Kind: b.Kind, Zone: b.Zone, HolidayZone: b.HolidayZone, Quorum: meetings.QuorumRule(b.Quorum),
		CaseMinutes: b.CaseMinutes, ReviewInterval: b.ReviewInterval, CutoffHours: b.CutoffHours, OpenDays: b.OpenDays,
		OrganizerAddress: b.OrganizerAddress, Version: b.Version, Reminders: b.Reminders,
		Members: each(b.Members, func(m memberInput) meetings.Member {
			return meetings.Member{
				Professional: auth.Professional{ID: m.Professional}, Role: m.Role, Required: m.Required, Joined: m.Joined, Left: m.Left,
			}
		}),
	}
}

func (s *server) saveTeam(ctx context.Context, c caller, in *teamInput) (*saved[team], error) {
	t, status := in.team(), created
	if t.ID == "" {
		t.Version = 0
	} else {
		was, err := s.team(ctx, c, in.Body.ID)
		if err != nil {
			return nil, err
		}
		t.Created, status = was.Created, statusOK
		if t.Version == 0 {
			t.Version = was.Version
		}
		if in.Body.Members == nil {
			t.Members = was.Members
		}
	}
	done, err := s.cfg.Meetings.SaveTeam(ctx, c.Actor, t)
	return &saved[team]{status, teamOf(done)}, err
}

// team reads a team that a body names.
func (s *server) team(ctx context.Context, c caller, raw string) (meetings.Team, error) {
	t, err := idOf[id.Team](raw)
	if err != nil {
		return meetings.Team{}, err
	}
	return s.cfg.Meetings.Team(ctx, c.Actor, t)
}

// series makes a team's meetings.
type series struct {
	ID       id.Series         `json:"id"`
	Team     id.Team           `json:"team"`
	Freq     meetings.Freq     `json:"freq" enum:"weekly,monthly"`
	Weekday  string            `json:"weekday" enum:"monday,tuesday,wednesday,thursday,friday,saturday,sunday" doc:"The first of weekdays."`
	Weekdays []string          `json:"weekdays" nullable:"false"`
	Nth      int               `json:"nth,omitempty" doc:"Monthly: 1 to 4, -1 for the last."`
	Start    string            `json:"start" doc:"Local time, HH:MM."`
	Minutes  int               `json:"minutes"`
	Interval int               `json:"interval" doc:"Weeks or months."`
	From     date.Date         `json:"from" format:"date"`
	Until    date.Date         `json:"until,omitzero" format:"date" doc:"Left out: endless, or ends by count."`
	Count    int               `json:"count,omitempty" doc:"Ends after so many dates."`
	OnClosed meetings.OnClosed `json:"on_closed" enum:"skip,before,after" doc:"What becomes of a date on a public holiday or a closure."`
	Ended    bool              `json:"ended" doc:"Nothing is left of it: it was taken back before it began."`
	Room     string            `json:"room,omitempty"`
	URL      string            `json:"url,omitempty"`
	Version  int               `json:"version"`
}

func seriesOf(s meetings.Series) series {
	days := each(s.Weekdays, func(d time.Weekday) string { return weekdays()[d] })
	return series{
		ID: s.ID, Team: s.Team, Freq: s.Freq, Weekday: days[0], Weekdays: days, Nth: s.Nth, Start: s.Start,
		Minutes: int(s.Duration.Minutes()), Interval: s.Interval, From: s.From, Until: s.Until, Count: s.Count, OnClosed: s.OnClosed,
		Ended: s.Ended, Room: s.Room, URL: s.URL, Version: s.Version,
	}
}

// weekdays are the days' names, from Sunday as time.Weekday has them.
func weekdays() [7]string {
	return [7]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
}

func weekdayOf(name string) time.Weekday {
	for i, d := range weekdays() {
		if d == name {
			return time.Weekday(i)
		}
	}
	return -1
}

type seriesQuery struct {
	Team string `query:"team" maxLength:"40"`
}

func (s *server) listSeries(ctx context.Context, c caller, in *seriesQuery) (page[series], error) {
	t, err := optionalID[id.Team]("team", in.Team)
	if err != nil {
		return page[series]{}, err
	}
	found, err := s.cfg.Meetings.Series(ctx, c.Actor, t)
	return listed(found, "", seriesOf), err
}

type seriesInput struct {
	Body struct {
		Versioned
		ID       string            `json:"id,omitempty" maxLength:"40" doc:"Left out: a new series."`
		Team     id.Team           `json:"team" maxLength:"40"`
		Freq     meetings.Freq     `json:"freq,omitempty" enum:"weekly,monthly" default:"weekly"`
		Weekday  string            `json:"weekday,omitempty" enum:"monday,tuesday,wednesday,thursday,friday,saturday,sunday" doc:"One day, when weekdays is left out."`
		Weekdays []string          `json:"weekdays,omitempty" nullable:"false" maxItems:"7" enum:"monday,tuesday,wednesday,thursday,friday,saturday,sunday"`
		Nth      int               `json:"nth,omitempty" minimum:"-1" maximum:"4" doc:"Monthly: 1 to 4, -1 for the last."`
		Start    string            `json:"start" maxLength:"5" doc:"Local time, HH:MM, not between 02:00 and 03:00."`
		Minutes  int               `json:"minutes" minimum:"10" maximum:"480"`
		Interval int               `json:"interval,omitempty" minimum:"1" maximum:"12" default:"1" doc:"Weeks or months."`
		From     date.Date         `json:"from" format:"date" doc:"The first day it holds for: dates before it stay as they are."`
		Until    date.Date         `json:"until,omitzero" format:"date"`
		Count    int               `json:"count,omitempty" minimum:"0" maximum:"500" doc:"Ends after so many dates, closed days included."`
		OnClosed meetings.OnClosed `json:"on_closed,omitempty" enum:"skip,before,after" doc:"Left out: as it was, skip for a new one."`
		Stop     bool              `json:"stop,omitempty" doc:"Nothing is held from that day on."`
		Anyway   bool              `json:"anyway,omitempty" doc:"Save although dates clash with other meetings."`
		Room     string            `json:"room,omitempty" maxLength:"200"`
		URL      string            `json:"url,omitempty" maxLength:"500"`
	}
}

func (s *server) saveSeries(ctx context.Context, c caller, in *seriesInput) (*saved[series], error) {
	b, status := in.Body, created
	sid, version := id.Series(b.ID), b.Version
	if sid != "" {
		was, err := s.oneSeries(ctx, c, sid)
		if err != nil {
			return nil, err
		}
		status = statusOK
		if version == 0 {
			version = was.Version
		}
		if b.OnClosed == "" {
			b.OnClosed = was.OnClosed
		}
	} else if _, err := s.team(ctx, c, string(b.Team)); err != nil {
		return nil, err
	}
	done, err := s.cfg.Meetings.SaveSeries(ctx, c.Actor, sid, version, meetings.SeriesEdit{
		Team: b.Team, Rule: in.rule(), Start: b.Start, Duration: time.Duration(b.Minutes) * time.Minute, From: b.From, Until: b.Until,
		OnClosed: b.OnClosed, Room: b.Room, URL: b.URL, Stop: b.Stop, Anyway: b.Anyway,
	})
	if err != nil {
		return nil, err
	}
	return &saved[series]{status, seriesOf(done)}, nil
}

// rule reads the days of the body: weekday alone is one day.
func (in *seriesInput) rule() meetings.Rule {
	b := in.Body
	if len(b.Weekdays) == 0 && b.Weekday != "" {
		b.Weekdays = []string{b.Weekday}
	}
	rule := meetings.Rule{Freq: b.Freq, Interval: b.Interval, Nth: b.Nth, Count: b.Count, Weekdays: each(b.Weekdays, weekdayOf)}
	if rule.Freq == "" {
		rule.Freq = meetings.Weekly
	}
	return rule
}

// oneSeries finds a series among those the caller sees.
func (s *server) oneSeries(ctx context.Context, c caller, sid id.Series) (meetings.Series, error) {
	all, err := s.cfg.Meetings.Series(ctx, c.Actor, "")
	if err != nil {
		return meetings.Series{}, err
	}
	for _, one := range all {
		if one.ID == sid {
			return one, nil
		}
	}
	return meetings.Series{}, fault.New(fault.NotFound, "api.oneSeries", "")
}
