package minutes

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Field is one field of a decision as somebody wrote it. Its name is "summary",
// "options", "wishes", "words", "dissent", "dissent_by", "informer", "type",
// "next_review", "inform_by", "objective/ID/verdict", "objective/ID/comment",
// of a new objective "objective/KEY/title", /expected, /owner or /due, and
// "action/KEY/title", /owner or /due. KEY is the row's id, or for one that is
// being made any text that stays the same when it is sent again. Days are
// written 2026-11-26.
type Field struct {
	Name  string
	Base  string // what stood there when it was written
	Value string
	Owner id.Professional // whom Value names, of an owner; empty: nobody known
}

// Outcome is what became of a field.
type Outcome struct {
	Name   string // as it is called from now on: a row that was made has its id
	Stored string // what stands there now
	Clash  bool   // somebody wrote something else in between: Stored is theirs
	Err    error  // it cannot stand so
}

// maxTurns is how often a write gives way to another of the same decision.
const maxTurns = 20

// RecordFields saves fields of a decision one beside the other: whoever writes
// another field at the same time is not in the way. A field is saved when what
// stood there is still what its writer saw, or already what they wrote; else it
// is left and says so. Who may, and when, is as for Record. Sending fields
// again changes nothing.
func (s *Service) RecordFields(ctx context.Context, a auth.Actor, c id.Case, fields []Field) (Decision, []Outcome, error) {
	const op = "minutes.RecordFields"
	for turn := 1; ; turn++ {
		r, err := s.record(ctx, a, c, "decision.record", true)
		if err == nil {
			err = r.writable(op)
		}
		if err != nil {
			return Decision{}, nil, fault.Wrap(op, err)
		}
		d, said, changed := r.merge(fields)
		if !changed {
			return d, said, nil
		}
		r.by = r.by.InSpells()
		d, err = s.save(ctx, a, r, r.completed(d, a.Name, s.now()))
		if turn < maxTurns && fault.Is(err, fault.Conflict) {
			continue // somebody saved another field meanwhile
		}
		return d, said, fault.Wrap(op, err)
	}
}

// writable reports why decisions on the case cannot be written now.
func (r record) writable(op string) error {
	if st := r.full.Meeting.Status; st != meetings.Running && st != meetings.Held {
		return fault.New(fault.Conflict, op, "Les décisions s’écrivent pendant la réunion et jusqu’à la signature.")
	}
	if r.line.Standard {
		return fault.New(fault.Conflict, op, "Ce dossier est enregistré sans discussion\u00a0: remettez-le d’abord en discussion.")
	}
	if st := r.line.AsItMay().Status; st == agenda.Withdrawn || st == agenda.Deferred {
		return fault.New(fault.Conflict, op, "Ce dossier a été reporté ou retiré de l’ordre du jour.")
	}
	return nil
}

// completed is r.complete for rows that have their ids: known, or made of the
// case and a key.
func (r record) completed(d Decision, by string, now time.Time) Decision {
	actions, objectives := d.Actions, d.Objectives
	d = r.complete(d, by, now)
	for i := range actions {
		d.Actions[i].ID = actions[i].ID
	}
	for i, o := range objectives {
		d.Objectives[i].Objective = o.Objective
	}
	return d
}

// merge writes the fields into what is stored.
func (r record) merge(fields []Field) (d Decision, said []Outcome, changed bool) {
	d, _ = r.known()
	d.Case, d.Type = r.line.ID, cmp.Or(d.Type, DefaultType(r.full.Meeting.Kind))
	d.Objectives = withOpen(d.Objectives, r.file, r.plan().ID)
	d.Actions = slices.Clone(d.Actions)
	said = make([]Outcome, len(fields))
	todo := make([]int, 0, len(fields))
	for i, f := range fields {
		said[i] = Outcome{Name: f.Name}
		stored, err := d.get(f.Name)
		switch {
		case err != nil:
			said[i].Err = err
		case same(stored, f.Value):
		case !same(stored, f.Base):
			said[i].Clash = true
		default:
			todo = append(todo, i)
		}
	}
	d, changed = r.apply(d, fields, todo, said)
	for i := range said {
		said[i].Stored, _ = d.get(said[i].Name)
		said[i].Name = d.lasting(said[i].Name)
	}
	return d, said, changed
}

// apply writes all the fields at once, or, when they cannot stand together, one
// after the other without those that cannot.
func (r record) apply(d Decision, fields []Field, todo []int, said []Outcome) (Decision, bool) {
	all := d
	var err error
	for _, i := range todo {
		next, errSet := all.set(fields[i])
		all, err = next, errors.Join(err, errSet)
	}
	all = all.trimmed()
	if err == nil && r.check(all).Err("minutes.apply") == nil {
		return all, len(todo) > 0
	}
	changed := false
	for _, i := range todo {
		next, err := d.set(fields[i])
		if err == nil {
			next = next.trimmed()
			err = r.check(next).Err("minutes.apply")
		}
		if said[i].Err = err; err == nil {
			d, changed = next, true
		}
	}
	return d, changed
}

// same compares as people read: forms send line ends of their own.
func same(a, b string) bool { return plain(a) == plain(b) }

func plain(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
