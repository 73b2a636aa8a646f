package handover

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/rcp-care/rcp/internal/fault"
)

// ZipName is the name of a package's file: it holds a year and a team, never a
// patient.
func (h Handover) ZipName() string { return h.folder() + ".zip" }

func (h Handover) folder() string {
	return fmt.Sprintf("comptes-rendus-%d-%s", h.Year, slug(h.TeamName))
}

// WriteZip sends a package that is ready as one file, its folder inside. The
// same package gives the same bytes.
func (s *Service) WriteZip(ctx context.Context, h Handover, to io.Writer) error {
	const op = "handover.WriteZip"
	z := zip.NewWriter(to)
	dir := s.dir(h)
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		name, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		head := zip.FileHeader{Name: path.Join(h.folder(), filepath.ToSlash(name)), Modified: h.Asked.UTC(), Method: zip.Deflate}
		if path.Ext(name) == ".pdf" {
			head.Method = zip.Store // compressed inside
		}
		return copyInto(z, &head, file)
	})
	if err != nil {
		return fault.Wrap(op, err)
	}
	return fault.Wrap(op, z.Close())
}

func copyInto(z *zip.Writer, head *zip.FileHeader, file string) error {
	w, err := z.CreateHeader(head)
	if err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	_, err = io.Copy(w, f)
	return err
}
