package inbox_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/store/storetest"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify"
	"github.com/rcp-care/rcp/notify/inbox"
)

const ourMail = "4a1f0c@valbrume.example"

// leaves puts a message of ours into the outbox and has it leave.
func (w *world) leaves() {
	w.t.Helper()
	ctx := context.Background()
	w.box = inbox.New(inbox.Config{Meetings: w.Meetings, Store: w.store, Reports: w.store, Now: storetest.Clock})
	e := w.System.Event(storetest.Now, event.MinutesSigned)
	by := w.System.Change(storetest.Now, "test", "meeting", "")
	by.Events = []event.Event{e}
	m := notify.Message{
		Org: w.Org.ID, Event: e.ID, Kind: notify.MinutesMail, Address: "absent@medecin.mssante.example", Thread: "t", MessageID: ourMail,
		Body: []byte("x"), Created: storetest.Now,
	}
	if err := errors.Join(w.store.Audit(ctx, by), w.store.PutMessages(ctx, e, []notify.Message{m})); err != nil {
		w.t.Fatal(err)
	}
	at := storetest.Now.Add(-time.Minute)
	for {
		claimed, ok, err := w.store.ClaimMessage(ctx, storetest.Now, storetest.Now.Add(time.Minute))
		if err != nil {
			w.t.Fatal(err)
		}
		if !ok {
			return
		}
		if err := w.store.FinishMessage(ctx, claimed.ID, claimed.Attempts, notify.Result{Status: notify.Sent, At: at}); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) ours() notify.Message {
	w.t.Helper()
	ms, _, err := w.store.Messages(context.Background(), notify.Filter{Org: w.Org.ID, Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range ms {
		if m.MessageID == ourMail {
			return m
		}
	}
	w.t.Fatal("our mail is gone")
	return notify.Message{}
}

// bounce is a report as Postfix writes it; status holds its recipient's fields.
func bounce(original, status string) []byte {
	return fmt.Appendf(nil, "From: MAILER-DAEMON@mx.example (Mail Delivery System)\r\nTo: %s\r\nSubject: Undelivered Mail Returned to Sender\r\n"+
		"Message-ID: <b1@mx.example>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/report; report-type=delivery-status; boundary=\"B\"\r\n\r\n"+
		"--B\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nThis is the mail system at host mx.example.\r\n"+
		"--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\nArrival-Date: Sun, 22 Nov 2026 10:00:00 +0000 (UTC)\r\n\r\n%s\r\n"+
		"--B\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: %s\r\nMessage-ID: <%s>\r\nSubject: x\r\n\r\n--B--\r\n", team, status, team, original)
}

// TestReportsFollowOurMails: a bounce makes a dead letter with the server's
// words and no address; what is no final word, or of no mail of ours, does not.
func TestReportsFollowOurMails(t *testing.T) {
	t.Parallel()
	const who = "Final-Recipient: rfc822; absent@medecin.mssante.example\r\n"
	failed := who + "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 <absent@medecin.mssante.example>: Recipient address rejected\r\n"
	for name, c := range map[string]struct {
		raw    []byte
		status notify.Status
		inbox  meetings.InboundStatus
		reason meetings.Reason
		said   string
	}{
		"failed":            {bounce(ourMail, failed), notify.Dead, meetings.InboundIgnored, meetings.ReasonReport, "550 5.1.1 …: Recipient address rejected"},
		"failed, no words":  {bounce(ourMail, who+"Action: FAILED\r\nStatus: 5.2.2\r\n"), notify.Dead, meetings.InboundIgnored, meetings.ReasonReport, "5.2.2"},
		"folded":            {bounce(ourMail, who+"Action: failed\r\nDiagnostic-Code: smtp; 552 5.2.2\r\n    mailbox full\r\n"), notify.Dead, meetings.InboundIgnored, meetings.ReasonReport, "552 5.2.2 mailbox full"},
		"whole mail back":   {[]byte(strings.Replace(string(bounce(ourMail, failed)), "text/rfc822-headers", "message/rfc822", 1)), notify.Dead, meetings.InboundIgnored, meetings.ReasonReport, "550 5.1.1 …: Recipient address rejected"},
		"delivered":         {bounce(ourMail, who+"Action: delivered\r\nStatus: 2.0.0\r\n"), notify.Sent, meetings.InboundIgnored, meetings.ReasonReport, "2.0.0"},
		"delayed":           {bounce(ourMail, who+"Action: delayed\r\nStatus: 4.4.1\r\n"), notify.Sent, meetings.InboundIgnored, meetings.ReasonReport, ""},
		"of another mail":   {bounce("other@x.example", failed), notify.Sent, meetings.InboundReview, meetings.ReasonNoCalendar, ""},
		"of no mail":        {bounce("", failed), notify.Sent, meetings.InboundReview, meetings.ReasonNoCalendar, ""},
		"no action":         {bounce(ourMail, who), notify.Sent, meetings.InboundReview, meetings.ReasonNoCalendar, ""},
		"not a report":      {[]byte(strings.Replace(string(bounce(ourMail, failed)), "multipart/report", "multipart/mixed", 1)), notify.Sent, meetings.InboundIgnored, meetings.ReasonAutoReply, ""},
		"endless fields":    {bounce(ourMail, who+"Action: failed\r\n"+strings.Repeat("X-A: b\r\n", 20_000)), notify.Dead, meetings.InboundIgnored, meetings.ReasonReport, ""},
		"bytes of no field": {bounce(ourMail, "\x00\xff: \xfe\r\n:\r\n\r\n\r\n"), notify.Sent, meetings.InboundReview, meetings.ReasonNoCalendar, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			w.leaves()
			w.want(w.take(c.raw), c.inbox, c.reason)
			m := w.ours()
			if m.Status != c.status || c.said != "" && m.LastError != c.said {
				t.Errorf("%s %q, want %s %q", m.Status, m.LastError, c.status, c.said)
			}
			if strings.Contains(m.LastError, "@") {
				t.Errorf("an address is kept: %q", m.LastError)
			}
		})
	}
}
