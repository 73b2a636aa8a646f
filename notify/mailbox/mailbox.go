// Package mailbox reads the organiser's mailbox, where the answers to
// invitations come back: over IMAP (RFC 9051, and RFC 3501 servers) or from a
// Maildir. Each message is shown to a handler and then moved to the folder the
// handler names.
//
// What always holds:
//
//   - a message leaves the inbox only after its handler succeeded, so that a
//     crash, a lost connection or an error loses none: it is shown again, and
//     the handler must know what it already did;
//   - nothing is remembered outside the mailbox: what waits is what lies in the
//     inbox and is not marked deleted, whatever its UIDVALIDITY has become;
//   - several replicas may read one mailbox: a message that another one moved
//     meanwhile is no error, and none is lost; read at the very same time, it
//     can lie twice in its folder, which only costs room;
//   - one message at a time is in memory, and of a huge one only its head;
//   - no wait on a server is without limit;
//   - no error holds an address, a password or a word of a message.
//
// What a message means is left to the handler.
package mailbox

import (
	"context"
	"fmt"
	"time"

	"github.com/rcp-care/rcp/internal/fault"
)

// Sizes of what is read of one message, in octets.
const (
	// MaxSize is the largest message that is read whole.
	MaxSize = 8 << 20
	// HeadSize is how much is read of a larger one.
	HeadSize = 64 << 10
)

// Message is one mail as it lies in the mailbox.
type Message struct {
	// Key names the message inside its mailbox for as long as it stays there:
	// "uidvalidity.uid" over IMAP, the unique part of the file's name in a
	// Maildir.
	Key string
	// Raw is the message with its headers, or its first octets when Truncated.
	Raw       []byte
	Size      int64 // of the whole message, in octets, as the mailbox tells it
	Truncated bool
	Received  time.Time // when it came into the mailbox
}

// Folder is where a handled message goes. Its parts are separated by a dot
// here, and by whatever the server uses there.
type Folder string

// The folders, made when they are missing.
const (
	Done   Folder = "RCP.Traites"
	Review Folder = "RCP.A-voir" // a person has to look at it
)

// Handler treats one message and says where it goes. After an error the
// message stays for the next time. It can be shown the same message again,
// after a crash or a failed move, and two replicas can be shown it at once: it
// must do its work once all the same.
type Handler func(ctx context.Context, m Message) (Folder, error)

// Box is a mailbox. It is used by one goroutine; Poll alone may be called from
// several, which then take turns.
type Box interface {
	// Poll shows the handler everything that waits, oldest first, and returns
	// how many messages were moved. It goes on after a message that failed and
	// returns the first of these errors at the end; it stops early only when
	// the mailbox itself fails or ctx ends.
	Poll(ctx context.Context, h Handler) (n int, err error)
	// Wait returns nil when something may have arrived, after most, or when
	// ctx ends; an error when the mailbox can no longer be watched.
	Wait(ctx context.Context, most time.Duration) error
	Close() error
}

// pass counts one Poll.
type pass struct {
	moved, failed int
	first         error
}

// note keeps the error of one message.
func (p *pass) note(err error) {
	p.failed++
	if p.first == nil {
		p.first = err
	}
}

func (p *pass) end(op string, err error) (int, error) {
	if err == nil && p.failed > 0 {
		err = fmt.Errorf("%d messages stay for the next time, the first because of: %w", p.failed, p.first)
	}
	return p.moved, fault.Wrap(op, err)
}

// show calls the handler and makes an error of a panic: one mail must not end
// the reading of all others.
func show(ctx context.Context, h Handler, m Message) (to Folder, err error) {
	defer func() {
		if v := recover(); v != nil {
			// The panic's value can hold a word of the message.
			err = fault.Errorf("mailbox.show", "the handler panicked with a %T", v)
		}
	}()
	to, err = h(ctx, m)
	if err == nil && to != Done && to != Review {
		err = fault.Errorf("mailbox.show", "no such folder")
	}
	return to, err
}

// pause waits, and reports whether ctx still lives.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
