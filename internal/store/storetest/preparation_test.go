package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/agenda/preparation"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// prepared is a ward with one case of which the nurse cares for the patient, and
// one that only the chair sees.
type prepared struct {
	*ward
	prep  *preparation.Service
	now   time.Time
	mine  id.Case
	other id.Case
}

func prepare(t *testing.T, s *store.Store) *prepared {
	t.Helper()
	w := newWard(t, s)
	p := &prepared{ward: w, now: Now}
	p.prep = preparation.NewService(s, w.agenda, func() time.Time { return p.now })
	w.admit(t, sick{
		ipp: "1", circle: true, plan: due(date.New(2026, 11, 10)),
		objectives: []careplan.Objective{{Title: "Cicatriser", Domain: "soins", Lifecycle: careplan.Active}},
	}, sick{ipp: "2", plan: due(date.New(2026, 11, 11)), objectives: []careplan.Objective{{Title: "Fini", Domain: "nutrition", Lifecycle: careplan.ObjectiveCompleted}}})
	g, err := w.agenda.Draft(context.Background(), w.Secretary, w.meeting.Meeting.ID)
	if err != nil || len(g.Items) != 2 {
		t.Fatalf("draft: %+v, %v", g, err)
	}
	for _, l := range g.Items {
		if l.Patient.IPP == "1" {
			p.mine = l.ID
		} else {
			p.other = l.ID
		}
	}
	return p
}

func (p *prepared) sheet(t *testing.T, a auth.Actor, c id.Case) preparation.Sheet {
	t.Helper()
	sheet, err := p.prep.Of(context.Background(), a, c)
	if err != nil {
		t.Fatal(err)
	}
	return sheet
}

func TestAContributionIsAskedWrittenAndKept(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, p := context.Background(), prepare(t, s)
		if err := p.prep.AskFor(ctx, p.Clinician, p.mine, p.Clinician.Professional); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a clinician asks: %v", err)
		}
		if err := p.prep.AskFor(ctx, p.Secretary, p.other, p.Clinician.Professional); !fault.Is(err, fault.Invalid) {
			t.Errorf("asked of somebody who may not see the patient: %v", err)
		}
		if err := p.prep.AskFor(ctx, p.Secretary, p.mine, p.Clinician.Professional); err != nil {
			t.Fatal(err)
		}
		if err := p.prep.AskFor(ctx, p.Secretary, p.mine, p.Clinician.Professional); err != nil {
			t.Fatal(err)
		}
		if got := pending(t, s, event.ContributionAsked); len(got) != 1 || got[0].Professional != p.Clinician.Professional || got[0].Patient != "" {
			t.Errorf("asked twice within minutes, told %d times: %+v", len(got), got)
		}
		own, err := p.prep.Own(ctx, p.Clinician, 10)
		if err != nil || len(own) != 1 || own[0].Item.ID != p.mine || own[0].AskedBy != p.Secretary.Name || own[0].Starts.Hour() != 14 {
			t.Fatalf("own asks: %+v, %v", own, err)
		}
		p.now = Now.Add(2 * time.Hour)
		if err := p.prep.AskFor(ctx, p.Secretary, p.mine, p.Clinician.Professional); err != nil {
			t.Fatal(err)
		}
		if got := pending(t, s, event.ContributionAsked); len(got) != 2 {
			t.Errorf("a reminder after two hours: told %d times", len(got))
		}
		// The author opened the page before anybody asked: version 0 still stands.
		k, err := p.prep.Contribute(ctx, p.Clinician, p.mine, preparation.Contribution{Text: "  Plaie propre.  ", Opinion: true})
		if err != nil || k.Version != 1 || k.Text != "Plaie propre." {
			t.Fatalf("written: %+v, %v", k, err)
		}
		sheet := p.sheet(t, p.Secretary, p.mine)
		if len(sheet.Contributions) != 1 || sheet.Contributions[0].AskedBy != p.Secretary.Name || !sheet.Contributions[0].WrittenAt.Equal(p.now) || sheet.Contributions[0].Profession != "infirmier" {
			t.Errorf("kept: %+v", sheet.Contributions)
		}
		if own, err := p.prep.Own(ctx, p.Clinician, 10); err != nil || len(own) != 0 {
			t.Errorf("own asks once written: %+v, %v", own, err)
		}
		if who, err := p.prep.Unanswered(ctx, p.System, p.meeting.Meeting.ID); err != nil || len(who) != 0 {
			t.Errorf("unanswered once written: %v, %v", who, err)
		}
		if err := p.prep.AskFor(ctx, p.Secretary, p.mine, p.Clinician.Professional); !fault.Is(err, fault.Conflict) {
			t.Errorf("asked once written: %v", err)
		}
	})
}

