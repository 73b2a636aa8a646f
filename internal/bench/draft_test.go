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
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/internal/store/storetest"
	"github.com/rcp-care/rcp/internal/testenv"
)

// A town of patients shared by teams teams, of whom due of the first team have
// a reason to be reviewed, whatever the number stored.
const (
	teams = 500
	due   = 40
)

// What drafting promises with a million patients stored.
const (
	draftLimit  = 1.2   // times as long as with a thousand
	scanLimit   = 1_000 // times faster than the same query without an index
	draftMemory = 120   // MB that a server on that database holds
)

// sizes are the towns, in patients; three objectives each.
var sizes = []int{1_000, 10_000, 100_000, 1_000_000}

// BenchmarkDraft drafts the agenda of a team, and drags a line of it, in towns
// of very different sizes, in turns; then finds who is due without any index;
// then lets a server run on the largest.
func BenchmarkDraft(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		dir := b.TempDir()
		largest := benchmarkDraft(b, "SQLite", func(n int) string { return fmt.Sprintf("sqlite:%s", filepath.Join(dir, fmt.Sprint(n, ".db"))) })
		largest.serve(b, filepath.Join(dir, "house"))
		largest.scan(b)
	})
	b.Run("postgres", func(b *testing.B) {
		largest := benchmarkDraft(b, "PostgreSQL", func(int) string { return testenv.Postgres(b) })
		largest.scan(b)
	})
}

// drafted is what drafting took in the towns, in the order of sizes.
type drafted struct{ draft, drag, find [][]time.Duration }

func benchmarkDraft(b *testing.B, database string, dsn func(stored int) string) *town {
	towns := make([]*town, len(sizes))
	for i, n := range sizes {
		towns[i] = newTown(b, dsn(n), n)
	}
	small, large := towns[0], towns[len(towns)-1]
	inTurns(b, towns, 5) // the first draft writes the lines, and the databases warm up
	var d drafted
	for b.Loop() {
		d = inTurns(b, towns, 60)
	}
	ratio := func(all [][]time.Duration) float64 { return ms(median(all[len(all)-1])) / ms(median(all[0])) }
	b.ReportMetric(ratio(d.draft), "x-1M/1k")
	b.ReportMetric(ms(median(d.draft[len(towns)-1])), "ms/draft-1M")
	atMost(b, database+": draft an agenda, 1,000,000 patients stored against 1,000", ratio(d.draft), draftLimit)
	atMost(b, database+": draft it again after a drag, the same", ratio(d.drag), draftLimit)
	note("  "+database+": one draft / one drag, 40 due among 1,000,000", "%.1f ms / %.1f ms",
		ms(median(d.draft[len(towns)-1])), ms(median(d.drag[len(towns)-1])))
	small.week(b)
	large.week(b)
	w := inTurns(b, []*town{small, large}, 40)
	note("  "+database+": the same, when 1 in 100 of the other teams had an event", "%.2f", ratio(w.draft))
	large.found = median(d.find[len(towns)-1])
	large.name, large.curve = database, curveOf(database, d)
	return large
}

// inTurns drafts and drags in each of the towns in turns.
func inTurns(b *testing.B, towns []*town, times int) drafted {
	d := drafted{make([][]time.Duration, len(towns)), make([][]time.Duration, len(towns)), make([][]time.Duration, len(towns))}
	for range times {
		for i, t := range towns {
			d.draft[i] = append(d.draft[i], t.draft(b))
			d.drag[i] = append(d.drag[i], t.drag(b))
			d.find[i] = append(d.find[i], t.find(b))
		}
	}
	return d
}

// town is a store with many patients, and this week's meeting of its first team.
type town struct {
	house   storetest.House
	store   *store.Store
	dsn     string
	agenda  *agenda.Service
	meeting id.Meeting
	starts  time.Time
	order   []id.Case

	name  string
	found time.Duration // finding who is due, by index
	curve *curve
}

func (c *town) draft(b *testing.B) time.Duration {
	b.Helper()
	begin := time.Now()
	g, err := c.agenda.Draft(context.Background(), c.house.Secretary, c.meeting)
	return c.took(b, begin, g, err)
}

// drag puts the last line first, and the rest follows.
func (c *town) drag(b *testing.B) time.Duration {
	b.Helper()
	last := len(c.order) - 1
	order := append([]id.Case{c.order[last]}, c.order[:last]...)
	begin := time.Now()
	g, err := c.agenda.Order(context.Background(), c.house.Secretary, c.meeting, order)
	return c.took(b, begin, g, err)
}

func (c *town) took(b *testing.B, begin time.Time, g agenda.Agenda, err error) time.Duration {
	b.Helper()
	took := time.Since(begin)
	if err != nil || len(g.Items)+len(g.Waiting) != due {
		b.Fatalf("%d lines and %d waiting, want %d together: %v", len(g.Items), len(g.Waiting), due, err)
	}
	c.order = c.order[:0]
	for _, l := range g.Items {
		c.order = append(c.order, l.ID)
	}
	return took
}

// find reads who is due: the query that stands behind a draft.
func (c *town) find(b *testing.B) time.Duration {
	b.Helper()
	today := date.Of(storetest.Now)
	w := agenda.Window{
		Meeting: c.meeting, Starts: c.starts, Today: today, Due: date.Of(c.starts), Events: today.AddDays(-14), Ahead: today.AddDays(14),
		Ending: today.AddDays(14), Stalled: today.AddDays(-42), NotDone: today.AddDays(-60), Drafted: storetest.Now.AddDate(0, 0, -7),
	}
	begin := time.Now()
	all, err := c.store.Candidates(context.Background(), c.house.Org.ID, c.house.Team.ID, w)
	took := time.Since(begin)
	if err != nil || len(all) != due {
		b.Fatalf("%d are due, want %d: %v", len(all), due, err)
	}
	return took
}

