package dav_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// pieces are what requests are made of, whole and broken.
var pieces = []string{
	`<propfind xmlns="DAV:">`, `</propfind>`, `<prop>`, `</prop>`, `<allprop/>`, `<propname/>`, `<getetag/>`, `<displayname/>`, `<href>`, `</href>`,
	`<C:calendar-query xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns="DAV:">`, `</C:calendar-query>`,
	`<C:calendar-multiget xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns="DAV:">`, `</C:calendar-multiget>`,
	`<C:filter>`, `</C:filter>`, `<C:comp-filter name="VCALENDAR">`, `<C:comp-filter name="VEVENT">`, `<C:comp-filter name="VTODO">`, `</C:comp-filter>`,
	`<C:calendar-data/>`, `<C:calendar-data>`, `<C:comp name="VEVENT">`, `</C:comp>`, `</C:calendar-data>`, `<C:is-not-defined/>`,
	`<C:time-range start="20260101T000000Z" end="20270101T000000Z"/>`, `<C:time-range start="20260101T000000Z"/>`, `<C:time-range end="2026"/>`,
	`<C:prop-filter name="DTSTART">`, `<C:prop-filter name="SUMMARY">`, `</C:prop-filter>`, `<C:text-match negate-condition="maybe">`, `</C:text-match>`,
	`<C:param-filter name="TZID"/>`, `<!DOCTYPE a>`, `<?xml version="1.0"?>`, `<![CDATA[x]]>`, `<!--`, `-->`, `&amp;`, `&#0;`, "\x00", "\xff", `/dav/`, `%zz`, ` `,
}

// TestNoRequestIsOurFault sends documents put together at random, in the right
// order often enough to reach the library.
func TestNoRequestIsOurFault(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.act(t)
	places := []string{"/dav/", w.home(), w.home() + "meetings/", w.home() + "tasks/", w.home() + "tasks/x.ics"}
	reached := 0
	rapid.Check(t, func(rt *rapid.T) {
		method := rapid.SampledFrom([]string{"PROPFIND", "REPORT", "PUT"}).Draw(rt, "method")
		body := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(rt, "pieces"), "")
		if rapid.Bool().Draw(rt, "framed") {
			inner := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{
				`<C:is-not-defined/>`, `<C:time-range start="20260101T000000Z" end="20270101T000000Z"/>`, `<C:time-range start="20260101T000000Z"/>`,
				`<C:prop-filter name="DTSTART"><C:time-range start="20260101T000000Z"/></C:prop-filter>`, `<C:prop-filter name="DUE"><C:time-range start="20260101T000000Z"/></C:prop-filter>`,
				`<C:prop-filter name="SUMMARY"><C:text-match>x</C:text-match></C:prop-filter>`, `<C:prop-filter name="X"><C:is-not-defined/></C:prop-filter>`,
				`<C:comp-filter name="VALARM"/>`, `<C:prop-filter name="SUMMARY"><C:time-range start="20260101T000000Z"/></C:prop-filter>`,
			}), 0, 3).Draw(rt, "filters"), "")
			body = asking(rapid.SampledFrom([]string{"VEVENT", "VTODO", "VTIMEZONE", "X", ""}).Draw(rt, "component"), inner)
		}
		path := rapid.SampledFrom(places).Draw(rt, "place")
		res := w.dav(t, method, path, body, "Depth", rapid.SampledFrom([]string{"0", "1", "infinity", "x", ""}).Draw(rt, "depth"))
		switch {
		case res.Code == 207:
			reached++
		case res.Code < 400 || res.Code >= 500:
			rt.Errorf("%s %s: %d\n%s\n%s", method, path, res.Code, body, res.Body)
		}
	})
	if reached == 0 {
		t.Error("no request was answered")
	}
}
