package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/agenda/preparation"
	"github.com/rcp-care/rcp/careplan/protocol"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// The store serves the preparation.
var _ preparation.Store = (*Store)(nil)

// CaseFacts reads what is stored about the preparation of a meeting's cases, in
// seven queries.
func (s *Store) CaseFacts(ctx context.Context, org id.Org, m id.Meeting, on date.Date) (map[id.Case]preparation.Facts, error) {
	f := factReader{s: s, org: org, meeting: m, all: map[id.Case]preparation.Facts{}}
	for _, read := range []func(context.Context) error{
		f.plans, f.requests, f.sheets, f.contributions, f.checklists, f.ticks, func(ctx context.Context) error { return f.circles(ctx, on) },
	} {
		if err := read(ctx); err != nil {
			return nil, fault.Wrap("store.CaseFacts", err)
		}
	}
	return f.all, nil
}

// factReader reads the facts of one meeting's cases, part by part.
type factReader struct {
	s       *Store
	org     id.Org
	meeting id.Meeting
	all     map[id.Case]preparation.Facts
}

// each runs a query whose $1 is the organisation and $2 the meeting, and hands
// the facts of the case that each row begins with to scan.
func (f factReader) each(ctx context.Context, query string, scan func(r scanner, c *id.Case) (func(*preparation.Facts), error), args ...any) error {
	rows, err := f.s.read.QueryContext(ctx, query, append([]any{f.org, f.meeting}, args...)...)
	_, err = collect(rows, err, func(r scanner) (struct{}, error) {
		var c id.Case
		add, err := scan(r, &c)
		if err == nil {
			facts := f.all[c]
			add(&facts)
			f.all[c] = facts
		}
		return struct{}{}, err
	})
	return err
}

// plans reads the active plan of each case, with its open objectives.
func (f factReader) plans(ctx context.Context) error {
	return f.each(ctx, `
		SELECT i.id, pl.id, pl.end_day, pl.referent, COALESCE(NULLIF(pl.referent_name, ''), TRIM(r.title || ' ' || r.given || ' ' || r.family), ''),
			o.id, COALESCE(o.domain, ''), o.owner, COALESCE(w.profession, '')
		FROM agenda_item i
		JOIN plan pl ON pl.patient = i.patient AND pl.team = i.team AND pl.status = 'active'
		LEFT JOIN professional r ON r.id = pl.referent
		LEFT JOIN objective o ON o.plan = pl.id AND o.lifecycle NOT IN ('completed', 'cancelled')
		LEFT JOIN professional w ON w.id = o.owner
		WHERE i.org = $1 AND i.meeting = $2 ORDER BY i.id, pl.created, o.position, o.id`,
		func(r scanner, c *id.Case) (func(*preparation.Facts), error) {
			var plan id.Plan
			var end date.Date
			var name string
			var a preparation.Aim
			var referent, objective, owner sql.NullString
			err := r.Scan(c, &plan, &end, &referent, &name, &objective, &a.Domain, &owner, &a.Profession)
			a.Owner = id.Professional(owner.String)
			return func(k *preparation.Facts) {
				k.Followed, k.PlanEnd, k.ReferentID, k.ReferentName = plan, end, id.Professional(referent.String), name
				if objective.Valid {
					k.Aims = append(k.Aims, a)
				}
			}, err
		})
}

// requests reads who asked for each case, oldest first.
func (f factReader) requests(ctx context.Context) error {
	return f.each(ctx, `
		SELECT i.id, q.by_id, q.by_name, q.question, q.at, q.details, q.presenter, TRIM(COALESCE(w.title || ' ' || w.given || ' ' || w.family, ''))
		FROM agenda_item i JOIN request q ON q.case_id = i.id LEFT JOIN professional w ON w.id = q.presenter
		WHERE i.org = $1 AND i.meeting = $2 AND q.status IN ('placed', 'answered') ORDER BY q.at, q.id`,
		func(r scanner, c *id.Case) (func(*preparation.Facts), error) {
			var q preparation.Request
			var by, wished sql.NullString
			var d agenda.Details
			err := r.Scan(c, &by, &q.ByName, &q.Question, &q.At, jsonOf(&d), &wished, &q.WishedName)
			q.By, q.Wished, q.ISBAR = id.Professional(by.String), id.Professional(wished.String), d.ISBAR
			return func(k *preparation.Facts) { k.Requests = append(k.Requests, q) }, err
		})
}

func (f factReader) sheets(ctx context.Context) error {
	return f.each(ctx, `
		SELECT i.id, s.isbar, s.version FROM agenda_item i JOIN case_sheet s ON s.case_id = i.id WHERE i.org = $1 AND i.meeting = $2`,
		func(r scanner, c *id.Case) (func(*preparation.Facts), error) {
			var v preparation.ISBAR
			err := r.Scan(c, jsonOf(&v), &v.Version)
			return func(k *preparation.Facts) { k.ISBAR = v }, err
		})
}

