package pdf_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/minutes/pdf"
	"github.com/rcp-care/rcp/minutes/pdf/check"
)

// read is what is read aloud of a document.
func read(t testing.TB, b []byte) []check.Piece {
	t.Helper()
	found, pieces := check.Read(b)
	if len(found) > 0 || len(pieces) < 10 {
		t.Fatalf("%d pieces, %q", len(pieces), found)
	}
	return pieces
}

// TestReadingOrder: what is read aloud is what another reader sees on each
// page, in the same order; only the lines around a page's text, and the header
// of a table that goes on, are seen and not read.
func TestReadingOrder(t *testing.T) {
	t.Parallel()
	long := geriatrics()
	long.Cases[1].Decision.Objectives[0].Comment = strings.Repeat("Marche avec sa canne, sans pause. ", 150)
	for name, tt := range map[string]struct {
		c minutes.Content
		o pdf.Options
	}{
		"register": {geriatrics(), pdf.Options{}},
		"cut row":  {long, pdf.Options{}},
		"draft":    {unsigned(geriatrics()), pdf.Options{}},
		"extract":  {geriatrics(), pdf.Options{Part: pdf.Extract, Patient: "p-1"}},
		"empty":    {minutes.Content{}, pdf.Options{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := render(t, tt.c, tt.o).PDF
			said, headers := map[int]string{}, ""
			for _, p := range read(t, b) {
				said[p.Page] += squeeze(p.Text)
				if p.Role == "TH" {
					headers += squeeze(p.Text)
				}
			}
			raw := strings.Split(tool(t, "poppler-utils", "pdftotext", "-raw", file(t, b), "-"), "\f")
			for i, page := range raw[:len(raw)-1] {
				before, ok := strings.CutSuffix(squeeze(underFurniture(t, page)), said[i+1])
				if !ok || !strings.Contains(headers, before) {
					t.Errorf("page %d: seen and not read: %q; read: %q", i+1, before, said[i+1])
				}
			}
		})
	}
}

// underFurniture is a page's text without the lines around it, which are drawn
// first, the foot as the last of them.
func underFurniture(t testing.TB, page string) string {
	t.Helper()
	i := strings.Index(page, " · version ")
	if i < 0 {
		t.Fatalf("no foot in %q", page)
	}
	_, body, _ := strings.Cut(page[i:], "\n")
	return body
}

// TestReadByAnother: another reader finds the same structure.
func TestReadByAnother(t *testing.T) {
	t.Parallel()
	b := render(t, small(1), pdf.Options{}).PDF
	tree := tool(t, "poppler-utils", "pdfinfo", "-struct-text", file(t, b))
	at := 0
	for _, p := range read(t, b) {
		i := strings.Index(tree[at:], strings.TrimSpace(p.Text))
		if i < 0 || !strings.Contains(tree[at:at+i], p.Role) {
			t.Errorf("%s %q is not read by pdfinfo", p.Role, p.Text)
			continue
		}
		at += i + len(strings.TrimSpace(p.Text))
	}
}

// TestWordsAreParted: a line that is broken does not join two words for who
// listens.
func TestWordsAreParted(t *testing.T) {
	t.Parallel()
	c := geriatrics()
	said := ""
	for _, p := range read(t, render(t, c, pdf.Options{}).PDF) {
		said += p.Text + "|"
	}
	for _, want := range []string{
		strings.ReplaceAll(c.Cases[0].Decision.Summary, "\n", " "), c.Cases[0].Decision.Options, c.Cases[0].Expectations[0],
		"Dr Paul Moreau", "Date jeudi 26",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("not read: %q", want)
		}
	}
}

// TestStructure: the outline that a reader moves through.
func TestStructure(t *testing.T) {
	t.Parallel()
	var got []string
	for _, p := range read(t, render(t, geriatrics(), pdf.Options{}).PDF) {
		if p.Role[0] == 'H' {
			got = append(got, p.Role+" "+p.Text)
		}
	}
	want := []string{"H1 Compte rendu de réunion de synthèse", "H2 Participants", "H2 Relevé de décisions", "H2 1\u00a0\u00a0AUBRIOT Lucienne", "H3 Objectifs", "H3 Actions"}
	if d := cmp.Diff(want, got[:min(len(want), len(got))]); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if n := len(got); got[n-1] != "H2 Signature" || got[n-2] != "H2 Patients reportés" {
		t.Errorf("ends with %q", got[n-2:])
	}
}

// attached is the data in a document.
func attached(t testing.TB, b []byte) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "data.json")
	tool(t, "poppler-utils", "pdfdetach", "-save", "1", "-o", out, file(t, b))
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestAttached: the register holds the very text that was signed, so that the
// hash on the page can be made again from the file alone.
func TestAttached(t *testing.T) {
	t.Parallel()
	c := geriatrics()
	c.Cases[0].Question = hostile["truncated"] + hostile["emoji"] + hostile["control"]
	b := render(t, c, pdf.Options{}).PDF
	data := attached(t, b)
	sum := sha256.Sum256(data)
	if !strings.Contains(flat(t, b), hex.EncodeToString(sum[:])) {
		t.Error("the hash printed is not that of the data attached")
	}
	want, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(data, want) {
		t.Error("the data attached are not the content")
	}
}

func TestAttachedToExtractNamesNobodyElse(t *testing.T) {
	t.Parallel()
	c := geriatrics()
	c.ReplacesWhy = "erreur sur Mme RIBEYROLLES"
	for _, k := range c.Cases {
		data := strings.ToUpper(string(attached(t, render(t, c, pdf.Options{Part: pdf.Extract, Patient: k.Patient}).PDF)))
		if !strings.Contains(data, strings.ToUpper(k.BirthFamily)) {
			t.Errorf("%s: not named", k.Patient)
		}
		others := []string{"Ribeyrolles", "Odette"}
		for _, o := range c.Cases {
			if o.Patient != k.Patient {
				others = append(others, o.BirthFamily, o.IPP, `"`+string(o.Patient)+`"`, `"`+string(o.Case)+`"`)
			}
		}
		for _, o := range others {
			if strings.Contains(data, strings.ToUpper(o)) {
				t.Errorf("%s: the data of the extract hold %q", k.Patient, o)
			}
		}
	}
}

// TestThousandAtOnce: documents made all at once are those made alone.
func TestThousandAtOnce(t *testing.T) {
	t.Parallel()
	alone := make([][]byte, 25)
	for i := range alone {
		alone[i] = render(t, small(i), pdf.Options{}).PDF
		if i > 0 && bytes.Equal(alone[i], alone[i-1]) {
			t.Fatal("two documents are the same: nothing would be compared")
		}
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for n := range 125 {
				i := (n + 3*g) % len(alone)
				if r, err := pdf.Render(small(i), pdf.Options{}); err != nil || !bytes.Equal(r.PDF, alone[i]) {
					t.Errorf("document %d is another than when made alone, error %v", i, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// small are minutes of one patient, others for each i.
func small(i int) minutes.Content {
	c := minutes.Content{Org: "Valbrume", Team: fmt.Sprintf("Équipe %d", i), Zone: "Europe/Paris", Starts: clock("14:30"), Version: 1}
	k := minutes.Case{BirthFamily: "Aubriot", BirthGiven: strings.Repeat("Zoé ", i%5+1)}
	k.Decision.Summary = strings.Repeat(string(rune('a'+i)), i+1)
	c.Cases = []minutes.Case{k}
	return c
}
