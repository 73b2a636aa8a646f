package store

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/testenv"
	"github.com/rcp-care/rcp/meetings"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// dueNow is how many patients are due, whatever the number stored.
const dueNow = 100

// BenchmarkDraftAgenda drafts an agenda with 100,000 patients stored and with
// 1,000, the same number due, and prints the ratio, which must stay under 1.5.
func BenchmarkDraftAgenda(b *testing.B) {
	for name, dsn := range map[string]func(testing.TB) string{
		"sqlite":   func(b testing.TB) string { return "sqlite:" + filepath.Join(b.TempDir(), "rcp.db") },
		"postgres": func(b testing.TB) string { return testenv.Postgres(b) },
	} {
		b.Run(name, func(b *testing.B) {
			small, large := newCrowd(b, dsn(b), 1_000), newCrowd(b, dsn(b), 100_000)
			small.draft(b) // the first draft writes the lines: both have done it
			large.draft(b)
			var took [2]time.Duration
			for b.Loop() { // in turns, so that both see the same machine
				took[0] += small.draft(b)
				took[1] += large.draft(b)
			}
			b.ReportMetric(float64(took[1])/float64(took[0]), "large/small")
			b.ReportMetric(float64(took[1].Microseconds())/float64(b.N)/1000, "ms/draft")
		})
	}
}

// crowd is a store with many patients of one team.
type crowd struct {
	agenda  *agenda.Service
	actor   auth.Actor
	meeting id.Meeting
}

func (c crowd) draft(b *testing.B) time.Duration {
	b.Helper()
	begin := time.Now()
	g, err := c.agenda.Draft(context.Background(), c.actor, c.meeting)
	took := time.Since(begin)
	if err != nil || len(g.Items)+len(g.Waiting) != dueNow {
		b.Fatalf("drafted %d and %d, %v", len(g.Items), len(g.Waiting), err)
	}
	return took
}

func newCrowd(b *testing.B, dsn string, stored int) crowd {
	b.Helper()
	ctx := context.Background()
	now := time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	s, err := Open(ctx, dsn, clock)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	org := auth.Org{ID: id.New[id.Org](), Name: "Pôle de soins", Created: now}
	if err := s.CreateOrg(ctx, org); err != nil {
		b.Fatal(err)
	}
	c := crowd{agenda: agenda.NewService(s, careplan.NewService(s, clock), clock), actor: auth.System(org.ID, "bench")}
	ms := meetings.NewService(s, clock)
	team, err := ms.SaveTeam(ctx, c.actor, meetings.Team{
		Name: "Gériatrie", Kind: meetings.Synthese, Zone: "Europe/Paris", HolidayZone: "metropole", CaseMinutes: 8, ReviewInterval: 90, OrganizerAddress: "reunions@valbrume.example",
		Quorum: meetings.QuorumRule{MinProfessions: 3},
	})
	if err != nil {
		b.Fatal(err)
	}
	starts := time.Date(2026, 11, 26, 13, 30, 0, 0, time.UTC)
	m, err := ms.Create(ctx, c.actor, team.ID, meetings.Move{Starts: starts, Ends: starts.Add(90 * time.Minute)})
	if err != nil {
		b.Fatal(err)
	}
	c.meeting = m.ID
	fill(b, s, org.ID, team.ID, stored, now)
	return c
}

// fill stores patients with a plan, three objectives and two actions each; the
// first dueNow have a late action and every second of them a due review.
func fill(b *testing.B, s *Store, org id.Org, team id.Team, stored int, now time.Time) {
	b.Helper()
	const n = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST($1 AS integer)) `
	for _, q := range []string{
		n + `INSERT INTO patient (id, org, ipp, birth_family, birth_given, birth_names, used_family, used_given, sex, birth_date,
				birth_place, ins, ins_oid, ins_key_valid, identity, deceased, sharing, informed, language, search, version, created, updated)
			SELECT 'p' || i, $2, 'I' || i, 'ESSAI' || i, 'Claude', '', '', '', 'female', '1940-01-02', '', '', '', false, 'PROV', false,
				'agreed', true, 'fr', ' essai' || i, 1, $4, $4 FROM n WHERE $3 <> ''`,
		n + `INSERT INTO plan (id, org, patient, team, title, description, category, status, start_day, referent_name,
				review_interval, last_review, next_review, version, created, updated)
			SELECT 'l' || i, $2, 'p' || i, $3, 'Plan', '', '', 'active', '2026-01-01', '', 90, '2026-09-01',
				CASE WHEN i <= 100 AND i % 2 = 0 THEN '2026-11-10' ELSE '2027-03-01' END, 1, $4, $4 FROM n`,
		n + `INSERT INTO objective (id, org, plan, patient, team, title, description, domain, expected, due, owner_name, lifecycle,
				achievement, patient_view, strategy, position, version, created, updated)
			SELECT 'o' || i || '-' || k.k, $2, 'l' || i, 'p' || i, $3, 'Objectif', '', '', '', '2027-06-01', '', 'active', 'in-progress', '', '',
				k.k, 1, $4, $4 FROM n CROSS JOIN (SELECT 1 AS k UNION SELECT 2 UNION SELECT 3) AS k`,
		n + `INSERT INTO action (id, org, plan, patient, team, title, description, owner_name, status, outcome, reason, due,
				version, created, updated)
			SELECT 'a' || i || '-' || k.k, $2, 'l' || i, 'p' || i, $3, 'Action', '', '', CASE WHEN k.k = 1 THEN 'requested' ELSE 'completed' END,
				'', '', CASE WHEN i <= 100 THEN '2026-11-15' ELSE '2027-01-15' END, 1, $4, $4
				FROM n CROSS JOIN (SELECT 1 AS k UNION SELECT 2) AS k`,
	} {
		if _, err := s.write.Exec(q, stored, org, team, micro(now)); err != nil {
			b.Fatalf("fill: %v", err)
		}
	}
	if _, err := s.write.Exec(`ANALYZE`); err != nil { // what autovacuum does within a minute
		b.Fatalf("analyze: %v", err)
	}
}
