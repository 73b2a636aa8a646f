package mailbox

import (
	"bytes"
	"fmt"
	"net/smtp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/testenv"
)

// TestTheCircleWithEitherServerKilled sends answers through Postfix into
// Dovecot, and reads them, while each server is killed in the middle.
func TestTheCircleWithEitherServerKilled(t *testing.T) {
	t.Parallel()
	const n, member = 24, "jeanne@hopital.test"
	d := testenv.Dovecot(t, testenv.DovecotUser(organiser, password), testenv.DovecotUser(member, "x"))
	p := testenv.Postfix(t, d)
	b := bed{setting: d.URL(organiser), dovecot: d, messages: func(t *testing.T, folder string) [][]byte {
		t.Helper()
		return d.Messages(t, organiser, folder)
	}}
	r := &record{first: func(m Message, _ int) error {
		if !bytes.Contains(m.Raw, []byte("Delivered-To: "+organiser)) {
			t.Error("it did not come through Postfix")
		}
		return nil
	}}
	run(t, b.open(t), r.handle, time.Second)
	for i := range n {
		switch i {
		case n / 3:
			p.Kill(t)
			p.Start(t)
		case n / 2:
			d.Kill(t)
		case 2 * n / 3:
			p.Kill(t) // whatever it took and did not deliver is in its queue
			d.Start(t)
			p.Start(t)
		}
		send(t, p.Addr, member, organiser, mail(i))
	}
	eventually(t, 20*time.Second, "all read", func() bool {
		shown := r.seen()
		slices.Sort(shown)
		return len(slices.Compact(shown)) == n && len(d.Messages(t, organiser, "")) == 0
	})
	wantEachInItsFolder(t, b, n)
	send(t, p.Addr, organiser, member, mail(0))
	send(t, p.Addr, organiser, "inconnu@ailleurs.test", mail(1))
	eventually(t, 10*time.Second, "delivered to the others", func() bool {
		return len(d.Messages(t, member, "")) == 1 && len(d.Messages(t, testenv.PostfixOthers, "")) == 1
	})
}

// wantEachInItsFolder says that nothing is lost, nor in the wrong folder. A
// killed Postfix may deliver a message a second time, with the same Message-ID:
// SMTP promises no better (RFC 5321 section 4.5.4.1).
func wantEachInItsFolder(t *testing.T, b bed, n int) {
	t.Helper()
	for i := range n {
		for _, f := range []Folder{Done, Review} {
			if got := b.count(t, string(f))[i]; (got > 0) != (f == sort(i)) {
				t.Errorf("message %d lies %d times in %s", i, got, f)
			}
		}
	}
}

// send gives a message to a server and insists, as the outbox does.
func send(t *testing.T, addr, from, to string, raw []byte) {
	t.Helper()
	data := strings.ReplaceAll(fmt.Sprintf("From: %s\nTo: %s\n%s", from, to, raw), "\n", "\r\n")
	eventually(t, 10*time.Second, "sent", func() bool {
		return smtp.SendMail(addr, nil, from, []string{to}, []byte(data)) == nil
	})
}
