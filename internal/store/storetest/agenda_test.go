package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
)

// ward is a House with patients and the services over them.
type ward struct {
	House
	store    *store.Store
	meeting  meetings.Full
	patients *careplan.Service
	agenda   *agenda.Service
	ids      map[string]id.Patient // by IPP
}

// sick is a patient of the ward: edit changes the plan that is reviewed and
// due later.
type sick struct {
	ipp        string
	patient    func(*careplan.Patient)
	plan       func(*careplan.Plan)
	objectives []careplan.Objective
	actions    []careplan.Action
	circle     bool // the clinician cares for them
}

func newWard(t *testing.T, s *store.Store, people ...sick) *ward {
	t.Helper()
	w := &ward{House: NewHouse(t, s), store: s, patients: careplan.NewService(s, Clock), ids: map[string]id.Patient{}}
	w.agenda = agenda.NewService(s, w.patients, Clock)
	w.meeting = w.Meeting(t)
	w.admit(t, people...)
	return w
}

// admit imports patients with their plans.
func (w *ward) admit(t *testing.T, people ...sick) {
	t.Helper()
	ctx := context.Background()
	var b careplan.Batch
	for _, p := range people {
		b = batchOf(b, p)
	}
	report, err := w.patients.Import(ctx, w.System, careplan.Target{Org: w.Org.ID, Team: w.Team.ID}, b)
	if err != nil || len(report.Lines) > 0 {
		t.Fatalf("import: %+v, %v", report.Lines, err)
	}
	found, _, err := w.patients.Search(ctx, w.System, "", "", "", 200)
	if err != nil {
		t.Fatalf("search: %v", err)
	}
	for _, f := range found {
		w.ids[f.Patient.IPP] = f.Patient.ID
	}
}

func batchOf(b careplan.Batch, s sick) careplan.Batch {
	key := func(kind string, n int) careplan.Key {
		return careplan.Key{System: "urn:test:" + kind, Value: fmt.Sprintf("%s-%d", s.ipp, n)}
	}
	p := careplan.Patient{
		IPP: s.ipp, BirthFamily: "Essai" + s.ipp, BirthGiven: "Claude", Sex: careplan.Female, BirthDate: date.New(1940, 1, 2),
		Identity: careplan.Provisional, Sharing: careplan.SharingAgreed, Language: "fr",
	}
	if s.patient != nil {
		s.patient(&p)
	}
	plan := careplan.Plan{
		Title: "Plan", Status: careplan.PlanActive, Start: date.New(2026, 1, 5), ReferentName: "Inès Karaoui",
		LastReview: date.New(2026, 9, 1), NextReview: date.New(2027, 3, 1),
	}
	if s.plan != nil {
		s.plan(&plan)
	}
	place := careplan.Place{File: "test"}
	b.Patients = append(b.Patients, careplan.SourcePatient{Keys: []careplan.Key{key("patient", 0)}, Place: place, Patient: p})
	b.Plans = append(b.Plans, careplan.SourcePlan{Key: key("plan", 0), Patient: key("patient", 0), Place: place, Plan: plan})
	for i, o := range s.objectives {
		b.Objectives = append(b.Objectives, careplan.SourceObjective{
			Key: key("objective", i), Plan: key("plan", 0), Patient: key("patient", 0), Place: place, Objective: o,
		})
	}
	for i, a := range s.actions {
		b.Actions = append(b.Actions, careplan.SourceAction{
			Key: key("action", i), Plan: key("plan", 0), Patient: key("patient", 0), Place: place, Action: a,
		})
	}
	if s.circle {
		nurse := careplan.Key{System: "urn:rpps", Value: "10100000002"}
		b.Professionals = []careplan.SourceProfessional{{Key: nurse, RPPS: nurse.Value, Name: "Karaoui", Place: place}}
		b.Circle = append(b.Circle, careplan.SourceCircle{Patient: key("patient", 0), Professional: nurse, Role: "referent"})
	}
	return b
}

func due(day date.Date) func(*careplan.Plan) {
	return func(p *careplan.Plan) { p.NextReview = day }
}

