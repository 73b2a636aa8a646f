package web

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify"
)

// outlineView is what an edit will do, beside the button that does it.
type outlineView struct {
	Dates     []effectRow // the first ones
	More      []effectRow
	Last      date.Date
	Letters   []letterRow
	Messages  int
	People    int
	Unreached []string // members without an address
	Reasked   []string // names
	Clashes   []string
	Clashing  int  // how many dates clash, counted once for each clash
	Anyway    bool // the box was ticked
	Refused   string
	Subject   string // of the first message
	Text      string
}

// effectRow is a date with what becomes of it.
type effectRow struct {
	From, To time.Time // in the zone of the team
	Gone     bool
	Shown    state
}

// letterRow is who receives the same messages.
type letterRow struct {
	Who  string
	What []string // in their order
}

// outline shows an outline in a zone. closed is what the series does with a
// closed day; empty when there are several series.
func (s *Server) outline(r *request, o meetings.Outline, loc *time.Location, closed meetings.OnClosed, f Form) *outlineView {
	v := &outlineView{Anyway: f.Get("anyway") != "", Refused: f.Error("anyway")}
	for _, e := range o.Effects {
		row := effectRow{From: e.Starts.In(loc), To: e.Ends.In(loc), Shown: effectState(r, e, loc, closed)}
		row.Gone = e.Kind == meetings.Dropped || e.Kind == meetings.Skipped || e.Kind == meetings.WasOff
		if len(v.Dates) < previewed {
			v.Dates = append(v.Dates, row)
		} else {
			v.More = append(v.More, row)
		}
		v.Last = day(row.From)
	}
	v.Letters, v.People = letters(r, o.Notices, loc)
	v.Messages = len(o.Notices)
	for _, p := range o.Reasked {
		v.Reasked = append(v.Reasked, p.Name())
	}
	v.Clashes, v.Clashing = clashes(r, o.Clashes, loc), len(o.Clashes)
	v.Unreached = unreached(o)
	s.readLetter(r, v, o)
	return v
}

// readLetter is the mail that most receive.
func (s *Server) readLetter(r *request, v *outlineView, o meetings.Outline) {
	if len(o.Notices) == 0 {
		return
	}
	n := o.Notices[len(o.Notices)-1]
	subject, text, err := notify.Preview(o.State(n), n, "https://"+r.Request.Host, r.T("(lien personnel)"), s.now())
	if err != nil {
		return // the mail is shown for reading only: the page stands without
	}
	v.Subject, v.Text = subject, text
}

// unreached are the members to whom no mail can go.
func unreached(o meetings.Outline) (names []string) {
	if len(o.Notices) == 0 {
		return nil
	}
	for _, st := range o.States {
		for _, m := range st.Team.Members {
			if m.Left.IsZero() && !m.Mailable() && !slices.Contains(names, m.Name()) {
				names = append(names, m.Name())
			}
		}
	}
	return names
}

// effectState is what becomes of a date, as a shape and words.
func effectState(r *request, e meetings.Effect, loc *time.Location, closed meetings.OnClosed) state {
	why := e.Closed
	if lang.Has(why) { // a holiday; a closure has the name that people gave it
		why = r.T(why)
	}
	switch e.Kind {
	case meetings.Added:
		return state{"new", r.T("Nouvelle")}
	case meetings.Rescheduled:
		was := e.Was.In(loc)
		if day(was) == day(e.Starts.In(loc)) {
			return state{"warn", r.T("Déplacée (avant : %s)", lang.Clock(r.lang, was))}
		}
		return state{"warn", r.T("Déplacée (avant : %s, %s)", lang.Short(r.lang, day(was)), lang.Clock(r.lang, was))}
	case meetings.Relocated:
		return state{"run", r.T("Changement de lieu")}
	case meetings.Dropped:
		if e.Closed != "" {
			return state{"bad", r.T("Annulée : %s", why)}
		}
		return state{"bad", r.T("Annulée")}
	case meetings.Shifted:
		return state{"warn", r.T(shiftWords[closed], why)}
	case meetings.Skipped:
		return state{"warn", r.T("Sautée : %s", why)}
	case meetings.WasOff:
		return state{"off", r.T("Déjà annulée")}
	}
	return state{"off", r.T("Inchangée")}
}

var shiftWords = map[meetings.OnClosed]string{
	meetings.Before: lang.Mark("Avancée : %s"), meetings.After: lang.Mark("Reportée : %s"), "": lang.Mark("Déplacée : %s"),
	meetings.Skip: lang.Mark("Déplacée : %s"),
}

