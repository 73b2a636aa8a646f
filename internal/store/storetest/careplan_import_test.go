package storetest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/careplan/fhir"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
)

// plans is a house whose care plans are imported from files.
type plans struct {
	House
	store    *store.Store
	patients *careplan.Service
}

func newPlans(t *testing.T, s *store.Store) *plans {
	t.Helper()
	return &plans{House: NewHouse(t, s), store: s, patients: careplan.NewService(s, Clock)}
}

// batch reads a fixture of careplan/fhir.
func batch(t testing.TB, name string) careplan.Batch {
	t.Helper()
	return batchAt(t, filepath.Join("../../../careplan/fhir/testdata", name))
}

func batchAt(t testing.TB, path string) careplan.Batch {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := fhir.Read(f, filepath.Base(path), fhir.Limits{})
	if err != nil {
		t.Fatalf("read %s: %v", filepath.Base(path), err)
	}
	return b
}

func (p *plans) importing(t testing.TB, batches ...careplan.Batch) careplan.Report {
	t.Helper()
	r, err := p.patients.Import(context.Background(), p.Secretary, careplan.Target{Team: p.Team.ID}, batches...)
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	return r
}

// file finds one patient by a search text and reads everything of them.
func (p *plans) file(t testing.TB, text string) careplan.File {
	t.Helper()
	ctx := context.Background()
	found, _, err := p.patients.Search(ctx, p.System, text, "", "", 0)
	if err != nil || len(found) != 1 {
		t.Fatalf("search: %d found, %v", len(found), err)
	}
	f, err := p.patients.File(ctx, p.System, found[0].Patient.ID)
	if err != nil {
		t.Fatalf("file: %v", err)
	}
	return f
}

func (p *plans) entries(t testing.TB, f audit.Filter) []audit.Entry {
	t.Helper()
	f.Limit = 1000
	all, err := p.store.AuditEntries(context.Background(), p.Org.ID, f)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// everything is what imports are tried with: the fixtures, and when
// RCP_SHARED is set every public file.
func everything(t testing.TB) []careplan.Batch {
	t.Helper()
	var all []careplan.Batch
	for _, f := range []string{"tddui-autre.json", "tddui.json", "synthea.json", "patients-fr.json", "cercle.json", "evenement-seul.json", "abime.json"} {
		all = append(all, batch(t, f))
	}
	shared := os.Getenv("RCP_SHARED")
	if shared == "" {
		return all
	}
	for _, dir := range []string{"synthea", "ans-tddui", "fr-core"} {
		files, err := filepath.Glob(filepath.Join(shared, "data", dir, "*.json*"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files, %v", dir, err)
		}
		for _, f := range files {
			all = append(all, batchAt(t, f))
		}
	}
	return all
}

func TestImportingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		p := newPlans(t, s)
		all := everything(t)
		first := p.importing(t, all...)
		for kind, results := range first.Counts {
			if kind != "other" && results[careplan.Created] == 0 || results[careplan.Updated] > 0 {
				t.Errorf("first import of %s: %v", kind, results)
			}
		}
		before := len(p.entries(t, audit.Filter{}))
		second := p.importing(t, all...)
		for kind, results := range first.Counts {
			again := second.Counts[kind]
			if again[careplan.Created]+again[careplan.Updated] > 0 || again[careplan.Unchanged] != results[careplan.Created]+results[careplan.Unchanged] {
				t.Errorf("second import of %s: %v after %v", kind, again, results)
			}
		}
		if d := cmp.Diff(first.Lines, second.Lines); d != "" {
			t.Errorf("the lines differ (-first +second):\n%s", d)
		}
		if n := len(p.entries(t, audit.Filter{})); n != before+1 {
			t.Errorf("%d audit entries for an import that changed nothing, want 1", n-before)
		}
	})
}

func TestImportNeverAttachesAnActionToAnotherPerson(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		p := newPlans(t, s)
		p.importing(t, batch(t, "tddui-autre.json")) // the other plan is there before
		other := p.file(t, "fauvergue")
		r := p.importing(t, batch(t, "tddui.json"))
		if len(r.Lines) != 1 || r.Lines[0].Result != careplan.Warned {
			t.Errorf("lines: %+v", r.Lines)
		}
		f := p.file(t, "tessonnier")
		if len(f.Actions) != 2 {
			t.Fatalf("%d actions", len(f.Actions))
		}
		for _, a := range f.Actions {
			if a.Plan != f.Plans[0].ID || a.Patient != f.Patient.ID || a.Objective == "" {
				t.Errorf("action on plan %s of patient %s", a.Plan, a.Patient)
			}
		}
		if d := cmp.Diff(other, p.file(t, "fauvergue")); d != "" {
			t.Errorf("the other person's file changed:\n%s", d)
		}
	})
}

