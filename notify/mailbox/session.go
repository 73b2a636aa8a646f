package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

// errLost says that the connection is of no more use: the box begins anew.
var errLost = errors.New("connection lost")

// errGone says that a message was expunged while we asked for it.
var errGone = errors.New("the message has gone")

// errNoPassword says that the server wants another kind of login.
var errNoPassword = errors.New("the server offers no login with a password")

// session is one connection, logged in, with its folders made.
type session struct {
	client   *imapclient.Client
	conn     net.Conn
	limits   limits
	caps     imap.CapSet
	folders  map[Folder]string // by the names they have on the server
	validity uint32            // UIDVALIDITY of the inbox
	marked   map[string]bool   // of the box
	arrived  chan struct{}     // holds one element when the server spoke of new mail
}

// connect opens a session within the dial limit.
func connect(ctx context.Context, to server, l limits) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, l.dial)
	defer cancel()
	conn, err := dial(ctx, to)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	s := &session{conn: conn, limits: l, arrived: make(chan struct{}, 1)}
	for _, step := range []func() error{
		func() error { return s.open(ctx, to) },
		func() error { return s.login(ctx, to) },
		func() error { return s.makeFolders(ctx) },
	} {
		if err := step(); err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

func dial(ctx context.Context, to server) (net.Conn, error) {
	if to.security == implicitTLS {
		return (&tls.Dialer{Config: to.tls}).DialContext(ctx, "tcp", to.addr())
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", to.addr())
}

// open hands the connection to the client library, over STARTTLS if need be.
func (s *session) open(ctx context.Context, to server) error {
	options := &imapclient.Options{
		TLSConfig:             to.tls,
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: s.hear},
	}
	client, err := within(ctx, s.conn, s.limits.command, func() (*imapclient.Client, error) {
		if to.security == startTLS {
			return imapclient.NewStartTLS(s.conn, options)
		}
		c := imapclient.New(s.conn, options)
		return c, c.WaitGreeting()
	})
	if err != nil {
		return fmt.Errorf("open: %w", clean(err))
	}
	s.client = client
	return nil
}

// login proves who we are, then asks what the server can do: before the login
// it says less, and the library may still hold that answer.
func (s *session) login(ctx context.Context, to server) error {
	caps, err := s.capabilities(ctx)
	if err != nil {
		return err
	}
	err = s.do(ctx, s.limits.command, func(c *imapclient.Client) error {
		if caps.Has(imap.AuthCap(sasl.Plain)) {
			return c.Authenticate(sasl.NewPlainClient("", to.user, to.password))
		}
		if caps.Has(imap.CapLoginDisabled) {
			return errNoPassword
		}
		return c.Login(to.user, to.password).Wait()
	})
	if err != nil {
		return fmt.Errorf("login: %w", err)
	}
	s.caps, err = s.capabilities(ctx)
	return err
}

func (s *session) capabilities(ctx context.Context) (imap.CapSet, error) {
	return ask(ctx, s, s.limits.command, func(c *imapclient.Client) (imap.CapSet, error) { return c.Capability().Wait() })
}

// makeFolders finds the names of our folders on this server, under its prefix
// and with its separator, and makes those that are missing.
func (s *session) makeFolders(ctx context.Context) error {
	prefix, separator, err := s.namespace(ctx)
	if err != nil {
		return err
	}
	s.folders = map[Folder]string{}
	for _, f := range []Folder{Done, Review} {
		s.folders[f] = prefix + strings.ReplaceAll(string(f), ".", separator)
		if err := s.makeFolder(ctx, s.folders[f]); err != nil {
			return fmt.Errorf("make a folder: %w", err)
		}
	}
	return nil
}

// namespace returns the prefix of a person's own folders (RFC 2342) and what
// separates a folder from its parent, "-" where folders have no parents.
func (s *session) namespace(ctx context.Context) (prefix, separator string, err error) {
	own, err := ask(ctx, s, s.limits.command, func(c *imapclient.Client) (imap.NamespaceDescriptor, error) {
		if s.caps.Has(imap.CapNamespace) {
			found, err := c.Namespace().Wait()
			if err != nil || len(found.Personal) == 0 {
				return imap.NamespaceDescriptor{}, err
			}
			return found.Personal[0], nil
		}
		root, err := c.List("", "", nil).Collect()
		if err != nil || len(root) == 0 {
			return imap.NamespaceDescriptor{}, err
		}
		return imap.NamespaceDescriptor{Delim: root[0].Delim}, nil
	})
	if err != nil || own.Delim == 0 {
		return own.Prefix, "-", err
	}
	return own.Prefix, string(own.Delim), nil
}

func (s *session) makeFolder(ctx context.Context, name string) error {
	exists := func() (bool, error) {
		return ask(ctx, s, s.limits.command, func(c *imapclient.Client) (bool, error) {
			found, err := c.List("", name, nil).Collect()
			return len(found) > 0, err
		})
	}
	if found, err := exists(); err != nil || found {
		return err
	}
	err := s.do(ctx, s.limits.command, func(c *imapclient.Client) error { return c.Create(name, nil).Wait() })
	if err != nil && !errors.Is(err, errLost) {
		if found, listed := exists(); found && listed == nil {
			err = nil // another replica was quicker
		}
	}
	if err != nil {
		return err
	}
	// So that mail programs show it; without, it only has to be searched for.
	_ = s.do(ctx, s.limits.command, func(c *imapclient.Client) error { return c.Subscribe(name).Wait() })
	return nil
}

// selectInbox opens the inbox anew and notes its UIDVALIDITY, which servers
// change when they lose track of their UIDs (RFC 9051 section 2.3.1.1).
func (s *session) selectInbox(ctx context.Context, name string) error {
	data, err := ask(ctx, s, s.limits.command, func(c *imapclient.Client) (*imap.SelectData, error) {
		return c.Select(name, nil).Wait()
	})
	if err != nil {
		return fmt.Errorf("select the inbox: %w", err)
	}
	s.validity = data.UIDValidity
	return nil
}

func (s *session) examine(ctx context.Context, name string) error {
	return s.do(ctx, s.limits.command, func(c *imapclient.Client) error {
		_, err := c.Select(name, &imap.SelectOptions{ReadOnly: true}).Wait()
		return err
	})
}

// hear is called by the library when the server speaks of the mailbox.
func (s *session) hear(data *imapclient.UnilateralDataMailbox) {
	if data.NumMessages == nil {
		return
	}
	select {
	case s.arrived <- struct{}{}:
	default:
	}
}

func (s *session) calm() {
	select {
	case <-s.arrived:
	default:
	}
}

// idle listens until the server speaks of new mail, for no longer than most.
func (s *session) idle(ctx context.Context, most time.Duration) error {
	listening, err := ask(ctx, s, s.limits.command, func(c *imapclient.Client) (*imapclient.IdleCommand, error) { return c.Idle() })
	if err != nil {
		return err
	}
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-s.arrived:
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err() // the connection is dropped
	case <-s.client.Closed():
		return errLost
	}
	return s.do(ctx, s.limits.command, func(*imapclient.Client) error {
		return errors.Join(listening.Close(), listening.Wait())
	})
}

