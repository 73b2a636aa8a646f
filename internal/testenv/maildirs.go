package testenv

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// mailOwner is who the mail of the tests belongs to: the present user, or
// nobody when that is root, since mail servers deliver to no root.
func mailOwner() (uid, gid int, err error) {
	if os.Geteuid() != 0 {
		return os.Geteuid(), os.Getegid(), nil
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		return 0, 0, fmt.Errorf("testenv: mail servers deliver to no root, and there is no user nobody: %w", err)
	}
	uid, errUID := strconv.Atoi(u.Uid)
	gid, errGID := strconv.Atoi(u.Gid)
	return uid, gid, errors.Join(errUID, errGID)
}

// serverDir makes the folder of a mail server, outside t.TempDir, whose
// parents the servers' own users may not enter. It goes with the test.
func serverDir(t testing.TB, prefix string) string {
	t.Helper()
	sweepFolders(os.TempDir(), prefix)
	dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", prefix, os.Getpid())) //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// maildirs are the mailboxes of a [DovecotServer], one Maildir a user.
type maildirs struct {
	dir      string
	uid, gid int
	count    atomic.Int64
}

func (m *maildirs) home(user string) string { return filepath.Join(m.dir, user) }

// make makes the Maildir of a user.
func (m *maildirs) make(user string) error {
	for _, sub := range []string{"", "Maildir", "Maildir/tmp", "Maildir/new", "Maildir/cur"} {
		dir := filepath.Join(m.home(user), sub)
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
		if err := os.Chown(dir, m.uid, m.gid); err != nil {
			return err
		}
	}
	return nil
}

// deliver puts a message into the inbox of a user as a delivery agent does.
func (m *maildirs) deliver(user string, raw []byte) error {
	name := fmt.Sprintf("%d.P%dQ%06d.testenv", time.Now().Unix(), os.Getpid(), m.count.Add(1))
	tmp := filepath.Join(m.home(user), "Maildir", "tmp", name)
	if err := os.WriteFile(tmp, raw, 0o600); err != nil {
		return err
	}
	if err := os.Chown(tmp, m.uid, m.gid); err != nil {
		return err
	}
	return os.Rename(tmp, filepath.Join(m.home(user), "Maildir", "new", name))
}

// read returns the messages of a folder of a user, "" for the inbox, in no
// order.
func (m *maildirs) read(user, folder string) ([][]byte, error) {
	dir := filepath.Join(m.home(user), "Maildir")
	if folder != "" {
		dir = filepath.Join(dir, "."+folder)
	}
	var found [][]byte
	for _, sub := range []string{"new", "cur"} {
		entries, err := os.ReadDir(filepath.Join(dir, sub))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			raw, err := os.ReadFile(filepath.Join(dir, sub, e.Name()))
			if err != nil {
				return nil, err
			}
			found = append(found, raw)
		}
	}
	return found, nil
}

// sweepFolders removes the folders in dir of test processes that were killed.
func sweepFolders(dir, prefix string) {
	found, err := filepath.Glob(filepath.Join(dir, prefix+"*"))
	if err != nil {
		return
	}
	for _, folder := range found {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(folder), prefix), "-")
		pid, err := strconv.Atoi(owner)
		if err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			os.RemoveAll(folder)
		}
	}
}
