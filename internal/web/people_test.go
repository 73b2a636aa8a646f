package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
)

// newcomer adds a nurse on the page and returns their path.
func (h *harness) newcomer(t *testing.T) string {
	t.Helper()
	to := h.do(t, "admin", "/people", url.Values{
		"family": {"Brémondot"}, "given": {"Ysaline"}, "profession": {"infirmier"}, "rpps": {"10100000009"}, "email": {"ysaline@clinique.example"},
	})
	path, _, _ := strings.Cut(to, "?")
	return path
}

func TestPeopleSaysWhoMayOpenWhat(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.newcomer(t)
	doc := h.see(t, "admin", "/people")
	row := func(name string) string { return said(doc.Find(`tbody tr:contains("` + name + `")`)) }
	for name, words := range map[string][]string{
		"Brémondot": {"Infirmier", "RPPS 10100000009", "Ordinaire", "Sans équipe", "Sans compte"},
		"Varennes":  {"gériatrie", "Sécurisée", "Gériatrie, secteur Nord Anime et signe", "Actif", "jamais"},
		"Quintane":  {"Aucune", "Sans compte"},
		"Ailleurs":  {"Administre"},
	} {
		for _, w := range words {
			if !strings.Contains(row(name), w) {
				t.Errorf("%s: %q lacks %q", name, row(name), w)
			}
		}
	}
	if got := said(doc.Find(".head .meta")); got != "6 personnes · 4 comptes actifs · 1 administre" {
		t.Errorf("counts %q", got)
	}
	if h.see(t, "secretary", "/").Find(`.rail a[href="/people"]`).Length() != 0 {
		t.Error("a secretary is shown the entry")
	}
	if h.see(t, "admin", "/people").Find(`.rail a[href="/people"][aria-current="page"]`).Length() != 1 {
		t.Error("the administrator is not shown the entry")
	}
}

func TestAPersonIsAddedAndChanged(t *testing.T) {
	t.Parallel()
	h := setup(t)
	f := url.Values{"family": {"Brémondot"}, "given": {"Ysaline"}, "profession": {"medecin"}, "rpps": {"10100000001"}}
	w := h.as(t, "admin", post, "/people", f)
	if doc := html(t, w); w.Code != http.StatusUnprocessableEntity || !strings.Contains(said(doc.Find("#rpps").Parent()), "Quelqu’un a déjà ce numéro.") || value(doc, "family") != "Brémondot" {
		t.Errorf("the chair's number: %d", w.Code)
	}
	path := h.newcomer(t)
	doc := h.see(t, "admin", path)
	f = url.Values{"version": {value(doc, "version")}, "family": {"Brémondot"}, "given": {"Ysaline"}, "profession": {"infirmier"}, "rpps": {"12"}}
	w = h.as(t, "admin", post, path, f)
	if bad := html(t, w); w.Code != http.StatusUnprocessableEntity || value(bad, "rpps") != "12" || value(bad, "version") != value(doc, "version") {
		t.Errorf("a short number: %d", w.Code)
	}
	f.Set("rpps", "")
	if to := h.do(t, "admin", path, f); said(h.see(t, "admin", to).Find(".toast span")) != "Fiche enregistrée." {
		t.Error("a change is not told")
	}
	if w := h.as(t, "admin", post, path, f); w.Code != http.StatusConflict {
		t.Errorf("a stale version: %d", w.Code)
	}
}

func TestAccessIsGivenWithAPasswordShownOnce(t *testing.T) {
	t.Parallel()
	h := setup(t)
	path := h.newcomer(t)
	if got := value(h.see(t, "admin", path), "login"); got != "ysaline@clinique.example" {
		t.Errorf("offers %q", got)
	}
	w := h.as(t, "admin", post, path+"/access", url.Values{"login": {"chair@valbrume.example"}, "password": {"court"}})
	doc := html(t, w)
	if w.Code != http.StatusUnprocessableEntity || doc.Find("#login").AttrOr("aria-invalid", "") == "" || doc.Find("#mdp").AttrOr("aria-invalid", "") == "" {
		t.Errorf("a login in use and a short password: %d", w.Code)
	}
	if value(doc, "login") != "chair@valbrume.example" || doc.Find("#mdp").AttrOr("value", "") != "" || doc.Find("#mel").AttrOr("aria-invalid", "") != "" {
		t.Error("keeps the password, loses the login or blames another field")
	}
	w = h.as(t, "admin", post, path+"/access", url.Values{"login": {"ysaline@clinique.example"}})
	doc = html(t, w)
	made := said(doc.Find("#made"))
	if w.Code != http.StatusOK || made == "" || !strings.Contains(said(doc.Find(".head")), "Actif") {
		t.Fatalf("%d, made %q", w.Code, made)
	}
	if strings.Contains(said(h.see(t, "admin", path).Find("body")), made) {
		t.Error("the password is shown again")
	}
	sign := url.Values{"email": {"ysaline@clinique.example"}, "password": {made}}
	if w := h.as(t, "", post, "/sign-in", sign); w.Code != http.StatusSeeOther {
		t.Errorf("signs in with it: %d", w.Code)
	}
	if got := said(h.see(t, "admin", path).Find(".fiche time")); got == "" {
		t.Error("the sign-in is not told")
	}
	if to := h.do(t, "admin", path+"/password", url.Values{"password": {"treize lettres"}}); !strings.HasSuffix(to, "?did=password") {
		t.Errorf("a typed password leads to %q", to)
	}
	if w := h.as(t, "", post, "/sign-in", sign); w.Code == http.StatusSeeOther {
		t.Error("the old password signs in")
	}
}

