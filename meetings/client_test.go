package meetings

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	goical "github.com/emersion/go-ical"
	"github.com/teambition/rrule-go"

	"github.com/rcp-care/rcp/internal/auth"
)

// CalendarClient is somebody's calendar program, as RFC 5546 describes it: it
// knows of meetings only what the calendar objects it received say, reads them
// with another library than the one that writes them, and ignores what is
// older than what it has.
type CalendarClient struct {
	Profile auth.Profile
	objects map[string]*heldObject // by UID
}

// heldObject is what a client holds of one UID.
type heldObject struct {
	master *heldEvent
	dates  map[int64]*heldEvent // by RECURRENCE-ID
	last   map[int64]heldStamp  // of each component, taken back ones too; 0: the master
	stamp  time.Time            // of the last message
}

type heldStamp struct {
	sequence int
	stamp    time.Time
}

type heldEvent struct {
	start, end   time.Time
	zone         *time.Location
	rule         string
	excluded     []time.Time
	place, url   string
	sequence     int
	recurrenceID time.Time
}

// Shown is one line of an agenda.
type Shown struct {
	UID        string
	Start, End time.Time
	Place, URL string
}

// fataler is the part of testing.TB and rapid.T that is needed here.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// expand lists the instants of a rule up to one, read by rrule-go.
func expand(t fataler, rule string, start, to time.Time) []time.Time {
	t.Helper()
	opt, err := rrule.StrToROption(rule)
	if err != nil {
		t.Fatalf("rrule-go: %s: %v", rule, err)
	}
	opt.Dtstart = start
	r, err := rrule.NewRRule(*opt)
	if err != nil {
		t.Fatalf("rrule-go: %s: %v", rule, err)
	}
	return r.Between(start, to, true)
}

// Receive applies one calendar object.
func (c *CalendarClient) Receive(t fataler, object []byte) {
	t.Helper()
	checkObject(t, object)
	cal, err := goical.NewDecoder(bytes.NewReader(object)).Decode()
	if err != nil {
		t.Fatalf("go-ical: %v\n%s", err, object)
	}
	if c.objects == nil {
		c.objects = map[string]*heldObject{}
	}
	var all []*heldEvent
	uid := ""
	for _, e := range cal.Events() {
		uid = e.Props.Get(goical.PropUID).Value
		all = append(all, readHeld(t, e))
	}
	h := c.objects[uid]
	if h == nil {
		h = &heldObject{dates: map[int64]*heldEvent{}, last: map[int64]heldStamp{}}
		c.objects[uid] = h
	}
	stamp, err := cal.Events()[0].Props.DateTime(goical.PropDateTimeStamp, time.UTC)
	if err != nil {
		t.Fatalf("DTSTAMP: %v", err)
	}
	if !stamp.After(h.stamp) {
		t.Fatalf("DTSTAMP %s after %s: it must rise\n%s", stamp, h.stamp, object)
	}
	h.stamp = stamp
	switch method := cal.Props.Get(goical.PropMethod).Value; method {
	case "REQUEST":
		c.request(t, h, all, stamp, object)
	case "CANCEL":
		c.cancel(t, h, all, stamp, object)
	default:
		t.Fatalf("method %s", method)
	}
}

// newer reports whether a component is not older than what was said of it.
func (h *heldObject) newer(t fataler, e *heldEvent, stamp time.Time, object []byte) bool {
	t.Helper()
	was, known := h.last[e.key()]
	if known && e.sequence < was.sequence {
		t.Fatalf("SEQUENCE went from %d to %d\n%s", was.sequence, e.sequence, object)
	}
	if known && e.sequence == was.sequence && stamp.Before(was.stamp) {
		return false
	}
	h.last[e.key()] = heldStamp{e.sequence, stamp}
	return true
}

func (e *heldEvent) key() int64 {
	if e.recurrenceID.IsZero() {
		return 0
	}
	return e.recurrenceID.Unix()
}

func (c *CalendarClient) request(t fataler, h *heldObject, all []*heldEvent, stamp time.Time, object []byte) {
	t.Helper()
	i := slices.IndexFunc(all, func(e *heldEvent) bool { return e.recurrenceID.IsZero() })
	fresh := map[int64]*heldEvent{}
	switch {
	case i >= 0:
		h.checkRaise(t, all[i], nil, object)
	case c.Profile == auth.ProfileSabre: // nextcloud/server#60159: dates alone replace the series
		h.master = nil
	default:
		fresh = h.dates
	}
	for _, e := range all {
		if !h.newer(t, e, stamp, object) {
			continue
		}
		if e.recurrenceID.IsZero() {
			h.master = e
			continue
		}
		h.checkRaise(t, e, h.dates[e.key()], object)
		fresh[e.key()] = e
	}
	h.dates = fresh
}

