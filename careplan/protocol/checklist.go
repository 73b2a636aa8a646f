package protocol

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Tick is one line of the checklist for one case of a meeting.
type Tick struct {
	Line   string
	Done   bool
	ByName string
	At     time.Time
}

// Preparation is the checklist of the case's plan, with what is ready.
type Preparation struct {
	Case     id.Case
	Team     id.Team
	Patient  id.Patient
	Meeting  id.Meeting
	Protocol id.Protocol // empty: the plan comes from none
	Name     string
	Version  int
	Lines    []Tick
}

// Left counts the lines not ticked.
func (p Preparation) Left() (n int) {
	for _, l := range p.Lines {
		if !l.Done {
			n++
		}
	}
	return n
}

// CheckStore keeps the ticks.
type CheckStore interface {
	// Preparation reads the checklist of a case's plan.
	Preparation(ctx context.Context, org id.Org, c id.Case) (Preparation, error)
	// SetTick ticks a line of a case, or takes the tick off.
	SetTick(ctx context.Context, org id.Org, c id.Case, t Tick, by audit.Change) error
}

// ChecklistOf reads what the protocol of a case's plan asks to prepare, with
// what is ready: no lines when the plan comes from no protocol.
func (s *Service) ChecklistOf(ctx context.Context, a auth.Actor, c id.Case) (Preparation, error) {
	const op = "protocol.ChecklistOf"
	p, err := s.Store.Preparation(ctx, a.Org, c)
	if err != nil {
		return Preparation{}, fault.Wrap(op, err)
	}
	return p, s.mayPrepare(ctx, a, op, p, "patient.read")
}

// Check ticks a line of a case's checklist, or takes the tick off. Anybody of
// the team who may see the patient may.
func (s *Service) Check(ctx context.Context, a auth.Actor, c id.Case, line string, done bool) error {
	const op = "protocol.Check"
	p, err := s.Store.Preparation(ctx, a.Org, c)
	if err != nil {
		return fault.Wrap(op, err)
	}
	if err := s.mayPrepare(ctx, a, op, p, "case.check"); err != nil {
		return err
	}
	if !p.has(line) {
		return fault.New(fault.NotFound, op, "")
	}
	by := s.change(a, "case.check", p.Protocol, p.Team)
	by.Entry.Object, by.Entry.ObjectID, by.Entry.Patient = "case", string(c), p.Patient
	e := a.Event(s.Now(), event.AgendaChanged)
	e.Team, e.Meeting, e.Case, e.Patient = p.Team, p.Meeting, c, p.Patient
	by.Events = append(by.Events, e)
	return fault.Wrap(op, s.Store.SetTick(ctx, a.Org, c, Tick{Line: line, Done: done, ByName: a.Name, At: s.Now()}, by))
}

func (p Preparation) has(line string) bool {
	for _, l := range p.Lines {
		if l.Line == line {
			return true
		}
	}
	return false
}

func (s *Service) mayPrepare(ctx context.Context, a auth.Actor, op string, p Preparation, action string) error {
	by := s.change(a, action, p.Protocol, p.Team)
	by.Entry.Object, by.Entry.ObjectID, by.Entry.Patient = "case", string(p.Case), p.Patient
	if a.In(p.Team, auth.Secretary, auth.Chair) {
		return nil
	}
	may := false
	if a.In(p.Team) {
		var err error
		if may, err = s.Patients.May(ctx, a, p.Patient); err != nil {
			return fault.Wrap(op, err)
		}
	}
	if !may {
		return audit.Refuse(ctx, s.Store, op, by, "Vous ne suivez pas ce patient.")
	}
	return nil
}
