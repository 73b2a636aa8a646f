package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/agenda"
)

func TestTheWeekSaysWhatToDoFirst(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 2)
	h.draft(t)
	week := "/?from=2026-11-23"
	if got := said(h.see(t, "secretary", week).Find("#next")); got != "À faire d’abord : envoyer les invitations de Gériatrie, secteur Nord" {
		t.Errorf("draft: %q", got)
	}
	h.to(t, "open")
	doc := h.see(t, "secretary", week)
	if got := said(doc.Find("#next")); !strings.Contains(got, "clore l’ordre du jour") {
		t.Errorf("open: %q", got)
	}
	if got := said(doc.Find(".meet .load")); !strings.Contains(got, "2 dossiers") || !strings.Contains(got, "16 min sur 90") {
		t.Errorf("load: %q", got)
	}
	if got := said(doc.Find(".meet .st")); !strings.Contains(got, "En attente de 3 réponses") {
		t.Errorf("forecast: %q", got)
	}
	if got := said(h.see(t, "clinician", week).Find("#next")); !strings.Contains(got, "dire si vous venez") {
		t.Errorf("clinician: %q", got)
	}
	h.to(t, "close", "start", "end")
	if got := said(h.see(t, "chair", week).Find("#next")); !strings.Contains(got, "signer le compte rendu") {
		t.Errorf("held: %q", got)
	}
}

func TestTheWeekOfSomebodyWithoutTeamIsEmptyNotBroken(t *testing.T) {
	t.Parallel()
	h := setup(t)
	doc := h.see(t, "admin", "/")
	if doc.Find(".empty").Length() == 0 || doc.Find(`.rail a[href="/audit"]`).Length() != 1 {
		t.Error("no empty state, or no audit in the menu")
	}
	if h.see(t, "clinician", "/").Find(`.rail a[href="/audit"], .rail a[href="/outbox"]`).Length() != 0 {
		t.Error("a clinician's menu leads where they may not go")
	}
}

func TestMeetingsAreListedAndMade(t *testing.T) {
	t.Parallel()
	h := setup(t)
	if n := h.see(t, "clinician", "/meetings").Find("tbody tr").Length(); n != 6 {
		t.Errorf("%d meetings, want 6", n)
	}
	form := url.Values{"team": {string(h.Team.ID)}, "day": {"2026-12-01"}, "starts": {"9:00"}, "ends": {"8:00"}}
	if w := h.as(t, "secretary", post, "/meetings", form); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("an end before the start: %d", w.Code)
	}
	form.Set("ends", "10h30")
	doc := h.see(t, "secretary", h.do(t, "secretary", "/meetings", form))
	if got := said(doc.Find(".head")); !strings.Contains(got, "mardi 1er décembre 2026, 9 h 00 – 10 h 30") {
		t.Errorf("made %q", got)
	}
	if doc := h.see(t, "secretary", "/meetings?when=past"); doc.Find(".empty").Length() != 1 {
		t.Error("no empty state for past meetings")
	}
}

func TestRequestsAreMadeListedAndWithdrawn(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 2)
	if h.see(t, "clinician", "/requests").Find(".empty").Length() != 1 {
		t.Error("no empty state")
	}
	h.see(t, "clinician", "/requests/new")
	found := html(t, h.as(t, "clinician", post, "/requests/find", url.Values{"q": {"a"}})).Find(".page .list li")
	if found.Length() != 1 || !strings.Contains(said(found), "AUBRIOT") {
		t.Errorf("a clinician finds %q", said(found))
	}
	patient := string(h.ids["p1"])
	if said(h.see(t, "clinician", "/requests/new?patient="+patient).Find("form b")) != "AUBRIOT Lucienne" {
		t.Error("the patient is not chosen")
	}
	form := url.Values{"patient": {patient}, "team": {string(h.Team.ID)}, "urgency": {"soon"}, "question": {" "}}
	w := h.as(t, "clinician", post, "/requests", form)
	doc := html(t, w)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(said(doc.Find(".error")), "Écrivez la question") {
		t.Errorf("without a question: %d %q", w.Code, said(doc.Find(".error")))
	}
	if v, _ := doc.Find(`input[name="urgency"][checked]`).Attr("value"); v != string(agenda.Soon) {
		t.Errorf("the urgency typed was lost: %q", v)
	}
	form.Set("question", "Insuline le soir ?")
	form.Set("situation", "Hypoglycémies la nuit")
	form.Set("told", "yes")
	own := h.see(t, "clinician", h.do(t, "clinician", "/requests", form))
	if got := said(own.Find(".notice")); !strings.Contains(got, "1re dans la file pour la réunion du 26/11/2026") {
		t.Errorf("acknowledged with %q", got)
	}
	if got := said(own.Find(".isbar")); !strings.Contains(got, "Hypoglycémies la nuit") {
		t.Errorf("the context reads %q", got)
	}
	doc = h.see(t, "secretary", "/requests")
	if got := said(doc.Find("tbody")); !strings.Contains(got, "Insuline le soir") || !strings.Contains(got, "Bientôt") {
		t.Errorf("the secretary reads %q", got)
	}
	if got := said(doc.Find(`.rail a[href="/requests"] .n`)); got != "1" {
		t.Errorf("the menu counts %q", got)
	}
	action, _ := doc.Find("tbody form").Attr("action")
	version, _ := doc.Find(`tbody input[name="version"]`).Attr("value")
	h.do(t, "clinician", action, url.Values{"version": {version}})
	if h.see(t, "secretary", "/requests").Find(".empty").Length() != 1 {
		t.Error("the withdrawn request is still there")
	}
	form.Set("patient", string(h.ids["p2"]))
	if w := h.as(t, "clinician", post, "/requests", form); w.Code != http.StatusForbidden {
		t.Errorf("a request about somebody else's patient: %d", w.Code)
	}
}
