package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/rcp-care/rcp/internal/fault"
)

// ManifestName is the file that makes a folder a whole backup: it is written
// last.
const ManifestName = "manifest.json"

// Manifest says what a backup holds.
type Manifest struct {
	Program  string    `json:"program"` // version that made it
	Made     time.Time `json:"made"`
	Database string    `json:"database"` // which of the files is the database
	Files    []Entry   `json:"files"`
}

// Entry is one file of a backup; Path is relative, with slashes.
type Entry struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Seal reads every file below dir and writes the manifest.
func Seal(dir string, m Manifest) (Manifest, error) {
	const op = "archive.Seal"
	var err error
	if m.Files, err = entries(dir); err != nil {
		return m, fault.Wrap(op, err)
	}
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return m, fault.Wrap(op, err)
	}
	if err := write(filepath.Join(dir, ManifestName), append(raw, '\n')); err != nil {
		return m, fault.Wrap(op, err)
	}
	return m, fault.Wrap(op, syncDir(dir))
}

func entries(dir string) ([]Entry, error) {
	var all []Entry
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil || rel == ManifestName {
			return err
		}
		e, err := entry(path)
		e.Path = filepath.ToSlash(rel)
		all = append(all, e)
		return err
	})
	return all, err
}

// entry hashes a file without holding it, and makes sure that it is on the disk.
func entry(path string) (e Entry, err error) {
	f, err := os.Open(path)
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	if e.Size, err = io.Copy(h, f); err != nil {
		return e, err
	}
	e.SHA256 = hex.EncodeToString(h.Sum(nil))
	return e, f.Sync()
}

// Open reads a backup's manifest.
func Open(dir string) (m Manifest, err error) {
	const op = "archive.Open"
	raw, err := os.ReadFile(filepath.Join(dir, ManifestName))
	if err != nil {
		return m, fault.Wrap(op, err)
	}
	return m, fault.Wrap(op, json.Unmarshal(raw, &m))
}

// Check compares the files below dir with the manifest and says what is
// altered, missing or not part of the backup.
func (m Manifest) Check(dir string) (wrong []string, err error) {
	found, err := entries(dir)
	if err != nil {
		return nil, fault.Wrap("archive.Check", err)
	}
	there := map[string]Entry{}
	for _, e := range found {
		there[e.Path] = e
	}
	for _, want := range m.Files {
		switch got, ok := there[want.Path]; {
		case !ok:
			wrong = append(wrong, fmt.Sprintf("missing: %s", want.Path))
		case got != want:
			wrong = append(wrong, fmt.Sprintf("altered: %s", want.Path))
		}
		delete(there, want.Path)
	}
	for _, e := range found {
		if _, extra := there[e.Path]; extra {
			wrong = append(wrong, fmt.Sprintf("not part of the backup: %s", e.Path))
		}
	}
	return wrong, nil
}
