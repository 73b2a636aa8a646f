package ical_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode"

	goical "github.com/emersion/go-ical"
	"github.com/rcp-care/rcp/meetings/ical"
	"pgregory.net/rapid"
)

// words draws text that must come back exactly: letters of several widths and
// every character iCalendar gives a meaning to.
func words(t *rapid.T, label string, extra string) string {
	set := []rune("aZé ’€日😀\u00A0\u202F,;:=\\.-" + extra)
	s := rapid.StringOfN(rapid.SampledFrom(set), 0, 120, -1).Draw(t, label)
	return "x" + s + "x"
}

func TestTextComesBackUnchanged(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := meeting()
		e.Summary = words(t, "summary", `"^`)
		e.Description = words(t, "description", "\"^\n")
		e.Location = words(t, "location", `"^`)
		e.Attendees[1].Name = strings.ReplaceAll(words(t, "name", ""), `\`, "")
		out, err := ical.Encode(ical.Request, e)
		if err != nil {
			t.Fatal(err)
		}
		checkLines(t, out)
		v := onlyEvent(t, out)
		for name, want := range map[string]string{"SUMMARY": e.Summary, "DESCRIPTION": e.Description, "LOCATION": e.Location} {
			if got, err := v.Props.Text(name); err != nil || got != want {
				t.Errorf("%s %q (%v), want %q", name, got, err, want)
			}
		}
		if got := v.Props["ATTENDEE"][1].Params.Get("CN"); got != e.Attendees[1].Name {
			t.Errorf("CN %q, want %q", got, e.Attendees[1].Name)
		}
	})
}

// Whatever the text, the object keeps its shape and says nothing hidden.
func TestHostileTextChangesNoOtherProperty(t *testing.T) {
	t.Parallel()
	nasty := rapid.OneOf(
		rapid.String(),
		rapid.StringOfN(rapid.SampledFrom([]rune("\r\n\t\v\f\x00\x1b\u0085\u2028\u202E\u2066\uFEFF\u200B\U000E0041\";:,\\^aé")), 0, 200, -1),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.Just("\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\n"),
	)
	plain := onlyEvent(t, encode(t, ical.Request, meeting()))
	rapid.Check(t, func(t *rapid.T) {
		e := meeting()
		e.Summary = "Réunion " + nasty.Draw(t, "summary")
		e.Description = "Texte " + nasty.Draw(t, "description")
		e.Location = "Salle " + nasty.Draw(t, "location")
		e.Organizer.Name = "Secrétariat " + nasty.Draw(t, "organizer")
		e.Attendees[0].Name = "Dr " + nasty.Draw(t, "name")
		out, err := ical.Encode(ical.Request, e)
		if err != nil {
			t.Fatal(err)
		}
		checkLines(t, out)
		checkSameShape(t, plain, onlyEvent(t, out))
		for _, r := range strings.NewReplacer("\r\n", "").Replace(string(out)) {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u200B' || r == '\uFEFF' {
				t.Errorf("%U was written", r)
			}
		}
	})
}

func checkSameShape(t *rapid.T, want, got *goical.Component) {
	for name, props := range want.Props {
		if len(got.Props[name]) != len(props) {
			t.Fatalf("%d × %s, want %d", len(got.Props[name]), name, len(props))
		}
		for i, p := range props {
			q := got.Props[name][i]
			if !strings.Contains("SUMMARY DESCRIPTION LOCATION", name) && p.Value != q.Value {
				t.Errorf("%s became %q", name, q.Value)
			}
			if len(p.Params) != len(q.Params) {
				t.Errorf("%s has parameters %v, want %v", name, q.Params, p.Params)
			}
		}
	}
	if len(got.Props) != len(want.Props) || len(got.Children) != 0 {
		t.Errorf("properties %d, want %d; children %d", len(got.Props), len(want.Props), len(got.Children))
	}
}

// fatal is testing.T or rapid.T.
type fatal interface{ Fatalf(string, ...any) }

func onlyEvent(t fatal, out []byte) *goical.Component {
	cal, err := goical.NewDecoder(bytes.NewReader(out)).Decode()
	if err != nil {
		t.Fatalf("decode: %v", err)
	}
	events := cal.Events()
	if len(events) != 1 {
		t.Fatalf("%d events", len(events))
	}
	return events[0].Component
}
