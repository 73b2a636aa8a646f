package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/rcp-care/rcp/internal/demo"
)

// running is a demo that serves until the test ends.
type running struct {
	demoFile
	t    *testing.T
	logs *lockedBuffer
}

// startDemo runs the program with the arguments a person would type and waits
// until it is ready.
func startDemo(t *testing.T) *running {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	dir, listen, logs := filepath.Join(t.TempDir(), "demo"), freeAddress(t), &lockedBuffer{}
	code := make(chan int, 1)
	none := func(string) string { return "" }
	go func() {
		code <- run(ctx, []string{"demo", "--dir", dir, "--listen", listen}, none, strings.NewReader(""), io.Discard, logs)
	}()
	r := &running{t: t, logs: logs}
	t.Cleanup(func() {
		stop()
		if got := <-code; got != 0 {
			t.Errorf("the demo ended with %d:\n%s", got, logs.String())
		}
		r.quiet()
	})
	r.waitReady("http://" + listen)
	raw, err := os.ReadFile(filepath.Join(dir, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &r.demoFile); err != nil {
		t.Fatal(err)
	}
	return r
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (r *running) waitReady(url string) {
	r.t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if res, err := http.Get(url + "/readyz"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
	}
	r.t.Fatalf("the demo was not ready in two minutes:\n%s", r.logs.String())
}

// quiet fails the test when the program logged an error.
func (r *running) quiet() {
	for line := range strings.Lines(r.logs.String()) {
		if strings.Contains(line, `"level":"ERROR"`) {
			r.t.Errorf("logged: %s", line)
		}
	}
}

// account returns the first account with a role; team narrows when not empty.
func (r *running) account(role, team string) demo.Account {
	r.t.Helper()
	at := slices.IndexFunc(r.Accounts, func(a demo.Account) bool {
		return a.Role == role && (team == "" || a.Team == team)
	})
	if at < 0 {
		r.t.Fatalf("the demo has no %s of %q", role, team)
	}
	return r.Accounts[at]
}

// ask calls the API as somebody and returns the answer.
func (r *running) ask(who demo.Account, method, path, body string) map[string]any {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.URL+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+who.Token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		r.t.Fatalf("%s %s: %s %v\n%s", method, path, res.Status, err, raw)
	}
	out := map[string]any{}
	if err := json.Unmarshal(raw, &out); err != nil {
		r.t.Fatal(err)
	}
	return out
}

// meeting returns the team's first meeting with a status.
func (r *running) meeting(who demo.Account, status string) string {
	r.t.Helper()
	for _, item := range r.ask(who, http.MethodGet, "/meetings?status="+status, "")["items"].([]any) {
		if m := item.(map[string]any); m["team_name"] == who.Team {
			return m["id"].(string)
		}
	}
	r.t.Fatalf("no %s meeting of %s", status, who.Team)
	return ""
}

// tab is a page of the browser, as a person sees it.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string
}

// newTab opens a tab with cookies of its own. What the page complains of in the
// console, a refused script or style first of all, fails the test.
func (r *running) newTab(browser context.Context, t *testing.T) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	b := &tab{t: t, ctx: ctx, base: r.URL}
	messages, done := chromedp.Console(ctx), make(chan struct{})
	go func() {
		defer close(done)
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.IsException() || m.Source == "security" || m.Source == "violation" || strings.Contains(m.Text, "Content Security Policy") {
				t.Errorf("the browser's console, at %s: %s", m.URL, m)
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	b.do(chromedp.EmulateViewport(1440, 900))
	return b
}

// signIn opens a tab and signs in through the form.
func (r *running) signIn(browser context.Context, t *testing.T, who demo.Account) *tab {
	t.Helper()
	b := r.newTab(browser, t)
	b.open("/")
	b.fill("input[name=email]", who.Email)
	b.fill("input[name=password]", who.Password)
	b.press("main form .primary")
	if h1 := b.text("h1"); h1 != "Ma semaine" {
		t.Fatalf("%s signs in and sees %q", who.Role, h1)
	}
	return b
}

// withoutScript switches the page's scripts off.
func (b *tab) withoutScript() {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.must(err, "switch scripts off")
}

func (b *tab) must(err error, what string) {
	b.t.Helper()
	if err != nil {
		at, _ := chromedp.Run(b.ctx, chromedp.Location())
		b.t.Fatalf("%s, at %s: %v", what, at, err)
	}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	b.must(chromedp.Do(b.ctx, steps...), "browser")
}

// step is how long one click and its page may take, beside every other test.
const step = time.Minute

// load runs steps that lead to another page and returns its status.
func (b *tab) load(what string, steps ...chromedp.Action[chromedp.Void]) int {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, step)
	defer cancel()
	res, err := chromedp.RunResponse(ctx, steps...)
	b.must(err, what)
	return int(res.Status)
}

