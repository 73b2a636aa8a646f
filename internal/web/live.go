package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/live"
	"github.com/rcp-care/rcp/meetings"
)

const (
	// liveBeat is how often a silent screen hears that it is still connected,
	// and how often its right to listen is looked at again.
	liveBeat = 15 * time.Second
	// liveWrite is how long a screen may take to read what was sent.
	liveWrite = 10 * time.Second
)

// liveStream is one screen that listens to a meeting.
type liveStream struct {
	*Server
	r       *request
	out     *http.ResponseController
	meeting meetings.Meeting
	token   string
}

// liveEvents tells a screen, as server-sent events, that something of the
// meeting changed: a kind, an id and a case's tag, never a patient's, so that it
// reads again what it may see. It resumes after Last-Event-ID (or ?since=).
func (s *Server) liveEvents(r *request) error {
	full, err := s.meetingOf(r)
	if err != nil {
		return err
	}
	if s.cfg.Live == nil {
		return fault.New(fault.NotFound, "web.liveEvents", "")
	}
	token, err := r.Cookie(s.cookieName())
	if err != nil {
		return fault.Wrap("web.liveEvents", err)
	}
	st := &liveStream{Server: s, r: r, out: http.NewResponseController(r.Writer), meeting: full.Meeting, token: token}
	_ = st.out.SetReadDeadline(time.Time{}) // the server's would end the stream; a recorder has none
	r.Header("Content-Type", "text/event-stream; charset=utf-8")
	r.Header("X-Accel-Buffering", "no") // a proxy in front passes each event on at once
	r.Status(http.StatusOK)
	listener := s.cfg.Live.Listen(full.Meeting.Team, full.Meeting.ID)
	defer listener.Close()
	if st.resume() == nil {
		st.follow(listener)
	}
	return nil // the answer has begun: what breaks it now only ends it
}

// resume sends what happened since the screen last heard.
func (st *liveStream) resume() error {
	if err := st.send("retry: 2000\n\n"); err != nil {
		return err
	}
	last := id.Event(st.r.GetHeader("Last-Event-ID"))
	if !id.Valid(last) {
		last = id.Event(st.r.Query("since"))
	}
	if !id.Valid(last) {
		return nil
	}
	events, whole, err := st.cfg.Live.Since(st.r.ctx(), st.meeting.Team, st.meeting.ID, last)
	if err != nil || !whole {
		return st.resync()
	}
	return st.tell(events)
}

// follow sends what happens until the screen goes, the service ends, or the
// person may no longer listen.
func (st *liveStream) follow(l *live.Listener) {
	beat := time.NewTicker(liveBeat)
	defer beat.Stop()
	for {
		var err error
		select {
		case <-st.r.ctx().Done():
			return
		case _, open := <-l.Woken():
			if !open {
				return
			}
			events, lost := l.Take()
			if err = st.tell(events); err == nil && lost {
				err = st.resync()
			}
		case <-beat.C:
			if !st.may() {
				_ = st.send("event: over\ndata: 1\n\n")
				return
			}
			err = st.send(": beat\nevent: beat\ndata: 1\n\n")
		}
		if err != nil {
			return
		}
	}
}

// may reports whether the session is still open and its holder still of the
// meeting's team.
func (st *liveStream) may() bool {
	a, err := st.cfg.Auth.Holder(st.r.ctx(), st.token, st.r.ClientIP())
	return err == nil && a.Professional == st.r.actor.Professional && (a.Admin || a.In(st.meeting.Team))
}

func (st *liveStream) tell(events []event.Event) error {
	for _, e := range events {
		tag := ""
		if e.Case != "" {
			tag = fmt.Sprintf(",\"tag\":%q", caseTag(e.Case))
		}
		if err := st.send(fmt.Sprintf("id: %s\ndata: {\"kind\":%q%s}\n\n", e.ID, e.Kind, tag)); err != nil {
			return err
		}
	}
	return nil
}

// resync asks the screen to read everything again.
func (st *liveStream) resync() error {
	return st.send(fmt.Sprintf("id: %s\ndata: {\"kind\":\"resync\"}\n\n", id.New[id.Event]()))
}

// caseTag lets a screen know the case that it shows from any other, and says
// nothing else of it.
func caseTag(c id.Case) string {
	sum := sha256.Sum256([]byte(c))
	return hex.EncodeToString(sum[:4])
}

func (st *liveStream) send(text string) error {
	_ = st.out.SetWriteDeadline(time.Now().Add(liveWrite)) // of the connection's own clock
	if _, err := st.r.Writer.WriteString(text); err != nil {
		return err
	}
	return st.out.Flush()
}