// letters gathers those who receive the same messages: few by name, more by
// number.
func letters(r *request, all []meetings.Notice, loc *time.Location) (rows []letterRow, people int) {
	type person struct {
		auth.Professional
		whats []meetings.Notice
	}
	var each []*person
	for _, n := range all {
		i := slices.IndexFunc(each, func(p *person) bool { return p.ID == n.Who.ID })
		if i < 0 {
			each, i = append(each, &person{Professional: n.Who}), len(each)
		}
		each[i].whats = append(each[i].whats, n)
	}
	var names [][]string
	for _, p := range each {
		what := letterWords(r, p.whats, loc)
		k := slices.IndexFunc(rows, func(l letterRow) bool { return slices.Equal(l.What, what) })
		if k < 0 {
			rows, names, k = append(rows, letterRow{What: what}), append(names, nil), len(rows)
		}
		names[k] = append(names[k], p.Name())
	}
	for i := range rows {
		rows[i].Who = lang.N(r.lang, len(names[i]), "%d membre", "%d membres")
		if len(names[i]) <= 3 && (len(rows) > 1 || len(names[i]) == 1) {
			rows[i].Who = strings.Join(names[i], ", ")
		}
	}
	order := slices.Clone(rows)
	slices.SortStableFunc(order, func(a, b letterRow) int {
		return cmp.Compare(len(names[indexOf(rows, b)]), len(names[indexOf(rows, a)]))
	})
	return order, len(each)
}

func indexOf(rows []letterRow, l letterRow) int {
	return slices.IndexFunc(rows, func(o letterRow) bool { return slices.Equal(o.What, l.What) })
}

// letterWords say the messages that one person receives, in their order.
func letterWords(r *request, all []meetings.Notice, loc *time.Location) (words []string) {
	goesOn := func(n meetings.Notice) bool { // another object of the same series begins for them
		return slices.ContainsFunc(all, func(o meetings.Notice) bool {
			return o.What == meetings.Invited && o.Thread == n.Thread && o.Event.UID != n.Event.UID
		})
	}
	for _, n := range all {
		on := lang.DayMonth(day(n.Date.In(loc)))
		switch {
		case (n.What == meetings.Changed || n.What == meetings.Finished) && goesOn(n):
			words = append(words, r.T("Fin de l’ancienne série"))
		case n.What == meetings.Invited && len(words) > 0:
			words = append(words, r.T("nouvelle invitation"))
		case n.What == meetings.DateMoved:
			words = append(words, r.T("Nouvel horaire ou lieu du %s", on))
		case n.What == meetings.DateCancelled:
			words = append(words, r.T("Annulation du %s", on))
		default:
			words = append(words, r.T(whatWords[n.What]))
		}
	}
	return words
}

var whatWords = map[meetings.What]string{
	meetings.Invited: lang.Mark("Invitation"), meetings.Changed: lang.Mark("Mise à jour"), meetings.Finished: lang.Mark("Fin de la série"),
	meetings.Withdrawn: lang.Mark("Annulation"), meetings.Uninvited: lang.Mark("Annulation, n’est plus invité"),
}

// clashes say what the dates clash with, those that clash with the same in one
// line.
func clashes(r *request, all []meetings.Clash, loc *time.Location) (lines []string) {
	type group struct {
		what        string
		first, last date.Date
		n           int
	}
	var groups []*group
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b meetings.Clash) int { return a.Starts.Compare(b.Starts) })
	for _, c := range sorted {
		what, on := clashWords(r, c, loc), day(c.Starts.In(loc))
		i := slices.IndexFunc(groups, func(g *group) bool { return g.what == what })
		if i < 0 {
			groups, i = append(groups, &group{what: what, first: on}), len(groups)
		}
		groups[i].last = on
		groups[i].n++
	}
	for _, g := range groups {
		when := lang.Short(r.lang, g.first)
		if g.n > 1 {
			when = r.T("%d dates, du %s au %s", g.n, lang.Numeric(g.first), lang.Numeric(g.last))
		}
		lines = append(lines, r.T("%s : %s", when, g.what))
	}
	return lines
}

// clashWords say what a date clashes with.
func clashWords(r *request, c meetings.Clash, loc *time.Location) string {
	if c.Closed != "" {
		return r.T("jour fermé, %s", c.Closed)
	}
	other := c.With.TeamName + ", " + lang.Range(r.lang, c.With.Starts.In(loc), c.With.Ends.In(loc))
	var names []string
	for _, p := range c.People {
		names = append(names, p.Name())
	}
	who := strings.Join(names, ", ")
	if len(names) > 6 {
		who = lang.N(r.lang, len(names), "%d membre", "%d membres")
	}
	switch {
	case c.Room && who != "":
		return r.T("salle déjà prise, et déjà en réunion : %s (%s)", who, other)
	case c.Room:
		return r.T("salle déjà prise (%s)", other)
	}
	return r.T("déjà en réunion : %s (%s)", who, other)
}

// coming are the dates of a series that an edit can hold from, the nearest
// first.
func coming(l string, all []meetings.Meeting, chosen date.Date) (out []choice) {
	seen := map[date.Date]bool{}
	for _, m := range all {
		if seen[m.Slot] || len(out) == 60 {
			continue
		}
		seen[m.Slot] = true
		out = append(out, choice{m.Slot.String(), lang.Long(l, m.Slot), m.Slot == chosen})
	}
	return out
}

// dateOf is the meeting of a day.
func dateOf(all []meetings.Meeting, on date.Date) (id.Meeting, bool) {
	i := slices.IndexFunc(all, func(m meetings.Meeting) bool { return m.Slot == on })
	if i < 0 {
		return "", false
	}
	return all[i].ID, true
}
