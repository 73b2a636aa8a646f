package testenv

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/jackc/pgx/v5"
)

func TestMain(m *testing.M) { Main(m) }

func TestPostgresGivesEachTestItsOwnDatabase(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	first, second := Postgres(t), Postgres(t)
	for _, dsn := range []string{first, second} {
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			t.Fatal(err)
		}
		// The same table in both: it would fail if they were one database.
		if _, err := conn.Exec(ctx, "CREATE TABLE patient (id int)"); err != nil {
			t.Error(err)
		}
		if err := conn.Close(ctx); err != nil {
			t.Error(err)
		}
	}
}

func TestPostgresDropsTheDatabaseWithTheTest(t *testing.T) {
	t.Parallel()
	var dsn string
	t.Run("inner", func(t *testing.T) { dsn = Postgres(t) })
	if conn, err := pgx.Connect(t.Context(), dsn); err == nil {
		conn.Close(t.Context())
		t.Error("the database outlived its test")
	}
}

func TestRedisKilledAndBack(t *testing.T) {
	t.Parallel()
	addr, kill := Redis(t)
	kill()
	if err := pingRedis(addr); err == nil {
		t.Fatal("redis answers after it was killed")
	}
	RedisAt(t, addr)
	if err := pingRedis(addr); err != nil {
		t.Error(err)
	}
}

func TestSMTPRefusesThenKeeps(t *testing.T) {
	t.Parallel()
	server := SMTP(t, SMTPRefuse(1))
	send := func() error {
		return smtp.SendMail(server.Addr, nil, "a@example.org", []string{"b@example.org"}, []byte("Subject: Essai\r\n\r\nBonjour\r\n"))
	}
	if err := send(); err == nil {
		t.Error("the first message was not refused")
	}
	if err := send(); err != nil {
		t.Fatal(err)
	}
	got := server.Wait(t, 1, time.Second)
	if len(got) != 1 {
		t.Fatalf("got %d messages, want 1", len(got))
	}
	if m, err := got[0].Parse(); err != nil || m.Header.Get("Subject") != "Essai" {
		t.Errorf("parsed %v, %v", m, err)
	}
	if got[0].From != "a@example.org" || !slices.Equal(got[0].To, []string{"b@example.org"}) {
		t.Errorf("envelope is %q to %q", got[0].From, got[0].To)
	}
}

func TestSMTPWithTLSAndPassword(t *testing.T) {
	t.Parallel()
	server := SMTP(t, SMTPStartTLS(t), SMTPAuth("rcp", "secret"))
	for _, tt := range []struct {
		password string
		ok       bool
	}{{"secret", true}, {"wrong", false}} {
		if err := sendOverTLS(server, tt.password); (err == nil) != tt.ok {
			t.Errorf("password %q: %v, want success %v", tt.password, err, tt.ok)
		}
	}
	got := server.Messages()
	if len(got) != 1 || !got[0].TLS || got[0].User != "rcp" {
		t.Errorf("got %+v, want one message over TLS from rcp", got)
	}
}

func sendOverTLS(server *SMTPServer, password string) error {
	c, err := smtp.Dial(server.Addr)
	if err != nil {
		return err
	}
	defer c.Close()
	host, _, err := net.SplitHostPort(server.Addr)
	if err != nil {
		return err
	}
	if err := c.StartTLS(server.ClientTLS()); err != nil {
		return err
	}
	if err := c.Auth(smtp.PlainAuth("", "rcp", password, host)); err != nil {
		return err
	}
	if err := errors.Join(c.Mail("a@example.org"), c.Rcpt("b@example.org")); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write([]byte("Subject: Essai\r\n\r\n")); err != nil {
		return err
	}
	return w.Close()
}

func TestBrowserReadsAPage(t *testing.T) {
	t.Parallel()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<h1>Réunion</h1>"))
	}))
	t.Cleanup(page.Close)
	ctx := Browser(t, time.Minute)
	if err := chromedp.Do(ctx, chromedp.Navigate(page.URL)); err != nil {
		t.Fatal(err)
	}
	title, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.querySelector('h1').textContent"))
	if err != nil {
		t.Fatal(err)
	}
	if title != "Réunion" {
		t.Errorf("h1 is %q", title)
	}
}

func TestMissingProgramSaysWhatToInstall(t *testing.T) {
	t.Parallel()
	_, err := lookProgram("no-such-program")
	if err == nil || !strings.Contains(err.Error(), "apt-get install no-such-program") {
		t.Errorf("error is %v", err)
	}
}

func TestSweepRemovesOnlyFoldersOfDeadProcesses(t *testing.T) {
	t.Parallel()
	dead := exec.CommandContext(context.Background(), "true")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	gone := filepath.Join(dir, clusterPrefix+strconv.Itoa(dead.Process.Pid)+"-1")
	ours := filepath.Join(dir, clusterPrefix+strconv.Itoa(os.Getpid())+"-1")
	for _, d := range []string{gone, ours} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	sweepClusters(dir)
	if _, err := os.Stat(gone); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder of a dead process is still there: %v", err)
	}
	if _, err := os.Stat(ours); err != nil {
		t.Errorf("the folder of a live process is gone: %v", err)
	}
}
