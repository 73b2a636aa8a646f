package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	manyHostile  = 100
	hostileAim   = 200 // MB
	backLimit    = 1.25
	hostileLimit = 3 * time.Minute
)

// BenchmarkHostileMail gives a server a hundred messages made to harm and reads
// how much memory it holds: at most, and once they are dealt with, against what
// it held before. It must answer all along.
func BenchmarkHostileMail(b *testing.B) {
	binary := build(b)
	for b.Loop() {
		dir := filepath.Join(b.TempDir(), "demo")
		demo := start(b, binary, "demo", "--dir", dir)
		demo.visit(b, dir)
		demo.stop(b)
		in := filepath.Join(dir, "mail", "in")
		p := start(b, binary, "serve", "--database", "sqlite:"+filepath.Join(dir, "rcp.db"),
			"--archive", filepath.Join(dir, "archive"), "--mail-out", "maildir:"+filepath.Join(dir, "mail"), "--mail-in", "maildir:"+in)
		p.visit(b, dir)
		before := p.memory(b, "VmRSS")
		deliver(b, in)
		p.waitForMail(b, in)
		after := p.memory(b, "VmRSS")
		for end := time.Now().Add(2 * time.Minute); after > backLimit*before && time.Now().Before(end); after = p.memory(b, "VmRSS") {
			time.Sleep(time.Second) // the runtime gives memory back little by little
		}
		aim("resident memory at most under 100 hostile messages", p.memory(b, "VmHWM"), hostileAim, "MB")
		atMost(b, "  two minutes later at the latest, against before", after/before, backLimit)
		note("  before / after", "%.0f MB / %.0f MB", before, after)
		p.stop(b)
	}
}

// waitForMail waits until the mailbox is empty, the server answering meanwhile.
func (p process) waitForMail(b *testing.B, in string) {
	b.Helper()
	begin := time.Now()
	for left(b, in) > 0 {
		if time.Since(begin) > hostileLimit {
			b.Fatalf("%d messages are left after %s", left(b, in), hostileLimit)
		}
		if !p.answers(b, "/readyz") {
			b.Fatalf("the server does not answer:\n%s", p.said)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func left(b *testing.B, in string) int {
	b.Helper()
	n := 0
	for _, sub := range []string{"new", "cur"} {
		all, err := os.ReadDir(filepath.Join(in, sub))
		if err != nil {
			b.Fatal(err)
		}
		n += len(all)
	}
	return n
}

// deliver puts the messages into the mailbox, each different from the others.
func deliver(b *testing.B, in string) {
	b.Helper()
	kinds := harmful()
	for i := range manyHostile {
		body := kinds[i%len(kinds)]
		mail := fmt.Sprintf("From: x%d@evil.example\r\nTo: reunions@valbrume.example\r\nMessage-ID: <%d@evil.example>\r\nMIME-Version: 1.0\r\n"+
			"Content-Type: text/calendar; method=REPLY; charset=UTF-8\r\n\r\n%s", i, i, body)
		if i%len(kinds) == 0 { // parts in parts
			mail = nested(i)
		}
		file := fmt.Sprintf("1.%03d.bench", i)
		if err := os.WriteFile(filepath.Join(in, "tmp", file), []byte(mail), 0o600); err != nil {
			b.Fatal(err)
		}
		if err := os.Rename(filepath.Join(in, "tmp", file), filepath.Join(in, "new", file)); err != nil {
			b.Fatal(err)
		}
	}
}

// harmful are bodies that each make some reader of calendars fail.
func harmful() []string {
	event := func(inside string) string {
		return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:x\r\n" + inside + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	}
	many := func(s string, n int) string { return strings.Repeat(s, n) }
	return []string{
		"",
		many("BEGIN:VEVENT\r\n", 24<<20/14),
		event("ATTENDEE;CN=x"),
		event(`ATTENDEE;CN="a"b:mailto:x@evil.example`),
		event("ATTENDEE;X=" + many("a;b=", 64<<10) + ":mailto:x@evil.example"),
		event(many("ATTENDEE;PARTSTAT=ACCEPTED:mailto:x@evil.example\r\n", 100_000)),
		event("RRULE:FREQ=SECONDLY\r\nDTSTART:00010101T000000Z"),
		event("DTSTART;TZID=" + many("é", 1<<20) + ":20260101T000000"),
		event("DESCRIPTION:" + many("\\n", 5<<20)),
		many("\x00", 7<<20),
		many("a", 9<<20),
		many("BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:x\r\nBEGIN:STANDARD\r\nRRULE:FREQ=YEARLY\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nEND:VCALENDAR\r\n", 20_000),
	}
}

// nested is a mail of parts in parts in parts.
func nested(n int) string {
	var s strings.Builder
	fmt.Fprintf(&s, "From: x%d@evil.example\r\nMIME-Version: 1.0\r\n", n)
	for i := range 20_000 {
		fmt.Fprintf(&s, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	return s.String()
}
