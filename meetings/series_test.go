package meetings

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
)

func thursdays() Series {
	return Series{
		ID: "series", Root: "series", Rule: Every(1, time.Thursday), Start: "14:30", Duration: 90 * time.Minute, Zone: "Europe/Paris",
		From: date.New(2026, 1, 5), OnClosed: Skip,
	}
}

func TestOccurrencesKeepTheLocalHourAcrossDaylightSaving(t *testing.T) {
	t.Parallel()
	cases := []struct {
		zone           string
		before, summer int // UTC hour of 14:30 before and after 29 March 2026
		after          int // and after 25 October
	}{
		{"Europe/Paris", 13, 12, 13},
		{"America/Martinique", 18, 18, 18},
		{"America/Miquelon", 16, 16, 17}, // changes on 8 March and 1 November
		{"Indian/Reunion", 10, 10, 10},
		{"Pacific/Noumea", 3, 3, 3},
	}
	for _, c := range cases {
		s := thursdays()
		s.Zone = c.zone
		for _, o := range s.Occurrences(date.New(2026, 3, 1), date.New(2026, 11, 30), neverClosed) {
			if got := o.Starts.Format("Mon 15:04"); got != "Thu 14:30" {
				t.Errorf("%s %s: %s", c.zone, o.Day, got)
			}
			if o.Ends.Sub(o.Starts) != 90*time.Minute {
				t.Errorf("%s %s lasts %s", c.zone, o.Day, o.Ends.Sub(o.Starts))
			}
		}
		hour := func(d date.Date) int { return s.Occurrences(d, d, neverClosed)[0].Starts.UTC().Hour() }
		got := []int{hour(date.New(2026, 3, 26)), hour(date.New(2026, 4, 2)), hour(date.New(2026, 11, 5))}
		if diff := cmp.Diff([]int{c.before, c.summer, c.after}, got); diff != "" {
			t.Errorf("%s: UTC hours (-want +got)\n%s", c.zone, diff)
		}
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

// held says, day by day, what becomes of a series: "rule>held", "rule-" when it
// is skipped.
func held(s Series, from, to date.Date, off DaysOff) (all []string) {
	for _, o := range s.Occurrences(from, to, off) {
		switch {
		case o.Skipped:
			all = append(all, o.Day.String()[5:]+"-")
		case o.Moved():
			all = append(all, o.Day.String()[5:]+">"+o.Starts.Format("01-02 15:04"))
		default:
			all = append(all, o.Day.String()[5:])
		}
	}
	return all
}

func TestDatesOnClosedDays(t *testing.T) {
	t.Parallel()
	bridge := []Closure{{From: date.New(2026, 5, 11), Until: date.New(2026, 5, 17), Name: "Pont"}}
	ascension := date.New(2026, 5, 14) // a Thursday
	days := func(all ...time.Weekday) Rule { return Rule{Freq: Weekly, Interval: 1, Weekdays: all} }
	cases := []struct {
		name     string
		rule     Rule
		onClosed OnClosed
		closures []Closure
		from, to date.Date
		want     []string
	}{
		{"skipped", days(time.Thursday), Skip, nil, ascension, ascension, []string{"05-14-"}},
		{"the day before", days(time.Thursday), Before, nil, ascension, ascension, []string{"05-14>05-13 14:30"}},
		{"the day after", days(time.Thursday), After, nil, ascension, ascension, []string{"05-14>05-15 14:30"}},
		{"the day after is a date already", days(time.Thursday, time.Friday), After, nil, ascension, ascension, []string{"05-14>05-18 14:30"}},
		{"the day before is a date already", days(time.Wednesday, time.Thursday), Before, nil, ascension, ascension, []string{"05-14>05-12 14:30"}},
		{"a bridge is crossed", days(time.Thursday), After, bridge, ascension, ascension, []string{"05-14>05-18 14:30"}},
		{"before the bridge are a holiday and another date", days(time.Thursday), Before, bridge, ascension, ascension, []string{"05-14-"}},
		{
			"two dates of one bridge do not meet", days(time.Thursday, time.Friday), After, bridge, ascension, ascension.AddDays(1),
			[]string{"05-14>05-18 14:30", "05-15>05-19 14:30"},
		},
		{
			"too long a closure skips", days(time.Thursday), After,
			[]Closure{{From: date.New(2026, 5, 11), Until: date.New(2026, 5, 29), Name: "Travaux"}},
			ascension, ascension.AddDays(7),
			[]string{"05-14-", "05-21-"},
		},
		{"Whit Monday moves to Tuesday, not to Sunday", days(time.Monday), Before, nil, date.New(2026, 5, 25), date.New(2026, 5, 25), []string{"05-25>05-22 14:30"}},
	}
	for _, c := range cases {
		s := thursdays()
		s.Rule, s.OnClosed = c.rule, c.onClosed
		if diff := cmp.Diff(c.want, held(s, c.from, c.to, NoMeeting("metropole", c.closures))); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
	}
}

func TestRulesEnd(t *testing.T) {
	t.Parallel()
	all := func(s Series) (days []string) {
		for _, o := range s.Occurrences(s.From, date.New(2028, 1, 1), neverClosed) {
			days = append(days, o.Day.String())
		}
		return days
	}
	s := thursdays()
	s.From, s.Count = date.New(2026, 11, 25), 2
	if diff := cmp.Diff([]string{"2026-11-26", "2026-12-03"}, all(s)); diff != "" {
		t.Errorf("by count (-want +got)\n%s", diff)
	}
	s.Count, s.Until = 0, date.New(2026, 12, 3)
	if diff := cmp.Diff([]string{"2026-11-26", "2026-12-03"}, all(s)); diff != "" {
		t.Errorf("on the last day (-want +got)\n%s", diff)
	}
	s.Until = date.New(2026, 12, 2)
	if diff := cmp.Diff([]string{"2026-11-26"}, all(s)); diff != "" {
		t.Errorf("the day before (-want +got)\n%s", diff)
	}
	s = thursdays()
	s.Rule, s.Until = Rule{Freq: Monthly, Interval: 2, Weekdays: []time.Weekday{time.Tuesday}, Nth: -1}, date.New(2026, 6, 30)
	if diff := cmp.Diff([]string{"2026-01-27", "2026-03-31", "2026-05-26"}, all(s)); diff != "" {
		t.Errorf("last Tuesday, one month out of two (-want +got)\n%s", diff)
	}
	s.Nth, s.Interval, s.From, s.Until = 1, 1, date.New(2026, 1, 7), date.New(2026, 3, 3)
	if diff := cmp.Diff([]string{"2026-02-03", "2026-03-03"}, all(s)); diff != "" {
		t.Errorf("first Tuesday, from the day after one (-want +got)\n%s", diff)
	}
}

func anyRule(t *rapid.T) Rule {
	days := rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 1, 4, rapid.ID).Draw(t, "days")
	r := Rule{Freq: Weekly, Interval: rapid.IntRange(1, 4).Draw(t, "interval")}
	for _, d := range days {
		r.Weekdays = append(r.Weekdays, time.Weekday(d))
	}
	if rapid.IntRange(0, 2).Draw(t, "monthly") == 0 {
		r.Freq, r.Weekdays, r.Nth = Monthly, r.Weekdays[:1], rapid.SampledFrom([]int{1, 2, 3, 4, -1}).Draw(t, "nth")
	}
	return r
}

func anySeries(t *rapid.T) Series {
	s := thursdays()
	s.Rule = anyRule(t)
	s.Zone = rapid.SampledFrom([]string{"Europe/Paris", "America/Miquelon", "Indian/Reunion", "Pacific/Noumea"}).Draw(t, "zone")
	s.Start = rapid.SampledFrom([]string{"00:30", "08:00", "14:30", "23:00"}).Draw(t, "start")
	s.Duration = 45 * time.Minute
	s.From = s.From.AddDays(rapid.IntRange(0, 400).Draw(t, "from"))
	s.OnClosed = rapid.SampledFrom([]OnClosed{Skip, Before, After}).Draw(t, "closed")
	switch rapid.IntRange(0, 2).Draw(t, "end") {
	case 0:
		s.Count = rapid.IntRange(1, 30).Draw(t, "count")
	case 1:
		s.Until = s.From.AddDays(rapid.IntRange(0, 300).Draw(t, "until"))
	}
	return s
}

// Our dates are those that another library expands from the RRULE we write,
// week alignment, daylight saving and both ends included.
func TestDatesAreThoseOfTheRuleWeWrite(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := anySeries(t)
		to := s.From.AddDays(500)
		ours := s.Occurrences(s.From, to, neverClosed)
		var want, got []string
		for _, o := range ours {
			want = append(want, o.Original.UTC().Format(time.RFC3339))
		}
		if len(ours) > 0 {
			for _, at := range expand(t, s.rrule(), ours[0].Original, to.AddDays(1).In(s.Location())) {
				got = append(got, at.UTC().Format(time.RFC3339))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s from %s in %s (-ours +theirs)\n%s", s.rrule(), s.From, s.Zone, diff)
		}
	})
}

func TestRuleIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := anySeries(t)
		first := s.Occurrences(s.From, s.From.AddDays(200), neverClosed)
		if len(first) == 0 {
			return
		}
		v := View{Start: first[0].Original, End: first[0].Ends, Zone: s.Zone, Rule: s.rrule()}
		to := s.From.AddDays(400)
		var want [][2]time.Time
		for _, o := range s.Occurrences(s.From, to, neverClosed) {
			want = append(want, [2]time.Time{o.Starts, o.Ends})
		}
		if diff := cmp.Diff(want, v.Spans(to)); diff != "" {
			t.Fatalf("%s (-want +got)\n%s", v.Rule, diff)
		}
	})
}

// However the window is cut, a series gives the same dates, held on the same
// days, and no two of them on one day.
func TestOccurrencesDoNotDependOnTheWindow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := anySeries(t)
		off := NoMeeting("alsace-moselle", []Closure{{From: s.From.AddDays(20), Until: s.From.AddDays(25), Name: "Fermeture"}})
		from := s.From.AddDays(rapid.IntRange(-100, 300).Draw(t, "window"))
		cut := rapid.IntRange(0, 40).Draw(t, "cut")
		to := from.AddDays(cut + rapid.IntRange(0, 200).Draw(t, "rest"))
		whole := s.Occurrences(from, to, off)
		parts := append(s.Occurrences(from, from.AddDays(cut), off), s.Occurrences(from.AddDays(cut+1), to, off)...)
		if diff := cmp.Diff(whole, parts); diff != "" {
			t.Fatalf("(-whole +parts)\n%s", diff)
		}
		taken := map[string]bool{}
		for _, o := range whole {
			if day := date.Of(o.Starts).String(); !o.Skipped && taken[day] {
				t.Fatalf("two dates on %s", day)
			} else if !o.Skipped {
				taken[day] = true
			}
			if o.Day.Before(s.From) {
				t.Fatalf("%s is before %s", o.Day, s.From)
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
