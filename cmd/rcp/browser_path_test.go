package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/chromedp/chromedp/kb"

	"github.com/rcp-care/rcp/internal/testenv"
)

// TestTheWeekOfATeamInABrowser follows a secretary and a chair from the agenda
// to the signed minutes, once as most people work and once without JavaScript.
func TestTheWeekOfATeamInABrowser(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	browser := testenv.Browser(t, 8*time.Minute)
	teams := r.teamsWithChair()
	if len(teams) < 2 {
		t.Fatalf("the demo has %d teams with a chair, want 2", len(teams))
	}
	t.Run("with scripts", func(t *testing.T) {
		secretary := r.account("secretary", "")
		p := &path{running: r, t: t, team: secretary.Team, script: true}
		p.tab = r.signIn(browser, t, secretary)
		p.prepare()
		p.tab = r.signIn(browser, t, r.account("chair", p.team))
		p.toMeeting()
		p.hold()
	})
	t.Run("without scripts", func(t *testing.T) {
		p := &path{running: r, t: t, team: teams[1]}
		p.tab = r.signIn(browser, t, r.account("chair", p.team))
		p.withoutScript()
		p.toMeeting()
		p.closeRegistration()
		p.hold()
	})
}

func (r *running) teamsWithChair() []string {
	var teams []string
	for _, a := range r.Accounts {
		if a.Role == "chair" {
			teams = append(teams, a.Team)
		}
	}
	return teams
}

// path is one team's way through its week.
type path struct {
	*running
	*tab
	t       *testing.T
	team    string
	script  bool
	meeting string            // its path
	decided map[string]string // by the patient's path
}

// toMeeting goes from the week to this week's meeting of the team.
func (p *path) toMeeting() {
	p.t.Helper()
	p.open("/")
	found := look[[]string](p.tab, `[...document.querySelectorAll('.meet h3 a')].filter(a => a.textContent.includes(`+quote(p.team)+`)).map(a => a.getAttribute('href'))`)
	if len(found) == 0 {
		p.t.Fatalf("the week shows no meeting of %s", p.team)
	}
	p.meeting = found[0]
	p.press(fmt.Sprintf(`.meet h3 a[href=%q]`, p.meeting))
}

// prepare is the secretary's part: the agenda says why, and registration closes.
func (p *path) prepare() {
	p.t.Helper()
	p.toMeeting()
	p.everyLineSaysWhy()
	p.moveByKeyboard()
	p.closeRegistration()
}

var dated = regexp.MustCompile(`\d{2}/\d{2}(/\d{4})?`)

func (p *path) everyLineSaysWhy() {
	p.t.Helper()
	names, whys := p.texts(".case .name"), p.texts(".case .why summary")
	if len(names) == 0 || len(names) != len(whys) {
		p.t.Fatalf("%d patients and %d reasons", len(names), len(whys))
	}
	for i, why := range whys {
		_, reason, _ := strings.Cut(why, ":")
		if len(strings.TrimSpace(reason)) < 20 || !dated.MatchString(reason) {
			p.t.Errorf("%s: the reason %q has no date", names[i], why)
		}
	}
}

// moveByKeyboard moves the first line down with Alt and an arrow; the order
// holds after a reload.
func (p *path) moveByKeyboard() {
	p.t.Helper()
	before := p.texts(".case .name a")
	look[int](p.tab, `new Promise(done => {
		document.addEventListener('htmx:afterSettle', () => done(1), {once: true});
		document.querySelector('.case .grip').focus();
		document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowDown', altKey: true, bubbles: true, cancelable: true}));
	})`, awaited)
	if focused := look[string](p.tab, `document.activeElement.closest('.case')?.querySelector('.name a').textContent ?? ''`); focused != before[0] {
		p.t.Errorf("after the move the focus is on %q, want the moved line", focused)
	}
	p.open(p.meeting)
	if after := p.texts(".case .name a"); after[0] != before[1] || after[1] != before[0] {
		p.t.Errorf("Alt+↓ on the first line: then %q, %q; before %q, %q", after[0], after[1], before[0], before[1])
	}
}

func (p *path) closeRegistration() {
	p.t.Helper()
	p.confirm("close")
	if got := p.text(".head .st"); got != "Ordre du jour clos" {
		p.t.Fatalf("after closing: %q", got)
	}
}

// confirm takes a step of the meeting, in its dialog or on its page.
func (p *path) confirm(step string) {
	p.t.Helper()
	opener := fmt.Sprintf(`[data-dialog="d-%s"]`, step)
	if p.script {
		p.click(opener)
		p.press("#d-" + step + " .primary")
		return
	}
	p.press(opener)
	p.press("main form .primary")
}

// hold is the chair's part: the meeting, its decisions, its signed minutes.
func (p *path) hold() {
	p.t.Helper()
	p.confirm("start")
	p.notePresence()
	p.open(p.meeting + "/room")
	p.decideAll()
	p.confirm("end")
	p.sign()
	p.readPDF()
	p.readArchive()
	p.readPatients()
}

func (p *path) notePresence() {
	p.t.Helper()
	p.open(p.meeting + "/attendance")
	n := look[int](p.tab, `[...document.querySelectorAll('select[name^=presence-]')].map(s => s.value = 'present').length`)
	if n < 3 {
		p.t.Fatalf("%d people can be noted present", n)
	}
	p.press("main form .more button")
	if got := look[int](p.tab, `[...document.querySelectorAll('select[name^=presence-]')].filter(s => s.value == 'present').length`); got != n {
		p.t.Errorf("%d of %d are noted present", got, n)
	}
}

