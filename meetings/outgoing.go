package meetings

import (
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings/ical"
)

// What says, in one word, what a message tells.
type What string

// What messages tell.
const (
	Invited       What = "invited"        // the object is new to the person
	Changed       What = "changed"        // hour, rule or several dates
	DateMoved     What = "date-moved"     // one date of a series
	DateCancelled What = "date-cancelled" // one date of a series
	Finished      What = "finished"       // the series ends earlier
	Withdrawn     What = "withdrawn"      // the whole object
	Uninvited     What = "uninvited"      // the person alone no longer comes
)

// Notice is one message that one person must receive, so that their calendar
// comes to hold what it should.
type Notice struct {
	Who     auth.Professional
	Readers []id.Professional // who read the mailbox: one, save when it is shared
	Address string            // folded
	Thread  string            // what this person must hear of in order
	Method  ical.Method
	What    What
	Event   ical.Event // without its Stamp
	ID      time.Time  // RECURRENCE-ID of the one date that DateMoved and DateCancelled tell of
	Date    time.Time  // when it was
	View    View       // what their calendar then holds
	Told    Told       // what it held; Version 0: nothing
}

// Outgoing compares what each person's calendar holds of the object with what
// it should hold, and returns the messages that make it so: one a person, save
// for a guest who loses one date while another changes. Who is not concerned
// by a change receives nothing.
func (s State) Outgoing(now time.Time) []Notice {
	told := map[string]Told{}
	for _, t := range s.Told {
		told[t.Address] = t
	}
	var all []Notice
	reached := map[string]bool{}
	people := s.people(now)
	for _, p := range people {
		n := Notice{Who: p, Address: auth.Fold(p.Email), Thread: s.thread()}
		if !p.Mailable() || reached[n.Address] {
			continue // two members with one mailbox are one calendar user
		}
		reached[n.Address] = true
		for _, o := range people {
			if auth.Fold(o.Email) == n.Address {
				n.Readers = append(n.Readers, o.ID)
			}
		}
		n.Told, n.View = told[n.Address], s.view(n.Readers, now)
		all = append(all, s.notices(n, now)...)
	}
	for _, t := range s.Told {
		if reached[t.Address] {
			continue
		}
		t.Recipient.Email = t.Address
		n := Notice{Who: t.Recipient, Readers: readers{t.Recipient.ID}, Address: t.Address, Thread: s.thread(), Told: t, View: View{Gone: true}}
		all = append(all, s.notices(n, now)...)
	}
	return all
}

// notices are the messages that take one calendar from what it was told to what
// it should hold.
func (s State) notices(due Notice, now time.Time) (all []Notice) {
	for range 3 {
		n, ok := s.notice(due, now)
		if !ok {
			break
		}
		all = append(all, n)
		due.Told.View, due.Told.Version = n.View, due.Told.Version+1
	}
	return all
}

// people are those who come to a date that is not over, and the members of a
// series that was announced.
func (s State) people(now time.Time) []auth.Professional {
	var all []auth.Professional
	seen := map[id.Professional]bool{}
	add := func(p auth.Professional) {
		if !seen[p.ID] {
			seen[p.ID] = true
			all = append(all, p)
		}
	}
	dates := s.Dates
	if s.IsSeries() {
		dates = s.ahead(now)
	}
	for _, f := range dates {
		for _, a := range f.Attendance {
			add(a.Professional)
		}
	}
	if s.IsSeries() {
		for _, m := range s.Team.Members {
			if m.Left.IsZero() {
				add(m.Professional)
			}
		}
	}
	return all
}

// notice works out the next message that takes a calendar from n.Told to
// n.View, if one is needed. After it the calendar holds the View of the result.
func (s State) notice(n Notice, now time.Time) (Notice, bool) {
	old, v := n.Told.View, n.View
	has := n.Told.Version > 0 && !old.Gone
	if has && s.IsSeries() && old.Rule == "" && v.Rule == "" {
		v = v.rising(old)
		n.View = v
	}
	switch {
	case has && old.Rule != "" && !v.Gone && v.Rule == "": // no longer a member: the series goes first, the dates still attended follow
		n.View = View{Gone: true}
		return s.withdraw(n, now), true
	case v.Gone && (!has || !s.hasAhead(old, now)):
		return n, false
	case v.Gone:
		return s.withdraw(n, now), true
	case !has && !s.hasAhead(v, now):
		return n, false
	case !has:
		n.What = Invited
	case same(old, v, now) || !s.hasAhead(old, now) && !s.hasAhead(v, now):
		return n, false
	default:
		n.What = Changed
		if v.Rule == "" && joins(old, v, now) {
			n.What = Invited // a guest, to a date more
		} else if done, ok := s.oneDate(n, now); ok {
			return done, true
		}
		if v.Rule != old.Rule && !s.hasAhead(v, now) {
			n.What = Finished
		}
	}
	if has && n.Who.Profile != auth.ProfileSabre { // which takes the dates of an object for all there are
		v = v.news(old)
	}
	n.Method, n.Event = ical.Request, s.event(n.Readers, v, now)
	return n, true
}

