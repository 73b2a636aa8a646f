// Package store is the only package that knows SQL. One Store serves every
// domain service: each exported method that changes something is one
// transaction holding the rows, one audit entry and the events (audit.Change),
// or nothing at all. The same hand-written queries run on SQLite and on
// PostgreSQL; only opening, locking and the migrations' timestamp type differ.
//
// Conventions: `$1` placeholders, explicit columns, UTC microseconds, days as
// text, optimistic locks by a version column, uniqueness by constraints.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
)

// Dialect is which database stands behind a Store.
type Dialect string

// The dialects.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// Store is the database.
type Store struct {
	write   *sql.DB // SQLite: one connection
	read    *sql.DB // SQLite: a pool; PostgreSQL: the same as write
	dialect Dialect
	now     func() time.Time
	spells  spells
	notify  func([]event.Event) // after commit; never needed for correctness
}

// Open opens "sqlite:FILE" or "postgres://…", brings its schema up to date and
// makes found by words what is not yet.
func Open(ctx context.Context, dsn string, now func() time.Time) (*Store, error) {
	s, err := OpenAsItIs(ctx, dsn, now)
	if err != nil {
		return nil, err
	}
	if err := s.indexOld(ctx); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// OpenAsItIs is Open for verification: it mends no row before it is looked at.
func OpenAsItIs(ctx context.Context, dsn string, now func() time.Time) (*Store, error) {
	s := &Store{now: now, notify: func([]event.Event) {}}
	var err error
	if file, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		err = s.openSQLite(file)
	} else {
		err = s.openPostgres(dsn)
	}
	if err != nil {
		return nil, err
	}
	if err := s.migrate(ctx); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) openSQLite(file string) error {
	opts := url.Values{
		"_pragma":              {"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "busy_timeout(10000)"},
		"_time_integer_format": {"unix_micro"},
		"_inttotime":           {"1"},
		"_txlock":              {"immediate"},
	}
	dsn := "file:" + file + "?" + opts.Encode()
	var err error
	if s.write, err = sql.Open("sqlite", dsn); err != nil {
		return fault.Wrap("store.open", err)
	}
	s.write.SetMaxOpenConns(1)
	opts.Del("_txlock")
	opts.Add("_pragma", "query_only(1)")
	if s.read, err = sql.Open("sqlite", "file:"+file+"?"+opts.Encode()); err != nil {
		return fault.Wrap("store.open", err)
	}
	s.read.SetMaxOpenConns(4)
	s.read.SetMaxIdleConns(4)
	s.dialect = SQLite
	return nil
}

func (s *Store) openPostgres(dsn string) error {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return fault.Wrap("store.open", err)
	}
	db := stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(plainPlans))
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(8)
	db.SetConnMaxIdleTime(5 * time.Minute)
	s.write, s.read, s.dialect = db, db, Postgres
	return nil
}

// plainPlans keeps PostgreSQL from starting parallel workers for a query, or
// compiling it: each takes some 40 ms, ours take less, and the planner would
// do so once a table holds a million rows.
func plainPlans(ctx context.Context, c *pgx.Conn) error {
	_, err := c.Exec(ctx, `SET max_parallel_workers_per_gather = 0; SET jit = off`)
	return err
}

// Close releases the connections.
func (s *Store) Close() error {
	err := s.write.Close()
	if s.read != s.write {
		err = errors.Join(err, s.read.Close())
	}
	return err
}

// Dialect returns which database this is.
func (s *Store) Dialect() Dialect { return s.dialect }

// Ping answers whether the database does.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return fault.Wrap("store.ping", s.read.QueryRowContext(ctx, `SELECT 1`).Scan(&one))
}

// OnCommit sets what hears of events once they are committed. Losing the call
// loses nothing: the events stay in the database.
func (s *Store) OnCommit(f func([]event.Event)) { s.notify = f }

