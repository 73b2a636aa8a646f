package store

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/notify"
)

// The store counts what waits for people.
var _ notify.WeekReader = (*Store)(nil)

// current narrows team_member tm to those who are members on a day, $3.
const current = `tm.joined <= $3 AND (tm.left_on IS NULL OR tm.left_on >= $3)`

// DigestPeople reads the members of teams who have an address and did not
// refuse the summary of their week, each with the first of their teams.
// Who only trains has none.
func (s *Store) DigestPeople(ctx context.Context, org id.Org, on date.Date) ([]notify.WeekPerson, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT p.id, t.id, t.zone FROM professional p JOIN team_member tm ON tm.professional = p.id JOIN team t ON t.id = tm.team
		WHERE p.org = $1 AND p.email <> $2 AND NOT t.training AND `+current+`
			AND NOT EXISTS (SELECT 1 FROM digest_off f WHERE f.professional = p.id)
		ORDER BY p.id, t.id`, org, "", on)
	var people []notify.WeekPerson
	_, err = collect(rows, err, func(r scanner) (p notify.WeekPerson, err error) {
		err = r.Scan(&p.ID, &p.Team, &p.Zone)
		if n := len(people); n == 0 || people[n-1].ID != p.ID {
			people = append(people, p)
		}
		return p, err
	})
	return people, fault.Wrap("store.DigestPeople", err)
}

// Week counts what waits for somebody at an instant, of patients whom they may
// see, to the end of that week where their team is.
func (s *Store) Week(ctx context.Context, org id.Org, who id.Professional, at time.Time) (notify.Week, error) {
	const op = "store.Week"
	w := weekCount{s: s, org: org, who: who, at: at, today: date.Of(at.UTC())}
	for _, step := range []func(context.Context) error{w.person, w.teams, w.actions, w.meetings, w.asks} {
		if err := step(ctx); err != nil {
			return notify.Week{}, fault.Wrap(op, mapErrorOrNil(err))
		}
	}
	return w.week, nil
}

// weekCount counts one person's week.
type weekCount struct {
	s      *Store
	org    id.Org
	who    id.Professional
	at     time.Time
	today  date.Date
	sunday date.Date
	zone   *time.Location
	leads  []id.Team
	week   notify.Week
}

func (w *weekCount) person(ctx context.Context) (err error) {
	w.week.Who, err = scanProfessional(w.s.read.QueryRowContext(ctx,
		`SELECT `+professionalColumns+` FROM professional p WHERE p.org = $1 AND p.id = $2`, w.org, w.who))
	if err != nil {
		return err
	}
	w.week.Wanted, err = w.s.WantsDigest(ctx, w.who)
	return err
}

// teams finds the zone and the teams whose patients the person sees whole.
func (w *weekCount) teams(ctx context.Context) error {
	rows, err := w.s.read.QueryContext(ctx, `
		SELECT t.id, t.zone, tm.role IN ('secretary', 'chair') FROM team_member tm JOIN team t ON t.id = tm.team
		WHERE t.org = $1 AND tm.professional = $2 AND NOT t.training AND `+current+` ORDER BY t.id`, w.org, w.who, w.today)
	w.zone = time.UTC
	first := true
	_, err = collect(rows, err, func(r scanner) (t id.Team, err error) {
		var zone string
		var leads bool
		err = r.Scan(&t, &zone, &leads)
		if loc, bad := date.Zone(zone); bad == nil && first {
			w.zone, first = loc, false
		}
		if leads {
			w.leads = append(w.leads, t)
		}
		return t, err
	})
	w.today = date.Of(w.at.In(w.zone))
	w.week.Monday = w.today.AddDays(-(int(w.today.Weekday()) + 6) % 7)
	w.sunday = w.week.Monday.AddDays(6)
	return err
}

func (w *weekCount) actions(ctx context.Context) error {
	q := careplan.FollowQuery{
		Org: w.org, Owner: w.who, Teams: w.leads, On: w.today, Until: w.today.AddDays(careplan.ComingDays), Since: w.today.AddDays(1), Limit: 1000,
	}
	all, err := w.s.FollowedActions(ctx, q)
	if err != nil {
		return err
	}
	for _, f := range all {
		if f.Action.Status.Open() && !f.Patient.Fictional {
			w.count(f.Action.Due)
		}
	}
	told, err := w.s.Tellings(ctx, q)
	for _, t := range told {
		if !t.Done() && !t.Patient.Fictional {
			w.count(t.By)
		}
	}
	return err
}

// count counts one thing to do by its due day; zero has none.
func (w *weekCount) count(due date.Date) {
	w.week.Open++
	switch {
	case due.IsZero():
	case due.Before(w.today):
		w.week.Late++
	case !due.After(w.sunday):
		w.week.Due++
	}
}

func (w *weekCount) meetings(ctx context.Context) error {
	end := w.sunday.AddDays(1).In(w.zone)
	return w.s.read.QueryRowContext(ctx, `
		SELECT count(*) FROM meeting m JOIN attendance a ON a.meeting = m.id JOIN team t ON t.id = m.team AND NOT t.training
		WHERE m.org = $1 AND a.professional = $2 AND a.answer <> 'DECLINED' AND m.status IN ('open', 'closed') AND m.starts >= $3 AND m.starts < $4`,
		w.org, w.who, micro(w.at), micro(end)).Scan(&w.week.Meetings)
}

func (w *weekCount) asks(ctx context.Context) error {
	all, err := w.s.OwnAsks(ctx, w.org, w.who, w.today, 200)
	for _, k := range all {
		if !k.Item.Patient.Fictional {
			w.week.Asks++
		}
	}
	return err
}
