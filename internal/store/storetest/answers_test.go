package storetest

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/link"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
)

// token is what a link to a meeting says, for an actor.
func token(a auth.Actor, purpose link.Purpose, object string) link.Token {
	return link.Token{Purpose: purpose, Object: object, Professional: a.Professional, Expires: Now.Add(time.Hour)}
}

// line is one person's row of a meeting, as another reads it.
func line(t *testing.T, h House, by auth.Actor, m id.Meeting, who auth.Actor) meetings.Attendance {
	t.Helper()
	full, err := h.Meetings.Get(context.Background(), by, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range full.Attendance {
		if a.Professional.ID == who.Professional {
			return a
		}
	}
	t.Fatal("not invited")
	return meetings.Attendance{}
}

func TestALinkAnswersForOneDate(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, h := context.Background(), NewHouse(t, s)
		m := h.Meeting(t).Meeting
		tok := token(h.Clinician, link.Meeting, string(m.ID))
		inv, err := h.Meetings.Invitation(ctx, tok)
		if err != nil || len(inv.Dates) != 1 || inv.Whole || inv.Who.Family != "Karaoui" || !inv.Dates[0].Open {
			t.Fatalf("invitation: %+v, %v", inv, err)
		}
		say := meetings.LinkAnswer{Answer: meetings.Declined, Comment: "souffrant"}
		if err := h.Meetings.AnswerByLink(ctx, tok, "192.0.2.1", say); err != nil {
			t.Fatal(err)
		}
		got := line(t, h, h.Secretary, m.ID, h.Clinician)
		want := meetings.Attendance{
			Answer: meetings.Declined, AnsweredAt: Now, AnswerOrigin: "link", Own: true, Sequence: got.Sequence, Stamp: Now, Comment: "souffrant",
		}
		got.Meeting, got.Professional, got.Role, got.Required, got.Version = "", auth.Professional{}, "", false, 0
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if c := line(t, h, h.Clinician, m.ID, h.Clinician).Comment; c != "souffrant" {
			t.Errorf("one's own comment reads %q", c)
		}
		other := h.Stranger
		other.Teams = map[id.Team]auth.Role{h.Team.ID: auth.Clinician}
		if c := line(t, h, other, m.ID, h.Clinician).Comment; c != "" {
			t.Errorf("a colleague reads %q", c)
		}
		if inv, _ := h.Meetings.Invitation(ctx, tok); inv.Dates[0].Attendance.Comment != "" {
			t.Error("the link's page has the comment")
		}
		for name, bad := range map[string]meetings.LinkAnswer{
			"no answer": {}, "another's word": {Answer: meetings.Delegated}, "a novel": {Answer: meetings.Accepted, Comment: strings.Repeat("é", 501)},
		} {
			if err := h.Meetings.AnswerByLink(ctx, tok, "", bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestALinkAnswersForTheWholeSeries(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, h := context.Background(), NewHouse(t, s)
		first := h.Meeting(t).Meeting
		if !first.Linked() {
			t.Fatal("the series of the house was not announced")
		}
		series := token(h.Clinician, link.Series, string(first.Series))
		inv, err := h.Meetings.Invitation(ctx, series)
		if err != nil || !inv.Whole || len(inv.Dates) < 4 || len(inv.Dates) > 8 {
			t.Fatalf("%d dates, whole %t, %v", len(inv.Dates), inv.Whole, err)
		}
		own := inv.Dates[2].Meeting.ID
		if err := h.Meetings.AnswerByLink(ctx, series, "", meetings.LinkAnswer{Meeting: own, Answer: meetings.Declined}); err != nil {
			t.Fatal(err)
		}
		if err := h.Meetings.AnswerByLink(ctx, series, "", meetings.LinkAnswer{Answer: meetings.Accepted, Comment: "toujours"}); err != nil {
			t.Fatal(err)
		}
		inv, err = h.Meetings.Invitation(ctx, series)
		if err != nil || inv.Answer != meetings.Accepted {
			t.Fatalf("%q, %v", inv.Answer, err)
		}
		for i, d := range inv.Dates {
			want := meetings.Accepted
			if i == 2 {
				want = meetings.Declined
			}
			if d.Attendance.Answer != want || d.Attendance.Own != (i == 2) || d.Attendance.Stamp.IsZero() {
				t.Errorf("date %d: %+v", i, d.Attendance)
			}
		}
		if a := line(t, h, h.Secretary, first.ID, h.Clinician); a.Comment != "toujours" {
			t.Errorf("comment %q", a.Comment)
		}
		if a := line(t, h, h.Secretary, first.ID, h.Chair); a.Answer != meetings.NeedsAction {
			t.Errorf("somebody else's answer became %s", a.Answer)
		}
	})
}

func TestLinksThatServeNoMore(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, h := context.Background(), NewHouse(t, s)
		m := h.Meeting(t).Meeting
		refused := func(name string, tok link.Token) {
			t.Helper()
			if inv, err := h.Meetings.Invitation(ctx, tok); !fault.Is(err, fault.NotFound) || len(inv.Dates) > 0 {
				t.Errorf("%s opens: %v", name, err)
			}
			if err := h.Meetings.AnswerByLink(ctx, tok, "", meetings.LinkAnswer{Answer: meetings.Accepted}); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s answers: %v", name, err)
			}
		}
		good := token(h.Clinician, link.Meeting, string(m.ID))
		refused("of nobody", link.Token{Purpose: link.Meeting, Object: string(m.ID), Professional: id.New[id.Professional]()})
		refused("to nothing", token(h.Clinician, link.Meeting, id.New[string]()))
		refused("to no series", token(h.Clinician, link.Series, id.New[string]()))
		refused("of somebody not invited", token(h.Stranger, link.Meeting, string(m.ID)))
		refused("of no member", token(h.Stranger, link.Series, string(m.Series)))
		if err := h.Meetings.RevokeLinks(ctx, h.Stranger, h.Clinician.Professional); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a stranger revokes: %v", err)
		}
		if _, err := h.Meetings.Invitation(ctx, good); err != nil {
			t.Errorf("before it is revoked: %v", err)
		}
		if err := h.Meetings.RevokeLinks(ctx, h.Clinician, h.Clinician.Professional); err != nil {
			t.Fatal(err)
		}
		refused("revoked", good)
		fresh := good
		fresh.Epoch = 1
		if _, err := h.Meetings.Invitation(ctx, fresh); err != nil {
			t.Errorf("a new one: %v", err)
		}
		team := h.Team
		team.Members = team.Members[:2]
		if _, err := h.Meetings.SaveTeam(ctx, h.Secretary, team); err != nil {
			t.Fatal(err)
		}
		refused("of who left the team", fresh)
	})
}

