package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"sync"
	"testing"

	"github.com/rcp-care/rcp/agenda/papers"
	"github.com/rcp-care/rcp/internal/archive"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
)

// scanner answers what it is told to.
type scanner struct {
	mu    sync.Mutex
	found string
	err   error
}

func (s *scanner) Scan(context.Context, []byte) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.found, s.err
}

func (s *scanner) says(found string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.found, s.err = found, err
}

// tray is a ward with one case on its agenda and a place for documents.
type tray struct {
	*ward
	papers *papers.Service
	folder *archive.Folder
	scan   *scanner
	kase   id.Case
}

func newTray(t *testing.T, s *store.Store, scan *scanner) *tray {
	t.Helper()
	w := newWard(t, s, sick{ipp: "one", circle: true}, sick{ipp: "two"})
	d := &tray{ward: w, folder: archive.Papers(t.TempDir()), scan: scan}
	c := papers.Config{Store: s, Cases: w.agenda, Meetings: s, Folder: d.folder, Now: Clock}
	if scan != nil {
		c.Scanner = scan
	}
	d.papers = papers.NewService(c)
	d.kase = d.caseOf(t, "one")
	return d
}

func (d *tray) caseOf(t *testing.T, ipp string) id.Case {
	t.Helper()
	g, err := d.agenda.Add(t.Context(), d.Secretary, d.meeting.Meeting.ID, d.ids[ipp], "", 0)
	if err != nil {
		t.Fatalf("add %s: %v", ipp, err)
	}
	for _, it := range g.Items {
		if it.Patient.ID == d.ids[ipp] {
			return it.ID
		}
	}
	t.Fatal("not on the agenda")
	return ""
}

// dot is a picture of one pixel, another for each n.
func dot(n int) []byte {
	img := image.NewGray16(image.Rect(0, 0, 1, 1))
	img.Set(0, 0, color.Gray16{Y: uint16(n)})
	var b bytes.Buffer
	_ = png.Encode(&b, img)
	return b.Bytes()
}

func (d *tray) add(t *testing.T, a auth.Actor, n int) papers.Paper {
	t.Helper()
	p, err := d.papers.Add(t.Context(), a, d.kase, fmt.Sprintf("Photo %d", n), bytes.NewReader(dot(n)))
	if err != nil {
		t.Fatalf("add %d: %v", n, err)
	}
	return p
}

func TestPapersAreForWhoSeesTheCase(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		d := newTray(t, s, nil)
		p := d.add(t, d.Clinician, 1)
		if p.N != 1 || p.Name() != "document-1.png" || p.Status != papers.Unscanned {
			t.Errorf("kept as %+v", p)
		}
		for _, a := range []auth.Actor{d.Clinician, d.Secretary, d.Chair} {
			if got, b, err := d.papers.Open(ctx, a, p.ID); err != nil || len(b) == 0 || got.Title != "Photo 1" {
				t.Errorf("%s opens %d bytes, %v", a.Name, len(b), err)
			}
		}
		other, err := d.papers.Add(ctx, d.Secretary, d.caseOf(t, "two"), "", bytes.NewReader(dot(1)))
		if err != nil {
			t.Fatalf("the same document for another patient: %v", err)
		}
		for action, act := range map[string]func(auth.Actor) error{
			"paper.read":    func(a auth.Actor) error { _, _, err := d.papers.Open(ctx, a, other.ID); return err },
			"paper.list":    func(a auth.Actor) error { _, err := d.papers.List(ctx, a, other.Case); return err },
			"paper.remove":  func(a auth.Actor) error { _, err := d.papers.Remove(ctx, a, other.ID); return err },
			"paper.restore": func(a auth.Actor) error { _, err := d.papers.Restore(ctx, a, other.ID); return err },
			"paper.add": func(a auth.Actor) error {
				_, err := d.papers.Add(ctx, a, other.Case, "", bytes.NewReader(dot(3)))
				return err
			},
		} {
			for _, a := range []auth.Actor{d.Clinician, d.Stranger} {
				if err := act(a); !fault.Is(err, fault.Forbidden) {
					t.Errorf("%s by %s: %v", action, a.Name, err)
				}
			}
			entries, err := s.AuditEntries(ctx, d.Org.ID, audit.Filter{Action: action, Patient: d.ids["two"], Actor: d.Clinician.Professional, Limit: 5})
			if err != nil || len(entries) != 1 || entries[0].Outcome != audit.Refused {
				t.Errorf("%s on record: %+v, %v", action, entries, err)
			}
		}
		away := d.Secretary
		away.Org = anotherOrg(t, s)
		if _, _, err := d.papers.Open(ctx, away, p.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("from another organisation: %v", err)
		}
		entries, err := s.AuditEntries(ctx, d.Org.ID, audit.Filter{Action: "paper.read", Patient: d.ids["one"], Limit: 9})
		if err != nil || len(entries) != 3 || entries[0].Outcome != audit.Done || entries[0].ObjectID != string(p.ID) {
			t.Errorf("readings on record: %d, %v", len(entries), err)
		}
	})
}

