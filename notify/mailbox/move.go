package mailbox

import (
	"bufio"
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-message/textproto"
)

// move brings a message into its folder: in one command where the server has
// MOVE (RFC 6851), otherwise by copying and erasing it. A message that has gone
// is no error.
func (s *session) move(ctx context.Context, uid imap.UID, to Folder) error {
	set := imap.UIDSetNum(uid)
	if s.caps.Has(imap.CapMove) {
		return s.do(ctx, s.limits.command, func(c *imapclient.Client) error {
			_, err := c.Move(set, s.folders[to]).Wait()
			return err
		})
	}
	err := s.do(ctx, s.limits.command, func(c *imapclient.Client) error {
		_, err := c.Copy(set, s.folders[to]).Wait()
		return err
	})
	if err != nil {
		return err
	}
	return s.erase(ctx, uid)
}

// erase takes one message out of the inbox.
func (s *session) erase(ctx context.Context, uid imap.UID) error {
	if !s.caps.Has(imap.CapUIDPlus) {
		s.marked[s.key(uid)] = true
	}
	err := s.do(ctx, s.limits.command, func(c *imapclient.Client) error {
		mark := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
		return c.Store(imap.UIDSetNum(uid), mark, nil).Close()
	})
	if err != nil {
		return err
	}
	return s.expunge(ctx, uid)
}

// expunge ends what erase began. Without UIDPLUS (RFC 4315) EXPUNGE takes every
// message marked deleted, so it is only sent when we marked them all; the mark
// alone keeps a message from being read again.
func (s *session) expunge(ctx context.Context, uid imap.UID) error {
	if s.caps.Has(imap.CapUIDPlus) {
		return s.do(ctx, s.limits.command, func(c *imapclient.Client) error {
			return c.UIDExpunge(imap.UIDSetNum(uid)).Close()
		})
	}
	deleted, err := s.search(ctx, &imap.SearchCriteria{Flag: []imap.Flag{imap.FlagDeleted}})
	if err != nil {
		return err
	}
	foreign := func(u imap.UID) bool { return !s.marked[s.key(u)] }
	if len(deleted) == 0 || slices.ContainsFunc(deleted, foreign) {
		return nil // somebody else's: theirs to expunge
	}
	err = s.do(ctx, s.limits.command, func(c *imapclient.Client) error { return c.Expunge().Close() })
	if err == nil {
		clear(s.marked)
	}
	return err
}

// holds says whether a folder has a copy of a message whose move was never
// answered: one of the same Message-ID and size. It comes back to the inbox.
func (s *session) holds(ctx context.Context, f Folder, e entry, inbox string) (bool, error) {
	id, err := s.messageID(ctx, e.uid)
	if err != nil || id == "" {
		return false, err
	}
	validity := s.validity
	if err := s.examine(ctx, s.folders[f]); err != nil {
		return false, err
	}
	found, err := s.search(ctx, &imap.SearchCriteria{
		Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: id}},
		Larger: e.size - 1, Smaller: e.size + 1,
	})
	if err != nil {
		return false, err
	}
	if err := s.selectInbox(ctx, inbox); err != nil {
		return false, err
	}
	if s.validity != validity {
		return false, errLost // the UID is another message's now
	}
	return len(found) > 0, nil
}

func (s *session) messageID(ctx context.Context, uid imap.UID) (string, error) {
	section := &imap.FetchItemBodySection{
		Specifier: imap.PartSpecifierHeader, HeaderFields: []string{"Message-ID"}, Peek: true,
	}
	return ask(ctx, s, s.limits.command, func(c *imapclient.Client) (string, error) {
		found, err := c.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
		if err != nil || len(found) == 0 {
			return "", err
		}
		header, err := textproto.ReadHeader(bufio.NewReader(bytes.NewReader(found[0].FindBodySection(section))))
		if err != nil {
			return "", nil //nolint:nilerr // an unreadable header has no Message-ID
		}
		return strings.TrimSpace(header.Get("Message-Id")), nil
	})
}
