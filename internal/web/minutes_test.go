package web

import (
	"archive/zip"
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/rcp-care/rcp/internal/handover"
	"github.com/rcp-care/rcp/internal/id"
)

// chairPassword opens the chair's signature in tests.
const chairPassword = "un mot de passe long"

// heldMeeting makes a meeting held with a decision on its first patient.
func heldMeeting(t *testing.T, n int) *harness {
	t.Helper()
	h, g := running(t, n)
	for _, l := range g.Items[:1] {
		room := h.page("room", string(l.ID))
		f := sheetForm(h.see(t, "chair", room))
		f.Set("summary", "Deux séances par semaine")
		f.Set("a.0.title", "Barre d’appui")
		h.do(t, "chair", room, f)
	}
	h.to(t, "end")
	h.password(t, h.Chair, "chair@valbrume.example", chairPassword)
	return h
}

func TestReadingOverSaysWhatIsMissingAndWhoReceivesWhat(t *testing.T) {
	t.Parallel()
	h := heldMeeting(t, 3)
	doc := h.see(t, "chair", h.page("minutes"))
	gaps := said(doc.Find(".checks"))
	for _, w := range []string{"Sans verdict", "Remarcher jusqu’au marché", "Sans responsable", "Barre d’appui", "À informer"} {
		if !strings.Contains(gaps, w) {
			t.Errorf("%q does not say %q", gaps, w)
		}
	}
	if rows := doc.Find("table tbody tr").Length(); rows < 2 {
		t.Errorf("%d recipients", rows)
	}
	to := said(doc.Find("table tbody"))
	if !strings.Contains(to, "Dr Solène Varennes") || !strings.Contains(to, "PDF, messagerie sécurisée") || !strings.Contains(to, "Lien, sans nom de patient") {
		t.Errorf("recipients: %q", to)
	}
	if said(doc.Find("h1")) != "Relire le compte rendu" || doc.Find("#signer").Length() != 1 || doc.Find(`a[data-dialog="signer"]`).Length() != 1 {
		t.Error("the chair is not asked to sign")
	}
	if h.see(t, "secretary", h.page("minutes")).Find("#signer").Length() != 0 {
		t.Error("the secretary is asked to sign")
	}
}

func TestSigningAsksForThePasswordAgain(t *testing.T) {
	t.Parallel()
	h := heldMeeting(t, 2)
	version := h.see(t, "chair", h.page("minutes")).Find(`#signer [name="version"]`).AttrOr("value", "")
	form := func(password string) url.Values { return url.Values{"version": {version}, "password": {password}} }
	w := h.as(t, "chair", post, h.page("minutes", "sign"), form("faux"))
	doc := html(t, w)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(said(doc.Find("#mdp-e")), "Mot de passe inexact") {
		t.Fatalf("a wrong password: %d, %q", w.Code, said(doc.Find("#mdp-e")))
	}
	if _, open := doc.Find("#signer").Attr("open"); !open {
		t.Error("the question is not shown again")
	}
	if _, kept := doc.Find("#mdp").Attr("value"); kept {
		t.Error("the password came back")
	}
	if to := h.do(t, "chair", h.page("minutes", "sign"), form(chairPassword)); to != h.page("minutes") {
		t.Errorf("leads to %q", to)
	}
	doc = h.see(t, "chair", h.page("minutes"))
	if got := said(doc.Find(".head .st")); got != "Signé" {
		t.Errorf("says %q", got)
	}
	if hash := said(doc.Find(".fiche code").First()); len(hash) != 64 {
		t.Errorf("the hash is %q", hash)
	}
	if w := h.as(t, "chair", get, h.page("room"), nil); w.Code != http.StatusSeeOther {
		t.Errorf("the room of signed minutes: %d", w.Code)
	}
	row := said(h.see(t, "secretary", "/archive").Find("tbody tr"))
	if !strings.Contains(row, "Dr Solène Varennes") || !strings.Contains(row, "Gériatrie, secteur Nord") {
		t.Errorf("the archive says %q", row)
	}
	t.Run("searched", func(t *testing.T) { h.searchArchive(t) })
	t.Run("exported", func(t *testing.T) { h.exportYear(t) })
	t.Run("corrected", func(t *testing.T) { h.correct(t) })
}

