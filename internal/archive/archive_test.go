package archive

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/rcp-care/rcp/internal/fault"
)

func TestWhatIsPutIsRead(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	f := New(filepath.Join(t.TempDir(), "archive"))
	doc := bytes.Repeat([]byte("%PDF"), 1000)
	sha := sum(doc)
	if _, err := f.Get(ctx, sha); !fault.Is(err, fault.NotFound) {
		t.Errorf("before: %v", err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := f.Put(ctx, sha, doc); err != nil {
				t.Errorf("put: %v", err)
			}
		})
	}
	wg.Wait()
	if got, err := f.Get(ctx, sha); err != nil || !bytes.Equal(got, doc) {
		t.Errorf("get: %d bytes, %v", len(got), err)
	}
	files, err := filepath.Glob(filepath.Join(f.dir, sha[:2], sha[2:4], "*"))
	if err != nil || len(files) != 1 {
		t.Errorf("files %q, %v", files, err)
	}
	if left, err := os.ReadDir(filepath.Join(f.dir, sha[:2], sha[2:4])); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestADamagedDocumentShowsAndIsMended(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	f := New(t.TempDir())
	doc := []byte("a document")
	sha := sum(doc)
	if err := f.Put(ctx, sha, doc); err != nil {
		t.Fatal(err)
	}
	path, _ := f.path(sha)
	if err := os.WriteFile(path, []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Get(ctx, sha); err == nil {
		t.Error("read a damaged document")
	}
	if err := f.Put(ctx, sha, doc); err != nil {
		t.Fatal(err)
	}
	if got, err := f.Get(ctx, sha); err != nil || !bytes.Equal(got, doc) {
		t.Errorf("after mending: %q, %v", got, err)
	}
}

func TestOnlyTheRightHashIsTaken(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	f := New(t.TempDir())
	for _, sha := range []string{"", "../../etc/passwd", "abcd", sum([]byte("other"))} {
		if err := f.Put(ctx, sha, []byte("a document")); err == nil {
			t.Errorf("put under %q", sha)
		}
	}
	if _, err := f.Get(ctx, "../../../etc/passwd"); err == nil {
		t.Error("read outside the archive")
	}
}
