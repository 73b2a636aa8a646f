package pdf_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/minutes/pdf"
)

// withLogo are minutes on the team's own paper.
func withLogo(l minutes.Logo) minutes.Content {
	c := geriatrics()
	c.Logo = l
	return c
}

// TestLogo: it is drawn once, said to who does not see it, named by its hash in
// the data, and the same content makes the same bytes.
func TestLogo(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]minutes.Logo{"wide": logo(600, 60), "tall": logo(40, 200), "dot": logo(1, 1)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := withLogo(l)
			b := render(t, c, pdf.Options{}).PDF
			if !bytes.Equal(b, render(t, c, pdf.Options{}).PDF) {
				t.Error("twice, and not the same")
			}
			list := tool(t, "poppler-utils", "pdfimages", "-list", file(t, b))
			if rows := strings.Split(strings.TrimSpace(list), "\n"); len(rows) != 3 || !strings.Contains(rows[2], fmt.Sprintf("%d ", l.Height)) {
				t.Errorf("images: %s", list)
			}
			if p := read(t, b)[0]; p.Role != "Figure" || p.Page != 1 {
				t.Errorf("begins with %s on page %d", p.Role, p.Page)
			}
			tree := tool(t, "qpdf", "qpdf", "--qdf", "--object-streams=disable", file(t, b), "-")
			if !strings.Contains(tree, "/Alt <feff004c006f0067006f002c002000430065") { // Logo, Ce
				t.Error("it says nothing")
			}
			data := attached(t, b)
			if !bytes.Contains(data, []byte(`"logo":{"sha256":"`+l.SHA256+`"`)) || bytes.Contains(data, []byte("PNG")) {
				t.Errorf("the data attached: %s", data[:min(300, len(data))])
			}
		})
	}
}

// TestAnotherLogo: minutes are never printed with a picture that is not theirs,
// nor without it.
func TestAnotherLogo(t *testing.T) {
	t.Parallel()
	empty := image.NewNRGBA(image.Rect(0, 0, 30, 10))
	var b bytes.Buffer
	_ = png.Encode(&b, empty)
	seeThrough := ofBytes(b.Bytes(), 30, 10)
	other, gone, cut := logo(300, 100), logo(300, 100), logo(300, 100)
	other.PNG, gone.PNG = logo(300, 101).PNG, nil
	cut = ofBytes(cut.PNG[:len(cut.PNG)/2], 300, 100)
	for name, l := range map[string]minutes.Logo{
		"another's": other, "gone": gone, "transparent": seeThrough, "cut": cut, "of another size": ofBytes(logo(3, 3).PNG, 3, 4),
		"no picture": ofBytes([]byte("<svg>"), 3, 3), "without a hash": {PNG: logo(3, 3).PNG, Width: 3, Height: 3},
	} {
		if r, err := pdf.Render(withLogo(l), pdf.Options{}); err == nil || r.PDF != nil {
			t.Errorf("%s: %d bytes, %v", name, len(r.PDF), err)
		}
	}
}

func ofBytes(b []byte, w, h int) minutes.Logo {
	sum := sha256.Sum256(b)
	return minutes.Logo{SHA256: hex.EncodeToString(sum[:]), Width: w, Height: h, PNG: b}
}

// TestBookmarks: another reader finds one for each case, that leads to its page.
func TestBookmarks(t *testing.T) {
	t.Parallel()
	c := geriatrics()
	b := render(t, c, pdf.Options{}).PDF
	var tree struct {
		Outlines []struct {
			Title string `json:"title"`
			Page  int    `json:"destpageposfrom1"`
		} `json:"outlines"`
	}
	if err := json.Unmarshal([]byte(tool(t, "qpdf", "qpdf", "--json=2", "--json-key=outlines", file(t, b))), &tree); err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for i, k := range c.Cases {
		want = append(want, fmt.Sprintf("%d\u00a0\u00a0%s %s", i+1, strings.ToUpper(k.BirthFamily), k.BirthGiven))
	}
	pages := strings.Split(tool(t, "poppler-utils", "pdftotext", file(t, b), "-"), "\f")
	for _, o := range tree.Outlines {
		got = append(got, o.Title)
		if o.Page < 1 || !strings.Contains(pages[o.Page-1], strings.Fields(o.Title)[1]) {
			t.Errorf("%q leads to page %d", o.Title, o.Page)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if raw := string(render(t, c, pdf.Options{Part: pdf.Extract, Patient: "p-1"}).PDF); strings.Contains(raw, "/Outlines") {
		t.Error("an extract has bookmarks")
	}
}
