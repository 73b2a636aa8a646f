package main

import (
	"slices"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// thursdays is a weekly series of 2026, with the two changes of hour and the
// Ascension, which is not held.
func thursdays(team meetings.Team) meetings.SeriesEdit {
	return meetings.SeriesEdit{
		Team: team.ID, Rule: meetings.Every(1, time.Thursday), Start: "14:30", Duration: 90 * time.Minute,
		From: date.New(2026, 3, 1), Room: "Salle Simone", URL: organiserURL,
	}
}

func aSeries(c *clinic) {
	team := c.team("Gériatrie, secteur Nord")
	e := thursdays(team)
	one := c.edit(meetings.Series{}, e)
	c.receive(acceptAll)
	c.agree(team)
	c.applied(1)
	c.answeredSeries(one, meetings.Accepted)
	c.answered(team, "2026-04-02", meetings.Accepted, false)

	// One date moves: Thunderbird shows it, and as not answered.
	c.move(c.on(team.ID, "2026-04-02"), time.Date(2026, 4, 3, 8, 0, 0, 0, time.UTC), "Salle Ambroise")
	c.receive(update)
	c.agree(team)
	c.applied(0)
	c.answered(team, "2026-04-03", meetings.NeedsAction, false)
	c.standing("2026-04-03", "NEEDS-ACTION")
	c.attend("2026-04-03", "ACCEPTED")
	c.applied(1)
	c.answered(team, "2026-04-03", meetings.Accepted, true)

	c.cancel(c.on(team.ID, "2026-03-26"))
	c.receive(remove)
	c.agree(team)
	c.applied(0)

	c.attend("2026-04-09", "DECLINED")
	c.applied(1)
	c.agree(team)
	c.answered(team, "2026-04-09", meetings.Declined, true)
	c.answered(team, "2026-04-16", meetings.Accepted, false)
	c.answeredSeries(one, meetings.Accepted)

	// The series was changed by the cancellation, so that this move asks again:
	// the answers to single dates stand on both sides.
	c.move(c.on(team.ID, "2026-10-29"), time.Date(2026, 10, 29, 13, 0, 0, 0, time.UTC), "Salle Simone")
	c.receive(acceptAll)
	c.agree(team)
	c.applied(1)
	c.answered(team, "2026-04-03", meetings.Accepted, true)
	c.answered(team, "2026-04-09", meetings.Declined, true)
	c.answered(team, "2026-10-29", meetings.Accepted, false)
	c.standing("2026-04-03", "ACCEPTED")
	c.standing("2026-04-09", "DECLINED")

	// This and all following: the old one ends, another goes on.
	e.Start, e.From = "16:00", date.New(2026, 6, 18)
	two := c.edit(one, e)
	c.receive(acceptAll, acceptAll)
	c.agree(team)
	c.applied(2)
	c.answeredSeries(two, meetings.Accepted)
	c.answered(team, "2026-04-09", meetings.Declined, true)
	c.answered(team, "2026-06-11", meetings.Accepted, false)
	c.answered(team, "2026-06-18", meetings.Accepted, false)
	c.move(c.on(team.ID, "2026-07-02"), time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC), "Salle Simone")
	c.receive(update)
	c.agree(team)

	e.From, e.Stop = date.New(2026, 12, 1), true
	c.edit(two, e)
	c.receive(acceptAll)
	c.agree(team)
	c.applied(1)
	if n := len(c.live(team.ID, "2026-12-01", fromTo[1])); n != 0 {
		c.t.Errorf("%d meetings after the end", n)
	}
}

// aSeriesBefore changes a series none of whose dates has begun: it keeps its
// UID, and is taken back whole.
func aSeriesBefore(c *clinic) {
	team := c.team("Cardiologie")
	e := thursdays(team)
	one := c.edit(meetings.Series{}, e)
	c.receive(acceptAll)
	c.applied(1)
	e.Room = "Salle Ambroise"
	c.edit(one, e)
	c.receive(acceptAll)
	c.agree(team)
	c.applied(1)
	e.Start, e.Rule = "09:00", meetings.Every(2, time.Tuesday)
	if two := c.edit(one, e); two.ID != one.ID {
		c.t.Error("a series that has not begun became another")
	}
	c.answeredSeries(one, meetings.NeedsAction)
	c.receive(acceptAll)
	c.agree(team)
	c.applied(1)
	c.answeredSeries(one, meetings.Accepted)
	closed := []meetings.Closure{{ID: id.New[id.Closure](), Org: c.system.Org, Team: team.ID, From: date.New(2026, 8, 1), Until: date.New(2026, 8, 31), Name: "Été"}}
	c.clock = c.clock.Add(time.Minute)
	c.must(c.meetings.SaveClosures(c.t.Context(), c.system, team.ID, closed, true))
	c.receive(acceptAll)
	c.agree(team)
	c.applied(1)
	e.Stop = true
	c.edit(one, e)
	c.receive(remove)
	c.agree(team)
	c.applied(0)
	if n := len(c.live(team.ID, fromTo[0], fromTo[1])); n != 0 {
		c.t.Errorf("%d meetings are left", n)
	}
}

