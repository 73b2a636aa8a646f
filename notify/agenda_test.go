package notify_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify"
)

var _ notify.AgendaReader = (*agenda.Service)(nil)

type agendaReader struct{ *world }

func (w agendaReader) Get(context.Context, auth.Actor, id.Meeting) (agenda.Agenda, error) {
	return w.agenda, nil
}

func (w *world) LastDigests(_ context.Context, threads []string) (map[string]string, error) {
	last := map[string]string{}
	for _, m := range w.messages {
		if slices.Contains(threads, m.Thread) && m.Status != notify.Cancelled {
			last[m.Thread] = m.Digest
		}
	}
	return last, nil
}

// planned is the agenda of the world: a line a patient, with every trait that
// must not be told to others.
func planned() agenda.Agenda {
	line := func(n int, p careplan.Patient, question string) agenda.Item {
		return agenda.Item{
			ID: id.Case(fmt.Sprint("case-", n)), Patient: p, Position: n, Minutes: 10, At: time.Date(2026, 11, 26, 13, 20+10*n, 0, 0, time.UTC), Status: agenda.Scheduled,
			Question: question, Referent: "Inès Karaoui",
			Reasons: []agenda.Reason{{Rule: agenda.Requested, Since: date.New(2026, 11, 20), Kind: "urgent", Who: "Maud Ferrandon", What: question}},
		}
	}
	return agenda.Agenda{Meeting: "meeting-1", Capacity: 90, Planned: 20, Items: []agenda.Item{
		line(1, careplan.Patient{ID: "p1", BirthFamily: "Aubriot", BirthGiven: "Lucienne", UsedFamily: "Morel", Sex: careplan.Female, BirthDate: date.New(1939, 3, 14), IPP: "IPP47716", INS: careplan.INS{Matricule: "239032123101294"}}, "La hanche tient-elle"),
		line(2, careplan.Patient{ID: "p2", BirthFamily: "Castagnède", BirthGiven: "Roger", Sex: careplan.Male, BirthDate: date.New(1944, 2, 29), IPP: "IPP47717", INS: careplan.INS{Matricule: "144022123101212"}}, "Une insuline à domicile"),
	}}
}

// agendaTraits are what would tell of each patient.
var agendaTraits = map[id.Patient][]string{
	"p1": {"aubriot", "lucienne", "morel", "87 ans", "1939", "ipp47716", "2390321", "hanche"},
	"p2": {"castagnède", "roger", "82 ans", "1944", "ipp47717", "1440221", "insuline"},
}

// closing is a world whose registration has just closed.
func closing(t *testing.T) *world {
	t.Helper()
	w := newWorld()
	w.agenda = planned()
	w.full.Meeting.Status, w.full.Meeting.Closed = meetings.Closed, w.full.Meeting.Starts.Add(-3*time.Hour)
	w.happen(w.full.Meeting.Closed, event.MeetingClosed, "")
	return w
}

// TestWhoReceivesWhatOfAnAgenda: each role and relation, with each kind of
// address; the mails themselves are read.
func TestWhoReceivesWhatOfAnAgenda(t *testing.T) {
	t.Parallel()
	addresses := map[string]struct {
		address        string
		served, secure bool
		withoutAccount bool // to sign in with
	}{
		"secure": {address: "b@mssante.example", served: true, secure: true}, "secure, in capitals": {address: "B@Medecin.MSSante.EXAMPLE", served: true, secure: true},
		"secure, no account": {address: "b@mssante.example", served: true, secure: true, withoutAccount: true},
		"ordinary":           {address: "b@mail.example", served: true}, "ordinary, no account": {address: "b@mail.example", withoutAccount: true},
		"alike": {address: "b@notmssante.example", served: true}, "alike, longer": {address: "b@mssante.example.evil.example", served: true},
		"none": {},
	}
	roles := map[string]struct {
		role   auth.Role
		left   date.Date
		guest  bool // invited to this date alone
		absent bool // not invited
		full   bool
	}{
		"secretary": {role: auth.Secretary, full: true}, "chair": {role: auth.Chair, full: true}, "clinician": {role: auth.Clinician},
		"former chair": {role: auth.Chair, left: date.New(2026, 11, 25)}, "guest": {role: auth.Clinician, guest: true},
		"not invited": {absent: true},
	}
	circles := map[string][]id.Patient{"none": nil, "one": {"p2"}, "both": {"p1", "p2"}}
	for roleName, role := range roles {
		for circleName, circle := range circles {
			for addressName, address := range addresses {
				t.Run(roleName+", circle "+circleName+", "+addressName, func(t *testing.T) {
					t.Parallel()
					w := closing(t)
					who := auth.Professional{ID: "who", Given: "Ada", Family: "Bertin", Email: address.address, Profession: "medecin"}
					if !address.withoutAccount {
						w.people[who.ID] = who
					}
					w.full.Team.Members, w.full.Attendance, w.circles = nil, nil, map[id.Patient][]auth.Professional{}
					if !role.guest && !role.absent {
						w.full.Team.Members = []meetings.Member{{Professional: who, Role: role.role, Left: role.left}}
					}
					if !role.absent {
						w.full.Attendance = []meetings.Attendance{{Professional: who, Role: role.role}}
					}
					for _, p := range circle {
						w.circles[p] = []auth.Professional{who}
					}
					ms := w.treat(t)
					if role.absent || !address.served {
						if len(ms) != 0 {
							t.Fatalf("%d mails to who should get none", len(ms))
						}
						return
					}
					if len(ms) != 1 {
						t.Fatalf("%d mails, want one", len(ms))
					}
					sees := circle
					if role.full {
						sees = []id.Patient{"p1", "p2"}
					}
					judgeAgendaMail(t, scan(t, ms[0]), address.secure, sees)
				})
			}
		}
	}
}

