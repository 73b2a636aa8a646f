package inbox_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/store/storetest"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify/mailbox"
)

var (
	first  = ":20261126T133000Z" // the series' first date
	second = ":20261203T133000Z"
)

func TestPoint11DuplicatesAreDropped(t *testing.T) {
	t.Parallel()
	w := setup(t)
	same := w.calendar(object{})
	raw := w.mail(ines, "", same, same) // Thunderbird's second part
	w.want(w.take(raw), meetings.InboundApplied, "")
	version := w.row(w.dates()[0].Meeting.ID, ines).Version
	w.take(raw)
	if n := len(w.rows()); n != 1 {
		t.Errorf("shown twice: %d rows", n)
	}
	again := w.take(append([]byte("Received: by another way\r\n"), raw...))
	w.want(again, meetings.InboundIgnored, meetings.ReasonDuplicate)
	if a := w.row(w.dates()[0].Meeting.ID, ines); a.Version != version || a.Answer != meetings.Accepted {
		t.Errorf("%s, version %d after %d", a.Answer, a.Version, version)
	}
	if len(again.Replies) != 1 {
		t.Errorf("%d answers of two equal parts", len(again.Replies))
	}
}

func TestPoint11EveryShapeOfCounterProposalWaits(t *testing.T) {
	t.Parallel()
	start, end := ":20261127T090000Z", ":20261127T103000Z"
	shapes := map[string]object{
		"outlook": {method: "COUNTER", recurrence: first, start: start, end: end, partstat: ";PARTSTAT=TENTATIVE"},
		"google":  {method: "COUNTER", recurrence: first, start: start, end: end, partstat: ";PARTSTAT=NEEDS-ACTION"}, // MIME says REPLY
		"apple": {
			recurrence: first, start: first, end: ":20261126T150000Z",
			partstat: ";PARTSTAT=TENTATIVE", params: `;TO-ALL-PROPOSED-NEW-TIME="DTSTART:20261127T090000Z;STATUS:NEEDS-ACTION"`,
		},
		"no end": {method: "COUNTER", recurrence: first, start: start},
	}
	for name, o := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			in := w.reply(o)
			w.want(in, meetings.InboundProposed, "")
			all, err := w.box.Proposals(context.Background(), w.Secretary, meetings.ProposalWaiting)
			if err != nil || len(all) != 1 {
				t.Fatalf("%d proposals, %v", len(all), err)
			}
			p := all[0]
			if p.Starts != time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC) || p.Ends.Sub(p.Starts) != 90*time.Minute {
				t.Errorf("%s to %s", p.Starts, p.Ends)
			}
			want := meetings.Tentative
			if name == "no end" {
				want = meetings.Accepted
			}
			if got := w.row(p.Meeting, ines).Answer; got != want {
				t.Errorf("answer %s", got)
			}
		})
	}
}

