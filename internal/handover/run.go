package handover

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/meetings"
)

const (
	leaseName   = "handover"
	leaseLength = time.Minute
	tellEvery   = 500 * time.Millisecond // between two writes of the progress
)

// Kept is how long a package stays, before it is deleted.
const Kept = 7 * 24 * time.Hour

// errLost is when another process makes the packages now.
var errLost = errors.New("the lease is another's")

// RunOnce makes what waits, and deletes what is old. It returns how many were
// made. It may run on several machines and be stopped at any point.
func (s *Service) RunOnce(ctx context.Context) (int, error) {
	const op = "handover.RunOnce"
	h, err := s.Store.NextHandover(ctx)
	if fault.Is(err, fault.NotFound) {
		return 0, s.sweep(ctx)
	}
	if err != nil {
		return 0, fault.Wrap(op, err)
	}
	held, err := s.lease(ctx)
	if err != nil || !held {
		return 0, fault.Wrap(op, err)
	}
	defer func() { _, _ = s.Store.Lease(context.WithoutCancel(ctx), leaseName, s.Name, time.Unix(0, 0)) }() // else it ends by itself
	switch err = s.make(ctx, h); {
	case ctx.Err() != nil || errors.Is(err, errLost):
		return 0, nil // it waits, and is taken up again
	case err != nil:
		h.State, h.Finished = Failed, s.Now()
		return 0, errors.Join(fault.Wrap(op, err), s.Store.KeepHandover(ctx, h))
	}
	return 1, nil
}

func (s *Service) lease(ctx context.Context) (bool, error) {
	return s.Store.Lease(ctx, leaseName, s.Name, s.Now().Add(leaseLength))
}

func (s *Service) make(ctx context.Context, h Handover) error {
	team, err := s.Store.TeamByID(ctx, h.Org, h.Team)
	if err != nil {
		return err
	}
	p, err := Choose(ctx, s.Store, h.Org, []meetings.Team{team}, h.Year)
	if err != nil {
		return err
	}
	h.Done, h.Total, h.Began = 0, len(p.Minutes), s.Now()
	if err := s.Store.KeepHandover(ctx, h); err != nil {
		return err
	}
	told, leased := h.Began, h.Began
	_, err = p.Make(ctx, s.Archive, s.dir(h), s.Program, h.Asked, func(done int) error {
		now := s.Now()
		if now.Sub(leased) > leaseLength/3 {
			if held, err := s.lease(ctx); err != nil || !held {
				return errors.Join(err, errLost)
			}
			leased = now
		}
		if now.Sub(told) < tellEvery {
			return ctx.Err()
		}
		told, h.Done = now, done
		return s.Store.KeepHandover(ctx, h)
	})
	if err != nil {
		return err
	}
	h.State, h.Done, h.Finished = Ready, h.Total, s.Now()
	return s.Store.KeepHandover(ctx, h)
}

// dir is where a package is made: one folder for a request and all that repeat
// it.
func (s *Service) dir(h Handover) string { return filepath.Join(s.Dir, string(h.ID)) }

func (s *Service) sweep(ctx context.Context) error {
	const op = "handover.sweep"
	old, err := s.Store.OldHandovers(ctx, s.Now().Add(-Kept))
	if err != nil {
		return fault.Wrap(op, err)
	}
	for _, h := range old {
		if err := os.RemoveAll(s.dir(h)); err != nil {
			return fault.Wrap(op, err)
		}
		if err := s.Store.DeleteHandover(ctx, h.ID); err != nil {
			return fault.Wrap(op, err)
		}
	}
	return nil
}
