package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/meetings"
)

// running makes a house whose meeting runs with n patients and everybody here.
func running(t *testing.T, n int) (*harness, agenda.Agenda) {
	t.Helper()
	h := setup(t)
	h.admit(t, n)
	g := h.draft(t)
	h.to(t, "open", "start")
	here := meetings.Present
	var edits []meetings.AttendanceEdit
	for _, a := range h.meeting.Attendance {
		edits = append(edits, meetings.AttendanceEdit{Professional: a.Professional.ID, Presence: &here})
	}
	if _, err := h.Meetings.SetAttendance(t.Context(), h.Chair, h.meeting.Meeting.ID, edits); err != nil {
		t.Fatal(err)
	}
	return h, g
}

// sheetForm is the form of a case as the page shows it.
func sheetForm(doc *goquery.Document) url.Values {
	f := url.Values{}
	doc.Find("#fiche input, #fiche textarea").Each(func(_ int, field *goquery.Selection) {
		name, _ := field.Attr("name")
		value, _ := field.Attr("value")
		_, checked := field.Attr("checked")
		switch {
		case name == "" || field.AttrOr("type", "") == "radio" && !checked:
		case goquery.NodeName(field) == "textarea":
			f.Set(name, field.Text())
		default:
			f.Set(name, value)
		}
	})
	return f
}

func value(doc *goquery.Document, name string) string {
	return doc.Find(`[name="`+name+`"]`).First().AttrOr("value", "")
}

