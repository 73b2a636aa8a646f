package minutes

import (
	"strings"
	"testing"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// TestWithoutItsQuorumAnRCPPresentsTheCaseAgain: what the review says, what will
// be printed, and which lines are carried over.
func TestWithoutItsQuorumAnRCPPresentsTheCaseAgain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind   meetings.Kind
		quorum meetings.QuorumState
		gap    bool
		again  bool
	}{
		{meetings.RCP, meetings.QuorumReached, false, false},
		{meetings.RCP, meetings.QuorumNotReached, true, true},
		{meetings.RCP, meetings.QuorumUnknown, true, true},
		{meetings.Synthese, meetings.QuorumReached, false, false},
		{meetings.Synthese, meetings.QuorumNotReached, true, false},
		{meetings.Synthese, meetings.QuorumUnknown, false, false},
	} {
		line := agenda.Item{ID: id.New[id.Case](), Status: agenda.Discussed, Position: 3}
		c := Content{Kind: tt.kind, Cases: []Case{{Case: line.ID, Decision: Decision{Version: 1, Quorum: meetings.Quorum{State: tt.quorum}}}}}
		var gap *Gap
		for _, g := range Gaps(c) {
			if g.Kind == NoQuorum {
				gap = &g
			}
		}
		if (gap != nil) != tt.gap || gap != nil && (gap.Again != tt.again || strings.Contains(gap.Printed(), "Aucun avis") != tt.again) {
			t.Errorf("%s, %s: %+v", tt.kind, tt.quorum, gap)
		}
		carried := state{items: []agenda.Item{line}}.again(c)
		if (len(carried) == 1) != tt.again || len(carried) == 1 && (carried[0].Status != agenda.Deferred || carried[0].DeferWhy != "quorum") {
			t.Errorf("%s, %s: carried over %+v", tt.kind, tt.quorum, carried)
		}
	}
}

// TestEachGapSaysHowItPrints: none is silent.
func TestEachGapSaysHowItPrints(t *testing.T) {
	t.Parallel()
	for _, k := range []GapKind{NoDecision, NoVerdict, NoOwner, NoDue, NoInformer, NoReview} {
		if got := (Gap{Kind: k, What: "X"}).Printed(); !strings.HasSuffix(got, "non renseigné") {
			t.Errorf("%s prints %q", k, got)
		}
	}
}
