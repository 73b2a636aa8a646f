package minutes

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Field is one field of a decision as somebody wrote it. Its name is "summary",
// "options", "wishes", "dissent", "informer", "next_review", "inform_by",
// "objective/ID/verdict", "objective/ID/comment" or "action/KEY/title", /owner
// or /due. KEY is the action's id, or for one that is being made any text that
// stays the same when it is sent again. Days are written 2026-11-26.
type Field struct {
	Name  string
	Base  string // what stood there when it was written
	Value string
	Owner id.Professional // whom Value names, of an owner; empty: nobody known
}

// Outcome is what became of a field.
type Outcome struct {
	Name   string // as it is called from now on: an action that was made has its id
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
	if st := r.line.AsItMay().Status; st == agenda.Withdrawn || st == agenda.Deferred {
		return fault.New(fault.Conflict, op, "Ce dossier a été reporté ou retiré de l’ordre du jour.")
	}
	return nil
}

// completed is r.complete for actions that have their ids: known, or made of
// the case and a key.
func (r record) completed(d Decision, by string, now time.Time) Decision {
	made := d.Actions
	d = r.complete(d, by, now)
	for i := range made {
		d.Actions[i].ID = made[i].ID
	}
	return d
}

// merge writes the fields into what is stored.
func (r record) merge(fields []Field) (d Decision, said []Outcome, changed bool) {
	d, _ = r.known()
	d.Case = r.line.ID
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

// text is the place of a field that is text; nil for any other.
func (d *Decision) text(name string) *string {
	return map[string]*string{
		"summary": &d.Summary, "options": &d.Options, "wishes": &d.Wishes, "dissent": &d.Dissent, "informer": &d.Informer,
	}[name]
}

// day is the place of a field that is a day; nil for any other.
func (d *Decision) day(name string) *date.Date {
	return map[string]*date.Date{"next_review": &d.NextReview, "inform_by": &d.InformBy}[name]
}

func noField() error {
	return fault.New(fault.Invalid, "minutes.field", "Ce champ n’existe plus. Rechargez la page.")
}

// get reads a field as it is written in a Field.
func (d Decision) get(name string) (string, error) {
	if t := d.text(name); t != nil {
		return *t, nil
	}
	if day := d.day(name); day != nil {
		return dayText(*day), nil
	}
	kind, key, part := split(name)
	if kind == "action" {
		return d.action(key).get(part)
	}
	at := slices.IndexFunc(d.Objectives, func(o ObjectiveResult) bool { return kind == "objective" && key != "" && string(o.Objective) == key })
	switch {
	case at >= 0 && part == "verdict":
		return string(d.Objectives[at].Verdict), nil
	case at >= 0 && part == "comment":
		return d.Objectives[at].Comment, nil
	}
	return "", noField()
}

// set writes a field into a copy.
func (d Decision) set(f Field) (Decision, error) {
	value := plain(f.Value)
	if t := d.text(f.Name); t != nil {
		*t = value
		return d, nil
	}
	if day := d.day(f.Name); day != nil {
		at, err := readDay(value)
		*day = at
		return d, err
	}
	kind, key, part := split(f.Name)
	if kind == "action" {
		n := d.action(key)
		err := n.set(part, value, f.Owner)
		return d.with(n), err
	}
	d.Objectives = slices.Clone(d.Objectives)
	for i := range d.Objectives {
		switch o := &d.Objectives[i]; {
		case string(o.Objective) != key:
		case part == "verdict":
			o.Verdict = Verdict(value)
		case part == "comment":
			o.Comment = value
		}
	}
	return d, nil
}

func split(name string) (kind, key, part string) {
	kind, rest, _ := strings.Cut(name, "/")
	key, part, _ = strings.Cut(rest, "/")
	return kind, key, part
}

// action is the action of a key, or a blank one whose id is made of the case
// and the key: sent twice it is one, and it is never another case's.
func (d Decision) action(key string) NewAction {
	for _, want := range []id.Action{id.Action(key), d.keyed(key)} {
		for _, n := range d.Actions {
			if n.ID == want && want != "" {
				return n
			}
		}
	}
	return NewAction{ID: d.keyed(key)}
}

// keyed is the id of the action that a key makes in this case.
func (d Decision) keyed(key string) id.Action {
	space, _ := uuid.Parse(string(d.Case)) // the case was read by its id
	return id.Action(uuid.NewSHA1(space, []byte(key)).String())
}

// with puts an action in its place, or at the end.
func (d Decision) with(n NewAction) Decision {
	d.Actions = slices.Clone(d.Actions)
	at := slices.IndexFunc(d.Actions, func(o NewAction) bool { return o.ID == n.ID })
	if at < 0 {
		d.Actions = append(d.Actions, n)
	} else {
		d.Actions[at] = n
	}
	return d
}

// trimmed drops the actions that were emptied.
func (d Decision) trimmed() Decision {
	d.Actions = slices.DeleteFunc(slices.Clone(d.Actions), func(n NewAction) bool {
		return n.Title == "" && n.Owner == "" && n.OwnerName == "" && n.Due.IsZero()
	})
	return d
}

// lasting is a field's name with the id of its action in place of the key.
func (d Decision) lasting(name string) string {
	kind, key, part := split(name)
	if kind != "action" {
		return name
	}
	return "action/" + string(d.action(key).ID) + "/" + part
}

func (n NewAction) get(part string) (string, error) {
	switch part {
	case "title":
		return n.Title, nil
	case "owner":
		return n.OwnerName, nil
	case "due":
		return dayText(n.Due), nil
	}
	return "", noField()
}

func (n *NewAction) set(part, value string, who id.Professional) (err error) {
	switch part {
	case "title":
		n.Title = value
	case "owner":
		n.OwnerName, n.Owner = value, who
	case "due":
		n.Due, err = readDay(value)
	}
	return err
}

func dayText(d date.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func readDay(text string) (date.Date, error) {
	if text == "" {
		return date.Date{}, nil
	}
	d, err := date.Parse(text)
	if err != nil {
		return date.Date{}, fault.New(fault.Invalid, "minutes.readDay", "Cette date ne se lit pas.")
	}
	return d, nil
}
