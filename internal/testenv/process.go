package testenv

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// process is a server started for tests. It leads a process group of its own.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	out  *logTail
}

// startProcess starts cmd so that it dies with this process. The kernel sends
// that signal when the thread that started the child ends, so the thread is
// held until the child is gone.
func startProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{}), out: &logTail{}}
	cmd.Stdout, cmd.Stderr = p.out, p.out
	cmd.WaitDelay = time.Second
	ownGroup(cmd)
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("testenv: start %s: %w", cmd.Path, err)
	}
	return p, nil
}

// stop sends sig, and after the grace kills the whole group.
func (p *process) stop(sig syscall.Signal, grace time.Duration) {
	_ = p.cmd.Process.Signal(sig)
	select {
	case <-p.done:
	case <-time.After(grace):
	}
	p.kill()
}

// kill ends the whole group at once.
func (p *process) kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
}

// waitReady calls ready every few milliseconds until it succeeds, the process
// ends, or the limit passes.
func (p *process) waitReady(limit time.Duration, ready func() error) error {
	deadline := time.Now().Add(limit)
	for {
		err := ready()
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("testenv: %s not ready after %v: %w\n%s", p.cmd.Path, limit, err, p.out)
		}
		select {
		case <-p.done:
			return errors.Join(fmt.Errorf("testenv: %s ended while starting", p.cmd.Path), errors.New(p.out.String()))
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// logTail keeps the last few kilobytes a process wrote, for the failure
// message.
type logTail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

const logTailSize = 8 << 10

func (l *logTail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf.Write(p)
	if over := l.buf.Len() - logTailSize; over > 0 {
		l.buf.Next(over)
	}
	return len(p), nil
}

func (l *logTail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
