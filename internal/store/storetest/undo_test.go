package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
)

// crowd is more patients due than a meeting holds, the most pressing first.
func crowd() []sick {
	var all []sick
	for i := range 16 {
		all = append(all, sick{ipp: fmt.Sprintf("p%02d", i), plan: due(date.New(2026, 8, 10).AddDays(i))})
	}
	return all
}

// stands is how the lines of a meeting stand, but for their versions and dates.
func (w *ward) stands(t *testing.T) []agenda.Item {
	t.Helper()
	lines, err := w.store.AgendaItems(context.Background(), w.Org.ID, w.meeting.Meeting.ID)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

var untouched = []cmp.Option{
	cmpopts.IgnoreFields(agenda.Item{}, "Version", "Updated"), cmpopts.EquateEmpty(),
	cmpopts.SortSlices(func(a, b agenda.Item) bool { return a.ID < b.ID }),
}

// TestEveryEditIsRefittedAndUndone tries each edit on an agenda that is full:
// the rest is refitted, what changed is told, and undoing puts every line back.
func TestEveryEditIsRefittedAndUndone(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, w := context.Background(), newWard(t, s, crowd()...)
		m := w.meeting.Meeting.ID
		g, err := w.agenda.Draft(ctx, w.Secretary, m)
		if err != nil || len(g.Items) < 5 || len(g.Waiting) < 3 {
			t.Fatalf("draft: %d lines, %d waiting, %v", len(g.Items), len(g.Waiting), err)
		}
		drafted, first, last, waits := g, g.Items[0].ID, g.Items[len(g.Items)-1].ID, g.Waiting[0]
		order := []id.Case{last, first}
		edits := []struct {
			name string
			edit func() error
			want []agenda.ChangeKind
		}{
			{"order", func() error { _, err := w.agenda.Order(ctx, w.Secretary, m, order); return err }, []agenda.ChangeKind{agenda.Shifted}},
			{"move", func() error { _, err := w.agenda.Move(ctx, w.Secretary, m, first, 3); return err }, []agenda.ChangeKind{agenda.Shifted}},
			{"pin", func() error { return w.agenda.Pin(ctx, w.Secretary, first, true) }, nil},
			{"minutes", func() error { return w.agenda.SetMinutes(ctx, w.Secretary, first, 20) }, []agenda.ChangeKind{agenda.WentOut, agenda.Lasts}},
			{"defer", func() error { _, err := w.agenda.Defer(ctx, w.Secretary, first, "time"); return err }, []agenda.ChangeKind{agenda.WentOut, agenda.CameIn}},
			{"withdraw", func() error { return w.agenda.Withdraw(ctx, w.Secretary, first, "") }, []agenda.ChangeKind{agenda.WentOut, agenda.CameIn}},
			{"add", func() error { _, err := w.agenda.Add(ctx, w.Secretary, m, waits.Patient.ID, "", 6); return err }, []agenda.ChangeKind{agenda.WentOut, agenda.CameIn}},
		}
		for _, e := range edits {
			before := w.stands(t)
			if err := e.edit(); err != nil {
				t.Fatalf("%s: %v", e.name, err)
			}
			g, err := w.agenda.Get(ctx, w.Secretary, m)
			if err != nil || g.Last == nil || g.Planned > g.Capacity {
				t.Fatalf("%s: %d of %d minutes, last %v, %v", e.name, g.Planned, g.Capacity, g.Last, err)
			}
			if diff := cmp.Diff(e.want, kinds(g.Last.Changes), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s told (-want +got):\n%s", e.name, diff)
			}
			if _, err := w.agenda.Undo(ctx, w.Secretary, m, g.Last.Key); err != nil {
				t.Fatalf("undo %s: %v", e.name, err)
			}
			if diff := cmp.Diff(before, w.stands(t), untouched...); diff != "" {
				t.Errorf("%s was not undone (-before +after):\n%s", e.name, diff)
			}
			if _, err := w.agenda.Undo(ctx, w.Secretary, m, g.Last.Key); !fault.Is(err, fault.Conflict) {
				t.Errorf("undoing %s twice: %v, want a conflict", e.name, err)
			}
		}
		if got, err := w.agenda.Draft(ctx, w.Secretary, m); err != nil || !cmp.Equal(ipps(drafted.Items), ipps(got.Items)) {
			t.Errorf("the draft after all: %v, %v; want %v", ipps(got.Items), err, ipps(drafted.Items))
		}
	})
}