// changesOfHour meets on Sundays, 29 March and 25 October 2026 among them, in the
// afternoon, and from the very end of the hour that is missing or comes twice.
func changesOfHour(c *clinic) {
	for _, start := range []string{"14:30", "03:00"} {
		team := c.team("Nuit, " + start)
		e := meetings.SeriesEdit{Team: team.ID, Rule: meetings.Every(1, time.Sunday), Start: start, Duration: time.Hour, From: date.New(2026, 3, 1), Room: "Salle Simone"}
		one := c.edit(meetings.Series{}, e)
		c.receive(acceptAll)
		c.agree(team)
		c.applied(1)
		c.answeredSeries(one, meetings.Accepted)
		wantEvery(c.t, c.live(team.ID, "2026-03-21", "2026-04-07"), start, "2026-03-22", "2026-03-29", "2026-04-05")
		wantEvery(c.t, c.live(team.ID, "2026-10-17", "2026-11-09"), start, "2026-10-18", "2026-10-25", "2026-11-08") // 1 November is a holiday
		spring, autumn := c.on(team.ID, "2026-03-29"), c.live(team.ID, "2026-10-24", "2026-10-26")[0]
		c.move(spring, spring.Starts.AddDate(0, 0, 1), "Salle Ambroise")
		c.receive(update)
		c.agree(team)
		c.cancel(autumn)
		c.receive(remove)
		c.agree(team)
		c.fresh()
	}
}

// wantEvery says that meetings begin at one local hour on these days.
func wantEvery(t *testing.T, live []meetings.Meeting, start string, days ...string) {
	t.Helper()
	var got []string
	for _, m := range live {
		got = append(got, m.Starts.In(m.Location()).Format("2006-01-02 15:04"))
	}
	for i, d := range days {
		days[i] = d + " " + start
	}
	if !slices.Equal(got, days) {
		t.Errorf("meetings at %v, want %v", got, days)
	}
}

func rules(c *clinic) {
	monthly := func(n, nth int, day time.Weekday) meetings.Rule {
		return meetings.Rule{Freq: meetings.Monthly, Interval: n, Nth: nth, Weekdays: []time.Weekday{day}}
	}
	counted := func(r meetings.Rule, n int) meetings.Rule { r.Count = n; return r }
	for _, r := range []struct {
		name, zone, start string
		rule              meetings.Rule
		until             date.Date
		closed            meetings.OnClosed
		dates             int // in what is compared
	}{
		{"two days every other week", "Europe/Paris", "12:15", meetings.Rule{Freq: meetings.Weekly, Interval: 2, Weekdays: []time.Weekday{time.Friday, time.Monday}}, date.Date{}, meetings.After, 50},
		{"ten first Tuesdays", "Europe/Paris", "18:00", counted(monthly(1, 1, time.Tuesday), 10), date.Date{}, meetings.Skip, 10},
		{"last Fridays until October", "Europe/Paris", "08:00", monthly(1, -1, time.Friday), date.New(2026, 10, 30), meetings.Before, 8},
		{"without changes of hour", "America/Martinique", "20:00", counted(meetings.Every(1, time.Monday), 20), date.Date{}, meetings.Before, 20},
		{"another day there", "Pacific/Noumea", "07:30", meetings.Every(3, time.Wednesday), date.New(2026, 11, 11), meetings.Skip, 12},
	} {
		team := c.team(r.name)
		if r.zone != team.Zone {
			team.Zone = r.zone
			var err error
			team, err = c.meetings.SaveTeam(c.t.Context(), c.system, team)
			c.must(err)
		}
		c.edit(meetings.Series{}, meetings.SeriesEdit{
			Team: team.ID, Rule: r.rule, Start: r.start, Duration: time.Hour, From: date.New(2026, 3, 1), Until: r.until, OnClosed: r.closed, Room: "Salle Simone",
		})
		if n := len(c.live(team.ID, fromTo[0], fromTo[1])); n != r.dates {
			c.t.Errorf("%s: %d meetings, want %d", r.name, n, r.dates)
		}
		c.receive(acceptAll)
		c.agree(team)
		c.applied(1)
		c.fresh()
	}
}

// single makes one meeting and sends its invitations.
func (c *clinic) single(team meetings.Team, starts time.Time) meetings.Meeting {
	c.t.Helper()
	c.clock = c.clock.Add(time.Minute)
	m, err := c.meetings.Create(c.t.Context(), auth.Actor{Org: c.system.Org, Admin: true, System: true}, team.ID, "", meetings.Move{Starts: starts, Ends: starts.Add(time.Hour), Room: "Salle Simone", Anyway: true})
	c.must(err)
	m, err = c.meetings.Open(c.t.Context(), c.system, m.ID, m.Version)
	c.must(err)
	return m
}

