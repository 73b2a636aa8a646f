package storetest

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify"
)

// classroom is a house with a training team beside its own: the same people.
type classroom struct {
	*post
	patients *careplan.Service
	agenda   *agenda.Service
	class    meetings.Team
	lesson   meetings.Meeting
}

func newClassroom(t *testing.T, s *store.Store) *classroom {
	t.Helper()
	ctx, c := context.Background(), &classroom{post: newPost(t, s)}
	c.patients = careplan.NewService(s, Clock)
	c.agenda = agenda.NewService(s, c.patients, Clock)
	team := c.Team
	team.ID, team.Version, team.Name, team.Training = "", 0, "Formation", true
	var err error
	if c.class, err = c.Meetings.SaveTeam(ctx, c.System, team); err != nil {
		t.Fatal(err)
	}
	c.Secretary.Teams[c.class.ID] = c.Secretary.Teams[c.Team.ID]
	if _, err = c.patients.MakeFictional(ctx, c.Secretary, c.class.ID, nil); err != nil {
		t.Fatal(err)
	}
	c.lesson, err = c.Meetings.Create(ctx, c.Secretary, c.class.ID, "", meetings.Move{
		Starts: time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC), Ends: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC), Room: "B",
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// found are the patients of a team, by search.
func (c *classroom) found(t *testing.T, team id.Team) []careplan.Summary {
	t.Helper()
	all, _, err := c.patients.Search(context.Background(), c.Secretary, "", team, "", 50)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestFictionalPatientsFillATrainingTeam(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, c := context.Background(), newClassroom(t, s)
		again, err := c.patients.MakeFictional(ctx, c.Secretary, c.class.ID, nil)
		if err != nil || again.Changed() || len(again.Lines) > 0 {
			t.Errorf("a second time: %+v, %v", again, err)
		}
		all := c.found(t, c.class.ID)
		if len(all) != 12 {
			t.Fatalf("%d patients, want 12", len(all))
		}
		for _, p := range all {
			if !p.Patient.Fictional || p.Patient.Identity != careplan.Provisional || p.Patient.INS.Matricule+p.Patient.IPP != "" {
				t.Errorf("%s is %+v", p.Patient.Name(), p.Patient)
			}
		}
		if g, err := c.agenda.Draft(ctx, c.Secretary, c.lesson.ID); err != nil || len(g.Items) == 0 {
			t.Errorf("agenda of %d lines, %v", len(g.Items), err)
		}
	})
}

func TestTrainingAndCareStayApart(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, c := context.Background(), newClassroom(t, s)
		report, err := c.patients.Import(ctx, c.System, careplan.Target{Org: c.Org.ID, Team: c.Team.ID}, someone())
		if err != nil || !report.Changed() {
			t.Fatalf("import: %+v, %v", report, err)
		}
		followed, invented := c.found(t, c.Team.ID), c.found(t, c.class.ID)
		if len(followed) != 1 || followed[0].Patient.Fictional {
			t.Fatalf("followed: %+v", followed)
		}
		genuine, fictional := followed[0].Patient.ID, invented[0].Patient.ID
		ask := func(team id.Team, p id.Patient) error {
			_, err := c.agenda.Ask(ctx, c.Secretary, agenda.Asked{Team: team, Patient: p, Question: "Et après ?", Urgency: agenda.Routine})
			return err
		}
		add := func(m id.Meeting, p id.Patient) error {
			_, err := c.agenda.Add(ctx, c.Secretary, m, p, "Et après ?", 8)
			return err
		}
		for what, err := range map[string]error{
			"a fictional patient asked of a genuine team": ask(c.Team.ID, fictional), "a genuine one of the training team": ask(c.class.ID, genuine),
			"a fictional patient on a genuine agenda": add(c.meeting.ID, fictional), "a genuine one on a lesson's": add(c.lesson.ID, genuine),
			"a genuine plan given to the training team": c.patients.AssignPlan(ctx, c.Secretary, followed[0].Plan, c.class.ID, 1),
			"a fictional plan given to a genuine team":  c.patients.AssignPlan(ctx, c.Secretary, invented[0].Plan, c.Team.ID, 1),
		} {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := ask(c.class.ID, fictional); err != nil {
			t.Errorf("a fictional patient asked of the training team: %v", err)
		}
		report, err = c.patients.Import(ctx, c.System, careplan.Target{Org: c.Org.ID, Team: c.class.ID}, someone())
		if err != nil || report.Changed() || len(report.Lines) == 0 {
			t.Errorf("import into the training team: %+v, %v", report, err)
		}
		report, err = c.patients.MakeFictional(ctx, c.Secretary, c.Team.ID, nil)
		if err != nil || report.Changed() || len(report.Lines) == 0 {
			t.Errorf("fictional patients of a genuine team: %+v, %v", report, err)
		}
	})
}

