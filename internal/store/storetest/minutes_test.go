package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/archive"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/minutes/pdf"
)

// Room hours of the meeting of Thursday 26 November 2026.
var (
	begins = time.Date(2026, 11, 26, 13, 31, 0, 0, time.UTC)
	over   = time.Date(2026, 11, 26, 14, 57, 0, 0, time.UTC)
)

// room is a ward whose meeting runs: its services read the time from at.
type room struct {
	*ward
	at      time.Time
	minutes *minutes.Service
	docs    *archive.Folder
	listed  agenda.Agenda
	state   meetings.Meeting
}

// newRoom drafts the agenda of some patients and starts the meeting with
// everybody present.
func newRoom(t *testing.T, s *store.Store, people ...sick) *room {
	t.Helper()
	ctx := context.Background()
	r := &room{ward: newWard(t, s, people...), at: Now}
	clock := func() time.Time { return r.at }
	r.patients = careplan.NewService(s, clock)
	r.agenda = agenda.NewService(s, r.patients, clock)
	r.Meetings = meetings.NewService(s, clock)
	r.docs = archive.New(t.TempDir())
	r.minutes = minutes.NewService(s, r.patients, pdf.Renderer{}, r.docs, clock)
	var err error
	if r.listed, err = r.agenda.Draft(ctx, r.Secretary, r.meeting.Meeting.ID); err != nil {
		t.Fatalf("draft: %v", err)
	}
	m := r.meeting.Meeting
	if m, err = r.Meetings.Open(ctx, r.Secretary, m.ID, m.Version); err != nil {
		t.Fatalf("open: %v", err)
	}
	r.at = begins
	if r.state, err = r.Meetings.Start(ctx, r.Chair, m.ID, m.Version); err != nil {
		t.Fatalf("start: %v", err)
	}
	present := meetings.Present
	var edits []meetings.AttendanceEdit
	for _, a := range r.meeting.Attendance {
		edits = append(edits, meetings.AttendanceEdit{Professional: a.Professional.ID, Presence: &present})
	}
	if _, err = r.Meetings.SetAttendance(ctx, r.Secretary, m.ID, edits); err != nil {
		t.Fatalf("attendance: %v", err)
	}
	return r
}

// decide records a decision for a patient on top of what is there.
func (r *room) decide(t *testing.T, ipp string, edit func(*minutes.Decision)) minutes.Decision {
	t.Helper()
	ctx := context.Background()
	d, err := r.minutes.Decision(ctx, r.Chair, caseOf(t, r.listed, ipp))
	if err != nil {
		t.Fatalf("decision: %v", err)
	}
	edit(&d)
	if d, err = r.minutes.Record(ctx, r.Chair, d.Case, d); err != nil {
		t.Fatalf("record: %+v %v", fault.Fields(err), err)
	}
	return d
}

func (r *room) end(t *testing.T) {
	t.Helper()
	r.at = over
	var err error
	full, err := r.Meetings.Get(context.Background(), r.Chair, r.state.ID)
	if err != nil {
		t.Fatalf("get: %v", err)
	}
	if r.state, err = r.Meetings.End(context.Background(), r.Chair, r.state.ID, full.Meeting.Version); err != nil {
		t.Fatalf("end: %v", err)
	}
}

func walker() sick {
	return sick{ipp: "walker", circle: true, plan: due(date.New(2026, 11, 10)), objectives: []careplan.Objective{
		{Title: "Remarcher jusqu’au marché", Lifecycle: careplan.Active}, {Title: "Dormir", Lifecycle: careplan.Active},
	}}
}

func twoPatients() []sick {
	return []sick{walker(), {ipp: "other", plan: due(date.New(2026, 11, 20))}}
}

