package main

import (
	_ "embed"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/rcp-care/rcp/internal/demo"
	"github.com/rcp-care/rcp/internal/testenv"
)

// axe is axe-core 4.14.1 (MPL-2.0, testdata/axe.LICENSE.txt), unchanged.
//
//go:embed testdata/axe.min.js
var axe string

// axeRun checks what an element holds against WCAG 2.2 AA and axe's best
// practices, and gives a line per rule broken. In the dark it looks at colours
// alone: nothing else changes.
const axeRun = `axe.run(where, {
	runOnly: dark ? {type: 'rule', values: ['color-contrast', 'link-in-text-block']}
		: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice']},
	rules: dark ? {} : {'target-size': {enabled: true}}, resultTypes: ['violations'], preload: false, iframes: false,
}).then(r => r.violations.map(v => v.id + ' (' + v.help + '): ' + v.nodes.map(n =>
	n.target.join(' ') + (n.any[0]?.data?.contrastRatio ? ' ' + n.any[0].data.contrastRatio + ':1' : '')).join(' | ')))`

// TestNoAccessibilityViolation looks at every page as axe-core does, wide and
// narrow, light and dark, with every details and dialog open. RCP_SHOTS names a
// folder for a picture of each.
func TestNoAccessibilityViolation(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	browser := testenv.Browser(t, 20*time.Minute)
	teams := r.teamsWithChair()
	for name, tour := range map[string]func(*visit){
		"secretary": visitSecretary, "chair": visitChair, "clinician": visitClinician, "administrator": visitAdministrator, "preparer": visitPreparer,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			role, team := name, teams[0]
			switch name {
			case "preparer":
				role = "secretary"
			case "chair": // holds a meeting that the others do not look at
				team = teams[len(teams)-1]
			case "administrator":
				team = ""
			}
			a := &visit{running: r, t: t, who: r.account(role, team), shots: os.Getenv("RCP_SHOTS")}
			a.tab = r.newTab(browser, t)
			if name == "administrator" {
				a.signInPages()
			}
			a.tab = r.signIn(browser, t, a.who)
			tour(a)
		})
	}
}

func visitSecretary(a *visit) {
	open, signed, draft := "/meetings/"+a.meeting(a.who, "open"), "/meetings/"+a.meeting(a.who, "signed"), "/meetings/"+a.meeting(a.who, "draft")
	a.see("semaine", "/")
	a.see("reunions", "/meetings")
	a.see("ordre-du-jour", open)
	a.see("reporter", a.link(`a[href$="/defer"]`))
	a.see("reunion-brouillon", draft)
	a.see("presences", open+"/attendance")
	a.see("deplacer", open+"/move")
	a.see("annuler", open+"/cancel") // the other steps are dialogs of the agenda
	a.see("demandes", "/requests")
	a.see("demander", "/requests/new")
	a.see("compte-rendu-signe", signed+"/minutes")
	a.see("patients", "/patients")
	a.find("patients-trouves", "main form[role=search]", "q", "a")
	a.see("archives", "/archive")
	a.find("archives-sans-reponse", "main form[role=search]", "patient", "zzzz")
	a.see("import", "/import")
	a.upload()
	a.see("envois", "/outbox")
	a.see("reponses", "/inbox")
	a.deposit()
	a.see("courriel-recu", a.link(`#a-traiter a.plain`))
	a.see("compte", "/account")
}

// visitChair holds a meeting and signs it.
func visitChair(a *visit) {
	m := a.meeting(a.who, "open")
	visitStandard(a)
	for _, step := range []string{"close", "start"} {
		a.step(m, step)
	}
	room := "/meetings/" + m + "/room"
	a.see("salle", room)
	a.fill("#next_review", "bientôt")
	a.fill("#decision", "Poursuivre.")
	a.load("a day that is none", chromedp.Click(chromedp.CSS(".casehead button[value=save]")))
	a.check("salle-refus")
	a.fill("#next_review", "+28")
	a.fill(`[name="a.0.title"]`, "Appeler le domicile")
	a.press(".casehead button[value=save]")
	a.check("salle-enregistree")
	a.see("patient", a.link(".casehead h1 a"))
	a.see("projection", "/meetings/"+m+"/projector")
	a.open(room)
	a.see("salle-suivant", a.link(".run li:nth-child(2) a"))
	a.see("reunion-en-cours", "/meetings/"+m)
	a.see("presences-en-cours", "/meetings/"+m+"/attendance")
	a.step(m, "end")
	a.see("compte-rendu", "/meetings/"+m+"/minutes")
	a.see("signer", "/meetings/"+m+"/minutes/sign")
	a.open("/meetings/" + m + "/minutes/sign")
	a.fill("input[name=password]", "inexact")
	a.load("a wrong password", chromedp.Click(chromedp.CSS("form[data-once] .primary")))
	a.check("signer-refuse")
	a.ask(a.who, http.MethodPost, "/meetings/"+m+"/sign", `{"password":`+quote(a.who.Password)+`}`)
	a.see("compte-rendu-vient-d-etre-signe", "/meetings/"+m+"/minutes")
	a.see("corriger", "/meetings/"+m+"/minutes/amend")
}

