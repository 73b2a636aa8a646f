package notify_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"
	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/meetings/ical"
	"github.com/rcp-care/rcp/notify"
)

// part is one leaf of a mail, or the name of a multipart.
type part struct {
	Depth int
	Type  string
	File  string
	Data  string
	param map[string]string
	enc   string
}

// parts reads a mail back with go-message, depth first.
func parts(t *testing.T, raw []byte) []part {
	t.Helper()
	e, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("read mail: %v", err)
	}
	var all []part
	var walk func(e *message.Entity, depth int)
	walk = func(e *message.Entity, depth int) {
		mediaType, params, err := e.Header.ContentType()
		if err != nil {
			t.Fatalf("content type: %v", err)
		}
		_, disposition, _ := e.Header.ContentDisposition()
		p := part{Depth: depth, Type: mediaType, File: disposition["filename"], param: params, enc: e.Header.Get("Content-Transfer-Encoding")}
		mr := e.MultipartReader()
		if mr == nil {
			b, err := io.ReadAll(e.Body)
			if err != nil {
				t.Fatalf("read part: %v", err)
			}
			p.Data = string(b)
		}
		all = append(all, p)
		for mr != nil {
			child, err := mr.NextPart()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatalf("next part: %v", err)
			}
			walk(child, depth+1)
		}
	}
	walk(e, 0)
	return all
}

func calendarOf(t *testing.T, raw []byte) string {
	t.Helper()
	for _, p := range parts(t, raw) {
		if p.Type == "text/calendar" {
			return p.Data
		}
	}
	return ""
}

func attachments(t *testing.T, raw []byte) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	for _, p := range parts(t, raw) {
		if p.File != "" {
			found[p.File] = []byte(p.Data)
		}
	}
	return found
}

// readable is all of a mail but the content of attached PDF.
func readable(t *testing.T, raw []byte) string {
	t.Helper()
	var b strings.Builder
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	b.Write(head)
	for _, p := range parts(t, raw) {
		b.WriteString(p.File)
		if p.Type != "application/pdf" {
			b.WriteString(p.Data)
		}
	}
	return b.String()
}

// show renders a mail for a golden file: headers decoded, parts named,
// the calendar object left to meetings/ical.
func show(t *testing.T, m notify.Message) []byte {
	t.Helper()
	var b bytes.Buffer
	r, err := mail.CreateReader(bytes.NewReader(m.Body))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"From", "To", "Subject", "Date", "Auto-Submitted"} {
		v, err := r.Header.Text(k)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s: %s\n", k, v)
	}
	for _, p := range parts(t, m.Body) {
		fmt.Fprintf(&b, "\n==== %s%s %s\n", strings.Repeat("  ", p.Depth), p.Type, p.File)
		if !strings.HasPrefix(p.Type, "multipart/") && !strings.HasSuffix(p.File, ".ics") && p.Type != "text/calendar" {
			b.WriteString(strings.ReplaceAll(p.Data, "\r\n", "\n"))
		}
	}
	return b.Bytes()
}

// TestMails holds every kind of mail to its golden file.
func TestMails(t *testing.T) {
	t.Parallel()
	tests := map[string]func(w *world) event.Kind{
		"invite": func(*world) event.Kind { return event.MeetingOpened },
		"moved": func(w *world) event.Kind {
			w.full.Meeting.Starts, w.full.Meeting.Ends = w.full.Meeting.Starts.Add(time.Hour), w.full.Meeting.Ends.Add(time.Hour)
			return event.MeetingMoved
		},
		"minutes": func(*world) event.Kind { return event.MinutesSigned },
		"cancel": func(w *world) event.Kind {
			w.full.Meeting.Status = meetings.Cancelled
			return event.MeetingCancelled
		},
		"removed": func(w *world) event.Kind {
			w.full.Attendance = w.full.Attendance[:1]
			return event.AttendeeRemoved
		},
		"corrected": func(w *world) event.Kind {
			w.minutes.Version = 2
			return event.MinutesSigned
		},
		"rcp": func(w *world) event.Kind {
			w.full.Meeting.Kind, w.full.Team.Name = meetings.RCP, "Oncologie <thoracique>\r\nBcc: x@evil.example"
			w.full.Meeting.URL = "https://visio.example/rcp"
			return event.MeetingOpened
		},
	}
	for name, set := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			if name != "invite" && name != "rcp" { // they are invited already
				w.happen(opened.Add(-time.Minute), event.MeetingOpened, "")
				w.treat(t)
			}
			w.happen(opened, set(w), "nurse")
			for _, m := range w.treat(t) {
				if m.Secure == (name == "minutes" || name == "corrected") { // the golden one of each kind
					golden(t, name+".txt", show(t, m))
					return
				}
			}
			t.Fatal("no such mail")
		})
	}
}

