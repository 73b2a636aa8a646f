package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/testenv"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/meetings/ical"
)

const (
	manySeries  = 500
	manyMembers = 30
	icalJS      = "ical.js@2.2.1"
	inviteRuns  = 9
)

var inviteDay = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// BenchmarkInvites works out what a member's calendar holds of a year of 500
// series with 30 members each, and writes it as an invitation; libical and
// ical.js expand the same year of the same objects, which they read before the
// clock starts, and write them again.
func BenchmarkInvites(b *testing.B) {
	states := year(b)
	dir := b.TempDir()
	files := writeInvites(b, dir, states)
	libical := buildLibical(b, dir)
	module := installICALJS(b, dir)
	for b.Loop() {
		mine := measure(inviteRuns, func() time.Duration { return 0 }, func() { invites(b, states) })
		theirs, dates := peer(b, libical, append([]string{strconv.Itoa(inviteRuns)}, files...))
		script, err := filepath.Abs("testdata/icaljs.mjs")
		if err != nil {
			b.Fatal(err)
		}
		js, datesJS := peer(b, testenv.Program(b, "node"), append([]string{script, module, strconv.Itoa(inviteRuns)}, files...))
		if want := held(states); dates != want || datesJS != want {
			b.Fatalf("dates of a year: %d in RCP, %d with libical, %d with ical.js", want, dates, datesJS)
		}
		measured.add(row{
			what: "a year of 500 series as invites, times libical's speed", value: fmt.Sprintf("%.2f", ms(theirs)/ms(mine.wall)),
			goal: "aim 1", met: theirs >= mine.wall,
		})
		measured.add(row{
			what: "  times ical.js's speed", value: fmt.Sprintf("%.1f", ms(js)/ms(mine.wall)), goal: "aim 3", met: js >= 3*mine.wall,
		})
		note("  RCP / libical / ical.js", "%.0f ms / %.0f ms / %.0f ms", ms(mine.wall), ms(theirs), ms(js))
	}
}

// year makes the series: weekly and monthly, at several hours, each with its
// dates of a year.
func year(b *testing.B) []meetings.State {
	b.Helper()
	var members []meetings.Member
	for i := range manyMembers {
		members = append(members, meetings.Member{Role: auth.Clinician, Required: i%3 == 0, Professional: auth.Professional{
			ID: id.New[id.Professional](), Given: "Prénom" + strconv.Itoa(i), Family: "Nom" + strconv.Itoa(i), Email: fmt.Sprintf("membre%d@valbrume.example", i),
		}})
	}
	states := make([]meetings.State, manySeries)
	for i := range states {
		team := meetings.Team{
			ID: id.New[id.Team](), Name: fmt.Sprintf("Équipe de secteur %d", i), Kind: meetings.Synthese, Zone: "Europe/Paris",
			HolidayZone: "metropole", OrganizerAddress: "reunions@valbrume.example", Members: members,
		}
		one := meetings.Series{
			ID: id.New[id.Series](), Team: team.ID, Rule: meetings.Every(1+i%2, time.Weekday(1+i%5)), Start: fmt.Sprintf("%02d:30", 8+i%10),
			Duration: 90 * time.Minute, Zone: team.Zone, From: date.New(2026, 12, 1), Until: date.New(2027, 11, 26), Room: "Salle Simone", OnClosed: meetings.Skip, Announced: inviteDay,
		}
		states[i] = meetings.Laid(meetings.State{Org: auth.Org{Name: "Centre de soins de Valbrume"}, Team: team}, one, inviteDay)
	}
	return states
}

// invites expands and encodes what one member holds of each series.
func invites(b *testing.B, states []meetings.State) [][]byte {
	b.Helper()
	all := make([][]byte, len(states))
	for i, s := range states {
		e, ok := s.Object(s.Team.Members[0].Professional, inviteDay)
		if !ok {
			b.Fatal("no object")
		}
		e.Stamp = inviteDay
		raw, err := ical.Encode(ical.Request, e)
		if err != nil {
			b.Fatal(err)
		}
		all[i] = raw
	}
	return all
}

// held counts the dates of the year.
func held(states []meetings.State) (n int) {
	for _, s := range states {
		first := s.Dates[0].Meeting.Starts
		for _, d := range s.Dates {
			if d.Meeting.Starts.Before(first.AddDate(1, 0, 0)) {
				n++
			}
		}
	}
	return n
}

func writeInvites(b *testing.B, dir string, states []meetings.State) (files []string) {
	b.Helper()
	for i, raw := range invites(b, states) {
		file := filepath.Join(dir, strconv.Itoa(i)+".ics")
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			b.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

func buildLibical(b *testing.B, dir string) string {
	b.Helper()
	program := filepath.Join(dir, "libical")
	if out, err := exec.CommandContext(b.Context(), testenv.Program(b, "cc"), "-O2", "-o", program, "testdata/libical.c", "-lical").CombinedOutput(); err != nil {
		b.Fatalf("libical-dev is needed: %v\n%s", err, out)
	}
	return program
}

func installICALJS(b *testing.B, dir string) string {
	b.Helper()
	if out, err := exec.CommandContext(b.Context(), testenv.Program(b, "npm"), "install", "--silent", "--no-save", "--prefix", dir, icalJS).CombinedOutput(); err != nil {
		b.Fatalf("%s from npm is needed: %v\n%s", icalJS, err, out)
	}
	return filepath.Join(dir, "node_modules", "ical.js", "dist", "ical.js")
}

// peer runs a program and reads its best time and how many dates it found.
func peer(b *testing.B, program string, args []string) (best time.Duration, dates int) {
	b.Helper()
	out, err := exec.CommandContext(b.Context(), program, args...).Output()
	if err != nil {
		b.Fatalf("%s: %v", filepath.Base(program), err)
	}
	var micros, bytes int
	if _, err := fmt.Sscan(strings.TrimSpace(string(out)), &micros, &dates, &bytes); err != nil {
		b.Fatalf("%s: %v: %s", filepath.Base(program), err, out)
	}
	return time.Duration(micros) * time.Microsecond, dates
}
