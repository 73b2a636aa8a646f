package minutes

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// RetentionStart is the day from which a class counts.
type RetentionStart string

// The starts.
const (
	FromLastSeen  RetentionStart = "last-seen" // last stay or visit that RCP knows of
	FromSignature RetentionStart = "signature" // of the last minutes
)

// RetentionClass is how long the minutes about a patient are kept. A number of
// 0 switches its rule off, Years apart.
type RetentionClass struct {
	Org        id.Org
	Key        string
	Name       string
	Years      int // from the start
	UntilAge   int // kept at least until this birthday
	AfterDeath int // years after a death that comes within as many of the last visit
	From       RetentionStart
	Source     string
	Version    int // 0: as shipped
}

// HospitalRecord is the key of the class of teams that have no other.
const HospitalRecord = "hospital"

// ShippedClasses are those of an organisation that changed none. The first is
// the code de la santé publique, article R. 1112-7.
func ShippedClasses(org id.Org) []RetentionClass {
	return []RetentionClass{
		{
			Org: org, Key: HospitalRecord, Name: "Dossier hospitalier", Years: 20, UntilAge: 28, AfterDeath: 10,
			From: FromLastSeen, Source: "Code de la santé publique, article R.\u00a01112-7",
		},
		{
			Org: org, Key: "signature", Name: "Vingt ans depuis la signature", Years: 20, UntilAge: 28,
			From: FromSignature, Source: "Choix de la structure",
		},
	}
}

func (c RetentionClass) check(op string) error {
	var v fault.Check
	v.That(strings.TrimSpace(c.Name) != "", "name", "Un nom est attendu.")
	v.That(utf8.RuneCountInString(c.Name) <= 100, "name", "%d caractères au plus.", 100)
	v.That(c.Years >= 1 && c.Years <= 100, "years", "Entre 1 et 100 ans.")
	v.That(c.UntilAge >= 0 && c.UntilAge <= 40, "until_age", "Entre 0 et 40 ans ; 0 : sans objet.")
	v.That(c.AfterDeath >= 0 && c.AfterDeath <= c.Years, "after_death", "Entre 0 et la durée de la classe ; 0 : sans objet.")
	v.That(slices.Contains([]RetentionStart{FromLastSeen, FromSignature}, c.From), "from", "Choisissez le point de départ.")
	v.That(strings.TrimSpace(c.Source) != "", "source", "Nommez le texte ou la décision.")
	v.That(utf8.RuneCountInString(c.Source) <= 200, "source", "%d caractères au plus.", 200)
	return v.Err(op)
}

// Life is what a term is computed from. Zero days are not known.
type Life struct {
	Signed   date.Date // the last minutes
	LastSeen date.Date
	Birth    date.Date
	Deceased date.Date
}

// Retain returns the last day on which minutes must be kept, zero when the
// start is not known: then there is no term. It is the rule of the code de la
// santé publique, article R. 1112-7, with the numbers of the class: twenty
// years from the last stay or visit; when that ends before the twenty-eighth
// birthday, until that day; when the person dies less than ten years after the
// last visit, ten years from the death, whatever their age. What is not known
// never shortens: without a birth date the person counts as newly born.
func Retain(c RetentionClass, l Life) date.Date {
	start := l.LastSeen
	if c.From == FromSignature {
		start = l.Signed
	}
	if start.IsZero() {
		return date.Date{}
	}
	if !l.Deceased.IsZero() && c.AfterDeath > 0 && l.Deceased.Before(years(start, c.AfterDeath)) {
		return date.Later(years(l.Deceased, c.AfterDeath), start)
	}
	born := l.Birth
	if born.IsZero() {
		born = start
	}
	end := years(start, c.Years)
	if c.UntilAge > 0 {
		end = date.Later(end, years(born, c.UntilAge))
	}
	return end
}

// years is the same day n years later; 29 February becomes 1 March where there
// is none.
func years(d date.Date, n int) date.Date { return date.New(d.Year+n, d.Month, d.Day) }

// soonest is the fewest years that any of the classes can keep for.
func soonest(classes []RetentionClass) int {
	least := 100
	for _, c := range classes {
		least = min(least, c.Years)
		if c.AfterDeath > 0 {
			least = min(least, c.AfterDeath)
		}
	}
	return least
}

// Kept is a patient's minutes with how long they are kept. It names the patient
// by the local identifier alone: who administers reads no patient.
type Kept struct {
	Patient   id.Patient
	IPP       string
	Life      Life
	Followed  bool // a plan is not over: no term yet
	Documents int  // cases of signed minutes
	Teams     []id.Team
	Class     RetentionClass // of their teams' classes, the one that keeps longest
	Until     date.Date
	Hold      Hold // ID empty: none
}

// settle fills the class and the term.
func (k Kept) settle(classOf func(id.Team) RetentionClass) Kept {
	for i, t := range k.Teams {
		c := classOf(t)
		if until := Retain(c, k.Life); i == 0 || until.After(k.Until) {
			k.Class, k.Until = c, until
		}
	}
	return k
}
