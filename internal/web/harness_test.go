package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/gin-gonic/gin"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/agenda/papers"
	"github.com/rcp-care/rcp/agenda/preparation"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/careplan/protocol"
	"github.com/rcp-care/rcp/internal/archive"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/handover"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/internal/store/storetest"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/minutes/pdf"
	"github.com/rcp-care/rcp/notify"
	"github.com/rcp-care/rcp/notify/inbox"
)

// harness is the pages over the real router, templates, services and store,
// with the House of storetest: one team, a secretary, a chair, two clinicians,
// and somebody of no team who administers. Only the clock is fake.
type harness struct {
	storetest.House
	handler  http.Handler
	server   *Server
	cfg      Config
	store    *store.Store
	patients *careplan.Service
	agenda   *agenda.Service
	meeting  meetings.Full
	ids      map[string]id.Patient // by IPP
}

// setup makes a house whose team has a meeting on Thursday and no patient.
func setup(t *testing.T, change ...func(*Config)) *harness {
	t.Helper()
	return setupOf(t, func(*meetings.Team) {}, change...)
}

// setupOf is setup with a team of another sort.
func setupOf(t *testing.T, team func(*meetings.Team), change ...func(*Config)) *harness {
	t.Helper()
	st := storetest.SQLite(t)
	h := &harness{House: storetest.NewHouseOf(t, st, team), store: st, ids: map[string]id.Patient{}}
	h.patients = careplan.NewService(st, storetest.Clock)
	h.agenda = agenda.NewService(st, h.patients, storetest.Clock)
	h.meeting = h.Meeting(t)
	accounts, err := auth.NewService(st, storetest.Clock)
	if err != nil {
		t.Fatal(err)
	}
	docs := archive.New(t.TempDir())
	h.cfg = Config{
		Protocols: protocol.NewService(protocol.Config{
			Store: st, Patients: h.patients, Professions: meetings.ProfessionKeys(), Now: storetest.Clock,
		}),
		Auth: accounts, Patients: h.patients, Meetings: h.Meetings, Agenda: h.agenda,
		Minutes:     minutes.NewService(st, h.patients, pdf.Renderer{}, docs, storetest.Clock),
		Retention:   minutes.NewRetention(st, storetest.Clock),
		Preparation: preparation.NewService(st, h.agenda, storetest.Clock),
		Papers: papers.NewService(papers.Config{
			Store: st, Cases: h.agenda, Meetings: st, Folder: archive.Papers(t.TempDir()), Now: storetest.Clock,
		}),
		Outbox: notify.NewService(st, h.Meetings, storetest.Clock),
		Inbox:  inbox.New(inbox.Config{Meetings: h.Meetings, Store: st, Now: storetest.Clock}),
		Handovers: handover.NewService(handover.Config{
			Store: st, Archive: docs, Dir: t.TempDir(), Name: "test", Program: "rcp", Now: storetest.Clock,
		}),
		Journal: auth.NewLog(st, h.patients.May, storetest.Clock),
		OrgName: h.Org.Name, Now: storetest.Clock,
	}
	for _, c := range change {
		c(&h.cfg)
	}
	h.handler = h.serve(t)
	for token, a := range map[string]auth.Actor{"secretary": h.Secretary, "chair": h.Chair, "clinician": h.Clinician, "admin": h.Stranger} {
		h.signIn(t, token, a)
	}
	return h
}

// serve is New, with the server kept.
func (h *harness) serve(t *testing.T) http.Handler {
	t.Helper()
	s, engine, err := build(h.cfg)
	if err != nil {
		t.Fatal(err)
	}
	h.server = s
	s.mount(engine)
	for _, part := range h.cfg.Parts {
		part.Mount(engine)
	}
	return engine
}

