// Package ical writes the calendar objects RCP sends: invitations (REQUEST),
// cancellations (CANCEL) and feeds (PUBLISH), as RFC 5545 and RFC 5546 ask and
// as Outlook, Thunderbird, Apple and Google really read them.
//
// What always holds for the bytes it returns:
//
//   - lines end with CRLF and hold at most 75 octets, and no fold falls inside
//     a UTF-8 sequence (RFC 5545 section 3.1);
//   - no caller's text can open a line, a parameter or a component: CR, LF,
//     control and bidirectional characters, and quotes in names are taken out
//     before the object tree is built;
//   - every TZID has its VTIMEZONE, with a yearly RRULE where one rule tells
//     the truth and explicit observances elsewhere, never RDATE; UTC is written
//     with Z and needs none;
//   - METHOD and STATUS agree, and the same input gives the same bytes.
//
// What it leaves to others: choosing neutral words (it adds none of its own and
// cannot tell a patient's name from a room's), raising SEQUENCE and DTSTAMP from
// one message to the next, deciding who receives what, and the mail around the
// object. A value it cannot write truthfully is refused with [ErrInvalid].
package ical
