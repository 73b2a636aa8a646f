package pdf

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func joined(ls []line) []string {
	var out []string
	for _, l := range ls {
		s := ""
		for _, f := range l.frags {
			s += f.text
		}
		out = append(out, s)
	}
	return out
}

func TestLines(t *testing.T) {
	t.Parallel()
	m, err := measured()
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		in   string
		want string // lines joined by |
	}{
		"spaces":      {"un deux trois quatre", "un deux trois|quatre"},
		"no-break":    {"un deux trois\u00a0:\u00a0x quatre", "un deux|trois\u00a0:\u00a0x quatre"},
		"narrow":      {"un deux trois\u202f?!!! quatre", "un deux|trois\u202f?!!! quatre"},
		"hyphen":      {"le rendez-vous-là", "le rendez-|vous-là"},
		"date":        {"de 12-11-2026-14-15-16", "de|12-11-2026-14-|15-16"},
		"newline":     {"un\ndeux", "un|deux"},
		"empty line":  {"un\n\ndeux", "un||deux"},
		"long word":   {strings.Repeat("m", 9), "mmmmmmm|mm"},
		"empty":       {"", ""},
		"many spaces": {"un deux trois     quatre", "un deux trois|quatre"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(joined(m.lines([]span{{tt.in, text}}, 64)), "|")
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestLinesKeepEverything: breaking loses nothing but spaces and newlines, no
// line is too wide, and no line ends or begins at a no-break space that the
// words around it left room for.
func TestLinesKeepEverything(t *testing.T) {
	t.Parallel()
	m, err := measured()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.RuneFrom([]rune("ab é-m \n\u00a0\u202f☒□")), 0, 200, -1).Draw(t, "text")
		width := rapid.Float64Range(20, 300).Draw(t, "width")
		ls := m.lines([]span{{s, text}, {s, meta}}, width)
		bare := strings.NewReplacer(" ", "", "\n", "")
		if got, want := bare.Replace(strings.Join(joined(ls), "")), bare.Replace(s+s); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
		for i, l := range ls {
			visible := strings.TrimRight(joined(ls[i : i+1])[0], " ")
			if l.width > width+12 && len([]rune(visible)) > 1 {
				t.Fatalf("line %q is %.1f wide, more than %.1f", visible, l.width, width)
			}
		}
	})
}

func TestTypography(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Attendu : ":    "Attendu\u00a0: ",
		"« oui »":       "«\u00a0oui\u00a0»",
		"n'est ; 5 % ?": "n’est\u202f; 5\u00a0%\u202f?",
	} {
		if got := fr(in); got != want {
			t.Errorf("fr(%q) = %q, want %q", in, got, want)
		}
	}
}
