package store

import (
	"context"

	"github.com/rcp-care/rcp/internal/fault"
)

// OutboxCounts returns how many messages there are of each status, of every
// organisation together.
func (s *Store) OutboxCounts(ctx context.Context) (map[string]int, error) {
	all, err := s.countBy(ctx, `SELECT status, count(*) FROM outbox GROUP BY status`)
	return all, fault.Wrap("store.OutboxCounts", err)
}

// JobCounts returns how many slots of each job have run, on every machine
// together.
func (s *Store) JobCounts(ctx context.Context) (map[string]int, error) {
	all, err := s.countBy(ctx, `SELECT job, count(*) FROM job_run GROUP BY job`)
	return all, fault.Wrap("store.JobCounts", err)
}

func (s *Store) countBy(ctx context.Context, query string) (map[string]int, error) {
	type row struct {
		word string
		n    int
	}
	rows, err := s.read.QueryContext(ctx, query)
	found, err := collect(rows, err, func(r scanner) (v row, err error) { return v, r.Scan(&v.word, &v.n) })
	counts := make(map[string]int, len(found))
	for _, v := range found {
		counts[v.word] = v.n
	}
	return counts, err
}
