package testenv

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"net/mail"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// SMTPServer is a mail server on 127.0.0.1 that keeps what it accepts.
type SMTPServer struct {
	// Addr is host:port.
	Addr string

	tls            *tls.Config
	clientTLS      *tls.Config
	implicitTLS    bool
	user, password string
	delay          time.Duration

	mu       sync.Mutex
	refuse   int
	messages []MailMessage
}

// MailMessage is one message the server accepted.
type MailMessage struct {
	From string   // envelope sender
	To   []string // envelope recipients
	Data []byte   // headers and body, CRLF line ends
	TLS  bool     // it came over TLS
	User string   // who authenticated, empty for nobody
}

// Parse reads the headers of m.
func (m MailMessage) Parse() (*mail.Message, error) {
	return mail.ReadMessage(bytes.NewReader(m.Data))
}

// SMTPOption changes how the server behaves.
type SMTPOption func(*SMTPServer)

// SMTPRefuse makes the server answer 451, try later, to the first n messages
// after it read them.
func SMTPRefuse(n int) SMTPOption { return func(s *SMTPServer) { s.refuse = n } }

// SMTPDelay makes the server wait before it answers to a message's data.
func SMTPDelay(d time.Duration) SMTPOption { return func(s *SMTPServer) { s.delay = d } }

// SMTPAuth makes the server demand AUTH PLAIN with this user and password.
func SMTPAuth(user, password string) SMTPOption {
	return func(s *SMTPServer) { s.user, s.password = user, password }
}

// SMTPStartTLS makes the server offer STARTTLS with a self-signed certificate
// that [SMTPServer.ClientTLS] trusts.
func SMTPStartTLS(t testing.TB) SMTPOption {
	t.Helper()
	server, client, err := selfSigned()
	if err != nil {
		t.Fatal(err)
	}
	return func(s *SMTPServer) { s.tls, s.clientTLS = server, client }
}

// SMTPImplicitTLS is SMTPStartTLS with TLS from the first byte (smtps).
func SMTPImplicitTLS(t testing.TB) SMTPOption {
	t.Helper()
	start := SMTPStartTLS(t)
	return func(s *SMTPServer) { start(s); s.implicitTLS = true }
}

// SMTP starts a mail server that stops when the test ends.
func SMTP(t testing.TB, options ...SMTPOption) *SMTPServer {
	t.Helper()
	s := &SMTPServer{}
	for _, o := range options {
		o(s)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Addr = l.Addr().String()
	if s.implicitTLS {
		l = tls.NewListener(l, s.tls)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &smtpSession{server: s, conn: c}, nil
	}))
	server.Domain = "localhost"
	server.TLSConfig = s.tls
	server.AllowInsecureAuth = true
	server.ErrorLog = quiet{}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	return s
}

// ClientTLS returns settings that trust this server's certificate, nil when it
// has none.
func (s *SMTPServer) ClientTLS() *tls.Config {
	if s.clientTLS == nil {
		return nil
	}
	return s.clientTLS.Clone()
}

// Messages returns what was accepted so far, in order.
func (s *SMTPServer) Messages() []MailMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Wait returns the messages once there are n, or fails the test at the limit.
func (s *SMTPServer) Wait(t testing.TB, n int, limit time.Duration) []MailMessage {
	t.Helper()
	deadline := time.Now().Add(limit)
	for {
		got := s.Messages()
		if len(got) >= n {
			return got
		}
		if time.Now().After(deadline) {
			t.Fatalf("testenv: the mail server has %d messages after %v, want %d", len(got), limit, n)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// keep records m, unless it is one of those to refuse.
func (s *SMTPServer) keep(m MailMessage) error {
	time.Sleep(s.delay)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse > 0 {
		s.refuse--
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try again later"}
	}
	s.messages = append(s.messages, m)
	return nil
}

type smtpSession struct {
	server *SMTPServer
	conn   *smtp.Conn
	user   string
	from   string
	to     []string
}

func (s *smtpSession) AuthMechanisms() []string {
	if s.server.user == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *smtpSession) Auth(mech string) (sasl.Server, error) {
	if s.server.user == "" || mech != sasl.Plain {
		return nil, smtp.ErrAuthUnknownMechanism
	}
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.server.user || password != s.server.password {
			return errors.New("wrong user or password")
		}
		s.user = user
		return nil
	}), nil
}

func (s *smtpSession) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.user != "" && s.user == "" {
		return smtp.ErrAuthRequired
	}
	s.from = from
	return nil
}

func (s *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

func (s *smtpSession) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	_, secure := s.conn.TLSConnectionState()
	return s.server.keep(MailMessage{From: s.from, To: s.to, Data: data, TLS: secure, User: s.user})
}

func (s *smtpSession) Reset()        { s.from, s.to = "", nil }
func (s *smtpSession) Logout() error { return nil }

// quiet drops the server's log: a killed client is part of the tests.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// selfSigned makes a certificate for 127.0.0.1 and localhost, and the client
// settings that trust it alone.
func selfSigned() (server, client *tls.Config, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(now.UnixNano()),
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(24 * time.Hour),
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, err
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	cert := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
	server = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	client = &tls.Config{RootCAs: pool, ServerName: "localhost", MinVersion: tls.VersionTLS12}
	return server, client, nil
}
