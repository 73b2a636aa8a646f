package inbox_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/internal/store/storetest"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify/inbox"
	"github.com/rcp-care/rcp/notify/mailbox"
)

const (
	ines   = "ines@clinique.example"
	solene = "solene@medecin.mssante.example"
	odile  = "odile@clinique.example"
	team   = "reunions@valbrume.example"
)

// world is a team with its weekly series and the mailbox of its organiser.
type world struct {
	storetest.House
	t     *testing.T
	store *store.Store
	box   *inbox.Service
	next  int
}

func setup(t *testing.T) *world {
	t.Helper()
	return setupOn(t, storetest.SQLite(t), "")
}

func setupOn(t *testing.T, s *store.Store, server string) *world {
	t.Helper()
	w := &world{House: storetest.NewHouse(t, s), t: t, store: s}
	w.Meeting(t) // makes the dates
	w.box = inbox.New(inbox.Config{Meetings: w.Meetings, Store: s, AuthServ: server, Now: storetest.Clock})
	return w
}

// dates are the dates of the series.
func (w *world) dates() []meetings.Full {
	w.t.Helper()
	st, err := w.store.SeriesState(context.Background(), w.Org.ID, w.Series.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return st.Dates
}

func (w *world) meeting(m id.Meeting) meetings.Full {
	w.t.Helper()
	f, err := w.Meetings.Get(context.Background(), w.System, m)
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// row is one person's attendance, by address.
func (w *world) row(m id.Meeting, address string) meetings.Attendance {
	w.t.Helper()
	for _, a := range w.meeting(m).Attendance {
		if a.Professional.Email == address {
			return a
		}
	}
	return meetings.Attendance{Answer: "absent"}
}

// answers are a person's answers to each date in turn, by their first letters.
func (w *world) answers(address string) string {
	w.t.Helper()
	var b strings.Builder
	for _, f := range w.dates() {
		b.WriteString(string(w.row(f.Meeting.ID, address).Answer)[:1])
	}
	return b.String()
}

// object is what a test says in a calendar; zero fields take what is usual.
type object struct {
	uid, method, attendee, partstat, params string
	recurrence, start, end                  string // with what comes before the colon: ":…Z", ";TZID=…:…"
	sequence                                int
	stamp                                   time.Time
	extra                                   []string
	without                                 string // name of a property to leave out
}

func (w *world) calendar(o object) string {
	if o.uid == "" {
		o.uid = w.Series.UID()
	}
	if o.method == "" {
		o.method = "REPLY"
	}
	if o.attendee == "" {
		o.attendee = ines
	}
	if o.partstat == "" {
		o.partstat = ";PARTSTAT=ACCEPTED"
	}
	if o.stamp.IsZero() {
		w.next++
		o.stamp = storetest.Now.Add(time.Duration(w.next-3600) * time.Second)
	}
	lines := []string{"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", "METHOD:" + o.method, "BEGIN:VEVENT", "UID:" + o.uid}
	add := func(name, rest string) {
		if rest != "" && o.without != name {
			lines = append(lines, name+rest)
		}
	}
	add("DTSTAMP", ":"+o.stamp.UTC().Format("20060102T150405Z"))
	add("SEQUENCE", fmt.Sprintf(":%d", o.sequence))
	add("RECURRENCE-ID", o.recurrence)
	add("DTSTART", o.start)
	add("DTEND", o.end)
	add("ORGANIZER", ":mailto:"+team)
	add("ATTENDEE", o.partstat+o.params+":mailto:"+o.attendee)
	lines = append(append(lines, o.extra...), "END:VEVENT", "END:VCALENDAR", "")
	return strings.Join(lines, "\r\n")
}

// mail puts calendars into a mail from somebody, its headers first.
func (w *world) mail(from, headers string, calendars ...string) []byte {
	w.next++
	var b strings.Builder
	fmt.Fprintf(&b, "%sFrom: <%s>\r\nTo: Réunions <%s>\r\nSubject: Re: =?utf-8?q?R=C3=A9union?=\r\nMessage-ID: <%d@test.example>\r\n", headers, from, team, w.next)
	b.WriteString("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nJe viendrai, \xe0 jeudi.\r\n")
	for _, c := range calendars {
		b.WriteString("--b\r\nContent-Type: text/calendar; charset=UTF-8; method=REPLY\r\n\r\n" + c)
	}
	b.WriteString("--b--\r\n")
	return []byte(b.String())
}

// take shows a mail to the mailbox's handler and returns its row.
func (w *world) take(raw []byte) meetings.Inbound {
	w.t.Helper()
	folder, err := w.box.Take(context.Background(), mailbox.Message{Key: "1", Raw: raw, Size: int64(len(raw)), Received: storetest.Now})
	if err != nil {
		w.t.Fatal(err)
	}
	all := w.rows()
	if len(all) == 0 {
		w.t.Fatal("no row")
	}
	in, err := w.store.InboundByID(context.Background(), w.Org.ID, all[0].ID)
	if err != nil {
		w.t.Fatal(err)
	}
	if (folder == mailbox.Review) != (in.Status == meetings.InboundReview) {
		w.t.Errorf("%s goes to %s", in.Status, folder)
	}
	return in
}

// reply takes one answer from its attendee's own address.
func (w *world) reply(o object) meetings.Inbound {
	w.t.Helper()
	from := o.attendee
	if from == "" {
		from = ines
	}
	return w.take(w.mail(from, "", w.calendar(o)))
}

// rows are the mails kept, newest first.
func (w *world) rows() []meetings.Inbound {
	w.t.Helper()
	all, _, err := w.store.Inbounds(context.Background(), meetings.InboundFilter{Org: w.Org.ID, Limit: 10000})
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func (w *world) want(in meetings.Inbound, status meetings.InboundStatus, reason meetings.Reason) {
	w.t.Helper()
	if in.Status != status || in.Reason != reason {
		w.t.Errorf("%s %q, want %s %q", in.Status, in.Reason, status, reason)
	}
}

// alone makes a meeting that is an object of its own, with a UID.
func (w *world) alone(uid string, starts time.Time) meetings.Meeting {
	w.t.Helper()
	m := meetings.Meeting{
		ID: id.New[id.Meeting](), Org: w.Org.ID, Team: w.Team.ID, Slot: date.Of(starts), Kind: meetings.Synthese, Starts: starts,
		Ends: starts.Add(time.Hour), Zone: "Europe/Paris", Status: meetings.Open, UID: uid, Cutoff: starts, Created: storetest.Now,
		Updated: storetest.Now, Opened: storetest.Now,
	}
	made, err := w.store.CreateMeetings(context.Background(), []meetings.Meeting{m}, w.System.Change(storetest.Now, "test", "meeting", string(m.ID)))
	if err != nil || made != 1 {
		w.t.Fatalf("%d made, %v", made, err)
	}
	return w.meeting(m.ID).Meeting
}

// alias gives a professional another address.
func (w *world) alias(address string, more ...string) {
	w.t.Helper()
	all, err := w.store.Professionals(context.Background(), w.Org.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range all {
		if p.Email == address {
			p.Aliases = more
			if _, err := w.Meetings.SaveProfessional(context.Background(), w.System, p); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

// person adds a professional who is in no team.
func (w *world) person(address string) auth.Professional {
	w.t.Helper()
	p, err := w.Meetings.SaveProfessional(context.Background(), w.System, auth.Professional{
		Family: "Remplacier", Given: "Noé", Profession: "medecin", Email: address,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// calendarPart is the first calendar of a mail that RCP made: all base64.
func calendarPart(t *testing.T, raw []byte) []byte {
	t.Helper()
	e, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var found []byte
	err = e.Walk(func(_ []int, part *message.Entity, err error) error {
		if kind, _, _ := part.Header.ContentType(); kind != "text/calendar" || err != nil {
			return err
		}
		found, err = io.ReadAll(part.Body)
		return err
	})
	if err != nil || found == nil {
		t.Fatalf("no calendar, %v", err)
	}
	return found
}
