package bench

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/internal/store/storetest"
	"github.com/rcp-care/rcp/internal/testenv"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// Twenty years of sixty teams: 10,000 signed meetings of 20 patients.
const (
	libraryTeams = 60
	decisions    = 200_000
	perSheet     = 20
	known        = 20_000 // patients
)

// searchAim is the 99th percentile that a search in the archive should stay
// under, its audit entry on the disk.
const searchAim = 100

// BenchmarkSearch looks for words in 200,000 signed decisions.
func BenchmarkSearch(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		benchmarkSearch(b, "SQLite", "sqlite:"+filepath.Join(b.TempDir(), "rcp.db"))
	})
	b.Run("postgres", func(b *testing.B) { benchmarkSearch(b, "PostgreSQL", testenv.Postgres(b)) })
}

func benchmarkSearch(b *testing.B, database, dsn string) {
	l := newLibrary(b, dsn)
	for b.Loop() {
		took := l.search(b, 15)
		p50, p99 := took[len(took)/2], took[len(took)*99/100]
		b.ReportMetric(ms(p99), "ms-p99")
		aim(database+": search the words of 200,000 decisions, p99", ms(p99), searchAim, "ms")
		note("  "+database+": the same, median", "%.1f ms", ms(p50))
	}
}

// library is a store of signed decisions, and who looks for them.
type library struct {
	minutes *minutes.Service
	actors  []auth.Actor
}

// search asks each question of each actor, and returns how long each took in
// order.
func (l library) search(b *testing.B, times int) []time.Duration {
	b.Helper()
	questions := []minutes.ArchiveQuery{
		{Words: "évaluation"},
		{Words: "mot000400"},
		{Words: "evaluation douleur"},
		{Words: "ma"},
		{Words: "douleur mot000150"},
		{Words: "évaluation", Patient: "essai77"},
		{Words: "douleur", From: date.New(2025, 3, 1), To: date.New(2025, 3, 31)},
		{Words: "marche", Profession: "kinesitherapeute"},
		{Words: "introuvable"},
	}
	found := 0
	var took []time.Duration
	for round := range times {
		for _, q := range questions {
			for i, a := range l.actors {
				begin := time.Now()
				cases, _, err := l.minutes.Search(context.Background(), a, q)
				took = append(took, time.Since(begin))
				if round == 0 {
					b.Logf("%q %q %s, actor %d: %d cases in %v", q.Words, q.Patient, q.From, i, len(cases), took[len(took)-1])
				}
				if err != nil {
					b.Fatal(err)
				}
				found += len(cases)
			}
		}
	}
	if found < times*len(l.actors) {
		b.Fatalf("found %d cases only", found)
	}
	slices.Sort(took)
	return took
}

// newLibrary stores signed minutes by SQL, and opens the store again: it makes
// them found by words, as after an update.
func newLibrary(b *testing.B, dsn string) library {
	b.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, dsn, storetest.Clock)
	if err != nil {
		b.Fatal(err)
	}
	h := storetest.NewHouse(b, s)
	all := []id.Team{h.Team.ID}
	for i := 1; i < libraryTeams; i++ {
		other := h.Team
		other.ID, other.Version, other.Name = "", 0, fmt.Sprintf("Équipe %02d", i)
		if other, err = h.Meetings.SaveTeam(ctx, h.System, other); err != nil {
			b.Fatal(err)
		}
		all = append(all, other.ID)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	fillLibrary(b, dsn, h, all)
	begin := time.Now()
	again := withoutFullText(b, dsn)
	if s, err = store.Open(ctx, dsn, storetest.Clock); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	again()
	b.Logf("indexed in %v", time.Since(begin).Round(time.Millisecond))
	analyze(b, dsn)
	everywhere := h.Secretary
	everywhere.Teams = map[id.Team]auth.Role{}
	for _, t := range all {
		everywhere.Teams[t] = auth.Secretary
	}
	service := minutes.NewService(s, careplan.NewService(s, storetest.Clock), nil, nil, storetest.Clock)
	return library{minutes: service, actors: []auth.Actor{everywhere, h.Secretary, h.Clinician}}
}

// withoutFullText drops PostgreSQL's full text index, which is made at once much
// quicker than row by row, and returns what makes it again. SQLite's is a table.
func withoutFullText(b *testing.B, dsn string) (again func()) {
	b.Helper()
	if strings.HasPrefix(dsn, "sqlite:") {
		return func() {}
	}
	run := func(query string) {
		db := open(b, dsn)
		defer db.Close()
		if _, err := db.ExecContext(context.Background(), query); err != nil {
			b.Fatal(err)
		}
	}
	run(`DROP INDEX decided_terms`)
	return func() { run(`CREATE INDEX decided_terms ON decided USING gin (terms)`) }
}

func analyze(b *testing.B, dsn string) {
	b.Helper()
	db := open(b, dsn)
	defer db.Close()
	if _, err := db.ExecContext(context.Background(), `ANALYZE`); err != nil {
		b.Fatal(err)
	}
}

