// Package config is the settings of RCP: flags, environment (RCP_*) and secrets
// from files (RCP_*_FILE), checked together at start so that one message says
// all that is wrong.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Config is every setting. The zero value of a field is filled by its default
// when the command line is read.
type Config struct {
	Listen   string        `name:"listen" default:"127.0.0.1:8080" help:"Address to listen on (RCP_LISTEN)."`
	BaseURL  string        `name:"base-url" help:"Address users type, e.g. https://rcp.example.org (RCP_BASE_URL). Default: http:// and the listening address."`
	Database string        `name:"database" default:"sqlite:rcp.db" help:"sqlite:FILE or postgres://… (RCP_DATABASE)."`
	Redis    string        `name:"redis" help:"redis://… to hurry several replicas; never needed (RCP_REDIS)."`
	MailOut  string        `name:"mail-out" default:"maildir:mail" help:"maildir:FOLDER, smtp://… or smtps://… (RCP_MAIL_OUT)."`
	MailIn   string        `name:"mail-in" help:"Where answers come back: maildir:FOLDER, imaps://user:password@host/INBOX or none (RCP_MAIL_IN). Default: the folder in of a maildir: RCP_MAIL_OUT, else none."`
	AuthServ string        `name:"mail-authserv" help:"Name under which the mail server writes Authentication-Results; those of others are not believed (RCP_MAIL_AUTHSERV)."`
	MailFrom string        `name:"mail-from" default:"rcp@localhost" help:"Sender of mails that are no invitations (RCP_MAIL_FROM)."`
	Archive  string        `name:"archive" default:"archive" help:"Folder of the signed PDFs (RCP_ARCHIVE)."`
	Papers   string        `name:"papers" help:"Folder of the documents added to cases (RCP_PAPERS). Default: papers, beside the archive."`
	Clamd    string        `name:"clamd" help:"host:port or /path of the socket of a ClamAV daemon that documents are shown to (RCP_CLAMD). Default: none, they are not analysed."`
	Exports  string        `name:"exports" help:"Folder in which a year's package is made, shared by the replicas (RCP_EXPORTS). Default: RCP_ARCHIVE followed by -exports."`
	Proxies  string        `name:"trusted-proxies" help:"Networks of the proxies whose X-Forwarded-For is believed, comma separated (RCP_TRUSTED_PROXIES)."`
	Secret   string        `name:"secret" help:"What signs the links in mails, at least 32 bytes, the same on every replica (RCP_SECRET). Default: made once and kept in the database."`
	Hold     time.Duration `name:"hold" default:"1m" help:"How long edits of a meeting are gathered before people are told of them, in one message (RCP_HOLD)."`
	Metrics  string        `name:"metrics-token" help:"Token that /metrics asks for; without it only this machine may read it (RCP_METRICS_TOKEN)."`
}

// minSecret is the least bytes of a secret that signs (RFC 2104 section 3).
const minSecret = 32

// Check says everything that is wrong, in one error, and completes BaseURL.
func (c *Config) Check() error {
	var wrong []string
	note := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	host, port, err := net.SplitHostPort(c.Listen)
	note(err == nil, "RCP_LISTEN: want host:port, have %q", c.Listen)
	if c.BaseURL == "" {
		if host == "" || host == "0.0.0.0" || host == "::" {
			host = "localhost"
		}
		c.BaseURL = "http://" + net.JoinHostPort(host, port)
	}
	base, err := url.Parse(c.BaseURL)
	note(err == nil && (base.Scheme == "http" || base.Scheme == "https") && base.Host != "",
		"RCP_BASE_URL: want http://… or https://…, have %q", c.BaseURL)
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	note(hasScheme(c.Database, "sqlite:", "postgres://", "postgresql://"), "RCP_DATABASE: want sqlite:FILE or postgres://…")
	note(hasScheme(c.MailOut, "maildir:", "smtp://", "smtps://"), "RCP_MAIL_OUT: want maildir:FOLDER, smtp://… or smtps://…")
	if dir, ok := strings.CutPrefix(c.MailOut, "maildir:"); ok && c.MailIn == "" {
		c.MailIn = "maildir:" + filepath.Join(dir, "in")
	}
	note(c.MailIn == "" || c.MailIn == "none" || hasScheme(c.MailIn, "maildir:", "imap://", "imaps://"),
		"RCP_MAIL_IN: want maildir:FOLDER, imaps://user:password@host/INBOX or none")
	note(c.Redis == "" || hasScheme(c.Redis, "redis://", "rediss://"), "RCP_REDIS: want redis://… or rediss://…")
	note(strings.Contains(c.MailFrom, "@"), "RCP_MAIL_FROM: want an address")
	note(c.Archive != "", "RCP_ARCHIVE: want a folder")
	if c.Papers == "" {
		c.Papers = filepath.Join(filepath.Dir(filepath.Clean(c.Archive)), "papers")
	}
	note(filepath.Clean(c.Papers) != filepath.Clean(c.Archive), "RCP_PAPERS: want another folder than RCP_ARCHIVE")
	if _, _, err := net.SplitHostPort(c.Clamd); c.Clamd != "" {
		note(err == nil || filepath.IsAbs(c.Clamd), "RCP_CLAMD: want host:port or the path of a socket, have %q", c.Clamd)
	}
	note(c.Hold >= 0 && c.Hold <= time.Hour, "RCP_HOLD: want between 0s and 1h")
	note(c.Secret == "" || len(c.Secret) >= minSecret, "RCP_SECRET: want at least %d bytes, have %d", minSecret, len(c.Secret))
	for _, p := range c.TrustedProxies() {
		_, _, cidr := net.ParseCIDR(p)
		note(cidr == nil || net.ParseIP(p) != nil, "RCP_TRUSTED_PROXIES: want networks such as 10.0.0.0/8, have %q", p)
	}
	if len(wrong) > 0 {
		return errors.New("settings to correct:\n  " + strings.Join(wrong, "\n  "))
	}
	return nil
}

// TrustedProxies returns the networks of Proxies.
func (c *Config) TrustedProxies() []string {
	return strings.FieldsFunc(c.Proxies, func(r rune) bool { return r == ',' || r == ' ' })
}

// ExportsDir is the folder in which packages are made: never inside the archive.
func (c *Config) ExportsDir() string {
	if c.Exports != "" {
		return c.Exports
	}
	return filepath.Clean(c.Archive) + "-exports"
}

// ReadsMail reports whether there is a mailbox that answers come back to.
func (c *Config) ReadsMail() bool { return c.MailIn != "" && c.MailIn != "none" }

// Secure reports whether users come by https.
func (c *Config) Secure() bool { return strings.HasPrefix(c.BaseURL, "https://") }

func hasScheme(s string, schemes ...string) bool {
	for _, p := range schemes {
		if rest, ok := strings.CutPrefix(s, p); ok && rest != "" {
			return true
		}
	}
	return false
}

// FromEnv returns the value of a setting (its flag's name) from the
// environment: RCP_NAME, or the content of the file that RCP_NAME_FILE names.
func FromEnv(getenv func(string) string, flag string) (value string, ok bool, err error) {
	name := "RCP_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
	if file := getenv(name + "_FILE"); file != "" {
		raw, err := os.ReadFile(file)
		if err != nil {
			return "", false, fmt.Errorf("%s_FILE: cannot be read", name)
		}
		return strings.TrimRight(string(raw), "\r\n"), true, nil
	}
	value = getenv(name)
	return value, value != "", nil
}
