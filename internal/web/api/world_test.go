package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/demo/content"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/internal/web/api"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify"
)

// sunday is when the world begins: the evening before a week of meetings.
var sunday = time.Date(2026, time.November, 22, 18, 0, 0, 0, time.UTC)

const password = "correct cheval pile agrafe"

// world is a real RCP without its pages: a team with its people, another team
// with an outsider, six patients and the meetings of some weeks.
type world struct {
	t       *testing.T
	engine  *gin.Engine
	shift   atomic.Int64 // of the clock, in nanoseconds
	system  auth.Actor
	team    meetings.Team
	tokens  map[string]string // secretary, chair, clinician, admin, outsider
	people  map[string]id.Professional
	service *meetings.Service
	bundles [][]byte // of patients not imported yet
}

func (w *world) now() time.Time { return sunday.Add(time.Duration(w.shift.Load())) }

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, tokens: map[string]string{}, people: map[string]id.Professional{}}
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "rcp.db"), w.now)
	w.must(err)
	t.Cleanup(func() { _ = s.Close() })
	org := auth.Org{ID: id.New[id.Org](), FINESS: "990000001", Name: "Pôle de soins de Valbrume", Created: sunday}
	w.must(s.CreateOrg(t.Context(), org))
	w.system = auth.System(org.ID, "test")
	users, err := auth.NewService(s, w.now)
	w.must(err)
	patients := careplan.NewService(s, w.now)
	w.service = meetings.NewService(s, w.now)
	w.fill(users, patients)
	gin.SetMode(gin.ReleaseMode)
	w.engine = gin.New()
	api.New(api.Config{
		Auth: users, Patients: patients, Meetings: w.service, Agenda: agenda.NewService(s, patients, w.now),
		Minutes: newMinutes(t, s, patients, w.now), Outbox: notify.NewService(s, w.service, w.now),
		Audit: auth.NewLog(s, patients.May, w.now), Version: "test", Now: w.now,
	}).Mount(w.engine)
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// fill makes the people, the teams, the meetings and six of eight patients.
func (w *world) fill(users *auth.Service, patients *careplan.Service) {
	ctx := w.t.Context()
	kinds := map[string]string{"secretary": "secretaire", "chair": "medecin", "clinician": "infirmier", "admin": "autre", "outsider": "secretaire"}
	for _, who := range slices.Sorted(maps.Keys(kinds)) {
		p, err := w.service.SaveProfessional(ctx, w.system, auth.Professional{
			Family: who, Given: "Camille", Profession: kinds[who], Email: who + "@valbrume.example",
		})
		w.must(err)
		w.people[who] = p.ID
		if who == "chair" {
			w.must(users.CreateAccount(ctx, w.system, p.ID, p.Email, password, false))
		} else {
			w.must(users.CreateAccount(ctx, w.system, p.ID, p.Email, "un mot de passe de "+who, who == "admin"))
		}
		w.tokens[who], err = users.NewToken(ctx, w.system, p.ID, "test")
		w.must(err)
	}
	w.team = w.saveTeam(ctx, "Gériatrie", map[string]auth.Role{"secretary": auth.Secretary, "chair": auth.Chair, "clinician": auth.Clinician})
	w.saveTeam(ctx, "Pédiatrie", map[string]auth.Role{"outsider": auth.Secretary})
	_, err := w.service.MakeAhead(ctx, w.system, "", date.Of(sunday).AddDays(30))
	w.must(err)
	w.plans(ctx, patients)
}

