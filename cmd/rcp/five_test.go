package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/config"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/demo"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/internal/testenv"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// TestFiveBrowsersStayInStep plays a meeting of twenty patients on two replicas
// behind a proxy, with PostgreSQL and Redis. Four people write, one screen is
// the projector's. A replica is killed, then Redis, then one browser's network,
// each while everybody is typing: nothing typed is lost, field by field.
func TestFiveBrowsersStayInStep(t *testing.T) {
	t.Parallel()
	h := startFive(t)
	first := h.cases[0]
	h.each(func(i int, b *tab) { b.open("/meetings/" + h.meeting + "/room") })
	h.beam.open("/meetings/" + h.meeting + "/projector")

	t.Run("all stay in step", func(t *testing.T) {
		h.allType("Un.")
		h.agree(first)
	})
	t.Run("a replica is killed", func(t *testing.T) {
		h.allType(" Deux")
		h.kill()
		h.allType(", puis trois.")
		h.agree(first)
	})
	t.Run("Redis is killed", func(t *testing.T) {
		h.allType(" Quatre")
		h.killRedis()
		h.allType(", puis cinq.")
		h.agree(first)
	})
	t.Run("one browser loses its network", func(t *testing.T) {
		cut := h.tabs[0]
		cut.types(h.fields[0], " Six")
		h.said[0] += " Six"
		offline(cut, true)
		h.allType(", puis sept.")
		cut.types(`[name="a.0.title"]`, "Appeler la fille")
		cut.types(`[name="a.0.owner"]`, "Une voisine")
		look[any](cut, `document.querySelector('.newobj').open = true`)
		cut.types(`.newobj [data-field$="/title"]`, "Marcher jusqu’au jardin")
		cut.types(`.newobj [data-field$="/expected"]`, "Seule")
		cut.until("it says so", `!document.querySelector('[data-live] > .notice').hidden`)
		offline(cut, false)
		h.agree(first)
		h.each(func(_ int, b *tab) {
			b.until("the action", `[...document.querySelectorAll('#actions input')].filter(f => f.value === 'Appeler la fille').length === 1`)
			b.until("the objective", `[...document.querySelectorAll('.newobj input')].filter(f => f.value === 'Marcher jusqu’au jardin').length === 1`)
		})
		d := h.stored(first)
		if len(d.Actions) != 1 || d.Actions[0].Title != "Appeler la fille" || d.Actions[0].OwnerName != "Une voisine" {
			t.Errorf("actions: %+v", d.Actions)
		}
		made := d.Objectives[len(d.Objectives)-1]
		if made.Verdict != minutes.VerdictNew || made.Title != "Marcher jusqu’au jardin" || made.Expected != "Seule" {
			t.Errorf("the new objective: %+v", made)
		}
	})
	t.Run("the next patient", func(t *testing.T) {
		h.each(func(_ int, b *tab) { look[any](b, `document.activeElement.blur()`) })
		name := h.tabs[0].text(".casehead h1")
		h.tabs[0].press(".casehead .primary")
		for _, b := range append(h.tabs[1:], h.beam) {
			b.until("all follow", `document.querySelector('h1') && !document.querySelector('h1').textContent.includes(`+quote(name)+`)`)
		}
	})
	for _, b := range h.tabs {
		if look[bool](b, `Object.keys(sessionStorage).some(k => k.startsWith('rcp:'))`) {
			t.Error("something still waits to leave")
		}
	}
}

// five is the meeting and who sits in front of it.
type five struct {
	t         *testing.T
	store     *store.Store
	org       id.Org
	meeting   string
	cases     []id.Case
	tabs      []*tab // those who write
	beam      *tab
	fields    []string // the field of each, as a selector
	said      []string // what each typed in it so far
	kill      func()   // the replica that most are connected to
	killRedis func()
}

