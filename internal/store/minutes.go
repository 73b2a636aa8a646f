package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/minutes"
)

// The store serves the minutes.
var _ minutes.Store = (*Store)(nil)

// Decisions reads what was decided for the cases of a meeting.
func (s *Store) Decisions(ctx context.Context, org id.Org, m id.Meeting) ([]minutes.Decision, error) {
	rows, err := s.read.QueryContext(ctx,
		`SELECT content, version FROM decision WHERE org = $1 AND meeting = $2 ORDER BY case_id`, org, m)
	all, err := collect(rows, err, func(r scanner) (d minutes.Decision, err error) {
		var content []byte
		var version int
		if err = r.Scan(&content, &version); err != nil {
			return d, err
		}
		err = json.Unmarshal(content, &d)
		d.Version = version
		return d, err
	})
	return all, fault.Wrap("store.Decisions", err)
}

// SaveDecision inserts (Version 0) or changes a decision of a meeting that is
// not signed, and marks its case discussed.
func (s *Store) SaveDecision(ctx context.Context, org id.Org, d minutes.Decision, begun time.Time, by audit.Change) error {
	return s.change(ctx, "store.SaveDecision", by, func(tx *sql.Tx) error {
		if err := lockMeeting(ctx, tx, org, d.Meeting); err != nil {
			return err
		}
		if err := writeDecision(ctx, tx, org, d, d.At); err != nil {
			return err
		}
		return stale(tx.ExecContext(ctx, `
			UPDATE agenda_item SET status = 'discussed', started = COALESCE(started, $3), updated = $4, version = version + 1,
				position = CASE WHEN position > 0 THEN position ELSE
					(SELECT COALESCE(MAX(o.position), 0) + 1 FROM agenda_item o WHERE o.meeting = agenda_item.meeting) END
			WHERE org = $1 AND id = $2 AND NOT standard AND status IN ('proposed', 'scheduled', 'discussed')`,
			org, d.Case, micro(begun), micro(d.At)))
	})
}

