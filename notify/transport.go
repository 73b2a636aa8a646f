package notify

import (
	"context"
	"net"
	"net/url"
	"strings"

	"github.com/rcp-care/rcp/internal/fault"
)

// Envelope is a message on its way: who it leaves from and goes to (RFC 5321
// section 3.3), and its bytes.
type Envelope struct {
	From, To  string
	MessageID string
	Data      []byte
}

// Transport brings one message to its server. An error that is no [SendError]
// is taken as temporary.
type Transport interface {
	Send(ctx context.Context, e Envelope) error
}

// SendError is a failed try. Its text holds no address.
type SendError struct {
	Permanent   bool   // this message will never be taken
	Unreachable bool   // no message would be taken now: server down, login refused
	Reply       string // for the outbox page: the server's words without addresses
	Err         error
}

func (e *SendError) Error() string { return "send: " + e.Reply }

func (e *SendError) Unwrap() error { return e.Err }

// OpenTransport reads RCP_MAIL_OUT:
//
//	maildir:DIR
//	smtp://[user:password@]host[:port][?tls=auto|required|none]
//	smtps://[user:password@]host[:port]
//
// smtp is port 587 and uses STARTTLS when it is offered; tls=required refuses
// to go on without, and so do a user and password unless tls=none. smtps is
// port 465, TLS from the first byte.
func OpenTransport(setting string) (Transport, error) {
	const op = "notify.OpenTransport"
	if dir, ok := strings.CutPrefix(setting, "maildir:"); ok {
		return NewMaildir(dir)
	}
	u, err := url.Parse(setting)
	if err != nil || u.Hostname() == "" {
		return nil, badSetting(op)
	}
	c := SMTPConfig{Host: u.Hostname(), Port: u.Port(), User: u.User.Username(), TLS: TLSAuto}
	c.Password, _ = u.User.Password()
	switch u.Scheme {
	case "smtps":
		c.TLS, c.Port = TLSImplicit, orElse(c.Port, "465")
	case "smtp":
		c.Port = orElse(c.Port, "587")
		if c.TLS, err = tlsMode(u.Query().Get("tls"), c.User != ""); err != nil {
			return nil, err
		}
	default:
		return nil, badSetting(op)
	}
	return NewSMTP(c), nil
}

func tlsMode(s string, login bool) (TLSMode, error) {
	switch {
	case s == "none":
		return TLSNone, nil
	case s == "required", login && (s == "" || s == "auto"):
		return TLSRequired, nil
	case s == "", s == "auto":
		return TLSAuto, nil
	}
	return 0, badSetting("notify.OpenTransport")
}

// badSetting never repeats the setting: it may hold a password.
func badSetting(op string) error {
	return fault.New(fault.Invalid, op, "RCP_MAIL_OUT : attendu maildir:DOSSIER, smtp://hôte:port ou smtps://hôte:port.")
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func hostPort(c SMTPConfig) string { return net.JoinHostPort(c.Host, c.Port) }
