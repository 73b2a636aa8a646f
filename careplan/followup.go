package careplan

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// How far a follow-up looks, in days.
const (
	ComingDays = 30 // ahead, at what is due
	RecentDays = 30 // back, at what is done
)

const maxFollowed = 500

// Followed is an action in somebody's list, with what they need to know of it.
type Followed struct {
	Action    Action
	Patient   Patient // identity traits only
	Objective string  // its title
	Team      id.Team // that follows the plan; empty: none
	TeamName  string
	Zone      string     // of the team
	Meeting   id.Meeting // that decided it; empty: imported
	Decided   time.Time  // when that meeting was
	Days      int        // until it is due where the team is; negative: late
}

// DaysLeft returns the days from the local date of now to a due day: 0 on the
// day itself, negative once that day is over where the zone is.
func DaysLeft(due date.Date, now time.Time, zone *time.Location) int {
	return due.Sub(date.Of(now.In(zone)))
}

// zoned is the zone of that name, or UTC when it is not known.
func zoned(name string) *time.Location {
	if loc, err := date.Zone(name); err == nil {
		return loc
	}
	return time.UTC
}

// Late is the days since the action was due; 0 when it is not late.
func (f Followed) Late() int {
	if !f.Action.Status.Open() || f.Action.Due.IsZero() {
		return 0
	}
	return max(0, -f.Days)
}

// On is the day it was decided, where the team is; zero when it was imported.
func (f Followed) On() date.Date {
	if f.Decided.IsZero() {
		return date.Date{}
	}
	return date.Of(f.Decided.In(zoned(f.Zone)))
}

// FollowUp is what somebody, or a team, has to do or did lately.
type FollowUp struct {
	Late   []Followed // the latest first
	Coming []Followed // due soonest first, then those without a day
	Recent []Followed // finished in the last RecentDays, newest first
	Tell   []Telling  // patients not told yet, the latest first
	Told   []Telling  // told in the last RecentDays, newest first
}

// sortFollowed puts what was read into its lists, at an instant.
func sortFollowed(all []Followed, told []Telling, now time.Time) (f FollowUp) {
	for _, a := range all {
		a.Days = DaysLeft(a.Action.Due, now, zoned(a.Zone))
		switch {
		case !a.Action.Status.Open():
			f.Recent = append(f.Recent, a)
		case a.Late() > 0:
			f.Late = append(f.Late, a)
		default:
			f.Coming = append(f.Coming, a)
		}
	}
	for _, t := range told {
		t.Days = DaysLeft(t.By, now, zoned(t.Zone))
		if t.Done() {
			f.Told = append(f.Told, t)
		} else {
			f.Tell = append(f.Tell, t)
		}
	}
	slices.SortStableFunc(f.Late, func(a, b Followed) int { return a.Action.Due.Sub(b.Action.Due) })
	slices.SortStableFunc(f.Coming, func(a, b Followed) int { return compareDue(a.Action.Due, b.Action.Due) })
	slices.SortStableFunc(f.Recent, func(a, b Followed) int { return b.Action.DoneOn.Sub(a.Action.DoneOn) })
	slices.SortStableFunc(f.Tell, func(a, b Telling) int { return compareDue(a.By, b.By) })
	slices.SortStableFunc(f.Told, func(a, b Telling) int { return b.On.Sub(a.On) })
	return f
}

// compareDue orders days, those that are not set last.
func compareDue(a, b date.Date) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	}
	return a.Sub(b)
}

// FollowQuery selects actions and tellings: open ones due up to a day, and
// those finished since another.
type FollowQuery struct {
	Org   id.Org
	Owner id.Professional // of whom; empty: of anybody
	Teams []id.Team       // with Owner: whose patients the owner sees whole; else: whose actions
	On    date.Date       // the day of the care circle
	Until date.Date
	Since date.Date
	Limit int
}

// FollowStore is what following up needs of the database.
type FollowStore interface {
	FollowedActions(ctx context.Context, q FollowQuery) ([]Followed, error)
	Tellings(ctx context.Context, q FollowQuery) ([]Telling, error)
	TellingsAbout(ctx context.Context, org id.Org, p id.Patient) ([]Telling, error) // newest first
	TellingByCase(ctx context.Context, org id.Org, c id.Case) (Telling, error)
	UpdateTelling(ctx context.Context, t Telling, by audit.Change) error
	// Remind notes that somebody was reminded on a day; fault.Conflict when they
	// were already.
	Remind(ctx context.Context, r Reminder, by audit.Change) error
	LastReminders(ctx context.Context, org id.Org, who []id.Professional) (map[id.Professional]Reminder, error)
	WantsDigest(ctx context.Context, who id.Professional) (bool, error)
	SetDigest(ctx context.Context, who id.Professional, on bool, by audit.Change) error
}

// Reminder is that somebody was reminded of what they have to do.
type Reminder struct {
	Org  id.Org
	Who  id.Professional
	Day  date.Date // where the team is
	By   string    // name
	At   time.Time
	Team id.Team // whose secretary or chair asked; not kept
}