func (s *session) close() { s.conn.Close() }

func (s *session) do(ctx context.Context, limit time.Duration, f func(*imapclient.Client) error) error {
	_, err := ask(ctx, s, limit, func(c *imapclient.Client) (struct{}, error) { return struct{}{}, f(c) })
	return err
}

// ask runs one command within a limit.
func ask[T any](ctx context.Context, s *session, limit time.Duration, f func(*imapclient.Client) (T, error)) (T, error) {
	got, err := within(ctx, s.conn, limit, func() (T, error) { return f(s.client) })
	return got, clean(err)
}

// within runs f for no longer than limit: then, or when ctx ends, it closes
// the connection, which ends f. The library is a beta whose waits do not all
// end so, hence f is left behind if it still does not return.
func within[T any](ctx context.Context, conn net.Conn, limit time.Duration, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		r.err = guarded("imap", func() (err error) { r.value, err = f(); return err })
		done <- r
	}()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		conn.Close()
		var none T
		return none, fmt.Errorf("%w: %w", errLost, context.Cause(ctx))
	}
}

// clean keeps of an error what may be logged. A server's refusal leaves the
// connection in use; after anything else it is lost. The texts of server and
// parser are left out: they can quote addresses and mail.
func clean(err error) error {
	var refusal *imap.Error
	var network net.Error
	switch {
	case err == nil, errors.Is(err, errLost), errors.Is(err, errNoPassword):
		return err
	case errors.As(err, &refusal):
		return refused(refusal)
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: %w", errLost, err)
	default:
		return fmt.Errorf("%w: the server was not understood (%T)", errLost, err)
	}
}

// refused names a refusal. A folder that has gone (TRYCREATE, RFC 9051 section
// 7.1) is made when the box connects anew.
func refused(r *imap.Error) error {
	err := fmt.Errorf("the server answered %s %s", r.Type, r.Code)
	switch r.Code {
	case imap.ResponseCodeTryCreate:
		return fmt.Errorf("%w: %w", errLost, err)
	case "EXPUNGEISSUED": // RFC 5530 section 3
		return fmt.Errorf("%w: %w", errGone, err)
	}
	return err
}