func TestCalendarMailHasTheFormClientsWant(t *testing.T) {
	t.Parallel()
	for kind, method := range map[event.Kind]string{event.MeetingOpened: "REQUEST", event.MeetingMoved: "REQUEST", event.MeetingCancelled: "CANCEL"} {
		w := newWorld()
		w.happen(opened, event.MeetingOpened, "")
		if kind != event.MeetingOpened {
			w.treat(t)
			w.full.Meeting.Room = "Salle 4"
			w.happen(opened, kind, "")
		}
		if kind == event.MeetingCancelled {
			w.full.Meeting.Status = meetings.Cancelled
		}
		for _, m := range w.treat(t) {
			var types []string
			for _, p := range parts(t, m.Body) {
				types = append(types, fmt.Sprint(p.Depth, " ", p.Type, " ", p.File))
				if p.Data != "" && p.enc != "base64" {
					t.Errorf("%s: %s is %q, not base64", kind, p.Type, p.enc)
				}
				if p.Type == "text/calendar" && (p.param["method"] != method || p.param["charset"] != "UTF-8" ||
					!strings.Contains(p.Data, "\r\nMETHOD:"+method+"\r\n")) {
					t.Errorf("%s: parameters %v do not agree with the body", kind, p.param)
				}
			}
			want := []string{
				"0 multipart/mixed ", "1 multipart/alternative ", "2 text/plain ", "2 text/html ", "2 text/calendar ",
				"1 application/ics invitation.ics",
			}
			if diff := cmp.Diff(want, types); diff != "" {
				t.Errorf("%s (-want +got):\n%s", kind, diff)
			}
			if calendarOf(t, m.Body) != string(attachments(t, m.Body)["invitation.ics"]) {
				t.Errorf("%s: the two copies differ", kind)
			}
		}
	}
}

func TestComposingAgainGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	w := newWorld()
	e := w.happen(opened, event.MeetingOpened, "")
	first := w.treat(t)
	w.messages, w.told, w.events = nil, nil, []event.Event{e}
	second := w.treat(t)
	if len(first) != 3 || len(second) != 3 {
		t.Fatalf("messages: %d and %d", len(first), len(second))
	}
	ids := map[string]bool{}
	for i := range first {
		ids[first[i].MessageID] = true
		if first[i].MessageID != second[i].MessageID || !bytes.Equal(first[i].Body, second[i].Body) {
			t.Errorf("message %d differs", i)
		}
		for line := range bytes.Lines(first[i].Body) {
			if len(line) > 998+2 || !bytes.HasSuffix(line, []byte("\r\n")) {
				t.Fatalf("a line of %d octets ends in %q", len(line), line[max(0, len(line)-2):])
			}
		}
	}
	if len(ids) != 3 {
		t.Errorf("Message-IDs: %v", ids)
	}
}

func TestComposeRefuses(t *testing.T) {
	t.Parallel()
	good := notify.Draft{From: "a@x.example", To: "b@x.example", MessageID: "1@x.example", Date: time.Unix(0, 0)}
	if _, err := notify.Compose(good); err != nil {
		t.Fatalf("a plain mail: %v", err)
	}
	mismatch := good
	mismatch.Method, mismatch.Calendar = ical.Cancel, []byte("BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n")
	header := good
	header.To = "b@x.example>\r\nBcc: c@x.example"
	for name, d := range map[string]notify.Draft{"another method": mismatch, "a header in an address": header} {
		if _, err := notify.Compose(d); err == nil {
			t.Errorf("composed with %s", name)
		}
	}
}
