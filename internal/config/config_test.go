package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func good() Config {
	return Config{
		Listen: "127.0.0.1:8080", Database: "sqlite:rcp.db", MailOut: "maildir:mail", MailFrom: "rcp@clinique.example", Archive: "archive",
	}
}

func TestCheckCompletesTheBaseURL(t *testing.T) {
	t.Parallel()
	c := good()
	if err := c.Check(); err != nil || c.BaseURL != "http://127.0.0.1:8080" || c.Secure() {
		t.Errorf("%q, %v", c.BaseURL, err)
	}
	c = good()
	c.Listen = ":80"
	if err := c.Check(); err != nil || c.BaseURL != "http://localhost:80" {
		t.Errorf("%q, %v", c.BaseURL, err)
	}
}

func TestCheckListsAllThatIsWrongAndNoSecret(t *testing.T) {
	t.Parallel()
	c := Config{
		Listen: "nowhere", BaseURL: "ftp://x", Database: "mysql://u:hunter2@h", MailOut: "smtp:u:hunter2", MailIn: "pop3://u:hunter2@h", MailFrom: "x", Redis: "x", Proxies: "10.0.0.0/8,no", Secret: "hunter2",
	}
	err := c.Check()
	if err == nil {
		t.Fatal("everything wrong was accepted")
	}
	for _, name := range []string{"LISTEN", "BASE_URL", "DATABASE", "MAIL_OUT", "MAIL_IN", "MAIL_FROM", "REDIS", "ARCHIVE", "TRUSTED_PROXIES", "SECRET"} {
		if !strings.Contains(err.Error(), "RCP_"+name) {
			t.Errorf("RCP_%s is not named in %q", name, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Error("a password stands in the message")
	}
}

func TestFromEnvReadsASecretFromItsFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("postgres://x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"RCP_DATABASE_FILE": file, "RCP_DATABASE": "sqlite:other", "RCP_MAIL_OUT": "maildir:m", "RCP_REDIS_FILE": file + "x"}
	getenv := func(k string) string { return env[k] }
	if v, ok, err := FromEnv(getenv, "database"); v != "postgres://x" || !ok || err != nil {
		t.Errorf("database: %q %v %v", v, ok, err)
	}
	if v, ok, err := FromEnv(getenv, "mail-out"); v != "maildir:m" || !ok || err != nil {
		t.Errorf("mail-out: %q %v %v", v, ok, err)
	}
	if _, _, err := FromEnv(getenv, "redis"); err == nil {
		t.Error("a missing file was accepted")
	}
}

func TestASecretIsLongEnough(t *testing.T) {
	t.Parallel()
	for n, ok := range map[int]bool{0: true, 1: false, 31: false, 32: true, 64: true} {
		c := good()
		c.Secret = strings.Repeat("s", n)
		if err := c.Check(); (err == nil) != ok {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestAnswersComeBackBesideTheMailThatLeaves(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		out, in, want string
		reads         bool
	}{
		{"maildir:mail", "", "maildir:mail/in", true},
		{"maildir:/data/mail", "", "maildir:/data/mail/in", true},
		{"maildir:mail", "none", "none", false},
		{"smtp://mail:1025", "", "", false},
		{"smtp://mail:1025", "imaps://u:p@h/INBOX", "imaps://u:p@h/INBOX", true},
	} {
		one := good()
		one.MailOut, one.MailIn = c.out, c.in
		if err := one.Check(); err != nil || one.MailIn != c.want || one.ReadsMail() != c.reads {
			t.Errorf("%s and %q: %q, reads %v, %v", c.out, c.in, one.MailIn, one.ReadsMail(), err)
		}
	}
}
