package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/config"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/demo"
	"github.com/rcp-care/rcp/internal/demo/content"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify"
)

// world is a demo that was made and is not served.
type world struct {
	*app
	t    *testing.T
	dir  string
	file demoFile
	made demo.Result
}

func newWorld(t *testing.T) *world {
	t.Helper()
	dir, begun := filepath.Join(t.TempDir(), "demo"), time.Now()
	e := &env{
		Config: config.Config{Listen: "127.0.0.1:8080", BaseURL: "http://127.0.0.1:8080", MailFrom: "rcp@localhost"},
		ctx:    t.Context(), stdout: io.Discard, stderr: io.Discard, log: slog.New(slog.DiscardHandler), now: time.Now,
	}
	a, file, made, err := demoCmd{Dir: dir}.prepare(e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.close)
	t.Logf("the demo was ready in %v", time.Since(begun).Round(time.Millisecond))
	return &world{app: a, t: t, dir: dir, file: file, made: made}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// system is the program's own actor.
func (w *world) system() auth.Actor {
	w.t.Helper()
	all, err := w.store.Orgs(w.t.Context())
	w.must(err)
	return auth.System(all[0].ID, "test")
}

// actor signs in the account of a role.
func (w *world) actor(role string) auth.Actor {
	w.t.Helper()
	for _, a := range w.file.Accounts {
		if a.Role == role && a.Team != "Onco-gériatrie des Quatre-Rivières" {
			_, actor, err := w.auth.SignIn(w.t.Context(), a.Email, a.Password, "192.0.2.1")
			w.must(err)
			return actor
		}
	}
	w.t.Fatalf("no account of a %s", role)
	return auth.Actor{}
}

func (w *world) send() {
	w.t.Helper()
	w.must(w.sendAll(w.t.Context()))
}

// mails are those that came since, by file name.
func (w *world) mails(before map[string]letter) map[string]letter {
	w.t.Helper()
	all := letters(w.t, w.file.Mails)
	for name := range before {
		delete(all, name)
	}
	return all
}

func TestDemoFileIsComplete(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	raw, err := os.ReadFile(filepath.Join(w.dir, "demo.json"))
	w.must(err)
	var f demoFile
	w.must(json.Unmarshal(raw, &f))
	if f.URL != "http://127.0.0.1:8080" || f.Mails != filepath.Join(w.dir, "mail") {
		t.Errorf("url %q, mails %q", f.URL, f.Mails)
	}
	pdf, err := os.ReadFile(f.PDF)
	if err != nil || !strings.Contains(pdfText(t, pdf), "Compte rendu") {
		t.Errorf("the PDF: %v", err)
	}
	roles := map[string]bool{}
	for _, a := range f.Accounts {
		roles[a.Role] = true
		_, in, err := w.auth.SignIn(t.Context(), a.Email, a.Password, "192.0.2.1")
		if err != nil || in.Name == "" || in.Admin != (a.Role == "administrator") {
			t.Errorf("%s: %v %+v", a.Email, err, in)
		}
		by, err := w.auth.Bearer(t.Context(), a.Token, "192.0.2.1")
		if err != nil || by.Professional != in.Professional {
			t.Errorf("token of %s: %v", a.Email, err)
		}
	}
	for _, r := range []string{"secretary", "chair", "clinician", "administrator"} {
		if !roles[r] {
			t.Errorf("no %s", r)
		}
	}
}

// TestDemoRunsAgainWithoutDoubling makes the meetings ahead and sends twice
// more, as the jobs of a demo that is served do.
func TestDemoRunsAgainWithoutDoubling(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	count := func() int {
		all, _, err := w.meetings.List(ctx, w.system(), meetings.Filter{Limit: 500})
		w.must(err)
		seen := map[string]bool{}
		for _, m := range all {
			key := string(m.Team) + m.Starts.String()
			if seen[key] {
				t.Errorf("two meetings at %v", m.Starts)
			}
			seen[key] = true
		}
		return len(all)
	}
	before, sent := count(), len(letters(t, w.file.Mails))
	for range 2 {
		done, err := w.meetings.MakeAhead(ctx, w.system(), "", date.Of(time.Now()).AddDays(56))
		w.must(err)
		if done.Made != 0 {
			t.Errorf("%d more meetings", done.Made)
		}
		w.send()
	}
	if after := count(); after != before || before < 14 {
		t.Errorf("%d meetings, then %d", before, after)
	}
	if after := len(letters(t, w.file.Mails)); after != sent || sent < 35 {
		t.Errorf("%d mails, then %d", sent, after)
	}
}

// TestMailsTellOfNobody reads every mail of the demo, and of a week in which
// everything happens that mails are sent for.
func TestMailsTellOfNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := newDetector(t)
	before := w.mails(nil)
	synthese, rcp := w.made.Coming[0], w.made.Coming[1]

	came := map[string]map[string]letter{"demo": before}
	step := func(name string, do func()) {
		seen := w.mails(nil)
		do()
		w.send()
		came[name] = w.mails(seen)
	}
	step("moved", func() { w.move(synthese.ID) })
	step("removed", func() { w.remove(synthese.Team, "kone") })
	step("added", func() { w.add(synthese.Team, "fontanel") })
	step("cancelled", func() { w.cancel(rcp.ID) })
	step("signed", func() { w.hold(synthese.ID) })

	for name, want := range map[string]struct{ mails, pdfs int }{
		"demo": {35, 8}, "moved": {14, 0}, "removed": {1, 0}, "added": {1, 0}, "cancelled": {13, 0}, "signed": {3, 2},
	} {
		pdfs := 0
		for file, l := range came[name] {
			pdfs += min(len(l.pdfs), 1)
			for _, leak := range d.leaks(t, l) {
				t.Errorf("%s: %s to %s: %s", name, file, l.to, leak)
			}
		}
		if len(came[name]) < want.mails || pdfs < want.pdfs {
			t.Errorf("%s: %d mails, %d with PDFs, want at least %v", name, len(came[name]), pdfs, want)
		}
	}
	w.oneCancel(came["removed"], "fatou.kone@clinique.example")
	w.one(came["added"], "hugues.fontanel@cabinet-fontanel.example", "REQUEST")
	w.pdfsSaySomething(d, came["demo"])
	judgeCalendars(t, w.mails(nil))
}

