package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/smtp"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/config"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store/storetest"
	"github.com/rcp-care/rcp/internal/testenv"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify/inbox"
	"github.com/rcp-care/rcp/notify/mailbox"
)

// circle is the whole program between a real Postfix and a real Dovecot.
type circle struct {
	t         *testing.T
	app       *app
	postfix   *testenv.PostfixServer
	dovecot   *testenv.DovecotServer
	ahead     *atomic.Int64 // how far the program's clock is ahead
	system    auth.Actor
	team      meetings.Team
	addresses []string
}

const (
	circleOrganiser = "reunions@clinique.test"
	circleMembers   = 12
	circleLimit     = 40 * time.Second
)

// TestTheWholeCircle saves a series, has every member's answer come back, and
// kills Postfix while invitations leave and Dovecot while answers are read:
// every invitation arrives, every answer counts once, nothing is left over.
func TestTheWholeCircle(t *testing.T) {
	t.Parallel()
	c := newCircle(t)
	today := date.Of(time.Now())
	one, err := c.app.meetings.SaveSeries(t.Context(), c.system, "", 0, meetings.SeriesEdit{
		Team: c.team.ID, Rule: meetings.Every(1, time.Thursday), Start: "14:30", Duration: time.Hour, From: today.AddDays(7), Until: today.AddDays(70), Room: "Salle Simone", Anyway: true,
	})
	c.must(err)
	c.until("the first invitation", func() bool { return c.invited() > 0 })
	c.postfix.Kill(t)
	before := c.invited()
	c.postfix.Start(t)
	c.ahead.Store(int64(5 * time.Minute)) // what failed is due again
	t.Logf("Postfix died after %d invitations", before)
	c.until("every invitation", func() bool { return c.invited() == circleMembers })
	c.wantInvitations(one)

	all, _, err := c.app.meetings.List(t.Context(), c.system, meetings.Filter{Teams: []id.Team{c.team.ID}})
	c.must(err)
	n := 0
	for i, from := range c.addresses {
		switch i {
		case circleMembers / 3:
			c.dovecot.Kill(t)
		case circleMembers / 2:
			c.postfix.Kill(t)
			c.postfix.Start(t)
		case 2 * circleMembers / 3:
			c.dovecot.Start(t)
		}
		c.reply(from, one.UID(), time.Time{}, circleAnswer(i))
		n++
		if i%2 == 0 { // an answer of its own for the first date
			c.reply(from, one.UID(), all[0].Original, meetings.Declined)
			n++
		}
	}
	c.until("every answer", func() bool { return c.applied() >= n && len(c.dovecot.Messages(t, circleOrganiser, "")) == 0 })
	c.wantAnswers(one, all, n)
}

// circleAnswer is what the member of this number answers to the series.
func circleAnswer(i int) meetings.Answer {
	return []meetings.Answer{meetings.Accepted, meetings.Tentative, meetings.Declined}[i%3]
}

func newCircle(t *testing.T) *circle {
	t.Helper()
	c := &circle{t: t, ahead: &atomic.Int64{}}
	options := []testenv.DovecotOption{testenv.DovecotUser(circleOrganiser, "p")}
	for i := range circleMembers {
		c.addresses = append(c.addresses, fmt.Sprintf("membre%02d@clinique.test", i))
		options = append(options, testenv.DovecotUser(c.addresses[i], "p"))
	}
	c.dovecot = testenv.Dovecot(t, options...)
	c.postfix = testenv.Postfix(t, c.dovecot)
	logs := &lockedBuffer{}
	dir := t.TempDir()
	e := &env{
		ctx: t.Context(), stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard, log: slog.New(slog.NewTextHandler(logs, nil)),
		now: func() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) },
		Config: config.Config{
			Listen: freeAddress(t), Database: "sqlite:" + filepath.Join(dir, "rcp.db"), Archive: filepath.Join(dir, "archive"),
			MailOut: "smtp://" + c.postfix.Addr + "?tls=none", MailIn: c.dovecot.URL(circleOrganiser), MailFrom: circleOrganiser,
		},
	}
	c.must(e.Check())
	var err error
	c.app, err = newApp(t.Context(), e)
	c.must(err)
	c.fill()
	c.serve(logs)
	return c
}

