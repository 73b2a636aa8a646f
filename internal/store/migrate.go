package store

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/rcp-care/rcp/internal/fault"
)

//go:embed migrations
var migrations embed.FS

// migrate brings the schema up to date; on PostgreSQL under a session lock, so
// that replicas starting together do it once.
func (s *Store) migrate(ctx context.Context) error {
	files, err := fs.Sub(migrations, "migrations/"+string(s.dialect))
	if err != nil {
		return fault.Wrap("store.migrate", err)
	}
	dialect, opts := goose.DialectSQLite3, []goose.ProviderOption{goose.WithSlog(slog.New(slog.DiscardHandler))}
	if s.dialect == Postgres {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return fault.Wrap("store.migrate", err)
		}
		dialect, opts = goose.DialectPostgres, append(opts, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(dialect, s.write, files, opts...)
	if err != nil {
		return fault.Wrap("store.migrate", err)
	}
	_, err = p.Up(ctx)
	return fault.Wrap("store.migrate", err)
}
