package api_test

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/archive"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/internal/testenv"
	"github.com/rcp-care/rcp/internal/web/api"
	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/minutes/pdf"
)

func newMinutes(t *testing.T, s *store.Store, patients *careplan.Service, now func() time.Time) api.Minutes {
	t.Helper()
	return minutes.NewService(s, patients, pdf.Renderer{}, archive.New(filepath.Join(t.TempDir(), "archive")), now)
}

// TestAMeetingFromDraftToSignedPDF goes the whole way of a week.
func TestAMeetingFromDraftToSignedPDF(t *testing.T) {
	t.Parallel()
	w := setup(t)
	m := "/meetings/" + string(w.meeting().ID)
	w.call("secretary", http.MethodPost, m+"/open", nil).want(http.StatusOK)
	drafted := w.call("secretary", http.MethodPost, m+"/agenda/draft", nil).want(http.StatusOK)
	lines := list(t, drafted, "items")
	if len(lines) < 3 {
		t.Fatalf("%d lines: %v", len(lines), drafted)
	}
	for i, l := range lines {
		reasons := list(t, l, "reasons")
		if l["position"] != float64(i+1) || l["status"] != "scheduled" || l["minutes"] == 0.0 || len(reasons) == 0 {
			t.Errorf("line %d: %v", i, l)
		}
		for _, r := range reasons {
			if r["rule"] == "" || r["text"] == "" || r["since"] == nil && r["rule"] != "objective-at-risk" {
				t.Errorf("a reason that says nothing: %v", r)
			}
		}
	}
	turned := `{"cases":["` + text(lines[1], "id") + `","` + text(lines[0], "id") + `"`
	for _, l := range lines[2:] {
		turned += `,"` + text(l, "id") + `"`
	}
	ordered := list(t, w.call("secretary", http.MethodPut, m+"/agenda/order", turned+"]}").want(http.StatusOK), "items")
	if ordered[0]["id"] != lines[1]["id"] {
		t.Errorf("order: %v first", ordered[0]["id"])
	}
	w.hold(m)
	first, last := ordered[0], ordered[len(ordered)-1]
	w.call("chair", http.MethodPost, "/cases/"+text(last, "id")+"/defer", `{"reason":"absent-presenter"}`).want(http.StatusOK)
	w.decide(ordered[:len(ordered)-1])
	w.call("chair", http.MethodPost, m+"/end", nil).want(http.StatusOK)
	w.draftIsProject(m)
	w.call("chair", http.MethodPost, m+"/sign", `{"password":"faux"}`).problem(http.StatusUnprocessableEntity)
	w.call("secretary", http.MethodPost, m+"/sign", `{"password":"un mot de passe de secretary"}`).problem(http.StatusForbidden)
	signed := w.call("chair", http.MethodPost, m+"/sign", `{"password":"`+password+`"}`).want(http.StatusOK)
	if signed["signed"] != true || len(text(signed, "sha256")) != 64 {
		t.Errorf("signed: %v", signed)
	}
	w.signedReads(m, first, signed)
}

// hold starts the meeting at its hour with everybody there.
func (w *world) hold(m string) {
	w.t.Helper()
	w.shift.Store(int64(w.meeting().Starts.Sub(sunday)))
	w.call("chair", http.MethodPost, m+"/start", nil).want(http.StatusOK)
	there := w.call("secretary", http.MethodPut, m+"/attendance", `{"attendance":[
		{"professional":"`+string(w.people["chair"])+`","presence":"present"},
		{"professional":"`+string(w.people["clinician"])+`","presence":"remote","answer":"ACCEPTED"}]}`).want(http.StatusOK)
	if n := len(list(w.t, there, "items")); n != 3 {
		w.t.Errorf("%d people", n)
	}
	full := w.call("chair", http.MethodGet, m, nil).want(http.StatusOK)
	if full["status"] != "running" || full["quorum"].(object)["state"] != "reached" {
		w.t.Errorf("running: %v", full)
	}
}

