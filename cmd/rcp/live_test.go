package main

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/testenv"
)

// until waits for an expression to be true in the page.
func (b *tab) until(what, expression string) {
	b.t.Helper()
	for end := time.Now().Add(step); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if look[bool](b, `!!(`+expression+`)`) {
			return
		}
	}
	b.t.Fatalf("%s: %s is never true; %q, %q, %s", what, expression, b.texts("#dec-t"), b.texts(".notice:not([hidden])"),
		look[string](b, `JSON.stringify([Object.entries(sessionStorage), [...document.querySelectorAll('[data-field]')].filter(f => f.value).map(f => [f.dataset.field, f.value, f.defaultValue])])`))
}

// types focuses a field and types into it, as a person does.
func (b *tab) types(selector, text string) {
	b.t.Helper()
	look[any](b, `(f => { f.focus(); f.setSelectionRange?.(f.value.length, f.value.length); })(document.querySelector(`+quote(selector)+`))`)
	b.key(text)
}

func valueIs(selector, want string) string {
	return `document.querySelector(` + quote(selector) + `)?.value == ` + quote(want)
}

// TestTheRoomIsOneRoom follows two people in one meeting: what one does, the
// other sees; what both write is kept; nothing is lost while the service is away.
func TestTheRoomIsOneRoom(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	browser := testenv.Browser(t, 4*time.Minute)
	chair := r.account("chair", "")
	secretary := r.account("secretary", chair.Team)
	m := r.meeting(chair, "open")
	for _, verb := range []string{"close", "start"} {
		version := r.ask(chair, http.MethodGet, "/meetings/"+m, "")["version"]
		r.ask(chair, http.MethodPost, "/meetings/"+m+"/"+verb, fmt.Sprintf(`{"version":%v}`, version))
	}
	room := "/meetings/" + m + "/room"
	a, b, beam := r.signIn(browser, t, chair), r.signIn(browser, t, secretary), r.signIn(browser, t, secretary)
	a.open(room)
	b.open(room)
	beam.open("/meetings/" + m + "/projector")

	t.Run("what one writes the others read", func(t *testing.T) {
		a.types("#decision", "Deux passages par semaine.")
		b.until("the other's field", valueIs("#decision", "Deux passages par semaine."))
		beam.until("the projector", `document.querySelector('#contenu').textContent.includes('Deux passages par semaine.')`)
		look[any](a, `document.querySelector('.obj .seg input[value=progress]').click()`)
		b.until("the verdict", `document.querySelector('.obj .seg input[value=progress]').checked`)
	})
	t.Run("two fields at once", func(t *testing.T) {
		a.types("#options", "Passage du soir")
		b.types("#wishes", "Rester chez elle")
		a.until("b's text", valueIs("#wishes", "Rester chez elle"))
		b.until("a's text", valueIs("#options", "Passage du soir"))
	})
	t.Run("one field at once", func(t *testing.T) {
		a.types("#decision", "A n’est pas d’accord.")
		b.types("#decision", "B non plus.")
		for _, s := range []*tab{a, b} {
			look[any](s, `document.activeElement.blur()`)
		}
		for end := time.Now().Add(step); !a.has("[data-take=both]") && !b.has("[data-take=both]"); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("nobody is asked which text to keep")
			}
		}
		asked := a
		if b.has("[data-take=both]") {
			asked = b
		}
		look[any](asked, `document.querySelector('[data-take=both]').click()`)
		both := `(v => v.includes('A n’est pas d’accord.') && v.includes('B non plus.'))(document.querySelector('#decision').value)`
		a.until("both texts", both)
		b.until("both texts", both)
	})
	t.Run("a new action is one action", func(t *testing.T) {
		a.types(`[name="a.0.title"]`, "Appeler la fille")
		b.until("the action", `[...document.querySelectorAll('#actions input')].filter(f => f.value == 'Appeler la fille').length == 1`)
	})
	t.Run("a lost connection loses nothing", func(t *testing.T) {
		look[any](a, `window.was = fetch; fetch = () => Promise.reject(new TypeError('away'))`)
		a.types("#options", ", écrit sans réseau")
		a.until("it waits", `Object.keys(sessionStorage).some(k => k.startsWith('rcp:'))`)
		a.open(room) // the tab is closed and comes back
		a.until("it is there again", valueIs("#options", "Passage du soir, écrit sans réseau"))
		b.until("it left", valueIs("#options", "Passage du soir, écrit sans réseau"))
		a.until("nothing waits", `!Object.keys(sessionStorage).some(k => k.startsWith('rcp:'))`)
	})
	t.Run("the next patient", func(t *testing.T) {
		first := a.text(".casehead h1")
		look[any](b, `document.activeElement.blur()`)
		a.press(".casehead .primary")
		b.until("b follows", `document.querySelector('.casehead h1').textContent.trim() != `+quote(first))
		beam.until("the projector follows", `!document.querySelector('h1').textContent.includes(`+quote(first)+`)`)
	})
}