func walks(r *room) func(*minutes.Decision) {
	return func(d *minutes.Decision) {
		d.Summary, d.Wishes, d.Informer = "Reprendre la marche.", "« Rester chez moi »", "Inès Karaoui"
		d.NextReview = date.New(2026, 12, 17)
		d.Objectives[0].Verdict = minutes.VerdictAchieved
		d.Objectives = append(d.Objectives, minutes.ObjectiveResult{Verdict: minutes.VerdictNew, Title: "Monter l’escalier", Due: date.New(2027, 1, 15)})
		d.Actions = []minutes.NewAction{{Title: "Barre d’appui", Owner: r.Clinician.Professional, Due: date.New(2026, 12, 5)}}
	}
}

func TestAWeekFromDraftToTheNextDraft(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r := newRoom(t, s, twoPatients()...)
		d := r.decide(t, "walker", walks(r))
		if d.Quorum.State != meetings.QuorumReached || d.Quorum.Professions != 3 {
			t.Errorf("quorum %+v", d.Quorum)
		}
		r.end(t)
		review, err := r.minutes.Review(ctx, r.Chair, r.state.ID)
		if err != nil || !review.Signable || len(review.Content.Cases) != 1 || len(review.Content.Deferred) != 1 {
			t.Fatalf("review %+v, %v", review, err)
		}
		if len(review.Gaps) != 1 || review.Gaps[0].Kind != minutes.NoVerdict || review.Gaps[0].What != "Dormir" {
			t.Errorf("gaps %+v", review.Gaps)
		}
		if draft, name, err := r.minutes.PDF(ctx, r.Chair, r.state.ID, 0, minutes.Register, ""); err != nil ||
			!bytes.HasPrefix(draft, []byte("%PDF")) || name != "compte-rendu-2026-11-26-projet.pdf" {
			t.Errorf("project %q, %v", name, err)
		}
		signed, err := r.minutes.Sign(ctx, r.Chair, r.state.ID, r.state.Version)
		if err != nil {
			t.Fatalf("sign: %v", err)
		}
		r.wantFrozen(t, signed)
		r.wantFollowed(t)
		r.wantNextDraft(t)
	})
}

func (r *room) wantFrozen(t *testing.T, signed minutes.Minutes) {
	t.Helper()
	ctx := context.Background()
	v, err := r.minutes.Get(ctx, r.Secretary, signed.ID)
	if err != nil || v.Seq != 1 || v.Version != 1 || v.SHA256 != signed.SHA256 || v.Signer != "Dr Solène Varennes" || len(v.Documents) != 2 {
		t.Fatalf("minutes %+v, %v", v, err)
	}
	if again, err := json.Marshal(v.Content); err != nil || sha(again) != v.SHA256 {
		t.Errorf("the content read back is not the one hashed: %v", err)
	}
	register, name, err := r.minutes.PDF(ctx, r.Secretary, r.state.ID, 0, minutes.Register, "")
	if err != nil || sha(register) != v.Documents[0].SHA256 || name != "compte-rendu-2026-11-26.pdf" {
		t.Errorf("register %q, %v", name, err)
	}
	if m, err := r.Meetings.Get(ctx, r.Chair, r.state.ID); err != nil || m.Meeting.Status != meetings.Signed || m.Meeting.SignedAt.IsZero() {
		t.Errorf("meeting %s, %v", m.Meeting.Status, err)
	}
	if _, err := r.minutes.Record(ctx, r.Chair, caseOf(t, r.listed, "walker"), minutes.Decision{Version: 1}); !fault.Is(err, fault.Conflict) {
		t.Errorf("recorded after the signature: %v", err)
	}
	if bad, err := r.store.VerifyAudit(ctx, r.Org.ID); err != nil || bad != 0 {
		t.Errorf("audit chain broken at %d, %v", bad, err)
	}
}

