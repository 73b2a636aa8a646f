package notify

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/rcp-care/rcp/internal/fault"
)

// Maildir is a transport that delivers into a local Maildir (tmp → new → cur,
// as qmail's maildir(5)), so that RCP works without a mail server. The file's
// name comes from the Message-ID: sent again after a crash, a message
// overwrites itself, and one already read is left alone.
type Maildir struct{ dir string }

// NewMaildir makes the folders, readable by the owner alone.
func NewMaildir(dir string) (*Maildir, error) {
	if dir == "" {
		return nil, badSetting("notify.NewMaildir")
	}
	for _, sub := range []string{"tmp", "new", "cur"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, fault.Wrap("notify.NewMaildir", err)
		}
	}
	return &Maildir{dir: dir}, nil
}

// Send delivers a message. It is on the disk when Send returns.
func (d *Maildir) Send(ctx context.Context, e Envelope) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	name := digest(e.MessageID) + ".rcp"
	if d.read(name) {
		return nil
	}
	if err := d.deliver(name, e); err != nil {
		return &SendError{Unreachable: true, Reply: "le dossier de messagerie n’est pas accessible en écriture", Err: err}
	}
	return nil
}

// read reports whether a mail reader has taken the message: it then lies in
// cur, with flags after a colon.
func (d *Maildir) read(name string) bool {
	taken, err := filepath.Glob(filepath.Join(d.dir, "cur", name+"*"))
	return err == nil && len(taken) > 0
}

func (d *Maildir) deliver(name string, e Envelope) error {
	f, err := os.CreateTemp(filepath.Join(d.dir, "tmp"), name+".*")
	if err != nil {
		return err
	}
	err = errors.Join(writeAll(f, e), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(d.dir, "new", name))
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(filepath.Join(d.dir, "new"))
}

// writeAll writes the message as delivery agents do: the envelope's recipient
// in a header, line ends of the system.
func writeAll(f *os.File, e Envelope) error {
	data := "Delivered-To: " + e.To + "\n" + strings.ReplaceAll(string(e.Data), "\r\n", "\n")
	if _, err := f.WriteString(data); err != nil {
		return err
	}
	return f.Sync()
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
