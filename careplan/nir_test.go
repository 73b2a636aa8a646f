package careplan

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestNIRKeyOfPublishedExamples(t *testing.T) {
	t.Parallel()
	// The table of python-stdnum, betagouv/nir_validate and the ANS samples.
	for _, c := range []struct {
		matricule string
		key       int // 0: bad format
		valid     bool
	}{
		{"295109912611193", 93, true},
		{"253072A07300443", 43, true},
		{"253072B07300470", 70, true},
		{"186022A21532523", 23, true},
		{"255081416802538", 38, true},
		{"279035121518989", 89, true},
		{"277076322082910", 10, true},
		{"162126587913677", 77, true},
		{"295109912611199", 93, false},
		{"255081416802539", 38, false},
		{"253072C07300443", 0, false},
		{"123456789012244", 12, false},
		{"147720425367411", 30, false},
		{"179125612113516", 15, false},
		{"995109912611193", 0, false}, // no NIR begins with 9
		{"29510991261119", 0, false},
		{"", 0, false},
	} {
		t.Run(c.matricule, func(t *testing.T) {
			t.Parallel()
			if got := ValidNIRKey(c.matricule); got != c.valid {
				t.Errorf("ValidNIRKey = %v, want %v", got, c.valid)
			}
			if c.key == 0 {
				return
			}
			if key, ok := NIRKey(c.matricule[:13]); !ok || key != c.key {
				t.Errorf("NIRKey = %d, %v, want %d", key, ok, c.key)
			}
		})
	}
}

func TestNIRKeyIsUnique(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		department := rapid.SampledFrom([]string{"01", "29", "2A", "2B", "75", "99"}).Draw(t, "department")
		nir := fmt.Sprintf("%d%02d%02d%s%06d", rapid.IntRange(1, 2).Draw(t, "sex"), rapid.IntRange(0, 99).Draw(t, "year"),
			rapid.IntRange(1, 12).Draw(t, "month"), department, rapid.IntRange(0, 999_999).Draw(t, "rest"))
		valid := 0
		for key := range 100 {
			if ValidNIRKey(fmt.Sprintf("%s%02d", nir, key)) {
				valid++
			}
		}
		if valid != 1 {
			t.Fatalf("%d keys are valid for one NIR", valid)
		}
	})
}

func TestMatriculeNeedsQualifiedIdentity(t *testing.T) {
	t.Parallel()
	ins := INS{Matricule: "295109912611193", OID: OIDNIR, KeyValid: true}
	for _, status := range []IdentityStatus{Provisional, Validated, Retrieved, ""} {
		if got := (Patient{INS: ins, Identity: status}).Matricule(); got != "" {
			t.Errorf("status %q: the matricule is used", status)
		}
	}
	if got := (Patient{INS: ins, Identity: Qualified}).Matricule(); got != ins.Matricule {
		t.Errorf("qualified: matricule = %q", got)
	}
	ins.KeyValid = false
	if got := (Patient{INS: ins, Identity: Qualified}).Matricule(); got != "" {
		t.Error("wrong key: the matricule is used")
	}
}
