package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/rcp-care/rcp/internal/archive"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/minutes/pdf/check"
)

type verifyCmd struct {
	Archive verifyArchiveCmd `cmd:"" default:"1" help:"Name everything in the audit log, the minutes and the archive that was altered or is missing."`
	PDF     verifyPDFCmd     `cmd:"" name:"pdf" help:"Name everything in minutes as PDF that is not PDF/A-3a and PDF/UA-1, or was altered."`
}

type verifyPDFCmd struct {
	Files []string `arg:"" name:"file" help:"Minutes printed by this program."`
}

// Run looks at each file by itself, without a database.
func (c verifyPDFCmd) Run(e *env) error {
	found := 0
	for _, name := range c.Files {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, f := range check.Document(b) {
			found++
			fmt.Fprintf(e.stdout, "%s: %s\n", name, f)
		}
	}
	if found > 0 {
		return fmt.Errorf("%d findings", found)
	}
	_, err := fmt.Fprintf(e.stdout, "%d documents are as they claim to be\n", len(c.Files))
	return err
}

type verifyArchiveCmd struct{}

// Run walks the audit log, the minutes and the archive of every organisation,
// and names what was altered or is missing.
func (verifyArchiveCmd) Run(e *env) error {
	s, err := openWith(e, store.OpenAsItIs)
	if err != nil {
		return err
	}
	defer closing(e, s)
	orgs, err := s.Orgs(e.ctx)
	if err != nil {
		return err
	}
	v := verifier{env: e, store: s, archive: archive.New(e.Archive), named: map[string]bool{}}
	for _, v.org = range orgs {
		for _, step := range []func() error{v.audit, v.minutes, v.documents, v.filed, v.papers} {
			if err := step(); err != nil {
				return err
			}
		}
	}
	if err := v.files(); err != nil {
		return err
	}
	if v.found > 0 {
		return fmt.Errorf("%d findings: change nothing, and keep this machine's files apart before restoring a backup", v.found)
	}
	_, err = fmt.Fprintln(e.stdout, "nothing was altered, nothing is missing")
	return err
}

// verifier looks at one organisation.
type verifier struct {
	env     *env
	store   *store.Store
	org     auth.Org
	archive *archive.Folder
	named   map[string]bool // hashes that a row names
	found   int
}

func (v *verifier) tell(what, format string, args ...any) {
	v.found++
	fmt.Fprintf(v.env.stdout, "%s: %s\n", what, fmt.Sprintf(format, args...))
}

func (v *verifier) audit() error {
	var chain audit.Chain
	n := 0
	seq, hash, err := v.store.WalkAudit(v.env.ctx, v.org.ID, func(e audit.Entry) {
		n++
		for _, w := range chain.Next(e) {
			v.tell("audit log of "+v.org.Name, "%s", w)
		}
	})
	if err != nil {
		return err
	}
	for _, w := range chain.End(seq, hash) {
		v.tell("audit log of "+v.org.Name, "%s", w)
	}
	fmt.Fprintf(v.env.stdout, "%s: %d audit entries read\n", v.org.Name, n)
	return nil
}

func (v *verifier) minutes() error {
	teams, err := v.store.Teams(v.env.ctx, v.org.ID)
	if err != nil {
		return err
	}
	n := 0
	for _, t := range teams {
		links, traces, err := v.store.MinutesChain(v.env.ctx, v.org.ID, t.ID)
		if err != nil {
			return err
		}
		n += len(links)
		for _, f := range minutes.CheckChain(links, traces) {
			v.tell(f.What, "%s, of %s", f.Text, t.Name)
		}
	}
	fmt.Fprintf(v.env.stdout, "%s: %d signed minutes read\n", v.org.Name, n)
	return nil
}

func (v *verifier) documents() error {
	all, err := v.store.Documents(v.env.ctx, v.org.ID)
	if err != nil {
		return err
	}
	for _, d := range all {
		v.named[d.SHA256] = true
		if err := v.document(d); err != nil {
			return err
		}
	}
	fmt.Fprintf(v.env.stdout, "%s: %d archived documents read\n", v.org.Name, len(all))
	return nil
}

