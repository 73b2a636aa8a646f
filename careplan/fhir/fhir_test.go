package fhir

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
)

// own reads a fixture of this package.
func own(t testing.TB, name string) careplan.Batch {
	t.Helper()
	return readFile(t, filepath.Join("testdata", name))
}

func readFile(t testing.TB, path string) careplan.Batch {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := Read(f, filepath.Base(path), Limits{})
	if err != nil {
		t.Fatalf("read %s: %v", filepath.Base(path), err)
	}
	return b
}

// both returns a fixture and, when RCP_SHARED is set, the public file that it
// stands for.
func both(t testing.TB, fixture, public string) map[string]careplan.Batch {
	t.Helper()
	all := map[string]careplan.Batch{fixture: own(t, fixture)}
	if shared := os.Getenv("RCP_SHARED"); shared != "" {
		all[filepath.Base(public)] = readFile(t, filepath.Join(shared, "data", public))
	}
	return all
}

const paBundle = "ans-tddui/bundle-projet-personnalise-pa.json"

func TestActionNeverLandsOnAnotherPersonsPlan(t *testing.T) {
	t.Parallel()
	for name, b := range both(t, "tddui.json", paBundle) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			warned := 0
			for _, l := range b.Refused {
				if l.Result == careplan.Warned && strings.Contains(l.Reason, "autre plan") {
					warned++
				}
			}
			if len(b.Actions) == 0 || warned == 0 {
				t.Fatalf("%d actions, %d warnings", len(b.Actions), warned)
			}
			for _, a := range b.Actions {
				if a.Plan != b.Plans[0].Key || a.Patient != b.Patients[0].Keys[0] || a.Objective == (careplan.Key{}) {
					t.Errorf("entry %d: the action does not follow its objective", a.Place.Entry)
				}
			}
		})
	}
}

func TestCrossedReferencesAreRefusedOrFollowTheObjective(t *testing.T) {
	t.Parallel()
	b := own(t, "tddui-croise.json")
	a := b.Patients[0].Keys[0]
	got := map[string]string{}
	for _, x := range b.Actions {
		if x.Patient != a || x.Plan != b.Plans[0].Key {
			t.Errorf("entry %d landed on another person", x.Place.Entry)
		}
		got[x.Action.Title] = x.Plan.Value
	}
	if len(got) != 2 || got["Suit l’objectif de A"] == "" || got["Sans objectif, sur son plan"] == "" {
		t.Errorf("actions read: %v", got)
	}
	if len(b.Plans) != 2 || len(b.Objectives) != 1 {
		t.Errorf("%d plans, %d objectives: the crossed ones were read", len(b.Plans), len(b.Objectives))
	}
	for _, p := range b.Plans {
		if !p.Plan.LastReview.IsZero() {
			t.Error("a review of another person dated a plan")
		}
	}
	if n := refusedLines(b); n != 8 {
		t.Errorf("%d refused, want 8", n)
	}
}

func refusedLines(b careplan.Batch) (n int) {
	for _, l := range b.Refused {
		if l.Result == careplan.Refused {
			n++
		}
	}
	return n
}

func TestObjectifAndAttenteAreToldApartByIdentifier(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct{ objectives, expectations int }{"tddui.json": {2, 1}, filepath.Base(paBundle): {3, 2}} {
		b, ok := both(t, "tddui.json", paBundle)[name]
		if !ok {
			continue
		}
		if len(b.Objectives) != want.objectives || len(b.Plans[0].Plan.Expectations) != want.expectations {
			t.Errorf("%s: %d objectives, %d expectations", name, len(b.Objectives), len(b.Plans[0].Plan.Expectations))
		}
		for i, o := range b.Objectives {
			if !strings.HasPrefix(o.Objective.Title, "Objectif ") || o.Objective.Description == "" || o.Objective.Position != i+1 {
				t.Errorf("%s: objective %d: title not from the note, or description lost", name, i)
			}
		}
		for _, e := range b.Plans[0].Plan.Expectations {
			if e.Origin != "Usager" && e.Origin != "Famille" || strings.Contains(e.Text, " \n") {
				t.Errorf("%s: expectation of %q", name, e.Origin)
			}
		}
	}
}

