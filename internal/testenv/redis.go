package testenv

import (
	"bufio"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Redis starts a Redis server for one test and returns its address, host:port,
// and a function that kills it the way a failing machine would. Calling kill
// is not needed: the server stops when the test ends.
func Redis(t testing.TB) (addr string, kill func()) {
	t.Helper()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	return addr, RedisAt(t, addr)
}

// RedisAt starts a Redis server at addr, for instance where one was killed
// before, and returns the function that kills it.
func RedisAt(t testing.TB, addr string) (kill func()) {
	t.Helper()
	path := Program(t, "redis-server")
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--bind", host, "--port", port, "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	p, err := startProcess(cmd)
	if err != nil {
		t.Fatal(err)
	}
	kill = sync.OnceFunc(func() { p.stop(syscall.SIGKILL, 5*time.Second) })
	t.Cleanup(kill)
	if err := p.waitReady(10*time.Second, func() error { return pingRedis(addr) }); err != nil {
		t.Fatal(err)
	}
	return kill
}

func pingRedis(addr string) error {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	if _, err := fmt.Fprint(conn, "PING\r\n"); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	if line != "+PONG\r\n" {
		return fmt.Errorf("testenv: redis answered %q to PING", line)
	}
	return nil
}
