package web

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/templates"
)

// inline is what the Content-Security-Policy would refuse.
var inline = regexp.MustCompile(`(?i)\sstyle=|<style|<script(?:\s[^>]*)?>[^<]|\son[a-z]+=|javascript:|hx-on|hx-vals="js:`)

func TestTemplatesHoldNothingInline(t *testing.T) {
	t.Parallel()
	n := 0
	for _, glob := range []string{"pages/*.html", "partials/*.html"} {
		files, err := fs.Glob(templates.FS, glob)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			raw, err := templates.FS.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if m := inline.Find(raw); m != nil {
				t.Errorf("%s holds %q", name, m)
			}
			n++
		}
	}
	if n < 4 {
		t.Fatalf("only %d templates found", n)
	}
}

// address finds what a form sends into the address bar, or a link's query.
var address = regexp.MustCompile(`<form[^>]*method="get"|href="[^"#]*\?[^"]*(?i:name|nom|q)=`)

func TestNothingTypedGoesIntoAnAddress(t *testing.T) {
	t.Parallel()
	err := fs.WalkDir(templates.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".html") {
			return err
		}
		raw, err := templates.FS.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range address.FindAllString(string(raw), -1) {
			if !strings.Contains(m, "data-plain") {
				t.Errorf("%s: %s: a search goes by POST, so that no name stays in histories and logs (data-plain when nothing typed is sent)", path, m)
			}
		}
		for _, m := range regexp.MustCompile(`<form\b[^>]*>`).FindAllString(string(raw), -1) {
			if !strings.Contains(m, "method=") {
				t.Errorf("%s: %s sends by GET", path, m)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
