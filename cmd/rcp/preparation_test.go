package main

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/rcp-care/rcp/internal/demo"
	"github.com/rcp-care/rcp/internal/testenv"
)

// TestAnAbsentPharmacistContributesByKeyboard: she answers no, finds what is
// awaited of her in her week and writes it, without a mouse; the secretary sees
// the case's readiness change.
func TestAnAbsentPharmacistContributesByKeyboard(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	browser := testenv.Browser(t, 5*time.Minute)
	var pharmacist demo.Account
	for _, a := range r.Accounts {
		if strings.Contains(a.Email, "pharmacie") {
			pharmacist = a
		}
	}
	p := &path{running: r, t: t, team: pharmacist.Team, script: true}
	p.tab = r.signIn(browser, t, pharmacist)
	p.toMeeting()
	p.tabTo(`button[name=answer][value=DECLINED]`)
	p.key(kb.Enter)
	p.until("her answer", `!!document.querySelector('button[name=answer][value=DECLINED][aria-pressed=true]')`)

	p.open("/")
	p.tabTo(`#avis-attendus + ul a.btn`)
	p.pressKey(kb.Enter)
	page := look[string](p.tab, `location.pathname`)
	c := strings.Split(page, "/")[2]
	p.tabTo(`#mon-texte`)
	p.key("Tramadol à remplacer ; paracétamol seul.")
	p.tabTo(`[name=opinion]`)
	p.key(" ")
	p.tabTo(`#mon-avis button`)
	p.pressKey(kb.Enter)
	if got := p.text("#avis"); !strings.Contains(got, "paracétamol seul.") || !strings.Contains(got, "avis écrit le") {
		t.Fatalf("after writing: %s", got)
	}
	p.open("/")
	if got := p.text("#avis-attendus + ul"); strings.Contains(got, c) || p.has(`#avis-attendus + ul a[href*="`+c+`"]`) {
		t.Errorf("still awaited: %s", got)
	}

	p.tab = r.signIn(browser, t, r.account("secretary", ""))
	p.open(p.meeting + "/preparation")
	if got := p.text("#c-" + c); strings.Contains(got, "Avis : pharmacien") || strings.Contains(got, "0 avis sur") {
		t.Errorf("the secretary reads: %s", got)
	}
	r.quiet()
}

// tabTo moves the focus with the Tab key alone until an element has it.
func (b *tab) tabTo(selector string) {
	b.t.Helper()
	for range 200 {
		if look[bool](b, `!!document.activeElement && document.activeElement.matches(`+quote(selector)+`)`) {
			return
		}
		b.key(kb.Tab)
	}
	b.t.Fatalf("Tab never reaches %s", selector)
}
