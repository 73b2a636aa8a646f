package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tick is the unit of /proc/PID/stat: USER_HZ is 100 on every Linux.
const tick = 10 * time.Millisecond

// ownCPU is the processor time this process used so far.
func ownCPU(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// childrenCPU is the processor time used so far by the processes that this one
// started and still run, with theirs: a browser is many.
func childrenCPU(b *testing.B) time.Duration {
	b.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	parent, used := map[int]int{}, map[int]time.Duration{}
	for _, f := range files {
		if raw, err := os.ReadFile(f); err == nil { // else it ended meanwhile
			_, rest, _ := strings.Cut(string(raw), ") ")
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(f)))
			parent[pid], used[pid] = parseStat(b, rest)
		}
	}
	var sum time.Duration
	for pid := range parent {
		for up := parent[pid]; up != 0; up = parent[up] {
			if up == os.Getpid() {
				sum += used[pid]
				break
			}
		}
	}
	return sum
}

// parseStat reads what follows the name in /proc/PID/stat (proc(5)): state,
// parent, nine others, user and system time in ticks.
func parseStat(b *testing.B, rest string) (parent int, used time.Duration) {
	b.Helper()
	var state string
	var user, system int64
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		b.Fatalf("/proc/PID/stat has %d fields", len(fields))
	}
	if _, err := fmt.Sscan(strings.Join([]string{fields[0], fields[1], fields[11], fields[12]}, " "), &state, &parent, &user, &system); err != nil {
		b.Fatal(err)
	}
	return parent, time.Duration(user+system) * tick
}
