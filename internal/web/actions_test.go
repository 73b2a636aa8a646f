package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/store/storetest"
	"github.com/rcp-care/rcp/meetings"
)

// confide imports one patient with a late action that the clinician has to do,
// and returns the action.
func (h *harness) confide(t *testing.T) careplan.Action {
	t.Helper()
	nurse := careplan.Key{System: "urn:rpps", Value: "10100000002"}
	b := h.patient(careplan.Batch{Professionals: []careplan.SourceProfessional{{Key: nurse, RPPS: nurse.Value, Name: "Karaoui"}}}, 0, nurse)
	b.Actions[0].Owner = nurse
	report, err := h.patients.Import(t.Context(), h.System, careplan.Target{Org: h.Org.ID, Team: h.Team.ID}, b)
	if err != nil || len(report.Lines) > 0 {
		t.Fatalf("import: %+v, %v", report.Lines, err)
	}
	f, err := h.patients.FollowUp(t.Context(), h.Clinician)
	if err != nil || len(f.Late) != 1 {
		t.Fatalf("follow-up: %+v, %v", f, err)
	}
	return f.Late[0].Action
}

func TestAnActionIsDoneInOneClickAndTakenBackInAnother(t *testing.T) {
	t.Parallel()
	h := setup(t)
	a := h.confide(t)
	doc := h.see(t, "clinician", "/actions")
	row := said(doc.Find("tbody tr"))
	for _, want := range []string{"AUBRIOT Lucienne", "Poser la barre d’appui", "15/11/2026", "En retard de 7 jours"} {
		if !strings.Contains(row, want) {
			t.Errorf("%q lacks %q", row, want)
		}
	}
	if n := h.see(t, "chair", "/actions").Find("tbody tr").Length(); n != 0 {
		t.Errorf("the chair has %d actions of somebody else", n)
	}
	at := h.do(t, "clinician", "/actions/"+string(a.ID), url.Values{"what": {"done"}, "version": {"1"}, "list": {"late"}})
	doc = h.see(t, "clinician", at)
	undo := doc.Find(".toast")
	if action, _ := undo.Attr("action"); action != "/actions/"+string(a.ID) || doc.Find("tbody tr").Length() != 0 {
		t.Errorf("no way back: %q", said(undo))
	}
	version, _ := undo.Find(`[name="version"]`).Attr("value")
	h.do(t, "clinician", "/actions/"+string(a.ID), url.Values{"undo": {"1"}, "version": {version}, "list": {"late"}})
	if n := h.see(t, "clinician", "/actions?list=late").Find("tbody tr").Length(); n != 1 {
		t.Errorf("%d late actions once taken back", n)
	}
	form := url.Values{"what": {"not-done"}, "reason": {"other"}, "version": {"3"}, "list": {"late"}}
	w := h.as(t, "clinician", post, "/actions/"+string(a.ID), form)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(said(html(t, w).Find("details[open]")), "en quelques mots") {
		t.Errorf("another reason without a word: %d", w.Code)
	}
	form.Set("note", "Artisan en congé")
	h.do(t, "clinician", "/actions/"+string(a.ID), form)
	if row = said(h.see(t, "clinician", "/actions?list=done").Find("tbody tr")); !strings.Contains(row, "Autre raison : Artisan en congé") {
		t.Errorf("finished: %q", row)
	}
	if w := h.as(t, "admin", post, "/actions/"+string(a.ID), url.Values{"what": {"done"}, "version": {"4"}}); w.Code != http.StatusForbidden {
		t.Errorf("somebody of no team: %d", w.Code)
	}
}

func TestTheSecretaryRemindsOnceADay(t *testing.T) {
	t.Parallel()
	h := setup(t)
	a := h.confide(t)
	page := "/teams/" + string(h.Team.ID) + "/actions"
	if w := h.as(t, "clinician", get, page, nil); w.Code != http.StatusForbidden {
		t.Errorf("a clinician reads the team's list: %d", w.Code)
	}
	doc := h.see(t, "secretary", page+"?late=1")
	if got := said(doc.Find("tbody").First()); !strings.Contains(got, "Karaoui 1 1 jamais Relancer") {
		t.Errorf("people: %q", got)
	}
	form := url.Values{"professional": {string(a.Owner)}}
	doc = h.see(t, "secretary", h.do(t, "secretary", "/teams/"+string(h.Team.ID)+"/remind", form))
	if got := said(doc.Find("tbody").First()); !strings.Contains(got, "22/11/2026") || !strings.Contains(got, "Relancé aujourd’hui") {
		t.Errorf("reminded: %q", got)
	}
	doc = h.see(t, "secretary", h.do(t, "secretary", "/teams/"+string(h.Team.ID)+"/remind", form))
	if got := said(doc.Find(".toast")); !strings.Contains(got, "déjà été relancée") {
		t.Errorf("twice: %q", got)
	}
	if n := h.see(t, "secretary", page+"?who="+string(h.Chair.Professional)).Find("#liste tbody tr").Length(); n != 0 {
		t.Errorf("%d rows of the chair", n)
	}
	doc = h.see(t, "secretary", "/patients/"+string(a.Patient))
	if got := said(doc.Find("#actions")); !strings.Contains(got, "Relancer") || !strings.Contains(got, "relancé le 22/11/2026") {
		t.Errorf("on the patient's page: %q", got)
	}
}

