package notify_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
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
	leave := func(w *world) { w.full.Attendance = w.full.Attendance[:1] }
	state := func(s meetings.Status) func(*world) { return func(w *world) { w.full.Meeting.Status = s } }
	draft := func(w *world) { w.full.Meeting.Status, w.full.Meeting.Opened = meetings.Draft, time.Time{} }
	move := func(w *world) {
		w.full.Meeting.Starts = w.full.Meeting.Starts.Add(time.Hour)
		w.full.Meeting.Sequence++
	}
	address := func(at int, a string) func(*world) {
		return func(w *world) { w.full.Attendance[at].Professional.Email = a }
	}
	silent := []event.Kind{event.MeetingChanged, event.AgendaChanged, event.RequestMade, event.DecisionsRecorded, event.PatientImported}
	// Each was invited already unless the test says "before".
	tests := map[string]struct {
		before, set func(*world)
		fresh       bool
		kinds       []event.Kind
		want        []string
	}{
		"opened":                        {fresh: true, kinds: []event.Kind{event.MeetingOpened}, want: everybody("invite")},
		"moved":                         {set: move, kinds: []event.Kind{event.MeetingMoved}, want: everybody("invite")},
		"moved, and back":               {kinds: []event.Kind{event.MeetingMoved, event.MeetingMoved}},
		"cancelled":                     {set: state(meetings.Cancelled), kinds: []event.Kind{event.MeetingCancelled}, want: everybody("cancel")},
		"cancelled before anybody knew": {fresh: true, set: state(meetings.Cancelled), kinds: []event.Kind{event.MeetingOpened, event.MeetingCancelled}},
		"one added":                     {before: func(w *world) { w.full.Attendance = append(w.full.Attendance[:1:1], w.full.Attendance[2:]...) }, kinds: []event.Kind{event.AttendeeAdded}, set: func(w *world) { w.full = newWorld().full }, want: everybody("invite")[1:2]},
		"two removed":                   {set: leave, kinds: []event.Kind{event.AttendeeRemoved, event.AttendeeRemoved}, want: everybody("cancel")[1:]},
		"added, then gone":              {before: leave, set: leave, kinds: []event.Kind{event.AttendeeAdded, event.AttendeeRemoved}},
		"removed, then back":            {kinds: []event.Kind{event.AttendeeRemoved, event.AttendeeAdded}},
		"added to a draft":              {fresh: true, set: draft, kinds: []event.Kind{event.AttendeeAdded}},
		"a burst is one message":        {fresh: true, set: move, kinds: []event.Kind{event.MeetingOpened, event.MeetingMoved, event.MeetingMoved}, want: everybody("invite")},
		"moved, then cancelled":         {set: func(w *world) { move(w); state(meetings.Cancelled)(w) }, kinds: []event.Kind{event.MeetingMoved, event.MeetingCancelled}, want: everybody("cancel")},
		"what people do not hear of":    {set: move, kinds: silent},
		"over":                          {fresh: true, set: func(w *world) { w.full.Meeting.Starts, w.full.Meeting.Ends = opened, opened.Add(time.Minute) }, kinds: []event.Kind{event.MeetingOpened}},
		"an address nobody can write":   {fresh: true, set: address(2, "Inès <i@x.example>"), kinds: []event.Kind{event.MeetingOpened}, want: everybody("invite")[:2]},
		"another address":               {set: address(1, "m@ailleurs.example"), kinds: []event.Kind{event.SeriesChanged}, want: []string{"invite m@ailleurs.example", "cancel m.quintard@courriel.example"}},
		"two members of one mailbox":    {fresh: true, set: address(1, "S.Varennes@medecin.mssante.example"), kinds: []event.Kind{event.MeetingOpened}, want: []string{everybody("invite")[0], everybody("invite")[2]}},
		"minutes signed, to each one":   {kinds: []event.Kind{event.MinutesSigned}, want: []string{"minutes i.delcourt@mssante.example", "minutes m.quintard@courriel.example", "minutes s.varennes@medecin.mssante.example"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			if test.before != nil {
				test.before(w)
			}
			if !test.fresh {
				w.happen(opened, event.MeetingOpened, "")
				w.treat(t)
			}
			if test.set != nil {
				test.set(w)
			}
			for _, k := range test.kinds {
				w.happen(opened, k, "")
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

// TestEditsAreGathered: nobody hears of an edit before the others that come
// with it.
func TestEditsAreGathered(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.hold = time.Hour + time.Minute
	w.happen(opened, event.MeetingOpened, "")
	if ms := w.treat(t); len(ms) != 0 || len(w.events) != 1 {
		t.Fatalf("%d messages too early, %d events left", len(ms), len(w.events))
	}
	w.happen(opened.Add(50*time.Minute), event.MeetingMoved, "")
	w.hold = time.Hour
	if ms := w.treat(t); len(ms) != 3 || len(w.events) != 0 {
		t.Errorf("%d messages, %d events left", len(ms), len(w.events))
	}
}

// TestDatesRiseWithinAThread: DTSTAMP has seconds, and edits may share one.
func TestDatesRiseWithinAThread(t *testing.T) {
	t.Parallel()
	w := newWorld()
	last := map[string]time.Time{}
	for i := range 3 {
		w.full.Meeting.Starts = w.full.Meeting.Starts.Add(time.Hour)
		w.full.Meeting.Ends = w.full.Meeting.Ends.Add(time.Hour)
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
	for i, k := range []event.Kind{event.MeetingOpened, event.MinutesSigned} {
		w.happen(opened.Add(time.Duration(i)*time.Minute), k, "nurse")
	}
	w.treat(t)
	w.full.Meeting.Status = meetings.Cancelled
	w.happen(opened.Add(30*time.Minute), event.MeetingCancelled, "")
	w.treat(t)
	if len(w.messages) != 9 {
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
