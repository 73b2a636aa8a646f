package jobs

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// alertDays is how many days before a meeting its secretary hears that the
// quorum is missing.
const alertDays = 2

// answers asks those who have not answered again, on the days that their team
// wishes, and warns when the quorum is in danger. Each is asked once per
// meeting and delay, and warned once per meeting and state: the event is stored
// with the slot that says so.
func (c Config) answers(ctx context.Context) error {
	return c.eachOrg(ctx, "answers", c.answersOf)
}

func (c Config) answersOf(ctx context.Context, a auth.Actor) error {
	teams, err := c.Meetings.Teams(ctx, a)
	if err != nil {
		return err
	}
	days := map[id.Team][]int{}
	for _, t := range teams {
		days[t.ID] = t.Reminders
	}
	now, after := c.Now(), ""
	for {
		page, next, err := c.Meetings.List(ctx, a, meetings.Filter{
			From: now, To: now.AddDate(0, 0, meetings.MaxReminder+1),
			Status: []meetings.Status{meetings.Open, meetings.Closed}, After: after, Limit: pageSize,
		})
		if err != nil {
			return err
		}
		for _, m := range page {
			if err := c.look(ctx, a, m, days[m.Team], now); err != nil {
				return err
			}
		}
		if after = next; next == "" {
			return nil
		}
	}
}

// look does what is due for one meeting.
func (c Config) look(ctx context.Context, a auth.Actor, m meetings.Meeting, days []int, now time.Time) error {
	n, ask := DueReminder(m, days, now)
	warn := DueAlert(m, now)
	if !ask && !warn {
		return nil
	}
	full, err := c.Meetings.Get(ctx, a, m.ID)
	if err == nil && ask {
		err = c.ask(ctx, a, full, n, now)
	}
	if err == nil && ask {
		err = c.askToWrite(ctx, a, m, n, now)
	}
	if err == nil && warn {
		err = c.warn(ctx, a, full, now)
	}
	return err
}

func (c Config) ask(ctx context.Context, a auth.Actor, full meetings.Full, days int, now time.Time) error {
	for _, who := range full.Attendance {
		if who.Answer != meetings.NeedsAction || who.Role == auth.Secretary || !who.Professional.Mailable() {
			continue
		}
		e := eventOf(a, now, event.AnswerWanted, full.Meeting)
		e.Professional = who.Professional.ID
		slot := fmt.Sprintf("%s/%s/%d", full.Meeting.ID, who.Professional.ID, days)
		if _, err := c.Store.EmitOnce(ctx, "answers.wanted", slot, now, []event.Event{e}); err != nil {
			return err
		}
	}
	return nil
}

// askToWrite reminds those who are asked for a contribution and did not write:
// once per meeting, person and delay, whatever the number of cases.
func (c Config) askToWrite(ctx context.Context, a auth.Actor, m meetings.Meeting, days int, now time.Time) error {
	if c.Awaited == nil {
		return nil
	}
	who, err := c.Awaited.Unanswered(ctx, a, m.ID)
	for _, p := range who {
		e := eventOf(a, now, event.ContributionAsked, m)
		e.Professional = p
		if _, err := c.Store.EmitOnce(ctx, "contributions.wanted", fmt.Sprintf("%s/%s/%d", m.ID, p, days), now, []event.Event{e}); err != nil {
			return err
		}
	}
	return err
}

// warn tells of a quorum that will not be reached, or else that hangs on people
// who have not decided; who heard the first is not told the second.
func (c Config) warn(ctx context.Context, a auth.Actor, full meetings.Full, now time.Time) error {
	const job = "quorum.threatened"
	m := full.Meeting
	missing := string(m.ID) + "/missing"
	slot := missing
	switch meetings.Foresee(m.Kind, full.Team.Quorum, full.Attendance).State {
	case meetings.QuorumReached:
		return nil
	case meetings.QuorumUnknown:
		slot = string(m.ID) + "/hanging"
		if done, err := c.Store.JobDone(ctx, job, missing); err != nil || done {
			return err
		}
	}
	_, err := c.Store.EmitOnce(ctx, job, slot, now, []event.Event{eventOf(a, now, event.QuorumThreatened, m)})
	return err
}

func eventOf(a auth.Actor, now time.Time, k event.Kind, m meetings.Meeting) event.Event {
	e := a.Event(now, k)
	e.Team, e.Meeting = m.Team, m.ID
	return e
}

// DueReminder returns the delay, of a team's, whose reminder is due: from eight
// o'clock local time so many days before the meeting, and on the day after for
// a program that was down. Who was invited since then needs none.
func DueReminder(m meetings.Meeting, days []int, now time.Time) (n int, ok bool) {
	if m.Opened.IsZero() || !now.Before(m.Starts) || !civil(m, now) {
		return 0, false
	}
	today := date.Of(now.In(m.Location()))
	for _, n := range slices.Sorted(slices.Values(days)) {
		day := dayBefore(m, n)
		if (day == today || day.AddDays(1) == today) && m.Opened.Before(morning(m, day)) {
			return n, true
		}
	}
	return 0, false
}

// DueAlert reports whether the secretary should hear now that the quorum is
// missing: by day, from two days before the meeting on.
func DueAlert(m meetings.Meeting, now time.Time) bool {
	return now.Before(m.Starts) && civil(m, now) && !now.Before(morning(m, dayBefore(m, alertDays)))
}

// civil reports whether it is past eight o'clock where the meeting is.
func civil(m meetings.Meeting, now time.Time) bool { return now.In(m.Location()).Hour() >= civilHour }

// dayBefore is the local date n days before a meeting.
func dayBefore(m meetings.Meeting, n int) date.Date {
	return date.Of(m.Starts.In(m.Location())).AddDays(-n)
}

func morning(m meetings.Meeting, d date.Date) time.Time {
	return time.Date(d.Year, d.Month, d.Day, civilHour, 0, 0, 0, m.Location())
}
