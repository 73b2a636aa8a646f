package main

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"maps"
	"mime"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // every charset a part may name

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/demo/content"
	"github.com/rcp-care/rcp/internal/testenv"
	"github.com/rcp-care/rcp/minutes/pdf/check"
)

// letter is one mail, taken apart.
type letter struct {
	to        string
	words     []string // header fields, text, html without tags and as it is, calendars unfolded
	names     []string // of attachments
	calendars [][]byte
	methods   []string // parameter of each text/calendar
	pdfs      [][]byte
}

// letters reads every mail of a Maildir, by file name.
func letters(t *testing.T, maildir string) map[string]letter {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(maildir, "new", "*"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]letter{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(f)] = open(t, raw)
	}
	return all
}

// open takes a mail apart. A part that it cannot read fails the test: what is
// not read is not judged.
func open(t *testing.T, raw []byte) letter {
	t.Helper()
	e, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	l := letter{to: e.Header.Get("Delivered-To")}
	for f := e.Header.Fields(); f.Next(); {
		text, err := f.Text()
		if err != nil {
			t.Fatalf("header %s: %v", f.Key(), err)
		}
		l.words = append(l.words, text)
	}
	err = e.Walk(func(_ []int, part *message.Entity, err error) error {
		if err != nil {
			return err
		}
		return l.part(part)
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *letter) part(p *message.Entity) error {
	kind, params, err := p.Header.ContentType()
	if err != nil || strings.HasPrefix(kind, "multipart/") {
		return err
	}
	body, err := io.ReadAll(p.Body)
	if err != nil {
		return err
	}
	_, disposition, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
	if err != nil && p.Header.Get("Content-Disposition") != "" {
		return err
	}
	l.names = append(l.names, params["name"], disposition["filename"])
	switch kind {
	case "text/plain":
		l.words = append(l.words, string(body))
	case "text/html":
		l.words = append(l.words, string(body), html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(string(body), " ")))
	case "text/calendar", "application/ics":
		l.words = append(l.words, strings.NewReplacer("\r\n ", "", "\r\n\t", "", `\n`, "\n", `\,`, ",", `\;`, ";").Replace(string(body)))
		l.calendars, l.methods = append(l.calendars, body), append(l.methods, params["method"])
	case "application/pdf":
		l.pdfs = append(l.pdfs, body)
	default:
		return fmt.Errorf("a part of type %s", kind)
	}
	return nil
}

// detector knows whom the mails must not tell of. It is made from the demo's
// material, not from the program's own idea of it.
type detector struct {
	c      content.Content
	people *strings.Replacer // takes the professionals' names away
	marks  map[string]marks  // by patient
}

// marks are what gives a patient away.
type marks struct {
	words    map[string][]string // folded, by what they are
	births   []string
	ins      string
	initials *regexp.Regexp
}

func newDetector(t *testing.T) detector {
	t.Helper()
	c, err := content.Load()
	if err != nil {
		t.Fatal(err)
	}
	d := detector{c: c, marks: map[string]marks{}}
	var names []string
	for _, m := range c.Members {
		for _, n := range []string{m.Given + " " + m.Family, m.Family + " " + m.Given, m.Email} {
			names = append(names, apart(n), " ")
		}
	}
	d.people = strings.NewReplacer(names...)
	for _, p := range c.Patients {
		d.marks[p.Key] = marksOf(p)
	}
	return d
}

func marksOf(p content.Patient) marks {
	m := marks{words: map[string][]string{}, births: birthForms(p.BirthDate), ins: p.INS(), initials: initials(p)}
	add := func(what string, all ...string) {
		for _, w := range all {
			if len(w) > 2 {
				m.words[what] = append(m.words[what], apart(w))
			}
		}
	}
	add("family name", p.BirthFamily, p.UsedFamily)
	add("given name", append(strings.Fields(p.BirthGivens), p.BirthGiven, p.UsedGiven)...)
	add("IPP", p.IPP)
	for _, o := range p.Plan.Objectives {
		add("objective", o.Title)
	}
	return m
}

// apart folds a text (accents and case gone) and sets its words so far apart
// that taking some away leaves the others whole.
func apart(s string) string { return " " + strings.ReplaceAll(careplan.Fold(s), " ", "  ") + " " }

// folded makes a text comparable, without the professionals' names.
func (d detector) folded(s string) string { return d.people.Replace(apart(s)) }

// leaks says what a letter tells that it may not.
func (d detector) leaks(t *testing.T, l letter) []string {
	t.Helper()
	found := map[string]bool{}
	for _, text := range append(slices.Clone(l.words), l.names...) {
		folded, plain := d.folded(text), strings.ToLower(strings.Join(strings.Fields(text), " "))
		for key, m := range d.marks {
			for _, what := range m.in(text, folded, plain) {
				found[what+" of "+key] = true
			}
		}
	}
	if !d.secure(l.to) && len(l.pdfs) > 0 {
		found["a PDF to an ordinary address"] = true
	}
	for _, pdf := range l.pdfs {
		for _, key := range d.strangers(t, l.to, pdf) {
			found["a PDF that tells of "+key] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func (d detector) secure(address string) bool {
	_, domain, _ := strings.Cut(address, "@")
	return slices.Contains(d.c.Organisation.SecureDomains, domain)
}

// in says what of the marks stands in a text: as it is, folded, and in small
// letters on one line.
func (m marks) in(text, folded, plain string) (found []string) {
	stands := func(in string) func(string) bool { return func(s string) bool { return strings.Contains(in, s) } }
	for what, words := range m.words {
		if slices.ContainsFunc(words, stands(folded)) {
			found = append(found, what)
		}
	}
	if slices.ContainsFunc(m.births, stands(plain)) {
		found = append(found, "birth date")
	}
	if m.ins != "" && strings.Contains(strings.ReplaceAll(plain, " ", ""), m.ins[:13]) {
		found = append(found, "INS")
	}
	if m.initials.MatchString(text) {
		found = append(found, "initials and birth year")
	}
	return found
}

// birthForms are the ways people and programs write a day.
func birthForms(day string) []string {
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return nil
	}
	months := strings.Fields("janvier février mars avril mai juin juillet août septembre octobre novembre décembre")
	month := months[d.Month()-1]
	forms := []string{fmt.Sprintf("%d %s %d", d.Day(), month, d.Year())}
	if d.Day() == 1 {
		forms = append(forms, fmt.Sprintf("1er %s %d", month, d.Year()))
	}
	for _, layout := range []string{
		"2006-01-02", "20060102", "2006/01/02", "02/01/2006", "2/1/2006", "02.01.2006", "02-01-2006", "02/01/06", "02012006", "01/02/2006",
		"2 January 2006", "January 2, 2006", "2 Jan 2006",
	} {
		forms = append(forms, strings.ToLower(d.Format(layout)))
	}
	return forms
}

// initials finds « R. Y. (1941) » and the like, either way round.
func initials(p content.Patient) *regexp.Regexp {
	family, given := string([]rune(p.BirthFamily)[:1]), string([]rune(p.BirthGiven)[:1])
	pair := fmt.Sprintf(`(%s\.?[ -]?%s|%s\.?[ -]?%s)`, family, given, given, family)
	return regexp.MustCompile(`(^|[^\pL\pN])` + pair + `\.?[^\pL\pN].{0,20}` + p.BirthDate[:4])
}

// strangers are the patients that a PDF tells of and its recipient may not
// see: all but those whose circle they belong to, or, for a secretary or chair,
// those of their team.
func (d detector) strangers(t *testing.T, to string, pdf []byte) []string {
	t.Helper()
	text, may := d.folded(pdfText(t, pdf)), d.maySee(to)
	family := map[string]bool{}
	for _, p := range d.c.Patients {
		family[apart(p.BirthFamily)] = family[apart(p.BirthFamily)] || may[p.Key]
	}
	var found []string
	for _, p := range d.c.Patients {
		if may[p.Key] {
			continue
		}
		words := append(slices.Clone(d.marks[p.Key].words["IPP"]), apart(p.BirthFamily+" "+p.BirthGiven))
		for _, name := range d.marks[p.Key].words["family name"] {
			if !family[name] { // a namesake whom they may see
				words = append(words, name)
			}
		}
		if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) }) {
			found = append(found, p.Key)
		}
	}
	return found
}

func (d detector) maySee(to string) map[string]bool {
	i := slices.IndexFunc(d.c.Members, func(m content.Member) bool { return m.Email == to })
	may := map[string]bool{}
	if i < 0 {
		return may
	}
	leads := map[string]bool{}
	for _, team := range d.c.Teams {
		leads[team.Key] = slices.ContainsFunc(team.Members, func(m content.Membership) bool {
			return m.Member == d.c.Members[i].Key && (m.Role == "secretary" || m.Role == "chair")
		})
	}
	for _, p := range d.c.Patients {
		may[p.Key] = leads[p.Team] || slices.Contains(p.Circle, d.c.Members[i].Key)
	}
	return may
}

func pdfText(t *testing.T, pdf []byte) string {
	t.Helper()
	for _, f := range check.Document(pdf) {
		t.Errorf("a PDF: %s", f)
	}
	cmd := exec.CommandContext(t.Context(), testenv.Program(t, "pdftotext"), "-raw", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("pdftotext: %v", err)
	}
	return string(out)
}