func (f factReader) contributions(ctx context.Context) error {
	return f.each(ctx, `
		SELECT i.id, k.profession, k.text, k.opinion, k.asked_at, k.asked_by, k.written_at, k.version, `+professionalColumns+`
		FROM agenda_item i JOIN contribution k ON k.case_id = i.id JOIN professional p ON p.id = k.professional
		WHERE i.org = $1 AND i.meeting = $2 ORDER BY i.id, p.family, p.given, p.id`,
		func(r scanner, c *id.Case) (func(*preparation.Facts), error) {
			var v preparation.Contribution
			var asked, written sql.NullTime
			fields := []any{c, &v.Profession, &v.Text, &v.Opinion, &asked, &v.AskedBy, &written, &v.Version}
			err := r.Scan(append(fields, professionalFields(&v.Professional)...)...)
			v.Case, v.AskedAt, v.WrittenAt = *c, timeOf(asked), timeOf(written)
			return func(k *preparation.Facts) { k.Contributions = append(k.Contributions, v) }, err
		})
}

// checklists reads what the protocol that each case's plan was made from asks
// to prepare, in the plan's version of it.
func (f factReader) checklists(ctx context.Context) error {
	return f.each(ctx, `
		SELECT i.id, v.content FROM agenda_item i
		JOIN plan l ON l.id = `+preparedPlan+`
		JOIN protocol_version v ON v.protocol = l.protocol AND v.version = l.protocol_version
		WHERE i.org = $1 AND i.meeting = $2`,
		func(r scanner, c *id.Case) (func(*preparation.Facts), error) {
			var p protocol.Protocol
			err := r.Scan(c, jsonOf(&p))
			return func(k *preparation.Facts) {
				for _, line := range p.Checklist {
					k.Checks = append(k.Checks, preparation.Check{Line: line})
				}
			}, err
		})
}

// ticks reads what of the checklists is ready.
func (f factReader) ticks(ctx context.Context) error {
	return f.each(ctx, `
		SELECT i.id, t.line, t.by_name, t.at FROM agenda_item i JOIN case_check t ON t.case_id = i.id
		WHERE i.org = $1 AND i.meeting = $2`,
		func(r scanner, c *id.Case) (func(*preparation.Facts), error) {
			var v preparation.Check
			err := r.Scan(c, &v.Line, &v.ByName, &v.At)
			return func(k *preparation.Facts) {
				for i := range k.Checks {
					if k.Checks[i].Line == v.Line {
						k.Checks[i].Done, k.Checks[i].ByName, k.Checks[i].At = true, v.ByName, v.At.UTC()
					}
				}
			}, err
		})
}

// circles reads which members of the team care for each patient on a day.
func (f factReader) circles(ctx context.Context, on date.Date) error {
	return f.each(ctx, `
		SELECT DISTINCT i.id, c.professional FROM agenda_item i
		JOIN circle c ON c.patient = i.patient AND (c.from_day IS NULL OR c.from_day <= $3) AND (c.until_day IS NULL OR c.until_day >= $3)
		JOIN team_member tm ON tm.team = i.team AND tm.professional = c.professional
		WHERE i.org = $1 AND i.meeting = $2`,
		func(r scanner, c *id.Case) (func(*preparation.Facts), error) {
			var p id.Professional
			err := r.Scan(c, &p)
			return func(k *preparation.Facts) { k.Circle = append(k.Circle, p) }, err
		}, on)
}

// lockCase holds a case that is still prepared, so that a text and the end of
// its discussion come one after the other.
func lockCase(ctx context.Context, tx *sql.Tx, org id.Org, c id.Case) error {
	res, err := tx.ExecContext(ctx, `
		UPDATE agenda_item SET updated = updated WHERE org = $1 AND id = $2 AND status IN ('proposed', 'scheduled')
			AND meeting IN (SELECT m.id FROM meeting m WHERE m.id = agenda_item.meeting AND m.status IN ('draft', 'open', 'closed', 'running'))`, org, c)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return fault.New(fault.Conflict, "store", "Ce dossier ne se prépare plus.")
}

// WriteContribution keeps a text whose version is the one its author saw.
func (s *Store) WriteContribution(ctx context.Context, org id.Org, c preparation.Contribution, by audit.Change) error {
	return s.change(ctx, "store.WriteContribution", by, func(tx *sql.Tx) error {
		if err := lockCase(ctx, tx, org, c.Case); err != nil {
			return err
		}
		return stale(tx.ExecContext(ctx, `
			INSERT INTO contribution (case_id, professional, org, profession, text, opinion, asked_by, written_at, version)
			VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8 + 1)
			ON CONFLICT (case_id, professional) DO UPDATE SET profession = excluded.profession, text = excluded.text,
				opinion = excluded.opinion, written_at = excluded.written_at, version = excluded.version
			WHERE contribution.version = excluded.version - 1`,
			c.Case, c.Professional.ID, org, c.Profession, c.Text, c.Opinion, micro(c.WrittenAt), c.Version))
	})
}

