package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/demo/content"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// held holds and signs last week's meeting, as its chair and secretary did.
func (f *filler) held(ctx context.Context) error {
	last := f.c.LastMeeting
	team := f.teams[last.Team]
	m, err := f.meetingOf(ctx, team, false)
	if err != nil {
		return err
	}
	chair, err := f.leader(ctx, team, auth.Chair)
	if err != nil {
		return err
	}
	if m, err = f.Meetings.Open(ctx, chair, m.ID, m.Version); err != nil {
		return err
	}
	secretary, err := f.leader(ctx, team, auth.Secretary)
	if err != nil {
		return err
	}
	cases, err := f.lastAgenda(ctx, secretary, m)
	if err != nil {
		return err
	}
	f.Clock.Set(at(m, last.Started))
	if m, err = f.Meetings.Start(ctx, chair, m.ID, m.Version); err != nil {
		return err
	}
	if err := f.attend(ctx, m); err != nil {
		return err
	}
	for i, held := range last.Cases {
		f.Clock.Set(at(m, held.Started))
		if err := f.decide(ctx, chair, cases[i], held); err != nil {
			return err
		}
	}
	for i, n := range last.Deferred {
		if _, err := f.Agenda.Defer(ctx, chair, cases[len(last.Cases)+i], deferReason(n.Reason)); err != nil {
			return err
		}
	}
	f.Clock.Set(at(m, last.Ended))
	if m, err = f.Meetings.End(ctx, chair, m.ID, m.Version); err != nil {
		return err
	}
	f.Clock.Set(at(m, last.Ended).Add(25 * time.Minute))
	if f.result.Signed, err = f.Minutes.Sign(ctx, chair, m.ID, m.Version); err != nil {
		return err
	}
	return f.after(ctx, chair, m, cases)
}

func deferReason(words string) string {
	if slices.Contains(agenda.DeferReasons, words) {
		return words
	}
	return "time"
}

// lastAgenda lets the secretary put last week's patients on the agenda in the
// order discussed, those not reached last, and returns their cases.
func (f *filler) lastAgenda(ctx context.Context, secretary auth.Actor, m meetings.Meeting) ([]id.Case, error) {
	type line struct{ patient, question string }
	var lines []line
	for _, c := range f.c.LastMeeting.Cases {
		lines = append(lines, line{c.Patient, c.Question})
	}
	for _, n := range f.c.LastMeeting.Deferred {
		lines = append(lines, line{n.Patient, ""})
	}
	var order []id.Case
	for _, l := range lines {
		file, err := f.patient(ctx, l.patient)
		if err != nil {
			return nil, err
		}
		list, err := f.Agenda.Add(ctx, secretary, m.ID, file.Patient.ID, l.question, 8)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(list.Items, func(it agenda.Item) bool { return it.Patient.ID == file.Patient.ID })
		if i < 0 {
			return nil, fmt.Errorf("%s is not on last week's agenda", l.patient)
		}
		order = append(order, list.Items[i].ID)
	}
	_, err := f.Agenda.Order(ctx, secretary, m.ID, order)
	return order, err
}

func (f *filler) attend(ctx context.Context, m meetings.Meeting) error {
	var edits []meetings.AttendanceEdit
	for _, a := range f.c.LastMeeting.Attendance {
		presence := meetings.Presence(a.Presence)
		e := meetings.AttendanceEdit{Professional: f.people[a.Member].ID, Presence: &presence}
		if a.Arrived != "" {
			t := at(m, a.Arrived)
			e.Arrived = &t
		}
		if a.Left != "" {
			t := at(m, a.Left)
			e.Left = &t
		}
		if a.Note != "" {
			e.Comment = &a.Note
		}
		edits = append(edits, e)
	}
	_, err := f.Meetings.SetAttendance(ctx, f.system, m.ID, edits)
	return err
}

