// Package clamd asks a ClamAV daemon whether bytes hold a virus, by the command
// INSTREAM of its protocol (clamd(8), section COMMANDS). One connection a
// document; the daemon keeps nothing.
package clamd

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/rcp-care/rcp/agenda/papers"
	"github.com/rcp-care/rcp/internal/fault"
)

// chunk is how many bytes are sent at a time.
const chunk = 64 << 10

// longestReply is more than a virus's name takes.
const longestReply = 4 << 10

// Client asks one daemon.
type Client struct {
	network, address string
	timeout          time.Duration // of a whole question
}

// New returns a client of "host:port" or of a socket's path, which begins with /.
// A question takes at most timeout; zero is 30 seconds.
func New(address string, timeout time.Duration) *Client {
	c := &Client{network: "tcp", address: address, timeout: timeout}
	if strings.HasPrefix(address, "/") {
		c.network = "unix"
	}
	if c.timeout == 0 {
		c.timeout = 30 * time.Second
	}
	return c
}

// Scan returns what the daemon found, empty for nothing. The error is
// papers.ErrUnreachable when it does not answer, another when it could not
// judge this document.
func (c *Client) Scan(ctx context.Context, b []byte) (found string, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	reply, err := c.ask(ctx, b)
	if err != nil {
		return "", fault.Wrap("clamd.Scan", fmt.Errorf("%w: %w", papers.ErrUnreachable, err))
	}
	return verdict(reply)
}

func (c *Client) ask(ctx context.Context, b []byte) (string, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, c.network, c.address)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	end, _ := ctx.Deadline()
	if err := conn.SetDeadline(end); err != nil {
		return "", err
	}
	sent := send(conn, b)
	// A daemon that has seen enough answers and hangs up before all is sent.
	reply, err := bufio.NewReaderSize(conn, longestReply).ReadSlice(0)
	if err != nil {
		if sent != nil {
			err = sent
		}
		return "", err
	}
	return string(reply[:len(reply)-1]), nil
}

// send writes the command, then chunks under their length, then an empty one.
func send(conn net.Conn, b []byte) error {
	w := bufio.NewWriterSize(conn, chunk+4)
	if _, err := w.WriteString("zINSTREAM\x00"); err != nil {
		return err
	}
	for {
		part := b[:min(len(b), chunk)]
		b = b[len(part):]
		if err := binary.Write(w, binary.BigEndian, uint32(len(part))); err != nil { //nolint:gosec // at most chunk
			return err
		}
		if len(part) == 0 {
			return w.Flush()
		}
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
}

// verdict reads "stream: OK", "stream: NAME FOUND" or "… ERROR".
func verdict(reply string) (found string, err error) {
	_, what, _ := strings.Cut(reply, ": ")
	if what == "OK" {
		return "", nil
	}
	if name, ok := strings.CutSuffix(what, " FOUND"); ok && name != "" {
		return name, nil
	}
	return "", fault.Errorf("clamd.verdict", "the daemon could not judge: %q", reply)
}
