package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rcp-care/rcp/internal/fault"
)

// lookEvery is how often a Maildir is looked at while waiting.
const lookEvery = 500 * time.Millisecond

// maildir is a box in a folder of this machine (maildir(5)). What is still
// being written lies in tmp, which is never read.
type maildir struct {
	dir string

	mu   sync.Mutex
	seen map[string]bool // names in the inbox when it was last polled
}

func newMaildir(dir string) (*maildir, error) {
	const op = "mailbox.Open"
	d := &maildir{dir: dir}
	if err := makeMaildir(dir); err != nil {
		return nil, fault.Wrap(op, err)
	}
	for _, f := range []Folder{Done, Review} {
		if err := d.makeFolder(f); err != nil {
			return nil, fault.Wrap(op, err)
		}
	}
	return d, nil
}

func makeMaildir(dir string) error {
	for _, sub := range []string{"tmp", "new", "cur"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return err
		}
	}
	return nil
}

// folder is the Maildir++ subfolder of f.
func (d *maildir) folder(f Folder) string { return filepath.Join(d.dir, "."+string(f)) }

// makeFolder makes a subfolder and the mark by which Maildir++ knows it.
func (d *maildir) makeFolder(f Folder) error {
	if err := makeMaildir(d.folder(f)); err != nil {
		return err
	}
	mark, err := os.OpenFile(filepath.Join(d.folder(f), "maildirfolder"), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return mark.Close()
}

func (d *maildir) Close() error { return nil }

func (d *maildir) Poll(ctx context.Context, h Handler) (int, error) {
	const op = "mailbox.Poll"
	d.mu.Lock()
	defer d.mu.Unlock()
	var p pass
	waiting, err := d.waiting()
	if err != nil {
		return p.end(op, err)
	}
	d.seen = names(waiting)
	for _, f := range waiting {
		if ctx.Err() != nil {
			break
		}
		switch err := d.treat(ctx, h, f); {
		case errors.Is(err, fs.ErrNotExist): // gone meanwhile: moved by a reader, and found again next time
		case err != nil:
			p.note(err)
		default:
			p.moved++
		}
	}
	return p.end(op, nil)
}

func (d *maildir) treat(ctx context.Context, h Handler, f file) error {
	m, err := f.read()
	if err != nil {
		return plain(err)
	}
	to, err := show(ctx, h, m)
	if err != nil {
		return err
	}
	return plain(d.move(f, to))
}

// plain takes the file's name out of an error: delivery agents put what they
// like in it.
func plain(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("%s: %w", path.Op, path.Err)
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return fmt.Errorf("%s: %w", link.Op, link.Err)
	}
	return err
}

// Wait looks for names that the last Poll did not see.
func (d *maildir) Wait(ctx context.Context, most time.Duration) error {
	d.mu.Lock()
	seen := d.seen
	d.mu.Unlock()
	for end := time.Now().Add(most); ; {
		waiting, err := d.waiting()
		if err != nil {
			return fault.Wrap("mailbox.Wait", err)
		}
		for _, f := range waiting {
			if !seen[f.key()] {
				return nil
			}
		}
		left := time.Until(end)
		if left <= 0 || !pause(ctx, min(left, lookEvery)) {
			return nil
		}
	}
}

func names(files []file) map[string]bool {
	seen := map[string]bool{}
	for _, f := range files {
		seen[f.key()] = true
	}
	return seen
}

// file is one message of the inbox.
type file struct {
	dir  string // …/new or …/cur
	name string
	info fs.FileInfo
}

func (f file) path() string { return filepath.Join(f.dir, f.name) }

// key is the unique part of the name: before the flags, which readers change.
func (f file) key() string {
	key, _, _ := strings.Cut(f.name, ":")
	return key
}

// deleted says whether a reader has marked the message as trash.
func (f file) deleted() bool {
	_, flags, _ := strings.Cut(f.name, ":2,")
	return strings.Contains(flags, "T")
}

// waiting lists the messages of the inbox, oldest first. Only regular files
// are messages: a link or a pipe could lead anywhere.
func (d *maildir) waiting() ([]file, error) {
	var found []file
	for _, sub := range []string{"new", "cur"} {
		dir := filepath.Join(d.dir, sub)
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			f := file{dir: dir, name: e.Name()}
			if f.info, err = e.Info(); err != nil {
				continue // gone meanwhile
			}
			if f.info.Mode().IsRegular() && !strings.HasPrefix(f.name, ".") && !f.deleted() {
				found = append(found, f)
			}
		}
	}
	slices.SortFunc(found, func(a, b file) int {
		if c := a.info.ModTime().Compare(b.info.ModTime()); c != 0 {
			return c
		}
		return strings.Compare(a.name, b.name)
	})
	return found, nil
}

func (f file) read() (Message, error) {
	r, err := os.Open(f.path())
	if err != nil {
		return Message{}, err
	}
	defer r.Close()
	opened, err := r.Stat()
	if err != nil {
		return Message{}, err
	}
	if !os.SameFile(f.info, opened) {
		return Message{}, errors.New("the file was replaced while it was opened")
	}
	m := Message{Key: f.key(), Size: opened.Size(), Received: opened.ModTime()}
	m.Raw, err = io.ReadAll(io.LimitReader(r, most(m.Size)))
	m.Truncated = int64(len(m.Raw)) < m.Size
	return m, err
}

// most is how much of a message of this size is read.
func most(size int64) int64 {
	if size > MaxSize {
		return HeadSize
	}
	return size
}

// move brings a handled message into its folder, where it counts as read. It
// is first linked there and then removed here, so that it overwrites no other
// and is never in neither place. When a reader renamed it meanwhile, it is
// looked for; when another replica moved it, all is done.
func (d *maildir) move(f file, to Folder) error {
	if err := d.makeFolder(to); err != nil {
		return err
	}
	for _, candidate := range append([]file{f}, d.renamed(f)...) {
		err := d.moveFile(candidate, filepath.Join(d.folder(to), "cur"))
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// renamed returns where f lies under another name.
func (d *maildir) renamed(f file) []file {
	files, err := d.waiting()
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(files, func(other file) bool {
		return other.key() != f.key() || other.path() == f.path()
	})
}

func (d *maildir) moveFile(f file, cur string) error {
	for i := range 100 {
		target := filepath.Join(cur, f.nameThere(i))
		err := link(f.path(), target)
		if errors.Is(err, fs.ErrExist) {
			if !f.is(target) {
				continue // the name is another message's
			}
			err = nil // linked before a crash, or by another replica
		}
		if err != nil {
			return err
		}
		if err := syncDir(cur); err != nil {
			return err
		}
		if err := os.Remove(f.path()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	return errors.New("no free name in the folder")
}

// link makes a second name, or renames where the file system knows no links.
func link(from, to string) error {
	err := os.Link(from, to)
	if err == nil || errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, taken := os.Lstat(to); taken == nil {
		return fs.ErrExist
	}
	return os.Rename(from, to)
}

// nameThere keeps the flags and adds S, seen; the n-th try has a name of its own.
func (f file) nameThere(n int) string {
	_, flags, _ := strings.Cut(f.name, ":2,")
	if !strings.Contains(flags, "S") {
		letters := append([]byte(flags), 'S')
		slices.Sort(letters) // as maildir(5) wants them
		flags = string(letters)
	}
	key := f.key()
	if n > 0 {
		key = fmt.Sprintf("%s-%d", key, n)
	}
	return key + ":2," + flags
}

// is says whether path is another name of the same message.
func (f file) is(path string) bool {
	there, err := os.Lstat(path)
	return err == nil && os.SameFile(f.info, there)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
