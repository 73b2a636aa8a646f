// Package ical writes the calendar objects RCP sends: invitations (REQUEST),
// cancellations (CANCEL), refusals of a proposed time (DECLINECOUNTER) and feeds
// (PUBLISH), as RFC 5545 and RFC 5546 ask and as Outlook, Thunderbird, Apple and
// Google really read them. It reads the answers and counter-proposals that come
// back, as those clients really write them.
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
// What always holds for what it reads: nothing reaches go-ical before its size,
// depth and lines are checked; no rule is expanded; a zone is resolved surely or
// the time is said to be uncertain; and what cannot be understood is refused
// with [ErrUnreadable] and a reason, for a human to look at.
//
// What it leaves to others: choosing neutral words (it adds none of its own and
// cannot tell a patient's name from a room's), raising SEQUENCE and DTSTAMP from
// one message to the next, deciding who receives what, and the mail around the
// object; and for what comes in, matching it, trusting its sender and deciding
// whether it is newer. A value it cannot write truthfully is refused with [ErrInvalid].
package ical
