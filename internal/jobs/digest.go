package jobs

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/notify"
)

// The summary of the week leaves on Monday from this local hour on.
const (
	digestHour   = 7
	digestMinute = 30
)

// DueDigest returns the Monday whose summary is due: from half past seven on
// that day, where the zone is, until its end. A program that was down the whole
// Monday sends none: on Tuesday it would come too late to help.
func DueDigest(now time.Time, zone *time.Location) (monday date.Date, ok bool) {
	now = now.In(zone)
	day := date.Of(now)
	if day.Weekday() != time.Monday {
		return date.Date{}, false
	}
	return day, !now.Before(time.Date(day.Year, day.Month, day.Day, digestHour, digestMinute, 0, 0, zone))
}

// digests asks for the summaries that are due. Each person's leaves once a
// week: its event is stored with the slot that says so.
func (c Config) digests(ctx context.Context) error {
	if !mondaySomewhere(c.Now()) {
		return nil
	}
	return c.eachOrg(ctx, "digest", c.digestsOf)
}

// mondaySomewhere reports whether it is Monday in any zone of the world.
func mondaySomewhere(now time.Time) bool {
	const east, west = 14 * time.Hour, -12 * time.Hour
	now = now.UTC()
	return now.Add(east).Weekday() == time.Monday || now.Add(west).Weekday() == time.Monday || now.Weekday() == time.Monday
}

func (c Config) digestsOf(ctx context.Context, a auth.Actor) error {
	now := c.Now()
	people, err := c.Store.DigestPeople(ctx, a.Org, date.Of(now.In(c.Zone)))
	if err != nil {
		return err
	}
	for _, p := range people {
		zone, err := date.Zone(p.Zone)
		if err != nil {
			zone = c.Zone
		}
		if err := c.digest(ctx, a, p, now, zone); err != nil {
			return err
		}
	}
	return nil
}

func (c Config) digest(ctx context.Context, a auth.Actor, p notify.WeekPerson, now time.Time, zone *time.Location) error {
	const job = "digest.week"
	monday, due := DueDigest(now, zone)
	if !due {
		return nil
	}
	slot := monday.String() + "/" + string(p.ID)
	if done, err := c.Store.JobDone(ctx, job, slot); err != nil || done {
		return err
	}
	e := a.Event(now, event.WeekDue)
	e.Team, e.Professional = p.Team, p.ID
	_, err := c.Store.EmitOnce(ctx, job, slot, now, []event.Event{e})
	return err
}
