package audit

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/id"
)

func TestChain(t *testing.T) {
	t.Parallel()
	whole := func() []Entry {
		var all []Entry
		prev := ""
		for seq := int64(1); seq <= 6; seq++ {
			e := Entry{ID: id.Entry(rune('a' + seq)), Seq: seq, Action: "patient.read", Prev: prev}
			e.Hash = e.Sum()
			all, prev = append(all, e), e.Hash
		}
		return all
	}
	for name, c := range map[string]struct {
		change func([]Entry) []Entry
		want   []string
	}{
		"whole":         {func(e []Entry) []Entry { return e }, nil},
		"altered":       {func(e []Entry) []Entry { e[2].ActorName = "X"; return e }, []string{"entry 3 was altered"}},
		"forged":        {func(e []Entry) []Entry { e[2].ActorName = "X"; e[2].Hash = e[2].Sum(); return e }, []string{"entry 4 does not follow the one before"}},
		"one missing":   {func(e []Entry) []Entry { return slices.Delete(e, 1, 2) }, []string{"entry 2 is missing"}},
		"two missing":   {func(e []Entry) []Entry { return slices.Delete(e, 0, 2) }, []string{"entries 1 to 2 are missing"}},
		"end missing":   {func(e []Entry) []Entry { return e[:4] }, []string{"entries after 4 are missing: there were 6"}},
		"forged at end": {func(e []Entry) []Entry { e[5].Detail = "x"; e[5].Hash = e[5].Sum(); return e }, []string{"the head of the log (6) is not its last entry (6)"}},
	} {
		var chain Chain
		var got []string
		all := whole()
		head := all[5].Hash
		for _, e := range c.change(all) {
			got = append(got, chain.Next(e)...)
		}
		got = append(got, chain.End(6, head)...)
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}
