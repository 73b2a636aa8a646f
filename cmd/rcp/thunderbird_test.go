package main

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/testenv"
	"github.com/rcp-care/rcp/meetings"
)

// TestThunderbird leads series and single meetings through their life, with a
// real Thunderbird as one of those invited: it shows buttons, its answers come
// back through the mailbox, and after each step its calendar is RCP's. Without
// the rig at hand, every message that it would receive is decoded.
func TestThunderbird(t *testing.T) {
	shared, ok := testenv.Shared()
	c := &clinic{house: newHouse(t)}
	if ok {
		c.tb = startThunderbird(t, filepath.Join(shared, "tools", "thunderbird"))
	}
	for _, s := range []struct {
		name string
		run  func(c *clinic)
	}{
		{"a series", aSeries},
	} {
		t.Run(s.name, func(t *testing.T) {
			c.t, c.sent = t, 0
			if c.tb != nil {
				c.tb.t = t
				c.tb.reset()
			}
			s.run(c)
		})
	}
}

// clinic is RCP and the clinician's Thunderbird; tb is nil without the rig.
type clinic struct {
	*house
	tb   *thunderbird
	sent int // mails of Thunderbird already read
}

// receive opens every mail that Hélène receives and presses a button; it
// returns what Thunderbird showed.
func (c *clinic) receive(answers ...string) []shown {
	c.t.Helper()
	mails := c.post()
	if len(mails) != len(answers) {
		for _, m := range mails {
			c.t.Log(subjectOf(c.t, m))
		}
		c.t.Fatalf("%d mails, want %d", len(mails), len(answers))
	}
	var all []shown
	for i, raw := range mails {
		calendar := c.calendar(raw)
		if c.tb == nil {
			continue
		}
		s := c.tb.open(raw)
		c.t.Logf("%s: %s %v %s", subjectOf(c.t, raw), s.Label, s.Buttons, s.Action)
		_ = calendar
		if !s.Bar || s.Action == "" {
			c.t.Errorf("%s: no bar, or nothing to do: %+v", subjectOf(c.t, raw), s)
		}
		c.tb.press(answers[i])
		all = append(all, s)
	}
	return all
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
	return all[0]
}

// replies hands RCP what Thunderbird sent since, and returns what became of it.
func (c *clinic) replies() []meetings.Inbound {
	c.t.Helper()
	if c.tb == nil {
		return nil
	}
	all := c.tb.sent()
	fresh := all[c.sent:]
	c.sent = len(all)
	_ = fresh
	return c.hand(fresh...)
}

// agree says that Thunderbird's calendar is RCP's between two days.
func (c *clinic) agree(team meetings.Team, from, to string) {
	c.t.Helper()
	live := c.live(team.ID, from, to)
	if c.tb != nil {
		same(c.t, live, c.tb.entries(from, to))
	}
}

func (c *clinic) tell() {
	for _, in := range c.replies() {
		c.t.Logf("  reply: %s %s", in.Status, in.Reason)
		for _, r := range in.Replies {
			c.t.Logf("     %v %s seq %d %v", r.Recurrence, r.Answer, r.Sequence, r.Stamp)
		}
	}
}

func aSeries(c *clinic) {
	t := c.t
	team := c.team("Gériatrie, secteur Nord")
	e := meetings.SeriesEdit{
		Team: team.ID, Rule: meetings.Every(1, time.Thursday), Start: "14:30", Duration: 90 * time.Minute, From: date.New(2026, 3, 1),
		Room: "Salle Simone", URL: "https://visio.clinic.example/nord",
	}
	one := c.edit(meetings.Series{}, e)
	agree := func(what string) {
		t.Log(what)
		c.agree(team, "2026-02-20", "2027-02-01")
		c.tell()
	}
	c.receive("ACCEPTED")
	agree("invited")
	t.Log(c.seriesAnswer(one))
	c.move(c.on(team.ID, "2026-04-02"), time.Date(2026, 4, 3, 8, 0, 0, 0, time.UTC), "Salle Ambroise")
	c.receive("ACCEPTED")
	agree("moved")
	c.cancel(c.on(team.ID, "2026-03-26"))
	c.receive("")
	agree("cancelled")
	if c.tb != nil {
		c.tb.attend("2026-04-09", "2026-04-10", "DECLINED")
		agree("one date declined")
		t.Log(c.answer(c.on(team.ID, "2026-04-09")))
		t.Log(c.answer(c.on(team.ID, "2026-04-16")))
	}
	c.move(c.on(team.ID, "2026-10-29"), time.Date(2026, 10, 29, 13, 0, 0, 0, time.UTC), "Salle Simone")
	c.receive("ACCEPTED")
	agree("second move")
	t.Log(c.answer(c.on(team.ID, "2026-04-09")))
	e.Start, e.From = "16:00", date.New(2026, 6, 18)
	two := c.edit(one, e)
	c.receive("ACCEPTED", "ACCEPTED")
	agree("hour changed")
	t.Log(c.seriesAnswer(two))
	e.From, e.Stop = date.New(2026, 12, 1), true
	c.edit(two, e)
	c.receive("ACCEPTED")
	agree("stopped")
}
