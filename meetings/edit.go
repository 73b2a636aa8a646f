package meetings

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Outline is what an edit will do, shown before it is saved: to each date, to
// whom a message goes, and what it clashes with.
type Outline struct {
	Effects []Effect
	Notices []Notice
	Clashes []Clash
	Reasked []auth.Professional // whose answers are asked again
	States  []State             // the objects as they will be, for the words of the mails
}

// State returns the object that a notice tells of.
func (o Outline) State(n Notice) State {
	for _, st := range o.States {
		if st.UID() == n.Event.UID {
			return st
		}
	}
	return State{}
}

// draft is an edit worked out.
type draft struct {
	state  State
	plan   Plan
	before []Clash
}

// outline says what saving a draft does: the messages are those the dispatcher
// will make of the saved state, by the same function.
func (d draft) outline(now time.Time) Outline {
	o := Outline{Effects: d.plan.Effects, Clashes: d.before}
	for _, st := range d.plan.after(d.state) {
		o.States = append(o.States, st)
		o.Notices = append(o.Notices, st.Outgoing(now)...)
	}
	seen := map[id.Professional]bool{}
	for _, f := range d.state.Dates {
		if !slices.Contains(d.plan.Reask, f.Meeting.ID) {
			continue
		}
		for _, a := range f.Attendance {
			if p := a.Professional; a.Answer != NeedsAction && !seen[p.ID] {
				seen[p.ID] = true
				o.Reasked = append(o.Reasked, p)
			}
		}
	}
	return o
}

// SeriesOutline says what SaveSeries would do, without doing it.
func (s *Service) SeriesOutline(ctx context.Context, a auth.Actor, sid id.Series, version int, e SeriesEdit) (Outline, error) {
	d, err := s.draftSeries(ctx, a, "meetings.SeriesOutline", sid, version, e)
	if err != nil {
		return Outline{}, err
	}
	return d.outline(s.now()), nil
}

// SaveSeries makes a series (empty id) and announces it, or changes one from
// e.From on. Dates that are over or have begun never change: a new hour or rule
// ends the series before e.From and goes on as another, which is returned.
func (s *Service) SaveSeries(ctx context.Context, a auth.Actor, sid id.Series, version int, e SeriesEdit) (Series, error) {
	const op = "meetings.SaveSeries"
	d, err := s.draftSeries(ctx, a, op, sid, version, e)
	if err != nil {
		return Series{}, err
	}
	if len(d.before) > 0 && !e.Anyway {
		return Series{}, errClash(op)
	}
	action := "series.save"
	if e.Stop {
		action = "series.stop"
	}
	if err := s.store.SavePlan(ctx, d.plan, s.planChange(a, action, d)); err != nil {
		return Series{}, fault.Wrap(op, err)
	}
	last := d.plan.Series[len(d.plan.Series)-1]
	last.Version++
	return last, nil
}

// planChange records a plan: one event for each object it touches.
func (s *Service) planChange(a auth.Actor, action string, d draft) audit.Change {
	one := d.state.Series
	if len(d.plan.Series) > 0 {
		one = d.plan.Series[0]
	}
	by := s.seriesChange(a, action, one)
	for _, touched := range d.plan.Series {
		by.Events = append(by.Events, s.seriesChange(a, action, touched, event.SeriesChanged).Events...)
	}
	return by
}

// draftSeries works out an edit of a series: who may, what is wished, what it
// does, what it clashes with.
func (s *Service) draftSeries(ctx context.Context, a auth.Actor, op string, sid id.Series, version int, e SeriesEdit) (draft, error) {
	st, err := s.seriesState(ctx, a, sid, e.Team)
	if err != nil {
		return draft{}, fault.Wrap(op, err)
	}
	if !a.Admin && !a.In(st.Team.ID, auth.Secretary, auth.Chair) {
		return draft{}, s.refuse(ctx, a, "series.save", Meeting{Team: st.Team.ID})
	}
	if sid != "" && version != st.Series.Version {
		return draft{}, fault.New(fault.Conflict, op, "Quelqu’un a modifié ceci entre-temps. Rechargez la page.")
	}
	now := s.now()
	if e.Stop {
		return draft{state: st, plan: st.stop(e.From, now)}, nil
	}
	e.Team = st.Team.ID
	want := e.apply(st.Series)
	want.Zone, want.Updated = st.Team.Zone, now
	if sid == "" {
		want.ID, want.Org, want.Created = id.New[id.Series](), a.Org, now
		want.Root = want.ID
	}
	if want.Announced.IsZero() {
		want.Announced = now
	}
	if err := want.check(op); err != nil {
		return draft{}, err
	}
	d := draft{state: st, plan: st.change(want, e.From, now, id.New[id.Series]())}
	d.before, err = s.clashes(ctx, st, d.plan, false)
	return d, fault.Wrap(op, err)
}

