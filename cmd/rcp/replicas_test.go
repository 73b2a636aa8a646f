package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/config"
	"github.com/rcp-care/rcp/internal/demo"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/internal/testenv"
)

// TestTwoReplicasAreOneService runs the program twice on one PostgreSQL, with a
// Redis that dies half way, and an SMTP server that counts.
func TestTwoReplicasAreOneService(t *testing.T) {
	t.Parallel()
	dsn, mails := testenv.Postgres(t), testenv.SMTP(t)
	redis, killRedis := testenv.Redis(t)
	settings := map[string]string{
		"RCP_DATABASE": dsn, "RCP_HOLD": "1s", "RCP_ARCHIVE": t.TempDir(), "RCP_MAIL_OUT": "smtp://" + mails.Addr + "?tls=none",
		"RCP_MAIL_FROM": "rcp@clinique.example", "RCP_REDIS": "redis://" + redis,
	}
	made := fillDatabase(t, settings)
	a, b := serveReplica(t, settings), serveReplica(t, settings)

	sent := allSent(t, dsn, 1)
	time.Sleep(time.Second) // a second copy would come now
	all := mails.Messages()
	if len(all) != sent {
		t.Errorf("%d mails for %d messages", len(all), sent)
	}
	seen := map[string]bool{}
	for _, m := range all {
		parsed, err := m.Parse()
		if err != nil {
			t.Fatal(err)
		}
		id := parsed.Header.Get("Message-ID")
		if seen[id] {
			t.Errorf("%s came twice", id)
		}
		seen[id] = true
	}

	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	person := &http.Client{Jar: jar, Timeout: 20 * time.Second}
	page(t, person, a+"/sign-in", url.Values{"email": {made.Accounts[0].Email}, "password": {demo.Password}})
	if got := page(t, person, b+"/", nil); !strings.Contains(got, made.Accounts[0].Name) {
		t.Error("a session of one replica is unknown to the other")
	}

	killRedis()
	cancelFirst(t, a, made.Accounts[0].Token)
	if after := allSent(t, dsn, sent+1); after != len(mails.Messages()) {
		t.Errorf("%d mails for %d messages, without Redis", len(mails.Messages()), after)
	}
}

// allSent waits until the outbox is empty and at least some left, and returns
// how many did.
func allSent(t *testing.T, dsn string, least int) int {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		counts, err := s.OutboxCounts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		events, err := s.UntreatedEvents(t.Context(), "", 1)
		if err != nil {
			t.Fatal(err)
		}
		if sent := counts["sent"]; sent >= least && counts["waiting"]+counts["sending"]+len(events) == 0 {
			return sent
		}
	}
	t.Fatal("the outbox does not empty")
	return 0
}

// fillDatabase makes the demo's week without sending anything.
func fillDatabase(t *testing.T, settings map[string]string) demo.Result {
	t.Helper()
	e := &env{
		Config: config.Config{
			Database: settings["RCP_DATABASE"], Archive: settings["RCP_ARCHIVE"],
			Papers: filepath.Join(filepath.Dir(settings["RCP_ARCHIVE"]), "papers"), // where the program looks by default
		},
		ctx: t.Context(), now: time.Now, log: slog.New(slog.DiscardHandler),
	}
	clock := &demo.Clock{}
	v, err := newServices(t.Context(), e, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer v.store.Close()
	made, err := fill(t.Context(), v, clock)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// serveReplica runs `rcp serve` until the test ends and returns its address.
func serveReplica(t *testing.T, settings map[string]string) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	listen, logs := freeAddress(t), &lockedBuffer{}
	getenv := func(name string) string {
		if name == "RCP_LISTEN" {
			return listen
		}
		return settings[name]
	}
	code := make(chan int, 1)
	go func() { code <- run(ctx, []string{"serve"}, getenv, strings.NewReader(""), io.Discard, logs) }()
	t.Cleanup(func() {
		stop()
		if got := <-code; got != 0 {
			t.Errorf("a replica ended with %d:\n%s", got, logs.String())
		}
	})
	(&running{t: t}).waitReady("http://" + listen)
	return "http://" + listen
}

func page(t *testing.T, c *http.Client, address string, form url.Values) string {
	t.Helper()
	var res *http.Response
	var err error
	if form == nil {
		res, err = c.Get(address)
	} else {
		res, err = c.PostForm(address, form)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", address, res.Status, err)
	}
	return string(raw)
}

// cancelFirst cancels the first open meeting through the API.
func cancelFirst(t *testing.T, base, token string) {
	t.Helper()
	call := func(method, path, body string) []byte {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, base+"/api/v1"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode >= 300 {
			t.Fatalf("%s %s: %s %s", method, path, res.Status, raw)
		}
		return raw
	}
	var list struct{ Items []struct{ ID string } }
	if err := json.Unmarshal(call(http.MethodGet, "/meetings?status=open", ""), &list); err != nil || len(list.Items) == 0 {
		t.Fatalf("no open meeting: %v", err)
	}
	call(http.MethodPost, "/meetings/"+list.Items[0].ID+"/cancel", `{"reason":"Salle inondée"}`)
}
