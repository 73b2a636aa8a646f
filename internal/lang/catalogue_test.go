package lang_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/templates"
)

// TestEverySentenceHasItsEnglish reads every template and every Go file of the
// project for French sentences and looks each up.
func TestEverySentenceHasItsEnglish(t *testing.T) {
	t.Parallel()
	found := append(inTemplates(t), inGo(t, "../..")...)
	if len(found) < 20 {
		t.Fatalf("only %d sentences found: the search is broken", len(found))
	}
	missing := map[string]string{}
	for _, s := range found {
		if !lang.Has(s) {
			missing[s] = ""
		}
	}
	if len(missing) > 0 {
		out, _ := json.MarshalIndent(missing, "", "  ")
		t.Errorf("add to templates/lang/en.json:\n%s", out)
	}
}

// TestTheEnglishTakesTheSameArguments compares the verbs of both sentences.
func TestTheEnglishTakesTheSameArguments(t *testing.T) {
	t.Parallel()
	raw, err := templates.FS.ReadFile("lang/en.json")
	if err != nil {
		t.Fatal(err)
	}
	var catalogue map[string]string
	if err := json.Unmarshal(raw, &catalogue); err != nil {
		t.Fatal(err)
	}
	verb := regexp.MustCompile(`%(\[\d+\])?[a-z]`)
	for fr, en := range catalogue {
		a, b := verb.FindAllString(fr, -1), verb.FindAllString(en, -1)
		slices.Sort(a)
		slices.Sort(b)
		if en == "" || strings.Join(plain(a), "") != strings.Join(plain(b), "") {
			t.Errorf("%q: %v and %q: %v", fr, a, en, b)
		}
	}
}

// plain drops the argument numbers, which only one of both may need.
func plain(verbs []string) []string {
	out := make([]string, len(verbs))
	for i, v := range verbs {
		out[i] = "%" + v[len(v)-1:]
	}
	slices.Sort(out)
	return out
}

// call finds {{T "…"}} and (N x "…" "…") in a template's text.
var call = regexp.MustCompile(`\b(?:T|N [^"{}]*?) "((?:[^"\\]|\\.)*)"(?: "((?:[^"\\]|\\.)*)")?`)

func inTemplates(t *testing.T) []string {
	t.Helper()
	var found []string
	err := fs.WalkDir(templates.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".html" && !strings.HasPrefix(path, "mails/") {
			return err
		}
		raw, err := templates.FS.ReadFile(path)
		if err != nil {
			return err
		}
		for _, action := range regexp.MustCompile(`{{.*?}}`).FindAllString(string(raw), -1) {
			for _, m := range call.FindAllStringSubmatch(action, -1) {
				found = append(found, m[1])
				if m[2] != "" && strings.HasPrefix(m[0], "N") {
					found = append(found, m[2])
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// argument says which arguments of a call are French sentences, by the name of
// what is called.
var argument = map[string][]int{
	"T": {0, 1}, "N": {2, 3}, "Mark": {0}, "That": {2}, "New": {2}, "base": {2}, "gate": {1},
	"refuse": {0, 1, 3}, "warn": {1}, "invalid": {0}, "Refuse": {2, 3, 4}, "Warn": {1}, "RefuseAll": {1},
}

// refusals have a sentence among words that nobody reads, which hold no blank.
var refusals = []string{"refuse", "warn", "Refuse", "Warn"}

func inGo(t *testing.T, root string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != ".." && path != root {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, src, 0)
		if err != nil {
			return nil // the compiler says it better
		}
		ast.Inspect(file, func(n ast.Node) bool {
			found = append(found, sentences(n)...)
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// sentences are the literals of one call that must have their English.
func sentences(n ast.Node) []string {
	c, ok := n.(*ast.CallExpr)
	if !ok {
		return nil
	}
	var name, of string
	switch f := c.Fun.(type) {
	case *ast.SelectorExpr:
		name = f.Sel.Name
		if x, ok := f.X.(*ast.Ident); ok {
			of = x.Name
		}
	case *ast.Ident:
		name = f.Name
	}
	if (name == "New" && of != "fault") || ((name == "T" || name == "N") && of == "") {
		return nil
	}
	var found []string
	for _, i := range argument[name] {
		if i >= len(c.Args) {
			continue
		}
		if lit, ok := c.Args[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil && s != "" && (!slices.Contains(refusals, name) || strings.Contains(s, " ")) {
				found = append(found, s)
			}
		}
	}
	return found
}
