package meetings_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/emersion/go-message/mail"
	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/internal/store/storetest"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify"
)

// circle is a house whose messages go, through the real store and dispatcher,
// to calendars that know nothing else.
type circle struct {
	storetest.House
	t       *testing.T
	rand    *rand.Rand
	store   *store.Store
	now     time.Time
	mails   *notify.Dispatcher
	seen    map[id.Message]bool
	clients map[string]*meetings.CalendarClient
	people  []auth.Professional
}

// Random edits through the service, with the store, the dispatcher and the mails
// between them and the calendars: each person's shows the meetings they attend.
func TestCalendarsShowTheMeetingsOfTheStore(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for seed := range uint64(2) {
			newCircle(t, s, seed).run(14)
		}
	})
}

func newCircle(t *testing.T, s *store.Store, seed uint64) *circle {
	t.Helper()
	c := &circle{
		House: storetest.NewHouse(t, s), t: t, store: s, now: storetest.Now, rand: rand.New(rand.NewPCG(seed, 1)),
		seen: map[id.Message]bool{}, clients: map[string]*meetings.CalendarClient{},
	}
	clock := func() time.Time { return c.now }
	c.Meetings = meetings.NewService(s, clock)
	var err error
	c.mails, err = notify.NewDispatcher(notify.Config{
		Store: s, Calendars: c.Meetings, Meetings: c.Meetings, Mails: notify.Mails(), BaseURL: "https://rcp.example", Now: clock,
	})
	c.must(err)
	for i, profile := range []auth.Profile{"", auth.ProfileExchange, auth.ProfileSabre} {
		p, err := c.Meetings.SaveProfessional(context.Background(), c.System, auth.Professional{
			Family: fmt.Sprint("Invité", i), Profession: "medecin", Email: fmt.Sprintf("invite%d@clinique.example", i), Profile: profile,
		})
		c.must(err)
		c.people = append(c.people, p)
	}
	c.must(c.member(c.people[1]))
	c.must(c.member(c.people[2]))
	return c
}

// must fails on what the rules do not refuse.
func (c *circle) must(err error) {
	c.t.Helper()
	if err != nil && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Invalid) {
		c.t.Fatalf("at %s: %v", c.now, err)
	}
}

func (c *circle) run(steps int) {
	c.t.Helper()
	c.tell()
	edits := []func() error{c.change, c.change, c.stop, c.move, c.move, c.cancel, c.extra, c.open, c.close, c.turnover, c.guest, c.address, c.weeks}
	refused := 0
	for range steps {
		for range 1 + c.rand.IntN(3) {
			err := edits[c.rand.IntN(len(edits))]()
			c.must(err)
			if err != nil {
				refused++
			}
		}
		c.tell()
	}
	if refused > steps {
		c.t.Errorf("%d edits refused: this tests too little", refused)
	}
}

// any draws a series that is not over.
func (c *circle) any() (meetings.Series, error) {
	all, err := c.store.SeriesOf(context.Background(), c.Org.ID, nil)
	if err != nil || len(all) == 0 {
		return meetings.Series{}, errors.Join(err, errors.New("no series"))
	}
	return all[c.rand.IntN(len(all))], nil
}

func (c *circle) today() date.Date { return date.Of(c.now) }

func (c *circle) change() error {
	one, err := c.any()
	if err != nil {
		return err
	}
	e := meetings.SeriesEdit{
		Team: one.Team, Rule: one.Rule, Start: one.Start, Duration: one.Duration, From: c.today().AddDays(c.rand.IntN(90)),
		OnClosed: []meetings.OnClosed{meetings.Skip, meetings.Before, meetings.After}[c.rand.IntN(3)], Room: one.Room, URL: one.URL, Anyway: true,
	}
	e.Count = 0
	switch c.rand.IntN(5) {
	case 0:
		e.Start = fmt.Sprintf("%02d:30", 8+c.rand.IntN(10))
	case 1:
		e.Rule = meetings.Every(1+c.rand.IntN(3), time.Weekday(1+c.rand.IntN(5)))
	case 2:
		e.Rule = meetings.Rule{Freq: meetings.Monthly, Interval: 1, Weekdays: []time.Weekday{time.Tuesday}, Nth: -1}
	case 3:
		e.Room = fmt.Sprint("Salle ", c.rand.IntN(4))
	case 4:
		e.Until = e.From.AddDays(c.rand.IntN(400))
	}
	_, err = c.Meetings.SaveSeries(context.Background(), c.Secretary, one.ID, one.Version, e)
	return err
}