func TestProjetPersonnalise(t *testing.T) {
	t.Parallel()
	b := own(t, "tddui.json")
	p := b.Plans[0].Plan
	if p.LastReview != date.New(2026, 7, 2) || p.NextReview != date.New(2026, 11, 25) {
		t.Errorf("reviews %s and %s: not those of the latest bilan", p.LastReview, p.NextReview)
	}
	o := b.Objectives[0]
	if o.Objective.PatientView != "D’accord" || o.Objective.Expected != "Aucune chute" ||
		o.Objective.Due != date.New(2026, 12, 31) || o.Owner.Value != "10109876543" || o.Objective.OwnerName != "Inès Karaoui" {
		t.Errorf("objective: %+v", o.Objective)
	}
	if got := b.Objectives[1].Objective.Strategy; got != "Sorties" {
		t.Errorf("strategy %q", got)
	}
	first, second := b.Actions[0], b.Actions[1]
	if first.Action.OwnerName != "Ergothérapeute" || first.Owner != (careplan.Key{}) || first.Action.Due != date.New(2026, 11, 15) {
		t.Errorf("action with a display for owner: %+v", first.Action)
	}
	if second.Action.Title != "Atelier équilibre" || second.Action.Status != careplan.ActionCompleted || second.Owner.Value != "10109876543" {
		t.Errorf("action with the older input code system: %+v", second.Action)
	}
	if b.Ignored["Task (moyen)"] != 1 {
		t.Errorf("means: %v", b.Ignored)
	}
	if got := b.Patients[0].Patient; got.Sharing != careplan.SharingAgreed || got.SharingOn != date.New(2026, 1, 15) {
		t.Errorf("agreement of the person: %s on %s", got.Sharing, got.SharingOn)
	}
}

func TestAgreementOfTheStructureIsNotThePatients(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/tddui.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]careplan.Batch{}
	for name, change := range map[string][2]string{
		"structure": {"accordUsager", "accordStructure"},
		"rejected":  {`"status": "active",` + "\n    \"scope\"", `"status": "rejected",` + "\n    \"scope\""},
	} {
		changed := strings.Replace(string(raw), change[0], change[1], 1)
		if changed == string(raw) {
			t.Fatalf("%s: nothing replaced", name)
		}
		b, err := Read(strings.NewReader(changed), name, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		all[name] = b
	}
	if got := all["structure"].Patients[0].Patient.Sharing; got != careplan.SharingUnknown {
		t.Errorf("the structure's agreement is read as the patient's: %s", got)
	}
	if got := all["rejected"].Patients[0].Patient.Sharing; got != careplan.SharingOpposed {
		t.Errorf("a refusal is read as %s", got)
	}
}

func TestSyntheaPlans(t *testing.T) {
	t.Parallel()
	b := own(t, "synthea.json")
	if len(b.Plans) != 3 || b.Plans[1].Plan.Title != "Diabetes self management plan" {
		t.Fatalf("plans: %+v", b.Plans)
	}
	done := b.Plans[0].Plan
	if done.Status != careplan.PlanCompleted || done.Start != date.New(2004, 6, 9) || done.End != date.New(2005, 6, 9) {
		t.Errorf("completed plan: %+v", done)
	}
	for _, o := range b.Objectives {
		if o.Plan != b.Plans[1].Key || o.Objective.Lifecycle != careplan.Accepted || o.Objective.Title == "" {
			t.Errorf("objective %+v: not on the active plan that lists it", o)
		}
	}
	if b.Objectives[1].Objective.Achievement != careplan.Achieved {
		t.Errorf("achievement %q", b.Objectives[1].Objective.Achievement)
	}
	if len(b.Actions) != 2 || b.Actions[1].Key.Value != b.Plans[1].Key.Value+"#activity/1" ||
		b.Actions[1].Action.Status != careplan.ActionCompleted || b.Actions[0].Action.Title != "Diabetic diet" {
		t.Errorf("inline activities: %+v", b.Actions)
	}
	if len(b.Events) != 2 || b.Events[0].Event.Kind != careplan.Hospitalisation {
		t.Errorf("events: %+v", b.Events)
	}
	if len(b.Patients[0].Keys) != 1 || len(b.Patients[0].Patient.Identifiers) != 1 {
		t.Error("a social security number is kept")
	}
}

