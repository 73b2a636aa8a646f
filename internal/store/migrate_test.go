package store

import (
	"io/fs"
	"strings"
	"testing"
)

// The two databases' migrations differ in the type of an instant alone, and
// between "-- +own" and "-- +own end", which says why.
func TestMigrationsDifferInTimestampsOnly(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(migrations, "migrations/postgres/*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d migrations, %v", len(names), err)
	}
	others, err := fs.Glob(migrations, "migrations/sqlite/*.sql")
	if err != nil || len(others) != len(names) {
		t.Fatalf("%d migrations for SQLite, %d for PostgreSQL, %v", len(others), len(names), err)
	}
	for _, name := range names {
		if got, want := statements(t, strings.Replace(name, "postgres", "sqlite", 1)), statements(t, name); got != want {
			t.Errorf("%s: the databases differ in more than timestamptz", name)
		}
	}
}

// statements is a migration without comments, its instants made alike.
func statements(t *testing.T, name string) string {
	t.Helper()
	raw, err := migrations.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	own := false
	for line := range strings.Lines(string(raw)) {
		text, comment, _ := strings.Cut(line, "--")
		if strings.HasPrefix(comment, " +own") {
			own = strings.TrimSpace(comment) != "+own end"
		}
		if own {
			continue
		}
		if strings.HasPrefix(comment, " +goose") {
			text += "--" + comment
		}
		lines = append(lines, strings.ReplaceAll(strings.TrimRight(text, " \n"), "timestamptz", "timestamp"))
	}
	return strings.Join(lines, "\n")
}