// signIn opens a session whose token is given, without the time that hashing a
// password takes.
func (h *harness) signIn(t *testing.T, token string, a auth.Actor) {
	t.Helper()
	by := a.Change(storetest.Now, "test", "account", string(a.Professional))
	account := auth.Account{
		Professional: a.Professional, Org: h.Org.ID, Email: token + "@valbrume.example", PasswordHash: "-", Lang: "fr",
		Admin: token == "admin", Created: storetest.Now,
	}
	if err := h.store.SaveAccount(t.Context(), account, by); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(token))
	session := auth.Session{
		TokenHash: hex.EncodeToString(sum[:]), Professional: a.Professional, Created: storetest.Now, Seen: storetest.Now,
		Expires: storetest.Now.Add(time.Hour), Origin: "test",
	}
	by = a.Change(storetest.Now, "test", "account", string(a.Professional))
	if err := h.store.CreateSession(t.Context(), session, by); err != nil {
		t.Fatal(err)
	}
}

// password gives an account a real one.
func (h *harness) password(t *testing.T, a auth.Actor, email, password string) {
	t.Helper()
	if err := h.cfg.Auth.(*auth.Service).CreateAccount(t.Context(), h.System, a.Professional, email, password, false); err != nil {
		t.Fatal(err)
	}
}

// admit imports n patients of the team, each with a reason to be reviewed; the
// clinician cares for the first. They are p1 to pn in ids.
func (h *harness) admit(t *testing.T, n int) {
	t.Helper()
	var b careplan.Batch
	nurse := careplan.Key{System: "urn:rpps", Value: "10100000002"}
	b.Professionals = []careplan.SourceProfessional{{Key: nurse, RPPS: nurse.Value, Name: "Karaoui"}}
	for i := range n {
		b = h.patient(b, i, nurse)
	}
	report, err := h.patients.Import(t.Context(), h.System, careplan.Target{Org: h.Org.ID, Team: h.Team.ID}, b)
	if err != nil || len(report.Lines) > 0 {
		t.Fatalf("import: %+v, %v", report.Lines, err)
	}
	found, _, err := h.patients.Search(t.Context(), h.System, "", "", "", 200)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		h.ids[f.Patient.IPP] = f.Patient.ID
	}
}

// families are the names of the patients, all invented.
var families = []string{
	"Aubriot", "Tessonnier", "Grandvalet", "Bourdeille", "Lamoisse", "Chauverot", "Descouty", "Fauvergue",
	"Malbranque", "Perroteau", "Ribeyrolles", "Saintorens", "Vaucourt", "Heurtebois", "Jonquois",
}

func (h *harness) patient(b careplan.Batch, i int, nurse careplan.Key) careplan.Batch {
	ipp := fmt.Sprintf("p%d", i+1)
	key := func(kind string) careplan.Key { return careplan.Key{System: "urn:test:" + kind, Value: ipp} }
	sex, given := careplan.Female, "Lucienne"
	if i%2 == 1 {
		sex, given = careplan.Male, "Marcel"
	}
	b.Patients = append(b.Patients, careplan.SourcePatient{Keys: []careplan.Key{key("patient")}, Patient: careplan.Patient{
		IPP: ipp, BirthFamily: families[i%len(families)], BirthGiven: given, Sex: sex, BirthDate: date.New(1934+i, 3, 2),
		Identity: careplan.Provisional, Sharing: careplan.SharingAgreed, Informed: true, Language: "fr",
	}})
	b.Plans = append(b.Plans, careplan.SourcePlan{Key: key("plan"), Patient: key("patient"), Plan: careplan.Plan{
		Title: "Rester chez soi", Status: careplan.PlanActive, Start: date.New(2026, 1, 5), ReferentName: "Inès Karaoui",
		LastReview: date.New(2026, 9, 1), NextReview: date.New(2026, 11, 20-i),
	}})
	b.Objectives = append(b.Objectives, careplan.SourceObjective{Key: key("objective"), Plan: key("plan"), Patient: key("patient"), Objective: careplan.Objective{
		Title: "Remarcher jusqu’au marché", Lifecycle: careplan.Active, Due: date.New(2026, 11, 12),
	}})
	if i%3 == 0 {
		b.Actions = append(b.Actions, careplan.SourceAction{Key: key("action"), Plan: key("plan"), Patient: key("patient"), Action: careplan.Action{
			Title: "Poser la barre d’appui", Status: careplan.Requested, Due: date.New(2026, 11, 15), OwnerName: "Inès Karaoui",
		}})
	}
	if i == 0 {
		b.Circle = append(b.Circle, careplan.SourceCircle{Patient: key("patient"), Professional: nurse, Role: "referent"})
	}
	return b
}

