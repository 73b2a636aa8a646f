package minutes

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Decision returns what was decided for a case so far, with every open
// objective of the plan; Version 0 and no words when nothing was.
func (s *Service) Decision(ctx context.Context, a auth.Actor, c id.Case) (Decision, error) {
	const op = "minutes.Decision"
	r, err := s.record(ctx, a, c, "decision.read", false)
	if err != nil {
		return Decision{}, fault.Wrap(op, err)
	}
	if err := s.store.Audit(ctx, r.by.InSpells()); err != nil {
		return Decision{}, fault.Wrap(op, err)
	}
	d, _ := r.known()
	if d.Version == 0 {
		d = Decision{Case: c, Meeting: r.line.Meeting, Patient: r.line.Patient.ID, Plan: r.plan().ID}
	}
	if d.Version == 0 || r.open() {
		d.Quorum = r.judge(r.moment(s.now()))
	}
	d.Objectives = withOpen(d.Objectives, r.file, d.Plan)
	return d, nil
}

// Record saves what was decided for a case: by the secretary, the chair, or a
// member present who cares for the patient, in a running or held meeting.
// d.Version is the one the actor saw. The quorum is judged while the patient is
// discussed and kept as it was then; the case is marked discussed.
func (s *Service) Record(ctx context.Context, a auth.Actor, c id.Case, d Decision) (Decision, error) {
	const op = "minutes.Record"
	r, err := s.record(ctx, a, c, "decision.record", true)
	if err != nil {
		return Decision{}, fault.Wrap(op, err)
	}
	if err := r.writable(op); err != nil {
		return Decision{}, err
	}
	if err := r.check(d).Err(op); err != nil {
		return Decision{}, err
	}
	d = r.complete(d, a.Name, s.now())
	d, err = s.save(ctx, a, r, d)
	return d, fault.Wrap(op, err)
}

// save writes a decision that was checked and completed, with its quorum and
// its event.
func (s *Service) save(ctx context.Context, a auth.Actor, r record, d Decision) (Decision, error) {
	begun := r.moment(s.now())
	if old, known := r.known(); known && !r.open() && old.Quorum.State != meetings.QuorumUnknown {
		d.Quorum = old.Quorum
	} else {
		d.Quorum = r.judge(begun)
	}
	e := a.Event(s.now(), event.DecisionsRecorded)
	e.Team, e.Meeting, e.Case, e.Patient = r.line.Team, r.line.Meeting, r.line.ID, d.Patient
	r.by.Events = append(r.by.Events, e)
	if d.Version == 0 { // the case is marked discussed
		seen := a.Event(s.now(), event.AgendaChanged)
		seen.Team, seen.Meeting = r.line.Team, r.line.Meeting
		r.by.Events = append(r.by.Events, seen)
	}
	if err := s.store.SaveDecision(ctx, a.Org, d, begun, r.by); err != nil {
		return Decision{}, err
	}
	d.Version++
	return d, nil
}

// Settle keeps the quorum of a case as it was when its discussion ended, where a
// decision was recorded; whoever leads the meeting calls it then. Calling it
// again changes nothing.
func (s *Service) Settle(ctx context.Context, a auth.Actor, c id.Case) error {
	const op = "minutes.Settle"
	r, err := s.record(ctx, a, c, "decision.settle", true)
	if err != nil {
		return fault.Wrap(op, err)
	}
	d, known := r.known()
	if !known || r.line.Ended.IsZero() || r.full.Meeting.Status != meetings.Running {
		return nil
	}
	was := d.Quorum
	if d.Quorum = r.judge(r.moment(s.now())); reflect.DeepEqual(d.Quorum, was) {
		return nil
	}
	return fault.Wrap(op, s.store.SaveDecision(ctx, a.Org, d, r.line.Started, r.by))
}

// record is a case with what a decision on it rests on.
type record struct {
	line      agenda.Item
	full      meetings.Full
	file      careplan.File // of the team's plans
	decisions []Decision
	opinions  []meetings.Opinion // written, on this case
	by        audit.Change
}

