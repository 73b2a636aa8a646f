package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/careplan/fhir"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/internal/store"
)

type importCmd struct {
	FHIR importFHIRCmd `cmd:"" name:"fhir" help:"From FHIR R4 JSON files, plain or gzip; - is standard input."`
}

type importFHIRCmd struct {
	Files []string `arg:"" name:"file" help:"Files to read."`
	Team  string   `help:"Name of the team that follows the plans new to RCP."`
}

// Run imports each file and prints the report. It fails when something was
// refused, after having imported the rest.
func (c importFHIRCmd) Run(e *env) error {
	s, err := store.Open(e.ctx, e.Database, e.now)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	org, err := onlyOrg(e, s)
	if err != nil {
		return err
	}
	target := careplan.Target{Org: org}
	if target.Team, err = c.team(e, s, org); err != nil {
		return err
	}
	var batches []careplan.Batch
	for _, name := range c.Files {
		batch, err := readFHIR(e.stdin, name)
		if err != nil {
			return fmt.Errorf("%s: %s", filepath.Base(name), explain(err))
		}
		batches = append(batches, batch)
	}
	report, err := careplan.NewService(s, e.now).Import(e.ctx, auth.System(org, "cli"), target, batches...)
	if err != nil {
		return err
	}
	if refused := printReport(e.stdout, report); refused > 0 {
		return fmt.Errorf("%d entries were refused, the rest is imported", refused)
	}
	return nil
}

func (c importFHIRCmd) team(e *env, s *store.Store, org id.Org) (id.Team, error) {
	if c.Team == "" {
		return "", nil
	}
	all, err := s.Teams(e.ctx, org)
	if err != nil {
		return "", err
	}
	for _, t := range all {
		if t.Name == c.Team {
			return t.ID, nil
		}
	}
	return "", fmt.Errorf("no team is called %q", c.Team)
}

func readFHIR(stdin io.Reader, name string) (careplan.Batch, error) {
	if name == "-" {
		return fhir.Read(stdin, "stdin", fhir.Limits{})
	}
	f, err := os.Open(name)
	if err != nil {
		return careplan.Batch{}, err
	}
	defer f.Close()
	return fhir.Read(f, filepath.Base(name), fhir.Limits{})
}

// printReport prints counts, then a line per refusal or warning, and returns
// how many were refused.
func printReport(w io.Writer, r careplan.Report) (refused int) {
	results := []careplan.Result{careplan.Created, careplan.Updated, careplan.Unchanged, careplan.Refused}
	fmt.Fprintf(w, "%-14s %9s %9s %9s %9s\n", "", "created", "updated", "unchanged", "refused")
	for _, kind := range slices.Sorted(maps.Keys(r.Counts)) {
		fmt.Fprintf(w, "%-14s", kind)
		for _, result := range results {
			fmt.Fprintf(w, " %9d", r.Counts[kind][result])
		}
		fmt.Fprintln(w)
	}
	for _, l := range r.Lines {
		if l.Result == careplan.Refused {
			refused++
		}
		fmt.Fprintf(w, "%s: %s, entry %d, %s: %s\n", l.Result, l.Place.File, l.Place.Entry, l.Place.Type, lang.T("en", l.Reason, l.Args...))
	}
	return refused
}
