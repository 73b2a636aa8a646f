package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
)

// formValues are the fields of a page's form as a browser would send them.
func formValues(form *goquery.Selection) url.Values {
	v := url.Values{}
	form.Find("input[name], textarea[name]").Each(func(_ int, f *goquery.Selection) {
		kind := f.AttrOr("type", "")
		if _, checked := f.Attr("checked"); !checked && (kind == "checkbox" || kind == "radio") {
			return
		}
		text := f.AttrOr("value", "")
		if goquery.NodeName(f) == "textarea" {
			text = f.Text()
		}
		v.Add(f.AttrOr("name", ""), text)
	})
	form.Find("select[name]").Each(func(_ int, f *goquery.Selection) {
		chosen := f.Find("option[selected]")
		if chosen.Length() == 0 {
			chosen = f.Find("option").First()
		}
		v.Add(f.AttrOr("name", ""), chosen.AttrOr("value", ""))
	})
	return v
}

// adopted adopts a shipped protocol by its page and returns where it stands.
func (h *harness) adopted(t *testing.T, key string) string {
	t.Helper()
	base := "/teams/" + string(h.Team.ID) + "/protocols"
	path, _, _ := strings.Cut(h.do(t, "secretary", base+"/adopt", url.Values{"key": {key}}), "?")
	return path
}

func TestATeamAdoptsAProtocol(t *testing.T) {
	t.Parallel()
	h := setup(t)
	base := "/teams/" + string(h.Team.ID) + "/protocols"
	doc := h.see(t, "clinician", base)
	shipped := doc.Find("#fournis .list > li").Length()
	if shipped < 12 || doc.Find("main form").Length() != 0 {
		t.Fatalf("a clinician sees %d shipped and %d forms", shipped, doc.Find("main form").Length())
	}
	doc = h.see(t, "clinician", base+"/shipped/geriatrie-chutes")
	if got := said(doc.Find("aside")); !strings.Contains(got, "HAS, « Évaluation et prise en charge des personnes âgées faisant des chutes répétées »") {
		t.Errorf("the reference: %q", got)
	}
	if w := h.as(t, "clinician", post, base+"/adopt", url.Values{"key": {"geriatrie-chutes"}}); w.Code != http.StatusForbidden {
		t.Errorf("adopted by a clinician: %d", w.Code)
	}
	path := h.adopted(t, "geriatrie-chutes")
	if got := said(h.see(t, "secretary", path+"?did=adopt").Find("#versions")); !strings.Contains(got, "Version 1") {
		t.Errorf("versions: %q", got)
	}
	doc = h.see(t, "secretary", base)
	if doc.Find("#fournis .list > li").Length() != shipped-1 || !strings.Contains(said(doc.Find("#equipe tbody")), "Chutes répétées") {
		t.Errorf("after adopting: %q", said(doc.Find("#equipe")))
	}
	h.do(t, "secretary", path+"/archive", url.Values{"archived": {"1"}})
	if got := said(h.see(t, "secretary", base).Find("#equipe details")); !strings.Contains(got, "Chutes répétées") {
		t.Errorf("archived: %q", got)
	}
}

