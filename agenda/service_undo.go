package agenda

import (
	"context"
	"slices"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Edit is the last edit of an agenda: what it did, and the lines as they stood
// before, so that it can be taken back while nothing else changed.
type Edit struct {
	Key      id.Event        `json:"key"` // tells it from every other
	By       id.Professional `json:"by,omitempty"`
	Who      string          `json:"who"`
	At       time.Time       `json:"at"`
	Pins     int             `json:"pins"` // lines pinned after it
	Changes  []Change        `json:"changes"`
	Before   []Item          `json:"before"`   // the lines it changed, as they stood, without the patient's traits
	Versions map[id.Case]int `json:"versions"` // of every line after it
}

// editOf describes an edit that turns the lines before into those after.
func editOf(a auth.Actor, at time.Time, full meetings.Full, before, after []Item) Edit {
	e := Edit{Key: id.New[id.Event](), By: a.Professional, Who: a.Name, At: at, Changes: Changes(before, after, full), Versions: map[id.Case]int{}}
	old := make(map[id.Case]Item, len(before))
	for _, l := range before {
		old[l.ID] = l
		e.Versions[l.ID] = l.Version
	}
	for _, l := range changed(before, after) {
		o, known := old[l.ID]
		if !known {
			o = dropped(l, noReason) // a line is never deleted
		}
		o.Patient = careplan.Patient{ID: l.Patient.ID}
		e.Before = append(e.Before, o)
		e.Versions[l.ID] = l.Version + 1
	}
	for _, l := range after {
		e.Pins += boolInt(l.Status == Scheduled && l.Pinned)
	}
	return e
}

// stands reports whether the lines are as the edit left them.
func (e Edit) stands(lines []Item) bool {
	return len(lines) == len(e.Versions) && !slices.ContainsFunc(lines, func(l Item) bool { return e.Versions[l.ID] != l.Version })
}

// apply writes an edit. Before the meeting, the lines that nobody placed are
// first refitted around the others.
func (s *Service) apply(ctx context.Context, a auth.Actor, by audit.Change, full meetings.Full, before, after []Item) error {
	if !slices.Contains(fitted, full.Meeting.Status) {
		return s.save(ctx, by, a, full.Meeting, changed(before, after))
	}
	settings, err := s.store.Settings(ctx, full.Meeting.Org, full.Meeting.Team)
	if err != nil {
		return err
	}
	d := drafting{meeting: full.Meeting, team: full.Team, lines: after, settings: settings, hours: hoursOf(full)}
	return s.keep(ctx, a, by, full, before, d.refit())
}

// keep writes an edit so that it can be undone.
func (s *Service) keep(ctx context.Context, a auth.Actor, by audit.Change, full meetings.Full, before, after []Item) error {
	lines := changed(before, after)
	if len(lines) == 0 {
		return s.save(ctx, by, a, full.Meeting, nil)
	}
	by = s.traced(by, a, full.Meeting, lines)
	return s.store.SaveEdit(ctx, full.Meeting.Org, full.Meeting.ID, lines, editOf(a, by.Entry.At, full, before, after), by)
}

// Undo takes back the last edit of an agenda, unless it is not the one that the
// actor saw or a line changed since: secretary or chair, until the meeting
// begins.
func (s *Service) Undo(ctx context.Context, a auth.Actor, m id.Meeting, seen id.Event) (Agenda, error) {
	const op = "agenda.Undo"
	full, lines, err := s.editable(ctx, a, m, "agenda.undo")
	if err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	if !slices.Contains(fitted, full.Meeting.Status) {
		return Agenda{}, fault.New(fault.Conflict, op, "La réunion a commencé\u00a0: une modification ne s’annule plus.")
	}
	e, err := s.store.LastEdit(ctx, a.Org, m)
	if fault.Is(err, fault.NotFound) {
		return Agenda{}, fault.New(fault.Conflict, op, "Il n’y a plus de modification à annuler.")
	}
	if err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	if e.Key != seen || !e.stands(lines) {
		return Agenda{}, fault.New(fault.Conflict, op, "L’ordre du jour a changé depuis\u00a0: cette modification ne s’annule plus.")
	}
	back := e.back(lines)
	by := s.traced(s.change(a, "agenda.undo", full.Meeting), a, full.Meeting, back)
	if err := s.store.UndoEdit(ctx, a.Org, m, back, e, by); err != nil {
		return Agenda{}, fault.Wrap(op, err)
	}
	g, err := s.agenda(ctx, a, full)
	return g, fault.Wrap(op, err)
}

// back returns the lines that an edit changed as they stood before it.
func (e Edit) back(lines []Item) []Item {
	out := slices.Clone(e.Before)
	for i := range out {
		at := slices.IndexFunc(lines, func(l Item) bool { return l.ID == out[i].ID })
		out[i].Patient, out[i].Version = lines[at].Patient, lines[at].Version
	}
	return out
}

// last is the last edit of an agenda while it can be undone, to who may.
func (s *Service) last(ctx context.Context, a auth.Actor, full meetings.Full, lines []Item) (*Edit, error) {
	if !a.In(full.Meeting.Team, auth.Secretary, auth.Chair) || !slices.Contains(fitted, full.Meeting.Status) {
		return nil, nil
	}
	e, err := s.store.LastEdit(ctx, full.Meeting.Org, full.Meeting.ID)
	if fault.Is(err, fault.NotFound) || err == nil && !e.stands(lines) {
		return nil, nil
	}
	return &e, err
}
