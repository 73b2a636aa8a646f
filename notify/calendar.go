package notify

import (
	"context"
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/meetings/ical"
)

// touchesCalendars holds the kinds of event after which calendars may have to
// hear something. What they are told follows from the state alone, so that a
// burst of edits becomes one message to each person.
var touchesCalendars = map[event.Kind]bool{
	event.MeetingOpened: true, event.MeetingMoved: true, event.MeetingCancelled: true,
	event.AttendeeAdded: true, event.AttendeeRemoved: true, event.SeriesChanged: true,
}

// burst is the events that wait about one calendar object, oldest first.
type burst struct {
	object string
	events []event.Event
}

// bursts gathers the calendar events by object: a series, or a meeting that is
// an object of its own.
func bursts(all []event.Event) []burst {
	var out []burst
	for _, e := range all {
		if !touchesCalendars[e.Kind] {
			continue
		}
		object := string(e.Series)
		if object == "" {
			object = string(e.Meeting)
		}
		i := slices.IndexFunc(out, func(b burst) bool { return b.object == object })
		if i < 0 {
			out = append(out, burst{object: object})
			i = len(out) - 1
		}
		out[i].events = append(out[i].events, e)
	}
	return out
}

// ripe reports whether a burst has waited long enough for the edits that come
// together.
func (d *Dispatcher) ripe(b burst) bool {
	return !d.Now().Before(b.events[0].At.Add(d.Hold))
}

// treatBurst tells every calendar what it should hold of one object.
func (d *Dispatcher) treatBurst(ctx context.Context, b burst) error {
	last := b.events[len(b.events)-1]
	st, notices, err := d.Calendars.Outgoing(ctx, auth.System(last.Org, "job:notify"), last, d.From)
	if err != nil {
		return fault.Errorf("notify.treatBurst", "event %s (%s): %w", last.ID, last.Kind, err)
	}
	stamps, err := d.stamps(ctx, last.At, notices)
	if err != nil {
		return fault.Wrap("notify.treatBurst", err)
	}
	var ms []Message
	var told []meetings.Told
	for i, n := range notices {
		m, err := d.invitation(st, n, last, stamps[i])
		if err != nil {
			return fault.Errorf("notify.treatBurst", "event %s (%s): %w", last.ID, last.Kind, err)
		}
		ms = append(ms, m)
		told = tell(told, st, n, stamps[i])
	}
	return d.Store.PutCalendar(ctx, b.events, told, ms)
}

// tell notes what a calendar holds after a notice. A second one to the same
// address replaces the first, and still follows what was told before both.
func tell(told []meetings.Told, st meetings.State, n meetings.Notice, stamp time.Time) []meetings.Told {
	t := meetings.Told{
		UID: st.UID(), Address: n.Address, Org: st.Org.ID, Recipient: n.Who, View: n.View, Stamp: stamp, Version: n.Told.Version,
	}
	if i := slices.IndexFunc(told, func(o meetings.Told) bool { return o.Address == t.Address }); i >= 0 {
		t.Version = told[i].Version
		told[i] = t
		return told
	}
	return append(told, t)
}

// stamps dates the notices: by the event, or the second after the last message
// of the thread, and each a second after the one before it to the same person:
// DTSTAMP has seconds and must rise (RFC 5546 section 2.1.5).
func (d *Dispatcher) stamps(ctx context.Context, at time.Time, notices []meetings.Notice) ([]time.Time, error) {
	if len(notices) == 0 {
		return nil, nil
	}
	threads := make([]string, len(notices))
	for i, n := range notices {
		threads[i] = thread(n.Thread, n.Address)
	}
	last, err := d.Store.LastInThreads(ctx, threads)
	if err != nil {
		return nil, err
	}
	first := at.UTC().Truncate(time.Second)
	for _, t := range append([]time.Time{last}, toldStamps(notices)...) {
		if !first.After(t) {
			first = t.Truncate(time.Second).Add(time.Second)
		}
	}
	stamps, next := make([]time.Time, len(notices)), map[string]time.Time{}
	for i, n := range notices {
		stamps[i] = first
		if t, again := next[n.Address]; again {
			stamps[i] = t
		}
		next[n.Address] = stamps[i].Add(time.Second)
	}
	return stamps, nil
}

