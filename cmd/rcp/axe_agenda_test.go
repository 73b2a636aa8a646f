package main

import (
	"net/http"
	"strings"

	"github.com/chromedp/chromedp"
)

// visitPreparer looks at what a secretary sets and prepares, and at the pages
// that somebody outside opens.
func visitPreparer(a *visit) {
	meeting := a.ask(a.who, http.MethodGet, "/meetings/"+a.meeting(a.who, "open"), "")
	team, path := "/teams/"+meeting["team"].(string), "/meetings/"+meeting["id"].(string)
	a.see("preparation", path+"/preparation")
	a.see("preparation-dossier", a.link(`main a[href^="/cases/"][href$="/preparation"]`))
	a.open("/requests")
	match := a.link(`section[aria-labelledby=dehors] a[href$="/match"]`)
	a.see("demande", a.link(`main tbody a[href^="/requests/"]`))
	a.see("rattacher", match)
	a.see("regles", team+"/rules")
	a.see("protocoles", team+"/protocols")
	shipped := a.link(`main a[href*="/protocols/shipped/"]`)
	protocol := a.link(`main a[href*="/protocols/0"]`)
	a.see("protocole", protocol)
	a.see("protocole-modifier", protocol+"/edit")
	a.see("protocole-fourni", shipped)
	a.open("/requests")
	patient := a.link(`main tbody tr:nth-child(2) a[href^="/patients/"]`) // of the other team
	a.see("demander-pour", "/requests/new?patient="+strings.TrimPrefix(patient, "/patients/"))
	a.see("plan-choisir", patient+"/plan?team="+meeting["team"].(string))
	a.see("plan-nouveau", a.link(`main a[href*="/plan/0"]`))
	a.see("liens", team+"/links")
	a.askFromOutside(look[string](a.tab, `document.querySelector('input.address').value`))
}

// askFromOutside opens an address that a team gave out, is refused, then asks.
func (a *visit) askFromOutside(address string) {
	a.t.Helper()
	a.see("porte", strings.TrimPrefix(address, a.base))
	for selector, text := range map[string]string{
		"#dr-name": "Aurore Vauquelin", "#dr-profession": "medecin", "#dr-email": "aurore@medecin.mssante.example", "#dr-rpps": "12",
		"#dr-birth_family": "Inconnu", "#dr-birth_given": "Jean", "#dr-birth": "01/02/1950", "#rq-q": "Quelle suite donner ?",
	} {
		a.put(selector, text)
	}
	a.load("a number that is none", chromedp.Click(chromedp.CSS("main form[data-once] .primary")))
	a.check("porte-refusee")
	a.put("#dr-rpps", "")
	a.press("main form[data-once] .primary")
	a.check("suivi")
}

// put sets a field, shown or not.
func (a *visit) put(selector, text string) {
	a.t.Helper()
	look[int](a.tab, `(document.querySelector(`+quote(selector)+`).value = `+quote(text)+`, 0)`)
}

// visitStandard looks at the pages of cases that a référentiel covers.
func visitStandard(a *visit) {
	meeting := a.meeting(a.who, "open")
	a.open("/meetings/" + meeting)
	a.see("enregistrer-sans-discussion", a.link(`main a[href$="/register"]`))
	team := "/teams/" + a.ask(a.who, http.MethodGet, "/meetings/"+meeting, "")["team"].(string)
	a.see("referentiels", team+"/references")
	a.see("echantillon", team+"/sample")
}
