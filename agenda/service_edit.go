package agenda

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// maxText is the most characters of a question or a reason.
const maxText = 2000

// Add puts a patient on the agenda by hand, at the end, whatever the time left.
// minutes 0 takes the team's. A patient who died or is opposed is refused.
func (s *Service) Add(ctx context.Context, a auth.Actor, m id.Meeting, patient id.Patient, question string, minutes int) (Agenda, error) {
	const op = "agenda.Add"
	full, lines, err := s.editable(ctx, a, m, "agenda.add")
	if err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	if err := checkLine(question, minutes).Err(op); err != nil {
		return Agenda{}, err
	}
	by := s.change(a, "agenda.add", full.Meeting)
	by.Entry.Patient = patient
	d, err := s.drafting(ctx, full)
	if err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	c, err := s.addable(ctx, a, d, patient, by)
	if err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	i := slices.IndexFunc(lines, func(l Item) bool { return l.Patient.ID == patient })
	line := d.newLine(c)
	if i >= 0 {
		line = lines[i]
	}
	if line.Status == Scheduled || line.Status == Discussed {
		return Agenda{}, fault.New(fault.Conflict, op, "Ce patient est déjà à l’ordre du jour.")
	}
	line = d.addedLine(line, c, a.Name, question, minutes)
	after := renumber(append(without(lines, line.ID), line))
	if err := s.apply(ctx, a, by, full, lines, after); err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	g, err := s.agenda(ctx, a, full)
	return g, fault.Wrap(op, err)
}

func checkLine(question string, minutes int) *fault.Check {
	var c fault.Check
	c.That(len([]rune(question)) <= maxText, "question", "La question est trop longue.")
	c.That(minutes >= 0 && minutes <= 240, "minutes", "La durée va de 1 à 240 minutes.")
	return &c
}

// addable reads a patient whom the actor sees and who may be put on an agenda.
func (s *Service) addable(ctx context.Context, a auth.Actor, d drafting, patient id.Patient, by audit.Change) (Candidate, error) {
	m := d.meeting
	c, err := s.store.CandidateOf(ctx, a.Org, m.Team, patient, d.window())
	if err != nil {
		return c, err
	}
	may, err := s.patients.May(ctx, a, patient)
	if err != nil {
		return c, err
	}
	if !may {
		return c, s.refuse(ctx, "agenda.addable", by)
	}
	return c, s.reviewable(ctx, a.In(m.Team, auth.Secretary, auth.Chair), c.Patient.Reviewable, by)
}

// reviewable refuses, with a trace, a patient who died or is opposed; only who
// prepares the agenda is told why.
func (s *Service) reviewable(ctx context.Context, tell bool, check func() (bool, string), by audit.Change) error {
	ok, why := check()
	if ok {
		return nil
	}
	by.Entry.Detail = why
	if err := s.refuse(ctx, "agenda.reviewable", by); !fault.Is(err, fault.Forbidden) {
		return err
	}
	code := "Ce patient ne peut pas être inscrit."
	switch {
	case tell && why == "deceased":
		code = "Ce patient est décédé\u00a0: il ne peut pas être inscrit."
	case tell && why == "opposed":
		code = "Ce patient s’oppose au partage de ses informations\u00a0: il ne peut pas être inscrit."
	}
	return fault.New(fault.Conflict, "agenda.reviewable", code)
}

// addedLine makes a line one that was put there by hand.
func (d drafting) addedLine(l Item, c Candidate, who, question string, minutes int) Item {
	l.Reasons = append(Reasons(c, d.today, d.thresholds()), Reason{
		Rule: AddedByHand, Since: d.today, Who: who, Weight: 1, Late: RegistrationOver(d.meeting, d.now),
	})
	l.Plan, l.Presenter, l.Origin, l.AddedBy, l.DeferWhy = c.Plan.ID, c.presenter(), ByHand, who, ""
	l.Question = cmp.Or(strings.TrimSpace(question), l.Question)
	l.Minutes = cmp.Or(minutes, l.Minutes, d.learnt[kindOf(l.Reasons)], MakeBudget(0, d.team.CaseMinutes).Each)
	l.Status, l.Position = Scheduled, 0
	return l
}

func without(lines []Item, c id.Case) []Item {
	return slices.DeleteFunc(slices.Clone(lines), func(l Item) bool { return l.ID == c })
}

