package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/rcp-care/rcp/internal/testenv"
)

// TestAGeneralPractitionerAsksByLinkWithKeysAlone: from the address that the
// secretary gave out to the acknowledgement, on a telephone's width; then the
// secretary says of whom the request is, and the draft takes the patient for it.
func TestAGeneralPractitionerAsksByLinkWithKeysAlone(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	browser := testenv.Browser(t, 5*time.Minute)
	secretary := r.account("secretary", "")
	desk := &path{running: r, t: t, team: secretary.Team, script: true}
	desk.tab = r.signIn(browser, t, secretary)
	desk.toMeeting()
	const name, question = "ABRIBAT Simonne", "Peut-elle rester seule la nuit depuis sa chute ?"
	if lines := strings.Join(desk.texts(".cases .case .name a"), "|"); strings.Contains(lines, name) {
		t.Fatalf("%s is on the agenda already: %s", name, lines)
	}

	visitor := &tab{t: t, base: r.URL}
	for _, width := range []int64{1440, 390} {
		visitor = r.newTab(browser, t)
		visitor.do(chromedp.EmulateViewport(width, height))
		visitor.open(desk.doorPath() + "?lang=fr")
		visitor.picture("porte", width)
		if !look[bool](visitor, `document.querySelector('#dr-name').getBoundingClientRect().width > 200`) {
			t.Fatalf("at %d px the form is not seen", width)
		}
	}
	visitor.askWithKeys(question)
	ticket := look[string](visitor, `location.pathname`)
	if said := visitor.text("main"); !strings.HasPrefix(ticket, "/t/") || !strings.Contains(said, "Demande enregistrée") || strings.Contains(strings.ToLower(said), "abribat") {
		t.Fatalf("acknowledged at %s: %s", ticket, said)
	}
	visitor.picture("accuse", 390)

	desk.open("/requests")
	desk.press(`section[aria-labelledby=dehors] li:last-child a[href$="/match"]`)
	if got := desk.text("#propositions li:first-child"); !strings.Contains(got, name) || !strings.Contains(got, "Traits identiques") {
		t.Fatalf("proposed: %s", got)
	}
	desk.press("#propositions li:first-child button")
	desk.open(desk.meeting)
	desk.composeAgain()
	line := look[string](desk.tab, `[...document.querySelectorAll('.cases .case')].find(c => c.textContent.includes(`+quote(name)+`))?.textContent ?? ''`)
	if !strings.Contains(line, question) || !strings.Contains(line, "Aurore Vauquelin") {
		t.Errorf("the draft says of %s: %q; lines %q", name, line, desk.texts(".cases .case .name a"))
	}

	visitor.open(ticket + "?lang=fr")
	if got := visitor.text(".track [aria-current=step]"); !strings.Contains(got, "Inscrite à la réunion du") {
		t.Errorf("the asker then reads %q", got)
	}
	r.quiet()
}

// doorPath is the address that the secretary finds on the team's page of links.
func (p *path) doorPath() string {
	p.t.Helper()
	teams := p.ask(p.account("secretary", ""), http.MethodGet, p.meeting, "")
	p.open("/teams/" + teams["team"].(string) + "/links")
	address := look[string](p.tab, `document.querySelector('input.address').value`)
	return strings.TrimPrefix(address, p.tab.base)
}

// askWithKeys fills the form and sends it, without a mouse.
func (b *tab) askWithKeys(question string) {
	b.t.Helper()
	for _, f := range []struct{ selector, keys string }{
		{"#dr-name", "Aurore Vauquelin"},
		{"#dr-profession", "Médecin"},
		{"#dr-email", "aurore.vauquelin@medecin.mssante.example"},
		{"#dr-birth_family", "Abribat"},
		{"#dr-birth_given", "simonne"},
		{"#dr-birth", "31/10/1945"},
		{"input[name=sex]", " "},
		{"#rq-q", question},
		{"input[name=urgency]", kb.ArrowDown + kb.ArrowDown},
		{"details:has(#rq-situation) > summary", kb.Enter},
		{"#rq-situation", "Retrouvée au sol à six heures."},
		{"input[name=told]", " "},
	} {
		b.tabTo(f.selector)
		b.key(f.keys)
	}
	b.tabTo("main form .primary")
	b.pressKey(kb.Enter)
}

// composeAgain has the agenda drafted again.
func (p *path) composeAgain() {
	p.t.Helper()
	d := &desk{path: p}
	d.await(func() { p.click(`form[action$="/draft"] button`) })
}

// picture writes the page into the folder that RCP_SHOTS names.
func (b *tab) picture(name string, width int64) {
	b.t.Helper()
	dir := os.Getenv("RCP_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	b.must(err, "picture")
	b.must(os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d.png", name, width)), png, 0o600), "picture")
}
