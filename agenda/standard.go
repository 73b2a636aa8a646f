package agenda

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Registration is what the sheet of a case registered without discussion says:
// the decision that its référentiel gives.
type Registration struct {
	Reference   Reference
	Proposition string
	NextReview  date.Date // zero: as the team's plans go
	By          string
	At          time.Time
	ReadOut     time.Time // in the meeting, before it ended
	PulledBy    id.Professional
	PulledName  string
	PulledWhy   string
	PulledAt    time.Time // zero: never pulled back
}

// Blind is a standard case for a member who may not see its patient: enough to
// ask that it be discussed.
func (l Item) Blind() Item {
	out := Item{ID: l.ID, Org: l.Org, Team: l.Team, Meeting: l.Meeting, Status: l.Status, Standard: l.Standard}
	if l.Registration != nil {
		out.Registration = &Registration{Reference: l.Registration.Reference, ReadOut: l.Registration.ReadOut}
	}
	return out
}

// Named reports whether the actor sees whose case it is.
func (l Item) Named() bool { return l.Patient.ID != "" }

// Register takes a case of a RCP out of discussion: a standard case, covered by
// a référentiel of the team, whose proposition is written on its sheet. The
// chair, the secretary or a physician of the team who cares for the patient
// may, while the meeting is open or its registration closed. Again, it changes
// what the sheet says.
func (s *Service) Register(ctx context.Context, a auth.Actor, c id.Case, under id.Reference, proposition string, review date.Date) (Item, error) {
	const op = "agenda.Register"
	e, err := s.lineEdit(ctx, a, c, "case.register")
	if err != nil {
		return Item{}, fault.Wrap(op, err)
	}
	if !e.mayRegister(a) {
		return Item{}, s.refuse(ctx, op, e.by)
	}
	if err := e.registrable(op); err != nil {
		return Item{}, err
	}
	if err := s.reviewable(ctx, true, e.line().Patient.Reviewable, e.by); err != nil {
		return Item{}, fault.Wrap(op, err)
	}
	ref, err := s.store.ReferenceByID(ctx, a.Org, under)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Item{}, fault.Wrap(op, err)
	}
	proposition = strings.TrimSpace(proposition)
	if err := e.check(ref, proposition, review).Err(op); err != nil {
		return Item{}, err
	}
	l := e.line()
	if !l.Standard {
		l.Was = l.Position
	}
	l.Status, l.Standard, l.Pinned, l.Position, l.DeferWhy = Scheduled, true, false, 0, ""
	l.Registration = &Registration{Reference: ref, Proposition: proposition, NextReview: review, By: a.Name, At: e.by.Entry.At}
	if err := s.apply(ctx, a, e.by, e.full, e.before, renumber(e.after)); err != nil {
		return Item{}, fault.Wrap(op, err)
	}
	now, err := s.store.CaseByID(ctx, a.Org, c)
	return now, fault.Wrap(op, err)
}

// lineEdit is a change of one line: its agenda before and after.
type lineEdit struct {
	full          meetings.Full
	before, after []Item
	at            int
	by            audit.Change
	seen          bool // the actor may see the patient
}

func (e lineEdit) line() *Item { return &e.after[e.at] }

// lineEdit reads a line with its agenda for a member of the team.
func (s *Service) lineEdit(ctx context.Context, a auth.Actor, c id.Case, action string) (lineEdit, error) {
	line, err := s.store.CaseByID(ctx, a.Org, c)
	if err != nil {
		return lineEdit{}, err
	}
	e := lineEdit{by: s.caseChange(a, action, line)}
	if !a.In(line.Team) {
		return e, s.refuse(ctx, action, e.by)
	}
	if e.full, err = s.store.MeetingByID(ctx, a.Org, line.Meeting); err != nil {
		return e, err
	}
	if e.before, err = s.store.AgendaItems(ctx, a.Org, line.Meeting); err != nil {
		return e, err
	}
	seen, err := s.seen(ctx, a, line.Team, []Item{line})
	e.seen, e.after = seen[line.Patient.ID], slices.Clone(e.before)
	e.at = slices.IndexFunc(e.after, func(l Item) bool { return l.ID == c })
	if err == nil && e.at < 0 {
		err = fault.New(fault.NotFound, action, "Introuvable.")
	}
	return e, err
}

func (e lineEdit) mayRegister(a auth.Actor) bool {
	if a.In(e.full.Meeting.Team, auth.Secretary, auth.Chair) {
		return true
	}
	return e.seen && slices.ContainsFunc(e.full.Team.Members, func(m meetings.Member) bool {
		return m.ID == a.Professional && m.Profession == meetings.Physician
	})
}

// registrable reports why a case cannot be registered without discussion now.
func (e lineEdit) registrable(op string) error {
	m, l := e.full.Meeting, e.line()
	switch {
	case m.Kind != meetings.RCP:
		return notRCP(op)
	case m.Status != meetings.Open && m.Status != meetings.Closed:
		return fault.New(fault.Conflict, op, "Un dossier s’enregistre sans discussion avant la réunion.")
	case l.Status != Scheduled && l.Status != Proposed, !l.Started.IsZero():
		return forbidden(op)
	}
	return nil
}

func (e lineEdit) check(ref Reference, proposition string, review date.Date) *fault.Check {
	var c fault.Check
	known := ref.ID != "" && ref.Team == e.full.Meeting.Team
	c.That(known, "reference", "Choisissez le référentiel qui couvre ce dossier.")
	c.That(!known || ref.Retired.IsZero(), "reference", "Ce référentiel est retiré\u00a0: choisissez-en un en vigueur.")
	c.That(proposition != "", "proposition", "Écrivez la proposition que donne le référentiel.")
	c.That(len([]rune(proposition)) <= maxText, "proposition", "Ce texte est trop long.")
	day := date.Of(e.full.Meeting.Starts.In(e.full.Meeting.Location()))
	c.That(review.IsZero() || review.After(day), "review", "La prochaine réévaluation vient après la réunion.")
	return &c
}

