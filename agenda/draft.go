package agenda

import (
	"cmp"
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// maxProposed is how many waiting lines an agenda keeps, the most pressing.
const maxProposed = 100

// noReason is why the drafting, and not the secretary, withdrew a line: such a
// line is not shown and comes back with its reasons.
const noReason = "no-reason"

// drafting is what an agenda is drafted from; a pure value.
type drafting struct {
	meeting    meetings.Meeting
	team       meetings.Team
	lines      []Item // as they stand
	candidates []Candidate
	settings   Settings
	hours      Hours            // of those who come later or leave earlier
	learnt     map[CaseKind]int // minutes of a case, where enough were discussed
	today      date.Date
	now        time.Time
}

func (d drafting) thresholds() Thresholds {
	zone := d.meeting.Location()
	return Thresholds{Meeting: date.Of(d.meeting.Starts.In(zone)), Zone: zone, Settings: d.settings}
}

// draft returns every line as it should now stand. Lines that the secretary
// pinned, moved or added, and those begun, keep their places; deferred and
// withdrawn ones stay so; the others are ranked and fitted anew.
func (d drafting) draft() []Item {
	return d.fit(d.sort())
}

// fit ranks the pool and fits it around the kept lines; the rest follows.
func (d drafting) fit(pool, kept, rest []Item) []Item {
	Rank(pool)
	budget := d.settings.budget(int(d.meeting.Duration().Minutes()), d.team.CaseMinutes)
	budget.Starts, budget.Hours = d.meeting.Starts, d.hours
	scheduled, proposed := Fit(kept, pool, budget)
	for i, l := range proposed {
		if i >= maxProposed {
			l = dropped(l, noReason)
		}
		if l.Version > 0 || l.Status == Proposed {
			rest = append(rest, l)
		}
	}
	return append(scheduled, rest...)
}

// sort parts the lines: the pool to rank, the kept ones, and the rest that the
// drafting leaves alone or drops.
func (d drafting) sort() (pool, kept, rest []Item) {
	by := make(map[id.Patient]Candidate, len(d.candidates))
	for _, c := range d.candidates {
		by[c.Patient.ID] = c
	}
	for _, l := range d.lines {
		c, found := by[l.Patient.ID]
		delete(by, l.Patient.ID)
		var reasons []Reason
		if found {
			reasons = Reasons(c, d.today, d.thresholds())
		}
		switch d.fate(l, len(reasons) > 0) {
		case fateRanked:
			pool = append(pool, d.refresh(l, c, reasons))
		case fateKept:
			l.Reasons = d.keptReasons(l, reasons)
			kept = append(kept, l)
		case fateDropped:
			rest = append(rest, dropped(l, whyDropped(l)))
		default:
			rest = append(rest, l)
		}
	}
	for _, c := range d.candidates {
		if _, unlisted := by[c.Patient.ID]; !unlisted {
			continue
		}
		delete(by, c.Patient.ID)
		if reasons := Reasons(c, d.today, d.thresholds()); len(reasons) > 0 {
			pool = append(pool, d.refresh(d.newLine(c), c, reasons))
		}
	}
	return pool, kept, rest
}

// fate is what a drafting does with a line.
type fate int

const (
	fateUntouched fate = iota
	fateRanked
	fateKept
	fateDropped
)

func (d drafting) fate(l Item, hasReasons bool) fate {
	reviewable, _ := l.Patient.Reviewable()
	begun := l.begun()
	switch {
	case l.Status == Deferred, l.Status == Withdrawn && (l.DeferWhy != noReason || !hasReasons):
		return fateUntouched
	case !reviewable && !begun:
		return fateDropped
	case l.Standard:
		return fateUntouched
	case begun, l.Status == Scheduled && (l.Pinned || l.Origin == ByHand):
		return fateKept
	case hasReasons:
		return fateRanked
	}
	return fateDropped
}

func whyDropped(l Item) string {
	if ok, why := l.Patient.Reviewable(); !ok {
		return why
	}
	return noReason
}

func dropped(l Item, why string) Item {
	l.Was = cmp.Or(l.Position, l.Was)
	l.Status, l.Position, l.Pinned, l.Standard, l.DeferWhy = Withdrawn, 0, false, false, why
	return l
}

// AsItMay is the line as it may be shown: one not begun whose patient died, or
// opposed, since it was drafted is withdrawn with that reason.
func (l Item) AsItMay() Item {
	ok, why := l.Patient.Reviewable()
	if ok || !l.Started.IsZero() || l.Status != Scheduled && l.Status != Proposed {
		return l
	}
	return dropped(l, why)
}

func (d drafting) newLine(c Candidate) Item {
	return Item{
		ID: id.New[id.Case](), Org: d.meeting.Org, Team: d.meeting.Team, Meeting: d.meeting.ID,
		Patient: c.Patient, Created: d.now, Updated: d.now,
	}
}

// refresh gives a ranked line what the rules and the requests say today.
func (d drafting) refresh(l Item, c Candidate, reasons []Reason) Item {
	l.Reasons, l.Plan, l.Presenter, l.DeferWhy, l.Origin = reasons, c.Plan.ID, c.presenter(), "", ByRule
	l.Referent = cmp.Or(l.Referent, c.Plan.ReferentName)
	l.Minutes = cmp.Or(l.Minutes, d.learnt[kindOf(reasons)])
	i := slices.IndexFunc(reasons, Reason.isRequest)
	if i >= 0 {
		l.Origin = ByRequest
		if l.Question == "" {
			l.Question = reasons[i].What
		}
	}
	return l
}

// keptReasons adds to today's reasons those given by hand, so that every line
// says why; a line begun keeps what it was begun for.
func (d drafting) keptReasons(l Item, today []Reason) []Reason {
	if l.Status == Discussed || !l.Started.IsZero() {
		return l.Reasons
	}
	for _, r := range l.Reasons {
		if r.Rule == AddedByHand {
			today = append(today, r)
		}
	}
	if len(today) == 0 {
		return []Reason{{Rule: AddedByHand, Since: d.today}}
	}
	return today
}

// changed returns the lines of after that differ from before or are new.
func changed(before, after []Item) []Item {
	old := make(map[id.Case]Item, len(before))
	for _, l := range before {
		old[l.ID] = l
	}
	var out []Item
	for _, l := range after {
		if o, known := old[l.ID]; !known || !same(o, l) {
			out = append(out, l)
		}
	}
	return out
}

func same(a, b Item) bool {
	return a.Position == b.Position && a.Minutes == b.Minutes && a.Status == b.Status && a.Plan == b.Plan &&
		a.Question == b.Question && a.Origin == b.Origin && a.AddedBy == b.AddedBy && a.Pinned == b.Pinned &&
		a.Standard == b.Standard && a.Registration == b.Registration && a.DeferWhy == b.DeferWhy && a.Was == b.Was && a.Started.Equal(b.Started) && a.Ended.Equal(b.Ended) && slices.Equal(a.Reasons, b.Reasons)
}
