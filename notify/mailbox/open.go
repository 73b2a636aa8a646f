package mailbox

import (
	"crypto/tls"
	"net"
	"net/url"
	"strings"

	"github.com/rcp-care/rcp/internal/fault"
)

// Open reads RCP_MAIL_IN:
//
//	maildir:DIR
//	imaps://user:password@host[:port][/MAILBOX]
//	imap://user:password@host[:port][/MAILBOX]
//
// imaps is port 993, TLS from the first byte. imap is port 143 and uses
// STARTTLS, without which it refuses to go on, except on this very machine
// (localhost, 127.0.0.1), where it goes without. The mailbox is INBOX when none
// is named. User, password and mailbox are percent-encoded (RFC 3986); servers
// are believed by the system's certificates.
//
// A Maildir is made when it is missing; a server is first called by Poll.
func Open(setting string) (Box, error) {
	if dir, ok := strings.CutPrefix(setting, "maildir:"); ok && dir != "" {
		return newMaildir(dir)
	}
	s, err := readServer(setting)
	if err != nil {
		return nil, err
	}
	return newIMAP(s), nil
}

// server is where an IMAP mailbox lies, and how to be let in.
type server struct {
	host, port     string
	user, password string
	mailbox        string
	security       security
	tls            *tls.Config
}

func (s server) addr() string { return net.JoinHostPort(s.host, s.port) }

type security uint8

const (
	implicitTLS security = iota
	startTLS
	plaintext // on this machine only
)

func readServer(setting string) (server, error) {
	u, err := url.Parse(setting)
	if err != nil || u.Hostname() == "" || u.User.Username() == "" || u.RawQuery != "" || u.Fragment != "" {
		return server{}, badSetting()
	}
	s := server{host: u.Hostname(), port: u.Port(), user: u.User.Username(), mailbox: strings.TrimPrefix(u.Path, "/")}
	s.password, _ = u.User.Password()
	switch {
	case u.Scheme == "imaps":
		s.security = implicitTLS
	case u.Scheme == "imap" && loopback(s.host):
		s.security = plaintext
	case u.Scheme == "imap":
		s.security = startTLS
	default:
		return server{}, badSetting()
	}
	if s.port == "" {
		s.port = map[string]string{"imaps": "993", "imap": "143"}[u.Scheme]
	}
	if s.mailbox == "" {
		s.mailbox = "INBOX"
	}
	s.tls = &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}
	return s, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// badSetting never repeats the setting: it may hold a password.
func badSetting() error {
	return fault.New(fault.Invalid, "mailbox.Open", "RCP_MAIL_IN : attendu maildir:DOSSIER ou imaps://utilisateur:motdepasse@hôte:port/INBOX.")
}
