package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/internal/id"
)

func TestIDsThatNothingHas(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for _, rt := range h.server.routes() {
		if !strings.Contains(rt.path, ":") {
			continue
		}
		for _, token := range []string{"secretary", "chair", "clinician", "admin"} {
			w := h.as(t, token, rt.method, filled(rt.path), url.Values{"version": {"1"}})
			if w.Code != http.StatusNotFound && w.Code != http.StatusForbidden {
				t.Errorf("%s %s as %s: %d", rt.method, rt.path, token, w.Code)
			}
		}
	}
}

func TestAdministratorsMakeTeams(t *testing.T) {
	t.Parallel()
	h := setup(t)
	f := url.Values{
		"name": {"Soins palliatifs"}, "kind": {"synthese"}, "zone": {"Europe/Paris"}, "holiday_zone": {"alsace-moselle"}, "min_professions": {"3"},
		"min_specialties": {"0"}, "case_minutes": {"90"}, "review_interval": {"60"}, "cutoff_hours": {"24"}, "open_days": {"10"},
		"organizer_address": {"palliatifs@valbrume.example"}, "required": {"medecin", "infirmier"},
	}
	w := h.as(t, "admin", post, "/teams", f)
	doc := html(t, w)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(said(doc.Find("#r-min").Parent()), "Entre 1 et 60 minutes.") {
		t.Fatalf("90 minutes a case: %d", w.Code)
	}
	if got := value(doc, "name"); got != "Soins palliatifs" || doc.Find(`[name="required"][checked]`).Length() != 2 {
		t.Errorf("what was typed is lost: %q", got)
	}
	f.Set("case_minutes", "10")
	path, _, _ := strings.Cut(h.do(t, "admin", "/teams", f), "#")
	doc = h.see(t, "admin", path)
	if got := said(doc.Find("h1")); got != "Soins palliatifs" {
		t.Errorf("named %q", got)
	}
	if got := said(doc.Find("#membres .empty")); got == "" {
		t.Error("an empty team does not say who comes first")
	}
	if w := h.as(t, "secretary", get, path, nil); w.Code != http.StatusForbidden {
		t.Errorf("a secretary of another team: %d", w.Code)
	}
	if w := h.as(t, "secretary", post, path, f); w.Code != http.StatusForbidden {
		t.Errorf("changed by a secretary of another team: %d", w.Code)
	}
	if got := h.see(t, "admin", "/teams").Find("tbody tr").Length(); got != 2 {
		t.Errorf("%d teams", got)
	}
}

func TestMembersComeAndGo(t *testing.T) {
	t.Parallel()
	h := setup(t)
	path := "/teams/" + string(h.Team.ID)
	doc := h.see(t, "secretary", path)
	members := doc.Find("#membres tbody tr").Length()
	if got := said(doc.Find("#membres tbody")); !strings.Contains(got, "Sécurisée") || !strings.Contains(got, "Ordinaire") || !strings.Contains(got, "RPPS 10100000001") {
		t.Errorf("says %q", got)
	}
	add := url.Values{
		"version": {value(doc, "version")}, "role": {"clinician"}, "family": {"Brémondot"}, "given": {"Ysaline"}, "profession": {"psychologue"},
		"rpps": {"123"}, "email": {"ysaline@clinique.example"},
	}
	w := h.as(t, "secretary", post, path+"/members/add", add)
	bad := html(t, w)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(said(bad.Find("#rpps").Parent()), "11 chiffres") || value(bad, "family") != "Brémondot" {
		t.Fatalf("a short RPPS: %d", w.Code)
	}
	add.Set("rpps", "10100000009")
	h.do(t, "secretary", path+"/members/add", add)
	doc = h.see(t, "secretary", path)
	if got := doc.Find("#membres tbody tr").Length(); got != members+1 {
		t.Fatalf("%d members, want %d", got, members+1)
	}
	if w := h.as(t, "secretary", post, path+"/members/add", add); w.Code == http.StatusSeeOther {
		t.Error("a stale version was taken")
	}
	row := doc.Find(`#membres tbody tr:contains("Brémondot")`)
	leave := row.Find(`[name^="leave."]`).AttrOr("name", "")
	h.do(t, "secretary", path+"/members", url.Values{"version": {value(doc, "version")}, leave: {"1"}})
	if got := h.see(t, "secretary", path).Find("#membres tbody tr").Length(); got != members {
		t.Errorf("%d members, want %d", got, members)
	}
	if h.see(t, "clinician", path).Find("main form").Length() != 0 {
		t.Error("a clinician is offered a form")
	}
}

