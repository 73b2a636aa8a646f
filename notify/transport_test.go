package notify_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/testenv"
	"github.com/rcp-care/rcp/notify"
)

func letter(n int) notify.Envelope {
	return notify.Envelope{
		From: "rcp@valbrume.example", To: "m.quintard@courriel.example", MessageID: fmt.Sprintf("m%d@valbrume.example", n),
		Data: fmt.Appendf(nil, "From: <rcp@valbrume.example>\r\nMessage-Id: <m%d@valbrume.example>\r\nSubject: essai\r\n\r\n.un point\r\n", n),
	}
}

func smtpTo(t *testing.T, addr string, change func(*notify.SMTPConfig)) *notify.SMTP {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	c := notify.SMTPConfig{Host: host, Port: port, Timeout: 5 * time.Second}
	if change != nil {
		change(&c)
	}
	s := notify.NewSMTP(c)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestSMTPProtectsAndLogsIn(t *testing.T) {
	t.Parallel()
	auth := testenv.SMTPAuth("rcp", "s3cret")
	tests := map[string]struct {
		options  []testenv.SMTPOption
		mode     notify.TLSMode
		user     string
		password string
		wantTLS  bool
		fails    bool
	}{
		"plain":                             {nil, notify.TLSAuto, "", "", false, false},
		"starttls when offered":             {[]testenv.SMTPOption{testenv.SMTPStartTLS(t)}, notify.TLSAuto, "", "", true, false},
		"starttls required":                 {[]testenv.SMTPOption{testenv.SMTPStartTLS(t), auth}, notify.TLSRequired, "rcp", "s3cret", true, false},
		"starttls required and not offered": {nil, notify.TLSRequired, "", "", false, true},
		"implicit":                          {[]testenv.SMTPOption{testenv.SMTPImplicitTLS(t), auth}, notify.TLSImplicit, "rcp", "s3cret", true, false},
		"wrong password":                    {[]testenv.SMTPOption{testenv.SMTPStartTLS(t), auth}, notify.TLSRequired, "rcp", "autre", true, true},
		"no login where one is asked":       {[]testenv.SMTPOption{auth}, notify.TLSAuto, "", "", false, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := testenv.SMTP(t, test.options...)
			s := smtpTo(t, server.Addr, func(c *notify.SMTPConfig) {
				c.TLS, c.ClientTLS, c.User, c.Password = test.mode, server.ClientTLS(), test.user, test.password
			})
			for i := range 2 { // the second on the same connection
				err := s.Send(context.Background(), letter(i))
				if test.fails {
					var failure *notify.SendError
					if !errors.As(err, &failure) || failure.Permanent || !failure.Unreachable {
						t.Fatalf("error %#v, want a temporary one of the server's", err)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if test.fails {
				return
			}
			got := server.Wait(t, 2, 5*time.Second)
			for i, m := range got {
				if m.TLS != test.wantTLS || m.User != test.user || m.From != letter(i).From || m.To[0] != letter(i).To {
					t.Errorf("message %d: TLS %t, user %q, from %q, to %q", i, m.TLS, m.User, m.From, m.To)
				}
				if diff := cmp.Diff(string(letter(i).Data), string(m.Data)); diff != "" {
					t.Errorf("message %d (-want +got):\n%s", i, diff)
				}
			}
		})
	}
}

// TestSMTPKeepsALoginOffTheWire: a server without TLS never sees a password
// unless the setting says tls=none.
func TestSMTPKeepsALoginOffTheWire(t *testing.T) {
	t.Parallel()
	server := testenv.SMTP(t, testenv.SMTPAuth("rcp", "s3cret"))
	for query, ok := range map[string]bool{"": false, "?tls=auto": false, "?tls=required": false, "?tls=none": true} {
		s, err := notify.OpenTransport("smtp://rcp:s3cret@" + server.Addr + query)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Send(context.Background(), letter(1)); (err == nil) != ok {
			t.Errorf("%q: %v", query, err)
		}
	}
}

// scripted is a server that answers each command with what answers says for
// its verb, 250 otherwise.
func scripted(t *testing.T, answers map[string]string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serveScript(c, answers)
		}
	}()
	return l.Addr().String()
}

func serveScript(c net.Conn, answers map[string]string) {
	defer c.Close()
	fmt.Fprint(c, "220 ready\r\n")
	buf := make([]byte, 4096)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.TrimSpace(string(buf[:n])), " ")
		answer, ok := answers[verb]
		if !ok {
			answer = "250 ok"
		}
		if answer == "hang up" {
			return
		}
		fmt.Fprint(c, answer+"\r\n")
	}
}