// record reads a case for somebody who may read, or write, its decision.
func (s *Service) record(ctx context.Context, a auth.Actor, c id.Case, action string, write bool) (record, error) {
	line, err := s.store.CaseByID(ctx, a.Org, c)
	if err != nil {
		return record{}, err
	}
	r := record{line: line, by: a.Change(s.now(), action, "case", string(c))}
	r.by.Entry.Team, r.by.Entry.Patient = line.Team, line.Patient.ID
	if r.full, err = s.store.MeetingByID(ctx, a.Org, line.Meeting); err != nil {
		return r, err
	}
	sees, err := s.sight(ctx, a, line.Team, []id.Patient{line.Patient.ID})
	if err != nil {
		return r, err
	}
	if !sees(line.Patient.ID) || (write && !r.mayWrite(a)) {
		return r, s.refuse(ctx, action, r.by)
	}
	files, err := s.store.TeamFiles(ctx, a.Org, line.Team, []id.Patient{line.Patient.ID})
	if err != nil {
		return r, err
	}
	r.file = files[line.Patient.ID]
	if r.decisions, err = s.store.Decisions(ctx, a.Org, line.Meeting); err != nil {
		return r, err
	}
	opinions, err := s.store.Opinions(ctx, a.Org, line.Meeting)
	r.opinions = opinions[c]
	return r, err
}

// mayWrite: the secretary and the chair, and who is or was in the meeting.
func (r record) mayWrite(a auth.Actor) bool {
	if a.In(r.line.Team, auth.Secretary, auth.Chair) {
		return true
	}
	return slices.ContainsFunc(r.full.Attendance, func(t meetings.Attendance) bool {
		return t.Professional.ID == a.Professional && (t.Presence == meetings.Present || t.Presence == meetings.Remote)
	})
}

func (r record) known() (Decision, bool) {
	i := slices.IndexFunc(r.decisions, func(d Decision) bool { return d.Case == r.line.ID })
	if i < 0 {
		return Decision{}, false
	}
	return r.decisions[i], true
}

// plan is the plan that the case is about; empty when the team has none.
func (r record) plan() careplan.Plan { return planOf(r.file, r.line.Plan) }

// planOf returns the plan of an id, else the first active one, else none.
func planOf(f careplan.File, want id.Plan) careplan.Plan {
	for _, p := range f.Plans {
		if p.ID == want {
			return p
		}
	}
	for _, p := range f.Plans {
		if p.Status == careplan.PlanActive && want == "" {
			return p
		}
	}
	return careplan.Plan{}
}

// open reports whether the case may still be in discussion.
func (r record) open() bool {
	return r.full.Meeting.Status == meetings.Running && r.line.Ended.IsZero()
}

// moment is when the case was discussed: the end of its discussion, else now
// while the meeting runs, else when it began, never after the end of the
// meeting.
func (r record) moment(now time.Time) time.Time {
	switch held := r.full.Meeting.HeldAt; {
	case !r.line.Ended.IsZero() && r.line.Ended.Add(-time.Second).After(r.line.Started):
		return r.line.Ended.Add(-time.Second)
	case !r.line.Started.IsZero() && !r.open():
		return r.line.Started
	case !held.IsZero() && now.After(held):
		return held.Add(-time.Second)
	}
	return now
}

func (r record) judge(at time.Time) meetings.Quorum {
	return meetings.Judge(r.full.Meeting.Kind, r.full.Team.Quorum, r.full.Attendance, at, r.opinions...)
}

// complete puts the trusted parts into a decision and gives new actions ids.
func (r record) complete(d Decision, by string, now time.Time) Decision {
	d.Case, d.Meeting, d.Patient, d.Plan = r.line.ID, r.line.Meeting, r.line.Patient.ID, r.plan().ID
	d.Type = cmp.Or(d.Type, DefaultType(r.full.Meeting.Kind))
	d.ByName, d.At = by, now.UTC().Truncate(time.Microsecond)
	d.Objectives, d.Actions = slices.Clone(d.Objectives), slices.Clone(d.Actions)
	old, _ := r.known()
	for i, o := range d.Objectives {
		d.Objectives[i] = r.titled(o, old)
	}
	for i, n := range d.Actions {
		d.Actions[i].Title = strings.TrimSpace(n.Title)
		if !old.made(n.ID) || slices.ContainsFunc(d.Actions[:i], func(a NewAction) bool { return a.ID == n.ID }) {
			d.Actions[i].ID = id.New[id.Action]()
		}
		if m := r.professional(n.Owner); m.ID != "" && n.OwnerName == "" {
			d.Actions[i].OwnerName = m.Name()
		}
	}
	return d
}

// made reports whether the decision made the action before: no other id is
// taken from outside, it might be another row's.
func (d Decision) made(a id.Action) bool {
	return a != "" && slices.ContainsFunc(d.Actions, func(n NewAction) bool { return n.ID == a })
}