func toldStamps(notices []meetings.Notice) []time.Time {
	out := make([]time.Time, len(notices))
	for i, n := range notices {
		out[i] = n.Told.Stamp
	}
	return out
}

// invitation makes the mail of one notice.
func (d *Dispatcher) invitation(st meetings.State, n meetings.Notice, e event.Event, stamp time.Time) (Message, error) {
	n.Event.Stamp = stamp
	object, err := ical.Encode(n.Method, n.Event)
	if err != nil {
		return Message{}, err
	}
	b := batch{d: d, event: e, org: st.Org, team: st.Team}
	w, m := calendarWords(st, n, d.BaseURL, d.Now())
	kind, name := Invitation, "invite"
	if n.Method == ical.Cancel {
		kind, name = Cancellation, "cancel"
	} else if d.AnswerLink != nil && n.What != meetings.Finished {
		w.Answer = d.AnswerLink(st, n)
	}
	msg := b.message(n.Who, kind, m.ID, stamp)
	msg.Thread = thread(n.Thread, n.Address)
	return b.compose(msg, n.Who, name, w, Draft{Method: n.Method, Calendar: object})
}

// calendarWords are the words of a notice's mail, and the meeting it links to.
func calendarWords(st meetings.State, n meetings.Notice, base string, now time.Time) (Words, meetings.Meeting) {
	m := st.Nearest(now)
	if !n.ID.IsZero() {
		m = st.Date(n, now)
	}
	w := noticeWords(st, n, m)
	w.Organisation, w.Link = oneLine(st.Org.Name), Links{base}.meeting(m.ID)
	return w, m
}

// noticeWords says what a notice tells, for its mail.
func noticeWords(st meetings.State, n meetings.Notice, m meetings.Meeting) Words {
	w := wordsOf(m, st.Team)
	w.What = string(n.What)
	if n.What == meetings.DateMoved || n.What == meetings.DateCancelled {
		was := date.Of(n.Date.In(m.Location()))
		w.Was, w.WasEnglish = lang.Long(lang.French, was), lang.Long(lang.English, was)
	}
	if st.IsSeries() {
		one := st.Series
		w.Series, w.SeriesEnglish = one.Words(lang.French), one.Words(lang.English)
		w.Room, w.Conference = oneLine(one.Room), one.URL
		from := date.Later(one.From, date.Of(m.Starts.In(m.Location())))
		w.From, w.FromEnglish = lang.Long(lang.French, from), lang.Long(lang.English, from)
		last := one.Last()
		w.Until, w.UntilEnglish = lang.Long(lang.French, last), lang.Long(lang.English, last)
		if n.What == meetings.DateMoved {
			w.Room, w.Conference = oneLine(m.Room), m.URL
		}
	}
	w.subjectWord, w.subjectTail = subject(w, st, n)
	return w
}

// subjectWords begin the subjects.
var subjectWords = map[meetings.What]string{
	meetings.Invited: "Invitation", meetings.Changed: "Réunion modifiée", meetings.DateMoved: "Date déplacée",
	meetings.DateCancelled: "Date annulée", meetings.Finished: "Fin de la série", meetings.Withdrawn: "Réunion annulée",
	meetings.Uninvited: "Invitation retirée",
}

func subject(w Words, st meetings.State, n meetings.Notice) (word, tail string) {
	about := w.Day
	switch {
	case w.Was != "":
		about = w.Was
	case st.IsSeries():
		about = w.Series
	}
	return subjectWords[n.What], w.Meeting + ", " + w.Team + ", " + about
}

// CalendarReader says what calendars must hear (meetings.Service).
type CalendarReader interface {
	Outgoing(ctx context.Context, a auth.Actor, e event.Event, sender string) (meetings.State, []meetings.Notice, error)
}

// AnswerLink returns the personal address at which one person answers an
// invitation without mail; empty when there is none.
type AnswerLink func(st meetings.State, n meetings.Notice) string
