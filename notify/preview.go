package notify

import (
	"time"

	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/meetings/ical"
)

// Preview is the mail of a notice as it is shown before an edit is saved:
// answer stands for the personal link that each invitation carries, empty when
// they carry none.
func Preview(st meetings.State, n meetings.Notice, base, answer string, now time.Time) (subject, text string, err error) {
	b, err := parseBodies(Mails())
	if err != nil {
		return "", "", err
	}
	name := "invite"
	w, _ := calendarWords(st, n, base, now)
	if n.Method == ical.Cancel {
		name = "cancel"
	} else if n.What != meetings.Finished {
		w.Answer = answer
	}
	text, _, err = b.render(name, w)
	return w.Subject(), text, fault.Wrap("notify.Preview", err)
}
