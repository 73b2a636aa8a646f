package fhir

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/fault"
)

func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Task","basedOn":[{"reference":"#"}]}}]}`))
	f.Add([]byte("\x1f\x8b\x08"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := Read(bytes.NewReader(raw), "f", Limits{Bytes: 1 << 20})
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("fault %v", err)
			}
			return
		}
		checkBatch(t, b)
	})
}

// checkBatch holds what is true of any batch: everything hangs on a plan of
// the same person, nothing is named twice, and texts can be stored.
func checkBatch(t *testing.T, b careplan.Batch) {
	t.Helper()
	owner := map[careplan.Key]careplan.Key{}
	seen := map[careplan.Key]bool{}
	once := func(k careplan.Key) {
		if k.Value == "" || seen[k] {
			t.Fatalf("key empty or twice")
		}
		seen[k] = true
	}
	for _, p := range b.Patients {
		once(p.Keys[0])
		if p.Patient.BirthFamily == "" || !utf8.ValidString(p.Patient.BirthFamily) {
			t.Fatal("patient without name")
		}
	}
	for _, p := range b.Plans {
		once(p.Key)
		owner[p.Key] = p.Patient
	}
	goals := map[careplan.Key]careplan.Key{}
	for _, o := range b.Objectives {
		once(o.Key)
		goals[o.Key] = o.Plan
		if who, ok := owner[o.Plan]; !ok || who != o.Patient || o.Objective.Title == "" {
			t.Fatal("objective of another person's plan, or without title")
		}
	}
	for _, a := range b.Actions {
		if who, ok := owner[a.Plan]; !ok || who != a.Patient || a.Action.Title == "" {
			t.Fatal("action of another person's plan, or without title")
		}
		if plan, ok := goals[a.Objective]; a.Objective != (careplan.Key{}) && (!ok || plan != a.Plan) {
			t.Fatal("action of another plan's objective")
		}
	}
	for _, l := range b.Refused {
		if l.Reason == "" || l.Place.Entry < 0 {
			t.Fatal("line without reason or place")
		}
	}
}
