package meetings

import (
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/aa"
	"github.com/rickar/cal/v2/fr"

	"github.com/rcp-care/rcp/internal/date"
)

// HolidayZones are the zones of public holidays in the order they are offered:
// the eleven national days (Code du travail L3133-1) everywhere, plus the local
// ones of Alsace-Moselle (L3134-13) and of the overseas departments
// (L3422-2, commemoration of the abolition of slavery).
var HolidayZones = []HolidayZone{
	{"metropole", "France métropolitaine", "Metropolitan France"},
	{"alsace-moselle", "Alsace-Moselle", "Alsace-Moselle"},
	{"guadeloupe", "Guadeloupe", "Guadeloupe"},
	{"guyane", "Guyane", "French Guiana"},
	{"martinique", "Martinique", "Martinique"},
	{"mayotte", "Mayotte", "Mayotte"},
	{"reunion", "La Réunion", "Réunion"},
	{"none", "Aucun jour férié", "No public holiday"},
}

// HolidayZone is a zone's key and its names.
type HolidayZone struct{ Key, French, English string }

func abolition(month time.Month, day int) *cal.Holiday {
	return &cal.Holiday{Name: "Abolition de l’esclavage", Month: month, Day: day, Func: cal.CalcDayOfMonth}
}

func localHolidays(zone string) []*cal.Holiday {
	switch zone {
	case "alsace-moselle":
		return []*cal.Holiday{
			aa.GoodFriday.Clone(&cal.Holiday{Name: "Vendredi saint"}),
			aa.ChristmasDay2.Clone(&cal.Holiday{Name: "Saint-Étienne"}),
		}
	case "guadeloupe":
		return []*cal.Holiday{abolition(time.May, 27)}
	case "guyane":
		return []*cal.Holiday{abolition(time.June, 10)}
	case "martinique":
		return []*cal.Holiday{abolition(time.May, 22)}
	case "mayotte":
		return []*cal.Holiday{abolition(time.April, 27)}
	case "reunion":
		return []*cal.Holiday{abolition(time.December, 20)}
	}
	return nil
}

// Holiday names the public holiday of a day in a zone, in French.
func Holiday(zone string, d date.Date) (name string, ok bool) {
	if zone == "none" {
		return "", false
	}
	for _, list := range [][]*cal.Holiday{fr.Holidays, localHolidays(zone)} {
		for _, h := range list {
			if actual, _ := h.Calc(d.Year); date.Of(actual) == d {
				return h.Name, true
			}
		}
	}
	return "", false
}

func knownHolidayZone(zone string) bool {
	for _, z := range HolidayZones {
		if z.Key == zone {
			return true
		}
	}
	return false
}
