package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
)

// answerOf is Inès's acceptance of a series, as a mail with this digest.
func answerOf(h House, digest string, seconds int) meetings.Inbound {
	return meetings.Inbound{
		Digest: digest, MessageID: digest, Sender: "ines@clinique.example", At: Now, Raw: []byte("raw " + digest), Subject: "Re",
		Replies: []meetings.Reply{{
			UID: h.Series.UID(), From: "ines@clinique.example", Attendee: "ines@clinique.example", Answer: meetings.Accepted,
			HasSequence: true, Sequence: h.Series.Sequence, Stamp: Now.Add(time.Duration(seconds-3600) * time.Second), Origin: "mail",
		}},
	}
}

func TestAMailIsTakenOnceHoweverOftenAndByWhomever(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, h := context.Background(), NewHouse(t, s)
		h.Meeting(t)
		var wg sync.WaitGroup
		var mu sync.Mutex
		fresh := 0
		for range 8 {
			wg.Go(func() {
				in, first, err := h.Meetings.Receive(ctx, h.System, answerOf(h, "one", 0))
				mu.Lock()
				defer mu.Unlock()
				if err != nil || in.Status != meetings.InboundApplied {
					t.Errorf("%s, %v", in.Status, err)
				}
				if first {
					fresh++
				}
			})
		}
		wg.Wait()
		all, _, err := s.Inbounds(ctx, meetings.InboundFilter{Org: h.Org.ID})
		entries, err2 := s.AuditEntries(ctx, h.Org.ID, audit.Filter{Action: "inbound.receive", Limit: 20})
		if fresh != 1 || len(all) != 1 || len(entries) != 1 || errors.Join(err, err2) != nil {
			t.Errorf("%d fresh, %d rows, %d entries, %v %v", fresh, len(all), len(entries), err, err2)
		}
		st, err := s.SeriesState(ctx, h.Org.ID, h.Series.ID)
		if err != nil || len(st.Answers) != 1 {
			t.Fatalf("%d answers, %v", len(st.Answers), err)
		}
		for _, f := range st.Dates {
			for _, a := range f.Attendance {
				if want := a.Professional.Email == "ines@clinique.example"; want && (a.Answer != meetings.Accepted || a.Own || a.Version != 2) || !want && a.Answer != meetings.NeedsAction {
					t.Errorf("%s: %+v", f.Meeting.Slot, a)
				}
			}
		}
	})
}

func TestAnswersAtOnceEndWithTheNewest(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, h := context.Background(), NewHouse(t, s)
		m := h.Meeting(t)
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				in := answerOf(h, fmt.Sprint("n", i), i)
				if i%2 == 1 {
					in.Replies[0].Recurrence = m.Meeting.Original
				}
				in.Replies[0].Comment = fmt.Sprint(i)
				if _, _, err := h.Meetings.Receive(ctx, h.System, in); err != nil && !fault.Is(err, fault.Conflict) {
					t.Errorf("%d: %v", i, err)
				} else if err != nil { // many at once: it stays for the next time
					if _, _, err := h.Meetings.Receive(ctx, h.System, in); err != nil {
						t.Errorf("%d again: %v", i, err)
					}
				}
			})
		}
		wg.Wait()
		st, err := s.SeriesState(ctx, h.Org.ID, h.Series.ID)
		if err != nil || len(st.Answers) != 1 || st.Answers[0].Comment != "4" {
			t.Errorf("%+v, %v", st.Answers, err)
		}
		full, err := h.Meetings.Get(ctx, h.System, m.Meeting.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range full.Attendance {
			if a.Professional.Email == "ines@clinique.example" && (a.Comment != "5" || !a.Own) {
				t.Errorf("the date's answer is %q, own %v", a.Comment, a.Own)
			}
		}
	})
}