// one holds a step to one mail of a method, to one person.
func (w *world) one(all map[string]letter, to, method string) letter {
	w.t.Helper()
	if len(all) != 1 {
		w.t.Fatalf("%d mails to %s, want 1", len(all), to)
	}
	for _, l := range all {
		if l.to != to || !slices.Contains(l.methods, method) {
			w.t.Errorf("%v to %s, want %s to %s", l.methods, l.to, method, to)
		}
		return l
	}
	return letter{}
}

// oneCancel also wants the removed person to be the only one named (RFC 5546
// section 3.2.5).
func (w *world) oneCancel(all map[string]letter, to string) {
	w.t.Helper()
	l := w.one(all, to, "CANCEL")
	for _, c := range l.calendars {
		text := strings.ReplaceAll(string(c), "\r\n ", "")
		if strings.Count(text, "\r\nATTENDEE") != 1 || !strings.Contains(text, "mailto:"+to) || !strings.Contains(text, "METHOD:CANCEL") {
			w.t.Errorf("the cancellation:\n%s", text)
		}
	}
}

// pdfsSaySomething makes sure that the PDFs are read at all: each names those
// whom its recipient may see.
func (w *world) pdfsSaySomething(d detector, all map[string]letter) {
	w.t.Helper()
	named := 0
	for _, l := range all {
		may := d.maySee(l.to)
		for _, pdf := range l.pdfs {
			text, here := d.folded(pdfText(w.t, pdf)), 0
			for _, p := range d.c.Patients {
				if may[p.Key] && strings.Contains(text, apart(p.BirthFamily+" "+p.BirthGiven)) {
					here++
				}
			}
			if here == 0 {
				w.t.Errorf("a PDF to %s names nobody", l.to)
			}
			named += here
		}
	}
	if named < 10 {
		w.t.Errorf("only %d patients named in all PDFs", named)
	}
}

func (w *world) move(m id.Meeting) {
	ctx, secretary := w.t.Context(), w.actor("secretary")
	full, err := w.meetings.Get(ctx, secretary, m)
	w.must(err)
	_, err = w.meetings.Move(ctx, secretary, m, full.Meeting.Version, meetings.Move{
		Starts: full.Meeting.Starts.Add(time.Hour), Ends: full.Meeting.Ends.Add(time.Hour), Room: "Salle des Glycines",
	})
	w.must(err)
}

func (w *world) cancel(m id.Meeting) {
	full, err := w.meetings.Get(w.t.Context(), w.system(), m)
	w.must(err)
	_, err = w.meetings.Cancel(w.t.Context(), w.system(), m, full.Meeting.Version, "Salle indisponible")
	w.must(err)
}

func (w *world) remove(team id.Team, key string) {
	t, err := w.meetings.Team(w.t.Context(), w.actor("secretary"), team)
	w.must(err)
	who := w.member(key)
	t.Members = slices.DeleteFunc(t.Members, func(m meetings.Member) bool { return m.ID == who.ID })
	_, err = w.meetings.SaveTeam(w.t.Context(), w.actor("secretary"), t)
	w.must(err)
}

func (w *world) add(team id.Team, key string) {
	t, err := w.meetings.Team(w.t.Context(), w.actor("secretary"), team)
	w.must(err)
	t.Members = append(t.Members, meetings.Member{Professional: w.member(key), Role: auth.Clinician})
	_, err = w.meetings.SaveTeam(w.t.Context(), w.actor("secretary"), t)
	w.must(err)
}

