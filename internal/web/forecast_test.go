package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// answer notes the answers of the three members that count.
func (h *harness) answer(t *testing.T, chair, clinician, social meetings.Answer) {
	t.Helper()
	var edits []meetings.AttendanceEdit
	for _, a := range h.meeting.Attendance {
		given := map[id.Professional]*meetings.Answer{h.Chair.Professional: &chair, h.Clinician.Professional: &clinician}[a.Professional.ID]
		if a.Professional.Profession == "assistant-social" {
			given = &social
		}
		if given != nil {
			edits = append(edits, meetings.AttendanceEdit{Professional: a.Professional.ID, Answer: given})
		}
	}
	if _, err := h.Meetings.SetAttendance(t.Context(), h.Secretary, h.meeting.Meeting.ID, edits); err != nil {
		t.Fatal(err)
	}
}

// followed admits two patients whom a physiotherapist of no team follows; the
// clinician cares for the first.
func (h *harness) followed(t *testing.T) {
	t.Helper()
	kine := auth.Professional{Family: "Lescure", Given: "Thibault", Profession: "kinesitherapeute", RPPS: "10100000042"}
	if _, err := h.Meetings.SaveProfessional(t.Context(), h.System, kine); err != nil {
		t.Fatal(err)
	}
	h.admit(t, 2)
	key, nurse := careplan.Key{System: "urn:rpps", Value: kine.RPPS}, careplan.Key{System: "urn:rpps", Value: "10100000002"}
	b := careplan.Batch{Professionals: []careplan.SourceProfessional{
		{Key: key, RPPS: kine.RPPS, Name: kine.Family}, {Key: nurse, RPPS: nurse.Value, Name: "Karaoui"},
	}}
	for i := range 2 {
		b = h.patient(b, i, nurse)
		b.Objectives[i].Owner = key
	}
	report, err := h.patients.Import(t.Context(), h.System, careplan.Target{Org: h.Org.ID, Team: h.Team.ID}, b)
	if err != nil || len(report.Lines) > 0 {
		t.Fatalf("import: %+v, %v", report.Lines, err)
	}
	h.draft(t)
}

// outlook is the section of the agenda that says who comes.
func outlook(doc *goquery.Document) *goquery.Selection {
	return doc.Find(`[aria-labelledby="prevision"]`)
}

func TestTheForecastSaysWhatTheAnswersPromise(t *testing.T) {
	t.Parallel()
	const yes, no, maybe, none = meetings.Accepted, meetings.Declined, meetings.Tentative, meetings.NeedsAction
	for name, c := range map[string]struct {
		chair, clinician, social meetings.Answer
		state, why               string
	}{
		"nobody answered":         {none, none, none, "En attente de 3 réponses", "médecin : réponse attendue"},
		"all come":                {yes, yes, yes, "Quorum prévu", ""},
		"one profession hangs":    {yes, yes, maybe, "Tient à 1 « peut-être »", "2 professions sur 3"},
		"one answer is awaited":   {yes, yes, none, "En attente de 1 réponse", "2 professions sur 3"},
		"a required one declined": {no, yes, yes, "Quorum menacé", "médecin : décliné le 22/11"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := setup(t)
			h.answer(t, c.chair, c.clinician, c.social)
			p := outlook(h.see(t, "clinician", h.page())).Find("table + .legend + p, p.more").First()
			if got := said(p.Find(".st")); got != c.state || !strings.Contains(said(p), c.why) {
				t.Errorf("says %q, want %q and %q", said(p), c.state, c.why)
			}
			week := h.see(t, "clinician", "/?from=2026-11-23").Find(".meet .quorum").First()
			if got := said(week); !strings.HasPrefix(got, c.state) {
				t.Errorf("the week says %q, want %q", got, c.state)
			}
			if to, _ := week.Find("a").Attr("href"); to != h.page()+"#prevision" {
				t.Errorf("the week leads to %q", to)
			}
		})
	}
}

func TestAnRCPShowsItsSpecialties(t *testing.T) {
	t.Parallel()
	h := setup(t)
	team, err := h.Meetings.Team(t.Context(), h.Secretary, h.Team.ID)
	if err != nil {
		t.Fatal(err)
	}
	team.Quorum.MinSpecialties = 2
	if _, err := h.Meetings.SaveTeam(t.Context(), h.Secretary, team); err != nil {
		t.Fatal(err)
	}
	h.answer(t, meetings.Accepted, meetings.Accepted, meetings.Accepted)
	doc := h.see(t, "secretary", h.page())
	if got := said(doc.Find("#specialites tbody tr")); got != "gériatrieDr Solène Varennes" {
		t.Errorf("specialties: %q", got)
	}
	if got := said(outlook(doc).Find("p.more")); !strings.Contains(got, "1 spécialité médicale sur 2") {
		t.Errorf("says %q", got)
	}
	if got := said(doc.Find("#solutions h3").First()); got != "Une autre spécialité médicale" {
		t.Errorf("offers %q", got)
	}
}

