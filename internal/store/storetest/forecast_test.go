package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
)

// hire adds a professional of no team to the organisation.
func (h House) hire(t *testing.T, p auth.Professional) auth.Professional {
	t.Helper()
	saved, err := h.Meetings.SaveProfessional(context.Background(), h.System, p)
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

// invited reports whether somebody is asked to a meeting.
func (h House) invited(t *testing.T, m id.Meeting, who id.Professional) bool {
	t.Helper()
	full, err := h.Meetings.Get(context.Background(), h.System, m)
	if err != nil {
		t.Fatal(err)
	}
	return full.Invites(who)
}

// noticeTo is the message to an address, if there is one.
func noticeTo(notices []meetings.Notice, address string) *meetings.Notice {
	for i, n := range notices {
		if n.Address == address {
			return &notices[i]
		}
	}
	return nil
}

func TestAGuestComesToOneDateAloneAndIsToldOfNoOther(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, h := context.Background(), NewHouse(t, s)
		m := h.Meeting(t).Meeting
		guest := h.hire(t, auth.Professional{Family: "Lescure", Given: "Thibault", Profession: "infirmier", Email: "thibault@clinique.example"})
		if err := h.Meetings.InviteGuest(ctx, h.Clinician, m.ID, guest.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a clinician invites: %v", err)
		}
		if err := h.Meetings.InviteGuest(ctx, h.Secretary, m.ID, id.New[id.Professional]()); !fault.Is(err, fault.Invalid) {
			t.Errorf("somebody of no organisation: %v", err)
		}
		if err := h.Meetings.InviteGuest(ctx, h.Secretary, m.ID, guest.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Meetings.InviteGuest(ctx, h.Secretary, m.ID, guest.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("twice: %v", err)
		}
		if !h.invited(t, m.ID, guest.ID) {
			t.Fatal("the guest is not invited")
		}
		events := pending(t, s, event.AttendeeAdded)
		if len(events) != 1 || events[0].Series != m.Series || events[0].Meeting != m.ID || events[0].Professional != guest.ID {
			t.Fatalf("events: %+v", events)
		}
		_, notices, err := h.Meetings.Outgoing(ctx, h.System, events[0], "reunions@valbrume.example")
		if err != nil {
			t.Fatal(err)
		}
		n := noticeTo(notices, guest.Email)
		if n == nil || n.What != meetings.Invited || n.View.Rule != "" || len(n.View.Instances) != 1 || !n.View.Instances[0].Start.Equal(m.Starts) {
			t.Fatalf("the guest is told %+v", n)
		}
		if err := h.Meetings.UninviteGuest(ctx, h.Secretary, m.ID, h.Clinician.Professional); !fault.Is(err, fault.Conflict) {
			t.Errorf("a member is uninvited: %v", err)
		}
		if err := h.Meetings.UninviteGuest(ctx, h.Chair, m.ID, guest.ID); err != nil || h.invited(t, m.ID, guest.ID) {
			t.Errorf("uninvited: %v", err)
		}
		if got := pending(t, s, event.AttendeeRemoved); len(got) != 1 || got[0].Professional != guest.ID {
			t.Errorf("events: %+v", got)
		}
		entries, err := s.AuditEntries(ctx, h.Org.ID, audit.Filter{Action: "meeting.invite", Limit: 5})
		if err != nil || len(entries) != 2 || entries[0].Detail != string(guest.ID) || entries[1].Outcome != audit.Refused {
			t.Errorf("audit: %+v, %v", entries, err)
		}
	})
}

// pending are the events of a kind that were not treated yet.
func pending(t *testing.T, s *store.Store, kind event.Kind) (found []event.Event) {
	t.Helper()
	all, err := s.UntreatedEvents(context.Background(), "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if e.Kind == kind {
			found = append(found, e)
		}
	}
	return found
}

func TestNobodyIsInvitedToAMeetingThatBegan(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, h := context.Background(), NewHouse(t, s)
		m := h.Meeting(t).Meeting
		m, err := h.Meetings.Open(ctx, h.Secretary, m.ID, m.Version)
		if err == nil {
			_, err = h.Meetings.Start(ctx, h.Secretary, m.ID, m.Version)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Meetings.InviteGuest(ctx, h.Secretary, m.ID, h.Stranger.Professional); !fault.Is(err, fault.Conflict) {
			t.Errorf("invited: %v", err)
		}
		if _, err := h.Meetings.Suggest(ctx, h.Secretary, m.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("suggested: %v", err)
		}
	})
}

