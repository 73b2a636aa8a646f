package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/internal/id"
)

func TestSearchOfPatients(t *testing.T) {
	t.Parallel()
	h := setup(t)
	if doc := h.see(t, "secretary", "/patients"); !strings.Contains(said(doc.Find(".empty")), "Aucun patient pour l’instant") {
		t.Error("the empty list does not say what will come")
	}
	h.admit(t, 4)
	for _, tt := range []struct {
		token, q string
		rows     int
	}{
		{"secretary", "", 4},
		{"secretary", "aubr", 1},
		{"secretary", "AUBRIOT Lucienne", 1},
		{"secretary", "02/03/1935", 1},
		{"secretary", "p3", 1},
		{"secretary", "personne", 0},
		{"clinician", "", 1},
		{"clinician", "tessonnier", 0},
	} {
		w := h.as(t, tt.token, post, "/patients", url.Values{"q": {tt.q}})
		doc := html(t, w)
		if got := doc.Find("tbody tr").Length(); w.Code != http.StatusOK || got != tt.rows {
			t.Errorf("%s, %q: %d, %d rows, want %d", tt.token, tt.q, w.Code, got, tt.rows)
		}
		if v := doc.Find("#q").AttrOr("value", ""); v != tt.q {
			t.Errorf("%q came back as %q", tt.q, v)
		}
	}
	other := url.Values{"team": {id.New[string]()}}
	if w := h.as(t, "secretary", post, "/patients", other); w.Code != http.StatusForbidden {
		t.Errorf("a team of others: %d", w.Code)
	}
}

func TestAPatientsPage(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 2)
	path := "/patients/" + string(h.ids["p1"])
	doc := h.see(t, "clinician", path)
	if got := said(doc.Find("h1")); got != "AUBRIOT Lucienne" {
		t.Errorf("named %q", got)
	}
	for find, want := range map[string]string{
		".idline":    "02/03/1934, 92 ans",
		".goal":      "Remarcher jusqu’au marché",
		".goal .bad": "En retard de 10 jours",
		"#actions":   "Poser la barre d’appui",
		".time":      "Plan commencé",
		"aside":      "Inès Karaoui",
	} {
		if got := said(doc.Find(find)); !strings.Contains(got, want) {
			t.Errorf("%s says %q, not %q", find, got, want)
		}
	}
	if title := doc.Find("title").Text(); strings.Contains(title, "AUBRIOT") {
		t.Errorf("the window's title names a patient: %q", title)
	}
	if got := said(h.see(t, "secretary", path).Find("#acces").Parent().Parent()); !strings.Contains(got, "Inès Karaoui") {
		t.Errorf("who opened the file: %q", got)
	}
	if w := h.as(t, "clinician", get, "/patients/"+string(h.ids["p2"]), nil); w.Code != http.StatusForbidden {
		t.Errorf("a patient of others: %d", w.Code)
	}
	if w := h.as(t, "clinician", get, "/patients/"+id.New[string](), nil); w.Code != http.StatusNotFound && w.Code != http.StatusForbidden {
		t.Errorf("a patient who is none: %d", w.Code)
	}
}

func TestFollowingAnAction(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 1)
	path := "/patients/" + string(h.ids["p1"])
	form := h.see(t, "clinician", path).Find("#actions form").First()
	to, version := form.AttrOr("action", ""), form.Find(`[name="version"]`).AttrOr("value", "")
	w := h.as(t, "clinician", post, to, url.Values{"version": {version}, "what": {"not-done"}})
	doc := html(t, w)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(said(doc.Find("#actions details[open] .error")), "raison") {
		t.Fatalf("not done without a reason: %d, %q", w.Code, said(doc.Find("#actions .error")))
	}
	h.do(t, "clinician", to, url.Values{"version": {version}, "what": {"not-done"}, "reason": {"patient-refused"}})
	if got := said(h.see(t, "clinician", path).Find("#actions tbody tr")); !strings.Contains(got, "Non fait") || !strings.Contains(got, "Refus du patient") {
		t.Errorf("says %q", got)
	}
	if w := h.as(t, "clinician", post, to, url.Values{"version": {version}, "what": {"done"}}); w.Code != http.StatusConflict {
		t.Errorf("a stale version: %d", w.Code)
	}
}

func TestSharingAndEvents(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 1)
	path := "/patients/" + string(h.ids["p1"])
	version := h.see(t, "secretary", path).Find(`form[action$="/sharing"] [name="version"]`).AttrOr("value", "")
	bad := url.Values{"version": {version}, "sharing": {"opposed"}, "on": {"2027-01-01"}}
	if w := h.as(t, "secretary", post, path+"/sharing", bad); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("an opposition of tomorrow: %d", w.Code)
	}
	h.do(t, "secretary", path+"/sharing", url.Values{"version": {version}, "sharing": {"opposed"}, "on": {"2026-11-20"}})
	if got := said(h.see(t, "secretary", path).Find(".notice")); !strings.Contains(got, "refuse le partage") {
		t.Errorf("says %q", got)
	}
	for form, code := range map[*url.Values]int{
		{"kind": {"fall"}, "on": {"un jour"}, "text": {"à garder"}}:        http.StatusUnprocessableEntity,
		{"kind": {"other"}, "on": {"2026-11-20"}}:                          http.StatusUnprocessableEntity,
		{"kind": {"fall"}, "on": {"2026-11-20"}, "text": {"dans le bain"}}: http.StatusSeeOther,
	} {
		w := h.as(t, "secretary", post, path+"/events", *form)
		if w.Code != code {
			t.Errorf("%v: %d, want %d", *form, w.Code, code)
		}
		if code != http.StatusUnprocessableEntity {
			continue
		}
		doc := html(t, w)
		if got := doc.Find(`textarea[name="text"]`).Text(); got != form.Get("text") {
			t.Errorf("%q became %q", form.Get("text"), got)
		}
		if doc.Find(`form[action$="/events"] .error`).Length() == 0 {
			t.Errorf("%v: nothing is said beside the field", *form)
		}
	}
	if got := said(h.see(t, "secretary", path).Find(".time")); !strings.Contains(got, "Chute") || !strings.Contains(got, "dans le bain") {
		t.Errorf("the thread says %q", got)
	}
}
