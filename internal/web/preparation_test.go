package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/agenda/preparation"
	"github.com/rcp-care/rcp/internal/id"
)

// readied is a meeting with two cases, the first of which the nurse follows and
// is in charge of.
func readied(t *testing.T) (h *harness, mine, other id.Case) {
	t.Helper()
	h = setup(t)
	h.admit(t, 2)
	for _, l := range h.draft(t).Items {
		if l.Patient.ID == h.ids["p1"] {
			mine = l.ID
		} else {
			other = l.ID
		}
	}
	return h, mine, other
}

func caseAt(c id.Case, parts ...string) string {
	return "/cases/" + string(c) + "/" + strings.Join(parts, "/")
}

func TestTheSecretaryAsksAndTheNurseWritesFromTheWeek(t *testing.T) {
	t.Parallel()
	h, mine, _ := readied(t)
	if doc := h.see(t, "clinician", "/"); doc.Find("#avis-attendus").Length() != 0 {
		t.Error("awaited before anybody asked")
	}
	who := url.Values{"professional": {string(h.Clinician.Professional)}, "meeting": {string(h.meeting.Meeting.ID)}, "to": {"agenda"}}
	if to := h.do(t, "secretary", caseAt(mine, "ask"), who); to != h.page()+"?did=ask#c-"+string(mine) {
		t.Errorf("leads to %s", to)
	}
	line := h.see(t, "secretary", h.page()).Find("#c-" + string(mine))
	if got := said(line.Find(".ready")); !strings.Contains(got, "sur 6") {
		t.Errorf("agenda line: %q", got)
	}
	if got := said(line.Find(".why-more")); !strings.Contains(got, "demandé à Inès Karaoui le 22/11") || !strings.Contains(got, "Relancer") {
		t.Errorf("unfolded: %q", got)
	}
	if got := h.see(t, "clinician", h.page()).Find("form[action$='/ask']").Length(); got != 0 {
		t.Error("a clinician is offered to ask")
	}
	week := h.see(t, "clinician", "/")
	href, _ := week.Find("#avis-attendus + ul a").First().Attr("href")
	if href != caseAt(mine, "preparation")+"#mon-avis" {
		t.Fatalf("the week leads to %q", href)
	}
	page := h.see(t, "clinician", strings.TrimSuffix(href, "#mon-avis"))
	if page.Find("#mon-texte").Length() != 1 || page.Find("title").Text() != "Préparation du dossier – RCP" {
		t.Errorf("the page: %s", said(page.Find("main")))
	}
	h.do(t, "clinician", caseAt(mine, "contribution"), url.Values{"text": {"Marche avec une canne."}, "opinion": {"1"}, "version": {"0"}})
	got := said(h.see(t, "secretary", caseAt(mine, "preparation")).Find("#avis"))
	if !strings.Contains(got, "Marche avec une canne.") || !strings.Contains(got, "avis écrit le 22/11") {
		t.Errorf("contributions: %q", got)
	}
	if doc := h.see(t, "clinician", "/"); doc.Find("#avis-attendus").Length() != 0 {
		t.Error("still awaited once written")
	}
}

func TestNothingTypedIsLostWhenSomebodyWroteMeanwhile(t *testing.T) {
	t.Parallel()
	h, mine, _ := readied(t)
	h.do(t, "clinician", caseAt(mine, "contribution"), url.Values{"text": {"Premier texte"}, "version": {"0"}})
	w := h.as(t, "clinician", post, caseAt(mine, "contribution"), url.Values{"text": {"Second texte"}, "version": {"0"}})
	doc := html(t, w)
	if w.Code != http.StatusConflict || doc.Find("#mon-texte").Text() != "Second texte" || !strings.Contains(said(doc.Find("#mon-avis .notice")), "Premier texte") {
		t.Errorf("%d: %s", w.Code, said(doc.Find("#mon-avis")))
	}
	version, _ := doc.Find("#mon-avis [name=version]").Attr("value")
	h.do(t, "clinician", caseAt(mine, "contribution"), url.Values{"text": {"Premier et second"}, "version": {version}})

	h.do(t, "clinician", caseAt(mine, "summary"), url.Values{"situation": {"Chute le 19/11"}, "recommendation": {"Canne ?"}, "version": {"0"}})
	w = h.as(t, "secretary", post, caseAt(mine, "summary"), url.Values{"situation": {"Autre chose"}, "version": {"0"}})
	doc = html(t, w)
	if w.Code != http.StatusConflict || doc.Find("#i-s").Text() != "Autre chose" || !strings.Contains(said(doc.Find("#resume .notice")), "Chute le 19/11") {
		t.Errorf("%d: %s", w.Code, said(doc.Find("#resume")))
	}
	w = h.as(t, "clinician", post, caseAt(mine, "contribution"), url.Values{"text": {" "}, "version": {"2"}})
	if w.Code != http.StatusUnprocessableEntity || html(t, w).Find("#mon-texte[aria-invalid]").Length() != 1 {
		t.Errorf("an empty text: %d", w.Code)
	}
}

func TestTheMeetingsPreparationSaysWhatIsLeft(t *testing.T) {
	t.Parallel()
	h, mine, other := readied(t)
	doc := h.see(t, "secretary", h.page("preparation"))
	if got := doc.Find(".prepared > li").Length(); got != 2 {
		t.Fatalf("%d cases", got)
	}
	if got := said(doc.Find("#c-" + string(mine))); !strings.Contains(got, "Vérifier l’identité sur un document le secrétariat") || strings.Contains(got, "Accord tracé") {
		t.Errorf("what is left: %q", got)
	}
	h.do(t, "secretary", h.page("preparation"), nil)
	if got := said(h.see(t, "secretary", h.page("preparation")).Find("main")); strings.Contains(got, "Demander l’avis") || !strings.Contains(got, "Relancer") {
		t.Errorf("once everybody is asked: %q", got)
	}
	own := h.see(t, "clinician", h.page("preparation"))
	if own.Find(".prepared > li").Length() != 1 || own.Find("#c-"+string(other)).Length() != 0 || own.Find("button:contains('Relancer')").Length() != 0 {
		t.Errorf("a clinician's: %s", said(own.Find("main")))
	}
	if w := h.as(t, "clinician", get, caseAt(other, "preparation"), nil); w.Code != http.StatusForbidden {
		t.Errorf("outside the circle: %d", w.Code)
	}
}

func TestTheRoomReadsWhatWasWritten(t *testing.T) {
	t.Parallel()
	h, mine, _ := readied(t)
	k := preparation.Contribution{Text: "Gestes sûrs.", Opinion: true}
	if _, err := h.cfg.Preparation.Contribute(t.Context(), h.Clinician, mine, k); err != nil {
		t.Fatal(err)
	}
	i := preparation.ISBAR{ISBAR: agenda.ISBAR{Situation: "Deux chutes"}}
	if err := h.cfg.Preparation.Summarise(t.Context(), h.Clinician, mine, i); err != nil {
		t.Fatal(err)
	}
	h.to(t, "open", "start")
	got := said(h.see(t, "chair", h.page("room", string(mine))).Find("#lire"))
	for _, want := range []string{"Deux chutes", "Gestes sûrs.", "avis écrit le 22/11"} {
		if !strings.Contains(got, want) {
			t.Errorf("the room does not say %q: %s", want, got)
		}
	}
}