func visitClinician(a *visit) {
	open := "/meetings/" + a.meeting(a.who, "open")
	a.see("soignant-semaine", "/")
	a.see("soignant-ordre-du-jour", open)
	a.see("soignant-presences", open+"/attendance")
	a.see("soignant-compte-rendu", "/meetings/"+a.meeting(a.who, "signed")+"/minutes")
	a.open("/patients")
	a.see("soignant-patient", a.link("main tbody a"))
	a.see("archives-soignant", "/archive")
	a.load("a page that is refused", chromedp.Navigate(a.base+"/import"))
	a.check("refus")
}

func visitAdministrator(a *visit) {
	a.see("equipes", "/teams")
	a.see("equipe-nouvelle", "/teams/new")
	a.open("/teams")
	team := a.link(`main th:not(:has(.training)) a[href^="/teams/0"]`)
	a.see("equipe", team)
	series := a.link(`#series li a.btn`)
	a.see("serie", series)
	a.see("serie-arret", series+"/stop")
	a.see("serie-date", series+"/date")
	a.see("serie-nouvelle", team+"/series/new")
	a.see("fermetures", team+"/closures")
	a.see("fermetures-etablissement", "/closures")
	a.see("journal", "/audit")
	a.see("personnes", "/people")
	a.see("personne", a.link(`main tr:has(td:nth-child(4) .st.ok) a[href^="/people/"]`))
	a.open("/people")
	a.see("personne-sans-compte", a.link(`main tr:has(td:nth-child(4) .st.off) a[href^="/people/"]`))
	a.press(`form[action$="/access"] .primary`)
	a.check("mot-de-passe-cree")
	a.see("personne-nouvelle", "/people/new")
	a.load("a page that is not there", chromedp.Navigate(a.base+"/nulle-part"))
	a.check("erreur")
}

// visit is somebody's visit of the pages.
type visit struct {
	*running
	*tab
	t     *testing.T
	who   demo.Account
	shots string
}

func (a *visit) signInPages() {
	a.see("connexion", "/sign-in")
	a.fill("input[name=email]", "personne@exemple.example")
	a.fill("input[name=password]", "inexact")
	a.load("a wrong password", chromedp.Click(chromedp.CSS("main form .primary")))
	a.check("connexion-refusee")
}

// step takes a meeting one step on through the API.
func (a *visit) step(meeting, step string) {
	a.t.Helper()
	version := a.ask(a.who, http.MethodGet, "/meetings/"+meeting, "")["version"]
	a.ask(a.who, http.MethodPost, "/meetings/"+meeting+"/"+step, fmt.Sprintf(`{"version":%v}`, version))
}

// link is where an element of the page leads.
func (a *visit) link(selector string) string {
	a.t.Helper()
	href := look[string](a.tab, `document.querySelector(`+quote(selector)+`)?.getAttribute('href') ?? ''`)
	if href == "" {
		a.t.Fatalf("no link %s on the page:\n%s", selector, a.text("main"))
	}
	return href
}

// find sends a search.
func (a *visit) find(name, form, field, text string) {
	a.t.Helper()
	a.fill(fmt.Sprintf("%s [name=%s]", form, field), text)
	a.press(form + " .primary")
	a.check(name)
}

// deposit uploads a mail that must wait for somebody.
func (a *visit) deposit() {
	a.t.Helper()
	file := filepath.Join(a.t.TempDir(), "reponse.eml")
	a.must(os.WriteFile(file, []byte("From: personne@exemple.example\r\nSubject: Jeudi\r\n\r\nQuelle salle ?\r\n"), 0o600), "write a mail")
	a.do(chromedp.SetUploadFiles(chromedp.CSS("#mail"), []string{file}))
	a.press("#deposer form button")
	a.check("reponse-deposee")
}

