package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/rcp-care/rcp/internal/id"
)

func TestEveryLineOfTheAgendaSaysWhy(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 4)
	h.draft(t)
	doc := h.see(t, "secretary", h.page())
	if n := doc.Find(".case").Length(); n != 4 {
		t.Fatalf("%d lines, want 4", n)
	}
	doc.Find(".case").Each(func(i int, row *goquery.Selection) {
		why := said(row.Find("summary"))
		if !strings.HasPrefix(why, "Pourquoi ce") || !strings.Contains(why, "/2026") {
			t.Errorf("line %d says %q", i+1, why)
		}
	})
	if got := said(doc.Find("#temps")); got != "4 dossiers, 32 min" {
		t.Errorf("says %q", got)
	}
	if got := doc.Find(".budget .spare, .budget .free").Length(); got < 2 {
		t.Errorf("the time left is not drawn: %d", got)
	}
	if title := doc.Find("title").Text(); strings.Contains(strings.ToUpper(title), "AUBRIOT") {
		t.Errorf("the window's title names a patient: %q", title)
	}
}

func TestAnEmptyAgendaSaysHowToBegin(t *testing.T) {
	t.Parallel()
	h := setup(t)
	doc := h.see(t, "secretary", h.page())
	if !strings.Contains(said(doc.Find(".empty")), "vide") || doc.Find(`form[action$="/draft"]`).Length() != 1 {
		t.Errorf("says %q", said(doc.Find(".empty")))
	}
}

func TestAClinicianSeesOnlyTheirPatients(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 4)
	h.draft(t)
	doc := h.see(t, "clinician", h.page())
	if n := doc.Find(".case").Length(); n != 1 {
		t.Errorf("%d lines, want 1", n)
	}
	if body := said(doc.Find("body")); !strings.Contains(body, "3 autres dossiers") || strings.Contains(body, "TESSONNIER") {
		t.Error("the hidden lines are named, or not counted")
	}
	if n := doc.Find(`form[action$="/order"], form[action^="/cases/"], dialog[id^="d-"]`).Length(); n != 0 {
		t.Errorf("%d forms that a clinician may not send", n)
	}
}

// names are the patients on the agenda, in order.
func names(doc *goquery.Document) string {
	return strings.Join(doc.Find(".case .name a").Map(func(_ int, s *goquery.Selection) string { return strings.Fields(s.Text())[0] }), " ")
}

func TestTheSecretaryArrangesTheAgenda(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 3)
	g := h.draft(t)
	before := names(h.see(t, "secretary", h.page()))
	first, last := g.Items[0].ID, g.Items[2].ID
	meeting := string(h.meeting.Meeting.ID)

	h.do(t, "secretary", h.page("order"), url.Values{"case": {string(last), string(first), string(g.Items[1].ID)}})
	after := strings.Fields(names(h.see(t, "secretary", h.page())))
	if want := strings.Fields(before); after[0] != want[2] || after[1] != want[0] {
		t.Errorf("ordered %v from %v", after, want)
	}
	to := h.do(t, "secretary", h.page("shift"), url.Values{"case": {string(last)}, "by": {"1"}})
	if after = strings.Fields(names(h.see(t, "secretary", strings.Split(to, "#")[0]))); after[0] != strings.Fields(before)[0] {
		t.Errorf("moved down: %v", after)
	}
	h.do(t, "secretary", "/cases/"+string(first)+"/minutes", url.Values{"meeting": {meeting}, "to": {"11"}})
	h.do(t, "secretary", "/cases/"+string(first)+"/pin", url.Values{"meeting": {meeting}, "pinned": {"true"}})
	row := h.see(t, "secretary", h.page()).Find("#c-" + string(first))
	if got := said(row.Find("output")); got != "11 min" || !row.HasClass("pinned") {
		t.Errorf("minutes %q, pinned %v", got, row.HasClass("pinned"))
	}
}

func TestWithdrawingAndDeferringAreUndoneFromTheToast(t *testing.T) {
	t.Parallel()
	for verb, form := range map[string]url.Values{"withdraw": {}, "defer": {"why": {"time"}}} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			h := setup(t)
			h.admit(t, 2)
			c := h.draft(t).Items[0].ID
			form.Set("meeting", string(h.meeting.Meeting.ID))
			to := h.do(t, "secretary", "/cases/"+string(c)+"/"+verb, form)
			if strings.Contains(strings.ToUpper(to), "AUBRIOT") {
				t.Errorf("the address names a patient: %s", to)
			}
			doc := h.see(t, "secretary", to)
			if n := doc.Find(".case").Length(); n != 1 {
				t.Errorf("%d lines left, want 1", n)
			}
			undo, _ := doc.Find("form.toast").Attr("action")
			back := h.do(t, "secretary", undo, url.Values{"meeting": {string(h.meeting.Meeting.ID)}})
			if n := h.see(t, "secretary", strings.Split(back, "#")[0]).Find(".case").Length(); n != 2 {
				t.Errorf("%d lines after undoing, want 2", n)
			}
		})
	}
}

