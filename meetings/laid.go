package meetings

import (
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/meetings/ical"
)

// Laid is the state of a new series of a team once it is saved: its dates made
// to the horizon, everybody invited.
func Laid(s State, one Series, now time.Time) State {
	return s.change(one, one.From, now, one.ID).after(s)[0]
}

// Object is what a person's calendar should hold of the state, without its
// Stamp; ok is false when it should hold nothing.
func (s State) Object(who auth.Professional, now time.Time) (e ical.Event, ok bool) {
	v := s.View(who.ID, now)
	if v.Gone || !v.known() {
		return e, false
	}
	return s.event(readers{who.ID}, v, now), true
}
