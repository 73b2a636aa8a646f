// Package testenv gives tests the real things they need: a PostgreSQL
// database, a Redis server, an SMTP server that records what it receives, a
// Postfix that delivers to a Dovecot, a headless Chromium.
//
// Three things always hold. Everything listens on 127.0.0.1, on a port that
// was free. Everything stops with the test, or at the latest with the test
// process, even when that process is killed. And nothing is ever skipped: a
// missing program fails the test with the Debian package that brings it.
//
// Only tests import this package; it holds no rule of the domain.
package testenv

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Main runs the tests of a package, stops the servers they shared and exits.
// Call it from TestMain in a package that uses [Postgres], so that the
// cluster's folder is removed at once; without it the servers still stop with
// the process, and the next run removes the folder. What comes after the tests,
// such as printing what they measured, is called last.
func Main(m *testing.M, after ...func()) {
	code := m.Run()
	stopCluster()
	for _, f := range after {
		f()
	}
	os.Exit(code)
}

// Program returns the path of an installed program, or fails the test with
// the Debian package that brings it.
func Program(t testing.TB, name string) string {
	t.Helper()
	path, err := lookProgram(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Shared returns the folder of real input named by RCP_SHARED, and whether
// there is one. The project's own tests pass without it.
func Shared() (dir string, ok bool) {
	dir = os.Getenv("RCP_SHARED")
	if dir == "" {
		return "", false
	}
	info, err := os.Stat(dir)
	return dir, err == nil && info.IsDir()
}

// lookProgram searches the path, then the folder where Debian keeps the
// PostgreSQL server programs.
func lookProgram(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	found, err := filepath.Glob(filepath.Join("/usr/lib/postgresql/*/bin", name))
	if err == nil && len(found) > 0 {
		return found[len(found)-1], nil
	}
	return "", fmt.Errorf("testenv: %s is not installed: run .ci/install as root, or apt-get install %s", name, debianPackage(name))
}

func debianPackage(program string) string {
	switch program {
	case "initdb", "postgres", "psql", "pg_dump":
		return "postgresql"
	case "dovecot":
		return "dovecot-imapd"
	case "postconf":
		return "postfix"
	case "pdftotext", "pdftoppm", "pdfinfo":
		return "poppler-utils"
	default:
		return program
	}
}

// freePort returns a TCP port of 127.0.0.1 that was free a moment ago.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("testenv: find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