func TestASeriesShowsItsDatesBeforeItIsSaved(t *testing.T) {
	t.Parallel()
	h := setup(t)
	path := "/teams/" + string(h.Team.ID) + "/series"
	if got := h.see(t, "secretary", path+"/"+string(h.Series.ID)).Find("tbody tr").Length(); got != previewed {
		t.Errorf("%d dates", got)
	}
	f := url.Values{
		"weekday": {"5"}, "start": {"9 h 30"}, "duration": {"1h0m0s"}, "interval": {"1"}, "from": {"2026-12-18"}, "until": {""}, "room": {"Salle Simone"},
		"do": {"preview"},
	}
	w := h.as(t, "secretary", post, path, f)
	doc := html(t, w)
	if got := said(doc.Find("tbody tr").Eq(1)); w.Code != http.StatusOK || !strings.Contains(got, "25") || !strings.Contains(got, "Sautée : Noël") {
		t.Errorf("Christmas: %d, %q", w.Code, got)
	}
	if got := value(doc, "start"); got != "9 h 30" {
		t.Errorf("the hour became %q", got)
	}
	if n := h.see(t, "secretary", "/teams/"+string(h.Team.ID)).Find("#series li").Length(); n != 1 {
		t.Errorf("a preview saved something: %d series", n)
	}
	for name, text := range map[string]string{"start": "2 h 15", "from": "jamais", "interval": "0"} {
		wrong := url.Values{}
		for k, v := range f {
			wrong[k] = v
		}
		wrong.Set("do", "save")
		wrong.Set(name, text)
		w := h.as(t, "secretary", post, path, wrong)
		doc := html(t, w)
		if w.Code != http.StatusUnprocessableEntity || doc.Find("#"+name).Parent().Find(".error").Length() == 0 || value(doc, name) != text {
			t.Errorf("%s=%q: %d, kept %q", name, text, w.Code, value(doc, name))
		}
	}
	f.Set("do", "save")
	h.do(t, "secretary", path, f)
	if n := h.see(t, "secretary", "/teams/"+string(h.Team.ID)).Find("#series li").Length(); n != 2 {
		t.Errorf("%d series", n)
	}
}

func TestTheLog(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 2)
	h.as(t, "clinician", get, "/patients/"+string(h.ids["p2"]), nil)
	doc := h.see(t, "admin", "/audit")
	body := said(doc.Find("tbody"))
	if !strings.Contains(body, "Refusé") || !strings.Contains(body, "Dossier ouvert") || strings.Contains(strings.ToUpper(body), "TESSONNIER") {
		t.Errorf("says %q", body)
	}
	if got := h.see(t, "admin", "/audit?action=patient.import").Find("tbody tr").Length(); got != 2 {
		t.Errorf("%d imports", got)
	}
	if got := said(h.see(t, "admin", "/audit?from=2030-01-01").Find(".empty")); got == "" {
		t.Error("an empty log says nothing")
	}
	if got := h.see(t, "secretary", "/audit").Find("tbody tr").Length(); got == 0 {
		t.Error("the secretary does not read the log of their team")
	}
	if w := h.as(t, "secretary", get, "/audit?team="+id.New[string](), nil); w.Code != http.StatusForbidden {
		t.Errorf("the log of a team of others: %d", w.Code)
	}
	if w := h.as(t, "chair", get, "/audit", nil); w.Code != http.StatusForbidden {
		t.Errorf("the chair: %d", w.Code)
	}
	w := h.as(t, "admin", post, "/audit/verify", nil)
	if got := said(html(t, w).Find(".notice")); w.Code != http.StatusOK || !strings.Contains(got, "Intacte") {
		t.Errorf("verified: %d, %q", w.Code, got)
	}
}

