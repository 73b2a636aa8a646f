package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

const (
	email    = "o.marchenoir@valbrume.example"
	password = "une phrase assez longue"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.password(t, h.Secretary, email, password)
	tests := []struct {
		name, password, next string
		status               int
		to, says             string
	}{
		{"goes to the week", password, "", http.StatusSeeOther, "/", ""},
		{"goes where the person was", password, "/meetings", http.StatusSeeOther, "/meetings", ""},
		{"never leads elsewhere", password, "https://mal.example/x", http.StatusSeeOther, "/", ""},
		{"nor by a protocol-relative address", password, "//mal.example/x", http.StatusSeeOther, "/", ""},
		{"says how many tries are left", "faux", "", http.StatusUnprocessableEntity, "", "4"},
		{"and then fewer", "faux", "", http.StatusUnprocessableEntity, "", "3"},
	}
	for _, tt := range tests { // in order: tries are counted
		w := h.as(t, "", post, "/sign-in", url.Values{"email": {email}, "password": {tt.password}, "next": {tt.next}})
		if w.Code != tt.status || w.Header().Get("Location") != tt.to {
			t.Fatalf("%s: got %d to %q, want %d to %q", tt.name, w.Code, w.Header().Get("Location"), tt.status, tt.to)
		}
		if tt.says == "" {
			continue
		}
		doc := html(t, w)
		if got := said(doc.Find("#mdp-e")); !strings.Contains(got, tt.says) || !strings.Contains(got, "inexact") {
			t.Errorf("%s: says %q, want %q", tt.name, got, tt.says)
		}
		if v, _ := doc.Find("#mel").Attr("value"); v != email {
			t.Errorf("the address was lost: %q", v)
		}
		if v, ok := doc.Find("#mdp").Attr("value"); ok {
			t.Errorf("the password came back: %q", v)
		}
	}
	for range 3 {
		h.as(t, "", post, "/sign-in", url.Values{"email": {email}, "password": {"faux"}})
	}
	if w := h.as(t, "", post, "/sign-in", url.Values{"email": {email}, "password": {password}}); w.Code != http.StatusTooManyRequests {
		t.Errorf("after five refusals the right password got %d", w.Code)
	}
}

func TestSignOutEndsTheSession(t *testing.T) {
	t.Parallel()
	h := setup(t)
	if to := h.do(t, "secretary", "/sign-out", nil); to != "/sign-in" {
		t.Errorf("leads to %q", to)
	}
	if w := h.as(t, "secretary", get, "/", nil); w.Code != http.StatusSeeOther {
		t.Errorf("the session still opens: %d", w.Code)
	}
}

func TestSessionCookie(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"http://127.0.0.1:8080": "rcp=[A-Z0-9]{26}; Path=/; HttpOnly; SameSite=Lax",
		"https://rcp.example":   "__Host-rcp=[A-Z0-9]{26}; Path=/; HttpOnly; Secure; SameSite=Lax",
	} {
		h := setup(t, func(c *Config) { c.BaseURL = base })
		h.password(t, h.Secretary, email, password)
		w := h.as(t, "", post, "/sign-in", url.Values{"email": {email}, "password": {password}})
		if got := w.Header().Get("Set-Cookie"); !regexp.MustCompile("^" + want + "$").MatchString(got) {
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
