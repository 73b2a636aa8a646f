package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/rcp-care/rcp/internal/fault"
)

// limits bound every wait on a server, so that one that stalls is left.
type limits struct {
	dial    time.Duration // connect, TLS and login, together
	command time.Duration
	body    time.Duration // one message of MaxSize over a slow line
	idle    time.Duration // RFC 2177: IDLE is ended before 29 minutes
}

func usualLimits() limits {
	return limits{dial: 30 * time.Second, command: 30 * time.Second, body: 5 * time.Minute, idle: 25 * time.Minute}
}

// batch is how many messages are listed with one FETCH.
const batch = 100

// imapBox is a box on a server. It connects when it is polled and drops the
// connection at the first sign of trouble: the next Poll begins anew, with
// whatever the inbox then holds.
type imapBox struct {
	server server
	limits limits

	mu      sync.Mutex
	session *session
	// doubts are, by key, messages whose move was begun and never answered.
	doubts map[string]doubt
	// marked are the keys of messages that we marked deleted and perhaps could
	// not expunge.
	marked map[string]bool
}

// doubt is a message that may have been moved.
type doubt struct {
	uid imap.UID
	to  Folder
}

func newIMAP(s server) *imapBox {
	return &imapBox{server: s, limits: usualLimits(), doubts: map[string]doubt{}, marked: map[string]bool{}}
}

func (b *imapBox) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.session == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	// The server forgets us with or without a farewell.
	_ = b.session.do(ctx, b.limits.command, func(c *imapclient.Client) error { return c.Logout().Wait() })
	b.drop()
	return nil
}

func (b *imapBox) drop() {
	if b.session != nil {
		b.session.close()
		b.session = nil
	}
}

func (b *imapBox) Poll(ctx context.Context, h Handler) (int, error) {
	const op = "mailbox.Poll"
	b.mu.Lock()
	defer b.mu.Unlock()
	var p pass
	err := b.poll(ctx, h, &p)
	if err != nil {
		b.drop()
	}
	if ctx.Err() != nil {
		err = nil // asked to stop: nothing failed
	}
	return p.end(op, err)
}

func (b *imapBox) poll(ctx context.Context, h Handler, p *pass) error {
	if b.session == nil {
		s, err := connect(ctx, b.server, b.limits)
		if err != nil {
			return err
		}
		s.marked = b.marked
		b.session = s
	}
	s := b.session
	s.calm() // what has arrived until now, this pass finds
	if err := s.selectInbox(ctx, b.server.mailbox); err != nil {
		return err
	}
	waiting, err := s.waiting(ctx)
	if err != nil {
		return err
	}
	if err := b.settle(ctx, waiting); err != nil {
		return err
	}
	for len(waiting) > 0 {
		n := min(batch, len(waiting))
		if err := b.treatBatch(ctx, h, waiting[:n], p); err != nil {
			return err
		}
		waiting = waiting[n:]
	}
	return nil
}

// settle ends the doubts about messages that wait no longer: they were moved,
// or copied and marked deleted, and then have to be expunged.
func (b *imapBox) settle(ctx context.Context, waiting []imap.UID) error {
	for key, d := range b.doubts {
		if key == b.session.key(d.uid) {
			if slices.Contains(waiting, d.uid) {
				continue
			}
			if err := b.session.expunge(ctx, d.uid); err != nil {
				return err
			}
		}
		delete(b.doubts, key)
	}
	return nil
}

func (b *imapBox) treatBatch(ctx context.Context, h Handler, uids []imap.UID, p *pass) error {
	entries, err := b.session.list(ctx, uids)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		moved, err := b.treat(ctx, h, e)
		switch {
		case errors.Is(err, errLost):
			return err
		case errors.Is(err, errGone): // another replica, or a person, was quicker
		case err != nil:
			p.note(err)
		case moved:
			p.moved++
		}
	}
	return nil
}

// treat shows one message and moves it. It is no error when the message has
// gone meanwhile.
func (b *imapBox) treat(ctx context.Context, h Handler, e entry) (moved bool, err error) {
	m, found, err := b.session.fetch(ctx, e)
	if err != nil || !found {
		return false, err
	}
	to, err := show(ctx, h, m)
	if err != nil {
		return false, err
	}
	// What is handled is moved even when ctx ends meanwhile.
	ctx = context.WithoutCancel(ctx)
	if err := b.bring(ctx, m.Key, e, to); err != nil {
		return false, err
	}
	return true, nil
}