func TestFeedbackIsAskedOfThoseWhoWereThere(t *testing.T) {
	t.Parallel()
	h := setup(t)
	if w := h.as(t, "clinician", get, h.page("feedback"), nil); w.Code != http.StatusForbidden {
		t.Errorf("before the meeting: %d", w.Code)
	}
	h.to(t, "open", "close", "start")
	present := meetings.Present
	edits := []meetings.AttendanceEdit{{Professional: h.Clinician.Professional, Presence: &present}}
	if _, err := h.Meetings.SetAttendance(t.Context(), h.Chair, h.meeting.Meeting.ID, edits); err != nil {
		t.Fatal(err)
	}
	h.to(t, "end")
	if n := h.see(t, "clinician", "/").Find(`a[href$="/feedback"]`).Length(); n == 0 {
		t.Error("the week does not ask")
	}
	if n := h.see(t, "chair", "/").Find(`a[href$="/feedback"]`).Length(); n != 0 {
		t.Error("who was not noted present is asked")
	}
	doc := h.see(t, "clinician", h.page("feedback"))
	if doc.Find(`[name="worth"]`).Length() != 4 || doc.Find(`[name="heard"]`).Length() != 4 || doc.Find(`textarea[maxlength="280"]`).Length() != 1 {
		t.Error("not the three controls")
	}
	if w := h.as(t, "clinician", post, h.page("feedback"), url.Values{"worth": {"4"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("half an answer: %d", w.Code)
	}
	at := h.do(t, "clinician", h.page("feedback"), url.Values{"worth": {"4"}, "heard": {"3"}, "sentence": {"À l’heure."}})
	doc = h.see(t, "clinician", at)
	if !strings.Contains(said(doc.Find(".toast")), "sans votre nom") || doc.Find(`a[href$="/feedback"]`).Length() != 0 {
		t.Errorf("afterwards: %q", said(doc.Find(".toast")))
	}
	if got := said(h.see(t, "clinician", "/teams/"+string(h.Team.ID)).Find("#avis")); !strings.Contains(got, "il en faut quatre") {
		t.Errorf("one answer shows: %q", got)
	}
}

func TestTheTrendIsReadAloud(t *testing.T) {
	t.Parallel()
	felt := []meetings.Felt{
		{Starts: storetest.Now.AddDate(0, 0, -14), Zone: "Europe/Paris", Answers: 4, Worth: 2.5, Heard: 4},
		{Starts: storetest.Now.AddDate(0, 0, -7), Zone: "Europe/Paris", Answers: 5, Worth: 3.24, Heard: 1},
	}
	m := moodsOf("fr", felt)
	if len(m) != 2 || m[0].Last != "3,2" || !strings.Contains(m[0].Alt, "2,5 le 08/11/2026 (4 réponses)") || !strings.Contains(m[0].Alt, "3,2 le 15/11/2026") {
		t.Errorf("%+v", m)
	}
	if m[1].Marks[0].Y != "6" || m[1].Marks[1].Y != "44" || m[1].Line == "" {
		t.Errorf("best and worst stand at %+v, line %q", m[1].Marks, m[1].Line)
	}
	if moodsOf("fr", nil) != nil {
		t.Error("a trend of nothing")
	}
}

func TestTheSummaryIsStoppedInTheAccount(t *testing.T) {
	t.Parallel()
	h := setup(t)
	on := func() bool {
		return h.see(t, "clinician", "/account").Find(`[name="digest"][value="on"][checked]`).Length() == 1
	}
	if !on() {
		t.Error("off at first")
	}
	if h.do(t, "clinician", "/account/digest", url.Values{"digest": {"off"}}); on() {
		t.Error("on once stopped")
	}
	if h.do(t, "clinician", "/account/digest", url.Values{"digest": {"on"}}); !on() {
		t.Error("off once wished again")
	}
}
