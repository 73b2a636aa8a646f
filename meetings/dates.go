package meetings

import (
	"context"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Dates reads a series with its meetings that have not begun, cancelled ones
// aside, in their order. Any member of the team may, and an administrator.
func (s *Service) Dates(ctx context.Context, a auth.Actor, sid id.Series) (Series, []Meeting, error) {
	st, err := s.store.SeriesState(ctx, a.Org, sid)
	if err != nil {
		return Series{}, nil, fault.Wrap("meetings.Dates", err)
	}
	if !a.Admin && !a.In(st.Team.ID) {
		return Series{}, nil, s.refuse(ctx, a, "series.read", Meeting{Team: st.Team.ID})
	}
	var coming []Meeting
	for _, f := range st.Dates {
		if m := f.Meeting; m.live() && m.Starts.After(s.now()) && m.Status.May(Cancelled) {
			coming = append(coming, m)
		}
	}
	return st.Series, coming, nil
}

// Over reports whether nothing of a series is left after a day.
func (s Series) Over(d date.Date) bool {
	return s.Ended || !s.Until.IsZero() && s.Until.Before(d) || s.overAt(d.AddDays(-1))
}

// Begun reports whether a series has a date of its rule before a day.
func (s Series) Begun(d date.Date) bool {
	return len(s.days(s.From, d.AddDays(-1))) > 0
}
