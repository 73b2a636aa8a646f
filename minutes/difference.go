package minutes

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
)

// Change is one field that two versions of minutes say differently.
type Change struct {
	Case  id.Case
	Field string // a French source word
	Of    string // the objective or the action concerned; empty: the case
	Was   string // French, as it is printed; empty: not said
	Is    string
}

// Difference lists what b says otherwise than a, in the order of b's cases, then
// of those that only a has. It knows nothing of who may see which case.
func Difference(a, b Content) []Change {
	var all []Change
	for _, k := range b.Cases {
		was := Case{Case: k.Case}
		if i := slices.IndexFunc(a.Cases, func(o Case) bool { return o.Case == k.Case }); i >= 0 {
			was = a.Cases[i]
		}
		all = append(all, differs(k.Case, was.Decision, k.Decision)...)
	}
	for _, k := range a.Cases {
		if !slices.ContainsFunc(b.Cases, func(o Case) bool { return o.Case == k.Case }) {
			all = append(all, differs(k.Case, k.Decision, Decision{})...)
		}
	}
	return all
}

// differing gathers the changes of one case.
type differing struct {
	of  id.Case
	all []Change
}

func (d *differing) add(field, of, was, is string) {
	if was, is = plain(was), plain(is); was != is {
		d.all = append(d.all, Change{Case: d.of, Field: field, Of: of, Was: was, Is: is})
	}
}

func differs(c id.Case, was, is Decision) []Change {
	d := &differing{of: c}
	d.add("Décision", "", was.Summary, is.Summary)
	d.add("Options pesées", "", was.Options, is.Options)
	d.add("Ce que préfère la personne", "", was.Wishes, is.Wishes)
	d.add("Ses mots", "", was.Words, is.Words)
	d.add("Désaccord", "", was.Dissent, is.Dissent)
	d.add("Qui n’est pas d’accord", "", was.DissentBy, is.DissentBy)
	d.add("Type de document", "", typeName(was.Type), typeName(is.Type))
	d.add("Revoir le", "", lang.Numeric(was.NextReview), lang.Numeric(is.NextReview))
	d.add("Qui le dit", "", was.Informer, is.Informer)
	d.add("Avant le", "", lang.Numeric(was.InformBy), lang.Numeric(is.InformBy))
	d.objectives(was.Objectives, is.Objectives)
	d.actions(was.Actions, is.Actions)
	return d.all
}

func (d *differing) objectives(was, is []ObjectiveResult) {
	pairs(was, is, func(o ObjectiveResult) id.Objective { return o.Objective }, func(a, b ObjectiveResult) {
		of := cmp.Or(b.Title, a.Title)
		d.add("Verdict", of, a.Verdict.French(), b.Verdict.French())
		d.add("Ce qui change", of, a.Comment, b.Comment)
		d.add("Objectif", of, newWords(a), newWords(b))
	})
}

// newWords are what a meeting says of an objective that it makes.
func newWords(o ObjectiveResult) string {
	if o.Verdict != VerdictNew {
		return ""
	}
	return joined(o.Title, o.Expected, o.Owner, o.Due)
}

func (d *differing) actions(was, is []NewAction) {
	pairs(was, is, func(n NewAction) id.Action { return n.ID }, func(a, b NewAction) {
		d.add("Action", cmp.Or(b.Title, a.Title), joined(a.Title, a.OwnerName, "", a.Due), joined(b.Title, b.OwnerName, "", b.Due))
	})
}

func joined(title, more, who string, due date.Date) string {
	parts := slices.DeleteFunc([]string{title, more, who, lang.Numeric(due)}, func(s string) bool { return s == "" })
	return strings.Join(parts, ", ")
}

// pairs calls f with what has the same key in both, in b's order, then with what
// only a has; the missing one is the zero value.
func pairs[T any, K comparable](a, b []T, key func(T) K, f func(was, is T)) {
	find := func(all []T, k K) (found T, ok bool) {
		i := slices.IndexFunc(all, func(v T) bool { return key(v) == k })
		if i < 0 {
			return found, false
		}
		return all[i], true
	}
	for _, v := range b {
		was, _ := find(a, key(v))
		f(was, v)
	}
	for _, v := range a {
		if none, ok := find(b, key(v)); !ok {
			f(v, none)
		}
	}
}

// French is the verdict as it is printed; empty when nothing was said.
func (v Verdict) French() string {
	return map[Verdict]string{
		VerdictAchieved: "Atteint", VerdictProgress: "Progrès", VerdictStable: "Stable", VerdictSetback: "Recul",
		VerdictAbandoned: "Abandon", VerdictNew: "Nouveau",
	}[v]
}

func typeName(code string) string {
	i := slices.IndexFunc(DocumentTypes, func(t DocumentType) bool { return t.Code == code })
	if i < 0 {
		return code
	}
	return DocumentTypes[i].French
}
