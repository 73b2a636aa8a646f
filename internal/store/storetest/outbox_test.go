package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify"
)

// post is a House with its outbox and a clock that the test moves.
type post struct {
	House
	store      *store.Store
	meeting    meetings.Meeting
	dispatcher *notify.Dispatcher
	outbox     *notify.Service
	now        time.Time
}

func newPost(t *testing.T, s *store.Store) *post {
	t.Helper()
	p := &post{House: NewHouse(t, s), store: s, now: Now}
	forgetEvents(t, s)
	var err error
	p.meeting, err = p.Meetings.Create(context.Background(), p.Secretary, p.Team.ID, "", meetings.Move{
		Starts: time.Date(2026, 11, 27, 13, 30, 0, 0, time.UTC), Ends: time.Date(2026, 11, 27, 15, 0, 0, 0, time.UTC), Room: "Salle Simone",
	})
	if err != nil {
		t.Fatal(err)
	}
	p.dispatcher, err = notify.NewDispatcher(notify.Config{
		Store: s, Calendars: p.Meetings, Meetings: p.Meetings, Mails: notify.Mails(), BaseURL: "https://rcp.example", Now: p.clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	p.outbox = notify.NewService(s, p.Meetings, p.clock)
	return p
}

// forgetEvents marks what happened so far as treated: the series of the house
// is announced to nobody.
func forgetEvents(t *testing.T, s *store.Store) {
	t.Helper()
	es, err := s.UntreatedEvents(context.Background(), "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range es {
		if err := s.MarkTreated(context.Background(), []id.Event{e.ID}); err != nil {
			t.Fatal(err)
		}
	}
}

func (p *post) clock() time.Time { return p.now }

// invite opens the meeting and makes its three invitations.
func (p *post) invite(t *testing.T) {
	t.Helper()
	m, err := p.Meetings.Open(context.Background(), p.Secretary, p.meeting.ID, p.meeting.Version)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	p.meeting = m
	p.treat(t)
}

func (p *post) treat(t *testing.T) {
	t.Helper()
	if _, err := p.dispatcher.Treat(context.Background(), 10); err != nil {
		t.Fatalf("treat: %v", err)
	}
}

func (p *post) all(t *testing.T) []notify.Message {
	t.Helper()
	ms, _, err := p.outbox.List(context.Background(), p.Secretary, "", "", 100)
	if err != nil {
		t.Fatalf("list: %v", err)
	}
	return ms
}

// mailbox is a transport that keeps what it is given, after failing as told.
type mailbox struct {
	mu   sync.Mutex
	sent []notify.Envelope
	fail func(e notify.Envelope) error
}

func (b *mailbox) Send(_ context.Context, e notify.Envelope) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		if err := b.fail(e); err != nil {
			return err
		}
	}
	b.sent = append(b.sent, e)
	return nil
}

func (p *post) sender(b *mailbox) *notify.Sender {
	return notify.NewSender(p.store, b, p.clock, func() float64 { return 0.5 }, 0)
}

func TestMeetingToMailbox(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, p, b := context.Background(), newPost(t, s), &mailbox{}
		p.invite(t)
		if n, err := p.sender(b).RunOnce(ctx); err != nil || n != 3 {
			t.Fatalf("sent %d, %v; want 3 (one member has no address)", n, err)
		}
		moved, err := p.Meetings.Move(ctx, p.Secretary, p.meeting.ID, p.meeting.Version, meetings.Move{
			Starts: p.meeting.Starts.Add(time.Hour), Ends: p.meeting.Ends.Add(time.Hour),
		})
		if err != nil {
			t.Fatal(err)
		}
		p.treat(t)
		if _, err := p.Meetings.Cancel(ctx, p.Secretary, moved.ID, moved.Version, "neige"); err != nil {
			t.Fatal(err)
		}
		p.treat(t)
		if n, err := p.sender(b).RunOnce(ctx); err != nil || n != 6 {
			t.Fatalf("sent %d, %v; want 6", n, err)
		}
		subjects := map[string][]string{}
		for _, m := range slices.Backward(p.all(t)) {
			if m.Status != notify.Sent || m.Sent.IsZero() || m.Attempts != 1 || m.Team != p.Team.ID || m.Body != nil {
				t.Errorf("%s to %s: %s, %d attempts, team %q, body %d", m.Kind, m.Address, m.Status, m.Attempts, m.Team, len(m.Body))
			}
			subjects[m.Address] = append(subjects[m.Address], string(m.Kind))
		}
		for address, kinds := range subjects {
			if diff := cmp.Diff([]string{"invite", "invite", "cancel"}, kinds); diff != "" {
				t.Errorf("%s (-want +got):\n%s", address, diff)
			}
		}
		order := map[string][]string{} // as it left, by address
		for _, e := range b.sent {
			order[e.To] = append(order[e.To], e.MessageID)
		}
		for _, m := range slices.Backward(p.all(t)) {
			if got := order[m.Address]; len(got) == 0 || got[0] != m.MessageID {
				t.Fatalf("%s: %s left out of order: %v", m.Address, m.MessageID, got)
			}
			order[m.Address] = order[m.Address][1:]
		}
	})
}