// seriesState reads a series, or what a new one of a team starts from.
func (s *Service) seriesState(ctx context.Context, a auth.Actor, sid id.Series, team id.Team) (State, error) {
	if sid != "" {
		return s.store.SeriesState(ctx, a.Org, sid)
	}
	var st State
	var err error
	if st.Team, err = s.store.TeamByID(ctx, a.Org, team); err != nil {
		return st, err
	}
	if st.Org, err = s.store.OrgByID(ctx, a.Org); err != nil {
		return st, err
	}
	st.Closures, err = s.closures(ctx, st.Team)
	return st, err
}

// stop cancels every date of a series from a day on: it ends before that day
// or, when nothing of it has begun, is taken back whole.
func (s State) stop(from date.Date, now time.Time) Plan {
	cut := s.cut(from, s.Series.Location(), now)
	one := s.Series
	if s.hasBefore(cut, now) {
		one = one.endBefore(cut)
	} else {
		one.Ended = true
	}
	one.Sequence, one.Updated = s.nextSequence(), now
	p := Plan{Series: []Series{one}}
	for _, m := range s.left(cut, now) {
		p.drop(m, now, "La série s’arrête.")
	}
	return p
}

// left are the dates that the end of a series takes away: those its rule gives
// from a day on, and those moved there from before.
func (s State) left(cut date.Date, now time.Time) []Meeting {
	all := s.standing(cut, now)
	for _, f := range s.Dates {
		m := f.Meeting
		late := m.Slot.Before(cut) && !date.Of(m.Starts.In(m.Location())).Before(cut)
		if m.Linked() && late && !m.begun(now) {
			all = append(all, m)
		}
	}
	return slices.DeleteFunc(all, func(m Meeting) bool { return !m.live() })
}

// DateEdit changes or cancels one meeting.
type DateEdit struct {
	Version int
	Move    *Move  // nil: Cancel
	Reason  string // of the cancellation
}

// DateOutline says what Move or Cancel would do, without doing it.
func (s *Service) DateOutline(ctx context.Context, a auth.Actor, m id.Meeting, e DateEdit) (Outline, error) {
	d, _, err := s.draftDate(ctx, a, "meetings.DateOutline", m, e)
	if err != nil {
		return Outline{}, err
	}
	return d.outline(s.now()), nil
}

// Move changes the time or place of one meeting. Those invited are told, and
// their answers to the old time no longer stand.
func (s *Service) Move(ctx context.Context, a auth.Actor, m id.Meeting, version int, to Move) (Meeting, error) {
	return s.editDate(ctx, a, "meetings.Move", m, DateEdit{Version: version, Move: &to})
}

// Cancel cancels a meeting. Those invited are told.
func (s *Service) Cancel(ctx context.Context, a auth.Actor, m id.Meeting, version int, reason string) (Meeting, error) {
	return s.editDate(ctx, a, "meetings.Cancel", m, DateEdit{Version: version, Reason: strings.TrimSpace(reason)})
}

func (s *Service) editDate(ctx context.Context, a auth.Actor, op string, mid id.Meeting, e DateEdit) (Meeting, error) {
	d, m, err := s.draftDate(ctx, a, op, mid, e)
	if err != nil {
		return m, err
	}
	if len(d.before) > 0 && e.Move != nil && !e.Move.Anyway {
		return m, errClash(op)
	}
	action, kind := "meeting.move", event.MeetingMoved
	if e.Move == nil {
		action, kind = "meeting.cancel", event.MeetingCancelled
	}
	if !m.Linked() && m.Opened.IsZero() {
		kind = event.MeetingChanged
	}
	by := s.change(a, action, m, kind)
	if err := s.store.SavePlan(ctx, d.plan, by); err != nil {
		return Meeting{}, fault.Wrap(op, err)
	}
	m = d.plan.Change[0]
	m.Version++
	return m, nil
}

// draftDate works out an edit of one meeting.
func (s *Service) draftDate(ctx context.Context, a auth.Actor, op string, mid id.Meeting, e DateEdit) (draft, Meeting, error) {
	verb := "meeting.cancel"
	if e.Move != nil {
		verb = "meeting.move"
	}
	full, err := s.lead(ctx, a, mid, e.Version, verb)
	if err != nil {
		return draft{}, Meeting{}, fault.Wrap(op, err)
	}
	m := full.Meeting
	if !m.Status.May(Cancelled) {
		return draft{}, m, fault.New(fault.Conflict, op, "L’état de la réunion ne le permet pas.")
	}
	if e.Move != nil {
		if err := e.Move.check(op); err != nil {
			return draft{}, m, err
		}
	}
	var st State
	if m.Linked() {
		st, err = s.store.SeriesState(ctx, a.Org, m.Series)
	} else {
		st, err = s.store.MeetingState(ctx, a.Org, m.ID)
	}
	if err != nil {
		return draft{}, m, fault.Wrap(op, err)
	}
	d := draft{state: st, plan: st.editDate(m, e, s.now())}
	if e.Move != nil {
		d.before, err = s.clashes(ctx, st, d.plan, true)
	}
	return d, m, fault.Wrap(op, err)
}