func TestALinkIsTooLateOnceTheMeetingIsOver(t *testing.T) {
	t.Parallel()
	s := SQLite(t)
	ctx, h := context.Background(), NewHouse(t, s)
	m := h.Meeting(t).Meeting
	later := meetings.NewService(s, func() time.Time { return m.Ends })
	tok := token(h.Clinician, link.Meeting, string(m.ID))
	if inv, err := later.Invitation(ctx, tok); err != nil || inv.Dates[0].Open {
		t.Errorf("%+v, %v", inv, err)
	}
	if err := later.AnswerByLink(ctx, tok, "", meetings.LinkAnswer{Answer: meetings.Accepted}); !fault.Is(err, fault.Conflict) {
		t.Errorf("answered: %v", err)
	}
}

func TestAnAnswerNotedByHandKeepsTheOthersAsTheyAre(t *testing.T) {
	t.Parallel()
	s := SQLite(t)
	ctx, h := context.Background(), NewHouse(t, s)
	m := h.Meeting(t).Meeting
	tok := token(h.Clinician, link.Meeting, string(m.ID))
	if err := h.Meetings.AnswerByLink(ctx, tok, "", meetings.LinkAnswer{Answer: meetings.Accepted}); err != nil {
		t.Fatal(err)
	}
	yes, no := meetings.Accepted, meetings.Declined
	all := []meetings.AttendanceEdit{
		{Professional: h.Clinician.Professional, Answer: &yes}, {Professional: h.Chair.Professional, Answer: &no},
	}
	if _, err := h.Meetings.SetAttendance(ctx, h.Secretary, m.ID, all); err != nil {
		t.Fatal(err)
	}
	if a := line(t, h, h.Secretary, m.ID, h.Clinician); a.AnswerOrigin != "link" {
		t.Errorf("what was not changed came from %q", a.AnswerOrigin)
	}
	if a := line(t, h, h.Secretary, m.ID, h.Chair); a.AnswerOrigin != "secretary" || !a.Own || !a.Stamp.Equal(Now) {
		t.Errorf("noted by hand: %+v", a)
	}
	if _, err := h.Meetings.SetAttendance(ctx, h.Clinician, m.ID, []meetings.AttendanceEdit{{Professional: h.Clinician.Professional, Answer: &no}}); err != nil {
		t.Fatal(err)
	}
	if a := line(t, h, h.Secretary, m.ID, h.Clinician); a.AnswerOrigin != "page" {
		t.Errorf("answered by themselves: from %q", a.AnswerOrigin)
	}
}