func TestEventIsTreatedOnceByManyDispatchers(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, p := context.Background(), newPost(t, s)
		if _, err := p.Meetings.Open(ctx, p.Secretary, p.meeting.ID, p.meeting.Version); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if _, err := p.dispatcher.Treat(ctx, 10); err != nil {
					t.Errorf("treat: %v", err)
				}
			})
		}
		wg.Wait()
		if ms := p.all(t); len(ms) != 3 {
			t.Errorf("%d messages, want 3", len(ms))
		}
		if left, err := s.UntreatedEvents(ctx, "", 10); err != nil || len(left) != 0 {
			t.Errorf("%d events left, %v", len(left), err)
		}
	})
}

// TestLaterEventWaitsForTheEarlier of the same meeting, as two dispatchers
// might treat them out of order.
func TestLaterEventWaitsForTheEarlier(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, p := context.Background(), newPost(t, s)
		p.treat(t)
		by := p.System.Change(Now, "test", "meeting", string(p.meeting.ID))
		for range 2 {
			e := p.System.Event(Now, event.MeetingMoved)
			e.Meeting = p.meeting.ID
			by.Events = append(by.Events, e)
		}
		if err := s.Audit(ctx, by); err != nil {
			t.Fatal(err)
		}
		first, second := by.Events[0], by.Events[1]
		letter := func(e event.Event, at time.Time) []notify.Message {
			return []notify.Message{{
				Org: p.Org.ID, Event: e.ID, Kind: notify.Invitation, Meeting: e.Meeting, Address: "a@x.example", Thread: "t",
				MessageID: string(e.ID), Body: []byte("x"), Created: at,
			}}
		}
		if err := s.PutMessages(ctx, second, letter(second, Now.Add(time.Second))); !fault.Is(err, fault.Conflict) {
			t.Errorf("the second before the first: %v", err)
		}
		if err := s.PutMessages(ctx, first, letter(first, Now)); err != nil {
			t.Errorf("the first: %v", err)
		}
		if err := s.PutMessages(ctx, first, letter(first, Now)); err != nil {
			t.Errorf("the first again: %v", err)
		}
		if err := s.PutMessages(ctx, second, letter(second, Now)); !fault.Is(err, fault.Conflict) {
			t.Errorf("not dated after the first: %v", err)
		}
		if err := s.PutMessages(ctx, second, letter(second, Now.Add(time.Second))); err != nil {
			t.Errorf("the second: %v", err)
		}
		if last, err := s.LastInThreads(ctx, []string{"t", "u"}); err != nil || !last.Equal(Now.Add(time.Second)) {
			t.Errorf("last %v, %v", last, err)
		}
	})
}

