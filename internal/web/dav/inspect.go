package dav

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"
)

// The limits of a request. Programs ask for forty properties at most, and for
// every object of a calendar at once.
const (
	maxBody   = 1 << 20 // bytes
	maxDepth  = 16
	maxHrefs  = 4096
	maxOthers = 256 // elements that are no href
	maxRepeat = 3   // of one property: each is answered for every object
)

// refusal is why a request is not read.
type refusal struct {
	status       int
	precondition string
}

// body is a request's content, read whole.
type body struct{ *bytes.Reader }

func (body) Close() error { return nil }

// inspect reads the request's content and checks its limits before anything
// parses it into a tree, and that the library has an answer to it.
func inspect(c *gin.Context) (body, *refusal) {
	if no := finite(c.Request); no != nil {
		return body{}, no
	}
	raw, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxBody))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return body{}, &refusal{http.StatusRequestEntityTooLarge, ""}
	case err != nil:
		return body{}, &refusal{http.StatusBadRequest, ""}
	case len(bytes.TrimSpace(raw)) == 0 && c.Request.Method == propfind: // RFC 4918 section 9.1: all properties
		return body{bytes.NewReader(nil)}, nil
	}
	if no := measure(raw, c.Request.Method); no != nil {
		return body{}, no
	}
	return body{bytes.NewReader(raw)}, nil
}

// finite refuses a PROPFIND of everything at once (RFC 4918 section 9.1); one
// that does not say how deep asks for that.
func finite(r *http.Request) *refusal {
	if r.Method != propfind {
		return nil
	}
	switch r.Header.Get("Depth") {
	case "0", "1":
		return nil
	case "", "infinity":
		return &refusal{http.StatusForbidden, "propfind-finite-depth"}
	}
	return &refusal{http.StatusBadRequest, ""}
}

// measure walks the tokens without keeping any.
func measure(raw []byte, method string) *refusal {
	m := meter{seen: map[xml.Name]int{}}
	in := xml.NewDecoder(bytes.NewReader(raw))
	for {
		tok, err := in.Token()
		if errors.Is(err, io.EOF) && m.root.Local != "" {
			break
		}
		if err != nil || !m.take(tok) {
			return &refusal{http.StatusBadRequest, ""}
		}
	}
	if method == report && !answerable(m.root) {
		return &refusal{http.StatusForbidden, "supported-report"} // RFC 3253 section 3.6
	}
	return nil
}

const (
	nsDAV    = "DAV:"
	nsCalDAV = "urn:ietf:params:xml:ns:caldav"
)

// answerable reports whether the library knows a report (RFC 4791 section 7).
func answerable(root xml.Name) bool {
	return root.Space == nsCalDAV && (root.Local == "calendar-query" || root.Local == "calendar-multiget")
}

// meter counts what a document holds.
type meter struct {
	root          xml.Name
	depth         int
	hrefs, others int
	seen          map[xml.Name]int
}

// take reports whether the document is still within the limits. A DOCTYPE is
// not: nothing here needs one.
func (m *meter) take(tok xml.Token) bool {
	switch tok := tok.(type) {
	case xml.Directive:
		return false
	case xml.EndElement:
		m.depth--
	case xml.StartElement:
		return m.open(tok.Name)
	}
	return true
}

func (m *meter) open(name xml.Name) bool {
	if m.root.Local == "" {
		m.root = name
	}
	m.depth++
	if name == (xml.Name{Space: nsDAV, Local: "href"}) {
		m.hrefs++
	} else {
		m.others++
	}
	if name.Space != nsCalDAV || name.Local == "calendar-data" { // the words of a filter may come again
		m.seen[name]++
	}
	return m.depth <= maxDepth && m.hrefs <= maxHrefs && m.others <= maxOthers &&
		(name.Local == "href" || m.seen[name] <= maxRepeat)
}
