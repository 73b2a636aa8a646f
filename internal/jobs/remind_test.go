package jobs_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/jobs"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/internal/store/storetest"
	"github.com/rcp-care/rcp/meetings"
)

// TestRemindersFollowTheLocalClock: the meeting of Monday 30 March 2026 has its
// reminders on either side of the change of the clock, on Sunday 29.
func TestRemindersFollowTheLocalClock(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 3, day, hour, minute, 0, 0, paris) }
	m := meetings.Meeting{Zone: "Europe/Paris", Status: meetings.Open, Opened: at(16, 8, 0), Starts: at(30, 9, 0)}
	late := m
	late.Opened = at(28, 10, 0)
	days := []int{5, 2, 1}
	for _, test := range []struct {
		name string
		m    meetings.Meeting
		days []int
		now  time.Time
		want int
	}{
		{"before the first", m, days, at(24, 23, 0), 0},
		{"five days before, at dawn", m, days, at(25, 7, 59), 0},
		{"five days before, at eight in winter", m, days, time.Date(2026, 3, 25, 7, 0, 0, 0, time.UTC), 5},
		{"the day after, for a program that was down", m, days, at(26, 9, 0), 5},
		{"but not at night", m, days, at(26, 3, 0), 0},
		{"nor two days after", m, days, at(27, 9, 0), 0},
		{"two days before", m, days, at(28, 8, 0), 2},
		{"the day of the change, half past seven", m, days, time.Date(2026, 3, 29, 5, 30, 0, 0, time.UTC), 0},
		{"the day of the change, eight in summer", m, days, time.Date(2026, 3, 29, 6, 0, 0, 0, time.UTC), 1},
		{"the nearest delay, not both", m, []int{1, 2}, at(29, 8, 0), 1},
		{"invited since", late, []int{5, 2}, at(28, 11, 0), 0},
		{"never opened", meetings.Meeting{Zone: "Europe/Paris", Starts: m.Starts}, days, at(28, 8, 0), 0},
		{"once it began", m, []int{1}, at(30, 9, 0), 0},
		{"none wished", m, nil, at(28, 8, 0), 0},
	} {
		n, ok := jobs.DueReminder(test.m, test.days, test.now)
		if n != test.want || ok != (test.want > 0) {
			t.Errorf("%s: %d, %t; want %d", test.name, n, ok, test.want)
		}
	}
	for _, test := range []struct {
		name string
		now  time.Time
		want bool
	}{
		{"two days before, at dawn", at(28, 7, 59), false},
		{"two days before, at eight", at(28, 8, 0), true},
		{"at night", time.Date(2026, 3, 29, 5, 59, 0, 0, time.UTC), false},
		{"the day before", time.Date(2026, 3, 29, 6, 0, 0, 0, time.UTC), true},
		{"once it began", at(30, 9, 0), false},
	} {
		if got := jobs.DueAlert(m, test.now); got != test.want {
			t.Errorf("alert, %s: %t", test.name, got)
		}
	}
}

// answering is a House whose meeting of Thursday 26 November is open, and a
// clock that the jobs follow.
type answering struct {
	storetest.House
	store   *store.Store
	meeting meetings.Meeting
	now     time.Time
}

func newAnswering(t *testing.T) *answering {
	t.Helper()
	w := &answering{store: storetest.SQLite(t), now: storetest.Now}
	w.House = storetest.NewHouse(t, w.store)
	team := w.Team
	team.Reminders = []int{3, 2}
	var err error
	if w.Team, err = w.Meetings.SaveTeam(t.Context(), w.Secretary, team); err != nil {
		t.Fatal(err)
	}
	w.meeting = w.Meeting(t).Meeting
	if w.meeting, err = w.Meetings.Open(t.Context(), w.Secretary, w.meeting.ID, w.meeting.Version); err != nil {
		t.Fatal(err)
	}
	return w
}

// sweep runs the job as often as it would run in a morning, on two machines,
// and returns what it emitted.
func (w *answering) sweep(t *testing.T, now time.Time) (all []string) {
	t.Helper()
	w.now = now
	before := w.events(t)
	for range 2 {
		for range 3 {
			c := jobs.Config{
				Store: w.store, Meetings: w.Meetings, Dispatcher: idle{}, Sender: idle{},
				Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler),
			}
			if err := jobs.Answers(context.Background(), c); err != nil {
				t.Fatal(err)
			}
		}
	}
	names := map[id.Professional]string{w.Chair.Professional: "chair", w.Clinician.Professional: "clinician"}
	for _, e := range w.events(t)[len(before):] {
		all = append(all, fmt.Sprintf("%s %s", e.Kind, names[e.Professional]))
	}
	slices.Sort(all)
	return all
}

func (w *answering) events(t *testing.T) (all []event.Event) {
	t.Helper()
	page, err := w.store.UntreatedEvents(t.Context(), "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range page {
		if e.Kind == event.AnswerWanted || e.Kind == event.QuorumThreatened {
			all = append(all, e)
		}
	}
	return all
}

func (w *answering) answer(t *testing.T, who id.Professional, a meetings.Answer) {
	t.Helper()
	edit := meetings.AttendanceEdit{Professional: who, Answer: &a}
	if _, err := w.Meetings.SetAttendance(t.Context(), w.Secretary, w.meeting.ID, []meetings.AttendanceEdit{edit}); err != nil {
		t.Fatal(err)
	}
}

func TestEachIsRemindedOnceAndTheQuorumWarnedOfOnce(t *testing.T) {
	t.Parallel()
	w := newAnswering(t)
	eight := func(day int) time.Time { return time.Date(2026, 11, day, 7, 30, 0, 0, time.UTC) } // 8:30 in Paris
	check := func(name string, got []string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	check("on Sunday", w.sweep(t, eight(22)))
	// Neither the secretary, nor who has no address.
	check("three days before", w.sweep(t, eight(23)), "answer.wanted chair", "answer.wanted clinician")
	w.answer(t, w.Clinician.Professional, meetings.Accepted)
	check("two days before", w.sweep(t, eight(24)), "answer.wanted chair", "quorum.threatened ")
	check("later that day", w.sweep(t, eight(24).Add(6*time.Hour)))
	w.answer(t, w.Chair.Professional, meetings.Declined) // the only physician: required
	check("once it fails for sure", w.sweep(t, eight(25)), "quorum.threatened ")
	w.answer(t, w.Chair.Professional, meetings.Tentative)
	check("better again: no news", w.sweep(t, eight(25).Add(time.Hour)))
}

func TestNobodyIsRemindedOfAMeetingThatIsOff(t *testing.T) {
	t.Parallel()
	w := newAnswering(t)
	if _, err := w.Meetings.Cancel(t.Context(), w.Secretary, w.meeting.ID, w.meeting.Version, "absences"); err != nil {
		t.Fatal(err)
	}
	if got := w.sweep(t, time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)); len(got) > 0 {
		t.Errorf("emitted %q", got)
	}
	if m, err := w.Meetings.Get(t.Context(), w.Secretary, w.meeting.ID); err != nil || m.Meeting.Slot != date.New(2026, 11, 26) {
		t.Errorf("%v, %v", m.Meeting.Slot, err)
	}
}
