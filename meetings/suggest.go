package meetings

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// How much is suggested, and how far other dates are looked for.
const (
	mostSubstitutes = 5 // for each need
	mostDates       = 3
	daysAhead       = 15
	firstHour       = 8 // local
	lastHour        = 18
	datesApart      = 30 * time.Minute
)

// Substitute is somebody who could come: of the profession that lacks, not
// invited yet, in no other meeting at that time.
type Substitute struct {
	auth.Professional
	Member bool // of the team
}

// Relief is who could fill one need: a profession key, or NeedSpecialties.
type Relief struct {
	Need string
	Who  []Substitute // of the team first
}

// Suggestion is what could save the quorum of a meeting.
type Suggestion struct {
	Reliefs []Relief
	Dates   []FreeDate
}

// FreeDate is a time at which those required, and the room, are free.
type FreeDate struct{ Starts, Ends time.Time }

// Suggest looks for what could save a meeting's quorum: substitutes for what
// the answers lack and for other professions (also), and other dates. The
// secretary and the chair may ask, until the meeting begins.
func (s *Service) Suggest(ctx context.Context, a auth.Actor, mid id.Meeting, also ...string) (Suggestion, error) {
	const op = "meetings.Suggest"
	full, err := s.preparing(ctx, a, op, "meeting.suggest", mid)
	if err != nil {
		return Suggestion{}, err
	}
	var out Suggestion
	o := Foresee(full.Meeting.Kind, full.Team.Quorum, full.Attendance)
	needs := slices.Concat(o.Missing, o.Hanging, also)
	slices.SortStableFunc(needs, func(a, b string) int { return cmp.Compare(breadth(a), breadth(b)) })
	if out.Reliefs, err = s.reliefs(ctx, full, o, needs); err != nil {
		return out, fault.Wrap(op, err)
	}
	if len(needs) > 0 {
		out.Dates, err = s.freeDates(ctx, full)
	}
	return out, fault.Wrap(op, err)
}

// breadth sorts needs: a missing profession is told before "any other one".
func breadth(need string) int {
	switch need {
	case NeedSpecialties:
		return 0
	case NeedProfessions:
		return 2
	}
	return 1
}

// reliefs finds who of the organisation could fill each need.
func (s *Service) reliefs(ctx context.Context, full Full, o Outlook, needs []string) ([]Relief, error) {
	if len(needs) == 0 {
		return nil, nil
	}
	all, err := s.store.Professionals(ctx, full.Meeting.Org)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(p auth.Professional) bool {
		return full.Invites(p.ID) || !slices.ContainsFunc(needs, func(n string) bool { return o.fills(n, p) })
	})
	if len(all) == 0 {
		return nil, nil
	}
	q := BusyQuery{Org: full.Meeting.Org, From: full.Meeting.Starts, To: full.Meeting.Ends, NotMeetings: []id.Meeting{full.Meeting.ID}}
	for _, p := range all {
		q.People = append(q.People, p.ID)
	}
	booked, err := s.store.Busy(ctx, q)
	if err != nil {
		return nil, err
	}
	return relieve(full.Team, o, needs, free(all, booked)), nil
}

// relieve ranks the substitutes for each need, the team's own first. Each need
// is told once, and each person for the first need that they fill.
func relieve(t Team, o Outlook, needs []string, all []auth.Professional) []Relief {
	var out []Relief
	seen := map[id.Professional]bool{}
	for i, need := range needs {
		if slices.Contains(needs[:i], need) {
			continue
		}
		r := Relief{Need: need}
		for _, p := range all {
			if o.fills(need, p) && !seen[p.ID] {
				r.Who = append(r.Who, Substitute{Professional: p, Member: t.has(p.ID)})
			}
		}
		slices.SortStableFunc(r.Who, func(a, b Substitute) int {
			return cmp.Or(cmp.Compare(a.ofTeam(), b.ofTeam()), cmp.Compare(o.unasked(a), o.unasked(b)), cmp.Compare(a.Family, b.Family), cmp.Compare(a.ID, b.ID))
		})
		if need == NeedSpecialties {
			r.Who = varied(r.Who)
		}
		r.Who = r.Who[:min(len(r.Who), mostSubstitutes)]
		for _, w := range r.Who {
			seen[w.ID] = true
		}
		if len(r.Who) > 0 {
			out = append(out, r)
		}
	}
	return out
}

// ofTeam sorts the team's own first.
func (s Substitute) ofTeam() int {
	if s.Member {
		return 0
	}
	return 1
}

// unasked sorts first those of a specialty that the meeting wants: somebody of
// it is invited.
func (o Outlook) unasked(w Substitute) int {
	if slices.ContainsFunc(o.Specialties, func(e Turnout) bool { return specialtyKey(e.Key) == specialtyKey(w.Specialty) }) {
		return 0
	}
	return 1
}

