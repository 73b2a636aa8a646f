package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/link"
	"github.com/rcp-care/rcp/internal/store/storetest"
)

// ajar is a harness whose team gave a link out, and the address of the link.
func ajar(t *testing.T) (h *harness, signer link.Signer, door string) {
	t.Helper()
	signer = link.New(strings.Repeat("s", link.MinSecret))
	h = setup(t, func(c *Config) { c.Links = signer; c.BaseURL = "http://rcp.example" })
	h.admit(t, 2)
	h.do(t, "secretary", "/teams/"+string(h.Team.ID)+"/links", url.Values{"label": {"Cabinet des Tilleuls"}, "days": {"30"}})
	doc := h.see(t, "secretary", "/teams/"+string(h.Team.ID)+"/links")
	address, _ := doc.Find("input.address").Attr("value")
	door, found := strings.CutPrefix(address, "http://rcp.example")
	if !found || !strings.HasPrefix(door, "/d/") {
		t.Fatalf("given out %q", address)
	}
	return h, signer, door
}

func outsideForm(family, day string) url.Values {
	return url.Values{
		"name": {"Dr Odile Ferrandou"}, "profession": {"medecin"}, "email": {"odile@cabinet.example"}, "birth_family": {family},
		"birth_given": {"Lucienne"}, "birth_date": {day}, "sex": {"female"}, "question": {"Insuline le soir ?"}, "urgency": {"soon"},
		"situation": {"Hypoglycémies la nuit"}, "told": {"yes"},
	}
}

func TestSomebodyOutsideAsksAndFollows(t *testing.T) {
	t.Parallel()
	h, _, door := ajar(t)
	page := h.as(t, "", get, door, nil)
	if page.Code != http.StatusOK || page.Header().Get("X-Robots-Tag") == "" || strings.Contains(page.Body.String(), "AUBRIOT") {
		t.Errorf("the door: %d", page.Code)
	}
	form := outsideForm("AUBRIÔT", "02/03/1934")
	form.Set("question", "")
	form.Set("birth_date", "32/13/1934")
	w := h.as(t, "", post, door, form)
	doc := html(t, w)
	if w.Code != http.StatusUnprocessableEntity || doc.Find(".field .error").Length() != 2 {
		t.Errorf("refused: %d, %d errors beside fields", w.Code, doc.Find(".field .error").Length())
	}
	if v, _ := doc.Find("#dr-birth_family").Attr("value"); v != "AUBRIÔT" {
		t.Errorf("what was typed is lost: %q", v)
	}
	track := h.do(t, "", door, outsideForm("AUBRIÔT", "02/03/1934"))
	if strings.Contains(strings.ToLower(track), "aubri") {
		t.Errorf("the address %q names the patient", track)
	}
	doc = h.see(t, "", track)
	if got := said(doc.Find("main")); !strings.Contains(got, "1re dans la file pour la réunion du 26/11/2026") || strings.Contains(strings.ToUpper(got), "AUBRI") || strings.Contains(got, "Insuline") {
		t.Errorf("tracked: %q", got)
	}
	if got := said(h.see(t, "secretary", "/requests").Find(`.rail a[href="/requests"] .n`)); got != "1" {
		t.Errorf("the menu counts %q", got)
	}
	match, _ := h.see(t, "secretary", "/requests").Find(`a[href$="/match"]`).Attr("href")
	doc = h.see(t, "secretary", match)
	if got := said(doc.Find("#propositions")); !strings.Contains(got, "AUBRIOT Lucienne") || !strings.Contains(got, "Traits identiques") || strings.Contains(got, "TESSONNIER") {
		t.Errorf("proposed: %q", got)
	}
	one := h.do(t, "secretary", match, url.Values{"version": {"1"}, "patient": {string(h.ids["p1"])}})
	if got := said(h.see(t, "secretary", one).Find(".cols")); !strings.Contains(got, "Hypoglycémies la nuit") || !strings.Contains(got, "Odile Ferrandou") {
		t.Errorf("the request: %q", got)
	}
	g := h.draft(t)
	if len(g.Items) == 0 || g.Items[0].Patient.ID != h.ids["p1"] || g.Items[0].Reasons[0].Rule != agenda.Requested {
		t.Errorf("the draft: %+v", g.Items)
	}
	if got := said(h.see(t, "", track).Find(".track")); !strings.Contains(got, "Inscrite à la réunion du 26/11/2026") {
		t.Errorf("tracked, once placed: %q", got)
	}
	if w := h.as(t, "secretary", post, match, url.Values{"version": {"1"}, "patient": {string(h.ids["p2"])}}); w.Code != http.StatusConflict {
		t.Errorf("matched twice: %d", w.Code)
	}
}

