package agenda

import (
	"cmp"
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/date"
)

// rules are all of them. A new one is one file that returns its rule, and one
// line here.
func rules() []rule {
	return []rule{
		requested(), askedByPatient(), deferredBefore(), happened(), transition(), objectiveAtRisk(), objectiveStalled(),
		reviewDue(), neverReviewed(), noPlan(), planEnding(), decisionUndone(), actionLate(), actionLateLong(), objectiveOverdue(),
		agreementMissing(), waitedBefore(),
	}
}

// RuleInfo is what a team sees of a rule in its settings.
type RuleInfo struct {
	Rule            Rule
	French, English string // its name
	FrenchMeans     string // when it gives a reason, in a sentence
	EnglishMeans    string
	Weight          int  // the most that one reason of it weighs; 0: it grows with the waiting
	Threshold       int  // unless the team sets another; 0: it has none
	Unit            Unit // of the threshold
	Fixed           bool // cannot be switched off
	Accompanies     bool // adds to other reasons, never brings a patient alone
}

// Name is the rule's name in a language.
func (r RuleInfo) Name(lang string) string { return either(lang, r.French, r.English) }

// Means says in a language when the rule gives a reason.
func (r RuleInfo) Means(lang string) string { return either(lang, r.FrenchMeans, r.EnglishMeans) }

func either(lang, french, inEnglish string) string {
	if lang == english {
		return inEnglish
	}
	return french
}

// Unit is what a threshold counts.
type Unit string

// The units.
const (
	Days  Unit = "days"
	Weeks Unit = "weeks"
)

// rule is one of them: find gives the reasons of its kind that a candidate has,
// french and english say one in words.
type rule struct {
	RuleInfo
	find            func(Candidate, look) []Reason
	french, english func(Reason) string
}

// look is the day that a rule looks from.
type look struct {
	Today date.Date      // drafting day, where the team is
	Due   date.Date      // last day on which something is due for the meeting
	Limit int            // the rule's threshold
	Since date.Date      // the oldest date behind the reasons found so far
	Zone  *time.Location // the team's
}

// late is by how many days day is past; never negative, 0 without a day.
func (l look) late(day date.Date) int {
	if day.IsZero() {
		return 0
	}
	return max(l.Today.Sub(day), 0)
}

// day is the day of an instant where the team is.
func (l look) day(t time.Time) date.Date { return date.Of(t.In(l.Zone)) }

// Rules lists every rule in the order that settings show them.
func Rules() []RuleInfo {
	var all []RuleInfo
	for _, r := range rules() {
		all = append(all, r.RuleInfo)
	}
	return all
}

// Thresholds are what the rules compare with.
type Thresholds struct {
	Meeting  date.Date      // the meeting's day: a review due by then counts; zero: the drafting day
	Zone     *time.Location // where the team is; nil: UTC
	Settings Settings       // the team's
}

// dueBy is the last day on which a review is due for the meeting.
func (t Thresholds) dueBy(today date.Date) date.Date {
	if t.Meeting.IsZero() || t.Meeting.Before(today) {
		return today
	}
	return t.Meeting
}

func (t Thresholds) look(today date.Date) look {
	return look{Today: today, Due: t.dueBy(today), Zone: cmp.Or(t.Zone, time.UTC)}
}

// Reasons returns why the candidate should be reviewed, heaviest first. A
// patient who is not reviewable has none, whatever their file says, nor one
// with nothing but what accompanies other reasons.
func Reasons(c Candidate, today date.Date, t Thresholds) []Reason {
	if ok, _ := c.Reviewable(); !ok {
		return nil
	}
	var all []Reason
	alone, l := false, t.look(today)
	for _, r := range rules() {
		if t.Settings.off(r.RuleInfo) {
			continue
		}
		l.Limit, l.Since = t.Settings.threshold(r.RuleInfo), oldest(all)
		found := r.find(c, l)
		alone = alone || len(found) > 0 && !r.Accompanies
		all = append(all, found...)
	}
	if !alone {
		return nil
	}
	slices.SortStableFunc(all, func(a, b Reason) int { return cmp.Compare(b.Weight, a.Weight) })
	return all
}
