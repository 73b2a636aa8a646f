package meetings

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	goical "github.com/emersion/go-ical"

	"github.com/rcp-care/rcp/meetings/ical"
)

func TestEveryStepTellsWhomItShould(t *testing.T) {
	t.Parallel()
	l := live(t)
	everybody := []string{"a request", "b request", "c request"}
	want := map[string][]string{
		"cancel":              {"a cancel", "b cancel", "c request"},
		"cancel a moved date": {"a cancel", "b cancel", "c request"},
		"closure":             {"a cancel", "b cancel", "c request"}, // of one date
		"guest":               {"e request"},
		"guest again":         {"e request"},
		"guest less":          {"e cancel"},
		"guest gone":          {"e cancel"},
		"member":              {"d request"},
		"member gone":         {"d cancel"},
		"split":               {"a request", "a request", "b request", "b request", "c request", "c request"},
		"split again":         {"a request", "a request", "b request", "b request", "c request", "c request"},
		"whole cancel":        {"a cancel", "b cancel", "c cancel"},
		"cancel one":          {"a cancel", "b cancel", "c cancel"},
	}
	for _, name := range l.order {
		var got []string
		for _, m := range l.steps[name] {
			got = append(got, string(m.Who.ID)+" "+strings.ToLower(m.method()))
		}
		slices.Sort(got)
		expect := want[name]
		if expect == nil {
			expect = everybody
		}
		if !slices.Equal(got, expect) {
			t.Errorf("%s: %v, want %v", name, got, expect)
		}
	}
}

func TestPoint01OneOpaqueUIDAndTheOrganizerThatIsRead(t *testing.T) {
	t.Parallel()
	l := live(t)
	for _, name := range l.order {
		for _, m := range l.steps[name] {
			for _, e := range m.events {
				if uid := value(e, goical.PropUID); uid != m.Event.UID || !strings.HasSuffix(uid, "@rcp") {
					t.Errorf("%s: UID %q", name, uid)
				}
				if got := value(e, goical.PropOrganizer); got != "mailto:reunions@valbrume.example" {
					t.Errorf("%s: ORGANIZER %q", name, got)
				}
			}
		}
	}
	for _, name := range []string{"room", "move", "cancel", "closure", "answer, then room"} {
		if got := l.to(name, "a").Event.UID; got != l.to("invite", "a").Event.UID {
			t.Errorf("%s: UID %s: it is stable for the life of the object", name, got)
		}
	}
}

func TestPoint02RequestsAreComplete(t *testing.T) {
	t.Parallel()
	l := live(t)
	n := 0
	for _, name := range l.order {
		for _, m := range l.steps[name] {
			if m.method() != "REQUEST" {
				continue
			}
			n++
			if !strings.Contains(string(m.raw), "BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\n") {
				t.Errorf("%s: no VTIMEZONE", name)
			}
			for _, e := range m.events {
				for _, p := range []string{
					goical.PropDateTimeStamp, goical.PropDateTimeStart, goical.PropDateTimeEnd, goical.PropSequence, goical.PropSummary,
				} {
					if value(e, p) == "" {
						t.Errorf("%s: no %s", name, p)
					}
				}
				if e.Props.Get(goical.PropDateTimeStart).Params.Get(goical.PropTimezoneID) != "Europe/Paris" || value(e, goical.PropStatus) != "CONFIRMED" {
					t.Errorf("%s: DTSTART without its zone, or not confirmed", name)
				}
				if got := value(e, goical.PropSummary); got != "Réunion de synthèse – Gériatrie" {
					t.Errorf("%s: SUMMARY %q", name, got)
				}
				m.checkAttendees(t, name, e)
			}
		}
	}
	if n < 50 {
		t.Errorf("only %d requests", n)
	}
	if e := l.to("invite", "a").master(); value(e, goical.PropLocation) != "Salle Simone" || value(e, goical.PropConference) != "https://visio.example/geriatrie" {
		t.Error("the first invitation lacks its room or its conference")
	}
}

func (m told) checkAttendees(t *testing.T, step string, e goical.Event) {
	t.Helper()
	seen := map[string]bool{}
	for _, p := range e.Props[goical.PropAttendee] {
		seen[strings.ToLower(p.Value)] = true
		for _, name := range []string{goical.ParamCommonName, goical.ParamParticipationStatus, goical.ParamRole, goical.ParamCalendarUserType, goical.ParamRSVP} {
			if p.Params.Get(name) == "" {
				t.Errorf("%s: attendee without %s", step, name)
			}
		}
	}
	if !seen["mailto:"+m.Address] {
		t.Errorf("%s: %s is not among the attendees %v", step, m.Address, seen)
	}
	if len(seen) != len(e.Props[goical.PropAttendee]) {
		t.Errorf("%s: somebody is an attendee twice", step)
	}
}

