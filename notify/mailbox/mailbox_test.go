package mailbox

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/fault"
)

func TestWhatFailsStaysAndComesBackInOrder(t *testing.T) {
	t.Parallel()
	onEveryBed(t, func(t *testing.T, b bed) {
		const n = 30
		b.deliverMany(t, n)
		r := &record{first: func(m Message, times int) error {
			if times == 1 && numberOf(m.Raw)%3 != 0 {
				return errors.New("the database is away")
			}
			return nil
		}}
		box := b.open(t)
		poll(t, box, r.handle, 10, true)
		if got := r.seen(); !slices.IsSorted(got) || len(got) != n {
			t.Errorf("first shown %v, want all in the order of arrival", got)
		}
		if left := len(b.count(t, "")); left != 20 {
			t.Errorf("%d messages stay in the inbox, want 20", left)
		}
		poll(t, box, r.handle, 20, false)
		poll(t, box, r.handle, 0, false)
		b.wantFolders(t, n)
	})
}

func TestAPanicIsAnErrorOfOneMessage(t *testing.T) {
	t.Parallel()
	onEveryBed(t, func(t *testing.T, b bed) {
		b.deliverMany(t, 3)
		r := &record{first: func(m Message, times int) error {
			if numberOf(m.Raw) == 1 && times == 1 {
				panic("secret: " + string(m.Raw))
			}
			return nil
		}}
		box := b.open(t)
		poll(t, box, r.handle, 2, true)
		poll(t, box, r.handle, 1, false)
		b.wantFolders(t, 3)
	})
}

func TestAnUnknownFolderIsRefused(t *testing.T) {
	t.Parallel()
	b := maildirBed(t)
	b.deliverMany(t, 1)
	poll(t, b.open(t), func(context.Context, Message) (Folder, error) { return "../..", nil }, 0, true)
	if len(b.messages(t, "")) != 1 {
		t.Error("the message has left the inbox")
	}
}

func TestOnlyTheHeadOfAHugeMessageIsRead(t *testing.T) {
	t.Parallel()
	onEveryBed(t, func(t *testing.T, b bed) {
		head := "Message-ID: <0@hopital.test>\r\n\r\n"
		line := strings.Repeat("x", 98) + "\r\n"
		huge := head + strings.Repeat(line, MaxSize/len(line)+1)
		whole := "Message-ID: <2@hopital.test>\r\n\r\n" + strings.Repeat(line, MaxSize/len(line)-10)
		b.deliver(t, []byte(huge))
		b.deliver(t, []byte(whole))
		want := []Message{
			{Raw: []byte(huge[:HeadSize]), Size: int64(len(huge)), Truncated: true},
			{Raw: []byte(whole), Size: int64(len(whole))},
		}
		poll(t, b.open(t), func(_ context.Context, m Message) (Folder, error) {
			if len(want) == 0 {
				t.Fatal("shown too often")
			}
			w := want[0]
			want = want[1:]
			if !bytes.Equal(m.Raw, w.Raw) || m.Size != w.Size || m.Truncated != w.Truncated {
				t.Errorf("%d octets of %d, truncated %v; want %d of %d, %v", len(m.Raw), m.Size, m.Truncated, len(w.Raw), w.Size, w.Truncated)
			}
			if since := time.Since(m.Received); since < -time.Minute || since > time.Hour {
				t.Errorf("received %v ago", since)
			}
			return Done, nil
		}, 2, false)
		if got := len(b.messages(t, string(Done))); got != 2 {
			t.Errorf("%d messages done, want 2", got)
		}
	})
}

func TestWhatVanishesMeanwhileIsNoError(t *testing.T) {
	t.Parallel()
	onEveryBed(t, func(t *testing.T, b bed) {
		b.deliverMany(t, 4)
		r := &record{first: func(m Message, _ int) error {
			// Somebody deletes the one that is being handled, and the next.
			if n := numberOf(m.Raw); n == 1 {
				b.remove(t, 1)
				b.remove(t, 2)
			}
			return nil
		}}
		box := b.open(t)
		if _, err := box.Poll(t.Context(), r.handle); err != nil {
			t.Errorf("Poll: %v", err)
		}
		poll(t, box, r.handle, 0, false)
		if done, review := b.count(t, string(Done)), b.count(t, string(Review)); done[0] != 1 || review[3] != 1 {
			t.Errorf("done %v, review %v; want 0 and 3 among them", done, review)
		}
	})
}