// bring moves a message, or ends the move that an earlier pass began.
func (b *imapBox) bring(ctx context.Context, key string, e entry, to Folder) error {
	there := false
	if begun, ok := b.doubts[key]; ok {
		var err error
		if there, err = b.session.holds(ctx, begun.to, e, b.server.mailbox); err != nil {
			return err
		}
	}
	finish := func() error { return b.session.erase(ctx, e.uid) }
	if !there {
		b.doubts[key] = doubt{e.uid, to}
		finish = func() error { return b.session.move(ctx, e.uid, to) }
	}
	if err := finish(); err != nil {
		return err
	}
	delete(b.doubts, key)
	return nil
}

// Wait listens with IDLE where the server has it, otherwise it lets the time
// pass.
func (b *imapBox) Wait(ctx context.Context, most time.Duration) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.session == nil || !b.session.caps.Has(imap.CapIdle) {
		pause(ctx, most)
		return nil
	}
	err := b.session.idle(ctx, min(most, b.limits.idle))
	if err != nil {
		b.drop()
	}
	if ctx.Err() != nil {
		return nil
	}
	return fault.Wrap("mailbox.Wait", err)
}

// entry is one message of the inbox before it is read.
type entry struct {
	uid      imap.UID
	size     int64
	received time.Time
}

// waiting returns the UIDs of all that waits, in the order of arrival.
func (s *session) waiting(ctx context.Context) ([]imap.UID, error) {
	return s.search(ctx, &imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagDeleted}})
}

func (s *session) search(ctx context.Context, what *imap.SearchCriteria) ([]imap.UID, error) {
	return ask(ctx, s, s.limits.command, func(c *imapclient.Client) ([]imap.UID, error) {
		found, err := c.UIDSearch(what, nil).Wait()
		if err != nil {
			return nil, err
		}
		return found.AllUIDs(), nil
	})
}

// list reads the sizes of messages. Those that have gone are left out.
func (s *session) list(ctx context.Context, uids []imap.UID) ([]entry, error) {
	entries, err := s.listAll(ctx, uids)
	if errors.Is(err, errGone) { // some have: the others were listed
		err = nil
	}
	return entries, err
}

func (s *session) listAll(ctx context.Context, uids []imap.UID) ([]entry, error) {
	return ask(ctx, s, s.limits.command, func(c *imapclient.Client) ([]entry, error) {
		items := &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true}
		listed, err := c.Fetch(imap.UIDSetNum(uids...), items).Collect()
		entries := map[imap.UID]entry{}
		for _, m := range listed {
			entries[m.UID] = entry{uid: m.UID, size: m.RFC822Size, received: m.InternalDate}
		}
		var found []entry
		for _, uid := range uids {
			if e, ok := entries[uid]; ok {
				found = append(found, e)
			}
		}
		return found, err
	})
}

// body is what FETCH gave of one message.
type body struct {
	raw       []byte
	truncated bool
	found     bool
}

// fetch reads one message, and leaves it unread for other readers
// (BODY.PEEK). It has gone when it is not found.
func (s *session) fetch(ctx context.Context, e entry) (m Message, found bool, err error) {
	section := &imap.FetchItemBodySection{Peek: true}
	if e.size > MaxSize {
		section.Partial = &imap.SectionPartial{Size: HeadSize}
	}
	b, err := ask(ctx, s, s.limits.body, func(c *imapclient.Client) (body, error) {
		cmd := c.Fetch(imap.UIDSetNum(e.uid), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}})
		var b body
		for data := cmd.Next(); data != nil; data = cmd.Next() {
			for item := data.Next(); item != nil; item = data.Next() {
				part, ok := item.(imapclient.FetchItemDataBodySection)
				if !ok {
					continue
				}
				var err error
				if b, err = readBody(part); err != nil {
					// The library would read on, beside its own reader.
					return body{}, err
				}
			}
		}
		return b, cmd.Close()
	})
	m = Message{
		Key: s.key(e.uid), Raw: b.raw, Size: e.size,
		Truncated: b.truncated || section.Partial != nil, Received: e.received,
	}
	return m, b.found, err
}

func readBody(part imapclient.FetchItemDataBodySection) (body, error) {
	if part.Literal == nil { // NIL: the server itself cannot read it
		return body{found: true}, nil
	}
	size := part.Literal.Size()
	raw, err := io.ReadAll(io.LimitReader(part.Literal, most(size)))
	if err != nil {
		return body{}, err
	}
	rest, err := io.Copy(io.Discard, part.Literal)
	if err == nil && int64(len(raw))+rest != size {
		err = io.ErrUnexpectedEOF
	}
	return body{raw: raw, truncated: rest > 0, found: true}, err
}

func (s *session) key(uid imap.UID) string { return fmt.Sprintf("%d.%d", s.validity, uid) }
