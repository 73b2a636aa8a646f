package pdf_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/minutes/pdf"
	"github.com/rcp-care/rcp/minutes/pdf/check"
)

var hostile = map[string]string{
	"one word":       strings.Repeat("anticonstitutionnellement", 4000),
	"emoji":          strings.Repeat("👩🏽‍⚕️🫀", 500),
	"truncated":      "caf\xc3 \xe2\x82 \xf0\x9f\x91 \xff\xfe fin",
	"right to left":  "\u202eمرحبا بالعالم\u202c \u2067שלום\u2069",
	"page alias":     "{nb} {nb} \\{nb\\} ((( \\",
	"control":        "a\x1b[31mb\x7fc\x00d\r\ne\rf\x85g\u2028h",
	"no-break space": strings.Repeat("\u202f", 5000) + strings.Repeat("1\u202f000", 5000),
	"combining":      "e" + strings.Repeat("\u0301", 5000),
	"blank":          strings.Repeat(" \n\t", 700),
}

// fill sets every string of v that is printed to s.
func fill(v reflect.Value, s string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i), s)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[minutes.Logo]() {
			return // its hash is no text: see TestLogo
		}
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; v.Type().Field(i).IsExported() && name != "Zone" && name != "Patient" {
				fill(v.Field(i), s)
			}
		}
	}
}

func filled(s string) minutes.Content {
	c := withStandard(geriatrics())
	c.Cases = c.Cases[len(c.Cases)-2:] // a discussed one and the standard one
	c.Cases[0] = aubriot()
	c.Logo = logo(300, 100)
	fill(reflect.ValueOf(&c).Elem(), s)
	return c
}

func TestHostileText(t *testing.T) {
	t.Parallel()
	everything := ""
	for _, name := range []string{"emoji", "truncated", "right to left", "page alias", "control", "combining", "no-break space", "one word"} {
		everything += hostile[name]
	}
	texts := map[string]string{"everything": everything}
	for k, v := range hostile {
		texts[k] = v
	}
	for name, s := range texts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, p := range []id.Patient{"p-1", standardPatient} {
				r := render(t, unsigned(filled(s)), pdf.Options{Part: pdf.Extract, Patient: p})
				if r.Pages > 600 {
					t.Errorf("%d pages", r.Pages)
				}
				tool(t, "qpdf", "qpdf", "--check", file(t, r.PDF))
			}
		})
	}
}

func TestHostileTextIsShown(t *testing.T) {
	t.Parallel()
	c := geriatrics()
	c.Cases = c.Cases[:1]
	for name, tt := range map[string]struct {
		in, want string
		replaced int
	}{
		"emoji":      {"a👩b", "a□b", 1},
		"truncated":  {"a\xe2\x82b", "a□b", 1},
		"alias":      {"a{nb}b", "a{nb}b", 0},
		"control":    {"a\x1b\x7f\u202eb", "ab", 0},
		"decomposed": {"e\u0301te\u0301", "été", 0},
		"box":        {"☒ oui", "☒oui", 0},
		"too long":   {strings.Repeat("a", 20_050), "textecoupé:50caractèresdeplus", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := c
			c.Room = tt.in
			r := render(t, c, pdf.Options{})
			if r.Replaced != tt.replaced {
				t.Errorf("%d replaced, want %d", r.Replaced, tt.replaced)
			}
			if got := flat(t, r.PDF); !strings.Contains(got, tt.want) {
				t.Errorf("no %q in the document", tt.want)
			}
		})
	}
}

func TestLongTable(t *testing.T) {
	t.Parallel()
	c := geriatrics()
	c.Cases = c.Cases[:1]
	n := &c.Cases[0].Decision
	n.Objectives = nil
	for i := range 500 {
		n.Objectives = append(n.Objectives, minutes.ObjectiveResult{
			Title: fmt.Sprintf("Objectif no%d.", i), Expected: "résultat", Verdict: minutes.VerdictStable, Comment: "rien",
		})
	}
	n.Objectives[250].Comment = strings.Repeat("très long commentaire ", 900)
	r := render(t, c, pdf.Options{})
	if r.Pages > 80 {
		t.Errorf("%d pages for 500 rows", r.Pages)
	}
	ps := pages(t, r.PDF)
	got := squeeze(strings.Join(ps, ""))
	for i := range 500 {
		if k := strings.Count(got, fmt.Sprintf("Objectifno%d.", i)); k != 1 {
			t.Fatalf("row %d stands %d times", i, k)
		}
	}
	if k := strings.Count(got, "commentaire"); k != 900 {
		t.Errorf("%d of 900 words of the cut row", k)
	}
	for i, p := range ps[3 : len(ps)-3] {
		if !strings.Contains(p, "Ce qui change") {
			t.Errorf("no table header on page %d", i+4)
		}
	}
}

func TestTooManyPages(t *testing.T) {
	t.Parallel()
	c := geriatrics()
	for range 9 {
		c.Cases = append(c.Cases, c.Cases...)
	}
	if r, err := pdf.Render(c, pdf.Options{}); !fault.Is(err, fault.Invalid) || r.PDF != nil {
		t.Errorf("%d pages, want a refusal: %v", r.Pages, err)
	}
}

// TestAnyText: no text in any field makes an error, and the input stays as it
// was.
func TestAnyText(t *testing.T) {
	t.Parallel()
	base := geriatrics()
	rapid.Check(t, func(rt *rapid.T) {
		s := string(rapid.SliceOfN(rapid.Byte(), 0, 60).Draw(rt, "bytes")) + rapid.StringN(0, 60, -1).Draw(rt, "runes")
		c := base
		c.Cases = []minutes.Case{aubriot(), withStandard(minutes.Content{}).Cases[0]}
		c.Participants = participants()
		c.Letterhead, c.Logo = []string{""}, logo(30, 100)
		fill(reflect.ValueOf(&c).Elem(), s)
		c.SignedAt = time.Unix(rapid.Int64Range(-1e10, 1e11).Draw(rt, "signed"), 0)
		r, err := pdf.Render(c, pdf.Options{})
		if err != nil {
			rt.Fatalf("%v", err)
		}
		if found := check.Document(r.PDF); len(found) > 0 {
			rt.Fatal(found)
		}
		if c.Letterhead[0] != s {
			rt.Fatal("rendering changed its input")
		}
	})
}
