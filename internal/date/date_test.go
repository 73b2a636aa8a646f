package date

import (
	"encoding/json"
	"testing"
	"time"
)

func TestSubCountsDaysAcrossDaylightSavingAndLeapDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to Date
		days     int
	}{
		{New(2026, 3, 28), New(2026, 3, 30), 2},
		{New(2026, 10, 24), New(2026, 10, 26), 2},
		{New(2028, 2, 28), New(2028, 3, 1), 2},
		{New(2026, 12, 31), New(2026, 1, 1), -364},
	} {
		if got := c.to.Sub(c.from); got != c.days || c.from.AddDays(c.days) != c.to {
			t.Errorf("%s to %s: %d days, want %d", c.from, c.to, got, c.days)
		}
	}
}

func TestAgeTurnsOnTheBirthday(t *testing.T) {
	t.Parallel()
	birth := New(1939, 3, 14)
	for day, want := range map[Date]int{New(2026, 3, 13): 86, New(2026, 3, 14): 87, New(2026, 12, 1): 87} {
		if got := birth.AgeAt(day); got != want {
			t.Errorf("on %s: %d, want %d", day, got, want)
		}
	}
}

func TestTextAndStoreRoundTripAndRefuse(t *testing.T) {
	t.Parallel()
	for _, d := range []Date{{}, New(2026, 11, 26), New(1931, 1, 2)} {
		raw, err := json.Marshal(d)
		var back Date
		if err != nil || json.Unmarshal(raw, &back) != nil || back != d {
			t.Errorf("%s as JSON %s comes back as %s", d, raw, back)
		}
		stored, err := d.Value()
		if err != nil || back.Scan(stored) != nil || back != d {
			t.Errorf("%s stored as %v comes back as %s", d, stored, back)
		}
	}
	for _, bad := range []string{"26/11/2026", "2026-02-30", "2026-11-26T00:00:00Z"} {
		if _, err := Parse(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
	var d Date
	if err := d.Scan(time.Date(2026, 11, 26, 23, 0, 0, 0, time.UTC)); err != nil || d != New(2026, 11, 26) {
		t.Errorf("a time gives %s, %v", d, err)
	}
	if err := d.Scan(12); err == nil {
		t.Error("a number was read")
	}
}

func TestAddMonths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from Date
		n    int
		want Date
	}{
		{New(2026, 1, 31), 1, New(2026, 2, 28)},
		{New(2027, 12, 31), 2, New(2028, 2, 29)},
		{New(2026, 11, 26), 0, New(2026, 11, 26)},
		{New(2026, 11, 26), 14, New(2028, 1, 26)},
	} {
		if got := c.from.AddMonths(c.n); got != c.want {
			t.Errorf("%v and %d months is %v, want %v", c.from, c.n, got, c.want)
		}
	}
}
