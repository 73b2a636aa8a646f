package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/internal/testenv"
)

// TestBackupOfPostgres needs pg_dump's file beside the archive, says so, and
// comes back only into a database of that kind.
func TestBackupOfPostgres(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	settings := map[string]string{"RCP_DATABASE": testenv.Postgres(t), "RCP_ARCHIVE": filepath.Join(dir, "archive")}
	rcp := func(want int, args ...string) string {
		t.Helper()
		var out bytes.Buffer
		code := run(t.Context(), args, func(name string) string { return settings[name] }, strings.NewReader("a-long-password\n"), &out, &out)
		if code != want {
			t.Fatalf("rcp %v: exit code %d, want %d\n%s", args, code, want, out.String())
		}
		return out.String()
	}
	rcp(0, "user", "add", "odile@clinique.example", "--given", "Odile", "--family", "Marchenoir", "--organisation", "Clinique")
	rcp(0, "verify")
	if out := rcp(1, "backup", filepath.Join(dir, "without")); !strings.Contains(out, "pg_dump --format=custom") {
		t.Errorf("without a dump:\n%s", out)
	}
	with := filepath.Join(dir, "with")
	if err := os.Mkdir(with, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(with, "database.dump"), []byte("PGDMP"), 0o600); err != nil {
		t.Fatal(err)
	}
	rcp(0, "backup", with)
	settings["RCP_ARCHIVE"] = filepath.Join(dir, "restored")
	if out := rcp(0, "restore", with); !strings.Contains(out, "pg_restore") {
		t.Errorf("restored:\n%s", out)
	}
	settings["RCP_DATABASE"] = "sqlite:" + filepath.Join(dir, "rcp.db")
	if out := rcp(1, "restore", with); !strings.Contains(out, "database of that kind") {
		t.Errorf("restored into SQLite:\n%s", out)
	}
}
