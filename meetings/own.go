package meetings

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings/ical"
)

// Own is a meeting that somebody is invited to, as their feed shows it.
type Own struct {
	Meeting
	Organizer string // the team's mailbox; may be empty
}

// OwnStore is what reading one's own meetings needs of the database.
type OwnStore interface {
	// OwnMeetings reads the meetings a person is invited to that end after an
	// instant, oldest first.
	OwnMeetings(ctx context.Context, org id.Org, who id.Professional, from time.Time, limit int) ([]Own, error)
}

// What a feed goes back to, how long it tells of a cancellation, and how many
// meetings it holds at most.
const (
	feedPast      = 3 // months
	feedCancelled = 30 * 24 * time.Hour
	feedMost      = 2000
)

// Own lists the meetings that the actor's own calendar shows: those they are
// invited to, in whatever team, from three months ago on, oldest first. One that
// nobody was told of is not among them; a cancelled one is for thirty days.
func (s *Service) Own(ctx context.Context, a auth.Actor) ([]Own, error) {
	const op = "meetings.Own"
	if a.Professional == "" {
		return nil, nil
	}
	now := s.now()
	all, err := s.store.OwnMeetings(ctx, a.Org, a.Professional, now.AddDate(0, -feedPast, 0), feedMost)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	var shown []Own
	for _, o := range all {
		if o.shown(now) {
			shown = append(shown, o)
		}
	}
	return shown, nil
}

// shown reports whether a feed tells of the meeting. One that its series took
// back was moved rather than cancelled: the other date tells of it.
func (o Own) shown(now time.Time) bool {
	told := !o.Opened.IsZero() || o.Linked() || o.Status != Draft && o.Status != Cancelled
	recent := !o.live() && !o.Lapsed && now.Sub(o.Updated) < feedCancelled
	return told && (o.live() || recent)
}

// Event is the meeting as an event of its own, under a UID that stays. Its stamp
// is that of the last change, so that the same meeting gives the same bytes.
// Sender stands for the organiser where the team has no mailbox.
func (o Own) Event(sender, page string) ical.Event {
	e := ical.Event{
		UID: o.UID, Sequence: o.Sequence, Stamp: o.Updated, Start: o.Starts, End: o.Ends, Zone: o.Zone,
		Summary: Summary(o.Kind, o.TeamName), Location: o.Room, URL: o.URL, Status: ical.Confirmed,
		Description: page + "\nAucune donnée de santé ne figure dans cet agenda.",
		Organizer:   ical.Organizer{Name: o.TeamName, Address: o.Organizer},
	}
	if o.Organizer == "" {
		e.Organizer.Address = sender
	}
	if !o.live() { // many programs show a feed's STATUS nowhere
		e.Status, e.Summary = ical.Cancelled, "Annulée : "+e.Summary
	}
	return e
}
