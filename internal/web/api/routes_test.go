package api_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/web/api"
)

// promised are the routes that other programs rely on.
var promised = []string{
	"GET /meetings", "GET /meetings/{id}", "GET /meetings/{id}/agenda", "POST /meetings/{id}/agenda/draft",
	"PUT /meetings/{id}/agenda/order", "POST /meetings/{id}/open", "POST /meetings/{id}/close", "POST /meetings/{id}/start",
	"POST /meetings/{id}/end", "POST /meetings/{id}/sign", "POST /meetings/{id}/cancel", "POST /meetings/{id}/move",
	"PUT /meetings/{id}/attendance", "POST /cases/{id}/decisions", "POST /cases/{id}/defer", "GET /meetings/{id}/minutes.pdf",
	"GET /meetings/{id}/minutes.json", "GET /meetings/{id}/invite.ics", "GET /requests", "POST /requests", "GET /patients",
	"GET /patients/{id}", "POST /import/fhir", "GET /teams", "POST /teams", "GET /series", "POST /series", "GET /outbox", "GET /audit",
	"GET /openapi.json",
}

func TestTheDescriptionIsTheRouter(t *testing.T) {
	t.Parallel()
	w := setup(t)
	described := w.described()
	running := map[route]bool{}
	param := regexp.MustCompile(`:(\w+)`)
	for _, r := range w.engine.Routes() {
		if path, ok := strings.CutPrefix(r.Path, api.Prefix); ok {
			one := route{r.Method, param.ReplaceAllString(path, "{$1}")}
			running[one] = true
			if described[one] == nil {
				t.Errorf("%v is not described", one)
			}
		}
	}
	for one, op := range described {
		if !running[one] {
			t.Errorf("%v is described and does not exist", one)
		}
		responses := op["responses"].(object)
		if responses["default"] == nil || len(responses) != 2 {
			t.Errorf("%v: responses %v", one, responses)
		}
	}
	for _, p := range promised {
		method, path, _ := strings.Cut(p, " ")
		if !running[route{method, path}] {
			t.Errorf("%s is missing", p)
		}
	}
}

func TestTheDescriptionHoldsTogether(t *testing.T) {
	t.Parallel()
	a := setup(t).call("", http.MethodGet, "/openapi.json", nil)
	doc := a.want(http.StatusOK)
	if doc["openapi"] != "3.1.0" {
		t.Errorf("openapi %v", doc["openapi"])
	}
	schemas := doc["components"].(object)["schemas"].(object)
	refs := regexp.MustCompile(`"#/components/schemas/(\w+)"`).FindAllStringSubmatch(a.Body.String(), -1)
	if len(refs) < 20 {
		t.Fatalf("%d references", len(refs))
	}
	for _, r := range refs {
		if schemas[r[1]] == nil {
			t.Errorf("no schema %s", r[1])
		}
	}
	if schemas["Problem"] == nil || strings.Contains(a.Body.String(), "ErrorModel") {
		t.Error("errors are not described as they are sent")
	}
	snake := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	for name, s := range schemas {
		props, _ := s.(object)["properties"].(object)
		for p := range props {
			if !snake.MatchString(p) {
				t.Errorf("%s.%s is not snake_case", name, p)
			}
		}
	}
}

func TestEveryRouteWantsAToken(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.tokens["nobody"] = "rcp_UNKNOWNUNKNOWNUNKNOWNUN"
	for r := range w.described() {
		if r.path == "/openapi.json" {
			continue
		}
		path := strings.ReplaceAll(r.path, "{id}", id.New[string]())
		for _, who := range []string{"", "nobody"} {
			a := w.call(who, r.method, path, nil)
			a.problem(http.StatusUnauthorized)
			if !strings.HasPrefix(a.Header().Get("WWW-Authenticate"), "Bearer ") {
				t.Errorf("%v as %q: WWW-Authenticate %q", r, who, a.Header().Get("WWW-Authenticate"))
			}
		}
	}
}

func TestWhatIsNotThereIsAProblem(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.engine.NoRoute(func(c *gin.Context) { api.Missing(c) })
	w.call("chair", http.MethodGet, "/nowhere", nil).problem(http.StatusNotFound)
}