// news leaves a guest those dates that they do not know: Thunderbird loses the
// answer to a date that comes beside others of an object without a rule.
func (v View) news(old View) View {
	if v.Rule != "" || old.Rule != "" || len(v.Instances) == 0 {
		return v
	}
	fresh := slices.DeleteFunc(slices.Clone(v.Instances), func(i Instance) bool {
		return slices.ContainsFunc(old.Instances, func(o Instance) bool { return sameInstance(o, i) })
	})
	if len(fresh) > 0 && v.Summary == old.Summary {
		v.Instances = fresh
	}
	return v
}

// rising numbers the dates of a guest after those they were told: never lower,
// and a further date above all. Thunderbird takes a date it has not seen, of an
// object it knows at the same SEQUENCE, for one that is only unanswered, and
// shows it without its end and its place.
func (v View) rising(old View) View {
	most := 0
	for _, o := range old.Instances {
		most = max(most, o.Sequence)
	}
	v.Instances = slices.Clone(v.Instances)
	for k, i := range v.Instances {
		least := most + 1
		if j := slices.IndexFunc(old.Instances, func(o Instance) bool { return o.ID.Equal(i.ID) }); j >= 0 {
			least = old.Instances[j].Sequence
			if !sameInstance(old.Instances[j], i) {
				least++
			}
		}
		v.Instances[k].Sequence = max(i.Sequence, least)
	}
	return v
}

// joins reports whether a guest comes to a date more, and loses none.
func joins(old, v View, now time.Time) bool {
	fresh := slices.ContainsFunc(v.Instances, func(i Instance) bool {
		return !slices.ContainsFunc(old.Instances, func(o Instance) bool { return o.ID.Equal(i.ID) })
	})
	return fresh && len(lostDates(old, v, now)) == 0
}

// withdraw takes the whole object back.
func (s State) withdraw(n Notice, now time.Time) Notice {
	n.Method, n.What = ical.Cancel, Withdrawn
	v := n.Told.View
	if !v.known() { // told before views were kept
		v = View{Start: now, End: now.Add(time.Hour)}
		if len(s.Dates) > 0 {
			v.Start, v.End = s.Dates[0].Meeting.Starts, s.Dates[0].Meeting.Ends
		}
	}
	sequence := max(v.Sequence, s.Series.Sequence)
	if !s.IsSeries() {
		sequence = max(v.Sequence, s.Dates[0].Meeting.Sequence)
	}
	everybody := s.Series.Ended || !s.IsSeries() && !s.Dates[0].Meeting.live()
	n.Event = s.plain(sequence)
	n.Event.Start, n.Event.End = v.Start, v.End
	n.Event.Status, n.Event.Attendees = ical.Cancelled, only(n.Who) // a CANCEL names whom it is for (RFC 5546 section 3.2.5)
	if v.Rule == "" && len(v.Instances) > 0 {                       // a guest knows some dates alone
		n.Event = s.cancelled(lostDates(v, View{}, now), n.Who)
	}
	if !everybody {
		n.What = Uninvited
	}
	return n
}

func only(p auth.Professional) []ical.Attendee {
	return []ical.Attendee{attendee(Attendance{Professional: p, Role: auth.Clinician, Answer: NeedsAction})}
}

// oneDate recognises a change of a single date of a series, which is told as
// the person's calendar takes it best.
func (s State) oneDate(n Notice, now time.Time) (Notice, bool) {
	if !n.Told.View.known() || !sameMaster(n.Told.View, n.View) {
		return n, false
	}
	if lost := lostDates(n.Told.View, n.View, now); len(lost) > 0 {
		return s.datesLost(n, lost, now), true
	}
	old, v := n.Told.View.coming(now), n.View.coming(now)
	gone, back, moved := without(v.Excluded, old.Excluded), without(old.Excluded, v.Excluded), movedDates(old, v)
	switch {
	case len(gone) == 1 && len(back) == 0 && len(moved) == 0:
		at, err := time.Parse(time.RFC3339, gone[0])
		if err != nil {
			return n, false
		}
		return s.dateCancelled(n, at, now), true
	case len(gone) == 0 && len(back) == 0 && len(moved) == 1:
		return s.dateMoved(n, n.View.instance(moved[0]), now), true
	}
	return n, false
}