func startFive(t *testing.T) *five {
	t.Helper()
	dsn := testenv.Postgres(t)
	redis, killRedis := testenv.Redis(t)
	settings := map[string]string{
		"RCP_DATABASE": dsn, "RCP_ARCHIVE": t.TempDir(), "RCP_MAIL_OUT": "maildir:" + t.TempDir(), "RCP_MAIL_FROM": "rcp@clinique.example",
		"RCP_REDIS": "redis://" + redis,
	}
	h := &five{t: t, killRedis: killRedis, fields: []string{"#decision", "#options", "#wishes", "#words"}, said: make([]string, 4)}
	made := h.fill(dsn, settings["RCP_ARCHIVE"])
	a, kill := spawn(t, settings)
	b, _ := spawn(t, settings)
	h.kill = kill
	r := &running{t: t, logs: &lockedBuffer{}}
	r.URL, r.Accounts = "http://"+failover(t, a, b), made.Accounts
	chair := r.account("chair", "")
	secretary := r.account("secretary", chair.Team)
	browser := testenv.Browser(t, 6*time.Minute)
	for _, who := range []demo.Account{chair, secretary, chair, secretary} {
		h.tabs = append(h.tabs, r.signIn(browser, t, who))
	}
	h.beam = r.signIn(browser, t, secretary)
	return h
}

// fill makes the demo's week, and of the chair's next meeting one of twenty
// patients that has begun.
func (h *five) fill(dsn, folder string) demo.Result {
	t := h.t
	t.Helper()
	e := &env{Config: config.Config{Database: dsn, Archive: folder}, ctx: t.Context(), now: time.Now, log: slog.New(slog.DiscardHandler)}
	clock := &demo.Clock{}
	v, err := newServices(t.Context(), e, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.store.Close() })
	h.store = v.store
	made, err := fill(t.Context(), v, clock)
	if err != nil {
		t.Fatal(err)
	}
	r := &running{t: t}
	r.Accounts = made.Accounts
	secretary := r.account("secretary", r.account("chair", "").Team)
	_, who, err := v.auth.SignIn(t.Context(), secretary.Email, demo.Password, "test")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range made.Coming {
		if m.TeamName == secretary.Team {
			h.twenty(v, who, m)
		}
	}
	return made
}

