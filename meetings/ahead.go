package meetings

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Ahead is what a run of the daily job did: meetings made, and the closed days
// it skipped.
type Ahead struct {
	Made    int
	Skipped []Occurrence
}

// MakeAhead makes the meetings of a series (of all when empty): those announced
// to their horizon, which moves on when it comes near, the others up to a day.
// It can run twice, and on two machines at once: a meeting exists once per
// series and local date.
func (s *Service) MakeAhead(ctx context.Context, a auth.Actor, series id.Series, until date.Date) (Ahead, error) {
	const op = "meetings.MakeAhead"
	all, err := s.store.SeriesOf(ctx, a.Org, nil)
	if err != nil {
		return Ahead{}, fault.Wrap(op, err)
	}
	var done Ahead
	for _, one := range all {
		if (series != "" && one.ID != series) || !a.Admin && !a.In(one.Team, auth.Secretary, auth.Chair) {
			continue
		}
		if err := s.makeSeries(ctx, a, one, until, &done); err != nil {
			return done, fault.Wrap(op, err)
		}
	}
	return done, nil
}

func (s *Service) makeSeries(ctx context.Context, a auth.Actor, one Series, until date.Date, done *Ahead) error {
	today := date.Of(s.now().In(one.Location()))
	switch {
	case one.Ended:
		return nil
	case !one.Announced.IsZero():
		return s.extend(ctx, a, one, today, done)
	}
	team, err := s.store.TeamByID(ctx, a.Org, one.Team)
	if err != nil {
		return err
	}
	closures, err := s.closures(ctx, team)
	if err != nil {
		return err
	}
	st := State{Team: team, Series: one}
	var due []Meeting
	for _, o := range one.Occurrences(today, until, NoMeeting(team.HolidayZone, closures)) {
		if o.Skipped {
			done.Skipped = append(done.Skipped, o)
		} else if o.Starts.After(s.now()) {
			due = append(due, st.newDate(one, o, s.now()))
		}
	}
	if len(due) == 0 {
		return nil
	}
	made, err := s.store.CreateMeetings(ctx, due, s.seriesChange(a, "meeting.make", one))
	done.Made += made
	return err
}

// extend moves an announced series' horizon when it comes near. Somebody who
// was faster, here or on another machine, is no failure.
func (s *Service) extend(ctx context.Context, a auth.Actor, one Series, today date.Date, done *Ahead) error {
	if one.Horizon.Sub(today) >= leastAhead || one.Horizon == one.Until || one.overAt(one.Horizon) {
		return nil
	}
	st, err := s.store.SeriesState(ctx, a.Org, one.ID)
	if err != nil {
		return err
	}
	p := st.extend(s.now())
	if err := s.store.SavePlan(ctx, p, s.seriesChange(a, "meeting.make", one, event.SeriesChanged)); fault.Is(err, fault.Conflict) {
		return nil
	} else if err != nil {
		return err
	}
	done.Made += len(p.Make)
	for _, e := range p.Effects {
		if e.Kind == Skipped {
			done.Skipped = append(done.Skipped, Occurrence{Starts: e.Starts, Ends: e.Ends, Closed: e.Closed, Skipped: true})
		}
	}
	return nil
}

// overAt reports whether a series that ends by count has ended by a day.
func (s Series) overAt(d date.Date) bool {
	return s.Count > 0 && len(s.days(s.From, d)) == s.Count
}

// extend is the plan that makes the next stretch of a series. Its rule already
// told of the dates: SEQUENCE goes up only when some of them are not held, or
// elsewhere.
func (s State) extend(now time.Time) Plan {
	from := date.Later(s.Series.Horizon.AddDays(1), s.Series.From)
	want := s.Series
	want.Horizon = horizon(want, date.Date{}, now)
	p := s.lay(want, s.standing(from, now), from, now)
	asRuled := 0
	for _, e := range p.Effects {
		if e.Kind == Added {
			asRuled++
		}
	}
	if asRuled < len(want.Occurrences(from, want.Horizon, neverClosed)) {
		p.Series[0].Sequence = s.nextSequence()
	}
	return p
}

// closures reads the days on which a team does not meet.
func (s *Service) closures(ctx context.Context, t Team) ([]Closure, error) {
	all, err := s.store.Closures(ctx, t.Org)
	var own []Closure
	for _, c := range all {
		if c.Team == "" || c.Team == t.ID {
			own = append(own, c)
		}
	}
	return own, err
}

// seriesChange starts the record of something done to a series.
func (s *Service) seriesChange(a auth.Actor, action string, one Series, kinds ...event.Kind) audit.Change {
	by := a.Change(s.now(), action, "series", string(one.ID))
	by.Entry.Team = one.Team
	for _, k := range kinds {
		e := a.Event(s.now(), k)
		e.Team, e.Series = one.Team, one.ID
		by.Events = append(by.Events, e)
	}
	return by
}