func TestAProtocolIsChangedRowByRow(t *testing.T) {
	t.Parallel()
	h := setup(t)
	path := h.adopted(t, "geriatrie-chutes")
	doc := h.see(t, "chair", path+"/edit")
	v := formValues(doc.Find("#protocole"))
	goals := doc.Find("#objectifs .rowset").Length()
	v.Set("do", "add-objective")
	v.Set("name", "Chutes, secteur Nord")
	doc = html(t, h.as(t, "chair", post, path, v))
	if doc.Find("#objectifs .rowset").Length() != goals+1 || value(doc, "name") != "Chutes, secteur Nord" {
		t.Fatalf("a row more: %d, named %q", doc.Find("#objectifs .rowset").Length(), value(doc, "name"))
	}
	v = formValues(doc.Find("#protocole"))
	v.Set("do", "drop-objective.0")
	doc = html(t, h.as(t, "chair", post, path, v))
	v = formValues(doc.Find("#protocole"))
	if doc.Find("#objectifs .rowset").Length() != goals || v.Get("objective.0.title") != "Un logement sans piège" || v.Get("action.1.objective") != "0" || v.Get("action.2.objective") != "" {
		t.Fatalf("a row less: %v", v)
	}
	v.Set("do", "save")
	v.Set("objective.0.due", "bientôt")
	w := h.as(t, "chair", post, path, v)
	doc = html(t, w)
	if w.Code != http.StatusUnprocessableEntity || value(doc, "objective.0.due") != "bientôt" {
		t.Fatalf("what cannot be read: %d, kept %q", w.Code, value(doc, "objective.0.due"))
	}
	if got := said(doc.Find(`[name="objective.0.due"]`).Parent()); !strings.Contains(got, "Entre 0 et 260 semaines.") {
		t.Errorf("the error: %q", got)
	}
	if doc.Find("#objectifs .rowset").Length() != goals-1 {
		t.Error("the empty row was kept")
	}
	v = formValues(doc.Find("#protocole"))
	v.Set("objective.0.due", "4")
	v.Set("do", "save")
	if w := h.as(t, "chair", post, path, v); !strings.Contains(said(html(t, w).Find(`[name="what"]`).Parent()), "Dites en quelques mots") {
		t.Errorf("no word of what changes: %d", w.Code)
	}
	v.Set("what", "Le logement d’abord")
	h.do(t, "chair", path, v)
	doc = h.see(t, "clinician", path+"?version=2&from=1")
	got := said(doc.Find("#differences"))
	for _, want := range []string{"Chutes, secteur Nord", "Modifié Un logement sans piège 6 semaines 4 semaines", "Retiré Ne plus tomber", "Objectif, échéance"} {
		if !strings.Contains(got, want) {
			t.Errorf("the differences lack %q: %q", want, got)
		}
	}
	if got := said(doc.Find("#versions")); !strings.Contains(got, "Le logement d’abord") {
		t.Errorf("versions: %q", got)
	}
	v.Set("name", "Trop tard")
	w = h.as(t, "secretary", post, path, v)
	doc = html(t, w)
	if w.Code != http.StatusConflict || value(doc, "name") != "Trop tard" || value(doc, "version") != "2" {
		t.Fatalf("over a version not seen: %d, %q, %q", w.Code, value(doc, "name"), value(doc, "version"))
	}
	if w := h.as(t, "clinician", get, path+"/edit", nil); w.Code != http.StatusForbidden {
		t.Errorf("a clinician edits: %d", w.Code)
	}
}

func TestAProtocolIsWrittenFromNothing(t *testing.T) {
	t.Parallel()
	h := setup(t)
	base := "/teams/" + string(h.Team.ID) + "/protocols"
	v := formValues(h.see(t, "secretary", base+"/new").Find("#protocole"))
	w := h.as(t, "secretary", post, base, v)
	if got := said(html(t, w).Find("#objectifs")); w.Code != http.StatusUnprocessableEntity || !strings.Contains(got, "Au moins un objectif") {
		t.Fatalf("nothing typed: %d %q", w.Code, got)
	}
	v.Set("name", "Sortie du service")
	v.Set("source", "Accord de l’équipe, novembre 2026")
	v.Set("objective.0.title", "Rentrer chez soi")
	v.Set("checklist", "Date de sortie\n\nTransport")
	path, _, _ := strings.Cut(h.do(t, "secretary", base, v), "?")
	if got := said(h.see(t, "clinician", path).Find("main")); !strings.Contains(got, "Rentrer chez soi") || !strings.Contains(got, "Transport") {
		t.Errorf("reads %q", got)
	}
}