// decideAll decides on each patient of the room in turn, the first with keys
// alone when there are scripts.
func (p *path) decideAll() {
	p.t.Helper()
	p.decided = map[string]string{}
	total := len(p.texts(".run li"))
	for n := 1; n <= total; n++ {
		patient := look[string](p.tab, `document.querySelector('.casehead h1 a').getAttribute('href')`)
		text := fmt.Sprintf("Poursuivre le plan n° %d tel quel, avec un appel de l’infirmière référence %c%04d.", n, 'A'+n, n*n*17)
		if _, twice := p.decided[patient]; twice {
			p.t.Fatalf("%s comes twice", patient)
		}
		p.decided[patient] = text
		if n == 1 && p.script {
			p.decideWithKeys(text)
		} else {
			p.decide(n, text, n == total)
		}
	}
	if seen := p.texts(".run .done"); len(seen) < total-1 {
		p.t.Errorf("%d of %d patients are seen", len(seen), total)
	}
}

// decide fills the form and goes on to the next patient, or saves.
func (p *path) decide(n int, text string, last bool) {
	p.t.Helper()
	look[any](p.tab, fmt.Sprintf(`document.querySelectorAll('.obj .seg').forEach((s, i) => s.querySelectorAll('input')[(i + %d) %% 5].click())`, n))
	p.fill("#decision", text)
	p.fill(`[name="a.0.title"]`, fmt.Sprintf("Appeler le domicile, point %d", n))
	p.fill(`[name="a.0.owner"]`, p.member())
	p.fill(`[name="a.0.due"]`, "+7")
	p.next()
	if last {
		p.press(`.casehead button[value=save]`)
		return
	}
	p.press(`.casehead .primary`)
}

// decideWithKeys types everything, from the verdicts to the next patient.
func (p *path) decideWithKeys(text string) {
	p.t.Helper()
	objectives := len(p.texts(".obj"))
	for range objectives {
		p.key("3")
	}
	if got := len(look[[]string](p.tab, `[...document.querySelectorAll('.obj input:checked')].map(i => i.value)`)); got != objectives {
		p.t.Errorf("keys gave %d verdicts of %d", got, objectives)
	}
	p.key("d")
	p.key(text)
	p.key(kb.Escape + "a")
	p.key("Appeler le domicile, au clavier" + kb.Tab)
	p.key(p.member() + kb.Tab + "+7")
	p.key(kb.Escape)
	p.next()
	p.key(kb.Escape)
	p.pressKey("n")
}

// next says when the patient is seen again, and who tells them by when.
func (p *path) next() {
	p.t.Helper()
	p.fill("#next_review", "+28")
	p.fill("#informer", p.member())
	p.fill("#inform_by", "+14")
}

// member is one of the names that the form proposes.
func (p *path) member() string {
	p.t.Helper()
	return look[string](p.tab, `document.querySelector('#membres option').value`)
}

// sign reads over what is missing, then signs with the password.
func (p *path) sign() {
	p.t.Helper()
	if got := p.text("h1"); got != "Relire le compte rendu" {
		p.t.Fatalf("after the end: %q", got)
	}
	for _, gap := range p.texts(".checks li") {
		p.t.Errorf("missing though written: %s", gap)
	}
	if p.script {
		p.click(`[data-dialog=signer]`)
	} else {
		p.press(`[data-dialog=signer]`)
	}
	form := look[string](p.tab, `document.querySelector('dialog[open] form') ? 'dialog[open]' : 'main'`)
	p.fill(form+" input[name=password]", p.account("chair", p.team).Password)
	p.press(form + " form[data-once] .primary")
	if got := p.text(".head .st"); got != "Signé" {
		p.t.Fatalf("after signing: %q\n%s", got, p.text("main"))
	}
}

// readPDF opens the minutes and finds every decision in them.
func (p *path) readPDF() {
	p.t.Helper()
	link := look[string](p.tab, `document.querySelector('.head a.primary').getAttribute('href')`)
	raw, kind := p.download(link)
	if kind != "application/pdf" || !bytes.HasPrefix(raw, []byte("%PDF-")) {
		p.t.Fatalf("%s is %s", link, kind)
	}
	cmd := exec.CommandContext(p.t.Context(), testenv.Program(p.t, "pdftotext"), "-", "-")
	cmd.Stdin = bytes.NewReader(raw)
	out, err := cmd.Output()
	if err != nil {
		p.t.Fatal(err)
	}
	said := solid(string(out))
	for patient, text := range p.decided {
		if !strings.Contains(said, solid(text)) {
			p.t.Errorf("the PDF lacks the decision of %s: %s", patient, text)
		}
	}
	if strings.Contains(said, "PROJET") {
		p.t.Error("signed minutes say PROJET")
	}
}

// solid is a text without its spaces: lines break where they like.
func solid(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func (p *path) readArchive() {
	p.t.Helper()
	p.open("/archive")
	if !p.has(fmt.Sprintf(`main a[href^=%q]`, p.meeting+"/minutes")) {
		p.t.Errorf("the archive does not list %s:\n%s", p.meeting, p.text("main"))
	}
}

func (p *path) readPatients() {
	p.t.Helper()
	for patient, text := range p.decided {
		p.open(patient)
		if !strings.Contains(p.text("main"), text) {
			p.t.Errorf("%s does not show its decision %q", patient, text)
		}
	}
}
