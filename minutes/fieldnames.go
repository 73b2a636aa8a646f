package minutes

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// text is the place of a field that is text; nil for any other.
func (d *Decision) text(name string) *string {
	return map[string]*string{
		"summary": &d.Summary, "options": &d.Options, "wishes": &d.Wishes, "words": &d.Words, "dissent": &d.Dissent,
		"dissent_by": &d.DissentBy, "informer": &d.Informer, "type": &d.Type,
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
	if kind != "objective" || key == "" {
		return "", noField()
	}
	return d.objective(key).get(part)
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
	o := d.objective(key)
	err := o.set(part, value)
	return d.withObjective(o), err
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

// objective is the result of a key, or a blank new one whose id is made of the
// case and the key.
func (d Decision) objective(key string) ObjectiveResult {
	made := d.keyedObjective(key)
	for _, want := range []id.Objective{id.Objective(key), made} {
		for _, o := range d.Objectives {
			if o.Objective == want && want != "" {
				return o
			}
		}
	}
	return ObjectiveResult{Objective: made, Verdict: VerdictNew}
}

func (d Decision) keyedObjective(key string) id.Objective {
	space, _ := uuid.Parse(string(d.Case))
	return id.Objective(uuid.NewSHA1(space, []byte("objective/"+key)).String())
}

// withObjective puts a result in its place, or at the end.
func (d Decision) withObjective(o ObjectiveResult) Decision {
	d.Objectives = slices.Clone(d.Objectives)
	at := slices.IndexFunc(d.Objectives, func(k ObjectiveResult) bool { return k.Objective == o.Objective })
	if at < 0 {
		d.Objectives = append(d.Objectives, o)
	} else {
		d.Objectives[at] = o
	}
	return d
}

// trimmed drops the actions and the new objectives that were emptied.
func (d Decision) trimmed() Decision {
	d.Actions = slices.DeleteFunc(slices.Clone(d.Actions), func(n NewAction) bool {
		return n.Title == "" && n.Owner == "" && n.OwnerName == "" && n.Due.IsZero()
	})
	d.Objectives = slices.DeleteFunc(slices.Clone(d.Objectives), func(o ObjectiveResult) bool {
		return o.Verdict == VerdictNew && o.Title+o.Expected+o.Owner+o.Comment == "" && o.Due.IsZero()
	})
	return d
}

// lasting is a field's name with the id of its row in place of the key.
func (d Decision) lasting(name string) string {
	kind, key, part := split(name)
	switch {
	case kind == "action":
		return "action/" + string(d.action(key).ID) + "/" + part
	case kind == "objective" && key != "":
		return "objective/" + string(d.objective(key).Objective) + "/" + part
	}
	return name
}

func (o ObjectiveResult) get(part string) (string, error) {
	if part == "verdict" && o.Verdict != VerdictNew {
		return string(o.Verdict), nil
	}
	if part == "due" && o.Verdict == VerdictNew {
		return dayText(o.Due), nil
	}
	if text := o.text(part); text != nil {
		return *text, nil
	}
	return "", noField()
}

// text is the place of a part that is text; nil for any other. Only a new
// objective's own words may be written.
func (o *ObjectiveResult) text(part string) *string {
	if part == "comment" {
		return &o.Comment
	}
	if o.Verdict != VerdictNew {
		return nil
	}
	return map[string]*string{"title": &o.Title, "expected": &o.Expected, "owner": &o.Owner}[part]
}

func (o *ObjectiveResult) set(part, value string) (err error) {
	if text := o.text(part); text != nil {
		*text = value
		return nil
	}
	if part == "due" {
		o.Due, err = readDay(value)
		return err
	}
	if o.Verdict = Verdict(value); o.Verdict == VerdictNew {
		return noField()
	}
	return nil
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
