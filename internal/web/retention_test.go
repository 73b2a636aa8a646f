package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestAdministratorsKeepTheRetention(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 1)
	const page = "/archive/retention"
	if w := h.as(t, "secretary", get, page, nil); w.Code != http.StatusForbidden {
		t.Fatalf("a secretary: %d", w.Code)
	}
	if href := h.see(t, "admin", "/archive").Find(`a[href="` + page + `"]`); href.Length() != 1 {
		t.Error("the archive does not lead there")
	}
	doc := h.see(t, "admin", page)
	if got := said(doc.Find("#classes")); !strings.Contains(got, "20 ans après le dernier passage, au moins jusqu’au 28e anniversaire, 10 ans après un décès survenu dans les 10 ans.") {
		t.Errorf("the classes say %q", got)
	}
	form := doc.Find("#classes form").First()
	v := formValues(form)
	v.Set("years", "vingt")
	w := h.as(t, "admin", post, form.AttrOr("action", ""), v)
	if got := said(html(t, w).Find("#y-hospital").Parent()); w.Code != http.StatusUnprocessableEntity || !strings.Contains(got, "Entre 1 et 100 ans.") {
		t.Fatalf("years in letters: %d %q", w.Code, got)
	}
	v.Set("years", "25")
	h.do(t, "admin", form.AttrOr("action", ""), v)
	if got := said(h.see(t, "admin", page).Find("#classes")); !strings.Contains(got, "25 ans après") {
		t.Errorf("the classes say %q", got)
	}
	v = formValues(doc.Find("#equipes form").First())
	v.Set("class", "signature")
	h.do(t, "admin", page+"/teams", v)
	if got := h.see(t, "admin", page).Find("#equipes option[selected]").First().AttrOr("value", ""); got != "signature" {
		t.Errorf("the team's class is %q", got)
	}
}

func TestAFileIsPutUnderHold(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 1)
	const page = "/archive/retention"
	hold := url.Values{"ipp": {"p9"}, "reason": {"Expertise judiciaire"}}
	w := h.as(t, "admin", post, page+"/holds", hold)
	doc := html(t, w)
	if got := said(doc.Find("#ipp").Parent()); w.Code != http.StatusUnprocessableEntity || !strings.Contains(got, "Aucun dossier n’a cet identifiant.") || value(doc, "ipp") != "p9" {
		t.Fatalf("nobody's: %d %q", w.Code, got)
	}
	hold.Set("ipp", "p1")
	h.do(t, "admin", page+"/holds", hold)
	doc = h.see(t, "admin", page)
	got := said(doc.Find("#gels"))
	if !strings.Contains(got, "p1 Expertise judiciaire") || strings.Contains(got, "AUBRIOT") {
		t.Errorf("says %q", got)
	}
	lift := doc.Find(`#gels form[action$="/lift"]`).AttrOr("action", "")
	if w := h.as(t, "admin", post, lift, url.Values{}); w.Code != http.StatusUnprocessableEntity || html(t, w).Find("#gels details[open]").Length() != 1 {
		t.Errorf("lifted without a reason: %d", w.Code)
	}
	h.do(t, "admin", lift, url.Values{"reason": {"Procédure close"}})
	if got := said(h.see(t, "admin", page).Find("#gels")); !strings.Contains(got, "Procédure close") || !strings.Contains(got, "Aucun dossier n’est gelé.") {
		t.Errorf("after: %q", got)
	}
}