func TestPoint11AcceptedProposalMovesTheDateAndRefusedOneIsTold(t *testing.T) {
	t.Parallel()
	w, ctx := setup(t), context.Background()
	counter := object{method: "COUNTER", recurrence: first, start: ":20261127T090000Z", end: ":20261127T103000Z"}
	w.reply(counter)
	counter.attendee, counter.recurrence = solene, second
	w.reply(counter)
	all, err := w.box.Proposals(ctx, w.Chair, meetings.ProposalWaiting)
	if err != nil || len(all) != 2 {
		t.Fatalf("%d proposals, %v", len(all), err)
	}
	if err := w.box.AcceptProposal(ctx, w.Clinician, all[0].ID, all[0].Version, true); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a clinician accepts: %v", err)
	}
	if n, err := w.box.Waiting(ctx, w.Secretary); n != 2 || err != nil {
		t.Errorf("%d wait, %v", n, err)
	}
	if err := w.box.AcceptProposal(ctx, w.Chair, all[0].ID, all[0].Version, false); err != nil {
		t.Fatal(err)
	}
	if m := w.meeting(all[0].Meeting).Meeting; !m.Starts.Equal(all[0].Starts) || m.Room != "Salle Simone" {
		t.Errorf("held at %s in %q", m.Starts, m.Room)
	}
	if err := w.box.RefuseProposal(ctx, w.Secretary, all[0].ID, all[0].Version+1, "non"); !fault.Is(err, fault.Conflict) {
		t.Errorf("accepted, then refused: %v", err)
	}
	w.alone("clash@x.example", all[1].Starts.Add(time.Minute))
	if err := w.box.AcceptProposal(ctx, w.Chair, all[1].ID, all[1].Version, false); !fault.Is(err, fault.Invalid) {
		t.Errorf("two meetings at once, unknowingly: %v", err)
	}
	if err := w.box.RefuseProposal(ctx, w.Secretary, all[1].ID, all[1].Version, "La salle est prise."); err != nil {
		t.Fatal(err)
	}
	events, err := w.store.UntreatedEvents(ctx, "", 500)
	if err != nil {
		t.Fatal(err)
	}
	last := events[len(events)-1]
	if last.Kind != event.ProposalRefused || last.Professional != all[1].Professional || last.Meeting != all[1].Meeting {
		t.Errorf("last event %+v", last)
	}
	told, err := w.Meetings.LastRefusal(ctx, w.System, last.Meeting, last.Professional)
	if err != nil || told.Reason != "La salle est prise." {
		t.Errorf("%q, %v", told.Reason, err)
	}
}

func TestPoint12RecurrenceIsAnInstant(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		recurrence string
		status     meetings.InboundStatus
		reason     meetings.Reason
	}{
		"UTC":             {first, meetings.InboundApplied, ""},
		"zone":            {";TZID=Europe/Paris:20261126T143000", meetings.InboundApplied, ""},
		"another zone":    {";TZID=America/Toronto:20261126T083000", meetings.InboundApplied, ""},
		"windows zone":    {";TZID=Romance Standard Time:20261126T143000", meetings.InboundApplied, ""},
		"floating":        {":20261126T143000", meetings.InboundApplied, ""},
		"day":             {";VALUE=DATE:20261126", meetings.InboundApplied, ""},
		"no such hour":    {":20261126T143000Z", meetings.InboundReview, meetings.ReasonUnknownDate},
		"unknown zone":    {";TZID=Nowhere:20261126T143000", meetings.InboundReview, meetings.ReasonUnknownDate},
		"no such day":     {":20261127T133000Z", meetings.InboundReview, meetings.ReasonUnknownDate},
		"this and future": {";RANGE=THISANDFUTURE:20261126T133000Z", meetings.InboundReview, meetings.ReasonUnknownDate},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			w.want(w.reply(object{recurrence: c.recurrence, partstat: ";PARTSTAT=DECLINED", without: "ORGANIZER"}), c.status, c.reason)
			want := "N" + strings.Repeat("N", len(w.dates())-1)
			if c.status == meetings.InboundApplied {
				want = "D" + want[1:]
			}
			if got := w.answers(ines); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
}

func TestPoint12UnknownMeetingWaitsForTheTeamItWasSentTo(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := w.reply(object{uid: "nothing@rcp"})
	w.want(in, meetings.InboundReview, meetings.ReasonUnknownMeeting)
	if in.Team != w.Team.ID || in.TeamName != w.Team.Name {
		t.Errorf("team %q", in.Team)
	}
	upper := w.mail(ines, "", strings.ReplaceAll(w.calendar(object{}), "mailto:", "MAILTO:"))
	w.want(w.take(upper), meetings.InboundApplied, "")
}

