package content_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/demo/content"
)

func load(t *testing.T) content.Content {
	t.Helper()
	c, err := content.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func demoDay() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

func TestLoadHoldsTwoTeamsAndFortyPatients(t *testing.T) {
	t.Parallel()
	c := load(t)
	count := map[string]int{}
	for _, p := range c.Patients {
		count[p.Team]++
	}
	want := map[string]int{"geriatrie": 28, "onco": 14}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Errorf("patients by team (-want +got):\n%s", diff)
	}
	if n := len(c.LastMeeting.Cases); n != 8 {
		t.Errorf("last meeting: %d cases, want 8", n)
	}
}

// TestMaterialIsVaried holds what the demo must be able to show.
func TestMaterialIsVaried(t *testing.T) {
	t.Parallel()
	got := map[string]int{}
	for _, p := range load(t).Patients {
		got["identity "+p.Identity]++
		got["sharing "+p.Sharing.State]++
		got["plan "+p.Plan.Status]++
		if p.DeceasedDaysAgo > 0 {
			got["deceased"]++
		}
		if p.Plan.LastReviewDaysAgo == nil && p.Plan.Status == "active" {
			got["never reviewed"]++
		}
		if p.Request != nil {
			got["request in "+p.Team]++
		}
		if len(p.Deferrals) > 1 {
			got["deferred twice"]++
		}
		if p.Plan.NextReviewInDays != nil && *p.Plan.NextReviewInDays < 0 {
			got["overdue"]++
		}
		if p.Case != nil {
			got["case "+p.Case.Kind]++
		}
	}
	for what, least := range map[string]int{
		"identity PROV": 2, "identity VALI": 5, "identity RECUP": 2, "identity QUAL": 10,
		"sharing agreed": 30, "sharing opposed": 1, "sharing unknown": 2,
		"plan draft": 1, "plan active": 30, "plan on-hold": 1, "plan completed": 1,
		"deceased": 1, "never reviewed": 1, "deferred twice": 1, "overdue": 5,
		"request in geriatrie": 5, "request in onco": 8, "case standard": 1, "case discussed": 10,
	} {
		if got[what] < least {
			t.Errorf("%s: %d, want at least %d", what, got[what], least)
		}
	}
}

func TestNothingAddressedOutsideExample(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"teams.json", "patients.json", "meeting.json"} {
		for _, m := range regexp.MustCompile(`@[\w.-]+`).FindAllString(read(t, file), -1) {
			if !strings.HasSuffix(m, ".example") {
				t.Errorf("%s: domain %q", file, m)
			}
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestFrenchTypography looks at every sentence: a no-break space inside « »
// and before a colon, a narrow one before ; ? !, and no straight apostrophe.
func TestFrenchTypography(t *testing.T) {
	t.Parallel()
	wrong := regexp.MustCompile(`'|\.\.\.|[^\x{202f}][;?!]|[^\x{a0}\d]:|«[^\x{a0}]|[^\x{a0}]»|\d (kg|mg|g/L|ans|cm²|mL|h)\b|\b(Dr|Mme) `)
	for _, file := range []string{"teams.json", "patients.json", "meeting.json"} {
		var v any
		if err := json.Unmarshal([]byte(read(t, file)), &v); err != nil {
			t.Fatal(err)
		}
		eachString(v, func(s string) {
			if m := wrong.FindString(s); m != "" {
				t.Errorf("%s: %q in %q", file, m, s)
			}
		})
	}
}

func eachString(v any, see func(string)) {
	switch v := v.(type) {
	case string:
		see(v)
	case []any:
		for _, x := range v {
			eachString(x, see)
		}
	case map[string]any:
		for _, x := range v {
			eachString(x, see)
		}
	}
}

// TestINSKeys computes the key by the other reading of the rule for Corsica
// (letter as 0, minus one or two millions).
func TestINSKeys(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, p := range load(t).Patients {
		ins := p.INS()
		if (ins != "") != (p.Identity == "QUAL") {
			t.Errorf("%s: identity %s with INS %q", p.Key, p.Identity, ins)
		}
		if ins == "" {
			continue
		}
		if len(ins) != 15 || otherKey(t, ins[:13]) != ins[13:] {
			t.Errorf("%s: wrong key in %s", p.Key, ins)
		}
		if seen[ins] != "" {
			t.Errorf("%s and %s share an INS", p.Key, seen[ins])
		}
		seen[ins] = p.Key
	}
}

func otherKey(t *testing.T, nir string) string {
	t.Helper()
	minus := 0
	switch nir[6] {
	case 'A':
		minus = 1_000_000
	case 'B':
		minus = 2_000_000
	}
	n, err := strconv.Atoi(strings.NewReplacer("A", "0", "B", "0").Replace(nir))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%02d", 97-(n-minus)%97)
}

func TestValidateFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		spoil func(*content.Content)
		want  string
	}{
		"unknown member": {func(c *content.Content) { c.Patients[0].Plan.Objectives[0].Who = "personne" }, `unknown member "personne"`},
		"double patient": {func(c *content.Content) { c.Patients[1].Key = c.Patients[0].Key }, "not unique"},
		"double IPP":     {func(c *content.Content) { c.Patients[1].IPP = c.Patients[0].IPP }, "IPP"},
		"birth date":     {func(c *content.Content) { c.Patients[0].BirthDate = "1936-02-30" }, "not YYYY-MM-DD"},
		"days":           {func(c *content.Content) { c.Patients[0].Plan.Objectives[0].DueInDays = 9000 }, "out of bounds"},
		"domain":         {func(c *content.Content) { c.Members[0].Email = "a@hopital.test" }, "outside .example"},
		"verdict":        {func(c *content.Content) { c.LastMeeting.Cases[0].Decision.Verdicts[0].Objective = 9 }, "objective 9"},
		"circle":         {func(c *content.Content) { c.Patients[0].Circle = c.Patients[0].Circle[:1] }, "outside the care circle"},
		"RPPS key":       {func(c *content.Content) { c.Members[0].RPPS = "99007000231" }, "RPPS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := load(t)
			tc.spoil(&c)
			if err := c.Validate(); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("Validate() = %v, want %q", err, tc.want)
			}
		})
	}
}

