package mailbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/testenv"
)

const (
	organiser = "rcp.reunions@hopital.test"
	password  = "mot de p@sse:/?#é"
)

// bed is a mailbox for a test: where to deliver, what to open, and what lies
// where ("" is the inbox).
type bed struct {
	setting  string
	deliver  func(t *testing.T, raw []byte)
	messages func(t *testing.T, folder string) [][]byte
	inbox    string // the Maildir below, for what another reader does
	dovecot  *testenv.DovecotServer
	keeps    bool // what is marked deleted, when somebody else marked some too
}

// beds are all kinds of mailboxes.
var beds = map[string]func(t *testing.T) bed{
	"maildir":                 maildirBed,
	"imap":                    dovecotBed(),
	"imap without MOVE":       dovecotBed(testenv.DovecotLacks("MOVE")),
	"imap of 1996":            oldBed,
	"imap with INBOX. before": dovecotBed(testenv.DovecotNamespace("INBOX.", ".")),
	"imap with slashes":       dovecotBed(testenv.DovecotNamespace("", "/")),
}

func dovecotBed(options ...testenv.DovecotOption) func(t *testing.T) bed {
	return func(t *testing.T) bed {
		t.Helper()
		d := testenv.Dovecot(t, append(options, testenv.DovecotUser(organiser, password))...)
		return bed{
			setting:  d.URL(organiser),
			deliver:  func(t *testing.T, raw []byte) { t.Helper(); d.Deliver(t, organiser, raw) },
			messages: func(t *testing.T, folder string) [][]byte { t.Helper(); return d.Messages(t, organiser, folder) },
			inbox:    d.Maildir(organiser),
			dovecot:  d,
		}
	}
}

// oldBed is a server with nothing but IMAP4rev1.
func oldBed(t *testing.T) bed {
	t.Helper()
	b := dovecotBed(testenv.DovecotLacks("MOVE", "UIDPLUS", "IDLE", "NAMESPACE", "SASL-IR"))(t)
	b.keeps = true
	return b
}

func maildirBed(t *testing.T) bed {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "mail", "in")
	count := 0
	return bed{
		setting: "maildir:" + dir,
		inbox:   dir,
		deliver: func(t *testing.T, raw []byte) {
			t.Helper()
			count++
			name := fmt.Sprintf("1795372984.%03d.host", count)
			tmp := filepath.Join(dir, "tmp", name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(tmp), 0o700), os.MkdirAll(filepath.Join(dir, "new"), 0o700)); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(os.WriteFile(tmp, raw, 0o600), os.Rename(tmp, filepath.Join(dir, "new", name))); err != nil {
				t.Fatal(err)
			}
		},
		messages: func(t *testing.T, folder string) [][]byte {
			t.Helper()
			sub := dir
			if folder != "" {
				sub = filepath.Join(dir, "."+folder)
			}
			var found [][]byte
			for _, f := range slices.Concat(glob(t, sub, "new/*"), glob(t, sub, "cur/*")) {
				raw, err := os.ReadFile(f)
				if err != nil {
					t.Fatal(err)
				}
				found = append(found, raw)
			}
			return found
		},
	}
}

func glob(t *testing.T, dir, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// onEveryBed runs a test on all kinds of mailboxes.
func onEveryBed(t *testing.T, test func(t *testing.T, b bed)) {
	t.Helper()
	for name, lay := range beds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, lay(t))
		})
	}
}

func (b bed) open(t *testing.T) Box {
	t.Helper()
	box, err := Open(b.setting)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Close() })
	return box
}

// mail is the i-th message of a test.
func mail(i int) []byte {
	return fmt.Appendf(nil, "Message-ID: <%d@hopital.test>\nSubject: Accepted\n\nDonn=E9e %d\n", i, i)
}

func (b bed) deliverMany(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		b.deliver(t, mail(i))
	}
}

// numberOf tells which message of a test this is.
func numberOf(raw []byte) int {
	n := -1
	if i := bytes.Index(raw, []byte("Message-ID: <")); i >= 0 {
		_, _ = fmt.Sscanf(string(raw[i:]), "Message-ID: <%d@", &n)
	}
	return n
}

// count says how often each message lies in a folder.
func (b bed) count(t *testing.T, folder string) map[int]int {
	t.Helper()
	found := map[int]int{}
	for _, raw := range b.messages(t, folder) {
		found[numberOf(raw)]++
	}
	return found
}

// wantFolders says that of n messages the even are done and the odd are for
// review, each once, and the inbox is empty.
func (b bed) wantFolders(t *testing.T, n int) {
	t.Helper()
	if left := b.count(t, ""); len(left) > 0 {
		t.Errorf("the inbox still holds %v", left)
	}
	want := map[Folder]map[int]int{Done: {}, Review: {}}
	for i := range n {
		want[sort(i)][i] = 1
	}
	for f, w := range want {
		if got := b.count(t, string(f)); !maps.Equal(got, w) {
			t.Errorf("%s holds %v, want %v", f, got, w)
		}
	}
}

func sort(i int) Folder {
	if i%2 == 0 {
		return Done
	}
	return Review
}

// record is a handler that notes what it was shown.
type record struct {
	mu    sync.Mutex
	shown []int
	keys  []string
	first func(m Message, times int) error // called with how often it was shown
}

func (r *record) handle(_ context.Context, m Message) (Folder, error) {
	n := numberOf(m.Raw)
	r.mu.Lock()
	r.shown = append(r.shown, n)
	r.keys = append(r.keys, m.Key)
	times := 0
	for _, s := range r.shown {
		if s == n {
			times++
		}
	}
	r.mu.Unlock()
	if r.first != nil {
		if err := r.first(m, times); err != nil {
			return "", err
		}
	}
	return sort(n), nil
}

func (r *record) seen() []int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.shown)
}

// poll polls once, wants this many moved, and an error or none.
func poll(t *testing.T, box Box, h Handler, moved int, fails bool) {
	t.Helper()
	n, err := box.Poll(t.Context(), h)
	if n != moved || (err != nil) != fails {
		t.Fatalf("Poll: %d moved, %v; want %d, an error: %v", n, err, moved, fails)
	}
	wantSilent(t, err)
}

// wantSilent says that an error tells nothing of persons, passwords or mail.
func wantSilent(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, word := range []string{"hopital", "reunions", "mot de", "p@sse", "Accepted", "secret"} {
		if strings.Contains(err.Error(), word) {
			t.Errorf("the error %q tells %q", err, word)
		}
	}
}

// eventually waits until a condition holds.
func eventually(t *testing.T, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after %v: not %s", limit, what)
		}
	}
}