func (h *five) twenty(v *services, who auth.Actor, m meetings.Meeting) {
	t, ctx := h.t, h.t.Context()
	t.Helper()
	h.meeting, h.org = string(m.ID), who.Org
	var batch careplan.Batch
	for i := range 20 {
		key := careplan.Key{System: "urn:test:patient", Value: fmt.Sprint(i)}
		batch.Patients = append(batch.Patients, careplan.SourcePatient{Keys: []careplan.Key{key}, Patient: careplan.Patient{
			IPP: fmt.Sprintf("V%02d", i), BirthFamily: fmt.Sprintf("Vingtième%c", 'a'+i), BirthGiven: "Odette", Sex: careplan.Female,
			BirthDate: date.New(1940, 1, 2+i), Identity: careplan.Provisional, Sharing: careplan.SharingAgreed, Informed: true, Language: "fr",
		}})
		batch.Plans = append(batch.Plans, careplan.SourcePlan{Key: careplan.Key{System: "urn:test:plan", Value: fmt.Sprint(i)}, Patient: key, Plan: careplan.Plan{
			Title: "Rester chez soi", Status: careplan.PlanActive, Start: date.New(2026, 1, 5),
		}})
	}
	if report, err := v.patients.Import(ctx, who, careplan.Target{Org: who.Org, Team: m.Team}, batch); err != nil || len(report.Lines) > 0 {
		t.Fatalf("import: %+v, %v", report.Lines, err)
	}
	found, _, err := v.patients.Search(ctx, who, "Vingtième", m.Team, "", 50)
	if err != nil || len(found) != 20 {
		t.Fatalf("%d patients, %v", len(found), err)
	}
	list, err := v.agenda.Get(ctx, who, m.ID)
	for i := 0; err == nil && len(list.Items) < 20; i++ {
		list, err = v.agenda.Add(ctx, who, m.ID, found[i].Patient.ID, "", 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range list.Items {
		h.cases = append(h.cases, l.ID)
	}
	full, err := v.meetings.Get(ctx, who, m.ID)
	if err == nil {
		full.Meeting, err = v.meetings.Close(ctx, who, m.ID, full.Meeting.Version)
	}
	if err == nil {
		_, err = v.meetings.Start(ctx, who, m.ID, full.Meeting.Version)
	}
	if err == nil {
		_, err = v.agenda.Begin(ctx, who, h.cases[0])
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (h *five) each(f func(i int, b *tab)) {
	for i, b := range h.tabs {
		f(i, b)
	}
}

// allType has everybody type a text in their own field.
func (h *five) allType(text string) {
	h.t.Helper()
	h.each(func(i int, b *tab) {
		b.types(h.fields[i], text)
		h.said[i] += text
	})
}

// agree waits until every screen and the database hold what everybody typed.
func (h *five) agree(c id.Case) {
	h.t.Helper()
	for i, field := range h.fields {
		for n, b := range h.tabs {
			b.until(fmt.Sprintf("browser %d, %s", n, field), valueIs(field, h.said[i]))
		}
	}
	h.beam.until("the projector", `document.querySelector('#contenu').textContent.includes(`+quote(h.said[0])+`)`)
	d := h.stored(c)
	for i, got := range []string{d.Summary, d.Options, d.Wishes, d.Words} {
		if got != h.said[i] {
			h.t.Errorf("%s is %q, typed %q", h.fields[i], got, h.said[i])
		}
	}
}

func (h *five) stored(c id.Case) minutes.Decision {
	h.t.Helper()
	all, err := h.store.Decisions(h.t.Context(), h.org, id.Meeting(h.meeting))
	if err != nil {
		h.t.Fatal(err)
	}
	for _, d := range all {
		if d.Case == c {
			return d
		}
	}
	h.t.Fatalf("nothing is stored of %s", c)
	return minutes.Decision{}
}

// offline cuts a tab's network, or gives it back.
func offline(b *tab, cut bool) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{
		Offline: cut, DownloadThroughput: -1, UploadThroughput: -1,
	})
	b.must(err, "network state")
	_, err = chromedp.Call(b.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: cut, DownloadThroughput: -1, UploadThroughput: -1}},
	})
	b.must(err, "network")
}

// spawn runs `rcp serve` as a process of its own, which kill ends as a failing
// machine would.
func spawn(t *testing.T, settings map[string]string) (address string, kill func()) {
	t.Helper()
	address = freeAddress(t)
	cmd := exec.Command("rcp", "serve") // testscript.Main put this program there
	cmd.Env = append(os.Environ(), "RCP_LISTEN="+address)
	for name, value := range settings {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	logs := &lockedBuffer{}
	cmd.Stdout, cmd.Stderr = io.Discard, logs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	t.Cleanup(func() {
		kill()
		for line := range strings.Lines(logs.String()) {
			if strings.Contains(line, `"level":"ERROR"`) {
				t.Errorf("logged: %s", line)
			}
		}
	})
	(&running{t: t, logs: logs}).waitReady("http://" + address)
	return address, kill
}

// failover passes each connection to the next server that answers, as a load
// balancer does, and returns its own address.
func failover(t *testing.T, servers ...string) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for n := 0; ; n++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go pass(t.Context(), conn, servers, n)
		}
	}()
	return listener.Addr().String()
}

func pass(ctx context.Context, conn net.Conn, servers []string, n int) {
	defer conn.Close()
	for i := range servers {
		to, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", servers[(n+i)%len(servers)])
		if err != nil {
			continue
		}
		defer to.Close()
		go func() { _, _ = io.Copy(to, conn); _ = to.Close() }()
		_, _ = io.Copy(conn, to)
		return
	}
}
