package web

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/rcp-care/rcp/agenda"
)

// TestATeamSetsItsRules: every rule is shown, what is refused is kept beside
// its error, what is saved differs from the defaults only, and they come back.
func TestATeamSetsItsRules(t *testing.T) {
	t.Parallel()
	h := setup(t)
	page := "/teams/" + string(h.Team.ID) + "/rules"
	form := func(change func(url.Values)) url.Values {
		v := url.Values{}
		for _, r := range agenda.Rules() {
			v.Set("on-"+string(r.Rule), "1")
			if r.Threshold > 0 {
				v.Set("limit-"+string(r.Rule), map[bool]string{true: "14", false: "30"}[r.Threshold == 14])
			}
		}
		change(v)
		return v
	}
	doc := html(t, h.as(t, "secretary", get, page, nil))
	if got, want := doc.Find("tbody tr").Length(), len(agenda.Rules()); got != want {
		t.Fatalf("%d rules on the page, want %d", got, want)
	}
	w := h.as(t, "secretary", post, page, form(func(v url.Values) {
		v.Set("limit-event", "400")
		v.Del("on-plan-ending")
	}))
	doc = html(t, w)
	field := doc.Find(`[name="limit-event"]`)
	if value, _ := field.Attr("value"); w.Code != http.StatusUnprocessableEntity || value != "400" || field.Closest("tr").Find(".error").Length() != 1 {
		t.Errorf("a threshold of 400: %d, kept %q, %d errors", w.Code, value, field.Closest("tr").Find(".error").Length())
	}
	if _, on := doc.Find(`[name="on-plan-ending"]`).Attr("checked"); on {
		t.Error("what was switched off is on again after the refusal")
	}
	w = h.as(t, "secretary", post, page, form(func(v url.Values) {
		v.Set("limit-event", "21")
		v.Del("on-plan-ending")
		v.Set("group", "1")
		v.Set("margin", "5")
	}))
	if w.Code != http.StatusSeeOther {
		t.Fatalf("saving: %d", w.Code)
	}
	doc = html(t, h.as(t, "secretary", get, page, nil))
	if got, _ := doc.Find(`[name="limit-event"]`).Attr("value"); got != "21" {
		t.Errorf("the saved threshold is %q, want 21", got)
	}
	if w := h.as(t, "clinician", get, page, nil); w.Code != http.StatusForbidden {
		t.Errorf("a clinician: %d, want 403", w.Code)
	}
	h.as(t, "secretary", post, page, url.Values{"do": {"reset"}})
	doc = html(t, h.as(t, "secretary", get, page, nil))
	if n := doc.Find(`[name="do"][value="reset"]`).Length(); n != 0 {
		t.Error("the defaults can be restored though nothing differs from them")
	}
}
