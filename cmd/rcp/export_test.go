package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/internal/archive"
)

// TestAYearIsABag exports the demo's year, stops in the middle, and goes on.
func TestAYearIsABag(t *testing.T) {
	t.Parallel()
	v := newEvidence(t)
	year := strings.SplitN(v.all(t, `SELECT strftime('%Y', meeting_at / 1000000, 'unixepoch') FROM minutes`)[0], "-", 2)[0]
	family := v.all(t, `SELECT p.birth_family FROM patient p JOIN document d ON d.patient = p.id`)[0]
	dir := filepath.Join(t.TempDir(), "bag")
	export := func(want int, args ...string) string {
		t.Helper()
		settings := map[string]string{"RCP_DATABASE": "sqlite:" + v.db, "RCP_ARCHIVE": v.archive}
		var b bytes.Buffer
		code := run(t.Context(), append([]string{"export", "archive"}, args...), func(name string) string { return settings[name] }, strings.NewReader(""), &b, &b)
		if code != want {
			t.Fatalf("%v: exit %d\n%s", args, code, b.String())
		}
		return b.String()
	}
	if out := export(0, "--year", year, dir); !strings.Contains(out, "1 signed minutes") || !strings.Contains(out, ", 0 files kept") {
		t.Errorf("says %q", out)
	}
	whole := tree(t, dir)
	wantBag(t, dir)
	page, err := os.ReadFile(filepath.Join(dir, "data", "index.html"))
	if err != nil || !strings.Contains(strings.ToUpper(string(page)), strings.ToUpper(family)) {
		t.Errorf("the index does not name %v", err)
	}
	for name := range whole {
		if strings.Contains(strings.ToUpper(name), strings.ToUpper(family)) {
			t.Errorf("a path names a patient: %s", name)
		}
	}
	half, err := filepath.Glob(filepath.Join(dir, "data", "*", "*", "extrait-*.pdf"))
	if err != nil || len(half) < 2 {
		t.Fatalf("%d extracts, %v", len(half), err)
	}
	for _, path := range []string{half[0], filepath.Join(dir, "manifest-sha256.txt"), filepath.Join(dir, "tagmanifest-sha256.txt")} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(half[1], 10); err != nil {
		t.Fatal(err)
	}
	out := export(0, "--year", year, dir)
	if again := tree(t, dir); !strings.Contains(out, fmt.Sprintf(", %d files kept", strings.Count(whole["manifest-sha256.txt"], "\n")-2)) || fmt.Sprint(again) != fmt.Sprint(whole) {
		t.Errorf("going on says %q, %d files", out, len(again))
	}
	wantBag(t, dir)
	if want := "[##############################] 1 of 1"; !strings.Contains(out, want) {
		t.Errorf("no bar %q in %q", want, out)
	}
	export(0, "--year", "1999", filepath.Join(t.TempDir(), "none"))
	export(1, "--year", year, "--team", "Personne", filepath.Join(t.TempDir(), "nobody"))
	export(1, "--year", year, v.archive)
}

func wantBag(t *testing.T, dir string) {
	t.Helper()
	if wrong, err := archive.CheckBag(dir); err != nil || len(wrong) > 0 {
		t.Errorf("the bag: %q, %v", wrong, err)
	}
}

// tree reads every file below a folder.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		all[rel] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