func (r *room) wantFollowed(t *testing.T) {
	t.Helper()
	f, err := r.patients.File(context.Background(), r.Chair, r.ids["walker"])
	if err != nil {
		t.Fatalf("file: %v", err)
	}
	if p := f.Plans[0]; p.LastReview != date.New(2026, 11, 26) || p.NextReview != date.New(2026, 12, 17) {
		t.Errorf("plan reviewed %s, next %s", p.LastReview, p.NextReview)
	}
	states := map[string]careplan.Lifecycle{}
	for _, o := range f.Objectives {
		states[o.Title] = o.Lifecycle
	}
	if states["Remarcher jusqu’au marché"] != careplan.ObjectiveCompleted || states["Dormir"] != careplan.Active || states["Monter l’escalier"] != careplan.Active {
		t.Errorf("objectives %v", states)
	}
	if len(f.Actions) != 1 || f.Actions[0].Status != careplan.Requested || f.Actions[0].Owner != r.Clinician.Professional ||
		f.Actions[0].OwnerName != "Inès Karaoui" || f.Actions[0].Case != caseOf(t, r.listed, "walker") {
		t.Errorf("actions %+v", f.Actions)
	}
	past, err := r.minutes.DecisionsOf(context.Background(), r.Clinician, r.ids["walker"])
	if err != nil || len(past) != 1 || past[0].Summary != "Reprendre la marche." || past[0].TeamName != r.Team.Name {
		t.Errorf("past decisions %+v, %v", past, err)
	}
}

// wantNextDraft: the patient not reached comes back as deferred; the one
// discussed does not, until an action is late.
func (r *room) wantNextDraft(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	next := r.nextMeeting(t)
	g, err := r.agenda.Draft(ctx, r.Secretary, next)
	if err != nil || !slices.Equal(ipps(g.Items), []string{"other"}) || g.Items[0].Reasons[0].Rule != agenda.DeferredBefore &&
		g.Items[0].Reasons[1].Rule != agenda.DeferredBefore {
		t.Errorf("next draft %q, %v", ipps(g.Items), err)
	}
	r.at = time.Date(2026, 12, 7, 9, 0, 0, 0, time.UTC)
	g, err = r.agenda.Draft(ctx, r.Secretary, next)
	if err != nil || !slices.Contains(ipps(g.Items), "walker") {
		t.Errorf("the late action brings nobody: %q, %v", ipps(g.Items), err)
	}
}

func TestRecordHoldsTheVersionAndTheRights(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r := newRoom(t, s, twoPatients()...)
		d := r.decide(t, "walker", walks(r))
		stale := d
		stale.Version--
		for _, old := range []minutes.Decision{stale, {Case: d.Case}} {
			if _, err := r.minutes.Record(ctx, r.Chair, d.Case, old); !fault.Is(err, fault.Conflict) {
				t.Errorf("version %d of %d: %v", old.Version, d.Version, err)
			}
		}
		d.Summary = "Autre chose."
		if _, err := r.minutes.Record(ctx, r.Clinician, d.Case, d); err != nil {
			t.Errorf("a member present who cares for the patient: %v", err)
		}
		other := caseOf(t, r.listed, "other")
		if _, err := r.minutes.Record(ctx, r.Clinician, other, minutes.Decision{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("outside the circle: %v", err)
		}
		wrong := minutes.Decision{
			NextReview: date.New(2026, 11, 26), InformBy: date.New(2026, 11, 1),
			Objectives: []minutes.ObjectiveResult{{Objective: id.New[id.Objective](), Verdict: "bon"}, {Verdict: minutes.VerdictNew}},
			Actions:    []minutes.NewAction{{Title: " ", Owner: id.New[id.Professional](), Due: date.New(2026, 1, 1)}},
		}
		_, err := r.minutes.Record(ctx, r.Chair, other, wrong)
		if !fault.Is(err, fault.Invalid) || len(fault.Fields(err)) != 8 {
			t.Errorf("%d fields refused: %v", len(fault.Fields(err)), err)
		}
	})
}