func TestClaimsAreHeldByLeaseAndFence(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, p := context.Background(), newPost(t, s)
		p.invite(t)
		lease := Now.Add(time.Minute)
		claimed := map[id.Message]notify.Message{}
		for range 3 {
			m, ok, err := s.ClaimMessage(ctx, Now, lease)
			if err != nil || !ok || m.Attempts != 1 || m.Status != notify.Sending || len(m.Body) == 0 {
				t.Fatalf("claim: %+v, %t, %v", m.Status, ok, err)
			}
			claimed[m.ID] = m
		}
		if len(claimed) != 3 {
			t.Fatalf("claimed %d different messages", len(claimed))
		}
		if _, ok, err := s.ClaimMessage(ctx, lease, lease.Add(time.Minute)); ok || err != nil {
			t.Fatalf("a held message was claimed: %t, %v", ok, err)
		}
		again, ok, err := s.ClaimMessage(ctx, lease.Add(time.Second), lease.Add(time.Minute))
		if err != nil || !ok || again.Attempts != 2 {
			t.Fatalf("after the lease: attempts %d, %t, %v", again.Attempts, ok, err)
		}
		sent := notify.Result{Status: notify.Sent, At: Now}
		if err := s.FinishMessage(ctx, again.ID, 1, sent); !fault.Is(err, fault.Conflict) {
			t.Errorf("the first claim finished after losing its fence: %v", err)
		}
		if err := s.FinishMessage(ctx, again.ID, 2, sent); err != nil {
			t.Errorf("finish: %v", err)
		}
		if err := s.FinishMessage(ctx, again.ID, 2, sent); !fault.Is(err, fault.Conflict) {
			t.Errorf("finished twice: %v", err)
		}
	})
}

func TestManySendersSendEachMessageOnce(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, p, b := context.Background(), newPost(t, s), &mailbox{}
		ms := make([]notify.Message, 40)
		e := p.System.Event(Now, event.MeetingOpened)
		for i := range ms {
			ms[i] = notify.Message{
				Org: p.Org.ID, Event: e.ID, Kind: notify.Notice, Address: fmt.Sprintf("a%d@x.example", i), Thread: fmt.Sprint("t", i),
				MessageID: fmt.Sprintf("%d@%s", i, e.ID), Body: []byte("From: <a@x.example>\r\n\r\n"), Created: Now,
			}
		}
		by := p.System.Change(Now, "test", "meeting", "")
		by.Events = []event.Event{e}
		if err := errors.Join(s.Audit(ctx, by), s.PutMessages(ctx, e, ms)); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				for range 3 { // a claim may find nothing while others hold the first row
					if _, err := p.sender(b).RunOnce(ctx); err != nil {
						t.Errorf("run: %v", err)
					}
				}
			})
		}
		wg.Wait()
		seen := map[string]int{}
		for _, e := range b.sent {
			seen[e.MessageID]++
		}
		if len(b.sent) != 40 || len(seen) != 40 {
			t.Errorf("%d sent, %d different; want 40", len(b.sent), len(seen))
		}
	})
}

// TestEarlierMessageHoldsBackTheLater while it may still leave, and no longer
// once it is dead.
func TestEarlierMessageHoldsBackTheLater(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, p, b := context.Background(), newPost(t, s), &mailbox{}
		p.invite(t)
		held := ""
		b.fail = func(e notify.Envelope) error {
			if e.To == "ines@clinique.example" {
				held = e.MessageID
				return &notify.SendError{Reply: "451 plus tard"}
			}
			return nil
		}
		if n, err := p.sender(b).RunOnce(ctx); n != 2 || err != nil {
			t.Fatalf("sent %d, %v", n, err)
		}
		if _, err := p.Meetings.Cancel(ctx, p.Secretary, p.meeting.ID, p.meeting.Version, ""); err != nil {
			t.Fatal(err)
		}
		p.treat(t)
		if n, err := p.sender(b).RunOnce(ctx); n != 2 || err != nil {
			t.Fatalf("sent %d, %v; the cancellation to ines must wait", n, err)
		}
		b.fail = func(e notify.Envelope) error {
			if e.MessageID == held {
				return &notify.SendError{Permanent: true, Reply: "550 inconnu"}
			}
			return nil
		}
		p.now = p.now.Add(time.Hour)
		if n, err := p.sender(b).RunOnce(ctx); n != 1 || err != nil {
			t.Fatalf("sent %d, %v; the cancellation may leave once the invitation is dead", n, err)
		}
		var states []string
		for _, m := range slices.Backward(p.all(t)) {
			if m.Address == "ines@clinique.example" {
				states = append(states, string(m.Kind)+" "+string(m.Status))
			}
		}
		if diff := cmp.Diff([]string{"invite dead", "cancel sent"}, states); diff != "" {
			t.Errorf("ines (-want +got):\n%s", diff)
		}
		dead, _, err := p.outbox.List(ctx, p.Secretary, notify.Dead, "", 10)
		if err != nil || len(dead) != 1 {
			t.Fatalf("dead: %d, %v", len(dead), err)
		}
		if err := p.outbox.Retry(ctx, p.Secretary, dead[0].ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("an invitation to a cancelled meeting was sent again: %v", err)
		}
	})
}

