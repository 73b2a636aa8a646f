package api_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/careplan/fhir"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/web/api"
)

// read makes a batch of a bundle.
func (w *world) read(raw []byte) careplan.Batch {
	w.t.Helper()
	b, err := fhir.Read(bytes.NewReader(raw), "test", fhir.Limits{})
	w.must(err)
	return b
}

type panicking struct{ api.Auth }

func (panicking) Bearer(context.Context, string, string) (auth.Actor, error) { panic("boom") }

func broken(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, engine: gin.New()}
	api.New(api.Config{Auth: panicking{}, Now: w.now, Meetings: w.service}).Mount(w.engine)
	return w
}

func TestListsComeInPages(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, path := range []string{"/meetings?limit=2", "/patients?limit=2", "/audit?limit=5"} {
		seen := map[string]bool{}
		cursor, pages := "", 0
		for {
			out := w.call("admin", http.MethodGet, path+"&cursor="+url.QueryEscape(cursor), nil).want(http.StatusOK)
			if strings.HasPrefix(path, "/patients") {
				out = w.call("chair", http.MethodGet, path+"&cursor="+url.QueryEscape(cursor), nil).want(http.StatusOK)
			}
			for _, item := range list(t, out, "items") {
				if seen[text(item, "id")] {
					t.Errorf("%s gives %v twice", path, item["id"])
				}
				seen[text(item, "id")] = true
			}
			pages++
			if cursor = text(out, "next"); cursor == "" {
				break
			}
			if pages > 100 {
				t.Fatalf("%s never ends", path)
			}
		}
		if pages < 2 || len(seen) < 3 {
			t.Errorf("%s: %d pages, %d items", path, pages, len(seen))
		}
	}
}

func TestMeetingsAreNarrowed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	count := func(query string) int {
		return len(list(t, w.call("chair", http.MethodGet, "/meetings?"+query, nil).want(http.StatusOK), "items"))
	}
	all := count("limit=200")
	for query, want := range map[string]int{
		"from=2026-11-24&to=2026-11-24":                                        1, // a day is whole
		"from=2026-11-24T13:30:00Z&to=2026-11-24T13:30:00Z":                    0, // an upper instant is out
		"from=2026-11-25&to=2026-12-01":                                        1,
		"status=draft,open&limit=200":                                          all,
		"status=signed":                                                        0,
		"limit=200&team=" + string(w.team.ID):                                  all,
		"from=2026-11-24&to=2026-11-24&status=draft&team=" + string(w.team.ID): 1,
	} {
		if got := count(query); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
}

func TestImportReadsGzipAndChangesNothingTwice(t *testing.T) {
	t.Parallel()
	w := setup(t)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, err := z.Write(w.bundles[0])
	w.must(err)
	w.must(z.Close())
	path := "/import/fhir?team=" + string(w.team.ID)
	for _, test := range []struct {
		body   []byte
		media  string
		result string
	}{{zipped.Bytes(), "application/gzip", "created"}, {w.bundles[0], "application/fhir+json", "unchanged"}} {
		out := w.call("secretary", http.MethodPost, path, test.body, "Content-Type", test.media).want(http.StatusOK)
		patients, _ := out["counts"].(object)["patient"].(object)
		if len(patients) != 1 || patients[test.result] != 1.0 {
			t.Errorf("%s: %v", test.media, out["counts"])
		}
	}
	large := bytes.Repeat([]byte(" "), 64<<20+2)
	w.call("secretary", http.MethodPost, path, large).problem(http.StatusRequestEntityTooLarge)
}

func TestVersionsGuardChanges(t *testing.T) {
	t.Parallel()
	w := setup(t)
	m := "/meetings/" + string(w.meeting().ID)
	w.call("secretary", http.MethodPost, m+"/open", `{"version":99}`).problem(http.StatusConflict)
	opened := w.call("secretary", http.MethodPost, m+"/open", nil).want(http.StatusOK)
	if opened["status"] != "open" || opened["version"] != 2.0 {
		t.Errorf("opened: %v", opened)
	}
	w.call("secretary", http.MethodPost, m+"/close", `{"version":2}`).want(http.StatusOK)
	w.call("secretary", http.MethodPost, m+"/end", nil).problem(http.StatusConflict)
	moved := w.call("secretary", http.MethodPost, m+"/move", bodies["POST /meetings/{id}/move"]).want(http.StatusOK)
	if moved["room"] != "Salle A" || moved["starts"] != "2026-12-02T13:30:00Z" || moved["sequence"] != 1.0 {
		t.Errorf("moved: %v", moved)
	}
	cancelled := w.call("secretary", http.MethodPost, m+"/cancel", `{"reason":"grève"}`).want(http.StatusOK)
	if cancelled["status"] != "cancelled" || cancelled["sequence"] != 2.0 {
		t.Errorf("cancelled: %v", cancelled)
	}
	ics := w.call("clinician", http.MethodGet, m+"/invite.ics", nil)
	if ics.Code != http.StatusOK || !strings.Contains(ics.Body.String(), "METHOD:CANCEL") {
		t.Errorf("invite of a cancelled meeting: %d %s", ics.Code, ics.Body)
	}
}