func TestPoint04RulesThatOutlookShows(t *testing.T) {
	t.Parallel()
	l := live(t)
	want := map[string]string{
		"invite":               "FREQ=WEEKLY;BYDAY=TH;WKST=MO",
		"end by date":          "FREQ=WEEKLY;INTERVAL=2;UNTIL=20260930T215959Z;BYDAY=TU;WKST=MO",
		"monthly":              "FREQ=MONTHLY;COUNT=12;BYDAY=-1TU",
		"hour before it began": "FREQ=MONTHLY;COUNT=12;BYDAY=-1TU",
	}
	for step, rule := range want {
		if got := value(l.to(step, "a").master(), goical.PropRecurrenceRule); got != rule {
			t.Errorf("%s: %s, want %s", step, got, rule)
		}
	}
	for _, name := range l.order {
		for _, m := range l.steps[name] {
			if strings.Contains(string(m.raw), "\r\nRDATE") || strings.Contains(string(m.raw), "RANGE=") {
				t.Errorf("%s: RDATE or RANGE\n%s", name, m.raw)
			}
		}
	}
}

func TestPoint05SequenceAndStampRise(t *testing.T) {
	t.Parallel()
	l := live(t)
	changes := []string{"room", "cancel", "cancel a moved date", "cancel two", "closure", "closure off", "answer, then room"}
	last := l.to("invite", "c").Event.Sequence
	for _, name := range changes { // c always receives the whole series
		now := l.to(name, "c").Event.Sequence
		if now <= last {
			t.Errorf("%s: SEQUENCE %d after %d", name, now, last)
		}
		last = now
	}
	first, second := l.to("move another", "b").Event, l.to("move back", "b").Event
	if second.Sequence <= first.Sequence || !second.RecurrenceID.Equal(first.RecurrenceID) {
		t.Errorf("one date: SEQUENCE %d, then %d", first.Sequence, second.Sequence)
	}
	if moved, off := l.to("move", "b").Event, l.to("cancel a moved date", "b").Event; off.Sequence <= moved.Sequence {
		t.Errorf("a moved date that is cancelled: SEQUENCE %d, then %d", moved.Sequence, off.Sequence)
	}
	one := []int{l.to("open one", "a").Event.Sequence, l.to("move one", "a").Event.Sequence, l.to("cancel one", "a").Event.Sequence}
	if one[0] >= one[1] || one[1] >= one[2] {
		t.Errorf("one meeting: SEQUENCE %v", one)
	}
	stamps := map[string]string{}
	for _, name := range l.order {
		for _, m := range l.steps[name] {
			key, at := m.Event.UID+m.Address, value(m.events[0], goical.PropDateTimeStamp)
			if at <= stamps[key] {
				t.Errorf("%s: DTSTAMP %s after %s", name, at, stamps[key])
			}
			stamps[key] = at
		}
	}
}

func TestPoint06MovedDate(t *testing.T) {
	t.Parallel()
	l := live(t)
	all := []string{"20260115T143000", "20260122T143000"}
	for _, who := range []string{"a", "c"} {
		m := l.to("move another", who)
		if value(m.master(), goical.PropRecurrenceRule) == "" || !slices.Equal(m.dates(), all) {
			t.Errorf("%s gets %v, want the series and all its exceptions", who, m.dates())
		}
		if m.What != DateMoved || !m.ID.Equal(l.on2026(1, 22)) {
			t.Errorf("%s: %s of %s", who, m.What, m.ID)
		}
	}
	m := l.to("move another", "b")
	if len(m.events) != 1 || !slices.Equal(m.dates(), all[1:]) || value(m.events[0], goical.PropDateTimeStart) != "20260122T153000" {
		t.Errorf("Exchange gets %v, want the date alone", m.dates())
	}
	if zone := m.events[0].Props.Get(goical.PropRecurrenceID).Params.Get(goical.PropTimezoneID); zone != "Europe/Paris" {
		t.Errorf("RECURRENCE-ID in %q, want the zone of the series", zone)
	}
}

// on2026 is 14:30 in Paris, in winter.
func (l *life) on2026(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 13, 30, 0, 0, time.UTC)
}

func TestPoint07CancelledDate(t *testing.T) {
	t.Parallel()
	l := live(t)
	const off = "20260129T143000"
	for _, who := range []string{"a", "b"} {
		m := l.to("cancel", who)
		if m.method() != "CANCEL" || !slices.Equal(m.dates(), []string{off}) || len(m.events) != 1 || value(m.events[0], goical.PropStatus) != "CANCELLED" {
			t.Errorf("%s: %s of %v, want a CANCEL of that date alone", who, m.method(), m.dates())
		}
	}
	m := l.to("cancel", "c")
	if m.method() != "REQUEST" || !slices.Contains(excluded(m.master()), off) {
		t.Errorf("sabre: %s with EXDATE %v, want the series without that date", m.method(), excluded(m.master()))
	}
	later := 0
	for _, name := range l.order[slices.Index(l.order, "cancel")+1:] {
		for _, m := range l.steps[name] {
			if m.method() == "REQUEST" && m.Event.UID == l.to("invite", "a").Event.UID && m.Event.Rule != "" {
				later++
				if !slices.Contains(excluded(m.master()), off) {
					t.Errorf("%s to %s: EXDATE %v, without %s", name, m.Who.ID, excluded(m.master()), off)
				}
			}
		}
	}
	if later < 10 {
		t.Errorf("only %d later requests", later)
	}
}

