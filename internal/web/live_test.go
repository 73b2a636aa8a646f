package web

import (
	"bufio"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/live"
	"github.com/rcp-care/rcp/meetings"
)

// live serves the harness on a real connection, with a hub that hears of every
// commit, or only looks into the database when told is false.
func (h *harness) live(t *testing.T, told bool) *httptest.Server {
	t.Helper()
	hub := live.NewHub(h.store, slog.New(slog.DiscardHandler))
	if told {
		h.store.OnCommit(func(es []event.Event) { hub.Tell(es) })
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	go hub.Run(ctx, 20*time.Millisecond)
	h.cfg.Live = hub
	server := httptest.NewServer(h.serve(t))
	t.Cleanup(func() { cancel(); server.Close() })
	return server
}

// stream is what a screen reads.
type stream struct {
	t      *testing.T
	status int
	header http.Header
	lines  chan string
}

// listen opens a stream as somebody; last is the event it heard last.
func listen(t *testing.T, server *httptest.Server, token, path, last string) *stream {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), get, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Last-Event-ID", last)
	r.Header.Set("Accept-Encoding", "gzip")
	r.AddCookie(&http.Cookie{Name: "rcp", Value: token})
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	st := &stream{t: t, status: res.StatusCode, header: res.Header, lines: make(chan string, 1000)}
	go func() {
		defer close(st.lines)
		for scan := bufio.NewScanner(res.Body); scan.Scan(); {
			st.lines <- scan.Text()
		}
	}()
	return st
}

// next waits for a line that begins so and returns the rest of it.
func (st *stream) next(begins string) string {
	st.t.Helper()
	end := time.After(20 * time.Second)
	for {
		select {
		case line, open := <-st.lines:
			if !open {
				st.t.Fatalf("the stream ended before %q", begins)
			}
			if rest, ok := strings.CutPrefix(line, begins); ok {
				return rest
			}
		case <-end:
			st.t.Fatalf("no %q came", begins)
		}
	}
}

// arrives notes a person of the meeting as present.
func (h *harness) arrives(t *testing.T, n int) {
	t.Helper()
	here := meetings.Present
	edit := meetings.AttendanceEdit{Professional: h.meeting.Attendance[n].Professional.ID, Presence: &here}
	if _, err := h.Meetings.SetAttendance(t.Context(), h.Chair, h.meeting.Meeting.ID, []meetings.AttendanceEdit{edit}); err != nil {
		t.Fatal(err)
	}
}

func TestAScreenHearsOfAChange(t *testing.T) {
	t.Parallel()
	for name, told := range map[string]bool{"in this process": true, "in another": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := setup(t)
			h.to(t, "open", "start")
			st := listen(t, h.live(t, told), "clinician", h.page("events"), "")
			if st.status != http.StatusOK || !strings.HasPrefix(st.header.Get("Content-Type"), "text/event-stream") || st.header.Get("Content-Encoding") != "" {
				t.Fatalf("%d %v", st.status, st.header)
			}
			st.next("retry: ")
			h.arrives(t, 0)
			all, err := h.store.EventsAfter(t.Context(), []id.Team{h.Team.ID}, "", 100)
			if err != nil {
				t.Fatal(err)
			}
			want := all[len(all)-1]
			for got := ""; got != string(want.ID); got = st.next("id: ") {
			}
			if got := st.next("data: "); got != `{"kind":"meeting.changed"}` {
				t.Errorf("hears %s", got)
			}
		})
	}
}

func TestAScreenCatchesUp(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.to(t, "open", "start")
	server := h.live(t, true)
	before := listen(t, server, "chair", h.page("events"), "")
	before.next("retry: ")
	h.arrives(t, 0)
	last := before.next("id: ")
	h.arrives(t, 1)
	missed := before.next("id: ")
	after := listen(t, server, "chair", h.page("events"), last)
	for got := ""; got != missed; got = after.next("id: ") {
		if got == last {
			t.Error("hears again what it heard last")
		}
	}
	since := listen(t, server, "chair", h.page("events")+"?since="+last, "")
	for got := ""; got != missed; got = since.next("id: ") {
	}
}

func TestWhoMayListen(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.signInOnce(t)
	server := h.live(t, true)
	for token, want := range map[string]int{"chair": 200, "clinician": 200, "nobody": 403, "stale": 303} {
		if got := listen(t, server, token, h.page("events"), "").status; got != want {
			t.Errorf("%s: %d, want %d", token, got, want)
		}
	}
	if got := listen(t, server, "chair", strings.Replace(h.page("events"), "meetings/", "meetings/x", 1), "").status; got != http.StatusNotFound {
		t.Errorf("no meeting: %d", got)
	}
}

func TestAStreamEndsWithTheSession(t *testing.T) {
	t.Parallel()
	h := setup(t)
	st := &liveStream{Server: h.server, meeting: h.meeting.Meeting, token: "clinician", r: h.request(t, h.Clinician)}
	if !st.may() {
		t.Fatal("somebody of the team may not listen")
	}
	h.do(t, "clinician", "/sign-out", nil)
	if st.may() {
		t.Error("who signed out still listens")
	}
	elsewhere := *st
	elsewhere.token, elsewhere.r = "admin", h.request(t, h.Clinician)
	if elsewhere.may() {
		t.Error("a session of somebody else will do")
	}
}
