package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// TLSMode is how a connection to the mail server is protected.
type TLSMode uint8

// The modes.
const (
	TLSAuto     TLSMode = iota // STARTTLS (RFC 3207) when offered
	TLSRequired                // STARTTLS or nothing
	TLSImplicit                // TLS from the first byte (RFC 8314)
	TLSNone
)

// SMTPConfig is a mail server.
type SMTPConfig struct {
	Host, Port     string
	User, Password string // AUTH PLAIN; empty: none
	TLS            TLSMode
	ClientTLS      *tls.Config // nil: the system's roots
	Timeout        time.Duration
}

// idleLimit is how long a connection may wait for the next message.
const idleLimit = 20 * time.Second

// SMTP is a transport to a mail server. It keeps its connection for the next
// message; it is safe for concurrent use, one message at a time.
type SMTP struct {
	config SMTPConfig

	mu     sync.Mutex
	client *smtp.Client
	used   time.Time
}

// NewSMTP returns a transport. Timeout is one minute when zero.
func NewSMTP(c SMTPConfig) *SMTP {
	if c.Timeout == 0 {
		c.Timeout = time.Minute
	}
	return &SMTP{config: c}
}

// Send gives the message to the server. When it returns nil the server has
// answered 250 and the message is its own.
func (s *SMTP) Send(ctx context.Context, e Envelope) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		s.drop()
		return unreachable(err)
	}
	if err := s.transact(e); err != nil {
		s.drop()
		return refused(err)
	}
	s.used = time.Now()
	return nil
}

// Close ends the connection.
func (s *SMTP) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client == nil {
		return nil
	}
	err := s.client.Quit()
	s.drop()
	return err
}

func (s *SMTP) drop() {
	if s.client != nil {
		_ = s.client.Close()
		s.client = nil
	}
}

// ready makes sure of a connection that answers, with a deadline for all that
// follows.
func (s *SMTP) ready(ctx context.Context) error {
	timeout := s.config.Timeout
	if deadline, ok := ctx.Deadline(); ok {
		timeout = min(timeout, time.Until(deadline))
	}
	if s.client != nil && time.Since(s.used) < idleLimit && s.client.UpdateDeadline(timeout) == nil && s.client.Reset() == nil {
		return nil
	}
	s.drop()
	return s.dial(ctx, timeout)
}

func (s *SMTP) dial(ctx context.Context, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", hostPort(s.config))
	if err != nil {
		return err
	}
	if err := conn.SetDeadline(time.Now().Add(timeout)); err != nil {
		return errors.Join(err, conn.Close())
	}
	if s.config.TLS == TLSImplicit {
		conn = tls.Client(conn, s.tlsConfig())
	}
	client, err := smtp.NewClient(conn, s.config.Host)
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	s.client = client
	client.SkipSMTPUTF8(true) // every address is ASCII
	return s.login()
}

func (s *SMTP) tlsConfig() *tls.Config {
	if s.config.ClientTLS != nil {
		return s.config.ClientTLS.Clone()
	}
	return &tls.Config{ServerName: s.config.Host, MinVersion: tls.VersionTLS12}
}

// login protects the connection, then says who we are: never the other way.
func (s *SMTP) login() error {
	if err := s.client.Hello(ownName()); err != nil {
		return err
	}
	if s.config.TLS == TLSAuto || s.config.TLS == TLSRequired {
		offered, _ := s.client.Extension("STARTTLS")
		if !offered && s.config.TLS == TLSRequired {
			return errNoTLS
		}
		if offered {
			if err := s.client.StartTLS(s.tlsConfig()); err != nil {
				return err
			}
		}
	}
	if s.config.User == "" {
		return nil
	}
	unprotected := s.config.TLS == TLSNone
	return s.client.Auth(smtp.PlainAuth("", s.config.User, s.config.Password, s.config.Host, unprotected))
}

// ownName is what we greet with (RFC 5321 section 4.1.1.1).
func ownName() string {
	name, err := os.Hostname()
	if err != nil || !Usable("a@"+name) {
		return "localhost"
	}
	return name
}

var errNoTLS = errors.New("the server offers no STARTTLS")

func (s *SMTP) transact(e Envelope) error {
	if err := s.client.Mail("<" + e.From + ">"); err != nil {
		return err
	}
	if err := s.client.Rcpt("<" + e.To + ">"); err != nil {
		return err
	}
	w, err := s.client.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(e.Data); err != nil {
		return err // never Close: its final dot would pass half a message as whole
	}
	return w.Close()
}

// unreachable is a failure before any message: whatever the code, it says
// nothing against the message itself.
func unreachable(err error) error {
	reply := "le serveur de messagerie ne répond pas"
	var answer *textproto.Error
	switch {
	case errors.Is(err, errNoTLS):
		reply = "le serveur de messagerie n’offre pas STARTTLS"
	case errors.As(err, &answer):
		reply = serverWords(answer)
	}
	return &SendError{Unreachable: true, Reply: reply, Err: err}
}

// refused is a failure within a message: 5yz will not pass (RFC 5321 section
// 4.2.1), but for those that quarrel with the session (no login, wrong order, the
// server going down); all else may.
func refused(err error) error {
	var answer *textproto.Error
	if !errors.As(err, &answer) {
		return &SendError{Unreachable: true, Reply: "la connexion au serveur de messagerie s’est interrompue", Err: err}
	}
	config := slices.Contains([]int{421, 502, 503, 530, 535, 538}, answer.Code)
	return &SendError{
		Permanent: answer.Code >= 500 && !config, Unreachable: config, Reply: serverWords(answer), Err: err,
	}
}

// addressLike matches what a server may echo: addresses, and words in quotes
// or brackets.
var addressLike = regexp.MustCompile(`<[^>]*>|"[^"]*"|\S*@\S*`)

const maxReply = 160

// serverWords is the answer on one short line, without any address.
func serverWords(a *textproto.Error) string {
	words := oneLine(addressLike.ReplaceAllString(fmt.Sprint(a.Code, " ", a.Msg), "…"))
	if len(words) > maxReply {
		words = strings.ToValidUTF8(words[:maxReply], "") + "…"
	}
	return words
}
