package dav_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/meetings"
)

const (
	etags = `<propfind xmlns="DAV:"><prop><getetag/><resourcetype/></prop></propfind>`
	query = `<C:calendar-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><getetag/><C:calendar-data/></prop>` +
		`<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="%NAME%">%RANGE%</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`
)

func asking(component, timeRange string) string {
	return strings.NewReplacer("%NAME%", component, "%RANGE%", timeRange).Replace(query)
}

// written are requests that would change something, each with a body that some
// parser has choked on.
var written = []struct{ method, body string }{
	{"PUT", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nATTENDEE;CN=x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"},
	{"PUT", "BEGIN:VCALENDAR\r\nATTENDEE;CN=\"a\"b:\r\n"},
	{"PUT", strings.Repeat("BEGIN:A\r\n", 1<<20)},
	{"DELETE", ""},
	{"POST", "x"},
	{"PATCH", "x"},
	{"MKCOL", "<"},
	{"MKCALENDAR", "<x"},
	{"PROPPATCH", "<x>"},
	{"COPY", ""},
	{"MOVE", ""},
	{"LOCK", ""},
	{"UNLOCK", ""},
	{"ACL", ""},
}

func TestPoint18NothingIsWritten(t *testing.T) {
	t.Parallel()
	w := setup(t)
	m := w.open(t, 1)[0]
	file := w.home() + "meetings/" + string(m.ID) + ".ics"
	before := w.dav(t, http.MethodGet, file, "")
	if before.Code != http.StatusOK {
		t.Fatalf("%d", before.Code)
	}
	for _, path := range []string{"/dav/", w.home(), w.home() + "meetings/", file, w.home() + "meetings/new.ics"} {
		for _, req := range written {
			res := w.dav(t, req.method, path, req.body, "Destination", "/dav/x", "If-None-Match", "*")
			if res.Code != http.StatusForbidden || !strings.Contains(res.Body.String(), `<error xmlns="DAV:"><need-privileges/></error>`) {
				t.Errorf("%s %s: %d %q", req.method, path, res.Code, res.Body)
			}
			if allow := res.Header().Get("Allow"); allow != "OPTIONS, GET, HEAD, PROPFIND, REPORT" {
				t.Errorf("%s: Allow: %s", req.method, allow)
			}
		}
	}
	if res := w.dav(t, http.MethodOptions, file, ""); res.Code != http.StatusOK || !strings.Contains(res.Header().Get("DAV"), "calendar-access") ||
		strings.Contains(res.Header().Get("Allow"), "PUT") {
		t.Errorf("OPTIONS: %d %v", res.Code, res.Header())
	}
	after := w.dav(t, http.MethodGet, file, "")
	if after.Body.String() != before.Body.String() {
		t.Error("something was written")
	}
}

func TestPoint18TheRightToWriteIsNotAdvertised(t *testing.T) {
	t.Parallel()
	w := setup(t)
	const ask = `<propfind xmlns="DAV:"><prop><current-user-privilege-set/><displayname/></prop></propfind>`
	res := w.dav(t, "PROPFIND", w.home(), ask, "Depth", "1")
	text := res.Body.String()
	if res.Code != http.StatusMultiStatus || strings.Count(text, `<read xmlns="DAV:">`) != 2 || strings.Contains(text, "<write") {
		t.Errorf("%d\n%s", res.Code, text)
	}
	for _, name := range []string{"Réunions", "Mes actions"} {
		if !strings.Contains(text, name) {
			t.Errorf("no calendar %q", name)
		}
	}
	if !strings.HasPrefix(res.Header().Get("Content-Type"), "application/xml") {
		t.Errorf("Content-Type %s", res.Header().Get("Content-Type"))
	}
}

func TestAProgramFindsTheCalendars(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if res := w.ask(t, "PROPFIND", "/.well-known/caldav", etags); res.Code != http.StatusMovedPermanently || res.Header().Get("Location") != "/dav/" {
		t.Errorf("%d %s", res.Code, res.Header().Get("Location"))
	}
	const who = `<propfind xmlns="DAV:"><prop><current-user-principal/></prop></propfind>`
	principal := "/dav/" + string(w.Clinician.Professional) + "/"
	if res := w.dav(t, "PROPFIND", "/dav", who, "Depth", "0"); !strings.Contains(res.Body.String(), ">"+principal+"<") {
		// the engine leads /dav to /dav/, as a browser or a program follows
		if res.Code != http.StatusTemporaryRedirect {
			t.Errorf("no principal: %d %s", res.Code, res.Body)
		}
	}
	if res := w.dav(t, "PROPFIND", "/dav/", who, "Depth", "0"); !strings.Contains(res.Body.String(), ">"+principal+"<") {
		t.Errorf("no principal: %s", res.Body)
	}
	const home = `<propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><C:calendar-home-set/></prop></propfind>`
	if res := w.dav(t, "PROPFIND", principal, home, "Depth", "0"); !strings.Contains(res.Body.String(), ">"+w.home()+"<") {
		t.Errorf("no home: %s", res.Body)
	}
}

func TestOtherPlacesAreNotThere(t *testing.T) {
	t.Parallel()
	w := setup(t)
	other := "/dav/" + string(w.Chair.Professional) + "/"
	for _, path := range []string{
		other, other + "calendars/", other + "calendars/meetings/", "/dav/x", w.home() + "other/", w.home() + "meetings/a/b.ics",
		w.home() + "../../" + string(w.Chair.Professional) + "/calendars/meetings/", "/dav/%2e%2e/" + string(w.Chair.Professional) + "/",
	} {
		if res := w.dav(t, "PROPFIND", path, etags, "Depth", "1"); res.Code != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, res.Code, res.Body)
		}
	}
	if res := w.dav(t, http.MethodGet, w.home()+"meetings/nothing.ics", ""); res.Code != http.StatusNotFound {
		t.Errorf("an unknown meeting: %d", res.Code)
	}
	if res := w.dav(t, http.MethodGet, w.home()+"meetings/", ""); res.Code != http.StatusMethodNotAllowed {
		t.Errorf("a collection: %d", res.Code)
	}
	for _, a := range []struct{ user, secret string }{{"solene@valbrume.example", w.secret}, {login, "x"}, {login, ""}, {"", w.secret}} {
		req := httptest.NewRequest("PROPFIND", "/", nil)
		req.SetBasicAuth(a.user, a.secret)
		if res := w.ask(t, "PROPFIND", "/dav/", etags, "Authorization", req.Header.Get("Authorization")); res.Code != http.StatusUnauthorized {
			t.Errorf("%q: %d", a.user, res.Code)
		}
	}
}