func TestTwoTextsOfOneAuthorDoNotOverwriteEachOther(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, p := context.Background(), prepare(t, s)
		if _, err := p.prep.Contribute(ctx, p.Clinician, p.mine, preparation.Contribution{Text: "Un"}); err != nil {
			t.Fatal(err)
		}
		if _, err := p.prep.Contribute(ctx, p.Clinician, p.mine, preparation.Contribution{Text: "Deux"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("from an older page: %v", err)
		}
		if got := p.sheet(t, p.Clinician, p.mine).Mine; got.Text != "Un" || got.Version != 1 {
			t.Errorf("kept: %+v", got)
		}
		if _, err := p.prep.Contribute(ctx, p.Clinician, p.mine, preparation.Contribution{Text: "Trois", Version: 1}); err != nil {
			t.Error(err)
		}
		for _, text := range []string{"", "  \n "} {
			if _, err := p.prep.Contribute(ctx, p.Clinician, p.mine, preparation.Contribution{Text: text, Version: 2}); !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", text, err)
			}
		}
		first := preparation.ISBAR{ISBAR: agenda.ISBAR{Situation: "Chute", Recommendation: "Canne ?"}}
		if err := p.prep.Summarise(ctx, p.Clinician, p.mine, first); err != nil {
			t.Fatal(err)
		}
		if err := p.prep.Summarise(ctx, p.Secretary, p.mine, preparation.ISBAR{ISBAR: agenda.ISBAR{Situation: "Autre"}}); !fault.Is(err, fault.Conflict) {
			t.Errorf("summary from an older page: %v", err)
		}
		got := p.sheet(t, p.Secretary, p.mine)
		if got.ISBAR.Situation != "Chute" || got.ISBAR.By != p.Clinician.Name || got.ISBAR.Version != 1 || got.Asked() != "Canne ?" {
			t.Errorf("summary: %+v", got.ISBAR)
		}
	})
}