func (f *filler) decide(ctx context.Context, chair auth.Actor, c id.Case, held content.HeldCase) error {
	file, err := f.patient(ctx, held.Patient)
	if err != nil {
		return err
	}
	if _, err := f.Agenda.Begin(ctx, chair, c); err != nil {
		return err
	}
	p, _ := f.c.Patient(held.Patient)
	old, err := f.Minutes.Decision(ctx, chair, c)
	if err != nil {
		return err
	}
	d := f.decision(p, file, held.Decision)
	d.Version = old.Version
	if _, err := f.Minutes.Record(ctx, chair, c, d); err != nil {
		return err
	}
	_, err = f.Agenda.Finish(ctx, chair, c)
	return err
}

// decision turns the written decision into one against the imported plan.
func (f *filler) decision(p content.Patient, file careplan.File, d content.Decision) minutes.Decision {
	out := minutes.Decision{
		Summary: d.Summary, Wishes: d.Wishes, NextReview: f.day(d.NextReviewInDays),
		Informer: f.people[d.Informer].Name(), InformBy: f.day(d.InformByInDays),
	}
	for _, v := range d.Verdicts {
		title := p.Plan.Objectives[v.Objective-1].Title
		out.Objectives = append(out.Objectives, minutes.ObjectiveResult{
			Objective: objective(file, title), Title: title, Verdict: minutes.Verdict(v.Verdict), Comment: v.Comment,
		})
	}
	for _, n := range d.NewObjectives {
		out.Objectives = append(out.Objectives, minutes.ObjectiveResult{
			Title: n.Title, Expected: n.Expected, Due: f.day(n.DueInDays), Owner: f.people[n.Who].Name(), Verdict: minutes.VerdictNew,
		})
	}
	for _, a := range d.Actions {
		action := minutes.NewAction{Title: a.Title, OwnerName: f.people[a.Who].Name(), Due: f.day(a.DueInDays)}
		if f.inTeam(p.Team, f.people[a.Who].ID) { // others are named, as a general practitioner outside is
			action.Owner = f.people[a.Who].ID
		}
		if a.Objective > 0 && a.Objective <= len(p.Plan.Objectives) {
			action.Objective = objective(file, p.Plan.Objectives[a.Objective-1].Title)
		}
		out.Actions = append(out.Actions, action)
	}
	if d.Dissent != nil {
		out.Dissent = f.people[d.Dissent.By].Name() + "\u00a0: " + d.Dissent.Text
	}
	return out
}

func (f *filler) inTeam(team string, p id.Professional) bool {
	return slices.ContainsFunc(f.teams[team].Members, func(m meetings.Member) bool { return m.ID == p })
}

func objective(file careplan.File, title string) id.Objective {
	for _, o := range file.Objectives {
		if o.Title == title {
			return o.ID
		}
	}
	return ""
}

func (f *filler) day(in int) date.Date { return date.Of(f.today).AddDays(in) }

// thisWeek takes the requests, opens this week's meetings (the invitations
// leave) and drafts their agendas, all in the present.
func (f *filler) thisWeek(ctx context.Context) error {
	f.Clock.Reset()
	if err := f.requests(ctx); err != nil {
		return err
	}
	if err := f.protocols(ctx); err != nil {
		return err
	}
	for _, t := range f.c.Teams {
		team := f.teams[t.Key]
		m, err := f.meetingOf(ctx, team, true)
		if err != nil {
			return err
		}
		secretary, err := f.leader(ctx, team, auth.Secretary)
		if err != nil {
			return err
		}
		if m, err = f.Meetings.Open(ctx, secretary, m.ID, m.Version); err != nil {
			return err
		}
		if _, err := f.Agenda.Draft(ctx, secretary, m.ID); err != nil {
			return err
		}
		if err := f.standard(ctx, team, m); err != nil {
			return err
		}
		if err := f.answers(ctx, secretary, m); err != nil {
			return err
		}
		if err := f.prepare(ctx, secretary, t, m); err != nil {
			return err
		}
		f.result.Coming = append(f.result.Coming, m)
	}
	return nil
}

