package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/testenv"
)

// run runs Run in the background until the test ends; its errors must be
// silent.
func run(t *testing.T, box Box, h Handler, every time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		Run(ctx, box, h, every, func(err error) { wantSilent(t, err) })
	}()
	t.Cleanup(func() { cancel(); <-done })
}

func TestAServerKilledInTheMiddleLosesNothing(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"imap", "imap without MOVE", "imap of 1996"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := beds[name](t)
			const n = 30
			b.deliverMany(t, n)
			killed := make(chan struct{})
			r := &record{first: func(m Message, times int) error {
				if numberOf(m.Raw) == 11 && times == 1 {
					b.dovecot.Kill(t)
					close(killed)
				}
				return nil
			}}
			run(t, b.open(t), r.handle, time.Second)
			<-killed
			b.dovecot.Start(t)
			eventually(t, 20*time.Second, "empty", func() bool { return len(b.messages(t, "")) == 0 })
			b.wantFolders(t, n)
			if got := len(r.seen()); got != n+1 {
				t.Errorf("%d times shown, want all once and message 11 twice", got)
			}
		})
	}
}

// TestAMoveWithoutAnAnswer cuts the connection at every command of moves, so
// that the box never knows whether the server did as it was told.
func TestAMoveWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		bed, command string
	}{
		{"imap", "MOVE"},
		{"imap without MOVE", "COPY"},
		{"imap without MOVE", "STORE"},
		{"imap without MOVE", "EXPUNGE"},
		{"imap of 1996", "COPY"},
		{"imap of 1996", "STORE"},
		{"imap of 1996", "EXPUNGE"},
	} {
		t.Run(tt.bed+" "+tt.command, func(t *testing.T) {
			t.Parallel()
			b := beds[tt.bed](t)
			b.deliverMany(t, 4)
			proxy := startProxy(t, b.dovecot.Addr)
			b.setting = strings.Replace(b.setting, b.dovecot.Addr, proxy.addr, 1)
			box := b.open(t)
			r := &record{}
			for range 2 {
				proxy.cutAfter.Store(&tt.command)
				if _, err := box.Poll(t.Context(), r.handle); err == nil {
					t.Fatal("the connection was not cut")
				}
			}
			if _, err := box.Poll(t.Context(), r.handle); err != nil {
				t.Fatal(err)
			}
			poll(t, box, r.handle, 0, false)
			b.wantFolders(t, 4)
		})
	}
}

// proxy passes a connection on to a server. It can cut it once the server has
// got, but not answered, a command; or fall silent after some bytes.
type proxy struct {
	addr     string
	cutAfter atomic.Pointer[string]
	silentAt atomic.Int64 // bytes from the server after which it says no more; 0: never
}

func startProxy(t *testing.T, to string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	p := &proxy{addr: l.Addr().String()}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { client.Close() })
			server, err := net.Dial("tcp", to)
			if err != nil {
				client.Close()
				continue
			}
			t.Cleanup(func() { server.Close() })
			go p.forth(client, server)
			go p.back(client, server)
		}
	}()
	return p
}

// forth passes commands on.
func (p *proxy) forth(client, server net.Conn) {
	buf := make([]byte, 64<<10)
	for {
		n, err := client.Read(buf)
		cut := p.cutAfter.Load()
		if cut != nil && strings.Contains(string(buf[:n]), *cut+" ") || cut != nil && strings.Contains(string(buf[:n]), *cut+"\r\n") {
			p.cutAfter.Store(nil)
			client.Close() // before any answer can pass
			_, _ = server.Write(buf[:n])
			time.Sleep(200 * time.Millisecond) // the server obeys
			server.Close()
			return
		}
		if _, err2 := server.Write(buf[:n]); err != nil || err2 != nil {
			server.Close()
			return
		}
	}
}

// back passes answers on.
func (p *proxy) back(client, server net.Conn) {
	if most := p.silentAt.Load(); most > 0 {
		_, _ = io.CopyN(client, server, most)
		return // open, and silent
	}
	_, _ = io.Copy(client, server)
	client.Close()
}

