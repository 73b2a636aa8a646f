package careplan

import (
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/date"
)

func TestDaysLeftChangeAtTheLocalMidnight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		zone string
		due  date.Date
		now  time.Time
		want int
	}{
		{"the last minute of the day, in winter", "Europe/Paris", date.New(2026, 12, 5), time.Date(2026, 12, 5, 22, 59, 59, 0, time.UTC), 0},
		{"the first of the next", "Europe/Paris", date.New(2026, 12, 5), time.Date(2026, 12, 5, 23, 0, 0, 0, time.UTC), -1},
		{"the last minute of the day, in summer", "Europe/Paris", date.New(2026, 7, 5), time.Date(2026, 7, 5, 21, 59, 59, 0, time.UTC), 0},
		{"the first of the next, in summer", "Europe/Paris", date.New(2026, 7, 5), time.Date(2026, 7, 5, 22, 0, 0, 0, time.UTC), -1},
		{"the day of 23 hours ends", "Europe/Paris", date.New(2026, 3, 29), time.Date(2026, 3, 29, 22, 0, 0, 0, time.UTC), -1},
		{"over the day of 23 hours", "Europe/Paris", date.New(2026, 3, 30), time.Date(2026, 3, 28, 23, 30, 0, 0, time.UTC), 1},
		{"the day of 25 hours lasts", "Europe/Paris", date.New(2026, 10, 25), time.Date(2026, 10, 25, 22, 59, 0, 0, time.UTC), 0},
		{"a week over the change", "Europe/Paris", date.New(2026, 10, 28), time.Date(2026, 10, 21, 21, 59, 0, 0, time.UTC), 7},
		{"where the day begins earlier", "Indian/Reunion", date.New(2026, 12, 5), time.Date(2026, 12, 5, 20, 0, 0, 0, time.UTC), -1},
		{"where it ends later", "America/Martinique", date.New(2026, 12, 5), time.Date(2026, 12, 6, 3, 59, 0, 0, time.UTC), 0},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := DaysLeft(c.due, c.now, zone); got != c.want {
			t.Errorf("%s: %d days, want %d", c.name, got, c.want)
		}
	}
}

func TestWhatIsFollowedIsSortedByWhatPresses(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	day := func(n int) date.Date { return date.New(2026, 11, n) }
	action := func(title string, s ActionStatus, due, done date.Date) Followed {
		return Followed{Action: Action{Title: title, Status: s, Due: due, DoneOn: done}, Zone: "Europe/Paris"}
	}
	f := sortFollowed([]Followed{
		action("someday", Requested, date.Date{}, date.Date{}), action("late", Requested, day(25), date.Date{}),
		action("today", ActionInProgress, day(26), date.Date{}), action("later still", Requested, day(20), date.Date{}),
		action("done", ActionCompleted, day(1), day(24)), action("done since", ActionCompleted, day(30), day(25)),
	}, []Telling{
		{WhoName: "late", By: day(25), Zone: "Europe/Paris"}, {WhoName: "no day", Zone: "Europe/Paris"}, {WhoName: "told", By: day(1), On: day(2), Zone: "Europe/Paris"},
	}, now)
	titles := func(all []Followed) (out string) {
		for _, a := range all {
			out += a.Action.Title + ","
		}
		return out
	}
	if titles(f.Late) != "later still,late," || titles(f.Coming) != "today,someday," || titles(f.Recent) != "done since,done," {
		t.Errorf("late %q, coming %q, recent %q", titles(f.Late), titles(f.Coming), titles(f.Recent))
	}
	if len(f.Tell) != 2 || f.Tell[0].Late() != 1 || f.Tell[1].Late() != 0 || len(f.Told) != 1 || f.Told[0].Late() != 0 {
		t.Errorf("tell %+v, told %+v", f.Tell, f.Told)
	}
}

func TestAReasonIsAskedForWhatIsNotDone(t *testing.T) {
	t.Parallel()
	for _, n := range NotDoneReasons() {
		c := ActionChange{Status: ActionCompleted, Outcome: OutcomeNotDone, Reason: n.Key}
		if err := c.check("test"); (err == nil) != (n.Key != "other") {
			t.Errorf("%s without a word: %v", n.Key, err)
		}
		if c.Note = "Fermé."; c.check("test") != nil {
			t.Errorf("%s with a word is refused", n.Key)
		}
	}
	done := ActionChange{Status: ActionCompleted, Outcome: OutcomeDone, Note: "Fermé."}
	if done.check("test") == nil {
		t.Error("a reason of something done is taken")
	}
}