func TestASlotEmitsItsEventsOnce(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, h := context.Background(), NewHouse(t, s)
		var first atomic.Int32
		var heard atomic.Int32
		s.OnCommit(func([]event.Event) { heard.Add(1) })
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				e := h.System.Event(Now, event.AnswerWanted)
				ok, err := s.EmitOnce(ctx, "answers.wanted", "m/p/5", Now, []event.Event{e})
				if err != nil {
					t.Errorf("emit: %v", err)
				}
				if ok {
					first.Add(1)
				}
			})
		}
		wg.Wait()
		events, err := s.UntreatedEvents(ctx, "", 1000)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, e := range events {
			if e.Kind == event.AnswerWanted {
				n++
			}
		}
		if first.Load() != 1 || n != 1 || heard.Load() != 1 {
			t.Errorf("first %d, events %d, heard %d; want one of each", first.Load(), n, heard.Load())
		}
	})
}

func TestReplicasShareOneSecret(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		got := make([]string, 4)
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() {
				v, err := s.Secret(context.Background(), "links", strings.Repeat(string(rune('a'+i)), 32))
				if err != nil {
					t.Errorf("secret: %v", err)
				}
				got[i] = v
			})
		}
		wg.Wait()
		for _, v := range got {
			if v != got[0] || len(v) != 32 {
				t.Errorf("secrets %q", got)
			}
		}
	})
}

func TestRemindersAreKeptInOrder(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, h := context.Background(), NewHouse(t, s)
		if diff := cmp.Diff([]int{5, 2}, h.Team.Reminders); diff != "" {
			t.Errorf("a new team's (-want +got):\n%s", diff)
		}
		for _, test := range []struct {
			days, want []int
			ok         bool
		}{
			{[]int{2, 7, 2}, []int{7, 2}, true},
			{nil, []int{7, 2}, true},
			{[]int{}, []int{}, true},
			{[]int{0}, nil, false},
			{[]int{31}, nil, false},
			{[]int{1, 2, 3, 4, 5, 6}, nil, false},
		} {
			team, err := s.TeamByID(ctx, h.Org.ID, h.Team.ID)
			if err != nil {
				t.Fatal(err)
			}
			team.Reminders = test.days
			_, err = h.Meetings.SaveTeam(ctx, h.Secretary, team)
			if (err == nil) != test.ok {
				t.Errorf("%v: %v", test.days, err)
			}
			if team, _ = s.TeamByID(ctx, h.Org.ID, h.Team.ID); test.ok {
				if diff := cmp.Diff(test.want, team.Reminders); diff != "" {
					t.Errorf("%v (-want +got):\n%s", test.days, diff)
				}
			}
		}
	})
}

func TestALinkLivesAsLongAsItsObject(t *testing.T) {
	t.Parallel()
	m := meetings.Meeting{ID: "m", Ends: Now}
	who := auth.Professional{ID: "p", LinkEpoch: 3}
	one := meetings.State{Dates: []meetings.Full{{Meeting: m}}}.Link(who, Now)
	if diff := cmp.Diff(link.Token{Purpose: link.Meeting, Object: "m", Professional: "p", Expires: Now.AddDate(0, 0, 14), Epoch: 3}, one); diff != "" {
		t.Errorf("of a meeting (-want +got):\n%s", diff)
	}
	all := meetings.State{Series: meetings.Series{ID: "s", Until: date.New(2026, 12, 1)}}.Link(who, Now)
	if diff := cmp.Diff(link.Token{Purpose: link.Series, Object: "s", Professional: "p", Expires: Now.AddDate(0, 13, 0), Epoch: 3}, all); diff != "" {
		t.Errorf("of a series (-want +got):\n%s", diff)
	}
}