const decided = "Poursuivre la rééducation à domicile"

// decide records a decision on each case, the last one twice.
func (w *world) decide(lines []object) {
	w.t.Helper()
	for _, l := range lines {
		path := "/cases/" + text(l, "id") + "/decisions"
		out := w.call("chair", http.MethodPost, path, `{"summary":"`+decided+`","next_review":"2027-02-23","informer":"Camille chair",
			"inform_by":"2026-11-30","actions":[{"title":"Appeler le prestataire","owner_name":"Camille","due":"2026-12-04"}]}`).want(http.StatusOK)
		if out["version"] != 1.0 || out["patient"] != l["patient"] || out["quorum"].(object)["state"] != "reached" {
			w.t.Errorf("decision: %v", out)
		}
	}
	path := "/cases/" + text(lines[len(lines)-1], "id") + "/decisions"
	w.call("chair", http.MethodPost, path, `{"summary":"`+decided+`, deux fois par semaine","next_review":"2027-02-23"}`).want(http.StatusOK)
	w.call("chair", http.MethodPost, path, `{"summary":"Trop tard","version":1}`).problem(http.StatusConflict)
}

// draftIsProject reads what is not signed yet.
func (w *world) draftIsProject(m string) {
	w.t.Helper()
	draft := w.call("secretary", http.MethodGet, m+"/minutes.json", nil).want(http.StatusOK)
	if draft["signed"] != false || draft["id"] != nil {
		w.t.Errorf("draft: %v", draft)
	}
	if text := w.pdf(m + "/minutes.pdf"); !strings.Contains(text, "PROJET") {
		w.t.Error("the draft prints without PROJET")
	}
	w.call("secretary", http.MethodGet, m+"/minutes.json?version=1", nil).problem(http.StatusNotFound)
}

// signedReads reads the signed minutes in each form.
func (w *world) signedReads(m string, first, signed object) {
	w.t.Helper()
	text1 := w.pdf(m + "/minutes.pdf")
	if strings.Contains(text1, "PROJET") || !strings.Contains(text1, decided) {
		w.t.Errorf("register: %s", text1)
	}
	if text2 := w.pdf(m + "/minutes.pdf?patient=" + text(first, "patient") + "&version=1"); !strings.Contains(text2, decided) || text2 == text1 {
		w.t.Error("the extract is not one")
	}
	again := w.call("secretary", http.MethodGet, m+"/minutes.json?version=1", nil).want(http.StatusOK)
	if again["sha256"] != signed["sha256"] || again["seq"] != 1.0 {
		w.t.Errorf("minutes.json: %v", again)
	}
	file := w.call("chair", http.MethodGet, "/patients/"+text(first, "patient"), nil).want(http.StatusOK)
	decisions := list(w.t, file, "decisions")
	if len(decisions) != 1 || decisions[0]["summary"] != decided || decisions[0]["minutes"] != signed["id"] {
		w.t.Errorf("decisions of the patient: %v", decisions)
	}
	if len(list(w.t, file, "plans")) == 0 || len(list(w.t, file, "objectives")) == 0 || len(list(w.t, file, "actions")) == 0 {
		w.t.Error("a patient without plan, objectives or actions")
	}
	w.call("clinician", http.MethodGet, "/patients/"+text(first, "patient"), nil).problem(http.StatusForbidden)
}

// pdf is the text of a PDF, on one line.
func (w *world) pdf(path string) string {
	w.t.Helper()
	a := w.call("chair", http.MethodGet, path, nil)
	if a.Code != http.StatusOK || a.Header().Get("Content-Type") != "application/pdf" || a.Header().Get("Content-Disposition") == "" {
		w.t.Fatalf("%s: %d %v", path, a.Code, a.Header())
	}
	cmd := exec.CommandContext(w.t.Context(), testenv.Program(w.t, "pdftotext"), "-", "-")
	cmd.Stdin = a.Body
	out, err := cmd.Output()
	w.must(err)
	return strings.Join(strings.Fields(string(out)), " ")
}
