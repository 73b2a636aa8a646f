package meetings

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
)

func paris(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func thursdays() Series {
	return Series{
		Weekday: time.Thursday, Start: "14:30", Duration: 90 * time.Minute, Interval: 1, From: date.New(2026, 1, 5),
	}
}

func TestOccurrencesKeepTheLocalHourAcrossDaylightSaving(t *testing.T) {
	t.Parallel()
	for _, o := range thursdays().Occurrences(date.New(2026, 3, 20), date.New(2026, 11, 5), paris(t), "none") {
		if got := o.Starts.Format("Mon 15:04"); got != "Thu 14:30" {
			t.Errorf("%s: %s", o.Day, got)
		}
		if o.Ends.Sub(o.Starts) != 90*time.Minute {
			t.Errorf("%s lasts %s", o.Day, o.Ends.Sub(o.Starts))
		}
	}
	winter := thursdays().Occurrences(date.New(2026, 3, 26), date.New(2026, 4, 2), paris(t), "none")
	if len(winter) != 2 || winter[0].Starts.UTC().Hour() != 13 || winter[1].Starts.UTC().Hour() != 12 {
		t.Errorf("around 29 March 2026: %v", winter)
	}
}

func TestOccurrencesNameTheHolidayOfTheZone(t *testing.T) {
	t.Parallel()
	cases := []struct {
		zone string
		day  date.Date
		want string
	}{
		{"metropole", date.New(2026, 5, 14), "Ascension"},
		{"metropole", date.New(2026, 4, 3), ""},
		{"alsace-moselle", date.New(2026, 4, 3), "Vendredi saint"},
		{"alsace-moselle", date.New(2026, 12, 26), "Saint-Étienne"},
		{"reunion", date.New(2026, 12, 20), "Abolition de l’esclavage"},
		{"guadeloupe", date.New(2026, 5, 27), "Abolition de l’esclavage"},
		{"metropole", date.New(2026, 12, 25), "Noël"},
		{"none", date.New(2026, 12, 25), ""},
	}
	for _, c := range cases {
		if got, _ := Holiday(c.zone, c.day); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.zone, c.day, got, c.want)
		}
	}
}

// However the window is cut, a series gives the same dates, on its weekday and
// in its rhythm.
func TestOccurrencesDoNotDependOnTheWindow(t *testing.T) {
	t.Parallel()
	loc := paris(t)
	rapid.Check(t, func(t *rapid.T) {
		s := thursdays()
		s.Weekday = time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday"))
		s.Interval = rapid.IntRange(1, 12).Draw(t, "interval")
		from := s.From.AddDays(rapid.IntRange(-100, 400).Draw(t, "from"))
		cut := rapid.IntRange(0, 300).Draw(t, "cut")
		to := from.AddDays(cut + rapid.IntRange(0, 300).Draw(t, "rest"))
		whole := s.Occurrences(from, to, loc, "metropole")
		parts := append(s.Occurrences(from, from.AddDays(cut), loc, "metropole"),
			s.Occurrences(from.AddDays(cut+1), to, loc, "metropole")...)
		if len(whole) != len(parts) {
			t.Fatalf("%d dates whole, %d in parts", len(whole), len(parts))
		}
		for i, o := range whole {
			if o.Day != parts[i].Day || o.Day.Weekday() != s.Weekday || o.Day.Before(s.From) {
				t.Fatalf("date %d: %s, in parts %s", i, o.Day, parts[i].Day)
			}
			if i > 0 && o.Day.Sub(whole[i-1].Day) != 7*s.Interval {
				t.Fatalf("%s comes %d days after the one before", o.Day, o.Day.Sub(whole[i-1].Day))
			}
		}
	})
}

func TestSeriesRefusesTheHourThatDoesNotAlwaysExist(t *testing.T) {
	t.Parallel()
	s := thursdays()
	if err := s.check("test"); err != nil {
		t.Fatalf("a good series: %v", err)
	}
	s.Start, s.Interval = "02:30", 0
	err := s.check("test")
	if !fault.Is(err, fault.Invalid) || len(fault.Fields(err)) != 2 {
		t.Errorf("want start and interval refused: %v", err)
	}
}

func TestStatusTableHasNoWayOutOfTheEnd(t *testing.T) {
	t.Parallel()
	all := []Status{Draft, Open, Closed, Running, Held, Signed, Cancelled}
	for _, to := range all {
		if Signed.May(to) || Cancelled.May(to) {
			t.Errorf("signed or cancelled may become %s", to)
		}
		if Running.May(Cancelled) || Held.May(Cancelled) {
			t.Error("a meeting that began cannot be cancelled")
		}
	}
	if !Held.May(Signed) || Draft.May(Signed) || !Open.May(Running) {
		t.Error("the way from draft to signed is broken")
	}
}
