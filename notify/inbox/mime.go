package inbox

import (
	"bytes"
	"errors"
	"html"
	"io"
	"mime"
	"net/mail"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message"
	"golang.org/x/text/encoding/charmap"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/meetings"
)

// What is read of one mail. RFC 2046 sets no limits; real answers have five
// parts in three levels, and a calendar of some kilobytes.
const (
	maxDepth     = 8
	maxParts     = 100
	maxCalendars = 8
	maxCalendar  = 1 << 20 // octets of one calendar part
	maxHeader    = 256 << 10
	maxText      = 16 << 10
	maxField     = 500 // octets of an address, a subject or a Message-ID
)

// parsed is a mail taken apart. Nothing in it is believed yet.
type parsed struct {
	messageID  string
	sender     string // address of the one From; empty: none, or several
	subject    string
	recipients []string // folded
	automatic  bool     // RFC 3834: sent by a machine
	report     bool     // RFC 6522: a bounce, a receipt
	delivery   delivery // what a report says
	results    []string // Authentication-Results, topmost first
	calendars  []calendar
	text       string
	reason     meetings.Reason // why it could not be read whole
	parts      int
	plain      bool // text comes from a text/plain part
}

// calendar is one calendar part.
type calendar struct {
	method string // of the part's header
	data   []byte
}

// parse takes a mail apart as far as it can be read.
func parse(raw []byte) *parsed {
	p := &parsed{}
	e, err := message.ReadWithOptions(bytes.NewReader(raw), &message.ReadOptions{MaxHeaderBytes: maxHeader})
	if e == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		p.reason = meetings.ReasonUnreadableMail
		return p
	}
	p.head(e.Header)
	p.walk(e, 0)
	return p
}

func (p *parsed) head(h message.Header) {
	p.messageID = clean(strings.Trim(strings.TrimSpace(h.Get("Message-Id")), "<>"))
	p.subject = clean(decodeWords(h.Get("Subject")))
	p.sender = sender(h)
	for _, name := range []string{"Delivered-To", "X-Original-To", "To", "Cc"} {
		for f := h.FieldsByKey(name); f.Next() && len(p.recipients) < maxParts; {
			for _, a := range addresses(f.Value()) {
				p.recipients = append(p.recipients, auth.Fold(a))
			}
		}
	}
	for f := h.FieldsByKey("Authentication-Results"); f.Next() && len(p.results) < 20; {
		p.results = append(p.results, f.Value())
	}
	submitted := strings.ToLower(strings.TrimSpace(h.Get("Auto-Submitted")))
	p.automatic = submitted != "" && submitted != "no" || h.Has("X-Autoreply") || h.Has("X-Autorespond") ||
		strings.EqualFold(strings.TrimSpace(h.Get("Precedence")), "auto_reply")
	kind, _, _ := h.ContentType()
	p.report = kind == "multipart/report"
}

// sender is the address of the From field, when it holds one alone.
func sender(h message.Header) string {
	f := h.FieldsByKey("From")
	if !f.Next() {
		return ""
	}
	all := addresses(f.Value())
	if len(all) != 1 || f.Next() {
		return ""
	}
	return clean(strings.ToLower(all[0]))
}

var inAngles = regexp.MustCompile(`<([^<>\s]+@[^<>\s]+)>`)

// addresses reads the addresses of a field, and what it can of a broken one.
func addresses(field string) []string {
	if len(field) > maxHeader/8 {
		return nil
	}
	var all []string
	if list, err := (&mail.AddressParser{WordDecoder: &mime.WordDecoder{CharsetReader: charset}}).ParseList(field); err == nil {
		for _, a := range list {
			all = append(all, a.Address)
		}
		return all
	}
	for _, m := range inAngles.FindAllStringSubmatch(field, maxParts) {
		all = append(all, m[1])
	}
	return all
}

// walk visits the parts of a mail. A mail inside a mail is somebody else's, and
// is not visited.
func (p *parsed) walk(e *message.Entity, depth int) {
	r := e.MultipartReader()
	if r == nil {
		p.leaf(e)
		return
	}
	if depth >= maxDepth {
		p.reason = meetings.ReasonUnreadableMail
		return
	}
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return
		}
		p.parts++
		if part == nil || p.parts > maxParts || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
			p.reason = meetings.ReasonUnreadableMail
			return
		}
		p.walk(part, depth+1)
	}
}

