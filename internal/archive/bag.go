package archive

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rcp-care/rcp/internal/fault"
)

// declaration is bagit.txt, byte for byte (RFC 8493 § 2.1.1).
const declaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

// The tag files of a bag (RFC 8493 § 2).
const (
	bagFile     = "bagit.txt"
	bagInfo     = "bag-info.txt"
	payloadList = "manifest-sha256.txt"
	tagList     = "tagmanifest-sha256.txt"
	payloadDir  = "data"
)

// Bag is a BagIt package (RFC 8493) in the making. What is there already is
// kept when it is the same, so that making it again goes on where it stopped.
// It is whole once it is sealed: the list of tag files is written last.
type Bag struct {
	dir   string
	files map[string]string // path below dir, with slashes: SHA-256
	size  int64
}

// Label is a line of bag-info.txt (RFC 8493 § 2.2.2).
type Label struct{ Name, Value string }

// ErrNotABag is when a folder holds something else than a bag.
var ErrNotABag = errors.New("the folder holds something else")

// NewBag begins a bag in a new or empty folder, or goes on with the one there.
func NewBag(dir string) (*Bag, error) {
	const op = "archive.NewBag"
	if err := os.MkdirAll(filepath.Join(dir, payloadDir), 0o700); err != nil {
		return nil, fault.Wrap(op, err)
	}
	there, err := os.ReadDir(dir)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	began, err := os.ReadFile(filepath.Join(dir, bagFile))
	if len(there) > 1 && (err != nil || string(began) != declaration) {
		return nil, fault.Errorf(op, "%w", ErrNotABag)
	}
	if err := os.Remove(filepath.Join(dir, tagList)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(op, err)
	}
	return &Bag{dir: dir, files: map[string]string{}}, fault.Wrap(op, write(filepath.Join(dir, bagFile), []byte(declaration)))
}

// Add puts a file into the payload and reports whether it was there already.
// path has slashes and neutral names: letters, digits, "-" and ".".
func (b *Bag) Add(path string, content []byte) (kept bool, err error) {
	const op = "archive.Bag.Add"
	if !filepath.IsLocal(path) || strings.ContainsAny(path, "%\r\n\\") {
		return false, fault.Errorf(op, "a path that a bag does not take")
	}
	name := payloadDir + "/" + path
	file := filepath.Join(b.dir, filepath.FromSlash(name))
	b.files[name] = sum(content)
	b.size += int64(len(content))
	if old, err := os.ReadFile(file); err == nil && sum(old) == b.files[name] {
		return true, nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return false, fault.Wrap(op, err)
	}
	return false, fault.Wrap(op, write(file, content))
}

// Seal writes the lists. Files of the payload that were not added are taken
// out: what an interrupted run left half written, or another export.
func (b *Bag) Seal(info []Label) error {
	const op = "archive.Bag.Seal"
	if err := b.sweep(); err != nil {
		return fault.Wrap(op, err)
	}
	info = append(slices.Clone(info), Label{"Payload-Oxum", fmt.Sprintf("%d.%d", b.size, len(b.files))})
	var text strings.Builder
	for _, l := range info {
		fmt.Fprintf(&text, "%s: %s\n", l.Name, strings.Join(strings.Fields(l.Value), " "))
	}
	tags := map[string]string{bagFile: declaration, bagInfo: text.String(), payloadList: list(b.files)}
	hashes := map[string]string{}
	for name, content := range tags {
		hashes[name] = sum([]byte(content))
	}
	tags[tagList] = list(hashes)
	for _, name := range []string{bagFile, bagInfo, payloadList, tagList} {
		if err := write(filepath.Join(b.dir, name), []byte(tags[name])); err != nil {
			return fault.Wrap(op, err)
		}
	}
	return fault.Wrap(op, syncDir(b.dir))
}

// list is a manifest: a hash and a path a line, by path (RFC 8493 § 2.1.3).
func list(hashes map[string]string) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(hashes)) {
		fmt.Fprintf(&text, "%s  %s\n", hashes[name], name)
	}
	return text.String()
}

func (b *Bag) sweep() error {
	return b.payload(func(name, file string) error {
		if b.files[name] != "" {
			return nil
		}
		return os.Remove(file)
	})
}

func (b *Bag) payload(do func(name, file string) error) error {
	return filepath.WalkDir(filepath.Join(b.dir, payloadDir), func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(b.dir, file)
		if err != nil {
			return err
		}
		return do(filepath.ToSlash(name), file)
	})
}

// CheckBag reads a whole bag and says what does not hold of it: what is
// altered, missing or added (RFC 8493 § 3).
func CheckBag(dir string) ([]string, error) {
	c := bagCheck{Bag: Bag{dir: dir}}
	if raw, err := os.ReadFile(filepath.Join(dir, bagFile)); err != nil || string(raw) != declaration {
		c.say("altered: %s", bagFile)
	}
	c.listed(tagList)
	payload := c.listed(payloadList)
	var size int64
	err := c.payload(func(name, file string) error {
		info, err := os.Stat(file)
		if err == nil {
			size += info.Size()
		}
		if payload[name] == "" {
			c.say("added: %s", name)
		}
		return err
	})
	if err != nil {
		return nil, fault.Wrap("archive.CheckBag", err)
	}
	info, _ := os.ReadFile(filepath.Join(dir, bagInfo))
	if want := fmt.Sprintf("\nPayload-Oxum: %d.%d\n", size, len(payload)); !strings.Contains("\n"+string(info), want) {
		c.say("altered: the size of the payload is not the one in %s", bagInfo)
	}
	return c.wrong, nil
}

type bagCheck struct {
	Bag
	wrong []string
}

func (c *bagCheck) say(format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

// listed reads a manifest and compares every file it names.
func (c *bagCheck) listed(manifest string) map[string]string {
	raw, err := os.ReadFile(filepath.Join(c.dir, manifest))
	if err != nil {
		c.say("missing: %s", manifest)
		return nil
	}
	all := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		want, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if b, err := hex.DecodeString(want); !ok || err != nil || len(b) != 32 || !filepath.IsLocal(name) || all[name] != "" {
			c.say("altered: %s has a line that is none", manifest)
			continue
		}
		all[name] = want
		switch content, err := os.ReadFile(filepath.Join(c.dir, filepath.FromSlash(name))); {
		case err != nil:
			c.say("missing: %s", name)
		case sum(content) != want:
			c.say("altered: %s", name)
		}
	}
	return all
}
