package web

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pdfText is the text of a PDF on one line.
func pdfText(t *testing.T, raw []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "d.pdf")
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", "-layout", name, "-").Output()
	if err != nil {
		t.Fatalf("pdftotext: %v (apt-get install poppler-utils)", err)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

// TestAgendaPDFIsInSight: the secretary's has every patient, the clinician's
// their own at its hour, and a stranger gets none.
func TestAgendaPDFIsInSight(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 3)
	g := h.draft(t)
	own := -1
	for i, l := range g.Items {
		if l.Patient.IPP == "p1" {
			own = i
		}
	}
	for token, want := range map[string]int{"secretary": 3, "clinician": 1} {
		w := h.as(t, token, get, h.page("agenda.pdf"), nil)
		if w.Code != http.StatusOK || !bytes.HasPrefix(w.Body.Bytes(), []byte("%PDF-")) {
			t.Fatalf("%s: %d", token, w.Code)
		}
		if name := w.Header().Get("Content-Disposition"); name != `inline; filename="ordre-du-jour-2026-11-26.pdf"` {
			t.Errorf("%s: %s", token, name)
		}
		text := pdfText(t, w.Body.Bytes())
		if got := strings.Count(text, "Lucienne") + strings.Count(text, "Marcel"); got != want {
			t.Errorf("%s sees %d patients, want %d: %s", token, got, want, text)
		}
		at := h.meeting.Meeting.Starts.In(h.meeting.Meeting.Location())
		for _, l := range g.Items[:own] {
			at = at.Add(time.Duration(l.Minutes) * time.Minute)
		}
		if !strings.Contains(text, at.Format("15 h 04")+" AUBRIOT Lucienne F, 92 ans") {
			t.Errorf("%s: no AUBRIOT at %s: %s", token, at, text)
		}
	}
	if w := h.as(t, "admin", get, h.page("agenda.pdf"), nil); w.Code != http.StatusForbidden {
		t.Errorf("a stranger: %d", w.Code)
	}
}

// TestWhoGetsTheAgendaIsSaid before it is closed, on the page and where one
// confirms; a clinician is not told.
func TestWhoGetsTheAgendaIsSaid(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 2)
	h.draft(t)
	h.to(t, "open")
	doc := html(t, h.as(t, "secretary", get, h.page(), nil))
	const want = "À la clôture, l’ordre du jour part à 3 personnes : 1 reçoit le PDF par messagerie sécurisée, 2 un lien sans nom de patient."
	if got := said(doc.Find("[aria-labelledby=cloture]")); !strings.Contains(plainSpaces(got), want) {
		t.Errorf("the page says %q", got)
	}
	for name, text := range map[string]string{"dialog": said(doc.Find("#d-close")), "page": said(html(t, h.as(t, "secretary", get, h.page("close"), nil)).Find("main"))} {
		for _, part := range []string{"PDF par messagerie sécurisée 1 personne", "Lien de connexion, sans nom de patient 2 personnes", "Joël Quintane", "Clore et envoyer"} {
			if !strings.Contains(plainSpaces(text), part) {
				t.Errorf("the %s does not say %q: %s", name, part, text)
			}
		}
	}
	if text := said(html(t, h.as(t, "clinician", get, h.page(), nil)).Find("main")); strings.Contains(text, "part à") {
		t.Errorf("a clinician is told: %s", text)
	}
}
