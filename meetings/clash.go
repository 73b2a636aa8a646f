package meetings

import (
	"context"
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// BusyQuery asks for what takes place from From to To in a room, or with any of
// some people, other than some series and meetings.
type BusyQuery struct {
	Org         id.Org
	From, To    time.Time
	Room        string // compared without case and outer blanks; empty: none
	People      []id.Professional
	NotSeries   []id.Series
	NotMeetings []id.Meeting
}

// Booking is a meeting that takes a room or people.
type Booking struct {
	Meeting Meeting
	Room    bool                // it is in the room asked for
	People  []auth.Professional // of those asked for
}

// Clash is a date that cannot be held as wished without somebody, or a room,
// being in two places, or that falls on a day without meetings.
type Clash struct {
	Starts time.Time // of the date wished
	With   Meeting   // the other meeting; no id: a closed day
	Room   bool
	People []auth.Professional
	Closed string
}

// slot is a wished time and place.
type slot struct {
	Starts, Ends time.Time
	Room         string
	Closed       string // the day has no meetings
}

// clashes compares wished dates with what is booked.
func clashes(wished []slot, booked []Booking) []Clash {
	var all []Clash
	for _, w := range wished {
		if w.Closed != "" {
			all = append(all, Clash{Starts: w.Starts, Closed: w.Closed})
		}
		for _, b := range booked {
			if b.Meeting.Starts.Before(w.Ends) && b.Meeting.Ends.After(w.Starts) && (len(b.People) > 0 || b.Room && SameRoom(w.Room, b.Meeting.Room)) {
				all = append(all, Clash{Starts: w.Starts, With: b.Meeting, Room: b.Room && SameRoom(w.Room, b.Meeting.Room), People: b.People})
			}
		}
	}
	return all
}

// SameRoom reports whether two rooms are the same, whatever their case.
func SameRoom(a, b string) bool { return a != "" && auth.Fold(a) == auth.Fold(b) }

// clashes finds the clashes of the dates a plan makes or changes.
func (s *Service) clashes(ctx context.Context, st State, p Plan, knownClosed bool) ([]Clash, error) {
	var wished []slot
	q := BusyQuery{Org: st.Team.Org, NotSeries: []id.Series{}, NotMeetings: []id.Meeting{}}
	off := NoMeeting(st.Team.HolidayZone, st.Closures)
	for _, m := range slices.Concat(p.Make, p.Change) {
		q.NotMeetings = append(q.NotMeetings, m.ID)
		if !m.live() {
			continue
		}
		w := slot{Starts: m.Starts, Ends: m.Ends, Room: m.Room}
		if knownClosed {
			w.Closed, _ = off(date.Of(m.Starts.In(m.Location())))
		}
		wished = append(wished, w)
		q.Room = m.Room
	}
	if len(wished) == 0 {
		return nil, nil
	}
	for _, one := range p.Series {
		if knownClosed {
			break // one date may fall on another of its series
		}
		q.NotSeries = append(q.NotSeries, one.ID)
	}
	for _, m := range st.Team.Members {
		if m.Left.IsZero() && m.Role != auth.Secretary {
			q.People = append(q.People, m.ID)
		}
	}
	q.From, q.To = wished[0].Starts, wished[0].Ends
	for _, w := range wished {
		q.From, q.To = earlier(q.From, w.Starts), later(q.To, w.Ends)
	}
	booked, err := s.store.Busy(ctx, q)
	return clashes(wished, booked), err
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// errClash asks for a knowing yes.
func errClash(op string) error {
	var c fault.Check
	c.That(false, "anyway", "Des dates sont en conflit. Cochez la case pour les garder quand même.")
	return c.Err(op)
}
