package storetest

import (
	"testing"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/careplan/fhir"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/store"
)

func TestCalendarLinks(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, h := t.Context(), NewHouse(t, s)
		a := h.Clinician
		by := func(action string) func(now time.Time) error {
			return func(now time.Time) error {
				l := auth.CalendarLink{Hash: action, Org: h.Org.ID, Professional: a.Professional, Name: action, Created: now}
				return s.CreateCalendarLink(ctx, l, 2, a.Change(now, "calendar.create", "account", string(a.Professional)))
			}
		}
		for i, name := range []string{"one", "two"} {
			if err := by(name)(Now.Add(time.Duration(i) * time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
		if err := by("three")(Now); !fault.Is(err, fault.Conflict) {
			t.Errorf("past the limit: %v", err)
		}
		if _, _, err := s.CalendarLinkByHash(ctx, "one"); !fault.Is(err, fault.NotFound) {
			t.Errorf("of somebody without an account: %v", err)
		}
		account := auth.Account{Professional: a.Professional, Org: h.Org.ID, Email: "ines@clinique.example", PasswordHash: "-", Lang: "fr", Created: Now}
		if err := s.SaveAccount(ctx, account, a.Change(Now, "test", "account", "")); err != nil {
			t.Fatal(err)
		}
		if err := s.TouchCalendarLink(ctx, "one", Now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		l, login, err := s.CalendarLinkByHash(ctx, "one")
		if err != nil || login != account.Email || !l.Seen.Equal(Now.Add(time.Hour)) || l.Professional != a.Professional {
			t.Errorf("%+v %q %v", l, login, err)
		}
		all, err := s.CalendarLinksOf(ctx, a.Professional)
		if err != nil || len(all) != 2 || all[0].Hash != "two" || !all[0].Seen.IsZero() {
			t.Errorf("%+v %v", all, err)
		}
		change := a.Change(Now, "calendar.revoke", "account", "")
		if err := s.RevokeCalendarLink(ctx, h.Chair.Professional, "one", change); !fault.Is(err, fault.NotFound) {
			t.Errorf("revoked by another: %v", err)
		}
		if err := s.RevokeCalendarLink(ctx, a.Professional, "one", change); err != nil {
			t.Fatal(err)
		}
		if err := s.DisableAccount(ctx, h.Org.ID, a.Professional, a.Change(Now, "account.disable", "account", "")); err != nil {
			t.Fatal(err)
		}
		if all, err := s.CalendarLinksOf(ctx, a.Professional); err != nil || len(all) != 0 {
			t.Errorf("after both: %+v %v", all, err)
		}
	})
}

func TestWhatOnesOwnCalendarHolds(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, p := t.Context(), newPlans(t, s)
		nurse := careplan.Key{System: fhir.SystemRPPS, Value: "10100000002"}
		b := batch(t, "tddui.json")
		for i := range b.Actions {
			b.Actions[i].Owner, b.Actions[i].Action.Status, b.Actions[i].Action.Due = nurse, careplan.ActionCompleted, date.Of(Now)
		}
		b.Actions[0].Action.Status = careplan.ActionInProgress
		b.Professionals = append(b.Professionals, careplan.SourceProfessional{Key: nurse, RPPS: nurse.Value})
		b.Circle = append(b.Circle, careplan.SourceCircle{Patient: b.Patients[0].Keys[0], Professional: nurse, Role: "member"})
		p.importing(t, b)
		tasks, err := p.patients.Tasks(ctx, p.Clinician)
		if err != nil || len(tasks) != 1 || tasks[0].Due != date.Of(Now) || tasks[0].Status != careplan.ActionInProgress || tasks[0].Updated.IsZero() {
			t.Errorf("tasks: %+v, %v", tasks, err)
		}
		if tasks, err := p.patients.Tasks(ctx, p.Stranger); err != nil || len(tasks) != 0 {
			t.Errorf("a stranger's: %+v, %v", tasks, err)
		}
		first := p.Meeting(t).Meeting
		own, err := p.Meetings.Own(ctx, p.Clinician)
		if err != nil || len(own) == 0 || own[0].ID != first.ID || own[0].Organizer != p.Team.OrganizerAddress || own[0].TeamName != p.Team.Name {
			t.Errorf("%d meetings, %v", len(own), err)
		}
		if own, err := p.Meetings.Own(ctx, p.Stranger); err != nil || len(own) != 0 {
			t.Errorf("a stranger's: %d, %v", len(own), err)
		}
	})
}
