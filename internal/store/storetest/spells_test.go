package storetest

import (
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/store"
)

// TestOneEntryStandsForASpell: what is done again within the spell leaves no
// second entry, and anything that differs does; the chain stays whole.
func TestOneEntryStandsForASpell(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, st *store.Store) {
		h := NewHouse(t, st)
		read := func(after time.Duration, object string) audit.Change {
			return h.Chair.Change(Now.Add(after), "decision.read", "case", object).InSpells()
		}
		refused := read(time.Minute, "a")
		refused.Entry.Outcome = audit.Refused
		plain := h.Chair.Change(Now.Add(time.Minute), "decision.read", "case", "a")
		other := h.Secretary.Change(Now.Add(time.Minute), "decision.read", "case", "a").InSpells()
		for i, c := range []struct {
			by   audit.Change
			want int // entries in all
		}{
			{read(0, "a"), 1},
			{read(audit.Spell-time.Second, "a"), 1},
			{read(time.Minute, "b"), 2},
			{refused, 3},
			{plain, 4},
			{other, 5},
			{read(audit.Spell, "a"), 6},
			{read(audit.Spell+time.Minute, "a"), 6},
			{read(0, "a"), 7}, // before it: another clock
		} {
			if err := st.Audit(t.Context(), c.by); err != nil {
				t.Fatal(err)
			}
			got, err := st.AuditEntries(t.Context(), h.Org.ID, audit.Filter{Action: "decision.read", Limit: 100})
			if err != nil || len(got) != c.want {
				t.Errorf("%d: %d entries, want %d: %v", i, len(got), c.want, err)
			}
			if i == 0 && got[0].Detail != "spell=5m0s" {
				t.Errorf("the entry says %q", got[0].Detail)
			}
		}
		if bad, err := st.VerifyAudit(t.Context(), h.Org.ID); bad != 0 || err != nil {
			t.Errorf("the chain: %d, %v", bad, err)
		}
	})
}