// upload imports a file of which one part is refused.
func (a *visit) upload() {
	a.t.Helper()
	file := filepath.Join(a.t.TempDir(), "plan.json")
	bundle := `{"resourceType": "Bundle", "type": "collection", "entry": [
		{"fullUrl": "urn:uuid:5b1d0c7e-3f0e-4c57-9d0a-6a4f3a1c9e01", "resource": {"resourceType": "Patient", "name": [{"family": "Sansdate"}]}},
		{"fullUrl": "urn:uuid:5b1d0c7e-3f0e-4c57-9d0a-6a4f3a1c9e02", "resource": {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": {"reference": "Patient/inconnu"}}}]}`
	if err := os.WriteFile(file, []byte(bundle), 0o600); err != nil {
		a.t.Fatal(err)
	}
	a.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{file}))
	a.press("main form[enctype] .primary")
	a.check("import-rapport")
}

// see opens a page and checks it.
func (a *visit) see(name, path string) {
	a.t.Helper()
	a.open(path)
	a.check(name)
}

// check looks at the page that is open, under each width and scheme.
func (a *visit) check(name string) {
	a.t.Helper()
	a.pictures(name)
	look[any](a.tab, axe+`; document.querySelectorAll('dialog[open]').forEach(d => d.close()); null`)
	for _, width := range []int64{1440, 390, 320} {
		a.show(width, "light")
		look[int](a.tab, `[...document.querySelectorAll('details:not([open])')].map(d => { d.open = d.dataset.was = true }).length`)
		a.fits(name, width)
		if width != 320 {
			a.unroll(width)
			a.violations(name, width, "light")
			a.paint("dark")
			a.violations(name, width, "dark")
		}
		look[int](a.tab, `[...document.querySelectorAll('details[data-was]')].map(d => { d.open = false }).length`)
	}
	a.show(1440, "light")
}

// show sets the width of the screen and its colours, without motion.
func (a *visit) show(width int64, scheme string) {
	a.t.Helper()
	a.do(chromedp.EmulateViewport(width, height))
	a.paint(scheme)
}

func (a *visit) paint(scheme string) {
	a.t.Helper()
	_, err := chromedp.Call(a.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	a.must(err, "show "+scheme)
}

// height is that of a screen, in CSS pixels.
const height = 900

// unroll makes the screen as high as the page: axe takes what lies under a bar
// that stays in place for hidden, though one scrolls it out.
func (a *visit) unroll(width int64) {
	a.t.Helper()
	a.do(chromedp.EmulateViewport(width, max(height, look[int64](a.tab, `document.scrollingElement.scrollHeight`))))
}

// pictures writes the page as it opened.
func (a *visit) pictures(name string) {
	a.t.Helper()
	if a.shots == "" {
		return
	}
	for _, width := range []int64{390, 1440} {
		a.show(width, "light")
		png, err := chromedp.Run(a.ctx, chromedp.FullScreenshot(100))
		a.must(err, "picture")
		a.must(os.WriteFile(filepath.Join(a.shots, fmt.Sprintf("%s-%d.png", name, width)), png, 0o600), "picture")
	}
}

// wide lists the elements that stick out of the screen.
const wide = `(width => document.scrollingElement.scrollWidth <= width ? [] : [document.scrollingElement.scrollWidth + ' px',
	...[...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > width + 1 && !e.closest('.vh, [popover]'))
	.map(e => e.tagName.toLowerCase() + (e.id && '#' + e.id) + [...e.classList].map(c => '.' + c).join('')).slice(0, 6)])(%d)`

// fits fails when the page scrolls sideways (WCAG 1.4.10).
func (a *visit) fits(name string, width int64) {
	a.t.Helper()
	if found := look[[]string](a.tab, fmt.Sprintf(wide, width)); len(found) > 0 {
		a.t.Errorf("%s, %d px: scrolls sideways: %s", name, width, strings.Join(found, ", "))
	}
}

// everything runs axe on the page, then on each dialog and the menu, open. A
// line of the answer is a rule broken.
const everything = `(async dark => {
	const run = where => ` + axeRun + `, found = [...await run(document)];
	for (const d of dark && innerWidth < 960 ? [] : document.querySelectorAll('dialog')) {
		d.showModal();
		found.push(...(await run(d)).map(v => 'dialog #' + d.id + ': ' + v));
		if (d.scrollWidth > d.clientWidth) found.push('dialog #' + d.id + ': scrolls sideways');
		d.close();
	}
	const menu = document.getElementById('menu');
	if (menu?.popover && innerWidth < 960) {
		menu.showPopover();
		found.push(...(await run(menu)).map(v => 'menu: ' + v));
		menu.hidePopover();
	}
	return found;
})(%t)`

func (a *visit) violations(name string, width int64, scheme string) {
	a.t.Helper()
	for _, v := range look[[]string](a.tab, fmt.Sprintf(everything, scheme == "dark"), awaited) {
		a.t.Errorf("%s, %d px, %s: %s", name, width, scheme, v)
	}
}