// libraryRows store patients, of whom the nurse cares for one in fifty, and the
// meetings, in SQL that both databases read.
var libraryRows = []string{
	`CREATE TEMPORARY TABLE library AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < KNOWN) SELECT i FROM n`,
	`INSERT INTO patient (id, org, ipp, birth_family, birth_given, birth_names, used_family, used_given, sex, birth_date,
			birth_place, ins, ins_oid, ins_key_valid, identity, deceased, sharing, informed, language, search, version, created, updated)
		SELECT 'patient-' || i, 'ORG', 'I' || i, 'ESSAI' || i, 'Claude', '', '', '', 'female', '1940-01-02', '', '', '', false,
			'PROV', false, 'agreed', true, 'fr', ' essai' || i || ' claude', 1, CAST($1 AS timestamptz), CAST($1 AS timestamptz) FROM library`,
	`INSERT INTO circle (patient, professional, role) SELECT 'patient-' || i, 'NURSE', '' FROM library WHERE i % 50 = 7`,
}

func fillLibrary(b *testing.B, dsn string, h storetest.House, all []id.Team) {
	b.Helper()
	ctx := context.Background()
	db := open(b, dsn)
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		b.Fatal(err)
	}
	names := strings.NewReplacer("KNOWN", fmt.Sprint(known), "ORG", string(h.Org.ID), "NURSE", string(h.Clinician.Professional))
	for i, q := range libraryRows {
		var args []any
		if strings.Contains(q, "$1") {
			args = []any{storetest.Now}
		}
		if _, err := tx.ExecContext(ctx, names.Replace(q), args...); err != nil {
			b.Fatalf("fill, step %d: %v", i, err)
		}
	}
	author := newAuthor()
	for i := range decisions / perSheet {
		if err := fillMinutes(ctx, tx, h, all[i%len(all)], i, author.content(i)); err != nil {
			b.Fatalf("minutes %d: %v", i, err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}

// fillMinutes stores one signed meeting.
func fillMinutes(ctx context.Context, tx *sql.Tx, h storetest.House, team id.Team, i int, c minutes.Content) error {
	raw, err := json.Marshal(c)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("signed-%05d", i)
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO meeting (id, org, team, slot, kind, starts, ends, zone, room, url, status, reason, uid, sequence, cutoff,
			version, created, updated)
		VALUES ($1, $2, $3, '', 'synthese', $4, $4, 'Europe/Paris', '', '', 'signed', '', $1, 0, $4, 1, $4, $4)`,
		name, h.Org.ID, team, c.Starts); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO minutes (id, org, team, meeting, version, seq, content, sha256, previous, reason, signed_by, signer, signed_at, meeting_at)
		VALUES ($1, $2, $3, $1, 1, $4, $5, $1, '', '', $6, '', $7, $7)`,
		name, h.Org.ID, team, i+1, string(raw), h.Chair.Professional, c.Starts)
	return err
}

// author writes decisions with words as often as people use them: few very
// often, most seldom.
type author struct {
	rand  *rand.Rand
	zipf  *rand.Zipf
	words []string
}

func newAuthor() author {
	r := rand.New(rand.NewPCG(2026, 11))
	words := strings.Fields(`de la le à un pour Évaluation marche douleur reprise séance semaine kinésithérapie domicile sortie
		traitement chute bilan équilibre maintien aide famille repas sommeil autonomie objectif médecin infirmière appui`)
	for i := range 5_000 {
		words = append(words, fmt.Sprintf("mot%06d", i))
	}
	return author{rand: r, zipf: rand.NewZipf(r, 1.1, 4, uint64(len(words)-1)), words: words}
}

func (a author) text(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = a.words[a.zipf.Uint64()]
	}
	return strings.Join(all, " ") + "."
}

func (a author) content(i int) minutes.Content {
	at := storetest.Now.AddDate(0, 0, -(i/libraryTeams)*7).Truncate(time.Second)
	c := minutes.Content{Starts: at, Ends: at, Zone: "Europe/Paris", SignedAt: at, Participants: []minutes.Participant{
		{Profession: meetings.ProfessionName("medecin", "fr"), Presence: meetings.Present},
		{Profession: meetings.ProfessionName("kinesitherapeute", "fr"), Presence: meetings.Present},
	}}
	for k := range perSheet {
		p := a.rand.IntN(known)
		c.Cases = append(c.Cases, minutes.Case{
			Case: id.Case(fmt.Sprintf("case-%d-%d", i, k)), Patient: id.Patient(fmt.Sprintf("patient-%d", p)),
			BirthFamily: fmt.Sprintf("ESSAI%d", p), BirthGiven: "Claude", Question: a.text(8),
			Decision: minutes.Decision{
				Summary: a.text(30), Objectives: []minutes.ObjectiveResult{{Title: a.text(4), Comment: a.text(6)}},
				Actions: []minutes.NewAction{{Title: a.text(5)}},
			},
		})
	}
	return c
}