func TestATokenIsShownOnce(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.password(t, h.Secretary, "secretary@valbrume.example", chairPassword)
	for _, tt := range []struct{ name, password, field string }{{"", chairPassword, "#name"}, {"tableau de bord", "faux", "#mdp"}} {
		w := h.as(t, "secretary", post, "/account/token", url.Values{"name": {tt.name}, "password": {tt.password}})
		doc := html(t, w)
		if w.Code != http.StatusUnprocessableEntity || doc.Find(tt.field).AttrOr("aria-invalid", "") != "true" || doc.Find("#token").Length() != 0 {
			t.Errorf("%q, %q: %d", tt.name, tt.password, w.Code)
		}
	}
	w := h.as(t, "secretary", post, "/account/token", url.Values{"name": {"tableau de bord"}, "password": {chairPassword}})
	token := said(html(t, w).Find("#token"))
	if !strings.HasPrefix(token, "rcp_") {
		t.Fatalf("got %d, %q", w.Code, token)
	}
	if strings.Contains(said(h.see(t, "secretary", "/account").Find("body")), token) {
		t.Error("the token is shown again")
	}
}

// uploadAs posts files to the import.
func (h *harness) uploadAs(t *testing.T, token string, files map[string]string) *httptest.ResponseRecorder {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("team", string(h.Team.ID))
	for name, content := range files {
		part, err := form.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write([]byte(content))
	}
	_ = form.Close()
	r := httptest.NewRequestWithContext(t.Context(), post, "http://rcp.test/import", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.AddCookie(&http.Cookie{Name: "rcp", Value: token})
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

const onePatient = `{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","id":"a",
	"identifier":[{"system":"urn:oid:1.2.3","value":"77"}],"name":[{"use":"official","family":"Vaucourt","given":["Yvette"]}],
	"gender":"female","birthDate":"1941-05-06"}},{"resource":{"resourceType":"Task","id":"t","status":"requested","intent":"order"}}]}`

func TestImport(t *testing.T) {
	t.Parallel()
	h := setup(t)
	w := h.uploadAs(t, "secretary", map[string]string{"plans.json": onePatient})
	doc := html(t, w)
	if w.Code != http.StatusOK {
		t.Fatalf("got %d", w.Code)
	}
	if got := said(doc.Find("#rapport").Parent().Parent().Find("tbody tr").First()); got != "Patients1000" {
		t.Errorf("counts %q", got)
	}
	line := said(doc.Find("#lignes").Parent().Parent().Find("tbody"))
	if !strings.Contains(line, "plans.json") || strings.Contains(strings.ToUpper(line), "VAUCOURT") {
		t.Errorf("the lines say %q", line)
	}
	again := html(t, h.uploadAs(t, "secretary", map[string]string{"plans.json": onePatient}))
	if got := said(again.Find(".notice")); !strings.Contains(got, "Rien n’a changé") {
		t.Errorf("twice: %q", got)
	}
	for name, files := range map[string]map[string]string{"none": nil, "not JSON": {"a.json": "bonjour"}} {
		w := h.uploadAs(t, "secretary", files)
		if doc := html(t, w); w.Code != http.StatusUnprocessableEntity || doc.Find(".error").Length() == 0 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if w := h.uploadAs(t, "chair", map[string]string{"plans.json": onePatient}); w.Code != http.StatusForbidden {
		t.Errorf("the chair imports: %d", w.Code)
	}
}

func TestTheOutboxByRole(t *testing.T) {
	t.Parallel()
	h := setup(t)
	if got := said(h.see(t, "secretary", "/outbox").Find(".empty")); !strings.Contains(got, "Rien pour l’instant") {
		t.Errorf("an empty outbox says %q", got)
	}
	if got := said(h.see(t, "admin", "/outbox?status=dead").Find(".empty")); got != "Aucun envoi en échec." {
		t.Errorf("says %q", got)
	}
	if w := h.as(t, "chair", get, "/outbox", nil); w.Code != http.StatusForbidden {
		t.Errorf("the chair: %d", w.Code)
	}
}
