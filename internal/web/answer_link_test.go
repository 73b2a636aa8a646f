package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/link"
	"github.com/rcp-care/rcp/internal/store/storetest"
	"github.com/rcp-care/rcp/meetings"
)

// linked is a harness with a signer, and the address of the clinician's link to
// the meeting and to its series.
func linked(t *testing.T) (h *harness, one, all string) {
	t.Helper()
	signer := link.New(strings.Repeat("s", link.MinSecret))
	h = setup(t, func(c *Config) { c.Links = signer })
	return h, h.link(signer, h.Clinician, link.Meeting, string(h.meeting.Meeting.ID), 0), h.link(signer, h.Clinician, link.Series, string(h.Series.ID), 0)
}

func (h *harness) link(s link.Signer, who auth.Actor, p link.Purpose, object string, epoch int) string {
	return "/r/" + s.Sign(link.Token{Purpose: p, Object: object, Professional: who.Professional, Expires: storetest.Now.Add(time.Hour), Epoch: epoch})
}

// mine is the clinician's line of the meeting, as the secretary reads it.
func (h *harness) mine(t *testing.T) meetings.Attendance {
	t.Helper()
	full, err := h.Meetings.Get(t.Context(), h.Secretary, h.meeting.Meeting.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range full.Attendance {
		if a.Professional.ID == h.Clinician.Professional {
			return a
		}
	}
	t.Fatal("not invited")
	return meetings.Attendance{}
}

func TestFollowingALinkAnswersNothing(t *testing.T) {
	t.Parallel()
	h, one, all := linked(t)
	before := h.events(t)
	for _, path := range []string{one, all, one + "?answer=ACCEPTED", one + "?did=answer&answer=DECLINED"} {
		w := h.as(t, "", get, path, nil)
		if w.Code != http.StatusOK || w.Header().Get("X-Robots-Tag") == "" || w.Header().Get("Cache-Control") != "no-store" || len(w.Result().Cookies()) > 0 {
			t.Errorf("GET: %d %v", w.Code, w.Header())
		}
	}
	if a := h.mine(t); a.Answer != meetings.NeedsAction || a.Version != 1 {
		t.Errorf("a mail scanner answered: %+v", a)
	}
	if after := h.events(t); len(after) != len(before) {
		t.Errorf("%d events, were %d", len(after), len(before))
	}
}

func (h *harness) events(t *testing.T) []event.Event {
	t.Helper()
	all, err := h.store.UntreatedEvents(t.Context(), "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestALinkIsAnsweredWithoutASession(t *testing.T) {
	t.Parallel()
	h, one, all := linked(t)
	doc := h.see(t, "", one)
	if got := said(doc.Find("main")); !strings.Contains(got, "Inès Karaoui") || !strings.Contains(got, "jeudi 26 novembre 2026") || strings.Contains(got, "Ma semaine") {
		t.Errorf("the page says %q", got)
	}
	path, _ := doc.Find("form[action^='/r/']").First().Attr("action")
	form := url.Values{"meeting": {string(h.meeting.Meeting.ID)}, "answer": {"DECLINED"}, "comment": {`<script>alert(1)</script>`}}
	to := h.do(t, "", path, form)
	doc = h.see(t, "", to)
	if got := said(doc.Find(".notice.ok")); !strings.Contains(got, "Réponse enregistrée") {
		t.Errorf("said %q", got)
	}
	if v, _ := doc.Find("button.chosen").Attr("value"); v != "DECLINED" {
		t.Errorf("chosen: %q", v)
	}
	if strings.Contains(said(doc.Find("main")), "alert") {
		t.Error("the page of the link shows the comment")
	}
	if a := h.mine(t); a.Answer != meetings.Declined || a.AnswerOrigin != "link" || !a.Own {
		t.Errorf("recorded %+v", a)
	}
	h.do(t, "", all, url.Values{"meeting": {""}, "answer": {"ACCEPTED"}})
	if a := h.mine(t); a.Answer != meetings.Declined {
		t.Error("the series took the date's own answer")
	}
	doc = h.see(t, "", all)
	if n := doc.Find("section[aria-labelledby=dates] li").Length(); n < 4 || n > 8 {
		t.Errorf("%d dates", n)
	}
	if v, _ := doc.Find("section[aria-labelledby=toutes] button.chosen").Attr("value"); v != "ACCEPTED" {
		t.Errorf("of the series: %q", v)
	}
}

func TestACommentIsForWhoLeadsAndStaysText(t *testing.T) {
	t.Parallel()
	h, one, _ := linked(t)
	const typed = `<script>alert(1)</script>`
	h.do(t, "", one, url.Values{"answer": {"TENTATIVE"}, "comment": {typed}})
	w := h.as(t, "secretary", get, h.page("attendance"), nil)
	if strings.Contains(w.Body.String(), typed) {
		t.Error("the comment became markup")
	}
	doc := html(t, w)
	if got := said(doc.Find(".said")); !strings.Contains(got, typed) {
		t.Errorf("the secretary reads %q", got)
	}
	if got := said(doc.Find(".how")); got != "par le lien, le 22/11/2026 à 19 h 00" {
		t.Errorf("how: %q", got)
	}
	for _, m := range h.Team.Members {
		if m.Family == "Quintane" {
			h.signIn(t, "quintane", auth.Actor{Professional: m.ID, Org: h.Org.ID, Name: m.Name()})
		}
	}
	if got := said(h.see(t, "quintane", h.page("attendance")).Find(".said")); got != "" {
		t.Errorf("a colleague reads %q", got)
	}
}

func TestOneNeutralPageForEveryLinkThatServesNoMore(t *testing.T) {
	t.Parallel()
	h, one, all := linked(t)
	signer := h.cfg.Links
	m := string(h.meeting.Meeting.ID)
	expired := "/r/" + signer.Sign(link.Token{Purpose: link.Meeting, Object: m, Professional: h.Clinician.Professional, Expires: storetest.Now})
	var first string
	check := func(name, path string) {
		t.Helper()
		w := h.as(t, "", get, path, nil)
		page := said(html(t, w).Find("main"))
		if first == "" {
			first = page
		}
		if w.Code != http.StatusNotFound || page != first || strings.Contains(page, "Karaoui") || strings.Contains(page, "Gériatrie") {
			t.Errorf("%s: %d, %q", name, w.Code, page)
		}
		w = h.as(t, "", post, path, url.Values{"answer": {"ACCEPTED"}, "meeting": {m}})
		if w.Code != http.StatusNotFound || said(html(t, w).Find("main")) != first {
			t.Errorf("%s posted: %d", name, w.Code)
		}
	}
	check("forged", one[:len(one)-1]+map[bool]string{true: "B", false: "A"}[strings.HasSuffix(one, "A")])
	check("signed by another", h.link(link.New(strings.Repeat("t", 32)), h.Clinician, link.Meeting, m, 0))
	check("expired", expired)
	check("of somebody not invited", h.link(signer, h.Stranger, link.Meeting, m, 0))
	check("to nothing", h.link(signer, h.Clinician, link.Meeting, id.New[string](), 0))
	check("of a purpose that is another's", h.link(signer, h.Clinician, link.Series, m, 0))
	if to := h.do(t, "clinician", "/account/links/revoke", nil); to != "/account?did=links" {
		t.Errorf("leads to %q", to)
	}
	check("revoked", one)
	check("revoked, of the series", all)
	if a := h.mine(t); a.Answer != meetings.NeedsAction {
		t.Errorf("answered: %+v", a)
	}
	if w := h.as(t, "", get, h.link(signer, h.Clinician, link.Meeting, m, 1), nil); w.Code != http.StatusOK {
		t.Errorf("a link made since: %d", w.Code)
	}
	h.do(t, "admin", "/people/"+string(h.Clinician.Professional)+"/links/revoke", nil)
	check("revoked by the administrator", h.link(signer, h.Clinician, link.Meeting, m, 1))
}

func TestOtherSitesCannotAnswer(t *testing.T) {
	t.Parallel()
	h, one, _ := linked(t)
	if w := h.from(t, "https://mal.example", "", one); w.Code != http.StatusForbidden {
		t.Errorf("a form of another site: %d", w.Code)
	}
	if w := h.from(t, "http://rcp.test", "", one); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("our own form without an answer: %d", w.Code)
	}
}

// TestALinkSaysFromWhenUntilWhen: hours are those of the date, on the team's
// clock; they stay until said otherwise, and hours that cannot be are refused.
func TestALinkSaysFromWhenUntilWhen(t *testing.T) {
	t.Parallel()
	h, one, _ := linked(t)
	form := url.Values{"meeting": {string(h.meeting.Meeting.ID)}, "answer": {"ACCEPTED"}, "from": {"15:00"}, "until": {"15:30"}}
	doc := h.see(t, "", h.do(t, "", one, form))
	for field, want := range map[string]string{"from": "15:00", "until": "15:30"} {
		if got, _ := doc.Find("input[name=" + field + "]").First().Attr("value"); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	zone := h.meeting.Meeting.Location()
	if a := h.mine(t); a.ExpectFrom.In(zone).Format("02 15:04") != "26 15:00" || a.ExpectUntil.In(zone).Format("15:04") != "15:30" {
		t.Errorf("recorded %v to %v", a.ExpectFrom, a.ExpectUntil)
	}
	h.do(t, "", one, url.Values{"meeting": form["meeting"], "answer": {"TENTATIVE"}})
	if a := h.mine(t); a.ExpectFrom.IsZero() {
		t.Error("an answer without hours took them away")
	}
	form.Set("until", "14:50")
	w := h.as(t, "", post, one, form)
	refused := html(t, w)
	if got := said(refused.Find(".error")); w.Code != http.StatusUnprocessableEntity || !strings.Contains(got, "avant l’arrivée prévue") || refused.Find("details[open] input[name=until][value='14:50']").Length() != 1 {
		t.Errorf("%d: %s", w.Code, got)
	}
	form.Set("from", "")
	form.Set("until", "")
	h.do(t, "", one, form)
	if a := h.mine(t); !a.ExpectFrom.IsZero() || !a.ExpectUntil.IsZero() {
		t.Errorf("taken back, still %v to %v", a.ExpectFrom, a.ExpectUntil)
	}
}

func TestARefusedWordIsKept(t *testing.T) {
	t.Parallel()
	h, one, _ := linked(t)
	long := strings.Repeat("é", 501)
	w := h.as(t, "", post, one, url.Values{"meeting": {string(h.meeting.Meeting.ID)}, "answer": {"ACCEPTED"}, "comment": {long}})
	doc := html(t, w)
	if w.Code != http.StatusUnprocessableEntity || doc.Find("textarea").Text() != long || doc.Find(".error").Length() != 1 {
		t.Errorf("%d: %s", w.Code, said(doc.Find(".error")))
	}
}

func TestALinkSpeaksTheReadersLanguage(t *testing.T) {
	t.Parallel()
	h, one, _ := linked(t)
	ask := func(path, accept string) string {
		r := httptest.NewRequestWithContext(t.Context(), get, "http://rcp.test"+path, nil)
		r.Header.Set("Accept-Language", accept)
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, r)
		l, _ := html(t, w).Find("html").Attr("lang")
		return l
	}
	for _, test := range []struct{ path, accept, want string }{
		{one, "", "fr"},
		{one, "en-GB,fr;q=0.5", "en"},
		{one, "de-DE,en", "fr"},
		{one + "?lang=en", "fr", "en"},
		{one + "?lang=fr", "en", "fr"},
		{"/r/nothing", "en", "en"},
	} {
		if got := ask(test.path, test.accept); got != test.want {
			t.Errorf("%q reads %q: %s, want %s", test.accept, test.path[2:], got, test.want)
		}
	}
	if to := h.do(t, "", one+"?lang=en", url.Values{"answer": {"ACCEPTED"}}); !strings.HasSuffix(to, "?did=answer&lang=en") {
		t.Error("the language was lost")
	}
}

func TestATeamChoosesItsReminders(t *testing.T) {
	t.Parallel()
	h, _, _ := linked(t)
	path := "/teams/" + string(h.Team.ID)
	doc := h.see(t, "secretary", path)
	if v, _ := doc.Find("#r-rel").Attr("value"); v != "5, 2" {
		t.Errorf("shown: %q", v)
	}
	form := url.Values{"required": {"medecin"}}
	doc.Find("form[action='" + path + "'] input, form[action='" + path + "'] select").Each(func(_ int, s *goquery.Selection) {
		name, _ := s.Attr("name")
		if typ, _ := s.Attr("type"); typ == "checkbox" || name == "" {
			return
		}
		v, _ := s.Attr("value")
		if s.Is("select") {
			v, _ = s.Find("option[selected]").Attr("value")
		}
		form.Set(name, v)
	})
	form.Set("zone", "Europe/Paris") // its options have no value
	form.Set("reminders", "trois")
	w := h.as(t, "secretary", post, path, form)
	doc = html(t, w)
	v, _ := doc.Find("#r-rel").Attr("value")
	if bad := said(doc.Find(".field .error")); w.Code != http.StatusUnprocessableEntity || v != "trois" || !strings.HasPrefix(bad, "Des jours de 1 à 30") {
		t.Errorf("%d, kept %q, says %q", w.Code, v, bad)
	}
	form.Set("reminders", "2; 10")
	h.do(t, "secretary", path, form)
	if v, _ := h.see(t, "secretary", path).Find("#r-rel").Attr("value"); v != "10, 2" {
		t.Errorf("saved: %q", v)
	}
}