func TestSMTPTellsWhatWillNotPass(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answers                map[string]string
		permanent, unreachable bool
		reply                  string
	}{
		"unknown mailbox":  {map[string]string{"RCPT": "550 5.1.1 <m.quintard@courriel.example> user m.quintard@courriel.example unknown"}, true, false, "550 5.1.1 … user … unknown"},
		"mailbox busy":     {map[string]string{"RCPT": "450 4.2.1 try later"}, false, false, "450 4.2.1 try later"},
		"sender refused":   {map[string]string{"MAIL": "553 no"}, true, false, "553 no"},
		"data refused":     {map[string]string{"DATA": "554 spam"}, true, false, "554 spam"},
		"login asked":      {map[string]string{"MAIL": "530 5.7.0 authentication required"}, false, true, "530 5.7.0 authentication required"},
		"server goes down": {map[string]string{"MAIL": "421 4.3.2 closing"}, false, true, "421 4.3.2 closing"},
		"cut off":          {map[string]string{"RCPT": "hang up"}, false, true, "la connexion au serveur de messagerie s’est interrompue"},
		"not a greeting":   {map[string]string{"EHLO": "554 go away", "HELO": "554 go away"}, false, true, "554 go away"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := smtpTo(t, scripted(t, test.answers), nil).Send(context.Background(), letter(1))
			var failure *notify.SendError
			if !errors.As(err, &failure) {
				t.Fatalf("error %v", err)
			}
			if failure.Permanent != test.permanent || failure.Unreachable != test.unreachable || failure.Reply != test.reply {
				t.Errorf("permanent %t, unreachable %t, %q", failure.Permanent, failure.Unreachable, failure.Reply)
			}
			if strings.Contains(failure.Error(), "@") {
				t.Errorf("the error names an address: %v", failure)
			}
		})
	}
}

func TestSMTPNobodyAnswers(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() // it accepts, and says nothing
	start := time.Now()
	err = smtpTo(t, l.Addr().String(), func(c *notify.SMTPConfig) { c.Timeout = 200 * time.Millisecond }).Send(context.Background(), letter(1))
	var failure *notify.SendError
	if !errors.As(err, &failure) || !failure.Unreachable || time.Since(start) > 3*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}

// TestSMTPConnectsAgain: a server may close an idle connection.
func TestSMTPConnectsAgain(t *testing.T) {
	t.Parallel()
	server := testenv.SMTP(t, testenv.SMTPRefuse(1))
	s := smtpTo(t, server.Addr, nil)
	if err := s.Send(context.Background(), letter(1)); err == nil {
		t.Fatal("the refusal was lost")
	}
	if err := s.Send(context.Background(), letter(1)); err != nil {
		t.Fatal(err)
	}
	server.Wait(t, 1, time.Second)
}

func TestMaildirNeverDoubles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "mail")
	d, err := notify.OpenTransport("maildir:" + dir)
	if err != nil {
		t.Fatal(err)
	}
	send := func(n int) {
		t.Helper()
		if err := d.Send(context.Background(), letter(n)); err != nil {
			t.Fatal(err)
		}
	}
	in := func(sub string) []string {
		found, err := filepath.Glob(filepath.Join(dir, sub, "*"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	send(1)
	send(1)
	send(2)
	if len(in("new")) != 2 || len(in("tmp")) != 0 {
		t.Fatalf("new %d, tmp %d", len(in("new")), len(in("tmp")))
	}
	taken := in("new")[0]
	if err := os.Rename(taken, filepath.Join(dir, "cur", filepath.Base(taken)+":2,S")); err != nil {
		t.Fatal(err)
	}
	send(1)
	send(2)
	if len(in("new")) != 1 || len(in("cur")) != 1 {
		t.Errorf("after one was read: new %d, cur %d", len(in("new")), len(in("cur")))
	}
	info, err := os.Stat(in("new")[0])
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	b, err := os.ReadFile(in("new")[0])
	if err != nil || !strings.HasPrefix(string(b), "Delivered-To: m.quintard@courriel.example\n") || strings.Contains(string(b), "\r") {
		t.Errorf("content %q, %v", b, err)
	}
}

func TestMailOutSetting(t *testing.T) {
	t.Parallel()
	for setting, ok := range map[string]bool{
		"maildir:" + t.TempDir():              true,
		"smtp://127.0.0.1":                    true,
		"smtp://u:p@mail.example:25?tls=none": true,
		"smtps://u:p@mail.example":            true,
		"smtp://mail.example?tls=yes":         false,
		"maildir:":                            false,
		"":                                    false,
		"http://mail.example":                 false,
		"smtp:///":                            false,
		"smtp://u:s3cret@mail.example:port":   false,
		"smtp://u:s3cret@mail.example?tls=required": true,
	} {
		_, err := notify.OpenTransport(setting)
		if (err == nil) != ok {
			t.Errorf("%q: %v", setting, err)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}