func TestImportRefusesAKeyOfAnotherPerson(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		p := newPlans(t, s)
		p.importing(t, batch(t, "tddui.json"), batch(t, "tddui-autre.json"))
		mine := batch(t, "tddui-autre.json")
		stolen := batch(t, "tddui.json")
		mine.Plans[0].Key, mine.Objectives[0].Plan, mine.Actions[0].Plan = stolen.Plans[0].Key, stolen.Plans[0].Key, stolen.Plans[0].Key
		before := p.file(t, "tessonnier")
		r := p.importing(t, mine)
		if r.Counts["plan"][careplan.Refused] != 1 || r.Counts["action"][careplan.Refused] != 1 || r.Counts["objective"][careplan.Refused] != 1 {
			t.Errorf("counts: %v", r.Counts)
		}
		if d := cmp.Diff(before, p.file(t, "tessonnier")); d != "" {
			t.Errorf("a plan of another person changed:\n%s", d)
		}
	})
}

func TestImportKeepsWhatRCPDecided(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		p := newPlans(t, s)
		p.importing(t, batch(t, "tddui.json"))
		f := p.file(t, "tessonnier")
		i := slices.IndexFunc(f.Actions, func(a careplan.Action) bool { return a.Status == careplan.ActionInProgress })
		if _, err := p.patients.SetAction(ctx, p.Secretary, f.Actions[i].ID, careplan.ActionChange{
			Status: careplan.ActionCompleted, Outcome: careplan.OutcomePartly, Version: f.Actions[i].Version,
		}); err != nil {
			t.Fatalf("set action: %v", err)
		}
		if err := p.patients.SetSharing(ctx, p.Secretary, f.Patient.ID, careplan.SharingChange{
			Sharing: careplan.SharingOpposed, On: date.New(2026, 11, 20), Version: f.Patient.Version,
		}); err != nil {
			t.Fatalf("set sharing: %v", err)
		}
		if r := p.importing(t, batch(t, "tddui.json")); r.Changed() {
			t.Errorf("the same file changed something: %v", r.Counts)
		}
		changed := batch(t, "tddui.json")
		for j := range changed.Actions {
			changed.Actions[j].Action.Title += ", revu"
			changed.Actions[j].Action.Status = careplan.Requested
		}
		changed.Patients[0].Patient.BirthGiven = "Solenne"
		r := p.importing(t, changed)
		if r.Counts["action"][careplan.Updated] != 2 || r.Counts["patient"][careplan.Updated] != 1 {
			t.Errorf("counts: %v", r.Counts)
		}
		after := p.file(t, "tessonnier")
		got := after.Actions[slices.IndexFunc(after.Actions, func(a careplan.Action) bool { return a.ID == f.Actions[i].ID })]
		if got.Status != careplan.ActionCompleted || got.Outcome != careplan.OutcomePartly || !strings.HasSuffix(got.Title, ", revu") {
			t.Errorf("action: %+v", got)
		}
		if after.Patient.Sharing != careplan.SharingOpposed || after.Patient.BirthGiven != "Solenne" {
			t.Errorf("patient: sharing %s, given %s", after.Patient.Sharing, after.Patient.BirthGiven)
		}
		if r := p.importing(t, changed); r.Changed() {
			t.Errorf("the changed file changes something twice: %v", r.Counts)
		}
	})
}

func TestHomonymsAndCollisionsStayApart(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		p := newPlans(t, s)
		p.importing(t, batch(t, "synthea.json"), batch(t, "patients-fr.json"))
		found, _, err := p.patients.Search(ctx, p.System, "morel jeanne", "", "", 0)
		if err != nil || len(found) != 2 {
			t.Fatalf("homonyms: %d, %v", len(found), err)
		}
		// Somebody else under a known number, and one person under two numbers.
		b := batch(t, "patients-fr.json")
		b.Patients[0].Patient.BirthFamily, b.Patients[0].Patient.BirthDate = "VIALA", date.New(1930, 5, 5)
		b.Patients[2].Keys = append(b.Patients[2].Keys, b.Patients[4].Keys...)
		r := p.importing(t, b)
		if got := r.Counts["patient"]; got[careplan.Refused] != 2 || got[careplan.Unchanged] != 5 {
			t.Errorf("patients: %v", got)
		}
		if found, _, _ = p.patients.Search(ctx, p.System, "viala", "", "", 0); len(found) != 0 {
			t.Error("a known patient took somebody else's name")
		}
	})
}