// open goes to a path that answers 200.
func (b *tab) open(path string) {
	b.t.Helper()
	if got := b.load("open "+path, chromedp.Navigate(b.base+path)); got != http.StatusOK {
		b.t.Fatalf("%s: %d", path, got)
	}
}

// press clicks what leads to another page.
func (b *tab) press(selector string) {
	b.t.Helper()
	if got := b.load("press "+selector, chromedp.Click(chromedp.CSS(selector))); got >= 400 {
		b.t.Fatalf("press %s: %d %q", selector, got, b.texts(".error"))
	}
}

// click clicks what stays on the page.
func (b *tab) click(selector string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, step)
	defer cancel()
	b.must(chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector))), "click "+selector)
}

// fill types into a field, at once and with the focus in it, as a person has:
// a field without it may be put anew by what another screen writes.
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	found := look[bool](b, `(() => {
		const f = document.querySelector(`+quote(selector)+`);
		if (!f) return false;
		f.focus();
		f.value = `+quote(text)+`;
		for (const kind of ['input', 'change']) f.dispatchEvent(new Event(kind, { bubbles: true }));
		return true;
	})()`)
	if !found {
		b.t.Fatalf("fill: no %s", selector)
	}
}

// key presses keys on what has the focus.
func (b *tab) key(keys string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys))
}

// pressKey presses a key that leads to another page.
func (b *tab) pressKey(key string) {
	b.t.Helper()
	if got := b.load("key "+key, chromedp.KeyEvent(key)); got >= 400 {
		b.t.Fatalf("key %s: %d %q", key, got, b.texts(".error"))
	}
}

// text is what an element says, with single spaces.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return strings.Join(b.texts(selector), " ")
}

func (b *tab) texts(selector string) []string {
	b.t.Helper()
	found := look[[]string](b, `[...document.querySelectorAll(`+quote(selector)+`)].map(e => e.textContent)`)
	for i := range found {
		found[i] = strings.Join(strings.Fields(found[i]), " ")
	}
	return found
}

func (b *tab) has(selector string) bool {
	b.t.Helper()
	return look[bool](b, `!!document.querySelector(`+quote(selector)+`)`)
}

// look evaluates an expression in the page.
func look[T any](b *tab, expression string, options ...chromedp.EvaluateOption) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, options...))
	b.must(err, "look")
	return v
}

// awaited waits for the promise that an expression gives.
var awaited = chromedp.EvalAwaitPromise

func quote(s string) string {
	raw, _ := json.Marshal(s)
	return string(raw)
}

// download fetches a path with the tab's session.
func (b *tab) download(path string) (body []byte, kind string) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, http.NoBody)
	b.must(err, "download")
	jar, err := chromedp.Call(b.ctx, network.GetCookies, network.GetCookiesParams{})
	b.must(err, "cookies")
	for _, c := range jar.Cookies {
		req.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	res, err := http.DefaultClient.Do(req)
	b.must(err, "download")
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	b.must(err, "download")
	if res.StatusCode != http.StatusOK {
		b.t.Fatalf("%s: %s", path, res.Status)
	}
	return body, res.Header.Get("Content-Type")
}

// lockedBuffer holds what the program logs while the test reads it.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