// everyReason is a ward with one patient for each rule that needs no service.
func everyReason() []sick {
	return []sick{
		{ipp: "due", plan: due(date.New(2026, 11, 10)), circle: true},
		{ipp: "later", plan: due(date.New(2026, 11, 27))},
		{ipp: "never", plan: func(p *careplan.Plan) { p.LastReview, p.NextReview = date.Date{}, date.Date{} }},
		{ipp: "action", actions: []careplan.Action{{Title: "Barre d’appui", Status: careplan.Requested, Due: date.New(2026, 11, 15)}}},
		{ipp: "objective", objectives: []careplan.Objective{{Title: "Remarcher", Lifecycle: careplan.Active, Due: date.New(2026, 11, 12)}}},
		{ipp: "risk", objectives: []careplan.Objective{{
			Title: "Peser 52 kg", Lifecycle: careplan.Active, Achievement: careplan.Worsening, AchievementOn: date.New(2026, 11, 5),
		}}},
		{ipp: "event"},
		{ipp: "request"},
		{ipp: "quiet"},
		{ipp: "dead", plan: due(date.New(2026, 11, 10)), patient: func(p *careplan.Patient) { p.Deceased = true }},
		{ipp: "opposed", plan: due(date.New(2026, 11, 10)), patient: func(p *careplan.Patient) { p.Sharing = careplan.SharingOpposed }},
		{ipp: "closed", plan: func(p *careplan.Plan) { p.NextReview, p.Status = date.New(2026, 11, 10), careplan.PlanCompleted }},
	}
}

func (w *ward) happens(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	e := careplan.PatientEvent{ID: string(id.New[id.Event]()), Org: w.Org.ID, Patient: w.ids["event"], Kind: careplan.Fall, On: date.New(2026, 11, 19)}
	if _, err := w.patients.AddEvent(ctx, w.System, e); err != nil {
		t.Fatalf("add event: %v", err)
	}
	if _, err := w.agenda.Ask(ctx, w.Secretary, agenda.Asked{Team: w.Team.ID, Patient: w.ids["request"], Question: "Insuline le soir ?", Urgency: agenda.Urgent}); err != nil {
		t.Fatalf("ask: %v", err)
	}
}

// onAgenda are the IPPs of the lines, in order.
func ipps(lines []agenda.Item) []string {
	var all []string
	for _, l := range lines {
		all = append(all, l.Patient.IPP)
	}
	return all
}

func TestAgendaIsDraftedFromEveryReason(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		w := newWard(t, s, everyReason()...)
		w.happens(t)
		g, err := w.agenda.Draft(ctx, w.Secretary, w.meeting.Meeting.ID)
		if err != nil {
			t.Fatalf("draft: %v", err)
		}
		got := ipps(g.Items)
		if want := []string{"request", "event", "due", "risk", "never", "action", "objective"}; !slices.Equal(got, want) {
			t.Errorf("agenda %q, want %q", got, want)
		}
		for _, l := range g.Items {
			if len(l.Reasons) == 0 || l.Reasons[0].Text("fr") == "" || l.Referent != "Inès Karaoui" || l.Minutes != 8 {
				t.Errorf("%s: %d min, referent %q, reasons %+v", l.Patient.IPP, l.Minutes, l.Referent, l.Reasons)
			}
		}
		if g.Capacity != 90 || g.Planned != 56 || g.Hidden != 0 {
			t.Errorf("capacity %d, planned %d, hidden %d", g.Capacity, g.Planned, g.Hidden)
		}
		again, err := w.agenda.Draft(ctx, w.Secretary, w.meeting.Meeting.ID)
		if err != nil || !slices.EqualFunc(again.Items, g.Items, func(a, b agenda.Item) bool { return a.ID == b.ID && a.Version == b.Version }) {
			t.Errorf("drafting again changed lines: %v", err)
		}
		entries, err := s.AuditEntries(ctx, w.Org.ID, audit.Filter{Action: "agenda.draft", Limit: 10})
		if err != nil || len(entries) != 2 || entries[1].Detail != "lines=7" {
			t.Errorf("trace of the drafts: %+v, %v", entries, err)
		}
	})
}

