package ical_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rcp-care/rcp/meetings/ical"
)

// realFiles returns, where RCP_SHARED names the folder of real input, every real
// mail and object there is: by name, its calendar parts.
func realFiles(t testing.TB) map[string][][]byte {
	t.Helper()
	shared := os.Getenv("RCP_SHARED")
	if shared == "" {
		return nil
	}
	out := map[string][][]byte{}
	root := filepath.Join(shared, "data", "imip")
	for _, pattern := range []string{"*.eml", "*/*.eml", "*/*.ics"} {
		names, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s in %s: %v", pattern, root, err)
		}
		for _, name := range names {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			short, _ := filepath.Rel(root, name)
			out[short] = [][]byte{raw}
			if strings.HasSuffix(name, ".eml") {
				out[short] = calendarParts(t, raw)
			}
		}
	}
	return out
}

func calendarParts(t testing.TB, raw []byte) [][]byte {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return partsOf(t, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
}

func partsOf(t testing.TB, contentType, encoding string, r io.Reader) [][]byte {
	t.Helper()
	kind, params, _ := mime.ParseMediaType(contentType)
	if strings.HasPrefix(kind, "multipart/") {
		var out [][]byte
		parts := multipart.NewReader(r, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err != nil {
				return out
			}
			out = append(out, partsOf(t, p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)...)
		}
	}
	if kind != "text/calendar" && kind != "application/ics" {
		return nil
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	switch strings.ToLower(encoding) {
	case "base64":
		if raw, err = base64.StdEncoding.DecodeString(strings.NewReplacer("\r", "", "\n", "").Replace(string(raw))); err != nil {
			t.Fatal(err)
		}
	case "quoted-printable":
		// Some of these mails are not what they say: take them as they are.
		if plain, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(raw))); err == nil {
			raw = plain
		}
	}
	return [][]byte{raw}
}

// answer is what a real reply must be read as.
type answer struct {
	method   ical.Method
	uid      string
	sequence int
	stamp    time.Time
	instance time.Time
	start    time.Time
	from     string
	partStat ical.PartStat
	comment  string
}

func realAnswers() map[string]answer {
	at := func(s string) time.Time {
		t, err := time.Parse("20060102T150405", s)
		if err != nil {
			panic(err)
		}
		return t
	}
	const outlook, blue = "F3B82EDE-26A7-48AF-B90C-3F99A005964C", "14ef516ad2e6ce325d5c8efcf9d7ddbfa30f9d15"
	return map[string]answer{
		"tb-reply-accept.eml": {
			ical.Reply, "rcp-84901@clinic.example", 0, at("20261122T123411"),
			time.Time{},
			at("20261005T070000"), "helene@clinic.example", ical.Accepted, "",
		},
		"tb-reply-tentative-instance.eml": {
			ical.Reply, "rcp-84906@clinic.example", 1, at("20261122T123508"), at("20261026T080000"),
			at("20261026T130000"), "helene@clinic.example", ical.Tentatively, "",
		},
		"bluemind/google.reply.accept.eml": {
			ical.Reply, blue, 0, at("20120530T075652"),
			time.Time{},
			at("20120530T090000"), "tcataldo@gmail.com", ical.Accepted, "",
		},
		"bluemind/google.reply.decline.eml": {
			ical.Reply, blue, 0, at("20120530T075709"),
			time.Time{},
			at("20120530T090000"), "tcataldo@gmail.com", ical.Declined, "",
		},
		"bluemind/google.reply.valarm.eml": {
			ical.Reply, "e76b4686c75efde6b17ea24cb98c8d59dca65063", 1, at("20120824T095052"),
			time.Time{},
			at("20120827T000000"), "marieg@isynet.org", ical.Accepted, "",
		},
		"bluemind/outlook.reply.accept.eml": {
			ical.Reply, "f1394aba7ca8b9474af204a4d88934b7c7aa2191", 0, at("20120525T154121"),
			time.Time{},
			at("20120529T073000"), "admin@willow.vmw", ical.Accepted, "",
		},
		"bluemind/outlook.reply.decline.eml": {
			ical.Reply, outlook, 0, at("20120527T181400"),
			time.Time{},
			at("20120527T183000"), "tom@willow.vmw", ical.Declined, "",
		},
		"bluemind/outlook.reply.tentative.eml": {
			ical.Reply, outlook, 0, at("20120527T181400"),
			time.Time{},
			at("20120527T183000"), "tom@willow.vmw", ical.Tentatively, "",
		},
		"closeio/event_with_windows_timezone.ics": {
			ical.Reply, "677rac3eb0844s2r35spc0nl8s@example.com", 0, at("20221011T134742"),
			time.Time{},
			at("20221011T150000"), "rohan@example.com", ical.Declined, "Rebooking to tomorrow at 11:30 AM",
		},
		"closeio/event_with_status_repeated.ics": {
			ical.Reply, "040000008200E00074C5B7101A82E00800000000C19F61D9768AD8010000000000000000100000005F28549DA7F085409A1039F92E698B8C",
			0, at("20220627T224008"),
			time.Time{},
			at("20220628T230000"), "example@yahoo.com", ical.Accepted, "",
		},
		"closeio/bogus_sequence_number.ics": {
			ical.Request, "234252cccc@google.com", 1407317367304, at("20150331T124344"),
			time.Time{},
			at("20150401T140000"), "karim@example.com", ical.Declined, "",
		},
	}
}

func TestPoint14RealReplies(t *testing.T) {
	t.Parallel()
	files := realFiles(t)
	for name, want := range realAnswers() {
		parts, ok := files[name]
		if files == nil {
			return
		}
		if !ok || len(parts) == 0 {
			t.Errorf("%s has no calendar part", name)
		}
		for _, part := range parts {
			got := read(t, string(part))
			item := got.Items[0]
			if len(got.Items) != 1 || len(item.Attendees) != 1 || item.Uncertain != "" || !item.HasSequence || item.Series() != want.instance.IsZero() {
				t.Errorf("%s: %+v", name, got)
				continue
			}
			a := item.Attendees[0]
			read := answer{got.Method, item.UID, item.Sequence, item.Stamp, item.RecurrenceID, item.Start, a.Address, a.PartStat, item.Comment}
			if diff := cmp.Diff(want, read, cmp.AllowUnexported(answer{})); diff != "" {
				t.Errorf("%s: -want +got:\n%s", name, diff)
			}
		}
	}
	if files != nil && len(files["tb-reply-accept.eml"]) != 2 {
		t.Error("Thunderbird's reply carries two calendar parts")
	}
}

// None of the real files ends any other way than read or with a reason, and
// these alone go to a human.
func TestPoint16RealFilesAreReadOrGivenAReason(t *testing.T) {
	t.Parallel()
	files := realFiles(t)
	if files == nil {
		return
	}
	human := map[string]ical.Reason{}
	parts := 0
	for name, all := range files {
		for _, part := range all {
			parts++
			got, err := ical.Read(part)
			if err != nil {
				if !errors.Is(err, ical.ErrUnreadable) || ical.ReasonOf(err) == ical.Defect {
					t.Errorf("%s: %v", name, err)
				}
				human[name] = ical.ReasonOf(err)
				continue
			}
			for _, item := range got.Items {
				if item.UID == "" || got.Method == "" || item.Uncertain != "" {
					t.Errorf("%s: %+v", name, item)
				}
			}
		}
	}
	if parts < 30 {
		t.Errorf("only %d calendar parts in %d files", parts, len(files))
	}
	if diff := cmp.Diff(map[string]ical.Reason{}, human); diff != "" {
		t.Errorf("given to a human, -want +got:\n%s", diff)
	}
}