func oneMeeting(c *clinic) {
	team := c.team("Urgences")
	c.single(team, time.Date(2026, 3, 29, 8, 0, 0, 0, time.UTC))
	c.receive(accept)
	c.agree(team)
	c.applied(1)
	c.answered(team, "2026-03-29", meetings.Accepted, true)
	c.move(c.on(team.ID, "2026-03-29"), time.Date(2026, 10, 25, 12, 0, 0, 0, time.UTC), "Salle Ambroise")
	c.answered(team, "2026-10-25", meetings.NeedsAction, false)
	c.receive(decline)
	c.agree(team)
	c.applied(1)
	c.answered(team, "2026-10-25", meetings.Declined, true)
	c.cancel(c.on(team.ID, "2026-10-25"))
	c.receive(remove)
	c.agree(team)
}

// aTentativeAnswer ends with Hélène off the team: what was to come is taken
// back from her alone.
func aTentativeAnswer(c *clinic) {
	team := c.team("Urologie")
	c.single(team, time.Date(2026, 5, 5, 8, 0, 0, 0, time.UTC))
	c.receive(maybe)
	c.agree(team)
	c.applied(1)
	c.answered(team, "2026-05-05", meetings.Tentative, true)
	one := c.edit(meetings.Series{}, thursdays(team))
	c.receive(declineAll)
	c.applied(1)
	c.answeredSeries(one, meetings.Declined)
	c.agree(team)
	team, err := c.store.TeamByID(c.t.Context(), c.system.Org, team.ID)
	c.must(err)
	team.Members = slices.DeleteFunc(team.Members, func(m meetings.Member) bool { return m.ID == c.helene.ID })
	c.clock = c.clock.Add(time.Minute)
	_, err = c.meetings.SaveTeam(c.t.Context(), c.system, team)
	c.must(err)
	c.receive(remove, remove)
	if c.tb != nil {
		if left := c.tb.entries(fromTo[0], fromTo[1]); len(left) != 0 {
			c.t.Errorf("still in her calendar: %v", left)
		}
	}
}

// aGuest is invited to two dates of a series of others. Thunderbird shows each,
// but answers by mail the first one alone: of an object without a rule it sends
// nothing more. The link in the invitation is left to her.
func aGuest(c *clinic) {
	team := c.team("Néphrologie")
	team.Members = slices.DeleteFunc(team.Members, func(m meetings.Member) bool { return m.ID == c.helene.ID })
	team, err := c.meetings.SaveTeam(c.t.Context(), c.system, team)
	c.must(err)
	c.edit(meetings.Series{}, thursdays(team))
	c.receive()
	days := []string{"2026-03-26", "2026-04-02"}
	for i, d := range days {
		c.clock = c.clock.Add(time.Minute)
		c.must(c.meetings.InviteGuest(c.t.Context(), c.system, c.on(team.ID, d).ID, c.helene.ID))
		c.receive(accept)
		c.only(team, days[:i+1]...)
		c.applied([]int{1, 0}[i])
	}
	c.answered(team, days[0], meetings.Accepted, true)
	c.move(c.on(team.ID, days[0]), time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC), "Salle Ambroise")
	days[0] = "2026-03-27"
	c.receive(accept)
	c.only(team, days...)
	c.cancel(c.on(team.ID, days[1]))
	c.receive(remove)
	c.only(team, days[0])
}

// only says that her calendar holds a team's meetings of these days alone.
func (c *clinic) only(team meetings.Team, days ...string) {
	c.t.Helper()
	var live []meetings.Meeting
	for _, d := range days {
		live = append(live, c.on(team.ID, d))
	}
	c.agreeOn(live)
}

// profiles moves and cancels a date for a clinician whose calendar is said to be
// Exchange, then sabre: Thunderbird takes both forms too.
func profiles(c *clinic) {
	for _, p := range []struct {
		profile     auth.Profile
		move, cease press
		asked       int // answers to both
	}{
		{auth.ProfileExchange, accept, remove, 1},
		{auth.ProfileSabre, update, acceptAll, 1},
	} {
		c.profile(p.profile)
		team := c.team("Profil " + string(p.profile))
		c.edit(meetings.Series{}, thursdays(team))
		c.receive(acceptAll)
		c.applied(1)
		c.move(c.on(team.ID, "2026-03-26"), time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC), "Salle Ambroise")
		c.receive(p.move)
		c.agree(team)
		c.cancel(c.on(team.ID, "2026-10-22"))
		c.receive(p.cease)
		c.agree(team)
		c.applied(p.asked)
		c.fresh()
	}
	c.profile(auth.ProfileDefault)
}

func (c *clinic) profile(p auth.Profile) {
	c.t.Helper()
	all, err := c.store.Professionals(c.t.Context(), c.system.Org)
	c.must(err)
	i := slices.IndexFunc(all, func(o auth.Professional) bool { return o.ID == c.helene.ID })
	all[i].Profile = p
	c.helene, err = c.meetings.SaveProfessional(c.t.Context(), c.system, all[i])
	c.must(err)
}