func TestAnAccountIsDisabledAndAdministrationGiven(t *testing.T) {
	t.Parallel()
	h := setup(t)
	path := "/people/" + string(h.Clinician.Professional)
	for _, step := range []struct{ verb, state, undo string }{
		{"admin", "Administre", "/unadmin"}, {"unadmin", "Actif", "/admin"}, {"disable", "Désactivé", "/enable"}, {"enable", "Actif", "/disable"},
	} {
		doc := h.see(t, "admin", h.do(t, "admin", path+"/"+step.verb, nil))
		if got := said(doc.Find(".head .st")); got != step.state {
			t.Errorf("%s: says %q", step.verb, got)
		}
		if got := doc.Find(".toast").AttrOr("action", ""); got != path+step.undo {
			t.Errorf("%s: is undone by %q", step.verb, got)
		}
		if n := doc.Find(`#acces form[action="` + path + "/" + step.verb + `"]`).Length(); n != 0 {
			t.Errorf("%s is offered again", step.verb)
		}
	}
	if w := h.as(t, "clinician", get, "/", nil); w.Code != http.StatusSeeOther {
		t.Errorf("the session outlives the account: %d", w.Code)
	}
}

func TestAnAdministratorKeepsTheirOwnAccount(t *testing.T) {
	t.Parallel()
	h := setup(t)
	path := "/people/" + string(h.Stranger.Professional)
	if forms := h.see(t, "admin", path).Find("#acces form"); forms.Length() != 0 {
		t.Errorf("%d forms on one's own account", forms.Length())
	}
	for _, verb := range []string{"disable", "unadmin", "password"} {
		w := h.as(t, "admin", post, path+"/"+verb, url.Values{"password": {"treize lettres"}})
		if w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", verb, w.Code)
		}
	}
	if got := h.see(t, "admin", "/audit?action=account.disable").Find(`tbody .st.bad`).Length(); got != 1 {
		t.Errorf("%d refusals on record", got)
	}
}

func TestOneChangesOnesOwnPassword(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.password(t, h.Secretary, "secretary@valbrume.example", chairPassword)
	const fresh = "un autre mot de passe"
	for name, tt := range map[string]struct{ old, new, again, field string }{
		"differ":    {chairPassword, fresh, fresh + "!", "#encore"},
		"short":     {chairPassword, "court", "court", "#nouveau"},
		"wrong old": {"faux", fresh, fresh, "#ancien"},
	} {
		w := h.as(t, "secretary", post, "/account/password", url.Values{"password": {tt.old}, "new": {tt.new}, "again": {tt.again}})
		doc := html(t, w)
		wrong := doc.Find("[aria-invalid]")
		if w.Code != http.StatusUnprocessableEntity || wrong.Length() != 1 || !wrong.Is(tt.field) || wrong.Parent().Find(".error").Length() != 1 {
			t.Errorf("%s: %d, %d fields", name, w.Code, wrong.Length())
		}
		if filled := doc.Find("input[type=password]").FilterFunction(func(_ int, s *goquery.Selection) bool { return s.AttrOr("value", "") != "" }); filled.Length() != 0 {
			t.Errorf("%s: a password is sent back", name)
		}
	}
	to := h.do(t, "secretary", "/account/password", url.Values{"password": {chairPassword}, "new": {fresh}, "again": {fresh}})
	if got := said(h.see(t, "secretary", to).Find(".toast span")); !strings.Contains(got, "Vos autres sessions") {
		t.Errorf("says %q", got)
	}
	w := h.as(t, "", post, "/sign-in", url.Values{"email": {"secretary@valbrume.example"}, "password": {fresh}})
	if w.Code != http.StatusSeeOther {
		t.Errorf("signs in: %d", w.Code)
	}
}

func TestTokensAreRevokedOnTheAccountPage(t *testing.T) {
	t.Parallel()
	h := setup(t)
	accounts := h.cfg.Auth.(*auth.Service)
	mine, err := accounts.NewToken(t.Context(), h.Secretary, h.Secretary.Professional, "tableau de bord")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.NewToken(t.Context(), h.Chair, h.Chair.Professional, "export"); err != nil {
		t.Fatal(err)
	}
	doc := h.see(t, "secretary", "/account")
	if got := said(doc.Find("#jetons li > span:first-child")); got != "tableau de bord" {
		t.Fatalf("lists %q", got)
	}
	f := url.Values{"token": {doc.Find("#jetons [name=token]").AttrOr("value", "")}}
	if w := h.as(t, "chair", post, "/account/token/revoke", f); w.Code != http.StatusNotFound {
		t.Errorf("revoked by somebody else: %d", w.Code)
	}
	h.do(t, "secretary", "/account/token/revoke", f)
	if _, err := accounts.Bearer(t.Context(), mine, ""); err == nil {
		t.Error("a revoked token works")
	}
	if h.see(t, "secretary", "/account").Find("#jetons").Length() != 0 {
		t.Error("a revoked token is listed")
	}
}

func TestPeopleOfOthersAreNotThere(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for _, verb := range []string{"", "/access", "/password", "/disable", "/enable", "/admin", "/unadmin"} {
		if w := h.as(t, "admin", post, "/people/"+id.New[string]()+verb, url.Values{"password": {"treize lettres"}}); w.Code != http.StatusNotFound {
			t.Errorf("%q of nobody: %d", verb, w.Code)
		}
	}
}