func TestFailuresBackOffThenDie(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, p, b := context.Background(), newPost(t, s), &mailbox{}
		p.invite(t)
		tries := map[string]int{}
		b.fail = func(e notify.Envelope) error {
			tries[e.To]++
			return errors.New("something odd")
		}
		for range 12 {
			if n, err := p.sender(b).RunOnce(ctx); n != 0 || err != nil {
				t.Fatalf("sent %d, %v", n, err)
			}
			p.now = p.now.Add(13 * time.Hour)
		}
		for _, m := range p.all(t) {
			if tries[m.Address] != notify.MaxTries || m.Status != notify.Dead || m.LastError == "" {
				t.Errorf("%s: %d tries, %s, %q", m.Address, tries[m.Address], m.Status, m.LastError)
			}
		}
		b.fail = nil
		for _, m := range p.all(t) {
			if err := p.outbox.Retry(ctx, p.Secretary, m.ID); err != nil {
				t.Errorf("retry: %v", err)
			}
		}
		if n, err := p.sender(b).RunOnce(ctx); n != 3 || err != nil {
			t.Errorf("after the retry: sent %d, %v", n, err)
		}
	})
}

// TestServerThatIsDownCostsOneTry of one message, and the rest wait for it to
// come back.
func TestServerThatIsDownCostsOneTry(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, p, b := context.Background(), newPost(t, s), &mailbox{}
		p.invite(t)
		b.fail = func(notify.Envelope) error { return &notify.SendError{Unreachable: true, Reply: "pas de réponse"} }
		if n, err := p.sender(b).RunOnce(ctx); n != 0 || err == nil {
			t.Fatalf("sent %d, %v", n, err)
		}
		attempts := 0
		for _, m := range p.all(t) {
			attempts += m.Attempts
		}
		if attempts != 1 {
			t.Errorf("%d tries, want 1", attempts)
		}
		b.fail, p.now = nil, p.now.Add(2*time.Minute)
		if n, err := p.sender(b).RunOnce(ctx); n != 3 || err != nil {
			t.Errorf("once it is back: sent %d, %v", n, err)
		}
	})
}

func TestOutboxIsForSecretariesAndAdministrators(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, p := context.Background(), newPost(t, s)
		p.invite(t)
		admin := auth.Actor{Professional: id.New[id.Professional](), Org: p.Org.ID, Name: "Admin", Admin: true, Origin: "test"}
		elsewhere := auth.Actor{Professional: id.New[id.Professional](), Org: p.Org.ID, Teams: map[id.Team]auth.Role{"other": auth.Secretary}}
		one := p.all(t)[0].ID
		for _, test := range []struct {
			name              string
			actor             auth.Actor
			list              int // -1: refused
			read, retry, stop bool
		}{
			{"secretary", p.Secretary, 3, true, true, true},
			{"administrator", admin, 3, false, true, true},
			{"chair", p.Chair, -1, false, false, false},
			{"clinician", p.Clinician, -1, false, false, false},
			{"stranger", p.Stranger, -1, false, false, false},
			{"secretary elsewhere", elsewhere, 0, false, false, false},
		} {
			ms, _, err := p.outbox.List(ctx, test.actor, "", "", 10)
			if (err != nil) != (test.list < 0) || (err == nil && len(ms) != test.list) {
				t.Errorf("%s lists %d, %v", test.name, len(ms), err)
			}
			m, err := p.outbox.Read(ctx, test.actor, one)
			if fault.Is(err, fault.Forbidden) == test.read || (len(m.Body) > 0) != test.read {
				t.Errorf("%s reads %d bytes, %v", test.name, len(m.Body), err)
			}
			if err := p.outbox.Retry(ctx, test.actor, one); fault.Is(err, fault.Forbidden) == test.retry {
				t.Errorf("%s retries: %v", test.name, err)
			}
			if err := p.outbox.Cancel(ctx, test.actor, one); fault.Is(err, fault.Forbidden) == test.stop {
				t.Errorf("%s cancels: %v", test.name, err)
			}
		}
		entries, err := s.AuditEntries(ctx, p.Org.ID, audit.Filter{Action: "message.cancel", Limit: 20})
		refused := 0
		for _, e := range entries {
			if e.Outcome == audit.Refused {
				refused++
			}
		}
		if err != nil || refused != 4 || len(entries) != 5 {
			t.Errorf("%d entries, %d refused, %v; want 5 and 4", len(entries), refused, err)
		}
		if _, ok, err := s.ClaimMessage(ctx, Now, Now.Add(time.Minute)); !ok || err != nil {
			t.Fatal(ok, err)
		}
		if left, _, _ := p.outbox.List(ctx, admin, notify.Waiting, "", 10); len(left) != 1 {
			t.Errorf("%d wait, want 1: one is cancelled, one claimed", len(left))
		}
	})
}