// commit saves what an edit changed and returns the line.
func (s *Service) commit(ctx context.Context, a auth.Actor, op string, e lineEdit, after []Item) (Item, error) {
	c := e.before[e.at].ID
	if err := s.save(ctx, e.by, a, e.full.Meeting, changed(e.before, after)); err != nil {
		return Item{}, fault.Wrap(op, err)
	}
	l, err := s.store.CaseByID(ctx, a.Org, c)
	if err == nil && !e.seen {
		l = l.Blind()
	}
	return l, fault.Wrap(op, err)
}

// pullable are the states of a meeting in which a standard case may still be
// called to discussion: until it ends.
var pullable = []meetings.Status{meetings.Open, meetings.Closed, meetings.Running}

// PullBack calls a standard case to discussion: any member of the team, whether
// or not they may see the patient, traced with their name. Until the meeting
// begins the agenda is fitted again around it; then it comes where it stood.
// Nobody's undoing of the agenda's last edit takes it back: see Unpull.
func (s *Service) PullBack(ctx context.Context, a auth.Actor, c id.Case, why string) (Item, error) {
	const op = "agenda.PullBack"
	e, err := s.lineEdit(ctx, a, c, "case.pull-back")
	if err != nil {
		return Item{}, fault.Wrap(op, err)
	}
	why = strings.TrimSpace(why)
	if len([]rune(why)) > maxText {
		return Item{}, fault.New(fault.Invalid, op, "Ce texte est trop long.")
	}
	l := e.line()
	if !slices.Contains(pullable, e.full.Meeting.Status) {
		return Item{}, fault.New(fault.Conflict, op, "La réunion est terminée\u00a0: ce dossier ne se remet plus en discussion.")
	}
	if !l.Standard || l.Registration == nil || l.Status != Scheduled && l.Status != Discussed {
		return Item{}, forbidden(op)
	}
	r := *l.Registration
	r.ReadOut, r.PulledBy, r.PulledName, r.PulledWhy, r.PulledAt = time.Time{}, a.Professional, a.Name, why, e.by.Entry.At
	l.Standard, l.Registration, l.Pinned, l.Ended = false, &r, true, time.Time{}
	putBack(l, e.after)
	after, err := s.refitted(ctx, e.full, e.after)
	if err != nil {
		return Item{}, fault.Wrap(op, err)
	}
	return s.commit(ctx, a, op, e, after)
}

// refitted is the agenda fitted again around what people placed, until the
// meeting begins; afterwards only its ranks close up.
func (s *Service) refitted(ctx context.Context, full meetings.Full, after []Item) ([]Item, error) {
	after = renumber(after)
	if !slices.Contains(fitted, full.Meeting.Status) {
		return after, nil
	}
	settings, err := s.store.Settings(ctx, full.Meeting.Org, full.Meeting.Team)
	d := drafting{meeting: full.Meeting, team: full.Team, lines: after, settings: settings, hours: hoursOf(full)}
	return d.refit(), err
}

// Unpull undoes PullBack, for who pulled the case back: nobody else may take a
// member's wish to discuss away.
func (s *Service) Unpull(ctx context.Context, a auth.Actor, c id.Case) (Item, error) {
	const op = "agenda.Unpull"
	e, err := s.lineEdit(ctx, a, c, "case.unpull")
	if err != nil {
		return Item{}, fault.Wrap(op, err)
	}
	l := e.line()
	r := l.Registration
	if r == nil || r.PulledAt.IsZero() || l.Standard || l.Status != Scheduled || !l.Started.IsZero() ||
		!slices.Contains(pullable, e.full.Meeting.Status) {
		return Item{}, forbidden(op)
	}
	if r.PulledBy != a.Professional {
		return Item{}, s.refuse(ctx, op, e.by)
	}
	back := *r
	back.PulledBy, back.PulledName, back.PulledWhy, back.PulledAt = "", "", "", time.Time{}
	l.Standard, l.Registration, l.Pinned, l.Was, l.Position = true, &back, false, l.Position, 0
	after, err := s.refitted(ctx, e.full, e.after)
	if err != nil {
		return Item{}, fault.Wrap(op, err)
	}
	return s.commit(ctx, a, op, e, after)
}

// ReadOut says in the running meeting that the standard cases were read out and
// nobody asked to discuss them: the chair or the secretary.
func (s *Service) ReadOut(ctx context.Context, a auth.Actor, m id.Meeting) (Agenda, error) {
	const op = "agenda.ReadOut"
	full, err := s.meeting(ctx, a, m, "case.read-out", auth.Secretary, auth.Chair)
	if err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	if full.Meeting.Status != meetings.Running {
		return Agenda{}, fault.New(fault.Conflict, op, "Les dossiers standard se valident pendant la réunion.")
	}
	lines, err := s.store.AgendaItems(ctx, a.Org, m)
	if err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	by := s.change(a, "case.read-out", full.Meeting)
	after := slices.Clone(lines)
	for i, l := range after {
		if l.Standard && l.Registration != nil && l.AsItMay().Status == Scheduled {
			r := *l.Registration
			r.ReadOut = by.Entry.At
			after[i].Status, after[i].Registration = Discussed, &r
		}
	}
	if err := s.save(ctx, by, a, full.Meeting, changed(lines, after)); err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	g, err := s.agenda(ctx, a, full)
	return g, fault.Wrap(op, err)
}