func writeDecision(ctx context.Context, tx *sql.Tx, org id.Org, d minutes.Decision, at time.Time) error {
	content, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if d.Version == 0 {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO decision (case_id, org, meeting, patient, content, version, updated) VALUES ($1, $2, $3, $4, $5, 1, $6)`,
			d.Case, org, d.Meeting, d.Patient, string(content), micro(at))
		if duplicate(err) {
			return stale(noRow{}, nil)
		}
		return err
	}
	return stale(tx.ExecContext(ctx, `
		UPDATE decision SET content = $4, updated = $5, version = version + 1 WHERE org = $1 AND case_id = $2 AND version = $3`,
		org, d.Case, d.Version, string(content), micro(at)))
}

// Head returns the end of a team's chain of minutes.
func (s *Store) Head(ctx context.Context, org id.Org, team id.Team) (seq int, sha string, err error) {
	err = s.read.QueryRowContext(ctx,
		`SELECT seq, sha256 FROM minutes WHERE org = $1 AND team = $2 ORDER BY seq DESC LIMIT 1`, org, team).Scan(&seq, &sha)
	if err == sql.ErrNoRows {
		return 0, "", nil
	}
	return seq, sha, fault.Wrap("store.Head", err)
}

// Sign freezes minutes: the version, its documents, what was not reached, the
// plans, the requests answered and the meeting's state, or nothing.
func (s *Store) Sign(ctx context.Context, g minutes.Signing, by audit.Change) error {
	return s.change(ctx, "store.Sign", by, func(tx *sql.Tx) error {
		w := signer{s: s, tx: tx, g: g}
		for _, step := range []func(context.Context) error{
			w.meeting, w.unchanged, w.minutes, w.documents, w.index, w.carry, w.settle, w.decisions, w.newParts, w.changedParts, w.requests, w.told,
		} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// signer writes one signature.
type signer struct {
	s  *Store
	tx *sql.Tx
	g  minutes.Signing
}

// meeting locks the meeting first: of two signatures one finds it signed.
func (w signer) meeting(ctx context.Context) error {
	from, to := "held", "signed"
	if w.g.Correction {
		from = "signed"
	}
	m := w.g.Minutes
	return stale(w.tx.ExecContext(ctx, `
		UPDATE meeting SET status = $5, signed = COALESCE(signed, $6), updated = $6, version = version + 1
		WHERE org = $1 AND id = $2 AND version = $3 AND status = $4`,
		m.Org, m.Meeting, w.g.MeetingVersion, from, to, micro(m.SignedAt)))
}

// unchanged makes sure that what was read still stands: the decisions, and of
// a first signature the lines and who was there.
func (w signer) unchanged(ctx context.Context) error {
	m := w.g.Minutes
	err := sameVersions(ctx, w.tx, `SELECT case_id, version FROM decision WHERE org = $1 AND meeting = $2`, w.g.Seen, m.Org, m.Meeting)
	if err != nil || w.g.Correction {
		return err
	}
	err = sameVersions(ctx, w.tx, `SELECT id, version FROM agenda_item WHERE org = $1 AND meeting = $2`, w.g.Lines, m.Org, m.Meeting)
	if err != nil {
		return err
	}
	return sameVersions(ctx, w.tx, `SELECT professional, version FROM attendance WHERE meeting = $1`, w.g.Attendance, m.Meeting)
}

// sameVersions is a conflict unless the query gives exactly the versions seen.
func sameVersions[T ~string](ctx context.Context, tx *sql.Tx, query string, seen map[T]int, args ...any) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	same := 0
	all, err := collect(rows, err, func(r scanner) (struct{}, error) {
		var key T
		var version int
		err := r.Scan(&key, &version)
		if v, known := seen[key]; known && v == version {
			same++
		}
		return struct{}{}, err
	})
	if err == nil && (same != len(all) || same != len(seen)) {
		return stale(noRow{}, nil)
	}
	return err
}

func (w signer) minutes(ctx context.Context) error {
	m := w.g.Minutes
	_, err := w.tx.ExecContext(ctx, `
		INSERT INTO minutes (id, org, team, meeting, version, seq, content, sha256, previous, replaces, reason, signed_by, signer,
			signed_at, meeting_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		m.ID, m.Org, m.Team, m.Meeting, m.Version, m.Seq, string(w.g.JSON), m.SHA256, m.Previous, null(m.Replaces), m.Reason,
		m.SignedBy, m.Signer, micro(m.SignedAt), micro(m.MeetingAt))
	return err
}

func (w signer) documents(ctx context.Context) error {
	for docs := range slices.Chunk(w.g.Minutes.Documents, 500) {
		var args []any
		rows := make([]string, len(docs))
		for i, d := range docs {
			from := len(args) + 1
			args = append(args, d.Minutes, d.Kind, d.Patient, d.SHA256, d.Size, d.Pages)
			rows[i] = places(from, len(args))
		}
		_, err := w.tx.ExecContext(ctx,
			`INSERT INTO document (minutes, kind, patient, sha256, size, pages) VALUES `+strings.Join(rows, ", "), args...)
		if err != nil {
			return err
		}
	}
	return nil
}

func (w signer) carry(ctx context.Context) error {
	if len(w.g.Deferred) == 0 {
		return nil
	}
	return upsertItems(ctx, w.tx, w.g.Deferred)
}

func (w signer) decisions(ctx context.Context) error {
	for _, d := range w.g.Decisions {
		if err := writeDecision(ctx, w.tx, w.g.Minutes.Org, d, w.g.Minutes.SignedAt); err != nil {
			return err
		}
	}
	return nil
}

// newParts inserts what the decisions made new, under the plan's team.
func (w signer) newParts(ctx context.Context) error {
	m, ch := w.g.Minutes, w.g.Changes
	for _, p := range ch.NewPlans {
		p.Org, p.Team, p.Updated = m.Org, m.Team, m.SignedAt
		if err := insertPlan(ctx, w.tx, p); err != nil {
			return err
		}
	}
	for _, o := range ch.NewObjectives {
		o.Org, o.Updated = m.Org, m.SignedAt
		if err := insertObjective(ctx, w.tx, o, m.Team); err != nil {
			return err
		}
	}
	for _, a := range ch.NewActions {
		a.Org, a.Updated = m.Org, m.SignedAt
		if err := insertAction(ctx, w.tx, a, m.Team); err != nil {
			return err
		}
	}
	return nil
}

func (w signer) changedParts(ctx context.Context) error {
	at, ch := w.g.Minutes.SignedAt, w.g.Changes
	for _, p := range ch.Plans {
		p.Updated = at
		if err := updatePlan(ctx, w.tx, p); err != nil {
			return err
		}
	}
	for _, o := range ch.Objectives {
		o.Updated = at
		if err := updateObjective(ctx, w.tx, o); err != nil {
			return err
		}
	}
	for _, a := range ch.Actions {
		a.Updated = at
		if err := updateAction(ctx, w.tx, a); err != nil {
			return err
		}
	}
	return nil
}

// requests answers those of the patients discussed; the others wait again.
func (w signer) requests(ctx context.Context) error {
	m := w.g.Minutes.Meeting
	if err := markRequests(ctx, w.tx, m); err != nil {
		return err
	}
	rows, err := w.tx.QueryContext(ctx, `
		UPDATE request SET status = 'answered', answered = $3, version = version + 1
		WHERE status = 'placed' AND team = $2 AND case_id IN
			(SELECT i.id FROM agenda_item i WHERE i.meeting = $1 AND i.status = 'discussed')
		RETURNING id`, m, w.g.Minutes.Team, micro(w.g.Minutes.SignedAt))
	answered, err := collect(rows, err, scanOne[id.Request])
	if err != nil {
		return err
	}
	return tellOutside(ctx, w.tx, w.g.Minutes, answered)
}

const minutesQuery = `
	SELECT v.id, v.org, v.team, t.name, v.meeting, v.version, v.seq, v.content, v.sha256, v.previous, COALESCE(v.replaces, ''),
		v.reason, v.signed_by, v.signer, v.signed_at, v.meeting_at
	FROM minutes v JOIN team t ON t.id = v.team `

func scanMinutes(r scanner) (m minutes.Minutes, err error) {
	var content []byte
	err = r.Scan(&m.ID, &m.Org, &m.Team, &m.TeamName, &m.Meeting, &m.Version, &m.Seq, &content, &m.SHA256, &m.Previous, &m.Replaces,
		&m.Reason, &m.SignedBy, &m.Signer, &m.SignedAt, &m.MeetingAt)
	if err != nil {
		return m, err
	}
	m.SignedAt, m.MeetingAt = m.SignedAt.UTC(), m.MeetingAt.UTC()
	return m, json.Unmarshal(content, &m.Content)
}

// MinutesByID reads one version of signed minutes with its documents.
func (s *Store) MinutesByID(ctx context.Context, org id.Org, m id.Minutes) (minutes.Minutes, error) {
	all, err := s.minutesWhere(ctx, `WHERE v.org = $1 AND v.id = $2`, org, m)
	if err == nil && len(all) == 0 {
		return minutes.Minutes{}, fault.New(fault.NotFound, "store.MinutesByID", "Introuvable.")
	}
	if err != nil {
		return minutes.Minutes{}, fault.Wrap("store.MinutesByID", err)
	}
	return all[0], nil
}

// MinutesOf reads the versions of a meeting's minutes, newest first.
func (s *Store) MinutesOf(ctx context.Context, org id.Org, m id.Meeting) ([]minutes.Minutes, error) {
	all, err := s.minutesWhere(ctx, `WHERE v.org = $1 AND v.meeting = $2 ORDER BY v.version DESC`, org, m)
	return all, fault.Wrap("store.MinutesOf", err)
}

// MinutesAbout reads the latest versions of the minutes with an extract about
// a patient, newest first.
func (s *Store) MinutesAbout(ctx context.Context, org id.Org, p id.Patient) ([]minutes.Minutes, error) {
	all, err := s.minutesWhere(ctx, `JOIN document d ON d.minutes = v.id WHERE v.org = $1 AND d.patient = $2
		AND NOT EXISTS (SELECT 1 FROM minutes n WHERE n.meeting = v.meeting AND n.version > v.version)
		ORDER BY v.meeting_at DESC, v.id DESC LIMIT 100`, org, p)
	return all, fault.Wrap("store.MinutesAbout", err)
}

// minutesWhere reads minutes and their documents, in two queries.
func (s *Store) minutesWhere(ctx context.Context, where string, args ...any) ([]minutes.Minutes, error) {
	rows, err := s.read.QueryContext(ctx, minutesQuery+where, args...)
	all, err := collect(rows, err, scanMinutes)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	at, ids := map[id.Minutes]int{}, make([]id.Minutes, len(all))
	for i, m := range all {
		at[m.ID], ids[i] = i, m.ID
	}
	var listed []any
	rows, err = s.read.QueryContext(ctx, `
		SELECT minutes, kind, patient, sha256, size, pages FROM document
		WHERE minutes IN `+in(&listed, ids)+` ORDER BY kind DESC, patient`, listed...)
	_, err = collect(rows, err, func(r scanner) (d minutes.Document, err error) {
		if err = r.Scan(&d.Minutes, &d.Kind, &d.Patient, &d.SHA256, &d.Size, &d.Pages); err == nil {
			m := &all[at[d.Minutes]]
			m.Documents = append(m.Documents, d)
		}
		return d, err
	})
	return all, err
}

// TeamFiles reads the plans of patients that a team follows, with their
// expectations, objectives and actions: four queries, however many patients.
func (s *Store) TeamFiles(ctx context.Context, org id.Org, team id.Team, patients []id.Patient) (map[id.Patient]careplan.File, error) {
	files := map[id.Patient]careplan.File{}
	if len(patients) == 0 {
		return files, nil
	}
	f := teamFiles{s: s, args: []any{org, team}, files: files}
	f.where = ` WHERE org = $1 AND COALESCE(team, '') = $2 AND patient IN ` + in(&f.args, patients)
	for _, read := range []func(context.Context) error{f.plans, f.objectives, f.actions} {
		if err := read(ctx); err != nil {
			return nil, fault.Wrap("store.TeamFiles", err)
		}
	}
	return files, nil
}

type teamFiles struct {
	s     *Store
	where string
	args  []any
	files map[id.Patient]careplan.File
}

func (t teamFiles) plans(ctx context.Context) error {
	rows, err := t.s.read.QueryContext(ctx, `
		SELECT e.id, e.plan, e.text, e.origin, e.noted, e.noted_by FROM expectation e
		WHERE e.plan IN (SELECT id FROM plan`+t.where+`) ORDER BY e.plan, e.noted, e.id`, t.args...)
	said := map[id.Plan][]careplan.Expectation{}
	_, err = collect(rows, err, func(r scanner) (e careplan.Expectation, err error) {
		err = r.Scan(&e.ID, &e.Plan, &e.Text, &e.Origin, &e.On, &e.By)
		said[e.Plan] = append(said[e.Plan], e)
		return e, err
	})
	if err != nil {
		return err
	}
	rows, err = t.s.read.QueryContext(ctx, `SELECT `+planColumns+` FROM plan`+t.where+`
		ORDER BY patient, CASE WHEN next_review IS NULL THEN 1 ELSE 0 END, next_review, id`, t.args...)
	all, err := collect(rows, err, scanPlan)
	for _, p := range all {
		p.Expectations = said[p.ID]
		f := t.files[p.Patient]
		f.Plans = append(f.Plans, p)
		t.files[p.Patient] = f
	}
	return err
}

func (t teamFiles) objectives(ctx context.Context) error {
	rows, err := t.s.read.QueryContext(ctx, `SELECT `+objectiveColumns+` FROM objective`+t.where+` ORDER BY patient, position, id`, t.args...)
	all, err := collect(rows, err, scanObjective)
	for _, o := range all {
		f := t.files[o.Patient]
		f.Objectives = append(f.Objectives, o)
		t.files[o.Patient] = f
	}
	return err
}

func (t teamFiles) actions(ctx context.Context) error {
	rows, err := t.s.read.QueryContext(ctx, `SELECT `+actionColumns+` FROM action`+t.where+` ORDER BY patient, due, id`, t.args...)
	all, err := collect(rows, err, scanAction)
	for _, a := range all {
		f := t.files[a.Patient]
		f.Actions = append(f.Actions, a)
		t.files[a.Patient] = f
	}
	return err
}