func TestPoint13TheSenderIsTheAttendee(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from, attendee, headers string
		aliases                 []string
		reason                  meetings.Reason
	}{
		"case":              {from: "Ines@Clinique.example"},
		"alias":             {from: "i.karaoui@perso.example", aliases: []string{"i.karaoui@perso.example"}},
		"alias as attendee": {from: ines, attendee: "i.karaoui@perso.example", aliases: []string{"I.Karaoui@perso.example"}},
		"somebody else":     {from: solene, reason: meetings.ReasonSender},
		"stranger":          {from: "x@evil.example", reason: meetings.ReasonSender},
		"two senders":       {from: ines + ">, <" + solene, reason: meetings.ReasonSender},
		"unknown attendee":  {from: "x@evil.example", attendee: "x@evil.example", reason: meetings.ReasonUnknownPerson},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			w.alias(ines, c.aliases...)
			in := w.take(w.mail(c.from, c.headers, w.calendar(object{attendee: c.attendee})))
			status, want := meetings.InboundApplied, "A"
			if c.reason != "" {
				status, want = meetings.InboundReview, "N"
			}
			w.want(in, status, c.reason)
			if got := w.answers(ines); got != strings.Repeat(want, len(got)) {
				t.Errorf("answers %s", got)
			}
			if in.Team != w.Team.ID {
				t.Errorf("team %q", in.Team)
			}
		})
	}
}

func TestPoint13TheReceivingServerMustVouch(t *testing.T) {
	t.Parallel()
	const stamp = "Authentication-Results: "
	for name, c := range map[string]struct {
		server, headers string
		ok              bool
	}{
		"no stamp":              {headers: "", ok: true},
		"dmarc":                 {headers: stamp + "mx.hopital.example; dmarc=pass header.from=clinique.example\r\n", ok: true},
		"gmail's words":         {headers: stamp + "mx.google.com;\r\n dkim=pass header.i=@clinique.example header.s=s;\r\n spf=pass (a; b) smtp.mailfrom=ines@clinique.example;\r\n dmarc=pass (p=NONE; dis=NONE) header.from=clinique.example\r\n", ok: true},
		"aligned dkim":          {headers: stamp + "mx; dkim=pass header.d=clinique.example\r\n", ok: true},
		"foreign dkim":          {headers: stamp + "mx; dkim=pass header.d=evil.example\r\n"},
		"dkim of a suffix":      {headers: stamp + "mx; dkim=pass header.d=example\r\n"},
		"dkim of a look-alike":  {headers: stamp + "mx; dkim=pass header.d=aclinique.example\r\n"},
		"spf alone":             {headers: stamp + "mx; spf=pass smtp.mailfrom=clinique.example\r\n"},
		"fail":                  {headers: stamp + "mx; dmarc=fail header.from=clinique.example; dkim=none\r\n"},
		"none":                  {headers: stamp + "mx; none\r\n"},
		"broken":                {headers: stamp + ";;;=\r\n"},
		"forged below":          {headers: stamp + "mx; dmarc=fail\r\n" + stamp + "mx; dmarc=pass header.from=clinique.example\r\n"},
		"forged in a comment":   {headers: stamp + "mx; spf=fail (x; dmarc=pass header.from=clinique.example) smtp.mailfrom=x\r\n"},
		"forged in quotes":      {headers: stamp + "mx; spf=fail smtp.mailfrom=\"x; dmarc=pass header.from=clinique.example \"@evil.example\r\n"},
		"another server's":      {server: "mx.hopital.example", headers: stamp + "evil.example; dmarc=pass header.from=clinique.example\r\n" + stamp + "mx.hopital.example 1; dmarc=fail\r\n"},
		"nobody's, ours wanted": {server: "mx.hopital.example"},
		"ours below":            {server: "mx.hopital.example", headers: stamp + "relay; dmarc=fail\r\n" + stamp + "MX.hopital.example; dmarc=pass\r\n", ok: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setupOn(t, storetest.SQLite(t), c.server)
			in := w.take(w.mail(ines, c.headers, w.calendar(object{})))
			if c.ok {
				w.want(in, meetings.InboundApplied, "")
				return
			}
			w.want(in, meetings.InboundReview, meetings.ReasonNotAuthenticated)
			if got := w.answers(ines); strings.Contains(got, "A") || in.Person.Email != ines || in.Team != w.Team.ID {
				t.Errorf("answers %s, of %q, team %q", got, in.Person.Email, in.Team)
			}
		})
	}
}

