package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// Marks stand among the words of a case, so that one look into the index
// answers for the team, the patient and who was there too. No folded word
// begins like them.
const (
	teamMark       = "§"
	patientMark    = "¶"
	professionMark = "¤"
)

// marks are the words of a row of decided: what is found by, and its marks.
func marks(team id.Team, x minutes.Indexed) string {
	all := []string{teamMark + plain(team), patientMark + plain(x.Patient)}
	for _, p := range x.Professions {
		all = append(all, professionMark+p)
	}
	return strings.Join(append(all, x.Words...), " ")
}

// position orders rows by the hour of the meeting: its second, then a number
// of the case's own, so that an index walked backward gives the newest first.
func position(at time.Time, c id.Case) int64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(c))
	return at.Unix()<<31 | int64(h.Sum32()>>1)
}

// index writes what the search knows of a version, in place of the one before.
func (w signer) index(ctx context.Context) error { return w.s.index(ctx, w.tx, w.g.Minutes) }

// indexed is a row to be written.
type indexed struct {
	n int64
	minutes.Indexed
	of *minutes.Minutes
}

// index writes the rows in their order: SQLite's full text writes its pages
// anew for each that comes out of it.
func (s *Store) index(ctx context.Context, tx *sql.Tx, all ...minutes.Minutes) error {
	var rows []indexed
	for i := range all {
		m := &all[i]
		if _, err := tx.ExecContext(ctx, `DELETE FROM decided WHERE meeting = $1`, m.Meeting); err != nil {
			return err
		}
		for _, x := range minutes.Index(m.Content) {
			rows = append(rows, indexed{position(m.MeetingAt, x.Case), x, m})
		}
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO decided_of (meeting, minutes) VALUES ($1, $2) ON CONFLICT (meeting) DO UPDATE SET minutes = excluded.minutes`,
			m.Meeting, m.ID); err != nil {
			return err
		}
	}
	if err := s.learn(ctx, tx, rows); err != nil {
		return err
	}
	slices.SortFunc(rows, func(a, b indexed) int { return cmp.Compare(a.n, b.n) })
	for _, x := range rows {
		if err := insertIndexed(ctx, tx, x); err != nil {
			return err
		}
	}
	return nil
}

// learn keeps the words of rows in SQLite's vocabulary.
func (s *Store) learn(ctx context.Context, tx *sql.Tx, rows []indexed) error {
	if s.dialect != SQLite {
		return nil
	}
	known := map[string]bool{}
	var words []string
	for _, x := range rows {
		for _, w := range x.Words {
			if !known[w] {
				known[w] = true
				words = append(words, w)
			}
		}
	}
	list, err := listJSON(words)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO decided_vocabulary (word) SELECT value FROM json_each($1) WHERE true ON CONFLICT (word) DO NOTHING`, list)
	return err
}

// maxBegun is how many words a beginning may stand for and be asked as words.
const maxBegun = 64

// begun are the words that a term begins, or the term as a beginning when they
// are many.
func (w *findWhere) begun(ctx context.Context, term string) ([]string, error) {
	if w.s.dialect != SQLite {
		return []string{term + "*"}, nil
	}
	rows, err := w.s.read.QueryContext(ctx, `SELECT word FROM decided_vocabulary WHERE word >= $1 AND word < $2 LIMIT $3`,
		term, term+"\U0010FFFF", maxBegun+1)
	words, err := collect(rows, err, func(r scanner) (v string, err error) { return v, r.Scan(&v) })
	if len(words) == 0 || len(words) > maxBegun {
		words = []string{term + "*"}
	}
	return words, err
}

// insertIndexed takes the next free number when another case has this one.
func insertIndexed(ctx context.Context, tx *sql.Tx, x indexed) error {
	m := x.of
	for n := x.n; ; n++ {
		res, err := tx.ExecContext(ctx, `
			INSERT INTO decided (n, org, team, meeting, minutes, case_id, patient, day, name, text, words)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (n) DO NOTHING`,
			n, m.Org, m.Team, m.Meeting, m.ID, x.Case, x.Patient, x.Day, x.Name, x.Text, marks(m.Team, x.Indexed))
		if err != nil {
			return err
		}
		if done, err := res.RowsAffected(); err != nil || done == 1 {
			return err
		}
	}
}

// indexOld makes found by words what was signed before the search was there,
// or by an older program beside this one. It may be stopped and run again.
func (s *Store) indexOld(ctx context.Context) error {
	for at, last := time.Unix(0, 0), id.Minutes(""); ; {
		rows, err := s.write.QueryContext(ctx, `
			SELECT v.id, v.org, v.team, v.meeting, v.meeting_at, v.content FROM minutes v
			LEFT JOIN decided_of o ON o.meeting = v.meeting
			WHERE (v.meeting_at, v.id) > ($1, $2) AND (o.minutes IS NULL OR o.minutes <> v.id)
				AND NOT EXISTS (SELECT 1 FROM minutes n WHERE n.meeting = v.meeting AND n.version > v.version)
			ORDER BY v.meeting_at, v.id LIMIT 200`, micro(at), last)
		all, err := collect(rows, err, scanIndexable)
		if err != nil || len(all) == 0 {
			return fault.Wrap("store.indexOld", err)
		}
		at, last = all[len(all)-1].MeetingAt, all[len(all)-1].ID
		err = s.retry(ctx, func() error {
			return s.tx(ctx, func(tx *sql.Tx) error {
				mine, err := claimed(ctx, tx, all)
				if err != nil {
					return err
				}
				return s.index(ctx, tx, mine...)
			})
		})
		if err != nil {
			return fault.Wrap("store.indexOld", mapError(err))
		}
	}
}