// judgeAgendaMail: nothing of anybody in the open, and attached to a secure
// address alone, of the patients that its reader may see.
func judgeAgendaMail(t *testing.T, s scanned, secure bool, sees []id.Patient) {
	t.Helper()
	for p, traits := range agendaTraits {
		if found := names(s.open, traits); len(found) > 0 {
			t.Errorf("the mail tells %q of %s", found, p)
		}
	}
	if !secure {
		if len(s.attached) != 0 {
			t.Errorf("attached to an ordinary address: %v", s.attached)
		}
		return
	}
	doc, ok := s.attached["ordre-du-jour-2026-11-26.pdf"]
	if !ok || len(s.attached) != 1 {
		t.Fatalf("attached: %v", s.attached)
	}
	for p, traits := range agendaTraits {
		found := names(doc, traits)
		if may := slices.Contains(sees, p); may && !slices.Contains(found, traits[0]) || !may && len(found) > 0 {
			t.Errorf("of %s (may be seen: %t) the document tells %q", p, may, found)
		}
	}
	if hidden := 2 - len(sees); hidden > 0 && !strings.Contains(doc, fmt.Sprintf("%d ", hidden)) {
		t.Errorf("the document does not count the %d others", hidden)
	}
}

// TestAgendaSentAgain: once a closing; closed again, only to whom another
// agenda is now in sight; never while registration is open.
func TestAgendaSentAgain(t *testing.T) {
	t.Parallel()
	w := closing(t)
	first := w.treat(t)
	if got := len(first); got != 3 {
		t.Fatalf("first closing: %v", addresses(first))
	}
	w.happen(w.full.Meeting.Closed.Add(time.Hour), event.MeetingClosed, "")
	if again := w.treat(t); len(again) != 0 {
		t.Errorf("closed again as it was: %v", addresses(again))
	}
	w.agenda.Items[0].Question, w.agenda.Items[0].Minutes = "Autre question", 9
	w.happen(w.full.Meeting.Closed.Add(90*time.Minute), event.MeetingClosed, "")
	third := w.treat(t)
	// p1 changed: the chair sees it, and the nurse; the social worker does not.
	if diff := cmp.Diff([]string{"agenda s.varennes@medecin.mssante.example", "agenda m.quintard@courriel.example"}, addresses(third)); diff != "" {
		t.Errorf("closed again after a change (-want +got):\n%s", diff)
	}
	if len(third) > 0 && !strings.HasPrefix(third[0].Subject, "Ordre du jour modifié") {
		t.Errorf("subject %q", third[0].Subject)
	}
	w.full.Meeting.Status = meetings.Open
	w.happen(w.full.Meeting.Closed.Add(2*time.Hour), event.MeetingClosed, "")
	w.agenda.Items[0].Minutes = 5
	if open := w.treat(t); len(open) != 0 {
		t.Errorf("sent while registration is open: %v", addresses(open))
	}
}

// standardOnly is an agenda that discusses nobody: two cases that a référentiel
// covers.
func standardOnly() agenda.Agenda {
	g := planned()
	for _, l := range g.Items {
		l.Standard, l.Position, l.Minutes, l.At = true, 0, 0, time.Time{}
		l.Registration = &agenda.Registration{Reference: agenda.Reference{Name: "Sein, stade I", Version: "3"}, Proposition: "Surveillance de " + l.Patient.BirthFamily}
		g.Standard = append(g.Standard, l)
	}
	g.Items, g.Planned = nil, 0
	return g
}

// TestAnAgendaOfStandardCasesIsSent: each may ask that one be discussed, so
// everybody invited learns of them; again when one is no longer there.
func TestAnAgendaOfStandardCasesIsSent(t *testing.T) {
	t.Parallel()
	w := closing(t)
	w.agenda = standardOnly()
	first := w.treat(t)
	if len(first) != 3 {
		t.Fatalf("sent to %v", addresses(first))
	}
	for _, m := range first {
		s := scan(t, m)
		for p, traits := range agendaTraits {
			if found := names(s.open, traits); len(found) > 0 {
				t.Errorf("the mail tells %q of %s", found, p)
			}
		}
		for name, doc := range s.attached {
			if !strings.Contains(doc, "2 dossiers standard") {
				t.Errorf("%s does not count them: %s", name, doc)
			}
		}
	}
	w.happen(w.full.Meeting.Closed.Add(time.Hour), event.MeetingClosed, "")
	if again := w.treat(t); len(again) != 0 {
		t.Errorf("closed again as it was: %v", addresses(again))
	}
	w.agenda.Standard = w.agenda.Standard[:1]
	w.happen(w.full.Meeting.Closed.Add(90*time.Minute), event.MeetingClosed, "")
	if again := w.treat(t); len(again) != 3 {
		t.Errorf("closed again with one less: %v", addresses(again))
	}
}

func TestEmptyAgendaGoesToNobody(t *testing.T) {
	t.Parallel()
	w := closing(t)
	w.agenda = agenda.Agenda{Meeting: "meeting-1", Capacity: 90}
	if ms := w.treat(t); len(ms) != 0 {
		t.Errorf("%d mails", len(ms))
	}
}

// TestAgendaMailWords holds the mail's words.
func TestAgendaMailWords(t *testing.T) {
	t.Parallel()
	w := closing(t)
	for _, m := range w.treat(t) {
		switch m.Recipient {
		case "chair":
			text, _, _ := strings.Cut(string(show(t, m)), "%PDF-")
			golden(t, "agenda-secure.txt", []byte(text))
		case "nurse":
			golden(t, "agenda-link.txt", show(t, m))
		}
	}
}
