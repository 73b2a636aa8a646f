// Package date is the civil date: a day of the calendar without hour or zone,
// as birth dates, due dates and review dates are.
package date

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Date is a day. The zero Date is "no date" and is stored as NULL.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

const layout = "2006-01-02"

// Of returns the day of t in t's own location.
func Of(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// New returns the day, normalised as time.Date does.
func New(y int, m time.Month, d int) Date { return Of(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)) }

// Parse reads 2026-11-26.
func Parse(s string) (Date, error) {
	t, err := time.Parse(layout, s)
	if err != nil {
		return Date{}, fmt.Errorf("date: want YYYY-MM-DD")
	}
	return Of(t), nil
}

// IsZero reports whether d is "no date".
func (d Date) IsZero() bool { return d == Date{} }

// In returns midnight of d in a zone.
func (d Date) In(loc *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
}

// AddDays returns the day n days later.
func (d Date) AddDays(n int) Date { return New(d.Year, d.Month, d.Day+n) }

// AddMonths returns the same day n months later, or the last day of that month.
func (d Date) AddMonths(n int) Date {
	last := New(d.Year, d.Month+time.Month(n)+1, 0)
	return New(last.Year, last.Month, min(d.Day, last.Day))
}

// Sub returns the days from e to d.
func (d Date) Sub(e Date) int { return int(d.In(time.UTC).Sub(e.In(time.UTC)).Hours() / 24) }

// Before reports whether d is earlier than e.
func (d Date) Before(e Date) bool { return d.Sub(e) < 0 }

// After reports whether d is later than e.
func (d Date) After(e Date) bool { return d.Sub(e) > 0 }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.In(time.UTC).Weekday() }

// AgeAt returns the completed years from d to day.
func (d Date) AgeAt(day Date) int {
	n := day.Year - d.Year
	if day.Month < d.Month || (day.Month == d.Month && day.Day < d.Day) {
		n--
	}
	return n
}

// String returns 2026-11-26, or "" for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.In(time.UTC).Format(layout)
}

// MarshalText implements encoding.TextMarshaler.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler; empty is no date.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	v, err := Parse(string(b))
	*d = v
	return err
}

// Value stores the day as text, which sorts and compares on both databases.
func (d Date) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.String(), nil
}

// Scan reads what Value stored.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = Date{}
		return nil
	case string:
		return d.UnmarshalText([]byte(v))
	case []byte:
		return d.UnmarshalText(v)
	case time.Time:
		*d = Of(v)
		return nil
	}
	return fmt.Errorf("date: cannot scan %T", src)
}

// Later returns the later of two days; none is the earliest.
func Later(a, b Date) Date {
	if a.After(b) {
		return a
	}
	return b
}

// Earlier returns the earlier of two days.
func Earlier(a, b Date) Date {
	if a.Before(b) {
		return a
	}
	return b
}
