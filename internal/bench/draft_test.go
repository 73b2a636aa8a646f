package bench

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/internal/store/storetest"
	"github.com/rcp-care/rcp/internal/testenv"
)

// A town of patients shared by teams teams, of whom due of the first team have
// a reason to be reviewed, whatever the number stored.
const (
	teams = 60
	due   = 40
)

// draftLimit is how much longer a draft may take with 100,000 patients stored
// than with 1,000.
const draftLimit = 1.5

// BenchmarkDraft drafts the agenda of a team in a small town and in a large
// one, in turns.
func BenchmarkDraft(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		dir := b.TempDir()
		benchmarkDraft(b, "SQLite", func(name string) string { return "sqlite:" + filepath.Join(dir, name+".db") })
	})
	b.Run("postgres", func(b *testing.B) {
		benchmarkDraft(b, "PostgreSQL", func(string) string { return testenv.Postgres(b) })
	})
}

func benchmarkDraft(b *testing.B, database string, dsn func(name string) string) {
	small, large := newTown(b, dsn("small"), 1_000), newTown(b, dsn("large"), 100_000)
	compare(b, small, large, 5) // the first draft writes the lines, and the databases warm up
	for b.Loop() {
		took, ratio := compare(b, small, large, 40)
		b.ReportMetric(ratio, "x-100k/1k")
		b.ReportMetric(ms(took), "ms/draft-100k")
		atMost(b, database+": draft an agenda, 100,000 patients stored against 1,000", ratio, draftLimit)
		note("  "+database+": one draft, 40 due among 100,000", "%.1f ms", ms(took))
	}
	small.week(b)
	large.week(b)
	_, ratio := compare(b, small, large, 40)
	note("  "+database+": the same, when 1 in 100 of the other teams had an event", "%.2f", ratio)
}

// compare drafts in both towns in turns and returns the median of the large
// one, and how many times the small one's that is.
func compare(b *testing.B, small, large town, times int) (took time.Duration, ratio float64) {
	var few, many []time.Duration
	for range times {
		few, many = append(few, small.draft(b)), append(many, large.draft(b))
	}
	return median(many), ms(median(many)) / ms(median(few))
}

// town is a store with many patients, and this week's meeting of its first team.
type town struct {
	dsn       string
	team      id.Team
	agenda    *agenda.Service
	secretary auth.Actor
	meeting   id.Meeting
}

func (c town) draft(b *testing.B) time.Duration {
	b.Helper()
	begin := time.Now()
	g, err := c.agenda.Draft(context.Background(), c.secretary, c.meeting)
	took := time.Since(begin)
	if err != nil || len(g.Items)+len(g.Waiting) != due {
		b.Fatalf("drafted %d lines and %d waiting, want %d together: %v", len(g.Items), len(g.Waiting), due, err)
	}
	return took
}

// week stores what happened this week in the other teams.
func (c town) week(b *testing.B) {
	b.Helper()
	db := open(b, c.dsn)
	defer db.Close()
	for _, q := range weekRows {
		if _, err := db.ExecContext(context.Background(), q, c.team); err != nil {
			b.Fatal(err)
		}
	}
}

func newTown(b *testing.B, dsn string, stored int) town {
	b.Helper()
	s, err := store.Open(context.Background(), dsn, storetest.Clock)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	h := storetest.NewHouse(b, s)
	for i := 1; i < teams; i++ {
		other := h.Team
		other.ID, other.Version, other.Name = "", 0, fmt.Sprintf("Équipe %02d", i)
		if _, err := h.Meetings.SaveTeam(context.Background(), h.System, other); err != nil {
			b.Fatal(err)
		}
	}
	m := h.Meeting(b).Meeting
	fill(b, dsn, h, stored)
	patients := careplan.NewService(s, storetest.Clock)
	return town{dsn: dsn, team: h.Team.ID, agenda: agenda.NewService(s, patients, storetest.Clock), secretary: h.Secretary, meeting: m.ID}
}

// fill stores the patients by SQL: what 100,000 imports would leave, in seconds.
func fill(b *testing.B, dsn string, h storetest.House, stored int) {
	b.Helper()
	begin := time.Now()
	db := open(b, dsn)
	defer db.Close()
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		b.Fatal(err)
	}
	names := strings.NewReplacer("STORED", strconv.Itoa(stored), "DUE", strconv.Itoa(due), "TEAMS", strconv.Itoa(teams),
		"ORG", string(h.Org.ID), "FIRST", string(h.Team.ID))
	if strings.HasPrefix(dsn, "postgres:") { // what refers to what is right by construction
		if _, err := tx.ExecContext(context.Background(), `SET LOCAL session_replication_role = replica`); err != nil {
			b.Fatal(err)
		}
	}
	for i, q := range townRows {
		var args []any
		if strings.Contains(q, "$1") {
			args = []any{storetest.Now}
		}
		if _, err := tx.ExecContext(context.Background(), names.Replace(q), args...); err != nil {
			b.Fatalf("fill, step %d: %v", i, err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	if _, err := db.ExecContext(context.Background(), `ANALYZE`); err != nil { // as autovacuum does within a minute
		b.Fatal(err)
	}
	b.Logf("stored %d patients in %v", stored, time.Since(begin).Round(time.Millisecond))
}

func open(b *testing.B, dsn string) *sql.DB {
	b.Helper()
	driver := "pgx"
	if file, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		driver, dsn = "sqlite", "file:"+file+"?_pragma=synchronous(OFF)&_pragma=busy_timeout(10000)&_time_integer_format=unix_micro"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db
}
