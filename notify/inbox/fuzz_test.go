package inbox_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/store/storetest"
	"github.com/rcp-care/rcp/internal/testenv"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/meetings/ical"
	"github.com/rcp-care/rcp/notify/inbox"
	"github.com/rcp-care/rcp/notify/mailbox"
)

// FuzzTake shows any mail to the handler: no panic, no error, one row for each
// mail, and only what is in the table of what becomes of mails.
// Run it with -fuzzminimizetime 1x: with a database behind, coverage differs
// from run to run, and minimising would take all the time.
func FuzzTake(f *testing.F) {
	s := storetest.SQLite(f)
	h := storetest.NewHouse(f, s)
	h.Meeting(f)
	box := inbox.New(inbox.Config{Meetings: h.Meetings, Store: s, Now: storetest.Clock})
	w := &world{House: h}
	f.Add(w.mail(ines, "", w.calendar(object{})))
	f.Add(w.mail(ines, "Authentication-Results: mx; dmarc=pass (x\r\n", w.calendar(object{recurrence: second, partstat: ";PARTSTAT=DECLINED"})))
	f.Add(w.mail(solene, "", w.calendar(object{method: "COUNTER", attendee: solene, recurrence: first, start: ":20261127T090000Z"})))
	f.Add(w.mail(ines, "", w.calendar(object{params: `;DELEGATED-TO="mailto:` + solene + `"`, partstat: ";PARTSTAT=DELEGATED"})))
	f.Add([]byte("From: a@b\r\nContent-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n\r\n----\r\n"))
	for _, raw := range hostile() {
		if len(raw) < 64<<10 {
			f.Add(raw)
		}
	}
	for _, raw := range realMails(f) {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		ctx := context.Background()
		if _, err := box.Take(ctx, mailbox.Message{Raw: raw, Size: int64(len(raw)), Received: storetest.Now}); err != nil {
			t.Fatal(err)
		}
		all, _, err := s.Inbounds(ctx, meetings.InboundFilter{Org: h.Org.ID, Limit: 1})
		if err != nil || len(all) != 1 || all[0].Status == meetings.InboundHandled || all[0].Reason == meetings.ReasonDefect {
			t.Fatalf("%+v, %v", all, err)
		}
	})
}

// realMails are those that real programs sent, where they are at hand.
func realMails(t testing.TB) map[string][]byte {
	t.Helper()
	shared, ok := testenv.Shared()
	if !ok {
		return nil
	}
	all := map[string][]byte{}
	for _, pattern := range []string{"*.eml", "*/*.eml", "*/*.ics"} {
		found, err := filepath.Glob(filepath.Join(shared, "data", "imip", pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d found, %v", pattern, len(found), err)
		}
		for _, file := range found {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(file, ".ics") { // closeio's have no mail around them
				raw = []byte("From: <" + attendee(string(raw)) + ">\r\nTo: x@example.com\r\nContent-Type: text/calendar\r\n\r\n" + string(raw))
			}
			all[filepath.Base(file)] = raw
		}
	}
	return all
}

// attendee is the first attendee's address of a calendar.
func attendee(calendar string) string {
	got, err := ical.Read([]byte(calendar))
	if err != nil || len(got.Items[0].Attendees) == 0 {
		return "nobody@example.com"
	}
	return got.Items[0].Attendees[0].Address
}

// TestRealMailsAllEnd takes every real mail against meetings that it names:
// all are kept, answers are applied or wait for a human, none is lost.
func TestRealMailsAllEnd(t *testing.T) {
	t.Parallel()
	mails := realMails(t)
	if mails == nil {
		t.Log("no real mails at hand: the fixtures of the other tests stand for them")
		w := setup(t)
		mails = map[string][]byte{"ours": w.mail(ines, "", w.calendar(object{}))}
	}
	for name, raw := range mails {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			in := w.take(raw)
			if in.Status != meetings.InboundReview && in.Status != meetings.InboundApplied || len(in.Raw) != len(raw) {
				t.Fatalf("%s %q, %d octets of %d", in.Status, in.Reason, len(in.Raw), len(raw))
			}
			if len(in.Replies) == 0 || name == "ours" {
				return
			}
			r := in.Replies[0]
			starts := storetest.Now.Add(72 * time.Hour)
			w2 := setup(t)
			m := w2.alone(r.UID, starts)
			if !r.Recurrence.IsZero() { // the date it names, in a year to come
				r.Recurrence = starts
				raw = []byte(strings.ReplaceAll(string(raw), "TZID=Europe/Paris:20261026T090000", "TZID=Europe/Paris:"+starts.In(m.Location()).Format("20060102T150405")))
			}
			w2.alias(ines, r.Attendee, r.From)
			in = w2.take(raw)
			want := meetings.InboundApplied
			if r.Attendee == "" {
				want = meetings.InboundReview
			}
			if in.Status != want {
				t.Errorf("%s %q, want %s", in.Status, in.Reason, want)
			}
			if a := w2.row(m.ID, ines); want == meetings.InboundApplied && (a.Answer != r.Answer || a.Answer == meetings.NeedsAction) {
				t.Errorf("answer %s, the mail says %s", a.Answer, r.Answer)
			}
		})
	}
}