func TestTwoSignaturesOneWins(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r := newRoom(t, s, twoPatients()...)
		r.decide(t, "walker", walks(r))
		r.end(t)
		if _, err := r.minutes.Sign(ctx, r.Secretary, r.state.ID, r.state.Version); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the secretary signs: %v", err)
		}
		var won, lost int
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				_, err := r.minutes.Sign(ctx, r.Chair, r.state.ID, r.state.Version)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won++
				case fault.Is(err, fault.Conflict):
					lost++
				default:
					t.Errorf("sign: %v", err)
				}
			})
		}
		wg.Wait()
		all, err := r.minutes.OfMeeting(ctx, r.Chair, r.state.ID)
		if won != 1 || lost != 3 || err != nil || len(all) != 1 {
			t.Errorf("%d won, %d lost, %d versions, %v", won, lost, len(all), err)
		}
		f, err := r.patients.File(ctx, r.Chair, r.ids["walker"])
		if err != nil || len(f.Actions) != 1 || len(f.Objectives) != 3 {
			t.Errorf("%d actions, %d objectives, %v", len(f.Actions), len(f.Objectives), err)
		}
	})
}

func TestACorrectionNamesWhatItReplaces(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r := newRoom(t, s, twoPatients()...)
		r.decide(t, "walker", walks(r))
		r.end(t)
		first, err := r.minutes.Sign(ctx, r.Chair, r.state.ID, r.state.Version)
		if err != nil {
			t.Fatalf("sign: %v", err)
		}
		r.at = over.Add(24 * time.Hour)
		d, err := r.minutes.Decision(ctx, r.Chair, caseOf(t, r.listed, "walker"))
		if err != nil {
			t.Fatalf("decision: %v", err)
		}
		d.Objectives[0].Verdict = minutes.VerdictProgress
		d.NextReview, d.Actions = date.New(2026, 12, 10), []minutes.NewAction{{Title: "Rampe", OwnerName: "Joël Quintane", Due: date.New(2026, 12, 9)}}
		if _, err := r.minutes.Amend(ctx, r.Chair, r.state.ID, " ", []minutes.Decision{d}); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		second, err := r.minutes.Amend(ctx, r.Chair, r.state.ID, "Verdict saisi sur la mauvaise ligne", []minutes.Decision{d})
		if err != nil {
			t.Fatalf("amend: %v", err)
		}
		if _, err := r.minutes.Amend(ctx, r.Chair, r.state.ID, "encore", []minutes.Decision{d}); !fault.Is(err, fault.Conflict) {
			t.Errorf("amended from a stale decision: %v", err)
		}
		c := second.Content
		if second.Version != 2 || second.Seq != 2 || c.Replaces != first.SHA256 || c.Previous != first.SHA256 ||
			second.Replaces != first.ID || c.ReplacesWhy == "" {
			t.Errorf("second version %+v", second)
		}
		all, err := r.minutes.OfMeeting(ctx, r.Chair, r.state.ID)
		if err != nil || len(all) != 2 || all[1].SHA256 != first.SHA256 || all[1].Content.Cases[0].Decision.Objectives[0].Verdict != minutes.VerdictAchieved {
			t.Errorf("versions %d, %v", len(all), err)
		}
		f, err := r.patients.File(ctx, r.Chair, r.ids["walker"])
		if err != nil || f.Plans[0].NextReview != date.New(2026, 12, 10) || len(f.Objectives) != 3 || f.Objectives[0].Lifecycle != careplan.Active {
			t.Errorf("after the correction: %+v, %v", f.Plans, err)
		}
		got := map[string]careplan.ActionStatus{}
		for _, a := range f.Actions {
			got[a.Title] = a.Status
		}
		if got["Barre d’appui"] != careplan.ActionCancelled || got["Rampe"] != careplan.Requested || len(got) != 2 {
			t.Errorf("actions %v", got)
		}
		if past, err := r.minutes.DecisionsOf(ctx, r.Chair, r.ids["walker"]); err != nil || len(past) != 1 || past[0].Minutes != second.ID {
			t.Errorf("past decisions %+v, %v", past, err)
		}
	})
}

