package bench

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/rcp-care/rcp/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m, measured.print) }

// measured is what the run found.
var measured table

// table is the list printed at the end, in the order measured.
type table struct {
	mu   sync.Mutex
	rows []row
}

// row is a measure and what it is held to. Of a benchmark run again, the last
// counts.
type row struct {
	what, value string
	goal        string // "at most 1.5"; empty: nothing is promised
	met         bool
}

func (t *table) add(r row) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.IndexFunc(t.rows, func(o row) bool { return o.what == r.what }); i >= 0 {
		t.rows[i] = r
		return
	}
	t.rows = append(t.rows, r)
}

// print writes the table; without a measure, as under make test, nothing.
func (t *table) print() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.rows) == 0 {
		return
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "\nmeasured\tvalue\tpromised\t")
	for _, r := range t.rows {
		verdict := ""
		switch {
		case r.goal != "" && r.met:
			verdict = "met"
		case r.goal != "":
			verdict = "MISSED"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.what, r.value, r.goal, verdict)
	}
	_ = w.Flush()
}

// note adds a number without a promise.
func note(what, format string, args ...any) {
	measured.add(row{what: what, value: fmt.Sprintf(format, args...)})
}

// aim adds a number with the value it should stay under: it fails nothing.
func aim(what string, value, most float64, unit string) {
	measured.add(row{
		what: what, value: fmt.Sprintf("%.0f %s", value, unit),
		goal: fmt.Sprintf("aim %.0f %s", most, unit), met: value <= most,
	})
}

// atMost adds a ratio and fails the benchmark when it is over the limit.
func atMost(b *testing.B, what string, ratio, limit float64) {
	b.Helper()
	measured.add(row{what: what, value: fmt.Sprintf("%.2f", ratio), goal: fmt.Sprintf("at most %g", limit), met: ratio <= limit})
	if ratio > limit {
		b.Errorf("%s: %.2f, at most %g is promised", what, ratio, limit)
	}
}

// atLeast is atMost the other way round.
func atLeast(b *testing.B, what string, ratio, limit float64) {
	b.Helper()
	measured.add(row{what: what, value: fmt.Sprintf("%.1f", ratio), goal: fmt.Sprintf("at least %g", limit), met: ratio >= limit})
	if ratio < limit {
		b.Errorf("%s: %.1f, at least %g is promised", what, ratio, limit)
	}
}

// median of what was measured; a run disturbed by another does not move it.
func median[T cmp.Ordered](all []T) T {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}

// ms is a duration in milliseconds.
func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
