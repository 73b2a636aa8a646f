package notify_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify"
)

// reminded is a world whose clock stands two days before the meeting, with a
// secretary and a team that does not do without a physician.
func reminded() *world {
	w := newWorld()
	odile := auth.Professional{ID: "odile", Given: "Odile", Family: "Marchenoir", Profession: "secretaire", Email: "odile@valbrume.example"}
	w.full.Team.Members = append(w.full.Team.Members, meetings.Member{Professional: odile, Role: auth.Secretary})
	w.full.Team.Quorum = meetings.QuorumRule{MinProfessions: 2, Required: []string{"medecin"}}
	w.full.Attendance = append(w.full.Attendance, meetings.Attendance{Professional: odile, Role: auth.Secretary})
	professions := map[id.Professional]string{"chair": "medecin", "nurse": "infirmier", "social": "assistant-social", "silent": "psychologue"}
	for i := range w.full.Attendance {
		a := &w.full.Attendance[i]
		a.Answer = meetings.NeedsAction
		if p := professions[a.Professional.ID]; p != "" {
			a.Professional.Profession = p
		}
	}
	return w
}

func (w *world) answers(who id.Professional, a meetings.Answer) {
	for i := range w.full.Attendance {
		if w.full.Attendance[i].Professional.ID == who {
			w.full.Attendance[i].Answer = a
		}
	}
}

// remind treats what waits, on a day of November 2026.
func (w *world) remind(t *testing.T, day int) []notify.Message {
	t.Helper()
	d, err := notify.NewDispatcher(notify.Config{
		Store: w, Calendars: w, Meetings: meetingReader{w}, Minutes: minutesReader{w}, Mails: notify.Mails(),
		BaseURL: "https://rcp.valbrume.example", From: "rcp@valbrume.example",
		Now: func() time.Time { return time.Date(2026, 11, day, 8, 0, 0, 0, time.UTC) },
		AnswerLink: func(st meetings.State, n meetings.Notice) string {
			return "https://rcp.valbrume.example/r/" + string(st.Dates[0].Meeting.ID) + "-" + string(n.Who.ID)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	before := len(w.messages)
	if _, err := d.Treat(context.Background(), 50); err != nil {
		t.Fatal(err)
	}
	if len(w.events) > 0 {
		t.Fatalf("%d events wait", len(w.events))
	}
	return w.messages[before:]
}

var morning = time.Date(2026, 11, 24, 7, 0, 3, 0, time.UTC)

func TestAReminderAsksOnePersonAndHoldsNoObject(t *testing.T) {
	t.Parallel()
	w := reminded()
	w.happen(morning, event.AnswerWanted, "nurse")
	ms := w.remind(t, 24)
	if len(ms) != 1 || ms[0].Address != "m.quintard@courriel.example" || ms[0].Kind != notify.Notice {
		t.Fatalf("%+v", ms)
	}
	for _, never := range []string{"text/calendar", "AUBRIOT", "CASTAGN", "Lucienne"} {
		if strings.Contains(readable(t, ms[0].Body), never) {
			t.Errorf("the mail holds %q", never)
		}
	}
	golden(t, "remind.txt", show(t, ms[0]))
}

func TestARemindedPersonWhoAnsweredMeanwhileHearsNothing(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*world){
		"answered":    func(w *world) { w.answers("nurse", meetings.Tentative) },
		"cancelled":   func(w *world) { w.full.Meeting.Status = meetings.Cancelled },
		"begun":       func(w *world) { w.full.Meeting.Status = meetings.Running },
		"not invited": func(w *world) { w.full.Attendance = w.full.Attendance[:1] },
	} {
		w := reminded()
		change(w)
		w.happen(morning, event.AnswerWanted, "nurse")
		if ms := w.remind(t, 24); len(ms) > 0 {
			t.Errorf("%s: %s", name, ms[0].Subject)
		}
	}
	w := reminded()
	w.happen(morning, event.AnswerWanted, "nurse")
	if ms := w.remind(t, 27); len(ms) > 0 {
		t.Error("reminded of a meeting that is over")
	}
	w.happen(morning, event.AnswerWanted, "silent")
	if ms := w.remind(t, 24); len(ms) > 0 {
		t.Error("somebody without an address got a mail")
	}
}

func TestTheSecretaryAndTheChairHearThatTheQuorumFails(t *testing.T) {
	t.Parallel()
	w := reminded()
	w.answers("chair", meetings.Declined)
	w.answers("nurse", meetings.Accepted)
	w.answers("social", meetings.Accepted)
	w.happen(morning, event.QuorumThreatened, "")
	ms := w.remind(t, 24)
	if len(ms) != 2 || ms[0].Recipient != "chair" || ms[1].Recipient != "odile" {
		t.Fatalf("%+v", ms)
	}
	golden(t, "quorum-missing.txt", show(t, ms[1]))
	if strings.Contains(readable(t, ms[1].Body), "AUBRIOT") {
		t.Error("a patient is named")
	}

	w.answers("chair", meetings.NeedsAction)
	w.happen(morning.Add(time.Hour), event.QuorumThreatened, "")
	if ms = w.remind(t, 24); len(ms) != 2 || !strings.Contains(ms[1].Subject, "incertain") {
		t.Fatalf("%+v", ms)
	}
	golden(t, "quorum-hanging.txt", show(t, ms[1]))

	w.answers("chair", meetings.Accepted)
	w.happen(morning.Add(2*time.Hour), event.QuorumThreatened, "")
	if ms = w.remind(t, 24); len(ms) > 0 {
		t.Errorf("reached meanwhile: %s", ms[0].Subject)
	}
}