func TestOnlyTheTeamAndTheCirclePrepareACase(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, p := context.Background(), prepare(t, s)
		text := preparation.Contribution{Text: "Avis"}
		for name, refused := range map[string]error{
			"outside the circle": second(p.prep.Of(ctx, p.Clinician, p.other)),
			"a stranger":         second(p.prep.Of(ctx, p.Stranger, p.mine)),
			"writes outside":     second(p.prep.Contribute(ctx, p.Clinician, p.other, text)),
			"a stranger writes":  second(p.prep.Contribute(ctx, p.Stranger, p.mine, text)),
			"the secretary":      second(p.prep.Contribute(ctx, p.Secretary, p.mine, text)),
			"sums up outside":    p.prep.Summarise(ctx, p.Clinician, p.other, preparation.ISBAR{ISBAR: agenda.ISBAR{Situation: "x"}}),
			"asks everyone":      second(p.prep.AskAll(ctx, p.Clinician, agenda.Agenda{Meeting: p.meeting.Meeting.ID})),
			"a stranger lists":   second(p.prep.OfMeeting(ctx, p.Stranger, agenda.Agenda{Meeting: p.meeting.Meeting.ID})),
			"not a job":          second(p.prep.Unanswered(ctx, p.Chair, p.meeting.Meeting.ID)),
		} {
			if !fault.Is(refused, fault.Forbidden) {
				t.Errorf("%s: %v", name, refused)
			}
		}
		entries, err := s.AuditEntries(ctx, p.Org.ID, audit.Filter{Action: "contribution.write", Limit: 5})
		if err != nil || len(entries) != 1 || entries[0].Outcome != audit.Refused || entries[0].Patient == "" {
			t.Errorf("the secretary's refusal leaves its trace: %+v, %v", entries, err)
		}
		if _, err := p.prep.Contribute(ctx, p.Chair, p.other, text); err != nil {
			t.Errorf("the chair: %v", err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestNothingIsWrittenOnceTheCaseIsDiscussed(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, p := context.Background(), prepare(t, s)
		m := p.meeting.Meeting
		for _, step := range []func(context.Context, auth.Actor, id.Meeting, int) (meetings.Meeting, error){p.Meetings.Open, p.Meetings.Start} {
			full, err := p.Meetings.Get(ctx, p.Chair, m.ID)
			if err == nil {
				_, err = step(ctx, p.Chair, m.ID, full.Meeting.Version)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := p.prep.Contribute(ctx, p.Clinician, p.mine, preparation.Contribution{Text: "En séance"}); err != nil {
			t.Fatalf("while the meeting runs: %v", err)
		}
		if _, err := p.agenda.Begin(ctx, p.Chair, p.mine); err != nil {
			t.Fatal(err)
		}
		if _, err := p.agenda.Finish(ctx, p.Chair, p.mine); err != nil {
			t.Fatal(err)
		}
		if _, err := p.prep.Contribute(ctx, p.Clinician, p.mine, preparation.Contribution{Text: "Trop tard", Version: 1}); !fault.Is(err, fault.Conflict) {
			t.Errorf("once discussed: %v", err)
		}
		if err := p.prep.Summarise(ctx, p.Chair, p.mine, preparation.ISBAR{ISBAR: agenda.ISBAR{Situation: "Trop tard"}}); !fault.Is(err, fault.Conflict) {
			t.Errorf("summed up once discussed: %v", err)
		}
		sheet := p.sheet(t, p.Clinician, p.mine)
		if sheet.Writes || sheet.Edits || sheet.Contributions[0].Text != "En séance" {
			t.Errorf("sheet: %+v", sheet)
		}
	})
}

func TestEverybodyIsAskedOnceForWhatIsMissing(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, p := context.Background(), prepare(t, s)
		g, err := p.agenda.Get(ctx, p.Secretary, p.meeting.Meeting.ID)
		if err != nil {
			t.Fatal(err)
		}
		// The nurse for the wound; the chair, whose profession the quorum requires, for both.
		if n, err := p.prep.AskAll(ctx, p.Secretary, g); err != nil || n != 3 {
			t.Fatalf("asked for %d, %v", n, err)
		}
		if got := pending(t, s, event.ContributionAsked); len(got) != 2 {
			t.Errorf("%d people are told: %+v", len(got), got)
		}
		if n, err := p.prep.AskAll(ctx, p.Secretary, g); err != nil || n != 0 {
			t.Errorf("asked again for %d, %v", n, err)
		}
		if who, err := p.prep.Unanswered(ctx, p.System, g.Meeting); err != nil || len(who) != 2 {
			t.Errorf("unanswered: %v, %v", who, err)
		}
		ready, err := p.prep.OfMeeting(ctx, p.Secretary, g)
		if err != nil || len(ready) != 2 || ready[p.mine].Ready() || len(ready[p.mine]) != 6 {
			t.Errorf("readiness: %+v, %v", ready, err)
		}
	})
}

func TestAWrittenOpinionCountsWhereTheTeamAcceptsIt(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, p := context.Background(), prepare(t, s)
		m := p.meeting.Meeting.ID
		if _, err := p.prep.Contribute(ctx, p.Clinician, p.mine, preparation.Contribution{Text: "Avis", Opinion: true}); err != nil {
			t.Fatal(err)
		}
		present, absent := meetings.Present, meetings.Absent
		social := p.Team.Members[3].ID
		if _, err := p.Meetings.SetAttendance(ctx, p.Secretary, m, []meetings.AttendanceEdit{
			{Professional: p.Chair.Professional, Presence: &present},
			{Professional: social, Presence: &present},
			{Professional: p.Clinician.Professional, Presence: &absent},
		}); err != nil {
			t.Fatal(err)
		}
		svc := minutes.NewService(s, p.patients, nil, nil, Clock)
		judged := func(c id.Case) meetings.Quorum {
			t.Helper()
			d, err := svc.Decision(ctx, p.Chair, c)
			if err != nil {
				t.Fatal(err)
			}
			return d.Quorum
		}
		if q := judged(p.mine); q.State != meetings.QuorumNotReached || len(q.Written) != 0 {
			t.Errorf("where the team does not accept it: %+v", q)
		}
		team, err := p.Meetings.Team(ctx, p.System, p.Team.ID)
		if err != nil {
			t.Fatal(err)
		}
		team.Quorum.Written = true
		if _, err := p.Meetings.SaveTeam(ctx, p.System, team); err != nil {
			t.Fatal(err)
		}
		if q := judged(p.mine); q.State != meetings.QuorumReached || len(q.Written) != 1 || q.Professions != 3 {
			t.Errorf("where it does: %+v", q)
		}
		if q := judged(p.other); q.State != meetings.QuorumNotReached {
			t.Errorf("for another case: %+v", q)
		}
	})
}