func TestAnInviteIsOnesOwn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	m := "/meetings/" + string(w.meeting().ID) + "/invite.ics"
	own := w.call("clinician", http.MethodGet, m, nil)
	if own.Code != http.StatusOK || own.Header().Get("Content-Type") != "text/calendar; charset=utf-8; method=REQUEST" ||
		!strings.Contains(own.Body.String(), "clinician@valbrume.example") {
		t.Errorf("own: %d %s", own.Code, own.Body)
	}
	other := m + "?attendee=" + string(w.people["chair"])
	w.call("clinician", http.MethodGet, other, nil).problem(http.StatusForbidden)
	if a := w.call("secretary", http.MethodGet, other, nil); a.Code != http.StatusOK {
		t.Errorf("the secretary: %d %s", a.Code, a.Body)
	}
	w.call("secretary", http.MethodGet, m+"?attendee="+string(w.people["outsider"]), nil).problem(http.StatusNotFound)
}

func TestTeamsAndSeriesAreMadeAndChanged(t *testing.T) {
	t.Parallel()
	w := setup(t)
	team := w.call("admin", http.MethodPost, "/teams", `{"name":"Soins palliatifs","kind":"rcp","organizer_address":"r@valbrume.example",
		"members":[{"professional":"`+string(w.people["secretary"])+`","role":"secretary"}]}`).want(http.StatusCreated)
	w.call("secretary", http.MethodPost, "/teams", `{"name":"X","kind":"rcp","organizer_address":"r@valbrume.example"}`).problem(403)
	changed := w.call("secretary", http.MethodPost, "/teams",
		`{"id":"`+text(team, "id")+`","name":"Soins de support","kind":"rcp","organizer_address":"r@valbrume.example"}`).want(http.StatusOK)
	if changed["name"] != "Soins de support" || len(list(t, changed, "members")) != 1 || changed["version"] != 2.0 {
		t.Errorf("changed: %v", changed)
	}
	made := w.call("secretary", http.MethodPost, "/series", `{"team":"`+text(team, "id")+`","weekday":"thursday","start":"09:15",
		"minutes":90,"from":"2026-12-01"}`).want(http.StatusCreated)
	again := w.call("secretary", http.MethodPost, "/series", `{"id":"`+text(made, "id")+`","team":"`+text(team, "id")+`","weekday":"friday",
		"start":"09:15","minutes":90,"from":"2026-12-01","interval":2}`).want(http.StatusOK)
	if again["weekday"] != "friday" || again["interval"] != 2.0 {
		t.Errorf("again: %v", again)
	}
	monthly := w.call("secretary", http.MethodPost, "/series", `{"team":"`+text(team, "id")+`","freq":"monthly","weekdays":["tuesday"],"nth":-1,
		"start":"11:00","minutes":60,"from":"2026-12-01","count":6,"on_closed":"after"}`).want(http.StatusCreated)
	if monthly["freq"] != "monthly" || monthly["nth"] != -1.0 || monthly["count"] != 6.0 || monthly["on_closed"] != "after" {
		t.Errorf("monthly: %v", monthly)
	}
	both := w.call("secretary", http.MethodPost, "/series", `{"team":"`+text(team, "id")+`","weekdays":["monday","wednesday"],"start":"08:00",
		"minutes":30,"from":"2026-12-01"}`).want(http.StatusCreated)
	if len(both["weekdays"].([]any)) != 2 || both["on_closed"] != "skip" {
		t.Errorf("two days: %v", both)
	}
	w.call("secretary", http.MethodPost, "/series", `{"id":"`+text(both, "id")+`","team":"`+text(team, "id")+`","weekdays":["monday"],
		"start":"08:00","minutes":30,"from":"2026-12-01","stop":true}`).want(http.StatusOK)
	out := w.call("secretary", http.MethodPost, "/series", `{"team":"`+text(team, "id")+`","weekday":"friday",
		"start":"02:15","minutes":90,"from":"2026-12-01"}`).problem(http.StatusUnprocessableEntity)
	if !hasField(t, out, "start") {
		t.Errorf("02:15: %v", out)
	}
}

func TestARequestIsMadeAndListed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	found := list(t, w.call("chair", http.MethodGet, "/patients", nil).want(http.StatusOK), "items")
	body := `{"team":"` + string(w.team.ID) + `","patient":"` + text(found[0], "id") + `","question":"Quel retour à domicile ?","urgency":"soon"}`
	made := w.call("chair", http.MethodPost, "/requests", body).want(http.StatusCreated)
	for query, want := range map[string]int{"?status=waiting": 1, "?status=withdrawn,answered": 0} {
		all := list(t, w.call("secretary", http.MethodGet, "/requests"+query, nil).want(http.StatusOK), "items")
		if len(all) != want || want == 1 && all[0]["id"] != made["id"] {
			t.Errorf("%s: %v", query, all)
		}
	}
}
