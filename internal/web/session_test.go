package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	h := setup(t)
	tests := []struct {
		name, password, next string
		status               int
		to, says             string
	}{
		{"goes to the week", "bon", "", http.StatusSeeOther, "/", ""},
		{"goes where the person was", "bon", "/meetings", http.StatusSeeOther, "/meetings", ""},
		{"never leads elsewhere", "bon", "https://mal.example/x", http.StatusSeeOther, "/", ""},
		{"nor by a protocol-relative address", "bon", "//mal.example/x", http.StatusSeeOther, "/", ""},
		{"says how many tries are left", "faux", "", http.StatusUnprocessableEntity, "", "Mot de passe inexact. Encore 4 essais."},
		{"says to wait", "trop", "", http.StatusTooManyRequests, "", "Trop d’essais. Attendez 15 minutes."},
		{"hides what broke", "casse", "", http.StatusInternalServerError, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := h.as(t, "", post, "/sign-in", url.Values{"email": {"o@valbrume.example"}, "password": {tt.password}, "next": {tt.next}})
			if w.Code != tt.status || w.Header().Get("Location") != tt.to {
				t.Fatalf("got %d to %q, want %d to %q", w.Code, w.Header().Get("Location"), tt.status, tt.to)
			}
			if strings.Contains(w.Body.String(), "secret of the machine") {
				t.Error("the page shows the cause of a fault")
			}
			if tt.says == "" {
				return
			}
			doc := html(t, w)
			if got := said(doc.Find("#mdp-e")); got != tt.says {
				t.Errorf("says %q, want %q", got, tt.says)
			}
			if v, _ := doc.Find("#mel").Attr("value"); v != "o@valbrume.example" {
				t.Errorf("the address was lost: %q", v)
			}
			if v, ok := doc.Find("#mdp").Attr("value"); ok {
				t.Errorf("the password came back: %q", v)
			}
		})
	}
}

func TestSessionCookie(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"http://127.0.0.1:8080": "rcp=secretary; Path=/; HttpOnly; SameSite=Lax",
		"https://rcp.example":   "__Host-rcp=secretary; Path=/; HttpOnly; Secure; SameSite=Lax",
	} {
		h := setup(t, func(c *Config) { c.BaseURL = base })
		w := h.as(t, "", post, "/sign-in", url.Values{"password": {"bon"}})
		if got := w.Header().Get("Set-Cookie"); got != want {
			t.Errorf("%s: got %q, want %q", base, got, want)
		}
	}
}

func TestLanguageSwitch(t *testing.T) {
	t.Parallel()
	h := setup(t)
	w := h.as(t, "secretary", post, "/language", url.Values{"lang": {"en"}, "next": {"/meetings"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/meetings" || !strings.HasPrefix(w.Header().Get("Set-Cookie"), "rcp-lang=en;") {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
	doc := html(t, h.as(t, "english", get, "/", nil))
	if l, _ := doc.Find("html").Attr("lang"); l != "en" || said(doc.Find("h1")) != "My week" {
		t.Errorf("lang %q, title %q", l, said(doc.Find("h1")))
	}
}

func TestOtherSitesCannotPost(t *testing.T) {
	t.Parallel()
	h := setup(t)
	w := h.from(t, "https://mal.example", "secretary", "/sign-out")
	if w.Code != http.StatusForbidden {
		t.Errorf("a form of another site got %d", w.Code)
	}
}
