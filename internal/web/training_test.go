package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// lesson is a house whose team is for training, with its fictional patients and
// a drafted agenda.
func lesson(t *testing.T) (*harness, id.Patient, id.Case) {
	t.Helper()
	h := setupOf(t, func(team *meetings.Team) { team.Training = true })
	if _, err := h.patients.MakeFictional(t.Context(), h.Secretary, h.Team.ID, circleOf(h.Team.Members)); err != nil {
		t.Fatal(err)
	}
	g := h.draft(t)
	if len(g.Items) == 0 {
		t.Fatal("nobody on the agenda")
	}
	return h, g.Items[0].Patient.ID, g.Items[0].ID
}

func TestEveryPageOfATrainingTeamSaysSo(t *testing.T) {
	t.Parallel()
	h, patient, c := lesson(t)
	h.to(t, "open", "close", "start")
	walked := 0
	for _, r := range h.server.routes() {
		if r.method != get || strings.HasSuffix(r.path, ".pdf") || strings.HasSuffix(r.path, "/events") {
			continue
		}
		path := strings.NewReplacer(
			"/teams/:id", "/teams/"+string(h.Team.ID), "/meetings/:id", h.page(), "/cases/:id", "/cases/"+string(c),
			"/patients/:id", "/patients/"+string(patient), ":case", string(c),
		).Replace(r.path)
		if path == r.path || strings.Contains(path, ":") {
			continue
		}
		w := h.as(t, "secretary", get, path, nil)
		if w.Code != http.StatusOK || strings.HasSuffix(path, "/sheet") {
			continue
		}
		walked++
		if doc := html(t, w); said(doc.Find("p.training").First()) != "FORMATION" {
			t.Errorf("%s does not say FORMATION", r.path)
		}
	}
	if walked < 15 {
		t.Errorf("%d pages walked, want at least 15", walked)
	}
	for _, path := range []string{"/", "/meetings", "/patients", "/teams"} {
		if doc := h.see(t, "secretary", path); doc.Find("main b.training").Length() == 0 || doc.Find("p.training").Length() > 0 {
			t.Errorf("%s does not mark its lines", path)
		}
	}
}

func TestPagesOfOtherTeamsAreNotMarked(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 2)
	h.draft(t)
	for _, path := range []string{"/", "/meetings", "/patients", h.page(), h.page("room"), "/patients/" + string(h.ids["p1"]), "/teams/" + string(h.Team.ID)} {
		if n := h.see(t, "secretary", path).Find(".training").Length(); n > 0 {
			t.Errorf("%s has %d marks", path, n)
		}
	}
}

func TestFictionalPatientsAreOfferedOnce(t *testing.T) {
	t.Parallel()
	h := setupOf(t, func(team *meetings.Team) { team.Training = true })
	page, form := "/teams/"+string(h.Team.ID), "form[action$='/fictional']"
	if n := h.see(t, "secretary", page).Find(form).Length(); n != 1 {
		t.Fatalf("%d buttons before", n)
	}
	if n := h.see(t, "clinician", page).Find(form).Length(); n != 0 {
		t.Errorf("%d buttons for a member", n)
	}
	h.do(t, "secretary", page+"/fictional", nil)
	if n := h.see(t, "secretary", page).Find(form).Length(); n != 0 {
		t.Errorf("%d buttons after", n)
	}
	if n := h.see(t, "secretary", "/patients").Find("tbody tr").Length(); n != 12 {
		t.Errorf("%d patients, want 12", n)
	}
}

func TestTrainingIsChosenAtCreation(t *testing.T) {
	t.Parallel()
	h := setup(t)
	if n := h.see(t, "secretary", "/teams/"+string(h.Team.ID)).Find("input[name=training]").Length(); n != 0 {
		t.Error("an existing team offers the choice")
	}
	if w := h.as(t, "secretary", post, "/teams/"+string(h.Team.ID)+"/fictional", nil); w.Code != http.StatusNotFound {
		t.Errorf("fictional patients of a real team: %d", w.Code)
	}
	to := h.do(t, "admin", "/teams", url.Values{
		"name": {"Formation"}, "kind": {"synthese"}, "zone": {"Europe/Paris"}, "holiday_zone": {"metropole"}, "case_minutes": {"8"},
		"review_interval": {"90"}, "cutoff_hours": {"24"}, "open_days": {"14"}, "organizer_address": {"formation@valbrume.example"}, "training": {"1"},
	})
	path, _, _ := strings.Cut(to, "#")
	if said(h.see(t, "admin", path).Find("p.training")) != "FORMATION" {
		t.Error("the new team is not for training")
	}
}
