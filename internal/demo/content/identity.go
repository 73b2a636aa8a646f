package content

import (
	"fmt"
	"strconv"
	"strings"
)

// TestINS is the OID of the INS test domain: no matricule here is a real one.
const TestINS = "1.2.250.1.213.1.4.10"

// INS is the patient's matricule with its key, 15 characters: sex, year and
// month of birth, birthplace, order, and 97 − (N mod 97). Empty unless the
// identity is qualified.
func (p Patient) INS() string {
	if p.INSOrder == "" {
		return ""
	}
	sex := "1"
	if p.Sex == "female" {
		sex = "2"
	}
	nir := sex + p.BirthDate[2:4] + p.BirthDate[5:7] + p.BirthPlace + p.INSOrder
	return nir + nirKey(nir)
}

// nirKey is the control key of a 13-character NIR; the department 2A counts
// as 19 and 2B as 18 (Corsica).
func nirKey(nir string) string {
	digits := strings.NewReplacer("2A", "19", "2B", "18").Replace(nir)
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%02d", 97-n%97)
}

// luhn reports whether the last digit is the Luhn key of the others.
func luhn(s string) bool {
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if d < 0 || d > 9 {
			return false
		}
		if i%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}

// LocalID is the person's part of every TDDUI identifier: `3`, the FINESS,
// `/` and the IPP.
func (c Content) LocalID(p Patient) string {
	return "3" + c.Organisation.FINESS + "/" + p.IPP
}

// ObjectiveID is the TDDUI identifier value of the patient's n-th objective,
// counted from 1: how the demo finds an imported objective again.
func (c Content) ObjectiveID(p Patient, n int) string {
	return fmt.Sprintf("%s-OBJE-%d", c.LocalID(p), 1000+n)
}

// PlanID is the TDDUI identifier value of the patient's plan.
func (c Content) PlanID(p Patient) string { return c.LocalID(p) + "-PPER-1001" }
