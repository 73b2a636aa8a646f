package meetings

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Closures reads the days on which a team does not meet, its organisation's
// (Team empty) among them; without a team, the organisation's alone.
func (s *Service) Closures(ctx context.Context, a auth.Actor, team id.Team) ([]Closure, error) {
	const op = "meetings.Closures"
	if team != "" && !a.Admin && !a.In(team) {
		return nil, s.refuse(ctx, a, "team.read", Meeting{Team: team})
	}
	all, err := s.closures(ctx, Team{ID: team, Org: a.Org})
	return all, fault.Wrap(op, err)
}

// ClosuresOutline says what SaveClosures would do, without doing it. Dates that
// keep their day are left out of its effects.
func (s *Service) ClosuresOutline(ctx context.Context, a auth.Actor, team id.Team, all []Closure) (Outline, error) {
	drafts, _, err := s.draftClosures(ctx, a, "meetings.ClosuresOutline", team, all)
	if err != nil {
		return Outline{}, err
	}
	return outlines(drafts, s.now()), nil
}

// SaveClosures makes the closures of a team, or of the whole organisation
// (without a team), those given. Every series that was announced is laid again
// over its future dates: one on a day now closed is cancelled or moved as its
// series says, one whose day opens again comes back.
func (s *Service) SaveClosures(ctx context.Context, a auth.Actor, team id.Team, all []Closure, anyway bool) error {
	const op = "meetings.SaveClosures"
	drafts, all, err := s.draftClosures(ctx, a, op, team, all)
	if err != nil {
		return err
	}
	p := Plan{Closures: &TeamClosures{Org: a.Org, Team: team, All: all}}
	by := a.Change(s.now(), "closures.save", "team", string(team))
	if team == "" {
		by.Entry.Object, by.Entry.ObjectID = "org", string(a.Org)
	}
	by.Entry.Team = team
	for _, d := range drafts {
		if len(d.before) > 0 && !anyway {
			return errClash(op)
		}
		p = p.and(d.plan)
		for _, one := range d.plan.Series {
			e := a.Event(s.now(), event.SeriesChanged)
			e.Team, e.Series = one.Team, one.ID
			by.Events = append(by.Events, e)
		}
	}
	return fault.Wrap(op, s.store.SavePlan(ctx, p, by))
}

// and joins the rows of two plans.
func (p Plan) and(o Plan) Plan {
	p.Series, p.Make, p.Change = append(p.Series, o.Series...), append(p.Make, o.Make...), append(p.Change, o.Change...)
	p.Reask, p.ReaskSeries = append(p.Reask, o.Reask...), append(p.ReaskSeries, o.ReaskSeries...)
	p.Effects = append(p.Effects, o.Effects...)
	return p
}

// outlines joins the outlines of several series.
func outlines(drafts []draft, now time.Time) (all Outline) {
	for _, d := range drafts {
		o := d.outline(now)
		all.Effects, all.Notices = append(all.Effects, o.Effects...), append(all.Notices, o.Notices...)
		all.Clashes, all.States = append(all.Clashes, o.Clashes...), append(all.States, o.States...)
		all.Reasked = append(all.Reasked, o.Reasked...)
	}
	slices.SortFunc(all.Reasked, func(a, b auth.Professional) int { return cmp.Compare(a.ID, b.ID) })
	all.Reasked = slices.CompactFunc(all.Reasked, func(a, b auth.Professional) bool { return a.ID == b.ID })
	slices.SortStableFunc(all.Effects, func(a, b Effect) int { return a.Starts.Compare(b.Starts) })
	return all
}

// draftClosures works out what closures do to each series they concern: those
// of the team, or of all teams. Series that keep their dates are left out.
func (s *Service) draftClosures(ctx context.Context, a auth.Actor, op string, team id.Team, all []Closure) ([]draft, []Closure, error) {
	if !a.Admin && (team == "" || !a.In(team, auth.Secretary, auth.Chair)) {
		return nil, nil, s.refuse(ctx, a, "closures.save", Meeting{Team: team})
	}
	all, err := checkClosures(op, a.Org, team, all)
	if err != nil {
		return nil, nil, err
	}
	var teams []id.Team
	if team != "" {
		teams = []id.Team{team}
		if _, err := s.store.TeamByID(ctx, a.Org, team); err != nil {
			return nil, nil, fault.Wrap(op, err)
		}
	}
	series, err := s.store.SeriesOf(ctx, a.Org, teams)
	if err != nil {
		return nil, nil, fault.Wrap(op, err)
	}
	var drafts []draft
	for _, one := range series {
		if one.Announced.IsZero() || one.Ended {
			continue
		}
		d, err := s.draftAround(ctx, a, one, team, all)
		if err != nil {
			return nil, nil, fault.Wrap(op, err)
		}
		if len(d.plan.Change)+len(d.plan.Make) > 0 {
			drafts = append(drafts, d)
		}
	}
	return drafts, all, nil
}

// draftAround lays one series again around other closures.
func (s *Service) draftAround(ctx context.Context, a auth.Actor, one Series, team id.Team, all []Closure) (draft, error) {
	st, err := s.store.SeriesState(ctx, a.Org, one.ID)
	if err != nil {
		return draft{}, err
	}
	closures := slices.DeleteFunc(slices.Clone(st.Closures), func(c Closure) bool { return c.Team == team })
	d := draft{state: st, plan: st.around(append(closures, all...), s.now())}
	d.before, err = s.clashes(ctx, st, d.plan, false)
	return d, err
}

// around is the plan that sets the dates of a series, which are not over, around
// other closures.
func (s State) around(closures []Closure, now time.Time) Plan {
	cut := s.cut(date.Date{}, s.Series.Location(), now)
	want := s.Series
	want.Sequence, want.Updated = s.nextSequence(), now
	p := s.layAround(want, s.standing(cut, now), cut, closures, now)
	p.Effects = slices.DeleteFunc(p.Effects, func(e Effect) bool {
		return e.Kind == Kept || e.Kind == WasOff || e.Kind == Skipped
	})
	return p
}

// checkClosures completes and validates closures.
func checkClosures(op string, org id.Org, team id.Team, all []Closure) ([]Closure, error) {
	var c fault.Check
	out := slices.Clone(all)
	for i := range out {
		o := &out[i]
		o.Org, o.Team, o.Name = org, team, strings.TrimSpace(o.Name)
		if o.ID == "" {
			o.ID = id.New[id.Closure]()
		}
		if o.Until.IsZero() {
			o.Until = o.From
		}
		c.That(o.Name != "" && len(o.Name) <= 200, "name", "Un nom est attendu.")
		c.That(!o.From.IsZero(), "from", "Une date est attendue.")
		c.That(!o.Until.Before(o.From), "until", "La fin vient avant le début.")
		c.That(o.Until.Sub(o.From) <= 366, "until", "Une fermeture dure un an au plus.")
	}
	return out, c.Err(op)
}
