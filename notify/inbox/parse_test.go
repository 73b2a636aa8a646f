package inbox

import (
	"testing"
	"unicode/utf8"

	"github.com/rcp-care/rcp/meetings"
)

// FuzzParse takes any mail apart, thousands a second: no panic, every bound
// kept, every text valid, and always something that becomes of it.
func FuzzParse(f *testing.F) {
	f.Add([]byte("From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20261122T120000Z\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n--b--\r\n"))
	f.Add([]byte("From: a@b.example, c@d.example\r\nAuthentication-Results: mx; dmarc=pass (\"x\\\r\n\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p := parse(raw)
		u := understand(p)
		status, reason := p.judge(u, "mx")
		if status == "" && len(u.replies) == 0 || status == meetings.InboundReview && reason == "" || reason == meetings.ReasonDefect {
			t.Errorf("%q %q with %d answers", status, reason, len(u.replies))
		}
		if p.parts > maxParts+1 || len(p.calendars) > maxCalendars || len(u.replies) > maxParts {
			t.Errorf("%d parts, %d calendars, %d answers", p.parts, len(p.calendars), len(u.replies))
		}
		for _, s := range []string{p.sender, p.subject, p.messageID, p.text} {
			if !utf8.ValidString(s) {
				t.Errorf("%q", s)
			}
		}
	})
}