// checkRaise holds SEQUENCE to point 5 of what clients need: it goes up when
// time, rule, excluded dates or place change.
func (h *heldObject) checkRaise(t fataler, e, old *heldEvent, object []byte) {
	t.Helper()
	if e.recurrenceID.IsZero() {
		old = h.master
	}
	if old == nil || e.sequence > old.sequence {
		return
	}
	switch {
	case !e.start.Equal(old.start), !e.end.Equal(old.end), e.rule != old.rule, e.place != old.place, e.url != old.url:
	case !slices.EqualFunc(e.excluded, old.excluded, time.Time.Equal):
	default:
		return
	}
	t.Fatalf("SEQUENCE stays %d when something changes\n%s", e.sequence, object)
}

func (c *CalendarClient) cancel(t fataler, h *heldObject, all []*heldEvent, stamp time.Time, object []byte) {
	t.Helper()
	for _, e := range all {
		if !h.newer(t, e, stamp, object) {
			continue
		}
		if e.recurrenceID.IsZero() || c.Profile == auth.ProfileSabre { // nextcloud/calendar#8293: all of it
			h.master, h.dates = nil, map[int64]*heldEvent{}
			continue
		}
		delete(h.dates, e.key())
		if h.master != nil {
			h.master.excluded = append(h.master.excluded, e.recurrenceID)
		}
	}
}

func readHeld(t fataler, e goical.Event) *heldEvent {
	t.Helper()
	at := func(p *goical.Prop) time.Time {
		if p == nil {
			return time.Time{}
		}
		v, err := p.DateTime(time.UTC)
		if err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		return v
	}
	text := func(name string) string {
		if p := e.Props.Get(name); p != nil {
			v, _ := p.Text()
			return v
		}
		return ""
	}
	h := &heldEvent{
		start: at(e.Props.Get(goical.PropDateTimeStart)), end: at(e.Props.Get(goical.PropDateTimeEnd)),
		recurrenceID: at(e.Props.Get(goical.PropRecurrenceID)), place: text(goical.PropLocation),
	}
	if p := e.Props.Get(goical.PropURL); p != nil {
		h.url = p.Value
	}
	h.zone = h.start.Location()
	if p := e.Props.Get(goical.PropRecurrenceRule); p != nil {
		h.rule = p.Value
	}
	for _, p := range e.Props[goical.PropExceptionDates] {
		h.excluded = append(h.excluded, at(&p))
	}
	var err error
	if h.sequence, err = strconv.Atoi(e.Props.Get(goical.PropSequence).Value); err != nil {
		t.Fatalf("SEQUENCE: %v", err)
	}
	return h
}

// Agenda lists what the calendar shows that is not over at one instant and
// begins before another.
func (c *CalendarClient) Agenda(t fataler, from, to time.Time) (all []Shown) {
	t.Helper()
	for uid, h := range c.objects {
		show := func(e *heldEvent, start, end time.Time) {
			if end.After(from) && start.Before(to) {
				all = append(all, Shown{uid, start.UTC(), end.UTC(), e.place, e.url})
			}
		}
		for _, e := range h.dates {
			show(e, e.start, e.end)
		}
		m := h.master
		switch {
		case m == nil:
			continue
		case m.rule == "":
			show(m, m.start, m.end)
			continue
		}
		for _, at := range expand(t, m.rule, m.start, to) {
			if h.dates[at.Unix()] == nil && !slices.ContainsFunc(m.excluded, at.Equal) {
				show(m, at, at.Add(m.end.Sub(m.start)))
			}
		}
	}
	SortShown(all)
	return all
}

// SortShown puts an agenda in order.
func SortShown(all []Shown) {
	slices.SortFunc(all, func(a, b Shown) int {
		return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End), cmp.Compare(a.UID, b.UID), cmp.Compare(a.Place, b.Place), cmp.Compare(a.URL, b.URL))
	})
}

// checkObject holds every object to what no client could read otherwise.
func checkObject(t fataler, object []byte) {
	t.Helper()
	for line := range strings.SplitSeq(string(object), "\r\n") {
		if len(line) > 75 {
			t.Fatalf("a line of %d octets\n%s", len(line), object)
		}
		if strings.HasPrefix(line, "RDATE") || strings.Contains(line, "RANGE=") {
			t.Fatalf("%s\n%s", line, object)
		}
	}
}