// varied keeps at most two of each specialty, in their order.
func varied(all []Substitute) (some []Substitute) {
	had := map[string]int{}
	for _, w := range all {
		if key := specialtyKey(w.Specialty); had[key] < 2 {
			had[key]++
			some = append(some, w)
		}
	}
	return some
}

// fills reports whether somebody is what a need lacks: a specialty, or a
// profession, that nobody who comes has.
func (o Outlook) fills(need string, p auth.Professional) bool {
	switch need {
	case NeedSpecialties:
		has := func(e Turnout) bool { return len(e.Yes) > 0 && specialtyKey(e.Key) == specialtyKey(p.Specialty) }
		return p.Profession == Physician && specialtyKey(p.Specialty) != "" && !slices.ContainsFunc(o.Specialties, has)
	case NeedProfessions:
		return p.Profession != Secretariat && len(o.Profession(p.Profession).Yes) == 0
	}
	return p.Profession == need
}

// free leaves out whom a booking holds.
func free(all []auth.Professional, booked []Booking) []auth.Professional {
	return slices.DeleteFunc(all, func(p auth.Professional) bool {
		return slices.ContainsFunc(booked, func(b Booking) bool {
			return slices.ContainsFunc(b.People, func(x auth.Professional) bool { return x.ID == p.ID })
		})
	})
}

// freeDates finds the next open days on which everybody required and the room
// are free, at the same local hour or, when there is none, at another.
func (s *Service) freeDates(ctx context.Context, full Full) ([]FreeDate, error) {
	m := full.Meeting
	closures, err := s.closures(ctx, full.Team)
	if err != nil {
		return nil, err
	}
	first := date.Later(date.Of(m.Starts.In(m.Location())), date.Of(s.now().In(m.Location()))).AddDays(1)
	booked, err := s.store.Busy(ctx, BusyQuery{
		Org: m.Org, From: first.In(m.Location()), To: first.AddDays(daysAhead).In(m.Location()), Room: m.Room, People: full.needed(),
		NotMeetings: []id.Meeting{m.ID},
	})
	if err != nil {
		return nil, err
	}
	return freeFrom(m, first, NoMeeting(full.Team.HolidayZone, closures), booked), nil
}

// needed are those without whom another date makes no sense: the members
// required and, when nobody is, everybody but the secretaries.
func (f Full) needed() []id.Professional {
	var required, all []id.Professional
	for _, a := range f.Attendance {
		if a.Role == auth.Secretary {
			continue
		}
		all = append(all, a.Professional.ID)
		if a.Required || slices.Contains(f.Team.Quorum.Required, a.Professional.Profession) {
			required = append(required, a.Professional.ID)
		}
	}
	if len(required) > 0 {
		return required
	}
	return all
}

// freeFrom tries the days from one on: the meeting's own hour on each of them,
// then, when no day has it free, the half hours of the working day.
func freeFrom(m Meeting, first date.Date, off DaysOff, booked []Booking) []FreeDate {
	loc := m.Location()
	starts := m.Starts.In(loc)
	var open []date.Date
	for n := range daysAhead {
		d := first.AddDays(n)
		_, shut := off(d)
		if w := d.Weekday(); !shut && w != time.Saturday && w != time.Sunday {
			open = append(open, d)
		}
	}
	same := []time.Duration{time.Duration(starts.Hour())*time.Hour + time.Duration(starts.Minute())*time.Minute}
	if found := freeOn(m, open, same, booked); len(found) > 0 {
		return found
	}
	var hours []time.Duration
	for at := firstHour * time.Hour; at+m.Duration() <= lastHour*time.Hour; at += datesApart {
		hours = append(hours, at)
	}
	return freeOn(m, open, hours, booked)
}

// freeOn returns the first free hour of each day, on the first days that have
// one.
func freeOn(m Meeting, days []date.Date, hours []time.Duration, booked []Booking) (found []FreeDate) {
	for _, d := range days {
		for _, h := range hours {
			at := time.Date(d.Year, d.Month, d.Day, 0, int(h.Minutes()), 0, 0, m.Location())
			one := FreeDate{Starts: at, Ends: at.Add(m.Duration())}
			if taken(one, booked) {
				continue
			}
			if found = append(found, one); len(found) == mostDates {
				return found
			}
			break
		}
	}
	return found
}

func taken(one FreeDate, booked []Booking) bool {
	return slices.ContainsFunc(booked, func(b Booking) bool {
		return b.Meeting.Starts.Before(one.Ends) && b.Meeting.Ends.After(one.Starts)
	})
}
