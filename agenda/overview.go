package agenda

import (
	"context"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Load is how full a meeting is, and how many of its cases are at risk, without
// saying of whom: cases on the agenda, their minutes and the meeting's.
type Load struct {
	Cases      int
	Planned    int
	Capacity   int
	Threatened int // cases that would lack their quorum, or a profession they are about; 0 once the meeting began
}

// Load returns how full a meeting is, to any member of its team. It names no
// patient, so that a reading leaves no trace.
func (s *Service) Load(ctx context.Context, a auth.Actor, m id.Meeting) (Load, error) {
	const op = "agenda.Load"
	full, err := s.meeting(ctx, a, m, "agenda.load")
	if err != nil {
		return Load{}, fault.Wrap(op, err)
	}
	lines, err := s.store.AgendaItems(ctx, full.Meeting.Org, m)
	if err != nil {
		return Load{}, fault.Wrap(op, err)
	}
	g := arrange(full.Meeting, timed(full, lines), func(id.Patient) bool { return true })
	load := Load{Cases: len(g.Items), Planned: g.Planned, Capacity: g.Capacity}
	if load.Cases == 0 || !full.Meeting.Status.May(meetings.Cancelled) {
		return load, nil
	}
	concerns, err := s.store.Concerns(ctx, full.Meeting.Org, m)
	load.Threatened = foresee(full, g, concerns).Threatened()
	return load, fault.Wrap(op, err)
}

// CountWaiting counts the requests that wait in the teams that the actor
// prepares, up to a limit; like Load it names nobody.
func (s *Service) CountWaiting(ctx context.Context, a auth.Actor, limit int) (int, error) {
	f := RequestFilter{Org: a.Org, All: a.System, Who: a.Professional, On: date.Of(s.now()), Status: []RequestStatus{RequestWaiting}, Limit: limit}
	for _, t := range a.TeamIDs() {
		if a.In(t, auth.Secretary, auth.Chair) {
			f.Teams = append(f.Teams, t)
		}
	}
	if len(f.Teams) == 0 && !a.System {
		return 0, nil
	}
	items, _, err := s.store.Requests(ctx, f)
	if err != nil {
		return 0, fault.Wrap("agenda.CountWaiting", err)
	}
	outside, err := s.store.OutsideOf(ctx, a.Org, f.Teams, OutsideWaiting)
	return min(len(items)+len(outside), limit), fault.Wrap("agenda.CountWaiting", err)
}
