package testenv

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// DovecotServer is a Dovecot 2.3 IMAP server on 127.0.0.1 over Maildirs.
type DovecotServer struct {
	// Addr is host:port of IMAP, which offers STARTTLS; TLSAddr has TLS from
	// the first byte.
	Addr, TLSAddr string

	path, dir         string
	mails             maildirs
	clientTLS         *tls.Config
	users             []dovecotUser
	lacks             []string
	prefix, separator string

	mu      sync.Mutex
	process *process
}

type dovecotUser struct{ name, password string }

// DovecotOption changes the server.
type DovecotOption func(*DovecotServer)

// DovecotUser adds a user, named by the mail address.
func DovecotUser(address, password string) DovecotOption {
	return func(d *DovecotServer) { d.users = append(d.users, dovecotUser{address, password}) }
}

// DovecotLacks makes the server hide capabilities, such as IDLE.
func DovecotLacks(capabilities ...string) DovecotOption {
	return func(d *DovecotServer) { d.lacks = append(d.lacks, capabilities...) }
}

// DovecotNamespace changes where a user's own folders are (prefix, "" unless
// told) and what separates their parts ("." unless told).
func DovecotNamespace(prefix, separator string) DovecotOption {
	return func(d *DovecotServer) { d.prefix, d.separator = prefix, separator }
}

// dovecotPrefix opens the name of a server's folder, see sweepFolders.
const dovecotPrefix = "rcp-dovecot-"

// Dovecot starts an IMAP server that stops when the test ends.
func Dovecot(t testing.TB, options ...DovecotOption) *DovecotServer {
	t.Helper()
	d := &DovecotServer{path: Program(t, "dovecot"), dir: serverDir(t, dovecotPrefix), separator: "."}
	for _, o := range options {
		o(d)
	}
	if err := d.prepare(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Kill(t) }) // nobody needs its mail any more
	if err := firstStart(d.listenAnywhere, d.start); err != nil {
		t.Fatal(err)
	}
	return d
}

// firstStart tries a few times: another process can take a free port first.
func firstStart(listenAnywhere, start func() error) (err error) {
	for range 3 {
		if err = listenAnywhere(); err != nil {
			return err
		}
		if err = start(); err == nil {
			return nil
		}
	}
	return err
}

// Start starts the server again, at the same addresses with the same mail.
func (d *DovecotServer) Start(t testing.TB) {
	t.Helper()
	if err := d.start(); err != nil {
		t.Fatal(err)
	}
}

func (d *DovecotServer) start() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return startServer(&d.process, exec.Command(d.path, "-F", "-c", d.config()), d.greets)
}

// startServer starts cmd and waits until it greets; running is set only then.
func startServer(running **process, cmd *exec.Cmd, greets func() error) error {
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	p, err := startProcess(cmd)
	if err != nil {
		return err
	}
	if err := p.waitReady(10*time.Second, greets); err != nil {
		p.stop(syscall.SIGTERM, time.Second)
		return err
	}
	*running = p
	return nil
}

// Stop ends the server in good order.
func (d *DovecotServer) Stop(t testing.TB) { t.Helper(); d.end(syscall.SIGTERM) }

// Kill ends the server the way a failing machine would.
func (d *DovecotServer) Kill(t testing.TB) { t.Helper(); d.end(syscall.SIGKILL) }

func (d *DovecotServer) end(sig syscall.Signal) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.process == nil {
		return
	}
	if sig == syscall.SIGKILL {
		d.process.kill()
	} else {
		d.process.stop(sig, 5*time.Second)
	}
	d.process = nil
}

// URL returns the mailbox of a user without TLS, as RCP_MAIL_IN takes it;
// TLSURL the same with TLS.
func (d *DovecotServer) URL(user string) string { return d.url("imap", d.Addr, user) }

// TLSURL is URL for TLSAddr; [DovecotServer.ClientTLS] trusts its certificate.
func (d *DovecotServer) TLSURL(user string) string { return d.url("imaps", d.TLSAddr, user) }

func (d *DovecotServer) url(scheme, addr, user string) string {
	password := ""
	for _, u := range d.users {
		if u.name == user {
			password = u.password
		}
	}
	return (&url.URL{Scheme: scheme, User: url.UserPassword(user, password), Host: addr, Path: "/INBOX"}).String()
}

// ClientTLS returns settings that trust this server's certificate.
func (d *DovecotServer) ClientTLS() *tls.Config { return d.clientTLS.Clone() }

// Maildir returns the folder of a user's mail.
func (d *DovecotServer) Maildir(user string) string {
	return filepath.Join(d.mails.home(user), "Maildir")
}

// Deliver puts a message into the inbox of a user, as a delivery agent does.
func (d *DovecotServer) Deliver(t testing.TB, user string, raw []byte) {
	t.Helper()
	if err := d.mails.deliver(user, raw); err != nil {
		t.Fatal(err)
	}
}

