package fhir

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/careplan"
)

// TestReports holds what each file gives against testdata/reports: counts
// only. RCP_UPDATE_GOLDEN=1 writes them anew; read the difference.
func TestReports(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) != 8 {
		t.Fatalf("fixtures: %d, %v", len(files), err)
	}
	if shared := os.Getenv("RCP_SHARED"); shared != "" {
		for _, dir := range []string{"synthea", "ans-tddui", "fr-core"} {
			more, err := filepath.Glob(filepath.Join(shared, "data", dir, "*.json*"))
			if err != nil || len(more) == 0 {
				t.Fatalf("%s: no files, %v", dir, err)
			}
			files = append(files, more...)
		}
	}
	for _, f := range files {
		name := goldenName(f)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := summary(readFile(t, f))
			golden := filepath.Join("testdata", "reports", name+".txt")
			if os.Getenv("RCP_UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := gocmp.Diff(string(want), got); d != "" {
				t.Errorf("report (-want +got):\n%s", d)
			}
		})
	}
}

// goldenName names a file without the person's name that its own name may hold.
func goldenName(path string) string {
	dir, base := filepath.Base(filepath.Dir(path)), filepath.Base(path)
	base, _, _ = strings.Cut(base, ".json")
	if id := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}`).FindString(base); id != "" {
		base = id[:8]
	}
	return cmp.Or(map[string]string{"testdata": "own"}[dir], dir) + "-" + base
}

func summary(b careplan.Batch) string {
	n := map[string]int{}
	for _, p := range b.Patients {
		n["patient"]++
		n["patient identity "+string(p.Patient.Identity)]++
		if p.Patient.Deceased {
			n["patient deceased"]++
		}
		for _, w := range p.Warnings {
			n["warned: "+w]++
		}
	}
	for _, p := range b.Plans {
		n["plan "+string(p.Plan.Status)]++
		n["expectation"] += len(p.Plan.Expectations)
	}
	for _, o := range b.Objectives {
		n["objective "+string(o.Objective.Lifecycle)]++
		n["objective achievement "+string(o.Objective.Achievement)]++
	}
	for _, a := range b.Actions {
		n["action "+string(a.Action.Status)]++
	}
	for _, e := range b.Events {
		n["event "+string(e.Event.Kind)]++
	}
	n["professional"], n["circle"] = len(b.Professionals), len(b.Circle)
	for _, l := range b.Refused {
		n[string(l.Result)+": "+l.Reason]++
	}
	for typ, count := range b.Ignored {
		n["ignored "+typ] = count
	}
	var out strings.Builder
	for _, k := range slices.Sorted(maps.Keys(n)) {
		if n[k] > 0 {
			fmt.Fprintf(&out, "%s: %d\n", k, n[k])
		}
	}
	return out.String()
}

// TestSyntheaCounts holds the counts that the data's own README gives.
func TestSyntheaCounts(t *testing.T) {
	t.Parallel()
	shared := os.Getenv("RCP_SHARED")
	type want struct{ active, completed, goals int }
	for id, w := range map[string]want{
		"own": {2, 1, 2}, "f8a42e66": {1, 0, 5}, "e78d0ed2": {5, 2, 5}, "8ce561ed": {1, 1, 5}, "d630c6ca": {2, 0, 5},
		"dc0e6a8c": {3, 1, 5}, "ea186cb3": {1, 2, 5}, "9e8ba712": {1, 2, 5}, "cffd2b80": {1, 2, 5}, "5d1a252c": {3, 1, 8},
		"c96ab841": {5, 1, 11}, "ad20206b": {2, 5, 5}, "fe0562b5": {7, 2, 3}, "8edf097f": {0, 0, 0}, "498377b3": {1, 1, 0},
		"e27d88b0": {0, 0, 0},
	} {
		path := "testdata/synthea.json"
		if id != "own" {
			if shared == "" {
				continue
			}
			found, err := filepath.Glob(filepath.Join(shared, "data/synthea/*_"+id+"-*.json.gz"))
			if err != nil || len(found) != 1 {
				t.Fatalf("%s: %v", id, found)
			}
			path = found[0]
		}
		b, got := readFile(t, path), want{}
		for _, p := range b.Plans {
			switch p.Plan.Status {
			case careplan.PlanActive:
				got.active++
			case careplan.PlanCompleted:
				got.completed++
			}
		}
		if got.goals = len(b.Objectives); got != w {
			t.Errorf("%s: %+v, want %+v", id, got, w)
		}
	}
}