func TestImportsAtOnceMakeEachPatientOnce(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		p := newPlans(t, s)
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				r, err := p.patients.Import(context.Background(), p.System, careplan.Target{Team: p.Team.ID}, batch(t, "tddui.json"))
				if err != nil || r.Counts["patient"][careplan.Refused] > 0 {
					t.Errorf("import: %v, %v", r.Counts, err)
				}
			})
		}
		wg.Wait()
		f := p.file(t, "tessonnier")
		if len(f.Plans) != 1 || len(f.Objectives) != 2 || len(f.Actions) != 2 {
			t.Errorf("%d plans, %d objectives, %d actions", len(f.Plans), len(f.Objectives), len(f.Actions))
		}
	})
}

func TestImportNeedsASecretaryOrAnAdministrator(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		p := newPlans(t, s)
		admin := p.Stranger
		admin.Admin = true
		for name, c := range map[string]struct {
			actor  auth.Actor
			target careplan.Target
			ok     bool
		}{
			"secretary":                {p.Secretary, careplan.Target{Team: p.Team.ID}, true},
			"secretary without team":   {p.Secretary, careplan.Target{}, false},
			"chair":                    {p.Chair, careplan.Target{Team: p.Team.ID}, false},
			"clinician":                {p.Clinician, careplan.Target{Team: p.Team.ID}, false},
			"stranger":                 {p.Stranger, careplan.Target{Team: p.Team.ID}, false},
			"administrator":            {admin, careplan.Target{}, true},
			"job":                      {p.System, careplan.Target{}, true},
			"administrator, elsewhere": {admin, careplan.Target{Org: id.New[id.Org]()}, false},
		} {
			_, err := p.patients.Import(ctx, c.actor, c.target, batch(t, "cercle.json"))
			if c.ok && err != nil || !c.ok && !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
		refused := 0
		for _, e := range p.entries(t, audit.Filter{Action: "import"}) {
			if e.Outcome == audit.Refused {
				refused++
			}
		}
		if refused != 5 {
			t.Errorf("%d refusals audited, want 5", refused)
		}
	})
}

// A secretary who knows an identifier of another team's patient must not come
// to see the file by importing something for them.
func TestImportOpensNobodyElsesFile(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, p := context.Background(), newPlans(t, s)
		p.importing(t, batch(t, "tddui.json"))
		before := p.file(t, "tessonnier")
		other, err := p.Meetings.SaveTeam(ctx, p.System, meetings.Team{
			Name: "Autre équipe", Kind: meetings.Synthese, Zone: "Europe/Paris", HolidayZone: "metropole", CaseMinutes: 8,
			ReviewInterval: 90, OrganizerAddress: "autre@valbrume.example",
		})
		if err != nil {
			t.Fatal(err)
		}
		stranger := p.Stranger
		stranger.Teams = map[id.Team]auth.Role{other.ID: auth.Secretary}
		again := batch(t, "tddui.json")
		again.Plans[0].Key.Value += "-2"
		again.Plans[0].Plan.Title = "Plan d’une autre équipe"
		r, err := p.patients.Import(ctx, stranger, careplan.Target{Team: other.ID}, again)
		if err != nil || r.Changed() || len(r.Lines) == 0 {
			t.Errorf("import: %+v, %v; want everything refused", r.Counts, err)
		}
		if _, err := p.patients.File(ctx, stranger, before.Patient.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the file is open to another team's secretary: %v", err)
		}
		refused := p.entries(t, audit.Filter{Action: "patient.import", Patient: before.Patient.ID, Actor: stranger.Professional})
		if len(refused) != 1 || refused[0].Outcome != audit.Refused {
			t.Errorf("the refusal is not on record: %+v", refused)
		}
		admin := stranger
		admin.Admin = true
		if r, err := p.patients.Import(ctx, admin, careplan.Target{Team: other.ID}, again); err != nil || !r.Changed() {
			t.Errorf("an administrator's import: %+v, %v", r.Counts, err)
		}
	})
}