// fill makes the organisation and its team.
func (c *circle) fill() {
	c.t.Helper()
	_, c.system = storetest.Org(c.t, c.app.store)
	c.team = meetings.Team{
		Name: "Gériatrie, secteur Nord", Kind: meetings.Synthese, Zone: "Europe/Paris", HolidayZone: "metropole", CaseMinutes: 8, ReviewInterval: 90,
		CutoffHours: 26, OpenDays: 14, OrganizerAddress: circleOrganiser,
	}
	for i, address := range c.addresses {
		p, err := c.app.meetings.SaveProfessional(c.t.Context(), c.system, auth.Professional{
			Family: fmt.Sprintf("Membre %02d", i), Given: "Claude", Profession: "infirmier", Email: address,
		})
		c.must(err)
		c.team.Members = append(c.team.Members, meetings.Member{Professional: p, Role: auth.Clinician, Joined: date.New(2020, 1, 1)})
	}
	var err error
	c.team, err = c.app.meetings.SaveTeam(c.t.Context(), c.system, c.team)
	c.must(err)
}

// serve runs the program until the test ends.
func (c *circle) serve(logs *lockedBuffer) {
	c.t.Helper()
	ctx, stop := context.WithCancel(c.t.Context())
	ready, ended := make(chan net.Addr, 1), make(chan error, 1)
	go func() { ended <- c.app.serve(ctx, func(a net.Addr) { ready <- a }) }()
	c.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			c.t.Errorf("serve: %v", err)
		}
		c.app.close()
		if c.t.Failed() {
			c.t.Logf("the program said:\n%s\nPostfix said:\n%s", logs, c.postfix.Log())
		}
	})
	select {
	case <-ready:
	case err := <-ended:
		ended <- err
		c.t.Fatalf("serve: %v", err)
	}
}

func (c *circle) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *circle) until(what string, done func() bool) {
	c.t.Helper()
	for end := time.Now().Add(circleLimit); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatalf("%s: not within %v", what, circleLimit)
		}
	}
}

// invited counts the members whose mailbox holds an invitation.
func (c *circle) invited() (n int) {
	for _, a := range c.addresses {
		if len(c.dovecot.Messages(c.t, a, "")) > 0 {
			n++
		}
	}
	return n
}

// wantInvitations says that each member has the series, and nothing else: a
// second copy, of a message that died between Postfix's 250 and our commit, is
// the same.
func (c *circle) wantInvitations(one meetings.Series) {
	c.t.Helper()
	for _, a := range c.addresses {
		for _, raw := range c.dovecot.Messages(c.t, a, "") {
			l := open(c.t, raw)
			if len(l.calendars) != 2 || l.methods[0] != "REQUEST" {
				c.t.Fatalf("%s: %d calendar parts, %v", a, len(l.calendars), l.methods)
			}
			cal, err := ical.NewDecoder(bytes.NewReader(l.calendars[0])).Decode()
			c.must(err)
			props := cal.Events()[0].Props
			if uid, seq := props.Get(ical.PropUID).Value, props.Get(ical.PropSequence).Value; uid != one.UID() || seq != "0" {
				c.t.Errorf("%s: UID %s, SEQUENCE %s", a, uid, seq)
			}
		}
	}
}

