package house

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// module is the path every import of our own begins with.
const module = "github.com/rcp-care/rcp"

// source is one file of the tree, as the rules see it.
type source struct {
	path    string // slash-separated, from the root
	content []byte
	syntax  *ast.File // nil unless a Go file
}

func (s source) room() string { return path.Dir(s.path) }
func (s source) isGo() bool   { return s.syntax != nil }
func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }
func (s source) lines() int   { return bytes.Count(s.content, []byte("\n")) }
func (s source) isBinary() bool {
	return bytes.IndexByte(s.content[:min(len(s.content), 8000)], 0) >= 0
}
func (s source) generated() bool { return ast.IsGenerated(s.syntax) }

// imports returns the import paths of a Go file.
func (s source) imports() []string {
	var paths []string
	for _, spec := range s.syntax.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths = append(paths, p)
		}
	}
	return paths
}

// parse makes a source of a path and its content.
func parse(t *testing.T, name string, content []byte) source {
	t.Helper()
	s := source{path: name, content: content}
	if path.Ext(name) != ".go" || strings.Contains(name, "testdata/") {
		return s
	}
	syntax, err := parser.ParseFile(token.NewFileSet(), name, content, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	s.syntax = syntax
	return s
}

// readTree reads every file that is in the repository or would be added to it:
// what git ignores is nobody's business.
func readTree(t *testing.T) []source {
	t.Helper()
	root := filepath.Join("..", "..")
	cmd := exec.Command("git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("list the files of the repository: %v", err)
	}
	names := slices.Compact(slices.Sorted(slices.Values(strings.Split(strings.Trim(string(out), "\x00"), "\x00"))))
	var tree []source
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if os.IsNotExist(err) {
			continue // removed, and not yet committed
		}
		if err != nil {
			t.Fatal(err)
		}
		tree = append(tree, parse(t, name, content))
	}
	return tree
}