func TestHomonymsAreTwoPatients(t *testing.T) {
	t.Parallel()
	files := []careplan.Batch{own(t, "synthea.json")}
	if shared := os.Getenv("RCP_SHARED"); shared != "" {
		var two careplan.Batch
		for _, f := range []string{"8ce561ed-8bf7-4b0b-b1cd-e26775a8a8f8", "8edf097f-56d9-4587-aea3-20c023d0c353"} {
			two.Patients = append(two.Patients, readFile(t, filepath.Join(shared, "data/synthea/Bryan_Breitenberg_"+f+".json.gz")).Patients...)
		}
		files = append(files, two)
	}
	for i, b := range files {
		n := len(b.Patients)
		x, y := b.Patients[n-2], b.Patients[n-1]
		if x.Patient.Name() != y.Patient.Name() {
			t.Fatalf("set %d: not homonyms", i)
		}
		if x.Keys[0] == y.Keys[0] || x.Patient.BirthDate == y.Patient.BirthDate || y.SamePerson(x.Patient, careplan.Key{System: "urn:rcp:source:Patient"}) {
			t.Errorf("set %d: homonyms could be merged", i)
		}
	}
}

func TestDeceasedAreNeverReviewable(t *testing.T) {
	t.Parallel()
	for name, b := range both(t, "synthea.json", "synthea/Tiera_Boyle_5d1a252c-b4ea-4686-8577-ce7eac7ec3a0.json.gz") {
		p := b.Patients[0].Patient
		if ok, why := p.Reviewable(); ok || why != "deceased" || p.DeceasedOn != date.New(2021, 3, 23) {
			t.Errorf("%s: reviewable %v (%s), died %s", name, ok, why, p.DeceasedOn)
		}
	}
	b := own(t, "patients-fr.json")
	for _, p := range b.Patients {
		if p.Patient.BirthFamily == "NESSI" && (!p.Patient.Deceased || p.Keys[0].System != "urn:rcp:source:Patient") {
			t.Error("deceasedBoolean, or a patient without identifier, is lost")
		}
	}
}

func TestFrenchIdentities(t *testing.T) {
	t.Parallel()
	b := own(t, "patients-fr.json")
	by := map[string]careplan.SourcePatient{}
	for _, p := range b.Patients {
		by[p.Patient.IPP] = p
	}
	for _, c := range []struct {
		ipp, name, used, names, place, matricule string
		identity                                 careplan.IdentityStatus
		keys                                     int
		warning                                  string
	}{
		{"0048213", "AUBRIOT Lucienne", "DUPONT", "Lucienne Marie Rose", "2A004", "295109912611193", careplan.Qualified, 2, ""},
		{"0048214", "SEGUY HOUDA", "SEGUY NADIA", "HOUDA NADIA", "65217", "", careplan.Validated, 1, ""},
		{"0048215", "LEROUX Paule", "", "Paule", "", "", careplan.Qualified, 1, "clé"},
		{"0048216", "MATTEI Ange", "", "Ange", "", "", careplan.Qualified, 1, "mal formé"},
		{"0048217", "OUM SALA Chiara", "BOANA", "Chiara", "", "", careplan.Provisional, 1, "naissance"},
		{"0048218", "SAYAD FELIX", "", "FELIX", "", "162126587913677", careplan.Qualified, 2, ""},
	} {
		t.Run(c.ipp, func(t *testing.T) {
			t.Parallel()
			s := by[c.ipp]
			p := s.Patient
			if p.Name() != c.name || p.UsedName() != c.used || p.BirthNames != c.names || p.BirthPlace != c.place {
				t.Errorf("%q, used %q, names %q, place %q", p.Name(), p.UsedName(), p.BirthNames, p.BirthPlace)
			}
			if p.Identity != c.identity || p.Matricule() != c.matricule || len(s.Keys) != c.keys {
				t.Errorf("identity %s, matricule %q, %d keys", p.Identity, p.Matricule(), len(s.Keys))
			}
			if c.warning == "" && len(s.Warnings) > 0 || c.warning != "" && (len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], c.warning)) {
				t.Errorf("warnings %q", s.Warnings)
			}
		})
	}
}