// scan finds who is due once nothing but primary keys helps: the same query
// reads the tables from end to end.
func (c *town) scan(b *testing.B) {
	b.Helper()
	db := open(b, c.dsn)
	defer db.Close()
	dropIndexes(b, db, c.dsn)
	if _, err := c.store.Candidates(context.Background(), c.house.Org.ID, c.house.Team.ID, agenda.Window{}); err != nil {
		b.Fatal(err) // warms the caches
	}
	took := c.find(b)
	note("  "+c.name+": finding who is due, by index / without any", "%.1f ms / %.0f ms", ms(c.found), ms(took))
	atLeast(b, c.name+": finding who is due, times faster than by reading every row", float64(took)/float64(c.found), scanLimit)
	c.curve.scan = took
	c.curve.write(b)
}

// dropIndexes leaves a database with its primary keys and what is unique, and
// returns what makes the others again.
func dropIndexes(b *testing.B, db *sql.DB, dsn string) (again []string) {
	b.Helper()
	list := `SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND NOT i.indisunique`
	if strings.HasPrefix(dsn, "sqlite:") {
		list = `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND sql NOT LIKE 'CREATE UNIQUE%'`
	}
	rows, err := db.QueryContext(context.Background(), list)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	var drop []string
	for rows.Next() {
		var name, made string
		if err := rows.Scan(&name, &made); err != nil {
			b.Fatal(err)
		}
		drop, again = append(drop, "DROP INDEX "+name), append(again, made)
	}
	if err := rows.Err(); err != nil || len(drop) < 10 {
		b.Fatalf("%d indexes: %v", len(drop), err)
	}
	run(b, db, drop)
	return again
}

func run(b *testing.B, db *sql.DB, all []string, args ...any) {
	b.Helper()
	for _, q := range all {
		if _, err := db.ExecContext(context.Background(), q, args...); err != nil {
			b.Fatalf("%.60s…: %v", q, err)
		}
	}
}

// week stores what happened this week in the other teams.
func (c *town) week(b *testing.B) {
	b.Helper()
	db := open(b, c.dsn)
	defer db.Close()
	run(b, db, weekRows, c.house.Team.ID)
}

// serve lets the program run on the town's database, draft, and show the
// agenda; what it then holds is what a server of this size needs.
func (c *town) serve(b *testing.B, dir string) {
	b.Helper()
	accounts, err := auth.NewService(c.store, storetest.Clock)
	if err != nil {
		b.Fatal(err)
	}
	who := c.house.Secretary.Professional
	const email, password = "secretaire@hopital.example", "un mot de passe de mesure"
	if err := accounts.CreateAccount(context.Background(), c.house.System, who, email, password, false); err != nil {
		b.Fatal(err)
	}
	p := start(b, build(b), "serve", "--database", c.dsn, "--archive", filepath.Join(dir, "archive"), "--mail-out", "maildir:"+filepath.Join(dir, "mail"))
	client := newClient(b)
	p.enter(b, client, email, password)
	agenda := "/meetings/" + string(c.meeting)
	p.page(b, client, "POST", agenda+"/draft", agenda, map[string][]string{})
	for range 20 {
		p.page(b, client, "GET", agenda, agenda, nil)
	}
	aim("resident memory of a server on 1,000,000 patients, after a draft", p.memory(b, "VmRSS"), draftMemory, "MB")
	p.stop(b)
}

func newTown(b *testing.B, dsn string, stored int) *town {
	b.Helper()
	s, err := store.Open(context.Background(), dsn, storetest.Clock)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	h := storetest.NewHouse(b, s)
	for i := 1; i < teams; i++ {
		other := h.Team
		other.ID, other.Version, other.Name = "", 0, fmt.Sprintf("Équipe %03d", i)
		if _, err := h.Meetings.SaveTeam(context.Background(), h.System, other); err != nil {
			b.Fatal(err)
		}
	}
	m := h.Meeting(b).Meeting
	fill(b, dsn, h, stored)
	patients := careplan.NewService(s, storetest.Clock)
	return &town{
		house: h, store: s, dsn: dsn, agenda: agenda.NewService(s, patients, storetest.Clock), meeting: m.ID, starts: m.Starts,
	}
}

// fill stores the patients by SQL: what a million imports would leave, in a
// minute or two. Indexes are made after the rows, which is many times faster.
func fill(b *testing.B, dsn string, h storetest.House, stored int) {
	b.Helper()
	begin := time.Now()
	db := open(b, dsn)
	defer db.Close()
	indexes := dropIndexes(b, db, dsn)
	if strings.HasPrefix(dsn, "postgres:") { // what refers to what is right by construction
		run(b, db, []string{`SET session_replication_role = replica`, `SET maintenance_work_mem = '512MB'`})
	} else {
		run(b, db, []string{`PRAGMA foreign_keys = OFF`, `PRAGMA cache_size = -500000`})
	}
	names := strings.NewReplacer("STORED", strconv.Itoa(stored), "DUE", strconv.Itoa(due), "TEAMS", strconv.Itoa(teams),
		"ORG", string(h.Org.ID), "FIRST", string(h.Team.ID))
	for _, q := range townRows {
		var args []any
		if strings.Contains(q, "$1") {
			args = []any{storetest.Now}
		}
		run(b, db, []string{names.Replace(q)}, args...)
	}
	run(b, db, append(indexes, `ANALYZE`)) // as autovacuum does within a minute
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
