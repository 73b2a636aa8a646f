package minutes

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Bounds of what is found by words: longer words are found by their beginning,
// and a case of more different words by the first of them.
const (
	maxWord  = 48     // characters; PostgreSQL takes words of up to 2,046 bytes
	maxWords = 10_000 // different words of one case; PostgreSQL takes 1 MB of them
)

// Indexed is one case of signed minutes as the search finds it. It follows
// from the signed content alone, so that it can be made again and compared.
type Indexed struct {
	Case        id.Case
	Patient     id.Patient
	Name        string    // of the patient, as the minutes say it
	Day         date.Date // of the meeting, where it took place
	Text        string    // the words of the decision as they were written, one part a line
	Words       []string  // the same folded (careplan.Fold), each once, in order
	Professions []string  // who was there: their French names, as one word each
}

// Index returns what the search knows of signed minutes: one entry per case.
func Index(c Content) []Indexed {
	var there []string
	for _, p := range c.Participants {
		if p.Presence == meetings.Present || p.Presence == meetings.Remote {
			there = append(there, ProfessionWord(p.Profession))
		}
	}
	slices.Sort(there)
	there = slices.Compact(there)
	all := make([]Indexed, 0, len(c.Cases))
	for _, k := range c.Cases {
		text := k.text()
		p := careplan.Patient{BirthFamily: k.BirthFamily, BirthGiven: k.BirthGiven}
		all = append(all, Indexed{
			Case: k.Case, Patient: k.Patient, Name: p.Name(), Day: c.day(), Text: text, Words: searchWords(text), Professions: there,
		})
	}
	return all
}

// ProfessionWord is the name of a profession as one folded word.
func ProfessionWord(french string) string { return strings.ReplaceAll(careplan.Fold(french), " ", "") }

// text is what was said of a case, what was decided first.
func (k Case) text() string {
	d := k.Decision
	parts := []string{d.Summary, d.Options, d.Wishes, d.Words, d.Dissent}
	for _, o := range d.Objectives {
		parts = append(parts, o.Title, o.Expected, o.Comment)
	}
	for _, a := range d.Actions {
		parts = append(parts, a.Title)
	}
	parts = append(parts, k.Question)
	parts = slices.DeleteFunc(parts, func(s string) bool { return strings.TrimSpace(s) == "" })
	for i, s := range parts {
		parts[i] = strings.Join(strings.Fields(s), " ")
	}
	return strings.Join(parts, "\n")
}

// searchWords folds a text into its different words, in order.
func searchWords(text string) []string {
	words := strings.Fields(careplan.Fold(text))
	for i, w := range words {
		words[i] = clip(w)
	}
	slices.Sort(words)
	words = slices.Compact(words)
	return words[:min(len(words), maxWords)]
}

func clip(word string) string {
	if utf8.RuneCountInString(word) <= maxWord {
		return word
	}
	return string([]rune(word)[:maxWord])
}

// Piece is a part of a text; Hit when it is a word that was looked for.
type Piece struct {
	Text string
	Hit  bool
}

// around is how many bytes of a text a snippet keeps on each side of a hit.
const around = 90

// Snippet is the part of a text around the first word that begins with one of
// the folded words, as it was written, its hits apart. Without a hit it is the
// beginning of the text.
func Snippet(text string, words []string) []Piece {
	spans := hits(text, words)
	from, to := 0, min(len(text), 2*around)
	if len(spans) > 0 {
		from, to = max(0, spans[0].from-around), min(len(text), spans[0].to+around)
	}
	from, to = atSpace(text, from, to)
	var all []Piece
	add := func(s string, hit bool) {
		if s != "" {
			all = append(all, Piece{strings.ReplaceAll(s, "\n", " · "), hit})
		}
	}
	if from > 0 {
		add("… ", false)
	}
	at := from
	for _, s := range spans {
		if s.to <= to {
			add(text[at:s.from], false)
			add(text[s.from:s.to], true)
			at = s.to
		}
	}
	add(text[at:to], false)
	if to < len(text) {
		add(" …", false)
	}
	return all
}

// atSpace moves the ends of a part outward hits to where words end.
func atSpace(text string, from, to int) (int, int) {
	if from > 0 {
		if i := strings.IndexAny(text[from:], " \n"); i >= 0 && i < around {
			from += i + 1
		}
	}
	if to < len(text) {
		if i := strings.LastIndexAny(text[from:to], " \n"); i >= 0 && to-from-i < around {
			to = from + i
		}
	}
	for from > 0 && !utf8.RuneStart(text[from]) {
		from--
	}
	for to < len(text) && !utf8.RuneStart(text[to]) {
		to++
	}
	return from, to
}

type span struct{ from, to int }

// hits are the words of a text that begin with one of the folded words, the
// first and those that follow near it.
func hits(text string, words []string) []span {
	var all []span
	if len(words) == 0 {
		return nil
	}
	begin := -1
	for i, r := range text + " " {
		in := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
		switch {
		case in && begin < 0:
			begin = i
		case !in && begin >= 0:
			if beginsWith(foldWord(text[begin:i]), words) {
				all = append(all, span{begin, i})
			}
			begin = -1
		}
		if len(all) > 0 && i > all[0].to+around {
			break
		}
	}
	return all
}

// foldWord is careplan.Fold of one word, quick where nothing is accented.
func foldWord(w string) string {
	for i := range len(w) {
		if w[i] >= utf8.RuneSelf {
			return careplan.Fold(w)
		}
	}
	return strings.ToLower(w)
}

func beginsWith(w string, words []string) bool {
	return slices.ContainsFunc(words, func(begin string) bool { return strings.HasPrefix(w, begin) })
}
