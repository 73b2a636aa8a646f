package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/testenv"
)

// thunderbird is a real Thunderbird without a screen, as one invited clinician.
type thunderbird struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Scanner
	log *lockedBuffer
}

// The person whose Thunderbird it is, and where the rig listens: its mail server
// and Marionette.
const (
	clinician    = "helene@clinic.example"
	rigMail      = "127.0.0.1:2525"
	rigRemote    = "127.0.0.1:2828"
	rigAnswers   = 2 * time.Minute
	rigStart     = 90 * time.Second
	rigUntilDead = 20 * time.Second
)

// rigDriver speaks to the rig for the test: a line of JSON in, a line out.
const rigDriver = `
import base64, json, sys, time
from tbrig import TB, PRE

rig = TB()

OCC = '''
const D = x => cal.createDateTime(x), r = [];
for (const c of cal.manager.getCalendars())
  for (const i of await c.getItemsAsArray(c.ITEM_FILTER_ALL_ITEMS | c.ITEM_FILTER_CLASS_OCCURRENCES, 0, D(A[0]), D(A[1]))) {
    const me = i.getAttendees().find(a => a.id.toLowerCase() == "mailto:" + A[2]);
    r.push({start: i.startDate.getInTimezone(cal.dtz.UTC).icalString, end: i.endDate.getInTimezone(cal.dtz.UTC).icalString,
      zone: i.startDate.timezone.tzid, status: i.status || "", title: i.title, place: i.getProperty("LOCATION") || "",
      partstat: me ? me.participationStatus : ""});
  }
return r;'''

# What stands above the mail that is open, as soon as there is something to press.
LOOK = '''
for (let i = 0; ; i++) {
  await sleep(100);
  const mw = Services.wm.getMostRecentWindow("mail:messageWindow")?.messageBrowser?.contentWindow, b = mw?.calImipBar;
  const bar = mw?.document.querySelector(".calendar-notification-bar");
  if (i < 150 && (!bar || bar.collapsed || !b.itipItem || !b.actionFunc)) continue;
  const tb = [...mw.document.getElementById("imip-view-toolbar").getElementsByTagName("toolbarbutton")].filter(x => !x.hidden && x.id);
  return {bar: !bar.collapsed, label: bar.querySelector(".msgNotificationBarText").textContent.trim(), buttons: tb.map(x => x.id),
    method: b.itipItem?.receivedMethod, action: b.actionFunc?.method ?? ""};
}'''

# What "Attendance > this occurrence" of the calendar's context menu does.
ATTEND = '''
const D = x => cal.createDateTime(x), w = Services.wm.getMostRecentWindow("mail:3pane"), all = [];
for (const c of cal.manager.getCalendars())
  for (const i of await c.getItemsAsArray(c.ITEM_FILTER_ALL_ITEMS | c.ITEM_FILTER_CLASS_OCCURRENCES, 0, D(A[0]), D(A[1]))) all.push(i);
if (all.length != 1) return all.length;
const at = {scope: "this-occurrence", respvalue: A[2], respmode: "AUTO"};
w.setContextPartstat({getAttribute: n => at[n], hasAttribute: n => n in at}, all);
await sleep(400);
return 1;'''

def do(q):
    op = q["op"]
    if op == "reset": return rig.reset()
    if op == "open":
        try: rig.open(base64.b64decode(q["mail"]), 100)
        except RuntimeError: pass # the window is not ready yet
        return rig.js(LOOK)
    if op == "act": return rig.act(q["answer"], wait=400)
    if op == "occ": return rig.js(OCC, q["from"], q["to"], q["who"])
    if op == "attend": return rig.js(ATTEND, q["from"], q["to"], q["answer"])
    if op == "sent":
        end, all = time.time() + 20, rig.sent(0.5)
        while len(all) < int(q["least"]) and time.time() < end: all = rig.sent(0.2)
        return [base64.b64encode(m).decode() for m in all]

print(json.dumps({"ok": "ready"}), flush=True)
for line in sys.stdin:
    try: print(json.dumps({"ok": do(json.loads(line))}), flush=True)
    except Exception as e: print(json.dumps({"error": str(e)[:2000]}), flush=True)
`

// startThunderbird starts the rig in a copy of its own. It stops with the test.
func startThunderbird(t *testing.T, rig string) *thunderbird {
	t.Helper()
	testenv.Program(t, "thunderbird")
	python := testenv.Program(t, "python3")
	for _, addr := range []string{rigMail, rigRemote} {
		if c, err := net.DialTimeout("tcp", addr, time.Second); err == nil {
			_ = c.Close()
			t.Fatalf("%s is taken, and the Thunderbird rig can use no other: is another one running?", addr)
		}
	}
	dir := filepath.Join(t.TempDir(), "rig")
	copyRig(t, rig, dir)
	log := &lockedBuffer{}
	start := inGroup(t, exec.Command("bash", filepath.Join(dir, "start.sh")), dir)
	started := make(chan error, 1)
	go func() {
		out, err := start.CombinedOutput()
		_, _ = log.Write(out)
		started <- err
	}()
	select {
	case err := <-started:
		if err != nil {
			t.Fatalf("start.sh: %v\n%s", err, log)
		}
	case <-time.After(rigStart):
		t.Fatalf("Thunderbird does not start within %v\n%s%s", rigStart, log, rigLog(dir))
	}
	driver := filepath.Join(dir, "driver.py")
	if err := os.WriteFile(driver, []byte(rigDriver), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := inGroup(t, exec.Command(python, driver), dir)
	cmd.Stderr = log
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
	go func() { _ = cmd.Wait() }()
	tb := &thunderbird{t: t, in: in, out: bufio.NewScanner(out), log: log}
	tb.out.Buffer(nil, 64<<20)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the rig said:\n%s%s", log, rigLog(dir))
		}
	})
	var ready string
	tb.read("start", &ready)
	return tb
}