func TestSubstitutesAreFreeAndOfTheProfession(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, h := context.Background(), NewHouse(t, s)
		m := h.Meeting(t).Meeting
		cardiologist := h.Stranger.Professional // a physician, free
		busy := h.hire(t, auth.Professional{Family: "Occupé", Given: "Ana", Profession: "medecin", Specialty: "oncologie"})
		away := h.hire(t, auth.Professional{Family: "Remplacé", Given: "Ida", Profession: "medecin", Specialty: "oncologie"})
		h.hire(t, auth.Professional{Family: "Autre", Given: "Psy", Profession: "psychologue"})
		other, err := h.Meetings.Create(ctx, h.Secretary, h.Team.ID, "", meetings.Move{Starts: m.Starts, Ends: m.Ends, Room: "Salle 9", Anyway: true})
		if err != nil {
			t.Fatal(err)
		}
		delegated := meetings.Delegated
		for _, p := range []id.Professional{busy.ID, away.ID} {
			if err := h.Meetings.InviteGuest(ctx, h.Secretary, other.ID, p); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := h.Meetings.SetAttendance(ctx, h.Secretary, other.ID, []meetings.AttendanceEdit{{Professional: away.ID, Answer: &delegated}}); err != nil {
			t.Fatal(err)
		}
		declined := meetings.Declined
		if _, err := h.Meetings.SetAttendance(ctx, h.Secretary, m.ID, []meetings.AttendanceEdit{{Professional: h.Chair.Professional, Answer: &declined}}); err != nil {
			t.Fatal(err)
		}
		got, err := h.Meetings.Suggest(ctx, h.Secretary, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		var who []id.Professional
		for _, r := range got.Reliefs {
			if r.Need == "medecin" {
				for _, x := range r.Who {
					who = append(who, x.ID)
				}
			}
		}
		for p, want := range map[id.Professional]bool{cardiologist: true, away.ID: true, busy.ID: false, h.Chair.Professional: false} {
			if is := slices.Contains(who, p); is != want {
				t.Errorf("suggests %s: %v, want %v", p, is, want)
			}
		}
		if len(got.Dates) != 3 || !got.Dates[0].Starts.Equal(m.Starts.Add(24*time.Hour)) {
			t.Errorf("dates: %v", got.Dates)
		}
		for _, d := range got.Dates {
			if d.Starts.Equal(m.Starts.AddDate(0, 0, 7)) {
				t.Error("suggests the series' next date")
			}
		}
		if _, err := h.Meetings.Suggest(ctx, h.Clinician, m.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a clinician asks: %v", err)
		}
	})
}

func TestConcernsAreThoseInChargeOfWhatIsOpen(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		w := newWard(t, s)
		walk := sick{
			ipp: "1", circle: true, plan: due(date.New(2026, 11, 10)),
			objectives: []careplan.Objective{{Title: "Marcher", Lifecycle: careplan.Active}, {Title: "Fini", Lifecycle: careplan.ObjectiveCompleted}},
			actions:    []careplan.Action{{Title: "Barre", Status: careplan.Requested}, {Title: "Faite", Status: careplan.ActionCompleted}},
		}
		b := batchOf(batchOf(careplan.Batch{}, walk), sick{ipp: "2", plan: due(date.New(2026, 11, 10))})
		charge := func(rpps, profession string) (careplan.Key, id.Professional) {
			p := w.hire(t, auth.Professional{Family: "Essai", Profession: profession, RPPS: rpps})
			key := careplan.Key{System: "urn:rpps", Value: rpps}
			b.Professionals = append(b.Professionals, careplan.SourceProfessional{Key: key, RPPS: rpps, Name: "Essai", Place: careplan.Place{File: "test"}})
			return key, p.ID
		}
		var kine, social, late id.Professional
		b.Objectives[0].Owner, kine = charge("10100000011", "kinesitherapeute")
		b.Actions[0].Owner, social = charge("10100000012", "dieteticien")
		b.Objectives[1].Owner, late = charge("10100000013", "ergotherapeute")
		b.Actions[1].Owner = b.Objectives[1].Owner
		if report, err := w.patients.Import(ctx, w.System, careplan.Target{Org: w.Org.ID, Team: w.Team.ID}, b); err != nil || len(report.Lines) > 0 {
			t.Fatalf("import: %+v, %v", report, err)
		}
		g, err := w.agenda.Draft(ctx, w.Secretary, w.meeting.Meeting.ID)
		if err != nil || len(g.Items) != 2 {
			t.Fatalf("draft: %+v, %v", g, err)
		}
		concerns, err := s.Concerns(ctx, w.Org.ID, w.meeting.Meeting.ID)
		if err != nil {
			t.Fatal(err)
		}
		got := map[id.Professional]bool{}
		for _, c := range concerns {
			got[c.Professional] = true
		}
		if !got[kine] || !got[social] || got[late] {
			t.Errorf("concerns: %+v", concerns)
		}
		o, err := w.agenda.Outlook(ctx, w.Secretary, g)
		if err != nil || len(o.Threats) != 1 || o.Threats[0].Patient.IPP != "1" || len(o.Threats[0].Gaps) != 2 {
			t.Errorf("outlook: %+v, %v", o, err)
		}
		if load, err := w.agenda.Load(ctx, w.Clinician, w.meeting.Meeting.ID); err != nil || load.Threatened != 1 {
			t.Errorf("load: %+v, %v", load, err)
		}
		if _, err := w.agenda.Outlook(ctx, w.Stranger, agenda.Agenda{Meeting: w.meeting.Meeting.ID}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a stranger: %v", err)
		}
	})
}