// change runs f, writes the change's events and its entry, unless one of the
// same spell stands for it, and commits all or nothing. On PostgreSQL a serialisation failure or deadlock is tried again.
func (s *Store) change(ctx context.Context, op string, by audit.Change, f func(tx *sql.Tx) error) error {
	covered := s.spells.covers(by)
	err := s.retry(ctx, func() error {
		return s.tx(ctx, func(tx *sql.Tx) error {
			if f != nil {
				if err := f(tx); err != nil {
					return err
				}
			}
			if err := insertEvents(ctx, tx, by.Events); err != nil {
				return err
			}
			if covered {
				return nil
			}
			return s.insertAudit(ctx, tx, by.Entry)
		})
	})
	if err != nil {
		return fault.Wrap(op, mapError(err))
	}
	if !covered {
		s.spells.begin(by)
	}
	if len(by.Events) > 0 {
		s.notify(by.Events)
	}
	return nil
}

// tx runs f in a transaction without an audit entry: for sessions, the outbox
// and jobs, which keep their own record.
func (s *Store) tx(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

func (s *Store) retry(ctx context.Context, f func() error) error {
	var err error
	for range 5 {
		var pg *pgconn.PgError
		if err = f(); err == nil || !errors.As(err, &pg) || (pg.Code != "40001" && pg.Code != "40P01") {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return err
}

func mapErrorOrNil(err error) error {
	if err == nil {
		return nil
	}
	return mapError(err)
}

// mapError turns what the driver says into a fault, by code and never by text.
func mapError(err error) error {
	var known *fault.Error
	if errors.As(err, &known) {
		return err
	}
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "store", "Introuvable.")
	}
	if duplicate(err) {
		return &fault.Error{Kind: fault.Conflict, Op: "store", Code: "Existe déjà.", Err: errors.New("unique constraint")}
	}
	if apart(err) {
		return fault.New(fault.Invalid, "store", "Les patients fictifs et les patients suivis ne se mêlent pas : une équipe de formation ne travaille que sur les siens.")
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == "22021" || pg.Code == "22P05") { // NUL, or bytes that are no text
		return fault.New(fault.Invalid, "store", "Un texte contient un caractère qui ne peut pas être enregistré.")
	}
	if errors.As(err, &pg) { // the detail may hold values of the row
		return fault.Errorf("store", "postgres %s on %s.%s", pg.Code, pg.TableName, pg.ConstraintName)
	}
	return err
}

// apart reports whether a trigger held training and care apart (migration 12).
func apart(err error) bool {
	var pg *pgconn.PgError
	var lite *sqlite.Error
	return errors.As(err, &pg) && pg.Code == "RCP01" || errors.As(err, &lite) && lite.Code() == sqlite3.SQLITE_CONSTRAINT_TRIGGER
}

func duplicate(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) &&
		(lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// stale is the answer to an update whose version was not the current one.
func stale(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "store", "Quelqu’un a modifié ceci entre-temps. Rechargez la page.")
	}
	return nil
}

// nullTime stores the zero time as NULL, else UTC microseconds.
func nullTime(t time.Time) sql.NullTime {
	return sql.NullTime{Time: micro(t), Valid: !t.IsZero()}
}

func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// timeOr reads a nullable time back as the zero time.
func timeOf(n sql.NullTime) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return n.Time.UTC()
}

// null stores an empty id as NULL, for columns with a foreign key.
func null[T ~string](v T) sql.NullString { return sql.NullString{String: string(v), Valid: v != ""} }

// in returns "($n, $n+1, …)" for values of an IN list and appends them to args.
func in[T ~string](args *[]any, values []T) string {
	if len(values) == 0 {
		return "(NULL)"
	}
	parts := make([]string, len(values))
	for i, v := range values {
		*args = append(*args, string(v))
		parts[i] = fmt.Sprintf("$%d", len(*args))
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// collect scans every row of a query with scan.
func collect[T any](rows *sql.Rows, err error, scan func(row scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

type scanner interface{ Scan(dest ...any) error }