func TestAServerThatFallsSilentIsLeft(t *testing.T) {
	t.Parallel()
	b := dovecotBed()(t)
	b.deliver(t, []byte("Message-ID: <0@hopital.test>\n\n"+strings.Repeat("x\n", 1000)))
	const limit = 300 * time.Millisecond
	var all sync.WaitGroup
	for _, silentAt := range []int64{1, 20, 120, 200, 300, 400, 600, 700, 800, 900, 1000, 1200, 1500, 2000, 2500, 3000} {
		p := startProxy(t, b.dovecot.Addr)
		p.silentAt.Store(silentAt)
		s, err := readServer(strings.Replace(b.setting, b.dovecot.Addr, p.addr, 1))
		if err != nil {
			t.Fatal(err)
		}
		box := newIMAP(s)
		box.limits = limits{dial: limit, command: limit, body: limit, idle: limit}
		all.Go(func() { wantLeft(t, box, silentAt, 8*limit) })
	}
	all.Wait()
}

// wantLeft says that a box leaves a server that falls silent.
func wantLeft(t *testing.T, box *imapBox, silentAt int64, limit time.Duration) {
	t.Helper()
	start := time.Now()
	_, err := box.Poll(t.Context(), func(context.Context, Message) (Folder, error) { return "", errors.New("not now") })
	if err == nil {
		t.Errorf("silent after %d octets: no error", silentAt)
	}
	wantSilent(t, err)
	_ = box.Wait(t.Context(), 10*time.Millisecond)
	box.Close()
	if took := time.Since(start); took > limit {
		t.Errorf("silent after %d octets: took %v", silentAt, took)
	}
}

func TestIdleHearsNewMailAtOnce(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"imap", "maildir"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := beds[name](t)
			b.deliverMany(t, 1)
			box := b.open(t)
			r := &record{}
			poll(t, box, r.handle, 1, false)
			for _, i := range []int{1, 2} {
				go func() {
					time.Sleep(300 * time.Millisecond)
					b.deliver(t, mail(i))
				}()
				start := time.Now()
				if err := box.Wait(t.Context(), time.Minute); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); took > 10*time.Second || took < 200*time.Millisecond {
					t.Errorf("heard after %v", took)
				}
				poll(t, box, r.handle, 1, false)
			}
			b.wantFolders(t, 3)
		})
	}
}

func TestMailBetweenPollAndWaitIsHeard(t *testing.T) {
	t.Parallel()
	b := dovecotBed()(t)
	b.deliverMany(t, 1)
	box := b.open(t)
	r := &record{first: func(m Message, _ int) error {
		if numberOf(m.Raw) == 0 {
			b.deliver(t, mail(1))
		}
		return nil
	}}
	poll(t, box, r.handle, 1, false)
	start := time.Now()
	if err := box.Wait(t.Context(), time.Minute); err != nil || time.Since(start) > 10*time.Second {
		t.Errorf("Wait: %v after %v", err, time.Since(start))
	}
	poll(t, box, r.handle, 1, false)
}

func TestAServerWithoutIdleIsPolled(t *testing.T) {
	t.Parallel()
	b := oldBed(t)
	box := b.open(t)
	start := time.Now()
	if err := box.Wait(t.Context(), 50*time.Millisecond); err != nil || time.Since(start) < 50*time.Millisecond {
		t.Errorf("Wait before the first Poll: %v after %v", err, time.Since(start))
	}
	run(t, box, (&record{}).handle, 100*time.Millisecond)
	for i := range 3 {
		b.deliver(t, mail(i))
		eventually(t, 10*time.Second, "polled", func() bool { return len(b.messages(t, "")) == 0 })
	}
	b.wantFolders(t, 3)
}

func TestWaitFailsWhenTheServerGoes(t *testing.T) {
	t.Parallel()
	b := dovecotBed()(t)
	box := b.open(t)
	poll(t, box, (&record{}).handle, 0, false)
	time.AfterFunc(300*time.Millisecond, func() { b.dovecot.Stop(t) })
	start := time.Now()
	err := box.Wait(t.Context(), time.Minute)
	if err == nil || time.Since(start) > 10*time.Second {
		t.Errorf("Wait: %v after %v, want an error at once", err, time.Since(start))
	}
	wantSilent(t, err)
	poll(t, box, (&record{}).handle, 0, true)
	b.dovecot.Start(t)
	poll(t, box, (&record{}).handle, 0, false)
}