func someone() careplan.Batch {
	who := careplan.Key{System: "urn:test", Value: "1"}
	return careplan.Batch{
		Patients: []careplan.SourcePatient{{Keys: []careplan.Key{who}, Patient: careplan.Patient{
			BirthFamily: "Aubriot", BirthGiven: "Lucienne", Sex: careplan.Female, Identity: careplan.Provisional, Sharing: careplan.SharingAgreed,
		}}},
		Plans: []careplan.SourcePlan{{Key: careplan.Key{System: "urn:plan", Value: "1"}, Patient: who, Plan: careplan.Plan{
			Title: "Rester chez soi", Status: careplan.PlanActive,
		}}},
	}
}

func TestATrainingTeamStaysOne(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, c := context.Background(), newClassroom(t, s)
		for team, want := range map[id.Team]bool{c.class.ID: true, c.Team.ID: false} {
			was, err := c.Meetings.Team(ctx, c.Secretary, team)
			if err != nil {
				t.Fatal(err)
			}
			was.Training = !was.Training
			if _, err := c.Meetings.SaveTeam(ctx, c.Secretary, was); err != nil {
				t.Fatal(err)
			}
			if now, err := c.Meetings.Team(ctx, c.Secretary, team); err != nil || now.Training != want {
				t.Errorf("%s: training %v, %v", now.Name, now.Training, err)
			}
		}
	})
}

func TestNoMailLeavesATrainingTeam(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, c := context.Background(), newClassroom(t, s)
		forgetEvents(t, s)
		opened, err := c.Meetings.Open(ctx, c.Secretary, c.lesson.ID, c.lesson.Version)
		if err != nil {
			t.Fatal(err)
		}
		c.treat(t)
		if _, err := c.Meetings.Cancel(ctx, c.Secretary, opened.ID, opened.Version, "neige"); err != nil {
			t.Fatal(err)
		}
		c.treat(t)
		written := len(c.all(t))
		if written < 2 {
			t.Fatalf("%d messages written: nothing was tried", written)
		}
		for i, e := range c.everyKind(opened) {
			c.put(t, i, e)
		}
		dir := t.TempDir()
		box, err := notify.NewMaildir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := notify.NewSender(s, box, c.clock, func() float64 { return 0.5 }, 0).RunOnce(ctx); err != nil || n != 0 {
			t.Errorf("sent %d, %v", n, err)
		}
		if mails, err := filepath.Glob(filepath.Join(dir, "*", "*")); err != nil || len(mails) > 0 {
			t.Errorf("mails %v, %v", mails, err)
		}
		for _, m := range c.all(t) {
			if !m.Kept || m.Status != notify.Cancelled {
				t.Errorf("%s to %s is %s, kept %v", m.Kind, m.Address, m.Status, m.Kept)
			}
			if err := c.outbox.Retry(ctx, c.Secretary, m.ID); err == nil {
				t.Error("a message of a training team was sent again")
			}
		}
	})
}

// everyKind is one event of each kind, and one by each thing that names the team.
func (c *classroom) everyKind(m meetings.Meeting) []event.Event {
	var all []event.Event
	for _, k := range []event.Kind{
		event.MeetingOpened, event.MeetingMoved, event.MeetingCancelled, event.MeetingClosed, event.MeetingChanged, event.AttendeeAdded,
		event.AttendeeRemoved, event.SeriesChanged, event.AnswerWanted, event.QuorumThreatened, event.ProposalRefused, event.AgendaChanged,
		event.PlanMade, event.RequestMade, event.RequestReceived, event.RequestAnswered, event.DecisionsRecorded, event.MinutesSigned,
		event.ContributionAsked, event.ContributionWritten, event.PatientImported,
	} {
		byTeam, byMeeting := c.Secretary.Event(Now, k), c.Secretary.Event(Now, k)
		byTeam.Team, byMeeting.Meeting = c.class.ID, m.ID
		all = append(all, byTeam, byMeeting)
	}
	return all
}

// put stores an event and a message for it that says nothing of its meeting.
func (c *classroom) put(t *testing.T, i int, e event.Event) {
	t.Helper()
	by := c.Secretary.Change(Now, "test", "meeting", "")
	by.Events = []event.Event{e}
	if err := c.store.Audit(context.Background(), by); err != nil {
		t.Fatal(err)
	}
	err := c.store.PutMessages(context.Background(), e, []notify.Message{{
		Org: c.Org.ID, Event: e.ID, Kind: "notice", Address: "a@b.example", Thread: fmt.Sprint(i), MessageID: fmt.Sprint(i), Subject: "RCP",
		Body: []byte("x"), Created: Now.Add(time.Hour),
	}})
	if err != nil {
		t.Fatal(err)
	}
}
