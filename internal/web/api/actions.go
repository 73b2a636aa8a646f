package api

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// step takes a meeting from one state to the next.
type step func(ctx context.Context, a auth.Actor, m id.Meeting, version int) (meetings.Meeting, error)

func (s *server) actionRoutes() {
	m := s.cfg.Meetings
	s.step("open", "Send the invitations and open registration", m.Open)
	s.step("close", "Close registration", m.Close)
	s.step("start", "Open the room", m.Start)
	s.step("end", "Close the room", m.End)
	add(s, post("/meetings/{id}/cancel", "cancel-meeting", "Cancel; those invited are told"), s.cancel)
	add(s, post("/meetings/{id}/move", "move-meeting", "Change the time or place; those invited are told"), s.move)
}

// Versioned is the part of a body that says which version the client saw.
type Versioned struct {
	Version int `json:"version,omitempty" minimum:"1" doc:"The version seen: 409 when somebody was first. Default: the current one."`
}

type stepInput struct {
	OneID
	Body *Versioned
}

func (s *server) step(verb, summary string, do step) {
	op := post("/meetings/{id}/"+verb, verb+"-meeting", summary)
	add(s, op, func(ctx context.Context, c caller, in *stepInput) (Meeting, error) {
		seen := 0
		if in.Body != nil {
			seen = in.Body.Version
		}
		m, version, err := s.seen(ctx, c, in.ID, seen)
		if err != nil {
			return Meeting{}, err
		}
		done, err := do(ctx, c.Actor, m, version)
		return meetingOf(done), err
	})
}

// seen is the meeting of a path and the version that the client saw, the
// current one when it does not say.
func (s *server) seen(ctx context.Context, c caller, raw string, version int) (id.Meeting, int, error) {
	m, err := idOf[id.Meeting](raw)
	if err != nil || version > 0 {
		return m, version, err
	}
	full, err := s.cfg.Meetings.Get(ctx, c.Actor, m)
	return m, full.Meeting.Version, err
}

type cancelInput struct {
	OneID
	Body struct {
		Versioned
		Reason string `json:"reason,omitempty" maxLength:"500" doc:"Told to nobody by mail: no patient data in calendars."`
	}
}

func (s *server) cancel(ctx context.Context, c caller, in *cancelInput) (Meeting, error) {
	m, version, err := s.seen(ctx, c, in.ID, in.Body.Version)
	if err != nil {
		return Meeting{}, err
	}
	done, err := s.cfg.Meetings.Cancel(ctx, c.Actor, m, version, in.Body.Reason)
	return meetingOf(done), err
}

type moveInput struct {
	OneID
	Body struct {
		Versioned
		Starts time.Time `json:"starts"`
		Ends   time.Time `json:"ends"`
		Room   *string   `json:"room,omitempty" maxLength:"200" doc:"Default: as it was."`
		URL    *string   `json:"url,omitempty" maxLength:"500" doc:"Default: as it was."`
	}
}

func (s *server) move(ctx context.Context, c caller, in *moveInput) (Meeting, error) {
	full, err := s.meeting(ctx, c, in.ID)
	if err != nil {
		return Meeting{}, err
	}
	was, to := full.Meeting, in.Body
	at := meetings.Move{Starts: to.Starts.UTC(), Ends: to.Ends.UTC(), Room: was.Room, URL: was.URL}
	if to.Room != nil {
		at.Room = *to.Room
	}
	if to.URL != nil {
		at.URL = *to.URL
	}
	version := to.Version
	if version == 0 {
		version = was.Version
	}
	done, err := s.cfg.Meetings.Move(ctx, c.Actor, was.ID, version, at)
	return meetingOf(done), err
}
