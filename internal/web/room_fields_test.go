package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// types sends fields as they are typed: name, base, value, and again.
func (h *harness) types(t *testing.T, token, room string, said ...string) savedFields {
	t.Helper()
	f := url.Values{}
	for i := 0; i < len(said); i += 3 {
		f.Add("field", said[i])
		f.Add("base", said[i+1])
		f.Add("value", said[i+2])
	}
	w := h.as(t, token, post, room+"/fields", f)
	var out savedFields
	if w.Code != http.StatusOK || json.Unmarshal(w.Body.Bytes(), &out) != nil || len(out.Fields) != len(said)/3 {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	return out
}

func TestFieldsAreSavedOneBesideTheOther(t *testing.T) {
	t.Parallel()
	h, g := running(t, 1)
	room := h.page("room", string(g.Items[0].ID))
	mine := h.types(t, "chair", room, "summary", "", "Deux passages")
	if mine.Version != 1 || mine.Fields[0].State != "saved" || !strings.HasPrefix(mine.Said, "Enregistré à") {
		t.Errorf("%+v", mine)
	}
	h.types(t, "secretary", room, "options", "", "Le soir", "next_review", "", "10/12/2026", "informer", "", "joël")
	theirs := h.types(t, "secretary", room, "summary", "", "Trois passages")
	if f := theirs.Fields[0]; f.State != "clash" || f.Stored != "Deux passages" || f.By == "" {
		t.Errorf("the same field: %+v", f)
	}
	if again := h.types(t, "chair", room, "summary", "", "Deux passages"); again.Fields[0].State != "saved" || again.Version != 2 {
		t.Errorf("sent twice: %+v", again)
	}
	doc := h.see(t, "clinician", room)
	for name, want := range map[string]string{"next_review": "10/12/2026", "informer": "Joël Quintane"} {
		if got := value(doc, name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if got := doc.Find("#decision").Text() + ", " + doc.Find("#options").Text(); got != "Deux passages, Le soir" {
		t.Errorf("reads %q", got)
	}
}

func TestFieldsOfARowAreOneAction(t *testing.T) {
	t.Parallel()
	h, g := running(t, 1)
	room := h.page("room", string(g.Items[0].ID))
	early := h.types(t, "chair", room, "action/k/owner", "", "inès")
	if f := early.Fields[0]; f.State != "refused" || f.Error == "" {
		t.Errorf("an owner of nothing: %+v", f)
	}
	first := h.types(t, "chair", room, "action/k/owner", "", "inès", "action/k/title", "", "Appeler", "action/k/due", "", "un jour")
	if first.Fields[0].State != "saved" || first.Fields[1].State != "saved" || first.Fields[2].State != "refused" {
		t.Errorf("%+v", first.Fields)
	}
	again := h.types(t, "chair", room, "action/k/title", "", "Appeler", "action/k/due", "", "+7")
	if again.Fields[1].Stored != "29/11/2026" || again.Fields[1].Name == "action/k/due" {
		t.Errorf("%+v", again.Fields)
	}
	doc := h.see(t, "chair", room)
	if n := doc.Find("#actions tbody tr").Length(); n != 1+emptyRows || value(doc, "a.0.owner") != "Inès Karaoui" {
		t.Errorf("%d rows, of %q", n, value(doc, "a.0.owner"))
	}
	name := strings.TrimSuffix(again.Fields[1].Name, "due")
	h.types(t, "chair", room, name+"title", "Appeler", "", name+"owner", "Inès Karaoui", "", name+"due", "29/11/2026", "")
	if n := h.see(t, "chair", room).Find("#actions tbody tr").Length(); n != emptyRows {
		t.Errorf("an emptied row stays: %d rows", n)
	}
}

func TestANewObjectiveIsSavedAsItIsTyped(t *testing.T) {
	t.Parallel()
	h, g := running(t, 1)
	room := h.page("room", string(g.Items[0].ID))
	if f := h.types(t, "chair", room, "objective/k/owner", "", "inès").Fields[0]; f.State != "refused" {
		t.Errorf("who answers for nothing: %+v", f)
	}
	made := h.types(t, "chair", room, "objective/k/title", "", "Marcher seule", "objective/k/owner", "", "inès", "objective/k/due", "", "+30")
	again := h.types(t, "chair", room, "objective/k/title", "", "Marcher seule", "objective/k/expected", "", "Jusqu’au jardin")
	name := strings.TrimSuffix(made.Fields[0].Name, "title")
	if made.Fields[1].Stored != "Inès Karaoui" || name == "objective/k/" || again.Fields[1].Name != name+"expected" {
		t.Errorf("%+v, %+v", made.Fields, again.Fields)
	}
	for _, wrong := range []string{name + "verdict", "objective/" + name + "/x"} {
		if f := h.types(t, "chair", room, wrong, "", "new").Fields[0]; f.State != "refused" {
			t.Errorf("%s: %+v", wrong, f)
		}
	}
	page := h.see(t, "chair", room)
	rows := page.Find(".newobj")
	if rows.Length() != 2 || rows.Last().Find("input[value!='']").Length() != 0 {
		t.Errorf("%d new objectives", rows.Length())
	}
	form := url.Values{"do": {"save"}}
	page.Find("#fiche input[name], #fiche textarea[name]").Each(func(_ int, in *goquery.Selection) {
		if v, _ := in.Attr("type"); v != "radio" {
			form.Add(in.AttrOr("name", ""), in.AttrOr("value", in.Text()))
		}
	})
	h.do(t, "chair", room, form) // without script, the whole sheet leaves
	if n := h.see(t, "chair", room).Find(`.newobj [data-field^="` + name + `"]`).Length(); n != 4 {
		t.Errorf("the whole sheet makes it another objective: %d fields of the first", n)
	}
	h.types(t, "chair", room, name+"title", "Marcher seule", "", name+"owner", "Inès Karaoui", "", name+"due", made.Fields[2].Stored, "", name+"expected", "Jusqu’au jardin", "")
	if n := h.see(t, "chair", room).Find(".newobj").Length(); n != 1 {
		t.Errorf("an emptied objective stays: %d", n)
	}
}

func TestTheSheetKeepsWhatSectionTwoAsksFor(t *testing.T) {
	t.Parallel()
	h, g := running(t, 1)
	room := h.page("room", string(g.Items[0].ID))
	said := h.types(t, "chair", room, "words", "", "Je veux rentrer", "dissent", "", "Trop tôt", "dissent_by", "", "inès", "type", "60591-5", "80788-3")
	for _, f := range said.Fields {
		if f.State != "saved" {
			t.Errorf("%+v", f)
		}
	}
	if f := h.types(t, "chair", room, "type", "80788-3", "1-1").Fields[0]; f.State != "refused" {
		t.Errorf("a type that nobody knows: %+v", f)
	}
	doc := h.see(t, "secretary", room)
	for name, want := range map[string]string{"dissent_by": "Inès Karaoui", "words": "Je veux rentrer"} {
		if got := value(doc, name) + doc.Find(`textarea[name="`+name+`"]`).Text(); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if got := doc.Find("#type option[selected]").AttrOr("value", ""); got != "80788-3" {
		t.Errorf("the type is %q", got)
	}
}

func TestTheSheetAloneIsRead(t *testing.T) {
	t.Parallel()
	h, g := running(t, 2)
	room := h.page("room", string(g.Items[0].ID))
	h.types(t, "chair", room, "summary", "", "Deux passages")
	part := h.see(t, "clinician", room+"/sheet")
	if part.Find("#fiche").Length() != 1 || part.Find("#decision").Text() != "Deux passages" || part.Find("#dec-t").Length() != 1 {
		t.Errorf("reads %q", said(part.Find("body")))
	}
	if part.Find("#tete, #deroule, .traj, nav").Length() != 0 {
		t.Error("the part holds more than the sheet")
	}
	if a, b := part.Find("#fiche").AttrOr("data-tag", ""), h.see(t, "chair", room).Find("#fiche").AttrOr("data-tag", "-"); a != b {
		t.Errorf("tags %q, %q", a, b)
	}
	if w := h.as(t, "admin", get, room+"/sheet", nil); w.Code != http.StatusForbidden {
		t.Errorf("somebody of no team: %d", w.Code)
	}
}

func TestManyWriteAtOnce(t *testing.T) {
	t.Parallel()
	h, g := running(t, 1)
	room := h.page("room", string(g.Items[0].ID))
	var work sync.WaitGroup
	for _, name := range []string{"summary", "options", "wishes", "dissent", "action/a/title", "action/b/title"} {
		work.Go(func() {
			if f := h.types(t, "chair", room, name, "", "dit en "+name).Fields[0]; f.State != "saved" {
				t.Errorf("%+v", f)
			}
		})
	}
	work.Wait()
	doc := h.see(t, "chair", room)
	for _, name := range []string{"summary", "options", "wishes", "dissent"} {
		if got := doc.Find(`[name="` + name + `"]`).Text(); got != "dit en "+name {
			t.Errorf("%s is %q", name, got)
		}
	}
	if n := doc.Find("#actions tbody tr").Length(); n != 2+emptyRows {
		t.Errorf("%d rows", n)
	}
}

func TestWhoMayWriteFields(t *testing.T) {
	t.Parallel()
	h, g := running(t, 3)
	other := ""
	for _, l := range g.Items {
		if l.Patient.ID != h.ids["p1"] {
			other = h.page("room", string(l.ID), "fields")
		}
	}
	f := url.Values{"field": {"summary"}, "base": {""}, "value": {"x"}}
	if w := h.as(t, "clinician", post, other, f); w.Code != http.StatusForbidden {
		t.Errorf("on another's patient: %d", w.Code)
	}
	if w := h.as(t, "chair", post, other, url.Values{"field": {"summary"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("without its base: %d", w.Code)
	}
	h.do(t, "chair", strings.TrimSuffix(other, "fields")+"defer", url.Values{"why": {"time"}})
	if w := h.as(t, "chair", post, other, f); w.Code != http.StatusConflict {
		t.Errorf("on a case carried over: %d", w.Code)
	}
}

func TestTheProjectorSaysNameAndAgeAlone(t *testing.T) {
	t.Parallel()
	h, g := running(t, 2)
	room := h.page("room", string(g.Items[0].ID))
	h.do(t, "chair", room+"/begin", nil)
	h.types(t, "chair", room, "summary", "", "Deux passages")
	doc := h.see(t, "secretary", h.page("projector"))
	text := said(doc.Find(".room"))
	if !strings.Contains(text, g.Items[0].Patient.Name()) || !strings.Contains(text, " ans") || !strings.Contains(text, "Deux passages") {
		t.Errorf("says %q", text)
	}
	for _, hidden := range []string{"IPP", "02/03/19", g.Items[0].Patient.IPP + " "} {
		if strings.Contains(text, hidden) {
			t.Errorf("shows %q", hidden)
		}
	}
	if title := doc.Find("title").Text(); title != "Projection – RCP" {
		t.Errorf("the window says %q", title)
	}
	if doc.Find("[data-live]").Length() != 1 || doc.Find("form").Length() != 0 {
		t.Error("the projector is not live, or can be written on")
	}
}