// draft drafts the agenda and returns it.
func (h *harness) draft(t *testing.T) agenda.Agenda {
	t.Helper()
	g, err := h.agenda.Draft(t.Context(), h.Secretary, h.meeting.Meeting.ID)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// to takes the meeting to a state by its service: "open", "close", "start", "end".
func (h *harness) to(t *testing.T, verbs ...string) {
	t.Helper()
	for _, verb := range verbs {
		for _, st := range steps() {
			if st.verb != verb {
				continue
			}
			full, err := h.Meetings.Get(t.Context(), h.Chair, h.meeting.Meeting.ID)
			if err == nil {
				_, err = st.do(h.Meetings, context.WithoutCancel(t.Context()), h.Chair, full.Meeting.ID, full.Meeting.Version)
			}
			if err != nil {
				t.Fatalf("%s: %v", verb, err)
			}
		}
	}
}

// page is the path of the meeting, or of one of its parts.
func (h *harness) page(parts ...string) string {
	return "/meetings/" + string(h.meeting.Meeting.ID) + strings.Join(append([]string{""}, parts...), "/")
}

// as sends a request with a session's token ("" for none, "english" for the
// secretary reading English) and an optional form.
func (h *harness) as(t *testing.T, token, method, path string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://rcp.test"+path, strings.NewReader(form.Encode()))
	if method == post {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token == "english" {
		token = "secretary"
		r.AddCookie(&http.Cookie{Name: langCookie, Value: "en"})
	}
	if token != "" {
		r.AddCookie(&http.Cookie{Name: "rcp", Value: token})
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

// see gets a page that must be there.
func (h *harness) see(t *testing.T, token, path string) *goquery.Document {
	t.Helper()
	path, _, _ = strings.Cut(path, "#") // a browser keeps it to itself
	w := h.as(t, token, get, path, nil)
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s as %s: %d\n%s", path, token, w.Code, w.Body)
	}
	return html(t, w)
}

// do posts a form that must succeed and returns where it leads.
func (h *harness) do(t *testing.T, token, path string, form url.Values) string {
	t.Helper()
	w := h.as(t, token, post, path, form)
	if w.Code != http.StatusSeeOther {
		t.Fatalf("POST %s as %s: %d\n%s", path, token, w.Code, w.Body)
	}
	return w.Header().Get("Location")
}

// html parses an answer.
func html(t *testing.T, w *httptest.ResponseRecorder) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// said is a selection's text with single plain spaces.
func said(s *goquery.Selection) string {
	return strings.Join(strings.Fields(s.Text()), " ")
}

// from posts an empty form of a page of another origin.
func (h *harness) from(t *testing.T, origin, token, path string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), post, "http://rcp.test"+path, nil)
	r.Header.Set("Origin", origin)
	r.AddCookie(&http.Cookie{Name: "rcp", Value: token})
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

// signInOnce signs in somebody of no team, who administers nothing, as "nobody".
func (h *harness) signInOnce(t *testing.T) {
	t.Helper()
	if h.as(t, "nobody", get, "/", nil).Code != http.StatusOK {
		h.signIn(t, "nobody", h.Stranger)
	}
}

// request is a request of somebody, outside any route.
func (h *harness) request(t *testing.T, a auth.Actor) *request {
	t.Helper()
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	c.Request = httptest.NewRequestWithContext(t.Context(), get, "http://rcp.test/", nil)
	return &request{Context: c, actor: a, lang: "fr"}
}
