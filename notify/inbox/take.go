package inbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify/mailbox"
)

// Take treats one mail of the mailbox; it is a [mailbox.Handler]. A mail that
// was taken before changes nothing.
func (s *Service) Take(ctx context.Context, m mailbox.Message) (mailbox.Folder, error) {
	const op = "inbox.Take"
	in, err := s.interpret(ctx, m, "")
	if err != nil {
		return "", fault.Wrap(op, err)
	}
	in, err = s.receive(ctx, auth.System(in.Org, "job:mailbox"), in)
	if err != nil {
		return "", fault.Wrap(op, err)
	}
	if in.Status == meetings.InboundReview {
		return mailbox.Review, nil
	}
	return mailbox.Done, nil
}

// Upload takes a mail by hand (an .eml file). Any secretary may. A mail that
// was taken before is returned as it stands, unless it is another team's.
func (s *Service) Upload(ctx context.Context, a auth.Actor, raw []byte) (Mail, error) {
	const op = "inbox.Upload"
	if _, ok := s.scope(a); !ok || a.Admin && !hasSecretary(a) {
		return Mail{}, s.refuse(ctx, op, a, "inbound.upload", meetings.Inbound{})
	}
	if len(raw) == 0 || len(raw) > mailbox.MaxSize {
		var c fault.Check
		c.That(len(raw) > 0, "file", "Un courriel (fichier .eml) est attendu.")
		c.That(len(raw) <= mailbox.MaxSize, "file", "Ce courriel est trop gros.")
		return Mail{}, c.Err(op)
	}
	in, err := s.interpret(ctx, mailbox.Message{Raw: raw, Size: int64(len(raw)), Received: s.Now()}, a.Org)
	if err != nil {
		return Mail{}, fault.Wrap(op, err)
	}
	machine := a
	machine.System = true
	if in, err = s.receive(ctx, machine, in); err != nil {
		return Mail{}, fault.Wrap(op, err)
	}
	if !in.For(a) {
		return Mail{}, s.refuse(ctx, op, a, "inbound.read", in)
	}
	return withText(in), nil
}

// receive has a mail weighed and kept. One whose weighing panics goes to a
// human: it must not come back for ever.
func (s *Service) receive(ctx context.Context, a auth.Actor, in meetings.Inbound) (out meetings.Inbound, err error) {
	defer func() {
		if recover() != nil {
			in.Status, in.Reason, in.Replies = meetings.InboundReview, meetings.ReasonDefect, nil
			out, _, err = s.Meetings.Receive(ctx, a, in)
		}
	}()
	out, _, err = s.Meetings.Receive(ctx, a, in)
	return out, err
}

func hasSecretary(a auth.Actor) bool {
	return slices.ContainsFunc(a.TeamIDs(), func(t id.Team) bool { return a.In(t, auth.Secretary) })
}

// safely takes a mail apart; a fault of ours makes it one for a human.
func safely(raw []byte) (p *parsed) {
	defer func() {
		if recover() != nil {
			p = &parsed{reason: meetings.ReasonDefect}
		}
	}()
	return parse(raw)
}

// interpret makes the row of a mail: what it says, whose it is, and, when its
// answers need no weighing, what becomes of it.
func (s *Service) interpret(ctx context.Context, m mailbox.Message, org id.Org) (meetings.Inbound, error) {
	p := safely(m.Raw)
	u := understand(p)
	in := meetings.Inbound{
		ID: id.New[id.Inbound](), Org: org, Digest: digest(m), MessageID: p.messageID, Sender: p.sender, Subject: p.subject,
		At: m.Received, Replies: u.replies, Raw: m.Raw,
	}
	if in.At.IsZero() || in.At.After(s.Now()) {
		in.At = s.Now()
	}
	if in.Raw == nil {
		in.Raw = []byte{}
	}
	in.Status, in.Reason = p.judge(u, s.AuthServ)
	if m.Truncated {
		in.Status, in.Reason, in.Replies = meetings.InboundReview, meetings.ReasonTooLarge, nil
	}
	if err := s.address(ctx, &in, p, u); err != nil {
		return in, err
	}
	if err := s.reported(ctx, &in, p); err != nil {
		return in, err
	}
	return in, s.repeated(ctx, &in)
}

// digest names a mail by its octets and, of one that was cut, its length.
func digest(m mailbox.Message) string {
	h := sha256.New()
	h.Write(m.Raw)
	if m.Truncated {
		h.Write([]byte("\x00" + strconv.FormatInt(m.Size, 10)))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// address finds whose mail it is: by the object it names, by the address it
// was sent to, else the oldest organisation's.
func (s *Service) address(ctx context.Context, in *meetings.Inbound, p *parsed, u understood) error {
	if uid := u.firstUID(); uid != "" {
		o, err := s.Store.ObjectByUID(ctx, uid)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err == nil && (in.Org == "" || in.Org == o.Org) {
			in.Org, in.Series, in.Meeting = o.Org, o.Series, o.Meeting
		}
	}
	orgs, err := s.Store.Orgs(ctx)
	if err != nil {
		return err
	}
	for _, o := range orgs {
		if in.Org != "" && in.Org != o.ID {
			continue
		}
		if err := s.addressTeam(ctx, in, o.ID, p); err != nil || in.Team != "" {
			return err
		}
	}
	if in.Org == "" && len(orgs) > 0 {
		in.Org = orgs[0].ID
	}
	if in.Org == "" {
		return fault.Errorf("inbox.address", "no organisation yet")
	}
	return nil
}

// addressTeam finds the team of an organisation that a mail was sent to. What
// it sent itself to its own mailbox is known, and needs nobody.
func (s *Service) addressTeam(ctx context.Context, in *meetings.Inbound, org id.Org, p *parsed) error {
	teams, err := s.Store.Teams(ctx, org)
	if err != nil {
		return err
	}
	for _, t := range teams {
		address := auth.Fold(t.OrganizerAddress)
		if address == "" {
			continue
		}
		if in.Reason == meetings.ReasonNotAnAnswer && address == p.sender && (in.Series != "" || in.Meeting != "") {
			in.Status = meetings.InboundIgnored
		}
		if slices.Contains(p.recipients, address) && in.Team == "" {
			in.Org, in.Team = org, t.ID
		}
	}
	return nil
}

// repeated finds a mail that came twice, by Message-ID and what it answers: on
// the way its other headers can have changed.
func (s *Service) repeated(ctx context.Context, in *meetings.Inbound) error {
	if in.MessageID == "" || len(in.Replies) == 0 {
		return nil
	}
	same, err := s.Store.SameMessage(ctx, in.Org, in.MessageID)
	if err != nil {
		return err
	}
	mine, err := json.Marshal(in.Replies)
	if err != nil {
		return err
	}
	for _, m := range same {
		if theirs, err := json.Marshal(m.Replies); err == nil && m.Digest != in.Digest && string(theirs) == string(mine) &&
			m.Reason != meetings.ReasonNotAuthenticated {
			in.Status, in.Reason = meetings.InboundIgnored, meetings.ReasonDuplicate
			return nil
		}
	}
	return nil
}
