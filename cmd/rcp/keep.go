package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/rcp-care/rcp/internal/archive"
	"github.com/rcp-care/rcp/internal/store"
)

type migrateCmd struct{}

// Run brings the schema up to date.
func (migrateCmd) Run(e *env) error {
	s, err := store.Open(e.ctx, e.Database, e.now)
	if err != nil {
		return err
	}
	fmt.Fprintln(e.stdout, "the schema is up to date")
	return s.Close()
}

// The files of a backup's folder.
const (
	sqliteFile   = "rcp.db"
	postgresFile = "database.dump" // of pg_dump
	archiveDir   = "archive"
	papersDir    = "papers"
)

type backupCmd struct {
	Dir string `arg:"" help:"New or empty folder; with PostgreSQL it may hold database.dump, made by pg_dump."`
}

// Run copies the database, then the archive, then writes the manifest. A PDF
// is archived before the database names it, so that the order makes a whole:
// every document that the copied database names is in the copied archive.
func (c backupCmd) Run(e *env) error {
	s, err := openExisting(e)
	if err != nil {
		return err
	}
	defer closing(e, s)
	m := archive.Manifest{Program: version, Made: e.now().UTC(), Database: sqliteFile}
	if s.Dialect() == store.Postgres {
		m.Database = postgresFile
	}
	if err := c.folder(m.Database); err != nil {
		return err
	}
	needed, err := documents(e, s)
	if err != nil {
		return err
	}
	if s.Dialect() == store.SQLite {
		if err := copyDatabase(e, s, filepath.Join(c.Dir, sqliteFile)); err != nil {
			return err
		}
	}
	if err := c.copyArchive(e, needed); err != nil {
		return err
	}
	if err := c.copyPapers(e, s); err != nil {
		return err
	}
	if err := c.dumped(m.Database); err != nil {
		return err
	}
	if m, err = archive.Seal(c.Dir, m); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "backup complete: %d files in %s\n", len(m.Files), c.Dir)
	return nil
}

// closing closes a command's database, and tells when that fails: what was
// done is done by then.
func closing(e *env, s *store.Store) {
	if err := s.Close(); err != nil {
		fmt.Fprintln(e.stderr, "rcp: closing the database:", err)
	}
}

// openExisting opens a database that is there: opening a file that is not would
// make an empty one, of which nothing is missing.
func openExisting(e *env) (*store.Store, error) { return openWith(e, store.Open) }

func openWith(e *env, open func(context.Context, string, func() time.Time) (*store.Store, error)) (*store.Store, error) {
	if file, lite := store.File(e.Database); lite {
		if _, err := os.Stat(file); err != nil {
			return nil, fmt.Errorf("there is no database %s", file)
		}
	}
	return open(e.ctx, e.Database, e.now)
}