// dateCancelled tells of one date that is not held. The CANCEL of one instance
// ends the whole series in some clients: their profile gets the series with the
// date excluded.
func (s State) dateCancelled(n Notice, at, now time.Time) Notice {
	was := n.Told.View.instance(at)
	n.What, n.ID, n.Date = DateCancelled, at, was.Start
	if n.Who.Profile == auth.ProfileSabre {
		n.Method, n.Event = ical.Request, s.event(n.Readers, n.View, now)
		return n
	}
	n.Method, n.Event = ical.Cancel, s.cancelled([]Instance{was}, n.Who)
	return n
}

// lostDates are those of a guest, who has no series, that are taken back.
func lostDates(old, v View, now time.Time) []Instance {
	if v.Rule != "" || old.Rule != "" {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(old.Instances), func(o Instance) bool {
		still := slices.ContainsFunc(v.Instances, func(x Instance) bool { return x.ID.Equal(o.ID) })
		return still || !o.End.After(now)
	})
}

// datesLost takes dates back from a guest; the rest of their view follows. Where
// that takes everything back, all that is left is told again.
func (s State) datesLost(n Notice, lost []Instance, now time.Time) Notice {
	n.What, n.ID, n.Date, n.Method = DateCancelled, lost[0].ID, lost[0].Start, ical.Cancel
	n.Event = s.cancelled(lost, n.Who)
	if n.Who.Profile == auth.ProfileSabre {
		n.View = View{Gone: true}
		return n
	}
	n.View = n.Told.View
	n.View.Instances = slices.DeleteFunc(slices.Clone(n.View.Instances), func(o Instance) bool {
		return slices.ContainsFunc(lost, func(x Instance) bool { return x.ID.Equal(o.ID) }) || !o.End.After(now)
	})
	return n
}

// cancelled is the object that takes single dates back from one person.
func (s State) cancelled(dates []Instance, who auth.Professional) ical.Event {
	var all []ical.Event
	for _, i := range dates {
		e := s.instanceEvent(i)
		e.Sequence = max(e.Sequence, s.Series.Sequence)
		if f, ok := s.date(i.ID); ok {
			e.Sequence = max(e.Sequence, f.Meeting.Sequence)
		}
		e.Status, e.Attendees = ical.Cancelled, only(who)
		all = append(all, e)
	}
	all[0].Overrides = all[1:]
	return all[0]
}

// dateMoved tells of one date held at another time or place: the series with
// all its exceptions or, for Exchange and for a guest, the date alone; a guest
// whose calendar takes dates alone for all there are gets all of theirs.
func (s State) dateMoved(n Notice, i Instance, now time.Time) Notice {
	n.What, n.Method, n.ID, n.Date = DateMoved, ical.Request, i.ID, n.Told.View.instance(i.ID).Start
	guest := n.View.Rule == "" && n.Who.Profile != auth.ProfileSabre
	if n.Who.Profile == auth.ProfileExchange || guest {
		n.Event = s.instanceEvent(i)
		return n
	}
	n.Event = s.event(n.Readers, n.View, now)
	return n
}

// movedDates are the dates that two views of a series both show, but not alike.
func movedDates(old, v View) []time.Time {
	var out []time.Time
	for _, i := range slices.Concat(v.Instances, old.Instances) {
		off := slices.Contains(v.Excluded, i.ID.UTC().Format(time.RFC3339))
		seen := slices.ContainsFunc(out, i.ID.Equal)
		if !off && !seen && !sameInstance(old.instance(i.ID), v.instance(i.ID)) {
			out = append(out, i.ID)
		}
	}
	return out
}

// same reports whether two views show the same from now on, whatever their
// SEQUENCE.
func same(a, b View, now time.Time) bool {
	if !a.known() || !sameMaster(a, b) {
		return false
	}
	a, b = a.coming(now), b.coming(now)
	return slices.Equal(a.Excluded, b.Excluded) && slices.EqualFunc(a.Instances, b.Instances, sameInstance)
}

func sameMaster(a, b View) bool {
	return a.Start.Equal(b.Start) && a.End.Equal(b.End) && a.Zone == b.Zone && a.Rule == b.Rule &&
		a.Summary == b.Summary && a.Place == b.Place && a.URL == b.URL
}

func sameInstance(a, b Instance) bool {
	return a.ID.Equal(b.ID) && a.Start.Equal(b.Start) && a.End.Equal(b.End) && a.Place == b.Place && a.URL == b.URL
}

// without returns the elements of a that b has not.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(x string) bool { return slices.Contains(b, x) })
}

// hasAhead reports whether a calendar with this view still shows a date to
// come. What is not known is supposed to.
func (s State) hasAhead(v View, now time.Time) bool {
	if !v.known() {
		return true
	}
	until := date.Later(s.Series.Horizon, date.Of(now).AddDays(2*366))
	return slices.ContainsFunc(v.Spans(until), func(span [2]time.Time) bool { return span[1].After(now) })
}