func TestTheArchiveShowsEachTheirOwn(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r := newRoom(t, s, twoPatients()...)
		r.decide(t, "walker", walks(r))
		r.decide(t, "other", func(d *minutes.Decision) { d.Summary = "Rien ne change." })
		r.end(t)
		if _, err := r.minutes.Sign(ctx, r.Chair, r.state.ID, r.state.Version); err != nil {
			t.Fatalf("sign: %v", err)
		}
		tests := []struct {
			name  string
			q     minutes.ArchiveQuery
			chair int
			nurse int
		}{
			{"all", minutes.ArchiveQuery{}, 1, 1},
			{"the team", minutes.ArchiveQuery{Teams: []id.Team{r.Team.ID}}, 1, 1},
			{"another team", minutes.ArchiveQuery{Teams: []id.Team{"x"}}, 0, 0},
			{"the day", minutes.ArchiveQuery{From: date.New(2026, 11, 26), To: date.New(2026, 11, 26)}, 1, 1},
			{"the day after", minutes.ArchiveQuery{From: date.New(2026, 11, 27)}, 0, 0},
			{"the patient of both", minutes.ArchiveQuery{Patient: "essaiwalk"}, 1, 1},
			{"the patient of one", minutes.ArchiveQuery{Patient: "Claude essaiothér"}, 1, 0},
		}
		for _, tt := range tests {
			whole, _, err := r.minutes.Archive(ctx, r.Chair, tt.q)
			if err != nil || len(whole) != tt.chair {
				t.Errorf("%s: the chair finds %d, %v", tt.name, len(whole), err)
			}
			part, _, err := r.minutes.Archive(ctx, r.Clinician, tt.q)
			if err != nil || len(part) != tt.nurse {
				t.Errorf("%s: the nurse finds %d, %v", tt.name, len(part), err)
			}
			for _, m := range part {
				if len(m.Content.Cases) != 1 || m.Content.Cases[0].IPP != "walker" || len(m.Documents) != 1 {
					t.Errorf("%s: the nurse reads %d cases, %d documents", tt.name, len(m.Content.Cases), len(m.Documents))
				}
			}
		}
		r.wantParts(t)
	})
}

// wantParts: who gets which PDF.
func (r *room) wantParts(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	whole, _, err := r.minutes.PDF(ctx, r.Secretary, r.state.ID, 1, minutes.Register, "")
	if err != nil {
		t.Errorf("register: %v", err)
	}
	part, _, err := r.minutes.PDF(ctx, r.Clinician, r.state.ID, 1, minutes.Register, "")
	if err != nil || len(part) >= len(whole) {
		t.Errorf("the nurse's part has %d bytes of %d, %v", len(part), len(whole), err)
	}
	if _, _, err := r.minutes.PDF(ctx, r.Clinician, r.state.ID, 0, minutes.Extract, r.ids["walker"]); err != nil {
		t.Errorf("extract: %v", err)
	}
	if _, _, err := r.minutes.PDF(ctx, r.Clinician, r.state.ID, 0, minutes.Extract, r.ids["other"]); !fault.Is(err, fault.Forbidden) {
		t.Errorf("extract of another: %v", err)
	}
	if _, err := r.minutes.OfMeeting(ctx, r.Stranger, r.state.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("stranger: %v", err)
	}
	entries, err := r.store.AuditEntries(ctx, r.Org.ID, audit.Filter{Action: "minutes.pdf", Actor: r.Clinician.Professional, Limit: 10})
	if err != nil || len(entries) != 3 || entries[0].Outcome != audit.Refused {
		t.Errorf("trace: %+v, %v", entries, err)
	}
	for _, e := range entries {
		if strings.Contains(e.Detail, "Essai") {
			t.Errorf("patient data in %q", e.Detail)
		}
	}
}

func sha(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