// requests asks for the patients that a colleague has a question about. In an
// RCP every case comes with its question: the referent asks.
func (f *filler) requests(ctx context.Context) error {
	for _, p := range f.c.Patients {
		r := p.Request
		if r == nil && p.Case != nil {
			r = &content.Request{By: p.Referent, Urgency: string(agenda.Routine), Question: p.Case.Question}
		}
		if r == nil {
			continue
		}
		if err := f.ask(ctx, p, r); err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) ask(ctx context.Context, p content.Patient, r *content.Request) error {
	file, err := f.patient(ctx, p.Key)
	if err != nil {
		return err
	}
	if ok, _ := file.Patient.Reviewable(); !ok {
		return nil
	}
	by, err := f.Actor(ctx, f.people[r.By].ID)
	if err != nil { // a colleague without an account, whose request the secretary types
		by = f.system
		by.Professional, by.Name = f.people[r.By].ID, f.people[r.By].Name()
	}
	_, err = f.Agenda.Ask(ctx, by, agenda.Asked{
		Team: f.teams[p.Team].ID, Patient: file.Patient.ID, Question: r.Question, Urgency: agenda.Urgency(r.Urgency),
	})
	return err
}

// answers gives this week's meeting the answers it would have by now: most come,
// one does not, one may, one has not said.
func (f *filler) answers(ctx context.Context, secretary auth.Actor, m meetings.Meeting) error {
	full, err := f.Meetings.Get(ctx, secretary, m.ID)
	if err != nil {
		return err
	}
	pattern := []meetings.Answer{
		meetings.Accepted, meetings.Accepted, meetings.Accepted, meetings.Tentative, meetings.Accepted, meetings.Accepted,
		meetings.Declined, meetings.Accepted, meetings.NeedsAction, meetings.Accepted,
	}
	var edits []meetings.AttendanceEdit
	for i, a := range full.Attendance {
		answer := pattern[i%len(pattern)]
		if answer == meetings.NeedsAction {
			continue
		}
		e := meetings.AttendanceEdit{Professional: a.Professional.ID, Answer: &answer}
		switch i {
		case 1:
			leaves := full.Meeting.Ends.Add(-15 * time.Minute)
			e.ExpectUntil = &leaves
		case 4:
			comes := full.Meeting.Starts.Add(30 * time.Minute)
			e.ExpectFrom = &comes
		}
		edits = append(edits, e)
	}
	_, err = f.Meetings.SetAttendance(ctx, secretary, m.ID, edits)
	return err
}

// meetingOf returns the team's first meeting of today or later, or its last of
// the days before.
func (f *filler) meetingOf(ctx context.Context, team meetings.Team, coming bool) (meetings.Meeting, error) {
	loc, err := time.LoadLocation(team.Zone)
	if err != nil {
		return meetings.Meeting{}, err
	}
	filter, morning := meetings.Filter{Teams: []id.Team{team.ID}, Limit: 1}, date.Of(f.today.In(loc)).In(loc)
	if coming {
		filter.From = morning
	} else {
		filter.To, filter.Newest = morning, true
	}
	all, _, err := f.Meetings.List(ctx, f.system, filter)
	if err != nil {
		return meetings.Meeting{}, err
	}
	if len(all) == 0 {
		return meetings.Meeting{}, fmt.Errorf("no meeting of %s", team.Name)
	}
	return all[0], nil
}

func (f *filler) leader(ctx context.Context, team meetings.Team, role auth.Role) (auth.Actor, error) {
	for _, m := range team.Members {
		if m.Role == role {
			return f.Actor(ctx, m.ID)
		}
	}
	return auth.Actor{}, fmt.Errorf("%s has no %s", team.Name, role)
}

// at is a local hour on the meeting's day.
func at(m meetings.Meeting, clock string) time.Time {
	day := m.Starts.In(m.Location())
	t, err := time.ParseInLocation("2006-01-02 15:04", day.Format("2006-01-02 ")+clock, m.Location())
	if err != nil {
		return m.Starts
	}
	return t
}