// titled gives a result on a known objective the words of the plan. A new one
// keeps only the id that the decision gave it before.
func (r record) titled(o ObjectiveResult, old Decision) ObjectiveResult {
	for _, known := range r.file.Objectives {
		if o.Objective == known.ID {
			from := resultOf(known)
			from.Verdict, from.Comment = o.Verdict, o.Comment
			return from
		}
	}
	o.Title = strings.TrimSpace(o.Title)
	if o.Objective == "" || !slices.ContainsFunc(old.Objectives, func(k ObjectiveResult) bool { return k.Objective == o.Objective }) {
		o.Objective = id.New[id.Objective]()
	}
	return o
}

func (r record) professional(p id.Professional) auth.Professional {
	for _, a := range r.full.Attendance {
		if p != "" && a.Professional.ID == p {
			return a.Professional
		}
	}
	for _, m := range r.full.Team.Members {
		if p != "" && m.ID == p {
			return m.Professional
		}
	}
	return auth.Professional{}
}

func resultOf(o careplan.Objective) ObjectiveResult {
	return ObjectiveResult{Objective: o.ID, Title: o.Title, Expected: o.Expected, Due: o.Due, Owner: o.OwnerName}
}

// withOpen adds the plan's open objectives that the results do not speak of.
func withOpen(results []ObjectiveResult, f careplan.File, plan id.Plan) []ObjectiveResult {
	results = slices.Clone(results)
	for _, o := range f.Objectives {
		said := slices.ContainsFunc(results, func(r ObjectiveResult) bool { return r.Objective == o.ID })
		if o.Plan == plan && o.Lifecycle.Open() && !said {
			results = append(results, resultOf(o))
		}
	}
	return results
}

// The most that a decision may hold.
const (
	maxText  = 20_000 // characters
	maxParts = 100    // objectives, actions
)

// check gathers what is wrong with a decision on the case.
func (r record) check(d Decision) *fault.Check {
	c := &fault.Check{}
	for name, text := range map[string]string{
		"summary": d.Summary, "options": d.Options, "wishes": d.Wishes, "words": d.Words, "dissent": d.Dissent, "dissent_by": d.DissentBy,
		"informer": d.Informer,
	} {
		c.That(len([]rune(text)) <= maxText, name, "Ce texte est trop long.")
	}
	c.That(d.Type == "" || knownType(d.Type), "type", "Choisissez le type de document.")
	day := date.Of(r.full.Meeting.Starts.In(r.full.Meeting.Location()))
	notBefore := func(d date.Date, name string) {
		c.That(d.IsZero() || !d.Before(day), name, "Cette date est avant la réunion.")
	}
	notBefore(d.InformBy, "inform_by")
	c.That(d.NextReview.IsZero() || d.NextReview.After(day), "next_review", "La prochaine réévaluation vient après la réunion.")
	c.That(len(d.Objectives) <= maxParts && len(d.Actions) <= maxParts, "objectives", "Trop d’objectifs ou d’actions.")
	for _, o := range d.Objectives {
		r.checkObjective(c, o)
	}
	for _, n := range d.Actions {
		c.That(strings.TrimSpace(n.Title) != "", "actions", "Dites ce qu’il y a à faire.")
		c.That(len([]rune(n.Title)) <= maxText, "actions", "Ce texte est trop long.")
		c.That(n.Owner == "" || r.professional(n.Owner).ID != "", "actions", "Cette personne n’est pas de l’équipe.")
		c.That(n.Objective == "" || r.has(n.Objective), "actions", "Cet objectif n’est pas du plan de ce patient.")
		notBefore(n.Due, "actions")
	}
	return c
}

func (r record) checkObjective(c *fault.Check, o ObjectiveResult) {
	c.That(len([]rune(o.Comment+o.Title+o.Expected)) <= maxText, "objectives", "Ce texte est trop long.")
	if o.Verdict == VerdictNew || o.Objective == "" {
		c.That(o.Verdict == VerdictNew && strings.TrimSpace(o.Title) != "", "objectives", "Donnez un titre au nouvel objectif.")
		return
	}
	c.That(o.Verdict == "" || slices.Contains(Verdicts, o.Verdict), "objectives", "Choisissez un verdict.")
	c.That(r.has(o.Objective), "objectives", "Cet objectif n’est pas du plan de ce patient.")
}

// has reports whether the patient's plans hold the objective.
func (r record) has(o id.Objective) bool {
	return slices.ContainsFunc(r.file.Objectives, func(k careplan.Objective) bool { return k.ID == o })
}
