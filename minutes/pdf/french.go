package pdf

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// unsaid is printed where nothing was recorded.
const unsaid = "non renseigné"

var typography = strings.NewReplacer(
	"'", "’", " :", "\u00a0:", " %", "\u00a0%", "« ", "«\u00a0", " »", "\u00a0»",
	" ;", "\u202f;", " ?", "\u202f?", " !", "\u202f!",
)

// fr sets the no-break spaces and apostrophes of French in the fixed strings
// of this package. It is never given what people typed.
func fr(s string) string { return typography.Replace(s) }

var (
	weekdays = [...]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}
	months   = [...]string{
		"janvier", "février", "mars", "avril", "mai", "juin", "juillet",
		"août", "septembre", "octobre", "novembre", "décembre",
	}
)

// longDate returns « jeudi 26 novembre 2026 ».
func longDate(t time.Time) string {
	day := fmt.Sprint(t.Day())
	if t.Day() == 1 {
		day = "1er"
	}
	return fmt.Sprintf("%s %s\u00a0%s %d", weekdays[t.Weekday()], day, months[t.Month()-1], t.Year())
}

// hour returns « 14 h 30 ».
func hour(t time.Time) string { return t.Format("15\u00a0h\u00a004") }

// shortDate returns 26/11/2026, or « non renseigné ».
func shortDate(d date.Date) string {
	if d.IsZero() {
		return unsaid
	}
	return fmt.Sprintf("%02d/%02d/%04d", d.Day, int(d.Month), d.Year)
}

// plural returns « 1 dossier », « 3 dossiers »: zero is singular in French.
func plural(n int, one, many string) string {
	if n < 2 {
		return fmt.Sprintf("%d\u00a0%s", n, one)
	}
	return fmt.Sprintf("%d\u00a0%s", n, many)
}

// or returns s, or alt when s is blank.
func or(s, alt string) string {
	if strings.TrimSpace(s) == "" {
		return alt
	}
	return s
}

// fullName returns AUBRIOT Lucienne: the birth name first, in capitals.
func fullName(family, given string) string {
	return or(strings.TrimSpace(strings.ToUpper(family)+" "+given), unsaid)
}

func verdictWord(v minutes.Verdict) string {
	switch v {
	case minutes.VerdictAchieved:
		return "Atteint"
	case minutes.VerdictProgress:
		return "Progrès"
	case minutes.VerdictStable:
		return "Stable"
	case minutes.VerdictSetback:
		return "Recul"
	case minutes.VerdictAbandoned:
		return "Abandonné"
	case minutes.VerdictNew:
		return "Nouveau"
	}
	return unsaid
}

func presenceWord(p meetings.Presence) string {
	switch p {
	case meetings.Present:
		return "Présent"
	case meetings.Remote:
		return "À distance"
	case meetings.Excused:
		return "Excusé"
	case meetings.Absent:
		return "Absent"
	}
	return "Non noté"
}

// roleWord returns the role in a team in French; another text stays as it is.
func roleWord(r string) string {
	switch auth.Role(r) {
	case auth.Chair:
		return "Animation"
	case auth.Secretary:
		return "Secrétariat"
	case auth.Clinician:
		return "Participation"
	}
	return or(r, unsaid)
}

func sexWord(s careplan.Sex) string {
	switch s {
	case careplan.Female:
		return "F"
	case careplan.Male:
		return "M"
	case careplan.SexOther:
		return "sexe autre"
	}
	return "sexe " + unsaid
}

func bornWord(s careplan.Sex) string {
	switch s {
	case careplan.Female:
		return "née le "
	case careplan.Male:
		return "né le "
	}
	return "né(e) le "
}

func identityWord(s careplan.IdentityStatus) string {
	switch s {
	case careplan.Provisional:
		return "identité\u00a0provisoire"
	case careplan.Validated:
		return "identité\u00a0validée"
	case careplan.Retrieved:
		return "identité\u00a0récupérée"
	case careplan.Qualified:
		return "identité\u00a0qualifiée"
	}
	return "statut de l’identité " + unsaid
}

// insKind names the matricule by its OID (référentiel INS).
func insKind(oid string) string {
	switch oid {
	case "1.2.250.1.213.1.4.8":
		return "NIR"
	case "1.2.250.1.213.1.4.9":
		return "NIA"
	case "1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11":
		return "matricule de test"
	}
	return oid
}

// insGroups sets a matricule as on a carte Vitale: 2 39 03 21 231 012 45.
func insGroups(s string) string {
	if len(s) != 15 || utf8.RuneCountInString(s) != 15 {
		return s
	}
	return strings.Join([]string{s[:1], s[1:3], s[3:5], s[5:7], s[7:10], s[10:13], s[13:]}, "\u00a0")
}

// missingWord names who a quorum lacks.
func missingWord(key string) string {
	if key == "specialties" {
		return "spécialités médicales"
	}
	for _, p := range meetings.Professions {
		if p.Key == key {
			return strings.ToLower(p.French)
		}
	}
	return key
}