// leads are the teams of which the actor sees every patient.
func leads(a auth.Actor) []id.Team {
	return slices.DeleteFunc(a.TeamIDs(), func(t id.Team) bool { return !a.In(t, auth.Secretary, auth.Chair) })
}

// FollowUp lists what the actor has to do and did lately, for patients whom
// they may see. The audit keeps how many were shown.
func (s *Service) FollowUp(ctx context.Context, a auth.Actor) (FollowUp, error) {
	if a.Professional == "" {
		return FollowUp{}, nil
	}
	return s.follow(ctx, a, FollowQuery{Owner: a.Professional, Teams: leads(a)}, a.Change(s.now(), "action.own", "patient", ""))
}

// TeamFollowUp lists what a team's people have to do; its secretary or chair
// may read it.
func (s *Service) TeamFollowUp(ctx context.Context, a auth.Actor, t id.Team) (FollowUp, error) {
	const op = "careplan.TeamFollowUp"
	by := a.Change(s.now(), "action.team", "team", string(t))
	by.Entry.Team = t
	if !a.In(t, auth.Secretary, auth.Chair) {
		return FollowUp{}, s.refuse(ctx, op, by, "Le secrétariat et la présidence de l’équipe suivent ses actions.")
	}
	return s.follow(ctx, a, FollowQuery{Teams: []id.Team{t}}, by)
}

func (s *Service) follow(ctx context.Context, a auth.Actor, q FollowQuery, by audit.Change) (FollowUp, error) {
	const op = "careplan.follow"
	today := date.Of(s.now())
	q.Org, q.On, q.Limit = a.Org, today, maxFollowed
	q.Until, q.Since = today.AddDays(ComingDays), today.AddDays(-RecentDays)
	all, err := s.store.FollowedActions(ctx, q)
	if err != nil {
		return FollowUp{}, fault.Wrap(op, err)
	}
	told, err := s.store.Tellings(ctx, q)
	if err != nil || len(all)+len(told) == 0 {
		return FollowUp{}, fault.Wrap(op, err)
	}
	by.Entry.Detail = fmt.Sprintf("found=%d", len(all)+len(told))
	return sortFollowed(all, told, s.now()), fault.Wrap(op, s.store.Audit(ctx, by.InSpells()))
}

// Reminders returns when people were last reminded; who never was is missing.
func (s *Service) Reminders(ctx context.Context, a auth.Actor, who []id.Professional) (map[id.Professional]Reminder, error) {
	if len(who) == 0 {
		return nil, nil
	}
	return s.store.LastReminders(ctx, a.Org, who)
}

// Remind sends somebody a neutral reminder of what they have to do: a number
// and an address. It takes the secretary or the chair of a team for which they
// have something to do, and works once a day for each person.
func (s *Service) Remind(ctx context.Context, a auth.Actor, t id.Team, who id.Professional) error {
	const op = "careplan.Remind"
	by := a.Change(s.now(), "action.remind", "professional", string(who))
	by.Entry.Team = t
	if !a.In(t, auth.Secretary, auth.Chair) {
		return s.refuse(ctx, op, by, "Le secrétariat et la présidence de l’équipe relancent.")
	}
	zone, err := s.waitsFor(ctx, a, t, who)
	if err != nil {
		return fault.Wrap(op, err)
	}
	e := a.Event(by.Entry.At, event.ActionReminded)
	e.Team, e.Professional = t, who
	by.Events = append(by.Events, e)
	r := Reminder{Org: a.Org, Who: who, Day: date.Of(s.now().In(zoned(zone))), By: a.Name, At: s.now()}
	return fault.Wrap(op, s.store.Remind(ctx, r, by))
}

// waitsFor returns the team's zone when somebody has something to do for it.
func (s *Service) waitsFor(ctx context.Context, a auth.Actor, t id.Team, who id.Professional) (zone string, err error) {
	today := date.Of(s.now())
	q := FollowQuery{Org: a.Org, Teams: []id.Team{t}, On: today, Until: today.AddDays(ComingDays), Since: today.AddDays(1), Limit: maxFollowed}
	all, err := s.store.FollowedActions(ctx, q)
	if err != nil {
		return "", err
	}
	for _, f := range all {
		if f.Action.Owner == who && f.Action.Status.Open() {
			return f.Zone, nil
		}
	}
	told, err := s.store.Tellings(ctx, q)
	if err != nil {
		return "", err
	}
	for _, t := range told {
		if t.Who == who && !t.Done() {
			return t.Zone, nil
		}
	}
	return "", fault.New(fault.NotFound, "careplan.waitsFor", "Cette personne n’a rien à faire pour l’équipe.")
}

// Digest reports whether the actor receives the summary of their week.
func (s *Service) Digest(ctx context.Context, a auth.Actor) (bool, error) {
	return s.store.WantsDigest(ctx, a.Professional)
}

// SetDigest says whether the actor receives the summary of their week.
func (s *Service) SetDigest(ctx context.Context, a auth.Actor, on bool) error {
	by := a.Change(s.now(), "digest.set", "professional", string(a.Professional))
	by.Entry.Detail = fmt.Sprint(on)
	return fault.Wrap("careplan.SetDigest", s.store.SetDigest(ctx, a.Professional, on, by))
}