func TestAPatientReceivesAPlanFromAProtocol(t *testing.T) {
	t.Parallel()
	h := setup(t)
	path := h.adopted(t, "geriatrie-chutes")
	patient := h.withoutPlan(t)
	if _, err := h.agenda.Ask(t.Context(), h.Clinician, agenda.Asked{Team: h.Team.ID, Patient: patient, Question: "Chutes", Urgency: agenda.Soon}); err != nil {
		t.Fatal(err)
	}
	h.draft(t)
	page := "/patients/" + string(patient) + "/plan"
	if href := h.see(t, "secretary", h.page()).Find(`a[href^="`+page+`"]`).AttrOr("href", ""); href != page+"?team="+string(h.Team.ID) {
		t.Fatalf("the agenda leads to %q", href)
	}
	doc := h.see(t, "secretary", page+"?team="+string(h.Team.ID))
	plan := doc.Find(".list a.btn").AttrOr("href", "")
	if !strings.HasSuffix(path, plan[strings.LastIndex(plan, "/"):]) {
		t.Fatalf("offers %q", plan)
	}
	v := formValues(h.see(t, "secretary", plan).Find("form.cols"))
	v.Del("objective.0.keep")
	v.Set("objective.1.title", "Un logement sûr")
	v.Set("objective.2.due", "2026-11-01")
	w := h.as(t, "secretary", post, plan, v)
	doc = html(t, w)
	if got := said(doc.Find(`[name="objective.2.due"]`).Parent()); w.Code != http.StatusUnprocessableEntity || !strings.Contains(got, "Ce jour est passé.") {
		t.Fatalf("a day gone by: %d %q", w.Code, got)
	}
	if _, kept := doc.Find(`[name="objective.0.keep"]`).Attr("checked"); kept || value(doc, "objective.1.title") != "Un logement sûr" {
		t.Error("what was adjusted is lost")
	}
	v.Set("objective.2.due", "2026-12-24")
	to := h.do(t, "secretary", plan, v)
	doc = h.see(t, "secretary", to)
	got := said(doc.Find("main"))
	for _, want := range []string{"Brouillon", "Un logement sûr", "24/12/2026", "Chutes répétées de la personne âgée, version 1"} {
		if !strings.Contains(got, want) {
			t.Errorf("the patient's page lacks %q", want)
		}
	}
	if strings.Contains(got, "Ne plus tomber") {
		t.Error("an unticked objective is in the plan")
	}
	form := doc.Find(`form[action$="/activate"]`)
	h.do(t, "secretary", form.AttrOr("action", ""), formValues(form))
	if got := said(h.see(t, "secretary", "/patients/"+string(patient)).Find("main")); strings.Contains(got, "Activer le plan") || !strings.Contains(got, "Actif") {
		t.Error("the plan is not active")
	}
	if w := h.as(t, "secretary", post, plan, v); w.Code != http.StatusConflict {
		t.Errorf("a second plan: %d", w.Code)
	}
}

// withoutPlan imports somebody without a plan whom the clinician cares for.
func (h *harness) withoutPlan(t *testing.T) id.Patient {
	t.Helper()
	nurse := careplan.Key{System: "urn:rpps", Value: "10100000002"}
	key := careplan.Key{System: "urn:test", Value: "new"}
	return h.imported(t, careplan.Target{Org: h.Org.ID, Team: h.Team.ID}, careplan.Batch{
		Professionals: []careplan.SourceProfessional{{Key: nurse, RPPS: nurse.Value}},
		Patients: []careplan.SourcePatient{{Keys: []careplan.Key{key}, Patient: careplan.Patient{
			IPP: "N1", BirthFamily: "Zonneveld", BirthGiven: "Zoé", Sex: careplan.Female, BirthDate: date.New(1941, 5, 6),
			Identity: careplan.Provisional, Sharing: careplan.SharingAgreed,
		}}},
		Circle: []careplan.SourceCircle{{Patient: key, Professional: nurse, Role: "member"}},
	})
}