func (c *circle) stop() error {
	one, err := c.any()
	if err != nil || c.rand.IntN(3) > 0 {
		return err
	}
	_, err = c.Meetings.SaveSeries(context.Background(), c.Secretary, one.ID, one.Version, meetings.SeriesEdit{From: c.today().AddDays(c.rand.IntN(60)), Stop: true})
	return err
}

func (c *circle) date(status ...meetings.Status) (meetings.Meeting, error) {
	all, _, err := c.Meetings.List(context.Background(), c.System, meetings.Filter{From: c.now.Add(time.Minute), Status: status, Limit: 30})
	if err != nil || len(all) == 0 {
		return meetings.Meeting{}, errors.Join(err, fault.New(fault.Conflict, "test", "none"))
	}
	return all[c.rand.IntN(len(all))], nil
}

func (c *circle) move() error {
	m, err := c.date(meetings.Draft, meetings.Open)
	if err != nil {
		return err
	}
	by := []time.Duration{0, time.Hour, 26 * time.Hour, m.Original.Sub(m.Starts)}[c.rand.IntN(4)]
	if !m.Linked() {
		by = time.Hour
	}
	to := meetings.Move{Starts: m.Starts.Add(by), Ends: m.Ends.Add(by), Room: []string{m.Room, "Salle Ida"}[c.rand.IntN(2)], Anyway: true}
	_, err = c.Meetings.Move(context.Background(), c.Secretary, m.ID, m.Version, to)
	return err
}

func (c *circle) cancel() error {
	m, err := c.date(meetings.Draft, meetings.Open)
	if err == nil {
		_, err = c.Meetings.Cancel(context.Background(), c.Secretary, m.ID, m.Version, "neige")
	}
	return err
}

func (c *circle) open() error {
	m, err := c.date(meetings.Draft)
	if err == nil {
		_, err = c.Meetings.Open(context.Background(), c.Secretary, m.ID, m.Version)
	}
	return err
}

func (c *circle) extra() error {
	one, err := c.any()
	if err != nil {
		return err
	}
	at := c.today().AddDays(1 + c.rand.IntN(300)).In(one.Location()).Add(17 * time.Hour)
	m, err := c.Meetings.Create(context.Background(), c.Secretary, c.Team.ID, one.ID, meetings.Move{Starts: at, Ends: at.Add(time.Hour), Anyway: true})
	if err == nil {
		_, err = c.Meetings.Open(context.Background(), c.Secretary, m.ID, m.Version)
	}
	return err
}

func (c *circle) close() error {
	from := c.today().AddDays(c.rand.IntN(60))
	return c.Meetings.SaveClosures(context.Background(), c.Secretary, c.Team.ID, []meetings.Closure{{From: from, Until: from.AddDays(c.rand.IntN(10)), Name: "Fermeture"}}, true)
}

// member adds somebody to the team, or takes them off.
func (c *circle) member(p auth.Professional) error {
	team, err := c.store.TeamByID(context.Background(), c.Org.ID, c.Team.ID)
	if err != nil {
		return err
	}
	n := len(team.Members)
	team.Members = slices.DeleteFunc(team.Members, func(m meetings.Member) bool { return m.ID == p.ID })
	if len(team.Members) == n {
		team.Members = append(team.Members, meetings.Member{Professional: p, Role: auth.Clinician})
	}
	_, err = c.Meetings.SaveTeam(context.Background(), c.System, team)
	return err
}

func (c *circle) turnover() error { return c.member(c.people[c.rand.IntN(len(c.people))]) }

func (c *circle) guest() error {
	m, err := c.date(meetings.Draft, meetings.Open)
	if err != nil {
		return err
	}
	who := c.people[c.rand.IntN(len(c.people))].ID
	if err = c.Meetings.InviteGuest(context.Background(), c.Secretary, m.ID, who); fault.Is(err, fault.Conflict) {
		err = c.Meetings.UninviteGuest(context.Background(), c.Secretary, m.ID, who)
	}
	return err
}

func (c *circle) address() error {
	i := c.rand.IntN(len(c.people))
	p, err := c.store.Holder(context.Background(), c.people[i].ID)
	if err == nil {
		p.Email = fmt.Sprintf("invite%d-%d@clinique.example", i, c.rand.IntN(3))
		c.people[i], err = c.Meetings.SaveProfessional(context.Background(), c.System, p)
	}
	return err
}

