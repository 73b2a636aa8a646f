package web

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// sheet is a decision as it stands in the fields: texts, as typed.
type sheet struct {
	Objectives []objectiveField
	Summary    string
	Options    string
	Wishes     string
	Words      string
	Dissent    string
	DissentBy  string
	Type       string
	Actions    []actionField
	NextReview string
	Informer   string
	InformBy   string
	Version    int
}

type objectiveField struct {
	N        int
	ID       id.Objective // empty: a new one
	Title    string
	Expected string
	Due      string
	Owner    string
	Verdict  string
	Comment  string
	Traj     traj
}

// New reports whether the objective is being made here.
func (o objectiveField) New() bool { return o.ID == "" || o.Verdict == string(minutes.VerdictNew) }

// Blank reports whether it is the empty row.
func (o objectiveField) Blank() bool { return o.New() && o.Title+o.Expected+o.Due+o.Owner == "" }

type actionField struct {
	N         int
	ID        id.Action
	Objective id.Objective
	Title     string
	Owner     string
	Due       string
}

func (a actionField) blank() bool { return a.Title+a.Owner+a.Due == "" }

// emptyRows is how many empty action rows stand after the written ones; saving
// gives as many again, so that no script is needed to add one.
const emptyRows = 3

// maxRows bounds what a form may hold.
const maxRows = 100

// sheetOf writes a decision into fields.
func sheetOf(d minutes.Decision) sheet {
	out := sheet{
		Summary: d.Summary, Options: d.Options, Wishes: d.Wishes, Words: d.Words, Dissent: d.Dissent, DissentBy: d.DissentBy,
		Type: d.Type, NextReview: lang.Numeric(d.NextReview), Informer: d.Informer, InformBy: lang.Numeric(d.InformBy), Version: d.Version,
	}
	for _, o := range d.Objectives {
		out.Objectives = append(out.Objectives, objectiveField{
			ID: o.Objective, Title: o.Title, Expected: o.Expected, Due: lang.Numeric(o.Due), Owner: o.Owner, Verdict: string(o.Verdict), Comment: o.Comment,
		})
	}
	for _, a := range d.Actions {
		out.Actions = append(out.Actions, actionField{ID: a.ID, Objective: a.Objective, Title: a.Title, Owner: a.OwnerName, Due: lang.Numeric(a.Due)})
	}
	out.complete()
	return out
}

// complete adds the empty rows and numbers the rows.
func (s *sheet) complete() {
	s.Objectives = append(s.Objectives, objectiveField{})
	for range emptyRows {
		s.Actions = append(s.Actions, actionField{})
	}
	for i := range s.Objectives {
		s.Objectives[i].N = i
	}
	for i := range s.Actions {
		s.Actions[i].N = i
	}
}

// readSheet reads the fields. Empty rows are dropped and given again.
func readSheet(r *request) sheet {
	out := sheet{
		Summary: r.text("summary"), Options: r.text("options"), Wishes: r.text("wishes"), Words: r.text("words"),
		Dissent: r.text("dissent"), DissentBy: r.text("dissent_by"), Type: r.text("type"), NextReview: r.text("next_review"), Informer: r.text("informer"), InformBy: r.text("inform_by"), Version: r.number("version"),
	}
	form := r.form()
	for i := range maxRows {
		at := func(name string) string { return strings.TrimSpace(form.Get(fmt.Sprintf("o.%d.%s", i, name))) }
		o := objectiveField{
			ID: id.Objective(at("id")), Title: at("title"), Expected: at("expected"), Due: at("due"), Owner: at("owner"),
			Verdict: at("verdict"), Comment: at("comment"),
		}
		if !o.Blank() {
			out.Objectives = append(out.Objectives, o)
		}
	}
	for i := range maxRows {
		at := func(name string) string { return strings.TrimSpace(form.Get(fmt.Sprintf("a.%d.%s", i, name))) }
		a := actionField{ID: id.Action(at("id")), Objective: id.Objective(at("objective")), Title: at("title"), Owner: at("owner"), Due: at("due")}
		if !a.blank() {
			out.Actions = append(out.Actions, a)
		}
	}
	out.complete()
	return out
}

// empty reports whether nothing at all was said: such a sheet is not recorded.
func (s sheet) empty() bool {
	said := func(o objectiveField) bool { return o.Verdict+o.Comment != "" || o.New() && !o.Blank() }
	written := func(a actionField) bool { return !a.blank() }
	return s.Summary+s.Options+s.Wishes+s.Words+s.Dissent+s.NextReview+s.Informer+s.InformBy == "" &&
		!slices.ContainsFunc(s.Objectives, said) && !slices.ContainsFunc(s.Actions, written)
}