func TestWrongINSKeysOfPublishedExamplesWarn(t *testing.T) {
	t.Parallel()
	for _, public := range []string{
		"fr-core/Bundle-cds-bundle-transaction-creation-example.json", "ans-tddui/Patient-tddui-patient-ins-example.json",
	} {
		for name, b := range both(t, "patients-fr.json", public) {
			found := false
			for _, p := range b.Patients {
				for _, w := range p.Warnings {
					found = found || strings.Contains(w, "clé")
				}
				for _, k := range p.Keys {
					if strings.HasPrefix(k.System, "urn:oid:1.2.250.1.213.1.4.") && !careplan.ValidNIRKey(k.Value) {
						t.Errorf("%s: a wrong matricule is a key", name)
					}
				}
			}
			if !found {
				t.Errorf("%s: no warning", name)
			}
		}
	}
}

func TestCareCircleWithRelativeReferences(t *testing.T) {
	t.Parallel()
	b := own(t, "cercle.json")
	if len(b.Circle) != 2 {
		t.Fatalf("circle: %+v", b.Circle)
	}
	got := map[string]careplan.SourceCircle{}
	for _, c := range b.Circle {
		if c.Patient != b.Patients[0].Keys[0] {
			t.Error("circle of somebody else")
		}
		got[c.Professional.Value] = c
	}
	if got["10102727017"].Role != "medecin-traitant" {
		t.Errorf("physician: %+v", got["10102727017"])
	}
	if got["10109876543"].Until != date.New(2026, 6, 30) {
		t.Errorf("nurse by PractitionerRole: %+v", got["10109876543"])
	}
	if len(refusedReasons(b)) != 0 {
		t.Errorf("refused: %v", b.Refused)
	}
}

func TestRPPSInBothForms(t *testing.T) {
	t.Parallel()
	for name, b := range both(t, "cercle.json", "fr-core/Practitioner-3719500DP.json") {
		if b.Professionals[0].RPPS != "10102727017" {
			t.Errorf("%s: RPPS %q", name, b.Professionals[0].RPPS)
		}
	}
	for _, c := range []struct {
		system, value, want string
	}{
		{systemIDNPS, "810102727017", "10102727017"},
		{systemIDNPS, "10102727017", "10102727017"},
		{systemIDNPS, "910102727017", ""},
		{SystemRPPS, "10102727017", "10102727017"},
		{SystemRPPS, "1010272701X", ""},
		{"urn:other", "10102727017", ""},
	} {
		if got := rpps([]identifier{{System: c.system, Value: c.value}}); got != c.want {
			t.Errorf("rpps(%s, %s) = %q", c.system, c.value, got)
		}
	}
}

func TestEventOfAnAbsentPatientIsRefused(t *testing.T) {
	t.Parallel()
	for name, b := range both(t, "evenement-seul.json", "ans-tddui/Encounter-tddui-encounter-evenement-example.json") {
		if len(b.Events) != 0 || len(b.Refused) != 1 {
			t.Errorf("%s: %d events, %v", name, len(b.Events), b.Refused)
		}
	}
}

