// Package lang puts RCP into words: French first, English behind a switch.
// The French sentence is the key, as in gettext; templates/lang/en.json gives
// its English. French typography (U+00A0, U+202F) is set here, once, on fixed
// sentences only: what people typed passes through untouched.
package lang

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/rcp-care/rcp/templates"
)

// The languages.
const (
	French  = "fr"
	English = "en"
)

// Known returns the language that s names, French for anything else.
func Known(s string) string {
	if s == English {
		return English
	}
	return French
}

// T returns the French sentence in a language, its verbs filled with args. A
// sentence without English stays French.
func T(lang, french string, args ...any) string {
	s := typeset(french)
	if lang == English {
		if en, ok := english()[s]; ok {
			s = en
		}
	}
	if len(args) == 0 {
		return strings.ReplaceAll(s, "%%", "%")
	}
	return fmt.Sprintf(s, args...)
}

// N returns one for a count that takes the singular, many for another; the
// count is the first argument of both sentences. French says 0 dossier,
// English 0 cases.
func N(lang string, n int, one, many string, args ...any) string {
	french := many
	if n == 1 || n == -1 || (n == 0 && lang != English) {
		french = one
	}
	return T(lang, french, append([]any{n}, args...)...)
}

// Has reports whether the sentence has its English.
func Has(french string) bool {
	_, ok := english()[typeset(french)]
	return ok
}

// english is the catalogue, keyed by the typeset French.
var english = sync.OnceValue(func() map[string]string {
	raw, err := templates.FS.ReadFile("lang/en.json")
	if err != nil {
		panic(err) // embedded: it is there or the program does not build
	}
	var in map[string]string
	if err := json.Unmarshal(raw, &in); err != nil {
		panic("templates/lang/en.json: " + err.Error())
	}
	out := make(map[string]string, len(in))
	for k, v := range in {
		out[typeset(k)] = v
	}
	return out
})

const (
	nbsp   = "\u00a0" // before : and %, inside « », between a number and its unit
	narrow = "\u202f" // before ; ? !
)

// typesetter knows the fixed places of French spaces and the apostrophe.
var typesetter = sync.OnceValue(func() *strings.Replacer {
	return strings.NewReplacer(
		" :", nbsp+":", "« ", "«"+nbsp, " »", nbsp+"»", " %%", nbsp+"%%",
		" ;", narrow+";", " ?", narrow+"?", " !", narrow+"!", "'", "’", "...", "…",
		"%d min", "%d"+nbsp+"min", "%d h", "%d"+nbsp+"h", "%d j", "%d"+nbsp+"j", "M. %s", "M."+nbsp+"%s",
		"Dr %s", "Dr"+nbsp+"%s", "Mme %s", "Mme"+nbsp+"%s",
	)
})

// typeset sets the spaces and apostrophes of a fixed French sentence.
func typeset(s string) string { return typesetter().Replace(s) }

// Mark returns the sentence as it is: it tells the test that wants the English
// of every sentence about one that reaches T through a variable.
func Mark(french string) string { return french }
