package main

import (
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rcp-care/rcp/internal/config"
)

// TestScripts plays testdata/script: the command line as an operator types it.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			for _, name := range []string{"tddui.json", "abime.json"} { // of careplan/fhir
				raw, err := os.ReadFile(filepath.Join("../../careplan/fhir/testdata", name))
				if err != nil {
					return err
				}
				if err := os.WriteFile(filepath.Join(e.WorkDir, name), raw, 0o600); err != nil {
					return err
				}
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "gzip": gzipFile, "flip": flipByte, "sql": runSQL, "demo": makeDemo,
		},
	})
}

// exits CODE COMMAND… holds a command to its exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, code := args[0], "0"
	err := ts.Exec(args[1], args[2:]...)
	if ended := (*exec.ExitError)(nil); errors.As(err, &ended) {
		code = strconv.Itoa(ended.ExitCode())
	} else {
		ts.Check(err)
	}
	if code != want {
		ts.Fatalf("exit code %s, want %s", code, want)
	}
}

// gzip FROM TO compresses a file.
func gzipFile(ts *testscript.TestScript, _ bool, args []string) {
	out, err := os.Create(ts.MkAbs(args[1]))
	ts.Check(err)
	w := gzip.NewWriter(out)
	_, err = io.WriteString(w, ts.ReadFile(args[0]))
	ts.Check(err)
	ts.Check(w.Close())
	ts.Check(out.Close())
}

// flip GLOB changes one byte in the middle of the first file that matches.
func flipByte(ts *testscript.TestScript, _ bool, args []string) {
	found, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(found) == 0 {
		ts.Fatalf("no file %s", args[0])
	}
	raw, err := os.ReadFile(found[0])
	ts.Check(err)
	raw[len(raw)/2] ^= 1
	ts.Check(os.WriteFile(found[0], raw, 0o600))
	ts.Setenv("FLIPPED", filepath.Base(found[0]))
}

// sql FILE STATEMENT changes a database behind the program's back.
func runSQL(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	res, err := db.Exec(args[1])
	ts.Check(err)
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		ts.Fatalf("%d rows, %v", n, err)
	}
}

// demo DIR makes a demo without serving it.
func makeDemo(ts *testscript.TestScript, _ bool, args []string) {
	e := &env{
		Config: config.Config{Listen: "127.0.0.1:8080", BaseURL: "http://127.0.0.1:8080", MailFrom: "rcp@localhost"},
		ctx:    context.Background(), stdout: io.Discard, stderr: io.Discard, log: slog.New(slog.DiscardHandler), now: time.Now,
	}
	a, _, _, err := demoCmd{Dir: ts.MkAbs(args[0])}.prepare(e)
	ts.Check(err)
	a.close()
}
