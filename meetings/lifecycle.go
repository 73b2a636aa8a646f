package meetings

import (
	"context"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Ahead is what a run of the weekly job did: meetings made, and the public
// holidays it skipped.
type Ahead struct {
	Made    int
	Skipped []Occurrence
}

// MakeAhead makes the meetings of a series (of all when empty) up to a day. It
// can run twice, and on two machines at once: a meeting exists once per series
// and local date.
func (s *Service) MakeAhead(ctx context.Context, a auth.Actor, series id.Series, until date.Date) (Ahead, error) {
	const op = "meetings.MakeAhead"
	teams, err := s.store.Teams(ctx, a.Org)
	if err != nil {
		return Ahead{}, fault.Wrap(op, err)
	}
	all, err := s.store.SeriesOf(ctx, a.Org, nil)
	if err != nil {
		return Ahead{}, fault.Wrap(op, err)
	}
	byID := map[id.Team]Team{}
	for _, t := range teams {
		byID[t.ID] = t
	}
	var done Ahead
	for _, one := range all {
		team := byID[one.Team]
		if (series != "" && one.ID != series) || !a.Admin && !a.In(team.ID, auth.Secretary, auth.Chair) {
			continue
		}
		if err := s.makeSeries(ctx, a, one, team, until, &done); err != nil {
			return done, fault.Wrap(op, err)
		}
	}
	return done, nil
}

func (s *Service) makeSeries(ctx context.Context, a auth.Actor, series Series, team Team, until date.Date, done *Ahead) error {
	loc, err := time.LoadLocation(team.Zone)
	if err != nil {
		return err
	}
	var due []Meeting
	for _, o := range series.Occurrences(date.Of(s.now().In(loc)), until, loc, team.HolidayZone) {
		if o.Holiday != "" {
			done.Skipped = append(done.Skipped, o)
			continue
		}
		due = append(due, s.newMeeting(team, series.ID, o, series.Room, series.URL))
	}
	if len(due) == 0 {
		return nil
	}
	by := a.Change(s.now(), "meeting.make", "series", string(series.ID))
	by.Entry.Team = team.ID
	made, err := s.store.CreateMeetings(ctx, due, by)
	done.Made += made
	return err
}

func (s *Service) newMeeting(team Team, series id.Series, o Occurrence, room, url string) Meeting {
	now := s.now()
	m := Meeting{
		ID: id.New[id.Meeting](), Org: team.Org, Team: team.ID, Series: series, Slot: o.Day, Kind: team.Kind,
		TeamName: team.Name, Starts: o.Starts, Ends: o.Ends, Zone: team.Zone, Room: room, URL: url, Status: Draft,
		Cutoff: o.Starts.Add(-time.Duration(team.CutoffHours) * time.Hour), Version: 1, Created: now, Updated: now,
	}
	m.UID = string(m.ID) + "@rcp"
	return m
}

// Create makes one meeting outside any series.
func (s *Service) Create(ctx context.Context, a auth.Actor, team id.Team, to Move) (Meeting, error) {
	const op = "meetings.Create"
	t, err := s.store.TeamByID(ctx, a.Org, team)
	if err != nil {
		return Meeting{}, fault.Wrap(op, err)
	}
	if !a.In(team, auth.Secretary, auth.Chair) {
		return Meeting{}, s.refuse(ctx, a, "meeting.create", Meeting{Team: team})
	}
	if err := to.check(op); err != nil {
		return Meeting{}, err
	}
	loc, err := time.LoadLocation(t.Zone)
	if err != nil {
		return Meeting{}, fault.Wrap(op, err)
	}
	o := Occurrence{Day: date.Of(to.Starts.In(loc)), Starts: to.Starts, Ends: to.Ends}
	m := s.newMeeting(t, "", o, to.Room, to.URL)
	_, err = s.store.CreateMeetings(ctx, []Meeting{m}, s.change(a, "meeting.create", m, event.MeetingChanged))
	return m, fault.Wrap(op, err)
}

// Open sends the invitations and opens registration.
func (s *Service) Open(ctx context.Context, a auth.Actor, m id.Meeting, version int) (Meeting, error) {
	return s.step(ctx, a, m, version, "open", Open, func(m *Meeting, now time.Time) event.Kind {
		if m.Status == Closed { // registration opens again: everybody is invited already
			m.Closed = time.Time{}
			return event.MeetingChanged
		}
		m.Opened = now
		return event.MeetingOpened
	})
}

// Close closes registration.
func (s *Service) Close(ctx context.Context, a auth.Actor, m id.Meeting, version int) (Meeting, error) {
	return s.step(ctx, a, m, version, "close", Closed, func(m *Meeting, now time.Time) event.Kind {
		m.Closed = now
		return event.MeetingChanged
	})
}

// Start opens the room.
func (s *Service) Start(ctx context.Context, a auth.Actor, m id.Meeting, version int) (Meeting, error) {
	return s.step(ctx, a, m, version, "start", Running, func(m *Meeting, now time.Time) event.Kind {
		if m.Started.IsZero() {
			m.Started = now
		}
		m.HeldAt = time.Time{}
		return event.MeetingChanged
	})
}

// End closes the room: the minutes can be read over and signed.
func (s *Service) End(ctx context.Context, a auth.Actor, m id.Meeting, version int) (Meeting, error) {
	return s.step(ctx, a, m, version, "end", Held, func(m *Meeting, now time.Time) event.Kind {
		m.HeldAt = now
		return event.MeetingChanged
	})
}

// Cancel cancels a meeting. Those invited are told.
func (s *Service) Cancel(ctx context.Context, a auth.Actor, m id.Meeting, version int, reason string) (Meeting, error) {
	return s.step(ctx, a, m, version, "cancel", Cancelled, func(m *Meeting, _ time.Time) event.Kind {
		m.Reason = strings.TrimSpace(reason)
		m.Sequence++
		if m.Opened.IsZero() {
			return event.MeetingChanged
		}
		return event.MeetingCancelled
	})
}

// step takes a meeting to a state: version, right and state machine first.
func (s *Service) step(ctx context.Context, a auth.Actor, mid id.Meeting, version int, verb string, to Status,
	apply func(*Meeting, time.Time) event.Kind,
) (Meeting, error) {
	op, action := "meetings."+verb, "meeting."+verb
	full, err := s.lead(ctx, a, mid, version, action)
	if err != nil {
		return Meeting{}, fault.Wrap(op, err)
	}
	m := full.Meeting
	if !m.Status.May(to) {
		return m, fault.New(fault.Conflict, op, "L’état de la réunion ne le permet pas.")
	}
	now := s.now()
	kind := apply(&m, now)
	m.Status, m.Updated = to, now
	if err := s.store.UpdateMeeting(ctx, m, s.change(a, action, m, kind)); err != nil {
		return Meeting{}, fault.Wrap(op, err)
	}
	m.Version++
	return m, nil
}

// lead reads a meeting that the actor leads (secretary or chair) at a version.
func (s *Service) lead(ctx context.Context, a auth.Actor, mid id.Meeting, version int, action string) (Full, error) {
	full, err := s.store.MeetingByID(ctx, a.Org, mid)
	if err != nil {
		return Full{}, err
	}
	if !a.In(full.Meeting.Team, auth.Secretary, auth.Chair) {
		return Full{}, s.refuse(ctx, a, action, full.Meeting)
	}
	if version != full.Meeting.Version {
		return Full{}, fault.New(fault.Conflict, action, "Quelqu’un a modifié ceci entre-temps. Rechargez la page.")
	}
	return full, nil
}

// Move changes the time or place of one meeting. Those invited are told, and
// their answers to the old time no longer stand.
func (s *Service) Move(ctx context.Context, a auth.Actor, mid id.Meeting, version int, to Move) (Meeting, error) {
	const op = "meetings.Move"
	full, err := s.lead(ctx, a, mid, version, "meeting.move")
	if err != nil {
		return Meeting{}, fault.Wrap(op, err)
	}
	m := full.Meeting
	if m.Status != Draft && m.Status != Open && m.Status != Closed {
		return m, fault.New(fault.Conflict, op, "L’état de la réunion ne le permet pas.")
	}
	if err := to.check(op); err != nil {
		return m, err
	}
	kind := event.MeetingChanged
	if !m.Opened.IsZero() {
		kind = event.MeetingMoved
	}
	m.Cutoff = m.Cutoff.Add(to.Starts.Sub(m.Starts))
	m.Starts, m.Ends, m.Room, m.URL, m.Updated = to.Starts, to.Ends, to.Room, to.URL, s.now()
	m.Sequence++
	if err := s.store.UpdateMeeting(ctx, m, s.change(a, "meeting.move", m, kind)); err != nil {
		return Meeting{}, fault.Wrap(op, err)
	}
	m.Version++
	return m, nil
}

func (to Move) check(op string) error {
	var c fault.Check
	c.That(!to.Starts.IsZero(), "starts", "Une date et une heure sont attendues.")
	length := to.Ends.Sub(to.Starts)
	c.That(length >= 10*time.Minute && length <= 8*time.Hour, "ends", "Entre 10 minutes et 8 heures.")
	return c.Err(op)
}
