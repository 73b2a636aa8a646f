package careplan

import "strconv"

// OIDs of the national health identity (INS): which register a matricule
// belongs to. Test and demonstration registers never mix with production.
const (
	OIDNIR  = "1.2.250.1.213.1.4.8"
	OIDNIA  = "1.2.250.1.213.1.4.9"
	OIDTest = "1.2.250.1.213.1.4.10"
	OIDDemo = "1.2.250.1.213.1.4.11"
)

// NIRKey returns the control key of a NIR of 13 characters, 1 to 97:
// 97 − (NIR mod 97), the Corsican departments 2A and 2B counting as 19 and 18.
// It reports false when nir has not the form of a NIR.
func NIRKey(nir string) (key int, ok bool) {
	if len(nir) != 13 {
		return 0, false
	}
	switch nir[5:7] {
	case "2A":
		nir = nir[:5] + "19" + nir[7:]
	case "2B":
		nir = nir[:5] + "18" + nir[7:]
	}
	for _, c := range []byte(nir) {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(nir, 10, 64)
	if err != nil {
		return 0, false
	}
	return 97 - int(n%97), true
}

// ValidNIR reports whether a matricule of 15 characters (13 + 2-digit key) has
// a first character and a month that a NIR may have. Its key is not looked at.
func ValidNIR(matricule string) bool {
	if len(matricule) != 15 {
		return false
	}
	if _, ok := NIRKey(matricule[:13]); !ok {
		return false
	}
	switch matricule[0] {
	case '1', '2', '3', '4', '7', '8':
	default:
		return false
	}
	month, err := strconv.Atoi(matricule[3:5])
	if err != nil {
		return false
	}
	return month >= 1 && month <= 12 || month >= 20 && month <= 42 || month >= 50
}

// ValidNIRKey reports whether a matricule of 15 characters has the form of a
// NIR and ends with its right control key.
func ValidNIRKey(matricule string) bool {
	if !ValidNIR(matricule) {
		return false
	}
	key, _ := NIRKey(matricule[:13])
	given, err := strconv.Atoi(matricule[13:])
	return err == nil && given == key
}

// Matricule returns the patient's matricule INS when it may be used: identity
// qualified and key right (référentiel INS). Otherwise it returns "".
func (p Patient) Matricule() string {
	if p.Identity != Qualified || !p.INS.KeyValid {
		return ""
	}
	return p.INS.Matricule
}
