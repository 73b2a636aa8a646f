package agenda

import (
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// fitted are the states of a meeting in which an edit refits the rest of its
// agenda; a running meeting's lines are only renumbered.
var fitted = []meetings.Status{meetings.Draft, meetings.Open, meetings.Closed}

// refit fits the lines anew around those that the secretary pinned, moved or
// added. Unlike draft it looks for no new patient and for no new reason: what
// the secretary reads stays, and an edit costs the same whatever is stored.
func (d drafting) refit() []Item {
	var pool, kept, rest []Item
	for _, l := range d.lines {
		reviewable, _ := l.Patient.Reviewable()
		switch {
		case l.Status == Deferred || l.Status == Withdrawn || l.Standard && reviewable:
			rest = append(rest, l)
		case l.held():
			kept = append(kept, l)
		case !reviewable:
			rest = append(rest, dropped(l, whyDropped(l)))
		default:
			l.DeferWhy = ""
			pool = append(pool, l)
		}
	}
	return d.fit(pool, kept, rest)
}

// begun reports whether the case was opened in the meeting.
func (l Item) begun() bool { return l.Status == Discussed || !l.Started.IsZero() }

// held reports whether the line stands where a person put it.
func (l Item) held() bool {
	reviewable, _ := l.Patient.Reviewable()
	return l.begun() || reviewable && l.Status == Scheduled && (l.Pinned || l.Origin == ByHand)
}

// timed sets when each line of the agenda is planned: one after the other from
// the meeting's start. A line that no person put there waits for who presents it.
func timed(full meetings.Full, lines []Item) []Item {
	lines, h := slices.Clone(lines), hoursOf(full)
	order := make([]int, 0, len(lines))
	for i := range lines {
		lines[i].At = time.Time{}
		if may := lines[i].AsItMay(); (may.Status == Scheduled || may.Status == Discussed) && !may.Standard {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return lines[a].Position - lines[b].Position })
	at := full.Meeting.Starts
	for _, i := range order {
		if from := h[lines[i].Presenter].From; !lines[i].held() && from.After(at) {
			at = from
		}
		lines[i].At = at
		at = at.Add(lines[i].lasts())
	}
	return lines
}

func (l Item) lasts() time.Duration { return time.Duration(l.Minutes) * time.Minute }

// Stay is from when until when somebody is expected; zero: the whole meeting.
type Stay struct {
	From, Until time.Time
}

// Hours are those of the people who do not come for the whole meeting.
type Hours map[id.Professional]Stay

func hoursOf(full meetings.Full) Hours {
	h := Hours{}
	for _, a := range full.Attendance {
		s := Stay{From: a.ExpectFrom, Until: a.ExpectUntil}
		if !s.From.After(full.Meeting.Starts) {
			s.From = time.Time{}
		}
		if !s.Until.Before(full.Meeting.Ends) {
			s.Until = time.Time{}
		}
		if s != (Stay{}) {
			h[a.Professional.ID] = s
		}
	}
	return h
}

// there reports whether they are there from an instant on for a line.
func (s Stay) there(l Item, at time.Time) bool {
	return !at.Before(s.From) && (s.Until.IsZero() || !at.Add(l.lasts()).After(s.Until))
}
