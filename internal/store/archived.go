package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// ArchivedMinutes reads one page of signed minutes, newest meeting first.
func (s *Store) ArchivedMinutes(ctx context.Context, q minutes.ArchiveQuery) ([]minutes.Minutes, string, error) {
	const op = "store.ArchivedMinutes"
	zones, err := s.zones(ctx, q)
	if err != nil {
		return nil, "", fault.Wrap(op, err)
	}
	w := archiveWhere{q: q, zones: zones}
	if err := w.build(); err != nil {
		return nil, "", fault.Wrap(op, err)
	}
	all, err := s.minutesWhere(ctx, w.sql, w.args...)
	if err != nil || len(all) <= q.Limit {
		return all, "", fault.Wrap(op, err)
	}
	last := all[q.Limit-1]
	return all[:q.Limit], fmt.Sprintf("%d.%s", last.MeetingAt.UnixMicro(), last.ID), nil
}

// archiveWhere writes the condition of an archive query.
type archiveWhere struct {
	q     minutes.ArchiveQuery
	zones []string // of the meetings, when a day narrows
	sql   string
	args  []any
}

func (w *archiveWhere) arg(v any) string {
	w.args = append(w.args, v)
	return fmt.Sprintf("$%d", len(w.args))
}

func (w *archiveWhere) build() error {
	q := w.q
	w.sql = `WHERE v.org = ` + w.arg(q.Org)
	if q.All && q.Teams != nil {
		w.sql += ` AND v.team IN ` + in(&w.args, q.Teams)
	}
	mine := "" // on an extract d that the actor may know of
	if !q.All {
		who, on := w.arg(q.Who), w.arg(q.On)
		mine = `(v.team IN ` + in(&w.args, q.Full) + ` OR v.team IN ` + in(&w.args, q.Mine) + ` AND EXISTS (SELECT 1 FROM circle c
			WHERE c.patient = d.patient AND c.professional = ` + who + ` AND (c.from_day IS NULL OR c.from_day <= ` + on + `)
				AND (c.until_day IS NULL OR c.until_day >= ` + on + `)))`
		w.sql += ` AND EXISTS (SELECT 1 FROM document d WHERE d.minutes = v.id AND ` + mine + `)`
	}
	w.days()
	w.about(mine)
	if q.After != "" {
		at, last, err := cursor(q.After)
		if err != nil {
			return err
		}
		w.sql += ` AND (v.meeting_at, v.id) < (` + w.arg(at) + `, ` + w.arg(last) + `)`
	}
	w.sql += ` ORDER BY v.meeting_at DESC, v.id DESC LIMIT ` + w.arg(q.Limit+1)
	return nil
}

// about narrows to the minutes with an extract about a patient found by words.
func (w *archiveWhere) about(mine string) {
	terms := careplan.ParseTerms(w.q.Patient)
	if terms.None {
		w.sql += ` AND 1 = 0`
	}
	who := named(terms, &w.args)
	if who == "" {
		return
	}
	w.sql += ` AND EXISTS (SELECT 1 FROM document d JOIN patient p ON p.id = d.patient WHERE d.minutes = v.id`
	if mine != "" {
		w.sql += ` AND ` + mine
	}
	w.sql += who + `)`
}

// days narrows by the day of the meeting where it took place.
func (w *archiveWhere) days() {
	if len(w.zones) == 0 {
		return
	}
	var some []string
	for _, zone := range w.zones {
		loc := meetings.Meeting{Zone: zone}.Location()
		cond := `g.zone = ` + w.arg(zone)
		if !w.q.From.IsZero() {
			cond += ` AND v.meeting_at >= ` + w.arg(micro(w.q.From.In(loc)))
		}
		if !w.q.To.IsZero() {
			cond += ` AND v.meeting_at < ` + w.arg(micro(w.q.To.AddDays(1).In(loc)))
		}
		some = append(some, cond)
	}
	w.sql += ` AND EXISTS (SELECT 1 FROM meeting g WHERE g.id = v.meeting AND (` + strings.Join(some, ` OR `) + `))`
}

// zones reads where meetings take place; none when no day narrows.
func (s *Store) zones(ctx context.Context, q minutes.ArchiveQuery) ([]string, error) {
	if q.From.IsZero() && q.To.IsZero() {
		return nil, nil
	}
	rows, err := s.read.QueryContext(ctx, `SELECT DISTINCT zone FROM meeting WHERE org = $1`, q.Org)
	return collect(rows, err, func(r scanner) (zone string, err error) { return zone, r.Scan(&zone) })
}