// folder makes the backup's folder, which holds nothing yet but a dump.
func (c backupCmd) folder(database string) error {
	entries, err := os.ReadDir(c.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, f := range entries {
		if f.Name() != postgresFile || database != postgresFile {
			return fmt.Errorf("%s is not empty: choose a new folder", c.Dir)
		}
	}
	return os.MkdirAll(c.Dir, 0o700)
}

func copyDatabase(e *env, s *store.Store, file string) error {
	if err := s.CopyTo(e.ctx, file); err != nil {
		return err
	}
	return os.Chmod(file, 0o600)
}

// documents are the hashes that an archive must hold.
func documents(e *env, s *store.Store) (map[string]bool, error) {
	orgs, err := s.Orgs(e.ctx)
	if err != nil {
		return nil, err
	}
	needed := map[string]bool{}
	for _, o := range orgs {
		all, err := s.Documents(e.ctx, o.ID)
		if err != nil {
			return nil, err
		}
		for _, d := range all {
			needed[d.SHA256] = true
		}
	}
	return needed, nil
}

func (c backupCmd) copyArchive(e *env, needed map[string]bool) error {
	to := archive.New(filepath.Join(c.Dir, archiveDir))
	copied, damaged, err := archive.New(e.Archive).CopyTo(e.ctx, to)
	if err != nil {
		return err
	}
	if err := to.Each(func(sha string) error { delete(needed, sha); return nil }); err != nil {
		return err
	}
	for _, sha := range damaged {
		delete(needed, sha)
		fmt.Fprintf(e.stdout, "altered: document %s, not copied\n", sha)
	}
	for sha := range needed {
		fmt.Fprintf(e.stdout, "missing: document %s\n", sha)
	}
	if n := len(needed) + len(damaged); n > 0 {
		return fmt.Errorf("the backup is not complete: %d documents of the archive are missing or altered (see rcp verify)", n)
	}
	fmt.Fprintf(e.stdout, "%d documents copied\n", copied)
	return nil
}

// copyPapers copies the documents of cases, as copyArchive does the minutes.
func (c backupCmd) copyPapers(e *env, s *store.Store) error {
	needed, err := paperHashes(e, s)
	if err != nil {
		return err
	}
	to := archive.Papers(filepath.Join(c.Dir, papersDir))
	copied, _, err := archive.Papers(e.Papers).CopyTo(e.ctx, to)
	if err != nil {
		return err
	}
	if err := to.Each(func(sha string) error { delete(needed, sha); return nil }); err != nil {
		return err
	}
	for sha := range needed {
		fmt.Fprintf(e.stdout, "missing or altered: document of a case %s\n", sha)
	}
	if len(needed) > 0 {
		return fmt.Errorf("the backup is not complete: %d documents of cases are missing or altered (see rcp verify)", len(needed))
	}
	fmt.Fprintf(e.stdout, "%d documents of cases copied\n", copied)
	return nil
}

// paperHashes are the hashes that the folder of cases' documents must hold.
func paperHashes(e *env, s *store.Store) (map[string]bool, error) {
	orgs, err := s.Orgs(e.ctx)
	if err != nil {
		return nil, err
	}
	needed := map[string]bool{}
	for _, o := range orgs {
		all, err := s.PaperHashes(e.ctx, o.ID)
		if err != nil {
			return nil, err
		}
		for _, sha := range all {
			needed[sha] = true
		}
	}
	return needed, nil
}

// dumped makes sure that the database is in the folder: PostgreSQL's comes
// from pg_dump, before the archive is copied.
func (c backupCmd) dumped(database string) error {
	if _, err := os.Stat(filepath.Join(c.Dir, database)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return fmt.Errorf(`the backup is not complete: the archive is copied, the PostgreSQL database is not.
Dump it first, into a new folder, then back up into the same folder:
  mkdir -m 700 NEW && pg_dump --format=custom --file=NEW/%s "$RCP_DATABASE" && rcp backup NEW`, postgresFile)
}

type restoreCmd struct {
	Dir string `arg:"" help:"Folder made by rcp backup."`
}

// Run restores into empty places only, after having verified the backup.
func (c restoreCmd) Run(e *env) error {
	m, err := archive.Open(c.Dir)
	if err != nil {
		return fmt.Errorf("%s is no complete backup: it has no readable %s", c.Dir, archive.ManifestName)
	}
	wrong, err := m.Check(c.Dir)
	if err != nil {
		return err
	}
	for _, w := range wrong {
		fmt.Fprintln(e.stdout, w)
	}
	if len(wrong) > 0 {
		return fmt.Errorf("nothing is restored: %d files of the backup do not hold", len(wrong))
	}
	file, lite := store.File(e.Database)
	if lite != (m.Database == sqliteFile) {
		return fmt.Errorf("the backup holds %s: set RCP_DATABASE to a database of that kind", m.Database)
	}
	if err := c.emptyTargets(e, file); err != nil {
		return err
	}
	if _, _, err := archive.New(filepath.Join(c.Dir, archiveDir)).CopyTo(e.ctx, archive.New(e.Archive)); err != nil {
		return err
	}
	if _, _, err := archive.Papers(filepath.Join(c.Dir, papersDir)).CopyTo(e.ctx, archive.Papers(e.Papers)); err != nil {
		return err
	}
	if !lite {
		_, err := fmt.Fprintf(e.stdout, "The archive is restored. Now restore the database, which must be empty, and verify:\n"+
			"  pg_restore --no-owner --dbname=\"$RCP_DATABASE\" %s && rcp verify\n", filepath.Join(c.Dir, postgresFile))
		return err
	}
	if err := c.restoreDatabase(file); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "restored what was backed up on %s\n", m.Made.Format("2006-01-02 15:04:05 MST"))
	return verifyArchiveCmd{}.Run(e)
}

// emptyTargets refuses to write over anything.
func (restoreCmd) emptyTargets(e *env, file string) error {
	empty, err := archive.New(e.Archive).Empty()
	if err != nil {
		return err
	}
	if !empty {
		return fmt.Errorf("nothing is restored: the archive %s is not empty", e.Archive)
	}
	if empty, err = archive.Papers(e.Papers).Empty(); err != nil {
		return err
	}
	if !empty {
		return fmt.Errorf("nothing is restored: the folder of documents %s is not empty", e.Papers)
	}
	for _, name := range []string{file, file + "-wal", file + "-shm"} {
		if _, err := os.Stat(name); file != "" && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("nothing is restored: there is a database already (%s)", name)
		}
	}
	return nil
}

// restoreDatabase copies the file beside its place, then moves it there whole.
func (c restoreCmd) restoreDatabase(file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	tmp := file + ".restoring"
	if err := copyFile(filepath.Join(c.Dir, sqliteFile), tmp); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return os.Rename(tmp, file)
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = out.ReadFrom(in)
	return errors.Join(err, out.Sync(), out.Close())
}
