package notify_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify"
)

// unanswered is who did not write yet.
type unanswered []id.Professional

func (u unanswered) Unanswered(context.Context, auth.Actor, id.Meeting) ([]id.Professional, error) {
	return u, nil
}

// leaves makes somebody a member of the team until a day.
func (w *world) leaves(who id.Professional, last date.Date) {
	for i, m := range w.full.Team.Members {
		if m.ID == who {
			w.full.Team.Members[i].Left = last
		}
	}
}

func TestAContributionIsAskedForWithoutAnyPatient(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		waits  unanswered
		change func(*world)
		mails  int
	}{
		"asked":             {unanswered{"nurse"}, func(*world) {}, 1},
		"before invitation": {unanswered{"nurse"}, func(w *world) { w.full.Meeting.Status = meetings.Draft }, 1},
		"written meanwhile": {unanswered{"chair"}, func(*world) {}, 0},
		"cancelled":         {unanswered{"nurse"}, func(w *world) { w.full.Meeting.Status = meetings.Cancelled }, 0},
		"left the team":     {unanswered{"nurse"}, func(w *world) { w.leaves("nurse", date.Of(morning).AddDays(-1)) }, 0},
		"leaves today":      {unanswered{"nurse"}, func(w *world) { w.leaves("nurse", date.Of(morning)) }, 1},
		"begun":             {unanswered{"nurse"}, func(w *world) { w.full.Meeting.Status = meetings.Running }, 0},
	} {
		w := reminded()
		for _, a := range w.full.Attendance {
			if a.Professional.ID == "nurse" {
				w.full.Team.Members = append(w.full.Team.Members, meetings.Member{Professional: a.Professional, Role: auth.Clinician})
			}
		}
		test.change(w)
		w.happen(morning, event.ContributionAsked, "nurse")
		d, err := notify.NewDispatcher(notify.Config{
			Store: w, Calendars: w, Meetings: meetingReader{w}, Minutes: minutesReader{w}, Mails: notify.Mails(), Awaited: test.waits,
			BaseURL: "https://rcp.valbrume.example", From: "rcp@valbrume.example", Now: func() time.Time { return morning },
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Treat(context.Background(), 50); err != nil {
			t.Fatal(err)
		}
		if len(w.messages) != test.mails {
			t.Errorf("%s: %d mails", name, len(w.messages))
			continue
		}
		for _, m := range w.messages {
			body := readable(t, m.Body)
			if m.Recipient != "nurse" || !strings.Contains(body, "/preparation") || strings.Contains(body, "AUBRIOT") || strings.Contains(m.Subject, "AUBRIOT") {
				t.Errorf("%s: %s\n%s", name, m.Subject, body)
			}
		}
	}
}
