package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// board is a harness whose team is an RCP, its meeting open with n patients,
// under one référentiel.
func board(t *testing.T, n int) (*harness, agenda.Agenda, agenda.Reference) {
	t.Helper()
	h := setupOf(t, func(team *meetings.Team) {
		team.Kind, team.Quorum = meetings.RCP, meetings.DefaultQuorum(meetings.RCP)
	})
	h.admit(t, n)
	m := h.meeting.Meeting
	list, err := h.agenda.Draft(t.Context(), h.Secretary, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Meetings.Open(t.Context(), h.Secretary, m.ID, m.Version); err != nil {
		t.Fatal(err)
	}
	ref, err := h.agenda.AddReference(t.Context(), h.Chair, agenda.Reference{Team: h.Team.ID, Name: "Sein localisé", Version: "3", Day: date.New(2026, 1, 12)})
	if err != nil {
		t.Fatal(err)
	}
	return h, list, ref
}

func TestRegisterWithoutDiscussionAndPullBack(t *testing.T) {
	t.Parallel()
	h, list, ref := board(t, 2)
	// The clinician cares for the first patient: the other is standard.
	c := list.Items[0]
	if c.Patient.ID == h.ids["p1"] {
		c = list.Items[1]
	}
	page, meeting := "/meetings/"+string(h.meeting.Meeting.ID), string(h.meeting.Meeting.ID)
	if doc := html(t, h.as(t, "chair", get, page, nil)); doc.Find(`a[href="/cases/`+string(c.ID)+`/register"]`).Length() != 1 {
		t.Error("the agenda does not offer to register")
	}
	path := "/cases/" + string(c.ID) + "/register"
	w := h.as(t, "chair", post, path, url.Values{"reference": {string(ref.ID)}, "proposition": {" "}})
	if doc := html(t, w); w.Code != http.StatusUnprocessableEntity || !strings.Contains(said(doc.Find("form .error")), "proposition") {
		t.Errorf("no proposition: %d %s", w.Code, said(doc.Find("form")))
	}
	w = h.as(t, "chair", post, path, url.Values{"reference": {string(ref.ID)}, "proposition": {"Radiothérapie."}, "review": {"2027-02-01"}})
	if w.Code != http.StatusSeeOther {
		t.Fatalf("register: %d %s", w.Code, w.Body)
	}
	doc := html(t, h.as(t, "chair", get, w.Header().Get("Location"), nil))
	if text := said(doc.Find("#standard li")); !strings.Contains(text, c.Patient.Name()) || !strings.Contains(text, "Sein localisé, version 3 du 12/01/2026") || !strings.Contains(text, "Radiothérapie.") {
		t.Errorf("the chair reads %q", text)
	}
	doc = html(t, h.as(t, "clinician", get, page, nil))
	text := said(doc.Find("#standard li"))
	if !strings.Contains(text, "Dossier 1") || strings.Contains(doc.Text(), c.Patient.BirthFamily) || strings.Contains(text, "Radiothérapie") {
		t.Errorf("a clinician outside the circle reads %q", text)
	}
	pull := "/cases/" + string(c.ID) + "/pull-back"
	if w = h.as(t, "admin", post, pull, url.Values{"meeting": {meeting}}); w.Code != http.StatusForbidden {
		t.Errorf("somebody of no team: %d", w.Code)
	}
	w = h.as(t, "clinician", post, pull, url.Values{"meeting": {meeting}})
	if w.Code != http.StatusSeeOther {
		t.Fatalf("pull back: %d %s", w.Code, w.Body)
	}
	doc = html(t, h.as(t, "clinician", get, w.Header().Get("Location"), nil))
	undo, _ := doc.Find("form.toast").Attr("action")
	if undo != "/cases/"+string(c.ID)+"/unpull" || doc.Find("#standard li").Length() != 0 || strings.Contains(doc.Text(), c.Patient.BirthFamily) {
		t.Errorf("after: undo %q, %s", undo, said(doc.Find(".toast")))
	}
	w = h.as(t, "clinician", post, undo, url.Values{"meeting": {meeting}})
	if doc = html(t, h.as(t, "clinician", get, page, nil)); w.Code != http.StatusSeeOther || doc.Find("#standard li").Length() != 1 {
		t.Errorf("undone: %d", w.Code)
	}
}

func TestRoomReadsTheStandardCasesOut(t *testing.T) {
	t.Parallel()
	h, list, ref := board(t, 3)
	for _, l := range list.Items[:2] {
		if _, err := h.agenda.Register(t.Context(), h.Chair, l.ID, ref.ID, "Surveillance.", date.Date{}); err != nil {
			t.Fatal(err)
		}
	}
	m := h.meeting.Meeting
	room := "/meetings/" + string(m.ID) + "/room"
	full, err := h.Meetings.Get(t.Context(), h.Chair, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Meetings.Start(t.Context(), h.Chair, m.ID, full.Meeting.Version); err != nil {
		t.Fatal(err)
	}
	doc := html(t, h.as(t, "chair", get, room, nil))
	if n := doc.Find(".run li").Length(); n != 1 {
		t.Errorf("%d to discuss", n)
	}
	if text := said(doc.Find("#standard .primary")); text != "Valider les 2 dossiers standard" {
		t.Errorf("button %q", text)
	}
	if doc = html(t, h.as(t, "clinician", get, room, nil)); doc.Find("#standard .primary").Length() != 0 || doc.Find("#standard li form").Length() != 2 {
		t.Error("a clinician pulls back and validates nothing")
	}
	if w := h.as(t, "clinician", post, "/meetings/"+string(m.ID)+"/standard", nil); w.Code != http.StatusForbidden {
		t.Errorf("a clinician validates: %d", w.Code)
	}
	if w := h.as(t, "chair", post, "/meetings/"+string(m.ID)+"/standard", nil); w.Code != http.StatusSeeOther {
		t.Fatalf("validate: %d %s", w.Code, w.Body)
	}
	doc = html(t, h.as(t, "chair", get, room, nil))
	if doc.Find("#standard .primary").Length() != 0 || doc.Find("#standard .st.ok").Length() != 2 || doc.Find("#standard li form").Length() != 2 {
		t.Errorf("validated: %s", said(doc.Find("#standard")))
	}
}

func TestReferencesAndSamplePages(t *testing.T) {
	t.Parallel()
	h, _, ref := board(t, 0)
	page := "/teams/" + string(h.Team.ID) + "/references"
	w := h.as(t, "chair", post, page, url.Values{"name": {"Côlon"}, "version": {"1"}, "day": {""}})
	if doc := html(t, w); w.Code != http.StatusUnprocessableEntity || doc.Find(`input[name="name"]`).AttrOr("value", "") != "Côlon" {
		t.Errorf("without a date: %d", w.Code)
	}
	if w = h.as(t, "secretary", post, page, url.Values{"name": {"Côlon"}, "version": {"1"}, "day": {"2026-03-01"}}); w.Code != http.StatusSeeOther {
		t.Errorf("add: %d", w.Code)
	}
	if w = h.as(t, "secretary", post, "/references/"+string(ref.ID)+"/retire", url.Values{"team": {string(h.Team.ID)}}); w.Code != http.StatusSeeOther {
		t.Errorf("retire: %d", w.Code)
	}
	doc := html(t, h.as(t, "clinician", get, page, nil))
	if text := said(doc.Find("ul.list")); !strings.Contains(text, "Côlon En vigueur") || !strings.Contains(text, "Sein localisé Retiré") || doc.Find("main form").Length() != 0 {
		t.Errorf("a clinician reads %q", text)
	}
	sample := "/teams/" + string(h.Team.ID) + "/sample"
	for who, want := range map[string]int{"chair": http.StatusOK, "secretary": http.StatusForbidden, "clinician": http.StatusForbidden} {
		if w := h.as(t, who, get, sample, nil); w.Code != want {
			t.Errorf("%s: %d", who, w.Code)
		}
	}
	if w := h.as(t, "chair", post, sample+"/share", url.Values{"share": {"0"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a share of nothing: %d", w.Code)
	}
	if w := h.as(t, "chair", post, sample+"/judge", url.Values{"case": {string(id.New[id.Case]())}, "verdict": {"conforming"}}); w.Code != http.StatusNotFound {
		t.Errorf("a case that was not drawn: %d", w.Code)
	}
}
