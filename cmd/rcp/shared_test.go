package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/testenv"
)

// TestImportOfRealInput imports every public file twice through the command
// line: the second time changes nothing. Without real input at hand it does so
// with the fixtures of careplan/fhir.
func TestImportOfRealInput(t *testing.T) {
	t.Parallel()
	files, want := inputs(t)
	db := filepath.Join(t.TempDir(), "rcp.db")
	rcp := func(stdin string, args ...string) (int, string) {
		t.Helper()
		var out, errs bytes.Buffer
		getenv := func(name string) string { return map[string]string{"RCP_DATABASE": "sqlite:" + db}[name] }
		code := run(context.Background(), args, getenv, strings.NewReader(stdin), &out, &errs)
		t.Logf("rcp %s: %d %s", args[0], code, errs.String())
		return code, out.String()
	}
	if code, _ := rcp("a-long-password\n", "user", "add", "odile@clinique.example", "--given", "Odile", "--family", "Marchenoir", "--organisation", "Clinique"); code != 0 {
		t.Fatal("no organisation")
	}
	args := append([]string{"import", "fhir"}, files...)
	code, first := rcp("", args...)
	if d := gocmp.Diff(want, counts(first)); d != "" || code != 1 {
		t.Errorf("exit code %d, first report (-want +got):\n%s", code, d)
	}
	rows := rowCounts(t, db)
	code, second := rcp("", args...)
	for kind, n := range want {
		want[kind] = [4]int{0, 0, n[0] + n[2], n[3]}
	}
	if d := gocmp.Diff(want, counts(second)); d != "" || code != 1 {
		t.Errorf("exit code %d, second report (-want +got):\n%s", code, d)
	}
	if a, b := lines(first), lines(second); a != b {
		t.Errorf("the refusals differ:\n%s", gocmp.Diff(a, b))
	}
	after := rowCounts(t, db)
	if after["audit"] != rows["audit"]+1 {
		t.Errorf("%d audit entries more, want 1", after["audit"]-rows["audit"])
	}
	delete(rows, "audit")
	delete(after, "audit")
	if d := gocmp.Diff(rows, after); d != "" {
		t.Errorf("rows (-first +second):\n%s", d)
	}
}

// inputs are the files to import and what the first time gives: created,
// updated, unchanged, refused.
func inputs(t *testing.T) (files []string, want map[string][4]int) {
	t.Helper()
	shared, ok := testenv.Shared()
	if !ok {
		return []string{"../../careplan/fhir/testdata/tddui.json", "../../careplan/fhir/testdata/abime.json"}, map[string][4]int{
			"patient": {3, 0, 0, 2}, "plan": {3, 0, 0, 4}, "objective": {2, 0, 0, 2}, "action": {2, 0, 0, 1}, "other": {0, 0, 0, 5},
		}
	}
	for _, dir := range []string{"synthea", "ans-tddui", "fr-core"} {
		found, err := filepath.Glob(filepath.Join(shared, "data", dir, "*.json*"))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: no files, %v", dir, err)
		}
		files = append(files, found...)
	}
	return files, map[string][4]int{ // the sums of careplan/fhir/testdata/reports
		"patient": {20, 0, 0, 0}, "plan": {54, 0, 0, 0}, "objective": {70, 0, 0, 0}, "action": {124, 0, 0, 0}, "event": {62, 0, 0, 9},
	}
}

// counts reads the table of a report.
func counts(out string) map[string][4]int {
	all := map[string][4]int{}
	for line := range strings.Lines(out) {
		var kind string
		var n [4]int
		if k, _ := fmt.Sscan(line, &kind, &n[0], &n[1], &n[2], &n[3]); k == 5 {
			all[kind] = n
		}
	}
	return all
}

// lines are the refusals and warnings of a report.
func lines(out string) string {
	var b strings.Builder
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "refused:") || strings.HasPrefix(line, "warned:") {
			b.WriteString(line)
		}
	}
	return b.String()
}

func rowCounts(t *testing.T, file string) map[string]int {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT name FROM sqlite_master WHERE type = 'table'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, name)
	}
	if err := rows.Err(); err != nil || len(tables) < 25 {
		t.Fatalf("%d tables, %v", len(tables), err)
	}
	all := map[string]int{}
	for _, name := range tables {
		var n int
		if err := db.QueryRow(`SELECT count(*) FROM ` + name).Scan(&n); err != nil {
			t.Fatal(err)
		}
		all[name] = n
	}
	return all
}