func TestPoint13WhoWasNotInvitedWaitsForApproval(t *testing.T) {
	t.Parallel()
	w, ctx := setup(t), context.Background()
	noe := w.person("noe@clinique.example")
	in := w.reply(object{attendee: noe.Email, recurrence: first})
	w.want(in, meetings.InboundReview, meetings.ReasonNotInvited)
	m := w.dates()[0].Meeting.ID
	if a := w.row(m, noe.Email); a.Answer != "absent" {
		t.Fatalf("invited already: %+v", a)
	}
	if _, err := w.box.Assign(ctx, w.Clinician, in.ID, in.Version, meetings.Assignment{Professional: noe.ID}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a clinician approves: %v", err)
	}
	done, err := w.box.Assign(ctx, w.Secretary, in.ID, in.Version, meetings.Assignment{Professional: noe.ID})
	if err != nil || done.Status != meetings.InboundHandled || done.Reason != "" {
		t.Fatalf("%s %q, %v", done.Status, done.Reason, err)
	}
	if a := w.row(m, noe.Email); a.Answer != meetings.Accepted || !a.Own {
		t.Errorf("%+v", a)
	}
	if a := w.row(w.dates()[1].Meeting.ID, noe.Email); a.Answer != "absent" {
		t.Errorf("invited to the next too: %+v", a)
	}
	if _, err := w.box.Assign(ctx, w.Secretary, in.ID, in.Version, meetings.Assignment{Professional: noe.ID}); !fault.Is(err, fault.Conflict) {
		t.Errorf("twice: %v", err)
	}
	whole := w.reply(object{attendee: noe.Email, partstat: ";PARTSTAT=TENTATIVE"})
	if _, err := w.box.Assign(ctx, w.Secretary, whole.ID, whole.Version, meetings.Assignment{Professional: noe.ID}); whole.Status == meetings.InboundReview && err != nil {
		t.Fatal(err)
	}
	if got := w.answers(noe.Email); whole.Status == meetings.InboundReview && got != "A"+strings.Repeat("T", len(got)-1) {
		t.Errorf("answers %s", got)
	}
}

