package protocol

import (
	"slices"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Kind is what became of a part between two versions.
type Kind string

// The kinds of difference.
const (
	Added   Kind = "added"
	Removed Kind = "removed"
	Changed Kind = "changed"
)

// Difference is one thing that differs between two versions. Part is name,
// field, source, note, review, professions, objective, action or checklist;
// Title says which objective or action; Of is the changed trait of it: domain,
// expected, due, professions, profession or objective. Was and Now hold keys
// and numbers as stored.
type Difference struct {
	Kind     Kind
	Part, Of string
	Title    string
	Was, Now string
}

// Compare lists what differs from one version to another, in the order of the
// page. Objectives and actions are the same when their titles are.
func Compare(was, now Protocol) []Difference {
	var all []Difference
	trait := func(part, a, b string) {
		if a != b {
			all = append(all, Difference{Kind: Changed, Part: part, Was: a, Now: b})
		}
	}
	trait("name", was.Name, now.Name)
	trait("field", string(was.Field), string(now.Field))
	trait("source", was.Source, now.Source)
	trait("note", was.Note, now.Note)
	trait("review", itoa(was.ReviewInterval), itoa(now.ReviewInterval))
	trait("professions", strings.Join(was.Professions, ","), strings.Join(now.Professions, ","))
	all = append(all, matched("objective", was.objectiveRows(), now.objectiveRows())...)
	all = append(all, matched("action", was.actionRows(), now.actionRows())...)
	return append(all, matched("checklist", lines(was.Checklist), lines(now.Checklist))...)
}

// row is a titled thing and its traits, in a fixed order.
type row struct {
	title  string
	traits [][2]string
}

func (p Protocol) objectiveRows() (rows []row) {
	for _, o := range p.Objectives {
		rows = append(rows, row{o.Title, [][2]string{
			{"domain", o.Domain}, {"expected", o.Expected}, {"due", itoa(o.DueWeeks)}, {"professions", strings.Join(o.Professions, ",")},
		}})
	}
	return rows
}

func (p Protocol) actionRows() (rows []row) {
	for _, a := range p.Actions {
		goal := ""
		if a.Objective >= 0 && a.Objective < len(p.Objectives) {
			goal = p.Objectives[a.Objective].Title
		}
		rows = append(rows, row{a.Title, [][2]string{{"profession", a.Profession}, {"due", itoa(a.DueDays)}, {"objective", goal}}})
	}
	return rows
}

func lines(all []string) (rows []row) {
	for _, l := range all {
		rows = append(rows, row{title: l})
	}
	return rows
}

// matched pairs rows of the same title, each once, and tells the rest.
func matched(part string, was, now []row) (all []Difference) {
	left := slices.Clone(was)
	var added []Difference
	for _, n := range now {
		i := slices.IndexFunc(left, func(r row) bool { return r.title == n.title })
		if i < 0 {
			added = append(added, Difference{Kind: Added, Part: part, Title: n.title})
			continue
		}
		for k, t := range n.traits {
			if w := left[i].traits[k][1]; w != t[1] {
				all = append(all, Difference{Kind: Changed, Part: part, Of: t[0], Title: n.title, Was: w, Now: t[1]})
			}
		}
		left = slices.Delete(left, i, i+1)
	}
	for _, r := range left {
		all = append(all, Difference{Kind: Removed, Part: part, Title: r.title})
	}
	return append(all, added...)
}