func TestMeetingsAreQueriedByTime(t *testing.T) {
	t.Parallel()
	w := setup(t)
	own, err := w.House.Meetings.Own(t.Context(), w.Clinician)
	if err != nil {
		t.Fatal(err)
	}
	first := own[0]
	span := func(m meetings.Own) string {
		return `<C:time-range start="` + m.Starts.Add(-time.Hour).Format("20060102T150405Z") + `" end="` + m.Ends.Add(time.Hour).Format("20060102T150405Z") + `"/>`
	}
	all := w.dav(t, "REPORT", w.home()+"meetings/", asking("VEVENT", ""), "Depth", "1")
	if got := strings.Count(all.Body.String(), "BEGIN:VEVENT"); all.Code != http.StatusMultiStatus || got != len(own) {
		t.Errorf("%d, %d events of %d", all.Code, got, len(own))
	}
	one := w.dav(t, "REPORT", w.home()+"meetings/", asking("VEVENT", span(first)), "Depth", "1").Body.String()
	if strings.Count(one, "BEGIN:VEVENT") != 1 || !strings.Contains(one, string(first.ID)) || strings.Contains(one, "METHOD") {
		t.Errorf("one: %s", one)
	}
	href := w.home() + "meetings/" + string(first.ID) + ".ics"
	many := `<C:calendar-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><getetag/><C:calendar-data/></prop><href>` +
		href + `</href><href>` + w.home() + `meetings/x.ics</href><href>/etc/passwd</href></C:calendar-multiget>`
	got := w.dav(t, "REPORT", w.home()+"meetings/", many).Body.String()
	if strings.Count(got, "BEGIN:VEVENT") != 1 || strings.Count(got, "<status>HTTP/1.1 404 Not Found<") != 2 {
		t.Errorf("multiget: %s", got)
	}
	tag := w.dav(t, http.MethodGet, href, "").Header().Get("ETag")
	if res := w.dav(t, http.MethodGet, href, "", "If-None-Match", tag); res.Code != http.StatusNotModified || !strings.Contains(got, strings.Trim(tag, `"`)) {
		t.Errorf("ETag %s: %d", tag, res.Code)
	}
}

