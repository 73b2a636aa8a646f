package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"github.com/rcp-care/rcp/internal/testenv"
	"github.com/rcp-care/rcp/meetings"
)

// TestThunderbird leads series and single meetings through their life, with a
// real Thunderbird as one of those invited: it shows buttons, its answers come
// back through the mailbox, and after each step its calendar is RCP's. Without
// the rig at hand, every object that it would receive is decoded.
func TestThunderbird(t *testing.T) {
	t.Parallel()
	shared, ok := testenv.Shared()
	c := &clinic{house: newHouse(t), objects: t.TempDir()}
	if ok {
		c.tb = startThunderbird(t, filepath.Join(shared, "tools", "thunderbird"))
	}
	for _, s := range []struct {
		name string
		run  func(c *clinic)
	}{
		{"a series through its life", aSeries},
		{"a series before it begins", aSeriesBefore},
		{"the days of the change of hour", changesOfHour},
		{"every kind of rule", rules},
		{"one meeting", oneMeeting},
		{"a tentative answer, then off the team", aTentativeAnswer},
		{"a guest of some dates", aGuest},
		{"the profiles", profiles},
	} {
		t.Run(s.name, func(t *testing.T) {
			if c.t = t; c.tb != nil {
				c.tb.t = t
			}
			c.fresh()
			s.run(c)
		})
	}
	c.t = t
	c.judge(shared)
}

// clinic is RCP and the clinician's Thunderbird; tb is nil without the rig.
type clinic struct {
	*house
	tb      *thunderbird
	sent    int    // mails of Thunderbird already read
	objects string // folder of every calendar object sent to her
	n       int
}

// fresh gives the clinician an empty calendar.
func (c *clinic) fresh() {
	c.t.Helper()
	if c.sent = 0; c.tb != nil {
		c.tb.reset()
	}
}

// press is what the clinician does with a mail: a button that must be shown, and
// the answer it stands for.
type press struct{ button, answer string }

// What is pressed, and the span that is compared: within the year made ahead.
var (
	acceptAll    = press{"imipAcceptRecurrencesButton", "ACCEPTED"}
	accept       = press{"imipAcceptButton", "ACCEPTED"}
	maybe        = press{"imipTentativeButton", "TENTATIVE"}
	decline      = press{"imipDeclineButton", "DECLINED"}
	update       = press{"imipUpdateButton", ""}
	remove       = press{"imipDeleteButton", ""}
	declineAll   = press{"imipDeclineRecurrencesButton", "DECLINED"}
	fromTo       = [2]string{"2026-02-20", "2027-02-15"}
	organiserURL = "https://visio.clinic.example/nord"
)

// receive opens the mails that Hélène receives, as many as there are presses,
// and presses their buttons.
func (c *clinic) receive(presses ...press) {
	c.t.Helper()
	mails := c.post()
	for i, raw := range mails {
		calendar := c.calendar(raw)
		if c.tb == nil {
			continue
		}
		s := c.tb.open(raw)
		c.t.Logf("%s → %s %v %s", subjectOf(c.t, raw), s.Label, s.Buttons, s.Action)
		if i >= len(presses) {
			continue
		}
		p := presses[i]
		if !s.Bar || s.Action == "" || !s.has(p.button) {
			c.t.Fatalf("%s: no %s\n%+v\n%s", subjectOf(c.t, raw), p.button, s, calendar)
		}
		c.tb.press(p.answer)
	}
	if len(mails) != len(presses) {
		c.t.Fatalf("%d mails, want %d", len(mails), len(presses))
	}
}

// calendar is the object of a mail, the same in both its parts.
func (c *clinic) calendar(raw []byte) []byte {
	c.t.Helper()
	all := open(c.t, raw).calendars
	if len(all) != 2 || !bytes.Equal(all[0], all[1]) {
		c.t.Fatalf("%d calendar parts, or not the same", len(all))
	}
	if _, err := ical.NewDecoder(bytes.NewReader(all[0])).Decode(); err != nil {
		c.t.Fatal(err)
	}
	c.n++
	c.must(os.WriteFile(filepath.Join(c.objects, strconv.Itoa(c.n)+".ics"), all[0], 0o600))
	return all[0]
}

