package papers

import (
	"context"
	"errors"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
)

// ErrUnreachable is when the scanner does not answer at all: what waits, waits.
var ErrUnreachable = errors.New("the virus scanner does not answer")

// Recheck asks the scanner about what waits for it, at most limit documents, and
// returns how many were judged. Without a scanner, what waited for one waits no
// more. It may run twice, on two machines: a row is judged at one version.
func (s *Service) Recheck(ctx context.Context, limit int) (n int, err error) {
	const op = "papers.Recheck"
	states := []Status{Checking}
	if s.Scanner != nil {
		states = append(states, Unscanned)
	}
	waiting, err := s.Store.WaitingPapers(ctx, states, limit)
	if err != nil {
		return 0, fault.Wrap(op, err)
	}
	var failed error
	for _, p := range waiting {
		switch err := s.recheck(ctx, p); {
		case err == nil:
			n++
		case errors.Is(err, ErrUnreachable):
			return n, fault.Wrap(op, errors.Join(failed, err))
		case !fault.Is(err, fault.Conflict): // somebody was faster
			failed = errors.Join(failed, err)
		}
	}
	return n, fault.Wrap(op, failed)
}

func (s *Service) recheck(ctx context.Context, p Paper) error {
	by := s.paperChange(auth.System(p.Org, "job:papers"), "paper.scan", p)
	if s.Scanner == nil {
		p.Status = Unscanned
		return s.Store.JudgePaper(ctx, p, by)
	}
	b, err := s.Folder.Get(ctx, p.SHA256)
	if err != nil {
		return err
	}
	found, err := s.Scanner.Scan(ctx, b)
	if err != nil {
		return err
	}
	p.Status, p.Judged = Clean, s.Now()
	if found != "" {
		p.Status, by.Entry.Outcome, by.Entry.Detail = Refused, audit.Refused, "virus"
	}
	if err := s.Store.JudgePaper(ctx, p, by); err != nil || found == "" {
		return err
	}
	return s.Folder.Drop(ctx, p.SHA256)
}
