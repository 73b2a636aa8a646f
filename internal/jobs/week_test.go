package jobs_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/jobs"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/internal/store/storetest"
	"github.com/rcp-care/rcp/internal/testenv"
	"github.com/rcp-care/rcp/meetings"
)

// replicaDatabase tells a copy of this test binary to be a replica.
const replicaDatabase = "RCP_TEST_REPLICA_DATABASE"

func TestMain(m *testing.M) {
	if dsn := os.Getenv(replicaDatabase); dsn != "" {
		if err := replica(dsn); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	testenv.Main(m)
}

// idle is a dispatcher and a sender with nothing to do.
type idle struct{}

func (idle) Treat(context.Context, int) (int, error) { return 0, nil }
func (idle) RunOnce(context.Context) (int, error)    { return 0, nil }

// replica says it is ready, waits for the word, and runs the jobs until the
// weekly one is done and registration was looked at.
func replica(dsn string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	s, err := store.Open(ctx, dsn, storetest.Clock)
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Println("ready")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	service := meetings.NewService(s, storetest.Clock)
	go func() {
		defer cancel()
		for ctx.Err() == nil && !weekIsReady(ctx, s, service) {
			time.Sleep(10 * time.Millisecond)
		}
	}()
	return jobs.Run(ctx, jobs.Config{
		Store: s, Meetings: service, Dispatcher: idle{}, Sender: idle{},
		Now: storetest.Clock, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
}

// weekIsReady reports whether the daily jobs are marked done and the sweep has
// opened the two meetings that are due.
func weekIsReady(ctx context.Context, s *store.Store, service *meetings.Service) bool {
	orgs, err := s.Orgs(ctx)
	if err != nil || len(orgs) != 1 {
		return false
	}
	done, err := s.JobDone(ctx, "sessions.purge", "2026-11-22")
	if err != nil || !done {
		return false
	}
	open, _, err := service.List(ctx, auth.System(orgs[0].ID, "test"), meetings.Filter{Status: []meetings.Status{meetings.Open}, Limit: 10})
	return err == nil && len(open) == 2
}

// TestTwoProcessesMakeEachMeetingOnce runs the weekly job in two processes on
// one PostgreSQL at the same time.
func TestTwoProcessesMakeEachMeetingOnce(t *testing.T) {
	t.Parallel()
	ctx, dsn := context.Background(), testenv.Postgres(t)
	s, err := store.Open(ctx, dsn, storetest.Clock)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	h := storetest.NewHouse(t, s)
	runTogether(t, dsn, 2)

	all, _, err := h.Meetings.List(ctx, h.System, meetings.Filter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var days []string
	opened := map[id.Meeting]int{}
	for _, m := range all {
		days = append(days, m.Slot.String()+" "+string(m.Status))
		full, err := h.Meetings.Get(ctx, h.System, m.ID)
		if err != nil || len(full.Attendance) != 4 {
			t.Errorf("%s: %d attendances, %v; want 4", m.Slot, len(full.Attendance), err)
		}
	}
	want := []string{ // Thursdays to the end of the year; registration opens 14 days before
		"2026-11-26 open", "2026-12-03 open", "2026-12-10 draft", "2026-12-17 draft", "2026-12-24 draft",
		"2026-12-31 draft",
	}
	if diff := cmp.Diff(want, days); diff != "" {
		t.Errorf("meetings (-want +got):\n%s", diff)
	}
	events, err := s.UntreatedEvents(ctx, "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Kind == event.MeetingOpened {
			opened[e.Meeting]++
		}
	}
	if diff := cmp.Diff(map[id.Meeting]int{all[0].ID: 1, all[1].ID: 1}, opened); diff != "" {
		t.Errorf("opened (-want +got):\n%s", diff)
	}
}

// runTogether starts n replicas, lets all of them go at one word, and waits.
func runTogether(t *testing.T, dsn string, n int) {
	t.Helper()
	var starts []io.WriteCloser
	var all []*exec.Cmd
	for range n {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), replicaDatabase+"="+dsn)
		cmd.Stderr = os.Stderr
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
			t.Fatalf("a replica said %q, %v", line, err)
		}
		starts, all = append(starts, in), append(all, cmd)
	}
	for _, in := range starts {
		if _, err := io.WriteString(in, "go\n"); err != nil {
			t.Fatal(err)
		}
	}
	for _, cmd := range all {
		if err := cmd.Wait(); err != nil {
			t.Fatalf("a replica: %v", err)
		}
	}
}

func TestRegistrationOpensAndClosesInTime(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 10, day, hour, minute, 0, 0, paris) }
	m := meetings.Meeting{Zone: "Europe/Paris", Status: meetings.Draft, Starts: at(29, 14, 30), Cutoff: at(28, 12, 30)}
	for _, test := range []struct {
		name     string
		openDays int
		now      time.Time
		want     bool
	}{
		{"seven days before, at dawn", 7, at(22, 7, 59), false},
		{"seven days before, at eight, over the change of the clock", 7, at(22, 8, 0), true},
		{"late is better than never", 7, at(27, 3, 0), true},
		{"past the cut-off", 7, at(28, 12, 30), false},
		{"by hand", 0, at(28, 8, 0), false},
	} {
		if got := jobs.DueToOpen(m, test.openDays, test.now); got != test.want {
			t.Errorf("%s: %t", test.name, got)
		}
	}
	open := m
	open.Status = meetings.Open
	if jobs.DueToOpen(open, 7, at(27, 9, 0)) {
		t.Error("an open meeting is opened again")
	}
	if jobs.DueToClose(m, at(28, 13, 0)) || jobs.DueToClose(open, at(28, 12, 29)) || !jobs.DueToClose(open, at(28, 12, 30)) {
		t.Error("registration does not close at the cut-off")
	}
}
