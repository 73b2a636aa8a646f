package storetest

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/minutes"
)

// outside is what a general practitioner writes about the ward's patient "gp".
func outside() agenda.OutsideContent {
	return agenda.OutsideContent{
		Traits:   agenda.Traits{BirthFamily: "ESSAI GP", BirthGiven: "Claude", BirthDate: date.New(1940, 1, 2)},
		Question: "Insuline le soir ?",
		Details: agenda.Details{
			ISBAR:    agenda.ISBAR{Situation: "Hypoglycémies"},
			Outsider: agenda.Outsider{Name: "Odile Ferrandou", Profession: "medecin", Email: "odile@cabinet.example"},
		},
	}
}

func (w *ward) door(t *testing.T) agenda.OutsideLink {
	t.Helper()
	l, err := w.agenda.NewOutsideLink(context.Background(), w.Secretary, w.Team.ID, "Cabinet", 30)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestARequestFromOutsideIsAnsweredBySigning(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r := newRoom(t, s, sick{ipp: "gp", patient: func(p *careplan.Patient) { p.BirthFamily = "Essai-Gp" }, plan: due(date.New(2026, 11, 10))})
		o, err := r.agenda.AskOutside(ctx, r.door(t).Token(), "192.0.2.1", "fr", agenda.Urgent, outside())
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := r.agenda.OutsideRequest(ctx, r.Clinician, o.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a clinician reads it: %v", err)
		}
		read, proposals, err := r.agenda.OutsideRequest(ctx, r.Secretary, o.ID)
		if err != nil || len(proposals) != 1 || proposals[0].ID != r.ids["gp"] || read.ISBAR.Situation != "Hypoglycémies" {
			t.Fatalf("proposed %+v, %v", proposals, err)
		}
		q, err := r.agenda.Match(ctx, r.Secretary, o.ID, read.Version, r.ids["gp"])
		if err != nil || q.ID != o.ID {
			t.Fatalf("matched %+v, %v", q, err)
		}
		if _, err := r.agenda.Match(ctx, r.Secretary, o.ID, read.Version, r.ids["gp"]); !fault.Is(err, fault.Conflict) {
			t.Errorf("matched twice: %v", err)
		}
		r.decide(t, "gp", func(d *minutes.Decision) { d.Summary = "Insuline le matin" })
		r.at = over
		if r.state, err = r.Meetings.End(ctx, r.Chair, r.state.ID, r.state.Version); err != nil {
			t.Fatal(err)
		}
		if _, err := r.minutes.Sign(ctx, r.Chair, r.state.ID, r.state.Version); err != nil {
			t.Fatalf("sign: %v", err)
		}
		got, err := r.agenda.Request(ctx, r.Secretary, o.ID)
		if err != nil || got.Status != agenda.RequestAnswered || !got.AnsweredAt.Equal(over) || got.Meeting != r.state.ID {
			t.Errorf("answered: %+v, %v", got, err)
		}
		if v, err := r.agenda.Track(ctx, o.Ticket()); err != nil || v.State != agenda.TrackAnswered {
			t.Errorf("tracked: %s, %v", v.State, err)
		}
		if n := count(t, s, event.RequestAnswered, o); n != 1 {
			t.Errorf("%d events of the answer", n)
		}
	})
}

func count(t *testing.T, s *store.Store, k event.Kind, o agenda.Outside) (n int) {
	t.Helper()
	events, err := s.UntreatedEvents(context.Background(), "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Kind == k && e.Request == o.ID {
			n++
		}
	}
	return n
}

func TestRequestsFromOutsideAreLimitedWhenSentAtOnce(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		w := newWard(t, s)
		token := w.door(t).Token()
		var kept, limited atomic.Int32
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				_, err := w.agenda.AskOutside(context.Background(), token, "192.0.2.1", "fr", agenda.Routine, outside())
				switch {
				case err == nil:
					kept.Add(1)
				case fault.Is(err, fault.Limited):
					limited.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if kept.Load() != 10 || limited.Load() != 6 {
			t.Errorf("%d kept, %d limited", kept.Load(), limited.Load())
		}
	})
}

