package notify_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/internal/testenv"
	"github.com/rcp-care/rcp/notify"
)

// What tells a copy of this test binary to be the sender that gets killed.
const (
	crashDatabase = "RCP_TEST_CRASH_DATABASE"
	crashServer   = "RCP_TEST_CRASH_SERVER"
	crashOrg      = "RCP_TEST_CRASH_ORG"
)

func TestMain(m *testing.M) {
	if os.Getenv(crashDatabase) != "" {
		if err := sendUntilEmpty(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	testenv.Main(m)
}

const (
	crashMessages = 500
	crashKills    = 50
	crashLease    = 2 * time.Second
)

// sendUntilEmpty is the victim: a sender as rcp serve runs it, with a short
// lease so that what a killed one held is soon free.
func sendUntilEmpty() error {
	ctx := context.Background()
	s, err := store.Open(ctx, os.Getenv(crashDatabase), time.Now)
	if err != nil {
		return err
	}
	defer s.Close()
	host, port, err := net.SplitHostPort(os.Getenv(crashServer))
	if err != nil {
		return err
	}
	sender := notify.NewSender(s, notify.NewSMTP(notify.SMTPConfig{Host: host, Port: port}), time.Now, rand.Float64, crashLease)
	for {
		if _, err := sender.RunOnce(ctx); err != nil {
			return err
		}
		left := 0
		for _, status := range []notify.Status{notify.Waiting, notify.Sending} {
			ms, _, err := s.Messages(ctx, notify.Filter{Org: id.Org(os.Getenv(crashOrg)), Status: status, Limit: 1})
			if err != nil {
				return err
			}
			left += len(ms)
		}
		if left == 0 {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// TestKilledSenderLosesNothing kills the sender with SIGKILL at fifty points
// while it sends five hundred messages to a mail server. Every message must
// arrive. A second copy may arrive only when the kill fell between the
// server's 250 and the sender's commit: one at most a kill, and never of a
// message that was claimed once.
func TestKilledSenderLosesNothing(t *testing.T) {
	t.Parallel()
	server := testenv.SMTP(t, testenv.SMTPDelay(time.Millisecond))
	database := "sqlite:" + filepath.Join(t.TempDir(), "rcp.db")
	org := fillOutbox(t, database)
	victim := func() *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), crashDatabase+"="+database, crashServer+"="+server.Addr, crashOrg+"="+string(org))
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	for kill := range crashKills {
		cmd := victim()
		if kill%5 > 0 { // the fifth falls while the program starts
			server.Wait(t, kill*9+1, 20*time.Second)
		}
		time.Sleep(time.Duration(rand.IntN(20_000)) * time.Microsecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		var exit *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &exit) || exit.Exited() {
			t.Fatalf("kill %d came too late: the sender had ended (%v)", kill, err)
		}
	}
	if err := victim().Wait(); err != nil {
		t.Fatalf("the last sender: %v", err)
	}
	judge(t, database, org, arrived(t, server))
}

// fillOutbox stores the messages of one event and returns their organisation.
func fillOutbox(t *testing.T, database string) id.Org {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, database, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	org := auth.Org{ID: id.New[id.Org](), Name: "Essai", Created: time.Now()}
	actor := auth.System(org.ID, "test")
	by := actor.Change(time.Now(), "test", "meeting", "")
	e := actor.Event(time.Now(), event.MeetingOpened)
	by.Events = []event.Event{e}
	if err := errors.Join(s.CreateOrg(ctx, org), s.Audit(ctx, by)); err != nil {
		t.Fatal(err)
	}
	ms := make([]notify.Message, crashMessages)
	for i := range ms {
		m := notify.Message{
			Org: org.ID, Event: e.ID, Kind: notify.Notice, Address: fmt.Sprintf("a%d@x.example", i), Thread: fmt.Sprint(i),
			MessageID: fmt.Sprintf("%d.%s@rcp.example", i, e.ID), Created: time.Now(),
		}
		m.Body, err = notify.Compose(notify.Draft{
			From: "rcp@rcp.example", To: m.Address, Subject: "Essai", MessageID: m.MessageID, Date: m.Created, Text: "Essai", HTML: "<p>Essai</p>",
		})
		if err != nil {
			t.Fatal(err)
		}
		ms[i] = m
	}
	if err := s.PutMessages(ctx, e, ms); err != nil {
		t.Fatal(err)
	}
	return org.ID
}

// arrived counts the copies of each Message-ID at the server.
func arrived(t *testing.T, server *testenv.SMTPServer) map[string]int {
	t.Helper()
	copies := map[string]int{}
	for _, m := range server.Messages() {
		h, err := m.Parse()
		if err != nil {
			t.Fatalf("a mail arrived broken: %v", err)
		}
		copies[h.Header.Get("Message-Id")]++
	}
	return copies
}

func judge(t *testing.T, database string, org id.Org, copies map[string]int) {
	t.Helper()
	s, err := store.Open(context.Background(), database, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ms, _, err := s.Messages(context.Background(), notify.Filter{Org: org, Limit: crashMessages + 1})
	if err != nil || len(ms) != crashMessages {
		t.Fatalf("%d messages in the outbox, %v", len(ms), err)
	}
	doubles, again := 0, 0
	for _, m := range ms {
		n := copies["<"+m.MessageID+">"]
		if n == 0 {
			t.Errorf("%s never arrived", m.MessageID)
		}
		if m.Status != notify.Sent {
			t.Errorf("%s is %s", m.MessageID, m.Status)
		}
		if n > m.Attempts {
			t.Errorf("%s arrived %d times of %d claims", m.MessageID, n, m.Attempts)
		}
		if m.Attempts > 1 {
			again++
		}
		doubles += max(n-1, 0)
	}
	if len(copies) != crashMessages || doubles > crashKills {
		t.Errorf("%d different messages arrived, %d duplicates of %d kills", len(copies), doubles, crashKills)
	}
	t.Logf("%d messages, %d kills: %d were in hand when the sender died and were claimed again, all arrived, %d twice: "+
		"those kills fell after the server had said 250 and before the sender could commit it, where nobody can know; "+
		"the second copy has the same Message-ID", crashMessages, crashKills, again, doubles)
}
