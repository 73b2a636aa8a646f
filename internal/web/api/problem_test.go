package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/internal/id"
)

// secret stands for a patient's data in a request that is refused.
const secret = "ZQTESSONNIER"

func TestNoProblemRepeatsWhatWasSent(t *testing.T) {
	t.Parallel()
	w := setup(t)
	m, c := "/meetings/"+string(w.meeting().ID), "/cases/"+id.New[string]()
	for _, test := range []struct {
		name, method, path, body string
		status                   int
		field                    string
	}{
		{"broken JSON", "POST", c + "/decisions", `{"summary":"` + secret, 400, "body"},
		{"not an object", "POST", c + "/decisions", `"` + secret + `"`, 422, "body"},
		{"wrong type", "POST", c + "/decisions", `{"summary":["` + secret + `"]}`, 422, "summary"},
		{"unknown name", "POST", c + "/decisions", `{"summary":"a","` + secret + `":1}`, 422, ""},
		{"unknown name inside", "POST", c + "/decisions", `{"summary":"a","actions":[{"title":"b","` + secret + `":1}]}`, 422, "actions[0]"},
		{"missing", "POST", c + "/decisions", `{"wishes":"` + secret + `"}`, 422, "summary"},
		{"bad date", "POST", c + "/decisions", `{"summary":"a","next_review":"` + secret + `"}`, 422, "next_review"},
		{"no such day", "POST", c + "/decisions", `{"summary":"` + secret + `","next_review":"2026-02-30"}`, 422, "next_review"},
		{"inside a list", "POST", c + "/decisions", `{"summary":"a","actions":[{"title":"b","due":"` + secret + `"}]}`, 422, "actions[0].due"},
		{"too long", "POST", c + "/decisions", `{"summary":"` + strings.Repeat(secret, 1000) + `"}`, 422, "summary"},
		{"no such choice", "POST", c + "/defer", `{"reason":"` + secret + `"}`, 422, "reason"},
		{"no body", "POST", c + "/defer", ``, 400, ""},
		{"bad instant", "POST", m + "/move", `{"starts":"` + secret + `","ends":"2026-12-02T14:30:00Z"}`, 422, "starts"},
		{"bad query", "GET", "/meetings?from=" + secret, ``, 422, "from"},
		{"bad number", "GET", "/meetings?limit=" + secret, ``, 422, "limit"},
		{"bad status", "GET", "/meetings?status=" + secret, ``, 422, "status[0]"},
		{"bad team", "GET", "/patients?team=" + secret, ``, 422, "team"},
		{"bad cursor", "GET", "/audit?cursor=" + secret, ``, 422, "cursor"},
		{"bad id", "GET", "/patients/" + secret, ``, 404, ""},
		{"not FHIR", "POST", "/import/fhir", `{"resourceType":["` + secret + `"]}`, 422, ""},
		{"nor JSON", "POST", "/import/fhir", secret, 422, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var body any
			if test.body != "" {
				body = test.body
			}
			a := w.call("admin", test.method, test.path, body)
			out := a.problem(test.status)
			if strings.Contains(a.Body.String(), secret) || strings.Contains(a.Body.String(), "2026-02-30") {
				t.Errorf("repeats what was sent: %s", a.Body)
			}
			if test.field != "" && !hasField(t, out, test.field) {
				t.Errorf("does not name %s: %s", test.field, a.Body)
			}
		})
	}
}

func hasField(t *testing.T, problem object, name string) bool {
	t.Helper()
	for _, e := range list(t, problem, "errors") {
		if e["field"] == name && e["message"] != "" {
			return true
		}
	}
	return false
}

func TestProblemsSpeakTheLanguageAskedFor(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for accept, want := range map[string]string{
		"": "Un jeton d’accès est attendu.", "fr-FR": "Un jeton d’accès est attendu.", "en-GB,en;q=0.9": "An access token is expected.",
		"de": "Un jeton d’accès est attendu.",
	} {
		if got := w.call("", http.MethodGet, "/teams", nil, "Accept-Language", accept).problem(401)["detail"]; got != want {
			t.Errorf("%q: %v", accept, got)
		}
	}
	out := w.call("chair", http.MethodGet, "/meetings?limit=0x", nil, "Accept-Language", "en").problem(422)
	if got := list(t, out, "errors")[0]["message"]; got != "This value is not accepted." {
		t.Errorf("huma's own: %v", got)
	}
}

func TestAPanicIsAProblem(t *testing.T) {
	t.Parallel()
	a := broken(t).call("", http.MethodGet, "/teams", nil, "Authorization", "Bearer x")
	a.problem(http.StatusInternalServerError)
	if strings.Contains(a.Body.String(), "boom") {
		t.Errorf("tells the cause: %s", a.Body)
	}
}
