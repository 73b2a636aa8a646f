package storetest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/notify"
)

// posted is a room whose minutes are signed and whose mails were made.
type posted struct {
	*room
	outbox *notify.Service
	signed minutes.Minutes
	box    *mailbox
}

func newPosted(t *testing.T, s *store.Store) *posted {
	t.Helper()
	ctx, r := context.Background(), newRoom(t, s, twoPatients()...)
	for _, p := range twoPatients() {
		r.decide(t, p.ipp, func(d *minutes.Decision) { d.Summary = "Continuer" })
	}
	r.end(t)
	p := &posted{room: r, box: &mailbox{}}
	account := auth.Account{Professional: r.Secretary.Professional, Org: r.Org.ID, Email: "o@valbrume.example", PasswordHash: "-", Lang: "fr", Created: Now}
	if err := s.SaveAccount(ctx, account, r.System.Change(Now, "test", "account", "")); err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return r.at }
	p.outbox = notify.NewService(s, r.Meetings, clock)
	var err error
	if p.signed, err = r.minutes.Sign(ctx, r.Chair, r.state.ID, r.state.Version); err != nil {
		t.Fatalf("sign: %v", err)
	}
	d, err := notify.NewDispatcher(notify.Config{
		Store: s, Calendars: r.Meetings, Meetings: r.Meetings, Minutes: r.minutes, Mails: notify.Mails(), BaseURL: "https://rcp.example", Now: clock,
	})
	if err == nil {
		_, err = d.Treat(ctx, 50)
	}
	if err != nil {
		t.Fatalf("treat: %v", err)
	}
	return p
}

func (p *posted) send(t *testing.T) {
	t.Helper()
	p.at = p.at.Add(time.Minute)
	if _, err := notify.NewSender(p.store, p.box, func() time.Time { return p.at }, func() float64 { return 0.5 }, 0).RunOnce(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// states are the receipts in short, by family name.
func (p *posted) states(t *testing.T) map[string]string {
	t.Helper()
	all, err := p.outbox.Receipts(context.Background(), p.Secretary, p.signed)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, r := range all {
		parts := []string{string(r.Sending.Status), string(r.Sending.Fate)}
		if r.Hand {
			parts = append(parts, "by hand")
		}
		if !r.Opened.IsZero() {
			parts = append(parts, "opened")
		}
		out[r.Who.Family] = strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
	}
	return out
}

func (p *posted) want(t *testing.T, secretary, chair string) {
	t.Helper()
	// The clinician of the circle has an ordinary address and no account.
	if diff := cmp.Diff(map[string]string{"Marchenoir": secretary, "Varennes": chair, "Karaoui": "by hand"}, p.states(t)); diff != "" {
		t.Errorf("receipts (-want +got):\n%s", diff)
	}
}

func (p *posted) report(t *testing.T, m notify.Message, fate notify.Fate, at time.Time) {
	t.Helper()
	r := notify.Report{MessageID: m.MessageID, Fate: fate, Said: "550 5.1.1 inconnu", At: at}
	if _, err := p.store.SaveReport(context.Background(), r, p.System.Change(at, "message.reported", "message", "")); err != nil {
		t.Fatal(err)
	}
}

func (p *posted) message(t *testing.T, address string) notify.Message {
	t.Helper()
	ms, _, err := p.store.Messages(context.Background(), notify.Filter{Org: p.Org.ID, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range ms {
		if m.Address == address && m.Kind == notify.MinutesMail {
			return m
		}
	}
	t.Fatalf("no mail to %s", address)
	return notify.Message{}
}

// TestReceiptsTellHowFarTheMinutesCame: waiting, taken, come back, sent again,
// in the mailbox, opened; nobody but who prepares the meeting is told.
func TestReceiptsTellHowFarTheMinutesCame(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, p := context.Background(), newPosted(t, s)
		p.want(t, "waiting", "waiting")
		p.send(t)
		p.want(t, "sent", "sent")
		chair := p.message(t, "solene@medecin.mssante.example")
		if chair.Kind != notify.MinutesMail || !chair.Secure {
			t.Fatalf("to the chair: %+v", chair.Kind)
		}
		p.report(t, chair, notify.Failed, p.at.Add(-time.Hour)) // of an earlier sending
		p.want(t, "sent", "sent")
		p.report(t, chair, notify.Failed, p.at.Add(time.Minute))
		p.want(t, "sent", "dead failed")
		if dead, _, err := p.outbox.List(ctx, p.Secretary, notify.Dead, "", 10); err != nil || len(dead) != 1 || dead[0].LastError != "550 5.1.1 inconnu" {
			t.Errorf("dead letters: %+v, %v", dead, err)
		}
		p.at = p.at.Add(2 * time.Minute)
		if err := p.outbox.Retry(ctx, p.Secretary, chair.ID); err != nil {
			t.Fatal(err)
		}
		p.send(t)
		p.report(t, chair, notify.Failed, p.at.Add(-2*time.Minute)) // the same report, shown again
		if got := p.message(t, chair.Address); got.Status != notify.Sent {
			t.Errorf("an old report failed the new sending: %s", got.Status)
		}
		p.report(t, chair, notify.Delivered, p.at.Add(time.Minute))
		p.want(t, "sent", "sent delivered")
		for range 2 {
			if err := p.outbox.Opened(ctx, p.Chair, p.signed.ID); err != nil {
				t.Fatal(err)
			}
			p.at = p.at.Add(time.Hour)
		}
		p.want(t, "sent", "sent delivered opened")
		opened, err := s.OpenedMinutes(ctx, p.Org.ID, p.signed.ID)
		if err != nil || !opened[p.Chair.Professional].Equal(p.at.Add(-2*time.Hour)) {
			t.Errorf("opened %v, %v", opened, err)
		}
		if _, err := p.outbox.Receipts(ctx, p.Clinician, p.signed); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a clinician reads the receipts: %v", err)
		}
		_, err = s.SaveReport(ctx, notify.Report{MessageID: "nobody@x.example", Fate: notify.Failed, At: p.at}, audit.Change{})
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("a report of nothing of ours: %v", err)
		}
	})
}