func TestANewUIDValidityIsReadAnew(t *testing.T) {
	t.Parallel()
	b := dovecotBed()(t)
	const n = 6
	b.deliverMany(t, n)
	before := &record{first: func(m Message, _ int) error {
		if numberOf(m.Raw) > 2 {
			return errors.New("not now")
		}
		return nil
	}}
	box := b.open(t)
	poll(t, box, before.handle, 3, true)
	b.dovecot.Stop(t)
	b.forgetUIDs(t)
	b.dovecot.Start(t)
	after := &record{}
	eventually(t, 10*time.Second, "polled anew", func() bool {
		n, err := box.Poll(t.Context(), after.handle) // the first finds the connection lost
		return n == 3 && err == nil
	})
	for _, key := range after.keys {
		for _, old := range before.keys {
			if key == old {
				t.Errorf("the key %s names two messages", key)
			}
		}
	}
	b.wantFolders(t, n)
}

func TestANewUIDValidityInTheMiddleLosesNothing(t *testing.T) {
	t.Parallel()
	b := dovecotBed()(t)
	const n = 10
	b.deliverMany(t, n)
	r := &record{first: func(m Message, times int) error {
		if numberOf(m.Raw) == 4 && times == 1 {
			b.forgetUIDs(t)
		}
		return nil
	}}
	box := b.open(t)
	eventually(t, 10*time.Second, "empty", func() bool {
		_, err := box.Poll(t.Context(), r.handle)
		wantSilent(t, err)
		return len(b.messages(t, "")) == 0
	})
	b.wantFolders(t, n)
}

// forgetUIDs takes from the server all that it knew of its UIDs.
func (b bed) forgetUIDs(t *testing.T) {
	t.Helper()
	time.Sleep(1100 * time.Millisecond) // a UIDVALIDITY is the second of its making
	found := append(glob(t, b.inbox, "dovecot-uid*"), glob(t, b.inbox, "dovecot.index*")...)
	if len(found) < 2 {
		t.Fatalf("found only %q", found)
	}
	for _, f := range found {
		if err := os.Remove(f); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
}

func TestAFolderThatHasGoneIsMadeAgain(t *testing.T) {
	t.Parallel()
	b := dovecotBed()(t)
	b.deliverMany(t, 2)
	r := &record{first: func(m Message, times int) error {
		if times > 1 {
			return nil
		}
		return os.RemoveAll(filepath.Join(b.inbox, "."+string(sort(numberOf(m.Raw)))))
	}}
	box := b.open(t)
	eventually(t, 10*time.Second, "empty", func() bool {
		_, err := box.Poll(t.Context(), r.handle)
		wantSilent(t, err)
		return len(b.messages(t, "")) == 0
	})
	b.wantFolders(t, 2)
}

func TestTLS(t *testing.T) {
	t.Parallel()
	d := testenv.Dovecot(t, testenv.DovecotUser(organiser, password))
	trusting := d.ClientTLS()
	for name, tt := range map[string]struct {
		url      string
		security security
		tls      *tls.Config
		ok       bool
	}{
		"TLS":                          {d.TLSURL(organiser), implicitTLS, trusting, true},
		"STARTTLS":                     {d.URL(organiser), startTLS, trusting, true},
		"TLS, unknown certificate":     {d.TLSURL(organiser), implicitTLS, nil, false},
		"STARTTLS unknown certificate": {d.URL(organiser), startTLS, nil, false},
		"STARTTLS where there is TLS":  {d.TLSURL(organiser), startTLS, trusting, false},
		"TLS where there is STARTTLS":  {d.URL(organiser), implicitTLS, trusting, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := readServer(tt.url)
			if err != nil {
				t.Fatal(err)
			}
			s.security = tt.security
			if tt.tls != nil {
				s.tls = tt.tls.Clone()
			}
			box := newIMAP(s)
			box.limits.dial = 3 * time.Second
			defer box.Close()
			_, err = box.Poll(t.Context(), (&record{}).handle)
			if (err == nil) != tt.ok {
				t.Errorf("Poll: %v, want success: %v", err, tt.ok)
			}
			wantSilent(t, err)
		})
	}
}

func TestAWrongPasswordIsAnErrorThatDoesNotRepeatIt(t *testing.T) {
	t.Parallel()
	d := testenv.Dovecot(t, testenv.DovecotUser(organiser, password))
	box, err := Open("imap://rcp.reunions%40hopital.test:secret@" + d.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	poll(t, box, (&record{}).handle, 0, true)
}
