package storetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
)

func TestMakeAheadTwiceAndAtOnceMakesEachMeetingOnce(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, h := context.Background(), NewHouse(t, s)
		endless, err := h.Meetings.SaveSeries(ctx, h.System, "", 0, meetings.SeriesEdit{
			Team: h.Team.ID, Rule: meetings.Every(1, time.Friday), Start: "09:00", Duration: time.Hour, From: date.New(2026, 12, 1),
		})
		if err != nil {
			t.Fatal(err)
		}
		later := meetings.NewService(s, func() time.Time { return Now.AddDate(0, 9, 0) })
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if _, err := later.MakeAhead(ctx, h.System, "", date.Date{}); err != nil {
					t.Errorf("make ahead: %v", err)
				}
			})
		}
		wg.Wait()
		st, err := s.SeriesState(ctx, h.Org.ID, endless.ID)
		if err != nil {
			t.Fatal(err)
		}
		off, made := meetings.NoMeeting("metropole", nil), map[date.Date]bool{}
		for _, f := range st.Dates {
			made[f.Meeting.Slot] = true
		}
		for _, o := range st.Series.Occurrences(endless.From, st.Series.Horizon, off) {
			if made[o.Day] == o.Skipped {
				t.Errorf("%s: made %v, closed %q", o.Day, made[o.Day], o.Closed)
			}
		}
		if len(made) != len(st.Dates) || st.Series.Horizon.Sub(endless.Horizon) < 100 {
			t.Errorf("%d dates, %d meetings, horizon %s after %s", len(made), len(st.Dates), st.Series.Horizon, endless.Horizon)
		}
		all, _, err := h.Meetings.List(ctx, h.System, meetings.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		if got := all[0].Starts; !got.Equal(time.Date(2026, 11, 26, 13, 30, 0, 0, time.UTC)) {
			t.Errorf("first starts %s", got)
		}
		full, err := h.Meetings.Get(ctx, h.Clinician, all[0].ID)
		if err != nil || len(full.Attendance) != 4 {
			t.Errorf("%d invited, %v; want 4", len(full.Attendance), err)
		}
		entries, err := s.AuditEntries(ctx, h.Org.ID, audit.Filter{Action: "meeting.make", Limit: 10})
		if err != nil || len(entries) != 1 {
			t.Errorf("%d audit entries, %v; want one: a run that makes nothing writes nothing", len(entries), err)
		}
	})
}

func TestMeetingGoesItsWayAndStaleVersionsAreRefused(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, h := context.Background(), NewHouse(t, s)
		m := h.Meeting(t).Meeting
		if _, err := h.Meetings.Open(ctx, h.Clinician, m.ID, m.Version); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a clinician opens: %v", err)
		}
		opened, err := h.Meetings.Open(ctx, h.Secretary, m.ID, m.Version)
		if err != nil || opened.Status != meetings.Open {
			t.Fatalf("open: %+v, %v", opened, err)
		}
		if _, err := h.Meetings.Close(ctx, h.Secretary, m.ID, m.Version); !fault.Is(err, fault.Conflict) {
			t.Errorf("a stale version closes: %v", err)
		}
		yes := meetings.Accepted
		if _, err := h.Meetings.SetAttendance(ctx, h.Clinician, m.ID, []meetings.AttendanceEdit{
			{Professional: h.Clinician.Professional, Answer: &yes},
		}); err != nil {
			t.Errorf("own answer: %v", err)
		}
		moved, err := h.Meetings.Move(ctx, h.Secretary, m.ID, opened.Version, meetings.Move{
			Starts: m.Starts.Add(24 * time.Hour), Ends: m.Ends.Add(24 * time.Hour), Room: "Salle 2",
		})
		if err != nil || moved.Sequence != m.Sequence+1 || moved.Slot != m.Slot || moved.UID != m.UID {
			t.Fatalf("move: %+v, %v", moved, err)
		}
		full, err := h.Meetings.Get(ctx, h.Chair, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range full.Attendance {
			if a.Answer != meetings.NeedsAction {
				t.Errorf("%s still answers %s to the old time", a.Professional.Name(), a.Answer)
			}
		}
		if _, err := h.Meetings.MakeAhead(ctx, h.System, "", date.New(2026, 12, 31)); err != nil {
			t.Fatal(err)
		}
		if all, _, _ := h.Meetings.List(ctx, h.System, meetings.Filter{}); len(all) != 6 {
			t.Errorf("%d meetings: a moved one was made again", len(all))
		}
	})
}

