package ical_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rcp-care/rcp/meetings/ical"
)

// body makes an object of one VEVENT with these lines besides its UID.
func body(method string, lines ...string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\nMETHOD:" + method + "\r\n" +
		event(lines...) + "END:VCALENDAR\r\n"
}

func event(lines ...string) string {
	all := append([]string{"BEGIN:VEVENT", "UID:u1@rcp.example", "DTSTAMP:20261122T123411Z"}, lines...)
	return strings.Join(append(all, "END:VEVENT"), "\r\n") + "\r\n"
}

const helene = "ATTENDEE;CN=Hélène;PARTSTAT=ACCEPTED:mailto:helene@clinic.example"

func read(t testing.TB, raw string) ical.Received {
	t.Helper()
	got, err := ical.Read([]byte(raw))
	if err != nil {
		t.Fatalf("Read: %v\n%s", err, raw)
	}
	return got
}

func readOne(t testing.TB, raw string) ical.Item {
	t.Helper()
	got := read(t, raw)
	if len(got.Items) != 1 {
		t.Fatalf("%d items in\n%s", len(got.Items), raw)
	}
	return got.Items[0]
}

func refused(t testing.TB, raw string, want ical.Reason) {
	t.Helper()
	got, err := ical.Read([]byte(raw))
	if !errors.Is(err, ical.ErrUnreadable) || ical.ReasonOf(err) != want {
		t.Errorf("Read(%.80q…) = %d items, %v, want %q", raw, len(got.Items), err, want)
	}
	if len(got.Items) > 0 {
		t.Errorf("Read(%.80q…) refused and gave items", raw)
	}
}

func utc(year, month, day, hour, minute int) time.Time {
	return time.Date(year, time.Month(month), day, hour, minute, 0, 0, time.UTC)
}