// What one secretary's page shows is what its « Annuler » takes back: never what
// somebody else did since.
func TestUndoTakesBackOnlyTheEditThatThePageShows(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 2)
	list := h.draft(t)
	page := h.page()
	undo := func(doc *goquery.Document) url.Values {
		v := url.Values{}
		doc.Find("#recalcul form input").Each(func(_ int, in *goquery.Selection) { v.Set(in.AttrOr("name", ""), in.AttrOr("value", "")) })
		return v
	}
	mine := undo(h.see(t, "secretary", page))
	if _, err := h.agenda.Defer(t.Context(), h.Chair, list.Items[0].ID, "time"); err != nil {
		t.Fatal(err)
	}
	if w := h.as(t, "secretary", post, h.page("undo"), mine); w.Code != http.StatusConflict {
		t.Errorf("undoing from a page shown before the chair's edit: %d, want %d", w.Code, http.StatusConflict)
	}
	if w := h.as(t, "secretary", post, h.page("undo"), url.Values{}); w.Code != http.StatusConflict {
		t.Errorf("undoing without saying what: %d, want %d", w.Code, http.StatusConflict)
	}
	doc := h.see(t, "secretary", page)
	if n := doc.Find(".case").Length(); n != 1 {
		t.Fatalf("%d lines, want 1: the chair's deferral is lost", n)
	}
	h.do(t, "secretary", h.page("undo"), undo(doc))
	if n := h.see(t, "secretary", page).Find(".case").Length(); n != 2 {
		t.Errorf("%d lines after undoing what the page shows, want 2", n)
	}
}

func TestDeferringWithoutAReasonAsksForOne(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 1)
	c := string(h.draft(t).Items[0].ID)
	if said(h.see(t, "secretary", "/cases/"+c+"/defer").Find("h1")) == "" {
		t.Error("no page without script")
	}
	w := h.as(t, "secretary", post, "/cases/"+c+"/defer", url.Values{"meeting": {string(h.meeting.Meeting.ID)}})
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(said(html(t, w).Find(".error")), "motif") {
		t.Errorf("got %d", w.Code)
	}
}

func TestAPatientIsFoundAndAdded(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 2)
	w := h.as(t, "secretary", post, h.page("find"), url.Values{"q": {"tesson"}})
	found := html(t, w).Find("#trouves li")
	if w.Code != http.StatusOK || found.Length() != 1 || !strings.Contains(said(found), "TESSONNIER Marcel") {
		t.Fatalf("got %d: %q", w.Code, said(found))
	}
	patient, _ := found.Find(`input[name="patient"]`).Attr("value")
	to := h.do(t, "secretary", h.page("add"), url.Values{"patient": {patient}})
	doc := h.see(t, "secretary", to)
	if names(doc) != "TESSONNIER" || !strings.Contains(said(doc.Find(".toast")), "TESSONNIER") {
		t.Errorf("agenda %q, toast %q", names(doc), said(doc.Find(".toast")))
	}
	again := html(t, h.as(t, "secretary", post, h.page("find"), url.Values{"q": {"tesson"}}))
	if again.Find(`#trouves form`).Length() != 0 {
		t.Error("offers to add whom the agenda has")
	}
}

func TestTheMeetingGoesItsWayByForms(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for _, next := range []struct{ verb, state, to string }{
		{"open", "Inscriptions ouvertes", h.page()},
		{"close", "Ordre du jour clos", h.page()},
		{"start", "En séance", h.page("room")},
		{"end", "Compte rendu à signer", h.page("minutes")},
	} {
		page := h.see(t, "secretary", h.page(next.verb))
		version, _ := page.Find(`main > section input[name="version"]`).Attr("value")
		if n := page.Find("main .primary").Length(); n < 1 {
			t.Errorf("%s: no button", next.verb)
		}
		if to := h.do(t, "secretary", h.page(next.verb), url.Values{"version": {version}}); to != next.to {
			t.Errorf("%s leads to %q", next.verb, to)
		}
		if got := said(h.see(t, "secretary", h.page()).Find(".head .st")); got != next.state {
			t.Errorf("after %s the state is %q", next.verb, got)
		}
		if w := h.as(t, "secretary", post, h.page(next.verb), url.Values{"version": {version}}); w.Code != http.StatusConflict {
			t.Errorf("%s twice: %d", next.verb, w.Code)
		}
	}
}