// claimed are those that no replica has indexed meanwhile, or corrected: their
// meetings are locked.
func claimed(ctx context.Context, tx *sql.Tx, all []minutes.Minutes) ([]minutes.Minutes, error) {
	var mine []minutes.Minutes
	for _, m := range all {
		res, err := tx.ExecContext(ctx, `
			UPDATE meeting SET version = version WHERE id = $1
				AND NOT EXISTS (SELECT 1 FROM decided_of o WHERE o.meeting = $1 AND o.minutes = $2)
				AND NOT EXISTS (SELECT 1 FROM minutes n, minutes v WHERE v.id = $2 AND n.meeting = $1 AND n.version > v.version)`,
			m.Meeting, m.ID)
		if err != nil {
			return nil, err
		}
		if n, err := res.RowsAffected(); err != nil {
			return nil, err
		} else if n == 1 {
			mine = append(mine, m)
		}
	}
	return mine, nil
}

// scanIndexable leaves without cases what cannot be read: rcp verify names it.
func scanIndexable(r scanner) (m minutes.Minutes, err error) {
	var content []byte
	if err = r.Scan(&m.ID, &m.Org, &m.Team, &m.Meeting, &m.MeetingAt, &content); err == nil {
		_ = json.Unmarshal(content, &m.Content)
	}
	return m, err
}

// FindDecisions reads one page of the cases that a search finds.
func (s *Store) FindDecisions(ctx context.Context, q minutes.ArchiveQuery, terms []string) ([]minutes.Found, string, error) {
	const op = "store.FindDecisions"
	w := findWhere{s: s, q: q, key: "d.n", from: "decided d"}
	if err := w.build(ctx, terms); err != nil {
		return nil, "", fault.Wrap(op, err)
	}
	rows, err := s.read.QueryContext(ctx, w.sql(), w.args...)
	var last []int64
	all, err := collect(rows, err, func(r scanner) (f minutes.Found, err error) {
		var n int64
		err = r.Scan(&n, &f.Minutes, &f.Meeting, &f.Version, &f.Team, &f.TeamName, &f.Zone, &f.MeetingAt, &f.Case, &f.Patient,
			&f.Name, &f.Text)
		f.MeetingAt = f.MeetingAt.UTC()
		last = append(last, n)
		return f, err
	})
	if err != nil || len(all) <= q.Limit {
		return all, "", fault.Wrap(op, err)
	}
	return all[:q.Limit], fmt.Sprint(last[q.Limit-1]), nil
}

// findWhere writes a search of decided.
type findWhere struct {
	s     *Store
	q     minutes.ArchiveQuery
	from  string
	key   string // what orders: the full text's own number where it has one
	conds []string
	args  []any
}

func (w *findWhere) arg(v any) string {
	w.args = append(w.args, v)
	return fmt.Sprintf("$%d", len(w.args))
}

func (w *findWhere) and(cond string) { w.conds = append(w.conds, cond) }

func (w *findWhere) sql() string {
	return `
		SELECT d.n, d.minutes, d.meeting, v.version, d.team, t.name, g.zone, v.meeting_at, d.case_id, d.patient, d.name, d.text
		FROM ` + w.from + ` JOIN minutes v ON v.id = d.minutes JOIN team t ON t.id = d.team JOIN meeting g ON g.id = d.meeting
		WHERE ` + strings.Join(w.conds, " AND ") + ` ORDER BY ` + w.key + ` DESC LIMIT ` + w.arg(w.q.Limit+1)
}

func (w *findWhere) build(ctx context.Context, terms []string) error {
	w.and(`d.org = ` + w.arg(w.q.Org))
	patients, err := w.about(ctx)
	if err != nil {
		return err
	}
	if err := w.match(ctx, terms, patients); err != nil {
		return err
	}
	w.sight()
	w.days()
	if w.q.After == "" {
		return nil
	}
	var after int64
	if _, err := fmt.Sscan(w.q.After, &after); err != nil {
		return fault.New(fault.Invalid, "store.cursor", "Cette page n’existe plus. Revenez au début de la liste.")
	}
	w.and(w.key + ` < ` + w.arg(after))
	return nil
}