func TestAPaperIsRemovedAndPutBackUntilTheSignature(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		d := newTray(t, s, nil)
		p, kept := d.add(t, d.Secretary, 1), d.add(t, d.Clinician, 2)
		if _, err := d.papers.Remove(ctx, d.Clinician, p.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a clinician removes what the secretary added: %v", err)
		}
		if _, err := d.papers.Remove(ctx, d.Clinician, kept.ID); err != nil {
			t.Errorf("one's own: %v", err)
		}
		if _, _, err := d.papers.Open(ctx, d.Chair, kept.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("opened though removed: %v", err)
		}
		if _, err := d.papers.Add(ctx, d.Clinician, d.kase, "", bytes.NewReader(dot(2))); !fault.Is(err, fault.Conflict) {
			t.Errorf("added beside its removed self: %v", err)
		}
		if _, err := d.papers.Restore(ctx, d.Chair, kept.ID); err != nil {
			t.Errorf("put back: %v", err)
		}
		if _, _, err := d.papers.Open(ctx, d.Chair, kept.ID); err != nil {
			t.Errorf("put back, opened: %v", err)
		}
		if _, err := d.papers.Remove(ctx, d.Secretary, p.ID); err != nil {
			t.Fatal(err)
		}
		if l, err := d.papers.List(ctx, d.Secretary, d.kase); err != nil || len(l.Papers) != 2 || !l.Open || l.Room() != papers.MaxPerCase-1 {
			t.Errorf("listed before: %+v, %v", l, err)
		}
		d.sign(t, s)
		if l, err := d.papers.List(ctx, d.Secretary, d.kase); err != nil || len(l.Papers) != 1 || l.Open {
			t.Errorf("listed after the signature: %+v, %v", l, err)
		}
		if _, _, err := d.papers.Open(ctx, d.Chair, kept.ID); err != nil {
			t.Errorf("read after the signature: %v", err)
		}
		for name, err := range map[string]error{
			"add":     errOf(d.papers.Add(ctx, d.Secretary, d.kase, "", bytes.NewReader(dot(3)))),
			"remove":  errOf(d.papers.Remove(ctx, d.Secretary, kept.ID)),
			"restore": errOf(d.papers.Restore(ctx, d.Secretary, p.ID)),
		} {
			if !fault.Is(err, fault.Conflict) {
				t.Errorf("%s after the signature: %v", name, err)
			}
		}
	})
}

func errOf[T any](_ T, err error) error { return err }

// sign puts the meeting in the state that a signature leaves.
func (d *tray) sign(t *testing.T, s *store.Store) {
	t.Helper()
	m := d.meeting.Meeting
	full, err := s.MeetingByID(t.Context(), d.Org.ID, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	full.Meeting.Status = meetings.Signed
	if err := s.UpdateMeeting(t.Context(), full.Meeting, d.System.Change(Now, "test", "meeting", string(m.ID))); err != nil {
		t.Fatal(err)
	}
}

func TestACaseHasAtMostTwentyPapers(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		d := newTray(t, s, nil)
		for n := range papers.MaxPerCase - 1 {
			d.add(t, d.Secretary, n)
		}
		var both sync.WaitGroup
		errs := make([]error, 3)
		for i := range errs {
			both.Go(func() {
				_, errs[i] = d.papers.Add(context.WithoutCancel(t.Context()), d.Secretary, d.kase, "", bytes.NewReader(dot(100+i)))
			})
		}
		both.Wait()
		refused := 0
		for _, err := range errs {
			if fault.Is(err, fault.Conflict) {
				refused++
			} else if err != nil {
				t.Error(err)
			}
		}
		l, err := d.papers.List(t.Context(), d.Secretary, d.kase)
		if err != nil || refused != 2 || len(l.Papers) != papers.MaxPerCase || l.Room() != 0 || l.Papers[19].N != 20 {
			t.Fatalf("%d refused, %d kept, %v", refused, len(l.Papers), err)
		}
		if _, err := d.papers.Remove(t.Context(), d.Secretary, l.Papers[4].ID); err != nil {
			t.Fatal(err)
		}
		if p := d.add(t, d.Secretary, 300); p.N != 21 {
			t.Errorf("numbered %d: a number would come back", p.N)
		}
		if _, err := d.papers.Restore(t.Context(), d.Secretary, l.Papers[4].ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("put back as the twenty-first: %v", err)
		}
	})
}

