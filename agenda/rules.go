package agenda

import (
	"cmp"
	"slices"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
)

// Thresholds are the limits the rules compare with.
type Thresholds struct {
	Meeting   date.Date // the meeting's day: a review due by then counts; zero: the drafting day
	EventDays int       // an event counts for so many days; 0: 14
}

// eventDays is how long an event calls for a review, in days.
const eventDays = 14

// dueBy is the last day on which a review is due for the meeting.
func (t Thresholds) dueBy(today date.Date) date.Date {
	if t.Meeting.IsZero() || t.Meeting.Before(today) {
		return today
	}
	return t.Meeting
}

// eventsFrom is the first day whose events still count.
func (t Thresholds) eventsFrom(today date.Date) date.Date {
	return today.AddDays(-cmp.Or(t.EventDays, eventDays))
}

// rule gives the reasons of one kind that a candidate has on a day.
type rule func(c Candidate, today date.Date, t Thresholds) []Reason

// rules are all of them; what they give is ordered by weight afterwards.
func rules() []rule {
	return []rule{
		requested, deferredBefore, happened, objectiveAtRisk,
		reviewDue, neverReviewed, actionLate, objectiveOverdue,
	}
}

// Reasons returns why the candidate should be reviewed, heaviest first. A
// patient who died or is opposed to sharing has none, whatever their file says.
func Reasons(c Candidate, today date.Date, t Thresholds) []Reason {
	if ok, _ := c.Patient.Reviewable(); !ok {
		return nil
	}
	var all []Reason
	for _, r := range rules() {
		all = append(all, r(c, today, t)...)
	}
	slices.SortStableFunc(all, func(a, b Reason) int { return cmp.Compare(b.Weight, a.Weight) })
	return all
}

// late is by how many days day is past on today; never negative.
func late(day, today date.Date) int { return max(today.Sub(day), 0) }

func reviewDue(c Candidate, today date.Date, t Thresholds) []Reason {
	due := c.Plan.NextReview
	if c.Plan.Status != careplan.PlanActive || due.IsZero() || due.After(t.dueBy(today)) {
		return nil
	}
	days := late(due, today)
	return []Reason{{Rule: ReviewDue, Since: due, Days: days, Weight: 30 + min(days, 20)}}
}

// neverReviewed is about plans that nobody gave a review date either, as
// imported ones: a first review already planned for later is not forgotten.
func neverReviewed(c Candidate, today date.Date, _ Thresholds) []Reason {
	p := c.Plan
	if p.Status != careplan.PlanActive || !p.LastReview.IsZero() || !p.NextReview.IsZero() || p.Start.After(today) {
		return nil
	}
	since := p.Start
	if since.IsZero() {
		since = date.Of(p.Created)
	}
	days := late(since, today)
	return []Reason{{Rule: NeverReviewed, Since: since, Days: days, Weight: 25 + min(days/15, 10)}}
}

func actionLate(c Candidate, today date.Date, _ Thresholds) []Reason {
	var all []Reason
	for _, a := range c.LateActions {
		if !a.Status.Open() || a.Due.IsZero() || !a.Due.Before(today) {
			continue
		}
		days := late(a.Due, today)
		all = append(all, Reason{
			Rule: ActionLate, Since: a.Due, What: a.Title, Who: a.OwnerName,
			Days: days, Weight: 20 + min(days, 15),
		})
	}
	return all
}

func objectiveOverdue(c Candidate, today date.Date, _ Thresholds) []Reason {
	var all []Reason
	for _, o := range c.Objectives {
		if !o.Lifecycle.Open() || o.Achievement == careplan.Achieved || o.Due.IsZero() || !o.Due.Before(today) {
			continue
		}
		days := late(o.Due, today)
		all = append(all, Reason{
			Rule: ObjectiveOverdue, Since: o.Due, What: o.Title, Who: o.OwnerName,
			Days: days, Weight: 20 + min(days/2, 15),
		})
	}
	return all
}

// riskWeight is how much an achievement that shows a risk weighs; 0: none.
func riskWeight(a careplan.Achievement) int {
	switch a {
	case careplan.Worsening:
		return 40
	case careplan.NotAttainable:
		return 35
	case careplan.NoProgress:
		return 30
	}
	return 0
}

func objectiveAtRisk(c Candidate, today date.Date, _ Thresholds) []Reason {
	var all []Reason
	for _, o := range c.Objectives {
		w := riskWeight(o.Achievement)
		if w == 0 || !o.Lifecycle.Open() {
			continue
		}
		r := Reason{Rule: ObjectiveAtRisk, Since: assessedOn(o), What: o.Title, Kind: string(o.Achievement), Weight: w}
		if !r.Since.IsZero() {
			r.Days = late(r.Since, today)
		}
		all = append(all, r)
	}
	return all
}

// assessedOn is since when an objective stands as it does: the day of the
// verdict; where a source told none, the objective's start, at the latest the
// day it was last written.
func assessedOn(o careplan.Objective) date.Date {
	switch {
	case !o.AchievementOn.IsZero():
		return o.AchievementOn
	case !o.Start.IsZero():
		return o.Start
	case !o.Updated.IsZero():
		return date.Of(o.Updated)
	}
	return date.Date{}
}

// eventWeight is how much an event weighs: what may undo a plan weighs most.
func eventWeight(k careplan.EventKind) int {
	switch k {
	case careplan.Hospitalisation, careplan.Return, careplan.Fall:
		return 50
	case careplan.Transfer, careplan.NewTreatment:
		return 40
	}
	return 30
}

// happened leaves out what the last review has already seen.
func happened(c Candidate, today date.Date, t Thresholds) []Reason {
	var all []Reason
	for _, e := range c.Events {
		seen := !c.Plan.LastReview.IsZero() && !e.On.After(c.Plan.LastReview)
		if seen || e.On.Before(t.eventsFrom(today)) || e.On.After(t.dueBy(today)) {
			continue
		}
		all = append(all, Reason{
			Rule: PatientEvent, Since: e.On, What: e.Text, Kind: string(e.Kind),
			Days: late(e.On, today), Weight: eventWeight(e.Kind),
		})
	}
	return all
}

// requestWeight: an urgent request passes before everything else.
func requestWeight(u Urgency) int {
	switch u {
	case Urgent:
		return 1000
	case Soon:
		return 60
	}
	return 35
}

func requested(c Candidate, today date.Date, _ Thresholds) []Reason {
	var all []Reason
	for _, r := range c.Requests {
		if r.Status != RequestWaiting && r.Status != RequestPlaced {
			continue
		}
		on := date.Of(r.At)
		all = append(all, Reason{
			Rule: Requested, Since: on, What: r.Question, Kind: string(r.Urgency), Who: r.ByName,
			Days: late(on, today), Weight: requestWeight(r.Urgency),
		})
	}
	return all
}

// deferWeight is what each deferral adds, without limit: whoever is carried
// over often enough passes everybody whose weights are bounded, so that nobody
// starves. Two of them already pass any routine review.
const deferWeight = 30

func deferredBefore(c Candidate, today date.Date, _ Thresholds) []Reason {
	if len(c.Deferrals) == 0 {
		return nil
	}
	ds := slices.SortedStableFunc(slices.Values(c.Deferrals), func(a, b Deferral) int { return a.On.Sub(b.On) })
	first, last := ds[0], ds[len(ds)-1]
	return []Reason{{
		Rule: DeferredBefore, Since: first.On, What: writeDeferrals(ds), Kind: last.Why,
		Times: len(ds), Days: late(first.On, today), Weight: deferWeight * len(ds),
	}}
}
