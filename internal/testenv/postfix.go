package testenv

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// PostfixServer is a Postfix on 127.0.0.1 that takes mail for every address:
// that of a user of its Dovecot, with or without a +detail, goes to that
// user's inbox, any other to [PostfixOthers].
type PostfixServer struct {
	// Addr is host:port of SMTP, without TLS or login.
	Addr string

	dir     string
	dovecot *DovecotServer
	master  string

	mu      sync.Mutex
	process *process
}

// PostfixOthers is the user whose inbox takes what is for no other user. Its
// mail is read with [DovecotServer.Messages].
const PostfixOthers = "others"

// postfixPrefix opens the name of a server's folder, see sweepFolders.
const postfixPrefix = "rcp-postfix-"

// Postfix starts a mail server that delivers into the inboxes of d and stops
// when the test ends.
func Postfix(t testing.TB, d *DovecotServer) *PostfixServer {
	t.Helper()
	p := &PostfixServer{dovecot: d, dir: serverDir(t, postfixPrefix)}
	if err := p.prepare(Program(t, "postfix"), Program(t, "postconf")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Kill(t) })
	if err := firstStart(p.listenAnywhere, p.start); err != nil {
		t.Fatal(err)
	}
	return p
}

// Start starts the server again, at the same address with the same queue.
func (p *PostfixServer) Start(t testing.TB) {
	t.Helper()
	if err := p.start(); err != nil {
		t.Fatal(err)
	}
}

func (p *PostfixServer) start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return startServer(&p.process, exec.Command(p.master, "-c", p.config(), "-d"), p.greets)
}

// Kill ends the server the way a failing machine would. What it took and did
// not deliver stays in its queue.
func (p *PostfixServer) Kill(t testing.TB) { t.Helper(); p.end(syscall.SIGKILL) }

func (p *PostfixServer) end(sig syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.process == nil {
		return
	}
	if sig == syscall.SIGKILL {
		p.process.kill()
	} else {
		p.process.stop(sig, 5*time.Second)
	}
	p.process = nil
}

// Log returns the last few kilobytes that the server wrote.
func (p *PostfixServer) Log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.process == nil {
		return ""
	}
	return p.process.out.String()
}

func (p *PostfixServer) config() string { return filepath.Join(p.dir, "conf") }

// greets says whether the server answers with 220 (RFC 5321 section 4.2).
func (p *PostfixServer) greets() error { return greeting(p.Addr, "220 ") }

// greeting says whether a server at addr begins with these words.
func greeting(addr, words string) error {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	got := make([]byte, len(words))
	if _, err := conn.Read(got); err != nil {
		return err
	}
	if string(got) != words {
		return fmt.Errorf("testenv: %s greets with %q", addr, got)
	}
	return nil
}

// prepare writes the server's folder and lets postfix complete it.
func (p *PostfixServer) prepare(postfix, postconf string) error {
	if os.Geteuid() != 0 {
		return errors.New("testenv: Postfix is started by root alone, since it changes users; run these tests as root")
	}
	owner, err := user.Lookup("postfix")
	if err != nil {
		return fmt.Errorf("testenv: the package postfix makes a user postfix, which is missing: %w", err)
	}
	daemons, err := exec.Command(postconf, "-d", "-h", "daemon_directory").Output()
	if err != nil {
		return fmt.Errorf("testenv: ask postfix where its programs are: %w", err)
	}
	p.master = filepath.Join(strings.TrimSpace(string(daemons)), "master")
	if err := errors.Join(p.write(owner), p.listenAnywhere()); err != nil {
		return fmt.Errorf("testenv: prepare postfix: %w", err)
	}
	if out, err := exec.Command(postfix, "-c", p.config(), "check").CombinedOutput(); err != nil {
		return fmt.Errorf("testenv: postfix check: %w\n%s", err, out)
	}
	return nil
}

// listenAnywhere writes master.cf, for a port that is free.
func (p *PostfixServer) listenAnywhere() error {
	port, err := freePort()
	if err != nil {
		return err
	}
	p.Addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	services := strings.ReplaceAll(postfixMaster, "ADDR", p.Addr)
	return os.WriteFile(filepath.Join(p.config(), "master.cf"), []byte(services), 0o644)
}

func (p *PostfixServer) write(owner *user.User) error {
	uid, err := strconv.Atoi(owner.Uid)
	if err != nil {
		return err
	}
	for _, sub := range []string{"conf", "queue", "data"} {
		if err := os.Mkdir(filepath.Join(p.dir, sub), 0o755); err != nil {
			return err
		}
	}
	mails := &p.dovecot.mails
	if err := mails.make(PostfixOthers); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	fill := strings.NewReplacer("DIR", p.dir, "MAILS", mails.dir,
		"UID", strconv.Itoa(mails.uid), "GID", strconv.Itoa(mails.gid))
	return errors.Join(
		os.Chown(filepath.Join(p.dir, "data"), uid, -1),
		os.WriteFile(filepath.Join(p.config(), "main.cf"), []byte(fill.Replace(postfixMain)), 0o644),
		os.WriteFile(filepath.Join(p.config(), "domains"), []byte("/./ OK\n"), 0o644),
		os.WriteFile(filepath.Join(p.config(), "mailboxes"), []byte(p.mailboxes()), 0o644),
	)
}

// mailboxes is the table of addresses (regexp_table(5)) with their Maildirs.
func (p *PostfixServer) mailboxes() string {
	var table strings.Builder
	for _, u := range p.dovecot.users {
		local, domain, _ := strings.Cut(u.name, "@")
		fmt.Fprintf(&table, "/^%s(\\+[^@]*)?@%s$/ %s/Maildir/\n", regexp.QuoteMeta(local), regexp.QuoteMeta(domain), u.name)
	}
	fmt.Fprintf(&table, "/./ %s/Maildir/\n", PostfixOthers)
	return table.String()
}

// postfixMain: everything is a virtual mailbox, nothing leaves this machine,
// and what could not be delivered is tried again every second.
const postfixMain = `
compatibility_level = 3.6
queue_directory = DIR/queue
data_directory = DIR/data
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.hopital.test
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_transport = error:no local mail here
default_transport = error:nothing leaves this machine
maillog_file = /dev/stdout
virtual_mailbox_domains = regexp:DIR/conf/domains
virtual_mailbox_maps = regexp:DIR/conf/mailboxes
virtual_mailbox_base = MAILS
virtual_minimum_uid = 1
virtual_uid_maps = static:UID
virtual_gid_maps = static:GID
smtpd_recipient_restrictions = permit_mynetworks, reject
message_size_limit = 52428800
virtual_mailbox_limit = 0
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
`

// postfixMaster: nothing runs in a chroot, and nothing but smtpd is reached
// from the network.
const postfixMaster = `
ADDR inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n - - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`