// decision reads the texts; what cannot be read is refused beside its field.
func (s sheet) decision(today date.Date, full meetings.Full) (minutes.Decision, error) {
	var c fault.Check
	day := func(name, text string) date.Date {
		d, ok := readDay(text, today)
		c.That(ok, name, badDay)
		return d
	}
	d := minutes.Decision{
		Summary: s.Summary, Options: s.Options, Wishes: s.Wishes, Words: s.Words, Dissent: s.Dissent,
		DissentBy: fullName(s.DissentBy, full), Type: s.Type, Informer: fullName(s.Informer, full),
		NextReview: day("next_review", s.NextReview), InformBy: day("inform_by", s.InformBy), Version: s.Version,
	}
	for _, o := range s.Objectives {
		if o.Blank() {
			continue
		}
		res := minutes.ObjectiveResult{Objective: o.ID, Title: o.Title, Expected: o.Expected, Verdict: minutes.Verdict(o.Verdict), Comment: o.Comment}
		if o.New() {
			res.Verdict, res.Owner, res.Due = minutes.VerdictNew, fullName(o.Owner, full), day(fmt.Sprintf("o.%d.due", o.N), o.Due)
			c.That(o.Title != "", fmt.Sprintf("o.%d.title", o.N), "Donnez un titre au nouvel objectif.")
		}
		d.Objectives = append(d.Objectives, res)
	}
	for _, a := range s.Actions {
		if a.blank() {
			continue
		}
		c.That(a.Title != "", fmt.Sprintf("a.%d.title", a.N), "Dites ce qu’il y a à faire.")
		who, name := person(a.Owner, full)
		d.Actions = append(d.Actions, minutes.NewAction{
			ID: a.ID, Objective: a.Objective, Title: a.Title, Owner: who, OwnerName: name, Due: day(fmt.Sprintf("a.%d.due", a.N), a.Due),
		})
	}
	return d, c.Err("web.decision")
}

// person finds who was meant among those of the meeting: by the whole name, or
// by its beginning when only one person's begins so. Anybody else stays a name.
func person(typed string, full meetings.Full) (id.Professional, string) {
	want := careplan.Fold(typed)
	if want == "" {
		return "", ""
	}
	var found []auth.Professional
	look := func(p auth.Professional) {
		names := []string{careplan.Fold(p.Name()), careplan.Fold(p.Given + " " + p.Family), careplan.Fold(p.Family + " " + p.Given), careplan.Fold(p.Title + " " + p.Family)}
		match := slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, want) })
		if match && !slices.ContainsFunc(found, func(o auth.Professional) bool { return o.ID == p.ID }) {
			found = append(found, p)
		}
	}
	for _, a := range full.Attendance {
		look(a.Professional)
	}
	for _, m := range full.Team.Members {
		look(m.Professional)
	}
	if len(found) == 1 {
		return found[0].ID, found[0].Name()
	}
	return "", typed
}

func fullName(typed string, full meetings.Full) string {
	_, name := person(typed, full)
	return name
}

// trace gives each objective its trajectory up to this meeting.
func (s *sheet) trace(l string, file careplan.File, past []minutes.PastDecision, day date.Date) {
	for i, field := range s.Objectives {
		at := slices.IndexFunc(file.Objectives, func(o careplan.Objective) bool { return o.ID == field.ID && field.ID != "" })
		if at < 0 {
			continue
		}
		o := file.Objectives[at]
		points := append(pointsOf(o.ID, o.Start, o.Achievement, o.AchievementOn, past), point{day, minutes.Verdict(field.Verdict)})
		s.Objectives[i].Traj = trajOf(l, points, o.Due, false)
		s.Objectives[i].Title, s.Objectives[i].Expected = o.Title, o.Expected
		s.Objectives[i].Due, s.Objectives[i].Owner = lang.Numeric(o.Due), o.OwnerName
	}
}

// conflicts are the texts that differ between what was typed and what somebody
// else saved meanwhile.
func conflicts(l string, mine sheet, theirs minutes.Decision) []conflict {
	other := sheetOf(theirs)
	var out []conflict
	add := func(name, label, mine, theirs string) {
		if strings.TrimSpace(mine) != strings.TrimSpace(theirs) {
			out = append(out, conflict{name, label, theirs})
		}
	}
	add("summary", lang.T(l, "Décision"), mine.Summary, other.Summary)
	add("options", lang.T(l, "Options pesées"), mine.Options, other.Options)
	add("wishes", lang.T(l, "Ce que préfère la personne"), mine.Wishes, other.Wishes)
	add("words", lang.T(l, "Ses mots"), mine.Words, other.Words)
	add("dissent", lang.T(l, "Désaccord"), mine.Dissent, other.Dissent)
	add("", lang.T(l, "Qui n’est pas d’accord"), mine.DissentBy, other.DissentBy)
	add("", lang.T(l, "Revoir le"), mine.NextReview, other.NextReview)
	add("", lang.T(l, "Qui le dit"), mine.Informer, other.Informer)
	add("", lang.T(l, "Avant le"), mine.InformBy, other.InformBy)
	add("", lang.T(l, "Actions"), mine.actionWords(), other.actionWords())
	for _, o := range other.Objectives {
		at := slices.IndexFunc(mine.Objectives, func(m objectiveField) bool { return m.ID == o.ID })
		if at < 0 || o.New() {
			continue
		}
		said := func(o objectiveField) string {
			return strings.TrimSuffix(verdictWord(l, minutes.Verdict(o.Verdict))+". "+o.Comment, ". ")
		}
		add("", o.Title, said(mine.Objectives[at]), said(o))
	}
	return out
}

func (s sheet) actionWords() string {
	var parts []string
	for _, a := range s.Actions {
		if !a.blank() {
			parts = append(parts, strings.Join(strings.Fields(a.Title+", "+a.Owner+" "+a.Due), " "))
		}
	}
	return strings.Join(parts, " · ")
}

// merged puts the other person's texts before mine: « garder les deux ».
func (s sheet) merged(r *request) sheet {
	for name, mine := range map[string]*string{"summary": &s.Summary, "options": &s.Options, "wishes": &s.Wishes, "words": &s.Words, "dissent": &s.Dissent} {
		theirs := r.text("theirs." + name)
		if theirs != "" && !strings.Contains(*mine, theirs) {
			*mine = strings.TrimSpace(theirs + "\n" + *mine)
		}
	}
	return s
}