func TestAgendaShowsAClinicianTheirPatientsOnly(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		w := newWard(t, s, everyReason()...)
		full, err := w.agenda.Draft(ctx, w.Chair, w.meeting.Meeting.ID)
		if err != nil {
			t.Fatalf("draft: %v", err)
		}
		g, err := w.agenda.Get(ctx, w.Clinician, w.meeting.Meeting.ID)
		if err != nil || !slices.Equal(ipps(g.Items), []string{"due"}) || g.Hidden != len(full.Items)-1 || g.Planned != full.Planned {
			t.Errorf("clinician sees %q, %d hidden, %v", ipps(g.Items), g.Hidden, err)
		}
		if _, err := w.agenda.Get(ctx, w.Stranger, w.meeting.Meeting.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("stranger: %v", err)
		}
		if _, err := w.agenda.Draft(ctx, w.Clinician, w.meeting.Meeting.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("clinician drafts: %v", err)
		}
		for _, l := range full.Items {
			_, err := w.agenda.Case(ctx, w.Clinician, l.ID)
			if (err == nil) != (l.Patient.IPP == "due") {
				t.Errorf("case of %s: %v", l.Patient.IPP, err)
			}
		}
		refused, err := s.AuditEntries(ctx, w.Org.ID, audit.Filter{Action: "agenda.draft", Actor: w.Clinician.Professional, Limit: 10})
		if err != nil || len(refused) != 1 || refused[0].Outcome != audit.Refused {
			t.Errorf("trace of the refusal: %+v, %v", refused, err)
		}
	})
}

func TestAgendaKeepsTheSecretarysHand(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		w := newWard(t, s, everyReason()...)
		m := w.meeting.Meeting.ID
		must := func(g agenda.Agenda, err error) agenda.Agenda {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			return g
		}
		g := must(w.agenda.Draft(ctx, w.Secretary, m)) // due, risk, never, action, objective
		last := g.Items[len(g.Items)-1]
		must(w.agenda.Order(ctx, w.Secretary, m, []id.Case{last.ID}))
		g = must(w.agenda.Add(ctx, w.Secretary, m, w.ids["quiet"], "Vacances ?", 5))
		if err := w.agenda.Withdraw(ctx, w.Secretary, caseOf(t, g, "never"), "vue en visite"); err != nil {
			t.Fatalf("withdraw: %v", err)
		}
		if err := w.agenda.SetMinutes(ctx, w.Secretary, caseOf(t, g, "risk"), 20); err != nil {
			t.Fatalf("set minutes: %v", err)
		}
		g = must(w.agenda.Draft(ctx, w.Secretary, m))
		if want := []string{"objective", "due", "risk", "action", "quiet"}; !slices.Equal(ipps(g.Items), want) {
			t.Errorf("agenda %q, want %q", ipps(g.Items), want)
		}
		if !g.Items[0].Pinned || g.Items[2].Minutes != 20 || g.Items[4].Question != "Vacances ?" || g.Planned != 49 {
			t.Errorf("pinned %v, minutes %d, planned %d", g.Items[0].Pinned, g.Items[2].Minutes, g.Planned)
		}
		if len(g.Withdrawn) != 1 || g.Withdrawn[0].DeferWhy != "vue en visite" {
			t.Errorf("withdrawn: %+v", g.Withdrawn)
		}
		if err := w.agenda.Restore(ctx, w.Secretary, g.Withdrawn[0].ID); err != nil {
			t.Errorf("restore: %v", err)
		}
		g = must(w.agenda.Get(ctx, w.Secretary, m))
		if got := ipps(g.Items); !slices.Equal(got, []string{"objective", "due", "risk", "never", "action", "quiet"}) {
			t.Errorf("after restoring: %q, want it where it stood", got)
		}
		if _, err := w.agenda.Add(ctx, w.Secretary, m, w.ids["quiet"], "", 0); !fault.Is(err, fault.Conflict) {
			t.Errorf("added twice: %v", err)
		}
	})
}

func caseOf(t *testing.T, g agenda.Agenda, ipp string) id.Case {
	t.Helper()
	for _, l := range slices.Concat(g.Items, g.Waiting, g.Withdrawn) {
		if l.Patient.IPP == ipp {
			return l.ID
		}
	}
	t.Fatalf("%s is not on the agenda", ipp)
	return ""
}

func TestWhoDiedOrIsOpposedIsNeverAdded(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		w := newWard(t, s, everyReason()...)
		for ipp, word := range map[string]string{"dead": "décédé", "opposed": "s’oppose"} {
			_, err := w.agenda.Add(ctx, w.Secretary, w.meeting.Meeting.ID, w.ids[ipp], "", 0)
			if !fault.Is(err, fault.Conflict) || !strings.Contains(codeOf(err), word) {
				t.Errorf("%s: %v", ipp, err)
			}
			entries, err := s.AuditEntries(ctx, w.Org.ID, audit.Filter{Action: "agenda.add", Patient: w.ids[ipp], Limit: 5})
			if err != nil || len(entries) != 1 || entries[0].Outcome != audit.Refused {
				t.Errorf("%s: trace %+v, %v", ipp, entries, err)
			}
		}
	})
}

