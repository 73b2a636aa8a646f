package ical_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/meetings/ical"
)

// TestJudge writes every object to a file. Where RCP_SHARED names the folder of
// the independent judges, a checker of RFC 5545 and RFC 5546 made with libical
// must find nothing in any of them.
func TestJudge(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var files []string
	task := object{"todo", false, func() ([]byte, error) { return ical.EncodeTodo(todo()) }}
	for _, o := range append(objects(), task) {
		out, err := o.encode()
		if err != nil {
			t.Errorf("%s: %v", o.name, err)
			continue
		}
		file := filepath.Join(dir, strings.ReplaceAll(o.name, "/", "-")+".ics")
		if err := os.WriteFile(file, out, 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	if len(files) < 40 {
		t.Errorf("only %d objects", len(files))
	}
	golden, err := filepath.Glob("testdata/*.ics")
	if err != nil || len(golden) == 0 {
		t.Fatalf("no golden file (%v)", err)
	}
	if shared := os.Getenv("RCP_SHARED"); shared != "" {
		askLibical(t, shared, append(files, golden...))
	}
}

func askLibical(t *testing.T, shared string, files []string) {
	t.Helper()
	judge := filepath.Join(t.TempDir(), "itipcheck")
	source := filepath.Join(shared, "tools", "itipcheck", "itipcheck.c")
	if out, err := exec.Command("cc", "-O1", "-w", "-o", judge, source, "-lical").CombinedOutput(); err != nil {
		t.Fatalf("build the judge (libical-dev is needed): %v\n%s", err, out)
	}
	bad := filepath.Join(t.TempDir(), "bad.ics")
	if err := os.WriteFile(bad, []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command(judge, bad).Run(); err == nil {
		t.Error("the judge accepts an empty request: it judges nothing")
	}
	if out, err := exec.Command(judge, files...).CombinedOutput(); err != nil {
		t.Errorf("libical: %v\n%s", err, out)
	}
}