func TestPoint14OrderOfAnswers(t *testing.T) {
	t.Parallel()
	at := storetest.Now.Add(-time.Hour)
	type step struct {
		object
		status meetings.InboundStatus
		reason meetings.Reason
	}
	yes, no, maybe := ";PARTSTAT=accepted", ";PARTSTAT=DECLINED", ";PARTSTAT=Tentative"
	for name, c := range map[string]struct {
		steps []step
		want  string // answers to the dates
	}{
		"newer": {[]step{
			{object{partstat: yes, stamp: at}, meetings.InboundApplied, ""},
			{object{partstat: no, stamp: at.Add(time.Second)}, meetings.InboundApplied, ""},
		}, "DDD"},
		"older by stamp": {[]step{
			{object{partstat: yes, stamp: at}, meetings.InboundApplied, ""},
			{object{partstat: no, stamp: at.Add(-time.Second)}, meetings.InboundIgnored, meetings.ReasonStale},
		}, "AAA"},
		"the same again": {[]step{
			{object{partstat: yes, stamp: at}, meetings.InboundApplied, ""},
			{object{partstat: yes, stamp: at, extra: []string{"COMMENT:encore"}}, meetings.InboundIgnored, meetings.ReasonDuplicate},
		}, "AAA"},
		"one date beside the series": {[]step{
			{object{partstat: no, recurrence: second, stamp: at.Add(time.Minute)}, meetings.InboundApplied, ""},
			{object{partstat: yes, stamp: at}, meetings.InboundApplied, ""},
		}, "ADA"},
		"the series after one date": {[]step{
			{object{partstat: yes, stamp: at}, meetings.InboundApplied, ""},
			{object{partstat: maybe, recurrence: first, stamp: at.Add(-time.Minute)}, meetings.InboundApplied, ""},
			{object{partstat: no, stamp: at.Add(time.Minute)}, meetings.InboundApplied, ""},
		}, "TDD"},
		"missing": {[]step{{object{partstat: ";ROLE=CHAIR"}, meetings.InboundReview, meetings.ReasonNoAnswer}}, "NNN"},
		"unknown": {[]step{{object{partstat: ";PARTSTAT=X-MAYBE"}, meetings.InboundReview, meetings.ReasonNoAnswer}}, "NNN"},
		"none":    {[]step{{object{partstat: ";PARTSTAT=NEEDS-ACTION"}, meetings.InboundReview, meetings.ReasonNoAnswer}}, "NNN"},
		"no sequence, nothing changed": {[]step{
			{object{without: "SEQUENCE"}, meetings.InboundApplied, ""},
		}, "AAA"},
		"no stamp": {[]step{
			{object{without: "DTSTAMP"}, meetings.InboundApplied, ""},
			{object{without: "DTSTAMP", partstat: no}, meetings.InboundReview, meetings.ReasonNoStamp},
		}, "AAA"},
		"VALARM": {[]step{
			{object{extra: []string{"BEGIN:VALARM", "ACTION:EMAIL", "ATTENDEE;PARTSTAT=DECLINED:mailto:" + solene, "END:VALARM"}}, meetings.InboundApplied, ""},
		}, "AAA"},
		"Thunderbird's RRULE": {[]step{
			{object{extra: []string{"RRULE:FREQ=WEEKLY;BYDAY=TH"}}, meetings.InboundApplied, ""},
		}, "AAA"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			for i, s := range c.steps {
				in := w.reply(s.object)
				if in.Status != s.status || in.Reason != s.reason {
					t.Errorf("step %d: %s %q, want %s %q", i+1, in.Status, in.Reason, s.status, s.reason)
				}
			}
			if got := w.answers(ines); got[:3] != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestPoint14AnswersToAnOlderStateAreStale(t *testing.T) {
	t.Parallel()
	w, ctx := setup(t), context.Background()
	f := w.dates()[0]
	w.reply(object{})
	m, err := w.Meetings.Move(ctx, w.Secretary, f.Meeting.ID, f.Meeting.Version, meetings.Move{
		Starts: f.Meeting.Starts.Add(time.Hour), Ends: f.Meeting.Ends.Add(time.Hour), Room: f.Meeting.Room, Anyway: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := w.answers(ines); got[:2] != "NA" {
		t.Fatalf("after the move %s", got)
	}
	w.want(w.reply(object{recurrence: first}), meetings.InboundIgnored, meetings.ReasonStale)
	w.want(w.reply(object{recurrence: first, without: "SEQUENCE"}), meetings.InboundReview, meetings.ReasonNoSequence)
	w.want(w.reply(object{recurrence: first, sequence: m.Sequence, partstat: ";PARTSTAT=DECLINED"}), meetings.InboundApplied, "")
	w.want(w.reply(object{recurrence: second}), meetings.InboundApplied, "")
	if got := w.answers(ines); got[:3] != "DAA" {
		t.Errorf("%s", got)
	}
	gone := w.dates()[2].Meeting
	if _, err := w.Meetings.Cancel(ctx, w.Secretary, gone.ID, gone.Version, "grève"); err != nil {
		t.Fatal(err)
	}
	w.want(w.reply(object{recurrence: gone.Original.Format(":20060102T150405Z"), sequence: 9}), meetings.InboundIgnored, meetings.ReasonOver)
	past := w.alone("past@x.example", storetest.Now.Add(-48*time.Hour))
	w.want(w.reply(object{uid: past.UID}), meetings.InboundIgnored, meetings.ReasonOver)
}

func TestPoint14CommentAndOriginAreKept(t *testing.T) {
	t.Parallel()
	w := setup(t)
	m := w.alone("own@x.example", storetest.Now.Add(72*time.Hour))
	w.want(w.reply(object{uid: m.UID, partstat: ";PARTSTAT=DECLINED", extra: []string{`COMMENT:en congé\, désolé`}}), meetings.InboundApplied, "")
	a := w.row(m.ID, ines)
	if a.Answer != meetings.Declined || a.Comment != "en congé, désolé" || a.AnswerOrigin != "mail" || a.Stamp.IsZero() {
		t.Errorf("%+v", a)
	}
}

func TestPoint14SeveralEventsInOneMail(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := w.take(w.mail(ines, "",
		w.calendar(object{}), w.calendar(object{recurrence: second, partstat: ";PARTSTAT=DECLINED"}), w.calendar(object{recurrence: ":20300101T000000Z"})))
	w.want(in, meetings.InboundReview, meetings.ReasonUnknownDate)
	if got := w.answers(ines); got[:3] != "ADA" {
		t.Errorf("%s", got)
	}
}

func TestPoint15DelegationLinksBothAndInvites(t *testing.T) {
	t.Parallel()
	w, ctx := setup(t), context.Background()
	noe := w.person("noe@clinique.example")
	w.alias(noe.Email, "noe@perso.example")
	w.want(w.reply(object{recurrence: first, partstat: ";PARTSTAT=DELEGATED", params: `;DELEGATED-TO="mailto:x@unknown.example"`}), meetings.InboundReview, meetings.ReasonDelegateUnknown)
	w.want(w.reply(object{recurrence: first, partstat: ";PARTSTAT=DELEGATED", params: `;DELEGATED-TO="mailto:noe@perso.example"`}), meetings.InboundApplied, "")
	m := w.dates()[0].Meeting.ID
	if a, d := w.row(m, ines), w.row(m, noe.Email); a.Answer != meetings.Delegated || a.Delegate != noe.ID || d.DelegatedBy != a.Professional.ID || d.Answer != meetings.NeedsAction {
		t.Errorf("%+v\n%+v", a, d)
	}
	events, err := w.store.UntreatedEvents(ctx, "", 500)
	if err != nil {
		t.Fatal(err)
	}
	if e := events[len(events)-1]; e.Kind != event.AttendeeAdded || e.Professional != noe.ID || e.Series != w.Series.ID || e.Meeting != m {
		t.Errorf("last event %+v", e)
	}
	w.want(w.reply(object{attendee: noe.Email, recurrence: first, params: `;DELEGATED-FROM="mailto:` + ines + `"`}), meetings.InboundApplied, "")
	if d := w.row(m, noe.Email); d.Answer != meetings.Accepted || d.DelegatedBy != w.row(m, ines).Professional.ID {
		t.Errorf("%+v", d)
	}
	w.want(w.reply(object{recurrence: first}), meetings.InboundApplied, "") // Inès comes after all
	if a, d := w.row(m, ines), w.row(m, noe.Email); a.Delegate != "" || d.DelegatedBy != "" || a.Answer != meetings.Accepted {
		t.Errorf("%+v\n%+v", a, d)
	}
}

func TestPoint15DelegationOfTheWholeSeries(t *testing.T) {
	t.Parallel()
	w := setup(t)
	noe := w.person("noe@clinique.example")
	w.want(w.reply(object{partstat: ";PARTSTAT=DELEGATED", params: `;DELEGATED-TO="mailto:` + noe.Email + `"`}), meetings.InboundApplied, "")
	for _, f := range w.dates() {
		if a, d := w.row(f.Meeting.ID, ines), w.row(f.Meeting.ID, noe.Email); a.Delegate != noe.ID || d.DelegatedBy != a.Professional.ID {
			t.Errorf("%s: %+v %+v", f.Meeting.Slot, a, d)
		}
	}
	w.want(w.reply(object{}), meetings.InboundApplied, "")
	if a, d := w.row(w.dates()[0].Meeting.ID, ines), w.row(w.dates()[0].Meeting.ID, noe.Email); a.Delegate != "" || d.DelegatedBy != "" {
		t.Errorf("%+v %+v", a, d)
	}
}

func TestPoint16WhatCannotBeReadWaitsWithItsMail(t *testing.T) {
	t.Parallel()
	const head = "From: " + ines + "\r\nTo: " + team + "\r\nSubject: x\r\n"
	deep := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
		}
		return b.String()
	}
	for name, c := range map[string]struct {
		raw    string
		status meetings.InboundStatus
		reason meetings.Reason
	}{
		"empty":           {"", meetings.InboundReview, meetings.ReasonNoCalendar},
		"no header":       {"\x00\xff\xfe", meetings.InboundReview, meetings.ReasonUnreadableMail},
		"question":        {head + "\r\nBonjour ?\r\n", meetings.InboundReview, meetings.ReasonNoCalendar},
		"bounce":          {head + "Auto-Submitted: auto-replied\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\nfailed\r\n--b--\r\n", meetings.InboundReview, meetings.ReasonNoCalendar},
		"vacation":        {head + "Auto-Submitted: auto-replied\r\n\r\nAbsent\r\n", meetings.InboundIgnored, meetings.ReasonAutoReply},
		"broken calendar": {head + "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nnothing", meetings.InboundReview, meetings.ReasonUnreadableMail},
		"broken base64":   {head + "Content-Type: text/calendar\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!\r\n", meetings.InboundReview, meetings.ReasonUnreadableMail},
		"too deep":        {head + deep(12), meetings.InboundReview, meetings.ReasonUnreadableMail},
		"huge calendar":   {head + "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n" + strings.Repeat("X-A:b\r\n", 200_000), meetings.InboundReview, meetings.ReasonTooLarge},
		"invitation":      {head + "Content-Type: text/calendar; method=REPLY\r\n\r\n" + "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20261122T120000Z\r\nDTSTART:20261122T120000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", meetings.InboundReview, meetings.ReasonNotAnAnswer},
		"refresh":         {head + "Content-Type: text/calendar\r\n\r\n" + "BEGIN:VCALENDAR\r\nMETHOD:REFRESH\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20261122T120000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", meetings.InboundIgnored, meetings.ReasonRefresh},
		"forwarded":       {head + "Content-Type: message/rfc822\r\n\r\n" + head + "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n", meetings.InboundReview, meetings.ReasonNoCalendar},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			in := w.take([]byte(c.raw))
			w.want(in, c.status, c.reason)
			if string(in.Raw) != c.raw {
				t.Errorf("kept %d octets of %d", len(in.Raw), len(c.raw))
			}
		})
	}
}

func TestPoint16TruncatedMailWaits(t *testing.T) {
	t.Parallel()
	w, ctx := setup(t), context.Background()
	raw := w.mail(ines, "", w.calendar(object{}))
	for size := range int64(2) {
		folder, err := w.box.Take(ctx, mailbox.Message{Raw: raw, Size: 1<<30 + size, Truncated: true, Received: storetest.Now})
		if folder != mailbox.Review || err != nil {
			t.Fatalf("%s, %v", folder, err)
		}
	}
	all := w.rows()
	if len(all) != 2 || all[0].Reason != meetings.ReasonTooLarge || strings.Contains(w.answers(ines), "A") {
		t.Errorf("%d rows, %q", len(all), all[0].Reason)
	}
}