func (v *verifier) document(d minutes.Document) error {
	pdf, err := v.archive.Get(v.env.ctx, d.SHA256)
	name := fmt.Sprintf("document %s (%s of minutes %s%s)", d.SHA256, d.Kind, d.Minutes, about(d.Patient))
	switch {
	case errors.Is(err, archive.ErrNoHash):
		v.tell(minutes.Altered, "the row of %s: that is no hash", name)
	case errors.Is(err, archive.ErrDamaged):
		v.tell(minutes.Altered, "%s", name)
	case fault.Is(err, fault.NotFound):
		v.tell(minutes.Missing, "%s", name)
	case err != nil:
		return err
	case int64(len(pdf)) != d.Size:
		v.tell(minutes.Altered, "%s has %d bytes, not %d", name, len(pdf), d.Size)
	}
	return nil
}

// papers reads every document of a case. Files that no row names are no finding:
// a sending that failed leaves them, and nobody reaches them.
func (v *verifier) papers() error {
	all, err := v.store.PaperHashes(v.env.ctx, v.org.ID)
	if err != nil {
		return err
	}
	folder := archive.Papers(v.env.Papers)
	for _, sha := range all {
		switch _, err := folder.Get(v.env.ctx, sha); {
		case errors.Is(err, archive.ErrNoHash), errors.Is(err, archive.ErrDamaged):
			v.tell(minutes.Altered, "document of a case %s", sha)
		case fault.Is(err, fault.NotFound):
			v.tell(minutes.Missing, "document of a case %s", sha)
		case err != nil:
			return err
		}
	}
	fmt.Fprintf(v.env.stdout, "%s: %d documents of cases read\n", v.org.Name, len(all))
	return nil
}

// filed compares the rows of minutes, of documents and of the search.
func (v *verifier) filed() error {
	all, err := v.store.FiledMinutes(v.env.ctx, v.org.ID)
	if err != nil {
		return err
	}
	for _, f := range all {
		for _, w := range minutes.CheckFiled(f) {
			v.tell(w.What, "%s", w.Text)
		}
		if err := v.logo(f); err != nil {
			return err
		}
	}
	found, err := v.store.CheckIndex(v.env.ctx, v.org.ID, all)
	for _, w := range found {
		v.tell(w.What, "%s", w.Text)
	}
	return err
}

// logo makes sure that the picture minutes were printed with is still there.
func (v *verifier) logo(f minutes.Filed) error {
	var c minutes.Content
	if json.Unmarshal(f.JSON, &c) != nil || c.Logo.SHA256 == "" {
		return nil // told elsewhere, or none
	}
	_, png, err := v.store.Logo(v.env.ctx, v.org.ID, c.Logo.SHA256)
	sum := sha256.Sum256(png)
	switch {
	case fault.Is(err, fault.NotFound):
		v.tell(minutes.Missing, "logo %s of minutes %s", c.Logo.SHA256, f.ID)
	case err != nil:
		return err
	case hex.EncodeToString(sum[:]) != c.Logo.SHA256:
		v.tell(minutes.Altered, "logo %s of minutes %s", c.Logo.SHA256, f.ID)
	}
	return nil
}

// files names what no row does: what somebody put there, and what is left when
// rows are taken away or a signature failed.
func (v *verifier) files() error {
	stray, err := v.store.StrayDocuments(v.env.ctx)
	if err != nil {
		return err
	}
	for _, d := range stray {
		v.named[d.SHA256] = true
		v.tell(minutes.Missing, "minutes %s, named by the row of document %s (%s)", d.Minutes, d.SHA256, d.Kind)
	}
	err = v.archive.Each(v.unnamed)
	if err != nil {
		return err
	}
	return v.archive.Foreign(func(path string) { v.tell(minutes.Added, "file %s of the archive is no document", path) })
}

// unnamed tells of a document that no minutes name. One that the program itself
// made whole is what a signature that failed leaves: it is named apart, and is no
// finding, since it touches nothing that was signed.
func (v *verifier) unnamed(sha string) error {
	if v.named[sha] {
		return nil
	}
	pdf, err := v.archive.Get(v.env.ctx, sha)
	if err == nil && len(check.Document(pdf)) == 0 {
		_, err = fmt.Fprintf(v.env.stdout, "orphan: document %s: no minutes name it; a signature that failed leaves one\n", sha)
		return err
	}
	if err != nil && !errors.Is(err, archive.ErrDamaged) {
		return err
	}
	v.tell(minutes.Added, "document %s: no minutes name it", sha)
	return nil
}

func about(p id.Patient) string {
	if p == "" {
		return ""
	}
	return ", patient " + string(p)
}