func TestADecisionIsWrittenAndReadBack(t *testing.T) {
	t.Parallel()
	h, g := running(t, 3)
	room := h.page("room", string(g.Items[0].ID))
	doc := h.see(t, "chair", room)
	if got := doc.Find(".run li").Length(); got != 3 {
		t.Errorf("%d patients in the running order", got)
	}
	if got := said(doc.Find(".quorum .st")); got != "Quorum atteint pour ce dossier" {
		t.Errorf("says %q", got)
	}
	if doc.Find(`.seg [aria-keyshortcuts]`).Length() != 5 || doc.Find("#actions tbody tr").Length() != emptyRows {
		t.Error("the verdicts or the empty rows are missing")
	}
	f := sheetForm(doc)
	f.Set("o.0.verdict", "setback")
	f.Set("o.0.comment", "Contrôle à 22 h")
	f.Set("summary", "Deux séances par semaine")
	f.Set("a.0.title", "Barre d’appui")
	f.Set("a.0.owner", "inès")
	f.Set("a.0.due", "+7")
	f.Set("next_review", "10/12/2026")
	f.Set("informer", "Joël Q")
	f.Set("inform_by", "30/11")
	f.Set("o.1.title", "Voir sa sœur")
	f.Set("o.1.due", "31/12/2026")
	if to := h.do(t, "chair", room, f); to != room {
		t.Errorf("leads to %q", to)
	}
	doc = h.see(t, "chair", room)
	for name, want := range map[string]string{
		"a.0.title": "Barre d’appui", "a.0.owner": "Inès Karaoui", "a.0.due": "29/11/2026", "next_review": "10/12/2026",
		"informer": "Joël Quintane", "inform_by": "30/11/2026", "o.1.title": "Voir sa sœur", "version": "1",
	} {
		if got := value(doc, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if doc.Find(`input[name="o.0.verdict"][value="setback"][checked]`).Length() != 1 {
		t.Error("the verdict is lost")
	}
	if got := said(doc.Find("#dec-t [role=status]")); !strings.HasPrefix(got, "Enregistré à 19 h 00") {
		t.Errorf("says %q", got)
	}
	if doc.Find(".run .now").Length() != 1 || !strings.Contains(said(doc.Find(".pace")), "1 dossier vu, 2 à voir") {
		t.Errorf("says %q", said(doc.Find(".pace")))
	}
}

func TestARefusedSheetKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	h, g := running(t, 1)
	room := h.page("room", string(g.Items[0].ID))
	f := sheetForm(h.see(t, "chair", room))
	f.Set("summary", "Une phrase à garder")
	f.Set("next_review", "31/11/2026")
	f.Set("a.0.owner", "Inès Karaoui")
	f.Set("a.1.title", "Appeler")
	f.Set("a.1.due", "un jour")
	w := h.as(t, "chair", post, room, f)
	if w.Code != http.StatusUnprocessableEntity {
		t.Fatalf("got %d", w.Code)
	}
	doc := html(t, w)
	if got := doc.Find("#decision").Text(); got != "Une phrase à garder" {
		t.Errorf("the decision became %q", got)
	}
	for name, want := range map[string]string{"next_review": "31/11/2026", "a.0.owner": "Inès Karaoui", "a.1.due": "un jour"} {
		if got := value(doc, name); got != want {
			t.Errorf("%s became %q", name, got)
		}
	}
	for _, name := range []string{"next_review", "a.0.title", "a.1.due"} {
		field := doc.Find(`[name="` + name + `"]`)
		if field.AttrOr("aria-invalid", "") != "true" || field.Parent().Find(".error").Length() == 0 {
			t.Errorf("nothing is said beside %s", name)
		}
	}
	if after := h.see(t, "chair", room); after.Find("#decision").Text() != "" {
		t.Error("a refused sheet was saved")
	}
}

func TestTwoPeopleOneSheet(t *testing.T) {
	t.Parallel()
	h, g := running(t, 1)
	room := h.page("room", string(g.Items[0].ID))
	mine := sheetForm(h.see(t, "chair", room))
	theirs := sheetForm(h.see(t, "secretary", room))
	theirs.Set("summary", "Six semaines")
	h.do(t, "secretary", room, theirs)
	mine.Set("summary", "Quatre semaines")
	w := h.as(t, "chair", post, room, mine)
	if w.Code != http.StatusConflict {
		t.Fatalf("got %d", w.Code)
	}
	doc := html(t, w)
	if got := doc.Find("#decision").Text(); got != "Quatre semaines" {
		t.Errorf("my text became %q", got)
	}
	if got := said(doc.Find("#decider .notice")); !strings.Contains(got, "Odile Marchenoir") || !strings.Contains(got, "Six semaines") {
		t.Errorf("says %q", got)
	}
	both := sheetForm(doc)
	both.Set("do", "both")
	h.do(t, "chair", room, both)
	if got := h.see(t, "chair", room).Find("#decision").Text(); got != "Six semaines\nQuatre semaines" {
		t.Errorf("both gave %q", got)
	}
}

func TestNextBeginsTheNextPatientAndRecordsNothingSaid(t *testing.T) {
	t.Parallel()
	h, g := running(t, 2)
	room := h.page("room", string(g.Items[0].ID))
	f := sheetForm(h.see(t, "chair", room))
	f.Set("do", "next")
	want := h.page("room", string(g.Items[1].ID))
	if to := h.do(t, "chair", room, f); to != want {
		t.Fatalf("leads to %q, want %q", to, want)
	}
	first, err := h.agenda.Case(t.Context(), h.Chair, g.Items[0].ID)
	if err != nil || first.Status != agenda.Scheduled {
		t.Errorf("a sheet on which nothing was said made the case %q, %v", first.Status, err)
	}
	next, err := h.agenda.Case(t.Context(), h.Chair, g.Items[1].ID)
	if err != nil || next.Started.IsZero() {
		t.Errorf("the next case did not begin: %v", err)
	}
}

func TestDeferringInTheRoom(t *testing.T) {
	t.Parallel()
	h, g := running(t, 2)
	room := h.page("room", string(g.Items[0].ID))
	if w := h.as(t, "chair", post, room+"/defer", url.Values{"why": {"nothing"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a reason that is none: %d", w.Code)
	}
	if to := h.do(t, "chair", room+"/defer", url.Values{"why": {"time"}}); to != h.page("room") {
		t.Errorf("leads to %q", to)
	}
	doc := h.see(t, "chair", room)
	if got := said(doc.Find(".casehead")); !strings.Contains(got, "Reporté") {
		t.Errorf("says %q", got)
	}
	if _, disabled := doc.Find("#fiche fieldset").First().Attr("disabled"); !disabled {
		t.Error("a deferred case can be written on")
	}
	h.do(t, "chair", room+"/undefer", nil)
	if l, err := h.agenda.Case(t.Context(), h.Chair, g.Items[0].ID); err != nil || l.Status != agenda.Scheduled {
		t.Errorf("still %q, %v", l.Status, err)
	}
}

func TestTheRoomByRole(t *testing.T) {
	t.Parallel()
	h, g := running(t, 3)
	mine, other := "", ""
	for _, l := range g.Items {
		if l.Patient.ID == h.ids["p1"] {
			mine = string(l.ID)
		} else {
			other = string(l.ID)
		}
	}
	doc := h.see(t, "clinician", h.page("room", mine))
	if got := said(doc.Find(".pace")); !strings.Contains(got, "2 dossiers ne sont pas de votre cercle") {
		t.Errorf("says %q", got)
	}
	if strings.Contains(said(doc.Find(".side")), "TESSONNIER") {
		t.Error("a clinician reads the name of a patient of others")
	}
	if w := h.as(t, "clinician", get, h.page("room", other), nil); w.Code != http.StatusNotFound {
		t.Errorf("another's case: %d", w.Code)
	}
	if w := h.as(t, "clinician", post, h.page("room", other), url.Values{"summary": {"x"}}); w.Code != http.StatusForbidden {
		t.Errorf("writing on another's case: %d", w.Code)
	}
	h.signInOnce(t)
	if w := h.as(t, "nobody", get, h.page("room"), nil); w.Code != http.StatusForbidden {
		t.Errorf("somebody of no team: %d", w.Code)
	}
}

func TestTheRoomBeforeAndAfter(t *testing.T) {
	t.Parallel()
	h := setup(t)
	doc := h.see(t, "chair", h.page("room"))
	if said(doc.Find(".empty")) == "" || doc.Find("#fiche").Length() != 0 {
		t.Error("an empty room does not say how to begin")
	}
	h.admit(t, 1)
	h.draft(t)
	doc = h.see(t, "chair", h.page("room"))
	if _, disabled := doc.Find("#fiche fieldset").First().Attr("disabled"); !disabled {
		t.Error("decisions can be written before the meeting")
	}
	path := h.page("room", string(h.draft(t).Items[0].ID))
	w := h.as(t, "chair", post, path, url.Values{"summary": {"trop tôt"}, "version": {"0"}})
	if w.Code != http.StatusConflict {
		t.Errorf("a decision before the meeting: %d (%s)", w.Code, fault.Conflict)
	}
}
