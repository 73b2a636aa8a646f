package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// weeksAhead is how far meetings are made.
const weeksAhead = 8

// civilHour is when invitations may leave.
const civilHour = 8

func (c Config) daily() []daily {
	return []daily{
		{"meetings.ahead", 4, 15, c.makeAhead},
		{"sessions.purge", 4, 30, func(ctx context.Context) (string, error) {
			return "", c.Store.PurgeSessions(ctx, c.Now())
		}},
	}
}

func (c Config) sweeps() []sweep {
	all := []sweep{
		{"registration", time.Minute, c.registration},
		{"answers", time.Hour, c.answers},
		{"digest", 10 * time.Minute, c.digests},
	}
	if c.Papers != nil {
		all = append(all, sweep{"papers", time.Minute, func(ctx context.Context) error {
			_, err := c.Papers.Recheck(ctx, pageSize)
			return err
		}})
	}
	return all
}

// eachOrg does work as the system actor of every organisation; one that fails
// does not keep the others from theirs.
func (c Config) eachOrg(ctx context.Context, job string, work func(ctx context.Context, a auth.Actor) error) error {
	orgs, err := c.Store.Orgs(ctx)
	if err != nil {
		return err
	}
	var first error
	for _, o := range orgs {
		if err := work(ctx, auth.System(o.ID, "job:"+job)); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// makeAhead makes the meetings of the next weeks.
func (c Config) makeAhead(ctx context.Context) (string, error) {
	until := date.Of(c.Now().In(c.Zone)).AddDays(7 * weeksAhead)
	made, skipped := 0, 0
	err := c.eachOrg(ctx, "meetings.ahead", func(ctx context.Context, a auth.Actor) error {
		done, err := c.Meetings.MakeAhead(ctx, a, "", until)
		made, skipped = made+done.Made, skipped+len(done.Skipped)
		return err
	})
	return fmt.Sprintf("made %d, holidays %d", made, skipped), err
}

// registration opens it so many days before each meeting, as the team wishes,
// and closes it at the cut-off.
func (c Config) registration(ctx context.Context) error {
	return c.eachOrg(ctx, "registration", c.registrationOf)
}

func (c Config) registrationOf(ctx context.Context, a auth.Actor) error {
	teams, err := c.Meetings.Teams(ctx, a)
	if err != nil {
		return err
	}
	days := map[id.Team]int{}
	for _, t := range teams {
		days[t.ID] = t.OpenDays
	}
	now, after := c.Now(), ""
	for {
		page, next, err := c.Meetings.List(ctx, a, meetings.Filter{
			From: now.AddDate(0, 0, -1), To: now.AddDate(0, 0, 7*weeksAhead+1),
			Status: []meetings.Status{meetings.Draft, meetings.Open}, After: after, Limit: pageSize,
		})
		if err != nil {
			return err
		}
		for _, m := range page {
			if err := c.turn(ctx, a, m, days[m.Team], now); err != nil {
				return err
			}
		}
		if after = next; next == "" {
			return nil
		}
	}
}

// turn opens or closes one meeting's registration when it is time. That
// somebody was faster, here or on another machine, is no failure.
func (c Config) turn(ctx context.Context, a auth.Actor, m meetings.Meeting, openDays int, now time.Time) (err error) {
	switch {
	case DueToOpen(m, openDays, now):
		_, err = c.Meetings.Open(ctx, a, m.ID, m.Version)
	case DueToClose(m, now):
		_, err = c.Meetings.Close(ctx, a, m.ID, m.Version)
	}
	if fault.Is(err, fault.Conflict) {
		return nil
	}
	return err
}

// DueToOpen reports whether a draft meeting should be opened: its team opens
// openDays before (0: by hand), from eight o'clock local time of that day, and
// before its cut-off.
func DueToOpen(m meetings.Meeting, openDays int, now time.Time) bool {
	if m.Status != meetings.Draft || openDays <= 0 || !now.Before(m.Cutoff) {
		return false
	}
	loc := m.Location()
	day := date.Of(m.Starts.In(loc)).AddDays(-openDays)
	return !now.Before(time.Date(day.Year, day.Month, day.Day, civilHour, 0, 0, 0, loc))
}

// DueToClose reports whether an open meeting's cut-off has passed.
func DueToClose(m meetings.Meeting, now time.Time) bool {
	return m.Status == meetings.Open && !now.Before(m.Cutoff)
}
