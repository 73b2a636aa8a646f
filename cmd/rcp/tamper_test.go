package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/internal/archive"
	"github.com/rcp-care/rcp/internal/testenv"
	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/minutes/pdf"
)

// evidence is what a demo keeps, to be changed behind the program's back.
type evidence struct {
	driver, dsn, archive string
	db                   string // the file of SQLite
	pristine             []byte // its content
}

// newEvidence is a demo on SQLite.
func newEvidence(t *testing.T) *evidence {
	t.Helper()
	dir := t.TempDir()
	v := &evidence{driver: "sqlite", db: filepath.Join(dir, "rcp.db"), archive: filepath.Join(dir, "archive")}
	v.dsn = "sqlite:" + v.db
	fillDatabase(t, v.settings())
	v.exec(t, `PRAGMA wal_checkpoint(TRUNCATE)`)
	var err error
	if v.pristine, err = os.ReadFile(v.db); err != nil {
		t.Fatal(err)
	}
	return v
}

// newPostgres is a demo on PostgreSQL, with a copy of the rows beside it.
func newPostgres(t *testing.T) *evidence {
	t.Helper()
	v := &evidence{driver: "pgx", dsn: testenv.Postgres(t), archive: filepath.Join(t.TempDir(), "archive")}
	fillDatabase(t, v.settings())
	v.exec(t, `CREATE SCHEMA kept`)
	for _, table := range []string{"minutes", "document", "decided", "audit"} {
		v.exec(t, fmt.Sprintf(`CREATE TABLE kept.%s AS SELECT * FROM public.%[1]s`, table))
	}
	return v
}

func (v *evidence) settings() map[string]string {
	return map[string]string{"RCP_DATABASE": v.dsn, "RCP_ARCHIVE": v.archive}
}

// verify runs rcp verify archive.
func (v *evidence) verify(t *testing.T) (code int, out string) {
	t.Helper()
	settings := v.settings()
	var b bytes.Buffer
	code = run(t.Context(), []string{"verify", "archive"}, func(name string) string { return settings[name] }, strings.NewReader(""), &b, &b)
	return code, b.String()
}

// restore puts a table back as it was.
func (v *evidence) restore(t *testing.T, table string) {
	t.Helper()
	if v.driver == "pgx" {
		columns := strings.Join(v.columns(t, table), ", ")
		v.exec(t, fmt.Sprintf(`DELETE FROM %s; INSERT INTO %[1]s (%[2]s) SELECT %[2]s FROM kept.%[1]s`, table, columns))
		return
	}
	for _, end := range []string{"-wal", "-shm"} {
		_ = os.Remove(v.db + end)
	}
	if err := os.WriteFile(v.db, v.pristine, 0o600); err != nil {
		t.Fatal(err)
	}
}

// columns are those of a table that are written.
func (v *evidence) columns(t *testing.T, table string) []string {
	t.Helper()
	if v.driver == "pgx" {
		return v.all(t, `SELECT column_name FROM information_schema.columns
			WHERE table_schema = 'public' AND is_generated = 'NEVER' AND table_name = '`+table+`' ORDER BY ordinal_position`)
	}
	return v.all(t, fmt.Sprintf("SELECT name FROM pragma_table_info('%s')", table))
}

