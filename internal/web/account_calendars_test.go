package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/internal/auth"
)

func TestCalendarLinksAreMadeShownOnceAndRevoked(t *testing.T) {
	t.Parallel()
	h := setup(t, func(c *Config) { c.BaseURL = "http://rcp.example" })
	accounts := h.cfg.Auth.(*auth.Service)
	if doc := h.see(t, "clinician", "/account"); doc.Find("#liens-agenda").Length() != 0 {
		t.Error("a link that nobody made")
	}
	w := h.as(t, "clinician", post, "/account/calendar", url.Values{"calendar": {" "}})
	if got := said(html(t, w).Find("#agenda-e")); w.Code != http.StatusUnprocessableEntity || !strings.Contains(got, "Un nom est attendu") {
		t.Errorf("no name: %d, %q", w.Code, got)
	}
	w = h.as(t, "clinician", post, "/account/calendar", url.Values{"calendar": {"téléphone"}})
	doc := html(t, w)
	secret := said(doc.Find("#secret-agenda"))
	if got := said(doc.Find("#feed")); w.Code != http.StatusOK || got != "http://rcp.example/calendar/"+secret+".ics" || len(secret) != 43 {
		t.Fatalf("%d, feed %q, secret of %d", w.Code, got, len(secret))
	}
	if got := doc.Find("#acces a").AttrOr("href", ""); got != "webcal://rcp.example/calendar/"+secret+".ics" {
		t.Errorf("webcal: %q", got)
	}
	if got := said(doc.Find("#dav")); got != "http://rcp.example/dav/" {
		t.Errorf("CalDAV: %q", got)
	}
	a, err := accounts.CalendarLogin(t.Context(), " CLINICIAN@valbrume.example ", secret, "")
	if err != nil || a.Professional != h.Clinician.Professional {
		t.Errorf("opens for %s, %v", a.Professional, err)
	}
	doc = h.see(t, "clinician", "/account")
	if strings.Contains(doc.Text(), secret) || said(doc.Find("#liens-agenda li > span:first-child")) != "téléphone" || !strings.Contains(said(doc.Find("#liens-agenda .meta")), "lu le") {
		t.Errorf("afterwards: %q", said(doc.Find("#liens-agenda")))
	}
	f := url.Values{"link": {doc.Find("#liens-agenda [name=link]").AttrOr("value", "")}}
	if w := h.as(t, "chair", post, "/account/calendar/revoke", f); w.Code != http.StatusNotFound {
		t.Errorf("revoked by somebody else: %d", w.Code)
	}
	to := h.do(t, "clinician", "/account/calendar/revoke", f)
	if doc = h.see(t, "clinician", to); doc.Find("#liens-agenda").Length() != 0 || !strings.Contains(said(doc.Find(".toast span")), "Lien révoqué") {
		t.Error("a revoked link is listed")
	}
	if _, err := accounts.Subscriber(t.Context(), secret, ""); err == nil {
		t.Error("a revoked link opens")
	}
	for _, action := range []string{"calendar.create", "calendar.revoke"} {
		if got := h.see(t, "admin", "/audit?action="+action).Find("tbody tr").Length(); got != 1 {
			t.Errorf("%s: %d on record", action, got)
		}
	}
}

func TestNobodyMakesLinksWithoutEnd(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for range 20 {
		if _, err := h.cfg.Auth.NewCalendarLink(t.Context(), h.Chair, "x"); err != nil {
			t.Fatal(err)
		}
	}
	w := h.as(t, "chair", post, "/account/calendar", url.Values{"calendar": {"x"}})
	if got := said(html(t, w).Find("#agenda-e")); w.Code != http.StatusUnprocessableEntity || !strings.Contains(got, "révoquez-en un") {
		t.Errorf("%d, %q", w.Code, got)
	}
}