// hostile are mails made to harm, those CALENDAR.md names among them.
func hostile() [][]byte {
	head := func(s string) []byte {
		return []byte("From: " + ines + "\r\nTo: " + team + "\r\n" + s)
	}
	calendar := func(s string) []byte { return head("Content-Type: text/calendar; method=REPLY\r\n\r\n" + s) }
	event := "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20261122T120000Z\r\n"
	end := "END:VEVENT\r\nEND:VCALENDAR\r\n"
	parts := func(n int, s string) []byte {
		return head("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n"+s+"\r\n", n) + "--b--\r\n")
	}
	var nested strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	return [][]byte{
		calendar(event + "ATTENDEE;CN=x\r\n" + end),
		calendar(event + "ATTENDEE;CN=\"a\"b:mailto:x@y.example\r\n" + end),
		calendar(event + "ATTENDEE" + strings.Repeat(";X=1", 64<<10) + ":mailto:x@y.example\r\n" + end),
		calendar(strings.Repeat("BEGIN:VEVENT\r\n", 500_000)),
		calendar(strings.Repeat("BEGIN:VCALENDAR\r\n", 60_000)),
		calendar(event + "RRULE:FREQ=SECONDLY;COUNT=999999999\r\n" + end),
		calendar(event + "DTSTART;TZID=Evil:00000101T000000\r\n" + end),
		calendar(event + "COMMENT:" + strings.Repeat("é", 400_000) + "\r\n" + end),
		calendar(strings.Repeat("A", 1<<20)),
		parts(200_000, ""),
		parts(5000, "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR"),
		parts(40, "Content-Type: text/calendar\r\nContent-Transfer-Encoding: base64\r\n\r\n"+strings.Repeat("QkVHSU46VkNBTEVOREFS\r\n", 8000)),
		head(nested.String()),
		head(strings.Repeat("X-A: b\r\n", 100_000) + "\r\n"),
		head("Subject: " + strings.Repeat("=?utf-8?q?a?= ", 20_000) + "\r\n\r\n"),
		head("Authentication-Results: " + strings.Repeat("(", 100_000) + "\r\n\r\n"),
		head("Cc: " + strings.Repeat("<a@b>,", 5_000) + "\r\n\r\n"),
		head("Content-Type: text/html\r\n\r\n" + strings.Repeat("<style", 500_000)),
		[]byte(strings.Repeat("\x00", 1<<20)),
		[]byte(strings.Repeat("From: a@b\r\n", 10_000) + "\r\n"),
		head("Content-Type: multipart/mixed; boundary=" + strings.Repeat("b", 10_000) + "\r\n\r\n" + strings.Repeat("-", 4<<20)),
	}
}

// TestHostileMailsLeaveMemoryFlat takes a hundred hostile mails.
func TestHostileMailsLeaveMemoryFlat(t *testing.T) {
	w := setup(t) // alone: the measure is the whole process's
	mails := hostile()
	live := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, start := live(), time.Now()
	for i := range 100 {
		raw := append([]byte(fmt.Sprintf("X-Number: %d\r\n", i)), mails[i%len(mails)]...)
		took := time.Now()
		if _, err := w.box.Take(context.Background(), mailbox.Message{Raw: raw, Size: int64(len(raw)), Received: storetest.Now}); err != nil {
			t.Fatalf("mail %d: %v", i%len(mails), err)
		}
		if d := time.Since(took); d > 10*time.Second {
			t.Errorf("mail %d took %s", i%len(mails), d)
		}
	}
	if after := live(); after > before+32<<20 {
		t.Errorf("%d MiB live, %d before", after>>20, before>>20)
	}
	if n := len(w.rows()); n != 100 {
		t.Errorf("%d rows", n)
	}
	t.Logf("100 mails in %s", time.Since(start))
}