func TestSuggestedForEveryPatientIsDecidable(t *testing.T) {
	t.Parallel()
	c := load(t)
	for _, p := range c.Patients {
		d := content.SuggestedFor(p)
		if d.Summary == "" || len(d.Verdicts) != len(p.Plan.Objectives) {
			t.Errorf("%s: %d verdicts for %d objectives", p.Key, len(d.Verdicts), len(p.Plan.Objectives))
		}
	}
}

func bundles(t *testing.T) map[string][]byte {
	t.Helper()
	out, err := content.Bundles(load(t), demoDay())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestBundlesAreTheSameEachTime(t *testing.T) {
	t.Parallel()
	one, two := bundles(t), bundles(t)
	for key, b := range one {
		if !bytes.Equal(b, two[key]) {
			t.Errorf("%s differs from one run to the next", key)
		}
	}
}

// TestBundleReferencesResolve holds that every relative reference names an
// entry of its own bundle, and that no identifier is used twice anywhere but
// by a professional.
func TestBundleReferencesResolve(t *testing.T) {
	t.Parallel()
	owner := map[string]string{}
	for key, b := range bundles(t) {
		var got struct {
			Entry []struct {
				FullURL  string         `json:"fullUrl"`
				Resource map[string]any `json:"resource"`
			} `json:"entry"`
		}
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		present := map[string]bool{}
		for _, e := range got.Entry {
			id := fmt.Sprint(e.Resource["resourceType"], "/", e.Resource["id"])
			if present[id] || !strings.HasSuffix(e.FullURL, "/"+id) {
				t.Errorf("%s: entry %s twice or under %s", key, id, e.FullURL)
			}
			present[id] = true
			ownIdentifiers(t, owner, id, e.Resource)
		}
		for _, e := range got.Entry {
			eachReference(e.Resource, func(to string) {
				if !present[to] {
					t.Errorf("%s: %v refers to %s, which is absent", key, e.Resource["id"], to)
				}
			})
		}
	}
}

func ownIdentifiers(t *testing.T, owner map[string]string, id string, r map[string]any) {
	t.Helper()
	list, _ := r["identifier"].([]any)
	for _, i := range list {
		m := i.(map[string]any)
		name := fmt.Sprint(m["system"], "|", m["value"])
		if prior := owner[name]; prior != "" && prior != id {
			t.Errorf("%s and %s share an identifier", prior, id)
		}
		owner[name] = id
	}
}

func eachReference(v any, see func(string)) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			eachReference(x, see)
		}
	case map[string]any:
		if to, ok := v["reference"].(string); ok {
			see(to)
		}
		for _, x := range v {
			eachReference(x, see)
		}
	}
}

func TestBundleFollowsTheDay(t *testing.T) {
	t.Parallel()
	c := load(t)
	for name, today := range map[string]time.Time{
		"leap day": time.Date(2028, 2, 29, 23, 30, 0, 0, time.UTC),
		"new year": time.Date(2027, 1, 1, 0, 30, 0, 0, time.FixedZone("", 3600)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := content.Bundles(c, today)
			if err != nil {
				t.Fatal(err)
			}
			last := today.AddDate(0, 0, -35).Format(time.DateOnly) // roumegas: last_review_days_ago
			next := today.AddDate(0, 0, -7).Format(time.DateOnly)  // and next_review_in_days
			for _, want := range []string{`"start": "` + last + `"`, `"valueDateTime": "` + next + `"`} {
				if !bytes.Contains(out["roumegas"], []byte(want)) {
					t.Errorf("no %s in the bundle", want)
				}
			}
		})
	}
}
