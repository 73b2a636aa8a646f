// Package storetest opens a fresh store on each database for the shared suite:
// every test of the store runs on SQLite and on PostgreSQL.
package storetest

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/internal/testenv"
)

// Now is the suite's clock: a Sunday evening before a week of meetings.
var Now = time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)

// Clock returns Now.
func Clock() time.Time { return Now }

// Each runs f as a parallel subtest on a fresh store of each database.
func Each(t *testing.T, f func(t *testing.T, s *store.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, open(t, testenv.Postgres(t)))
	})
}

// SQLite opens a fresh SQLite store in the test's folder.
func SQLite(t testing.TB) *store.Store {
	t.Helper()
	return open(t, "sqlite:"+filepath.Join(t.TempDir(), "rcp.db"))
}

func open(t testing.TB, dsn string) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), dsn, Clock)
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// Org makes an organisation and returns it with its system actor.
func Org(t testing.TB, s *store.Store) (auth.Org, auth.Actor) {
	t.Helper()
	o := auth.Org{
		ID: id.New[id.Org](), FINESS: "990000001", Name: "Pôle de soins de Valbrume",
		SecureDomains: []string{"medecin.mssante.example"}, Created: Now,
	}
	if err := s.CreateOrg(context.Background(), o); err != nil {
		t.Fatalf("create organisation: %v", err)
	}
	return o, auth.System(o.ID, "test")
}
