package storetest

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/archive"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/handover"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
)

// stopping is an archive whose process is stopped after some readings.
type stopping struct {
	*archive.Folder
	left int
	stop context.CancelFunc
}

func (a *stopping) Get(ctx context.Context, sha string) ([]byte, error) {
	if a.left--; a.left < 0 {
		a.stop()
		return nil, ctx.Err()
	}
	return a.Folder.Get(ctx, sha)
}

// TestAYearIsAskedForAndMade: a request waits, is begun by a process that stops
// half way, and is made by the next one; two independent readers check it.
func TestAYearIsAskedForAndMade(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r := newRoom(t, s, twoPatients()...)
		r.decide(t, "walker", walks(r))
		r.end(t)
		if _, err := r.minutes.Sign(ctx, r.Chair, r.state.ID, r.state.Version); err != nil {
			t.Fatal(err)
		}
		c := handover.Config{Store: s, Archive: r.docs, Dir: t.TempDir(), Name: "first", Program: "rcp", Now: func() time.Time { return r.at }}
		v := handover.NewService(c)
		if err := v.Ask(ctx, r.Clinician, r.Team.ID, 2026); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a clinician asked: %v", err)
		}
		for range 2 { // asked again, it is the same request
			if err := v.Ask(ctx, r.Chair, r.Team.ID, 2026); err != nil {
				t.Fatal(err)
			}
		}
		stopped, stop := context.WithCancel(ctx)
		c.Archive = &stopping{r.docs, 1, stop}
		if made, err := handover.NewService(c).RunOnce(stopped); made != 0 || err != nil {
			t.Fatalf("stopped half way: %d made, %v", made, err)
		}
		h := r.handover(t, v)
		if h.State != handover.Waiting || h.Total != 1 || h.Began.IsZero() {
			t.Fatalf("after the stop: %+v", h)
		}
		c.Archive, c.Name = r.docs, "second"
		v = handover.NewService(c)
		if held, err := s.Lease(ctx, "handover", "third", Now.Add(time.Minute)); err != nil || !held {
			t.Fatalf("the lease was not given back: %v", err)
		}
		if made, err := v.RunOnce(ctx); made != 0 || err != nil {
			t.Fatalf("made beside another process: %d, %v", made, err)
		}
		if _, err := s.Lease(ctx, "handover", "third", Now); err != nil {
			t.Fatal(err)
		}
		if made, err := v.RunOnce(ctx); made != 1 || err != nil {
			t.Fatalf("made %d, %v", made, err)
		}
		r.wantPackage(t, v, c.Dir)
		r.wantSwept(t, v)
		r.wantFailed(t, c)
	})
}

func (r *room) handover(t *testing.T, v *handover.Service) handover.Handover {
	t.Helper()
	all, err := v.List(context.Background(), r.Secretary)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d requests, %v", len(all), err)
	}
	return all[0]
}

func (r *room) wantPackage(t *testing.T, v *handover.Service, dir string) {
	t.Helper()
	ctx := context.Background()
	h := r.handover(t, v)
	if h.State != handover.Ready || h.Done != 1 || h.Finished.IsZero() {
		t.Errorf("made: %+v", h)
	}
	dir = filepath.Join(dir, string(h.ID))
	if wrong, err := archive.CheckBag(dir); err != nil || len(wrong) > 0 {
		t.Errorf("the package: %q, %v", wrong, err)
	}
	for _, list := range []string{"manifest-sha256.txt", "tagmanifest-sha256.txt"} {
		cmd := exec.CommandContext(ctx, "sha256sum", "--check", "--strict", "--quiet", list)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("sha256sum of %s: %v\n%s", list, err, out)
		}
	}
	for _, a := range []id.Handover{h.ID, id.New[id.Handover]()} {
		if _, err := v.Take(ctx, r.Clinician, a); !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.NotFound) {
			t.Errorf("a clinician took %s: %v", a, err)
		}
	}
	h, err := v.Take(ctx, r.Secretary, h.ID)
	if err != nil {
		t.Fatal(err)
	}
	var one, two bytes.Buffer
	if err := v.WriteZip(ctx, h, &one); err != nil {
		t.Fatal(err)
	}
	if err := v.WriteZip(ctx, h, &two); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) || one.Len() == 0 {
		t.Errorf("sent twice: %d and %d bytes, %v", one.Len(), two.Len(), err)
	}
	for action, want := range map[string]int{"minutes.export": 3, "minutes.export-read": 2} {
		all, err := r.store.AuditEntries(ctx, r.Org.ID, audit.Filter{Action: action, Limit: 10})
		refused := 0
		for _, e := range all {
			if e.Outcome == audit.Refused {
				refused++
			}
		}
		if err != nil || len(all) != want || refused != 1 {
			t.Errorf("%s: %d entries, %d refused, %v", action, len(all), refused, err)
		}
	}
}

// wantSwept: a week later the package is gone.
func (r *room) wantSwept(t *testing.T, v *handover.Service) {
	t.Helper()
	ctx := context.Background()
	h := r.handover(t, v)
	for range 2 {
		if _, err := v.RunOnce(ctx); err != nil {
			t.Fatal(err)
		}
		r.at = r.at.Add(handover.Kept + time.Minute)
	}
	if all, err := v.List(ctx, r.Secretary); err != nil || len(all) != 0 {
		t.Errorf("after a week: %d, %v", len(all), err)
	}
	if _, err := v.Take(ctx, r.Secretary, h.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("taken after a week: %v", err)
	}
}

// wantFailed: without its documents a year is not made, and waits for somebody.
func (r *room) wantFailed(t *testing.T, c handover.Config) {
	t.Helper()
	ctx := context.Background()
	c.Archive = archive.New(t.TempDir())
	v := handover.NewService(c)
	if err := v.Ask(ctx, r.Chair, r.Team.ID, 2026); err != nil {
		t.Fatal(err)
	}
	if made, err := v.RunOnce(ctx); made != 0 || err == nil {
		t.Errorf("made %d without documents, %v", made, err)
	}
	h := r.handover(t, v)
	if h.State != handover.Failed {
		t.Errorf("without documents: %+v", h)
	}
	if _, err := v.Take(ctx, r.Secretary, h.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("took what failed: %v", err)
	}
	if made, err := v.RunOnce(ctx); made != 0 || err != nil {
		t.Errorf("tried again by itself: %d, %v", made, err)
	}
}
