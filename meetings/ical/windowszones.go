package ical

import (
	_ "embed"
	"strings"
)

// windowsTable is the map from Windows' names of zones to those of IANA, with
// its source and licence.
//
//go:embed windowszones.txt
var windowsTable string

// windowsZone returns the IANA name of a zone that Windows names: by its name
// ("Romance Standard Time") or as Windows shows it ("(UTC+01:00) Brussels,
// Copenhagen, Madrid, Paris"), also without the offset as Outlook for Mac does.
func windowsZone(name string) (string, bool) {
	shown := name
	if strings.HasPrefix(name, "(") {
		_, after, _ := strings.Cut(name, ")")
		shown = strings.TrimSpace(after)
	}
	if shown == "" {
		return "", false
	}
	for line := range strings.Lines(windowsTable) {
		windows, rest, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "|")
		iana, towns, _ := strings.Cut(rest, "|")
		if ok && (strings.EqualFold(windows, name) || strings.EqualFold(towns, shown)) {
			return iana, true
		}
	}
	return "", false
}