func TestThePatientsWhoWouldLackSomebodyAreNamedToThoseWhoMaySeeThem(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.followed(t)
	h.answer(t, meetings.Accepted, meetings.Accepted, meetings.Accepted)
	all := h.see(t, "secretary", h.page()).Find("#menaces")
	for _, want := range []string{"AUBRIOT Lucienne", "TESSONNIER Marcel", "kinésithérapeute non invité : Thibault Lescure"} {
		if !strings.Contains(said(all), want) {
			t.Errorf("the secretary reads %q, without %q", said(all), want)
		}
	}
	doc := h.see(t, "clinician", h.page())
	own := said(doc.Find("#menaces"))
	if !strings.Contains(own, "AUBRIOT") || strings.Contains(own, "TESSONNIER") || !strings.Contains(own, "1 dossier, d’un patient que vous ne suivez pas") {
		t.Errorf("the clinician reads %q", own)
	}
	if got := said(outlook(doc).Find("p.more .st")); got != "Quorum menacé pour 2 dossiers" {
		t.Errorf("says %q", got)
	}
	week := said(h.see(t, "clinician", "/?from=2026-11-23").Find(".meet .quorum").First())
	if week != "Quorum menacé pour 2 dossiers" {
		t.Errorf("the week says %q", week)
	}
}

func TestASubstituteIsInvitedForOneDateAndUninvited(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.answer(t, meetings.Declined, meetings.Accepted, meetings.Accepted)
	doc := h.see(t, "secretary", h.page())
	offer := doc.Find(`#solutions form[action$="/guests"]`).First()
	if got, _ := offer.Find("button").Attr("aria-label"); got != "Inviter Claude Ailleurs pour cette date" {
		t.Fatalf("offers %q", got)
	}
	if n := h.see(t, "clinician", h.page()).Find("#solutions, form[action*=guests]").Length(); n != 0 {
		t.Error("a clinician is offered to invite")
	}
	who, _ := offer.Find("button").Attr("value")
	form := url.Values{"who": {who}}
	if w := h.as(t, "clinician", post, h.page("guests"), form); w.Code != http.StatusForbidden {
		t.Errorf("a clinician invites: %d", w.Code)
	}
	to := h.do(t, "secretary", h.page("guests"), form)
	doc = h.see(t, "secretary", strings.Split(to, "#")[0])
	if got := said(doc.Find("#invites li")); !strings.HasPrefix(got, "Claude Ailleurs") {
		t.Errorf("guests: %q", got)
	}
	if got := said(outlook(doc).Find("p.more .st").First()); got != "En attente de 1 réponse" {
		t.Errorf("then says %q", got)
	}
	undo, _ := doc.Find("form.toast").Attr("action")
	if got := said(doc.Find(".toast")); undo != h.page("guests", "remove") || !strings.Contains(got, "Claude Ailleurs") {
		t.Errorf("toast %q, undone at %q", got, undo)
	}
	to = h.do(t, "secretary", undo, form)
	doc = h.see(t, "secretary", strings.Split(to, "#")[0])
	if doc.Find("#invites").Length() != 0 || !strings.Contains(said(doc.Find(".toast")), "retirée") {
		t.Error("the guest is still there, or nothing says they went")
	}
	if w := h.as(t, "secretary", post, h.page("guests"), url.Values{"who": {"x"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("nobody: %d", w.Code)
	}
}

func TestAnotherDateLeadsToTheFormFilledIn(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.answer(t, meetings.Declined, meetings.Accepted, meetings.Accepted)
	links := h.see(t, "secretary", h.page()).Find(`#solutions a[href*="/move?"]`)
	to, _ := links.First().Attr("href")
	if links.Length() != 3 || strings.ReplaceAll(to, "%3a", ":") != h.page("move")+"?day=2026-11-27&starts=14:30&ends=16:00" {
		t.Fatalf("%d dates, the first at %q", links.Length(), to)
	}
	page := h.see(t, "secretary", to)
	for field, want := range map[string]string{"day": "2026-11-27", "starts": "14:30", "ends": "16:00"} {
		if got, _ := page.Find(`main form [name="` + field + `"]`).First().Attr("value"); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	plain := h.see(t, "secretary", h.page("move")+"?day=x%22&starts=25:00")
	if got, _ := plain.Find(`main form [name="day"]`).First().Attr("value"); got != "2026-11-26" {
		t.Errorf("nonsense gives %q", got)
	}
}

func TestAMeetingThatBeganGivesNoAdvice(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.answer(t, meetings.Declined, meetings.Accepted, meetings.Accepted)
	h.to(t, "open", "start")
	if n := h.see(t, "secretary", h.page()).Find("#solutions, #menaces").Length(); n != 0 {
		t.Error("advises on a meeting that runs")
	}
}