// renumber closes the gaps: scheduled and discussed lines in order from 1,
// those without a position last; the others have none.
func renumber(lines []Item) []Item {
	g := arrange(meetings.Meeting{}, lines, func(id.Patient) bool { return true })
	slices.SortStableFunc(g.Items, func(a, b Item) int { return cmp.Compare(boolInt(a.Position == 0), boolInt(b.Position == 0)) })
	all := number(g.Items)
	for _, l := range lines {
		if l.Status != Scheduled && l.Status != Discussed || l.Standard {
			l.Position = 0
			all = append(all, l)
		}
	}
	return all
}

// edit changes one line, refits or renumbers the agenda and saves what changed. f gets
// the line and every line of its agenda.
func (s *Service) edit(ctx context.Context, a auth.Actor, c id.Case, action string, states []meetings.Status,
	f func(l *Item, lines []Item, full meetings.Full) error,
) (Item, error) {
	line, err := s.store.CaseByID(ctx, a.Org, c)
	if err != nil {
		return Item{}, err
	}
	by := s.caseChange(a, action, line)
	if !a.In(line.Team, auth.Secretary, auth.Chair) {
		return Item{}, s.refuse(ctx, action, by)
	}
	full, err := s.store.MeetingByID(ctx, a.Org, line.Meeting)
	if err != nil {
		return Item{}, err
	}
	if !slices.Contains(states, full.Meeting.Status) {
		return Item{}, fault.New(fault.Conflict, action, "L’état de la réunion ne le permet pas.")
	}
	lines, err := s.store.AgendaItems(ctx, a.Org, line.Meeting)
	if err != nil {
		return Item{}, err
	}
	after := slices.Clone(lines)
	i := slices.IndexFunc(after, func(l Item) bool { return l.ID == c })
	if i < 0 {
		return Item{}, fault.New(fault.NotFound, action, "Introuvable.")
	}
	if err := f(&after[i], after, full); err != nil {
		return Item{}, err
	}
	if err := s.apply(ctx, a, by, full, lines, renumber(after)); err != nil {
		return Item{}, err
	}
	return s.store.CaseByID(ctx, a.Org, c)
}

// The states of a meeting in which a line may be prepared, and treated.
var (
	preparing = []meetings.Status{meetings.Draft, meetings.Open, meetings.Closed, meetings.Running}
	treating  = []meetings.Status{meetings.Draft, meetings.Open, meetings.Closed, meetings.Running, meetings.Held}
)

// forbidden is the answer when the state of a line does not allow a change.
func forbidden(op string) error {
	return fault.New(fault.Conflict, op, "L’état de ce dossier ne le permet pas.")
}

// Withdraw takes a line off the agenda; the reason is kept with it.
func (s *Service) Withdraw(ctx context.Context, a auth.Actor, c id.Case, reason string) error {
	const op = "agenda.Withdraw"
	reason = strings.TrimSpace(reason)
	if len([]rune(reason)) > maxText {
		return fault.New(fault.Invalid, op, "Le motif est trop long.")
	}
	_, err := s.edit(ctx, a, c, "agenda.withdraw", preparing, func(l *Item, _ []Item, _ meetings.Full) error {
		if l.Status != Scheduled && l.Status != Proposed {
			return forbidden(op)
		}
		*l = dropped(*l, reason)
		return nil
	})
	return fault.Wrap(op, err)
}

// Restore undoes Withdraw: the line is scheduled where it stood, last when it
// stood nowhere, or proposed when the meeting has no time left for it.
func (s *Service) Restore(ctx context.Context, a auth.Actor, c id.Case) error {
	const op = "agenda.Restore"
	_, err := s.edit(ctx, a, c, "agenda.restore", preparing, func(l *Item, lines []Item, full meetings.Full) error {
		if l.Status != Withdrawn {
			return forbidden(op)
		}
		if err := s.reviewable(ctx, true, l.Patient.Reviewable, s.caseChange(a, "agenda.restore", *l)); err != nil {
			return err
		}
		g := arrange(full.Meeting, lines, func(id.Patient) bool { return true })
		if g.Planned+l.Minutes > g.Capacity {
			l.Status, l.DeferWhy = Proposed, ""
			return nil
		}
		putBack(l, lines)
		return nil
	})
	return fault.Wrap(op, err)
}

// putBack schedules a line at the place it had before it was taken off; those
// that stand there move down.
func putBack(l *Item, lines []Item) {
	l.Status, l.DeferWhy, l.Position, l.Was = Scheduled, "", l.Was, 0
	for i := range lines {
		if o := &lines[i]; o.ID != l.ID && l.Position > 0 && o.Position >= l.Position {
			o.Position++
		}
	}
}