func TestTheDoorSaysNothingOfAnyPatient(t *testing.T) {
	t.Parallel()
	h, _, door := ajar(t)
	followed := h.see(t, "", h.do(t, "", door, outsideForm("Aubriot", "02/03/1934")))
	unknown := h.see(t, "", h.do(t, "", door, outsideForm("Quelqu’un d’autre", "02/03/1971")))
	plain := func(s string) string {
		return strings.NewReplacer("1re dans", "N dans", "2e dans", "N dans").Replace(s)
	}
	if a, b := plain(said(followed.Find("main"))), plain(said(unknown.Find("main"))); a != b {
		t.Errorf("told apart:\n%s\n%s", a, b)
	}
	// Closed, whoever it was: the reason stays within the team.
	link, _ := h.see(t, "secretary", "/requests").Find(`a[href$="/match"]`).Last().Attr("href")
	refuse := strings.TrimSuffix(link, "match") + "refuse"
	if w := h.as(t, "secretary", post, refuse, url.Values{"version": {"1"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("closed without a reason: %d", w.Code)
	}
	h.do(t, "secretary", refuse, url.Values{"version": {"1"}, "why": {"not-followed"}})
}

func TestALinkThatServesNoMoreOpensNothing(t *testing.T) {
	t.Parallel()
	h, signer, door := ajar(t)
	track := h.do(t, "", door, outsideForm("Aubriot", "02/03/1934"))
	t1, err := signer.ReadAs(strings.TrimPrefix(door, "/d/"), storetest.Now, link.Ask)
	if err != nil {
		t.Fatal(err)
	}
	other := t1
	other.Object = id.New[string]()
	meeting := t1
	meeting.Purpose = link.Meeting
	over := t1
	over.Expires = storetest.Now
	ticket := strings.TrimSuffix(strings.TrimPrefix(track, "/t/"), "?did=ask")
	dead := map[string]string{
		"unknown": signer.Sign(other), "of an answer": signer.Sign(meeting), "over": signer.Sign(over), "a ticket": ticket,
		"forged": link.New(strings.Repeat("x", link.MinSecret)).Sign(t1), "cut": strings.TrimPrefix(door, "/d/")[:20],
	}
	revoke, _ := h.see(t, "secretary", "/teams/"+string(h.Team.ID)+"/links").Find(`form[action$="/revoke"]`).Attr("action")
	h.do(t, "chair", revoke, nil)
	dead["revoked"] = strings.TrimPrefix(door, "/d/")
	for name, token := range dead {
		for _, method := range []string{get, post} {
			w := h.as(t, "", method, "/d/"+token, outsideForm("Aubriot", "02/03/1934"))
			if w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), h.Team.Name) {
				t.Errorf("%s, %s: %d", name, method, w.Code)
			}
		}
	}
	if w := h.as(t, "", get, "/t/"+strings.TrimPrefix(door, "/d/"), nil); w.Code != http.StatusNotFound {
		t.Errorf("the door's token tracks: %d", w.Code)
	}
	h.see(t, "", track) // what was asked is still followed
	if h.see(t, "secretary", "/teams/"+string(h.Team.ID)+"/links").Find("input.address").Length() != 0 {
		t.Error("a link taken back still shows its address")
	}
}

func TestTheDoorBearsHostileInput(t *testing.T) {
	t.Parallel()
	h, _, door := ajar(t)
	for name, change := range map[string]func(url.Values){
		"a robot":           func(v url.Values) { v.Set("website", "https://x.example") },
		"a header":          func(v url.Values) { v.Set("email", "a@b.example\r\nBcc: c@d.example") },
		"two addresses":     func(v url.Values) { v.Set("email", "a@b.example, c@d.example") },
		"no such urgency":   func(v url.Values) { v.Set("urgency", "now") },
		"no such trade":     func(v url.Values) { v.Set("profession", "<b>") },
		"a long question":   func(v url.Values) { v.Set("question", strings.Repeat("é", 2001)) },
		"a long situation":  func(v url.Values) { v.Set("situation", strings.Repeat("é", 2001)) },
		"a long name":       func(v url.Values) { v.Set("birth_family", strings.Repeat("a", 121)) },
		"born tomorrow":     func(v url.Values) { v.Set("birth_date", "01/01/2030") },
		"letters of a RPPS": func(v url.Values) { v.Set("rpps", "1010000000x") },
		"no such sex":       func(v url.Values) { v.Set("sex", "x") },
		"no such word":      func(v url.Values) { v.Set("told", "maybe") },
	} {
		form := outsideForm("Aubriot", "02/03/1934")
		change(form)
		if w := h.as(t, "", post, door, form); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	form := outsideForm(`<script>alert(1)</script>`, "02/03/1934")
	h.do(t, "", door, form)
	doc := h.see(t, "secretary", "/requests")
	if doc.Find("main script").Length() != 0 || !strings.Contains(said(doc.Find("main")), "ALERT(1)") {
		t.Error("what was typed is not shown as text")
	}
	for range 9 {
		h.do(t, "", door, outsideForm("Aubriot", "02/03/1934"))
	}
	if w := h.as(t, "", post, door, outsideForm("Aubriot", "02/03/1934")); w.Code != http.StatusTooManyRequests {
		t.Errorf("an eleventh within the hour: %d", w.Code)
	}
	if w := h.as(t, "clinician", get, "/teams/"+string(h.Team.ID)+"/links", nil); w.Code != http.StatusForbidden {
		t.Errorf("a clinician reads the links: %d", w.Code)
	}
}

// A ticket ends by itself.
func TestATicketEnds(t *testing.T) {
	t.Parallel()
	o := agenda.Outside{ID: id.New[id.Request](), Link: id.New[id.OutsideLink](), At: storetest.Now}
	if at := o.Ticket().Expires; at.Before(storetest.Now.AddDate(1, 0, 0)) || at.After(storetest.Now.AddDate(1, 2, 0)) {
		t.Errorf("ends %s", at.Format(time.DateOnly))
	}
}