func TestReadAReply(t *testing.T) {
	t.Parallel()
	got := read(t, body("REPLY", "SEQUENCE:3", "SUMMARY:Réunion\\, synthèse", "STATUS:CONFIRMED",
		"ORGANIZER;CN=RCP:mailto:RCP@Clinic.example", helene, "COMMENT:Oui\\, mais\\nen retard : ici\\; là",
		"DTSTART;TZID=Europe/Paris:20261126T143000", "DURATION:PT1H30M",
		"RRULE:FREQ=WEEKLY;BYDAY=TH", "RRULE:FREQ=DAILY", "EXDATE:20261203T133000Z,20261210T133000Z"))
	want := ical.Received{Method: ical.Reply, ProductID: "-//Test//EN", Items: []ical.Item{{
		UID: "u1@rcp.example", Sequence: 3, HasSequence: true, Stamp: time.Date(2026, 11, 22, 12, 34, 11, 0, time.UTC),
		Start: utc(2026, 11, 26, 13, 30), End: utc(2026, 11, 26, 15, 0),
		Summary: "Réunion, synthèse", Comment: "Oui, mais\nen retard : ici; là",
		Rule: "FREQ=WEEKLY;BYDAY=TH", Status: ical.Confirmed, Organizer: "rcp@clinic.example",
		Attendees: []ical.Answerer{{Name: "Hélène", Address: "helene@clinic.example", PartStat: ical.Accepted}},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if !got.Items[0].Series() {
		t.Error("a reply without RECURRENCE-ID is about the series")
	}
}

// The same reply, as relays and clients mangle it.
func TestReadForgivesWhatIsHarmless(t *testing.T) {
	t.Parallel()
	whole := body("REPLY", "SEQUENCE:3", helene, "DESCRIPTION:a\\nb", "STATUS:CONFIRMED")
	want := read(t, whole)
	long := strings.Repeat("x", 40<<10)
	for name, raw := range map[string]string{
		"LF":                  strings.ReplaceAll(whole, "\r\n", "\n"),
		"CR":                  strings.ReplaceAll(whole, "\r\n", "\r"),
		"doubled line ends":   strings.ReplaceAll(whole, "\r\n", "\r\r\n"),
		"byte order mark":     "\uFEFF" + whole,
		"no last line end":    strings.TrimSuffix(whole, "\r\n"),
		"mail footer":         whole + "\r\n-- \r\nThis mail was scanned\r\nEND:VCALENDAR\r\n",
		"text before":         "Answer:\r\n\r\n" + whole,
		"blanks after":        strings.ReplaceAll(whole, "T\r\n", "T \t\r\n"),
		"lower-case names":    strings.NewReplacer("BEGIN:", "begin:", "END:", "End:", "METHOD:REPLY", "method:reply", "ATTENDEE;CN", "attendee;cn", "PARTSTAT=", "PartStat=", "UID:", "uid:").Replace(whole),
		"NULs":                strings.Replace(whole, "STATUS:", "STATUS:\x00", 1) + "\x00\x00",
		"folded in a rune":    strings.Replace(whole, "Hél", "H\xC3\r\n \xA9l", 1),
		"folded with tab":     strings.Replace(whole, "PARTSTAT", "PART\r\n\tSTAT", 1),
		"folded, doubled":     strings.Replace(whole, "PARTSTAT", "PART\r\r\n STAT", 1),
		"method repeated":     strings.Replace(whole, "METHOD:REPLY", "METHOD:REPLY\r\nMETHOD:reply", 1),
		"status repeated":     strings.Replace(whole, "STATUS:CONFIRMED", "STATUS:CONFIRMED\r\nSTATUS:CANCELLED", 1),
		"broken text line":    strings.Replace(whole, "DESCRIPTION", "and so on without a colon\r\n=?:\r\n:\r\nDESCRIPTION", 1),
		"broken summary":      strings.Replace(whole, "DESCRIPTION", "SUMMARY;X=\"y\r\nORGANIZER;CN=z\r\nDESCRIPTION", 1),
		"huge description":    strings.Replace(whole, "a\\nb", long, 1),
		"huge foreign params": strings.Replace(whole, ";PARTSTAT", ";X-A="+long[:9000]+";PARTSTAT", 1),
		"quoted":              strings.Replace(whole, "CN=Hélène", `CN="Hélène"`, 1),
		"quotes within":       strings.Replace(whole, "CN=Hélène", `CN=H"élè"ne`, 1),
		"empty parameter":     strings.Replace(whole, ";PARTSTAT", ";;RSVP;PARTSTAT", 1),
		"unknown components":  strings.Replace(whole, "BEGIN:VEVENT", "BEGIN:X-A\r\nATTENDEE\r\nBEGIN:X-B\r\nUID:2\r\nEND:X-B\r\nEND:X-A\r\nBEGIN:VEVENT", 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, read(t, raw)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestReadInvalidUTF8IsShownAsSuch(t *testing.T) {
	t.Parallel()
	item := readOne(t, body("REPLY", "COMMENT:\xe9t\xe9", helene))
	if item.Comment != "\uFFFDt\uFFFD" {
		t.Errorf("Comment = %q", item.Comment)
	}
}

// Google says REPLY in the mail and COUNTER in the body: the body is what Read
// tells.
func TestPoint11CounterOfGoogleAndOutlook(t *testing.T) {
	t.Parallel()
	got := read(t, body("counter", "SEQUENCE:1", "RECURRENCE-ID;TZID=Europe/Paris:20261126T143000",
		"DTSTART;TZID=Romance Standard Time:20261127T100000", "DTEND;TZID=Romance Standard Time:20261127T110000", helene))
	item := got.Items[0]
	if got.Method != ical.Counter || !item.Start.Equal(utc(2026, 11, 27, 9, 0)) || !item.End.Equal(utc(2026, 11, 27, 10, 0)) {
		t.Errorf("%s from %s to %s", got.Method, item.Start, item.End)
	}
	if !item.RecurrenceID.Equal(utc(2026, 11, 26, 13, 30)) || item.Uncertain != "" || item.Series() || item.Proposed != nil {
		t.Errorf("%+v", item)
	}
}

func TestPoint11ProposalOfApple(t *testing.T) {
	t.Parallel()
	apple := func(parameter string, lines ...string) string {
		return body("REPLY", append(lines, "ATTENDEE;PARTSTAT=TENTATIVE;TO-ALL-PROPOSED-NEW-TIME="+parameter+":mailto:helene@clinic.example")...)
	}
	hour := []string{"DTSTART:20261126T133000Z", "DTEND:20261126T143000Z"}
	from, to := utc(2026, 11, 26, 16, 0), utc(2026, 11, 26, 17, 0)
	for _, c := range []struct {
		name, raw string
		want      *ical.Span
		uncertain string
	}{
		{"start", apple(`"DTSTART:20261126T160000Z;STATUS:NEEDS-ACTION"`, hour...), &ical.Span{Start: from, End: to}, ""},
		{"start and end", apple(`"DTSTART:20261126T160000Z;DTEND:20261126T170000Z"`), &ical.Span{Start: from, End: to}, ""},
		{"length unknown", apple(`"DTSTART:20261126T160000Z"`), &ical.Span{Start: from}, ""},
		{"withdrawn", apple(`"DTSTART:;STATUS:"`, hour...), nil, ""},
		{"empty", apple(`""`, hour...), nil, ""},
		{"broken", apple(`"DTSTART:tomorrow"`, hour...), nil, ical.UncertainProposal},
		{"floating", apple(`"DTSTART:20261126T160000"`, hour...), nil, ical.UncertainProposal},
		{"backwards", apple(`"DTSTART:20261126T160000Z;DTEND:20261126T150000Z"`), nil, ical.UncertainProposal},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			item := readOne(t, c.raw)
			if diff := cmp.Diff(c.want, item.Attendees[0].Proposed); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(c.want, item.Proposed); diff != "" || item.Uncertain != c.uncertain {
				t.Errorf("uncertain %q, -want +got:\n%s", item.Uncertain, diff)
			}
		})
	}
}

func TestPoint12InstanceIsAnInstant(t *testing.T) {
	t.Parallel()
	want := utc(2026, 11, 26, 13, 30)
	for _, written := range []string{
		":20261126T133000Z",
		";TZID=Europe/Paris:20261126T143000",
		";TZID=America/New_York:20261126T083000",
		";TZID=\"Romance Standard Time\":20261126T143000",
		";VALUE=DATE-TIME;TZID=/mozilla.org/20050126_1/Europe/Madrid:20261126T143000",
		";TZID=\"(UTC+01:00) Brussels, Copenhagen, Madrid, Paris\":20261126T143000",
		";tzid=Europe/Paris:20261126t143000",
		";TZID=Europe/Paris:20261126T133000Z", // Z is stronger than a zone
	} {
		item := readOne(t, body("REPLY", "RECURRENCE-ID"+written, helene))
		if !item.RecurrenceID.Equal(want) || item.Uncertain != "" || item.Series() {
			t.Errorf("%s: %s, uncertain %q", written, item.RecurrenceID, item.Uncertain)
		}
	}
}

func TestPoint12DayAndFloatingInstances(t *testing.T) {
	t.Parallel()
	day := readOne(t, body("REPLY", "RECURRENCE-ID;VALUE=DATE:20261126", helene))
	if !day.RecurrenceDay || day.RecurrenceFloating || !day.RecurrenceID.Equal(utc(2026, 11, 26, 0, 0)) {
		t.Errorf("%+v", day)
	}
	floating := readOne(t, body("REPLY", "RECURRENCE-ID:20261126T143000", helene))
	if !floating.RecurrenceFloating || floating.RecurrenceDay || !floating.RecurrenceID.Equal(utc(2026, 11, 26, 14, 30)) {
		t.Errorf("%+v", floating)
	}
}

// What is not known surely is said to be uncertain, and an instance that is
// uncertain never passes for the series.
func TestPoint12NeverGuesses(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"RECURRENCE-ID;TZID=Customized Time Zone:20261126T143000":            ical.UncertainInstance,
		"RECURRENCE-ID;TZID=IST:20261126T143000":                             ical.UncertainInstance,
		"RECURRENCE-ID:tomorrow":                                             ical.UncertainInstance,
		"RECURRENCE-ID:":                                                     ical.UncertainInstance,
		"RECURRENCE-ID:00010101T000000Z":                                     ical.UncertainInstance,
		"RECURRENCE-ID:9999990101T000000Z":                                   ical.UncertainInstance,
		"RECURRENCE-ID;VALUE=DATE:99990101":                                  ical.UncertainInstance,
		"RECURRENCE-ID:20261126T133000Z,20261127T133000Z":                    ical.UncertainInstance,
		"RECURRENCE-ID;RANGE=THISANDFUTURE:20261126T133000Z":                 ical.UncertainRange,
		"DTSTART:20261332T133000Z":                                           ical.UncertainStart,
		"DTSTART:20261126T133000Z\r\nDTEND:20261126T123000Z":                 ical.UncertainEnd,
		"DTSTART:20261126T133000Z\r\nDTEND:20261126T153000":                  ical.UncertainEnd,
		"DTSTART:20261126T133000Z\r\nDURATION:PT99999999999999999999H":       ical.UncertainEnd,
		"DTSTART:20261126T133000Z\r\nDURATION:-PT1H":                         ical.UncertainEnd,
		"DTSTART:20261126T133000Z\r\nDURATION:P9999999W":                     ical.UncertainEnd,
		"DTSTART;TZID=Local:20261126T133000":                                 ical.UncertainStart,
		"DTSTART;TZID=../../../etc/localtime:20261126T133000":                ical.UncertainStart,
		"DTSTART;TZID=localtime:20261126T133000":                             ical.UncertainStart,
		"DTSTART;TZID=\"(UTC+01:00) Nowhere\":20261126T133000":               ical.UncertainStart,
		"DTSTART;TZID=/example.org/Europe/Nowhere:20261126T133000":           ical.UncertainStart,
		"DTSTART;TZID=/example.org/20261126/Europe/Paris:20261126T133000":    "",
		"DTSTART:20261126T133000Z\r\nDTEND:20261126T133000Z":                 "",
		"DTSTART;TZID=Europe/Paris:20261126T133000\r\nDURATION:P1D":          "",
		"DTSTART;VALUE=DATE:20261126\r\nDURATION:P1D":                        "",
		"DTSTART:20261126T133000Z\r\nDTEND:20261126T143000Z\r\nDURATION:P9D": "",
	} {
		item := readOne(t, body("REPLY", written, helene))
		if item.Uncertain != want {
			t.Errorf("%s: uncertain %q, want %q", written, item.Uncertain, want)
		}
		if want == ical.UncertainInstance && (item.Series() || !item.RecurrenceID.IsZero()) {
			t.Errorf("%s: passes for the series or for a date", written)
		}
	}
	floating := strings.Replace(body("REPLY", helene), "DTSTAMP:20261122T123411Z", "DTSTAMP:20261122T123411", 1)
	if item := readOne(t, floating); item.Uncertain != ical.UncertainStamp || !item.Stamp.IsZero() {
		t.Errorf("a floating DTSTAMP: %+v", item)
	}
	none := strings.Replace(body("REPLY", helene), "DTSTAMP:20261122T123411Z\r\n", "", 1)
	if item := readOne(t, none); item.Uncertain != "" || !item.Stamp.IsZero() || item.HasSequence {
		t.Errorf("no DTSTAMP and no SEQUENCE: %+v", item)
	}
}

func TestPoint12AddressesInAnyShape(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		":mailto:helene@clinic.example":                                   "helene@clinic.example",
		":MAILTO:Helene@Clinic.Example":                                   "helene@clinic.example",
		":MailTo: <helene@clinic.example>":                                "helene@clinic.example",
		":helene@clinic.example":                                          "helene@clinic.example",
		":mailto:helene%2Brcp@clinic.example?subject=x":                   "helene+rcp@clinic.example",
		";EMAIL=helene@clinic.example:urn:uuid:1":                         "helene@clinic.example",
		";EMAIL=\"helene@clinic.example\":/principals/users/1/":           "helene@clinic.example",
		";EMAIL=other@clinic.example:mailto:helene@@x":                    "",
		":invalid:nomail":                                                 "",
		":mailto:":                                                        "",
		":mailto:a@b@c":                                                   "",
		":mailto:a b@clinic.example":                                      "",
		":mailto:\u212Aim@clinic.example":                                 "", // the Kelvin sign, which becomes k
		":mailto:a%0Ab@clinic.example":                                    "",
		":mailto:" + strings.Repeat("a", 251) + "@b.c":                    "",
		":mailto:helene@clinic.example,mailto:other@clinic.example":       "",
		";CN=x:mailto:\u202Ehelene@clinic.example":                        "",
		";SENT-BY=\"mailto:secretary@x.example\":mailto:h@clinic.example": "h@clinic.example",
	} {
		item := readOne(t, body("REPLY", "ATTENDEE"+written))
		if len(item.Attendees) != 1 || item.Attendees[0].Address != want {
			t.Errorf("%s: %+v, want %q", written, item.Attendees, want)
		}
	}
}

func TestPoint14PartStatInAnyCase(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]ical.PartStat{
		";PARTSTAT=accepted": ical.Accepted, ";partstat=Declined": ical.Declined, `;PARTSTAT="tentative"`: ical.Tentatively,
		"": "", ";PARTSTAT=": "", ";PARTSTAT": "", ";PARTSTAT=X-Perhaps": "X-PERHAPS",
		";PARTSTAT=ACCEPTED;PARTSTAT=accepted": ical.Accepted, ";PARTSTAT=ACCEPTED;PARTSTAT=DECLINED": "",
		";PARTSTAT=ACCEPTED,DECLINED": "", ";PARTSTAT=" + strings.Repeat("A", 100): "",
	} {
		item := readOne(t, body("REPLY", "ATTENDEE"+written+":mailto:h@x.example"))
		if got := item.Attendees[0].PartStat; got != want {
			t.Errorf("%s: %q, want %q", written, got, want)
		}
	}
	refused(t, body("REPLY", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:h@x.example", "ATTENDEE;PARTSTAT=DECLINED:MAILTO:H@x.example"), ical.Contradictory)
}

func TestPoint14AlarmAttendeeIsIgnored(t *testing.T) {
	t.Parallel()
	item := readOne(t, body("REPLY", helene, "BEGIN:VALARM", "ACTION:EMAIL", "SUMMARY:no", "UID:other",
		"ATTENDEE:mailto:alarm@x.example", "ATTENDEE;CN=broken", "END:VALARM", "SEQUENCE:4"))
	if len(item.Attendees) != 1 || item.Attendees[0].Address != "helene@clinic.example" || item.UID != "u1@rcp.example" || item.Sequence != 4 || item.Summary != "" {
		t.Errorf("%+v", item)
	}
}

func TestPoint14SeriesAndInstanceInOneReply(t *testing.T) {
	t.Parallel()
	got := read(t, strings.Replace(body("REPLY", helene, "RRULE:FREQ=WEEKLY;BYDAY=TH;COUNT=8"), "END:VCALENDAR",
		event("RECURRENCE-ID:20261126T133000Z", strings.Replace(helene, "ACCEPTED", "DECLINED", 1))+"END:VCALENDAR", 1))
	if len(got.Items) != 2 || !got.Items[0].Series() || got.Items[1].Series() {
		t.Fatalf("%+v", got.Items)
	}
	if a, b := got.Items[0].Attendees[0].PartStat, got.Items[1].Attendees[0].PartStat; a != ical.Accepted || b != ical.Declined {
		t.Errorf("series %s, instance %s", a, b)
	}
	if got.Items[0].Rule != "FREQ=WEEKLY;BYDAY=TH;COUNT=8" {
		t.Errorf("rule %q", got.Items[0].Rule)
	}
}

func TestPoint14CommentIsKept(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		line, item, attendee string
	}{
		{"COMMENT;LANGUAGE=fr:En retard", "En retard", ""},
		{"COMMENT:un\r\nCOMMENT:deux", "un\ndeux", ""},
		{"X-CALENDARSERVER-PRIVATE-COMMENT:privé", "privé", ""},
		{`ATTENDEE;X-RESPONSE-COMMENT="Oui, ^'bien^' : là^npuis":mailto:a@x.example`, "", "Oui, \"bien\" : là\npuis"},
		{"ATTENDEE;X-COMMENT=bref:mailto:a@x.example", "", "bref"},
		{`ATTENDEE;X-RESPONSE-COMMENT="` + strings.Repeat("é", 3000) + `":mailto:a@x.example`, "", strings.Repeat("é", 512)},
		{"COMMENT:" + strings.Repeat("é", 5000), strings.Repeat("é", 5000), ""},
	} {
		item := readOne(t, body("REPLY", c.line, helene))
		if item.Comment != c.item || item.Attendees[0].Comment != c.attendee {
			t.Errorf("%.40s: %.40q and %.40q", c.line, item.Comment, item.Attendees[0].Comment)
		}
	}
}

func TestPoint15Delegation(t *testing.T) {
	t.Parallel()
	item := readOne(t, body("REPLY",
		`ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:B@x.example","MAILTO:c@x.example":mailto:a@x.example`,
		`ATTENDEE;CN=B;PARTSTAT=ACCEPTED;DELEGATED-FROM="mailto:a@x.example";SENT-BY="mailto:s@x.example":mailto:b@x.example`))
	want := []ical.Answerer{
		{Address: "a@x.example", PartStat: ical.Delegated, DelegatedTo: []string{"b@x.example", "c@x.example"}},
		{Name: "B", Address: "b@x.example", PartStat: ical.Accepted, DelegatedFrom: []string{"a@x.example"}, SentBy: "s@x.example"},
	}
	if diff := cmp.Diff(want, item.Attendees); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Whatever goes to the human queue says why, and repeats nothing of the mail.
func TestPoint16UnreadableSaysWhy(t *testing.T) {
	t.Parallel()
	good := body("REPLY", helene)
	for name, c := range map[string]struct {
		raw  string
		want ical.Reason
	}{
		"empty":                 {"", ical.NoCalendar},
		"prose":                 {"Dear colleagues,\r\nATTENDEE:x\r\nBEGIN:VEVENT\r\n", ical.NoCalendar},
		"vcard":                 {"BEGIN:VCARD\r\nEND:VCARD\r\n", ical.NoCalendar},
		"cut short":             {strings.TrimSuffix(good, "END:VCALENDAR\r\n"), ical.Incomplete},
		"no event":              {"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n", ical.NoEvent},
		"a task":                {strings.ReplaceAll(good, "VEVENT", "VTODO"), ical.NoEvent},
		"no uid":                {strings.Replace(good, "UID:u1@rcp.example\r\n", "", 1), ical.NoUID},
		"two calendars":         {good + good, ical.SeveralBodies},
		"crossed components":    {strings.Replace(good, "END:VEVENT\r\nEND:VCALENDAR", "END:VCALENDAR\r\nEND:VEVENT", 1), ical.Malformed},
		"begin without name":    {strings.Replace(good, "BEGIN:VEVENT", "BEGIN:\r\nBEGIN:VEVENT", 1), ical.Malformed},
		"begin with blank":      {strings.Replace(good, "BEGIN:VEVENT", "BEGIN:V EVENT", 1), ical.Malformed},
		"attendee, no colon":    {body("REPLY", "ATTENDEE;CN=x"), ical.Malformed},
		"attendee, open quote":  {body("REPLY", `ATTENDEE;CN="x:mailto:a@x.example`), ical.Malformed},
		"attendee, too long":    {body("REPLY", helene, "ATTENDEE;CN="+strings.Repeat("x", 17<<10)+":mailto:a@x.example"), ical.TooLong},
		"attendee, long part":   {body("REPLY", "ATTENDEE;PARTSTAT="+strings.Repeat("x", 2<<10)+":mailto:a@x.example"), ical.Malformed},
		"attendee, many params": {body("REPLY", "ATTENDEE"+strings.Repeat(";A=b", 65)+":mailto:a@x.example"), ical.Malformed},
		"uid, no colon":         {body("REPLY", "UID"), ical.Malformed},
		"two uids":              {body("REPLY", helene, "UID:u2"), ical.Contradictory},
		"two methods":           {strings.Replace(good, "METHOD:REPLY", "METHOD:REPLY\r\nMETHOD:CANCEL", 1), ical.Contradictory},
		"two sequences":         {body("REPLY", helene, "SEQUENCE:1", "SEQUENCE:2"), ical.Contradictory},
		"two stamps":            {body("REPLY", helene, "DTSTAMP:20261122T123412Z"), ical.Contradictory},
		"two instances":         {body("REPLY", helene, "RECURRENCE-ID:20261122T123412Z", "RECURRENCE-ID:20261123T123412Z"), ical.Contradictory},
		"negative sequence":     {body("REPLY", helene, "SEQUENCE:-1"), ical.Malformed},
		"overflowing sequence":  {body("REPLY", helene, "SEQUENCE:99999999999999999999"), ical.Malformed},
		"sequence of words":     {body("REPLY", helene, "SEQUENCE:one"), ical.Malformed},
		"UTF-16":                {"\xFF\xFE" + strings.Join(strings.Split(good, ""), "\x00"), ical.BadEncoding},
		"UTF-16 without a mark": {strings.Join(strings.Split(good, ""), "\x00"), ical.BadEncoding},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, c.raw, c.want)
		})
	}
}

