package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/live"
)

const (
	// liveBeat is how often a silent screen hears that it is still connected,
	// and how often its right to listen is looked at again.
	liveBeat = 15 * time.Second
	// liveWrite is how long a screen may take to read what was sent.
	liveWrite = 10 * time.Second
)

// liveStream is one screen that listens to a meeting. It outlives its request:
// fifteen hundred of them wait at once, so it keeps the connection and little
// else.
type liveStream struct {
	*Server
	conn    net.Conn
	team    id.Team
	meeting id.Meeting
	who     id.Professional
	token   string
	origin  string
}

// liveEvents tells a screen, as server-sent events, that something of the
// meeting changed: a kind, an id and a case's tag, never a patient's, so that it
// reads again what it may see. It resumes after Last-Event-ID (or ?since=). The
// connection is taken from the HTTP server: a waiting screen then needs neither
// its buffers nor the stack of the handlers.
func (s *Server) liveEvents(r *request) error {
	m, err := pathID[id.Meeting](r, "id")
	if err != nil {
		return err
	}
	full, err := s.cfg.Meetings.Get(r.ctx(), r.actor, m)
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
	st := &liveStream{Server: s, team: full.Meeting.Team, meeting: m, who: r.actor.Professional, token: token, origin: r.ClientIP()}
	listener := s.cfg.Live.Listen(st.team, m)
	missed, whole := st.missed(r)
	head := liveHead(r.Writer.Header())
	if st.conn, _, err = http.NewResponseController(r.Writer).Hijack(); err != nil {
		listener.Close()
		return fault.Wrap("web.liveEvents", err)
	}
	go st.run(listener, head, missed, whole)
	return nil
}

// liveHead is the head of the answer, of which the end of the connection is the
// end.
func liveHead(h http.Header) string {
	h = h.Clone()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // a proxy in front passes each event on at once
	h.Set("Connection", "close")
	var out strings.Builder
	out.WriteString("HTTP/1.1 200 OK\r\n")
	_ = h.Write(&out) // a strings.Builder takes everything
	return out.String() + "\r\n"
}

// missed reads what happened since the screen last heard; whole is false when it
// must read everything again.
func (st *liveStream) missed(r *request) (events []event.Event, whole bool) {
	last := id.Event(r.GetHeader("Last-Event-ID"))
	if !id.Valid(last) {
		last = id.Event(r.Query("since"))
	}
	if !id.Valid(last) {
		return nil, true
	}
	events, whole, err := st.cfg.Live.Since(r.ctx(), st.team, st.meeting, last)
	return events, whole && err == nil
}

// run sends what was missed and what happens, and closes the connection.
func (st *liveStream) run(l *live.Listener, head string, missed []event.Event, whole bool) {
	defer func() {
		if v := recover(); v != nil {
			st.log.Error("panic", "route", "live events", "stack", string(debug.Stack()))
		}
		l.Close()
		_ = st.conn.Close()
	}()
	_ = st.conn.SetReadDeadline(time.Time{})
	err := st.send(head + "retry: 2000\n\n")
	if err == nil && !whole {
		err = st.resync()
	} else if err == nil {
		err = st.tell(missed)
	}
	if err == nil {
		st.follow(l)
	}
}

// follow sends what happens until the screen goes, the service ends, or the
// person may no longer listen. That a screen went is seen when it is written to,
// within two beats.
func (st *liveStream) follow(l *live.Listener) {
	beat := time.NewTicker(liveBeat)
	defer beat.Stop()
	for {
		var err error
		select {
		case _, open := <-l.Woken():
			if !open {
				return
			}
			events, lost := l.Take()
			if err = st.tell(events); err == nil && lost {
				err = st.resync()
			}
		case <-beat.C:
			if !st.asks() {
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

// asks is may, on a stack of its own: the database's calls are deep, and a stack
// that has grown stays so while its screen waits.
func (st *liveStream) asks() bool {
	answer := make(chan bool)
	go func() {
		ok := false
		defer func() { _ = recover(); answer <- ok }() // who cannot be asked may not listen
		ok = st.may()
	}()
	return <-answer
}

// may reports whether the session is still open and its holder still of the
// meeting's team.
func (st *liveStream) may() bool {
	ctx, cancel := context.WithTimeout(context.Background(), liveWrite)
	defer cancel()
	a, err := st.cfg.Auth.Holder(ctx, st.token, st.origin)
	return err == nil && a.Professional == st.who && (a.Admin || a.In(st.team))
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
	_ = st.conn.SetWriteDeadline(time.Now().Add(liveWrite)) // of the connection's own clock
	_, err := io.WriteString(st.conn, text)
	return err
}
