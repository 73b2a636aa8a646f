// Package archive keeps documents in a folder, each under the SHA-256 of its
// bytes: ab/cd/abcd….pdf. What always holds: a document is there whole or not
// at all, whenever the machine stops; putting the same one twice changes
// nothing; what is read is what was put, or an error. Nothing is ever deleted,
// but what a virus scanner refused.
//
// Which document belongs to what is left to the database. The folder may be
// shared between machines.
package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rcp-care/rcp/internal/fault"
)

// Folder is an archive in a folder, made when it is first used.
type Folder struct{ dir, ext string }

// New returns the archive of PDFs in a folder.
func New(dir string) *Folder { return &Folder{dir: dir, ext: ".pdf"} }

// Papers returns the archive of what people added to cases: files of several
// kinds, whose names say none, so that nothing on the machine opens them.
func Papers(dir string) *Folder { return &Folder{dir: dir, ext: ".bin"} }

// path is where a hash is kept; the hash is 64 hexadecimal digits.
func (f *Folder) path(sha string) (string, error) {
	if b, err := hex.DecodeString(sha); err != nil || len(b) != sha256.Size {
		return "", fault.Errorf("archive", "%w", ErrNoHash)
	}
	return filepath.Join(f.dir, sha[:2], sha[2:4], sha+f.ext), nil
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// Put keeps the document whose SHA-256 is sha, on the disk when it returns.
func (f *Folder) Put(_ context.Context, sha string, pdf []byte) error {
	const op = "archive.Put"
	if sum(pdf) != sha {
		return fault.Errorf(op, "the hash is not the document's")
	}
	path, err := f.path(sha)
	if err != nil {
		return fault.Wrap(op, err)
	}
	if old, err := os.ReadFile(path); err == nil && sum(old) == sha {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fault.Wrap(op, err)
	}
	if err := write(path, pdf); err != nil {
		return fault.Wrap(op, err)
	}
	for d := filepath.Dir(path); ; d = filepath.Dir(d) { // the names too, up to the archive's own
		if err := syncDir(d); err != nil {
			return fault.Wrap(op, err)
		}
		if d == filepath.Clean(f.dir) || d == filepath.Dir(d) {
			return nil
		}
	}
}

// write makes the file under another name first, so that it is never half there.
func write(path string, pdf []byte) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	_, err = tmp.Write(pdf)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// ErrNoHash is when a document is asked for by what is no SHA-256.
var ErrNoHash = errors.New("not a SHA-256")

// ErrDamaged is when a document is not the one that was put.
var ErrDamaged = errors.New("the document is damaged")

// Get reads a document and makes sure that it is the one that was put. It is
// fault.NotFound when there is none.
func (f *Folder) Get(_ context.Context, sha string) ([]byte, error) {
	const op = "archive.Get"
	path, err := f.path(sha)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, op, "Introuvable.")
	}
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	if sum(b) != sha {
		return nil, fault.Errorf(op, "%w: %s", ErrDamaged, sha)
	}
	return b, nil
}

// Drop deletes a document that a virus scanner refused; one that is not there
// is no failure.
func (f *Folder) Drop(_ context.Context, sha string) error {
	path, err := f.path(sha)
	if err == nil {
		if err = os.Remove(path); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	return fault.Wrap("archive.Drop", err)
}
