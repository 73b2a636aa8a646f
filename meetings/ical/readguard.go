package ical

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// What a received object may hold. go-ical builds its tree by recursion and its
// parameters octet by octet, so all of this is checked before it sees anything.
const (
	maxObject     = 1 << 20  // octets of the object
	maxContent    = 16 << 10 // octets of an unfolded line
	maxDepth      = 8        // components within components
	maxComponents = 2000
	maxProperties = 5000
	maxParams     = 64      // of one property
	maxParam      = 1 << 10 // octets of one parameter value that is read
)

// guard turns an object from outside into a small, well-formed one: the lines
// that this package reads and no others, unfolded, each in its canonical form.
// A broken line is dropped when nothing depends on it.
func guard(raw []byte) ([]byte, error) {
	if len(raw) > maxObject {
		return nil, unreadable(TooLarge)
	}
	if wide(raw) {
		return nil, unreadable(BadEncoding)
	}
	var g gate
	if err := unfold(bytes.TrimPrefix(raw, []byte("\uFEFF")), g.line); err != nil {
		return nil, err
	}
	switch {
	case !g.begun:
		return nil, unreadable(NoCalendar)
	case len(g.open) > 0:
		return nil, unreadable(Incomplete)
	}
	return g.out.Bytes(), nil
}

// wide reports text of two octets a character, or no text at all. A few stray
// NULs are only dropped.
func wide(raw []byte) bool {
	return bytes.HasPrefix(raw, []byte("\xFF\xFE")) || bytes.HasPrefix(raw, []byte("\xFE\xFF")) ||
		bytes.Count(raw, []byte{0}) > len(raw)/8
}

// unfold calls yield with each content line (RFC 5545 section 3.1), whichever
// way its lines end; cut says that it was too long and lost its end. The bytes
// are only good during the call. Empty lines do not end a folded one: some
// relays double each line end.
func unfold(raw []byte, yield func(line []byte, cut bool) error) error {
	var line []byte
	var cut bool
	for len(raw) > 0 {
		var text []byte
		text, raw = physical(raw)
		switch {
		case len(text) == 0:
			continue
		case text[0] == ' ' || text[0] == '\t':
			text = text[1:]
		default:
			if err := yield(line, cut); err != nil {
				return err
			}
			line, cut = line[:0], false
		}
		if room := maxContent - len(line); len(text) > room {
			text, cut = text[:room], true
		}
		line = append(line, text...)
	}
	return yield(line, cut)
}

// physical splits off the first line of raw.
func physical(raw []byte) (line, rest []byte) {
	i := bytes.IndexAny(raw, "\r\n")
	if i < 0 {
		return raw, nil
	}
	return raw[:i], raw[i+1:]
}

// place is what a component is to this package.
type place uint8

const (
	elsewhere place = iota // nothing in it is read: VALARM, VTODO, X-anything
	inCalendar
	inEvent
	inZone
	inObservance
)

// within tells the place of a component inside another.
func within(outer place, name string) place {
	switch {
	case outer == inCalendar && name == "VEVENT":
		return inEvent
	case outer == inCalendar && name == "VTIMEZONE":
		return inZone
	case outer == inZone && (name == "STANDARD" || name == "DAYLIGHT"):
		return inObservance
	}
	return elsewhere
}

// need is what to do with a property when its line is broken.
type need uint8

const (
	unread    need = iota // it is never looked at
	optional              // drop it
	telling               // the zone it belongs to becomes unusable
	essential             // the object is unreadable
)

func needOf(p place, name string) need {
	switch p {
	case inCalendar:
		return calendarNeed(name)
	case inEvent:
		return eventNeed(name)
	case inZone:
		if name == "TZID" {
			return telling
		}
	case inObservance:
		switch name {
		case "DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE", "EXDATE", "EXRULE":
			return telling
		}
	}
	return unread
}

func calendarNeed(name string) need {
	switch name {
	case "METHOD":
		return essential
	case "PRODID":
		return optional
	}
	return unread
}

func eventNeed(name string) need {
	switch name {
	case "UID", "SEQUENCE", "DTSTAMP", "RECURRENCE-ID", "DTSTART", "DTEND", "DURATION", "ATTENDEE", "COMMENT":
		return essential
	case "SUMMARY", "RRULE", "STATUS", "ORGANIZER", privateComment:
		return optional
	}
	return unread
}

// privateComment is where Apple's Calendar writes the comment of an answer.
const privateComment = "X-CALENDARSERVER-PRIVATE-COMMENT"

// brokenMark stands for a line of a zone that could not be read.
const brokenMark = "X-BROKEN"

// frame is one component that is open.
type frame struct {
	name string
	at   place
}

// gate lets through, line by line, what may be read.
type gate struct {
	out                    bytes.Buffer
	open                   []frame
	begun                  bool
	components, properties int
}

func (g *gate) line(line []byte, cut bool) error {
	name := upperName(line)
	rest := line[len(name):]
	switch {
	case name == "BEGIN":
		return g.begin(rest, cut)
	case len(g.open) == 0: // before the calendar, or after it: mail footers
		return nil
	case name == "END":
		return g.end(rest, cut)
	case len(line) == 0:
		return nil
	}
	if g.properties++; g.properties > maxProperties {
		return unreadable(TooMany)
	}
	return g.property(name, rest, cut)
}