// kinds are those of changes, each once.
func kinds(all []agenda.Change) (out []agenda.ChangeKind) {
	for i, c := range all {
		if i == 0 || all[i-1].Kind != c.Kind {
			out = append(out, c.Kind)
		}
	}
	return out
}

// TestUndoOfADraftAndWhatForbidsIt: a line is never deleted, only hidden, and
// who changes the agenda in between keeps what they did.
func TestUndoOfADraftAndWhatForbidsIt(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, w := context.Background(), newWard(t, s, crowd()...)
		m := w.meeting.Meeting.ID
		g, err := w.agenda.Draft(ctx, w.Secretary, m)
		if err != nil {
			t.Fatal(err)
		}
		if g, err := w.agenda.Undo(ctx, w.Secretary, m, g.Last.Key); err != nil || len(g.Items)+len(g.Waiting)+len(g.Withdrawn) != 0 {
			t.Errorf("undone draft: %d lines, %v", len(g.Items), err)
		}
		again, err := w.agenda.Draft(ctx, w.Secretary, m)
		if err != nil || !cmp.Equal(ipps(g.Items), ipps(again.Items)) {
			t.Errorf("drafted again: %v, %v", ipps(again.Items), err)
		}
		if _, err := w.agenda.Undo(ctx, w.Clinician, m, again.Last.Key); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a clinician: %v, want forbidden", err)
		}
		last, err := s.LastEdit(ctx, w.Org.ID, m)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.agenda.Pin(ctx, w.Secretary, again.Items[0].ID, true); err != nil {
			t.Fatal(err)
		}
		by := w.Secretary.Change(Clock(), "agenda.undo", "meeting", string(m))
		if err := s.UndoEdit(ctx, w.Org.ID, m, nil, last, by); !fault.Is(err, fault.Conflict) {
			t.Errorf("undoing what is no longer the last edit: %v, want a conflict", err)
		}
		by = w.Secretary.Change(Clock(), "agenda.undo", "meeting", string(m))
		one := w.stands(t)[0]
		one.Question = "Autre question"
		if err := s.SaveAgenda(ctx, w.Org.ID, m, []agenda.Item{one}, by); err != nil {
			t.Fatal(err)
		}
		if _, err := w.agenda.Undo(ctx, w.Secretary, m, last.Key); !fault.Is(err, fault.Conflict) {
			t.Errorf("after another change: %v, want a conflict", err)
		}
	})
}

// TestAnEditDoesNotReachAMeetingThatBegan: an edit and an undoing are worked out
// on an agenda that nobody discusses yet. When the meeting starts before they are
// written, the room keeps the agenda that it opened with.
func TestAnEditDoesNotReachAMeetingThatBegan(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, w := context.Background(), newWard(t, s, crowd()...)
		m := w.meeting.Meeting
		if _, err := w.agenda.Draft(ctx, w.Secretary, m.ID); err != nil {
			t.Fatal(err)
		}
		last, err := s.LastEdit(ctx, w.Org.ID, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		one := w.stands(t)[0]
		if m, err = w.Meetings.Open(ctx, w.Secretary, m.ID, m.Version); err == nil {
			_, err = w.Meetings.Start(ctx, w.Secretary, m.ID, m.Version)
		}
		if err != nil {
			t.Fatal(err)
		}
		one.Question = "Autre question"
		by := w.Secretary.Change(Clock(), "agenda.minutes", "meeting", string(m.ID))
		if err := s.SaveEdit(ctx, w.Org.ID, m.ID, []agenda.Item{one}, last, by); !fault.Is(err, fault.Conflict) {
			t.Errorf("an edit after the start: %v, want a conflict", err)
		}
		by = w.Secretary.Change(Clock(), "agenda.undo", "meeting", string(m.ID))
		if err := s.UndoEdit(ctx, w.Org.ID, m.ID, []agenda.Item{one}, last, by); !fault.Is(err, fault.Conflict) {
			t.Errorf("an undoing after the start: %v, want a conflict", err)
		}
	})
}