func TestMeetingsAreSeenByTheirTeamOnlyAndRefusalsAreKept(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, h := context.Background(), NewHouse(t, s)
		m := h.Meeting(t).Meeting
		if _, err := h.Meetings.Get(ctx, h.Stranger, m.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a stranger reads: %v", err)
		}
		if all, _, err := h.Meetings.List(ctx, h.Stranger, meetings.Filter{}); err != nil || len(all) != 0 {
			t.Errorf("a stranger lists %d, %v", len(all), err)
		}
		entries, err := s.AuditEntries(ctx, h.Org.ID, audit.Filter{Actor: h.Stranger.Professional, Limit: 10})
		if err != nil || len(entries) != 1 || entries[0].Outcome != audit.Refused {
			t.Errorf("refusals: %+v, %v", entries, err)
		}
	})
}

func TestMeetingsPagesMeetAtTheirCursor(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, h := context.Background(), NewHouse(t, s)
		h.Meeting(t)
		for _, newest := range []bool{false, true} {
			var seen []meetings.Meeting
			f := meetings.Filter{Limit: 2, Newest: newest}
			for {
				page, next, err := h.Meetings.List(ctx, h.System, f)
				if err != nil {
					t.Fatal(err)
				}
				seen = append(seen, page...)
				if f.After = next; next == "" {
					break
				}
			}
			if len(seen) != 6 {
				t.Errorf("newest %v: %d meetings over pages, want 6", newest, len(seen))
			}
			for i := 1; i < len(seen); i++ {
				if seen[i].Starts.After(seen[i-1].Starts) == newest {
					t.Errorf("newest %v: out of order at %d", newest, i)
				}
			}
		}
	})
}

func TestATeamTakesOnlyPeopleOfItsOrganisation(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, h, other := context.Background(), NewHouse(t, s), NewHouse(t, s)
		team, err := h.Meetings.Team(ctx, h.Secretary, h.Team.ID)
		if err != nil {
			t.Fatal(err)
		}
		team.Members = append(team.Members, other.Team.Members[0])
		if _, err := h.Meetings.SaveTeam(ctx, h.Secretary, team); !fault.Is(err, fault.Invalid) {
			t.Errorf("a member of another organisation: %v", err)
		}
		if _, err := h.Meetings.Team(ctx, h.System, other.Team.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a team of another organisation is read: %v", err)
		}
	})
}

func TestMembersWhoComeAndGoFollowOnMeetingsToCome(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, h := context.Background(), NewHouse(t, s)
		m := h.Meeting(t).Meeting
		if _, err := h.Meetings.Open(ctx, h.Secretary, m.ID, m.Version); err != nil {
			t.Fatal(err)
		}
		team, err := h.Meetings.Team(ctx, h.Secretary, h.Team.ID)
		if err != nil {
			t.Fatal(err)
		}
		gone := team.Members[0]
		team.Members = team.Members[1:]
		if _, err := h.Meetings.SaveTeam(ctx, h.Secretary, team); err != nil {
			t.Fatalf("save team: %v", err)
		}
		full, err := h.Meetings.Get(ctx, h.System, m.ID)
		if err != nil || len(full.Attendance) != 3 {
			t.Fatalf("%d invited, %v", len(full.Attendance), err)
		}
		for _, a := range full.Attendance {
			if a.Professional.ID == gone.ID {
				t.Error("a removed member is still invited")
			}
		}
		if _, err := h.Meetings.SaveTeam(ctx, h.Secretary, team); !fault.Is(err, fault.Conflict) {
			t.Errorf("saving a stale team: %v", err)
		}
		entries, err := s.AuditEntries(ctx, h.Org.ID, audit.Filter{Action: "team.save", Limit: 1})
		if err != nil || len(entries) != 1 || entries[0].Detail != string(gone.ID)+"=gone" {
			t.Errorf("the log does not say who went: %+v, %v", entries, err)
		}
	})
}