func (p *parsed) leaf(e *message.Entity) {
	kind, params, err := e.Header.ContentType()
	if err != nil {
		kind = strings.ToLower(strings.TrimSpace(strings.SplitN(e.Header.Get("Content-Type"), ";", 2)[0]))
	}
	if p.report {
		p.reportPart(e, kind)
	}
	switch {
	case isCalendar(e.Header, kind, params):
		p.calendar(e, params)
	case kind == "text/plain" && !p.plain:
		p.text, p.plain = words(e.Body, params["charset"]), true
	case kind == "text/html" && p.text == "":
		p.text = stripped(words(e.Body, params["charset"]))
	}
}

// isCalendar reports whether a part is a calendar: by its type, or by its name
// where a server made it an anonymous attachment.
func isCalendar(h message.Header, kind string, params map[string]string) bool {
	switch kind {
	case "text/calendar", "application/ics", "text/x-vcalendar":
		return true
	case "application/octet-stream", "text/plain", "application/x-unknown-content-type":
		_, disposition, _ := h.ContentDisposition()
		for _, name := range []string{params["name"], disposition["filename"]} {
			if strings.HasSuffix(strings.ToLower(name), ".ics") {
				return true
			}
		}
	}
	return false
}

func (p *parsed) calendar(e *message.Entity, params map[string]string) {
	if len(p.calendars) >= maxCalendars {
		p.reason = meetings.ReasonUnreadableMail
		return
	}
	data, err := io.ReadAll(io.LimitReader(e.Body, maxCalendar+1))
	switch {
	case len(data) > maxCalendar:
		p.reason = meetings.ReasonTooLarge
		return
	case err != nil:
		p.reason = meetings.ReasonUnreadableMail
		if len(data) == 0 {
			return
		}
	}
	if err == nil {
		p.calendars = append(p.calendars, calendar{strings.ToUpper(params["method"]), decoded(data, params["charset"])})
	}
}

// words reads the start of a text.
func words(r io.Reader, charset string) string {
	raw, _ := io.ReadAll(io.LimitReader(r, maxText)) // what could be read is shown
	text := strings.ToValidUTF8(string(decoded(raw, charset)), "\ufffd")
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(text, "\x00", ""), "\r\n", "\n"))
}

// single are the charsets of one octet a character that mail programs of our
// users send. golang.org/x/text knows more, for a megabyte of tables.
var single = map[string]*charmap.Charmap{
	"iso-8859-1": charmap.Windows1252, "windows-1252": charmap.Windows1252, "cp1252": charmap.Windows1252, "latin1": charmap.Windows1252,
	"iso-8859-15": charmap.ISO8859_15, "iso-8859-2": charmap.ISO8859_2, "windows-1250": charmap.Windows1250, "macintosh": charmap.Macintosh,
}

// decoded is text in UTF-8, as far as its charset is known.
func decoded(raw []byte, charset string) []byte {
	c := single[strings.ToLower(strings.TrimSpace(charset))]
	if c == nil || utf8.Valid(raw) {
		return raw
	}
	out, err := c.NewDecoder().Bytes(raw)
	if err != nil {
		return raw
	}
	return out
}

func charset(name string, r io.Reader) (io.Reader, error) {
	c := single[strings.ToLower(name)]
	if c == nil {
		return nil, errors.New("inbox: unknown charset")
	}
	return c.NewDecoder().Reader(r), nil
}

func decodeWords(s string) string {
	out, err := (&mime.WordDecoder{CharsetReader: charset}).DecodeHeader(s)
	if err != nil {
		return s
	}
	return out
}

var (
	hidden = regexp.MustCompile(`(?is)<(style|script|head|title)\b.*?</(style|script|head|title)>`)
	breaks = regexp.MustCompile(`(?i)<(br|/p|/div|/tr|/h[1-6])\b[^>]*>`)
	tags   = regexp.MustCompile(`<[^>]*>`)
	blank  = regexp.MustCompile(`\n[ \t\n]*\n`)
)

// stripped is the text of an HTML part.
func stripped(page string) string {
	page = breaks.ReplaceAllString(hidden.ReplaceAllString(page, ""), "\n")
	page = html.UnescapeString(tags.ReplaceAllString(page, ""))
	return strings.TrimSpace(blank.ReplaceAllString(page, "\n\n"))
}

// clean keeps a field on one line, valid and bounded.
func clean(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\ufffd")), " ")
	if len(s) > maxField {
		s = strings.ToValidUTF8(s[:maxField], "")
	}
	return s
}
