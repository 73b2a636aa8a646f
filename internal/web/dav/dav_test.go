package dav_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	goical "github.com/emersion/go-ical"
	"github.com/gin-gonic/gin"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/internal/store/storetest"
	"github.com/rcp-care/rcp/internal/web/dav"
	"github.com/rcp-care/rcp/meetings"
)

const login = "ines@valbrume.example"

// world is the routes over the real services and store, for Inès, a clinician
// of one team with a meeting every Thursday.
type world struct {
	storetest.House
	store    *store.Store
	accounts *auth.Service
	clock    *time.Time
	secret   string
	handler  http.Handler
}

func setup(t *testing.T) *world {
	t.Helper()
	st, now := storetest.SQLite(t), storetest.Now
	w := &world{House: storetest.NewHouse(t, st), store: st, clock: &now}
	clock := func() time.Time { return *w.clock }
	w.Meeting(t)
	w.House.Meetings = meetings.NewService(st, clock)
	var err error
	if w.accounts, err = auth.NewService(st, clock); err != nil {
		t.Fatal(err)
	}
	w.account(t, w.Clinician, login)
	if w.secret, err = w.accounts.NewCalendarLink(t.Context(), w.Clinician, "téléphone"); err != nil {
		t.Fatal(err)
	}
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	dav.New(dav.Config{
		Auth: w.accounts, Meetings: w.House.Meetings, Tasks: careplan.NewService(st, clock),
		BaseURL: "https://rcp.example/", From: "rcp@valbrume.example",
	}).Mount(engine)
	w.handler = engine
	return w
}

// account opens one without the time that hashing takes.
func (w *world) account(t *testing.T, a auth.Actor, email string) {
	t.Helper()
	account := auth.Account{Professional: a.Professional, Org: w.Org.ID, Email: email, PasswordHash: "-", Lang: "fr", Created: storetest.Now}
	if err := w.store.SaveAccount(t.Context(), account, a.Change(storetest.Now, "test", "account", string(a.Professional))); err != nil {
		t.Fatal(err)
	}
}

// act gives Inès an open action for a patient of her circle, due in ten days.
func (w *world) act(t *testing.T) {
	t.Helper()
	nurse := careplan.Key{System: "urn:rpps", Value: "10100000002"}
	key := func(kind string) careplan.Key { return careplan.Key{System: "urn:test:" + kind, Value: "p1"} }
	b := careplan.Batch{
		Professionals: []careplan.SourceProfessional{{Key: nurse, RPPS: nurse.Value, Name: "Karaoui"}},
		Patients: []careplan.SourcePatient{{Keys: []careplan.Key{key("patient")}, Patient: careplan.Patient{
			IPP: "p1", BirthFamily: "Aubriot", BirthGiven: "Lucienne", Sex: careplan.Female, BirthDate: date.New(1934, 3, 2),
			Identity: careplan.Provisional, Sharing: careplan.SharingAgreed, Informed: true, Language: "fr",
		}}},
		Plans: []careplan.SourcePlan{{Key: key("plan"), Patient: key("patient"), Plan: careplan.Plan{
			Title: "Rester chez soi", Status: careplan.PlanActive, Start: date.New(2026, 1, 5), NextReview: date.New(2026, 12, 1),
		}}},
		Actions: []careplan.SourceAction{{Key: key("action"), Plan: key("plan"), Patient: key("patient"), Owner: nurse, Action: careplan.Action{
			Title: "Rappeler la fille de Mme Aubriot", Status: careplan.Requested, Due: date.New(2026, 12, 3), OwnerName: "Inès Karaoui",
		}}},
		Circle: []careplan.SourceCircle{{Patient: key("patient"), Professional: nurse, Role: "member"}},
	}
	patients := careplan.NewService(w.store, storetest.Clock)
	report, err := patients.Import(t.Context(), w.System, careplan.Target{Org: w.Org.ID, Team: w.Team.ID}, b)
	if err != nil || len(report.Lines) > 0 {
		t.Fatalf("import: %+v, %v", report.Lines, err)
	}
}

// ask sends a request; headers come in pairs.
func (w *world) ask(t *testing.T, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, req)
	return rec
}

// dav is ask with the login and the secret.
func (w *world) dav(t *testing.T, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequest(method, "/", nil)
	req.SetBasicAuth(login, w.secret)
	return w.ask(t, method, path, body, append(headers, "Authorization", req.Header.Get("Authorization"), "Content-Type", "application/xml")...)
}

func (w *world) home() string { return "/dav/" + string(w.Clinician.Professional) + "/calendars/" }

func events(t *testing.T, raw io.Reader) []goical.Event {
	t.Helper()
	cal, err := goical.NewDecoder(raw).Decode()
	if err != nil {
		t.Fatal(err)
	}
	return cal.Events()
}