func (c *circle) weeks() error {
	c.tell()
	c.now = c.now.Add(time.Duration(1+c.rand.IntN(24*40)) * time.Hour)
	_, err := c.Meetings.MakeAhead(context.Background(), c.System, "", date.Date{})
	return err
}

// tell lets the messages go, and looks into every calendar.
func (c *circle) tell() {
	c.t.Helper()
	for range 3 { // a burst may have to wait for one that the same page began
		if _, err := c.mails.Treat(context.Background(), 1000); err != nil {
			c.t.Fatalf("treat: %v", err)
		}
	}
	if left, err := c.store.UntreatedEvents(context.Background(), "", 10); err != nil || len(left) > 0 {
		c.t.Fatalf("%d events wait, %v", len(left), err)
	}
	var fresh []notify.Message
	for after, more := "", true; more; {
		page, next, err := c.store.Messages(context.Background(), notify.Filter{Org: c.Org.ID, After: after, Limit: 200})
		if err != nil {
			c.t.Fatal(err)
		}
		for _, m := range page {
			if !c.seen[m.ID] {
				c.seen[m.ID], fresh = true, append(fresh, m)
			}
		}
		after, more = next, next != ""
	}
	slices.SortFunc(fresh, func(a, b notify.Message) int { return a.Created.Compare(b.Created) })
	for _, m := range fresh {
		full, err := c.store.MessageByID(context.Background(), c.Org.ID, m.ID)
		if err != nil {
			c.t.Fatal(err)
		}
		c.client(full.Address).Receive(c.t, calendarOf(c.t, full.Body))
	}
	c.check()
}

func (c *circle) client(address string) *meetings.CalendarClient {
	if c.clients[address] == nil {
		c.clients[address] = &meetings.CalendarClient{}
		for _, p := range c.people {
			if p.Email == address {
				c.clients[address].Profile = p.Profile
			}
		}
	}
	return c.clients[address]
}

// calendarOf is the calendar object of a mail.
func calendarOf(t *testing.T, body []byte) []byte {
	t.Helper()
	r, err := mail.CreateReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for {
		p, err := r.NextPart()
		if err != nil {
			t.Fatalf("no calendar in the mail: %v", err)
		}
		if h, ok := p.Header.(*mail.InlineHeader); ok {
			if kind, _, _ := h.ContentType(); kind == "text/calendar" {
				object, err := io.ReadAll(p.Body)
				if err != nil {
					t.Fatal(err)
				}
				return object
			}
		}
	}
}

func (c *circle) check() {
	c.t.Helper()
	want := map[string][]meetings.Shown{}
	limit := map[string]time.Time{}
	all, err := c.store.SeriesOf(context.Background(), c.Org.ID, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, one := range all {
		st, err := c.store.SeriesState(context.Background(), c.Org.ID, one.ID)
		if err != nil {
			c.t.Fatal(err)
		}
		if !one.Ended && one.Horizon != one.Until {
			limit[one.UID()] = one.Horizon.AddDays(1).In(one.Location())
		}
		for _, f := range st.Dates {
			c.expect(want, one, f)
		}
	}
	for address := range want {
		c.client(address)
	}
	for address, client := range c.clients {
		shown := slices.DeleteFunc(client.Agenda(c.t, c.now, c.now.AddDate(2, 0, 0)), func(s meetings.Shown) bool {
			end, ok := limit[s.UID]
			return ok && !s.Start.Before(end)
		})
		expected := slices.DeleteFunc(want[address], func(s meetings.Shown) bool {
			end, ok := limit[s.UID]
			return ok && !s.Start.Before(end)
		})
		meetings.SortShown(expected)
		if diff := cmp.Diff(expected, shown); diff != "" && len(expected)+len(shown) > 0 {
			c.t.Fatalf("%s at %s (-meetings +calendar)\n%s", address, c.now, diff)
		}
	}
}

func (c *circle) expect(want map[string][]meetings.Shown, one meetings.Series, f meetings.Full) {
	m, uid := f.Meeting, one.UID()
	if !m.Linked() {
		uid = m.UID
	}
	if m.Status == meetings.Cancelled || !m.Ends.After(c.now) || !m.Announced() {
		return
	}
	for _, a := range f.Attendance {
		if address := auth.Fold(a.Professional.Email); address != "" {
			want[address] = append(want[address], meetings.Shown{UID: uid, Start: m.Starts.UTC(), End: m.Ends.UTC(), Place: m.Room, URL: m.URL})
		}
	}
}