func TestAMeetingIsMovedAndCancelled(t *testing.T) {
	t.Parallel()
	h := setup(t)
	version := url.Values{"version": {strconv.Itoa(h.meeting.Meeting.Version)}}
	wrong := url.Values{"version": version["version"], "day": {"2026-11-27"}, "starts": {"15:00"}, "ends": {"14:00"}, "room": {"Salle 2"}}
	w := h.as(t, "secretary", post, h.page("move"), wrong)
	doc := html(t, w)
	if v, _ := doc.Find("main #mv-room").Attr("value"); w.Code != http.StatusUnprocessableEntity || v != "Salle 2" {
		t.Errorf("got %d, room %q", w.Code, v)
	}
	if !strings.Contains(said(doc.Find("main .error")), "10 minutes") {
		t.Errorf("says %q", said(doc.Find(".error")))
	}
	wrong.Set("ends", "16:00")
	h.do(t, "secretary", h.page("move"), wrong)
	if got := said(h.see(t, "secretary", h.page()).Find(".head")); !strings.Contains(got, "vendredi 27 novembre 2026, 15 h 00 – 16 h 00") || !strings.Contains(got, "Salle 2") {
		t.Errorf("head says %q", got)
	}
	h.do(t, "chair", h.page("cancel"), url.Values{"version": {strconv.Itoa(h.meeting.Meeting.Version + 1)}, "reason": {"Grève"}})
	if got := said(h.see(t, "secretary", h.page()).Find(".head")); !strings.Contains(got, "Annulée") || !strings.Contains(got, "Grève") {
		t.Errorf("head says %q", got)
	}
}

func TestAttendanceAndQuorum(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.to(t, "open", "start")
	form := url.Values{}
	for _, a := range h.meeting.Attendance {
		who := string(a.Professional.ID)
		form.Add("who", who)
		form.Set("presence-"+who, "present")
		form.Set("answer-"+who, "ACCEPTED")
		form.Set("arrived-"+who, "")
		form.Set("left-"+who, "")
	}
	if got := said(h.see(t, "secretary", h.page("attendance")).Find("#presences + p .st")); got != "Présences à noter" {
		t.Errorf("before: %q", got)
	}
	h.do(t, "secretary", h.page("attendance"), form)
	if got := said(h.see(t, "secretary", h.page("attendance")).Find("#presences + p .st")); got != "Quorum atteint" {
		t.Errorf("with all there: %q", got)
	}
	chair := string(h.Chair.Professional)
	form.Set("arrived-"+chair, "15:30")
	form.Set("left-"+chair, "15:00")
	w := h.as(t, "secretary", post, h.page("attendance"), form)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(said(html(t, w).Find(".error")), "départ vient avant") {
		t.Errorf("leaving before arriving: %d", w.Code)
	}
	if w := h.as(t, "clinician", post, h.page("attendance"), form); w.Code != http.StatusForbidden {
		t.Errorf("a clinician notes attendance: %d", w.Code)
	}
}

func TestAMemberAnswersForThemselves(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.to(t, "open")
	h.do(t, "clinician", h.page("answer"), url.Values{"answer": {"ACCEPTED"}})
	doc := h.see(t, "clinician", h.page())
	if got := said(doc.Find(`#reponse`).Closest("section").Find(`[aria-pressed="true"]`)); got != "oui" {
		t.Errorf("shows %q", got)
	}
	if got, _ := doc.Find(`.tight tr:contains("Infirmier") .dots`).Attr("aria-label"); got != "1 oui" {
		t.Errorf("dots say %q", got)
	}
}

func TestStrangersFindNothing(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.admit(t, 1)
	c := h.draft(t).Items[0].ID
	nobody := id.New[id.Meeting]()
	for path, want := range map[string]int{
		h.page(): http.StatusForbidden, h.page("attendance"): http.StatusForbidden, "/cases/" + string(c) + "/defer": http.StatusForbidden,
		"/meetings/" + string(nobody): http.StatusNotFound, "/meetings/" + string(nobody) + "/attendance": http.StatusNotFound,
	} {
		if w := h.as(t, "stranger", get, path, nil); w.Code != http.StatusSeeOther {
			t.Errorf("%s without a session: %d", path, w.Code)
		}
		h.signInOnce(t)
		if w := h.as(t, "nobody", get, path, nil); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}
