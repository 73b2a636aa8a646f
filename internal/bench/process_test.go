package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What the README aims at on a machine of two cores.
const (
	startAim  = 300 // ms
	memoryAim = 80  // MB
	binaryAim = 25  // MB
)

// BenchmarkProcess measures the binary as `make build` makes it: its size, how
// soon the demo and a server on the demo's database are ready, and what memory
// the demo holds once somebody signed in and read ten pages.
func BenchmarkProcess(b *testing.B) {
	binary := build(b)
	for b.Loop() {
		dir := filepath.Join(b.TempDir(), "demo")
		demo := start(b, binary, "demo", "--dir", dir)
		note("start to ready of the demo", "%.0f ms", ms(demo.ready))
		idle := demo.memory(b, "VmRSS")
		demo.visit(b, dir)
		aim("resident memory of the demo after ten pages", demo.memory(b, "VmRSS"), memoryAim, "MB")
		note("  at first / at most / not shared with files", "%.0f MB / %.0f MB / %.0f MB", idle, demo.memory(b, "VmHWM"), demo.memory(b, "RssAnon"))
		demo.stop(b)
		var took []time.Duration
		for range 5 {
			p := start(b, binary, "serve", "--database", "sqlite:"+filepath.Join(dir, "rcp.db"),
				"--archive", filepath.Join(dir, "archive"), "--mail-out", "maildir:"+filepath.Join(dir, "mail"))
			took = append(took, p.ready)
			p.stop(b)
		}
		aim("start to ready on an existing database", ms(median(took)), startAim, "ms")
		b.ReportMetric(ms(median(took)), "ms/start")
	}
	info, err := os.Stat(binary)
	if err != nil {
		b.Fatal(err)
	}
	aim("size of the binary", float64(info.Size())/1e6, binaryAim, "MB")
}

// build makes the binary with the Makefile's own flags.
func build(b *testing.B) string {
	b.Helper()
	binary := filepath.Join(b.TempDir(), "rcp")
	cmd := exec.CommandContext(context.Background(), "make", "-C", filepath.Join("..", ".."), "build", "binary="+binary)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("make build: %v\n%s", err, out)
	}
	return binary
}

// process is a running rcp.
type process struct {
	cmd   *exec.Cmd
	base  string
	ready time.Duration // from exec to the first 200 of /readyz
	said  *bytes.Buffer
}

func start(b *testing.B, binary string, args ...string) process {
	b.Helper()
	addr := freeAddr(b)
	p := process{base: "http://" + addr, said: &bytes.Buffer{}}
	p.cmd = exec.CommandContext(b.Context(), binary, append(args, "--listen", addr)...)
	p.cmd.Stdout, p.cmd.Stderr = io.Discard, p.said
	begin := time.Now()
	if err := p.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = p.cmd.Process.Kill() })
	for time.Since(begin) < 30*time.Second {
		if p.answers(b, "/readyz") {
			p.ready = time.Since(begin)
			return p
		}
		time.Sleep(2 * time.Millisecond)
	}
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	b.Fatalf("rcp %s is not ready:\n%s", args[0], p.said)
	return p
}

func (p process) answers(b *testing.B, path string) bool {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, p.base+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// stop ends the process the way an operator does.
func (p process) stop(b *testing.B) {
	b.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		b.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		b.Fatalf("%v\n%s", err, p.said)
	}
}

// memory reads a line of /proc/PID/status, in MB (10⁶ bytes).
func (p process) memory(b *testing.B, line string) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), line+":")
	var kib float64
	if _, err := fmt.Sscanf(rest, "%f kB", &kib); err != nil {
		b.Fatalf("%s: %v", line, err)
	}
	return kib * 1024 / 1e6
}

// visit signs in as the secretary and reads ten pages.
func (p process) visit(b *testing.B, dir string) {
	b.Helper()
	client := newClient(b)
	week := p.signIn(b, client, dir)
	link := regexp.MustCompile(`href="(/meetings/[0-9a-f-]{36})"`).FindStringSubmatch(week)
	if link == nil {
		b.Fatal("this week links to no meeting")
	}
	for _, path := range []string{
		"/meetings", link[1], link[1] + "/attendance", "/patients", "/archive", "/teams", "/requests", "/outbox", "/audit",
	} {
		p.page(b, client, http.MethodGet, path, path, nil)
	}
}

// signIn returns the page that follows: this week.
func (p process) signIn(b *testing.B, client *http.Client, dir string) string {
	b.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "demo.json"))
	if err != nil {
		b.Fatal(err)
	}
	var made struct {
		Accounts []struct{ Email, Password, Role string }
	}
	if err := json.Unmarshal(raw, &made); err != nil {
		b.Fatal(err)
	}
	for _, a := range made.Accounts {
		if a.Role == "secretary" {
			return p.enter(b, client, a.Email, a.Password)
		}
	}
	b.Fatal("the demo has no secretary")
	return ""
}

// newClient keeps cookies, as a browser does.
func newClient(b *testing.B) *http.Client {
	b.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	b.Cleanup(client.CloseIdleConnections)
	return client
}

// enter signs in and returns the page that follows.
func (p process) enter(b *testing.B, client *http.Client, email, password string) string {
	b.Helper()
	return p.page(b, client, http.MethodPost, "/sign-in", "/", url.Values{"email": {email}, "password": {password}, "next": {"/"}})
}

// page asks for a path, with a form when there is one, and wants to land on a
// page of ours.
func (p process) page(b *testing.B, client *http.Client, method, path, land string, form url.Values) string {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), method, p.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := client.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || res.Request.URL.Path != land {
		b.Fatalf("%s answers %s at %s: %v", path, res.Status, res.Request.URL.Path, err)
	}
	return string(body)
}

func freeAddr(b *testing.B) string {
	b.Helper()
	l, err := (&net.ListenConfig{}).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
