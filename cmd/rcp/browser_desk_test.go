package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/rcp-care/rcp/internal/testenv"
)

// TestTheSecretarysDeskInABrowser prepares an agenda, once by mouse and once by
// keyboard alone: read why, pin two, defer one with a reason, see the rest
// refit, take it back, close registration.
func TestTheSecretarysDeskInABrowser(t *testing.T) {
	t.Parallel()
	for _, hand := range []string{"mouse", "keyboard"} {
		t.Run(hand, func(t *testing.T) {
			t.Parallel()
			r := startDemo(t)
			secretary := r.account("secretary", "")
			p := &path{running: r, t: t, team: secretary.Team, script: true}
			p.tab = r.signIn(testenv.Browser(t, 8*time.Minute), t, secretary)
			p.toMeeting()
			d := &desk{path: p, keys: hand == "keyboard"}
			d.readWhy()
			d.pin(1)
			d.pin(3)
			d.deferAndUndo()
			d.close()
		})
	}
}

// desk is a path by one hand.
type desk struct {
	*path
	keys bool
}

// use clicks what reloads the list, or focuses it and presses a key.
func (d *desk) use(selector, key string) {
	d.t.Helper()
	if d.keys {
		d.focus(selector)
		d.await(func() { d.key(key) })
		return
	}
	d.await(func() { d.click(selector) })
}

// open does the same with what stays on the page.
func (d *desk) unfold(selector, key string) {
	d.t.Helper()
	if d.keys {
		d.focus(selector)
		d.key(key)
		return
	}
	d.click(selector)
}

func (d *desk) focus(selector string) {
	d.t.Helper()
	if !look[bool](d.tab, `(e => { e.focus(); return document.activeElement === e; })(document.querySelector(`+quote(selector)+`))`) {
		d.t.Fatalf("%s takes no focus", selector)
	}
}

// await waits for the list that an act brings.
func (d *desk) await(act func()) {
	d.t.Helper()
	look[int](d.tab, `(window.settled = 0, document.addEventListener('htmx:afterSettle', () => window.settled = 1, {once: true}), 0)`)
	act()
	look[int](d.tab, `new Promise(done => { const look = () => window.settled ? done(1) : setTimeout(look, 20); look(); })`, awaited)
}

func (d *desk) readWhy() {
	d.t.Helper()
	d.everyLineSaysWhy()
	d.unfold(".case .why summary", kb.Enter)
	if !d.has(".case .why[open] .why-more li") {
		d.t.Fatal("the reasons of the first line do not open")
	}
}

func (d *desk) pin(n int) {
	d.t.Helper()
	row := fmt.Sprintf(".case:nth-child(%d)", n)
	name := d.text(row + " .name a")
	selector, key := row+" .acts [aria-pressed]", kb.Enter
	if d.keys {
		selector, key = row+" .grip", "e"
	}
	d.use(selector, key)
	if d.text(row+".pinned .name a") != name {
		d.t.Errorf("line %d, %s, is not pinned", n, name)
	}
}

// deferAndUndo defers the second line: the pinned ones stay, the notice says
// what went, and « Annuler » brings it back.
func (d *desk) deferAndUndo() {
	d.t.Helper()
	before := d.texts(".cases .case .name a")
	selector, key := ".case:nth-child(2) [data-dialog=reporter]", kb.Enter
	if d.keys {
		selector, key = ".case:nth-child(2) .grip", "r"
	}
	d.unfold(selector, key)
	if !d.has("#reporter[open]") {
		d.t.Fatal("the reasons of a deferral do not open")
	}
	d.unfold("#reporter [value=missing-document]", " ")
	if d.keys {
		d.focus("#reporter .primary")
		d.pressKey(kb.Enter)
	} else {
		d.press("#reporter .primary")
	}
	after, notice := d.texts(".cases .case .name a"), d.text("#recalcul p")
	family := strings.Fields(before[1])[0]
	if after[0] != before[0] || strings.Contains(strings.Join(after, "|"), before[1]) || !strings.Contains(notice, family) || !strings.Contains(notice, "2 épingles") {
		d.t.Fatalf("deferring %s: %q, notice %q", before[1], after, notice)
	}
	time.Sleep(time.Second) // until the page has read again what the deferral told every screen
	d.use("#recalcul button", kb.Enter)
	for end := time.Now().Add(step); d.has("#recalcul") && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond) // the same, of the undoing
	}
	if back := d.texts(".cases .case .name a"); strings.Join(back, "|") != strings.Join(before, "|") {
		d.t.Errorf("undone: %q, want %q", back, before)
	}
	if d.has("#recalcul") {
		d.t.Error("what was undone can be undone again")
	}
}

func (d *desk) close() {
	d.t.Helper()
	if !d.keys {
		d.closeRegistration()
		return
	}
	d.unfold(`[data-dialog="d-close"]`, kb.Enter)
	d.focus("#d-close .primary")
	d.pressKey(kb.Enter)
	if got := d.text(".head .st"); got != "Ordre du jour clos" {
		d.t.Fatalf("after closing: %q", got)
	}
}