// member finds the professional of a member of the demo's material.
func (w *world) member(key string) auth.Professional {
	w.t.Helper()
	c, err := content.Load()
	w.must(err)
	m, _ := c.Member(key)
	all, err := w.meetings.Professionals(w.t.Context(), w.system())
	w.must(err)
	i := slices.IndexFunc(all, func(p auth.Professional) bool { return p.Email == m.Email })
	if i < 0 {
		w.t.Fatalf("nobody is %s", key)
	}
	return all[i]
}

// hold holds a meeting, decides on its first three patients and signs.
func (w *world) hold(m id.Meeting) {
	w.t.Helper()
	ctx, chair := w.t.Context(), w.actor("chair")
	step := func(do func(context.Context, auth.Actor, id.Meeting, int) (meetings.Meeting, error)) {
		full, err := w.meetings.Get(ctx, chair, m)
		w.must(err)
		_, err = do(ctx, chair, m, full.Meeting.Version)
		w.must(err)
	}
	step(w.meetings.Start)
	list, err := w.agenda.Get(ctx, chair, m)
	w.must(err)
	lines := slices.DeleteFunc(list.Items, func(l agenda.Item) bool { return l.Status != agenda.Scheduled })
	if len(lines) < 4 {
		w.t.Fatalf("%d patients on the agenda", len(lines))
	}
	for _, l := range lines[:3] {
		_, err := w.agenda.Begin(ctx, chair, l.ID)
		w.must(err)
		d, err := w.minutes.Decision(ctx, chair, l.ID)
		w.must(err)
		d.Summary = l.Patient.FullName() + ", IPP " + l.Patient.IPP + ", poursuit son plan."
		d.NextReview = date.Of(time.Now()).AddDays(90)
		_, err = w.minutes.Record(ctx, chair, l.ID, d)
		w.must(err)
	}
	step(w.meetings.End)
	full, err := w.meetings.Get(ctx, chair, m)
	w.must(err)
	_, err = w.minutes.Sign(ctx, chair, m, full.Meeting.Version)
	w.must(err)
}

// TestDetectorCanFail doctors a mail in every way that must be caught.
func TestDetectorCanFail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := newDetector(t)
	p := d.c.Patients[0]
	register, err := os.ReadFile(w.file.PDF)
	w.must(err)
	const ordinary, secure = "fatou.kone@clinique.example", "livia.marchetti@pharmacie.mssante.example"
	calendar := "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Réunion\\, né le 12\r\n /03/1941\r\nEND:VCALENDAR\r\n"
	p.BirthDate = "1941-03-12"
	d.marks[p.Key] = marksOf(p)
	for name, c := range map[string]struct {
		change func(*notify.Draft)
		caught string
	}{
		"as it is":          {func(*notify.Draft) {}, ""},
		"family in subject": {func(m *notify.Draft) { m.Subject += " " + strings.ToLower(p.BirthFamily) }, "family name"},
		"given in HTML":     {func(m *notify.Draft) { m.HTML = "<p>pour <b>" + p.BirthGiven + "</b></p>" }, "given name"},
		"birth in calendar": {func(m *notify.Draft) { m.Calendar, m.Method = []byte(calendar), "REQUEST" }, "birth date"},
		"birth in words":    {func(m *notify.Draft) { m.Text += "née le 12 mars 1941" }, "birth date"},
		"initials":          {func(m *notify.Draft) { m.Text += "patiente R.Y. (1941)" }, "initials"},
		"IPP":               {func(m *notify.Draft) { m.Text += "dossier " + p.IPP + "." }, "IPP"},
		"objective":         {func(m *notify.Draft) { m.Text += strings.ToUpper(p.Plan.Objectives[0].Title) }, "objective"},
		"file name": {func(m *notify.Draft) {
			m.To, m.Files = secure, []notify.File{{Name: p.BirthFamily + ".pdf", Type: "text/plain", Data: []byte("x")}}
		}, "family name"},
		"PDF to ordinary": {func(m *notify.Draft) {
			m.Files = []notify.File{{Name: "cr.pdf", Type: "application/pdf", Data: register}}
		}, "ordinary"},
		"PDF of others": {func(m *notify.Draft) {
			m.To, m.Files = secure, []notify.File{{Name: "cr.pdf", Type: "application/pdf", Data: register}}
		}, "a PDF that tells of"},
	} {
		m := notify.Draft{
			From: "reunions@quatre-rivieres.example", FromName: "Gériatrie", To: ordinary, ToName: "Fatou Koné", MessageID: "1@x.example",
			Date: time.Now(), Subject: "Invitation", Text: "Bonjour,\n", HTML: "<p>Bonjour</p>",
		}
		c.change(&m)
		raw, err := notify.Compose(m)
		w.must(err)
		got := strings.Join(d.leaks(t, open(t, append([]byte("Delivered-To: "+m.To+"\r\n"), raw...))), "; ")
		if c.caught == "" && got != "" || c.caught != "" && !strings.Contains(got, c.caught) {
			t.Errorf("%s: caught %q, want %q", name, got, c.caught)
		}
	}
}
