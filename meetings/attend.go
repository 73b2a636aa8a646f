package meetings

import (
	"context"
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// AttendanceEdit changes one person's attendance; nil leaves a field as it is.
type AttendanceEdit struct {
	Professional id.Professional
	Presence     *Presence
	Arrived      *time.Time
	Left         *time.Time
	Answer       *Answer
	Comment      *string
	ExpectFrom   *time.Time // zero: from the start
	ExpectUntil  *time.Time // zero: to the end
}

// SetAttendance notes who answered what and who was there, when. The secretary
// and the chair may for anybody; a member may give their own answer.
func (s *Service) SetAttendance(ctx context.Context, a auth.Actor, mid id.Meeting, edits []AttendanceEdit) ([]Attendance, error) {
	const op = "meetings.SetAttendance"
	full, err := s.store.MeetingByID(ctx, a.Org, mid)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	if !mayAttend(a, full.Meeting, edits) {
		return nil, s.refuse(ctx, a, "meeting.attendance", full.Meeting)
	}
	if full.Meeting.Status == Signed || full.Meeting.Status == Cancelled {
		return nil, fault.New(fault.Conflict, op, "L’état de la réunion ne le permet pas.")
	}
	one := Series{}
	if full.Meeting.Linked() {
		if one, err = s.store.SeriesByID(ctx, a.Org, full.Meeting.Series); err != nil {
			return nil, fault.Wrap(op, err)
		}
	}
	changed, err := applyEdits(full.Attendance, edits, edited{by: a.Professional, sequence: full.Meeting.sequence(one), at: s.now()})
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	by := s.change(a, "meeting.attendance", full.Meeting, event.MeetingChanged)
	if err := s.store.SaveAttendance(ctx, a.Org, mid, changed, by); err != nil {
		return nil, fault.Wrap(op, err)
	}
	full, err = s.store.MeetingByID(ctx, a.Org, mid)
	return full.discreet(a).Attendance, fault.Wrap(op, err)
}

func mayAttend(a auth.Actor, m Meeting, edits []AttendanceEdit) bool {
	if a.In(m.Team, auth.Secretary, auth.Chair) {
		return true
	}
	own := func(e AttendanceEdit) bool {
		return e.Professional == a.Professional && e.Presence == nil && e.Arrived == nil && e.Left == nil
	}
	return a.In(m.Team) && !slices.ContainsFunc(edits, func(e AttendanceEdit) bool { return !own(e) })
}

// edited is what edits of one meeting share: by whom, when, and the SEQUENCE
// that calendars hold.
type edited struct {
	by       id.Professional
	sequence int
	at       time.Time
}

func applyEdits(all []Attendance, edits []AttendanceEdit, with edited) ([]Attendance, error) {
	var c fault.Check
	var changed []Attendance
	for _, e := range edits {
		i := slices.IndexFunc(all, func(a Attendance) bool { return a.Professional.ID == e.Professional })
		if i < 0 {
			c.That(false, "attendance", "Cette personne n’est pas invitée.")
			continue
		}
		changed = append(changed, e.apply(all[i], with, &c))
	}
	return changed, c.Err("meetings.SetAttendance")
}

func (e AttendanceEdit) apply(a Attendance, with edited, c *fault.Check) Attendance {
	field := string(e.Professional)
	if e.Presence != nil {
		c.That(slices.Contains([]Presence{Expected, Present, Remote, Excused, Absent}, *e.Presence), field, "Présence inconnue.")
		a.Presence = *e.Presence
	}
	if e.Arrived != nil {
		a.Arrived = *e.Arrived
	}
	if e.Left != nil {
		a.Left = *e.Left
	}
	c.That(a.Arrived.IsZero() || a.Left.IsZero() || !a.Left.Before(a.Arrived), field, "Le départ vient avant l’arrivée.")
	if e.Answer != nil {
		c.That(slices.Contains([]Answer{NeedsAction, Accepted, Declined, Tentative, Delegated}, *e.Answer), field, "Réponse inconnue.")
		if *e.Answer != a.Answer { // a form sends every line, changed or not
			a.answer(*e.Answer, with.origin(e.Professional), with.sequence, with.at)
		}
	}
	a.expect(e.ExpectFrom, e.ExpectUntil, string(e.Professional), c)
	if e.Comment != nil {
		a.Comment = *e.Comment
	}
	return a
}

// expect notes from when until when the person said they come; nil changes nothing.
func (a *Attendance) expect(from, until *time.Time, field string, c *fault.Check) {
	if from != nil {
		a.ExpectFrom = *from
	}
	if until != nil {
		a.ExpectUntil = *until
	}
	c.That(a.ExpectFrom.IsZero() || a.ExpectUntil.IsZero() || a.ExpectFrom.Before(a.ExpectUntil), field,
		"Le départ prévu vient avant l’arrivée prévue.")
}

// origin says who answers for a person: they themselves, or somebody for them.
func (w edited) origin(who id.Professional) string {
	if w.by == who {
		return ByPage
	}
	return BySecretary
}
