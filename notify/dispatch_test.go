package notify_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify"
)

func addresses(ms []notify.Message) []string {
	var all []string
	for _, m := range ms {
		all = append(all, string(m.Kind)+" "+m.Address)
	}
	return all
}

func TestEventsBecomeMessages(t *testing.T) {
	t.Parallel()
	everybody := func(kind string) []string {
		return []string{kind + " s.varennes@medecin.mssante.example", kind + " m.quintard@courriel.example", kind + " i.delcourt@mssante.example"}
	}
	type step struct {
		kind event.Kind
		who  id.Professional
	}
	leave := func(w *world) { w.full.Attendance = w.full.Attendance[:1] }
	state := func(s meetings.Status) func(*world) { return func(w *world) { w.full.Meeting.Status = s } }
	tests := map[string]struct {
		set   func(*world)
		steps []step
		want  []string
	}{
		"opened":                      {nil, []step{{event.MeetingOpened, ""}}, everybody("invite")},
		"moved":                       {nil, []step{{event.MeetingMoved, ""}}, everybody("invite")},
		"cancelled":                   {state(meetings.Cancelled), []step{{event.MeetingCancelled, ""}}, everybody("cancel")},
		"one added":                   {nil, []step{{event.AttendeeAdded, "nurse"}}, everybody("invite")[1:2]},
		"one removed":                 {leave, []step{{event.AttendeeRemoved, "nurse"}}, everybody("cancel")[1:2]},
		"added, then gone":            {leave, []step{{event.AttendeeAdded, "nurse"}}, nil},
		"removed, then back":          {nil, []step{{event.AttendeeRemoved, "nurse"}}, nil},
		"added without an address":    {nil, []step{{event.AttendeeAdded, "silent"}}, nil},
		"added to a draft":            {state(meetings.Draft), []step{{event.AttendeeAdded, "nurse"}}, nil},
		"a burst is one message":      {nil, []step{{event.MeetingOpened, ""}, {event.MeetingMoved, ""}, {event.MeetingMoved, ""}}, everybody("invite")},
		"moved, then cancelled":       {state(meetings.Cancelled), []step{{event.MeetingMoved, ""}, {event.MeetingCancelled, ""}}, everybody("cancel")},
		"what people do not hear of":  {nil, []step{{event.MeetingChanged, ""}, {event.AgendaChanged, ""}, {event.RequestMade, ""}, {event.DecisionsRecorded, ""}, {event.PatientImported, ""}}, nil},
		"opened, but it is over":      {state(meetings.Signed), []step{{event.MeetingOpened, ""}}, nil},
		"an address nobody can write": {func(w *world) { w.full.Attendance[2].Professional.Email = "Inès <i@x.example>" }, []step{{event.MeetingOpened, ""}}, everybody("invite")[:2]},
		"two members of one mailbox":  {func(w *world) { w.full.Attendance[1].Professional.Email = "S.Varennes@medecin.mssante.example" }, []step{{event.MeetingOpened, ""}}, []string{everybody("invite")[0], everybody("invite")[2]}},
		"minutes signed, to each one": {nil, []step{{event.MinutesSigned, ""}}, []string{"minutes i.delcourt@mssante.example", "minutes m.quintard@courriel.example", "minutes s.varennes@medecin.mssante.example"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			if test.set != nil {
				test.set(w)
			}
			for _, s := range test.steps {
				w.happen(opened, s.kind, s.who)
			}
			if diff := cmp.Diff(test.want, addresses(w.treat(t))); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
			if len(w.events) != 0 {
				t.Errorf("%d events are left", len(w.events))
			}
			if again := w.treat(t); len(again) != 0 {
				t.Errorf("a second run made %d messages", len(again))
			}
		})
	}
}

// TestDatesRiseWithinAThread: DTSTAMP has seconds, and edits may share one.
func TestDatesRiseWithinAThread(t *testing.T) {
	t.Parallel()
	w := newWorld()
	last := map[string]time.Time{}
	for i := range 3 {
		w.happen(opened.Add(time.Duration(i)*time.Millisecond), event.MeetingMoved, "")
		for _, m := range w.treat(t) {
			if !m.Created.After(last[m.Thread]) {
				t.Errorf("message %d of %s is dated %v, not after %v", i, m.Thread, m.Created, last[m.Thread])
			}
			last[m.Thread] = m.Created
			if !strings.Contains(calendarOf(t, m.Body), "DTSTAMP:"+m.Created.Format("20060102T150405Z")) {
				t.Errorf("DTSTAMP is not the mail's date")
			}
		}
	}
}

func TestMinutesAttachOnlyWhatMayBeSeen(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.happen(w.minutes.SignedAt, event.MinutesSigned, "")
	got := map[string][]string{}
	for _, m := range w.treat(t) {
		for name, data := range attachments(t, m.Body) {
			got[m.Address] = append(got[m.Address], name+": "+string(data))
		}
	}
	want := map[string][]string{
		"s.varennes@medecin.mssante.example": {"compte-rendu-2026-11-26.pdf: %PDF-1.7 register "},
		"i.delcourt@mssante.example":         {"compte-rendu-2026-11-26-1.pdf: %PDF-1.7 extract p2"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attachments (-want +got):\n%s", diff)
	}
}

// TestOneMailboxReceivesOnce: a shared address gets the sum of what its
// readers may see, in one mail.
func TestOneMailboxReceivesOnce(t *testing.T) {
	t.Parallel()
	w := newWorld()
	other := auth.Professional{ID: "other", Family: "Autre", Email: "I.Delcourt@mssante.example"}
	w.circles["p1"] = append(w.circles["p1"], other)
	w.happen(w.minutes.SignedAt, event.MinutesSigned, "")
	for _, m := range w.treat(t) {
		if m.Address == "i.delcourt@mssante.example" && len(attachments(t, m.Body)) != 2 {
			t.Errorf("attachments: %v", attachments(t, m.Body))
		}
	}
	if len(w.messages) != 3 {
		t.Errorf("messages: %v", addresses(w.messages))
	}
}

// TestNoMailNamesAPatient reads every subject, body, file name and calendar
// object; the cancellation's reason is free text and stays home too.
func TestNoMailNamesAPatient(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.full.Meeting.Reason = "décès de Mme AUBRIOT"
	for i, k := range []event.Kind{event.MeetingOpened, event.MinutesSigned, event.AttendeeAdded} {
		w.happen(opened.Add(time.Duration(i)*time.Hour), k, "nurse")
	}
	w.treat(t)
	w.full.Meeting.Status = meetings.Cancelled
	w.happen(opened.Add(9*time.Hour), event.MeetingCancelled, "")
	w.treat(t)
	if len(w.messages) != 10 {
		t.Fatalf("messages: %v", addresses(w.messages))
	}
	for _, m := range w.messages {
		all := m.Subject + readable(t, m.Body)
		for _, secret := range []string{"AUBRIOT", "Aubriot", "CASTAGN", "Lucienne", "Roger", "décès", "p1", "p2"} {
			if strings.Contains(all, secret) {
				t.Errorf("%s to %s says %q", m.Kind, m.Address, secret)
			}
		}
	}
}
