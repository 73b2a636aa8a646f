package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// sendLogo posts a logo for the team.
func (h *harness) sendLogo(t *testing.T, token, version string, file sent) *httptest.ResponseRecorder {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.WriteField("version", version)
	part, err := w.CreateFormFile("logo", file.name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(file.bytes)
	_ = w.Close()
	r := httptest.NewRequestWithContext(t.Context(), post, "http://rcp.test/teams/"+string(h.Team.ID)+"/letterhead/logo", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.AddCookie(&http.Cookie{Name: "rcp", Value: token})
	out := httptest.NewRecorder()
	h.handler.ServeHTTP(out, r)
	return out
}

func TestALetterheadIsSetFromItsPage(t *testing.T) {
	t.Parallel()
	h := setup(t)
	at := "/teams/" + string(h.Team.ID) + "/letterhead"
	if href := h.see(t, "secretary", "/teams/"+string(h.Team.ID)).Find(`a[href="` + at + `"]`); href.Length() != 1 {
		t.Error("the team's page does not lead there")
	}
	doc := h.see(t, "secretary", h.do(t, "secretary", at, url.Values{"version": {"0"}, "lines": {"Service de gériatrie\r\nTél. 03"}}))
	if got := said(doc.Find(".letterhead")); !strings.Contains(got, h.Org.Name+"Service de gériatrieTél. 03") {
		t.Errorf("preview: %q", got)
	}
	for name, file := range map[string]sent{"svg": {"logo.png", []byte("<svg/>")}, "nothing": {"", nil}, "large": {"x.png", make([]byte, 6<<20)}} {
		w := h.sendLogo(t, "secretary", "1", file)
		if w.Code != http.StatusUnprocessableEntity || said(html(t, w).Find(".error")) == "" {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	w := h.sendLogo(t, "secretary", "1", sent{"logo.png", picture(30)})
	if w.Code != http.StatusSeeOther {
		t.Fatalf("got %d\n%s", w.Code, w.Body)
	}
	doc = h.see(t, "secretary", w.Header().Get("Location"))
	src := doc.Find(".letterhead img").AttrOr("src", "")
	png := h.as(t, "clinician", get, src, nil)
	if png.Code != http.StatusOK || png.Header().Get("Content-Type") != "image/png" || !bytes.HasPrefix(png.Body.Bytes(), []byte("\x89PNG")) {
		t.Errorf("%s: %d %v", src, png.Code, png.Header())
	}
	undo := doc.Find(".toast")
	form := url.Values{"logo": {undo.Find("[name=logo]").AttrOr("value", "?")}, "version": {undo.Find("[name=version]").AttrOr("value", "?")}}
	doc = h.see(t, "secretary", h.do(t, "secretary", undo.AttrOr("action", ""), form))
	if doc.Find("img").Length() != 0 || !strings.Contains(said(doc.Find("main")), "Aucun logo") {
		t.Error("undone, and still there")
	}
	undo = doc.Find(".toast") // and back again
	form = url.Values{"logo": {undo.Find("[name=logo]").AttrOr("value", "?")}, "version": {undo.Find("[name=version]").AttrOr("value", "?")}}
	if doc = h.see(t, "secretary", h.do(t, "secretary", undo.AttrOr("action", ""), form)); doc.Find(".letterhead img").Length() != 1 {
		t.Error("not put back")
	}
	if forms := h.see(t, "chair", at).Find("#contenu form:not(.toast)").Length(); forms != 0 {
		t.Errorf("the chair is offered %d forms", forms)
	}
	if w := h.sendLogo(t, "chair", "4", sent{"logo.png", picture(31)}); w.Code != http.StatusForbidden {
		t.Errorf("the chair: %d", w.Code)
	}
	if w := h.sendLogo(t, "secretary", "1", sent{"logo.png", picture(31)}); w.Code != http.StatusConflict {
		t.Errorf("a stale page: %d", w.Code)
	}
}
