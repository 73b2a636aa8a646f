package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// evidence is what a demo keeps, to be changed behind the program's back.
type evidence struct {
	db, archive string
	pristine    []byte // the database
}

func newEvidence(t *testing.T) *evidence {
	t.Helper()
	w := newWorld(t)
	v := &evidence{db: filepath.Join(t.TempDir(), "rcp.db"), archive: w.env.Archive}
	if err := w.store.CopyTo(t.Context(), v.db); err != nil {
		t.Fatal(err)
	}
	var err error
	if v.pristine, err = os.ReadFile(v.db); err != nil {
		t.Fatal(err)
	}
	return v
}

// verify runs rcp verify archive.
func (v *evidence) verify(t *testing.T) (code int, out string) {
	t.Helper()
	settings := map[string]string{"RCP_DATABASE": "sqlite:" + v.db, "RCP_ARCHIVE": v.archive}
	var b bytes.Buffer
	code = run(t.Context(), []string{"verify", "archive"}, func(name string) string { return settings[name] }, strings.NewReader(""), &b, &b)
	return code, b.String()
}

// restore puts the database back as it was.
func (v *evidence) restore(t *testing.T) {
	t.Helper()
	for _, end := range []string{"-wal", "-shm"} {
		_ = os.Remove(v.db + end)
	}
	if err := os.WriteFile(v.db, v.pristine, 0o600); err != nil {
		t.Fatal(err)
	}
}

// all reads the first column of a query as text.
func (v *evidence) all(t *testing.T, query string) []string {
	t.Helper()
	db, err := sql.Open("sqlite", v.db)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	if err := rows.Err(); err != nil || len(all) == 0 {
		t.Fatalf("%s: %d rows, %v", query, len(all), err)
	}
	return all
}

func (v *evidence) exec(t *testing.T, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", v.db)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	res, err := db.ExecContext(context.Background(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		t.Fatalf("%s changed nothing: %v", query, err)
	}
}

// TestVerifyNamesEveryRow changes each column of rows of signed minutes, of the
// audit log, of documents and of the search, one at a time; and takes rows
// away.
func TestVerifyNamesEveryRow(t *testing.T) {
	t.Parallel()
	v := newEvidence(t)
	if code, out := v.verify(t); code != 0 {
		t.Fatalf("before any change: %s", out)
	}
	minutes := v.all(t, `SELECT id FROM minutes ORDER BY seq`)
	document := v.all(t, `SELECT sha256 FROM document WHERE kind = 'extract' ORDER BY sha256`)[0]
	found := v.all(t, `SELECT case_id FROM decided ORDER BY n`)[0]
	type row struct{ table, where, named string }
	rows := []row{
		{"minutes", fmt.Sprintf("id = '%s'", minutes[0]), ""},
		{"document", fmt.Sprintf("sha256 = '%s'", document), ""},
		{"decided", fmt.Sprintf("case_id = '%s'", found), ""},
	}
	log := v.all(t, `SELECT seq FROM audit ORDER BY seq`)
	for _, i := range []int{0, 1, len(log) / 3, len(log) / 2, len(log) - 2, len(log) - 1} {
		rows = append(rows, row{"audit", "seq = " + log[i], "entr"})
	}
	for _, r := range rows {
		changes := []string{fmt.Sprintf("DELETE FROM %s WHERE %s", r.table, r.where)}
		for _, column := range v.all(t, fmt.Sprintf("SELECT name FROM pragma_table_info('%s')", r.table)) {
			if c := change(r.table, column); c != "" {
				changes = append(changes, fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s", r.table, column, c, r.where))
			}
		}
		for _, c := range changes {
			v.exec(t, c)
			if code, out := v.verify(t); code != 1 || !names(out, r.table, r.named) {
				t.Errorf("%s: exit %d\n%s", c, code, out)
			}
			v.restore(t)
		}
	}
}

// change is another value of a column; empty for what follows from the rest.
func change(table, column string) string {
	switch table + "." + column {
	case "document.pages", "decided.n": // counted from the file; only the order of a list
		return ""
	case "document.kind":
		return "'register', patient = 'x'"
	case "decided.words": // the index knows the words by the old row
		return "words || ' ajout'"
	case "audit.seq":
		return "seq + 100000"
	case "minutes.version", "minutes.seq", "minutes.signed_at", "minutes.meeting_at", "audit.at", "document.size":
		return column + " + 1"
	case "minutes.content":
		return `replace(content, '"version":1', '"version":2')`
	case "minutes.replaces":
		return "id"
	}
	return column + " || 'x'"
}

// names reports whether a finding names what was changed by id or number.
func names(out, table, named string) bool {
	for line := range strings.Lines(out) {
		what, _, ok := strings.Cut(line, ": ")
		if !ok {
			continue
		}
		finding := what == "altered" || what == "missing" || what == "added" || strings.HasPrefix(what, "audit log of ")
		if finding && (named == "" && (strings.Contains(line, "minutes") || strings.Contains(line, table)) || named != "" && strings.Contains(line, named)) {
			return true
		}
	}
	return false
}

// TestVerifyNamesEveryByte flips one byte of each archived PDF, at its
// beginning, its end and in between; and takes and adds files.
func TestVerifyNamesEveryByte(t *testing.T) {
	t.Parallel()
	v := newEvidence(t)
	var files []string
	err := filepath.WalkDir(v.archive, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) < 2 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for k, path := range files[:min(len(files), 6)] {
		sha := strings.TrimSuffix(filepath.Base(path), ".pdf")
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []int{0, len(whole) - 1, (k*7919 + 13) % len(whole), len(whole) / (k + 2)} {
			other := bytes.Clone(whole)
			other[at] ^= 1 << (at % 8)
			v.holds(t, path, other, "altered: document "+sha)
		}
		v.holds(t, path, whole[:len(whole)-1], "altered: document "+sha)
		v.holds(t, path, nil, "missing: document "+sha)
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	v.holds(t, filepath.Join(v.archive, "note.txt"), []byte("x"), "added: file note.txt")
	none := strings.Repeat("ab", 32)
	if err := os.MkdirAll(filepath.Join(v.archive, "ab", "ab"), 0o700); err != nil {
		t.Fatal(err)
	}
	v.holds(t, filepath.Join(v.archive, "ab", "ab", none+".pdf"), []byte("x"), "added: document "+none)
}

// holds puts a file, nil for none, and wants it named.
func (v *evidence) holds(t *testing.T, path string, content []byte, want string) {
	t.Helper()
	_ = os.Remove(path)
	if content != nil {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if code, out := v.verify(t); code != 1 || !strings.Contains(out, want) {
		t.Errorf("want %q, exit %d\n%s", want, code, out)
	}
	if content != nil && filepath.Base(path) == "note.txt" {
		_ = os.Remove(path)
	}
}