// Pin holds a scheduled line at its place in the next drafts, or lets it go.
func (s *Service) Pin(ctx context.Context, a auth.Actor, c id.Case, pinned bool) error {
	const op = "agenda.Pin"
	_, err := s.edit(ctx, a, c, "agenda.pin", preparing, func(l *Item, _ []Item, _ meetings.Full) error {
		if l.Status != Scheduled || l.Standard {
			return forbidden(op)
		}
		l.Pinned = pinned
		return nil
	})
	return fault.Wrap(op, err)
}

// SetMinutes gives a line its own duration, in minutes.
func (s *Service) SetMinutes(ctx context.Context, a auth.Actor, c id.Case, minutes int) error {
	const op = "agenda.SetMinutes"
	if minutes < 1 || minutes > 240 {
		return checkLine("", -1).Err(op)
	}
	_, err := s.edit(ctx, a, c, "agenda.minutes", preparing, func(l *Item, _ []Item, _ meetings.Full) error {
		l.Minutes = minutes
		return nil
	})
	return fault.Wrap(op, err)
}

// Defer carries a line over to the team's next meeting, for one of DeferReasons.
func (s *Service) Defer(ctx context.Context, a auth.Actor, c id.Case, why string) (Item, error) {
	const op = "agenda.Defer"
	if !slices.Contains(DeferReasons, why) {
		return Item{}, fault.New(fault.Invalid, op, "Choisissez le motif du report.")
	}
	l, err := s.edit(ctx, a, c, "agenda.defer", treating, func(l *Item, _ []Item, _ meetings.Full) error {
		if l.Status == Withdrawn || l.Status == Deferred {
			return forbidden(op)
		}
		l.Was = cmp.Or(l.Position, l.Was)
		l.Status, l.DeferWhy, l.Pinned, l.Standard = Deferred, why, false, false
		l.Started, l.Ended = time.Time{}, time.Time{}
		return nil
	})
	return l, fault.Wrap(op, err)
}

// Undefer undoes Defer: the line is scheduled again where it stood.
func (s *Service) Undefer(ctx context.Context, a auth.Actor, c id.Case) (Item, error) {
	const op = "agenda.Undefer"
	l, err := s.edit(ctx, a, c, "agenda.undefer", treating, func(l *Item, lines []Item, _ meetings.Full) error {
		if l.Status != Deferred {
			return forbidden(op)
		}
		if err := s.reviewable(ctx, true, l.Patient.Reviewable, s.caseChange(a, "agenda.undefer", *l)); err != nil {
			return err
		}
		putBack(l, lines)
		return nil
	})
	return l, fault.Wrap(op, err)
}

// Begin starts the discussion of a case in a running meeting; the one that was
// under way is finished.
func (s *Service) Begin(ctx context.Context, a auth.Actor, c id.Case) (Item, error) {
	const op = "agenda.Begin"
	l, err := s.edit(ctx, a, c, "case.begin", []meetings.Status{meetings.Running}, func(l *Item, lines []Item, _ meetings.Full) error {
		if may := l.AsItMay().Status; may != Scheduled && may != Discussed || l.Standard {
			return forbidden(op)
		}
		for i := range lines {
			if lines[i].ID != l.ID && !lines[i].Started.IsZero() && lines[i].Ended.IsZero() {
				lines[i] = finished(lines[i], s.now())
			}
		}
		if l.Started.IsZero() {
			l.Started = s.now()
		}
		l.Ended = time.Time{}
		return nil
	})
	return l, fault.Wrap(op, err)
}

// Finish ends the discussion of a case.
func (s *Service) Finish(ctx context.Context, a auth.Actor, c id.Case) (Item, error) {
	const op = "agenda.Finish"
	states := []meetings.Status{meetings.Running, meetings.Held}
	l, err := s.edit(ctx, a, c, "case.finish", states, func(l *Item, _ []Item, _ meetings.Full) error {
		if l.Status != Scheduled && l.Status != Discussed || l.Standard {
			return forbidden(op)
		}
		*l = finished(*l, s.now())
		return nil
	})
	return l, fault.Wrap(op, err)
}

func finished(l Item, now time.Time) Item {
	l.Status, l.Ended = Discussed, now
	if l.Started.IsZero() {
		l.Started = now
	}
	return l
}