func TestReportHoldsNoPatientData(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no fixtures")
	}
	for _, f := range files {
		b := readFile(t, f)
		var secrets []string
		for _, p := range b.Patients {
			secrets = append(secrets, p.Patient.BirthFamily, p.Patient.IPP, p.Patient.INS.Matricule, p.Keys[0].Value)
		}
		for _, l := range b.Refused {
			for _, s := range secrets {
				if s != "" && strings.Contains(strings.ToLower(l.Reason), strings.ToLower(s)) {
					t.Errorf("%s: a line repeats what the patient's entry says", f)
				}
			}
			if strings.Contains(l.Place.Type, "<") {
				t.Errorf("%s: a line repeats raw input", f)
			}
		}
	}
}

func refusedReasons(b careplan.Batch) (all []string) {
	for _, l := range b.Refused {
		if l.Result == careplan.Refused {
			all = append(all, l.Reason)
		}
	}
	return all
}

func TestBadEntriesCostOnlyThemselves(t *testing.T) {
	t.Parallel()
	b := own(t, "abime.json")
	if len(b.Patients) != 2 || len(b.Plans) != 2 {
		t.Errorf("%d patients, %d plans read", len(b.Patients), len(b.Plans))
	}
	if n := refusedLines(b); n != 14 {
		t.Errorf("%d refused, want 14: %q", n, refusedReasons(b))
	}
	last := b.Patients[1].Patient
	if strings.ContainsRune(last.BirthFamily, 0) {
		t.Error("a NUL reaches the database")
	}
	if b.Plans[1].Plan.Status != careplan.PlanDraft {
		t.Errorf("unknown status read as %q", b.Plans[1].Plan.Status)
	}
}

func TestWholeInputsRefused(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	gz := gzip.NewWriter(&bomb)
	_, _ = gz.Write(bytes.Repeat([]byte(" "), 1<<20))
	_ = gz.Close()
	for name, c := range map[string]struct {
		in     string
		limits Limits
	}{
		"empty":        {"", Limits{}},
		"not JSON":     {"<Bundle/>", Limits{}},
		"no type":      {`{"id":"1"}`, Limits{}},
		"two values":   {`{"resourceType":"Patient"}{}`, Limits{}},
		"history":      {`{"resourceType":"Bundle","type":"history"}`, Limits{}},
		"bad entries":  {`{"resourceType":"Bundle","type":"batch","entry":3}`, Limits{}},
		"too many":     {`{"resourceType":"Bundle","type":"batch","entry":[{},{},{}]}`, Limits{Entries: 2}},
		"too large":    {`{"resourceType":"Patient"}`, Limits{Bytes: 8}},
		"gzip bomb":    {bomb.String(), Limits{Bytes: 1 << 10}},
		"broken gzip":  {bomb.String()[:20], Limits{}},
		"gzip header":  {"\x1f\x8b", Limits{}},
		"too deep":     {strings.Repeat("[", 65) + strings.Repeat("]", 65), Limits{}},
		"deep in text": {`{"resourceType":"Bundle","type":"[[[[","entry":[]}`, Limits{Depth: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Read(strings.NewReader(c.in), "f", c.limits)
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestGzipAndByteOrderMark(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/synthea.json")
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	gz := gzip.NewWriter(&packed)
	_, _ = gz.Write(append([]byte("\ufeff"), raw...))
	_ = gz.Close()
	b, err := Read(&packed, "f", Limits{})
	if err != nil || len(b.Patients) != 3 {
		t.Errorf("%d patients, %v", len(b.Patients), err)
	}
}

func TestSingleResource(t *testing.T) {
	t.Parallel()
	b, err := Read(strings.NewReader(`{"resourceType":"Patient","id":"1","name":[{"family":"VIALA","given":[null,"Rose"]}]}`), "f", Limits{Depth: 5})
	if err != nil || len(b.Patients) != 1 || b.Patients[0].Patient.Name() != "VIALA Rose" {
		t.Errorf("%+v, %v", b.Patients, err)
	}
}