// A late request is traced when made and when it is placed on the closed
// agenda, and is late for that meeting alone.
func TestALateRequestIsTraced(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		w := newWard(t, s, sick{ipp: "request", circle: true})
		at := w.meeting.Meeting.Cutoff.Add(-time.Second)
		w.agenda = agenda.NewService(s, careplan.NewService(s, func() time.Time { return at }), func() time.Time { return at })
		asked := agenda.Asked{Team: w.Team.ID, Patient: w.ids["request"], Question: "?", Urgency: agenda.Soon}
		if r, err := w.agenda.Ask(ctx, w.Clinician, asked); err != nil || r.Late() {
			t.Errorf("a second before the cut-off: late %t, %v", r.Late(), err)
		} else if err := w.agenda.WithdrawRequest(ctx, w.Clinician, r.ID, 1); err != nil {
			t.Fatal(err)
		}
		at = w.meeting.Meeting.Cutoff
		r, err := w.agenda.Ask(ctx, w.Clinician, asked)
		if err != nil || !r.Late() {
			t.Fatalf("at the cut-off: late %t, %v", r.Late(), err)
		}
		g, err := w.agenda.Draft(ctx, w.Secretary, w.meeting.Meeting.ID)
		if err != nil || len(g.Items) != 1 || !g.Items[0].Late() || !strings.Contains(g.Items[0].Reasons[0].Text("fr"), "inscription tardive") {
			t.Fatalf("the line: %+v, %v", g.Items, err)
		}
		entries, err := s.AuditEntries(ctx, w.Org.ID, audit.Filter{Team: w.Team.ID, Limit: 50})
		found := map[string]bool{}
		for _, e := range entries {
			if strings.Contains(e.Detail, "late") {
				found[e.Action] = true
			}
		}
		if err != nil || !found["request.make"] || !found["agenda.draft"] {
			t.Errorf("traced as late: %v, %v", found, err)
		}
	})
}

// TestWhatIsTypedOutsideCanAlwaysBeMatched: PostgreSQL keeps no NUL in a text;
// characters that turn the direction of writing would disguise a name.
func TestWhatIsTypedOutsideCanAlwaysBeMatched(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, w := context.Background(), newWard(t, s, sick{ipp: "gp", plan: due(date.New(2026, 11, 10))})
		in := outside()
		in.Question, in.ISBAR.Situation = "Insuline\x00 le soir ?\nDose \u202e?", "Nuit\xff\x00"
		in.Outsider.Name = "Odile\x00\u2066 Ferrandou"
		o, err := w.agenda.AskOutside(ctx, w.door(t).Token(), "192.0.2.1", "fr", agenda.Urgent, in)
		if err != nil {
			t.Fatal(err)
		}
		q, err := w.agenda.Match(ctx, w.Secretary, o.ID, 1, w.ids["gp"])
		if err != nil {
			t.Fatalf("it cannot be matched: %v", err)
		}
		if q, err = w.agenda.Request(ctx, w.Secretary, q.ID); err != nil || q.Question != "Insuline le soir ?\nDose ?" || q.ByName != "Odile Ferrandou" {
			t.Errorf("kept %q by %q, %v", q.Question, q.ByName, err)
		}
	})
}

// TestAQuestionThatTheMeetingDidNotHearWaits: between the end of a meeting and
// the signature people go on asking. What was asked, or matched, once the case was
// over is no part of what is signed.
func TestAQuestionThatTheMeetingDidNotHearWaits(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r := newRoom(t, s, sick{ipp: "gp", plan: due(date.New(2026, 11, 10))})
		ask := func() agenda.Request {
			q, err := r.agenda.Ask(ctx, r.Secretary, agenda.Asked{Team: r.Team.ID, Patient: r.ids["gp"], Question: "Et le soir ?", Urgency: agenda.Soon})
			if err != nil {
				t.Fatal(err)
			}
			return q
		}
		heard := ask()
		o, err := r.agenda.AskOutside(ctx, r.door(t).Token(), "192.0.2.1", "fr", agenda.Soon, outside())
		if err != nil {
			t.Fatal(err)
		}
		r.decide(t, "gp", func(d *minutes.Decision) { d.Summary = "Insuline le matin" })
		r.end(t)
		r.at = over.Add(time.Hour)
		late := ask()
		if _, err := r.agenda.Match(ctx, r.Secretary, o.ID, 1, r.ids["gp"]); err != nil {
			t.Fatal(err)
		}
		if _, err := r.minutes.Sign(ctx, r.Chair, r.state.ID, r.state.Version); err != nil {
			t.Fatalf("sign: %v", err)
		}
		for name, test := range map[string]struct {
			id   id.Request
			want agenda.RequestStatus
		}{
			"asked before":                {heard.ID, agenda.RequestAnswered},
			"asked after":                 {late.ID, agenda.RequestWaiting},
			"asked before, matched after": {o.ID, agenda.RequestWaiting},
		} {
			if q, err := r.agenda.Request(ctx, r.Secretary, test.id); err != nil || q.Status != test.want {
				t.Errorf("%s: %s, %v; want %s", name, q.Status, err, test.want)
			}
		}
		if n := count(t, s, event.RequestAnswered, o); n != 0 {
			t.Errorf("whoever asked from outside is told of an answer %d times", n)
		}
	})
}
