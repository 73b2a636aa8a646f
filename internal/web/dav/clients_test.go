package dav_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/testenv"
	"github.com/rcp-care/rcp/meetings"
)

// desk is a computer with vdirsyncer and khal, set up for Inès.
type desk struct {
	t   *testing.T
	dir string
}

func newDesk(t *testing.T, server, secret string) desk {
	t.Helper()
	d := desk{t, t.TempDir()}
	d.write("vdirsyncer.conf", fmt.Sprintf(`[general]
status_path = "%[1]s/status"
[pair rcp]
a = "local"
b = "remote"
collections = ["from b"]
metadata = ["displayname"]
[storage local]
type = "filesystem"
path = "%[1]s/calendars"
fileext = ".ics"
[storage remote]
type = "caldav"
url = "%[2]s/"
username = "%[3]s"
password = "%[4]s"
`, d.dir, server, login, secret))
	d.write("khal.conf", fmt.Sprintf(`[calendars]
[[meetings]]
path = %s/calendars/meetings
[locale]
local_timezone = Europe/Paris
default_timezone = Europe/Paris
timeformat = %%H:%%M
dateformat = %%Y-%%m-%%d
longdateformat = %%Y-%%m-%%d
datetimeformat = %%Y-%%m-%%d %%H:%%M
longdatetimeformat = %%Y-%%m-%%d %%H:%%M
[sqlite]
path = %[1]s/khal.db
`, d.dir))
	return d
}

func (d desk) write(name, text string) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, name), []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// run starts a program in the desk's own home and returns what it said.
func (d desk) run(stdin, program string, args ...string) (string, error) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 60*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, testenv.Program(d.t, program), args...)
	cmd.Dir, cmd.Stdin = d.dir, strings.NewReader(stdin)
	cmd.Env = append(os.Environ(), "HOME="+d.dir, "XDG_CONFIG_HOME="+d.dir, "XDG_DATA_HOME="+d.dir, "XDG_CACHE_HOME="+d.dir, "LC_ALL=C.UTF-8")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (d desk) vdirsyncer(args ...string) (string, error) {
	d.t.Helper()
	return d.run(strings.Repeat("y\n", 8), "vdirsyncer", append([]string{"-c", "vdirsyncer.conf"}, args...)...)
}

// files are the objects that the desk holds of a calendar.
func (d desk) files(calendar string) []string {
	d.t.Helper()
	all, err := filepath.Glob(filepath.Join(d.dir, "calendars", calendar, "*.ics"))
	if err != nil {
		d.t.Fatal(err)
	}
	return all
}

// shown is what khal lists of two years, one line an event.
func (d desk) shown() []string {
	d.t.Helper()
	out, err := d.run("", "khal", "-c", "khal.conf", "list", "--day-format", "", "--format", "{start}|{end}|{title}|{location}", "2026-09-01", "800d")
	if err != nil {
		d.t.Fatalf("khal: %v\n%s", err, out)
	}
	lines := strings.FieldsFunc(out, func(r rune) bool { return r == '\n' })
	slices.Sort(lines)
	return lines
}

// wanted is the same from the service.
func wanted(all []meetings.Own) []string {
	lines := make([]string, len(all))
	for i, o := range all {
		in, title := o.Location(), meetings.Summary(o.Kind, o.TeamName)
		if o.Status == meetings.Cancelled {
			title = "Annulée : " + title
		}
		lines[i] = o.Starts.In(in).Format("2006-01-02 15:04") + "|" + o.Ends.In(in).Format("2006-01-02 15:04") + "|" + title + "|" + o.Room
	}
	slices.Sort(lines)
	return lines
}

// TestPoint18VdirsyncerAndKhalReadAndDoNotWrite is the account seen by two real
// programs: the same meetings and tasks, before and after a change, and a
// refusal of whatever is changed on their side.
func TestPoint18VdirsyncerAndKhalReadAndDoNotWrite(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.act(t)
	all := w.open(t, 2)
	server := httptest.NewServer(w.handler)
	t.Cleanup(server.Close)
	d := newDesk(t, server.URL, w.secret)
	if out, err := d.vdirsyncer("discover"); err != nil {
		t.Fatalf("discover: %v\n%s", err, out)
	}
	pull := func() {
		t.Helper()
		if out, err := d.vdirsyncer("sync"); err != nil {
			t.Fatalf("sync: %v\n%s", err, out)
		}
		own, err := w.House.Meetings.Own(t.Context(), w.Clinician)
		if err != nil || len(own) < 2 {
			t.Fatalf("%d meetings, %v", len(own), err)
		}
		if got, want := d.shown(), wanted(own); !slices.Equal(got, want) {
			t.Fatalf("khal shows %d meetings:\n%s\nwant %d:\n%s", len(got), strings.Join(got, "\n"), len(want), strings.Join(want, "\n"))
		}
	}
	pull()
	tasks := d.files("tasks")
	if len(tasks) != 1 {
		t.Fatalf("%d tasks", len(tasks))
	}
	if raw, err := os.ReadFile(tasks[0]); err != nil || !bytes.Contains(raw, []byte("BEGIN:VTODO")) || bytes.Contains(raw, []byte("Aubriot")) {
		t.Errorf("%v\n%s", err, raw)
	}
	to := meetings.Move{Starts: all[0].Starts.Add(24 * time.Hour), Ends: all[0].Ends.Add(24 * time.Hour), Room: "Salle Ambroise"}
	if _, err := w.House.Meetings.Move(t.Context(), w.Secretary, all[0].ID, all[0].Version, to); err != nil {
		t.Fatal(err)
	}
	if _, err := w.House.Meetings.Cancel(t.Context(), w.Secretary, all[1].ID, all[1].Version, "grève"); err != nil {
		t.Fatal(err)
	}
	pull()
	w.refuses(t, d)
}

// refuses changes, adds and removes a meeting on the desk, and expects that the
// program says so and that the server's data stays.
func (w *world) refuses(t *testing.T, d desk) {
	t.Helper()
	before := w.ask(t, "GET", w.feed(), "").Body.String()
	files := d.files("meetings")
	raw, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		says  string
		spoil func() error
	}{
		{"(updating)", func() error {
			return os.WriteFile(files[0], bytes.ReplaceAll(raw, []byte("SUMMARY:"), []byte("SUMMARY:x ")), 0o600)
		}},
		{"(uploading)", func() error {
			fresh := bytes.ReplaceAll(raw, []byte("\r\nUID:"), []byte("\r\nUID:new-"))
			return os.WriteFile(filepath.Join(filepath.Dir(files[0]), "new.ics"), fresh, 0o600)
		}},
		{"Deleting", func() error { return os.Remove(files[1]) }},
	} {
		if err := tt.spoil(); err != nil {
			t.Fatal(err)
		}
		out, err := d.vdirsyncer("sync")
		_, then, tried := strings.Cut(out, tt.says)
		if err == nil || !tried || !strings.Contains(then, "403, message='Forbidden'") || strings.Contains(out, "Traceback") {
			t.Errorf("%s: %v\n%s", tt.says, err, out)
		}
	}
	if after := w.ask(t, "GET", w.feed(), "").Body.String(); after != before {
		t.Error("the server's meetings changed")
	}
}
