package web

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/store/storetest"
	"github.com/rcp-care/rcp/meetings"
)

func TestPresenceEdit(t *testing.T) {
	t.Parallel()
	began := storetest.Now.Add(-time.Hour)
	at, early := storetest.Now, began.Add(-time.Minute)
	running := meetings.Full{Meeting: meetings.Meeting{Status: meetings.Running, Started: began}}
	soon := meetings.Full{Meeting: meetings.Meeting{Status: meetings.Running, Started: at.Add(-time.Minute)}}
	before := meetings.Full{Meeting: meetings.Meeting{Status: meetings.Closed}}
	there := meetings.Attendance{Presence: meetings.Present}
	gone := meetings.Attendance{Presence: meetings.Present, Arrived: early, Left: early.Add(time.Hour)}
	for name, c := range map[string]struct {
		full          meetings.Full
		was           meetings.Attendance
		do            string
		presence      meetings.Presence
		arrived, left time.Time
	}{
		"comes late":          {running, meetings.Attendance{}, "here", meetings.Present, at, time.Time{}},
		"is there in time":    {soon, meetings.Attendance{}, "remote", meetings.Remote, time.Time{}, time.Time{}},
		"is early":            {before, meetings.Attendance{}, "here", meetings.Present, time.Time{}, time.Time{}},
		"leaves":              {running, there, "left", meetings.Present, time.Time{}, at},
		"comes back":          {running, gone, "here", meetings.Present, early, time.Time{}},
		"goes on from afar":   {running, there, "remote", meetings.Remote, time.Time{}, time.Time{}},
		"was noted by error":  {running, there, "unsaid", meetings.Expected, time.Time{}, time.Time{}},
		"excused, comes late": {running, meetings.Attendance{Presence: meetings.Excused}, "here", meetings.Present, at, time.Time{}},
	} {
		e, err := presenceEdit(c.full, c.was, c.do, at)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]any{c.presence, c.arrived, c.left}, []any{*e.Presence, *e.Arrived, *e.Left}); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	if _, err := presenceEdit(running, there, "dance", at); err == nil {
		t.Error("anything may be noted")
	}
}

// TestTheQuorumIsThisPatientsNow: who leaves changes it while the case is open,
// and not once it is closed.
func TestTheQuorumIsThisPatientsNow(t *testing.T) {
	t.Parallel()
	h, g := running(t, 2)
	first, second := string(g.Items[0].ID), string(g.Items[1].ID)
	state := func(c string) bool {
		return h.see(t, "chair", h.page("room", c)).Find(".casehead .quorum .st").HasClass("ok")
	}
	note := func(do string) {
		for _, a := range h.meeting.Attendance {
			if a.Role != auth.Secretary {
				h.do(t, "chair", h.page("presence"), url.Values{"who": {string(a.Professional.ID)}, "do": {do}, "case": {first}})
			}
		}
	}
	h.do(t, "chair", h.page("room", first, "begin"), nil)
	h.types(t, "chair", h.page("room", first), "summary", "", "Deux passages")
	with := state(first)
	note("unsaid")
	if with == state(first) {
		t.Errorf("the quorum stays %v when everybody leaves", with)
	}
	note("here")
	h.do(t, "chair", h.page("room", second, "begin"), nil)
	note("unsaid")
	if !state(first) == with || state(second) == with {
		t.Errorf("closed with %v, now %v; the next %v", with, state(first), state(second))
	}
	who := string(h.Chair.Professional)
	if w := h.as(t, "clinician", post, h.page("presence"), url.Values{"who": {who}, "do": {"left"}}); w.Code != http.StatusForbidden {
		t.Errorf("a clinician notes who is there: %d", w.Code)
	}
	if w := h.as(t, "chair", post, h.page("presence"), url.Values{"who": {"x"}, "do": {"left"}}); w.Code != http.StatusNotFound {
		t.Errorf("nobody: %d", w.Code)
	}
}

func TestAPatientIsAddedOnTheSpot(t *testing.T) {
	t.Parallel()
	h, g := running(t, 2)
	last := g.Items[len(g.Items)-1]
	h.do(t, "chair", "/cases/"+string(last.ID)+"/withdraw", url.Values{"meeting": {string(h.meeting.Meeting.ID)}})
	w := h.as(t, "chair", post, h.page("find-now"), url.Values{"q": {last.Patient.BirthFamily}})
	doc := html(t, w)
	found := doc.Find("#d-add[data-open] form input[name=patient]")
	if w.Code != http.StatusOK || found.Length() != 1 {
		t.Fatalf("%d, finds %d", w.Code, found.Length())
	}
	h.do(t, "chair", h.page("add-now"), url.Values{"patient": {found.AttrOr("value", "")}})
	if got := said(h.see(t, "chair", h.page("room", string(last.ID))).Find("h1")); got != last.Patient.Name() {
		t.Errorf("shows %q", got)
	}
	again := html(t, h.as(t, "chair", post, h.page("find-now"), url.Values{"q": {last.Patient.BirthFamily}}))
	if again.Find("#d-add input[name=patient]").Length() != 0 {
		t.Error("offers who is there already")
	}
	if w := h.as(t, "clinician", post, h.page("add-now"), url.Values{"patient": {found.AttrOr("value", "")}}); w.Code != http.StatusForbidden {
		t.Errorf("a clinician adds: %d", w.Code)
	}
}
