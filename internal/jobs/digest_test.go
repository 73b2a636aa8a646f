package jobs_test

import (
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/jobs"
	"github.com/rcp-care/rcp/internal/store/storetest"
)

func TestTheDigestIsDueOnMondayAtHalfPastSevenLocalTime(t *testing.T) {
	t.Parallel()
	monday := date.New(2026, 11, 23)
	for _, c := range []struct {
		name string
		zone string
		now  time.Time
		want date.Date
	}{
		{"a minute early", "Europe/Paris", time.Date(2026, 11, 23, 6, 29, 0, 0, time.UTC), date.Date{}},
		{"on time", "Europe/Paris", time.Date(2026, 11, 23, 6, 30, 0, 0, time.UTC), monday},
		{"up again at night", "Europe/Paris", time.Date(2026, 11, 23, 22, 59, 0, 0, time.UTC), monday},
		{"on Tuesday", "Europe/Paris", time.Date(2026, 11, 23, 23, 0, 0, 0, time.UTC), date.Date{}},
		{"on Sunday", "Europe/Paris", time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), date.Date{}},
		{"the day after the clock went back", "Europe/Paris", time.Date(2026, 10, 26, 6, 30, 0, 0, time.UTC), date.New(2026, 10, 26)},
		{"the day after it went forward", "Europe/Paris", time.Date(2026, 3, 30, 5, 30, 0, 0, time.UTC), date.New(2026, 3, 30)},
		{"further east", "Indian/Reunion", time.Date(2026, 11, 23, 3, 30, 0, 0, time.UTC), monday},
		{"further west", "America/Martinique", time.Date(2026, 11, 23, 11, 29, 0, 0, time.UTC), date.Date{}},
		{"Monday there already", "Pacific/Noumea", time.Date(2026, 11, 22, 20, 30, 0, 0, time.UTC), monday},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := jobs.DueDigest(c.now, zone); got != c.want && ok || ok != !c.want.IsZero() {
			t.Errorf("%s: %v %v, want %v", c.name, got, ok, c.want)
		}
	}
}

// TestEachHearsOfTheirWeekOnce runs two machines at once, one of which died
// half way before: everybody with an address who wishes it hears once a week.
func TestEachHearsOfTheirWeekOnce(t *testing.T) {
	t.Parallel()
	ctx, st := t.Context(), storetest.SQLite(t)
	h := storetest.NewHouse(t, st)
	patients := careplan.NewService(st, storetest.Clock)
	if err := patients.SetDigest(ctx, h.Chair, false); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 6, 31, 0, 0, time.UTC)
	heard := func() map[id.Professional]int {
		page, err := st.UntreatedEvents(ctx, "", 1000)
		if err != nil {
			t.Fatal(err)
		}
		n := map[id.Professional]int{}
		for _, e := range page {
			if e.Kind == event.WeekDue {
				n[e.Professional]++
			}
		}
		return n
	}
	people, err := st.DigestPeople(ctx, h.Org.ID, date.Of(now))
	if err != nil || len(people) < 2 {
		t.Fatalf("%+v, %v", people, err)
	}
	run := func() {
		var machines sync.WaitGroup
		for range 2 {
			machines.Go(func() {
				c := jobs.Config{Store: st, Meetings: h.Meetings, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
				for range 3 {
					if err := jobs.Digests(ctx, c); err != nil {
						t.Error(err)
					}
				}
			})
		}
		machines.Wait()
	}
	dead := event.Event{ID: id.New[id.Event](), Org: h.Org.ID, Kind: event.WeekDue, At: now, Professional: people[0].ID}
	if _, err := st.EmitOnce(ctx, "digest.week", "2026-11-23/"+string(people[0].ID), now, []event.Event{dead}); err != nil {
		t.Fatal(err)
	}
	run()
	want := map[id.Professional]int{}
	for _, p := range people {
		want[p.ID] = 1
	}
	if diff := cmp.Diff(want, heard()); diff != "" || want[h.Chair.Professional] != 0 {
		t.Errorf("the first week (-want +got):\n%s", diff)
	}
	now = now.AddDate(0, 0, 1)
	run()
	now = now.AddDate(0, 0, 6)
	run()
	for _, p := range people {
		want[p.ID] = 2
	}
	if diff := cmp.Diff(want, heard()); diff != "" {
		t.Errorf("the second (-want +got):\n%s", diff)
	}
}