func TestPoint08ThisAndAllFollowing(t *testing.T) {
	t.Parallel()
	l := live(t)
	for _, step := range []string{"split", "split again"} {
		var mine []told
		for _, m := range l.steps[step] {
			if m.Who.ID == "a" {
				mine = append(mine, m)
			}
		}
		if len(mine) != 2 {
			t.Fatalf("%s: %d messages, want the end and the new series", step, len(mine))
		}
		end, next := mine[0], mine[1]
		if end.Event.UID == next.Event.UID || !strings.Contains(value(end.master(), goical.PropRecurrenceRule), "UNTIL=") || next.What != Invited {
			t.Errorf("%s: %s %s, then %s %s", step, end.Event.UID, end.Event.Rule, next.Event.UID, next.What)
		}
		if end.Thread != string(l.root) || next.Thread != end.Thread {
			t.Errorf("%s: threads %s and %s, want %s", step, end.Thread, next.Thread, l.root)
		}
	}
	if got := value(l.steps["split"][0].master(), goical.PropRecurrenceRule); !strings.Contains(got, "UNTIL=20260228T225959Z") {
		t.Errorf("the first series ends %s, want the day before 1 March", got)
	}
}

func TestPoint09WhoComesWhoGoesAndBursts(t *testing.T) {
	t.Parallel()
	l := live(t)
	if m := l.to("member", "d"); m.method() != "REQUEST" || len(l.steps["member"]) != 1 {
		t.Errorf("a new member gets a %s, and %d messages go", m.method(), len(l.steps["member"]))
	}
	m := l.to("member gone", "d")
	if people := m.events[0].Props[goical.PropAttendee]; m.method() != "CANCEL" || len(people) != 1 || people[0].Value != "mailto:d@clinique.example" {
		t.Errorf("a removed member gets a %s for %v", m.method(), people)
	}
	if len(l.steps["member gone"]) != 1 {
		t.Errorf("%d messages, want one", len(l.steps["member gone"]))
	}
	l.step("burst", func() {
		single := l.meetings["single"].Meeting
		single.ID, single.UID, single.Status, single.Sequence = "burst", "burst@rcp", Draft, 0
		l.put(single, l.team.attendance(single))
		l.open(l.meetings["burst"])
		l.move(l.meetings["burst"], time.Hour, "Salle Ida")
		l.move(l.meetings["burst"], time.Hour, "Salle Jean")
	})
	if e := l.to("burst", "a").events[0]; value(e, goical.PropLocation) != "Salle Jean" {
		t.Errorf("after the burst in %s", value(e, goical.PropLocation))
	}
	l.step("nothing in the end", func() {
		l.move(l.meetings["burst"], time.Hour, "Salle Ida")
		l.move(l.meetings["burst"], -time.Hour, "Salle Jean")
	})
	if n := len(l.steps["nothing in the end"]); n != 0 {
		t.Errorf("%d messages about nothing", n)
	}
}

// Every object of every step goes before a checker of RFC 5545 and RFC 5546 made
// with libical, where RCP_SHARED names the folder of the independent judges.
func TestJudgeEveryStep(t *testing.T) {
	t.Parallel()
	l := live(t)
	dir := t.TempDir()
	var files []string
	for i, name := range l.order {
		for k, m := range l.steps[name] {
			file := filepath.Join(dir, string(rune('a'+i%26))+strings.NewReplacer(" ", "-", ",", "").Replace(name)+"-"+string(rune('0'+k))+string(m.Who.ID)+".ics")
			if err := os.WriteFile(file, m.raw, 0o600); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(m.raw), "METHOD:"+string(m.Method)+"\r\n") || m.Method != ical.Request && m.Method != ical.Cancel {
				t.Errorf("%s: METHOD is not %s", name, m.Method)
			}
			files = append(files, file)
		}
	}
	if len(files) < 60 {
		t.Errorf("only %d objects", len(files))
	}
	shared := os.Getenv("RCP_SHARED")
	if shared == "" {
		return
	}
	judge := filepath.Join(t.TempDir(), "itipcheck")
	source := filepath.Join(shared, "tools", "itipcheck", "itipcheck.c")
	if out, err := exec.Command("cc", "-O1", "-w", "-o", judge, source, "-lical").CombinedOutput(); err != nil {
		t.Fatalf("build the judge (libical-dev is needed): %v\n%s", err, out)
	}
	if out, err := exec.Command(judge, files...).CombinedOutput(); err != nil {
		t.Errorf("libical: %v\n%s", err, out)
	}
}
