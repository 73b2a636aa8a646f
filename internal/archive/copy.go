package archive

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rcp-care/rcp/internal/fault"
)

// Each calls f with the hash of every document, in order. Files that are no
// document, as what an interrupted Put leaves, are passed over.
func (f *Folder) Each(do func(sha string) error) error {
	err := filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
		if path == f.dir && errors.Is(err, fs.ErrNotExist) {
			return fs.SkipAll
		}
		if err != nil || d.IsDir() {
			return err
		}
		sha := strings.TrimSuffix(d.Name(), f.ext)
		if kept, err := f.path(sha); err != nil || kept != path {
			return nil //nolint:nilerr // a name that is no hash is no document
		}
		return do(sha)
	})
	return fault.Wrap("archive.Each", err)
}

// Foreign calls do with every file that is no document, by its path in the
// folder: what an interrupted Put left, or somebody else put there.
func (f *Folder) Foreign(do func(path string)) error {
	err := filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
		if path == f.dir && errors.Is(err, fs.ErrNotExist) {
			return fs.SkipAll
		}
		if err != nil || d.IsDir() {
			return err
		}
		if kept, err := f.path(strings.TrimSuffix(d.Name(), f.ext)); err == nil && kept == path {
			return nil
		}
		rel, err := filepath.Rel(f.dir, path)
		do(filepath.ToSlash(rel))
		return err
	})
	return fault.Wrap("archive.Foreign", err)
}

// Empty reports whether the archive holds nothing at all.
func (f *Folder) Empty() (bool, error) {
	entries, err := os.ReadDir(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return len(entries) == 0, fault.Wrap("archive.Empty", err)
}

// CopyTo puts every document into another archive. Those that are damaged stay
// behind and are named.
func (f *Folder) CopyTo(ctx context.Context, to *Folder) (copied int, damaged []string, err error) {
	err = f.Each(func(sha string) error {
		pdf, err := f.Get(ctx, sha)
		if errors.Is(err, ErrDamaged) {
			damaged = append(damaged, sha)
			return nil
		}
		if err != nil {
			return err
		}
		copied++
		return to.Put(ctx, sha, pdf)
	})
	return copied, damaged, fault.Wrap("archive.CopyTo", err)
}