// match asks the full text index: any of the teams, any of the patients, the
// profession, and every term as the beginning of a word.
func (w *findWhere) match(ctx context.Context, terms, patients []string) error {
	var groups [][]string
	teams := w.q.Teams
	if !w.q.All {
		teams = append(append([]id.Team{}, w.q.Full...), w.q.Mine...)
	}
	if len(teams) > 0 {
		groups = append(groups, marked(teamMark, teams))
	}
	if len(patients) > 0 {
		groups = append(groups, marked(patientMark, patients))
	}
	if w.q.Profession != "" {
		name := minutes.ProfessionWord(meetings.ProfessionName(w.q.Profession, "fr"))
		groups = append(groups, []string{professionMark + name})
	}
	for _, t := range terms {
		words, err := w.begun(ctx, t)
		if err != nil {
			return err
		}
		groups = append(groups, words)
	}
	if len(groups) == 0 {
		return nil
	}
	if w.s.dialect == SQLite {
		w.key, w.from = "f.rowid", "decided_words f CROSS JOIN decided d ON d.n = f.rowid"
		w.and(`decided_words MATCH ` + w.arg(expression(groups, `"`, "*", " OR ", " AND ")))
		return nil
	}
	w.and(`d.terms @@ CAST(` + w.arg(expression(groups, `'`, ":*", " | ", " & ")) + ` AS tsquery)`)
	return nil
}

func marked[T ~string](mark string, all []T) []string {
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = mark + plain(v)
	}
	return out
}

// plain is an id as one word: its letters and digits.
func plain[T ~string](v T) string { return strings.ReplaceAll(careplan.Fold(string(v)), " ", "") }

// expression writes groups of alternatives as a query of one of the databases.
// A folded word holds letters and digits alone: nothing in it needs escaping.
func expression(groups [][]string, quote, prefix, or, and string) string {
	all := make([]string, len(groups))
	for i, g := range groups {
		some := make([]string, len(g))
		for k, word := range g {
			bare, begins := strings.CutSuffix(word, "*")
			some[k] = quote + bare + quote
			if begins {
				some[k] += prefix
			}
		}
		all[i] = "(" + strings.Join(some, or) + ")"
	}
	return strings.Join(all, and)
}

// sight: all of the teams read whole; of the others the patients cared for.
func (w *findWhere) sight() {
	q := w.q
	if q.All {
		if q.Teams != nil {
			w.and(`d.team IN ` + in(&w.args, q.Teams))
		}
		return
	}
	whole := `d.team IN ` + in(&w.args, q.Full)
	if len(q.Mine) == 0 {
		w.and(whole)
		return
	}
	who, on := w.arg(q.Who), w.arg(q.On)
	w.and(`(` + whole + ` OR d.team IN ` + in(&w.args, q.Mine) + ` AND EXISTS (SELECT 1 FROM circle c
		WHERE c.patient = d.patient AND c.professional = ` + who + ` AND (c.from_day IS NULL OR c.from_day <= ` + on + `)
			AND (c.until_day IS NULL OR c.until_day >= ` + on + `)))`)
}

// days narrows by the meeting's own day, and first by the numbers around it:
// no zone is further than a day from UTC.
func (w *findWhere) days() {
	if d := w.q.From; !d.IsZero() {
		w.and(`d.day >= ` + w.arg(d))
		w.and(w.key + ` >= ` + w.arg(d.AddDays(-1).In(time.UTC).Unix()<<31))
	}
	if d := w.q.To; !d.IsZero() {
		w.and(`d.day <= ` + w.arg(d))
		w.and(w.key + ` < ` + w.arg(d.AddDays(2).In(time.UTC).Unix()<<31))
	}
}

// fewPatients is how many patients found by name the index is asked for.
const fewPatients = 50

// about returns who is found by name. Too many to name are left to a condition.
func (w *findWhere) about(ctx context.Context) ([]string, error) {
	terms := careplan.ParseTerms(w.q.Patient)
	if terms.None {
		w.and(`1 = 0`)
	}
	if len(terms.Words) == 0 && terms.Birth.IsZero() {
		return nil, nil
	}
	args := []any{w.q.Org}
	rows, err := w.s.read.QueryContext(ctx, `SELECT p.id FROM patient p WHERE p.org = $1`+named(terms, &args)+
		fmt.Sprintf(` LIMIT %d`, fewPatients+1), args...)
	found, err := collect(rows, err, func(r scanner) (p string, err error) { return p, r.Scan(&p) })
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		w.and(`1 = 0`)
	case len(found) > fewPatients:
		w.and(`EXISTS (SELECT 1 FROM patient p WHERE p.id = d.patient` + named(terms, &w.args) + `)`)
		return nil, nil
	}
	return found, nil
}

// named is the condition on a patient p that is found by words and birth date.
func named(terms careplan.Terms, args *[]any) string {
	cond := ""
	for _, word := range terms.Words {
		*args = append(*args, "% "+word+"%")
		cond += fmt.Sprintf(` AND p.search LIKE $%d`, len(*args))
	}
	if terms.Birth != (date.Date{}) {
		*args = append(*args, terms.Birth)
		cond += fmt.Sprintf(` AND p.birth_date = $%d`, len(*args))
	}
	return cond
}
