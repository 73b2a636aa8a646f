package lang

import (
	"fmt"
	"math"
	"time"

	"github.com/rcp-care/rcp/internal/date"
)

// names of a language's days from Sunday and months from January.
type names struct {
	days, shortDays     [7]string
	months, shortMonths [12]string
}

var frenchNames = names{
	days:        [7]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
	shortDays:   [7]string{"dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."},
	months:      [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
	shortMonths: [12]string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."},
}

var englishNames = names{
	days:        [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	shortDays:   [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
	months:      [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	shortMonths: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
}

func namesOf(lang string) names {
	if lang == English {
		return englishNames
	}
	return frenchNames
}

// dayOfMonth is the day's number; the French say 1er.
func dayOfMonth(lang string, d date.Date) string {
	if d.Day == 1 && lang != English {
		return "1er"
	}
	return fmt.Sprint(d.Day)
}

// Weekday returns the day's name: jeudi.
func Weekday(lang string, d time.Weekday) string { return namesOf(lang).days[d] }

// Month returns the name of a month: novembre.
func Month(lang string, m time.Month) string { return namesOf(lang).months[m-1] }

// Long returns the date as sentences say it: jeudi 26 novembre 2026. Empty for
// no date, as are all below.
func Long(lang string, d date.Date) string {
	if d.IsZero() {
		return ""
	}
	n := namesOf(lang)
	return n.days[d.Weekday()] + " " + dayOfMonth(lang, d) + nbsp + n.months[d.Month-1] + nbsp + fmt.Sprint(d.Year)
}

// Short returns the date as rails say it: jeu. 26 nov.
func Short(lang string, d date.Date) string {
	if d.IsZero() {
		return ""
	}
	n := namesOf(lang)
	return n.shortDays[d.Weekday()] + nbsp + dayOfMonth(lang, d) + nbsp + n.shortMonths[d.Month-1]
}

// Numeric returns the date as tables say it: 26/11/2026, in both languages.
func Numeric(d date.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%02d/%02d/%d", d.Day, d.Month, d.Year)
}

// DayMonth returns the date without its year: 26/11.
func DayMonth(d date.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%02d/%02d", d.Day, d.Month)
}

// Clock returns the hour of t in t's own zone: 14 h 30, or 14:30 in English.
func Clock(lang string, t time.Time) string {
	if lang == English {
		return t.Format("15:04")
	}
	return fmt.Sprintf("%d%sh%s%02d", t.Hour(), nbsp, nbsp, t.Minute())
}

// Range returns two hours of a day: 14 h 30 – 16 h 00.
func Range(lang string, from, to time.Time) string {
	return Clock(lang, from) + " –" + nbsp + Clock(lang, to)
}

// Minutes returns a length: 12 min.
func Minutes(n int) string { return fmt.Sprintf("%d%smin", n, nbsp) }

// Relative says how far a day is from today: aujourd’hui, demain, dans 3 jours,
// hier, il y a 5 jours.
func Relative(lang string, day, today date.Date) string {
	switch n := day.Sub(today); {
	case n == 0:
		return T(lang, "aujourd’hui")
	case n == 1:
		return T(lang, "demain")
	case n == -1:
		return T(lang, "hier")
	case n > 0:
		return T(lang, "dans %d jours", n)
	default:
		return T(lang, "il y a %d jours", -n)
	}
}

// Left says how long until something: dans 40 minutes, dans 26 heures, dans 3
// jours; empty when it is past.
func Left(lang string, d time.Duration) string {
	switch {
	case d <= 0:
		return ""
	case d < 90*time.Minute:
		return N(lang, int(math.Ceil(d.Minutes())), "dans %d minute", "dans %d minutes")
	case d < 48*time.Hour:
		return N(lang, int(d.Hours()), "dans %d heure", "dans %d heures")
	default:
		return N(lang, int(math.Round(d.Hours()/24)), "dans %d jour", "dans %d jours")
	}
}