// upperName returns the property name that a line starts with, in upper case.
func upperName(line []byte) string {
	n := 0
	for n < len(line) && n < 64 && nameRune(rune(line[n])) {
		n++
	}
	return strings.ToUpper(string(line[:n]))
}

// nameRune reports what names of properties, components and zones are made of.
func nameRune(c rune) bool {
	return c == '-' || c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

func (g *gate) begin(rest []byte, cut bool) error {
	name, ok := componentName(rest)
	outer := elsewhere
	switch {
	case len(g.open) > 0:
		outer = g.top().at
	case !ok || name != "VCALENDAR":
		return nil
	case g.begun:
		return unreadable(SeveralBodies)
	}
	if !ok || cut {
		return unreadable(Malformed)
	}
	if len(g.open) == maxDepth {
		return unreadable(TooDeep)
	}
	if g.components++; g.components > maxComponents {
		return unreadable(TooMany)
	}
	at := within(outer, name)
	if !g.begun {
		g.begun, at = true, inCalendar
	}
	g.open = append(g.open, frame{name, at})
	g.write(at, "BEGIN:"+name)
	return nil
}

func (g *gate) end(rest []byte, cut bool) error {
	name, ok := componentName(rest)
	top := g.top()
	if !ok || cut || name != top.name {
		return unreadable(Malformed)
	}
	g.write(top.at, "END:"+name)
	g.open = g.open[:len(g.open)-1]
	return nil
}

func (g *gate) top() frame { return g.open[len(g.open)-1] }

func (g *gate) write(at place, line string) {
	if at != elsewhere {
		g.out.WriteString(line + "\n")
	}
}

// componentName reads what follows BEGIN or END.
func componentName(rest []byte) (string, bool) {
	text, ok := bytes.CutPrefix(rest, []byte(":"))
	text = bytes.Trim(text, " \t\x00")
	name := upperName(text)
	return name, ok && name != "" && len(name) == len(text)
}

func (g *gate) property(name string, rest []byte, cut bool) error {
	at := g.top().at
	need := needOf(at, name)
	if need == unread {
		return nil
	}
	line, ok := canonical(name, string(rest))
	if ok && !cut {
		g.write(at, line)
		return nil
	}
	switch {
	case need == telling:
		g.write(at, brokenMark+":1")
	case need == essential && cut:
		return unreadable(TooLong)
	case need == essential:
		return unreadable(Malformed)
	}
	return nil
}

// canonical writes a property so that go-ical reads it: every parameter value
// in quotes, none that this package does not read, nothing but text.
func canonical(name, rest string) (string, bool) {
	var out strings.Builder
	out.WriteString(name)
	rest = plain(rest)
	for params := 0; strings.HasPrefix(rest, ";"); params++ {
		param, values, after, ok := cutParam(rest[1:])
		if !ok || params == maxParams {
			return "", false
		}
		rest = after
		if values == nil || !paramRead(param) {
			continue
		}
		if !writeParam(&out, param, values) {
			return "", false
		}
	}
	if !strings.HasPrefix(rest, ":") {
		return "", false
	}
	out.WriteString(rest)
	return out.String(), true
}

// plain drops what no line of text holds.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7F {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// paramRead reports whether this package reads a parameter of that name.
func paramRead(name string) bool {
	switch name {
	case "CN", "PARTSTAT", "DELEGATED-TO", "DELEGATED-FROM", "SENT-BY", "EMAIL", "TZID", "VALUE", "RANGE":
		return true
	}
	return commentParam(name) || name == proposalParam
}

// commentParam reports the parameters in which Google and Exchange
// (X-RESPONSE-COMMENT) and Yahoo (X-COMMENT) write the comment of an answer.
func commentParam(name string) bool { return name == "X-RESPONSE-COMMENT" || name == "X-COMMENT" }

// proposalParam is where Apple's Calendar proposes a new time.
const proposalParam = "TO-ALL-PROPOSED-NEW-TIME"

func writeParam(out *strings.Builder, name string, values []string) bool {
	for i, v := range values {
		if len(v) > maxParam {
			if !commentParam(name) && name != "CN" {
				return false
			}
			v = shorten(v, maxParam)
		}
		sep := ","
		if i == 0 {
			sep = ";" + name + "="
		}
		out.WriteString(sep + `"` + v + `"`)
	}
	return true
}

// shorten cuts s to at most n octets, between two characters.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// cutParam splits one parameter off s: its name in upper case, its values
// without their quotes, and what follows. A parameter without "=" has no
// values. Quotes inside a value, which RFC 5545 section 3.2 forbids, are dropped
// as long as they come in pairs.
func cutParam(s string) (name string, values []string, rest string, ok bool) {
	i := strings.IndexAny(s, "=;:")
	if i < 0 {
		return "", nil, "", false
	}
	name = strings.ToUpper(strings.TrimSpace(s[:i]))
	if s[i] != '=' {
		return name, nil, s[i:], true
	}
	var value []byte
	quoted := false
	for i++; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
			value = append(value, c)
		case c == ',':
			values, value = append(values, string(value)), value[:0]
		case c == ';' || c == ':':
			return name, append(values, string(value)), s[i:], true
		default:
			value = append(value, c)
		}
	}
	return "", nil, "", false
}