// editDate is the plan of a change to one date. Within a series, a cancelled
// date changes the series (EXDATE), a moved one does not.
func (s State) editDate(m Meeting, e DateEdit, now time.Time) Plan {
	var p Plan
	was := m.Starts
	m.Updated = now
	if m.Linked() {
		m.Sequence = max(m.Sequence, s.Series.Sequence)
	}
	m.Sequence++
	effect := Effect{Meeting: m.ID, Was: was}
	if e.Move == nil {
		m.Status, m.Reason = Cancelled, e.Reason
		effect.Kind = Dropped
		if m.Linked() {
			one := s.Series
			one.Sequence, one.Updated = max(s.nextSequence(), m.Sequence), now
			p.Series = []Series{one}
		}
	} else {
		to := e.Move
		effect.Kind = Relocated
		if !to.Starts.Equal(m.Starts) || !to.Ends.Equal(m.Ends) {
			effect.Kind, effect.Answers = Rescheduled, s.answered(m.ID)
			p.Reask = []id.Meeting{m.ID}
		}
		m.hold(to.Starts, to.Ends)
		m.Room, m.URL = to.Room, to.URL
		if m.Linked() {
			p.Series = []Series{s.Series}
		}
	}
	effect.Starts, effect.Ends = m.Starts, m.Ends
	p.Change, p.Effects = []Meeting{m}, []Effect{effect}
	return p
}

// Create makes one meeting outside any series, or a date of a series (in)
// outside its rule: an object of its own in calendars, as RDATE is not
// understood by all.
func (s *Service) Create(ctx context.Context, a auth.Actor, team id.Team, in id.Series, to Move) (Meeting, error) {
	const op = "meetings.Create"
	m, clash, err := s.draftNew(ctx, a, op, team, in, to)
	if err != nil {
		return Meeting{}, err
	}
	if len(clash) > 0 && !to.Anyway {
		return Meeting{}, errClash(op)
	}
	_, err = s.store.CreateMeetings(ctx, []Meeting{m}, s.change(a, "meeting.create", m, event.MeetingChanged))
	m.Version = 1
	return m, fault.Wrap(op, err)
}

// CreateOutline says what Create would do, without doing it. Nobody is told
// before the invitations to the meeting leave.
func (s *Service) CreateOutline(ctx context.Context, a auth.Actor, team id.Team, in id.Series, to Move) (Outline, error) {
	m, clash, err := s.draftNew(ctx, a, "meetings.CreateOutline", team, in, to)
	if err != nil {
		return Outline{}, err
	}
	return Outline{Effects: []Effect{{Kind: Added, Starts: m.Starts, Ends: m.Ends}}, Clashes: clash}, nil
}

// draftNew works out a new meeting and what it clashes with.
func (s *Service) draftNew(ctx context.Context, a auth.Actor, op string, team id.Team, in id.Series, to Move) (Meeting, []Clash, error) {
	if !a.In(team, auth.Secretary, auth.Chair) {
		return Meeting{}, nil, s.refuse(ctx, a, "meeting.create", Meeting{Team: team})
	}
	if err := to.check(op); err != nil {
		return Meeting{}, nil, err
	}
	st, err := s.seriesState(ctx, a, in, team)
	if err != nil {
		return Meeting{}, nil, fault.Wrap(op, err)
	}
	if st.Team.ID != team {
		return Meeting{}, nil, fault.New(fault.NotFound, op, "")
	}
	loc, err := date.Zone(st.Team.Zone)
	if err != nil {
		return Meeting{}, nil, fault.Wrap(op, err)
	}
	day := date.Of(to.Starts.In(loc))
	if slices.ContainsFunc(st.Dates, func(f Full) bool { return f.Meeting.Slot == day }) {
		return Meeting{}, nil, fault.New(fault.Conflict, op, "La série a déjà une date ce jour-là.")
	}
	one := Series{ID: in, Zone: st.Team.Zone, Room: to.Room, URL: to.URL}
	m := st.newDate(one, Occurrence{Day: day, Starts: to.Starts, Ends: to.Ends}, s.now())
	clash, err := s.clashes(ctx, st, Plan{Make: []Meeting{m}}, true)
	return m, clash, fault.Wrap(op, err)
}

// Outgoing reads what an event's object still has to tell calendars: the state
// it was worked out from and the messages.
func (s *Service) Outgoing(ctx context.Context, a auth.Actor, e event.Event, sender string) (State, []Notice, error) {
	const op = "meetings.Outgoing"
	if !a.System {
		return State{}, nil, fault.New(fault.Forbidden, op, "Vous ne pouvez pas faire ceci.")
	}
	var st State
	var err error
	if e.Series != "" {
		st, err = s.store.SeriesState(ctx, a.Org, e.Series)
	} else {
		st, err = s.store.MeetingState(ctx, a.Org, e.Meeting)
	}
	if err != nil {
		return st, nil, fault.Wrap(op, err)
	}
	if st.Team.OrganizerAddress == "" {
		st.Team.OrganizerAddress = sender
	}
	return st, st.Outgoing(s.now()), nil
}
