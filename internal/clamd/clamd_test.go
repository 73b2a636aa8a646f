package clamd

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/agenda/papers"
)

// daemon speaks INSTREAM as clamd(8) does: what holds EICAR is found, what is
// longer than limit is refused while it is sent, and "silent" gets no answer.
func daemon(t *testing.T, network, address string, limit int) net.Listener {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go answer(conn, limit)
		}
	}()
	return l
}

func answer(conn net.Conn, limit int) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	if command, err := r.ReadString(0); err != nil || command != "zINSTREAM\x00" {
		_, _ = io.WriteString(conn, "UNKNOWN COMMAND\x00")
		return
	}
	var got bytes.Buffer
	for {
		var n uint32
		if binary.Read(r, binary.BigEndian, &n) != nil {
			return
		}
		if n == 0 {
			break
		}
		if _, err := io.CopyN(&got, r, int64(n)); err != nil {
			return
		}
		if got.Len() > limit {
			_, _ = io.WriteString(conn, "INSTREAM size limit exceeded. ERROR\x00")
			_, _ = io.Copy(io.Discard, r) // closing at once could take the answer back
			return
		}
	}
	switch {
	case strings.Contains(got.String(), "EICAR"):
		_, _ = io.WriteString(conn, "stream: Win.Test.EICAR_HDB-1 FOUND\x00")
	case strings.Contains(got.String(), "silent"):
		_, _ = r.ReadByte() // until the client has waited enough
	case strings.Contains(got.String(), "odd"):
		_, _ = io.WriteString(conn, "what?\x00")
	default:
		_, _ = io.WriteString(conn, "stream: OK\x00")
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	sock := filepath.Join(t.TempDir(), "clamd.sock")
	daemon(t, "unix", sock, 1<<20)
	tcp := daemon(t, "tcp", "127.0.0.1:0", 1<<20).Addr().String()
	for _, address := range []string{sock, tcp} {
		c := New(address, 2*time.Second)
		for name, tt := range map[string]struct {
			send  []byte
			found string
			fails bool
		}{
			"clean":     {[]byte("a letter"), "", false},
			"empty":     {nil, "", false},
			"long":      {bytes.Repeat([]byte("x"), 5*chunk+1), "", false},
			"virus":     {append(bytes.Repeat([]byte("x"), chunk-2), "EICAR"...), "Win.Test.EICAR_HDB-1", false},
			"odd":       {[]byte("odd"), "", true},
			"too large": {make([]byte, 1<<20+1), "", true},
		} {
			found, err := c.Scan(t.Context(), tt.send)
			if found != tt.found || (err != nil) != tt.fails || errors.Is(err, papers.ErrUnreachable) {
				t.Errorf("%s by %s: %q, %v", name, c.network, found, err)
			}
		}
	}
}

func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	l := daemon(t, "tcp", "127.0.0.1:0", 1<<20)
	begun := time.Now()
	if _, err := New(l.Addr().String(), 200*time.Millisecond).Scan(t.Context(), []byte("silent")); !errors.Is(err, papers.ErrUnreachable) {
		t.Errorf("silence: %v", err)
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("waited %s", took)
	}
	_ = l.Close()
	if found, err := New(l.Addr().String(), 0).Scan(t.Context(), nil); !errors.Is(err, papers.ErrUnreachable) || found != "" {
		t.Errorf("gone: %q, %v", found, err)
	}
}
