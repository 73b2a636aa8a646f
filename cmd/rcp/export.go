package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/archive"
	"github.com/rcp-care/rcp/internal/handover"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
)

type exportCmd struct {
	Archive exportArchiveCmd `cmd:"" help:"Write a year's signed minutes as a BagIt package (RFC 8493). Run again, it goes on where it stopped."`
}

type exportArchiveCmd struct {
	Year int    `required:"" help:"Year of the meetings."`
	Team string `help:"Name or id of one team; all by default."`
	Dir  string `arg:"" help:"New or empty folder, or one in which this was begun."`
}

// Run writes the package: what is there already and is the same is kept.
func (c exportArchiveCmd) Run(e *env) error {
	s, err := openExisting(e)
	if err != nil {
		return err
	}
	defer closing(e, s)
	org, err := onlyOrg(e, s)
	if err != nil {
		return err
	}
	teams, err := chosenTeams(e, s, org, c.Team)
	if err != nil {
		return err
	}
	p, err := handover.Choose(e.ctx, s, org, teams, c.Year)
	if err != nil {
		return exportFailed(err, c.Dir)
	}
	bar := progress{out: e.stderr, total: len(p.Minutes), now: e.now, began: e.now()}
	kept, err := p.Make(e.ctx, archive.New(e.Archive), c.Dir, "rcp "+version, e.now(), func(done int) error {
		bar.step(done)
		return e.ctx.Err()
	})
	bar.end()
	if err != nil {
		return exportFailed(err, c.Dir)
	}
	if p.Training > 0 {
		fmt.Fprintf(e.stdout, "%d of training teams left out\n", p.Training)
	}
	_, err = fmt.Fprintf(e.stdout, "%d signed minutes in %s, %d files kept from before\n", len(p.Minutes), c.Dir, kept)
	return err
}

func exportFailed(err error, dir string) error {
	if errors.Is(err, archive.ErrNotABag) {
		return fmt.Errorf("%s holds something else: choose a new folder", dir)
	}
	return err
}

func chosenTeams(e *env, s *store.Store, org id.Org, name string) ([]meetings.Team, error) {
	teams, err := s.Teams(e.ctx, org)
	if err != nil || name == "" {
		return teams, err
	}
	var some []meetings.Team
	for _, t := range teams {
		if t.Name == name || string(t.ID) == name {
			some = append(some, t)
		}
	}
	if len(some) == 0 {
		return nil, fmt.Errorf("there is no team %q", name)
	}
	return some, nil
}

// progress is a bar on a terminal, with the count and the time left.
type progress struct {
	out   io.Writer
	total int
	now   func() time.Time
	began time.Time
}

const barWidth = 30

func (p progress) step(done int) {
	full := barWidth * done / max(p.total, 1)
	left := ""
	if d := handover.Left(done, p.total, p.now().Sub(p.began)); d > 0 {
		left = ", " + d.String() + " left"
	}
	fmt.Fprintf(p.out, "\r[%s%s] %d of %d%s\x1b[K", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), done, p.total, left)
}

func (p progress) end() {
	if p.total > 0 {
		fmt.Fprintln(p.out)
	}
}
