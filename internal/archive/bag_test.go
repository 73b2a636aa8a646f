package archive

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func bagged(t *testing.T, dir string) {
	t.Helper()
	b, err := NewBag(dir)
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{"index.html": "<p>é", "nord/0001/compte-rendu.pdf": "%PDF", "nord/0001/contenu.json": "{}"} {
		if _, err := b.Add(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Seal([]Label{{"Source-Organization", "Clinique\nX"}}); err != nil {
		t.Fatal(err)
	}
}

// TestABagHoldsWhatItSays changes each byte of each file of a bag, takes each
// away and adds some.
func TestABagHoldsWhatItSays(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "bag")
	bagged(t, dir)
	if wrong, err := CheckBag(dir); err != nil || len(wrong) != 0 {
		t.Fatalf("a new bag: %q, %v", wrong, err)
	}
	for _, name := range []string{"bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt", "data/index.html", "data/nord/0001/compte-rendu.pdf"} {
		path := filepath.Join(dir, name)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for at := range whole {
			other := slices.Clone(whole)
			other[at] ^= 1
			put(t, path, other)
			if wrong, err := CheckBag(dir); err == nil && len(wrong) == 0 {
				t.Errorf("byte %d of %s: nothing is said", at, name)
			}
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if wrong, err := CheckBag(dir); err != nil || len(wrong) == 0 {
			t.Errorf("without %s: %q, %v", name, wrong, err)
		}
		put(t, path, whole)
	}
	put(t, filepath.Join(dir, "data", "more"), []byte("x"))
	if wrong, err := CheckBag(dir); err != nil || !slices.Contains(wrong, "added: data/more") {
		t.Errorf("one more: %q, %v", wrong, err)
	}
	bagged(t, dir)
	if wrong, err := CheckBag(dir); err != nil || len(wrong) != 0 {
		t.Errorf("made again: %q, %v", wrong, err)
	}
}

func put(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestABagIsMadeNowhereElse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "letters.txt"), []byte("x"))
	if _, err := NewBag(dir); !errors.Is(err, ErrNotABag) {
		t.Errorf("in a folder of something else: %v", err)
	}
	b, err := NewBag(filepath.Join(dir, "bag"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"../x", "/etc/x", "a%b", "a\nb"} {
		if _, err := b.Add(path, nil); err == nil {
			t.Errorf("added %q", path)
		}
	}
}