// imported imports a batch and finds its patient.
func (h *harness) imported(t *testing.T, to careplan.Target, b careplan.Batch) id.Patient {
	t.Helper()
	if _, err := h.patients.Import(t.Context(), h.System, to, b); err != nil {
		t.Fatal(err)
	}
	found, _, err := h.patients.Search(t.Context(), h.System, b.Patients[0].Patient.BirthFamily, "", "", 5)
	if err != nil || len(found) != 1 {
		t.Fatalf("%d found, %v", len(found), err)
	}
	return found[0].Patient.ID
}

func TestAPlanOfNoTeamIsGivenToOne(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 1)
	patient := h.ids["p1"]
	key := careplan.Key{System: "urn:test:patient", Value: "p1"}
	batch := careplan.Batch{
		Patients: []careplan.SourcePatient{{Keys: []careplan.Key{key}, Patient: careplan.Patient{
			IPP: "p1", BirthFamily: "Aubriot", BirthGiven: "Lucienne", Sex: careplan.Female, BirthDate: date.New(1934, 3, 2),
			Identity: careplan.Provisional, Sharing: careplan.SharingAgreed, Informed: true, Language: "fr",
		}}},
		Plans: []careplan.SourcePlan{{Key: careplan.Key{System: "urn:test:plan", Value: "x"}, Patient: key, Plan: careplan.Plan{
			Title: "Venu d’ailleurs", Status: careplan.PlanActive, Start: date.New(2026, 2, 1),
		}}},
	}
	h.imported(t, careplan.Target{Org: h.Org.ID}, batch)
	page := "/patients/" + string(patient)
	if h.see(t, "clinician", page).Find(`form[action$="/assign"]`).Length() != 0 {
		t.Error("a clinician is offered the plan")
	}
	form := h.see(t, "chair", page).Find(`form[action$="/assign"]`)
	if form.Length() != 1 {
		t.Fatalf("%d forms", form.Length())
	}
	h.do(t, "chair", form.AttrOr("action", ""), formValues(form))
	if got := h.see(t, "chair", page).Find(`form[action$="/assign"]`).Length(); got != 0 {
		t.Errorf("%d forms left", got)
	}
}

func TestTheChecklistOfAProtocolIsTickedOnTheCase(t *testing.T) {
	t.Parallel()
	h := setup(t)
	path := h.adopted(t, "geriatrie-chutes")
	patient := h.withoutPlan(t)
	if _, err := h.agenda.Ask(t.Context(), h.Clinician, agenda.Asked{Team: h.Team.ID, Patient: patient, Question: "Chutes", Urgency: agenda.Soon}); err != nil {
		t.Fatal(err)
	}
	g := h.draft(t)
	plan := "/patients/" + string(patient) + "/plan" + path[strings.LastIndex(path, "/"):]
	h.do(t, "secretary", plan, formValues(h.see(t, "secretary", plan).Find("form.cols")))
	page := "/cases/" + string(g.Items[0].ID)
	doc := h.see(t, "clinician", page+"/preparation")
	lines := doc.Find("#liste .list > li")
	if got := said(doc.Find(".ready-lines")); lines.Length() != 5 || !strings.Contains(got, "0 point préparé sur 5") {
		t.Fatalf("%d lines, readiness %q", lines.Length(), got)
	}
	form := lines.First().Find("form")
	v := formValues(form)
	v.Set("done", "1")
	h.do(t, "clinician", form.AttrOr("action", ""), v)
	doc = h.see(t, "secretary", page+"/preparation")
	if got := said(doc.Find("#liste .list > li").First()); !strings.Contains(got, "Décocher") || !strings.Contains(got, h.Clinician.Name) {
		t.Errorf("ticked: %q", got)
	}
	if got := said(doc.Find(".ready-lines")); !strings.Contains(got, "1 point préparé sur 5") {
		t.Errorf("readiness: %q", got)
	}
	v.Set("line", "Rien de tel")
	if w := h.as(t, "clinician", post, page+"/check", v); w.Code != http.StatusNotFound {
		t.Errorf("a line of no list: %d", w.Code)
	}
}