// remove deletes a message of the inbox behind everybody's back.
func (b bed) remove(t *testing.T, number int) {
	t.Helper()
	for _, f := range slices.Concat(glob(t, b.inbox, "new/*"), glob(t, b.inbox, "cur/*")) {
		raw, err := os.ReadFile(f)
		if err == nil && numberOf(raw) == number {
			if err := os.Remove(f); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestDeletedMessagesAreLeftAlone(t *testing.T) {
	t.Parallel()
	onEveryBed(t, func(t *testing.T, b bed) {
		b.deliverMany(t, 2)
		box := b.open(t)
		failing := &record{first: func(Message, int) error { return errors.New("not now") }}
		poll(t, box, failing.handle, 0, true)
		b.flag(t, 0, "T")
		r := &record{}
		poll(t, box, r.handle, 1, false)
		poll(t, box, r.handle, 0, false)
		want := map[int]int{0: 1}
		if b.keeps { // EXPUNGE would take message 0 too
			want[1] = 1
		}
		if left := b.count(t, ""); !maps.Equal(left, want) {
			t.Errorf("the inbox holds %v, want %v", left, want)
		}
		if review := b.count(t, string(Review)); review[1] != 1 {
			t.Errorf("for review are %v, want message 1", review)
		}
	})
}

// flag marks a message of the inbox as a mail program on the same Maildir does.
func (b bed) flag(t *testing.T, number int, flags string) {
	t.Helper()
	for _, f := range slices.Concat(glob(t, b.inbox, "new/*"), glob(t, b.inbox, "cur/*")) {
		raw, err := os.ReadFile(f)
		if err != nil || numberOf(raw) != number {
			continue
		}
		key, _, _ := strings.Cut(filepath.Base(f), ":")
		if err := os.Rename(f, filepath.Join(b.inbox, "cur", key+":2,"+flags)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTwoReplicasShareAMailbox(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"maildir", "imap"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := beds[name](t)
			const n = 30
			b.deliverMany(t, n)
			r := &record{}
			var both sync.WaitGroup
			for range 2 {
				box := b.open(t)
				both.Go(func() {
					if _, err := box.Poll(t.Context(), r.handle); err != nil {
						t.Errorf("Poll: %v", err)
					}
				})
			}
			both.Wait()
			poll(t, b.open(t), r.handle, 0, false)
			if left := b.count(t, ""); len(left) > 0 {
				t.Errorf("the inbox still holds %v", left)
			}
			// Dovecot's MOVE in two sessions at once can leave two copies.
			there := map[Folder]map[int]int{Done: b.count(t, string(Done)), Review: b.count(t, string(Review))}
			for i := range n {
				if there[sort(i)][i] == 0 {
					t.Errorf("message %d is not in %s", i, sort(i))
				}
			}
		})
	}
}

func TestPollStopsWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	onEveryBed(t, func(t *testing.T, b bed) {
		b.deliverMany(t, 5)
		ctx, cancel := context.WithCancel(t.Context())
		r := &record{first: func(m Message, _ int) error {
			if numberOf(m.Raw) == 1 {
				cancel()
			}
			return nil
		}}
		box := b.open(t)
		n, err := box.Poll(ctx, r.handle)
		if n != 2 || err != nil {
			t.Errorf("Poll: %d, %v; want the two that were handled moved, and no error", n, err)
		}
		if err := box.Wait(ctx, time.Minute); err != nil {
			t.Errorf("Wait: %v", err)
		}
		poll(t, box, r.handle, 3, false)
		b.wantFolders(t, 5)
	})
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]server{
		"imaps://rcp%40hopital.test:p%40ss%3A@mail.hopital.test": {
			host: "mail.hopital.test", port: "993", user: "rcp@hopital.test", password: "p@ss:", mailbox: "INBOX", security: implicitTLS,
		},
		"imap://rcp:x@mail.hopital.test/R%C3%A9ponses%20RCP": {
			host: "mail.hopital.test", port: "143", user: "rcp", password: "x", mailbox: "Réponses RCP", security: startTLS,
		},
		"imap://rcp:x@127.0.0.1:1143/INBOX": {host: "127.0.0.1", port: "1143", user: "rcp", password: "x", mailbox: "INBOX", security: plaintext},
		"imap://rcp:x@[::1]/":               {host: "::1", port: "143", user: "rcp", password: "x", mailbox: "INBOX", security: plaintext},
		"imap://rcp:x@localhost":            {host: "localhost", port: "143", user: "rcp", password: "x", mailbox: "INBOX", security: plaintext},
	} {
		got, err := readServer(setting)
		if err != nil || got.tls.ServerName != want.host {
			t.Errorf("%s: %v, server name %q", setting, err, got.tls.ServerName)
		}
		if got.tls = nil; got != want {
			t.Errorf("%s: %+v, want %+v", setting, got, want)
		}
	}
	for _, setting := range []string{
		"", "maildir:", "imaps://", "imaps://mail.hopital.test", "pop3://u:secret@h", "imaps://u:sec%ret@h", "imaps://u:sec#ret@h", "imaps://u:secret@h?x=1",
	} {
		_, err := Open(setting)
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v, want it refused", setting, err)
		}
		wantSilent(t, err)
	}
}