// Messages returns what lies in a folder of a user, "" for the inbox, in no
// order. It reads the disk: the server need not run.
func (d *DovecotServer) Messages(t testing.TB, user, folder string) [][]byte {
	t.Helper()
	found, err := d.mails.read(user, folder)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (d *DovecotServer) config() string { return filepath.Join(d.dir, "dovecot.conf") }

// greets says whether the server answers.
func (d *DovecotServer) greets() error { return greeting(d.Addr, "* OK") }

// prepare writes the server's folder.
func (d *DovecotServer) prepare() error {
	version, err := exec.Command(d.path, "--version").Output()
	if err != nil {
		return fmt.Errorf("testenv: ask dovecot its version: %w", err)
	}
	if !strings.HasPrefix(string(version), "2.3.") {
		return fmt.Errorf("testenv: the settings are those of Dovecot 2.3, this is %s", version)
	}
	if err := d.prepareMail(); err != nil {
		return fmt.Errorf("testenv: prepare dovecot: %w", err)
	}
	return nil
}

// listenAnywhere writes the settings, for ports that are free.
func (d *DovecotServer) listenAnywhere() error {
	for _, addr := range []*string{&d.Addr, &d.TLSAddr} {
		port, err := freePort()
		if err != nil {
			return err
		}
		*addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	}
	conf, err := d.settings()
	if err != nil {
		return err
	}
	return os.WriteFile(d.config(), []byte(conf), 0o644)
}

func (d *DovecotServer) prepareMail() (err error) {
	d.mails.dir = filepath.Join(d.dir, "mail")
	if d.mails.uid, d.mails.gid, err = mailOwner(); err != nil {
		return err
	}
	if err := os.Mkdir(d.mails.dir, 0o755); err != nil {
		return err
	}
	var passwd strings.Builder
	for _, u := range d.users {
		if err := d.mails.make(u.name); err != nil {
			return err
		}
		fmt.Fprintf(&passwd, "%s:{PLAIN.b64}%s:%d:%d::%s::\n", u.name,
			base64.StdEncoding.EncodeToString([]byte(u.password)), d.mails.uid, d.mails.gid, d.mails.home(u.name))
	}
	return errors.Join(
		os.WriteFile(filepath.Join(d.dir, "users"), []byte(passwd.String()), 0o644),
		d.writeCertificate(),
	)
}

func (d *DovecotServer) writeCertificate() error {
	server, client, err := selfSigned()
	if err != nil {
		return err
	}
	d.clientTLS = client
	key, err := x509.MarshalPKCS8PrivateKey(server.Certificates[0].PrivateKey)
	if err != nil {
		return err
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificates[0].Certificate[0]})
	return errors.Join(
		os.WriteFile(filepath.Join(d.dir, "cert.pem"), cert, 0o644),
		os.WriteFile(filepath.Join(d.dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600),
	)
}

// dovecotCapabilities are those that matter here, of what Dovecot has.
var dovecotCapabilities = []string{
	"IMAP4rev1", "SASL-IR", "ID", "ENABLE", "IDLE", "NAMESPACE", "UIDPLUS", "MOVE", "LITERAL+", "UNSELECT", "CHILDREN",
}

func (d *DovecotServer) settings() (string, error) {
	_, port, _ := net.SplitHostPort(d.Addr)
	_, tlsPort, _ := net.SplitHostPort(d.TLSAddr)
	capabilities := slices.DeleteFunc(slices.Clone(dovecotCapabilities), func(c string) bool { return slices.Contains(d.lacks, c) })
	unprivileged, err := dovecotUnprivileged()
	return strings.NewReplacer(
		"DIR", d.dir, "TLSPORT", tlsPort, "PORT", port, "PREFIX", d.prefix, "SEPARATOR", d.separator,
		"CAPABILITIES", strings.Join(capabilities, " "), "UNPRIVILEGED", unprivileged,
	).Replace(dovecotSettings), err
}

// dovecotUnprivileged are the settings with which it runs as any user.
func dovecotUnprivileged() (string, error) {
	if os.Geteuid() == 0 {
		return "", nil
	}
	u, err := user.Current()
	if err != nil {
		return "", err
	}
	g, err := user.LookupGroupId(u.Gid)
	if err != nil {
		return "", err
	}
	conf := "default_internal_user = " + u.Username + "\ndefault_login_user = " + u.Username + "\ndefault_internal_group = " + g.Name + "\n"
	for _, service := range []string{"anvil", "imap-login"} {
		conf += "service " + service + " {\n  chroot =\n}\n"
	}
	return conf, nil
}

const dovecotSettings = `
base_dir = DIR/run
state_dir = DIR/state
log_path = /dev/stderr
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <DIR/cert.pem
ssl_key = <DIR/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/Maildir
imap_capability = CAPABILITIES
passdb {
  driver = passwd-file
  args = DIR/users
}
userdb {
  driver = passwd-file
  args = DIR/users
}
namespace inbox {
  inbox = yes
  prefix = PREFIX
  separator = SEPARATOR
}
service imap-login {
  inet_listener imap {
    port = PORT
  }
  inet_listener imaps {
    port = TLSPORT
    ssl = yes
  }
}
UNPRIVILEGED
`
