package testenv

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Postgres returns the URL of a new, empty database, dropped when the test
// ends. All tests of a process share one cluster, started by the first call.
func Postgres(t testing.TB) (dsn string) {
	t.Helper()
	c, err := shared.get()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("rcp_%d", shared.databases.Add(1))
	if err := c.exec("CREATE DATABASE " + name); err != nil {
		t.Fatalf("testenv: create database: %v", err)
	}
	t.Cleanup(func() {
		if err := c.exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("testenv: drop database: %v", err)
		}
	})
	return c.url(name)
}

// shared is the one cluster of this process: starting one takes a second, and
// tests of a package run side by side. Main stops it.
var shared sharedCluster

type sharedCluster struct {
	once      sync.Once
	cluster   *cluster
	err       error
	databases atomic.Int64
}

func (s *sharedCluster) get() (*cluster, error) {
	s.once.Do(func() { s.cluster, s.err = startCluster() })
	return s.cluster, s.err
}

// stopCluster stops the shared cluster, and keeps a later call from starting
// another.
func stopCluster() {
	shared.once.Do(func() { shared.err = errors.New("testenv: the cluster is stopped") })
	if shared.cluster != nil {
		shared.cluster.stop()
	}
}

// cluster is one running PostgreSQL server and its folder.
type cluster struct {
	dir     string
	port    int
	process *process
}

// clusterPrefix opens the name of a cluster's folder; the process id that
// owns it follows.
const clusterPrefix = "rcp-postgres-"

func startCluster() (*cluster, error) {
	sweepClusters(os.TempDir())
	initdb, err := lookProgram("initdb")
	if err != nil {
		return nil, err
	}
	owner, err := clusterOwner()
	if err != nil {
		return nil, err
	}
	dir, err := owner.mkdir()
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir}
	cmd := owner.command(initdb, "--pgdata", c.data(), "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
	if out, err := cmd.CombinedOutput(); err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("testenv: initdb: %w\n%s", err, out)
	}
	if initdb, err = filepath.EvalSymlinks(initdb); err != nil {
		return nil, fmt.Errorf("testenv: find postgres beside initdb: %w", err)
	}
	postgres := filepath.Join(filepath.Dir(initdb), "postgres")
	// Another process can take the free port first, so try more than once.
	for range 3 {
		if err = c.start(owner, postgres); err == nil {
			return c, nil
		}
	}
	os.RemoveAll(dir)
	return nil, err
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

// start runs the server. What makes a database survive a power cut is off:
// a test's database need not.
func (c *cluster) start(owner clusterUser, postgres string) (err error) {
	if c.port, err = freePort(); err != nil {
		return err
	}
	cmd := owner.command(
		postgres, "-D", c.data(), "-k", c.dir,
		"-c", "listen_addresses=127.0.0.1", "-c", "port="+strconv.Itoa(c.port),
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
		"-c", "max_connections=200", "-c", "shared_buffers=64MB", "-c", "autovacuum=off",
	)
	if c.process, err = startProcess(cmd); err != nil {
		return err
	}
	err = c.process.waitReady(30*time.Second, func() error { return c.exec("SELECT 1") })
	if err != nil {
		c.process.stop(syscall.SIGQUIT, 5*time.Second)
	}
	return err
}

func (c *cluster) stop() {
	c.process.stop(syscall.SIGINT, 10*time.Second)
	os.RemoveAll(c.dir)
}

func (c *cluster) url(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", c.port, database)
}

// exec runs one statement in the maintenance database.
func (c *cluster) exec(sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.url("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

// clusterUser is who the server runs as: initdb and postgres refuse root.
type clusterUser struct {
	root     bool
	uid, gid uint32
}

// clusterOwner is the present user, or postgres, or nobody when that is root.
func clusterOwner() (clusterUser, error) {
	if os.Geteuid() != 0 {
		return clusterUser{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if errUID == nil && errGID == nil {
			return clusterUser{root: true, uid: uint32(uid), gid: uint32(gid)}, nil
		}
	}
	return clusterUser{}, errors.New("testenv: PostgreSQL refuses root, and there is no user postgres or nobody to run it as")
}

// mkdir makes the cluster's folder. It is outside t.TempDir, whose parents
// another user may not enter.
func (u clusterUser) mkdir() (string, error) {
	dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", clusterPrefix, os.Getpid()))
	if err != nil {
		return "", fmt.Errorf("testenv: make the cluster's folder: %w", err)
	}
	if u.root {
		if err := os.Chown(dir, int(u.uid), int(u.gid)); err != nil {
			return "", fmt.Errorf("testenv: give the cluster's folder away: %w", err)
		}
	}
	return dir, nil
}

func (u clusterUser) command(path string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, args...)
	cmd.Dir = os.TempDir()
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	if u.root {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: u.uid, Gid: u.gid}}
	}
	return cmd
}

// sweepClusters removes the folders in dir of test processes that were killed.
func sweepClusters(dir string) { sweepFolders(dir, clusterPrefix) }
