package pdf_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/minutes/pdf"
	"github.com/rcp-care/rcp/minutes/pdf/check"
)

var update = flag.Bool("update", false, "write the golden texts")

// TestMain is also the other process of TestSameBytes.
func TestMain(m *testing.M) {
	out := os.Getenv("PDF_CHILD")
	if out == "" {
		os.Exit(m.Run())
	}
	r, err := pdf.Render(geriatrics(), pdf.Options{})
	if err == nil {
		err = os.WriteFile(out, r.PDF, 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// tool runs a program of the document's readers on a PDF file.
func tool(t testing.TB, debian, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Fatalf("%s is needed to test documents: apt-get install %s", name, debian)
	}
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func file(t testing.TB, b []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "m.pdf")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func render(t testing.TB, c minutes.Content, o pdf.Options) pdf.Result {
	t.Helper()
	r, err := pdf.Render(c, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, timing := t.(*testing.B); !timing {
		for _, f := range check.Document(r.PDF) {
			t.Error(f)
		}
	}
	return r
}

// pages returns the text of each page.
func pages(t testing.TB, b []byte) []string {
	t.Helper()
	out := strings.Split(tool(t, "poppler-utils", "pdftotext", "-layout", file(t, b), "-"), "\f")
	return out[:len(out)-1]
}

// flat returns the document's text in reading order with nothing between
// words, so that line breaks do not matter.
func flat(t testing.TB, b []byte) string {
	t.Helper()
	return squeeze(tool(t, "poppler-utils", "pdftotext", "-raw", file(t, b), "-"))
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

func TestGolden(t *testing.T) {
	t.Parallel()
	rcp := geriatrics()
	rcp.Kind, rcp.Team, rcp.Cases = meetings.RCP, "Onco-gériatrie", rcp.Cases[:4]
	rcp.Version, rcp.Replaces, rcp.ReplacesWhy = 1, "", ""
	staff := rcp
	staff.Cases = rcp.Cases[3:]
	standard := rcp
	standard.Cases = slices.Clone(rcp.Cases[:3])
	k := &standard.Cases[2]
	k.Standard, k.Decision.Quorum, k.Decision.Objectives, k.Decision.Actions = true, meetings.Quorum{}, nil, nil
	k.Reference = minutes.Reference{Name: "Cancer du sein localisé", Version: "3.1", Day: date.New(2026, 1, 12), Source: "https://valbrume.example/sein"}
	for name, tt := range map[string]struct {
		c minutes.Content
		o pdf.Options
	}{
		"standard":       {standard, pdf.Options{}},
		"register":       {geriatrics(), pdf.Options{}},
		"register-draft": {unsigned(geriatrics()), pdf.Options{Part: pdf.Register}},
		"extract":        {geriatrics(), pdf.Options{Part: pdf.Extract, Patient: "p-1", Hash: hash64("c")}},
		"rcp":            {rcp, pdf.Options{}},
		"no-quorum":      {staff, pdf.Options{}},
		"empty":          {minutes.Content{}, pdf.Options{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(pages(t, render(t, tt.c, tt.o).PDF), "\f\n")
			path := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("text differs (-golden +got):\n%s", d)
			}
		})
	}
}

func TestValid(t *testing.T) {
	t.Parallel()
	for _, o := range []pdf.Options{{}, {Part: pdf.Extract, Patient: "p-3"}} {
		for _, c := range []minutes.Content{geriatrics(), unsigned(geriatrics())} {
			r := render(t, c, o)
			name := file(t, r.PDF)
			tool(t, "qpdf", "qpdf", "--check", name)
			if n := strings.TrimSpace(tool(t, "qpdf", "qpdf", "--show-npages", name)); n != fmt.Sprint(r.Pages) {
				t.Errorf("%s pages, result says %d", n, r.Pages)
			}
			if r.Replaced != 0 {
				t.Errorf("%d glyphs replaced in ordinary French", r.Replaced)
			}
		}
	}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	c := geriatrics()
	c.Team = strings.Repeat("é", 3000)
	for _, o := range []pdf.Options{{}, {Part: pdf.Extract, Patient: "p-1"}} {
		info := tool(t, "poppler-utils", "pdfinfo", "-rawdates", file(t, render(t, c, o).PDF))
		if strings.Contains(strings.ToLower(info), "aubriot") {
			t.Errorf("a patient's name in the metadata:\n%s", info)
		}
		for _, want := range []string{"Compte rendu de réunion de synthèse – éé", "Centre de soins de Valbrume", "D:20261126164200"} {
			if !strings.Contains(info, want) {
				t.Errorf("no %q in\n%s", want, info)
			}
		}
		if n := strings.Count(info, "é"); n > 1000 || n < 900 {
			t.Errorf("title of some %d characters, want it cut at 1000", n)
		}
	}
}

// TestEveryString: what the frozen content says stands in the document.
func TestEveryString(t *testing.T) {
	t.Parallel()
	c := withStandard(geriatrics())
	got := strings.ToUpper(flat(t, render(t, c, pdf.Options{}).PDF))
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	n := 0
	eachString(v, "", func(key, s string) {
		if s == "" || coded[key] {
			return
		}
		n++
		if !strings.Contains(got, strings.ToUpper(squeeze(s))) {
			t.Errorf("%s: %q is not in the document", key, s)
		}
	})
	if n < 150 {
		t.Errorf("only %d strings looked for", n)
	}
}

// coded are the fields printed in other words: ids, states, dates, hours.
var coded = map[string]bool{
	"team_id": true, "meeting": true, "kind": true, "starts": true, "ends": true, "role": true, "presence": true,
	"arrived": true, "left": true, "case": true, "patient": true, "sex": true, "birth_date": true, "ins_oid": true,
	"identity": true, "objective": true, "due": true, "verdict": true, "next_review": true, "inform_by": true,
	"state": true, "at": true, "signed_at": true, "missing": true, "owner": true, "day": true,
}

func eachString(v any, key string, f func(key, s string)) {
	switch v := v.(type) {
	case string:
		f(key, v)
	case []any:
		for _, e := range v {
			eachString(e, key, f)
		}
	case map[string]any:
		for k, e := range v {
			eachString(e, k, f)
		}
	}
}

func TestProject(t *testing.T) {
	t.Parallel()
	for _, o := range []pdf.Options{{}, {Part: pdf.Extract, Patient: "p-1"}} {
		for i, p := range pages(t, render(t, unsigned(geriatrics()), o).PDF) {
			if !strings.Contains(p, "PROJET") {
				t.Errorf("no PROJET on page %d", i+1)
			}
		}
		for i, p := range pages(t, render(t, geriatrics(), o).PDF) {
			if strings.Contains(strings.ToUpper(p), "PROJET DE COMPTE") || strings.Contains(p, "PROJET") {
				t.Errorf("PROJET on page %d of signed minutes", i+1)
			}
		}
	}
}

func TestPageNumbers(t *testing.T) {
	t.Parallel()
	r := render(t, geriatrics(), pdf.Options{})
	for i, p := range pages(t, r.PDF) {
		if want := fmt.Sprintf("Page %d sur %d", i+1, r.Pages); !strings.Contains(strings.ReplaceAll(p, "\u00a0", " "), want) {
			t.Errorf("no %q", want)
		}
	}
}

func TestExtractNamesNobodyElse(t *testing.T) {
	t.Parallel()
	c := geriatrics()
	c.ReplacesWhy = "erreur sur Mme RIBEYROLLES"
	for _, k := range c.Cases {
		r := render(t, c, pdf.Options{Part: pdf.Extract, Patient: k.Patient})
		got := strings.ToUpper(flat(t, r.PDF))
		if !strings.Contains(got, strings.ToUpper(squeeze(k.BirthFamily))) {
			t.Errorf("%s: not named", k.Patient)
		}
		others := []string{"Ribeyrolles", "Odette"}
		for _, o := range c.Cases {
			if o.Patient != k.Patient {
				others = append(others, o.BirthFamily, o.IPP)
			}
		}
		for _, o := range others {
			if strings.Contains(got, strings.ToUpper(squeeze(o))) {
				t.Errorf("%s: extract holds %q", k.Patient, o)
			}
		}
	}
	for _, p := range []id.Patient{"", "p-9", "nobody"} {
		if r, err := pdf.Render(c, pdf.Options{Part: pdf.Extract, Patient: p}); !fault.Is(err, fault.NotFound) || r.PDF != nil {
			t.Errorf("%q: want not found and no document, got %v", p, err)
		}
	}
	if _, err := pdf.Render(c, pdf.Options{Part: "other"}); err == nil {
		t.Error("an unknown part was printed")
	}
}

func TestQuorumOfRCP(t *testing.T) {
	t.Parallel()
	const warning = "Quorumnonatteint:àprésenterdenouveau.Cecin’estpasunavisdeRCP."
	c := geriatrics()
	c.Kind = meetings.RCP
	if got := flat(t, render(t, c, pdf.Options{}).PDF); !strings.Contains(got, "CompterendudeRCP") || strings.Count(got, warning) != 1 {
		t.Error("a register with one case without quorum: want RCP in the title and one warning")
	}
	for name, o := range map[string]pdf.Options{"extract": {Part: pdf.Extract, Patient: "p-4"}, "register": {}} {
		only := c
		only.Cases = c.Cases[3:4]
		got := flat(t, render(t, only, o).PDF)
		if strings.Contains(got, "CompterendudeRCP") || !strings.Contains(got, "Compterenduderéuniond’équipe") || !strings.Contains(got, warning) {
			t.Errorf("%s without quorum prints as a RCP", name)
		}
	}
	unknown := c
	unknown.Cases = []minutes.Case{c.Cases[0]}
	unknown.Cases[0].Decision.Quorum = meetings.Quorum{State: meetings.QuorumUnknown}
	if got := flat(t, render(t, unknown, pdf.Options{}).PDF); !strings.Contains(got, "Quorumnonvérifié") || strings.Contains(got, "CompterendudeRCP") {
		t.Error("an unknown quorum prints as a RCP")
	}
}

func TestUnqualifiedIdentityHidesINS(t *testing.T) {
	t.Parallel()
	c := geriatrics()
	c.Cases = c.Cases[:1]
	c.Cases[0].Identity = "VALI"
	if got := flat(t, render(t, c, pdf.Options{}).PDF); strings.Contains(got, "239032123101294") || strings.Contains(got, "INS") {
		t.Error("matricule of an identity that is not qualified")
	}
}

func TestRendererPrintsTheHashItIsGiven(t *testing.T) {
	t.Parallel()
	c := geriatrics()
	b, n, err := pdf.Renderer{}.Render(c, minutes.Register, "", hash64("d"))
	if err != nil || n == 0 {
		t.Fatal(n, err)
	}
	if !strings.Contains(flat(t, b), hash64("d")) {
		t.Error("the hash given is not printed")
	}
}

func TestRenderHashesTheContent(t *testing.T) {
	t.Parallel()
	c := geriatrics()
	r, err := pdf.Render(c, pdf.Options{})
	b, n := r.PDF, r.Pages
	if err != nil || n == 0 {
		t.Fatal(n, err)
	}
	j, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(j)
	if !strings.Contains(flat(t, b), hex.EncodeToString(sum[:])) {
		t.Error("the content's hash is not printed")
	}
}

// TestSameBytes renders in many goroutines and in another process.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	c := geriatrics()
	want := render(t, c, pdf.Options{}).PDF
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 13 {
				if r, err := pdf.Render(c, pdf.Options{}); err != nil || !bytes.Equal(r.PDF, want) {
					t.Errorf("another document, error %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	out := filepath.Join(t.TempDir(), "child.pdf")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "PDF_CHILD="+out, "TZ=Pacific/Auckland")
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("another process makes other bytes")
	}
}

func TestUnknownZoneSaysUTC(t *testing.T) {
	t.Parallel()
	c := geriatrics()
	c.Zone = "Mars/Olympus"
	if got := flat(t, render(t, c, pdf.Options{}).PDF); !strings.Contains(got, "de13h30à15h00(heureUTC)") {
		t.Error("hours of an unknown zone do not say UTC")
	}
}

func BenchmarkRender20(b *testing.B) {
	c := geriatrics()
	for i := 0; len(c.Cases) < 20; i++ {
		c.Cases = append(c.Cases, c.Cases[i])
	}
	for b.Loop() {
		render(b, c, pdf.Options{})
	}
}

func TestLetterheadSaysTheNameOnce(t *testing.T) {
	t.Parallel()
	c := unsigned(geriatrics())
	want := flat(t, render(t, c, pdf.Options{}).PDF)
	c.Letterhead = append([]string{" " + c.Org}, c.Letterhead...)
	if got := flat(t, render(t, c, pdf.Options{}).PDF); got != want {
		t.Error("the organisation is named again in its letterhead")
	}
	c.Letterhead[0] = c.Org + ", pôle Nord"
	if got := flat(t, render(t, c, pdf.Options{}).PDF); got == want {
		t.Error("another first line is not printed")
	}
}
