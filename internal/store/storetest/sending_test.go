package storetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify"
)

// closer is a ward whose agenda is drafted, with two dispatchers as of two
// replicas.
type closer struct {
	*ward
	m   meetings.Meeting
	now time.Time
	two [2]*notify.Dispatcher
}

func newCloser(t *testing.T, s *store.Store) *closer {
	t.Helper()
	c := &closer{ward: newWard(t, s, twoPatients()...), now: Now}
	clock := func() time.Time { return c.now }
	c.Meetings = meetings.NewService(s, clock)
	var err error
	for i := range c.two {
		c.two[i], err = notify.NewDispatcher(notify.Config{
			Store: s, Calendars: c.Meetings, Meetings: c.Meetings, Agenda: c.agenda, Mails: notify.Mails(), BaseURL: "https://rcp.example", Now: clock,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err = c.agenda.Draft(context.Background(), c.Secretary, c.meeting.Meeting.ID); err != nil {
		t.Fatal(err)
	}
	accounts, err := auth.NewService(s, clock)
	if err != nil {
		t.Fatal(err)
	}
	for who, address := range map[id.Professional]string{
		c.Secretary.Professional: "odile@clinique.example", c.Clinician.Professional: "ines@clinique.example", // a link is for who can sign in
	} {
		if err := accounts.CreateAccount(context.Background(), c.System, who, address, "un mot de passe assez long", false); err != nil {
			t.Fatal(err)
		}
	}
	c.m = c.meeting.Meeting
	c.step(t, c.Meetings.Open)
	c.treat(t)
	return c
}

// step opens or closes registration, a minute later.
func (c *closer) step(t *testing.T, do func(context.Context, auth.Actor, id.Meeting, int) (meetings.Meeting, error)) {
	t.Helper()
	c.now = c.now.Add(time.Minute)
	m, err := do(context.Background(), c.Secretary, c.m.ID, c.m.Version)
	if err != nil {
		t.Fatal(err)
	}
	c.m = m
}

// treat lets the replicas race for what happened.
func (c *closer) treat(t *testing.T) {
	t.Helper()
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			if _, err := c.two[i%2].Treat(context.Background(), 10); err != nil {
				t.Errorf("treat: %v", err)
			}
		})
	}
	wg.Wait()
	if left, err := c.store.UntreatedEvents(context.Background(), "", 10); err != nil || len(left) != 0 {
		t.Errorf("%d events left, %v", len(left), err)
	}
}

// agendas counts the agendas in the outbox by address.
func (c *closer) agendas(t *testing.T) map[string]int {
	t.Helper()
	ms, _, err := c.store.Messages(context.Background(), notify.Filter{Org: c.Org.ID, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, m := range ms {
		if m.Kind == notify.AgendaMail {
			out[m.Address]++
		}
	}
	return out
}

// TestClosedAgendaLeavesOnce: two replicas on one closing make one mail each;
// opened and closed again with the same lines nobody hears of it, with another
// line who sees it does.
func TestClosedAgendaLeavesOnce(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, c := context.Background(), newCloser(t, s)
		c.step(t, c.Meetings.Close)
		c.treat(t)
		first := c.agendas(t)
		want := map[string]int{"odile@clinique.example": 1, "solene@medecin.mssante.example": 1, "ines@clinique.example": 1}
		if diff := cmp.Diff(want, first); diff != "" {
			t.Fatalf("first closing (-want +got):\n%s", diff)
		}
		c.step(t, c.Meetings.Open)
		c.step(t, c.Meetings.Close)
		c.treat(t)
		if diff := cmp.Diff(want, c.agendas(t)); diff != "" {
			t.Errorf("closed again as it was (-first +now):\n%s", diff)
		}
		c.step(t, c.Meetings.Open)
		g, err := c.agenda.Get(ctx, c.Secretary, c.m.ID)
		if err != nil {
			t.Fatal(err)
		}
		last := g.Items[len(g.Items)-1]
		if err := c.agenda.SetMinutes(ctx, c.Secretary, last.ID, last.Minutes+1); err != nil {
			t.Fatal(err)
		}
		c.step(t, c.Meetings.Close)
		c.treat(t)
		if got := c.agendas(t); got["odile@clinique.example"] != 2 || got["solene@medecin.mssante.example"] != 2 {
			t.Errorf("closed with other minutes: %v", got)
		}
	})
}
