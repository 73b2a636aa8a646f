package web

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/internal/id"
)

// picture is a PNG of n pixels.
func picture(n int) []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, image.NewGray(image.Rect(0, 0, n, 1)))
	return b.Bytes()
}

// blank is a PDF of nothing.
func blank(catalog string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%%PDF-1.4\n1 0 obj\n<< /Type /Catalog %s >>\nendobj\n", catalog)
	at := b.Len()
	fmt.Fprintf(&b, "xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 2 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", at)
	return b.Bytes()
}

type sent struct {
	name  string
	bytes []byte
}

// send posts files to a case.
func (h *harness) send(t *testing.T, token string, c id.Case, title string, files ...sent) *httptest.ResponseRecorder {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.WriteField("title", title)
	for _, f := range files {
		part, err := w.CreateFormFile("file", f.name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write(f.bytes)
	}
	_ = w.Close()
	r := httptest.NewRequestWithContext(t.Context(), post, "http://rcp.test/cases/"+string(c)+"/papers", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.AddCookie(&http.Cookie{Name: "rcp", Value: token})
	out := httptest.NewRecorder()
	h.handler.ServeHTTP(out, r)
	return out
}

func TestPapersAreAddedEachByItself(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 2)
	c := h.draft(t).Items[0].ID
	w := h.send(t, "secretary", c, "", sent{"Bilan_sang.png", picture(3)}, sent{"piege.pdf", blank("/Names << /JavaScript 4 0 R >>")},
		sent{"scan.pdf", []byte("MZ\x90")}, sent{`C:\x\lettre.pdf`, blank("")})
	doc := html(t, w)
	if w.Code != http.StatusUnprocessableEntity {
		t.Fatalf("got %d", w.Code)
	}
	refused := doc.Find("#documents .notice li")
	if refused.Length() != 2 || !strings.Contains(said(refused.Eq(0)), "piege.pdfCe PDF contient un programme") || !strings.Contains(said(refused.Eq(1)), "scan.pdfCe n’est ni un PDF") {
		t.Errorf("refused: %q", said(refused))
	}
	if rows := doc.Find("#documents tbody tr"); rows.Length() != 2 || !strings.Contains(said(rows.Eq(0)), "Bilan sang PNG, 1 Kio 22/11/2026") ||
		!strings.Contains(said(rows.Eq(0)), "non analysé") || said(rows.Eq(1).Find("th")) != "lettre" {
		t.Errorf("kept: %q", said(rows))
	}
	w = h.send(t, "secretary", c, "Compte rendu d’IRM", sent{"MARTIN Lucienne.png", picture(9)})
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || strings.Contains(to, "MARTIN") {
		t.Fatalf("got %d to %q", w.Code, to)
	}
	doc = h.see(t, "secretary", w.Header().Get("Location"))
	if rows := doc.Find("#documents tbody tr"); said(rows.Eq(2).Find("th")) != "Compte rendu d’IRM" || !strings.Contains(said(doc.Find(".toast")), "1 document ajouté") {
		t.Errorf("titled: %q, %q", said(rows), said(doc.Find(".toast")))
	}
	for name, files := range map[string][]sent{"nothing": nil, "an empty field": {{"", nil}}} {
		if w := h.send(t, "secretary", c, "", files...); w.Code != http.StatusUnprocessableEntity || !strings.Contains(said(html(t, w).Find(".notice")), "Choisissez un PDF ou une image") {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if w := h.as(t, "secretary", post, "/cases/"+string(c)+"/papers", nil); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("no multipart: %d", w.Code)
	}
}

func TestAPaperIsServedSoThatItDoesNothing(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 1)
	c := h.draft(t).Items[0].ID
	if w := h.send(t, "clinician", c, "", sent{"AUBRIOT.png", picture(3)}, sent{"AUBRIOT.pdf", blank("")}); w.Code != http.StatusSeeOther {
		t.Fatalf("got %d", w.Code)
	}
	links := h.see(t, "clinician", "/cases/"+string(c)+"/preparation").Find("#documents th a")
	for i, want := range [][2]string{{"image/png", "document-1.png"}, {"application/pdf", "document-2.pdf"}} {
		href := links.Eq(i).AttrOr("href", "")
		for query, how := range map[string]string{"": "inline", "?download=1": "attachment"} {
			w := h.as(t, "chair", get, href+query, nil)
			got := w.Header()
			if w.Code != http.StatusOK || got.Get("Content-Type") != want[0] || got.Get("Content-Disposition") != how+`; filename="`+want[1]+`"` {
				t.Errorf("%s: %d %v", href, w.Code, got)
			}
			if csp := got.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "sandbox; default-src 'none'") || strings.Contains(csp, "allow-") {
				t.Errorf("policy %q", csp)
			}
			if got.Get("X-Content-Type-Options") != "nosniff" || got.Get("Cache-Control") != "no-store" || got.Get("Cross-Origin-Resource-Policy") != "same-origin" {
				t.Errorf("headers %v", got)
			}
		}
	}
}

func TestAPaperIsRemovedAndPutBackFromThePage(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 2)
	items := h.draft(t).Items
	c := items[0].ID
	if items[0].Patient.ID != h.ids["p1"] {
		c = items[1].ID
	}
	h.send(t, "clinician", c, "", sent{"x.png", picture(3)})
	at := "/cases/" + string(c) + "/preparation"
	remove := h.see(t, "chair", at).Find("#documents tbody form").AttrOr("action", "")
	doc := h.see(t, "chair", h.do(t, "chair", remove, nil))
	if said(doc.Find("#documents tbody s")) != "x" || doc.Find("#documents th a").Length() != 0 {
		t.Errorf("removed: %q", said(doc.Find("#documents tbody")))
	}
	undo := doc.Find(".toast").AttrOr("action", "")
	doc = h.see(t, "chair", h.do(t, "chair", undo, nil))
	if said(doc.Find("#documents th a")) != "x" {
		t.Errorf("put back: %q", said(doc.Find("#documents tbody")))
	}
	h.to(t, "open", "close", "start")
	if room := h.see(t, "chair", h.page("room", string(c))); said(room.Find("#lire .list a").First()) != "x" {
		t.Errorf("room: %q", said(room.Find("#lire")))
	}
	h.signInOnce(t)
	for _, path := range []string{at, strings.TrimSuffix(remove, "/remove")} {
		if w := h.as(t, "nobody", get, path, nil); w.Code != http.StatusForbidden {
			t.Errorf("%s by nobody: %d", path, w.Code)
		}
	}
	if w := h.send(t, "nobody", c, "", sent{"x.png", picture(4)}); w.Code != http.StatusForbidden {
		t.Errorf("sent by nobody: %d", w.Code)
	}
}