func TestTheVirusScannerIsWaitedFor(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		scan := &scanner{}
		d := newTray(t, s, scan)
		if p := d.add(t, d.Clinician, 1); p.Status != papers.Clean || p.Judged.IsZero() {
			t.Errorf("judged at once: %+v", p)
		}
		scan.says("EICAR", nil)
		if _, err := d.papers.Add(ctx, d.Clinician, d.kase, "", bytes.NewReader(dot(2))); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "antivirus") {
			t.Errorf("a virus: %v", err)
		}
		entries, err := s.AuditEntries(ctx, d.Org.ID, audit.Filter{Action: "paper.add", Limit: 1})
		if err != nil || len(entries) != 1 || entries[0].Outcome != audit.Refused || entries[0].Detail != "virus" {
			t.Errorf("on record: %+v, %v", entries, err)
		}
		down := fmt.Errorf("%w: refused", papers.ErrUnreachable)
		scan.says("", down)
		good, bad := d.add(t, d.Clinician, 3), d.add(t, d.Clinician, 4)
		if good.Status != papers.Checking {
			t.Errorf("not judged: %+v", good)
		}
		if _, _, err := d.papers.Open(ctx, d.Clinician, good.ID); err != nil {
			t.Errorf("its author: %v", err)
		}
		if _, _, err := d.papers.Open(ctx, d.Chair, good.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("somebody else, before the scanner: %v", err)
		}
		if n, err := d.papers.Recheck(ctx, 10); n != 0 || !errors.Is(err, papers.ErrUnreachable) {
			t.Errorf("still down: %d, %v", n, err)
		}
		d.sign(t, s) // what waits is judged all the same
		scan.says("", nil)
		if n, err := d.papers.Recheck(ctx, 1); n != 1 || err != nil {
			t.Errorf("up again: %d, %v", n, err)
		}
		if _, _, err := d.papers.Open(ctx, d.Chair, good.ID); err != nil {
			t.Errorf("judged, opened: %v", err)
		}
		scan.says("EICAR", nil)
		if n, err := d.papers.Recheck(ctx, 10); n != 1 || err != nil {
			t.Errorf("the other: %d, %v", n, err)
		}
		if _, _, err := d.papers.Open(ctx, d.Clinician, bad.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("refused, opened by its author: %v", err)
		}
		if _, err := d.folder.Get(ctx, bad.SHA256); !fault.Is(err, fault.NotFound) {
			t.Errorf("its bytes are kept: %v", err)
		}
		if n, err := d.papers.Recheck(ctx, 10); n != 0 || err != nil {
			t.Errorf("again: %d, %v", n, err)
		}
	})
}

// A scanner that is set later analyses what came before; one that is taken away
// leaves nothing waiting.
func TestTheVirusScannerComesAndGoes(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		scan := &scanner{err: papers.ErrUnreachable}
		d := newTray(t, s, scan)
		p := d.add(t, d.Clinician, 1)
		without := d.papers.Config
		without.Scanner = nil
		if n, err := papers.NewService(without).Recheck(ctx, 10); n != 1 || err != nil {
			t.Errorf("without: %d, %v", n, err)
		}
		if got, _, err := d.papers.Open(ctx, d.Chair, p.ID); err != nil || got.Status != papers.Unscanned {
			t.Errorf("opened as %q, %v", got.Status, err)
		}
		scan.says("", nil)
		if n, err := d.papers.Recheck(ctx, 10); n != 1 || err != nil {
			t.Errorf("with: %d, %v", n, err)
		}
		if got, _, err := d.papers.Open(ctx, d.Chair, p.ID); err != nil || got.Status != papers.Clean {
			t.Errorf("opened as %q, %v", got.Status, err)
		}
	})
}