func (w *world) saveTeam(ctx context.Context, name string, roles map[string]auth.Role) meetings.Team {
	t := meetings.Team{
		Name: name, Kind: meetings.Synthese, Zone: "Europe/Paris", HolidayZone: "metropole", CaseMinutes: 10, ReviewInterval: 90,
		CutoffHours: 24, OrganizerAddress: "reunions@valbrume.example", Quorum: meetings.QuorumRule{MinProfessions: 1},
	}
	for _, who := range slices.Sorted(maps.Keys(roles)) {
		t.Members = append(t.Members, meetings.Member{Professional: auth.Professional{ID: w.people[who]}, Role: roles[who], Required: true})
	}
	t, err := w.service.SaveTeam(ctx, w.system, t)
	w.must(err)
	_, err = w.service.SaveSeries(ctx, w.system, "", 0, meetings.SeriesEdit{
		Team: t.ID, Rule: meetings.Every(1, time.Tuesday), Start: "14:30", Duration: time.Hour, Anyway: true, From: date.Of(sunday), Room: "Salle A",
	})
	w.must(err)
	return t
}

func (w *world) plans(ctx context.Context, patients *careplan.Service) {
	c, err := content.Load()
	w.must(err)
	all, err := content.Bundles(c, sunday)
	w.must(err)
	keys := slices.Sorted(maps.Keys(all))
	for i, key := range keys[:8] {
		if i >= 6 {
			w.bundles = append(w.bundles, all[key])
			continue
		}
		_, err = patients.Import(ctx, w.system, careplan.Target{Org: w.system.Org, Team: w.team.ID}, w.read(all[key]))
		w.must(err)
	}
}

// meeting is the team's first meeting to come.
func (w *world) meeting() meetings.Meeting {
	w.t.Helper()
	all, _, err := w.service.List(w.t.Context(), w.system, meetings.Filter{Teams: []id.Team{w.team.ID}, Limit: 10})
	w.must(err)
	if len(all) < 4 {
		w.t.Fatalf("%d meetings", len(all))
	}
	return all[0]
}

// answer is what came back.
type answer struct {
	*httptest.ResponseRecorder
	t *testing.T
}

// call sends a request as somebody; body is JSON text, bytes, or nil.
func (w *world) call(who, method, path string, body any, headers ...string) answer {
	w.t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case string:
		r = strings.NewReader(b)
	case []byte:
		r = bytes.NewReader(b)
	}
	req := httptest.NewRequestWithContext(w.t.Context(), method, api.Prefix+path, r)
	if r != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if who != "" {
		req.Header.Set("Authorization", "Bearer "+w.tokens[who])
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.engine.ServeHTTP(rec, req)
	return answer{rec, w.t}
}

// object is JSON that came back.
type object = map[string]any

// want fails unless the status is the one given, and returns the body.
func (a answer) want(status int) object {
	a.t.Helper()
	if a.Code != status {
		a.t.Fatalf("status %d, want %d: %s", a.Code, status, a.Body)
	}
	var out object
	if err := json.Unmarshal(a.Body.Bytes(), &out); err != nil {
		a.t.Fatalf("no JSON object: %v", err)
	}
	return out
}

// problem fails unless the answer is a problem document of the status.
func (a answer) problem(status int) object {
	a.t.Helper()
	out := a.want(status)
	if ct := a.Header().Get("Content-Type"); ct != "application/problem+json" {
		a.t.Errorf("Content-Type %q", ct)
	}
	if out["status"] != float64(status) || out["title"] == "" || out["detail"] == "" || out["type"] != "about:blank" {
		a.t.Errorf("not a problem document: %v", out)
	}
	return out
}

func list(t *testing.T, o object, name string) []object {
	t.Helper()
	raw, ok := o[name].([]any)
	if !ok {
		t.Fatalf("%s is no list: %v", name, o[name])
	}
	out := make([]object, len(raw))
	for i, v := range raw {
		out[i], _ = v.(object)
	}
	return out
}

func text(o object, name string) string { return fmt.Sprint(o[name]) }

// route is one operation of the description.
type route struct{ method, path string }

// described reads every operation of the description.
func (w *world) described() map[route]object {
	w.t.Helper()
	doc := w.call("", http.MethodGet, "/openapi.json", nil).want(http.StatusOK)
	out := map[route]object{}
	for path, item := range doc["paths"].(object) {
		for method, op := range item.(object) {
			out[route{strings.ToUpper(method), path}] = op.(object)
		}
	}
	return out
}
