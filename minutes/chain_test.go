package minutes

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/id"
)

// chain is a whole chain of n minutes and what the audit log says of it.
func chain(t *testing.T, n int) ([]Link, []Trace) {
	t.Helper()
	var links []Link
	var traces []Trace
	head := ""
	for seq := 1; seq <= n; seq++ {
		m := id.Meeting(fmt.Sprintf("meeting-%d", seq))
		raw, err := json.Marshal(Content{Meeting: m, Version: 1, Previous: head, SignedAt: time.Date(2026, 11, seq, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			t.Fatal(err)
		}
		l := Link{ID: id.Minutes(fmt.Sprintf("minutes-%d", seq)), Meeting: m, Version: 1, Seq: seq, JSON: raw, SHA256: hash(raw), Previous: head}
		links, traces, head = append(links, l), append(traces, Trace{seq, l.SHA256}), l.SHA256
	}
	return links, traces
}

func TestCheckChain(t *testing.T) {
	t.Parallel()
	forge := func(l *Link) { // as somebody who knows how hashes are made would
		l.JSON = []byte(strings.Replace(string(l.JSON), "2026", "2025", 1))
		l.SHA256 = hash(l.JSON)
	}
	for name, c := range map[string]struct {
		change func(l []Link) []Link
		want   []string // the start of each finding
	}{
		"whole":            {func(l []Link) []Link { return l }, nil},
		"a letter":         {func(l []Link) []Link { l[1].JSON[20] ^= 1; return l }, []string{"altered the text of minutes number 2"}},
		"text and hash":    {func(l []Link) []Link { forge(&l[1]); return l }, []string{"altered minutes number 3 (minutes-3) do not follow number 2", "altered minutes number 2 (minutes-2) are not those"}},
		"the last, forged": {func(l []Link) []Link { forge(&l[3]); return l }, []string{"altered minutes number 4 (minutes-4) are not those"}},
		"one taken out":    {func(l []Link) []Link { return slices.Delete(l, 1, 2) }, []string{"missing minutes number 2"}},
		"the end taken":    {func(l []Link) []Link { return l[:2] }, []string{"missing minutes number 3, signed", "missing minutes number 4, signed"}},
		"all taken":        {func([]Link) []Link { return nil }, []string{"missing minutes number 1,", "missing minutes number 2,", "missing minutes number 3,", "missing minutes number 4,"}},
		"filed elsewhere":  {func(l []Link) []Link { l[2].Meeting = "other"; return l }, []string{"altered minutes number 3 (minutes-3) are filed under another"}},
		"one added": {func(l []Link) []Link {
			more, _ := chain(t, 5)
			return more
		}, []string{"altered minutes number 5 (minutes-5) are not those that the audit log"}},
	} {
		links, traces := chain(t, 4)
		got := CheckChain(c.change(links), traces)
		same := len(got) == len(c.want)
		for i := range min(len(got), len(c.want)) {
			same = same && strings.HasPrefix(got[i].What+" "+got[i].Text, c.want[i])
		}
		if !same {
			t.Errorf("%s: %v, want %q", name, got, c.want)
		}
	}
}