func (w *world) feed() string { return "/calendar/" + w.secret + ".ics" }

// open sends the invitations of the first n meetings.
func (w *world) open(t *testing.T, n int) []meetings.Meeting {
	t.Helper()
	all, _, err := w.House.Meetings.List(t.Context(), w.Secretary, meetings.Filter{Limit: n})
	if err != nil || len(all) != n {
		t.Fatalf("%d meetings, %v", len(all), err)
	}
	for i, m := range all {
		if all[i], err = w.House.Meetings.Open(t.Context(), w.Secretary, m.ID, m.Version); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestPoint17TheFeedIsPublishedWithoutAddresses(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.open(t, 1)
	own, err := w.House.Meetings.Own(t.Context(), w.Clinician)
	if err != nil || len(own) == 0 {
		t.Fatalf("%d own meetings, %v", len(own), err)
	}
	res := w.ask(t, http.MethodGet, w.feed(), "")
	text := res.Body.String()
	if res.Code != http.StatusOK || res.Header().Get("Content-Type") != "text/calendar; charset=utf-8" ||
		res.Header().Get("Cache-Control") != "private, no-cache" || !strings.Contains(res.Header().Get("Content-Disposition"), "agenda.ics") {
		t.Fatalf("%d %v", res.Code, res.Header())
	}
	for _, want := range []string{"METHOD:PUBLISH\r\n", "REFRESH-INTERVAL;VALUE=DURATION:PT240M\r\n", "X-PUBLISHED-TTL:PT240M\r\n", "/meetings/"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, never := range []string{"ATTENDEE", "@clinique.example", "mssante", login} {
		if strings.Contains(text, never) {
			t.Errorf("holds %q", never)
		}
	}
	got := events(t, res.Body)
	if len(got) != len(own) {
		t.Fatalf("%d events for %d meetings", len(got), len(own))
	}
	uids := map[string]bool{}
	for i, e := range got {
		start, err := e.DateTimeStart(time.UTC)
		uid, _ := e.Props.Text(goical.PropUID)
		if err != nil || !start.Equal(own[i].Starts) || uid != own[i].UID || uids[uid] {
			t.Errorf("event %d: %s at %s, want %s at %s (%v)", i, uid, start, own[i].UID, own[i].Starts, err)
		}
		uids[uid] = true
	}
}

func TestPoint17AnUnchangedFeedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	w := setup(t)
	m := w.open(t, 1)[0]
	first := w.ask(t, http.MethodGet, w.feed(), "")
	tag := first.Header().Get("ETag")
	if tag == "" || strings.HasPrefix(tag, "W/") || first.Header().Get("Last-Modified") == "" {
		t.Fatalf("headers: %v", first.Header())
	}
	*w.clock = w.clock.Add(time.Minute)
	if res := w.ask(t, http.MethodGet, w.feed(), "", "If-None-Match", tag); res.Code != http.StatusNotModified || res.Body.Len() > 0 {
		t.Errorf("unchanged: %d, %d bytes", res.Code, res.Body.Len())
	}
	if res := w.ask(t, http.MethodHead, w.feed(), ""); res.Code != http.StatusOK || res.Body.Len() > 0 || res.Header().Get("ETag") != tag {
		t.Errorf("HEAD: %d, %d bytes", res.Code, res.Body.Len())
	}
	if _, err := w.House.Meetings.Cancel(t.Context(), w.Secretary, m.ID, m.Version, "grève"); err != nil {
		t.Fatal(err)
	}
	res := w.ask(t, http.MethodGet, w.feed(), "", "If-None-Match", tag)
	if res.Code != http.StatusOK || res.Header().Get("ETag") == tag || strings.Count(res.Body.String(), "STATUS:CANCELLED") != 1 {
		t.Errorf("after a cancellation: %d\n%s", res.Code, res.Body)
	}
	*w.clock = w.clock.AddDate(0, 0, 31)
	if res := w.ask(t, http.MethodGet, w.feed(), "", "If-None-Match", tag); strings.Contains(res.Body.String(), "STATUS:CANCELLED") || res.Code != http.StatusOK {
		t.Errorf("a month later: %d, still told", res.Code)
	}
}

func TestPoint17AnEmptyFeedIsValid(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.account(t, w.Stranger, "ailleurs@valbrume.example")
	secret, err := w.accounts.NewCalendarLink(t.Context(), w.Stranger, "téléphone")
	if err != nil {
		t.Fatal(err)
	}
	res := w.ask(t, http.MethodGet, "/calendar/"+secret+".ics", "")
	if got := events(t, bytes.NewReader(res.Body.Bytes())); res.Code != http.StatusOK || len(got) != 0 || !strings.Contains(res.Body.String(), "BEGIN:VTIMEZONE") {
		t.Errorf("%d\n%s", res.Code, res.Body)
	}
}

// TestWhatOpensNothingIsAnsweredAlike: guessed, revoked, disabled.
func TestWhatOpensNothingIsAnsweredAlike(t *testing.T) {
	t.Parallel()
	w := setup(t)
	guess := w.ask(t, http.MethodGet, "/calendar/"+strings.Repeat("A", 43)+".ics", "")
	if guess.Code != http.StatusNotFound {
		t.Fatalf("guessed: %d", guess.Code)
	}
	same := func(name string) {
		t.Helper()
		res := w.ask(t, http.MethodGet, w.feed(), "")
		if res.Code != guess.Code || res.Body.String() != guess.Body.String() {
			t.Errorf("%s: %d %q", name, res.Code, res.Body)
		}
		if res := w.dav(t, "PROPFIND", "/dav/", "", "Depth", "0"); res.Code != http.StatusUnauthorized || !strings.HasPrefix(res.Header().Get("WWW-Authenticate"), "Basic ") {
			t.Errorf("%s: CalDAV %d", name, res.Code)
		}
	}
	links, err := w.accounts.CalendarLinks(t.Context(), w.Clinician)
	if err != nil || len(links) != 1 {
		t.Fatal(links, err)
	}
	if err := w.accounts.RevokeCalendarLink(t.Context(), w.Chair, links[0].Hash); err == nil {
		t.Error("somebody else revoked it")
	}
	if res := w.ask(t, http.MethodGet, w.feed(), ""); res.Code != http.StatusOK {
		t.Fatalf("before: %d", res.Code)
	}
	if err := w.accounts.RevokeCalendarLink(t.Context(), w.Clinician, links[0].Hash); err != nil {
		t.Fatal(err)
	}
	same("revoked")
	if w.secret, err = w.accounts.NewCalendarLink(t.Context(), w.Clinician, "autre"); err != nil {
		t.Fatal(err)
	}
	admin := w.Stranger
	admin.Admin = true
	if err := w.accounts.Disable(t.Context(), admin, w.Clinician.Professional); err != nil {
		t.Fatal(err)
	}
	same("disabled")
	if err := w.accounts.Enable(t.Context(), admin, w.Clinician.Professional); err != nil {
		t.Fatal(err)
	}
	same("disabled for good")
}

func TestALinkRemembersItsLastUseToTheHour(t *testing.T) {
	t.Parallel()
	w := setup(t)
	seen := func() time.Time {
		t.Helper()
		links, err := w.accounts.CalendarLinks(t.Context(), w.Clinician)
		if err != nil || len(links) != 1 {
			t.Fatal(links, err)
		}
		return links[0].Seen
	}
	if !seen().IsZero() {
		t.Fatal("used before it was")
	}
	begun := *w.clock
	for _, after := range []time.Duration{0, 59 * time.Minute, time.Hour} {
		*w.clock = begun.Add(after)
		w.ask(t, http.MethodGet, w.feed(), "")
		want := begun
		if after == time.Hour {
			want = begun.Add(time.Hour)
		}
		if got := seen(); !got.Equal(want) {
			t.Errorf("after %s: %s, want %s", after, got, want)
		}
	}
}

// sent are the ids that an address names.
func sent(all []meetings.Own) map[id.Meeting]bool {
	ids := map[id.Meeting]bool{}
	for _, o := range all {
		ids[o.ID] = true
	}
	return ids
}

func TestAPersonsMeetingsAreThoseTheyWereToldOf(t *testing.T) {
	t.Parallel()
	w := setup(t)
	own := func(a auth.Actor) map[id.Meeting]bool {
		t.Helper()
		all, err := w.House.Meetings.Own(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		return sent(all)
	}
	at := w.clock.AddDate(0, 0, 3)
	lone, err := w.House.Meetings.Create(t.Context(), w.Secretary, w.Team.ID, "", meetings.Move{Starts: at, Ends: at.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if own(w.Clinician)[lone.ID] {
		t.Error("a draft that nobody was told of is shown")
	}
	if _, err := w.House.Meetings.Open(t.Context(), w.Secretary, lone.ID, lone.Version); err != nil {
		t.Fatal(err)
	}
	if !own(w.Clinician)[lone.ID] {
		t.Error("an open meeting is not shown")
	}
	admin := w.Stranger
	admin.Admin = true
	if got := own(admin); len(got) != 0 {
		t.Errorf("an administrator of no team sees %d meetings", len(got))
	}
	if got := own(w.Clinician); len(got) == 0 {
		t.Error("a member sees none")
	}
	*w.clock = w.clock.AddDate(2, 0, 0)
	if got := own(w.Clinician); len(got) != 0 {
		t.Errorf("two years later: %d", len(got))
	}
}