func (v *evidence) open(t *testing.T) *sql.DB {
	t.Helper()
	name := v.db
	if v.driver == "pgx" {
		name = v.dsn
	}
	db, err := sql.Open(v.driver, name)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// all reads the first column of a query as text.
func (v *evidence) all(t *testing.T, query string) []string {
	t.Helper()
	db := v.open(t)
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

// exec changes rows as who holds the database may: past the foreign keys.
func (v *evidence) exec(t *testing.T, query string) {
	t.Helper()
	db := v.open(t)
	defer db.Close()
	if v.driver == "pgx" {
		query = "SET session_replication_role = replica; " + query
	}
	if _, err := db.ExecContext(context.Background(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// TestVerifyNamesEveryRow changes each column of all the rows of signed minutes,
// of documents, of the search and of the audit log, a column at a time, and
// wants each row named; then takes each row of the first three away, and some of
// the log.
func TestVerifyNamesEveryRow(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		namesEveryRow(t, newEvidence(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		namesEveryRow(t, newPostgres(t))
	})
}

func namesEveryRow(t *testing.T, v *evidence) {
	t.Helper()
	if code, out := v.verify(t); code != 0 {
		t.Fatalf("before any change: %s", out)
	}
	for _, table := range []struct{ name, key string }{
		{"minutes", "id"}, {"document", "sha256"}, {"decided", "case_id"}, {"audit", "seq"},
	} {
		keys := v.all(t, fmt.Sprintf(`SELECT %s FROM %s ORDER BY %[1]s`, table.key, table.name))
		for _, column := range v.columns(t, table.name) {
			if c := v.change(table.name, column); c != "" {
				v.wantNamed(t, table.name, fmt.Sprintf("UPDATE %s SET %s = %s", table.name, column, c), keys)
			}
		}
		some := keys[:min(len(keys), 3)]
		if table.name == "audit" {
			some = []string{"1", "2", fmt.Sprint(len(keys) / 2), fmt.Sprint(len(keys))}
		}
		for _, key := range some {
			v.wantNamed(t, table.name, fmt.Sprintf("DELETE FROM %s WHERE %s = '%s'", table.name, table.key, key), []string{key})
		}
	}
}

// wantNamed makes a change, wants each row of these keys named, and undoes it.
func (v *evidence) wantNamed(t *testing.T, table, change string, keys []string) {
	t.Helper()
	ids := map[string]string{} // what a row that is gone is known by beside its key
	switch table {
	case "minutes":
		for _, k := range keys {
			ids[k] = "minutes number " + v.all(t, fmt.Sprintf(`SELECT seq FROM minutes WHERE id = '%s'`, k))[0]
		}
	case "document":
		for _, k := range keys {
			ids[k] = v.all(t, fmt.Sprintf(`SELECT kind || ' ' || patient FROM document WHERE sha256 = '%s'`, k))[0]
		}
	}
	v.exec(t, change)
	code, out := v.verify(t)
	v.restore(t, table)
	var told strings.Builder
	for line := range strings.Lines(out) {
		for _, kind := range []string{"altered: ", "missing: ", "added: ", "audit log of ", "orphan: "} {
			if strings.HasPrefix(line, kind) {
				told.WriteString(line)
			}
		}
	}
	for _, k := range keys {
		named := strings.Contains(told.String(), k) || ids[k] != "" && strings.Contains(told.String(), ids[k])
		if table == "audit" {
			named = entryNamed(told.String(), k)
		}
		if code != 1 || !named {
			t.Errorf("%s: exit %d, %s %s is not named in\n%.2000s", change, code, table, k, out)
			return
		}
	}
}

var entries = regexp.MustCompile(`entr(?:y|ies) (after )?(\d+)(?: to (\d+))?`)

// entryNamed reports whether an entry of the log is named, alone or in a range.
func entryNamed(told, seq string) bool {
	n, _ := strconv.Atoi(seq)
	for _, m := range entries.FindAllStringSubmatch(told, -1) {
		first, _ := strconv.Atoi(m[2])
		last, err := strconv.Atoi(m[3])
		if err != nil {
			last = first
		}
		if m[1] != "" && n > first || m[1] == "" && n >= first && n <= last {
			return true
		}
	}
	return false
}

// change is another value of a column; empty for what follows from the rest.
func (v *evidence) change(table, column string) string {
	number, day := column+" + 1", column+" + 1"
	if v.driver == "pgx" {
		day = column + " + interval '1 second'"
	}
	switch table + "." + column {
	case "document.pages", "decided.n": // counted from the file; only the order of a list
		return ""
	case "document.kind": // one register and one extract of each patient: they change places
		return "CASE kind WHEN 'register' THEN 'extract' ELSE 'register' END"
	case "decided.words": // the index knows the words by the old row
		return "words || ' ajout'"
	case "audit.seq", "minutes.seq", "minutes.version":
		return column + " + 100000"
	case "document.size":
		return number
	case "minutes.signed_at", "minutes.meeting_at", "audit.at":
		return day
	case "minutes.content":
		return `replace(content, '"version":1', '"version":2')`
	case "minutes.replaces":
		return "id"
	}
	return column + " || 'x'"
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
	v.everyFile(t, files)
	for k, path := range files[:2] {
		sha := strings.TrimSuffix(filepath.Base(path), ".pdf")
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []int{0, len(whole) - 1, (k*7919 + 13) % len(whole)} {
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
	v.orphan(t)
	v.holds(t, filepath.Join(v.archive, "note.txt"), []byte("x"), "added: file note.txt")
	none := strings.Repeat("ab", 32)
	if err := os.MkdirAll(filepath.Join(v.archive, "ab", "ab"), 0o700); err != nil {
		t.Fatal(err)
	}
	v.holds(t, filepath.Join(v.archive, "ab", "ab", none+".pdf"), []byte("x"), "added: document "+none)
}

// everyFile flips one random byte of each document at once, and wants each named
// and nothing else.
func (v *evidence) everyFile(t *testing.T, files []string) {
	t.Helper()
	whole := map[string][]byte{}
	for _, path := range files {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		whole[path] = raw
		other, at := bytes.Clone(raw), rand.IntN(len(raw))
		other[at] ^= 1 << rand.IntN(8)
		t.Logf("byte %d of %s", at, filepath.Base(path))
		if err := os.WriteFile(path, other, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, out := v.verify(t)
	for path, raw := range whole {
		if want := "altered: document " + strings.TrimSuffix(filepath.Base(path), ".pdf"); strings.Count(out, want) != 1 {
			t.Errorf("%q is told %d times", want, strings.Count(out, want))
		}
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(out, "altered: ") + strings.Count(out, "missing: ") + strings.Count(out, "added: "); n != len(files) {
		t.Errorf("%d findings for %d files:\n%s", n, len(files), out)
	}
}

// orphan: what a signature that failed leaves is named apart, and is no finding.
func (v *evidence) orphan(t *testing.T) {
	t.Helper()
	r, err := pdf.Render(minutes.Content{Org: "Valbrume", Team: "Nord", Zone: "Europe/Paris", Version: 1}, pdf.Options{})
	if err != nil {
		t.Fatal(err)
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(r.PDF))
	if err := archive.New(v.archive).Put(t.Context(), sum, r.PDF); err != nil {
		t.Fatal(err)
	}
	if code, out := v.verify(t); code != 0 || !strings.Contains(out, "orphan: document "+sum) {
		t.Errorf("an orphan: exit %d\n%s", code, out)
	}
	if err := os.Remove(filepath.Join(v.archive, sum[:2], sum[2:4], sum+".pdf")); err != nil {
		t.Fatal(err)
	}
	none := []byte("%PDF-1.7 of somebody else")
	sum = fmt.Sprintf("%x", sha256.Sum256(none))
	if err := archive.New(v.archive).Put(t.Context(), sum, none); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(v.archive, sum[:2], sum[2:4], sum+".pdf")
	v.holds(t, path, none, "added: document "+sum)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
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