func TestOutboxPagesMeetAtTheirCursor(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		p := newPost(t, s)
		p.invite(t)
		var got []id.Message
		after := ""
		for range 4 {
			ms, next, err := p.outbox.List(context.Background(), p.Secretary, notify.Waiting, after, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range ms {
				got = append(got, m.ID)
			}
			if after = next; next == "" {
				break
			}
		}
		slices.Reverse(got)
		if len(got) != 3 || !slices.IsSorted(got) {
			t.Errorf("pages hold %v", got)
		}
	})
}

func TestCirclesHoldFromTheFirstDayToTheLast(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		h := NewHouse(t, s)
		nurse := careplan.Key{System: "urn:rpps", Value: "10100000002"}
		patient := careplan.Key{System: "urn:test", Value: "1"}
		_, err := careplan.NewService(s, Clock).Import(ctx, h.System, careplan.Target{Org: h.Org.ID}, careplan.Batch{
			Patients:      []careplan.SourcePatient{{Keys: []careplan.Key{patient}, Patient: careplan.Patient{IPP: "1", BirthFamily: "Essai", Sharing: careplan.SharingAgreed}}},
			Professionals: []careplan.SourceProfessional{{Key: nurse, RPPS: nurse.Value, Name: "Karaoui"}},
			Circle: []careplan.SourceCircle{{
				Patient: patient, Professional: nurse, Role: "referent", From: date.New(2026, 11, 20), Until: date.New(2026, 11, 26),
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		found, _, err := careplan.NewService(s, Clock).Search(ctx, h.System, "", "", "", 10)
		if err != nil || len(found) != 1 {
			t.Fatalf("patients %d, %v", len(found), err)
		}
		who := found[0].Patient.ID
		for day, want := range map[string]int{"2026-11-19": 0, "2026-11-20": 1, "2026-11-26": 1, "2026-11-27": 0} {
			got, err := s.CirclesOn(ctx, h.Org.ID, []id.Patient{who, "another"}, day)
			if err != nil || len(got[who]) != want || len(got["another"]) != 0 {
				t.Errorf("%s: %v, %v", day, got, err)
			}
			if want == 1 && got[who][0].Email != "ines@clinique.example" {
				t.Errorf("%s: %+v", day, got[who][0])
			}
		}
		if got, err := s.CirclesOn(ctx, id.New[id.Org](), []id.Patient{who}, "2026-11-21"); err != nil || len(got) != 0 {
			t.Errorf("another organisation reads %v, %v", got, err)
		}
	})
}

func TestSlotIsMarkedOnce(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		if done, err := s.JobDone(ctx, "job", "2026-11-22"); done || err != nil {
			t.Fatalf("done before it ran: %t, %v", done, err)
		}
		var first sync.Map
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				ok, err := s.MarkJob(ctx, "job", "2026-11-22", Now, "fait")
				if err != nil {
					t.Errorf("mark: %v", err)
				}
				if ok {
					first.Store(i, true)
				}
			})
		}
		wg.Wait()
		n := 0
		first.Range(func(any, any) bool { n++; return true })
		if done, err := s.JobDone(ctx, "job", "2026-11-22"); n != 1 || !done || err != nil {
			t.Errorf("%d were first, done %t, %v", n, done, err)
		}
	})
}
