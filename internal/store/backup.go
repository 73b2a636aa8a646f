package store

import (
	"context"
	"strings"

	"github.com/rcp-care/rcp/internal/fault"
)

// File returns the file of a "sqlite:FILE" address.
func File(dsn string) (path string, ok bool) { return strings.CutPrefix(dsn, "sqlite:") }

// CopyTo writes the whole database, as it is at one moment, into a new SQLite
// file. The service may go on. On PostgreSQL pg_dump does this.
func (s *Store) CopyTo(ctx context.Context, file string) error {
	const op = "store.CopyTo"
	if s.dialect != SQLite {
		return fault.Errorf(op, "only SQLite is copied so")
	}
	_, err := s.write.ExecContext(ctx, `VACUUM INTO $1`, file)
	return fault.Wrap(op, err)
}