// inGroup makes a command lead a process group that is killed when the test
// ends, whatever it left running.
func inGroup(t *testing.T, cmd *exec.Cmd, dir string) *exec.Cmd {
	t.Helper()
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second
	t.Cleanup(func() {
		if cmd.Process == nil {
			return
		}
		for end := time.Now().Add(rigUntilDead); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
			if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); errors.Is(err, syscall.ESRCH) {
				return
			}
		}
		t.Errorf("%s does not end", filepath.Base(cmd.Path))
	})
	return cmd
}

func copyRig(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), raw, 0o700)
	})
	if err != nil {
		t.Fatalf("copy the Thunderbird rig: %v", err)
	}
}

func rigLog(dir string) string {
	var b strings.Builder
	for _, name := range []string{"tb.log", "sink.log"} {
		raw, _ := os.ReadFile(filepath.Join(dir, name))
		b.WriteString(name + ":\n")
		for line := range strings.Lines(string(raw)) {
			if strings.TrimSpace(line) != "" && !strings.Contains(line, "Gtk-") && !strings.Contains(line, "gtk_") {
				b.WriteString(line)
			}
		}
	}
	return b.String()
}

// ask sends the rig one question and reads its answer into v.
func (b *thunderbird) ask(op string, args map[string]string, v any) {
	b.t.Helper()
	q := map[string]string{"op": op}
	for k, a := range args {
		q[k] = a
	}
	raw, err := json.Marshal(q)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.in.Write(append(raw, '\n')); err != nil {
		b.t.Fatalf("%s: %v\n%s", op, err, b.log)
	}
	b.read(op, v)
}

func (b *thunderbird) read(op string, v any) {
	b.t.Helper()
	line := make(chan []byte, 1)
	go func() {
		b.out.Scan()
		line <- append([]byte(nil), b.out.Bytes()...)
	}()
	var answer struct {
		OK    json.RawMessage
		Error string
	}
	select {
	case raw := <-line:
		if err := json.Unmarshal(raw, &answer); err != nil {
			b.t.Fatalf("Thunderbird, %s: %v %q\n%s", op, err, raw, b.log)
		}
	case <-time.After(rigAnswers):
		b.t.Fatalf("Thunderbird, %s: no answer within %v", op, rigAnswers)
	}
	if answer.Error != "" {
		b.t.Fatalf("Thunderbird, %s: %s", op, answer.Error)
	}
	if err := json.Unmarshal(answer.OK, v); err != nil {
		b.t.Fatalf("Thunderbird, %s: %v in %s", op, err, answer.OK)
	}
}

// reset gives the clinician a new, empty calendar.
func (b *thunderbird) reset() {
	b.t.Helper()
	var calendars int
	if b.ask("reset", nil, &calendars); calendars != 1 {
		b.t.Fatalf("%d calendars", calendars)
	}
}

// shown is what Thunderbird shows above a mail.
type shown struct {
	Bar     bool
	Label   string
	Buttons []string
	Method  string
	Action  string // what its buttons do; empty: nothing is left to do
}

func (s shown) has(button string) bool {
	for _, b := range s.Buttons {
		if strings.Contains(b, button) {
			return true
		}
	}
	return false
}

func (b *thunderbird) open(raw []byte) shown {
	b.t.Helper()
	var s shown
	b.ask("open", map[string]string{"mail": base64.StdEncoding.EncodeToString(raw)}, &s)
	return s
}

// press presses a button of the mail that is open: an answer, or "" for update
// and delete.
func (b *thunderbird) press(answer string) {
	b.t.Helper()
	var done any
	b.ask("act", map[string]string{"answer": answer}, &done)
	if words, ok := done.(string); ok {
		b.t.Errorf("Thunderbird, pressing %q: %s", answer, words)
	}
}

// entry is one occurrence in the clinician's calendar.
type entry struct {
	Start, End, Zone, Status, Title, Place, PartStat string
}

func (e entry) String() string {
	return e.Start + "/" + e.End + " " + e.Place
}

// entries lists the occurrences between two days.
func (b *thunderbird) entries(from, to string) []entry {
	b.t.Helper()
	var all []entry
	b.ask("occ", map[string]string{"from": compact(from), "to": compact(to), "who": clinician}, &all)
	return all
}

// attend answers one occurrence from within the calendar: the only one of a day.
func (b *thunderbird) attend(day, next, answer string) {
	b.t.Helper()
	var n int
	if b.ask("attend", map[string]string{"from": compact(day), "to": compact(next), "answer": answer}, &n); n != 1 {
		b.t.Fatalf("%d occurrences on %s", n, day)
	}
}

// sent reads every mail that Thunderbird sent since the last reset, and waits
// for so many.
func (b *thunderbird) sent(least int) [][]byte {
	b.t.Helper()
	var encoded []string
	b.ask("sent", map[string]string{"least": strconv.Itoa(least)}, &encoded)
	var all [][]byte
	for i, e := range encoded {
		raw, err := base64.StdEncoding.DecodeString(e)
		if err != nil {
			b.t.Fatal("mail " + strconv.Itoa(i) + " of the outbox: " + err.Error())
		}
		all = append(all, raw)
	}
	return all
}

// compact writes midnight UTC of a day the way iCalendar does.
func compact(day string) string { return strings.ReplaceAll(day, "-", "") + "T000000Z" }