// judge has the independent checker of RFC 5545 and RFC 5546 made with libical
// look at every object that Hélène received, where it is at hand.
func (c *clinic) judge(shared string) {
	c.t.Helper()
	if c.n < 40 {
		c.t.Errorf("only %d calendar objects", c.n)
	}
	if c.tb == nil {
		return
	}
	judge := filepath.Join(c.objects, "itipcheck")
	source := filepath.Join(shared, "tools", "itipcheck", "itipcheck.c")
	if out, err := exec.CommandContext(c.t.Context(), testenv.Program(c.t, "cc"), "-O1", "-w", "-o", judge, source, "-lical").CombinedOutput(); err != nil {
		c.t.Fatalf("build the judge (libical-dev is needed): %v\n%s", err, out)
	}
	files, err := filepath.Glob(filepath.Join(c.objects, "*.ics"))
	c.must(err)
	if out, err := exec.CommandContext(c.t.Context(), judge, files...).CombinedOutput(); err != nil {
		c.t.Errorf("libical: %v\n%s", err, out)
	}
}

// applied waits for so many answers of Thunderbird, hands them to RCP and says
// that each was applied.
func (c *clinic) applied(want int) {
	c.t.Helper()
	if c.tb == nil {
		return
	}
	all := c.tb.sent(c.sent + want)
	fresh := all[c.sent:]
	c.sent = len(all)
	if len(fresh) != want {
		c.t.Errorf("Thunderbird sent %d mails, want %d", len(fresh), want)
	}
	for i, in := range c.hand(fresh...) {
		if in.Status != meetings.InboundApplied || in.Professional != c.helene.ID {
			c.t.Errorf("answer %d: %s %s\n%+v\n%s", i, in.Status, in.Reason, in.Replies, bytes.Join(fresh, []byte("\n\n")))
		}
	}
}

// agree says that Thunderbird's calendar is RCP's. What was pressed last may
// still be on its way into the calendar.
func (c *clinic) agree(team meetings.Team) {
	c.t.Helper()
	c.agreeOn(c.live(team.ID, fromTo[0], fromTo[1]))
}

func (c *clinic) agreeOn(live []meetings.Meeting) {
	c.t.Helper()
	if c.tb == nil {
		return
	}
	var diff string
	for end := time.Now().Add(10 * time.Second); ; {
		if diff = compare(live, c.tb.entries(fromTo[0], fromTo[1])); diff == "" {
			return
		}
		if time.Now().After(end) {
			break
		}
	}
	c.t.Errorf("RCP's meetings and the client's (-RCP +client):\n%s", diff)
}

// answered says what RCP shows as Hélène's answer on a day.
func (c *clinic) answered(team meetings.Team, day string, want meetings.Answer, own bool) {
	c.t.Helper()
	if c.tb == nil {
		return
	}
	if a := c.answer(c.on(team.ID, day)); a.Answer != want || a.Own != own || want != meetings.NeedsAction && a.AnswerOrigin != "mail" {
		c.t.Errorf("%s: %s, own %v, by %q; want %s, %v", day, a.Answer, a.Own, a.AnswerOrigin, want, own)
	}
}

// answeredSeries is answered for a whole series.
func (c *clinic) answeredSeries(one meetings.Series, want meetings.Answer) {
	c.t.Helper()
	if got := c.seriesAnswer(one); c.tb != nil && got != want {
		c.t.Errorf("the series: %s, want %s", got, want)
	}
}

// standing says what Thunderbird shows as her own answer on a day.
func (c *clinic) standing(day, want string) {
	c.t.Helper()
	if c.tb == nil {
		return
	}
	all := c.tb.entries(day, nextDay(c.t, day))
	if len(all) != 1 || !strings.EqualFold(all[0].PartStat, want) {
		c.t.Errorf("%s: Thunderbird shows %+v, want %s", day, all, want)
	}
}

// attend answers one date from within Thunderbird's calendar.
func (c *clinic) attend(day, answer string) {
	c.t.Helper()
	if c.tb != nil {
		c.tb.attend(day, nextDay(c.t, day), answer)
	}
}

func nextDay(t *testing.T, day string) string {
	t.Helper()
	return midnight(t, day).AddDate(0, 0, 1).Format(time.DateOnly)
}