func TestMailsAndProposalsAreListedForWhomTheyAre(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, h := context.Background(), NewHouse(t, s)
		m := h.Meeting(t)
		counter := answerOf(h, "counter", 0)
		counter.Replies[0].Recurrence, counter.Replies[0].Counter = m.Meeting.Original, true
		counter.Replies[0].Proposed = &meetings.Span{Start: m.Meeting.Starts.Add(24 * time.Hour)}
		in, _, err := h.Meetings.Receive(ctx, h.System, counter)
		if err != nil || in.Status != meetings.InboundProposed {
			t.Fatalf("%s %s, %v", in.Status, in.Reason, err)
		}
		lost := answerOf(h, "lost", 1)
		lost.Replies[0].UID = strings.Repeat("é", 500) + "\x00\xff"
		if in, _, err = h.Meetings.Receive(ctx, h.System, lost); err != nil || in.Reason != meetings.ReasonUnknownMeeting || in.Team != "" {
			t.Fatalf("%s %q, %v", in.Reason, in.Team, err)
		}
		for name, c := range map[string]struct {
			f                meetings.InboundFilter
			rows, mails, all int
		}{
			"all":      {meetings.InboundFilter{Org: h.Org.ID}, 2, 1, 1},
			"team":     {meetings.InboundFilter{Org: h.Org.ID, Teams: []id.Team{h.Team.ID}}, 1, 0, 1},
			"and none": {meetings.InboundFilter{Org: h.Org.ID, Teams: []id.Team{h.Team.ID}, Teamless: true}, 2, 1, 1},
			"nothing":  {meetings.InboundFilter{Org: h.Org.ID, Teams: []id.Team{}}, 0, 0, 0},
			"stranger": {meetings.InboundFilter{Org: "other"}, 0, 0, 0},
			"meeting":  {meetings.InboundFilter{Org: h.Org.ID, Meeting: m.Meeting.ID}, 1, 0, 1},
		} {
			rows, _, err := s.Inbounds(ctx, c.f)
			mails, proposals, err2 := s.CountWaiting(ctx, c.f)
			if len(rows) != c.rows || mails != c.mails || proposals != c.all || errors.Join(err, err2) != nil {
				t.Errorf("%s: %d rows, %d mails, %d proposals, %v %v", name, len(rows), mails, proposals, err, err2)
			}
		}
		page, next, err := s.Inbounds(ctx, meetings.InboundFilter{Org: h.Org.ID, Limit: 1})
		if err != nil || len(page) != 1 || next == "" {
			t.Fatalf("%d, %q, %v", len(page), next, err)
		}
		page, next, err = s.Inbounds(ctx, meetings.InboundFilter{Org: h.Org.ID, Limit: 1, After: next})
		if err != nil || len(page) != 1 || next != "" || page[0].Digest != "counter" || page[0].TeamName != h.Team.Name || page[0].Person.Family != "Karaoui" {
			t.Errorf("%+v, %q, %v", page, next, err)
		}
		all, err := h.Meetings.Proposals(ctx, h.Chair, "")
		if err != nil || len(all) != 1 || all[0].Ends.Sub(all[0].Starts) != m.Meeting.Duration() || all[0].Person.Family != "Karaoui" || all[0].Date.ID != m.Meeting.ID {
			t.Errorf("%+v, %v", all, err)
		}
		if all, err := h.Meetings.Proposals(ctx, h.Clinician, ""); err != nil || len(all) != 0 {
			t.Errorf("a clinician sees %d, %v", len(all), err)
		}
		if err := h.Meetings.AcceptProposal(ctx, h.Chair, all[0].ID, 1, false); err != nil {
			t.Fatal(err)
		}
		moved, err := h.Meetings.Get(ctx, h.System, m.Meeting.ID)
		if err != nil || !moved.Meeting.Starts.Equal(all[0].Starts) {
			t.Errorf("held %s, %v", moved.Meeting.Starts, err)
		}
	})
}

func TestALeaseIsHeldByOneUntilItEnds(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		for i, c := range []struct {
			holder string
			until  time.Duration
			held   bool
		}{
			{"a", time.Minute, true},
			{"b", time.Minute, false},
			{"a", time.Minute, true},
			{"a", 0, true}, // given back
			{"b", time.Minute, true},
			{"a", time.Minute, false},
		} {
			if held, err := s.Lease(ctx, "mailbox", c.holder, Now.Add(c.until)); held != c.held || err != nil {
				t.Errorf("step %d: %v, %v", i+1, held, err)
			}
		}
		if held, err := s.Lease(ctx, "other", "a", Now.Add(time.Minute)); !held || err != nil {
			t.Errorf("another lease: %v, %v", held, err)
		}
	})
}
