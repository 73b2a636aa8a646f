package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/minutes"
)

// FiledMinutes reads the rows of an organisation's signed minutes with all that
// verification compares them with.
func (s *Store) FiledMinutes(ctx context.Context, org id.Org) ([]minutes.Filed, error) {
	const op = "store.FiledMinutes"
	signed, err := s.signatories(ctx, org)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	rows, err := s.read.QueryContext(ctx, `
		SELECT v.id, v.team, v.meeting, v.version, v.seq, v.content, v.sha256, COALESCE(v.replaces, ''), v.reason, v.signed_by,
			v.signer, v.signed_at, v.meeting_at, COALESCE(o.sha256, ''), g.starts
		FROM minutes v LEFT JOIN minutes o ON o.id = v.replaces LEFT JOIN meeting g ON g.id = v.meeting
		WHERE v.org = $1 ORDER BY v.team, v.seq`, org)
	at := map[id.Minutes]int{}
	all, err := collect(rows, err, func(r scanner) (f minutes.Filed, err error) {
		err = r.Scan(&f.ID, &f.Team, &f.Meeting, &f.Version, &f.Seq, &f.JSON, &f.SHA256, &f.Replaces, &f.Reason, &f.SignedBy,
			&f.Signer, &f.SignedAt, &f.MeetingAt, &f.Replaced, &f.Starts)
		f.Actor, f.Logged = signed[f.SHA256], signed[f.SHA256] != ""
		at[f.ID] = len(at)
		return f, err
	})
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	docs, err := s.Documents(ctx, org)
	for _, d := range docs {
		f := &all[at[d.Minutes]]
		f.Documents = append(f.Documents, d)
	}
	return all, fault.Wrap(op, err)
}

// signatories reads who signed what, by hash, as the audit log says.
func (s *Store) signatories(ctx context.Context, org id.Org) (map[string]id.Professional, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT actor, detail FROM audit WHERE org = $1 AND action IN ('minutes.sign', 'minutes.amend') AND outcome = $2`, org, audit.Done)
	by := map[string]id.Professional{}
	_, err = collect(rows, err, func(r scanner) (struct{}, error) {
		var who id.Professional
		var detail string
		err := r.Scan(&who, &detail)
		if _, sha, ok := strings.Cut(detail, "sha256="); ok {
			by[sha] = who
		}
		return struct{}{}, err
	})
	return by, err
}

// FiledOf reads the signed minutes of teams whose meetings began in [from, to),
// with their documents, by team and number; not what verification alone needs.
func (s *Store) FiledOf(ctx context.Context, org id.Org, teams []id.Team, from, to time.Time) ([]minutes.Filed, error) {
	const op = "store.FiledOf"
	args := []any{org, micro(from), micro(to)}
	which := `m.org = $1 AND m.meeting_at >= $2 AND m.meeting_at < $3 AND m.team IN ` + in(&args, teams)
	rows, err := s.read.QueryContext(ctx, `
		SELECT m.id, m.team, m.meeting, m.version, m.seq, m.content, m.sha256, m.reason, m.signer, m.signed_at, m.meeting_at
		FROM minutes m WHERE `+which+` ORDER BY m.team, m.seq`, args...)
	at := map[id.Minutes]int{}
	all, err := collect(rows, err, func(r scanner) (f minutes.Filed, err error) {
		err = r.Scan(&f.ID, &f.Team, &f.Meeting, &f.Version, &f.Seq, &f.JSON, &f.SHA256, &f.Reason, &f.Signer, &f.SignedAt, &f.MeetingAt)
		at[f.ID] = len(at)
		return f, err
	})
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	rows, err = s.read.QueryContext(ctx, `SELECT `+documentColumns+` FROM document d JOIN minutes m ON m.id = d.minutes
		WHERE `+which+` ORDER BY d.minutes, d.kind, d.patient`, args...)
	docs, err := collect(rows, err, scanDocument)
	for _, d := range docs {
		if i, ok := at[d.Minutes]; ok { // else signed since
			all[i].Documents = append(all[i].Documents, d)
		}
	}
	return all, fault.Wrap(op, err)
}

// StrayDocuments reads the rows of documents whose minutes are nowhere: of no
// organisation.
func (s *Store) StrayDocuments(ctx context.Context) ([]minutes.Document, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT d.minutes, d.kind, d.sha256 FROM document d
		WHERE NOT EXISTS (SELECT 1 FROM minutes v WHERE v.id = d.minutes) ORDER BY d.minutes, d.kind`)
	all, err := collect(rows, err, func(r scanner) (d minutes.Document, err error) {
		return d, r.Scan(&d.Minutes, &d.Kind, &d.SHA256)
	})
	return all, fault.Wrap("store.StrayDocuments", err)
}

// CheckIndex compares what the search finds minutes by with their text.
func (s *Store) CheckIndex(ctx context.Context, org id.Org, all []minutes.Filed) ([]minutes.Finding, error) {
	have, err := s.indexRows(ctx, org)
	if err != nil {
		return nil, fault.Wrap("store.CheckIndex", err)
	}
	latest := map[id.Meeting]minutes.Filed{}
	for _, f := range all {
		if f.Version >= latest[f.Meeting].Version {
			latest[f.Meeting] = f
		}
	}
	var found []minutes.Finding
	for _, f := range all {
		if latest[f.Meeting].ID != f.ID || json.Unmarshal(f.JSON, &f.Content) != nil {
			continue
		}
		found = append(found, minutes.CheckIndex(f.Content, f.ID, have[f.ID], func(x minutes.Indexed) string {
			return indexText(f.Team, f.Meeting, string(x.Patient), x.Day.String(), x.Name, x.Text, marks(f.Team, x))
		})...)
		delete(have, f.ID)
	}
	for m, rows := range have {
		found = append(found, minutes.Finding{What: minutes.Added, Text: fmt.Sprintf("%d rows of the search for minutes %s", len(rows), m)})
	}
	slices.SortStableFunc(found, func(a, b minutes.Finding) int { return strings.Compare(a.Text, b.Text) })
	return found, nil
}

// indexRows reads what the search knows, each row as one text.
func (s *Store) indexRows(ctx context.Context, org id.Org) (map[id.Minutes]map[id.Case]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT minutes, case_id, team, meeting, patient, day, name, text, words FROM decided WHERE org = $1`, org)
	have := map[id.Minutes]map[id.Case]string{}
	_, err = collect(rows, err, func(r scanner) (struct{}, error) {
		var v id.Minutes
		var k id.Case
		var team id.Team
		var meeting id.Meeting
		var patient, day, name, text, words string
		err := r.Scan(&v, &k, &team, &meeting, &patient, &day, &name, &text, &words)
		if have[v] == nil {
			have[v] = map[id.Case]string{}
		}
		have[v][k] = indexText(team, meeting, patient, day, name, text, words)
		return struct{}{}, err
	})
	return have, err
}

func indexText(team id.Team, meeting id.Meeting, parts ...string) string {
	return strings.Join(append([]string{string(team), string(meeting)}, parts...), "\x00")
}