// bodies are sound ones, for the routes that want one.
var bodies = map[string]string{
	"PUT /meetings/{id}/agenda/order": `{"cases":[]}`,
	"POST /meetings/{id}/sign":        `{"password":"` + password + `"}`,
	"POST /meetings/{id}/cancel":      `{"reason":"grève"}`,
	"POST /meetings/{id}/move":        `{"starts":"2026-12-02T13:30:00Z","ends":"2026-12-02T14:30:00Z"}`,
	"PUT /meetings/{id}/attendance":   `{"attendance":[{"professional":"00000000-0000-7000-8000-000000000000","presence":"present"}]}`,
	"POST /cases/{id}/decisions":      `{"summary":"Poursuivre."}`,
	"POST /cases/{id}/defer":          `{"reason":"time"}`,
}

func TestUnknownIDsAreNotFound(t *testing.T) {
	t.Parallel()
	w := setup(t)
	n := 0
	for r := range w.described() {
		if !strings.Contains(r.path, "{id}") {
			continue
		}
		n++
		for _, unknown := range []string{id.New[string](), "nope"} {
			a := w.call("chair", r.method, strings.ReplaceAll(r.path, "{id}", unknown), bodyFor(r))
			if a.Code == http.StatusForbidden && strings.HasPrefix(r.path, "/patients/") {
				a.problem(http.StatusForbidden) // says no more than "not yours"
				continue
			}
			if a.Code != http.StatusNotFound {
				t.Errorf("%v: %d %s", r, a.Code, a.Body)
			}
			a.problem(a.Code)
		}
	}
	if n < 18 {
		t.Errorf("only %d routes about one thing", n)
	}
}

func bodyFor(r route) any {
	if b, ok := bodies[r.method+" "+r.path]; ok {
		return b
	}
	return nil
}

func TestAnotherTeamIsRefused(t *testing.T) {
	t.Parallel()
	w := setup(t)
	m := string(w.meeting().ID)
	g := w.call("secretary", http.MethodPost, "/meetings/"+m+"/agenda/draft", nil).want(http.StatusOK)
	line := list(t, g, "items")[0]
	ids := map[string]string{"meetings": m, "cases": text(line, "id"), "patients": text(line, "patient")}
	for r := range w.described() {
		thing, rest, ok := strings.Cut(strings.TrimPrefix(r.path, "/"), "/{id}")
		if !ok {
			continue
		}
		body := bodyFor(r)
		if rest == "/sign" {
			body = `{"password":"un mot de passe de outsider"}`
		}
		a := w.call("outsider", r.method, "/"+thing+"/"+ids[thing]+rest, body)
		if a.Code != http.StatusForbidden && a.Code != http.StatusNotFound {
			t.Errorf("%v: %d %s", r, a.Code, a.Body)
		}
		a.problem(a.Code)
	}
	own := func(format string) string {
		raw, _ := json.Marshal(string(w.team.ID))
		return strings.NewReplacer("$TEAM", string(raw), "$PATIENT", `"`+ids["patients"]+`"`).Replace(format)
	}
	for path, body := range map[string]string{
		"/requests":    own(`{"team":$TEAM,"patient":$PATIENT,"question":"Quel retour ?"}`),
		"/teams":       own(`{"id":$TEAM,"name":"À moi","kind":"rcp","organizer_address":"a@b.example"}`),
		"/series":      own(`{"team":$TEAM,"weekday":"monday","start":"09:00","minutes":60,"from":"2026-12-01"}`),
		"/import/fhir": string(w.bundles[0]),
	} {
		query := ""
		if path == "/import/fhir" {
			query = "?team=" + string(w.team.ID)
		}
		w.call("outsider", http.MethodPost, path+query, body).problem(http.StatusForbidden)
	}
	for _, path := range []string{"/meetings", "/patients", "/requests", "/series", "/teams"} {
		for _, item := range list(t, w.call("outsider", http.MethodGet, path, nil).want(http.StatusOK), "items") {
			if item["team"] == string(w.team.ID) || item["id"] == string(w.team.ID) {
				t.Errorf("%s shows another team's %v", path, item)
			}
		}
	}
	w.call("outsider", http.MethodGet, "/meetings?team="+string(w.team.ID), nil).problem(http.StatusForbidden)
	w.call("clinician", http.MethodGet, "/outbox", nil).problem(http.StatusForbidden)
	w.call("chair", http.MethodGet, "/audit", nil).problem(http.StatusForbidden)
}