func (h *harness) searchArchive(t *testing.T) {
	name := h.discussed(t)[0]
	for _, tt := range []struct {
		form url.Values
		rows int
	}{
		{url.Values{"patient": {name}}, 1},
		{url.Values{"patient": {"personne"}}, 0},
		{url.Values{"from": {"2026-11-01"}, "to": {"2026-11-30"}}, 1},
		{url.Values{"to": {"2026-01-01"}}, 0},
		{url.Values{"team": {string(h.Team.ID)}}, 1},
		{url.Values{"words": {"séance semaine"}}, 1},
		{url.Values{"words": {"séance"}, "patient": {"personne"}}, 0},
		{url.Values{"words": {"orthophonie"}}, 0},
		{url.Values{"profession": {"medecin"}}, 1},
	} {
		w := h.as(t, "secretary", post, "/archive", tt.form)
		doc := html(t, w)
		if got := doc.Find("tbody tr").Length(); w.Code != http.StatusOK || got != tt.rows {
			t.Errorf("%v: %d, %d rows, want %d", tt.form, w.Code, got, tt.rows)
		}
	}
	doc := html(t, h.as(t, "secretary", post, "/archive", url.Values{"words": {"SEMAINE deux"}}))
	if got := doc.Find("mark").Map(func(_ int, s *goquery.Selection) string { return s.Text() }); !slices.Equal(got, []string{"Deux", "semaine"}) {
		t.Errorf("marks %q", got)
	}
	if w := h.as(t, "secretary", post, "/archive", url.Values{"words": {"deux"}, "after": {"x"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a page that is none: %d", w.Code)
	}
	if w := h.as(t, "secretary", post, "/archive", url.Values{"from": {"un jour"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a day that is none: %d", w.Code)
	}
}

// discussed names the patients of the signed minutes.
func (h *harness) discussed(t *testing.T) []string {
	t.Helper()
	all, err := h.cfg.Minutes.OfMeeting(t.Context(), h.Chair, h.meeting.Meeting.ID)
	if err != nil || len(all) == 0 {
		t.Fatalf("no minutes: %v", err)
	}
	var names []string
	for _, c := range all[0].Content.Cases {
		names = append(names, c.BirthFamily)
	}
	return names
}

func (h *harness) correct(t *testing.T) {
	path := h.page("minutes", "amend")
	if w := h.as(t, "secretary", get, path, nil); w.Code != http.StatusForbidden {
		t.Errorf("the secretary: %d", w.Code)
	}
	doc := h.see(t, "chair", path)
	f := url.Values{"password": {chairPassword}}
	doc.Find("form.cols input, form.cols textarea").Each(func(_ int, s *goquery.Selection) {
		if name := s.AttrOr("name", ""); name != "" && name != "password" {
			f.Set(name, s.AttrOr("value", s.Text()))
		}
	})
	summary := doc.Find(`textarea[name^="summary."]`).AttrOr("name", "")
	f.Set("reason", "Faute de frappe")
	if w := h.as(t, "chair", post, path, f); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a correction of nothing: %d", w.Code)
	}
	f.Set(summary, "Trois séances par semaine")
	f.Del("reason")
	w := h.as(t, "chair", post, path, f)
	if again := html(t, w); w.Code != http.StatusUnprocessableEntity || again.Find(`[name="`+summary+`"]`).Text() != "Trois séances par semaine" {
		t.Errorf("without a reason: %d", w.Code)
	}
	f.Set("reason", "Faute de frappe")
	action := strings.Replace(doc.Find(`input[name^="action."]`).First().AttrOr("name", ""), "action.", "", 1)
	f.Set("due."+action, "un jour")
	if w := h.as(t, "chair", post, path, f); w.Code != http.StatusUnprocessableEntity || html(t, w).Find(`[name="due.`+action+`"][aria-invalid]`).Length() != 1 {
		t.Errorf("a day that is none: %d", w.Code)
	}
	f.Set("due."+action, "+7")
	f.Set("action."+action, "Rampe d’accès")
	f.Set(doc.Find(`select[name^="verdict."]`).First().AttrOr("name", ""), "setback")
	h.do(t, "chair", path, f)
	changes := said(h.see(t, "chair", h.page("minutes")).Find(".changes"))
	for _, w := range []string{"Ce qui diffère de la version 1", "Trois séances par semaine", "Verdict", "Recul", "Rampe d’accès"} {
		if !strings.Contains(changes, w) {
			t.Errorf("the difference %q does not say %q", changes, w)
		}
	}
	got := said(h.see(t, "chair", h.page("minutes")).Find("#versions-t").Parent().Parent())
	for _, w := range []string{"Version 2", "En vigueur", "Version 1", "Remplacée", "Faute de frappe"} {
		if !strings.Contains(got, w) {
			t.Errorf("%q does not say %q", got, w)
		}
	}
}

func TestThePDFByRole(t *testing.T) {
	t.Parallel()
	h := heldMeeting(t, 2)
	path := h.page("minutes.pdf")
	w := h.as(t, "chair", get, path, nil)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/pdf" || !bytes.HasPrefix(w.Body.Bytes(), []byte("%PDF-")) {
		t.Fatalf("the draft: %d %v", w.Code, w.Header())
	}
	name := w.Header().Get("Content-Disposition")
	if !strings.Contains(name, "projet") || strings.Contains(strings.ToLower(name), "aubriot") {
		t.Errorf("the file is named %q", name)
	}
	h.signInOnce(t)
	for _, tt := range []struct {
		token, query string
		want         int
	}{
		{"nobody", "", http.StatusForbidden},
		{"clinician", "?patient=" + string(h.ids["p2"]), http.StatusForbidden},
		{"chair", "?patient=x", http.StatusNotFound},
		{"chair", "?version=-1", http.StatusNotFound},
		{"chair", "?version=7", http.StatusNotFound},
	} {
		if w := h.as(t, tt.token, get, path+tt.query, nil); w.Code != tt.want {
			t.Errorf("%s %s: %d, want %d", tt.token, tt.query, w.Code, tt.want)
		}
	}
}

func TestMinutesOfAMeetingWithoutCases(t *testing.T) {
	t.Parallel()
	h := setup(t)
	doc := h.see(t, "secretary", h.page("minutes"))
	if !strings.Contains(said(doc.Find(".notice")), "La réunion n’est pas terminée.") || !strings.Contains(said(doc.Find(".empty")), "Aucun dossier n’a été discuté") {
		t.Errorf("says %q, %q", said(doc.Find(".notice")), said(doc.Find(".empty")))
	}
	if doc := h.see(t, "clinician", "/archive"); doc.Find("tbody tr").Length() != 0 || said(doc.Find(".empty")) == "" {
		t.Error("an empty archive does not say what will come")
	}
	if w := h.as(t, "chair", get, h.page("minutes", "amend"), nil); w.Code != http.StatusConflict {
		t.Errorf("correcting what is not signed: %d", w.Code)
	}
	if w := h.as(t, "chair", get, "/meetings/"+id.New[string]()+"/minutes", nil); w.Code != http.StatusNotFound {
		t.Errorf("a meeting that is none: %d", w.Code)
	}
}

// exportYear asks for the year of signed minutes, and receives it.
func (h *harness) exportYear(t *testing.T) {
	const page = "/archive/exports"
	if w := h.as(t, "clinician", get, page, nil); w.Code != http.StatusForbidden {
		t.Errorf("a clinician reads the exports: %d", w.Code)
	}
	if n := html(t, h.as(t, "admin", get, page, nil)).Find("form select").Length(); n != 0 {
		t.Error("who reads no patient may export")
	}
	form := url.Values{"team": {string(h.Team.ID)}, "year": {"2026"}}
	if w := h.as(t, "admin", post, page, form); w.Code != http.StatusForbidden {
		t.Errorf("an administrator of no team asks: %d", w.Code)
	}
	if w := h.as(t, "secretary", post, page, url.Values{"team": {string(h.Team.ID)}, "year": {"1"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("the year 1: %d", w.Code)
	}
	if to := h.do(t, "secretary", page, form); to != page {
		t.Errorf("leads to %q", to)
	}
	if doc := h.see(t, "secretary", page); doc.Find("#exports progress").Length() != 1 || doc.Find("#exports[hx-trigger]").Length() != 1 {
		t.Errorf("what waits shows no progress: %q", said(doc.Find("#exports")))
	}
	if made, err := h.cfg.Handovers.(*handover.Service).RunOnce(t.Context()); err != nil || made != 1 {
		t.Fatalf("made %d: %v", made, err)
	}
	doc := h.see(t, "secretary", page)
	link := doc.Find("#exports a[download]").AttrOr("href", "")
	if doc.Find("#exports progress, #exports[hx-trigger]").Length() != 0 || link == "" {
		t.Fatalf("not ready: %q", said(doc.Find("#exports")))
	}
	w := h.as(t, "secretary", get, link, nil)
	if got := w.Header().Get("Content-Disposition"); got != `attachment; filename="comptes-rendus-2026-geriatrie-secteur-nord.zip"` {
		t.Errorf("the file is %q", got)
	}
	z, err := zip.NewReader(bytes.NewReader(w.Body.Bytes()), int64(w.Body.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Open("comptes-rendus-2026-geriatrie-secteur-nord/data/index.html"); err != nil {
		t.Error(err)
	}
	for _, f := range z.File {
		for _, name := range h.discussed(t) {
			if strings.Contains(strings.ToUpper(f.Name), strings.ToUpper(name)) {
				t.Errorf("a path names a patient: %s", f.Name)
			}
		}
	}
	for _, who := range []string{"clinician", "admin"} {
		if w := h.as(t, who, get, link, nil); w.Code != http.StatusForbidden {
			t.Errorf("%s receives it: %d", who, w.Code)
		}
	}
}