// AskContributions notes who is asked; a text written already stays, and asking
// changes no version: the author who began before loses nothing.
func (s *Store) AskContributions(ctx context.Context, org id.Org, m id.Meeting, asks []preparation.Contribution, by audit.Change) error {
	return s.change(ctx, "store.AskContributions", by, func(tx *sql.Tx) error {
		if err := lockMeeting(ctx, tx, org, m); err != nil {
			return err
		}
		for _, k := range asks {
			if err := lockCase(ctx, tx, org, k.Case); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, `
				INSERT INTO contribution (case_id, professional, org, profession, text, opinion, asked_at, asked_by, version)
				VALUES ($1, $2, $3, $4, '', $5, $6, $7, 0)
				ON CONFLICT (case_id, professional) DO UPDATE SET asked_at = excluded.asked_at, asked_by = excluded.asked_by`,
				k.Case, k.Professional.ID, org, k.Profession, false, micro(k.AskedAt), k.AskedBy)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// SaveISBAR keeps a summary whose version is the one its author saw.
func (s *Store) SaveISBAR(ctx context.Context, org id.Org, c id.Case, i preparation.ISBAR, by audit.Change) error {
	raw, err := json.Marshal(i)
	if err != nil {
		return fault.Wrap("store.SaveISBAR", err)
	}
	return s.change(ctx, "store.SaveISBAR", by, func(tx *sql.Tx) error {
		if err := lockCase(ctx, tx, org, c); err != nil {
			return err
		}
		return stale(tx.ExecContext(ctx, `
			INSERT INTO case_sheet (case_id, org, isbar, version, updated) VALUES ($1, $2, $3, $4 + 1, $5)
			ON CONFLICT (case_id) DO UPDATE SET isbar = excluded.isbar, version = excluded.version, updated = excluded.updated
			WHERE case_sheet.version = excluded.version - 1`, c, org, string(raw), i.Version, micro(i.At)))
	})
}

// awaited are the contributions k of cases i that are asked and not written, of
// meetings m still to come or taking place.
const awaited = ` FROM contribution k JOIN agenda_item i ON i.id = k.case_id JOIN meeting m ON m.id = i.meeting
	JOIN patient p ON p.id = i.patient
	WHERE k.org = $1 AND k.written_at IS NULL AND k.asked_at IS NOT NULL AND i.status IN ('proposed', 'scheduled')
		AND m.status IN ('draft', 'open', 'closed', 'running') AND NOT p.deceased`

// OwnAsks reads what somebody is asked and did not write, soonest first: of the
// patients in whose care circle they are on the day, and of a team they chair.
func (s *Store) OwnAsks(ctx context.Context, org id.Org, who id.Professional, on date.Date, limit int) ([]preparation.Ask, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT i.id, i.team, i.meeting, m.starts, m.zone, (SELECT t.name FROM team t WHERE t.id = i.team), k.asked_at, k.asked_by, `+patientColumns+awaited+`
			AND k.professional = $2 AND (`+inCircle(2, 3)+` OR EXISTS (SELECT 1 FROM team_member tm
				WHERE tm.team = i.team AND tm.professional = $2 AND tm.role = 'chair'))
		ORDER BY m.starts, i.position, i.id LIMIT $4`, org, who, on, limit)
	all, err := collect(rows, err, func(r scanner) (k preparation.Ask, err error) {
		var m meetings.Meeting
		fields := []any{&k.Item.ID, &k.Item.Team, &k.Item.Meeting, &k.Starts, &m.Zone, &k.Team, &k.AskedAt, &k.AskedBy}
		err = r.Scan(append(fields, patientFields(&k.Item.Patient)...)...)
		k.Starts, k.AskedAt = k.Starts.In(m.Location()), k.AskedAt.In(m.Location())
		return k, err
	})
	return all, fault.Wrap("store.OwnAsks", err)
}

// Unanswered reads who is asked for something about a meeting and did not write.
func (s *Store) Unanswered(ctx context.Context, org id.Org, m id.Meeting) ([]id.Professional, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT DISTINCT k.professional`+awaited+` AND i.meeting = $2 ORDER BY k.professional`, org, m)
	all, err := collect(rows, err, scanOne[id.Professional])
	return all, fault.Wrap("store.Unanswered", err)
}

// Opinions reads the written opinions on the cases of a meeting.
func (s *Store) Opinions(ctx context.Context, org id.Org, m id.Meeting) (map[id.Case][]meetings.Opinion, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT k.case_id, k.professional, k.written_at FROM contribution k JOIN agenda_item i ON i.id = k.case_id
		WHERE k.org = $1 AND i.meeting = $2 AND k.opinion AND k.written_at IS NOT NULL ORDER BY k.written_at, k.professional`, org, m)
	all := map[id.Case][]meetings.Opinion{}
	_, err = collect(rows, err, func(r scanner) (struct{}, error) {
		var c id.Case
		var o meetings.Opinion
		var at time.Time
		err := r.Scan(&c, &o.Professional, &at)
		o.At = at.UTC()
		all[c] = append(all[c], o)
		return struct{}{}, err
	})
	return all, fault.Wrap("store.Opinions", err)
}