// reply sends an answer through Postfix and insists, as a client's outbox does.
func (c *circle) reply(from, uid string, date time.Time, answer meetings.Answer) {
	c.t.Helper()
	recurrence, now := "", time.Now().UTC()
	if !date.IsZero() {
		recurrence = "RECURRENCE-ID:" + date.UTC().Format("20060102T150405Z") + "\r\n"
	}
	object := "BEGIN:VCALENDAR\r\nPRODID:-//Client//EN\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:" + uid + "\r\n" + recurrence +
		"DTSTAMP:" + now.Format("20060102T150405Z") + "\r\nSEQUENCE:0\r\nORGANIZER:mailto:" + circleOrganiser +
		"\r\nATTENDEE;PARTSTAT=" + string(answer) + ":MAILTO:" + strings.ToUpper(from) + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	mail := fmt.Sprintf("From: <%s>\r\nTo: <%s>\r\nSubject: %s\r\nMessage-ID: <%d@client.test>\r\nDate: %s\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar; charset=UTF-8; method=REPLY\r\n\r\n%s",
		from, circleOrganiser, answer, now.UnixNano(), now.Format(time.RFC1123Z), object)
	c.until("an answer sent", func() bool {
		return smtp.SendMail(c.postfix.Addr, nil, from, []string{circleOrganiser}, []byte(mail)) == nil
	})
}

// inbounds reads what the program made of the mails.
func (c *circle) inbounds() []inbox.Mail {
	c.t.Helper()
	all, _, err := c.app.inbox.List(c.t.Context(), c.system, inbox.Filter{Limit: 200})
	c.must(err)
	return all
}

func (c *circle) applied() (n int) {
	c.t.Helper()
	for _, m := range c.inbounds() {
		if m.Status == meetings.InboundApplied {
			n++
		}
	}
	return n
}

// wantAnswers says that each answer counts once. A killed Postfix may deliver a
// mail twice (RFC 5321 section 4.5.4.1): the second is known by its Message-ID.
func (c *circle) wantAnswers(one meetings.Series, dates []meetings.Meeting, n int) {
	c.t.Helper()
	seen := map[string]int{}
	for _, m := range c.inbounds() {
		if m.Status == meetings.InboundApplied {
			seen[m.MessageID]++
		} else if m.Status != meetings.InboundIgnored || m.Reason != meetings.ReasonDuplicate {
			c.t.Errorf("a mail ended as %s %s", m.Status, m.Reason)
		}
	}
	for message, times := range seen {
		if times != 1 {
			c.t.Errorf("%s was applied %d times", message, times)
		}
	}
	if done := len(c.dovecot.Messages(c.t, circleOrganiser, string(mailbox.Done))); len(seen) != n || done < n {
		c.t.Errorf("%d answers applied and %d in the done folder, of %d", len(seen), done, n)
	}
	if waiting := c.dovecot.Messages(c.t, circleOrganiser, string(mailbox.Review)); len(waiting) > 0 {
		c.t.Errorf("%d mails wait for a human", len(waiting))
	}
	st, err := c.app.store.SeriesState(c.t.Context(), c.system.Org, one.ID)
	c.must(err)
	whole := map[id.Professional]meetings.Answer{}
	for _, a := range st.Answers {
		whole[a.Professional] = a.Answer
	}
	first, second := c.answers(dates[0].ID), c.answers(dates[1].ID)
	for i, m := range c.team.Members {
		want := circleAnswer(i)
		if whole[m.ID] != want || second[m.ID] != want {
			c.t.Errorf("member %d: %s, and %s for the second date, want %s", i, whole[m.ID], second[m.ID], want)
		}
		if i%2 == 0 {
			want = meetings.Declined
		}
		if first[m.ID] != want {
			c.t.Errorf("member %d: %s for the first date, want %s", i, first[m.ID], want)
		}
	}
}

func (c *circle) answers(m id.Meeting) map[id.Professional]meetings.Answer {
	c.t.Helper()
	full, err := c.app.meetings.Get(c.t.Context(), c.system, m)
	c.must(err)
	all := map[id.Professional]meetings.Answer{}
	for _, a := range full.Attendance {
		all[a.Professional.ID] = a.Answer
	}
	return all
}