func TestReadWhatWeWrite(t *testing.T) {
	t.Parallel()
	for _, o := range objects() {
		out, err := o.encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := ical.Read(out)
		if strings.HasPrefix(o.name, "feed-empty") {
			if ical.ReasonOf(err) != ical.NoEvent {
				t.Errorf("%s: %v", o.name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", o.name, err)
			continue
		}
		for _, item := range got.Items {
			if item.UID == "" || item.Stamp.IsZero() || item.Uncertain != "" {
				t.Errorf("%s: %+v", o.name, item)
			}
		}
	}
	e := series()
	item := read(t, string(encode(t, ical.Request, e))).Items
	if !item[0].Start.Equal(e.Start) || !item[0].End.Equal(e.End) || !item[1].RecurrenceID.Equal(e.Overrides[0].RecurrenceID) ||
		item[0].Rule != "FREQ=WEEKLY;UNTIL=20270624T123000Z;BYDAY=TH" || item[0].Sequence != e.Sequence || item[0].Attendees[1].Address != e.Attendees[1].Address {
		t.Errorf("the series came back as %+v", item)
	}
}

func TestPoint11DeclineCounterIsEncoded(t *testing.T) {
	t.Parallel()
	e := declined()
	out := string(encode(t, ical.DeclineCounter, e))
	got := read(t, out)
	item := got.Items[0]
	if got.Method != ical.DeclineCounter || item.UID != e.UID || item.Comment != e.Comment || item.Organizer != e.Organizer.Address ||
		!item.RecurrenceID.Equal(e.RecurrenceID) || !item.Stamp.Equal(e.Stamp) {
		t.Errorf("%+v", item)
	}
	for _, name := range []string{"\r\nATTENDEE", "\r\nSEQUENCE", "\r\nSTATUS", "\r\nSUMMARY", "\r\nDTSTART:", "\r\nDTSTART;"} {
		if strings.Contains(out[strings.Index(out, "BEGIN:VEVENT"):], name) {
			t.Errorf("a DECLINECOUNTER holds %q", name)
		}
	}
	e.Organizer.Address = ""
	if _, err := ical.Encode(ical.DeclineCounter, e); !errors.Is(err, ical.ErrInvalid) {
		t.Errorf("without an organizer: %v", err)
	}
}

// declined is the answer to a counter-proposal for one date.
func declined() ical.Event {
	e := meeting()
	return ical.Event{
		UID: e.UID, Stamp: e.Stamp, Zone: e.Zone, Organizer: e.Organizer, RecurrenceID: e.Start,
		Comment: "La salle n’est pas libre ;\nmerci d’avoir proposé.",
	}
}
