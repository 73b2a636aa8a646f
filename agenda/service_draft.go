package agenda

import (
	"context"
	"fmt"
	"slices"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Draft drafts the agenda from the reasons as they are today. Pinned, moved,
// hand-made and begun lines stay; drafting twice on a day changes nothing.
func (s *Service) Draft(ctx context.Context, a auth.Actor, m id.Meeting) (Agenda, error) {
	const op = "agenda.Draft"
	full, err := s.meeting(ctx, a, m, "agenda.draft", auth.Secretary, auth.Chair)
	if err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	if !slices.Contains(fitted, full.Meeting.Status) {
		return Agenda{}, fault.New(fault.Conflict, op, "L’ordre du jour ne se prépare plus\u00a0: la réunion a commencé ou est annulée.")
	}
	d, err := s.drafting(ctx, full)
	if err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	if d.candidates, err = s.store.Candidates(ctx, a.Org, full.Meeting.Team, d.window()); err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	if d.lines, err = s.store.AgendaItems(ctx, a.Org, m); err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	if err := s.keep(ctx, a, s.change(a, "agenda.draft", full.Meeting), full, d.lines, d.draft()); err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	g, err := s.agenda(ctx, a, full)
	return g, fault.Wrap(op, err)
}

// today is the day of the clock where the team is.
func (s *Service) today(m meetings.Meeting) date.Date { return date.Of(s.now().In(m.Location())) }

// drafting reads what a meeting's agenda is drafted from, but the candidates
// and the lines.
func (s *Service) drafting(ctx context.Context, full meetings.Full) (drafting, error) {
	d := drafting{meeting: full.Meeting, team: full.Team, now: s.now(), today: s.today(full.Meeting), hours: hoursOf(full)}
	var err error
	if d.settings, err = s.store.Settings(ctx, full.Meeting.Org, full.Meeting.Team); err != nil || d.settings.Fixed {
		return d, err
	}
	cases, err := s.store.Lasted(ctx, full.Meeting.Org, full.Meeting.Team, full.Meeting.Starts)
	d.learnt = learn(cases, MakeBudget(0, full.Team.CaseMinutes).Each)
	return d, err
}

// window is what the candidates are read by: the store finds no fewer than the
// rules then keep.
func (d drafting) window() Window {
	s := d.settings
	w := Window{
		Meeting: d.meeting.ID, Starts: d.meeting.Starts, Today: d.today, Due: d.thresholds().dueBy(d.today),
		Events: s.before(happened(), d.today), Ahead: s.after(transition(), d.today), Ending: s.after(planEnding(), d.today),
		Stalled: s.before(objectiveStalled(), d.today), NotDone: s.before(decisionUndone(), d.today),
	}
	if w.Events.IsZero() {
		w.Events = d.today
	}
	if w.Ahead.Before(w.Due) {
		w.Ahead = w.Due
	}
	if day := s.before(noPlan(), d.today); !day.IsZero() {
		w.Drafted = day.AddDays(1).In(d.meeting.Location())
	}
	return w
}

// save writes the changed lines with their trace; without any, only the trace.
func (s *Service) save(ctx context.Context, by audit.Change, a auth.Actor, m meetings.Meeting, lines []Item) error {
	by = s.traced(by, a, m, lines)
	if len(lines) == 0 {
		return s.store.Audit(ctx, by)
	}
	return s.store.SaveAgenda(ctx, m.Org, m.ID, lines, by)
}

// traced completes the trace of a change of lines, and dates them.
func (s *Service) traced(by audit.Change, a auth.Actor, m meetings.Meeting, lines []Item) audit.Change {
	by.Entry.Detail = fmt.Sprintf("lines=%d", len(lines))
	if n := lateAdditions(lines); n > 0 {
		by.Entry.Detail += fmt.Sprintf(" late=%d", n)
	}
	if len(lines) == 0 {
		return by
	}
	for i := range lines {
		lines[i].Updated = by.Entry.At
	}
	e := a.Event(by.Entry.At, event.AgendaChanged)
	e.Team, e.Meeting = m.Team, m.ID
	if by.Entry.Object == "case" {
		e.Case = id.Case(by.Entry.ObjectID)
	}
	by.Events = append(by.Events, e)
	return by
}

// lateAdditions counts the scheduled lines that came once registration was over.
func lateAdditions(lines []Item) (n int) {
	for _, l := range lines {
		if l.Status == Scheduled && l.Late() {
			n++
		}
	}
	return n
}

// Order puts the scheduled lines in the given order; lines not named follow in
// the order they had. Lines that were moved are pinned, so that a new draft
// leaves them there.
func (s *Service) Order(ctx context.Context, a auth.Actor, m id.Meeting, order []id.Case) (Agenda, error) {
	const op = "agenda.Order"
	full, lines, err := s.editable(ctx, a, m, "agenda.order")
	if err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	after, err := reorder(lines, order)
	if err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	if err := s.apply(ctx, a, s.change(a, "agenda.order", full.Meeting), full, lines, withRest(after, lines)); err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	g, err := s.agenda(ctx, a, full)
	return g, fault.Wrap(op, err)
}

// reorder returns the lines with the positions that the order asks for.
func reorder(lines []Item, order []id.Case) ([]Item, error) {
	listed := arrange(meetings.Meeting{}, lines, func(id.Patient) bool { return true }).Items
	var next []Item
	for _, c := range order {
		i := slices.IndexFunc(listed, func(l Item) bool { return l.ID == c })
		if i < 0 {
			return nil, fault.New(fault.Invalid, "agenda.reorder", "L’ordre demandé contient un dossier qui n’est pas à l’ordre du jour.")
		}
		next = append(next, listed[i])
		listed = slices.Delete(listed, i, i+1)
	}
	next = append(next, listed...)
	old := make([]int, len(next))
	for i, l := range next {
		old[i] = l.Position
	}
	for i, m := range moved(old) {
		next[i].Pinned = next[i].Pinned || (m && next[i].Status == Scheduled)
	}
	return number(next), nil
}

// withRest returns the lines and those others that are not among them.
func withRest(lines, others []Item) []Item {
	lines = slices.Clone(lines)
	for _, o := range others {
		if !slices.ContainsFunc(lines, func(l Item) bool { return l.ID == o.ID }) {
			lines = append(lines, o)
		}
	}
	return lines
}

// Move puts one line at a position, from 1, and pins it there.
func (s *Service) Move(ctx context.Context, a auth.Actor, m id.Meeting, c id.Case, position int) (Agenda, error) {
	const op = "agenda.Move"
	full, lines, err := s.editable(ctx, a, m, "agenda.order")
	if err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	after, err := movedTo(lines, c, position)
	if err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	by := s.change(a, "agenda.order", full.Meeting)
	if err := s.apply(ctx, a, by, full, lines, withRest(after, lines)); err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	g, err := s.agenda(ctx, a, full)
	return g, fault.Wrap(op, err)
}

// movedTo returns the agenda's lines with one moved to a position and pinned.
func movedTo(lines []Item, c id.Case, position int) ([]Item, error) {
	listed := arrange(meetings.Meeting{}, lines, func(id.Patient) bool { return true }).Items
	at := slices.IndexFunc(listed, func(l Item) bool { return l.ID == c })
	if at < 0 || listed[at].Status != Scheduled {
		return nil, forbidden("agenda.Move")
	}
	l := listed[at]
	l.Pinned = true
	listed = slices.Delete(listed, at, at+1)
	return number(slices.Insert(listed, min(max(position-1, 0), len(listed)), l)), nil
}

// editable reads a meeting whose agenda may still be changed, with its lines.
func (s *Service) editable(ctx context.Context, a auth.Actor, m id.Meeting, action string) (meetings.Full, []Item, error) {
	full, err := s.meeting(ctx, a, m, action, auth.Secretary, auth.Chair)
	if err != nil {
		return full, nil, err
	}
	switch full.Meeting.Status {
	case meetings.Held, meetings.Signed, meetings.Cancelled:
		return full, nil, fault.New(fault.Conflict, action, "L’ordre du jour ne change plus\u00a0: la réunion est terminée ou annulée.")
	}
	lines, err := s.store.AgendaItems(ctx, a.Org, m)
	return full, lines, err
}