func codeOf(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Code
	}
	return ""
}

func TestDeferredComesBackAndRequestsFollow(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		w := newWard(t, s, sick{ipp: "request", circle: true}, sick{ipp: "due", plan: due(date.New(2026, 11, 10))})
		asked, err := w.agenda.Ask(ctx, w.Clinician, agenda.Asked{Team: w.Team.ID, Patient: w.ids["request"], Question: "Insuline le soir ?", Urgency: agenda.Routine})
		if err != nil {
			t.Fatalf("ask: %v", err)
		}
		if _, err := w.agenda.Ask(ctx, w.Clinician, agenda.Asked{Team: w.Team.ID, Patient: w.ids["due"], Question: "?", Urgency: agenda.Routine}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("asked for a patient of others: %v", err)
		}
		g, err := w.agenda.Draft(ctx, w.Secretary, w.meeting.Meeting.ID)
		if err != nil || !slices.Equal(ipps(g.Items), []string{"due", "request"}) {
			t.Fatalf("draft: %q, %v", ipps(g.Items), err)
		}
		w.wantRequest(t, asked.ID, agenda.RequestPlaced)
		l, err := w.agenda.Defer(ctx, w.Secretary, caseOf(t, g, "request"), "missing-document")
		next := w.nextMeeting(t)
		if err != nil || l.Status != agenda.Deferred || l.DeferTo != next {
			t.Errorf("deferred to %q, want %q, %v", l.DeferTo, next, err)
		}
		w.wantRequest(t, asked.ID, agenda.RequestWaiting)
		g, err = w.agenda.Draft(ctx, w.Secretary, w.meeting.Meeting.ID)
		if err != nil || !slices.Equal(ipps(g.Items), []string{"due"}) || !slices.Equal(ipps(g.Waiting), []string{"request"}) {
			t.Errorf("drafting again: %q, waiting %q, %v", ipps(g.Items), ipps(g.Waiting), err)
		}
		g, err = w.agenda.Draft(ctx, w.Secretary, next)
		if err != nil || len(g.Items) != 2 || g.Items[0].Patient.IPP != "request" {
			t.Fatalf("next draft: %q, %v", ipps(g.Items), err)
		}
		if r := g.Items[0].Reasons[1]; r.Rule != agenda.DeferredBefore || !strings.Contains(r.Text("fr"), "26/11/2026 (document manquant)") {
			t.Errorf("reason %q", r.Text("fr"))
		}
	})
}

func (w *ward) wantRequest(t *testing.T, r id.Request, want agenda.RequestStatus) {
	t.Helper()
	for name, a := range map[string]auth.Actor{"secretary": w.Secretary, "clinician": w.Clinician} {
		all, _, err := w.agenda.Requests(context.Background(), a, nil, "", 10)
		if err != nil || len(all) != 1 || all[0].ID != r || all[0].Status != want || all[0].Name == "" {
			t.Errorf("%s sees requests %+v, %v, want one %s", name, all, err, want)
		}
	}
}

func (w *ward) nextMeeting(t *testing.T) id.Meeting {
	t.Helper()
	all, _, err := w.Meetings.List(context.Background(), w.System, meetings.Filter{})
	if err != nil || len(all) < 2 {
		t.Fatalf("meetings: %d, %v", len(all), err)
	}
	return all[1].ID
}

func TestWithdrawRequestHoldsTheVersion(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		w := newWard(t, s, sick{ipp: "request", circle: true})
		r, err := w.agenda.Ask(ctx, w.Clinician, agenda.Asked{Team: w.Team.ID, Patient: w.ids["request"], Question: "?", Urgency: agenda.Soon})
		if err != nil {
			t.Fatalf("ask: %v", err)
		}
		if err := w.agenda.WithdrawRequest(ctx, w.Stranger, r.ID, r.Version); !fault.Is(err, fault.Forbidden) {
			t.Errorf("stranger: %v", err)
		}
		if err := w.agenda.WithdrawRequest(ctx, w.Clinician, r.ID, r.Version+1); !fault.Is(err, fault.Conflict) {
			t.Errorf("stale: %v", err)
		}
		if err := w.agenda.WithdrawRequest(ctx, w.Clinician, r.ID, r.Version); err != nil {
			t.Errorf("withdraw: %v", err)
		}
		w.wantRequest(t, r.ID, agenda.RequestWithdrawn)
	})
}
