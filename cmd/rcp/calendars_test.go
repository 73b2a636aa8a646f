package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/emersion/go-ical"

	"github.com/rcp-care/rcp/internal/testenv"
)

// judgeCalendars decodes every calendar object that was sent. Where real input
// is at hand, the independent checker of RFC 5545 and RFC 5546 made with
// libical must find nothing either.
func judgeCalendars(t *testing.T, all map[string]letter) {
	t.Helper()
	dir, n := t.TempDir(), 0
	var files []string
	for _, l := range all {
		for _, raw := range l.calendars {
			n++
			decode(t, raw)
			file := filepath.Join(dir, fmt.Sprintf("%d.ics", n))
			if err := os.WriteFile(file, raw, 0o600); err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
	}
	if n < 60 {
		t.Errorf("only %d calendar objects", n)
	}
	shared, ok := testenv.Shared()
	if !ok {
		return
	}
	judge := filepath.Join(dir, "itipcheck")
	source := filepath.Join(shared, "tools", "itipcheck", "itipcheck.c")
	if out, err := exec.CommandContext(t.Context(), testenv.Program(t, "cc"), "-O1", "-w", "-o", judge, source, "-lical").CombinedOutput(); err != nil {
		t.Fatalf("build the judge (libical-dev is needed): %v\n%s", err, out)
	}
	if out, err := exec.CommandContext(t.Context(), judge, files...).CombinedOutput(); err != nil {
		t.Errorf("libical: %v\n%s", err, out)
	}
}

func decode(t *testing.T, raw []byte) {
	t.Helper()
	c, err := ical.NewDecoder(bytes.NewReader(raw)).Decode()
	if err != nil {
		t.Errorf("%v\n%s", err, raw)
		return
	}
	if len(c.Events()) == 0 {
		t.Error("no event")
	}
	uid := ""
	for _, e := range c.Events() { // a series, and those of its dates that differ
		for _, name := range []string{ical.PropUID, ical.PropSequence, ical.PropDateTimeStamp, ical.PropOrganizer, ical.PropAttendee} {
			if e.Props.Get(name) == nil {
				t.Errorf("no %s", name)
			}
		}
		if own := e.Props.Get(ical.PropUID).Value; uid != "" && own != uid {
			t.Errorf("two objects: %s and %s", uid, own)
		} else {
			uid = own
		}
	}
}
