package inbox

import (
	"bufio"
	"context"
	"io"
	"net/textproto"
	"regexp"
	"slices"
	"strings"

	"github.com/emersion/go-message"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify"
)

// delivery is what a report (RFC 3464) says: of which message, and what became
// of it.
type delivery struct {
	original string // Message-ID of ours, without angle brackets
	action   string // failed, delayed, delivered, relayed, expanded
	said     string // the server's words, without any address
}

// maxStatus bounds what is read of a delivery status and of the mail returned.
const maxStatus = 64 << 10

// reportPart reads what a part of a multipart/report adds.
func (p *parsed) reportPart(e *message.Entity, kind string) {
	switch kind {
	case "message/delivery-status", "message/global-delivery-status":
		p.status(e.Body)
	case "text/rfc822-headers", "message/rfc822", "message/global", "message/global-headers":
		h := fields(e.Body)
		if id := strings.Trim(strings.TrimSpace(h.Get("Message-Id")), "<>"); id != "" && p.delivery.original == "" {
			p.delivery.original = clean(id)
		}
	}
}

// status reads the groups of fields: the message's first, then one for each
// recipient. Ours have one; of several the worst counts.
func (p *parsed) status(body io.Reader) {
	r := textproto.NewReader(bufio.NewReader(io.LimitReader(body, maxStatus)))
	for range maxParts {
		group, err := r.ReadMIMEHeader()
		action := strings.ToLower(strings.TrimSpace(group.Get("Action")))
		if action != "" && (p.delivery.action == "" || action == "failed") {
			p.delivery.action = clean(action)
			p.delivery.said = saidIn(group)
		}
		if err != nil {
			return
		}
	}
}

// saidIn is the server's answer, else the status code: without any address.
func saidIn(group textproto.MIMEHeader) string {
	_, words, found := strings.Cut(group.Get("Diagnostic-Code"), ";")
	if !found || strings.TrimSpace(words) == "" {
		words = group.Get("Status")
	}
	words = clean(addressLike.ReplaceAllString(words, "…"))
	if len(words) > 160 {
		words = strings.ToValidUTF8(words[:160], "") + "…"
	}
	return words
}

var addressLike = regexp.MustCompile(`<[^>]*>|"[^"]*"|\S*@\S*`)

// fields reads the header of a mail that was sent back.
func fields(body io.Reader) textproto.MIMEHeader {
	h, _ := textproto.NewReader(bufio.NewReader(io.LimitReader(body, maxStatus))).ReadMIMEHeader() // as far as it can be read
	return h
}

// reported takes a report about a message of ours: it is kept with the message,
// and the mail needs nobody. One about anything else is left as it was.
func (s *Service) reported(ctx context.Context, in *meetings.Inbound, p *parsed) error {
	d := p.delivery
	if s.Reports == nil || !p.report || d.original == "" || in.Status != meetings.InboundReview {
		return nil
	}
	fates := map[string]notify.Fate{"failed": notify.Failed, "delivered": notify.Delivered}
	fate, final := fates[d.action]
	if !final && !slices.Contains([]string{"delayed", "relayed", "expanded"}, d.action) {
		return nil
	}
	if final {
		by := auth.System(in.Org, "job:mailbox").Change(s.Now(), "message.reported", "message", "")
		m, err := s.Reports.SaveReport(ctx, notify.Report{MessageID: d.original, Fate: fate, Said: d.said, At: in.At}, by)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		in.Org, in.Team, in.Meeting = m.Org, m.Team, m.Meeting
	}
	in.Status, in.Reason = meetings.InboundIgnored, meetings.ReasonReport
	return nil
}
