package notify

import (
	"bytes"
	"encoding/base64"
	"mime"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"

	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/meetings/ical"
)

// Draft is a mail before it is put into its RFC 5322 form.
type Draft struct {
	From, FromName string
	To, ToName     string
	Subject        string
	MessageID      string // without angle brackets
	Date           time.Time
	Text, HTML     string
	Method         ical.Method // of Calendar
	Calendar       []byte
	Files          []File
}

// File is an attachment. Its name never says of whom it tells.
type File struct {
	Name string
	Type string
	Data []byte
}

// Compose writes the mail. With a calendar object its form is the one every
// client shows buttons for: multipart/mixed[ multipart/alternative[ text/plain,
// text/html, text/calendar ], application/ics ], the calendar last and its
// method parameter equal to the METHOD inside. Every part is base64, and the
// same draft gives the same bytes.
func Compose(d Draft) ([]byte, error) {
	const op = "notify.Compose"
	if err := d.check(); err != nil {
		return nil, fault.Wrap(op, err)
	}
	var b bytes.Buffer
	w, err := message.CreateWriter(&b, d.header())
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	if err := d.writeMixed(w); err != nil {
		return nil, fault.Wrap(op, err)
	}
	if err := w.Close(); err != nil {
		return nil, fault.Wrap(op, err)
	}
	return b.Bytes(), nil
}

func (d Draft) check() error {
	if !Usable(d.From) || !Usable(d.To) {
		return fault.New(fault.Invalid, "notify", "Adresse de messagerie inutilisable.")
	}
	if d.Calendar != nil && methodOf(d.Calendar) != string(d.Method) {
		return fault.Errorf("notify", "the calendar object's METHOD is not %s", d.Method)
	}
	return nil
}

// methodOf reads the METHOD of a calendar object we made.
func methodOf(calendar []byte) string {
	for line := range strings.Lines(string(calendar)) {
		if m, ok := strings.CutPrefix(line, "METHOD:"); ok {
			return strings.TrimSpace(m)
		}
	}
	return ""
}

func (d Draft) header() message.Header {
	var h mail.Header
	h.SetContentType("multipart/mixed", map[string]string{"boundary": d.boundary("mixed")})
	h.Set("Auto-Submitted", "auto-generated") // RFC 3834: no vacation answers
	h.Set("Subject", encoded(oneLine(d.Subject)))
	h.Set("To", mailbox(d.ToName, d.To))
	h.Set("From", mailbox(d.FromName, d.From))
	h.SetMessageID(d.MessageID)
	h.SetDate(d.Date.UTC())
	return h.Header
}

// boundary is derived from the Message-ID. It cannot occur in base64.
func (d Draft) boundary(part string) string { return "=_" + part + "_" + digest(d.MessageID, part) }

// oneLine puts words on one line. The no-break spaces of French stay.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f'
	}), " ")
}

// wordBytes is how much an encoded word holds: with the name of its field it
// stays within the 76 characters of RFC 2047 section 2. Longer ones make
// go-message give up folding.
const wordBytes = 33

// encoded writes s for a header, as encoded words (RFC 2047) unless it is
// plain.
func encoded(s string) string {
	if mime.BEncoding.Encode("utf-8", s) == s {
		return s
	}
	var words []string
	for s = strings.ToValidUTF8(s, "\ufffd"); s != ""; {
		n := min(wordBytes, len(s))
		for n < len(s) && !utf8.RuneStart(s[n]) {
			n--
		}
		words = append(words, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return strings.Join(words, " ")
}

// mailbox writes a name and its address.
func mailbox(name, address string) string {
	name, address = oneLine(name), strings.TrimSpace(address)
	if words := encoded(name); words != name {
		return words + " <" + address + ">"
	}
	return (&mail.Address{Name: name, Address: address}).String()
}

func (d Draft) writeMixed(w *message.Writer) error {
	alternative, err := w.CreatePart(partHeader("multipart/alternative", "boundary", d.boundary("alternative")))
	if err != nil {
		return err
	}
	if err := d.writeAlternative(alternative); err != nil {
		return err
	}
	if err := alternative.Close(); err != nil {
		return err
	}
	files := d.Files
	if d.Calendar != nil {
		files = append([]File{{Name: "invitation.ics", Type: "application/ics", Data: d.Calendar}}, files...)
	}
	for _, f := range files {
		h := partHeader(f.Type, "name", f.Name)
		h.SetContentDisposition("attachment", map[string]string{"filename": f.Name})
		if err := writePart(w, h, f.Data); err != nil {
			return err
		}
	}
	return nil
}

func (d Draft) writeAlternative(w *message.Writer) error {
	if err := writePart(w, partHeader("text/plain", "charset", "UTF-8"), crlf(d.Text)); err != nil {
		return err
	}
	if err := writePart(w, partHeader("text/html", "charset", "UTF-8"), crlf(d.HTML)); err != nil {
		return err
	}
	if d.Calendar == nil {
		return nil
	}
	var h message.Header
	h.Set("Content-Type", d.Method.ContentType())
	return writePart(w, h, d.Calendar)
}

func partHeader(mediaType, param, value string) message.Header {
	var h message.Header
	h.Set("Content-Type", mime.FormatMediaType(mediaType, map[string]string{param: value}))
	return h
}

func writePart(w *message.Writer, h message.Header, data []byte) error {
	h.Set("Content-Transfer-Encoding", "base64")
	p, err := w.CreatePart(h)
	if err != nil {
		return err
	}
	if _, err := p.Write(data); err != nil {
		return err
	}
	return p.Close()
}

func crlf(s string) []byte {
	return []byte(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n"))
}