func TestTasksSayNothingOfPatients(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.act(t)
	for _, timeRange := range []string{"", `<C:time-range start="20261101T000000Z" end="20261231T000000Z"/>`} {
		text := w.dav(t, "REPORT", w.home()+"tasks/", asking("VTODO", timeRange), "Depth", "1").Body.String()
		for _, want := range []string{"BEGIN:VTODO", "DUE;VALUE=DATE:20261203", "STATUS:NEEDS-ACTION", "SUMMARY:Action à mener – Gériatrie", "URL:https://rcp.example/"} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in %s", want, text)
			}
		}
		for _, never := range []string{"Aubriot", "AUBRIOT", "Lucienne", "fille", "p1@", "1934"} {
			if strings.Contains(text, never) {
				t.Errorf("tells %q", never)
			}
		}
	}
	if text := w.dav(t, "REPORT", w.home()+"meetings/", asking("VTODO", "")).Body.String(); strings.Contains(text, "VTODO") {
		t.Error("tasks among the meetings")
	}
}

// TestHostileRequestsAreBounded: what is large, deep, repeated or no XML.
func TestHostileRequestsAreBounded(t *testing.T) {
	t.Parallel()
	w := setup(t)
	const entity = `<!DOCTYPE x [<!ENTITY a "` + "aaaaaaaaaa" + `"><!ENTITY b "&a;&a;&a;">]><propfind xmlns="DAV:"><prop><b>&b;</b></prop></propfind>`
	props := func(n int, name string) string {
		return `<propfind xmlns="DAV:"><prop>` + strings.Repeat("<"+name+"/>", n) + `</prop></propfind>`
	}
	for name, tt := range map[string]struct {
		method, body, depth string
		code                int
	}{
		"too long":        {"PROPFIND", strings.Repeat(" ", 1<<20+1), "0", 413},
		"deep":            {"PROPFIND", strings.Repeat("<a>", 300_000), "0", 400},
		"deep and closed": {"REPORT", strings.Repeat("<a>", 5000) + strings.Repeat("</a>", 5000), "0", 400},
		"entities":        {"PROPFIND", entity, "0", 400},
		"an unknown one":  {"PROPFIND", `<propfind xmlns="DAV:"><prop>&boom;</prop></propfind>`, "0", 400},
		"many properties": {"PROPFIND", props(1000, "x"), "1", 400},
		"repeated":        {"PROPFIND", props(10, "getetag"), "1", 400},
		"infinity":        {"PROPFIND", etags, "infinity", 403},
		"no depth":        {"PROPFIND", etags, "", 403},
		"odd depth":       {"PROPFIND", etags, "7", 400},
		"no XML":          {"PROPFIND", "BEGIN:VCALENDAR", "0", 400},
		"cut":             {"PROPFIND", etags[:40], "0", 400},
		"other charset":   {"PROPFIND", `<?xml version="1.0" encoding="utf-7"?>` + etags, "0", 400},
		"nothing":         {"PROPFIND", "", "1", 207},
		"empty report":    {"REPORT", "", "1", 400},
		"sync":            {"REPORT", `<sync-collection xmlns="DAV:"><sync-token/></sync-collection>`, "1", 403},
		"free-busy":       {"REPORT", `<free-busy-query xmlns="urn:ietf:params:xml:ns:caldav"/>`, "1", 403},
		"no filter":       {"REPORT", `<calendar-query xmlns="urn:ietf:params:xml:ns:caldav"/>`, "1", 207},
		"a bad time":      {"REPORT", asking("VEVENT", `<C:time-range start="x"/>`), "1", 400},
		"an odd time":     {"REPORT", asking("VTIMEZONE", `<C:time-range start="20260101T000000Z"/>`), "1", 207},
		"multiget of all": {"REPORT", `<C:calendar-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop/>` + strings.Repeat("<href>/</href>", 5000) + `</C:calendar-multiget>`, "", 400},
	} {
		for _, path := range []string{"/dav/", w.home(), w.home() + "meetings/"} {
			res := w.dav(t, tt.method, path, tt.body, "Depth", tt.depth)
			if tt.method == "REPORT" && path != w.home()+"meetings/" {
				if res.Code < 207 || res.Code >= 500 {
					t.Errorf("%s at %s: %d", name, path, res.Code)
				}
			} else if res.Code != tt.code {
				t.Errorf("%s at %s: %d, want %d\n%.300s", name, path, res.Code, tt.code, res.Body)
			}
		}
	}
}
